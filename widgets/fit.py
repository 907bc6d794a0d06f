"""Text fitted into terminal columns."""

from __future__ import annotations

from rich.cells import cell_len


def cut(text: str, width: int) -> str:
    """`text` in at most `width` columns, ending in an ellipsis where something is missing."""
    if len(text) <= width and text.isascii():
        return text
    if cell_len(text) <= width:
        return text
    used, kept = 0, 0
    for char in text:
        used += cell_len(char)
        if used > width - 1:
            break
        kept += 1
    return text[:kept] + "…" if width > 0 else ""


def padded(text: str, width: int, *, right: bool = False) -> str:
    """`text` in exactly `width` columns."""
    shown = cut(text, width)
    gap = " " * (width - cell_len(shown))
    return gap + shown if right else shown + gap
