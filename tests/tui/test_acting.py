"""Adding a trial, extending and cancelling from the monitor, on the look-alike. All data are synthetic."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from build import completed, run
from thresholding import World, monitoring
from watching import LONG, START, FoldedRecording, Watching, replaying

from eitui.demo.options import JOB_S, Options
from eitui.demo.service import PROJECT_ID
from eitui.domain.action import ActionKind
from eitui.domain.edit import Outcome
from eitui.domain.moment import Instant
from eitui.feed.events import PollSucceeded
from eitui.tui.kit.dialog import Confirm
from eitui.tui.screens.journal import JournalScreen
from eitui.tui.screens.trial import TrialScreen


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "changes.db")


def select_completed(watch: Watching) -> str:
    """Put the cursor on a completed trial that is no impulse yet; return its id."""
    trials = watch.monitor.travel.moment.run.completed
    watch.monitor.select_trial(trials[2].id)
    return trials[2].id


def outcomes(world: World) -> list[tuple[ActionKind, Outcome]]:
    return [(entry.action.kind, entry.outcome) for entry in reversed(world.journal.look().actions)]


async def test_a_trial_is_added_after_y(world: World) -> None:
    async with monitoring(world) as watch:
        trial = select_completed(watch)
        await watch.press("+")
        text = watch.text()
        assert "to the project as an impulse?" in text
        assert "uses compute time" in text
        await watch.press("enter")
        assert world.posts == []
        await watch.press("y")
        await watch.pass_time(JOB_S)
        assert world.posts == [f"/v1/api/{PROJECT_ID}/jobs/set-tuner-primary-job?trialId={trial}"]
        assert outcomes(world) == [(ActionKind.ADD, Outcome.APPLIED)]
        (entry,) = world.journal.look().actions
        assert entry.report.found == "impulse 9"
        await watch.press("+")
        assert "in the project already, as impulse 9" in watch.text()
        assert watch.app.screen is watch.monitor


@pytest.mark.parametrize("key", ["n", "escape", "q"])
async def test_nothing_is_sent_without_y(world: World, key: str) -> None:
    async with monitoring(world) as watch:
        select_completed(watch)
        for ask in ("+", "E"):
            await watch.press(ask)
            assert isinstance(watch.app.screen, Confirm)
            await watch.press(key)
            assert watch.app.screen is watch.monitor
        assert world.posts == []
        assert not world.path.exists()


async def test_y_is_no_answer_before_it_is_known_what_it_means(world: World) -> None:
    async with monitoring(world) as watch:
        select_completed(watch)
        watch.reads_are_held = world.reads_held = True
        await watch.press("+")
        assert "The service is asked what this means" in watch.text()
        await watch.press("y")
        assert isinstance(watch.app.screen, Confirm)
        await watch.press("n")
        assert watch.app.screen is watch.monitor
        assert world.posts == []


async def test_a_search_is_extended(world: World) -> None:
    async with monitoring(world) as watch:
        await watch.press("E")
        text = watch.text()
        assert "Extend the search Search 1" in text
        assert "up to 44 more" in text
        await watch.press("y")
        assert outcomes(world) == [(ActionKind.EXTEND, Outcome.APPLIED)]
        await watch.press("J")
        assert "extend Search 1 (synthetic)" in watch.text()
        assert "✓ done" in watch.text()


async def test_a_run_is_cancelled(world: World) -> None:
    world.options = Options()
    world.__post_init__()
    async with monitoring(world) as watch:
        await watch.press("E")
        assert "still running" in watch.text()
        await watch.press("X")
        assert "running trials end unfinished" in watch.text()
        await watch.press("y")
        assert outcomes(world) == [(ActionKind.CANCEL, Outcome.APPLIED)]
        await watch.press("X")
        assert "is over already" in watch.text()
    assert len(world.posts) == 1


async def test_a_job_is_cancelled_from_the_journal(world: World) -> None:
    async with monitoring(world) as watch:
        actor = world.project().actor
        await actor.send(actor.action(ActionKind.TEST, 1, "Keywords"))
        await watch.press("J")
        await watch.press("X")
        assert "Cancel job 8200001?" in watch.text()
        await watch.press("y")
        assert isinstance(watch.app.screen, JournalScreen)
        assert "An action cannot be undone" in await _after(watch, "u")
        assert "about no threshold" in await _after(watch, "t")
    assert outcomes(world) == [(ActionKind.TEST, Outcome.APPLIED), (ActionKind.CANCEL, Outcome.APPLIED)]


async def _after(watch: Watching, key: str) -> str:
    await watch.press(key)
    return watch.text()


@pytest.mark.parametrize(
    ("given", "why"), [({"read_only": "flag --read-only"}, "read-only"), ({"role": "readonly"}, "API")]
)
async def test_read_only_says_why(world: World, given: dict[str, Any], why: str) -> None:
    for name, value in given.items():
        setattr(world, name, value)
    async with monitoring(world) as watch:
        select_completed(watch)
        for key in ("+", "E", "X"):
            await watch.press(key)
            assert why in watch.text()
            assert watch.app.screen is watch.monitor
    assert world.posts == []
    assert not world.path.exists()


@pytest.mark.parametrize(
    ("fault", "outcome", "said"),
    [
        ("drop", Outcome.NOT_SENT, "It was not sent"),
        ("refuse", Outcome.REFUSED, "The service said no"),
        ("lose-answer", Outcome.SETTLED_APPLIED, "reading back shows that it is done"),
    ],
)
async def test_a_request_that_goes_wrong_is_told_and_not_repeated(
    world: World, fault: str, outcome: Outcome, said: str
) -> None:
    async with monitoring(world) as watch:
        world.fail(fault)
        await watch.press("E")
        await watch.press("y")
        assert said in watch.app.notices[-1].message
        assert outcomes(world) == [(ActionKind.EXTEND, outcome)]
        await watch.press("J")
        await watch.pass_time(40)
        await watch.press("r")
    assert len(world.posts) == 1


async def test_of_a_recording_nothing_is_started() -> None:
    told = PollSucceeded(Instant(START, 5.0), replace(run(completed("1")), coordinator_job_id=77))
    async with replaying(FoldedRecording([told])) as watch:
        for key in ("+", "E", "X"):
            await watch.press(key)
            assert not isinstance(watch.app.screen, Confirm)
            assert watch.app.notices[-1].message == "This is a recording: nothing can be started or cancelled."


async def test_the_studios_address_is_copied(world: World) -> None:
    async with monitoring(world, endpoint="studio.edgeimpulse.com") as watch:
        shown = watch.monitor.travel.moment.run
        base = f"https://studio.edgeimpulse.com/studio/{PROJECT_ID}"
        select_completed(watch)
        await watch.press("U")
        assert watch.app.clipboard == f"{base}/tuner/{shown.coordinator_job_id}"
        watch.monitor.select_trial(shown.trials[0].id)
        await watch.press("U")
        assert watch.app.clipboard == f"{base}/impulse/1/create-impulse"
        await watch.press("I", "U")
        assert watch.app.clipboard == f"{base}/impulse/1/create-impulse"
        await watch.press("down", "enter", "U")
        assert watch.app.clipboard == f"{base}/impulse/2/create-impulse"


async def test_a_service_of_another_kind_has_no_studio(world: World) -> None:
    async with monitoring(world) as watch:
        await watch.press("U")
        assert "address is not known" in watch.text()
        assert watch.app.clipboard == ""


async def test_a_trial_is_added_from_its_own_screen(world: World) -> None:
    async with monitoring(world) as watch:
        select_completed(watch)
        await watch.press("enter", "+")
        await watch.press("y")
        assert isinstance(watch.app.screen, TrialScreen)
    assert outcomes(world) == [(ActionKind.ADD, Outcome.APPLIED)]


async def test_quitting_while_an_action_is_sent_asks_first(world: World) -> None:
    world.held = True
    async with monitoring(world) as watch:
        await watch.press("E")
        watch.reads_are_held = True
        await watch.press("y")
        async with asyncio.timeout(LONG):
            while not world.posts:
                await watch.idle()
        await watch.press("q")
        assert "An action is being sent" in watch.text()
        await watch.press("n")
        assert watch.app.screen is watch.monitor
        await watch.press("q", "y")
        assert not watch.app.is_running
    (entry,) = world.journal.look().actions
    assert not entry.outcome.settled
    assert len(world.posts) == 1


async def test_pressed_once_more_it_quits_at_once(world: World) -> None:
    world.held = True
    async with monitoring(world) as watch:
        await watch.press("E")
        watch.reads_are_held = True
        await watch.press("y", "ctrl+c", "ctrl+c")
        assert not watch.app.is_running
