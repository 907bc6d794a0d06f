"""A kind of trouble, to be laid upon a machine and a time."""

from __future__ import annotations

from msgspec import Struct

from backends.adapters.demo.machines import Machine
from backends.adapters.demo.trouble import Trouble


class Recipe(Struct, frozen=True, kw_only=True):
    kinds: tuple[str, ...]
    trouble: Trouble
    unix: bool = False
    """Only where scripts can run."""
    lasts: tuple[float, float] = (600.0, 2400.0)
    """Seconds until it goes away by itself when the story makes it come and go."""

    between: tuple[float, float] | None = None
    """Where its value begins, drawn for each machine; None leaves the trouble's own."""

    def fits(self, machine: Machine) -> bool:
        return machine.kind in self.kinds and (machine.unix or not self.unix)
