"""Where things are kept, and who may be able to change them."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from backends.config.paths import PathRefused, Places, faults, places, secure
from backends.config.schema import DemoOptions, Profile
from backends.private import make_folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    monkeypatch.setenv("HOME", str(home))
    return home


def made(home: Path) -> Places:
    """A profile whose configuration and state are there and well."""
    assert home.is_dir()
    where = places(Profile())
    secure(where)
    make_folder(where.config.parent)
    where.config.touch(mode=0o600)
    assert faults(where) == []
    return where


def test_the_homes_folders_are_used(home: Path) -> None:
    where = places(Profile())
    assert where.config.is_relative_to(home)
    assert where.state.is_relative_to(home)


def test_xdg_folders_are_honoured(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "c"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "s"))
    where = places(Profile())
    assert where.config == tmp_path / "c" / "rounds" / "config.toml"
    assert where.state == tmp_path / "s" / "rounds" / "default"


def test_whatever_changes_the_story_has_a_state_of_its_own(home: Path) -> None:
    profiles = [
        Profile(),
        Profile(name="night"),
        Profile(config="/etc/rounds.toml"),
        Profile(config="/srv/rounds.toml"),
        Profile(demo=DemoOptions()),
        Profile(demo=DemoOptions(seed=8)),
        Profile(demo=DemoOptions(at="2026-01-01T00:00:00Z")),
        Profile(demo=DemoOptions(faults=True)),
        Profile(name="night", demo=DemoOptions()),
    ]
    assert len({places(profile).state for profile in profiles}) == len(profiles)


def test_the_same_options_have_the_same_state(home: Path) -> None:
    assert places(Profile(demo=DemoOptions(seed=8))) == places(Profile(demo=DemoOptions(seed=8)))


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a b", "-x", "x" * 65, "a\n"])
def test_a_name_that_is_no_file_name_is_refused(home: Path, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name of a profile"):
        places(Profile(name=name))


@pytest.mark.parametrize("length", [10, 300])
def test_the_sockets_path_always_fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/" + "/".join(["x" * 50] * (length // 50) + ["y" * (length % 50)]))
    assert len(os.fsencode(places(Profile(demo=DemoOptions())).socket)) <= 100


def test_folders_are_made_for_the_owner_alone_whatever_the_umask(home: Path) -> None:
    """F-48."""
    before = os.umask(0)
    try:
        where = made(home)
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (where.state, where.state.parent, where.runtime)}
    assert modes == {0o700}


def test_a_state_folder_that_others_could_read_is_closed_to_them(home: Path) -> None:
    where = made(home)
    where.state.chmod(0o755)
    secure(where)
    assert stat.S_IMODE(where.state.stat().st_mode) == 0o700


def spoil(path: Path, how: str) -> int:
    """Make `path` wrong; gives the user id that looks at it."""
    if how == "writable by the group":
        path.chmod(path.stat().st_mode | stat.S_IWGRP)
    elif how == "writable by all":
        path.chmod(path.stat().st_mode | stat.S_IWOTH)
    elif how == "a symbolic link":
        path.rename(path.with_name("moved"))
        path.symlink_to(path.with_name("moved"))
    return os.geteuid()


@pytest.mark.parametrize("how", ["writable by the group", "writable by all", "a symbolic link"])
@pytest.mark.parametrize("what", ["configuration file", "configuration folder", "state folder"])
def test_what_others_could_change_is_refused_and_the_remedy_puts_it_right(home: Path, what: str, how: str) -> None:
    """F-46."""
    where = made(home)
    spoil({"configuration file": where.config, "configuration folder": where.config.parent}.get(what, where.state), how)
    with pytest.raises(PathRefused) as caught:
        secure(where)
    assert what in caught.value.unsafe.sentence
    subprocess.run(["/bin/sh", "-c", caught.value.unsafe.remedy], check=True)
    secure(where)


@pytest.mark.parametrize("what", ["configuration file", "configuration folder", "state folder"])
def test_what_belongs_to_another_user_is_refused(home: Path, what: str) -> None:
    """F-46."""
    where = made(home)
    found = faults(where, uid=os.geteuid() + 4242)
    assert any(fault.sentence.startswith(f"The {what}") and "sudo chown" in fault.remedy for fault in found)


def test_a_folder_above_that_all_may_write_is_refused(home: Path) -> None:
    """F-46."""
    where = made(home)
    home.chmod(0o777)
    with pytest.raises(PathRefused, match=f"chmod go-w {home}"):
        secure(where)


def test_a_sticky_folder_above_is_fine(home: Path) -> None:
    where = made(home)
    home.chmod(0o1777)
    assert faults(where) == []


def test_a_home_that_cannot_be_written_is_no_reason_to_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F-83."""
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    secure(places(Profile()))


@pytest.fixture
def somebody_else() -> Iterator[None]:
    """The superuser, who may enter everywhere, becomes nobody for the test."""
    mine = os.geteuid()
    if mine == 0:
        os.seteuid(65534)
    yield
    os.seteuid(mine)


def test_a_home_that_is_still_another_users_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch, somebody_else: None
) -> None:
    if os.geteuid() != 65534:
        pytest.skip("needs root to be somebody else")
    with pytest.raises(PathRefused, match=r"The folder .* does not let you in\. Put it right with: export HOME=~"):
        secure(places(Profile()))


def test_a_folder_of_ours_that_is_closed_is_named_with_its_remedy(home: Path, somebody_else: None) -> None:
    if os.geteuid() == 65534:
        pytest.skip("the superuser's folders are never closed to it")
    made(home)
    (home / ".config").chmod(0)
    with pytest.raises(PathRefused, match=f"chmod u\\+rwx {home}/.config"):
        secure(places(Profile()))
