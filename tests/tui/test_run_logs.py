"""The logs of the run's own jobs, and what any log can do: filter, copy, follow. All logs are synthetic."""

from dataclasses import replace
from typing import Any

import pytest
from build import completed, run, running
from watching import START, FoldedRecording, Watching, replaying, watching

from eitui.domain.log import LogLine, TrialLog
from eitui.domain.moment import Instant
from eitui.domain.run import RunJob
from eitui.feed.events import NoLog, PollSucceeded
from eitui.tui.screens.failures import FailuresScreen
from eitui.tui.screens.monitor import Monitor
from eitui.tui.screens.run_logs import RunLogsScreen
from eitui.tui.screens.search import SearchScreen
from eitui.tui.widgets.log_pane import FOLLOW_S

RUN = replace(run(completed("1"), running("2", 3)), tuner_job_id=8, coordinator_job_id=7)
TUNER, COORDINATOR = RunJob("tuner", 8), RunJob("coordinator", 7)


def log(*texts: str) -> TrialLog:
    return TrialLog(tuple(LogLine(START + number, "info", text) for number, text in enumerate(texts)))


def with_logs(watch: Watching) -> None:
    watch.source.logs |= {"tuner": log("Queued trial 1", "Queued trial 2"), "coordinator": log("Starting 4 workers")}


@pytest.mark.parametrize("way", ["O", "I"])
async def test_a_filter_typed_in_the_same_read_is_of_the_screen_that_its_first_key_opens(way: str) -> None:
    async with watching(RUN) as watch:
        with_logs(watch)
        watch.together(way, "slash", *"trial 2")
        await watch.settle()
        assert not watch.table.typing
        assert "trial 2" in watch.text()
        assert watch.lines()[-1].startswith(" enter Keep  esc Show all")
        await watch.press("escape")
        assert not isinstance(watch.app.screen, Monitor)


async def test_one_key_opens_them_from_anywhere_and_each_job_has_a_tab() -> None:
    async with watching(RUN) as watch:
        with_logs(watch)
        for way, where in ((), Monitor), (("o",), SearchScreen), (("F",), FailuresScreen):
            await watch.press(*way)
            assert isinstance(watch.app.screen, where)
            assert "Logs O" in watch.views
            await watch.press("O", "O")
            assert isinstance(watch.app.screen, RunLogsScreen)
            assert "Queued trial 2" in watch.text()
            assert "job 8" in watch.lines()[0]
            await watch.press("2")
            assert "Starting 4 workers" in watch.text()
            await watch.press("tab")
            assert "Queued trial 2" in watch.text()
            await watch.press("escape")
            assert watch.app.screen is watch.monitor
        assert watch.source.asked == ["tuner", "coordinator"]


async def test_a_log_is_filtered_and_what_is_left_is_copied() -> None:
    async with watching(RUN, size=(100, 30)) as watch:
        watch.source.logs["tuner"] = log(*(f"line {number}" for number in range(40)), "No improvement: stopping")
        await watch.press("O")
        await watch.press("slash")
        assert watch.lines()[-2].split("  ")[1:2] == [" part of a line, in any case"]
        await watch.press(*"STOPP")
        assert watch.lines()[-2].split() == ["1", "of", "41"]
        assert "line 39" not in watch.text()
        await watch.press("enter")
        assert "filter: STOPP · 1 of 41" in watch.text()
        await watch.press("y")
        assert watch.app.clipboard.endswith("  No improvement: stopping\n")
        assert watch.app.clipboard.count("\n") == 1
        await watch.press("slash", *"zzz", "enter")
        assert "No line matches `STOPPzzz` (0 of 41)." in watch.text()
        await watch.press("escape")
        assert "line 39" in watch.text()
        await watch.press("y")
        assert watch.app.clipboard.count("\n") == 41
        await watch.press("escape")
        assert isinstance(watch.app.screen, Monitor)


async def test_a_log_that_grows_is_followed_while_its_end_is_in_sight() -> None:
    async with watching(RUN, size=(100, 30)) as watch:
        watch.source.logs["tuner"] = log(*(f"line {number}" for number in range(60)))
        await watch.press("O")
        await watch.pass_time(FOLLOW_S / 2)
        assert watch.source.asked == ["tuner"]
        watch.source.logs["tuner"] = log(*(f"line {number}" for number in range(61)))
        await watch.pass_time(FOLLOW_S / 2)
        assert "line 60" in watch.text()
        await watch.press("g")
        await watch.pass_time(FOLLOW_S)
        assert watch.source.asked == ["tuner", "tuner"]
        await watch.press("G", "r")
        assert watch.source.asked == ["tuner"] * 3
        await watch.answer(replace(RUN, status="completed", job_running=False))
        await watch.pass_time(FOLLOW_S)
        assert watch.source.asked == ["tuner"] * 3, "what is over does not grow"


@pytest.mark.parametrize(
    ("jobs", "found", "result"),
    [
        ({"tuner_job_id": None}, log("x"), "The service names no tuner job."),
        ({}, NoLog("No job with this ID"), "The log could not be read: No job with this ID."),
        ({}, TrialLog(), "The tuner's log is empty."),
    ],
)
async def test_why_there_is_no_log(jobs: dict[str, Any], found: TrialLog | NoLog, result: str) -> None:
    async with watching(replace(RUN, **jobs)) as watch:
        watch.source.logs["tuner"] = found
        await watch.press("O")
        assert result in watch.text()
        await watch.press("y")
        assert "No line of a log to copy." in watch.text()


async def test_a_run_without_trials_says_why_and_the_key_is_at_hand() -> None:
    ended = replace(run(status="completed"), tuner_job_id=8)
    async with watching(ended) as watch:
        with_logs(watch)
        assert "usually because no model comes close" in watch.text()
        assert "O opens the tuner's log." in " ".join(watch.text().split())
        await watch.press("O")
        assert "Queued trial 2" in watch.text()


async def test_a_replay_says_that_logs_are_not_recorded() -> None:
    async with replaying(FoldedRecording([PollSucceeded(Instant(START, 1000.0), RUN)])) as watch:
        await watch.press("O")
        assert "Logs are not recorded. Watch the run itself to read them: eitui watch." in watch.text()


async def test_a_trials_log_is_filtered_from_any_of_its_tabs() -> None:
    async with watching(run(running("2", 3))) as watch:
        watch.source.logs["2"] = log("Attempt 1", "Training")
        await watch.press("enter")
        await watch.press("slash")
        await watch.press(*"TRAIN", "tab", "1", "backspace", "enter")
        assert "filter: TRAIN · 1 of 2" in watch.text()
        assert "Attempt 1" not in watch.text()
        await watch.press("1")
        await watch.press("6")
        assert "filter: TRAIN · 1 of 2" in watch.text()
        await watch.press("escape")
        assert "Attempt 1" in watch.text()
        await watch.press("escape")
        assert isinstance(watch.app.screen, Monitor)
