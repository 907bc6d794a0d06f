"""Carrying out one fix on one agent, and finding out how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from backends.adapters.tactical_rmm import fixes
from backends.adapters.tactical_rmm.calls import rows, told_to
from backends.adapters.tactical_rmm.records import History, Ping, Script, ScriptResults
from backends.api import Emit, Executed, FaultKind, NotSent, OutcomeUnknown, OwnFix, SourceError, Timing
from backends.http.client import HttpClient

BEYOND_S: Final = 10.0
"""The server adds up to 3 s to the time that something may run; this is longer."""
PING_S: Final = 20.0
"""A ping takes 7.5 s where the agent does not answer, and 13.5 s where the message bus is down."""
LONGEST_WAIT_S: Final = 240
"""The proxy in front of the server gives up after 300 s, while the script goes on: one that may run longer is only
started, and then asked after."""
_WAITS_S: Final = (0.5, 0.5, 1.0, 2.0, 4.0, 7.0)
"""Between two looks into the history; the last one again and again. All of them are 15 s."""


class Hands:
    """Tells agents what to do."""

    def __init__(self, client: HttpClient, timing: Timing) -> None:
        self._client = client
        self._timing = timing
        self.scripts: Mapping[int, Script] = {}
        """Those that are offered."""

    async def perform(self, agent: str, fix: OwnFix, given: Mapping[str, str], emit: Emit) -> Executed:
        """Raises `NotSent` and `OutcomeUnknown`."""
        if not fix.away:
            await self.ping(agent)
        number = fixes.script_of(fix)
        if number is not None:
            return await self._script(agent, number, fix, emit)
        method, path, body = _request(agent, fix, given)
        deadline_s = fix.deadline_s - fixes.AROUND_S + BEYOND_S
        needs, by_agent = fixes.right_for(fix), not fix.away
        said = await told_to(self._client, method, path, body, needs=needs, by_agent=by_agent, deadline_s=deadline_s)
        emit(_line(said))
        return Executed(exit=0)

    async def ping(self, agent: str) -> None:
        """Raises `NotSent` unless the agent answers the server now. What is told to an agent that does not is lost in
        an internal error of the server, and nobody can say whether that came before or after."""
        try:
            answer = await self._client.get(f"{_at(agent)}ping/", Ping)
        except SourceError as error:
            if error.kind is FaultKind.SERVER:
                raise NotSent(f"The agent is not connected to Tactical RMM now. {error.sentence}") from error
            if error.kind is FaultKind.FORBIDDEN:
                raise NotSent(
                    "Its role may not ping agents, which comes before anything is sent: permit it."
                ) from error
            raise NotSent(error.sentence) from error
        if answer.status != "online":
            raise NotSent("The agent does not answer Tactical RMM now.")

    async def _script(self, agent: str, number: int, fix: OwnFix, emit: Emit) -> Executed:
        script = self.scripts.get(number)
        if script is None:
            raise NotSent("The script is not on the server any more.")
        if fixes.about_of(script) != fix.about:
            raise NotSent(f"“{fix.title}” was changed in Tactical RMM since it was shown; look at it again.")
        runs_s = fixes.runs_for(script)
        waits = runs_s <= LONGEST_WAIT_S
        before = await self._latest(agent)
        body = {
            "script": number,
            "output": "wait" if waits else "forget",
            "args": script.args or [],
            "run_as_user": script.run_as_user,
            "env_vars": script.env_vars or [],
            "timeout": runs_s,
        }
        path, deadline_s = f"{_at(agent)}runscript/", (runs_s if waits else 15.0) + BEYOND_S
        needs = fixes.right_for(fix)
        said = await told_to(self._client, "POST", path, body, needs=needs, by_agent=True, deadline_s=deadline_s)
        if waits:
            emit(_line(said))
        results = await self._ended(agent, number, before, sum(_WAITS_S) + (0.0 if waits else runs_s))
        if not waits:
            emit(_line(f"{results.stdout or ''}{results.stderr or ''}"))
        return Executed(exit=results.retcode if results.retcode is not None else 1)

    async def _latest(self, agent: str) -> int:
        """The latest run in the agent's history. Raises `NotSent`: how the script ends could not be found out."""
        try:
            return max((row.id for row in await self._history(agent)), default=0)
        except SourceError as error:
            raise NotSent(f"Its history cannot be read, which tells how it ends. {error.sentence}") from error

    async def _ended(self, agent: str, script: int, before: int, within_s: float) -> ScriptResults:
        """What the agent tells of its end. A run tells no id of its own: it is the one run of that script that is newer
        than `before`. Raises `OutcomeUnknown`."""
        ends_s, turn = self._timing.boot_s() + within_s, 0
        while True:
            results, why = await self._result(agent, script, before)
            left_s = ends_s - self._timing.boot_s()
            if results is not None:
                return results
            if left_s <= 0:
                raise OutcomeUnknown(f"It was sent, and how it ended is not known: {why}")
            await self._timing.sleep(min(left_s, _WAITS_S[min(turn, len(_WAITS_S) - 1)]))
            turn += 1

    async def _result(self, agent: str, script: int, before: int) -> tuple[ScriptResults | None, str]:
        """Its result, or why there is none yet. Raises `OutcomeUnknown` where there never will be a certain one."""
        try:
            newer = [row for row in await self._history(agent) if row.id > before]
        except SourceError as error:
            return None, error.sentence
        mine = [row for row in newer if row.type == "script_run" and row.script == script]
        if len(mine) > 1:
            raise OutcomeUnknown(
                "It was sent, and how it ended is not known: the script was run twice at the same time, and Tactical "
                "RMM does not tell which run is whose. Look into the agent's history there."
            )
        results = mine[0].script_results if mine else None
        if results is None or results.retcode is None:
            return None, "the agent has not told Tactical RMM yet. Look into its history there."
        return results, ""

    async def _history(self, agent: str) -> list[History]:
        found, _ = await rows(self._client, f"{_at(agent)}history/", History)
        return found


def _at(agent: str) -> str:
    return f"/agents/{quote(agent, safe='')}/"


def _request(agent: str, fix: OwnFix, given: Mapping[str, str]) -> tuple[str, str, dict[str, Any]]:
    """Method, path and body. The server reads every key without asking whether it is there: a missing one is an
    internal error. Raises `NotSent`."""
    if fix.id in fixes.MAINTENANCE:
        return "PUT", _at(agent), {"maintenance_mode": fixes.MAINTENANCE[fix.id]}
    if fix.id in fixes.SERVICE:
        service = quote(given["service"], safe="")
        return "POST", f"/services/{quote(agent, safe='')}/{service}/", {"sv_action": fixes.SERVICE[fix.id]}
    if fix.id in fixes.COMMAND:
        return (
            "POST",
            f"{_at(agent)}cmd/",
            {
                "shell": given["shell"],
                "cmd": given["command"],
                "timeout": fixes.COMMAND_S,
                "custom_shell": None,
                "run_as_user": False,
            },
        )
    if fix.id in (fixes.REBOOT, fixes.WAKE):
        return "POST", f"{_at(agent)}{'reboot' if fix.id == fixes.REBOOT else 'wol'}/", {}
    raise NotSent("Tactical RMM knows nothing of that name.")


def _line(said: str) -> bytes:
    text = said if said.endswith("\n") or not said else f"{said}\n"
    return text.encode("utf-8", "replace")
