"""The global scripts of Zabbix as fixes: those that are run on hosts by hand.

Zabbix tells no exit code: `{"response": "success", "value": output}`, or an error whose text is what the script
printed, or why it was not run. Which of the two is told from the words of the server and of its web page.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from backends.adapters.zabbix import asks
from backends.adapters.zabbix.records import Script, understood
from backends.adapters.zabbix.session import Refusal, Session
from backends.adapters.zabbix.validators import harmless
from backends.api import Emit, Executed, FaultKind, NotSent, OutcomeUnknown, OwnFix, SourceError, Timing, safe
from backends.fleet.model import SafeText
from backends.fleet.run import Parameter

WRITE: Final = "3"
"""`host_access`: the user has to have the right to write to the host."""
URL: Final = "6"
"""A type that only a browser runs."""
DEADLINE_S: Final = 60.0
"""The web page waits that long for the server, unless its administrator said otherwise."""
MARGIN_S: Final = 10.0
AT_ONCE_S: Final = 5.0
"""An internal error that comes later may be one that came after the script: a web page has a time limit too."""
INPUT: Final = "input"
_MACRO: Final = re.compile(r"\{[A-Z$][^{}]*\}")
_NOT_RUN: Final = re.compile(
    r"(?:no permissions to|insufficient permissions|permission denied\.|session terminated, re-login|"
    r"not authori[sz]ed\.|api token expired|global script execution on zabbix (?:server|proxy) is disabled|"
    r"get value from agent failed: cannot connect to|cannot (?:connect to|establish) (?:ssh|telnet|ipmi)|"
    r"connection to zabbix server|unsupported item key|unknown metric|unknown (?:host|script|event|user) identifier|"
    r"remote commands are not enabled|invalid parameter \"/|invalid (?:script|input)|item does not allow|"
    r"host is not monitored|no interface|unknown interface)[^\n]*",
    re.IGNORECASE,
)
"""The whole of what Zabbix itself says when it has not run it. The same words somewhere in the midst of others are what
a script has printed."""
_TIMED_OUT: Final = re.compile(
    r"time-?out|timed out|cannot read the response|incorrect response|timeout while executing", re.IGNORECASE
)


class _Result(Struct):
    response: str = ""
    value: str = ""


class Scripts:
    """What can be run, and how it is."""

    def __init__(self, session: Session, timing: Timing) -> None:
        self._session = session
        self._timing = timing
        self.broken = False
        """Seen: this version cannot run scripts for an API token."""

    async def offered(self) -> tuple[OwnFix, ...]:
        """Raises `SourceError`."""
        version = await self._session.version()
        found, _ = await self._session.records("script.get", asks.scripts(version), Script)
        found = [script for script in found if script.type != URL and script.scope == "2"]
        narrow = [script.scriptid for script in found if script.groupid != "0" or script.host_access == WRITE]
        hosts: dict[str, tuple[str, ...]] = {}
        if narrow:
            raws = await self._session.call("script.get", asks.script_hosts(narrow), list[msgspec.Raw])
            for one in understood(raws, Script)[0]:
                hosts[one.scriptid] = tuple(host.hostid for host in one.hosts)
        return tuple(
            own_fix(script, hosts.get(script.scriptid, ()) if script.scriptid in narrow else None) for script in found
        )

    async def perform(self, native: str, fix: OwnFix, arguments: Mapping[str, str], emit: Emit) -> Executed:
        """Raises `NotSent` or `OutcomeUnknown`."""
        await self._same(native, fix)
        params: dict[str, Any] = {"scriptid": fix.id, "hostid": native}
        if INPUT in arguments:
            params["manualinput"] = arguments[INPUT]
        began_s = self._timing.boot_s()
        try:
            result = await self._session.call(
                "script.execute", params, _Result, deadline_s=max(DEADLINE_S, fix.deadline_s) + MARGIN_S, again=False
            )
        except Refusal as refusal:
            return self._refused(refusal, emit)
        except SourceError as error:
            raise self._unanswered(error, self._timing.boot_s() - began_s) from error
        emit(result.value.encode("utf-8", "replace"))
        return Executed(exit=0 if result.response == "success" else 1)

    async def _same(self, native: str, fix: OwnFix) -> None:
        """Ask whether it may still be run there, and is what was shown. Raises `NotSent`."""
        try:
            version = await self._session.version()
            params: Any = [{"hostid": native, "scriptid": fix.id}] if version.manual_input else [native]
            told = await self._session.call("script.getscriptsbyhosts", params, dict[str, list[msgspec.Raw]])
        except SourceError as error:
            raise NotSent(error.sentence) from error
        found = [one for one in understood(told.get(native, ()), Script)[0] if one.scriptid == fix.id]
        if not found:
            raise NotSent(f"Zabbix does not offer “{fix.title}” on this host; look again.")
        if about_of(found[0]) != fix.about:
            raise NotSent(f"“{fix.title}” was changed in Zabbix since it was shown; look at it again.")

    def _refused(self, refusal: Refusal, emit: Emit) -> Executed:
        """It was not run, or it ran and went wrong."""
        if _NOT_RUN.fullmatch(refusal.said.strip()):
            raise NotSent(f"Zabbix did not run it: {safe(refusal.said, 300)}") from refusal
        if _TIMED_OUT.search(refusal.said):
            raise OutcomeUnknown(f"It may still be running there: {safe(refusal.said, 300)}") from refusal
        emit(refusal.said.encode("utf-8", "replace"))
        return Executed(exit=1)

    def _unanswered(self, error: SourceError, after_s: float) -> NotSent | OutcomeUnknown:
        if self._token_fault(error) and after_s < AT_ONCE_S:
            self.broken = True
            return NotSent(
                f"{self._session.known_version.text if self._session.known_version else 'This Zabbix'} cannot run "
                "scripts for an API token, by a fault of its own (HTTP 500). Nothing was run. Update it, or give this "
                'source a user: user = "…" in its table, and the password by `rounds login`.'
            )
        if error.kind in (FaultKind.REFUSED, FaultKind.NAME, FaultKind.TLS, FaultKind.CREDENTIALS, FaultKind.SECRET):
            return NotSent(error.sentence)
        return OutcomeUnknown(f"{error.sentence} The script may have run.")

    def _token_fault(self, error: SourceError) -> bool:
        """6.0.14 ends with a TypeError before it asks its server for anything: a token has no session id."""
        version = self._session.known_version
        return (
            error.kind is FaultKind.SERVER
            and "(HTTP 500)" in error.sentence
            and self._session.by_token
            and version is not None
            and not version.bearer
        )


def own_fix(script: Script, natives: Sequence[str] | None) -> OwnFix:
    """A script as a fix; nothing says how much harm it can do."""
    title = "/".join(part for part in (script.menu_path.strip("/"), script.name) if part)
    return OwnFix(
        id=script.scriptid,
        title=safe(title, 120),
        about=about_of(script),
        confirmation=_asks(script.confirmation),
        natives=None if natives is None else tuple(natives),
        parameters=tuple(_parameters(script)),
        deadline_s=DEADLINE_S,
    )


def about_of(script: Script) -> SafeText:
    """What it does, with a mark that changes when anything of it does."""
    parts = (script.name, script.command, script.type, script.execute_on, script.manualinput_validator)
    mark = hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:10]
    told = " ".join(f"{script.description} {script.command}".split())
    return safe(f"{safe(told, 200)} [{mark}]")


def _asks(confirmation: str) -> SafeText:
    """The question without the macros that only one host fills in."""
    text = re.sub(r"\{HOST\.[A-Z]+\d?\}", "this device", confirmation)
    return safe(_MACRO.sub("…", text), 300)


def _parameters(script: Script) -> Iterable[Parameter]:
    """Zabbix 7.0: one value that is asked for."""
    if script.manualinput != "1":
        return
    validator = script.manualinput_validator
    if script.manualinput_validator_type == "1":
        validator = "|".join(re.escape(value.strip()) for value in validator.split(","))
    if not harmless(validator):
        validator = ".*"  # Zabbix itself compares it again
    yield Parameter(
        name=INPUT,
        label=safe(_MACRO.sub("…", script.manualinput_prompt) or "Input", 80),
        pattern=validator,
        default=str(safe(script.manualinput_default_value, 200)),
    )
