"""The last guard below every widget: no control, bidi or surrogate character leaves for the terminal.

Text is made safe where it comes in; this catches what a mistake of ours lets through.
"""

from __future__ import annotations

import re
from typing import Final

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_FORBIDDEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
"""Of all these only harmless widths are known to Rich, so that dropping them moves no column."""


class TextGuard(LineFilter):
    """Drops them from every segment, and keeps no segment that would be sent as a control sequence."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - the filter's shape
        if not any(segment.control or _FORBIDDEN.search(segment.text) for segment in segments):
            return segments
        return [Segment(_FORBIDDEN.sub("", text), style) for text, style, control in segments if not control]
