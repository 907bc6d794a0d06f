"""The environment that a wall starts in: what could put other code into it is refused, what it could lead to removed.

A wall may be started by somebody else than who owns it. Variables for the interpreter and the dynamic loader have acted
before the first line of ours, so that nothing is left but to refuse.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from tui.app import clean_environment
from tui.terminal import Sight

_LOADERS: Final = ("PYTHON", "LD_", "DYLD_")
_HARMLESS: Final = frozenset(
    {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PYTHONUTF8", "PYTHONIOENCODING", "PYTHONHASHSEED"}
    | {"PYTHONCOERCECLOCALE", "PYTHONNOUSERSITE", "PYTHONSAFEPATH"}
)
"""These of the interpreter's can neither load nor run anything."""

_LEAD_ELSEWHERE: Final = frozenset(
    {"PAGER", "EDITOR", "VISUAL", "BROWSER", "LESSOPEN", "LESSCLOSE", "BASH_ENV", "ENV", "SSH_ORIGINAL_COMMAND"}
)
_KEYRING: Final = "KEYRING_"


def hostile(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Variables that could have put other code into this process, by name."""
    return sorted(
        name for name, value in environment.items() if value and name.startswith(_LOADERS) and name not in _HARMLESS
    )


def scrub(sight: Sight = Sight()) -> None:  # noqa: B008 - frozen
    """Remove what neither the wall nor an engine that it starts is to obey; to be called before Textual is imported."""
    for name in tuple(os.environ):
        if name in _LEAD_ELSEWHERE or name.startswith(_KEYRING):
            del os.environ[name]
    clean_environment(sight)
