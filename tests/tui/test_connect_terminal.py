"""Connecting a source with keys in a real terminal, from an empty HOME, on the command line and from the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.certificates import issued
from tests.support.eventually import wait_for
from tests.support.office import Office
from tests.support.stockroom import TOKEN, Stockroom, open_stockroom, stock_office
from tests.support.terminal import Terminal


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    made = stock_office(tmp_path, STOCK_TOKEN=TOKEN, WRONG_TOKEN="wrong")
    yield made
    made.close()


@pytest.fixture
def room() -> Iterator[Stockroom]:
    with open_stockroom() as room:
        yield room


def say(terminal: Terminal, question: str, *keys: str) -> None:
    """Answer the question when it is asked, and wait for the next line."""
    terminal.until(question)
    terminal.type(*keys, "enter")


def go(terminal: Terminal, line: str) -> None:
    """Into the `:` line, and Enter when it stands there."""
    terminal.type(":")
    terminal.until("Esc leave")
    terminal.type(line)
    terminal.until(f":{line}")
    terminal.type("enter")


def interrupted(terminal: Terminal, over: Callable[[], bool]) -> None:
    """ctrl+c until it counts: between a question and its reading Python may hear one only with the next key."""
    while not over():
        terminal.type("ctrl+c")
        terminal.rest(2.0)


def placed_and_written(terminal: Terminal) -> None:
    say(terminal, r"Place them \[1\]:")
    say(terminal, r"Place them so\? \[Y/n\]:")
    say(terminal, r"Name of the source \[stock\]:")
    say(terminal, r"Add a table for 2 clients too\? \[y/N\]:")
    say(terminal, r"Write it\? \[y/N\]:", "y")


def test_from_an_empty_home_to_a_source_that_answers_past_every_mistake(here: Office, room: Stockroom) -> None:
    room.may["read"] = False
    with here.screen("connect", "stock", size=(120, 60)) as terminal:
        say(terminal, "Address of the stock:", "http://127.0.0.1:1")
        say(terminal, r"Shelf \(empty: none\)")
        terminal.until("no keyring that can be used")
        say(terminal, "Where Stock token is kept", "env:WRONG_TOKEN")
        terminal.until(r"Nothing listens at http://127\.0\.0\.1:1; start it, or check the port\.")
        say(terminal, r"Address of the stock \[http://127\.0\.0\.1:1\]:", room.url)
        say(terminal, r"(?s)Shelf.*Shelf")
        terminal.until("give the right one, or make a new one there")
        say(terminal, r"(?s)Where Stock token.*Where Stock token is kept", "env:STOCK_TOKEN")
        terminal.until(r"The account may not read; give it the role Reader in the stock\.")
        room.may["read"] = True
        say(terminal, r"What now \[1\]:")
        terminal.until(r"Stock 4\.2 answers; we are known there as reader\.")
        placed_and_written(terminal)
        assert terminal.until_ended() == 0
        assert "Added source stock" in terminal.text
    assert [device["client"] for device in here.items("devices", "name:fs01")] == ["acme-dental"]
    assert [source["state"] for source in here.items("sources")] == ["fresh"]


def test_a_certificate_signed_by_itself_is_shown_and_pinned_when_it_is_agreed_to(here: Office, tmp_path: Path) -> None:
    certificate = issued(tmp_path, "server", None)
    with open_stockroom(certificate.context()) as room, here.screen("connect", "stock", size=(120, 60)) as terminal:
        say(terminal, "Address of the stock:", room.url)
        say(terminal, "Shelf")
        say(terminal, "Where Stock token is kept", "env:STOCK_TOKEN")
        terminal.until("Nobody who is known here vouches for this server")
        terminal.until(certificate.fingerprint.upper()[:2] + ":" + certificate.fingerprint.upper()[2:4])
        assert room.asked == 0
        say(terminal, r"told you\? \[y/N\]:", "y")
        placed_and_written(terminal)
        assert terminal.until_ended() == 0
        assert f'fingerprint = "{certificate.fingerprint}"' in here.config.read_text()
        assert [source["state"] for source in here.items("sources")] == ["fresh"]


@pytest.mark.parametrize("at", ["Address of the stock", "Where Stock token is kept", r"Place them \[1\]", "Write it"])
def test_leaving_at_any_question_leaves_nothing_behind(here: Office, room: Stockroom, at: str) -> None:
    answers = {
        "Address of the stock": room.url,
        "Shelf": "",
        "Where Stock token is kept": "env:STOCK_TOKEN",
        r"Place them \[1\]": "",
        "Place them so": "",
        "Name of the source": "",
        "Add a table": "",
    }
    with here.screen("connect", "stock", size=(120, 60)) as terminal:
        for question, answer in answers.items():
            if question == at:
                break
            say(terminal, question, *([answer] if answer else []))
        terminal.until(at)
        interrupted(terminal, lambda: terminal.status is not None)
        assert terminal.until_ended() == 130
        assert "Stopped." in terminal.text
    assert not here.config.exists()
    assert here.engine_pids() == []


def test_the_running_screen_shows_the_new_source_when_the_dialogue_is_over(here: Office, room: Stockroom) -> None:
    here.configure('# mine\n[technician]\nname = "tech1"\n[sources.here]\nkind = "local"\n')
    with here.screen(size=(160, 50)) as terminal:
        terminal.until(r"Issues")
        terminal.until_true(lambda: bool(here.engine_pids()), "an engine")
        (engine,) = here.engine_pids()
        go(terminal, "connect stock")
        terminal.until_true(lambda: b"Address of the stock: " in terminal.raw, "the first question")
        answer(terminal, "Address of the stock: ", room.url)
        answer(terminal, "Shelf (empty: none): ", "")
        answer(terminal, "that prints it): ", "env:STOCK_TOKEN")
        answer(terminal, "Place them [1]: ", "")
        answer(terminal, "Place them so? [Y/n]: ", "")
        answer(terminal, "Name of the source [stock]: ", "")
        answer(terminal, "for 2 clients too? [y/N]: ", "")
        left = len(terminal.raw)
        answer(terminal, "Write it? [y/N]: ", "y")
        terminal.until_true(lambda: b"\x1b[?1049h" in terminal.raw[left:], "the alternate buffer again")
        terminal.until("A stock source was added")
        go(terminal, "sources")
        terminal.until(r"Sources 2")
        terminal.until(r"stock .*4")
        assert here.engine_pids() == [engine]
        terminal.type("q")
        assert terminal.until_ended() == 0
    assert here.config.read_text().startswith("# mine\n")


def answer(terminal: Terminal, question: str, text: str) -> None:
    """As `say`, by what was written: a lent terminal has no alternate buffer here."""
    terminal.until_true(lambda: terminal.raw.endswith(question.encode()), question)
    terminal.type(*([text] if text else []), "enter")


def test_leaving_the_dialogue_leads_back_to_the_screen(here: Office) -> None:
    with here.screen(size=(160, 50)) as terminal:
        terminal.until(r"Issues")
        go(terminal, "connect stock")
        terminal.until_true(lambda: terminal.raw.endswith(b"Address of the stock: "), "the first question")
        interrupted(terminal, lambda: "Stopped: nothing was connected" in terminal.text)
        terminal.type("q")
        assert terminal.until_ended() == 0
    assert not here.config.exists()


def test_what_went_wrong_in_the_dialogue_can_be_read_before_the_screen_comes_back(here: Office) -> None:
    here.configure('[technician]\nname = "tech1"\n')
    with here.screen(size=(160, 50)) as terminal:
        terminal.until(r"Issues")
        here.configure('[technician]\nname = "tech1"\n[sources.x]\nkind = "nope"\n')
        go(terminal, "connect stock")
        terminal.until_true(lambda: terminal.raw.endswith(b"Press Enter to go back to the screen."), "the way back")
        assert b'There is no kind of source "nope"' in terminal.raw
        terminal.type("enter")
        terminal.until("Nothing was connected")
        terminal.type("q")
        assert terminal.until_ended() == 0


def test_what_is_edited_by_hand_a_running_engine_takes_in_when_it_is_told(here: Office, room: Stockroom) -> None:
    one = '[technician]\nname = "tech1"\n[sources.here]\nkind = "local"\n'
    here.configure(one)
    assert "No engine of this profile runs" in here.rounds("reload").stderr
    with here.started("engine", "--stay"):
        wait_for(lambda: (here.state / "engine.sock").exists() or any(here.home.rglob("engine.sock")), "the socket")
        assert here.rounds("reload").stderr == "Nothing in the configuration is different.\n"
        here.configure(one + "[sources.stock]\nkind = nothing\n")
        refused = here.rounds("reload", check=False)
        assert refused.returncode == 77
        assert "Nothing was changed, for the configuration has an error: " in refused.stderr
        assert "config.toml:6" in refused.stderr
        here.configure(f'{one}[sources.stock]\nkind = "stock"\nurl = "{room.url}"\nsecret = "env:STOCK_TOKEN"\n')
        assert "1 source new" in here.rounds("reload").stderr
        wait_for(lambda: {one["name"] for one in here.items("devices")} >= {"fs01", "dc01"}, "the new devices")
        here.configure(one)
        assert "1 source gone" in here.rounds("reload").stderr
        assert "fs01" not in {one["name"] for one in here.items("devices")}
