"""Back and forth through the past of a run that goes on: what is on the screen is as it was then."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from build import completed, failed, pending, run, running
from textual.widgets import Input
from watching import START, FoldedRecording, Watching, spy_on_lines, watching

from eitui.domain.moment import Instant, Keeping, Problem, Recording
from eitui.domain.run import Run, Worker
from eitui.feed.events import PollFailed, PollSucceeded, RecordingChanged
from eitui.tui.kit.lines import Lines
from eitui.tui.screens.monitor import Monitor
from eitui.tui.screens.prompts import SeekPrompt
from eitui.tui.screens.trial import TrialScreen
from eitui.tui.widgets.alerts import Alerts, Workers
from eitui.tui.widgets.bars import Footer, Header, Timeline
from eitui.tui.widgets.curves import Curves

EVERY = 5.0
"""Seconds from poll to poll."""

LAST = 49
"""The poll at the live edge: its number is the epoch that trial 1 is in."""

FAILS = {12: "10", 24: "11", 40: "12"}
"""The poll at which a trial fails, and which trial."""

APPEARS = 30
"""The poll from which on there is a trial 30."""


def at(poll: float) -> Instant:
    return Instant(START + EVERY * poll, 1000.0 + EVERY * poll)


def state(poll: int) -> Run:
    figures = {"loss": 1 / (poll + 1), "val_loss": 1.1 / (poll + 1), "accuracy": 0.5, "val_accuracy": 0.4}
    return run(
        running("1", poll, "w-1", **figures),
        completed("2"),
        *(failed(trial) if poll >= fails else pending(trial) for fails, trial in FAILS.items()),
        *([pending("30")] if poll >= APPEARS else []),
        workers=(Worker("w-1", "busy"), Worker("w-2", "ready" if poll < 20 else "pending")),
    )


def answer(poll: int) -> PollSucceeded:
    return PollSucceeded(at(poll), state(poll))


def recorded(polls: int = LAST + 1) -> FoldedRecording:
    return FoldedRecording(map(answer, range(polls)))


@asynccontextmanager
async def travelling(
    folded: FoldedRecording | None = None, size: tuple[int, int] = (120, 40), polls: int = LAST + 1
) -> AsyncIterator[Watching]:
    """Open the monitor on a run that was watched from its first poll on, and recorded."""
    async with watching(size=size, recorded=recorded() if folded is None else folded) as watch:
        await go_on(watch, *range(polls))
        yield watch


async def go_on(watch: Watching, *polls: int) -> None:
    """Let the run go on."""
    watch.clock.elapsed = EVERY * polls[-1]
    await watch.say(*map(answer, polls))


def recording_of(watch: Watching) -> FoldedRecording:
    assert isinstance(watch.source.recorded, FoldedRecording)
    return watch.source.recorded


def shown(watch: Watching, kind: type[Lines]) -> str:
    widget = watch.monitor.query_one(kind)
    return "\n".join(widget.render_line(y).text for y in range(widget.size.height))


def poll(watch: Watching) -> int:
    """The poll that the table shows."""
    end = watch.titles.index("Epoch") + len("Epoch")
    return int(watch.row("1")[:end].split()[-1].partition("/")[0])


def in_the_past(watch: Watching) -> bool:
    return "PAST" in shown(watch, Header)


# There and back


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (100, 30), (200, 60)])
async def test_a_poll_back_shows_everything_as_it_was_then(size: tuple[int, int]) -> None:
    async with travelling(size=size) as watch:
        await watch.press(*["comma"] * 35)
        assert poll(watch) == LAST - 35
        assert "PAST" in watch.lines()[0]
        assert "LIVE" not in watch.lines()[0]
        assert "✗ failed" in watch.row("10")
        assert "○ pending" in watch.row("11")
        assert "1 failed" in watch.lines()[1]
        await watch.press("right_curly_bracket")
        assert poll(watch) == LAST
        assert not in_the_past(watch)
        assert "LIVE" in watch.lines()[0]


async def test_nothing_is_started_while_the_past_is_shown() -> None:
    async with travelling() as watch:
        await watch.press("comma")
        await watch.press("+")
        assert watch.app.notices[-1].message == "The past is shown: } goes to now."
        assert watch.app.screen is watch.monitor


async def test_every_pane_is_of_then() -> None:
    async with travelling() as watch:
        await watch.press(*["comma"] * 35)
        assert "mfe-conv1d-10" in shown(watch, Alerts)
        assert "mfe-conv1d-11" not in shown(watch, Alerts)
        assert "train 0.0667" in shown(watch, Curves)
        assert "ready" in shown(watch, Workers)
        assert "1m" in shown(watch, Workers), "w-1 has been busy since watching began, 70 s before"
        then = watch.monitor.travel.time(watch.clock.now())
        assert then == at(LAST - 35)


async def test_the_header_says_when_and_how_long_ago_and_how_the_live_edge_is() -> None:
    async with travelling() as watch:
        await watch.press(*["comma"] * 36)
        first, *_ = watch.lines()
        assert "PAST " in first
        assert ":05 (3m ago) ❚❚ 60×" in first
        assert "live: OK" in shown(watch, Header)
        await watch.pass_time(30)
        assert "live: LATE 30s" in shown(watch, Header)


async def test_the_run_goes_on_meanwhile_and_the_screen_stands_still() -> None:
    async with travelling() as watch:
        await watch.press(*["comma"] * 30)
        before = watch.lines()
        await go_on(watch, LAST + 1, LAST + 2)
        changed = [y for y, (was, now) in enumerate(zip(before, watch.lines(), strict=True)) if was != now]
        assert {before[y].strip()[:5] for y in changed} <= {watch.lines()[-2].strip()[:5]}, "only the timeline may grow"
        assert watch.monitor.travel.moment.run.trials[0].progress.epoch == LAST + 2
        await watch.press("right_curly_bracket")
        assert poll(watch) == LAST + 2


async def test_alerts_at_the_live_edge_are_counted_meanwhile() -> None:
    async with travelling(polls=40) as watch:
        await watch.press("comma")
        assert "new alert" not in shown(watch, Header)
        await go_on(watch, 40)
        assert "1 new alert, live" in shown(watch, Header)
        trials = [failed("2") if trial.id == "2" else trial for trial in state(41).trials]
        await watch.answer(replace(state(41), trials=tuple(trials)))
        assert "2 new alerts, live" in shown(watch, Header)
        await watch.press("right_curly_bracket", "comma")
        assert "new alert" not in shown(watch, Header)


@pytest.mark.parametrize(("key", "where"), [("left_curly_bracket", 0), ("left_parenthesis", 40)])
async def test_a_key_goes_where_it_says(key: str, where: int) -> None:
    async with travelling() as watch:
        await watch.press(key)
        assert poll(watch) == where
        assert in_the_past(watch)


async def test_alerts_are_visited_one_after_another() -> None:
    async with travelling() as watch:
        seen = []
        for _ in range(3):
            await watch.press("left_parenthesis")
            seen.append(poll(watch))
        await watch.press("left_parenthesis")
        assert "No alert before this." in watch.text()
        for _ in range(2):
            await watch.press("right_parenthesis")
            seen.append(poll(watch))
        await watch.press("right_parenthesis")
        assert "No alert after this." in watch.text()
        assert seen == [40, 24, 12, 24, 40]
        assert poll(watch) == 40


async def test_where_there_was_no_alert_the_screen_stays_at_the_live_edge() -> None:
    async with travelling(recorded(10), polls=10) as watch:
        await watch.press("left_parenthesis")
        assert "No alert before this." in watch.text()
        assert not in_the_past(watch)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_a_cell_of_the_timeline_is_gone_by_at_a_time(size: tuple[int, int]) -> None:
    async with travelling(size=size) as watch:
        await watch.press("left_square_bracket")
        cell = watch.monitor.travel.timeline.cell_s
        assert cell > EVERY
        first = poll(watch)
        assert first == LAST - -(-cell // EVERY)
        await watch.press("left_square_bracket", "left_square_bracket")
        assert poll(watch) < first - 1
        await watch.press("right_square_bracket")
        assert first - 4 < poll(watch) <= first


async def test_the_last_poll_is_the_past_and_beyond_it_is_the_live_edge() -> None:
    async with travelling() as watch:
        await watch.press("comma", "comma", "full_stop", "full_stop")
        assert in_the_past(watch)
        assert poll(watch) == LAST
        await watch.press("full_stop")
        assert not in_the_past(watch)
        await watch.press("comma", "right_square_bracket")
        assert not in_the_past(watch)
        assert poll(watch) == LAST


async def test_what_was_recorded_meanwhile_is_reached_before_the_live_edge() -> None:
    async with travelling() as watch:
        await watch.press("comma")
        for number in (LAST + 1, LAST + 2):
            recording_of(watch).record(answer(number))
            await go_on(watch, number)
        seen = []
        for _ in range(3):
            await watch.press("full_stop")
            seen.append(poll(watch))
            assert in_the_past(watch)
        assert seen == [LAST, LAST + 1, LAST + 2]
        await watch.press("full_stop")
        assert not in_the_past(watch)


@pytest.mark.parametrize("key", ["right_square_bracket", "full_stop", "right_parenthesis"])
async def test_there_is_nothing_newer_than_the_live_edge(key: str) -> None:
    async with travelling() as watch:
        await watch.press(key)
        assert "Already live: nothing is" in watch.text()
        assert not in_the_past(watch)
        assert recording_of(watch).opened == 0


async def test_the_beginning_is_as_far_as_it_goes() -> None:
    async with travelling() as watch:
        await watch.press("left_curly_bracket", "comma", "left_square_bracket")
        assert poll(watch) == 0
        assert in_the_past(watch)


# What stays


async def test_cursor_order_and_zoom_stay_where_they_are() -> None:
    async with travelling() as watch:
        watch.table.sort_by("name", reverse=True)
        await watch.press("G", "k", "z")
        order, cursor = watch.order, watch.table.cursor
        await watch.press("comma", "comma", "left_square_bracket")
        assert (watch.order, watch.table.cursor, watch.monitor.zoomed) == (order, cursor, True)
        await watch.press("escape")
        assert not watch.monitor.zoomed
        assert in_the_past(watch)


async def test_the_cursor_comes_back_to_a_trial_that_was_not_there_yet() -> None:
    async with travelling() as watch:
        await watch.press("G")
        assert watch.table.cursor == "30"
        await watch.press("left_curly_bracket")
        assert "30" not in watch.order
        assert watch.table.cursor == "1", "what keys act on is in the table"
        assert "mfe-conv1d-1" in shown(watch, Curves)
        assert "row 1/5" in watch.text()
        await watch.press("right_curly_bracket")
        assert watch.table.cursor == "30"
        assert "mfe-conv1d-30" in shown(watch, Curves)


async def test_a_cursor_that_was_moved_meanwhile_does_not_come_back() -> None:
    async with travelling() as watch:
        for key in ("G", "left_curly_bracket", "j", "right_curly_bracket"):
            await watch.press(key)
        assert watch.table.cursor == "2"


async def test_keys_act_on_a_row_that_the_filter_shows() -> None:
    async with travelling() as watch:
        await watch.press("G", "slash", *"status:running", "enter")
        was = watch.table.cursor
        await watch.press("left_curly_bracket")
        assert watch.order
        assert watch.table.cursor == watch.order[0]
        assert f"row 1/{len(watch.order)}" in watch.table.render_line(0).text
        await watch.press("y")
        assert "clipboard" in watch.text()
        await watch.press("enter")
        assert isinstance(watch.app.screen, TrialScreen)
        assert watch.app.screen.trial_id == watch.order[0]
        await watch.press("escape", "right_curly_bracket")
        assert watch.table.cursor == was


async def test_the_cursor_comes_back_also_where_a_filter_was_tried_meanwhile() -> None:
    async with travelling() as watch:
        for key in ("G", "left_curly_bracket", "slash", "x", "escape", "right_curly_bracket"):
            await watch.press(key)
        assert watch.table.cursor == "30"


async def test_a_time_is_given_once_where_enter_is_pressed_twice() -> None:
    async with travelling() as watch:
        await watch.press("at")
        asked = watch.app.screen.query_one(Input)
        for _ in range(2):  # as over a slow line: the second arrives before the first is done
            asked.post_message(Input.Submitted(asked, "50%"))
        await watch.settle()
        assert watch.app.screen is watch.monitor
        assert in_the_past(watch)


async def test_the_cursor_moves_in_the_past_too() -> None:
    async with travelling() as watch:
        await watch.press("left_curly_bracket", "j")
        assert watch.table.cursor == "2"
        await watch.press("semicolon")
        assert "No alert names a trial yet." in watch.text()


async def test_asking_now_asks_at_the_live_edge() -> None:
    async with travelling() as watch:
        await watch.press("comma", "r")
        assert watch.source.woken == 1
        assert in_the_past(watch)


async def test_a_held_screen_goes_into_the_past_from_where_it_was_held() -> None:
    async with travelling(polls=30) as watch:
        await watch.press("P")
        await go_on(watch, *range(30, LAST + 1))
        assert poll(watch) == 29
        await watch.press("comma")
        assert poll(watch) == 28
        assert "paused" not in shown(watch, Header)
        await watch.press("right_curly_bracket")
        assert poll(watch) == LAST
        assert not watch.monitor.travel.paused


async def test_the_live_edge_key_catches_up_with_a_held_screen() -> None:
    async with travelling(polls=30) as watch:
        await watch.press("P")
        await go_on(watch, 30)
        await watch.press("right_curly_bracket")
        assert poll(watch) == 30
        assert "paused" not in shown(watch, Header)


async def test_the_footer_has_the_keys_of_time_while_they_matter() -> None:
    async with travelling(size=(80, 24)) as watch:
        assert "Sort" in shown(watch, Footer)
        await watch.press("comma")
        for result in ("[ ] Time", "} Now", "P Play", "< > Speed", "( ) Alert", "@ Go to", "? Keys", "q Quit"):
            assert result in shown(watch, Footer)
        assert "Sort" not in shown(watch, Footer)
        await watch.press("right_curly_bracket")
        assert "Sort" in shown(watch, Footer)


# The timeline


async def test_the_timeline_is_in_sight_always_where_there_is_room() -> None:
    async with travelling() as watch:
        line = watch.monitor.query_one(Timeline)
        assert line.region.area
        assert "✗" in shown(watch, Timeline)
        assert "█" not in shown(watch, Timeline)
        await watch.press("left_curly_bracket")
        assert shown(watch, Timeline).lstrip(" 0123456789:").startswith("█")


async def test_a_small_screen_has_the_timeline_in_the_past_only() -> None:
    async with travelling(size=(80, 24)) as watch:
        assert not watch.monitor.query_one(Timeline).region.area
        assert "mfe-conv1d-12" in watch.lines()[-2]
        await watch.press("left_curly_bracket")
        assert "█" in watch.lines()[-2]
        await watch.press("right_curly_bracket")
        assert "mfe-conv1d-12" in watch.lines()[-2]


async def test_a_poll_that_changed_nothing_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with travelling() as watch:
        same = state(LAST)
        await watch.answer(same)
        drawn = spy_on_lines(monkeypatch, watch.monitor.query_one(Timeline))
        for _ in range(5):
            watch.clock.elapsed += EVERY
            await watch.answer(same)
        assert drawn.take() == []
        await watch.answer(state(LAST - 1))
        watch.monitor.query_one(Timeline).refresh()
        await watch.settle()
        assert set(drawn.take()) == {0}


# Reading


async def test_a_key_that_is_held_down_reads_only_where_it_comes_to() -> None:
    async with travelling() as watch:
        folded = recording_of(watch)
        await watch.press("comma")
        folded.read.clear()
        folded.gate.clear()
        watch.reads_are_held = True
        await watch.press(*["comma"] * 20)
        assert poll(watch) == LAST - 1
        folded.gate.set()
        watch.reads_are_held = False
        await watch.settle()
        assert folded.read == [LAST - 2, LAST - 21]
        assert poll(watch) == LAST - 21


async def test_the_live_edge_is_back_at_once_while_something_is_being_read() -> None:
    async with travelling() as watch:
        folded = recording_of(watch)
        await watch.press("comma")
        folded.gate.clear()
        watch.reads_are_held = True
        await watch.press("left_curly_bracket", "right_curly_bracket")
        assert not in_the_past(watch)
        folded.gate.set()
        watch.reads_are_held = False
        await watch.settle()
        assert not in_the_past(watch)
        assert poll(watch) == LAST


async def test_one_tape_is_opened_and_closed_with_the_monitor() -> None:
    folded = recorded()
    async with travelling(folded) as watch:
        assert folded.opened == 0
        for key in ("comma", "right_curly_bracket", "comma", "comma", "right_curly_bracket", "left_curly_bracket"):
            await watch.press(key)
        assert folded.opened == 1
        assert folded.refreshed >= 2
        assert not folded.closed
    assert folded.closed


async def test_without_a_recording_it_is_said_why_and_the_screen_stays() -> None:
    async with watching(state(5)) as watch:
        before = watch.lines()[:10]
        for key in ("comma", "left_square_bracket", "left_curly_bracket", "at"):
            await watch.press(key)
            assert "This run is not being recorded." in watch.text()
            assert watch.lines()[:10] == before
        assert watch.app.screen is watch.monitor


async def test_before_there_is_a_source_nothing_is_recorded() -> None:
    async with watching(state(5)) as watch:
        watch.app.services.source = None
        await watch.press("comma")
        assert "Nothing is recorded yet." in watch.text()
        await watch.press("at")
        assert watch.app.screen is watch.monitor


async def test_an_empty_recording_has_no_past() -> None:
    async with travelling(FoldedRecording(), polls=3) as watch:
        await watch.press("left_square_bracket")
        assert "Nothing is recorded yet." in watch.text()
        assert not in_the_past(watch)
        recording_of(watch).record(*map(answer, range(3)))
        await watch.press("comma")
        assert poll(watch) == 1


async def test_a_place_that_cannot_be_read_is_said_and_the_screen_stays() -> None:
    async with travelling() as watch:
        recording_of(watch).damaged = {LAST - 2}
        await watch.press("comma")
        await watch.press("comma")
        assert "The recording cannot be read. It may be damaged." in watch.text()
        assert poll(watch) == LAST - 1
        assert in_the_past(watch)
        await watch.press("left_curly_bracket")
        assert poll(watch) == 0


async def test_a_recording_damaged_from_the_start_keeps_the_live_edge() -> None:
    async with travelling() as watch:
        recording_of(watch).damaged = set(range(LAST + 1))
        await watch.press("comma")
        assert "The recording cannot be read" in watch.text()
        assert not in_the_past(watch)
        assert poll(watch) == LAST
        await go_on(watch, LAST + 1)
        assert poll(watch) == LAST + 1


async def test_what_is_lost_of_a_recording_is_said_in_the_past() -> None:
    folded = recorded()
    folded.lost = [f"{count} polls could not be read" for count in range(3, 9)]
    async with travelling(folded) as watch:
        assert "could not be read" not in watch.text()
        await watch.press("comma")
        assert "! 3 polls could not be read" in shown(watch, Header)
        assert "! and 3 more like it" in shown(watch, Header)
        await watch.press("right_curly_bracket")
        assert "could not be read" not in watch.text()


# Playing


async def test_the_past_is_played_at_its_speed() -> None:
    async with travelling() as watch:
        await watch.press("left_curly_bracket", *["less_than_sign"] * 2, "P")
        assert "▶ 10×" in shown(watch, Header)
        await watch.play(0.4)
        assert poll(watch) == 0
        await watch.play(0.2)
        assert poll(watch) == 1
        await watch.play(2.0)
        assert poll(watch) == 5
        await watch.press("P")
        assert "❚❚ 10×" in shown(watch, Header)
        assert not watch.monitor.travel.beating
        await watch.play(10.0)
        assert poll(watch) == 5


async def test_speeds_stop_at_the_ends() -> None:
    async with travelling() as watch:
        await watch.press("comma", *["greater_than_sign"] * 12)
        assert "❚❚ 3600×" in shown(watch, Header)
        await watch.press(*["less_than_sign"] * 15)
        assert "❚❚ 1×" in shown(watch, Header)


async def test_at_the_live_edge_there_is_no_speed() -> None:
    async with travelling() as watch:
        await watch.press("greater_than_sign")
        assert "Playback works in the" in watch.text()


async def test_playing_comes_to_the_live_edge() -> None:
    async with travelling() as watch:
        await watch.press("left_curly_bracket", "P")
        await watch.play(3.0)
        assert in_the_past(watch)
        await watch.play(1.5)
        assert not in_the_past(watch)
        assert poll(watch) == LAST
        assert not watch.monitor.travel.beating


async def test_playing_goes_on_into_what_was_recorded_meanwhile() -> None:
    async with travelling() as watch:
        await watch.press("comma", "P")
        recording_of(watch).record(*map(answer, range(LAST + 1, LAST + 100)))
        await watch.play(0.5)
        assert in_the_past(watch)
        assert poll(watch) > LAST


async def test_nothing_beats_unless_it_is_played(monkeypatch: pytest.MonkeyPatch) -> None:
    async with travelling() as watch:
        assert not watch.monitor.travel.beating
        await watch.press("left_curly_bracket")
        assert not watch.monitor.travel.beating
        await watch.press("P")
        assert watch.monitor.travel.beating
        recording_of(watch).read.clear()
        await watch.press(*["less_than_sign"] * 12)
        drawn = spy_on_lines(monkeypatch, *watch.monitor.query(Lines))
        await watch.play(2.0)
        assert recording_of(watch).read == []
        assert drawn.take() == [], "the frame is the same"
        await watch.press("right_curly_bracket")
        assert not watch.monitor.travel.beating


async def test_coming_back_from_the_shell_nothing_was_played_unseen() -> None:
    async with travelling() as watch:
        await watch.press("left_curly_bracket", "less_than_sign", "P")
        watch.clock.elapsed += 3600
        watch.monitor.travel.beat()
        await watch.settle()
        assert poll(watch) == 6, "a second's worth at 30×"


# Going to a time


async def test_a_time_is_typed_and_gone_to() -> None:
    async with travelling() as watch:
        await watch.press("at")
        assert isinstance(watch.app.screen, SeekPrompt)
        await watch.press(*"50%", "enter")
        assert watch.app.screen is watch.monitor
        assert poll(watch) == LAST // 2
        await watch.press("at")
        await watch.press("minus", *"1m", "enter")
        assert poll(watch) == LAST // 2 - 12


async def test_what_cannot_be_understood_is_said_and_may_be_mended() -> None:
    async with travelling() as watch:
        await watch.press("at")
        await watch.press(*"noon", "enter")
        assert "Not a time: noon." in watch.text()
        await watch.press(*["backspace"] * 4)
        assert "Not a time" not in watch.text()
        await watch.press(*"1m", "enter")
        assert poll(watch) == 12


async def test_escape_goes_nowhere() -> None:
    async with travelling() as watch:
        await watch.press("at")
        await watch.press(*"50%", "escape")
        assert watch.app.screen is watch.monitor
        assert not in_the_past(watch)


async def test_markup_in_what_is_typed_is_only_text() -> None:
    async with travelling() as watch:
        await watch.press("at")
        await watch.press("left_square_bracket", "slash", "x", "right_square_bracket", "enter")
        assert "Not a time: [/x]." in watch.text()


@pytest.mark.parametrize("size", [(20, 5), (80, 24), (200, 60)])
async def test_the_prompt_fits(size: tuple[int, int]) -> None:
    async with travelling(size=size) as watch:
        await watch.press("at")
        await watch.press(*"50%", "enter")
        assert watch.monitor.travel.shown.run.trials[0].progress.epoch == LAST // 2


# What happens meanwhile


async def test_the_run_ends_meanwhile() -> None:
    async with travelling() as watch:
        await watch.press("comma")
        over = replace(state(LAST), status="completed", job_running=False)
        await watch.answer(over)
        assert in_the_past(watch)
        assert "● running" in watch.lines()[0]
        assert "1 new alert, live" in shown(watch, Header)
        await watch.press("right_curly_bracket")
        assert "✓ completed" in watch.lines()[0]


async def test_another_run_begins_meanwhile() -> None:
    other = replace(run(running("n1", 3)), coordinator_job_id=78)
    earlier = replace(run(running("n1", 1)), coordinator_job_id=78)
    old, new = recorded(), FoldedRecording([PollSucceeded(at(LAST), earlier), PollSucceeded(at(LAST + 1), other)])
    async with travelling(old) as watch:
        await watch.press("comma")
        watch.clock.elapsed += EVERY
        await watch.answer(other)
        assert poll(watch) == LAST - 1, "the screen stays in the old run's past"
        watch.source.recorded = new
        await watch.press("right_curly_bracket")
        assert watch.order == ["n1"]
        assert old.closed
        await watch.press("comma")
        assert new.opened == 1
        assert "1/50" in watch.row("n1")


async def test_an_outage_of_then_is_told_as_of_then() -> None:
    problem = Problem("The service cannot be reached", "Check the network.")
    folded = FoldedRecording(
        [*map(answer, range(6)), PollFailed(at(6), problem, at(7).mono), *map(answer, range(8, LAST + 1))]
    )
    async with travelling(folded) as watch:
        await watch.press("left_curly_bracket", *["full_stop"] * 6)
        header = shown(watch, Header)
        assert "✗ The service cannot be reached." in header
        assert "Data shown is from" in header
        assert "asks again" not in header
        assert "Asking again" not in header
        await watch.press("full_stop")
        assert "cannot be reached" not in shown(watch, Header)


async def test_an_outage_of_now_is_not_shown_as_of_then() -> None:
    async with travelling() as watch:
        await watch.press("comma")
        await watch.miss("The service cannot be reached", "Check the network.")
        assert "cannot be reached" not in shown(watch, Header)
        assert "live: LATE" in shown(watch, Header)
        await watch.press("right_curly_bracket")
        assert "cannot be reached" in shown(watch, Header)


async def test_a_terminal_that_changes_its_size_in_the_past() -> None:
    async with travelling() as watch:
        await watch.press("left_curly_bracket")
        for size in ((80, 24), (200, 60), (20, 5), (120, 40)):
            await watch.resize(*size)
            assert isinstance(watch.app.screen, Monitor)
            assert watch.monitor.travel.shown.run.trials[0].progress.epoch == 0
        assert "█" in watch.lines()[-2]


# How it stands with the recording


@pytest.mark.parametrize(
    ("keeping", "result"),
    [(Keeping.HERE, "◉ rec "), (Keeping.ELSEWHERE, "◎ rec elsewhere"), (Keeping.FAILED, "✗ not recorded")],
)
async def test_the_header_says_whether_it_is_recorded(keeping: Keeping, result: str) -> None:
    async with watching(state(3)) as watch:
        assert "rec" not in watch.lines()[0]
        problem = Problem("The disk is full", "Make room.") if keeping is Keeping.FAILED else None
        await watch.say(RecordingChanged(watch.clock.now(), Recording(keeping, problem)))
        assert result in watch.lines()[0]
        notice = "Not recorded: The disk is full. Make room. Earlier recordings are safe"
        assert (notice in shown(watch, Header)) == (keeping is Keeping.FAILED)
