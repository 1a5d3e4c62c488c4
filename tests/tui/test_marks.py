"""Marked trials: with signs of their own, through polls, filters and time."""

from build import completed, pending, run, running
from watching import Watching, watching

from eitui.view.kit.marks import MARK_SIGNS

MANY = run(running("1"), *(completed(str(number), number / 100) for number in range(2, 13)))


def signs(watch: Watching, *trials: str) -> str:
    """Return the first two cells of each trial's row, joined."""
    return "".join(watch.row(trial)[:2] for trial in trials)


async def test_space_marks_the_trial_and_goes_on() -> None:
    async with watching(MANY) as watch:
        await watch.press("g", "space", "space")
        assert watch.monitor.marked == ("1", "2")
        assert watch.table.cursor == "3"
        assert signs(watch, "1", "2", "3") == f"{MARK_SIGNS[0]} {MARK_SIGNS[1]}   "
        assert "2 marked" in watch.table.render_line(0).text


async def test_space_unmarks_it_too_and_others_keep_their_signs() -> None:
    async with watching(MANY) as watch:
        await watch.press("g", "space", "space", "g", "space")
        assert watch.monitor.marked == ("2",)
        assert signs(watch, "1", "2") == f"  {MARK_SIGNS[1]} "
        await watch.press("G", "space")
        assert watch.monitor.marked == ("2", "12")
        assert signs(watch, "12") == f"{MARK_SIGNS[0]}★"


async def test_the_best_can_be_marked_beside_its_star() -> None:
    async with watching(MANY) as watch:
        await watch.press("b", "space")
        assert signs(watch, "12") == f"{MARK_SIGNS[0]}★"


async def test_a_ninth_is_not_marked_and_said() -> None:
    async with watching(MANY) as watch:
        await watch.press("g", *["space"] * 9)
        assert watch.monitor.marked == tuple("12345678")
        assert "At most 8 trials" in watch.text()
        assert watch.table.cursor == "9"
        await watch.press("M")
        assert watch.monitor.marked == ()
        assert signs(watch, "1", "8") == "    "


async def test_marks_stay_through_polls_and_go_with_their_trials() -> None:
    async with watching(MANY) as watch:
        await watch.press("g", "space", "space", "space")
        await watch.answer(run(running("1", 5), *MANY.trials[1:]))
        assert watch.monitor.marked == ("1", "2", "3")
        await watch.answer(run(pending("0"), MANY.trials[0], MANY.trials[2]))
        assert watch.monitor.marked == ("1", "3")
        assert signs(watch, "1", "3") == f"{MARK_SIGNS[0]} {MARK_SIGNS[2]}★"


async def test_while_paused_the_marks_of_what_is_on_the_screen_stay() -> None:
    async with watching(MANY) as watch:
        await watch.press("g", "space", "P")
        await watch.answer(run(*MANY.trials[1:]))
        assert watch.monitor.marked == ("1",)
        await watch.press("P")
        await watch.answer(run(*MANY.trials[1:]))
        assert watch.monitor.marked == ()


async def test_screens_over_the_monitor_are_told() -> None:
    async with watching(MANY) as watch:
        await watch.press("g", "space")
        assert watch.monitor.scene().marked == ("1",)
        watch.monitor.unmark("1")
        await watch.settle()
        assert signs(watch, "1") == "  "


async def test_marked_trials_sort_after_the_best() -> None:
    async with watching(MANY) as watch:
        await watch.press("g", "j", "space", "space")
        watch.table.sort_by("mark", reverse=False)
        assert watch.order[:3] == ["12", "2", "3"]


async def test_nothing_is_marked_where_there_is_nothing() -> None:
    async with watching(run()) as watch:
        await watch.press("space", "M")
        assert watch.monitor.marked == ()
