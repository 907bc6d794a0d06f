"""What tells one machine from another: evidence that is worth something, and evidence that speaks against it.

Placeholders (a serial of `To be filled by O.E.M.`), addresses that many machines share (a host-only adapter, a VRRP
router) and machine ids without the same host name (cloned images) are no evidence. Wrong merges are worse than none.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from backends.fleet.model import UNPLACED, ClientId, Identity, Sighting

Token = str
"""One piece of evidence, comparable by equality: `serial:abc123`, `mac:0011223344aa`, `name:fw-hq`."""

PLACE_BITS: Final = 60
"""Bits of a place in the index of evidence."""
_PLACEHOLDERS: Final = frozenset(
    {
        "0123456789",
        "123456789",
        "1234567890",
        "assettag",
        "baseboardserialnumber",
        "chassisserialnumber",
        "default",
        "defaultstring",
        "empty",
        "invalid",
        "none",
        "notapplicable",
        "notavailable",
        "notspecified",
        "null",
        "serial",
        "serialnumber",
        "systemserialnumber",
        "tobefilledbyoem",
        "unknown",
    }
)
_SHARED_MACS: Final = (
    "00005e00",  # VRRP and HSRP: the address of a group of routers
    "00059a3c7a00",  # a VPN client that gives every machine the same one
    "0a0027",  # host-only networks of a desktop hypervisor
    "005056c0000",  # likewise
    "0242",  # container bridges number from the same start
    "02004c4f4f50",  # loopback adapter of Windows
    "204153594eff",  # dial-up adapter of Windows
)
_NO_NAMES: Final = frozenset(
    {"localhost", "localhost.localdomain", "unknown", "none", "raspberrypi", "debian", "ubuntu"}
)
"""What machines are called that nobody has named."""
_COMPUTERS: Final = frozenset({"server", "workstation", "vm", "cloud", "nas"})
_SHORTEST_SERIAL: Final = 4
_CACHED: Final = 1 << 11
"""Evidence is looked at several times while a reading is folded, some hundred sightings at a time."""
_NOT_ALNUM: Final = re.compile(r"[^0-9a-z]+")
_NOT_HEX: Final = re.compile(r"[^0-9a-f]+")


def serial_of(identity: Identity) -> str:
    """The serial number, normalised; empty when it is a placeholder."""
    return _telling(identity.serial)


def machine_of(identity: Identity) -> str:
    return _telling(identity.machine)


@lru_cache(maxsize=_CACHED)
def macs_of(identity: Identity) -> frozenset[str]:
    """Hardware addresses as twelve digits, without those that machines share."""
    return frozenset(mac for mac in map(_mac, identity.macs) if mac)


def strong_tokens(sighting: Sighting) -> tuple[Token, ...]:
    """Evidence that is enough by itself, strongest first."""
    identity = sighting.identity
    if identity.empty:
        return ()
    own = _own_tokens(identity)
    machine = machine_of(identity)
    # Cloned images share their machine id, but hardly ever their host name as well.
    return (*own, f"machine:{machine}/{sighting.name.casefold()}") if machine else own


@lru_cache(maxsize=_CACHED)
def _own_tokens(identity: Identity) -> tuple[Token, ...]:
    serial, agent = serial_of(identity), _telling(identity.agent)
    named = [f"{kind}:{value}" for kind, value in (("serial", serial), ("agent", agent)) if value]
    return (*named, *(f"mac:{mac}" for mac in sorted(macs_of(identity))))


def name_token(sighting: Sighting) -> Token:
    """Exact host name, whatever its case; the weakest evidence that counts. Empty where there is no name."""
    name = sighting.name.strip().casefold()
    return f"name:{name}" if name and name not in _NO_NAMES and not name.isdigit() else ""


def tokens(sighting: Sighting) -> tuple[Token, ...]:
    """All evidence, strongest first."""
    name = name_token(sighting)
    return (*strong_tokens(sighting), name) if name else strong_tokens(sighting)


def place(client: ClientId, token: Token) -> int:
    """Where the index keeps who bears this evidence at this client: a number takes a fifth of the memory of the texts.
    Two that met by chance would be looked at together, and told apart by the evidence itself."""
    return hash((client, token)) & ((1 << PLACE_BITS) - 1)


def contradict(one: Sighting, other: Sighting) -> bool:
    """Whether two sightings cannot be of one machine: the strongest kind of evidence that both have decides."""
    if one.client != other.client or one.client == UNPLACED or one.source == other.source:
        return True
    ours, theirs = one.identity, other.identity
    if (mine := serial_of(ours)) and (his := serial_of(theirs)):
        return mine != his
    if (my_macs := macs_of(ours)) and (his_macs := macs_of(theirs)):
        return my_macs.isdisjoint(his_macs)
    if (mine := machine_of(ours)) and (his := machine_of(theirs)):
        return mine != his
    return bool(ours.host_key and theirs.host_key and ours.host_key != theirs.host_key)


def kinds_agree(one: Sighting, other: Sighting) -> bool:
    """Whether the kinds can be two words for one thing: a vm is a server, a printer is no firewall."""
    kinds = {one.kind, other.kind} - {"other", ""}
    return len(kinds) < 2 or kinds <= _COMPUTERS


@lru_cache(maxsize=_CACHED)
def _telling(value: str) -> str:
    plain = _NOT_ALNUM.sub("", value.casefold())
    if len(plain) < _SHORTEST_SERIAL or plain in _PLACEHOLDERS or len(set(plain)) == 1:
        return ""
    return plain


def _mac(value: str) -> str:
    plain = _NOT_HEX.sub("", value.casefold())
    if len(plain) != 12 or len(set(plain)) == 1 or int(plain[:2], 16) & 1 or plain.startswith(_SHARED_MACS):
        return ""
    return plain
