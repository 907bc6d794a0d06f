"""Asking what a kind of source needs, and trying it until it answers: what is wrong is said in one sentence, and asked
again.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from backends import secrets
from backends.api import ConfigurationError, FaultKind, Question, SourceError
from backends.bootstrap import connecting
from backends.bootstrap.connecting import Kind, Met, Unread
from backends.config.schema import Config, Profile, SecretRef, SourceConfig
from backends.desk.protocol import DeskError, DeskErrorKind
from backends.fleet.model import SourceName, safe
from backends.redaction import remember
from tui.cli.asks import Asks, Valid
from tui.cli.connect_words import certificate_lines, missing, report

KEYRING: Final = SecretRef(kind="keyring")
_WHO: Final = frozenset({"user", "auth", "privacy"})
"""Options that go with the secret."""
_BY_HAND: Final = frozenset({FaultKind.CREDENTIALS, FaultKind.SECRET})
_ADDRESS: Final = frozenset(
    {FaultKind.REFUSED, FaultKind.UNREACHABLE, FaultKind.NAME, FaultKind.TLS, FaultKind.PROTOCOL}
    | {FaultKind.CONFIGURATION, FaultKind.TOO_LARGE}
)
_AGAIN: Final = ("Try again", "Give another secret", "Change the answers")
_SECRET, _ANSWERS = 1, 2
_ANOTHER: Final = "give the right one, or make a new one there"
_REF: Final = re.compile(r"(env):([A-Za-z_][A-Za-z0-9_]*)|(command):(.*\S.*)")
_LATER: Final = re.compile(
    r"([,;]?)( and)? (?:check or renew|store|renew) (?:them|it|the password|the right one)(?: again)? "
    r"with `rounds login[^`]*`"
)


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A secret in memory, and where it is, or will be, kept."""

    ref: SecretRef
    value: str = ""


class Meeting:
    """One source that is being made known. `options` and `secret` are what it answered with."""

    def __init__(
        self, asks: Asks, profile: Profile, kind: Kind, options: Mapping[str, Any] | None = None, where: str = ""
    ) -> None:
        """`where` is `keyring`, `env:NAME` or `command:…`, where an option says it."""
        self._asks = asks
        self._profile = profile
        self._where = where
        self._explained: set[str] = set()
        self.kind = kind
        self.options: dict[str, Any] = dict(options or {})
        self.secret = Secret(KEYRING)

    def source(self, config: Config) -> SourceConfig:
        """It, under a name for the time being that no other has."""
        taken = {one.name for one in config.sources}
        name = next(
            name for n in range(1000) if (name := f"{self.kind.name}-{n}" if n else self.kind.name) not in taken
        )
        return SourceConfig(name=SourceName(name), kind=self.kind.name, secret=self.secret.ref, options=self.options)

    async def met(self, config: Config) -> Met:
        """Ask and try until it answers, and say what it says. Where nobody is there to be asked again, raises
        `SourceError` or `DeskError`."""
        await self._questions(self.kind.questions)
        await self._ask_secret()
        while True:
            met = await self._tried(config)
            if met is None:
                continue
            for line in report(met):
                self._asks.tell(line)
            if met.tree.devices or self._asks.alone:
                return met
            if await self._asks.choose("What now", (safe("Try again"), safe("Go on without a device"))):
                return met

    async def _tried(self, config: Config) -> Met | None:
        """None when something else was answered, and it has to be tried again."""
        self._asks.tell(safe("Trying it …"))
        try:
            return await connecting.met(self._profile, self.source(config), config.clients, self.secret.value)
        except ConfigurationError as error:
            await self._corrected(error)
        except SourceError as error:
            await self._answered_otherwise(error)
        return None

    async def _corrected(self, error: ConfigurationError) -> None:
        sentence = safe(f"{error.key}: {error.sentence}", 512)
        if self._asks.alone:
            raise DeskError(DeskErrorKind.WRONG_USE, sentence) from None
        self._asks.tell(sentence)
        key = re.split(r"[.\[]", error.key)[0]
        asked = [question for question in self.kind.questions if question.key == key]
        if not asked:
            self.options.pop(key, None)  # it was given by an option, and has no question
        await self._questions(asked or self.kind.questions)

    async def _answered_otherwise(self, error: SourceError) -> None:
        if error.kind is FaultKind.TLS and await self._vouched_for(error):
            return
        if isinstance(error, Unread):
            for line in missing(error.rights):
                self._asks.tell(line)
        error = _now(error)
        if self._asks.alone:
            raise error
        self._asks.tell(error.sentence)
        if error.kind in _BY_HAND:
            again = _SECRET
        elif error.kind in _ADDRESS:
            again = _ANSWERS
        else:
            again = await self._asks.choose("What now", list(map(safe, _AGAIN)))
        if again == _SECRET:
            await self._questions([question for question in self.kind.questions if question.key in _WHO])
            await self._ask_secret()
        elif again == _ANSWERS:
            await self._questions(self.kind.questions)

    # -- what is asked ------------------------------------------------------------------------------------------

    async def _questions(self, questions: Collection[Question]) -> None:
        """What was answered before is what an empty answer means."""
        for question in questions:
            if not self._wanted(question.when) and not self._asks.answered(question.key):
                self.options.pop(question.key, None)
                continue
            before = self.options.get(question.key, question.default)
            text = f"{question.text} ({', '.join(question.choices)})" if question.choices else question.text
            answer = await self._asks.ask(
                question.key,
                text,
                default=before if isinstance(before, str) else "",
                optional=question.optional,
                valid=_valid(question),
            )
            self.options.pop(question.key, None)
            if answer:
                self.options[question.key] = answer

    def _wanted(self, when: Sequence[str]) -> bool:
        """Whether what was answered so far makes a question of it."""
        if not when:
            return True
        answer = self.options.get(when[0], "")
        return not isinstance(answer, str) or answer in when[1:]

    async def _ask_secret(self) -> None:
        access = self.kind.access
        if access is None:
            return
        where, self._where = self._where, ""
        if not where and not self._wanted(access.when):
            self.secret = Secret(KEYRING)
            return
        if where and where != KEYRING.kind:
            self.secret = await self._kept(where)
            return
        if self._asks.alone and access.optional and not where:
            return
        trouble = await asyncio.to_thread(secrets.keyring_trouble)
        if trouble and self._asks.alone:
            said = trouble.replace(secrets.OTHER_WAYS, "give --secret env:NAME or --secret command:…")
            raise DeskError(DeskErrorKind.REFUSED, said)
        self._explain(access.hint, trouble.replace(secrets.OTHER_WAYS, "say where else the secret is kept"))
        if trouble:
            self.secret = await where_else(self._asks, access.text, optional=access.optional)
            return
        value = await self._asks.ask_secret(access.text, optional=access.optional)
        remember(value)
        self.secret = Secret(KEYRING, value)

    def _explain(self, *sentences: str) -> None:
        """Once, however often it is asked."""
        for sentence in sentences:
            if sentence and sentence not in self._explained:
                self._explained.add(sentence)
                self._asks.tell(safe(sentence, 400))

    async def _kept(self, where: str) -> Secret:
        """The secret that an option says the place of."""
        try:
            return await resolved(where)
        except SourceError as error:
            if self._asks.alone:
                raise
            self._asks.tell(error.sentence)
            return await where_else(self._asks, "the secret")

    # -- the server's certificate -------------------------------------------------------------------------------

    async def _vouched_for(self, error: SourceError) -> bool:
        """Whether somebody now vouches for the server: a person, or the file of an authority. Never in silence."""
        try:
            shown = await connecting.strangers(self.options)
        except ConfigurationError:
            return False
        if len(shown) > 1:
            self._asks.tell(safe("Its servers show different certificates, for which nobody known here vouches."))
        for line in certificate_lines(shown[0]) if len(shown) == 1 else ():
            self._asks.tell(line)
        if len(shown) == 1 and self._asks.alone:
            said = f"--set fingerprint={shown[0].fingerprint} trusts it, when its administrator told you the same."
            self._asks.tell(safe(said))
        if not shown or self._asks.alone:
            return False
        question = "Is this the fingerprint that its administrator, or its own console, told you?"
        if len(shown) == 1 and await self._asks.agree("", question):
            self.options["fingerprint"] = shown[0].fingerprint
            return True
        self._asks.tell(error.sentence)
        file = await self._asks.ask("", "File of the authority that signed it (ca_file)", optional=True)
        if file:
            self.options["ca_file"] = file
        return bool(file)


def _now(error: SourceError) -> SourceError:
    """Where there is no source yet, `rounds login` is no remedy."""
    said = _LATER.sub(lambda found: f"; {_ANOTHER}" if found[1] == ";" else "", error.sentence)
    return SourceError(error.kind, said, retry_after_s=error.retry_after_s)


async def where_else(asks: Asks, what: str, *, optional: bool = False) -> Secret:
    """Where a secret is kept that the keyring does not keep, asked until there is one."""
    while True:
        where = await asks.ask(
            "", f"Where {what} is kept (env:NAME, or command:… that prints it)", optional=optional, valid=elsewhere
        )
        if not where:
            return Secret(KEYRING)
        try:
            return await resolved(where)
        except SourceError as error:
            asks.tell(error.sentence)


async def resolved(where: str) -> Secret:
    """The secret at `env:NAME` or `command:…`. Raises `SourceError`."""
    kind, _, value = where.partition(":")
    ref = SecretRef(kind=kind, value=value.strip())
    return Secret(ref, await secrets.resolve(ref, ""))


def elsewhere(text: str) -> str:
    """Raises `ValueError` for anything but `env:NAME` and `command:…`; never repeats it, for it may be the secret."""
    if not _REF.fullmatch(text):
        raise ValueError("Say env:NAME with the name of a variable, or command:… with the command that prints it.")
    return text


def _valid(question: Question) -> Valid:
    def valid(text: str) -> str:
        if question.choices and text not in question.choices:
            raise ValueError(f"Say one of {', '.join(question.choices)}.")
        return connecting.checked(text) if question.address else text

    return valid
