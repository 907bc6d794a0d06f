"""The record of who did what, as a chain: each record carries the hash of the one before. Pure; `store/audit.py` keeps
it in a file.

A chain shows that something was changed, taken out or put in. It cannot show by itself that its end was cut off: for
that its head is kept in a second place, the anchor.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

from backends.fleet.run import AuditRecord, AuditReport
from backends.text import SafeText, safe, safe_lines

START: Final = "0" * 64
"""Stands for the record before the first."""
VALUE_CHARACTERS: Final = 2000
_decoder: Final = msgspec.json.Decoder(AuditRecord)


class Anchor(Struct, frozen=True):
    """The head of the chain, as a second place remembers it."""

    seq: int
    hash: str


BEGINNING: Final = Anchor(0, START)
"""The head of a chain without records."""


def record_after(
    head: Anchor, *, at: datetime, by: str, event: str, subject: str, data: Mapping[str, str]
) -> AuditRecord:
    """The next record. Texts are made safe and cut, so that a record is always one line that can be shown."""
    record = AuditRecord(
        seq=head.seq + 1,
        at=at,
        by=safe(by),
        event=safe(event),
        subject=safe(subject),
        data={safe(key): safe_lines(value, VALUE_CHARACTERS) for key, value in data.items()},
        previous=head.hash,
        hash="",
    )
    return msgspec.structs.replace(record, hash=hash_of(record))


def hash_of(record: AuditRecord) -> str:
    """SHA-256 over the line of the record, with nothing where the hash stands."""
    return hashlib.sha256(line_of(msgspec.structs.replace(record, hash=""))).hexdigest()


def line_of(record: AuditRecord) -> bytes:
    """One line, its end included."""
    return msgspec.json.encode(record) + b"\n"


def record_of(line: bytes) -> AuditRecord | None:
    """The record in a line, when its hash fits.

    The hash is over the bytes as they stand, so that records of versions with more or fewer fields fit too. A quote
    inside a text is escaped: what is searched for here can only be the field itself.
    """
    try:
        record = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    field = b'"hash":"%b"' % record.hash.encode("ascii", "replace")
    if line.count(field) != 1 or not line.endswith(b"\n"):
        return None
    return record if hashlib.sha256(line.replace(field, b'"hash":""')).hexdigest() == record.hash else None


def head_of(record: AuditRecord) -> Anchor:
    return Anchor(record.seq, record.hash)


def checked(lines: Iterable[bytes], anchor: Anchor | None) -> AuditReport:
    """Whether `lines` are one unbroken chain that goes through `anchor`; the first record that does not fit by its
    number, counted from 1."""
    head = BEGINNING
    meets = anchor is None or anchor == BEGINNING
    for line in lines:
        seq = head.seq + 1
        record = record_of(line)
        if record is None:
            return _bad(head, seq, f"Record {seq} was changed or is damaged.")
        if record.seq != seq or record.previous != head.hash:
            return _bad(head, seq, f"Record {seq} is not the one that belongs there: records were taken out or put in.")
        head = head_of(record)
        if anchor is not None and head.seq == anchor.seq:
            meets = head == anchor
            if not meets:
                return _bad(head, seq, f"Record {seq} is not the one that the store remembers: the file was replaced.")
    if not meets and anchor is not None:
        missing = f"records {head.seq + 1} to {anchor.seq}" if anchor.seq > head.seq + 1 else f"record {anchor.seq}"
        return _bad(head, head.seq + 1, f"The end was cut off: {missing} of the record are missing.")
    return AuditReport(ok=True, records=head.seq, head=head.hash, sentence=_well(head, anchor))


def _well(head: Anchor, anchor: Anchor | None) -> SafeText:
    told = f"{head.seq} records, none changed or missing"
    if anchor is None and head.seq:
        return safe(
            f"{told} in between. The store remembers no end of it, so that a cut at the end would not show.", 512
        )
    return safe(
        f"{told}, up to what this machine's store remembers. Who can write both files could have changed both.", 512
    )


def _bad(head: Anchor, seq: int, sentence: str) -> AuditReport:
    return AuditReport(ok=False, records=head.seq, head=head.hash, bad_seq=seq, sentence=safe(sentence, 512))
