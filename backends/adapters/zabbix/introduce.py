"""What Zabbix says of itself: its version, who we are, what we may, and what there is to place devices by."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from backends.adapters.zabbix import asks
from backends.adapters.zabbix.access import Access
from backends.adapters.zabbix.gather import Snapshot
from backends.adapters.zabbix.hosts import facts_of
from backends.adapters.zabbix.options import FACTS
from backends.adapters.zabbix.records import Host, Proxy, understood
from backends.adapters.zabbix.session import Session
from backends.adapters.zabbix.version import Version
from backends.api import Introduction, Right, Timing, safe

MOST_VALUES: Final = 500
_BY_USER: Final = "; some releases of 6.0 run none for an API token: then give the source a user and its password"
_MAINTENANCE: Final = (
    "that takes a user of type Admin whose role permits to edit maintenances, with write access to the host groups"
)
_GROUPS: Final = "give the user's group read access to the host groups (Users, User groups, Host permissions)"
_ROLE: Final = "permit it in the user's role (Users, User roles)"


async def introduction(session: Session, access: Access, timing: Timing) -> Introduction:
    """Asks, and changes nothing. Raises `SourceError`."""
    version = await session.version()
    raws = await session.call("host.get", asks.hosts(version, FACTS), list[msgspec.Raw])
    hosts, _ = understood(raws, Host)
    proxies: list[Proxy] = []
    if any(host.proxy for host in hosts):
        raws = await session.call("proxy.get", asks.proxies(version), list[msgspec.Raw])
        proxies, _ = understood(raws, Proxy)
    snapshot = Snapshot(at=timing.now(), skew_s=0.0, proxies={proxy.proxyid: proxy for proxy in proxies})
    there: dict[str, dict[str, None]] = {}
    for host in hosts:
        for fact, values in facts_of(host, snapshot).items():
            plain = [value for value in values if value and safe(value) == value]
            if plain and safe(fact) == fact:
                there.setdefault(fact, {}).update(dict.fromkeys(plain))
    return Introduction(
        product=version.text,
        account=safe(access.account.username or ("an API token" if session.by_token else "")),
        rights=_rights(version, access, len(hosts), by_token=session.by_token),
        facts={name: tuple(sorted(values)[:MOST_VALUES]) for name, values in sorted(there.items()) if values},
    )


def _rights(version: Version, access: Access, hosts: int, *, by_token: bool) -> tuple[Right, ...]:
    told: list[tuple[str, Any, str]] = [
        ("acknowledge problems", _told(access, "acknowledge_problems"), _ROLE),
        ("comment on problems", _told(access, "add_problem_comments"), _ROLE),
        (
            "close problems, where their trigger permits it",
            _told(access, "close_problems"),
            f"{_ROLE}, and give the user's group write access to the host groups",
        ),
    ]
    if version.suppresses:
        told.append(("suppress problems", _told(access, "suppress_problems"), _ROLE))
    else:
        told.append(
            (
                "put hosts into a maintenance (this version's only way to quiet something)",
                access.snoozes(version) if access.known else None,
                _MAINTENANCE,
            )
        )
    token = by_token and not version.bearer
    told.append(
        (
            "run global scripts",
            _told(access, "execute_scripts") if not token or not access.may("execute_scripts") else None,
            _ROLE + (_BY_USER if token else ""),
        )
    )
    told.append(
        (
            "have items checked now",
            access.checks_now(version) if access.known else None,
            _ROLE if version.anybody_checks_now else "in this version that is for users of type Super admin alone",
        )
    )
    seen = f"read hosts and problems: {hosts:,} hosts are visible"
    return (
        _right(seen, hosts > 0, _GROUPS, reading=True),
        *(_right(what, granted, remedy) for what, granted, remedy in told),
    )


def _right(what: str, granted: bool | None, remedy: str, *, reading: bool = False) -> Right:
    return Right(what=safe(what), granted=granted, remedy=safe("" if granted else remedy, 400), reading=reading)


def _told(access: Access, action: str) -> bool | None:
    return access.may(action) if access.known else None
