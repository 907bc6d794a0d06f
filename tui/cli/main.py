"""`rounds` and its commands: options, exit statuses, and one sentence for whatever goes wrong."""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import sys
from collections.abc import Sequence
from typing import Final

import click

from backends.config.schema import DemoOptions, Profile
from tui.cli.failure import BAD_INPUT, failure_of
from tui.cli.link import low_bandwidth_option, spare
from tui.cli.table import COMMANDS

_PROFILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class LazyGroup(click.Group):
    """Knows its commands by name and imports one only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(COMMANDS[cmd_name][0]), cmd_name)
        assert isinstance(command, click.Command)  # noqa: S101 - a slip in the table above
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in sorted(COMMANDS.items())])


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Without a command: opens the screen on the configured sources; with none, on this machine.",
)
@click.option("--demo", is_flag=True, help="On the demo fleet.")
@click.option("--config", "config_file", type=click.Path(dir_okay=False), default="", help="Another configuration.")
@click.option(
    "--profile", "profile_name", default="default", show_default=True, help="Another profile, with its own state."
)
@low_bandwidth_option
@click.option("--version", is_flag=True, help="Print the version.")
@click.pass_context
def cli(
    ctx: click.Context, *, demo: bool, config_file: str, profile_name: str, low_bandwidth: bool, version: bool
) -> None:
    """The terminal in which a technician makes the rounds of every client site."""
    if version:
        from backends import __version__  # noqa: PLC0415

        click.echo(f"rounds {__version__}")
        ctx.exit(0)
    if not _PROFILE_NAME.fullmatch(profile_name):
        raise click.UsageError("A profile's name has letters, digits, dots, - and _ only, and no sign in front.")
    ctx.obj = Profile(name=profile_name, config=config_file, demo=DemoOptions() if demo else None)
    spare(ctx, low_bandwidth)
    if ctx.invoked_subcommand is None:
        from tui.cli.screens import open_screen  # noqa: PLC0415

        ctx.exit(open_screen(ctx.obj, low_bandwidth=low_bandwidth))


def run(argv: Sequence[str]) -> int:
    """Run one command. Returns its exit status; standard output is data, standard error is talk."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    try:
        code = cli.main(args=list(argv), prog_name="rounds", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        return _say(_say_which(error), BAD_INPUT)
    except click.UsageError as error:
        return _say(f"{error.format_message().rstrip('.')}. Try `rounds {_command_path(error)}--help`.", BAD_INPUT)
    except click.ClickException as error:
        return _say(error.format_message(), BAD_INPUT)
    except (click.Abort, KeyboardInterrupt):
        return _say("Stopped.", 130)
    except BrokenPipeError:
        # The reader went away: nothing is wrong, and nothing more can be said on that stream.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - the last place where a traceback can be kept from a technician
        sentence, status = failure_of(error)
        return _say(sentence, status)
    return code if isinstance(code, int) else 0


def _command_path(error: click.UsageError) -> str:
    path = error.ctx.command_path.split()[1:] if error.ctx is not None else []
    return " ".join([*path, ""]) if path else ""


def _say_which(error: click.exceptions.NoArgsIsHelpError) -> str:
    """For a group of commands that was called without one of them."""
    ctx = error.ctx
    assert isinstance(ctx.command, click.Group)  # noqa: S101 - only groups ask for a command
    *names, last = sorted(ctx.command.list_commands(ctx))
    which = f"{', '.join(names)} or {last}" if names else last
    return f"Say which of them: {which}. Try `rounds {_command_path(error)}--help`."


def _say(sentence: str, status: int) -> int:
    """What was typed, or what somebody else's code says, may be part of the sentence: no secret, nothing to obey."""
    from backends.redaction import redacted  # noqa: PLC0415 - most commands never fail
    from backends.text import safe_lines  # noqa: PLC0415

    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"rounds: {safe_lines(redacted(sentence))}\n")
    return status
