"""`rounds probe TARGET`: a device looked at from here, as `p` does on the screen."""

from __future__ import annotations

from typing import Final

import click

from backends.config.schema import Profile
from backends.desk.protocol import Desk, DeskError, DeskErrorKind
from backends.fleet.model import Device
from backends.fleet.opinion import Opinion, Seen, Verdict, ms_text
from backends.text import safe
from tui.cli import items
from tui.cli.context import ask, find_device, json_option

STATUS: Final = {Verdict.ANSWERS: 0, Verdict.REFUSES: 1, Verdict.SILENT: 2, Verdict.UNTRIED: 3}
"""The exit status."""


@click.command()
@click.argument("target")
@json_option
@click.pass_context
def probe(ctx: click.Context, target: str, *, as_json: bool) -> None:
    """Look at TARGET from here: a device's id, its name, or its address, when only one device has it.

    Pings its own known address, tries the TCP ports that such a device has, asks for its name. The exit status: 0 it
    answers, 1 it refuses, 2 nothing answers, 3 it could not be tried.
    """
    profile: Profile = ctx.obj

    async def asked(desk: Desk) -> tuple[Device, Opinion]:
        device = await _device(desk, target)
        return device, await desk.second_opinion(device.id)

    device, opinion = ask(profile, asked)
    if as_json:
        click.echo(items.dump({"schema": items.SCHEMA, **items.opinion_item(device, opinion)}))
    else:
        click.echo(f"{safe(device.name)}: {opinion.sentence}")
        if opinion.careful:
            click.echo(f"  {opinion.careful}")
        for one in opinion.looks:
            took = f" in {ms_text(one.ms)}" if one.ms is not None and one.seen is Seen.ANSWERED else ""
            word = "" if one.seen is Seen.SAID else f" {one.seen.value}"
            click.echo(f"  {one.what}{word}{took}{f' {one.sentence}' if one.sentence else ''}")
    ctx.exit(STATUS[opinion.verdict])


async def _device(desk: Desk, target: str) -> Device:
    """Raises `DeskError(NOT_FOUND)`."""
    try:
        return await find_device(desk, target)
    except DeskError as error:
        there = [device for device in await desk.devices() if device.address == target]
        if error.kind is not DeskErrorKind.NOT_FOUND or not there:
            raise
        if len(there) > 1:
            which = ", ".join(f"{one.id} ({one.client_name}/{one.site_name})" for one in there[:5])
            sentence = f"{len(there)} devices have the address {target}: say which by its id: {which}."
            raise DeskError(DeskErrorKind.NOT_FOUND, sentence) from None
        return there[0]
