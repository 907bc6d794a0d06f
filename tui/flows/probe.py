"""A second opinion: the device looked at from here, said in a sentence, and on its card from then on."""

from __future__ import annotations

from collections.abc import Callable

from backends.desk.protocol import DeskError
from backends.fleet.model import SafeText, safe
from tui.aim import Aim
from tui.flows.stage import Stage, told
from widgets.present.opinion import VERDICT_TONE
from widgets.present.tone import Tone


async def second_opinion(stage: Stage, aim: Aim, look_again: Callable[[], None]) -> None:
    """`look_again` has the card shown with what came of it."""
    if aim.device is None:
        stage.say(SafeText("There is no device here to look at."), Tone.WARNING)
        return
    name = aim.name or safe(aim.device)
    stage.say(SafeText(f"Looking at {name} from here …"), Tone.DIM)
    try:
        opinion = await stage.desk.second_opinion(aim.device)
    except DeskError as error:
        told(stage, error)
        return
    stage.say(SafeText(f"{name}: {opinion.sentence}"), VERDICT_TONE[opinion.verdict])
    look_again()
