"""The dialogue that connects a source: what is wrong is said in a sentence and asked again, nothing is kept before the
last yes, and what is then written works."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path

import click
import pytest

from backends import bootstrap, registry, secrets
from backends.api import Access, FaultKind, Question, SourceError
from backends.bootstrap.connecting import Kind, kind_of
from backends.config.load import load
from backends.config.paths import places, secure
from backends.config.schema import Profile
from backends.desk.protocol import DeskError, DeskErrorKind
from backends.fleet.model import SafeText
from backends.fleet.naming import ClientNames
from backends.secrets import OTHER_WAYS
from backends.text import is_safe
from tests.support.certificates import authority, issued
from tests.support.desk import MemoryDesk
from tests.support.stockroom import PACKAGE, TOKEN, Stockroom, open_stockroom
from tui.cli.asks import Valid
from tui.cli.connect_flow import connect
from tui.cli.connect_meet import Meeting
from tui.cli.connect_place import Wish

YES, NO = "y", "n"


class Somebody:
    """Answers in order, and remembers what was asked and told."""

    alone = False

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.told: list[str] = []

    def answered(self, key: str) -> bool:
        """No option has answered anything."""
        return False

    def _next(self, question: str) -> str:
        self.asked.append(question)
        assert self.answers, (question, self.told)
        return self.answers.pop(0)

    async def ask(
        self, key: str, question: str, *, default: str = "", optional: bool = False, valid: Valid | None = None
    ) -> str:
        while True:
            text = self._next(question) or default
            try:
                return valid(text) if valid and text else text
            except ValueError as error:
                self.told.append(str(error))

    async def ask_secret(self, question: str, *, optional: bool = False) -> str:
        return self._next(question)

    async def choose(self, question: str, choices: Sequence[SafeText], default: int = 0) -> int:
        self.told += choices
        text = self._next(question)
        return next(number for number, choice in enumerate(choices) if text in choice)

    async def agree(self, key: str, question: str, *, default: bool = False) -> bool:
        return self._next(question) == YES

    def tell(self, line: SafeText) -> None:
        self.told.append(line)

    @property
    def heard(self) -> str:
        return "\n".join(self.told)


class Home:
    """An empty home with a keyring."""

    def __init__(self) -> None:
        self.keyring: dict[str, str] = {}
        self.trouble = ""
        self.refuses = False
        self.profile = Profile()
        self.config = places(self.profile).config

    def connect(self, somebody: Somebody, wish: Wish = Wish(), **options: str) -> None:  # noqa: B008 - frozen
        meeting = Meeting(somebody, self.profile, kind_of("stock"), options)
        asyncio.run(connect(somebody, self.profile, meeting, wish))

    @property
    def empty(self) -> bool:
        return not self.keyring and not self.config.exists()


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Home:
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.syspath_prepend(str(PACKAGE))
    entries = (EntryPoint("stock", "rounds_stock:open_source", registry.GROUP),)
    monkeypatch.setattr(registry, "_entries", lambda: entries)
    secure(places(Profile()))
    home = Home()

    async def store(name: str, value: str) -> None:
        if home.refuses:
            raise SourceError(FaultKind.SECRET, "The keyring is locked.")
        home.keyring[name] = value

    async def delete(name: str) -> None:
        home.keyring.pop(name, None)

    monkeypatch.setattr(secrets, "store", store)
    monkeypatch.setattr(secrets, "delete", delete)
    monkeypatch.setattr(secrets, "keyring_trouble", lambda: home.trouble)
    return home


@pytest.fixture
def room() -> Iterator[Stockroom]:
    with open_stockroom() as room:
        yield room


def answers(room: Stockroom, *, token: str = TOKEN, shelf: str = "", end: str = YES) -> list[str]:
    """All questions when nothing goes wrong: address, shelf, token, placement, is it so, name, clients, write."""
    return [room.url, shelf, token, "Clients/CLIENT", YES, "", NO, end]


def test_the_dialogue_ends_in_a_configuration_that_works(home: Home, room: Stockroom) -> None:
    somebody = Somebody(*answers(room, shelf="top"))
    home.connect(somebody)
    assert home.keyring == {"stock": TOKEN}
    (source,) = load(home.config).sources
    assert (source.name, source.kind, source.secret.kind) == ("stock", "stock", "keyring")
    assert source.options == {
        "url": room.url,
        "shelf": "top",
        "place": {"group": "^Clients/(?P<client>[^/]+)(?:/(?P<site>[^/]+))?"},
    }
    assert home.config.stat().st_mode & 0o077 == 0
    assert TOKEN not in somebody.heard + home.config.read_text()


def test_it_says_what_answers_what_may_be_done_and_what_is_there(home: Home, room: Stockroom) -> None:
    somebody = Somebody(*answers(room))
    home.connect(somebody)
    for line in (
        "Stock 4.2 answers; we are known there as reader.",
        "The account may read, acknowledge problems. It may not run scripts.",
        "  To run scripts: give it the role to run scripts",
        "It shows 4 devices, none of them placed yet.",
        "group Clients/CLIENT/SITE: 2 clients, 3 sites, 4 devices, 1 of them unplaced",
        "  Acme Dental (2 devices)",
        "    HQ (1)",
        "  Unplaced (1 device): probe",
    ):
        assert line in somebody.told


def test_nothing_is_kept_without_the_last_yes(home: Home, room: Stockroom) -> None:
    somebody = Somebody(*answers(room, end=NO))
    with pytest.raises(click.Abort):
        home.connect(somebody)
    assert somebody.asked[-1] == "Write it?"
    assert home.empty


def test_a_wrong_address_is_said_and_asked_again(home: Home, room: Stockroom) -> None:
    somebody = Somebody("http://127.0.0.1:1", "", TOKEN, room.url, "", "leave it", YES, "", YES)
    home.connect(somebody)
    assert "Nothing listens at http://127.0.0.1:1; start it, or check the port." in somebody.told
    assert somebody.asked.count("Stock token") == 1


def test_a_wrong_path_is_said_and_asked_again(home: Home, room: Stockroom) -> None:
    somebody = Somebody(f"{room.url}/elsewhere", "", TOKEN, *answers(room)[:2], *answers(room)[3:])
    home.connect(somebody)
    assert "There is nothing at this address" in somebody.heard


def test_what_is_no_address_is_said_with_its_key(home: Home, room: Stockroom) -> None:
    somebody = Somebody("stock.example", "", TOKEN, room.url, *answers(room)[3:])
    home.connect(somebody)
    assert "url: This is not an address; write it as https://host/path." in somebody.told


def test_what_an_option_says_wrongly_is_said_once_and_left_out(home: Home, room: Stockroom) -> None:
    """Also where the key is that of a rule in a list; nobody is asked for it."""
    somebody = Somebody(room.url, "", TOKEN, *answers(room)[:2], *answers(room)[3:])
    meeting = Meeting(somebody, home.profile, kind_of("stock"), {"place": [{"group": "("}, {"group": "x"}]})
    asyncio.run(connect(somebody, home.profile, meeting, Wish()))
    assert [line.startswith("place[0].group: ") for line in somebody.told].count(True) == 1
    assert home.keyring == {"stock": TOKEN}


def test_a_wrong_token_is_said_and_asked_again(home: Home, room: Stockroom) -> None:
    somebody = Somebody(room.url, "", "wrong", TOKEN, *answers(room)[3:])
    home.connect(somebody)
    sentence = f"{room.url} does not accept our credentials; give the right one, or make a new one there. (HTTP 401)"
    assert sentence in somebody.told
    assert somebody.told.count("Made under My account > Tokens.") == 1
    assert home.keyring == {"stock": TOKEN}


def test_too_few_rights_name_the_right_and_it_is_tried_again(home: Home, room: Stockroom) -> None:
    room.may["read"] = False
    somebody = Somebody(room.url, "", TOKEN, "Try again", *answers(room)[3:])
    tell = somebody.tell

    def fixed(line: SafeText) -> None:
        room.may["read"] = room.may["read"] or "role Reader" in line
        tell(line)

    somebody.tell = fixed  # type: ignore[method-assign]
    home.connect(somebody)
    assert "The account may not read; give it the role Reader in the stock." in somebody.told
    assert load(home.config).sources


def test_a_source_without_a_device_says_why_that_may_be(home: Home, room: Stockroom) -> None:
    room.groups.clear()
    somebody = Somebody(room.url, "", TOKEN, "Go on", "", YES)
    home.connect(somebody)
    assert "give the account the right to read them" in somebody.heard
    assert load(home.config).sources[0].options == {"url": room.url}


@pytest.mark.parametrize("signed_by", ["itself", "an unknown authority"])
def test_a_certificate_that_nobody_vouches_for_is_shown_and_never_taken_in_silence(
    home: Home, tmp_path: Path, signed_by: str
) -> None:
    certificate = issued(tmp_path, "server", None if signed_by == "itself" else authority(tmp_path))
    with open_stockroom(certificate.context()) as room:
        somebody = Somebody(room.url, "", TOKEN, YES, *answers(room)[3:])
        home.connect(somebody)
        pairs = ":".join(certificate.fingerprint.upper()[at : at + 2] for at in range(0, 64, 2))
        assert f"  SHA-256  {pairs}" in somebody.told
        assert "  for      localhost, 127.0.0.1" in somebody.told
        assert f"  issuer   {'itself' if signed_by == 'itself' else 'CN=Test CA'}" in somebody.told
        assert any("told you?" in question for question in somebody.asked)
        assert load(home.config).sources[0].options["fingerprint"] == certificate.fingerprint


def test_a_certificate_that_is_refused_is_not_trusted_and_its_authority_may_be_named(
    home: Home, tmp_path: Path
) -> None:
    ca = authority(tmp_path)
    with open_stockroom(issued(tmp_path, "server", ca).context()) as room:
        somebody = Somebody(room.url, "", TOKEN, NO, str(ca.file), *answers(room)[3:])
        home.connect(somebody)
        options = load(home.config).sources[0].options
        assert "fingerprint" not in options
        assert options["ca_file"] == str(ca.file)


def test_nothing_but_the_certificate_is_asked_of_a_server_that_nobody_vouches_for(home: Home, tmp_path: Path) -> None:
    """F-50: the token is for the right server only."""
    with open_stockroom(issued(tmp_path, "server", None).context()) as room, pytest.raises(AssertionError):
        home.connect(Somebody(room.url, "", TOKEN, NO, ""))
    assert room.asked == 0
    assert home.empty


def test_names_of_groups_operate_no_terminal_and_are_written_so_that_they_are_read(home: Home, room: Stockroom) -> None:
    """F-28."""
    evil = "Cli\x1b]0;owned\x07ents\u202e"
    room.groups = {"fs01": [f"{evil}/Ac\x1b[2Jme/HQ"], "dc01": [f"{evil}/Baker\n[sources.x]/Main"]}
    somebody = Somebody(room.url, "", TOKEN, "CLIENT/SITE", YES, "", YES, YES)
    home.connect(somebody)
    assert all("\n" not in line and is_safe(line) for line in somebody.told)
    assert is_safe(home.config.read_text())
    config = load(home.config)
    assert [source.name for source in config.sources] == ["stock"]
    assert len(config.clients) == 2


def test_a_rule_of_ones_own_is_checked_and_shown(home: Home, room: Stockroom) -> None:
    rule = r"{ group = '^Clients/(?P<client>\w+)' }"
    somebody = Somebody(
        room.url, "", TOKEN, "of your own", "{ group = ", "{ label = 'x' }", "of your own", rule, YES, "", NO, YES
    )
    home.connect(somebody)
    assert any(line.startswith("This is not TOML") for line in somebody.told)
    assert any("This source tells nothing called label; it tells group." in line for line in somebody.told)
    assert any("Clients/Acme Dental/HQ" in line for line in somebody.told)
    assert load(home.config).sources[0].options["place"] == {"group": r"^Clients/(?P<client>\w+)"}


def test_everything_may_belong_to_one_client(home: Home, room: Stockroom) -> None:
    somebody = Somebody(room.url, "", TOKEN, "one client", "Acme Ltd", "HQ", YES, "acme-stock", YES)
    home.connect(somebody)
    config = load(home.config)
    assert config.sources[0].name == "acme-stock"
    assert (config.sources[0].options["client"], config.sources[0].options["site"]) == ("acme-ltd", "HQ")
    assert [client.name for client in config.clients.values()] == ["Acme Ltd"]


def test_what_stands_in_the_file_stays(home: Home, room: Stockroom) -> None:
    before = '# mine\n[technician]\nname = "tech1"   # me\n\n[clients.acme-dental]\nname = "Acme Dental"\n'
    home.config.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.config.touch(0o600)
    home.config.write_text(before)
    somebody = Somebody(*answers(room)[:6], YES, YES)
    home.connect(somebody)
    assert home.config.read_text().startswith(before)
    assert "Add a table for client Baker Law too?" in somebody.asked
    assert list(load(home.config).clients) == ["acme-dental", "baker-law"]


def test_a_name_that_is_taken_is_not_offered_and_not_taken(home: Home, room: Stockroom) -> None:
    home.connect(Somebody(*answers(room)))
    somebody = Somebody(*answers(room)[:5], "stock", "st ock", "", NO, YES)
    home.connect(somebody)
    assert "There is a source stock already; say another name." in somebody.told
    assert [source.name for source in load(home.config).sources] == ["stock", "stock-2"]


def test_without_a_keyring_it_asks_where_the_secret_is_kept(
    home: Home, room: Stockroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.trouble = f"This system has no keyring that can be used: {OTHER_WAYS}."
    monkeypatch.setenv("STOCK_TOKEN", TOKEN)
    somebody = Somebody(room.url, "", TOKEN, "env:NO_SUCH", "env:STOCK_TOKEN", *answers(room)[3:])
    home.connect(somebody)
    assert "This system has no keyring that can be used: say where else the secret is kept." in somebody.told
    assert "Say env:NAME with the name of a variable" in somebody.heard
    assert "The variable NO_SUCH is not set" in somebody.heard
    assert TOKEN not in somebody.heard
    assert load(home.config).sources[0].secret.value == "STOCK_TOKEN"


def test_a_keyring_that_refuses_in_the_end_is_no_end(
    home: Home, room: Stockroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.refuses = True
    monkeypatch.setenv("STOCK_TOKEN", TOKEN)
    home.connect(Somebody(*answers(room), "env:STOCK_TOKEN", YES))
    assert not home.keyring
    assert load(home.config).sources[0].secret.value == "STOCK_TOKEN"


def test_when_the_file_cannot_be_written_the_secret_is_taken_back(
    home: Home, room: Stockroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tui.cli.connect_flow.add", full)
    with pytest.raises(OSError, match="No space"):
        home.connect(Somebody(*answers(room)))
    assert home.empty


@pytest.mark.parametrize("refusal", ["", "A fix is under way."])
def test_a_running_engine_is_told(home: Home, room: Stockroom, monkeypatch: pytest.MonkeyPatch, refusal: str) -> None:
    desk = MemoryDesk()
    desk.refuse = DeskError(DeskErrorKind.REFUSED, refusal) if refusal else None

    async def running(_: Profile) -> MemoryDesk:
        return desk

    monkeypatch.setattr(bootstrap, "connect", running)
    somebody = Somebody(*answers(room))
    home.connect(somebody)
    said = (
        f"The running engine did not take it in: {refusal}" if refusal else "The engine has taken the configuration in"
    )
    assert said in somebody.told[-1]


def test_two_clients_whose_names_differ_in_a_sign_get_a_table_each_that_means_them(home: Home, room: Stockroom) -> None:
    """F-14."""
    room.groups = {"fs01": ["Clients/A&B/HQ"], "dc01": ["Clients/A B/HQ"]}
    home.connect(Somebody(room.url, "", TOKEN, "CLIENT/SITE", YES, "", YES, YES))
    names = ClientNames(load(home.config).clients)
    meant = [names.configured(told) for told in ("A&B", "A B")]
    assert [client.name for client in meant if client] == ["A&B", "A B"]


QUESTIONS = (
    Question(key="url", text="Address", address=True),
    Question(key="auth", text="How", default="none", choices=("none", "basic")),
    Question(key="user", text="User", when=("auth", "basic")),
)
ACCESS = Access(text="password", when=("auth", "basic"))


async def asked(*answers: str, **options: str) -> tuple[Somebody, Meeting]:
    """What is asked for before anything is tried."""
    somebody = Somebody(*answers)
    meeting = Meeting(somebody, Profile(), Kind(name="front", questions=QUESTIONS, access=ACCESS), options)
    await meeting._questions(QUESTIONS)
    await meeting._ask_secret()
    return somebody, meeting


async def test_what_an_earlier_answer_makes_needless_is_not_asked(home: Home) -> None:
    somebody, meeting = await asked("http://127.0.0.1", "none", user="somebody")
    assert somebody.asked == ["Address", "How (none, basic)"]
    assert meeting.options == {"url": "http://127.0.0.1", "auth": "none"}
    somebody, meeting = await asked("http://127.0.0.1", "basic", "me", "s3cret-canary")
    assert somebody.asked == ["Address", "How (none, basic)", "User", "password"]
    assert meeting.options["user"] == "me"


@pytest.mark.parametrize("typed", ["stock.example", "htp:/x", "http://", "http://a b/", "ftp://127.0.0.1/"])
async def test_what_is_no_address_is_said_as_soon_as_it_is_typed(home: Home, typed: str) -> None:
    somebody, _ = await asked(typed, "http://127.0.0.1", "none")
    assert somebody.told == ["This is not an address; write it as https://host/path."]
    assert somebody.asked == ["Address", "Address", "How (none, basic)"]
