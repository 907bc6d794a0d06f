"""Ask for the evidence again, at the source and by a look of our own: fixed, not fixed or not verified, with why."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from msgspec import Struct

from backends.api import NotSent, RunsFixes, SourceError, Timing
from backends.fixes.model import Fix, Proof
from backends.fixes.plan import unlike
from backends.fixes.wording import age
from backends.fleet.model import CheckState, Identity
from backends.fleet.reading import Reading
from backends.fleet.run import Run, Verified

LOOK_S: Final = 30.0
"""One look may take this long."""

_WAITS: Final = (1.0, 2.0, 3.0, 5.0, 8.0, 10.0)

Answer = TypeVar("Answer")


class Evidence(Struct, frozen=True, kw_only=True):
    """What was found."""

    verified: Verified
    because: str = ""
    """Why it is not verified, or not fixed, when the fix's own words do not say it; a sentence."""


class TooLong(Exception):  # noqa: N818 - an outcome, not a mistake
    """It did not end within its time."""


async def within(seconds: float, clock: Timing, work: Awaitable[Answer]) -> Answer:
    """What `work` gives, or `TooLong`; by the engine's clock, so that a test can tell the time."""
    task = asyncio.ensure_future(work)
    timer = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait((task, timer), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise TooLong
    finally:
        timer.cancel()
        if not task.done():
            task.cancel()
            task.add_done_callback(_let_go)


def _let_go(task: asyncio.Future[Answer]) -> None:
    """What a call says that nobody waits for any more."""
    if not task.cancelled():
        task.exception()


def evidence_in(reading: Reading, native: str, key: str) -> Verified:
    """What a look says of the condition `key`: pending where it does not tell."""
    sighting = next((one for one in reading.sightings if one.native == native), None)
    checks = {check.key: check for check in reading.checks if check.native == native}
    reachable = checks.get("reachable")
    if sighting is None or (key != "reachable" and reachable is not None and reachable.state is not CheckState.OK):
        return Verified.PENDING
    check = checks.get(key)
    if check is None:
        return Verified.PENDING if sighting.partial else Verified.FIXED
    if check.state is CheckState.UNKNOWN:
        return Verified.PENDING
    return Verified.FIXED if check.state is CheckState.OK else Verified.NOT_FIXED


class Asking(Struct, frozen=True, kw_only=True):
    """Whom to ask about what."""

    fix: Fix
    run: Run
    hands: RunsFixes
    clock: Timing
    learn: Callable[[Reading], None]
    """What was read on the way is news for the fleet too."""
    identity: Identity = Identity()
    """Who has to answer."""


async def verify(asking: Asking, *, patient: bool = True) -> Evidence:
    """Look until it is fixed or the fix's time is over; once only when not `patient`."""
    fix, clock = asking.fix, asking.clock
    if fix.proof is Proof.ISSUE_GONE and not asking.run.issue_key:
        return Evidence(verified=Verified.NOT_VERIFIED, because="There is no check that it was meant to end.")
    look = _new_boot if fix.proof is Proof.NEW_BOOT else _issue_gone
    ends = clock.boot_s() + (fix.verify_within_s if patient else 0.0)
    for turn in itertools.count():
        found = await look(asking)
        left = ends - clock.boot_s()
        if found.verified is Verified.FIXED or left <= 0:
            break
        await clock.sleep(min(_WAITS[min(turn, len(_WAITS) - 1)], left))
    if found.verified is Verified.PENDING:
        return Evidence(verified=Verified.NOT_VERIFIED, because=found.because)
    return found


async def _issue_gone(asking: Asking) -> Evidence:
    run = asking.run
    try:
        reading = await within(LOOK_S, asking.clock, asking.hands.look(run.native))
    except SourceError as error:
        return _open(error.sentence)
    except TooLong:
        return _open(f"{run.device_name} gave no answer within {age(LOOK_S)}.")
    except Exception as error:  # noqa: BLE001 - an adapter is somebody else's code
        return _open(f"The source failed to look: {type(error).__name__}.")
    asking.learn(reading)
    found = evidence_in(reading, run.native, run.issue_key)
    return _open(f"{run.device_name} does not tell about it now.") if found is Verified.PENDING else _said(found)


async def _new_boot(asking: Asking) -> Evidence:
    run = asking.run
    away = f"{run.device_name} has not answered within {age(asking.fix.verify_within_s)}"
    try:
        identity, boot_id = await within(LOOK_S, asking.clock, asking.hands.identify(run.native))
    except NotSent as error:
        return Evidence(verified=Verified.NOT_FIXED, because=f"{away}: {error}")
    except TooLong:
        return Evidence(verified=Verified.NOT_FIXED, because=f"{away}: somebody has to look at it.")
    except Exception as error:  # noqa: BLE001 - an adapter is somebody else's code
        return _open(f"The source failed to look: {type(error).__name__}.")
    if another := unlike(asking.identity, identity):
        return _open(f"Another machine answers: {another[0]}.")
    if not run.boot_id or not boot_id:
        return _open(f"{run.device_name} does not tell its boot id.")
    if boot_id == run.boot_id:
        return _said(Verified.NOT_FIXED)
    await _issue_gone(asking)  # so that the fleet knows of the new boot at once
    return _said(Verified.FIXED)


def _open(because: str) -> Evidence:
    return Evidence(verified=Verified.PENDING, because=because)


def _said(verified: Verified) -> Evidence:
    return Evidence(verified=verified)
