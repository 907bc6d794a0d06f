"""A fix as data: typed parameters, risk, a script per platform, how to verify, how to undo."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from backends.fleet.model import FixId, SafeText
from backends.fleet.run import FixCard, Parameter, Risk


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

    def steps_for(self, platform: str) -> tuple[Step, ...]:
        """The steps of that platform; empty means that the fix does not apply."""
        return tuple(step for step in self.steps if platform in step.platforms)

    @property
    def platforms(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(platform for step in self.steps for platform in step.platforms))

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
        )
