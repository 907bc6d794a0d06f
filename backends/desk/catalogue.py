"""All fixes that there are at this moment: the bundled ones, and what the sources run by their own means."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from backends.fixes.model import Fix
from backends.fixes.own import fix_of
from backends.fleet.fleet import Fleet
from backends.fleet.model import FixId, SourceName
from backends.fleet.run import OwnFix


class Catalogue(Mapping[FixId, Fix]):
    """By id. A bundled fix is never hidden by a source's."""

    def __init__(self, bundled: Mapping[FixId, Fix], fleet: Callable[[], Fleet]) -> None:
        self.bundled = bundled
        self._fleet = fleet
        self._made: dict[SourceName, tuple[tuple[OwnFix, ...], dict[FixId, Fix]]] = {}

    def of(self, source: SourceName) -> Mapping[FixId, Fix]:
        """What that source runs by its own means."""
        own = self._fleet().own.get(source, ())
        made = self._made.get(source)
        if made is None or made[0] is not own:
            made = self._made[source] = (own, {fix.id: fix for fix in (fix_of(source, one) for one in own)})
        return made[1]

    def __getitem__(self, fix: FixId) -> Fix:
        if fix in self.bundled:
            return self.bundled[fix]
        return self.of(SourceName(fix.partition("/")[0]))[fix]

    def __iter__(self) -> Iterator[FixId]:
        yield from self.bundled
        for source in sorted(self._fleet().own):
            yield from (fix for fix in self.of(source) if fix not in self.bundled)

    def __len__(self) -> int:
        return sum(1 for _ in self)
