"""A source whose every answer is 20 MB of JSON, parsed in the engine's own process; for benchmarks.

`installed` makes it a kind of source that rounds finds, as another package would bring it.
"""

from __future__ import annotations

import json
from pathlib import Path

from msgspec import Struct

from backends.api import Reading, SourceSettings
from backends.http.decode import decoded

DEVICES = 51_610
"""As many records as make 20 MB."""


class Record(Struct, frozen=True, gc=False):
    id: str
    name: str
    site: str
    state: int


class ParsingSource:
    def __init__(self, settings: SourceSettings) -> None:
        self.name = settings.name
        self._timing = settings.timing
        record = {"agent": "x" * 140, "notes": "y" * 140, "model": "PowerEdge R740", "state": 0, "vlan": 12}
        rows = [
            {**record, "id": f"dev-{number}", "name": f"srv{number}", "site": f"site-{number % 997}"}
            for number in range(DEVICES)
        ]
        self._body = json.dumps(rows).encode()

    async def poll(self) -> Reading:
        records = decoded(self._body, list[Record])
        assert len(records) == DEVICES
        return Reading(source=self.name, at=self._timing.now())

    async def close(self) -> None:
        """There is nothing to let go of."""


def open_source(settings: SourceSettings) -> ParsingSource:
    return ParsingSource(settings)


def installed(folder: Path) -> Path:
    """A folder for `PYTHONPATH` in which this module is an installed adapter of kind `parsing`."""
    about = folder / "parsing_source-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: parsing-source\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[rounds.adapter]\nparsing = tests.bench.parsing_source:open_source\n")
    return folder
