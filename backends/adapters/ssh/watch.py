"""What of a host is watched by name: services, processes, files, certificates."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct


class Watch(Struct, frozen=True, kw_only=True):
    """Lists of names as configured; their order is the order of the answers."""

    services: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()

    def arguments(self) -> Iterator[str]:
        """Pairs of a letter and a name, as `look.sh` takes them."""
        for letter, names in (
            ("S", self.services),
            ("P", self.processes),
            ("F", self.files),
            ("C", self.certificates),
        ):
            for name in names:
                yield letter
                yield name

    def over(self, other: Watch) -> Watch:
        """Both lists, ours first, each name once."""
        return Watch(
            services=_both(self.services, other.services),
            processes=_both(self.processes, other.processes),
            files=_both(self.files, other.files),
            certificates=_both(self.certificates, other.certificates),
        )


def _both(ours: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*ours, *theirs)))
