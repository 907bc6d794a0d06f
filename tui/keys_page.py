"""Writes `docs/keys.md` from the commands themselves: `python -m tui.keys_page > docs/keys.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from backends.fleet.query_fields import ALIASES, FIELDS, MORE_STATES, STATES
from tui.commands.command import Command
from tui.keymap import Keymap
from tui.keynames import key_name
from tui.screens.completion import NOUN_ABOUT
from tui.screens.goto import COMMAND_SHORT, NOUNS, SHORT

HEAD = """# Keys

Made from the commands themselves: change those, then run `python -m tui.keys_page > docs/keys.md`.

No single key does harm: a fix opens its plan, a mark can be taken back. Keys that do not apply where one is do
nothing, and say so. `?` shows the keys that work where one is, with the ones of the configuration.
"""

LINE = """
## The `:` line

It goes anywhere and runs any command. `Tab` and `shift+Tab` try the candidates that stand above the line, `→` at
the end of the line takes one and goes on, `↑` and `↓` walk through what was entered in this session, `Enter` goes,
`Esc` leaves. A line acts on the row that was under the cursor when it was opened; when that row has gone meanwhile
it says so and does nothing.

"""

FILTER = """
## The `/` line

It narrows the list while one types; `Esc` takes back what was typed. All terms have to hold, `-` before one negates
it, words are looked for anywhere, `"quoted words"` as they stand. What is wrong is underlined, and said above the
line. The same filters work on the command line (`rounds issues 'sev>=high client:acme'`), in `[views]` and in
`[[guards]]`.

"""

STATES_LINE = """
States stand by themselves or behind `is:`: {states}. Only behind `is:`: {more}.

## Views

A view is a filter with a name. `:save NAME` keeps the filter of the list for this session and, where there is a
configuration file, in its `[views]`; `:save! NAME` also over a view of that name. `:view NAME` shows the issues
that it picks, `:views` lists all, and `/` offers them by name for the list one is in.

```toml
[views]
mine = "owner:me -acked"
night = "sev>=high -snoozed"
```

## Other keys

`[keys]` in the configuration gives a command other keys, by the names in the tables above. Several are separated by
blanks, and replace its default keys; an empty text leaves it without. A key that another command has by default is
taken from it.

```toml
[keys]
refresh = "ctrl+r f5"
acknowledge = "A"
suspend = ""
```

A key is a letter (`x`, `X`), a sign (`/`, `!`), a name (`space`, `enter`, `escape`, `tab`, `up`, `pagedown`, `f5`)
or one of these after `ctrl+`, `shift+` or `alt+`. Two commands on one key, a command that is left without one, and
names of commands or keys that do not exist are told when the screen opens; `rounds doctor` lists all of them.
"""


def page() -> str:
    """The whole page."""
    keymap = Keymap()
    parts = [HEAD]
    for group in keymap.groups:
        rows = (_row(keymap, command) for command in keymap.commands if command.group == group and _is_shown(command))
        parts.append(f"\n## {group}\n\n" + _table(("key", "command", "does", "applies"), rows))
    parts.append(LINE + _table(("typed", "goes to, or does"), _words()))
    parts.append(FILTER + _table(("field", "compares", "about"), _fields()))
    parts.append(STATES_LINE.format(states=_code(STATES), more=_code(MORE_STATES)))
    return "".join(parts)


def _is_shown(command: type[Command]) -> bool:
    """The fixes by their numbers are one line."""
    return not command.id.startswith("fix-") or command.id == "fix-1"


def _row(keymap: Keymap, command: type[Command]) -> tuple[str, ...]:
    keys = " ".join(f"`{key_name(key)}`" for key in keymap.keys(command)) or "none"
    name = f"`{command.id}`"
    if command.id == "fix-1":
        keys, name = "`1` … `9`", "`fix-1` … `fix-9`"
    return keys, name, command.about().splitlines()[0], command.where


def _words() -> Iterable[tuple[str, str]]:
    for name, noun in NOUNS.items():
        short = [f"`:{key}`" for key, one in SHORT.items() if one is noun]
        yield (
            " ".join([f"`:{name}`", *short]),
            f"{name}: {NOUN_ABOUT[name]}" if name in NOUN_ABOUT else f"the list of {name}",
        )
    yield "`:issues acme sev>=high`", "any list, narrowed by a filter"
    yield "`:client acme` `:site acme/hq` `:device sql01` `:source zabbix-eu`", "straight to it, by name or id"
    yield "`:acme`", "the same, when nothing else is called or begins so"
    yield "`:view mine` `:views`", "a filter with a name; all of them"
    yield "`:theme light` `:themes`", "how it looks, until the screen is left; all themes"
    yield "`:save mine`", "keep the filter of the list as a view"
    yield "`:connect zabbix` `:connect`", "add a source of that kind; choose the kind first"
    for command in dict.fromkeys(COMMAND_SHORT.values()):
        shorts = " ".join(f"`:{short}`" for short, one in COMMAND_SHORT.items() if one == command)
        yield shorts, f"the command `{command}`"
    yield "`:refresh`, `:acknowledge` …", "any command of the tables above"


def _fields() -> Iterable[tuple[str, str, str]]:
    other = {name: [alias for alias, of in ALIASES.items() if of == name] for name in FIELDS}
    compares = {
        "text": "`:` has it in it, `=` is it, `*` is anything",
        "word": "`:` is it, `!=` is not",
        "rank": "`>=` `<=` `>` `<` `:`",
        "age": "`>` `<`, as in `90s` `15m` `2h` `3d`",
        "number": "`>` `<` `:`",
    }
    for field in FIELDS.values():
        spelled = " ".join(f"`{name}`" for name in (field.name, *other[field.name]))
        yield spelled, compares[field.shape.value], field.about


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _code(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


if __name__ == "__main__":
    sys.stdout.write(page())
