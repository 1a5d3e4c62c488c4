"""Sending, settling and undoing changes, against a service in memory. All values are synthetic."""

import asyncio
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest
from changing import (
    ANOMALY,
    GRACE,
    HOST,
    IMPULSE,
    LATE,
    METHOD,
    PROJECT,
    SCORE,
    START,
    FakeService,
    Fate,
    an_edit,
    change,
    locked,
    owner,
    sender,
)

from eitui.api.errors import ApiError, BadAnswer, BadSettings, Busy, Rejected, Unreachable
from eitui.domain.edit import Conflict, Edit, Outcome
from eitui.domain.threshold import Change, ThresholdRef, ThresholdValue, format_value
from eitui.storage.lock import Lock
from eitui.thresholds.errors import (
    AlreadySent,
    ChangeError,
    Conflicted,
    JournalError,
    NoSuchThreshold,
    ReadOnly,
    Underway,
    Unfit,
)
from eitui.thresholds.journal import ImpulseLock, Journal
from eitui.thresholds.outcomes import outcome_of
from eitui.thresholds.send import Accepted, Result, Sender, SendStep

PATIENCE_S = 10.0
"""Seconds until something that has not happened never will."""


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "changes.db"


def to_send(service: FakeService, one: Sender, **values: ThresholdValue) -> Edit:
    refs = {"score": SCORE, "anomaly": ANOMALY, "method": METHOD}
    changes = [change(service, refs[name], value) for name, value in (values or {"score": 0.7}).items()]
    return one.edit(IMPULSE, "Keywords (synthetic)", changes)


async def sent(service: FakeService, path: Path, **values: ThresholdValue) -> Result:
    one = sender(service, path)
    return await one.send(to_send(service, one, **values))


def journalled(path: Path) -> list[Outcome]:
    """Return the outcomes in the journal, as the next process to start sees them; oldest first."""
    return [entry.outcome for entry in reversed(Journal(path).look().changes)]


# The road


async def test_all_changes_go_in_one_request_and_are_read_back(service: FakeService, path: Path) -> None:
    service.accepted = Accepted("started_job", 8_200_001)
    result = await sent(service, path, score=0.1 + 0.2, method="mean")
    assert result.entry.outcome is Outcome.APPLIED
    assert (result.stored, result.matches, result.problem) == ((0.1 + 0.2, "mean"), True, "")
    assert (result.entry.report.regenerate_status, result.entry.report.job_id) == ("started_job", 8_200_001)
    assert (service.values[SCORE], service.values[METHOD]) == (0.1 + 0.2, "mean")
    assert service.posts.total() == 1
    assert service.looks == 2
    assert Journal(path).look().changes == (result.entry,)
    assert result.entry.verified is True
    assert (result.entry.edit.who, result.entry.edit.host) == ("ada@box", HOST)


async def test_the_journal_tells_verified_changes_from_others(service: FakeService, path: Path) -> None:
    service.accepted = Accepted("not_regenerated", had_results=True)
    steps: list[SendStep] = []
    one = sender(service, path)
    await one.send(to_send(service, one), steps.append)
    assert steps == [SendStep.READING, SendStep.JOURNALLED, SendStep.ACCEPTED]
    edit = to_send(service, one, score=0.8)
    service.witness = lambda _: setattr(service, "unreadable", 1)
    await one.send(edit)
    service.witness = lambda _: None
    service.places = 1
    await sent(service, path, score=0.55)
    newest, unread, first = Journal(path).look().changes
    assert [entry.outcome for entry in (newest, unread, first)] == [Outcome.APPLIED] * 3
    assert [entry.verified for entry in (newest, unread, first)] == [False, None, True]
    assert first.report.had_results is True


async def test_a_request_that_is_not_accepted_is_never_called_so(service: FakeService, path: Path) -> None:
    for trouble in ("refused", "not sent", "lost after", "lost before"):
        steps: list[SendStep] = []
        service.trouble = trouble
        one = sender(service, path)
        service.clock.elapsed += 1000
        await one.send(to_send(service, one, score=0.7 + service.clock.elapsed), steps.append)
        assert steps == [SendStep.READING, SendStep.JOURNALLED, SendStep.SENT]


async def test_what_a_refusal_advises_is_told(service: FakeService, path: Path) -> None:
    service.trouble = "busy"
    result = await sent(service, path)
    assert (result.entry.outcome, result.advice) == (Outcome.REFUSED, "It asks to wait 30 s.")


async def test_nothing_is_written_or_sent_by_preparing(service: FakeService, path: Path) -> None:
    one = sender(service, path)
    edit = to_send(service, one, score=0.7, anomaly=0.4)
    assert await one.prepare(edit) == ()
    service.meddle(ANOMALY, 0.35)
    assert await one.prepare(edit) == (Conflict(Change(ANOMALY, 0.3, 0.4), 0.35),)
    assert not service.posts
    assert journalled(path) == []


async def test_a_value_that_somebody_changed_meanwhile_stops_everything(service: FakeService, path: Path) -> None:
    one = sender(service, path)
    edit = to_send(service, one, score=0.7, anomaly=0.4)
    service.meddle(ANOMALY, 0.35)
    with pytest.raises(Conflicted, match="changed by somebody else") as raised:
        await one.send(edit)
    (conflict,) = raised.value.conflicts
    assert {threshold.ref: threshold.value for threshold in raised.value.thresholds} == service.values
    assert (conflict.ref, conflict.change.old, conflict.now) == (ANOMALY, 0.3, 0.35)
    assert not service.posts
    assert journalled(path) == []


async def test_an_edit_is_sent_once_whatever_became_of_it(service: FakeService, path: Path) -> None:
    one = sender(service, path)
    edit = to_send(service, one)
    service.trouble = "refused"
    await one.send(edit)
    with pytest.raises(AlreadySent):
        await one.send(edit)
    assert service.posts.total() == 1


async def test_two_sends_at_once_send_once(service: FakeService, path: Path) -> None:
    one = sender(service, path)
    both = [to_send(service, one), to_send(service, one)]
    done = await asyncio.gather(*map(one.send, both), return_exceptions=True)
    assert {type(result) for result in done} == {Result, Underway}
    assert service.posts.total() == 1


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ([Change(ThresholdRef(IMPULSE, 3, "nothing\x1b"), 1, 2)], NoSuchThreshold, "no threshold nothing␛"),
        ([Change(ThresholdRef(IMPULSE, 9, "min_score"), 1, 2)], NoSuchThreshold, "Learn block 9 of impulse 1"),
        ([Change(SCORE, 0.6, "high\x1b")], Unfit, "min_score is a number, and not high␛"),
        ([Change(METHOD, "max", "median")], Unfit, "method is one of max, mean, and not median"),
        ([Change(METHOD, "max", 1)], Unfit, "method is one of max, mean, and not 1"),
    ],
)
async def test_what_cannot_be_is_not_sent(
    service: FakeService, path: Path, changes: list[Change], error: type[ChangeError], words: str
) -> None:
    one = sender(service, path)
    with pytest.raises(error, match=words) as raised:
        await one.send(one.edit(IMPULSE, "", changes))
    assert raised.value.safe == "Nothing was sent."
    assert not service.posts
    assert journalled(path) == []


async def test_read_only_refuses_every_write_and_no_look(service: FakeService, path: Path) -> None:
    service.trouble = "lost before"
    lost = (await sent(service, path)).entry
    posts = service.posts.copy()
    one = sender(service, path, read_only="environment EITUI_READ_ONLY")
    edit = an_edit([change(service, SCORE, 0.8)], id="b1")
    for work in (one.send(edit), one.prepare(edit)):
        with pytest.raises(ReadOnly, match="Changes are turned off") as raised:
            await work
        assert "environment EITUI_READ_ONLY" in raised.value.advice
    assert service.posts == posts
    service.clock.elapsed += GRACE
    assert (await one.settle(lost)).entry.outcome is Outcome.SETTLED_NOT_APPLIED


async def test_without_a_journal_nothing_is_sent(service: FakeService, tmp_path: Path) -> None:
    path = tmp_path / "changes.db"
    path.write_bytes(b"something else")
    with pytest.raises(JournalError, match="not a journal"):
        await sent(service, path)
    blocked = path / "changes.db"
    with pytest.raises(JournalError):
        await sent(service, blocked)
    assert not service.posts


async def test_when_the_service_cannot_be_read_nothing_is_sent(service: FakeService, path: Path) -> None:
    service.unreadable = 1
    with pytest.raises(Unreachable):
        await sent(service, path)
    assert not service.posts
    assert journalled(path) == []


# What becomes of it


@pytest.mark.parametrize(
    ("trouble", "outcome", "later"),
    [
        ("refused", Outcome.REFUSED, Outcome.REFUSED),
        ("busy", Outcome.REFUSED, Outcome.REFUSED),
        ("refused and done", Outcome.SETTLED_APPLIED, Outcome.SETTLED_APPLIED),
        ("not sent", Outcome.NOT_SENT, Outcome.NOT_SENT),
        ("lost before", Outcome.UNKNOWN, Outcome.SETTLED_NOT_APPLIED),
        ("lost after", Outcome.SETTLED_APPLIED, Outcome.SETTLED_APPLIED),
        ("lost and late", Outcome.UNKNOWN, Outcome.SETTLED_APPLIED),
        ("wrong shape", Outcome.SETTLED_APPLIED, Outcome.SETTLED_APPLIED),
        ("failed", Outcome.UNKNOWN, Outcome.SETTLED_NOT_APPLIED),
    ],
)
async def test_what_each_trouble_leads_to(
    service: FakeService, path: Path, trouble: str, outcome: Outcome, later: Outcome
) -> None:
    service.trouble = trouble
    result = await sent(service, path)
    assert result.entry.outcome is outcome
    assert result.entry.report.detail
    assert journalled(path) == [outcome]
    assert result.again_in_s == (0 if outcome.settled else GRACE)
    service.clock.elapsed += GRACE
    settled = await sender(service, path).settle(result.entry)
    assert settled.entry.outcome is later
    assert journalled(path) == [later]
    assert service.posts.total() == (trouble != "not sent")


async def test_a_request_that_may_still_arrive_is_waited_for(service: FakeService, path: Path) -> None:
    service.trouble = "lost and late"
    result = await sent(service, path)
    service.clock.elapsed += LATE / 2
    one = sender(service, path)
    waiting = await one.settle(result.entry)
    assert waiting.entry.outcome is Outcome.UNKNOWN
    assert waiting.again_in_s == GRACE - LATE / 2
    assert waiting.stored == (0.6,)
    with pytest.raises(Underway, match="may still take effect") as raised:
        await one.send(to_send(service, one, anomaly=0.4))
    assert raised.value.again_in_s == GRACE - LATE / 2
    service.clock.elapsed += LATE
    settled_first = await one.send(to_send(service, one, anomaly=0.4))
    assert settled_first.entry.outcome is Outcome.APPLIED
    assert journalled(path) == [Outcome.SETTLED_APPLIED, Outcome.APPLIED]


async def test_values_that_are_neither_old_nor_new_are_said(service: FakeService, path: Path) -> None:
    service.trouble = "lost after"
    one = sender(service, path)
    edit = to_send(service, one, score=0.7, anomaly=0.4)
    service.witness = lambda _: setattr(service, "unreadable", 1)
    lost = await one.send(edit)
    assert (lost.entry.outcome, lost.stored, lost.matches) == (Outcome.UNKNOWN, None, None)
    assert "network is unreachable" in lost.problem
    service.meddle(ANOMALY, 0.9)
    service.clock.elapsed += GRACE
    settled = await one.settle(lost.entry)
    assert settled.entry.outcome is Outcome.SETTLED_OTHER
    assert settled.stored == settled.entry.report.stored == (0.7, 0.9)


async def test_a_value_that_is_stored_otherwise_is_said(service: FakeService, path: Path) -> None:
    service.places = 2
    one = sender(service, path)
    result = await one.send(to_send(service, one, score=0.7123))
    assert (result.entry.outcome, result.stored, result.matches) == (Outcome.APPLIED, (0.71,), False)
    assert Journal(path).look().changes[0] == result.entry
    assert result.entry.stored == (0.71,)
    await one.send(one.undo(result.entry))
    assert service.values[SCORE] == 0.6


async def test_an_impulse_that_is_gone_settles_what_was_not(service: FakeService, path: Path) -> None:
    service.trouble = "lost before"
    lost = (await sent(service, path)).entry
    del service.values[SCORE]
    service.clock.elapsed += GRACE
    result = await sender(service, path).settle(lost)
    assert (result.entry.outcome, result.stored) == (Outcome.SETTLED_OTHER, (None,))


async def test_settling_what_is_settled_asks_nothing(service: FakeService, path: Path) -> None:
    entry = (await sent(service, path)).entry
    looks = service.looks
    assert await sender(service, path).settle(entry) == Result(entry)
    assert service.looks == looks


async def test_what_another_process_is_sending_is_not_settled(service: FakeService, path: Path) -> None:
    journal = Journal(path, service.clock.now)
    with locked(journal.lock(HOST, PROJECT, IMPULSE)):
        entry = journal.intend(an_edit())
        with pytest.raises(Underway, match="Another eitui is sending"):
            await sender(service, path).settle(entry)
    service.clock.elapsed += GRACE
    assert (await sender(service, path).settle(entry)).entry.outcome is Outcome.SETTLED_NOT_APPLIED


async def test_an_outcome_that_cannot_be_written_down_is_told_all_the_same(service: FakeService, path: Path) -> None:
    one = sender(service, path, reports_fail=True)
    result = await one.send(to_send(service, one))
    assert (result.entry.outcome, result.stored) == (Outcome.APPLIED, (0.7,))
    assert "no space left" in result.problem
    assert journalled(path) == [Outcome.INTENDED]
    (entry,) = Journal(path).unsettled(HOST, PROJECT)
    assert (await sender(service, path).settle(entry)).entry.outcome is Outcome.SETTLED_APPLIED


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Rejected("no"), Outcome.REFUSED),
        (Rejected("no", final=True), Outcome.REFUSED),
        (Busy("later"), Outcome.REFUSED),
        (Busy("later", may_have_acted=True), Outcome.UNKNOWN),
        (Rejected("500", may_have_acted=True), Outcome.UNKNOWN),
        (Unreachable("refused"), Outcome.NOT_SENT),
        (Unreachable("broke", may_have_acted=True), Outcome.UNKNOWN),
        (BadAnswer("html"), Outcome.UNKNOWN),
        (BadSettings("proxy"), Outcome.NOT_SENT),
    ],
)
def test_what_each_error_means(error: ApiError, outcome: Outcome) -> None:
    assert outcome_of(error) is outcome


# Left in the middle


async def left(service: FakeService, path: Path, step: int) -> None:
    """Send, and be cancelled at some step; the steps are reading (0, 1), intent (2, 3), request (4, 5), report (6, 7),
    reading back (8, 9)."""
    fate = Fate(step, "cancel", loop=asyncio.get_running_loop())
    one = sender(service, path, fate)
    fate.task = asyncio.create_task(one.send(to_send(service, one)))
    with pytest.raises(asyncio.CancelledError):
        await fate.task


@pytest.mark.parametrize(
    ("step", "outcomes", "posts"),
    [
        (0, [], 0),
        (1, [], 0),
        (2, [Outcome.NOT_SENT], 0),
        (3, [Outcome.NOT_SENT], 0),
        (4, [Outcome.UNKNOWN], 0),
        (5, [Outcome.UNKNOWN], 1),
        (6, [Outcome.APPLIED], 1),
        (8, [Outcome.APPLIED], 1),
    ],
)
async def test_leaving_in_the_middle_is_written_down(
    service: FakeService, path: Path, step: int, outcomes: list[Outcome], posts: int
) -> None:
    await left(service, path, step)
    assert journalled(path) == outcomes
    assert service.posts.total() == posts
    service.clock.elapsed += GRACE
    for entry in Journal(path).unsettled(HOST, PROJECT):
        assert entry.report.detail == "eitui was left before the service answered"
        await sender(service, path).settle(entry)
    settled = {0: Outcome.SETTLED_NOT_APPLIED, 1: Outcome.SETTLED_APPLIED}[posts]
    assert journalled(path) == [settled if outcome is Outcome.UNKNOWN else outcome for outcome in outcomes]


@dataclass
class CancelledTwice(Fate):
    """Cancels just before and just after the change is written down, as a screen does that is closed."""

    def step(self) -> None:
        if self.steps in (2, 3):
            self.loop.call_soon_threadsafe(self.task.cancel)
        self.steps += 1


async def test_cancelled_twice_while_it_is_written_down_it_is_not_sent_and_the_lock_given_back(
    service: FakeService, path: Path
) -> None:
    fate = CancelledTwice(loop=asyncio.get_running_loop())
    one = sender(service, path, fate)
    fate.task = asyncio.create_task(one.send(to_send(service, one)))
    with pytest.raises(asyncio.CancelledError):
        await fate.task
    assert journalled(path) == [Outcome.NOT_SENT]
    assert not service.posts
    await sent(service, path, anomaly=0.4)
    assert journalled(path) == [Outcome.NOT_SENT, Outcome.APPLIED]


async def test_the_event_loop_goes_on_while_a_slow_disk_gives_the_lock(service: FakeService, path: Path) -> None:
    goes_on = threading.Event()

    class SlowLock(ImpulseLock):
        def acquire(self) -> None:
            assert goes_on.wait(PATIENCE_S)
            super().acquire()

        def release(self) -> None:
            assert goes_on.wait(PATIENCE_S)
            super().release()

    class SlowJournal(Journal):
        def lock(self, *impulse: Any) -> ImpulseLock:
            return SlowLock(Lock(path.with_name("slow.lock")))

    def wait_again(_: object) -> None:
        goes_on.clear()
        asyncio.get_running_loop().call_soon(goes_on.set)

    one = Sender(service.thresholds, service.set_once, SlowJournal(path, service.clock.now), owner())
    asyncio.get_running_loop().call_soon(goes_on.set)
    result = await one.send(to_send(service, one), wait_again)
    assert result.entry.outcome is Outcome.APPLIED


async def test_a_mistake_of_this_program_while_sending_is_written_down_too(service: FakeService, path: Path) -> None:
    def stumble(_: Edit) -> None:
        raise ZeroDivisionError

    service.witness = stumble
    with pytest.raises(ZeroDivisionError):
        await sent(service, path)
    assert journalled(path) == [Outcome.UNKNOWN]


def test_values_are_shown_in_full_and_clean() -> None:
    result = {0.1 + 0.2: "0.30000000000000004", 4: "4", 1.0: "1", None: "not set", "": "empty", "a\x1bb": "a␛b"}
    assert {value: format_value(value) for value in result} == result


# Undo


def to_undo(service: FakeService, one: Sender, score: float = 0.7, method: str | None = None) -> Edit:
    changes = [change(service, SCORE, score)]
    if method is not None:
        changes.append(change(service, METHOD, method))
    return one.edit(IMPULSE, "Keywords (synthetic)", changes)


async def test_an_undo_goes_the_same_way_and_can_be_undone(service: FakeService, path: Path) -> None:
    one = sender(service, path)
    first = (await one.send(to_undo(service, one, score=0.7, method="mean"))).entry
    edit = one.undo(first)
    assert edit.undo_of == first.edit.id
    assert edit.changes == (Change(SCORE, 0.7, 0.6), Change(METHOD, "mean", "max"))
    second = await one.send(edit)
    assert (service.values[SCORE], service.values[METHOD]) == (0.6, "max")
    await one.send(one.undo(second.entry))
    assert (service.values[SCORE], service.values[METHOD]) == (0.7, "mean")
    assert service.posts.total() == 3


async def test_what_somebody_changed_since_is_not_undone_unasked(service: FakeService, path: Path) -> None:
    one = sender(service, path)
    entry = (await one.send(to_undo(service, one))).entry
    service.meddle(SCORE, 0.9)
    with pytest.raises(Conflicted, match="A threshold was changed by somebody else meanwhile"):
        await one.send(one.undo(entry))
    assert service.values[SCORE] == 0.9


async def test_what_was_changed_from_here_since_is_not_somebody_elses(service: FakeService, path: Path) -> None:
    one = sender(service, path)
    first = (await one.send(to_undo(service, one, method="mean"))).entry
    second = (await one.send(to_undo(service, one, score=0.8))).entry
    at = f"{datetime.fromtimestamp(START):%Y-%m-%d %H:%M}"
    with pytest.raises(Conflicted, match=f"A threshold was changed by your change 2 of {at} meanwhile") as raised:
        await one.send(one.undo(first))
    assert [conflict.by for conflict in raised.value.conflicts] == [second]
    assert [conflict.by for conflict in await one.prepare(one.undo(first))] == [second]
    service.meddle(METHOD, "max")
    with pytest.raises(
        Conflicted, match=f"2 thresholds were changed by your change 2 of {at} and by somebody else meanwhile"
    ):
        await one.send(one.undo(first))
    service.meddle(SCORE, 0.75)
    with pytest.raises(Conflicted, match="changed by somebody else meanwhile"):
        await one.send(one.undo(first))


async def test_what_was_not_applied_cannot_be_undone(service: FakeService, path: Path) -> None:
    service.trouble = "refused"
    one = sender(service, path)
    refused = (await one.send(to_undo(service, one))).entry
    with pytest.raises(ChangeError, match="Change 1 was not applied"):
        one.undo(refused)
    foreign = Journal(path).intend(an_edit(id="b1", project_id=PROJECT + 1))
    with pytest.raises(ChangeError, match="another project"):
        one.undo(foreign)


async def test_without_a_value_before_there_is_no_undo(service: FakeService, path: Path) -> None:
    one = sender(service, path)
    service.values[SCORE] = cast("ThresholdValue", None)
    entry = (await one.send(to_undo(service, one))).entry
    assert service.values[SCORE] == 0.7
    with pytest.raises(ChangeError, match="What was there before change 1 is not known"):
        one.undo(entry)


# A clock that somebody sets


async def sent_score(service: FakeService, path: Path) -> Result:
    one = sender(service, path)
    return await one.send(one.edit(IMPULSE, "", [change(service, SCORE, 0.7)]))


@pytest.mark.parametrize("ahead", [-2.0, -86_400.0, GRACE * 2])
async def test_setting_the_clock_changes_nothing_for_who_has_sent_it(
    service: FakeService, path: Path, ahead: float
) -> None:
    service.trouble = "lost and late"
    one = sender(service, path)
    lost = await one.send(one.edit(IMPULSE, "", [change(service, SCORE, 0.7)]))
    service.clock.elapsed += LATE / 2
    service.clock.ahead = ahead
    waiting = await one.settle(lost.entry)
    assert waiting.entry.outcome is Outcome.UNKNOWN
    assert waiting.again_in_s == GRACE - LATE / 2
    service.clock.elapsed += GRACE
    assert (await one.settle(lost.entry)).entry.outcome is Outcome.SETTLED_APPLIED


@pytest.mark.parametrize("behind", [2.0, 86_400.0])
async def test_after_the_clock_was_set_back_a_change_is_waited_for_once(
    service: FakeService, path: Path, behind: float
) -> None:
    service.trouble = "lost before"
    lost = (await sent_score(service, path)).entry
    service.clock.ahead = -behind
    one = sender(service, path)
    with pytest.raises(Underway) as raised:
        await one.send(one.edit(IMPULSE, "", [change(service, ANOMALY, 0.4)]))
    assert raised.value.again_in_s == GRACE
    service.clock.elapsed += GRACE / 2
    assert (await sender(service, path).settle(lost)).again_in_s == GRACE / 2
    service.clock.elapsed += GRACE / 2
    settled = await sender(service, path).settle(lost)
    assert settled.entry.outcome is Outcome.SETTLED_NOT_APPLIED
    assert service.posts.total() == 1


async def test_without_room_to_write_it_is_waited_once_in_each_process(service: FakeService, path: Path) -> None:
    service.trouble = "lost before"
    lost = (await sent_score(service, path)).entry
    service.clock.ahead = -86_400
    one = sender(service, path, reports_fail=True)
    assert (await one.settle(lost)).again_in_s == GRACE
    service.clock.elapsed += GRACE
    assert "no space left" in (await one.settle(lost)).problem
    assert (await sender(service, path).settle(lost)).again_in_s == GRACE
