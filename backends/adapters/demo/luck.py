"""Chance that is the same for everyone who asks with the same words: a sub-stream of the seed for each question.

Asking one more question never changes the answer to another, which is why adding a machine leaves the
others as they are.
"""

from __future__ import annotations

import hashlib
import random
import zlib
from collections.abc import Sequence
from typing import TypeVar

Thing = TypeVar("Thing")


def number(*words: object) -> int:
    """64 well mixed bits."""
    text = "/".join(map(str, words)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")


def letters(length: int, *words: object) -> str:
    """Lower-case hexadecimal digits, at most 64."""
    text = "/".join(map(str, words)).encode()
    return hashlib.blake2b(text, digest_size=32).hexdigest()[:length]


def fraction(*words: object) -> float:
    """In [0, 1)."""
    return number(*words) / 2**64


def quick(text: str) -> float:
    """In [0, 1); cheaper and rougher than `fraction`, for values that are drawn by the hundred thousand."""
    return (zlib.crc32(text.encode()) * 2654435761 % 2**32) / 2**32


def choose(things: Sequence[Thing], *words: object) -> Thing:
    return things[number(*words) % len(things)]


def stream(*words: object) -> random.Random:
    """A generator of its own; its methods give the same numbers on every platform and Python."""
    return random.Random(number(*words))  # noqa: S311 - an imaginary fleet needs no secrets
