"""Why trials of a run failed: grouped by cause, with logs read a few at a time. All trials and logs are synthetic."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import pytest
from build import completed, failed, run, running
from watching import START, FoldedRecording, Watching, replaying, spy_on_lines, watching

from eitui.domain.log import LogLine, TrialLog
from eitui.domain.moment import Instant
from eitui.domain.run import Run
from eitui.domain.trial import Block, Trial
from eitui.feed.events import NoLog, PollSucceeded, Source
from eitui.tui.logs import AT_A_TIME, GIVE_UP, KEPT, Logs
from eitui.tui.screens.failures import FailureList, FailuresScreen
from eitui.tui.screens.trial import TrialScreen

BLOCKS = (Block(1, "dsp", "completed"), Block(2, "learn", "failed", 1))
OOM, SHAPE = "ResourceExhaustedError: OOM when allocating tensor", "ValueError: cannot reshape array of size 9"


def broken(trial_id: str) -> Trial:
    return replace(failed(trial_id), blocks=BLOCKS)


def log(*texts: str) -> TrialLog:
    return TrialLog(tuple(LogLine(START + number, "info", text) for number, text in enumerate(texts)))


RUN = run(completed("1"), *(broken(str(number)) for number in range(2, 8)), running("8", 3))
LOGS = {str(number): log("Attempt 1", OOM if number < 6 else SHAPE) for number in range(2, 8)}


async def opened(watch: Watching, logs: Mapping[str, TrialLog | NoLog] = LOGS) -> FailuresScreen:
    watch.source.logs |= logs
    await watch.press("F")
    assert isinstance(watch.app.screen, FailuresScreen)
    return watch.app.screen


def cursor(watch: Watching) -> str | None:
    return watch.app.screen.query_one(FailureList).cursor


async def test_failures_are_grouped_by_cause() -> None:
    async with watching(RUN) as watch:
        await opened(watch)
        lines = [line.strip() for line in watch.lines()]
        assert "Failures  6 of 8 trials failed" in lines[0]
        assert lines.index("out of memory · 4 trials · in the learn block") < lines.index(
            "shape mismatch · 2 trials · in the learn block"
        )
        assert any("✗ mfe-conv1d-2  learn block, 1 retry  ResourceExhaustedError" in line for line in lines)


async def test_each_log_is_asked_for_once() -> None:
    async with watching(RUN) as watch:
        await opened(watch)
        assert sorted(watch.source.asked) == ["2", "3", "4", "5", "6", "7"]
        await watch.pass_time(5)
        await watch.press("escape", "F")
        assert len(watch.source.asked) == 6


async def test_a_trial_that_fails_meanwhile_is_added() -> None:
    async with watching(RUN) as watch:
        await opened(watch)
        watch.source.logs["8"] = log(SHAPE)
        await watch.answer(run(*RUN.trials[:-1], broken("8")))
        assert "7 of 8 trials failed" in watch.lines()[0]
        assert "shape mismatch · 3 trials" in watch.text()
        assert watch.source.asked[6:] == ["8"]


async def test_enter_opens_the_trial_and_n_goes_through_the_failed_ones() -> None:
    async with watching(RUN) as watch:
        await opened(watch)
        await watch.press("j", "enter")
        assert isinstance(watch.app.screen, TrialScreen)
        assert "mfe-conv1d-3" in watch.lines()[0]
        assert "Likely cause: out of memory" in watch.text()
        await watch.press("n")
        assert "mfe-conv1d-4" in watch.lines()[0]
        await watch.press("escape")
        assert isinstance(watch.app.screen, FailuresScreen)
        assert cursor(watch) == "4"
        await watch.press("escape")
        assert watch.table.cursor == "4"
        assert len(watch.source.asked) == 6


async def test_the_cursor_moves_among_trials_and_stays_on_its_own() -> None:
    async with watching(RUN) as watch:
        await opened(watch)
        assert cursor(watch) == "2"
        await watch.press("k")
        assert cursor(watch) == "2"
        await watch.press("G")
        assert cursor(watch) == "7"
        await watch.press("g", "j", "j")
        assert cursor(watch) == "4"
        await watch.answer(run(*(trial for trial in RUN.trials if trial.id != "2")))
        assert cursor(watch) == "4"
        await watch.answer(run(*(trial for trial in RUN.trials if trial.id not in ("2", "4"))))
        assert cursor(watch) in ("3", "5")


async def test_the_cursor_is_always_in_sight() -> None:
    many = run(*(broken(str(number)) for number in range(40)))
    async with watching(many, size=(80, 24)) as watch:
        await opened(watch, {str(number): log(OOM) for number in range(40)})
        for key in ("G", "k", "g", "pagedown", "k", "pagedown", "pageup", "pageup"):
            await watch.press(key)
            assert f"mfe-conv1d-{cursor(watch)} " in watch.text()
        assert cursor(watch) == "0"
        assert "out of memory · 40 trials" in watch.text()


@pytest.mark.parametrize(
    ("of", "result"),
    [
        (run(completed("1"), running("2")), "No trial has failed so far."),
        (run(completed("1"), status="completed"), "No trial failed."),
    ],
)
async def test_no_failures(of: Run, result: str) -> None:
    async with watching(of) as watch:
        await opened(watch)
        assert result in watch.text()
        await watch.press("enter", "j", "G")
        assert "No failed trial to open." in watch.text()


async def test_before_the_first_answer() -> None:
    async with watching() as watch:
        await opened(watch)
        assert "Waiting for the first answer of the service." in watch.text()


async def test_logs_that_cannot_be_had_are_said_and_asked_for_again_with_r() -> None:
    gone = {"3": NoLog("No trial with this ID")}
    async with watching(RUN) as watch:
        await opened(watch, LOGS | gone)
        assert "1 of 6 logs could not be read: No trial with this ID. r asks again." in watch.text()
        assert "cause not known · 1 trial" in watch.text()
        assert "5 of 6 logs read" in watch.text()
        watch.source.logs |= LOGS
        await watch.press("r")
        assert "could not be read" not in watch.text()
        assert "out of memory · 4 trials" in watch.text()
        assert watch.source.asked.count("3") == 2
        assert watch.source.asked.count("2") == 1


async def test_where_no_log_can_be_had_it_gives_up_and_goes_by_the_blocks() -> None:
    many = run(completed("1"), *(broken(str(number)) for number in range(2, 30)))
    nothing = {str(number): NoLog("The service did not answer within 15 s") for number in range(30)}
    async with watching(many) as watch:
        await opened(watch, nothing)
        assert "Logs cannot be read: The service did not answer within 15 s. r asks again." in watch.text()
        assert "unknown · 28 trials · in the learn block" in watch.text()
        assert len(watch.source.asked) <= GIVE_UP + AT_A_TIME


async def test_in_a_replay_the_blocks_are_all_there_is() -> None:
    folded = FoldedRecording([PollSucceeded(Instant(START, 1000.0), RUN)])
    async with replaying(folded) as watch:
        await opened(watch)
        assert "Logs cannot be read: Logs are not recorded." in watch.text()
        assert "r asks again" not in watch.text()
        assert "unknown · 6 trials · in the learn block" in watch.text()


async def test_in_the_past_the_failures_are_those_of_then() -> None:
    def answer(poll: int) -> PollSucceeded:
        trials = [broken(str(number)) if number <= poll else running(str(number)) for number in range(1, 5)]
        return PollSucceeded(Instant(START + 5 * poll, 1000 + 5 * poll), run(*trials))

    async with watching(recorded=FoldedRecording(map(answer, range(4)))) as watch:
        for poll in range(4):
            watch.clock.elapsed = 5.0 * poll
            await watch.say(answer(poll))
        await opened(watch, {str(number): log(OOM) for number in range(1, 5)})
        assert "3 of 4 trials failed" in watch.lines()[0]
        await watch.press("comma")
        assert "2 of 4 trials failed" in watch.lines()[0]
        assert "out of memory · 2 trials" in watch.text()
        await watch.press("left_curly_bracket")
        assert "No trial had failed at the time shown." in watch.text()


async def test_nothing_is_drawn_while_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    async with watching(RUN) as watch:
        await opened(watch)
        drawn = spy_on_lines(monkeypatch, *watch.app.screen.query("*"))
        await watch.pass_time(1)
        await watch.pass_time(1)
        assert drawn.take() == []


# How logs are asked for


class Service:
    """Answers when it is let."""

    def __init__(self, found: TrialLog | NoLog) -> None:
        self.found, self.asked, self.gate = found, list[str](), asyncio.Event()

    async def log(self, trial: Trial) -> TrialLog:
        self.asked.append(trial.id)
        await self.gate.wait()
        if isinstance(self.found, NoLog):
            raise self.found
        return self.found


class Asking:
    """Logs, and the tasks in which they are asked for."""

    def __init__(self, found: TrialLog | NoLog) -> None:
        self.service, self.tasks, self.changes = Service(found), list[asyncio.Task[None]](), 0
        self.logs = Logs(
            lambda: cast("Source", self.service),
            lambda work: self.tasks.append(asyncio.ensure_future(work)),
            self._changed,
        )

    def _changed(self) -> None:
        self.changes += 1

    async def under_way(self) -> None:
        for _ in range(10):
            await asyncio.sleep(0)

    async def done(self) -> None:
        self.service.gate.set()
        await asyncio.gather(*self.tasks)


async def test_only_a_few_are_asked_for_at_a_time_and_all_in_the_end() -> None:
    asking = Asking(log(OOM))
    trials = [broken(str(number)) for number in range(20)]
    asking.logs.ask_all(trials)
    asking.logs.ask_all(trials)
    await asking.under_way()
    assert asking.service.asked == ["0", "1", "2"]
    await asking.done()
    assert sorted(asking.service.asked) == sorted(trial.id for trial in trials)


async def test_one_that_is_under_way_is_not_asked_for_twice() -> None:
    asking = Asking(log(OOM))
    asking.logs.ask_all([broken("1")])
    await asking.under_way()
    asking.logs.ask(broken("1"), again=True)
    await asking.done()
    assert asking.service.asked == ["1"]
    assert asking.changes > 0


async def test_the_rest_is_left_when_nobody_waits_for_it_any_more() -> None:
    asking = Asking(log(OOM))
    asking.logs.ask_all([broken(str(number)) for number in range(20)])
    await asking.under_way()
    asking.logs.stop()
    await asking.done()
    assert len(asking.service.asked) == AT_A_TIME


async def test_what_logs_told_is_kept_longer_than_the_logs() -> None:
    asking = Asking(log(OOM))
    trials = [broken(str(number)) for number in range(KEPT + 5)]
    asking.logs.ask_all(trials)
    await asking.done()
    assert sum(asking.logs.log(trial) is not None for trial in trials) == KEPT
    assert all(asking.logs.is_read(trial) for trial in trials)
    asking.logs.ask(trials[0])
    await asking.done()
    assert asking.logs.log(trials[0]) is not None


async def test_a_trial_that_is_tried_again_has_another_log() -> None:
    asking = Asking(log(OOM))
    asking.logs.ask(broken("1"))
    await asking.done()
    again = replace(broken("1"), retries=1)
    assert not asking.logs.is_read(again)
    assert asking.logs.log(again) is None


async def test_what_could_not_be_had_is_not_asked_for_again_by_itself() -> None:
    asking = Asking(NoLog("The service is busy"))
    asking.logs.ask(broken("1"))
    await asking.done()
    asking.logs.ask(broken("1"))
    asking.logs.ask_all([broken("1")])
    await asking.done()
    assert asking.service.asked == ["1"]
    assert asking.logs.problem(broken("1")) == "The service is busy."
    asking.service.found = log(OOM)
    asking.logs.ask(broken("1"), again=True)
    await asking.done()
    assert asking.logs.problem(broken("1")) == ""
    assert asking.logs.is_read(broken("1"))


async def test_before_there_is_a_source() -> None:
    asking = Asking(log(OOM))
    logs = Logs(lambda: None, lambda work: asking.tasks.append(asyncio.ensure_future(work)), lambda: None)
    logs.ask(broken("1"))
    await asking.done()
    assert logs.problem(broken("1")) == "The service has not been reached yet."


async def test_another_runs_trial_of_the_same_name_has_another_log() -> None:
    asking = Asking(log(OOM))
    asking.logs.turn_to(7001)
    asking.logs.ask(broken("1"))
    await asking.done()
    asking.logs.turn_to(7001)
    assert asking.logs.is_read(broken("1"))
    asking.logs.turn_to(7002)
    assert not asking.logs.is_read(broken("1"))
    assert asking.logs.log(broken("1")) is None


async def test_what_is_answered_after_the_run_has_changed_is_let_go() -> None:
    asking = Asking(log(OOM))
    asking.logs.turn_to(7001)
    asking.logs.ask(broken("1"))
    await asking.under_way()
    asking.logs.turn_to(7002)
    await asking.done()
    assert not asking.logs.is_read(broken("1"))


async def test_many_logs_are_not_told_of_one_by_one() -> None:
    asking = Asking(log(OOM))
    asking.logs.ask_all([broken(str(number)) for number in range(400)])
    await asking.done()
    assert all(asking.logs.is_read(broken(str(number))) for number in range(400))
    assert 10 < asking.changes < 200


async def test_what_was_read_stays_where_it_cannot_be_read_again() -> None:
    asking = Asking(log(OOM))
    asking.logs.ask(broken("1"))
    await asking.done()
    cause = asking.logs.cause(broken("1"))
    asking.service.found = NoLog("The service is busy")
    asking.logs.ask(broken("1"), again=True)
    await asking.done()
    assert asking.logs.log(broken("1")) == log(OOM)
    assert asking.logs.problem(broken("1")) == "The service is busy."
    assert asking.logs.cause(broken("1")) == cause
    assert asking.logs.is_read(broken("1"))
    asking.logs.ask_all([broken("1")])
    await asking.done()
    assert asking.service.asked == ["1", "1"], "not again by itself"
    asking.service.found = log(SHAPE)
    asking.logs.forget_problems()
    asking.logs.ask_all([broken("1")])
    await asking.done()
    assert asking.logs.log(broken("1")) == log(SHAPE)
    assert asking.logs.problem(broken("1")) == ""


async def test_causes_stay_where_a_log_could_not_be_read_again() -> None:
    async with watching(RUN) as watch:
        await opened(watch)
        before = [line for line in watch.lines() if "✗" in line]
        watch.source.logs["2"] = NoLog("The service is down (503)", "Wait.")
        await watch.press("g", "enter", "6", "r", "escape")
        assert [line for line in watch.lines() if "✗" in line] == before
        assert "1 of 6 logs could not be reloaded; the earlier copies are shown" in watch.text()
        watch.source.logs["2"] = LOGS["2"]
        await watch.press("r")
        assert "could not be read again" not in watch.text()
        assert watch.source.asked.count("2") == 3
