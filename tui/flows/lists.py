"""What a list is asked for beside moving in it: another order, a row in full, a copy."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from backends.fleet.model import SafeText
from tui.flows.stage import Stage
from widgets.dialogs.menu import Menu
from widgets.dialogs.reading import Reading
from widgets.present.card import Card
from widgets.present.row import Column, Row, Tone, plain
from widgets.present.sorting import Sort

MENU_COLUMNS = (
    Column(name=SafeText(""), width=1),
    Column(name=SafeText("Order"), width=20, grow=1),
    Column(name=SafeText(""), width=12),
)


async def choose_order(
    stage: Stage, columns: Sequence[Column], now: Sort | None, take: Callable[[SafeText], None]
) -> None:
    """Ask by which column; `take` is told its name, or an empty one for the list's own order."""
    rows = [_order_row(0, SafeText("its own order"), now is None)]
    names = [column.name for column in columns if column.name]
    rows += [_order_row(number, name, now is not None and now.column == name) for number, name in enumerate(names, 1)]
    menu = Menu(SafeText("Sort by"), MENU_COLUMNS, rows, boot_s=stage.boot_s, dead_s=0.0)
    chosen = await stage.ask(menu)
    if chosen is not None:
        take(names[int(chosen) - 1] if chosen != "0" else SafeText(""))


def _order_row(number: int, name: SafeText, chosen: bool) -> Row:
    word = "again turns it round" if chosen and number else ""
    return Row(
        key=str(number),
        cells=(
            plain(str(number) if number < 10 else "", Tone.ACCENT),
            plain(name, Tone.STRONG if chosen else Tone.PLAIN),
            plain(word, Tone.DIM),
        ),
    )


async def read_row(stage: Stage, card: Card) -> None:
    """Show all of it until the technician leaves."""
    await stage.ask(Reading(SafeText("The whole row"), card, stage.now, boot_s=stage.boot_s))
