"""Which sightings are one device. An id that was given stays with its sighting; new sightings join by evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations, count, product

from backends.fleet.evidence import Token, contradict, kinds_agree, name_token, strong_tokens
from backends.fleet.model import DeviceId, Sighting, SourceName, device_id, safe

Key = tuple[SourceName, str]
"""A source's name and its own id of a device."""


def key_of(sighting: Sighting) -> Key:
    return sighting.source, sighting.native


def minted(key: Key) -> DeviceId:
    """The id that a sighting gives to a device. No two keys have one: what `device_id` would fold together is told
    apart by a digest."""
    source, native = key
    plain = device_id(source, native)
    if safe(native) == native and ":" not in source:
        return plain
    digest = hashlib.blake2b(f"{len(source)}:{source}{native}".encode("utf-8", "replace"), digest_size=6).hexdigest()
    return DeviceId(f"{plain}~{digest}")


def assigned(
    found: Mapping[Key, Sighting], identity: Mapping[Key, DeviceId], taken: Callable[[DeviceId], bool]
) -> dict[Key, DeviceId]:
    """The device of every sighting in `found`, which must hold all that could be the same devices. `taken` tells the
    ids of devices beyond them.

    The same set gives the same groups in whatever order it was found, as long as the evidence does not contradict
    itself; where it does, nothing is joined.
    """
    groups = _Groups(found, identity)
    for _, bearers in _bearers(found, strong_tokens):
        groups.join(bearers)
    for token, bearers in _bearers(found, lambda sighting: (name_token(sighting),)):
        if token:
            groups.join(bearers, by_name=True)
    return groups.named(taken)


def _bearers(
    found: Mapping[Key, Sighting], evidence: Callable[[Sighting], Iterable[Token]]
) -> list[tuple[Token, list[Key]]]:
    """Who shares which evidence, in a fixed order; evidence that one source gives twice tells nothing."""
    out: dict[tuple[str, Token], list[Key]] = {}
    for key in sorted(found):
        for token in evidence(found[key]):
            out.setdefault((found[key].client, token), []).append(key)
    telling = [
        (token, keys)
        for (_, token), keys in sorted(out.items())
        if len(keys) > 1 and len({source for source, _ in keys}) == len(keys)
    ]
    return sorted(telling, key=lambda entry: _STRENGTH[entry[0].partition(":")[0]])


_STRENGTH = {"serial": 0, "agent": 1, "mac": 2, "machine": 3, "name": 4, "": 5}


class _Groups:
    """Sightings in groups, one a device, joined step by step."""

    def __init__(self, found: Mapping[Key, Sighting], identity: Mapping[Key, DeviceId]) -> None:
        self._found = found
        self._identity = identity
        self._group: dict[Key, tuple[Key, ...]] = {}
        before: dict[DeviceId | Key, list[Key]] = {}
        for key in sorted(found):
            before.setdefault(identity.get(key, key), []).append(key)
        for device, keys in before.items():
            for group in self._apart(device, keys):
                self._put(group)

    def join(self, keys: list[Key], *, by_name: bool = False) -> None:
        """One group of all groups that `keys` are in, when nothing speaks against it."""
        groups = list(dict.fromkeys(self._group[key] for key in keys))
        if len(groups) < 2:
            return
        if by_name and not self._may_join_by_name(groups):
            return
        for one, other in combinations(groups, 2):
            if self._speak_against(one, other, kinds=by_name):
                return
        self._put(tuple(sorted(key for group in groups for key in group)))

    def named(self, taken: Callable[[DeviceId], bool]) -> dict[Key, DeviceId]:
        """Every group under an id of its own: the one that most of its members had, else its first member's."""
        out: dict[Key, DeviceId] = {}
        given: set[DeviceId] = set()
        for group in sorted(dict.fromkeys(self._group.values()), key=self._claim):
            name = next(name for name in self._candidates(group) if name not in given and not taken(name))
            given.add(name)
            out.update(dict.fromkeys(group, name))
        return out

    def _put(self, group: tuple[Key, ...]) -> None:
        self._group.update(dict.fromkeys(group, group))

    def _apart(self, device: DeviceId | Key, keys: list[Key]) -> list[tuple[Key, ...]]:
        """A known device's sightings, less those that cannot be of it any more (moved to another client, other
        serial): they go their own way."""
        keys = sorted(keys, key=lambda key: (minted(key) != device, key))
        stay = [keys[0]]
        leave: list[tuple[Key, ...]] = []
        for key in keys[1:]:
            if any(contradict(self._found[key], self._found[other]) for other in stay):
                leave.append((key,))
            else:
                stay.append(key)
        return [tuple(sorted(stay)), *leave]

    def _may_join_by_name(self, groups: list[tuple[Key, ...]]) -> bool:
        """A name alone never joins two devices that are both known already: people rename things."""
        known = {self._identity[key] for group in groups for key in group if key in self._identity}
        return len(known) < 2

    def _speak_against(self, one: tuple[Key, ...], other: tuple[Key, ...], *, kinds: bool) -> bool:
        pairs = [(self._found[ours], self._found[theirs]) for ours, theirs in product(one, other)]
        return any(contradict(mine, his) or (kinds and not kinds_agree(mine, his)) for mine, his in pairs)

    def _candidates(self, group: tuple[Key, ...]) -> Iterator[DeviceId]:
        known = [self._identity[key] for key in group if key in self._identity]
        yield from sorted(set(known), key=lambda name: (-known.count(name), name))
        yield from (minted(key) for key in group)
        # All are taken by devices that were once joined with these and kept the name.
        yield from (DeviceId(f"{minted(group[0])}~{turn}") for turn in count(2))

    def _claim(self, group: tuple[Key, ...]) -> tuple[bool, bool, tuple[Key, ...]]:
        """Order in which groups take their names: whoever gave the name first, then who had it, then the new ones."""
        names = {self._identity.get(key) for key in group} - {None}
        return (not any(minted(key) in names for key in group), not names, group)
