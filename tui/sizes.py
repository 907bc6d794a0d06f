"""Where the screen folds and where it gives up, for all who draw it. Loads nothing."""

from __future__ import annotations

from typing import Final

NARROW: Final = 100
"""Below this the clients fold away."""

SMALLEST: Final = (60, 15)
"""Below this only a notice is shown."""
