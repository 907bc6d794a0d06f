"""XML from outside as a tree of elements: no document types, no entities but the five of XML itself, nothing fetched,
and no more elements, and no deeper, than a list of services has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from xml.parsers import expat  # nosec - document types are refused, see `_refuse`

from backends.api import FaultKind, SourceError
from backends.text import safe

DEEPEST: Final = 16
MOST_ELEMENTS: Final = 200_000
_CONTROLS: Final = [*range(9), 11, 12, *range(14, 32), 127]
_PICTURES: Final = {code: chr(0x2421 if code == 127 else 0x2400 + code).encode() for code in _CONTROLS}
"""Control characters are no XML, and Monit passes on what a program printed: they come as the signs that stand for
them, so that one program's output does not cost all the other services."""

_BYTES: Final = {0xDC00 + byte: chr(byte) for byte in range(0x80, 0x100)}


class Element:
    """One element. `text` is what stands in it before and between its children."""

    __slots__ = ("attributes", "children", "tag", "text")

    def __init__(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.children: list[Element] = []
        self.text = ""

    def find(self, path: str) -> Element | None:
        """The first one at a path of tags: `block/percent`."""
        found: Element | None = self
        for tag in path.split("/"):
            found = next((child for child in found.children if child.tag == tag), None) if found is not None else None
        return found

    def each(self, tag: str) -> Iterator[Element]:
        return (child for child in self.children if child.tag == tag)


def parsed(body: bytes) -> Element:
    """The root element. Text is UTF-8 where it is that, else ISO 8859-1, whatever the document says of itself. Raises
    `SourceError`."""
    if not body.strip():
        raise SourceError(FaultKind.PROTOCOL, "The answer is empty where data was expected; check the address.")
    for code, picture in _PICTURES.items():
        body = body.replace(bytes([code]), picture)
    tree = _Tree()
    try:
        tree.parser.Parse(body, True)
    except expat.ExpatError as error:
        said = safe(expat.ErrorString(error.code) or "no XML", 80)
        raise SourceError(
            FaultKind.PROTOCOL,
            f"It does not answer with Monit's XML ({said}, line {error.lineno}); check that the address is Monit's.",
        ) from None
    assert tree.root is not None  # noqa: S101 - a document without an element is an error of expat
    return tree.root


class _Tree:
    def __init__(self) -> None:
        # Bytes one by one, so that no byte of a text can make the document unreadable; put right in `_texts`.
        self.parser = expat.ParserCreate("ISO-8859-1")
        self.parser.buffer_text = True
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser.StartDoctypeDeclHandler = _refuse
        self.parser.EntityDeclHandler = _refuse
        self.parser.ExternalEntityRefHandler = _refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data
        self.root: Element | None = None
        self._open: list[Element] = []
        self._count = 0

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) >= DEEPEST or self._count > MOST_ELEMENTS:
            raise SourceError(FaultKind.PROTOCOL, "The answer has more in it than a list of services ever has.")
        element = Element(_text(tag), {_text(name): _text(value) for name, value in attributes.items()})
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _end(self, _tag: str) -> None:
        element = self._open.pop()
        element.text = _text(element.text)

    def _data(self, text: str) -> None:
        self._open[-1].text += text


def _text(read: str) -> str:
    """UTF-8; bytes that are none, such as those of a character that was cut in two, as ISO 8859-1."""
    text = read.encode("latin-1", "replace").decode("utf-8", "surrogateescape")
    return text if text.isascii() else text.translate(_BYTES)


def _refuse(*_: object) -> int:
    raise SourceError(
        FaultKind.PROTOCOL, "It answers with a document that declares a type or entities; check the address."
    )
