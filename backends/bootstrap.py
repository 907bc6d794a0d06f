"""The composition root: from a `Profile` to a `Desk`, and the engine process's main. The only place that picks
implementations; everything heavy is imported inside the function that needs it, so that a front end stays light.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backends.config.schema import Config, Profile
    from backends.desk.protocol import Desk, Views
    from backends.fleet.changes import Picture

FIRST_ROUND_S = 20.0
"""How long a one-shot command waits for sources that have not answered yet."""


def load_config(profile: Profile) -> Config:
    """The profile's configuration; defaults (this machine alone) where there is no file. Raises `ConfigError`."""
    raise NotImplementedError


def state_folder(profile: Profile) -> Path:
    """Where the profile keeps its store, audit, socket and lock. A demo has one for each set of its options."""
    raise NotImplementedError


def last_picture(profile: Profile) -> Picture | None:
    """What was last known, from the store, without an engine: every source stale. None when there is nothing."""
    raise NotImplementedError


async def connect(profile: Profile, *, views_only: bool = False) -> Desk | None:
    """A desk at the profile's running engine; None when none runs. With `views_only` the engine refuses every verb
    that changes something. Raises `DeskError(UNAVAILABLE)` when it runs but speaks another version."""
    raise NotImplementedError


async def attach(profile: Profile, *, views_only: bool = False) -> Desk:
    """As `connect`, and starts the engine first when none runs. May be called again after a loss. Raises
    `DeskError(UNAVAILABLE)` with the reason when no engine could be started."""
    raise NotImplementedError


async def open_desk(profile: Profile) -> Desk:
    """A desk in this process that polls for itself and holds the profile's lock; closing it stops everything.
    Raises `DeskError(UNAVAILABLE)` when another process holds the lock."""
    raise NotImplementedError


async def first_round(desk: Views, deadline_s: float = FIRST_ROUND_S) -> Picture:
    """The picture as soon as every source has answered or failed once, at the latest after `deadline_s`."""
    raise NotImplementedError


async def one_shot(profile: Profile, *, views_only: bool = False) -> Desk:
    """For a command that ends soon: the running engine, else a desk in this process; after the first round."""
    raise NotImplementedError


async def serve(profile: Profile, *, stay: bool) -> int:
    """The engine process: polls, serves the socket, ends when nobody looks and nothing runs (with `stay`: on a
    signal only). The exit code: 0 ended in order, 75 another engine of this profile runs."""
    raise NotImplementedError
