"""Changing the configuration keeps what is there, and never writes what would not be one."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from backends.config.fields import ConfigError
from backends.config.load import load
from backends.config.write import PathRefused, add, add_client, add_source, add_view, addition, initial
from backends.fleet.model import ClientId

OURS = """# mine
[technician]   # who
name = "tech1"


[sources.a]
kind = "ssh"  # by hand
hosts = [
  "10.0.0.1", # the first
]"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rounds" / "config.toml"


def given(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700)
    path.touch(mode=0o600)
    path.write_text(text)


def test_the_first_configuration_is_one(path: Path) -> None:
    initial(path, "tech1")
    config = load(path)
    assert (config.technician.name, [source.kind for source in config.sources]) == ("tech1", ["local"])


def test_the_examples_in_the_first_configuration_are_right(path: Path) -> None:
    initial(path, "tech1")
    comments_off = [
        line[2:] if line.startswith("# ") and (" = " in line or line.startswith("# [")) else line
        for line in path.read_text().splitlines()
    ]
    path.write_text("\n".join(comments_off))
    config = load(path, ("local", "ssh"))
    assert (len(config.clients), len(config.sources), len(config.guards)) == (1, 2, 2)


def test_a_name_with_quotes_does_not_break_it(path: Path) -> None:
    initial(path, 'te"ch\\1\n')
    assert load(path).technician.name == "tech1␊"


def test_a_configuration_that_is_there_is_not_overwritten(path: Path) -> None:
    given(path, OURS)
    with pytest.raises(ConfigError, match="already"):
        initial(path, "tech1")
    assert path.read_text() == OURS


def test_everything_is_the_owners_alone_whatever_the_umask(path: Path) -> None:
    before = os.umask(0)
    try:
        initial(path, "tech1")
        first = stat.S_IMODE(path.stat().st_mode)
        add_client(path, "acme", {"name": "Acme"})
    finally:
        os.umask(before)
    assert (stat.S_IMODE(path.parent.stat().st_mode), first, stat.S_IMODE(path.stat().st_mode)) == (0o700, 0o600, 0o600)


def test_what_was_there_stays_byte_by_byte(path: Path) -> None:
    given(path, OURS)
    add_source(path, "b", {"kind": "ssh", "hosts": ["10.0.0.2"]})
    assert path.read_text().startswith(OURS)
    assert [source.name for source in load(path).sources] == ["a", "b"]


def test_a_source_is_added_to_no_file(path: Path) -> None:
    add_source(path, "b", {"kind": "ssh"})
    assert [source.name for source in load(path).sources] == ["b"]


def test_a_client_with_tables_inside_is_added(path: Path) -> None:
    add_client(path, "acme", {"name": 'Acme "X"', "sla": {"critical": {"respond": "15m"}}})
    client = load(path).clients[ClientId("acme")]
    assert (client.name, client.sla[0].respond_s) == ('Acme "X"', 900.0)


@pytest.mark.parametrize(
    ("name", "table", "says"),
    [
        ("a", {"kind": "ssh"}, "already"),
        ("x y", {"kind": "ssh"}, "name"),
        ("z", {"kind": "ssh", "password": "hunter2"}, "secret in clear"),
        ("z", {}, "kind is missing"),
    ],
)
def test_what_would_be_no_configuration_is_not_written(
    path: Path, name: str, table: dict[str, object], says: str
) -> None:
    given(path, OURS)
    with pytest.raises(ConfigError, match=says):
        add_source(path, name, table)
    assert path.read_text() == OURS
    assert [entry.name for entry in path.parent.iterdir()] == ["config.toml"]


def test_a_file_that_is_wrong_already_is_left_alone(path: Path) -> None:
    given(path, "nonsense = [")
    with pytest.raises(ConfigError):
        add_source(path, "b", {"kind": "ssh"})
    assert path.read_text() == "nonsense = ["


def test_a_file_that_others_can_change_is_not_added_to(path: Path) -> None:
    given(path, OURS)
    path.chmod(0o666)
    with pytest.raises(PathRefused, match="chmod go-w"):
        add_source(path, "b", {"kind": "ssh"})


# -- views -----------------------------------------------------------------------------------------------------

VIEWS = """# mine
[views]
# what is bad
bad = "sev>=high"  # for the morning

# who I am
[technician]
name = "tech1"
"""


def test_a_view_is_put_among_the_others_and_comments_stay_where_they_are(path: Path) -> None:
    given(path, VIEWS)
    add_view(path, "mine", 'owner:me "disk full"')
    assert load(path).views == {"bad": "sev>=high", "mine": 'owner:me "disk full"'}
    left = path.read_text().splitlines()
    assert [line for line in left if not line.startswith("mine = ")] == VIEWS.splitlines()


def test_a_view_of_the_same_name_is_replaced_and_keeps_its_comment(path: Path) -> None:
    given(path, VIEWS)
    add_view(path, "bad", "sev>=critical")
    assert path.read_text() == VIEWS.replace("sev>=high", "sev>=critical")


@pytest.mark.parametrize("text", ["", OURS, OURS + "\n", 'views = { a = "b" }\n', 'views.a = "b"\n[clients.acme]\n'])
def test_a_view_goes_into_any_configuration_and_changes_nothing_else(path: Path, text: str) -> None:
    given(path, text)
    before = load(path)
    add_view(path, "mine", "owner:me")
    after = load(path)
    assert (after.views, after.technician) == ({**before.views, "mine": "owner:me"}, before.technician)
    assert [source.name for source in after.sources] == [source.name for source in before.sources]


def test_a_file_that_is_wrong_already_is_not_changed_for_a_view(path: Path) -> None:
    given(path, "views = 3\n")
    with pytest.raises(ConfigError):
        add_view(path, "mine", "owner:me")
    assert path.read_text() == "views = 3\n"


def test_a_file_that_others_could_change_takes_no_view(path: Path) -> None:
    given(path, VIEWS)
    path.chmod(0o666)
    with pytest.raises(PathRefused):
        add_view(path, "mine", "owner:me")
    assert path.read_text() == VIEWS


def test_what_is_added_stands_there_as_it_was_shown(path: Path) -> None:
    given(path, OURS)
    place = {"tag": {"client": "(?P<client>.+)"}}
    shown = addition(path, [("clients", "acme", {"name": "Acme"}), ("sources", "z", {"kind": "demo", "place": place})])
    assert path.read_text() == OURS
    assert 'place = { tag.client = "(?P<client>.+)" }' in shown.text
    add(shown)
    assert path.read_text() == f"{OURS}\n\n{shown.text}"
    assert load(path).sources[1].options["place"] == place


def test_of_several_tables_none_is_added_when_one_cannot_be(path: Path) -> None:
    given(path, OURS)
    with pytest.raises(ConfigError, match="one of that name already"):
        addition(path, [("clients", "acme", {"name": "Acme"}), ("sources", "a", {"kind": "demo"})])


def test_what_somebody_else_wrote_meanwhile_is_not_written_over(path: Path) -> None:
    given(path, OURS)
    shown = addition(path, [("sources", "z", {"kind": "demo"})])
    path.write_text("# theirs\n")
    with pytest.raises(ConfigError, match="changed by somebody else"):
        add(shown)
    assert path.read_text() == "# theirs\n"


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o400])
def test_the_file_keeps_its_mode(path: Path, mode: int) -> None:
    given(path, OURS)
    path.chmod(mode)
    add_client(path, "acme", {"name": "Acme"})
    assert stat.S_IMODE(path.stat().st_mode) == mode
