"""The monitor on a recording: it is never live, and nothing is asked."""

from dataclasses import replace

import pytest
from build import completed, failed, pending, run, running
from watching import START, FoldedRecording, Watching, replaying, watching

from eitui.domain.moment import Instant
from eitui.domain.run import Run
from eitui.feed.events import PollSucceeded
from eitui.tui.kit.lines import Lines
from eitui.tui.widgets.bars import Footer, Header

EVERY, POLLS = 5.0, 20


def state(poll: int) -> Run:
    other = failed("2") if poll >= 8 else pending("2")
    return run(running("1", poll), other, completed("3"))


def recording(polls: int = POLLS) -> FoldedRecording:
    times = [Instant(START + EVERY * poll, 5.0 + EVERY * poll) for poll in range(polls)]
    return FoldedRecording(PollSucceeded(at, state(poll)) for poll, at in enumerate(times))


def shown(watch: Watching, kind: type[Lines]) -> str:
    widget = watch.monitor.query_one(kind)
    return "\n".join(widget.render_line(y).text for y in range(widget.size.height))


def poll(watch: Watching) -> int:
    end = watch.titles.index("Epoch") + len("Epoch")
    return int(watch.row("1")[:end].split()[-1].partition("/")[0])


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (200, 60)])
async def test_it_opens_at_the_beginning_and_stands_still(size: tuple[int, int]) -> None:
    async with replaying(recording(), size=size) as watch:
        assert poll(watch) == 0
        header = watch.lines()[0]
        assert "REPLAY 15 Jan 0" in header
        assert ":00 ❚❚ 60×" in header
        for never in ("LIVE", "STALE", "ago"):
            assert never not in shown(watch, Header)
        assert "█" in watch.lines()[-2]
        assert not watch.monitor.travel.beating


async def test_the_footer_tells_how_it_is_played() -> None:
    async with replaying(recording(), size=(80, 24)) as watch:
        for result in ("[ ] Time", "} End", "P Play", "< > Speed", "? Keys", "q Quit"):
            assert result in shown(watch, Footer)


async def test_it_is_played_to_the_end_and_stands_still_there() -> None:
    async with replaying(recording()) as watch:
        await watch.press("P")
        assert "▶ 60×" in shown(watch, Header)
        await watch.play(1.0)
        assert 10 <= poll(watch) <= 12
        await watch.play(2.0)
        assert poll(watch) == POLLS - 1
        assert "❚❚ 60×" in shown(watch, Header)
        assert "REPLAY" in shown(watch, Header)
        assert not watch.monitor.travel.beating


def more(folded: FoldedRecording, polls: int) -> None:
    """Let another process record more polls into what is replayed."""
    first = len(folded.times)
    folded.record(
        *(PollSucceeded(Instant(START + EVERY * n, 5.0 + EVERY * n), state(n)) for n in range(first, first + polls))
    )


async def test_a_recording_that_grows_is_played_on() -> None:
    folded = recording()
    async with replaying(folded) as watch:
        await watch.press("P")
        more(folded, 10)
        await watch.play(3.0)
        assert poll(watch) == POLLS + 9
        assert not watch.monitor.travel.beating


@pytest.mark.parametrize("key", ["right_curly_bracket", "full_stop"])
async def test_the_end_of_one_that_grows_is_where_it_is_now(key: str) -> None:
    folded = recording()
    async with replaying(folded) as watch:
        await watch.press("right_curly_bracket")
        assert poll(watch) == POLLS - 1
        more(folded, 1)
        await watch.press(key)
        assert poll(watch) == POLLS
        assert "REPLAY" in shown(watch, Header)
        await watch.press(key)
        assert poll(watch) == POLLS


async def test_played_again_at_the_end_it_begins_anew() -> None:
    async with replaying(recording()) as watch:
        await watch.press("right_curly_bracket", "P")
        assert watch.monitor.travel.beating
        assert poll(watch) == 0


async def test_the_end_is_where_the_live_edge_would_be() -> None:
    async with replaying(recording()) as watch:
        await watch.press("P", "right_curly_bracket")
        assert poll(watch) == POLLS - 1
        assert not watch.monitor.travel.beating
        for key in ("right_square_bracket", "full_stop", "full_stop"):
            await watch.press(key)
            assert poll(watch) == POLLS - 1
            assert "REPLAY" in shown(watch, Header)
        await watch.press("comma")
        assert poll(watch) == POLLS - 2


async def test_alerts_are_marks_to_go_to() -> None:
    async with replaying(recording()) as watch:
        assert "✗" in watch.lines()[-2]
        await watch.press("right_parenthesis")
        assert poll(watch) == 8
        await watch.press("right_parenthesis")
        assert "No alert after this." in watch.text()


async def test_a_share_of_it_is_gone_to() -> None:
    async with replaying(recording()) as watch:
        await watch.press("at")
        await watch.press(*"50%", "enter")
        assert poll(watch) == 9


async def test_the_axis_is_the_recording() -> None:
    async with replaying(recording()) as watch:
        assert "·" not in watch.lines()[-2]
        assert watch.lines()[-2].count("15 Jan") == 2


async def test_there_is_nothing_to_ask() -> None:
    async with replaying(recording()) as watch:
        await watch.press("r")
        assert "This is a recording: it cannot be polled." in watch.text()
        watch.app.app_resume_signal.publish(watch.app)
        await watch.settle()
        assert watch.source.woken == 0


async def test_help_says_that_it_is_a_replay() -> None:
    async with replaying(recording(), size=(200, 400)) as watch:
        await watch.press("question_mark", "tab")
        assert "replays synthetic.eitui" in watch.text()


async def test_a_recording_of_one_poll() -> None:
    async with replaying(recording(1)) as watch:
        assert poll(watch) == 0
        for key in ("P", "full_stop", "comma", "left_square_bracket", "right_square_bracket", "right_curly_bracket"):
            await watch.press(key)
        await watch.play(0.5)
        assert poll(watch) == 0
        assert not watch.monitor.travel.beating


async def test_an_empty_recording_is_explained() -> None:
    async with replaying(FoldedRecording()) as watch:
        assert "✗ This recording is empty." in shown(watch, Header)
        assert "REPLAY" in shown(watch, Header)
        for key in (
            "P",
            "comma",
            "left_square_bracket",
            "right_curly_bracket",
            "left_curly_bracket",
            "greater_than_sign",
        ):
            await watch.press(key)
        assert watch.app.is_running
        assert "LIVE" not in shown(watch, Header)


async def test_a_recording_that_cannot_be_read_is_explained() -> None:
    folded = recording()
    folded.damaged = {0}
    async with replaying(folded) as watch:
        assert "✗ The recording cannot be read. It may be damaged." in shown(watch, Header)
        await watch.press("full_stop")
        await watch.press("right_curly_bracket")
        assert poll(watch) == POLLS - 1
        assert "cannot be read." not in shown(watch, Header)


async def test_without_a_tape_it_is_explained() -> None:
    async with watching(live=False) as watch:
        assert "This run is not being recorded" in shown(watch, Header)


async def test_the_tape_is_closed_with_the_monitor() -> None:
    folded = recording()
    async with replaying(folded):
        pass
    assert folded.closed


async def test_a_run_that_ended_is_shown_as_ended_at_the_end_only() -> None:
    folded = recording()
    end = Instant(START + EVERY * POLLS, 5.0 + EVERY * POLLS)
    folded.record(PollSucceeded(end, replace(state(POLLS), status="completed", job_running=False)))
    folded.refresh()
    async with replaying(folded) as watch:
        assert "● running" in watch.lines()[0]
        await watch.press("right_curly_bracket")
        assert "✓ completed" in watch.lines()[0]
        assert "✓" in watch.lines()[-2] or "█" in watch.lines()[-2]
