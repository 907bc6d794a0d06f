"""What every question has in common: it can always be left, and cannot be answered by keys that were meant for before.

An answer counts only when one frame of the question has been painted and half a second has gone by since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar, Final, Generic, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from widgets.overlay import Overlay
from widgets.present.row import SafeText

CANCEL: Final = SafeText("Cancel")
DEAD_S: Final = 0.5
"""How long a question that has just been painted takes no answer."""

AROUND: Final = 10
"""Lines of the screen that the body leaves: frame, title, complaint, buttons, and a line above and below."""

_LINES: Final = {"up": -1, "down": 1, "pageup": -8, "pagedown": 8}

Answer = TypeVar("Answer")


class Dialog(Overlay[Answer | None], Generic[Answer], inherit_bindings=True):
    """Dismisses with the answer, or with None when it was left."""

    KEYS: ClassVar[str] = "Tab chooses · Enter presses · Esc leaves"
    """What the frame says of the keys that work here."""
    BINDINGS: ClassVar = [("left", "app.focus_previous"), ("right", "app.focus_next")]
    DEFAULT_CSS = """
    Dialog { align: center middle; }
    Dialog #dialog { width: 90%; max-width: 100; height: auto; padding: 0 1; }
    Dialog #dialog-body { height: auto; scrollbar-size-vertical: 1; }
    Dialog #dialog-buttons { height: 1; margin-top: 1; }
    Dialog Button { margin-right: 2; }
    """

    def __init__(
        self,
        title: SafeText,
        accept: SafeText,
        *,
        boot_s: Callable[[], float],
        dead_s: float = DEAD_S,
        cancel: SafeText = CANCEL,
    ) -> None:
        super().__init__()
        self._heading, self._accept_word, self._cancel_word = title, accept, cancel
        self._boot_s, self._dead_s = boot_s, dead_s
        self._painted: float | None = None

    def body(self) -> Iterable[Widget]:
        """What stands between the title and the buttons."""
        return ()

    def answer(self) -> Answer | None:
        """The answer as it stands; None when it is not one yet (then `complain` says why)."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as frame:
            frame.border_subtitle = Content(self.KEYS)
            yield Static(Content(self._heading), id="dialog-title", markup=False)
            with VerticalScroll(id="dialog-body", can_focus=False):
                yield from self.body()
            yield Static("", id="dialog-complaint", markup=False)
            with Horizontal(id="dialog-buttons"):
                yield _button(self._cancel_word, "cancel")
                if self._accept_word:
                    yield _button(self._accept_word, "accept")

    def on_mount(self) -> None:
        self.first_focus().focus()
        self.call_after_refresh(self._mark_painted)

    def first_focus(self) -> Widget:
        return self.query_one("#cancel", Button)

    @property
    def armed(self) -> bool:
        """Whether an answer counts by now."""
        return self._painted is not None and self._boot_s() - self._painted >= self._dead_s

    def complain(self, sentence: SafeText) -> None:
        self.query_one("#dialog-complaint", Static).update(Content(sentence))

    def accept(self) -> None:
        """Take the answer, if it is one and the time has come."""
        if not self.armed or not self.is_current:
            return
        answer = self.answer()
        if answer is not None:
            self.dismiss(answer)

    def on_key(self, event: events.Key) -> None:
        if event.key in ("escape", "ctrl+c"):
            event.stop()
            self.leave()
        elif event.key in _LINES:
            event.stop()
            self._body.scroll_relative(y=_LINES[event.key], animate=False)

    def on_resize(self, event: events.Resize) -> None:
        """What is longer than the screen scrolls; the buttons are always in sight."""
        self._body.styles.max_height = max(1, event.size.height - AROUND)

    @property
    def _body(self) -> VerticalScroll:
        return self.query_one("#dialog-body", VerticalScroll)

    def leave(self) -> None:
        self.dismiss(None)

    @on(Button.Pressed, "#cancel")
    def _on_cancel(self) -> None:
        self.leave()

    @on(Button.Pressed, "#accept")
    def _on_accept(self) -> None:
        self.accept()

    def _mark_painted(self) -> None:
        self._painted = self._boot_s()


def _button(word: SafeText, name: str) -> Button:
    button = Button(Content(word), id=name, compact=True)
    button.active_effect_duration = 0  # it would swallow the key that follows, and the painting costs
    return button
