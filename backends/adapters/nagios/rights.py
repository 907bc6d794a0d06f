"""What the user may, found without changing anything: a downtime without beginning and end is refused to everybody, but
for another reason to those who may not have one (`commit_command_data` in `cgi/cmd.c`)."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from backends.adapters.nagios.calls import Calls
from backends.adapters.nagios.form import (
    FORM_ID,
    NO_TIMES,
    SCHEDULE_HOST_DOWNTIME,
    SCHEDULE_SERVICE_DOWNTIME,
    Verdict,
    form_of,
    outcome_of_page,
)
from backends.adapters.nagios.world import Spot, World
from backends.api import Can, FaultKind, Right, SafeText, SourceError, safe

_ALL: Final = (Can.ACKNOWLEDGE, Can.SNOOZE, Can.RECHECK)
_AWAY: Final = (FaultKind.CREDENTIALS, FaultKind.FORBIDDEN, FaultKind.PROTOCOL)
"""How a web server answers that lets nobody at cmd.cgi, or has none."""


class Rights(Struct, frozen=True, kw_only=True):
    """None where it is not known."""

    hosts: bool | None = None
    services: bool | None = None
    said: SafeText = SafeText("")
    """Why not, in Nagios's own words."""

    @property
    def lacks(self) -> tuple[Can, ...]:
        """What shows to be impossible; where one of the two is possible, each act tells for itself."""
        known = [right for right in (self.hosts, self.services) if right is not None]
        return _ALL if known and not any(known) else ()

    def told(self, user: str, world: World) -> tuple[Right, ...]:
        """One by one, each with what to change where it is missing."""
        hosts, services = len(world.hosts), sum(map(len, world.services.values()))
        who = safe(user or "the user", 60)
        return (
            Right(what=SafeText("read hosts and services"), granted=True, reading=True),
            Right(
                what=safe(f"read all of them, not only these {hosts} hosts and {services} services"),
                granted=None,
                remedy=safe(
                    f"If there are more: add {who} to authorized_for_all_hosts and authorized_for_all_services "
                    "in cgi.cfg, or make it a contact of them."
                ),
                reading=True,
            ),
            *(
                self._command(what, granted, who)
                for what, granted in (("hosts", self.hosts), ("services", self.services))
            ),
        )

    def _command(self, what: str, granted: bool | None, who: str) -> Right:
        remedy = f" ({self.said})" if self.said else ""
        return Right(
            what=safe(f"acknowledge {what}, give them a downtime, check them now"),
            granted=granted,
            remedy=SafeText("") if granted else safe(f"{remedy_of(who, what[:-1])}{remedy}"),
        )


def remedy_of(user: str, what: str) -> str:
    return (
        f"Add {user} to authorized_for_all_{what}_commands in cgi.cfg, or make it a contact with "
        "can_submit_commands 1, and take it out of authorized_for_read_only."
    )


async def rights_at(calls: Calls, world: World) -> Rights:
    """Tries one host and one service of those that we may see. Raises `SourceError` where the server fails."""
    host = next(iter(sorted(world.hosts)), None)
    services = ((name, service) for name in sorted(world.services) for service in sorted(world.services[name]))
    spots: list[Spot | None] = [(host, "") if host else None, next(services, None)]
    found: list[bool | None] = []
    said = SafeText("")
    for spot in spots:
        granted, reason = await _tried(calls, spot) if spot else (None, SafeText(""))
        found.append(granted)
        said = reason if granted is False else said
    return Rights(hosts=found[0], services=found[1], said=said)


async def _tried(calls: Calls, spot: Spot) -> tuple[bool | None, SafeText]:
    """Whether `spot` may be commanded by us, and why not."""
    command = SCHEDULE_SERVICE_DOWNTIME if spot[1] else SCHEDULE_HOST_DOWNTIME
    try:
        form = form_of(*await calls.page(command))
        fields = {
            "cmd_typ": str(command),
            "cmd_mod": "2",
            "host": spot[0],
            "com_author": "rounds",
            "com_data": "right?",
        }
        fields |= {"service": spot[1]} if spot[1] else {}
        fields |= {FORM_ID: form.fields[FORM_ID]} if FORM_ID in form.fields else {}
        outcome = outcome_of_page(await calls.commit(fields, form.cookie))
    except SourceError as error:
        if error.kind in _AWAY:
            return False, error.sentence
        raise
    if outcome.verdict is Verdict.FORBIDDEN:
        return False, outcome.said
    if outcome.said == NO_TIMES:
        return True, SafeText("")
    return (False, outcome.said) if outcome.verdict is Verdict.REFUSED else (None, SafeText(""))
