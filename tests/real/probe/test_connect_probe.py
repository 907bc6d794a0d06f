"""`rounds connect probe` with keys in a terminal, from an empty HOME, against this machine."""

from __future__ import annotations

import pytest

from tests.support.dialogue import Dialogue
from tests.support.office import Office

pytestmark = pytest.mark.real


def test_past_what_is_no_target_to_targets_that_answer(office: Office) -> None:
    """It asks for no secret and shows nobody a certificate: whom it does not trust is a finding of its checks."""
    with office.screen("connect", "probe", size=(160, 60)) as terminal:
        dialogue = Dialogue(terminal)
        dialogue.answer("Addresses to ping", "fw=127.0.0.1 no/address")
        dialogue.sees("“no/address” is no target: write 10.0.0.1, or fw=10.0.0.1.")
        dialogue.answer("Addresses to ping", "fw=127.0.0.1 127.0.0.2 fw=127.0.0.3")
        dialogue.sees("“fw=127.0.0.3” is there twice; its address and its name are ids.")
        dialogue.answer("Addresses to ping", "fw=127.0.0.1 127.0.0.2")
        dialogue.sees("The account may ping.")
        dialogue.sees("It shows 2 devices")
        dialogue.left_and_written("probe")
    assert {one["name"] for one in office.items("devices")} == {"fw", "127.0.0.2"}
    assert [one["state"] for one in office.items("sources")] == ["fresh"]
