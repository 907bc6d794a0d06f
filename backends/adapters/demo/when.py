"""Which moment of the story it is, and when the story began.

Without an `epoch` in the options the first source to be polled begins the story and leaves a note for the others and
for the next start: a story that somebody watched within the last ten minutes goes on, an older one begins anew.
"""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from backends.adapters.demo.moment import Moment
from backends.adapters.demo.options import DemoSettings
from backends.api import SourceSettings, Timing
from backends.private import make_folder, write_file

STORY_FILE: Final = "demo-story.json"
_GOES_ON: Final = timedelta(minutes=10)
_NOTE_EVERY: Final = timedelta(seconds=60)


class Note(Struct, frozen=True, kw_only=True):
    """What `demo-story.json` says."""

    fleet: tuple[int, int, int]
    speed: float
    epoch: datetime
    watched: datetime


class Calendar:
    """Turns the engine's time into the story's."""

    def __init__(self, settings: SourceSettings, options: DemoSettings) -> None:
        self._timing: Timing = settings.timing
        self._options = options
        self._path: Path = settings.state_dir / STORY_FILE
        self._epoch = options.epoch or _hour_of(options.at)
        self._shift: timedelta | None = None
        """From the moment at which the story stands still to the one at which it was opened: ages are right whatever
        the engine's clock says."""
        self._noted = datetime.min.replace(tzinfo=UTC)

    def moment(self) -> Moment:
        now = self._timing.now()
        epoch = self._epoch
        if epoch is None:
            epoch = self._epoch = self._left_off(now) or now
        if self._options.epoch is None and self._options.at is None and now - self._noted >= _NOTE_EVERY:
            self._leave_note(epoch, now)
        stands = self._options.at or now
        elapsed = (stands - epoch).total_seconds()
        if self._shift is None:
            self._shift = now - self._options.at if self._options.at else timedelta(0)
        return Moment(
            now=now,
            t=elapsed * self._options.speed,
            epoch=epoch + self._shift,
            began=epoch,
            speed=self._options.speed,
        )

    def _left_off(self, now: datetime) -> datetime | None:
        note = self._note()
        return note.epoch if note and note.epoch <= now and now - note.watched < _GOES_ON else None

    def _note(self) -> Note | None:
        """The last note about this very story."""
        try:
            note = msgspec.json.decode(self._path.read_bytes(), type=Note)
        except (OSError, msgspec.DecodeError):
            return None
        return note if note.fleet == self._options.fleet and note.speed == self._options.speed else None

    def _leave_note(self, epoch: datetime, now: datetime) -> None:
        self._noted = now
        before = self._note()
        if before is not None and before.epoch == epoch and now - before.watched < _NOTE_EVERY:
            return  # another source was here a moment ago
        note = Note(fleet=self._options.fleet, speed=self._options.speed, epoch=epoch, watched=now)
        with contextlib.suppress(OSError):  # on a full disk the story goes on; the next start begins it anew
            make_folder(self._path.parent)
            write_file(self._path, msgspec.json.encode(note))


def _hour_of(at: datetime | None) -> datetime | None:
    """A story that stands still began with the hour."""
    return at.replace(minute=0, second=0, microsecond=0) if at is not None else None
