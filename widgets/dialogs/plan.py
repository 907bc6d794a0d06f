"""The plan of a fix, to be agreed to: what runs where, what it touches, and what to type when it cannot be undone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from widgets.card_view import CardView
from widgets.dialogs.dialog import CANCEL, DEAD_S, Dialog
from widgets.present.plan import PlanText
from widgets.present.row import SafeText


class PlanDialog(Dialog[str]):
    """Answers with what was typed, empty when nothing had to be; a refused plan can only be left."""

    def __init__(
        self, plan: PlanText, now: Callable[[], datetime], *, boot_s: Callable[[], float], dead_s: float = DEAD_S
    ) -> None:
        accept = SafeText("") if plan.refused else plan.accept
        cancel = SafeText("Close") if plan.refused else CANCEL
        super().__init__(plan.title, accept, boot_s=boot_s, dead_s=dead_s, cancel=cancel)
        self.plan, self._now = plan, now

    def body(self) -> Iterable[Widget]:
        view = CardView(self._now, id="plan-card")
        view.show(self.plan.card)
        yield view
        if self.plan.type_name and not self.plan.refused:
            yield Static(Content(f"Type {self.plan.type_name} to go on:"), classes="dialog-label", markup=False)
            yield Input(id="typed", compact=True)

    def answer(self) -> str | None:
        if not self.plan.type_name:
            return ""
        typed = self.query_one("#typed", Input).value.strip()
        if typed != self.plan.type_name:
            self.complain(SafeText(f"That is not {self.plan.type_name}."))
            return None
        return typed

    @on(Input.Submitted)
    def _on_submitted(self) -> None:
        self.accept()
