"""The record of who did what: one chain, on the disk before it is acknowledged, and any change to it shows."""

from __future__ import annotations

import hashlib
import os
import resource
import signal
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backends import redaction
from backends.store.audit import AuditLog
from backends.store.store import Store, StoreError

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    """A record without a store beside it: no anchor."""
    return AuditLog(tmp_path / "state" / "audit.jsonl")


@pytest.fixture
def anchored(tmp_path: Path) -> Iterator[AuditLog]:
    store = Store.open(tmp_path / "state")
    yield AuditLog(tmp_path / "state" / "audit.jsonl")
    store._journal._close()
    store._facts._close()


def fill(log: AuditLog, count: int = 5) -> list[bytes]:
    for number in range(count):
        log.append("tech1", "noted", f"issue{number}", {"text": f"note {number}"}, AT)
    return log.path.read_bytes().splitlines(keepends=True)


def test_a_record_says_who_did_what_when(log: AuditLog) -> None:
    record = log.append("tech1", "run-approved", "r1", {"fix": "restart-service"}, AT)
    assert (record.seq, record.by, record.event, record.subject, record.at) == (1, "tech1", "run-approved", "r1", AT)
    assert log.records(10) == [record]


def test_records_come_latest_first_and_limited(log: AuditLog) -> None:
    fill(log, 5)
    assert [record.seq for record in log.records(2)] == [5, 4]


def test_records_across_many_blocks_are_all_read(log: AuditLog) -> None:
    for _ in range(150):
        log.append("tech1", "noted", "x", {"text": "y" * 1900}, AT)
    assert [record.seq for record in log.records(1000)] == list(range(150, 0, -1))


def test_a_chain_that_nobody_touched_is_well(anchored: AuditLog) -> None:
    fill(anchored)
    report = anchored.verify()
    assert (report.ok, report.records, report.bad_seq) == (True, 5, None)
    assert "up to what this machine's store remembers" in report.sentence


def test_without_an_anchor_the_report_says_what_would_not_show(log: AuditLog) -> None:
    """F-61."""
    fill(log)
    report = log.verify()
    assert report.ok
    assert "a cut at the end would not show" in report.sentence


def test_an_empty_record_is_well(log: AuditLog) -> None:
    assert log.verify().ok


@pytest.mark.parametrize("seq", range(1, 6))
@pytest.mark.parametrize("what", ["delete", "double", "swap", "insert", "other-by"])
def test_a_change_names_the_first_record_that_does_not_fit(anchored: AuditLog, seq: int, what: str) -> None:
    """F-60."""
    lines = fill(anchored)
    place = seq - 1
    if what == "delete":
        del lines[place]
    elif what == "double":
        lines.insert(place, lines[place])
        seq += 1
    elif what == "swap":
        other = (place + 1) % len(lines)
        lines[place], lines[other] = lines[other], lines[place]
        seq = min(place, other) + 1
    elif what == "insert":
        lines.insert(place, lines[place].replace(b"tech1", b"tech2"))
    else:
        lines[place] = lines[place].replace(b"tech1", b"tech2")
    anchored.path.write_bytes(b"".join(lines))
    report = anchored.verify()
    assert (report.ok, report.bad_seq) == (False, seq)


def test_no_byte_of_any_record_can_be_changed_unseen(log: AuditLog) -> None:
    """F-60."""
    lines = fill(log, 3)
    whole = b"".join(lines)
    ends = [sum(map(len, lines[: number + 1])) for number in range(3)]
    for place in range(len(whole)):
        for other in {whole[place] ^ 1, 0x0A} - {whole[place]}:
            log.path.write_bytes(whole[:place] + bytes([other]) + whole[place + 1 :])
            expected = next(number for number, end in enumerate(ends, 1) if place < end)
            assert log.verify().bad_seq == expected, (place, other)


def test_records_cut_off_at_the_end_are_missed(anchored: AuditLog) -> None:
    """F-61."""
    lines = fill(anchored)
    anchored.path.write_bytes(b"".join(lines[:3]))
    report = anchored.verify()
    assert (report.ok, report.bad_seq) == (False, 4)
    assert "records 4 to 5" in report.sentence


def test_an_older_copy_of_the_file_is_found_out_even_after_more_was_written(anchored: AuditLog) -> None:
    """F-61."""
    lines = fill(anchored)
    anchored.path.write_bytes(b"".join(lines[:3]))
    fill(anchored, 4)
    report = anchored.verify()
    assert (report.ok, report.bad_seq) == (False, 5)


def test_a_missing_file_is_found_out(anchored: AuditLog) -> None:
    fill(anchored)
    anchored.path.unlink()
    assert anchored.verify().bad_seq == 1


def test_a_death_between_record_and_anchor_is_no_fault(anchored: AuditLog, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(anchored, 2)
    with monkeypatch.context() as patch:
        patch.setattr(anchored, "_move_anchor", lambda *_: None)
        fill(anchored, 1)
    fill(anchored, 1)
    report = anchored.verify()
    assert (report.ok, report.records) == (True, 4)


def test_a_torn_last_line_is_set_aside_and_recorded_wherever_it_was_torn(tmp_path: Path) -> None:
    """F-63."""
    source = AuditLog(tmp_path / "source.jsonl")
    lines = fill(source, 3)
    for kept in range(len(lines[2])):
        log = AuditLog(tmp_path / f"at-{kept}" / "audit.jsonl")
        log.path.parent.mkdir()
        log.path.touch(mode=0o600)
        log.path.write_bytes(b"".join(lines[:2]) + lines[2][:kept])
        log.append("tech1", "claimed", "x", {}, AT)
        events = [record.event for record in reversed(log.records(10))]
        assert events == ["noted", "noted", *(["torn-tail"] if kept else []), "claimed"]
        assert log.verify().ok
        if kept:
            assert log.path.with_name("audit.jsonl.torn").read_bytes() == lines[2][:kept]


def test_two_processes_make_one_chain(tmp_path: Path) -> None:
    """F-64."""
    path = tmp_path / "audit.jsonl"
    script = textwrap.dedent("""
        import sys
        from datetime import UTC, datetime
        from pathlib import Path
        from backends.store.audit import AuditLog
        log = AuditLog(Path(sys.argv[1]))
        for number in range(400):
            log.append(sys.argv[2], "noted", str(number), {}, datetime(2026, 1, 1, tzinfo=UTC))
    """)
    both = [subprocess.Popen([sys.executable, "-c", script, str(path), name]) for name in ("one", "two")]
    assert [process.wait() for process in both] == [0, 0]
    report = AuditLog(path).verify()
    assert (report.ok, report.records) == (True, 800)
    for name in ("one", "two"):
        mine = [int(record.subject) for record in AuditLog(path).records(1000) if record.by == name]
        assert mine == list(range(399, -1, -1))


def test_a_full_disk_refuses_and_leaves_a_whole_chain(log: AuditLog) -> None:
    """F-62."""
    fill(log, 2)
    size = log.path.stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 50, hard))
    try:
        with pytest.raises(StoreError, match="disk is full"):
            log.append("tech1", "run-approved", "r1", {}, AT)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert log.path.stat().st_size == size
    assert log.append("tech1", "claimed", "x", {}, AT).seq == 3
    assert log.verify().ok


def test_a_place_that_cannot_be_written_refuses(tmp_path: Path) -> None:
    """F-62."""
    (tmp_path / "state").write_text("a file in place of the folder")
    with pytest.raises(StoreError):
        AuditLog(tmp_path / "state" / "audit.jsonl").append("tech1", "claimed", "x", {}, AT)


def test_a_symbolic_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").touch()
    (tmp_path / "audit.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match="symbolic link"):
        AuditLog(tmp_path / "audit.jsonl").append("tech1", "claimed", "x", {}, AT)


def test_the_file_is_the_owners_alone_whatever_the_umask(log: AuditLog) -> None:
    """F-48."""
    before = os.umask(0)
    try:
        fill(log, 1)
    finally:
        os.umask(before)
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600


def test_a_file_that_others_could_write_is_refused(log: AuditLog) -> None:
    fill(log, 1)
    log.path.chmod(0o666)
    with pytest.raises(StoreError, match="chmod go-w"):
        log.append("tech1", "claimed", "x", {}, AT)


def test_hostile_text_stays_one_line(log: AuditLog) -> None:
    """F-42."""
    log.append("a\nb", "noted", "\x1b[2J\u2028", {"te\nxt": 'x\r\n"}\x00\ud800'}, AT)
    assert log.path.read_bytes().count(b"\n") == 1
    assert log.verify().ok
    assert log.records(1)[0].subject == "␛[2J‹U+2028›"


def test_a_live_secret_is_not_recorded(log: AuditLog) -> None:
    """F-44."""
    redaction.remember("s3cr3t-canary-91f0")
    try:
        log.append("tech1", "noted", "x", {"text": "it is s3cr3t-canary-91f0"}, AT)
    finally:
        redaction.forget_all()
    assert b"canary" not in log.path.read_bytes()


def test_records_of_a_later_version_with_more_fields_still_fit(log: AuditLog) -> None:
    line = fill(log, 1)[0]
    own = log.records(1)[0].hash.encode()
    longer = line.replace(b'{"seq"', b'{"colour":"red","seq"').replace(own, b"")
    digest = hashlib.sha256(longer).hexdigest().encode()
    log.path.write_bytes(longer.replace(b'"hash":""', b'"hash":"%b"' % digest))
    assert log.verify().ok
