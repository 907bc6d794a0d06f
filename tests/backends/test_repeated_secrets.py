"""A host knows the password that we gave it, and may say it back: it is not kept and not shown (F-44)."""

from __future__ import annotations

from collections.abc import Iterator

import asyncssh
import pytest

from backends import redaction
from backends.adapters.ssh import failures
from backends.fixes.tail import Tail
from backends.fleet.model import RunId
from backends.fleet.run import RunOutput

CANARY = "s3cr3t-canary/+42"


@pytest.fixture(autouse=True)
def in_use() -> Iterator[None]:
    redaction.remember(CANARY)
    yield
    redaction.forget_all()


@pytest.mark.parametrize(
    "error",
    [
        asyncssh.DisconnectError(2, f"no: {CANARY}"),
        asyncssh.KeyExchangeFailed(f"not with {CANARY}"),
        asyncssh.ChannelOpenError(1, f"nothing for {CANARY}"),
    ],
    ids=["disconnected", "key exchange", "channel"],
)
def test_no_sentence_about_a_log_in_repeats_it(error: asyncssh.Error) -> None:
    """F-44."""
    sentence = failures.of_login(error, "host port 22", "root", "password").sentence

    assert CANARY not in sentence
    assert redaction.MARK in sentence


@pytest.mark.parametrize("sentence", ["no_shell", "lost", "no_ssh"])
def test_no_sentence_about_what_a_host_says_repeats_it(sentence: str) -> None:
    """F-44."""
    said = {
        "no_shell": lambda: failures.no_shell("host", "root", f"motd {CANARY}\n".encode()),
        "lost": lambda: failures.lost("host", f"bye {CANARY}"),
        "no_ssh": lambda: failures.no_ssh("host", f"220 {CANARY}\r\n".encode()),
    }[sentence]()
    assert CANARY not in said.sentence
    assert redaction.MARK in said.sentence


def test_the_output_of_a_run_does_not_keep_it() -> None:
    """F-44: neither live nor in the store; cut in two it is still not kept."""
    pieces: list[RunOutput] = []
    tail = Tail(RunId("r-1"), lambda: 0.0, pieces.append)
    tail.feed(f"password: {CANARY}\n".encode())
    tail.feed(CANARY[:9].encode())
    tail.feed(CANARY[9:].encode())
    tail.close()

    assert CANARY not in tail.text
    assert tail.text.count(redaction.MARK) == 2
    assert all(CANARY not in piece.text for piece in pieces)
    assert tail.total == 2 * len(CANARY) + len("password: \n")
