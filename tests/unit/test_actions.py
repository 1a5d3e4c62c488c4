"""Adding a trial, extending a search, cancelling a job, testing a model: sent once, and read back."""

from pathlib import Path

import pytest
from acting import RUN, TARGETS, TRIAL, FakeRuns, actor, an_action, check_explained
from changing import GRACE, HOST, PROJECT, an_edit, locked

from eitui.api.errors import ApiError, Unreachable
from eitui.domain.action import Action, ActionKind, PlanLimits
from eitui.domain.edit import Outcome, Report
from eitui.domain.run import Config, Counts, Run
from eitui.errors import Code
from eitui.thresholds import action_messages as say
from eitui.thresholds.errors import AlreadySent, Pointless, ReadOnly, Underway
from eitui.thresholds.journal import NO_IMPULSE, Journal
from eitui.thresholds.send import SendStep

KINDS = list(ActionKind)
SEEN = [kind for kind in KINDS if kind is not ActionKind.TEST]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "changes.db"


@pytest.fixture
def service() -> FakeRuns:
    return FakeRuns()


@pytest.mark.parametrize("kind", KINDS)
async def test_an_action_is_written_down_sent_once_and_read_back(
    service: FakeRuns, path: Path, kind: ActionKind
) -> None:
    seen: list[Outcome] = []
    service.witness = lambda action: seen.extend(one.outcome for one in Journal(path).look().actions)
    steps: list[SendStep] = []
    one = actor(service, path)
    result = await one.send(an_action(one, kind), steps.append)
    assert seen == [Outcome.INTENDED]
    assert steps == [SendStep.READING, SendStep.JOURNALLED, SendStep.ACCEPTED]
    assert result.entry.outcome is Outcome.APPLIED
    assert result.entry.report.seen is (True if kind in SEEN else None)
    assert Journal(path).look().entries == (result.entry,)
    assert sum(service.posts.values()) == 1


@pytest.mark.parametrize("kind", SEEN)
async def test_what_is_so_already_is_not_sent(service: FakeRuns, path: Path, kind: ActionKind) -> None:
    one = actor(service, path)
    await one.send(an_action(one, kind))
    with pytest.raises(Pointless):
        await one.prepare(an_action(one, kind))
    with pytest.raises(Pointless) as raised:
        await one.send(an_action(one, kind))
    assert raised.value.code is Code.POINTLESS
    assert len(service.posts) == 1


@pytest.mark.parametrize("kind", KINDS)
async def test_read_only_nothing_is_sent(service: FakeRuns, path: Path, kind: ActionKind) -> None:
    one = actor(service, path, read_only="flag --read-only")
    with pytest.raises(ReadOnly, match="read-only"):
        await one.send(an_action(one, kind))
    service.role = "readonly"
    one = actor(service, path)
    with pytest.raises(ReadOnly) as raised:
        await one.send(an_action(one, kind))
    assert "the API key, whose role is readonly" in raised.value.guidance
    assert not service.posts
    assert not path.exists()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [("refused", Outcome.REFUSED), ("busy", Outcome.REFUSED), ("not sent", Outcome.NOT_SENT)],
)
async def test_a_refusal_leaves_nothing_done(
    service: FakeRuns, path: Path, kind: ActionKind, trouble: str, outcome: Outcome
) -> None:
    service.trouble = trouble
    one = actor(service, path)
    result = await one.send(an_action(one, kind))
    assert result.entry.outcome is outcome
    assert not service.effects
    assert (await one.send(an_action(one, kind))).entry.outcome is Outcome.APPLIED


@pytest.mark.parametrize("kind", SEEN)
async def test_a_lost_answer_is_settled_by_reading_back(service: FakeRuns, path: Path, kind: ActionKind) -> None:
    service.trouble = "lost after"
    one = actor(service, path)
    result = await one.send(an_action(one, kind))
    assert result.entry.outcome is Outcome.SETTLED_APPLIED
    assert len(service.posts) == 1


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        (ActionKind.EXTEND, Outcome.SETTLED_NOT_APPLIED),
        # A job may be at it still, or nobody can tell: nothing is claimed.
        (ActionKind.ADD, Outcome.SETTLED_OTHER),
        (ActionKind.CANCEL, Outcome.SETTLED_OTHER),
        (ActionKind.TEST, Outcome.SETTLED_OTHER),
    ],
)
async def test_a_request_that_was_lost_is_not_sent_again_by_itself(
    service: FakeRuns, path: Path, kind: ActionKind, outcome: Outcome
) -> None:
    service.trouble = "lost before"
    one = actor(service, path)
    result = await one.send(an_action(one, kind))
    assert (result.entry.outcome, result.again_in_s) == (Outcome.UNKNOWN, GRACE)
    with pytest.raises(Underway, match="may still take effect"):
        await one.send(an_action(one, kind))
    service.clock.elapsed += GRACE
    assert (await one.read_back(result.entry)).entry.outcome is outcome
    assert await one.unsettled() == ()
    assert len(service.posts) == 1
    again = await one.send(an_action(one, kind))
    assert again.entry.outcome is Outcome.APPLIED
    check_explained(service, path)


async def test_what_is_seen_later_is_written_down(service: FakeRuns, path: Path) -> None:
    service.slow = True
    one = actor(service, path)
    entry = (await one.send(an_action(one, ActionKind.ADD))).entry
    assert entry.report.seen is False
    assert "as job 8300001; read back, the trial is not an impulse yet" in say.action_outcome(entry)
    service.slow = False
    entry = (await one.read_back(entry)).entry
    assert (entry.report.seen, entry.report.found) == (True, "impulse 7")
    assert say.action_outcome(entry) == "Done as job 8300001, and read back: impulse 7."


async def test_what_was_accepted_is_not_sent_again_while_its_job_runs(service: FakeRuns, path: Path) -> None:
    service.slow = True
    one = actor(service, path)
    await one.send(an_action(one, ActionKind.ADD))
    for again in (one.prepare, one.send):
        with pytest.raises(Underway, match="as job 8300001"):
            await again(an_action(one, ActionKind.ADD))
    assert sum(service.posts.values()) == 1


async def test_a_trial_without_an_id_is_not_added(service: FakeRuns, path: Path) -> None:
    one = actor(service, path)
    with pytest.raises(Pointless, match="no id"):
        await one.prepare(one.action(ActionKind.ADD, ""))


async def test_a_problem_with_reading_back_is_told(service: FakeRuns, path: Path) -> None:
    one = actor(service, path)
    entry = (await one.send(an_action(one, ActionKind.ADD))).entry
    service.effects.clear()
    service.unreadable = 1
    with pytest.raises(ApiError):
        await one.send(an_action(one, ActionKind.ADD))
    service.slow = True
    entry = (await one.send(an_action(one, ActionKind.ADD))).entry
    service.unreadable = 1
    assert "cannot be reached" in (await one.read_back(entry)).problem


async def test_an_action_that_is_being_sent_elsewhere_is_left_alone(service: FakeRuns, path: Path) -> None:
    one = actor(service, path)
    entry = Journal(path).intend_action(an_action(one, ActionKind.CANCEL))
    with locked(Journal(path).lock(HOST, PROJECT, NO_IMPULSE)):
        with pytest.raises(Underway, match="Another eitui"):
            await one.send(an_action(one, ActionKind.CANCEL))
        with pytest.raises(Underway):
            await one.read_back(entry)
        assert await one.never_answered() == ()
    assert await one.never_answered() == (entry,)


async def test_the_very_same_action_is_never_sent_twice(service: FakeRuns, path: Path) -> None:
    one = actor(service, path)
    action = an_action(one, ActionKind.TEST)
    await one.send(action)
    with pytest.raises(AlreadySent):
        await one.send(action)


async def test_a_journal_that_cannot_report_leaves_the_action_intended(service: FakeRuns, path: Path) -> None:
    one = actor(service, path, reports_fail=True)
    result = await one.send(an_action(one, ActionKind.ADD))
    assert result.entry.outcome is Outcome.APPLIED
    assert "no space left" in result.problem
    (entry,) = Journal(path).unsettled_actions(HOST, PROJECT)
    assert entry.outcome is Outcome.INTENDED


# The journal


def test_one_journal_has_changes_and_actions(path: Path) -> None:
    journal = Journal(path)
    change = journal.intend(an_edit())
    assert _version(path) == 1  # an eitui that knows no actions reads it
    action = journal.intend_action(
        Action("b2", HOST, PROJECT, ActionKind.ADD, TRIAL, "mfe-\ud800", "ada@box", "Best", (RUN,))
    )
    assert _version(path) == 2
    action = journal.report(action, Report(Outcome.APPLIED, "Detail", job_id=5, seen=True, found="impulse 7"))
    assert (change.number, action.number) == (1, 2)
    assert journal.look(HOST, PROJECT).entries == (action, change)
    assert journal.look().changes == (change,)
    assert (journal.entry(1), journal.action(1)) == (change, None)
    assert (journal.entry(2), journal.action(2)) == (None, action)
    assert journal.unsettled(HOST, PROJECT) == (change,)
    assert journal.unsettled_actions(HOST, PROJECT) == ()
    assert journal.last_applied_of(HOST, PROJECT, NO_IMPULSE) is None


def _version(path: Path) -> int:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(path)) as file:
        number: int = file.execute("PRAGMA user_version").fetchone()[0]
        return number


# Words

FINISHED = Run("completed", Config(name="Search 1", max_trials=40), Counts(0, 0, 30, 4))


def test_what_an_action_means_is_said_before_it_is_sent(path: Path, service: FakeRuns) -> None:
    one = actor(service, path)
    assert (
        say.action_question(an_action(one, ActionKind.ADD)) == "Add trial mfe-conv1d-934 to the project as an impulse?"
    )
    named = one.action(ActionKind.ADD, TRIAL, "mfe", new_name="Best")
    assert say.action_text(named).endswith("as an impulse, called Best")
    assert say.action_question(one.action(ActionKind.TEST, 1)) == "Start model testing of impulse 1?"
    assert say.run_title(Run(coordinator_job_id=7)) == "of job 7"
    assert "up to 40 more trials" in " ".join(say.extending(FINISHED, PlanLimits(left_s=1800)))
    assert "30m of compute time are left" in " ".join(say.extending(FINISHED, PlanLimits(left_s=1800)))
    assert say.extending(Run(), None)[0].startswith("A new run begins where this one ended, and trains more trials")
    running = Run("running", counts=Counts(2, 1, 3, 0))
    assert say.cancelling_run(running)[0] == (
        "The search stops. 1 running trial ends unfinished and 2 waiting trials are not trained. "
        "3 completed trials stay."
    )


@pytest.mark.parametrize(
    ("limits", "training_s", "warned"),
    [
        (None, 2310.0, ""),
        (PlanLimits(job_s=1200), None, ""),
        (PlanLimits(job_s=1200), 1200.0, ""),
        (PlanLimits(job_s=1200), 2310.0, "trained for 38m 30s, and the plan allows 20m for one job"),
        (PlanLimits(left_s=600), 2310.0, "38m 30s, and 10m of compute time are left"),
        (PlanLimits(), 2310.0, ""),
    ],
)
def test_a_trial_that_trains_longer_than_the_plan_allows_is_warned_of(
    limits: PlanLimits | None, training_s: float | None, warned: str
) -> None:
    said = " ".join(say.adding(limits, training_s))
    assert ("!" in said) is bool(warned)
    assert warned in said


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("outcome", list(Outcome))
async def test_every_outcome_has_its_sentence(
    service: FakeRuns, path: Path, kind: ActionKind, outcome: Outcome
) -> None:
    one = actor(service, path)
    journal = Journal(path)
    entry = journal.intend_action(an_action(one, kind))
    texts = set()
    for report in (Report(outcome, "Why"), Report(outcome, refused=True, seen=False), Report(outcome, seen=True)):
        entry = journal.report(entry, report)
        text = say.action_outcome(entry)
        texts.add(text)
        assert "{" not in text
        assert text.endswith((".", ")"))
    assert bool(say.action_advice(entry, 5.0)) is not outcome.applied
    assert say.brief(entry)
    assert TARGETS[kind]


async def test_an_outage_before_anything_is_sent_sends_nothing(service: FakeRuns, path: Path) -> None:
    service.unreadable = 1
    one = actor(service, path)
    with pytest.raises(Unreachable):
        await one.send(an_action(one, ActionKind.EXTEND))
    assert not service.posts
    assert not path.exists()
