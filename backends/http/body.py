"""Bodies of a known largest size: inflated by us, since a library that inflates first can only count afterwards."""

from __future__ import annotations

import zlib
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Final

from backends.api import FaultKind, SourceError

LARGEST_BYTES: Final = 16 * 1024 * 1024
_GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32
_BARE_DEFLATE: Final = -zlib.MAX_WBITS


async def read(chunks: AsyncIterator[bytes], encoding: str, largest: int = LARGEST_BYTES) -> bytes:
    """The body from its raw chunks. `encoding` is the header `Content-Encoding`. Raises `SourceError`."""
    names = packed(encoding)
    if not names:
        inflate: Plain | Inflated = Plain(largest)
    elif names in (["gzip"], ["x-gzip"], ["deflate"]):
        inflate = Inflated(largest)
    else:
        raise SourceError(
            FaultKind.PROTOCOL,
            f"It answers in an encoding that was not asked for ({', '.join(names)}); rounds reads plain and gzip.",
        )
    async for chunk in chunks:
        inflate.add(chunk)
    return inflate.end()


def packed(encoding: str) -> list[str]:
    """The ways in which a body is packed, by the header `Content-Encoding`; none for one that is as it is."""
    return [name for name in (part.strip().lower() for part in encoding.split(",")) if name not in ("", "identity")]


async def lines(chunks: AsyncIterator[bytes], longest: int) -> AsyncGenerator[bytes, None]:
    """Whole lines without their ends; what is behind the last end is no line yet. Raises `SourceError` for one that is
    longer than `longest` bytes."""
    rest = b""
    async for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            if len(line) <= longest and (line := line.rstrip(b"\r")):
                yield line
        if len(rest) > longest or any(len(line) > longest for line in whole):
            raise too_large(longest)


class Plain:
    """A body as it is."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._body = bytearray()

    def add(self, chunk: bytes) -> None:
        if len(self._body) + len(chunk) > self._largest:
            raise too_large(self._largest)
        self._body += chunk

    def end(self) -> bytes:
        return bytes(self._body)


class Inflated:
    """A body that is compressed once; several gzip members in a row are one body."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._body = bytearray()
        self._inflate = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._begun = False

    def add(self, chunk: bytes) -> None:
        try:
            self._add(chunk)
        except zlib.error:
            if self._begun:
                raise SourceError(FaultKind.PROTOCOL, "The compressed answer is damaged; ask again.") from None
            # Some servers call a bare stream `deflate`, without the header that belongs to it.
            self._inflate = zlib.decompressobj(_BARE_DEFLATE)
            self._begun = True
            self.add(chunk)

    def _add(self, chunk: bytes) -> None:
        while chunk:
            if self._inflate.eof:
                self._inflate = zlib.decompressobj(_GZIP_OR_ZLIB)
            self._body += self._inflate.decompress(chunk, self._largest + 1 - len(self._body))
            self._begun = True
            if len(self._body) > self._largest:
                raise too_large(self._largest)
            chunk = self._inflate.unused_data or self._inflate.unconsumed_tail

    def end(self) -> bytes:
        if self._begun and not self._inflate.eof:
            raise SourceError(FaultKind.PROTOCOL, "The compressed answer broke off in the middle.")
        return bytes(self._body)


def too_large(largest: int) -> SourceError:
    size = f"{largest / 1024 / 1024:.0f} MiB" if largest >= 1024 * 1024 else f"{largest} bytes"
    return SourceError(FaultKind.TOO_LARGE, f"The answer is larger than {size}; ask for fewer hosts or fields.")
