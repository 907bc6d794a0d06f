"""A question that is answered in words: a note, a snooze's end and reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct
from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from widgets.dialogs.dialog import DEAD_S, Dialog
from widgets.present.row import SafeText


class Field(Struct, frozen=True, kw_only=True):
    label: SafeText
    value: str = ""
    check: Callable[[str], SafeText]
    """Gives the sentence to complain with; empty when the value will do."""


class Form(Dialog[tuple[str, ...]]):
    """Some fields; Enter goes to the next one, and from the last one accepts."""

    KEYS = "Enter goes on · Esc leaves"

    def __init__(
        self,
        title: SafeText,
        about: SafeText,
        fields: Sequence[Field],
        accept: SafeText,
        *,
        boot_s: Callable[[], float],
        dead_s: float = DEAD_S,
    ) -> None:
        super().__init__(title, accept, boot_s=boot_s, dead_s=dead_s)
        self._about, self._fields = about, tuple(fields)

    def body(self) -> Iterable[Widget]:
        yield Static(Content(self._about), classes="dialog-about", markup=False)
        for number, field in enumerate(self._fields):
            yield Static(Content(field.label), classes="dialog-label", markup=False)
            yield Input(field.value, id=f"field-{number}", compact=True)

    def first_focus(self) -> Widget:
        return self.query_one("#field-0", Input)

    def answer(self) -> tuple[str, ...] | None:
        inputs = [self.query_one(f"#field-{number}", Input) for number in range(len(self._fields))]
        for field, box in zip(self._fields, inputs, strict=True):
            if complaint := field.check(box.value):
                self.complain(complaint)
                box.focus()
                return None
        return tuple(box.value.strip() for box in inputs)

    @on(Input.Submitted)
    def _on_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        number = int((event.input.id or "field-0").rpartition("-")[2])
        if number + 1 < len(self._fields):
            self.query_one(f"#field-{number + 1}", Input).focus()
        else:
            self.accept()
