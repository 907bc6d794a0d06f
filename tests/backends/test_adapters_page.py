"""The adapter of `docs/adapters.md`, to the letter: installed, polled, held to the contract, configured."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from backends import registry
from backends.api import Adapter, ConfigurationError, Introduces, SourceName, SourceSettings
from backends.bootstrap.sources import opened
from backends.config.load import parse
from backends.config.schema import SecretRef, SourceConfig
from backends.engine.clock import SystemClock
from backends.fleet.model import Can, CheckState, Freshness
from backends.testing import AdapterContract
from tests.backends.test_registry import bring
from tests.support.web import answer, serving

PAGE = Path(__file__).resolve().parents[2] / "docs" / "adapters.md"
ANSWER = {
    "hosts": [
        {
            "id": "7",
            "name": "fs01",
            "customer": "Acme Dental",
            "up": True,
            "checks": [{"name": "disk /srv", "state": "critical", "text": "97 % full"}],
        },
        {"id": "8", "name": "dc01\x1b[2J", "customer": "", "up": False, "more": 1},
        {"id": 9},
    ]
}


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The page's code as an installed package."""
    code = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)[0]
    (tmp_path / "acme_status.py").write_text(code)
    monkeypatch.syspath_prepend(str(tmp_path))
    bring(monkeypatch, **{"acme-status": "acme_status:open_source"})
    yield importlib.import_module("acme_status")
    importlib.sys.modules.pop("acme_status")  # type: ignore[attr-defined]


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with serving(answer(json.dumps(ANSWER).encode())) as web:
        yield web.url


def settings(options: Mapping[str, Any]) -> SourceSettings:
    async def secret() -> str:
        return "token"

    return SourceSettings(
        name=SourceName("status"),
        kind="acme-status",
        options=options,
        clients={},
        every_s=30.0,
        secret=secret,
        timing=SystemClock(),
        state_dir=Path(),
    )


async def test_it_reads_what_the_page_says(module: ModuleType, url: str) -> None:
    adapter = registry.load("acme-status")(settings({"url": url}))
    reading = await adapter.poll()
    assert isinstance(adapter, Introduces)
    assert (await adapter.introduce()).facts["customer"] == ("", "Acme Dental")
    await adapter.close()
    assert {one.site for one in reading.sightings} == {"acme-dental/main", "unplaced/status"}
    assert {(one.native, one.key): one.state for one in reading.checks} == {
        ("7", "reachable"): CheckState.OK,
        ("7", "disk//srv"): CheckState.CRITICAL,
        ("8", "reachable"): CheckState.CRITICAL,
    }
    assert reading.quarantined == 1


async def test_its_options_are_checked(module: ModuleType) -> None:
    with pytest.raises(ConfigurationError) as caught:
        registry.load("acme-status")(settings({"url": "https://x", "plcae": {}}))
    assert "did you mean place" in caught.value.sentence


def test_a_configuration_can_name_it(module: ModuleType, tmp_path: Path) -> None:
    config = parse('[sources.status]\nkind = "acme-status"\nurl = "https://x"\n', "", registry.names())
    source = SourceConfig(
        name=SourceName("status"),
        kind="acme-status",
        every_s=30.0,
        secret=SecretRef(kind="env"),
        options={"url": "https://x"},
    )
    _, fact = opened(source, config, SystemClock(), tmp_path)
    assert fact.state is Freshness.STALE
    assert Can.RUN_FIXES not in fact.capabilities
    assert module.QUESTIONS[0].key == "url"


class TestContract(AdapterContract):
    @pytest.fixture(autouse=True)
    def _served(self, module: ModuleType, url: str) -> None:
        self._module, self._url = module, url

    def open_adapter(self) -> Adapter:
        adapter: Adapter = self._module.open_source(settings({"url": self._url}))
        return adapter


def test_the_page_names_every_capability() -> None:
    from backends import api  # noqa: PLC0415

    page = PAGE.read_text()
    protocols = {
        name for name in api.__all__ if getattr(getattr(api, name), "_is_runtime_protocol", False) and name != "Adapter"
    }
    assert {name for name in protocols if f"`{name}`" not in page} == set()
