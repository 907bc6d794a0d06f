"""The doctor asks sources what their accounts may do; what it cannot ask is a line, too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.office import Office
from tests.support.stockroom import TOKEN, Stockroom, open_stockroom, stock_office
from tui.cli.doctor import exit_status
from tui.cli.findings import Finding, Level


@pytest.fixture
def room() -> Iterator[Stockroom]:
    with open_stockroom() as room:
        yield room


@pytest.fixture
def here(tmp_path: Path, room: Stockroom) -> Iterator[Office]:
    made = stock_office(tmp_path, STOCK_TOKEN=TOKEN)
    made.configure(
        f"""[technician]
name = "tech1"
[sources.stock]
kind = "stock"
url = "{room.url}"
secret = "env:STOCK_TOKEN"
place = {{ group = "^Clients/(?P<client>[^/]+)/(?P<site>[^/]+)$" }}
"""
    )
    yield made
    made.close()


def findings(here: Office) -> list[tuple[str, str, str]]:
    said = json.loads(here.rounds("doctor", "--json", check=False).stdout)["items"]
    return [(one["level"], one["sentence"], one["remedy"]) for one in said if one["what"] == "source stock"]


def test_it_says_what_the_account_may_what_it_may_not_and_what_it_sees(here: Office) -> None:
    found = findings(here)
    sentence = "Stock 4.2: rounds as reader may read, acknowledge problems; it sees 2 clients, 4 devices."
    assert ("ok", sentence, "") in found
    remedy = "If it is wanted: give it the role to run scripts."
    assert ("info", "It may not run scripts.", remedy) in found


def test_what_only_cannot_be_done_is_no_warning(here: Office) -> None:
    assert [level for level, sentence, _ in findings(here) if "may not" in sentence] == ["info"]


@pytest.mark.parametrize(
    ("levels", "status"),
    [(("ok",), 0), (("ok", "info"), 0), (("info", "warn", "ok"), 1), (("warn", "fail", "info"), 2)],
)
def test_the_exit_status_is_that_of_the_worst(levels: tuple[str, ...], status: int) -> None:
    assert exit_status(Finding(level=Level(level), what="w", sentence="s") for level in levels) == status


def test_what_is_not_seen_is_a_warning(here: Office, room: Stockroom) -> None:
    """F-69."""
    room.may["read returns"] = False
    assert ("warn", "It may not read returns.", "Give it the role to read returns.") in findings(here)


def test_what_cannot_be_asked_is_a_line(here: Office, room: Stockroom) -> None:
    room.may["read"] = False
    why = "What its account may do could not be asked: The account may not read; give it the role Reader in the stock."
    assert ("warn", why, "") in findings(here)


def test_a_source_that_does_not_answer_is_said_once(here: Office, room: Stockroom) -> None:
    room.token = "another"
    (found,) = findings(here)
    assert (found[0], "does not accept our credentials" in found[1]) == ("fail", True)


def test_login_says_what_kind_of_secret_is_wanted(here: Office) -> None:
    text = here.config.read_text().replace('secret = "env:STOCK_TOKEN"\n', "")
    here.configure(text)
    with here.screen("login", "stock", size=(100, 20)) as terminal:
        terminal.until("Made under My account > Tokens.")
        terminal.until("Stock token of stock:")
        for _ in range(20):  # between a question and its reading Python may not hear it
            if terminal.status is None:
                terminal.type("ctrl+c")
                terminal.rest(2.0)
        assert terminal.until_ended() == 130
