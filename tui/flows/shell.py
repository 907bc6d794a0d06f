"""Lends the terminal to a shell on the device, and comes back."""

from __future__ import annotations

from backends.desk.protocol import DeskError
from backends.fleet.model import SafeText, safe
from tui.aim import Aim
from tui.flows.stage import Stage, told
from widgets.present.tone import Tone


async def open_shell(stage: Stage, aim: Aim) -> None:
    if aim.device is None:
        stage.say(SafeText("There is no device here to open a shell on."), Tone.WARNING)
        return
    try:
        command = await stage.desk.shell(aim.device, stage.by)
    except DeskError as error:
        told(stage, error)
        return
    with stage.suspended():
        try:  # in here: whoever leaves the lent terminal by an error is never given it back
            status, problem = stage.run_program(command.argv), ""
        except (OSError, ValueError) as error:
            status, problem = -1, str(getattr(error, "strerror", None) or error)
    if problem:
        stage.say(safe(f"{command.argv[0]!a} could not be started: {problem}."), Tone.CRITICAL)
        return
    tone = Tone.STRONG if status == 0 else Tone.WARNING
    ended = "" if status == 0 else f" with status {status}"
    stage.say(SafeText(f"Back from {command.title}, which ended{ended}."), tone)
