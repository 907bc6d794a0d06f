"""`rounds connect KIND` for every kind that is asked for an address and a secret. No kind is loaded before it is
called by its name.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import click
import tomli

from backends.config.paths import places, secure
from backends.config.schema import Profile
from tui.cli.asks import Prompts

_SECRET: Final = re.compile(r"keyring|env:[A-Za-z_][A-Za-z0-9_]*|command:.*\S.*")
_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_TYPED: Final = re.compile(r'true|false|[+-]?[0-9][0-9_]*|[\[{"\'].*')
"""What is read as TOML where no question asks for a text."""


class ConnectKind(click.Command):
    """Its help ends with what that kind asks for."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        from backends.bootstrap.connecting import kind_of  # noqa: PLC0415 - only to be read

        kind = kind_of(str(self.name))
        with formatter.section("What it asks for"):
            rows = [(f"--set {question.key}=…", question.text) for question in kind.questions]
            if kind.access is not None:
                rows.append(("--secret …", f"{kind.access.text}. {kind.access.hint}".rstrip()))
            formatter.write_dl(rows or [("nothing", "")])


def command_of(name: str) -> click.Command:
    """The command that connects a source of that kind."""

    @click.pass_obj
    def call(profile: Profile, /, **given: Any) -> None:
        _connect(profile, name, **given)

    return ConnectKind(
        name,
        callback=call,
        params=_options(),
        help=f"Add a source of the kind {name}: it is tried, and shown, before anything is written.",
        short_help=f"Add a source of the kind {name}.",
    )


def _options() -> list[click.Parameter]:
    return [
        click.Option(["--url"], default="", help="The address, for kinds that ask for one."),
        click.Option(["--set"], multiple=True, metavar="KEY=VALUE", help="Any option of its table. May be repeated."),
        click.Option(["--secret"], default="", help='Where the secret is kept: keyring, env:NAME or "command:…".'),
        click.Option(
            ["--place"],
            default="",
            metavar="N|none|TOML",
            help="How devices are placed: a number of the list, or a rule.",
        ),
        click.Option(["--client"], default="", help="The client of whatever no rule places."),
        click.Option(["--site"], default="", help="The site of it."),
        click.Option(["--name"], default="", help="The source's name in the configuration."),
        click.Option(["--clients"], is_flag=True, help="Write a table for each client that has none."),
        click.Option(["--yes"], is_flag=True, help="Write it without asking once more. Never trusts a certificate."),
    ]


def _connect(profile: Profile, name: str, /, *, secret: str, yes: bool, clients: bool, **given: Any) -> None:
    from backends.bootstrap.connecting import kind_of  # noqa: PLC0415 - the command line is there before
    from tui.cli.connect_flow import connect  # noqa: PLC0415
    from tui.cli.connect_meet import Meeting  # noqa: PLC0415
    from tui.cli.connect_place import Wish  # noqa: PLC0415

    if secret and not _SECRET.fullmatch(secret):
        raise click.UsageError(
            '--secret says where it is kept, and is not the secret: keyring, env:NAME or "command:…"'
        )
    secure(places(profile))
    kind = kind_of(name)
    asked = {question.key for question in kind.questions}
    answers, options = _settings(given["set"], asked)
    if given["url"]:
        answers["url"] = given["url"]
        if "url" not in asked:
            raise click.UsageError(
                f"A {name} source asks for no url; it asks for {', '.join(sorted(asked)) or 'nothing'}"
            )
    answers |= {"name": given["name"], "clients": "yes" if clients else ""}
    prompts = Prompts(answers, yes=yes)
    wish = Wish(place=given["place"], client=given["client"], site=given["site"])
    asyncio.run(connect(prompts, profile, Meeting(prompts, profile, kind, options, secret), wish))


def _settings(words: Sequence[str], asked: set[str]) -> tuple[dict[str, str], Mapping[str, Any]]:
    """Answers to questions, which are texts, and other options, which may be anything that TOML has."""
    from backends.config.telltale import secret_in  # noqa: PLC0415 - only where something is set

    answers: dict[str, str] = {}
    options: dict[str, Any] = {}
    for word in words:
        key, sign, value = word.partition("=")
        key = key.strip()
        if not sign or not _KEY.fullmatch(key):
            raise click.UsageError("--set wants KEY=VALUE, as in --set ca_file=/etc/ssl/ours.pem")
        if key in asked:
            answers[key] = value
        else:
            options[key] = _value(key, value)
    if any(secret_in({**answers, **options})):
        raise click.UsageError("--set is for no secret: it would be in the configuration. Use --secret for it")
    return answers, options


def _value(key: str, text: str) -> Any:
    if not _TYPED.fullmatch(text):
        return text
    try:
        return tomli.loads(f"v = {text}")["v"]
    except (tomli.TOMLDecodeError, ValueError, RecursionError):
        raise click.UsageError(f"--set {key}: this is not TOML; a text needs no quotes") from None
