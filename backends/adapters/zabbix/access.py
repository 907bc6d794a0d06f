"""What our account may do there, as far as its role tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from backends.adapters.zabbix.session import Account, Refusal, Session
from backends.adapters.zabbix.version import Version
from backends.api import Can, FaultKind

ADMIN: Final = 2
SUPER_ADMIN: Final = 3


class _Role(Struct):
    roleid: str
    rules: dict[str, Any] = {}


class Access(Struct, frozen=True, kw_only=True):
    """Who we are and what our role says."""

    account: Account = Account()
    actions: Mapping[str, bool] = {}
    """By the role's own names; what is not in it depends on `otherwise`."""
    otherwise: bool = True
    known: bool = False
    """Whether the role could be read."""

    def may(self, action: str) -> bool:
        """True also where it is not known."""
        return self.actions.get(action, self.otherwise) if self.known else True

    def at_least(self, kind: int) -> bool:
        """Whether we are that type of user, or it is not known."""
        return self.account.type >= kind or self.account.type == 0

    def snoozes(self, version: Version) -> bool:
        """By suppression; before 6.2 by a maintenance, which is an administrator's."""
        if version.suppresses:
            return self.may("suppress_problems")
        return self.at_least(ADMIN) and self.may("edit_maintenance")

    def checks_now(self, version: Version) -> bool:
        may = self.may("invoke_execute_now")
        return may and (version.anybody_checks_now or self.at_least(SUPER_ADMIN))

    def lacks(self, version: Version, *, scripts: bool) -> tuple[Can, ...]:
        """`scripts` is whether scripts can be run at all by the way in which we log in."""
        told = (
            (Can.ACKNOWLEDGE, self.may("acknowledge_problems")),
            (Can.SNOOZE, self.snoozes(version)),
            (Can.CLOSE, self.may("close_problems")),
            (Can.RECHECK, self.checks_now(version)),
            (Can.RUN_OWN, scripts and self.may("execute_scripts")),
        )
        return tuple(can for can, may in told if not may)


async def access_of(session: Session) -> Access:
    """Asks who we are and what our role permits; where that is not told, nothing is known. Raises `SourceError`."""
    account = await session.account()
    if not account.roleid:
        return Access(account=account)
    try:
        roles, _ = await session.records(
            "role.get",
            {"roleids": [account.roleid], "output": ["roleid"], "selectRules": ["actions", "actions.default_access"]},
            _Role,
        )
    except Refusal as refusal:
        if refusal.kind is FaultKind.CREDENTIALS:
            raise
        return Access(account=account)
    rules = next((role.rules for role in roles if role.roleid == account.roleid), {})
    listed = rules.get("actions")
    if not isinstance(listed, list):
        return Access(account=account)
    actions = {
        str(rule["name"]): str(rule.get("status")) == "1"
        for rule in listed
        if isinstance(rule, dict) and "name" in rule
    }
    otherwise = str(rules.get("actions.default_access", "1")) == "1"
    return Access(account=account, actions=actions, otherwise=otherwise, known=True)
