"""Whatever a host answers, reading it ends in facts that can be stored, or in the finding that it is no look."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.adapters.ssh.parse import NoLook, parse, parse_who
from backends.adapters.ssh.watch import Watch
from backends.fleet.host_checks import checks_of, sighting_of
from backends.fleet.limits import DEFAULTS
from backends.fleet.model import ClientId, SafeText, SiteId, SourceName
from tests.backends.adapters.ssh.looks import DATA, MARK, MOMENT, output

NAMES = sorted(path.stem for path in DATA.glob("*.txt"))
WATCH = Watch(services=("a", "b", "c"), processes=("x", "a b"), files=("/a", "/b"), certificates=("/c", "/d", "/e"))
SPICES = [b"-1", b"9" * 30, b"9" * 5000, b"nan", b"1e400", b"\xff\xfe", b"\x1b[2J", b"", b" ", b"\n", b"%", b"-", b"|"]


def _read(raw: bytes) -> None:
    try:
        facts = parse(raw, MARK, MOMENT, WATCH)
        parse_who(raw, MARK)
    except NoLook:
        return
    checks = checks_of(facts, DEFAULTS, source=SourceName("s"), native="n")
    sighting = sighting_of(
        facts,
        source=SourceName("s"),
        native="n",
        client=ClientId("c"),
        client_name=SafeText("c"),
        site=SiteId("c/s"),
        site_name=SafeText("s"),
    )
    msgspec.msgpack.encode((facts, checks, sighting))
    msgspec.json.encode((facts, checks, sighting))


@settings(max_examples=300)
@given(name=st.sampled_from(NAMES), seed=st.integers(0, 2**32), count=st.integers(1, 12))
def test_a_damaged_look_breaks_nothing(name: str, seed: int, count: int) -> None:
    chance = random.Random(seed)
    raw = output(name)
    for _ in range(count):
        at = chance.randrange(len(raw))
        raw = raw[:at] + chance.choice(SPICES) + raw[at + chance.randrange(8) :]
    _read(raw)


@settings(max_examples=200)
@given(name=st.sampled_from(NAMES), section=st.integers(0, 60), body=st.binary(max_size=200))
def test_a_section_of_nonsense_breaks_nothing(name: str, section: int, body: bytes) -> None:
    pieces = output(name).split(b"\n=M=")
    at = 1 + section % (len(pieces) - 1)
    head = pieces[at].split(b"\n", 1)[0]
    pieces[at] = head + b"\n" + body + b"\n"
    _read(b"\n=M=".join(pieces))


@settings(max_examples=200)
@given(name=st.sampled_from(NAMES), words=st.lists(st.integers(0, 10_000), max_size=5), word=st.sampled_from(SPICES))
def test_a_word_of_nonsense_anywhere_breaks_nothing(name: str, words: list[int], word: bytes) -> None:
    pieces = output(name).split(b" ")
    for at in words:
        pieces[at % len(pieces)] = word
    _read(b" ".join(pieces))


@pytest.mark.parametrize("name", NAMES)
def test_a_spoilt_section_leaves_the_others_alone(name: str) -> None:
    raw = output(name)
    good = parse(raw, MARK, MOMENT, Watch())
    spoilt = raw.replace(b"=M=cores\n", b"=M=cores\nnonsense ", 1)
    look = parse(spoilt, MARK, MOMENT, Watch())
    assert (look.cores, set(look.unread) - set(good.unread)) == (None, {"cores"})
    assert msgspec.structs.replace(look, cores=good.cores, unread=good.unread) == good


def test_the_time_of_a_look_is_ours() -> None:
    assert parse(output("linux-sysv"), MARK, MOMENT, Watch()).at == MOMENT.at > datetime(2026, 1, 5, tzinfo=UTC)
