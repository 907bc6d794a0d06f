"""What a verb acts on: a snapshot of what was highlighted when its key was pressed, and nothing that came after."""

from __future__ import annotations

from msgspec import Struct

from backends.fleet.model import Can, ClientId, DeviceId, Issue, SafeText, SiteId, SourceName
from backends.fleet.run import Offer, Run
from tui.place import Noun


class Aim(Struct, frozen=True, kw_only=True):
    """The row under the cursor at one moment."""

    noun: Noun
    key: str
    issue: Issue | None = None
    device: DeviceId | None = None
    name: SafeText = SafeText("")
    client: ClientId | None = None
    site: SiteId | None = None
    source: SourceName | None = None
    run: Run | None = None
    can: tuple[Can, ...] = ()
    """What a source of the issue's evidence can do about it."""
    offers: tuple[Offer, ...] = ()
    """The fixes with the numbers that stood beside them."""
