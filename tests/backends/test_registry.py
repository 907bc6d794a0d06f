"""Kinds of source are named without being imported, and loaded one at a time."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest
import tomli

from backends import registry
from backends.bootstrap.sources import opened, source_configs
from backends.config.load import parse
from backends.config.schema import Profile
from backends.testing import FakeClock


def bring(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    entries = tuple(EntryPoint(name, value, registry.GROUP) for name, value in values.items())
    monkeypatch.setattr(registry, "_entries", lambda: entries)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_our_own_kinds_are_there_without_an_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    bring(monkeypatch)
    assert registry.names() == tuple(sorted(registry.BUILT_IN))
    assert {"demo", "local", "ssh", "zabbix"} <= set(registry.names())


def test_our_own_kinds_are_the_ones_that_the_package_announces() -> None:
    project = Path(registry.__file__).parent.parent / "pyproject.toml"
    announced = tomli.loads(project.read_text())["project"]["entry-points"][registry.GROUP]
    assert announced == dict(registry.BUILT_IN)


def test_naming_imports_nothing(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F-65."""
    (package / "stranger_a.py").write_text("raise SystemExit('imported')")
    bring(monkeypatch, stranger="stranger_a:open_source")
    assert "stranger" in registry.names()
    assert "stranger_a" not in sys.modules


def test_a_strangers_kind_is_loaded(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (package / "stranger_b.py").write_text("def open_source(settings): return settings")
    bring(monkeypatch, stranger="stranger_b:open_source")
    assert registry.load("stranger").__name__ == "open_source"


def test_loading_one_does_not_load_another(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (package / "stranger_c.py").write_text("def open_source(settings): return settings")
    (package / "stranger_d.py").write_text("raise RuntimeError('boom')")
    bring(monkeypatch, good="stranger_c:open_source", bad="stranger_d:open_source")
    registry.load("good")
    assert "stranger_d" not in sys.modules


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("raise RuntimeError('bo\\x1bom')", "RuntimeError: bo␛om"),
        ("import not_installed_here", "ModuleNotFoundError"),
        ("x = 1", "AttributeError"),
        ("open_source = 1", "cannot be called"),
    ],
)
def test_a_kind_that_cannot_be_loaded_is_a_sentence(
    package: Path, monkeypatch: pytest.MonkeyPatch, body: str, says: str
) -> None:
    monkeypatch.delitem(sys.modules, "stranger_e", raising=False)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    (package / "stranger_e.py").write_text(body)
    bring(monkeypatch, stranger="stranger_e:open_source")
    with pytest.raises(registry.RegistryError) as caught:
        registry.load("stranger")
    assert says in caught.value.sentence


def test_an_unknown_kind_is_a_sentence_with_those_that_exist() -> None:
    with pytest.raises(registry.RegistryError, match=", ".join(sorted(registry.BUILT_IN))):
        registry.load("prtg")


def test_nobody_takes_the_name_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    bring(monkeypatch, ssh="evil:open_source")
    assert registry._found()["ssh"] == registry.BUILT_IN["ssh"]


@pytest.mark.parametrize("body", ["raise SystemExit(3)", "import sys; sys.exit('no')"])
def test_a_stranger_that_wants_to_end_the_program_is_an_error_like_any_other(
    package: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    """F-65."""
    (package / "stranger_x.py").write_text(body)
    monkeypatch.delitem(sys.modules, "stranger_x", raising=False)
    bring(monkeypatch, stranger="stranger_x:open_source")
    with pytest.raises(registry.RegistryError, match="cannot be loaded"):
        registry.load("stranger")


async def test_an_installed_stranger_that_nobody_configured_is_never_imported(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F-65: a whole engine comes up beside it; the control is the engine that has it configured."""
    (package / "stranger_y.py").write_text("raise SystemExit('imported')")
    bring(monkeypatch, stranger="stranger_y:open_source")
    for text, imported in (("", False), ('[sources.x]\nkind = "stranger"\n', True)):
        config = parse(text, "rounds.toml", registry.names())
        tried: list[str] = []
        monkeypatch.setattr(registry.importlib, "import_module", _watched(tried, registry.importlib.import_module))
        opened_ones = [opened(source, config, FakeClock(), package) for source in source_configs(Profile(), config)]
        monkeypatch.undo()
        monkeypatch.syspath_prepend(str(package))
        bring(monkeypatch, stranger="stranger_y:open_source")
        assert ("stranger_y" in tried) is imported
        for polled, _ in opened_ones:
            await polled.adapter.close()


def _watched(tried: list[str], really: Callable[[str], ModuleType]) -> Callable[[str], ModuleType]:
    def import_module(name: str) -> ModuleType:
        tried.append(name)
        return really(name)

    return import_module
