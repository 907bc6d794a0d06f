"""`rounds shell DEVICE`: the technician's terminal on a device, put on record."""

from __future__ import annotations

import asyncio
import os
import sys

import click

from backends.config.schema import Profile
from backends.desk.protocol import DeskError, DeskErrorKind
from backends.fleet.model import DeviceId
from backends.fleet.run import ShellCommand
from tui.child import environment
from tui.cli.context import attached, find_device, technician


@click.command()
@click.argument("device")
@click.pass_obj
def shell(profile: Profile, device: str) -> None:
    """Open a shell on DEVICE (its id, or a name that only one device has)."""
    if not sys.stdin.isatty():
        raise DeskError(DeskErrorKind.WRONG_USE, "A shell needs a terminal.")

    async def asked() -> ShellCommand:
        async with attached(profile) as desk:
            found: DeviceId = (await find_device(desk, device)).id
            return await desk.shell(found, technician(profile))

    command = asyncio.run(asked())
    click.echo(command.title, err=True)
    os.execvpe(command.argv[0], command.argv, environment())  # noqa: S606 - the argv is built by the adapter, without a shell
