"""What to do next when nothing but this machine is watched."""

from __future__ import annotations

from backends.fleet.changes import Picture
from widgets.present.row import Cell, Tone, plain


def first_steps(picture: Picture) -> tuple[Cell, ...]:
    """Empty as soon as there is a source beyond this machine."""
    kinds = {source.kind for source in picture.sources.values()}
    if kinds != {"local"}:
        return ()
    return (
        plain("Only this machine so far: ", Tone.DIM),
        plain("rounds connect ssh", Tone.ACCENT),
        plain(" adds a site ", Tone.DIM),
    )
