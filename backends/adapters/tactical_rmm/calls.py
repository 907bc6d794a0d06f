"""Requests to the server, each once. Answers are often bare JSON strings, and a failure can come with status 200."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar

import msgspec

from backends.adapters.tactical_rmm.records import Agent, Alert
from backends.api import NotSent, OutcomeUnknown, SafeText, SourceError, in_turns, safe
from backends.http.client import Answer, HttpClient
from backends.http.decode import decoded, each, each_in_steps
from backends.http.outcome import outcome_of

Record = TypeVar("Record")

OPEN: Final[Mapping[str, Any]] = {"resolvedFilter": False, "severityFilter": ["error", "warning", "info"]}
"""Which alerts: those that are not resolved, snoozed ones too. These filters act only when they are false."""
NATS_DOWN: Final = "natsdown"
"""With status 200: the server's message bus is down, so nothing reached the agent."""
TIMED_OUT: Final = "timeout"
"""With status 200: the agent did not answer in time; what it was told may be running."""
JSON: Final = {"Content-Type": "application/json"}


class NotPermitted(NotSent):
    """The role of our user has not the right to it."""


def remedy(flag: str) -> SafeText:
    """What to change where a right is missing."""
    return safe(f"Give its user a role with the right {flag}.")


async def rows(client: HttpClient, path: str, kind: type[Record]) -> tuple[list[Record], int]:
    """A list and the number of its rows that could not be understood. Raises `SourceError`."""
    return each(await client.get(path, list[msgspec.Raw]), kind)


async def agents(client: HttpClient, **only: int) -> tuple[list[Agent], int, Answer]:
    """Agents, those of `site=` only where that is given; with the answer they came in. Raises `SourceError`."""
    answer = await client.request("GET", "/agents/", params=only or None)
    found, spoiled = await in_turns(each_in_steps(decoded(answer.body, list[msgspec.Raw]), Agent))
    return found, spoiled, answer


async def alerts(client: HttpClient, **more: Any) -> tuple[list[Alert], int]:
    """Open alerts. They are listed by PATCH, which changes nothing. Raises `SourceError`."""
    content = msgspec.json.encode({**OPEN, **more})
    answer = await client.request("PATCH", "/alerts/", content=content, headers=JSON)
    return await in_turns(each_in_steps(decoded(answer.body, list[msgspec.Raw]), Alert))


async def told_to(
    client: HttpClient,
    method: str,
    path: str,
    body: Mapping[str, Any],
    *,
    needs: str,
    by_agent: bool = False,
    deadline_s: float | None = None,
) -> str:
    """Have something done, once; what the server said of it. `needs` is the right that it takes; `by_agent` is what an
    agent does. Raises `NotSent` with the server's own words where it refuses, and `OutcomeUnknown` where it may have
    been done."""
    content = msgspec.json.encode(body)
    try:
        answer = await client.request(
            method, path, content=content, headers=JSON, also=(400, 403, 404, 405), deadline_s=deadline_s
        )
    except SourceError as error:
        raise outcome_of(error) from error
    match answer.status:
        case 403:
            raise NotPermitted(f"Tactical RMM does not permit it. {remedy(needs)}")
        case 404:
            raise NotSent("Tactical RMM does not know it any more.")
        case 400 | 405:
            why, plain = _refusal(answer)
            if by_agent and plain:
                # In the same words it says that an agent did not answer in time, which has it done all the same.
                raise OutcomeUnknown(f"Tactical RMM says: {why}. It may have been done all the same: look there.")
            raise NotSent(f"Tactical RMM refuses: {why}")
    said = _said(answer)
    if said == NATS_DOWN:
        raise NotSent("The message bus of Tactical RMM (NATS) is down: nothing reached the agent.")
    if said == TIMED_OUT:
        raise OutcomeUnknown("The agent did not answer Tactical RMM in time; it may have done it all the same.")
    return said


def _said(answer: Answer) -> str:
    """The string that a good answer is. Raises `OutcomeUnknown` for one that is no answer of the product."""
    try:
        told = decoded(answer.body, object)
    except SourceError as error:
        raise OutcomeUnknown(
            f"It may have been done, but what was answered is not understood. {error.sentence}"
        ) from error
    return told if isinstance(told, str) else msgspec.json.encode(told).decode()


def _refusal(answer: Answer) -> tuple[SafeText, bool]:
    """Why it was refused, and whether that is a bare sentence: what is wrong with a request comes as an object."""
    try:
        told = decoded(answer.body, object)
    except SourceError:
        return safe("it does not say why"), True
    if isinstance(told, str):
        return safe(told.rstrip("."), 300), True
    first = next(iter(told.values()), "") if isinstance(told, dict) else told
    return safe(" ".join(map(str, first)) if isinstance(first, list) else str(first), 300), False
