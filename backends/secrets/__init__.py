"""From where a secret is kept to the secret: the system's keyring, a variable of the environment, or a command.

Every secret that is found is remembered for redaction before anybody has it. No error repeats one; each says what to
do. Nothing is cached: who holds a connection holds its secret, nobody else.
"""

from __future__ import annotations

import os
from typing import Protocol

from backends.api import FaultKind, SourceError
from backends.redaction import remember

OTHER_WAYS = 'write secret = "env:NAME" or secret = "command:pass show …" for this source instead'


class Reference(Protocol):
    """Where a secret is kept; `config.schema.SecretRef` is one."""

    @property
    def kind(self) -> str:
        """keyring, env, command."""
        ...

    @property
    def value(self) -> str: ...


def trouble(sentence: str) -> SourceError:
    return SourceError(FaultKind.SECRET, sentence)


async def resolve(ref: Reference, source: str) -> str:
    """The secret of `source`. Raises `SourceError(SECRET)`."""
    if ref.kind == "env":
        value = _from_environment(ref.value)
    elif ref.kind == "command":
        from backends.secrets.command import output_of  # noqa: PLC0415 - only for those who use it

        value = await output_of(ref.value)
    elif ref.kind == "keyring":
        from backends.secrets.keyrings import fetch  # noqa: PLC0415 - keyring is heavy

        value = await fetch(source)
    else:
        raise trouble(f'A secret cannot be kept in "{ref.kind}": use "keyring", "env:NAME" or "command:…".')
    remember(value)
    return value


async def store(source: str, value: str) -> None:
    """Put the secret of `source` into the keyring, and make sure that it is there. Raises `SourceError(SECRET)`."""
    from backends.secrets.keyrings import keep  # noqa: PLC0415 - keyring is heavy

    remember(value)
    if not value:
        raise trouble("An empty secret is not stored.")
    await keep(source, value)


async def delete(source: str) -> None:
    """Take the secret of `source` out of the keyring; that there is none is no error. Raises `SourceError(SECRET)`."""
    from backends.secrets.keyrings import forget  # noqa: PLC0415 - keyring is heavy

    await forget(source)


def keyring_trouble() -> str:
    """Why the keyring cannot be used here, in a sentence with the remedy; empty when it can. Blocks up to 5 s."""
    from backends.secrets.keyrings import probe  # noqa: PLC0415 - keyring is heavy

    try:
        probe()
    except SourceError as error:
        return error.sentence
    return ""


def _from_environment(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise trouble(
            f"The variable {name} is not set in the environment of the rounds engine: set it before the engine is "
            "started, or name another place for this secret."
        )
    return value
