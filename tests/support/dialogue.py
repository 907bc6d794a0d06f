"""A dialogue on the command line, answered with keys in a real terminal."""

from __future__ import annotations

import re

from tests.support.certificates import in_pairs
from tests.support.terminal import Terminal


class Dialogue:
    """Each question is waited for, and looked for only below the one before."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self._seen = 0

    def sees(self, text: str) -> None:
        """Wait until it is written, as it stands."""
        wanted = text.encode()
        self.terminal.until_true(lambda: wanted in self.terminal.raw[self._seen :], repr(text))
        self._seen = self.terminal.raw.index(wanted, self._seen) + len(wanted)

    def answer(self, question: str, text: str = "") -> None:
        """Answer the question that begins so; empty is Enter alone."""
        self.sees(question)
        self.terminal.until_true(self._waits, f"the end of {question!r}")
        self.terminal.type(*([text] if text else []), "enter")

    def placed_and_written(self, name: str) -> None:
        """The first way to place the devices, no tables for clients, and yes."""
        self.answer("Place them [")
        self.answer("Place them so?")
        self.answer(f"Name of the source [{name}]")
        self.sees("A client needs no table")
        self.answer("Add a table for")
        self.answer("Write it?", "y")
        assert self.terminal.until_ended() == 0, self.terminal.text
        self.sees(f"Added source {name}")

    def vouches_for(self, fingerprint: str) -> None:
        """The certificate that signed itself is shown, and taken for the server's."""
        self.sees("Nobody who is known here vouches for this server")
        self.sees(in_pairs(fingerprint))
        self.sees("issuer   itself")
        self.answer("told you?", "y")

    def given_to(self, client: str, name: str) -> None:
        """Everything belongs to one client, whose table is written too, and yes."""
        self.answer("Place them [", "1")
        self.answer("Client", client)
        self.answer("Site [HQ]")
        self.answer("Place them so?")
        self.answer(f"Name of the source [{name}]")
        self.answer("Write it?", "y")
        assert self.terminal.until_ended() == 0, self.terminal.text
        self.sees(f"Added source {name}")

    def _waits(self) -> bool:
        return re.search(rb": $", bytes(self.terminal.raw[self._seen :])) is not None
