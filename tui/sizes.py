"""Where the screen folds and where it gives up, for all who draw it. Loads nothing."""

from __future__ import annotations

from typing import Final

NARROW: Final = 100
"""Below this the clients fold away."""

ROOMY: Final = 200
"""From this on there is room for long names of clients beside the list."""

SMALLEST: Final = (60, 15)
"""Below this only a notice is shown."""


def beside(width: int) -> int:
    """Columns beside the list, in which the clients stand; as in `styles/fleet.tcss`."""
    return 0 if width < NARROW else 30 if width < ROOMY else 44
