"""A fix as data: typed parameters, risk, a script per platform, how to verify, how to undo."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from backends.fleet.model import FixId, SafeText, SourceName
from backends.fleet.run import FixCard, OwnFix, Parameter, Risk
from backends.text import safe_lines


class Proof(StrEnum):
    """Which evidence decides whether a fix worked."""

    ISSUE_GONE = "issue-gone"
    """The check that raised the issue is asked again and is ok."""
    NEW_BOOT = "new-boot"
    """The device answers again with another boot id."""


class Step(Struct, frozen=True, kw_only=True):
    """One script for a set of platforms."""

    says: SafeText
    """The step in words, `{name}` standing for a parameter: `Restart {service}`."""
    platforms: tuple[str, ...]
    script: str
    """POSIX sh; parameters are `$1`, `$2` … in the order of the fix's parameters."""
    deadline_s: float = 60.0
    disconnects: bool = False


class Fix(Struct, frozen=True, kw_only=True):
    id: FixId
    title: SafeText
    about: SafeText
    risk: Risk
    families: tuple[str, ...]
    """Families of checks that it answers; `device` offers it on every device."""
    parameters: tuple[Parameter, ...] = ()
    steps: tuple[Step, ...]
    proof: Proof = Proof.ISSUE_GONE
    verify_within_s: float = 60.0
    affects: SafeText = SafeText("")
    """What else notices, in a sentence."""
    undo: SafeText = SafeText("")
    needs: SafeText = SafeText("")
    """What has to be there on the host, in a sentence."""
    done: SafeText = SafeText("")
    """What was done, in the past: `Restarted {service} on {device}`; `{device}` is the device's name."""
    holds: SafeText = SafeText("the check is ok again")
    """What is so when it is verified as fixed: `the service is running again`."""
    lingers: SafeText = SafeText("the check still reports the problem")
    """What is so when it is verified as not fixed."""
    exits: dict[str, SafeText] = {}
    """What the exit codes of its scripts mean, as sentences."""
    raises: dict[str, str] = {}
    """Parameter to pattern: a value that matches it whole makes the fix destructive."""
    fresh_s: float = 120.0
    """How old the facts of a device may be when the fix is planned or approved."""
    source: SourceName | None = None
    """The source that runs it by its own means; None for the bundled ones, which any source with hands carries out."""
    own: OwnFix | None = None
    """What it is there."""

    def risk_with(self, parameters: Mapping[str, str]) -> Risk:
        """The risk with these values of the parameters."""
        raised = any(re.fullmatch(pattern, parameters.get(name, "")) for name, pattern in self.raises.items())
        return Risk.DESTRUCTIVE if raised else self.risk

    def steps_for(self, platform: str) -> tuple[Step, ...]:
        """The steps of that platform; empty means that the fix does not apply. A source's own fix is for whatever the
        source says that it is for."""
        if self.source is not None:
            return self.steps
        return tuple(step for step in self.steps if platform in step.platforms)

    def fits(self, source: SourceName, native: str) -> bool:
        """Whether it can go this way: the source's own fix goes through that source only, to the devices it is for."""
        if self.source is None:
            return True
        natives = self.own.natives if self.own is not None else None
        return source == self.source and (natives is None or native in natives)

    @property
    def platforms(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(platform for step in self.steps for platform in step.platforms))

    @property
    def _sets(self) -> tuple[tuple[str, ...], ...]:
        return tuple(step.platforms for step in self.steps)

    def _script(self, platforms: tuple[str, ...]) -> SafeText:
        return safe_lines("\n".join(step.script for step in self.steps if step.platforms == platforms))

    @property
    def card(self) -> FixCard:
        proof = "the check is asked again" if self.proof is Proof.ISSUE_GONE else "it answers with a new boot id"
        return FixCard(
            id=self.id,
            title=self.title,
            about=self.about,
            risk=self.risk,
            families=self.families,
            platforms=self.platforms,
            parameters=self.parameters,
            undo=self.undo,
            verify=SafeText(proof),
            source=self.source,
            scripts={", ".join(platforms): self._script(platforms) for platforms in dict.fromkeys(self._sets)},
        )
