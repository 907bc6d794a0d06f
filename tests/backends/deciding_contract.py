"""What every desk holds over a source that takes decisions, here or over the wire; run by `desk/test_desks.py`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backends.api import Handling, NotSent, OutcomeUnknown
from backends.desk.protocol import Desk, DeskErrorKind
from backends.fleet.model import IssueId, IssueState, SourceName
from backends.text import safe
from tests.backends.desk_contract import events, refused, the_issue
from tests.support.bench import Kept

PROBE = SourceName("probe")
NGINX = ("web01", "service/nginx")
REFUSAL = NotSent("The account may not acknowledge problems.")
UNKNOWN = OutcomeUnknown("The connection was lost.")


async def outcomes(desk: Desk) -> list[str]:
    return [record.data["outcome"] for record in await desk.audit() if record.event == "source-told"]


async def decided_there(desk: Desk, source: Kept, handling: Handling) -> IssueId:
    """Somebody decides something in the source."""
    source.handling[NGINX] = handling
    await desk.refresh()
    return (await the_issue(desk)).id


class DecidingContract:
    """Fixtures as those of `DeskContract`; the source can acknowledge, snooze, close and check again."""

    async def test_an_acknowledgement_is_told_to_the_source_once_and_put_on_record_before_and_after(
        self, desk: Desk, source: Kept
    ) -> None:
        issue = await the_issue(desk)
        await desk.acknowledge(issue.id, "tech1", "known since the move")
        assert source.told == [("acknowledge", *NGINX, "tech1", "known since the move")]
        assert await events(desk) == ["acknowledged", "source-told"]
        told, asked = await desk.audit()
        assert (asked.data["sources"], asked.data["text"]) == ("probe", "known since the move")
        assert told.data == {"source": "probe", "request": "acknowledge", "outcome": "done"}

    async def test_the_source_is_asked_again_and_tells_it(self, desk: Desk) -> None:
        await desk.acknowledge((await the_issue(desk)).id, "tech1")
        await desk.refresh()
        issue = await the_issue(desk)
        assert [(source, word.acked) for source, word in issue.handled] == [(PROBE, True)]

    async def test_what_the_source_refuses_counts_here_and_is_said(self, desk: Desk, source: Kept) -> None:
        source.refusal = REFUSAL
        issue = await the_issue(desk)
        said = await refused(DeskErrorKind.PARTLY, desk.acknowledge(issue.id, "tech1"))
        assert said == "Acknowledged here; probe did not take it: The account may not acknowledge problems."
        assert ((await the_issue(desk)).acked_by, source.handling) == ("tech1", {})
        assert await outcomes(desk) == ["not sent"]

    @pytest.mark.parametrize(("did_it", "word"), [(True, "it has."), (False, "it has not.")])
    async def test_what_may_have_been_taken_is_read_back_and_never_repeated(
        self, desk: Desk, source: Kept, did_it: bool, word: str
    ) -> None:
        """F-08."""
        source.refusal, source.did_it = UNKNOWN, did_it
        said = await refused(DeskErrorKind.PARTLY, desk.acknowledge((await the_issue(desk)).id, "tech1"))
        assert said.startswith("Acknowledged here; probe may have taken it: The connection was lost. Asked again")
        assert said.endswith(word)
        assert len(source.told) == 1
        assert await outcomes(desk) == ["unknown"]

    async def test_what_somebody_acknowledged_there_can_be_taken_back_here(self, desk: Desk, source: Kept) -> None:
        name = await decided_there(desk, source, Handling(acked=True, acked_by=safe("Admin")))
        assert (await the_issue(desk)).acked_by == "Admin"
        await desk.unacknowledge(name, "tech1")
        assert source.told == [("unacknowledge", *NGINX, "tech1")]
        assert (await the_issue(desk)).state is IssueState.OPEN
        assert await events(desk) == ["unacknowledged", "source-told"]

    async def test_what_the_source_does_not_take_back_stays_and_nothing_was_changed(
        self, desk: Desk, source: Kept
    ) -> None:
        name = await decided_there(desk, source, Handling(acked=True))
        source.refusal = REFUSAL
        said = await refused(DeskErrorKind.REFUSED, desk.unacknowledge(name, "tech1"))
        assert said.startswith("Nothing was changed: probe did not take it:")
        assert (await the_issue(desk)).state is IssueState.ACKED

    async def test_our_acknowledgement_is_taken_back_here_and_there(self, desk: Desk, source: Kept) -> None:
        issue = await the_issue(desk)
        await desk.acknowledge(issue.id, "tech1")
        await desk.unacknowledge(issue.id, "tech2")
        assert [call[0] for call in source.told] == ["acknowledge", "unacknowledge"]
        assert (await the_issue(desk)).state is IssueState.OPEN

    async def test_a_snooze_says_what_it_would_do_there_and_does_it(self, desk: Desk, source: Kept) -> None:
        issue = await the_issue(desk)
        assert await desk.snooze_says(issue.id) == "probe: A downtime of service/nginx on web01."
        until = datetime.now(UTC) + timedelta(hours=2)
        await desk.snooze(issue.id, "tech1", until, "the part is ordered")
        assert source.told == [("snooze", *NGINX, "tech1", until.isoformat(), "the part is ordered")]
        await desk.wake(issue.id, "tech1")
        assert [call[0] for call in source.told] == ["snooze", "wake"]
        assert (await the_issue(desk)).state is IssueState.OPEN
        assert await events(desk) == ["snoozed", "source-told", "woken", "source-told"]

    async def test_what_is_quiet_in_the_source_can_be_woken_here(self, desk: Desk, source: Kept) -> None:
        name = await decided_there(desk, source, Handling(quiet=True, quiet_by=safe("Admin")))
        assert (await the_issue(desk)).snoozed_by == "Admin"
        await desk.wake(name, "tech1")
        assert (await the_issue(desk)).state is IssueState.OPEN

    async def test_a_problem_is_closed_in_the_source_with_a_text(self, desk: Desk, source: Kept) -> None:
        issue = await the_issue(desk)
        await refused(DeskErrorKind.WRONG_USE, desk.close_issue(issue.id, "tech1", "  "))
        assert source.told == []
        await desk.close_issue(issue.id, "tech1", "replaced")
        assert source.told == [("close", *NGINX, "tech1", "replaced")]
        assert (await desk.picture()).issues == {}
        assert await events(desk) == ["close-asked", "source-told"]

    async def test_a_problem_that_may_have_been_closed_is_looked_at_again(self, desk: Desk, source: Kept) -> None:
        source.refusal = UNKNOWN
        said = await refused(DeskErrorKind.PARTLY, desk.close_issue((await the_issue(desk)).id, "tech1", "replaced"))
        assert said.endswith("Asked again, it says that it has not.")
        assert len(source.told) == 1

    async def test_a_check_can_be_asked_for_now_and_is_read_again(self, desk: Desk, source: Kept) -> None:
        before = source.polls
        await desk.recheck((await the_issue(desk)).id, "tech1")
        assert source.told == [("recheck", *NGINX)]
        assert source.polls > before
        assert await events(desk) == ["recheck-asked", "source-told"]

    async def test_what_is_refused_of_a_problem_changes_nothing(self, desk: Desk, source: Kept) -> None:
        source.refusal = NotSent("It has to recover by itself.")
        issue = await the_issue(desk)
        said = await refused(DeskErrorKind.REFUSED, desk.close_issue(issue.id, "tech1", "replaced"))
        assert said == "Nothing was changed: probe did not take it: It has to recover by itself."
        await refused(DeskErrorKind.REFUSED, desk.recheck(issue.id, "tech1"))
