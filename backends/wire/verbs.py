"""What may be asked over the wire, derived from the desk's own protocol: a verb that is not in it does not exist here.

`VIEWS` is all that a read-only connection knows. Arguments are decoded strictly by the protocol's annotations.
"""

from __future__ import annotations

import collections.abc
import inspect
import typing
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from backends.desk.protocol import Desk, DeskError, DeskErrorKind, Views

_NOT_A_VERB: Final = frozenset({"close"})
"""Ends the connection on the asking side and never travels."""


class Verb:
    """One method of the desk: what it is called with, and whether it answers once or streams."""

    def __init__(self, name: str, protocol: type) -> None:
        method = getattr(protocol, name)
        hints = typing.get_type_hints(method)
        answer = hints.pop("return")
        self.name = name
        self.streams = typing.get_origin(answer) is collections.abc.AsyncIterator
        self.answer: Any = typing.get_args(answer)[0] if self.streams else answer
        parameters = inspect.signature(method).parameters
        self.fields: tuple[str, ...] = tuple(hints)
        shape = msgspec.defstruct(
            f"{name}_arguments", [_field(parameters[key], hint) for key, hint in hints.items()],
            frozen=True, kw_only=True, forbid_unknown_fields=True,
        )  # fmt: skip
        self._decoder: msgspec.msgpack.Decoder[Struct] = msgspec.msgpack.Decoder(shape)

    def arguments(self, raw: msgspec.Raw) -> dict[str, Any]:
        """The call's arguments by name. Raises `DeskError(WRONG_USE)` when they do not fit."""
        try:
            decoded = self._decoder.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise DeskError(DeskErrorKind.WRONG_USE, f"{self.name} cannot be called like that: {error}.") from error
        return {key: getattr(decoded, key) for key in self.fields}


def _field(parameter: inspect.Parameter, hint: Any) -> Any:  # what msgspec.defstruct takes is a union of tuples
    if parameter.default is inspect.Parameter.empty:
        return (parameter.name, hint)
    return (parameter.name, hint, parameter.default)


def verbs_of(protocol: type) -> Mapping[str, Verb]:
    """Every public method of `protocol`, those that it inherits included."""
    names = (name for name, _ in inspect.getmembers(protocol, inspect.isfunction) if not name.startswith("_"))
    return {name: Verb(name, protocol) for name in names if name not in _NOT_A_VERB}


VIEWS: Final = verbs_of(Views)
DESK: Final = verbs_of(Desk)
