"""JSON from outside as typed records. Whatever the bytes are, the outcome is such a value or a `SourceError`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

import msgspec

from backends.api import FaultKind, SourceError
from backends.fleet.steps import Steps, finished
from backends.redaction import redacted

Record = TypeVar("Record")

AT_ONCE: Final = 200
"""Records that are read, or devices that are told, in one step: a few milliseconds."""

_SURROGATES: Final = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\."
)
"""Escapes: whole pairs, halves (the group), and all others, so that an escaped backslash is not taken for a start."""


def decoded(body: bytes, kind: type[Record]) -> Record:
    """`body` as a `kind`. Raises `SourceError(PROTOCOL)` with what is wrong and where."""
    text = body.removeprefix(b"\xef\xbb\xbf").strip()
    if not text:
        raise SourceError(FaultKind.PROTOCOL, "The answer is empty where data was expected; check the address.")
    if text.startswith(b"<"):
        raise SourceError(
            FaultKind.PROTOCOL,
            "It answers with a web page instead of data; check that the address is that of its API.",
        )
    try:
        return _decoded(text, kind)
    except RecursionError:
        raise SourceError(FaultKind.PROTOCOL, "The answer is nested too deep to be read.") from None
    except (msgspec.DecodeError, ValueError) as error:  # ValueError: bytes that are no UTF-8, numbers without end
        said = redacted(str(error))[:200]
        raise SourceError(FaultKind.PROTOCOL, f"The answer cannot be understood: {said}.") from None


def _decoded(text: bytes, kind: type[Record]) -> Record:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, ValueError):
        # Half a surrogate pair in one name must not cost all the others: it is shown as U+FFFD.
        mended = _SURROGATES.sub(lambda found: found[0] if found[1] is None else b"\\ufffd", text)
        if mended == text:
            raise
        return msgspec.json.decode(mended, type=kind)


def each(raws: Iterable[msgspec.Raw], kind: type[Record]) -> tuple[list[Record], int]:
    """The records that are a `kind`, and the number of those that are not and were set aside."""
    return finished(each_in_steps(raws, kind))


def _lost(_: msgspec.Raw) -> tuple[None, int]:
    return None, 1


def each_in_steps(
    raws: Iterable[msgspec.Raw], kind: type[Record], mend: Callable[[msgspec.Raw], tuple[Record | None, int]] = _lost
) -> Steps[tuple[list[Record], int]]:
    """`each` in steps: many large records take as long as a key may wait. `mend` makes what it can of one that is no
    `kind`, and says how much of it was set aside."""
    whole: list[Record] = []
    spoiled = 0
    decoder = msgspec.json.Decoder(kind)
    for number, raw in enumerate(raws, 1):
        if number % AT_ONCE == 0:
            yield
        try:
            whole.append(decoder.decode(raw))
        except (msgspec.DecodeError, ValueError, RecursionError):
            mended, lost = mend(raw)
            spoiled += lost
            if mended is not None:
                whole.append(mended)
    return whole, spoiled
