"""What a source runs by its own means, as a fix like any other: same plan, same guards, same record, same proof."""

from __future__ import annotations

from backends.api import Emit, Executed, Identity, NotSent, Reading, RunId, RunsOwnFixes, Script
from backends.fixes.model import Fix, Step
from backends.fleet.model import SourceName
from backends.fleet.run import OwnFix, own_fix_id
from backends.text import safe


def fix_of(source: SourceName, own: OwnFix) -> Fix:
    """The fix that `own` is. Its script is the source's business: none of ours is sent."""
    asks = f"{source} asks before it: “{own.confirmation}”" if own.confirmation else ""
    return Fix(
        id=own_fix_id(source, own),
        title=own.title,
        about=own.about or safe(f"Defined in {source}; run there by its own means."),
        risk=own.risk,
        families=own.families,
        parameters=own.parameters,
        steps=(
            Step(
                says=safe(f"Have {source} run “{_plain(own.title)}” on {{device}}"),
                platforms=(),
                script="",
                deadline_s=own.deadline_s,
                disconnects=own.disconnects,
            ),
        ),
        verify_within_s=max(60.0, own.deadline_s),
        affects=safe(_plain(asks), 512),
        done=safe(f"Had {source} run “{_plain(own.title)}” on {{device}}"),
        source=source,
        own=own,
    )


def _plain(text: str) -> str:
    """Words of the source in a template of ours: nothing in them is filled in."""
    return text.replace("{", "(").replace("}", ")")


class OwnHands:
    """The hands of a source for one of its own fixes, as the runner knows hands."""

    def __init__(self, adapter: RunsOwnFixes, own: OwnFix) -> None:
        self._adapter = adapter
        self._own = own

    async def identify(self, native: str) -> tuple[Identity, str]:
        return await self._adapter.identify(native)

    async def execute(self, native: str, script: Script, run: RunId, emit: Emit) -> Executed:
        """One step is all that there is; `script` carries the values of the parameters."""
        if self._own.natives is not None and native not in self._own.natives:
            raise NotSent("Its source does not offer this on that device.")
        names = [parameter.name for parameter in self._own.parameters]
        arguments = dict(zip(names, script.arguments, strict=True))
        return await self._adapter.perform(native, self._own, arguments, run, emit)

    async def look(self, native: str) -> Reading:
        return await self._adapter.look(native)
