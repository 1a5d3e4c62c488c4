"""Panes on terminals of every size: reachable, zoomed and back, and never an error."""

from dataclasses import replace
from pathlib import Path

import pytest
from build import completed, failed, pending, run, running
from watching import Watching, watching

from eitui.domain.run import Worker
from eitui.tui.screens.monitor_layout import PANES
from eitui.tui.view_state import Panes, ViewState

SIZES = [(80, 24), (100, 30), (120, 40), (200, 60), (40, 12)]
ALL = set(PANES)

BUSY = run(
    running("1", 3, "w-1", loss=1.0, val_loss=1.1, accuracy=0.5, val_accuracy=0.4),
    *(completed(str(number), 0.5 + number / 100) for number in range(2, 30)),
    pending("30"),
    failed("31"),
    workers=(Worker("w-1", "busy"), Worker("w-2", "ready"), Worker("w-3", "pending")),
)


def roomy(size: tuple[int, int]) -> bool:
    return size[0] >= 100 and size[1] >= 30


def check(watch: Watching, size: tuple[int, int], pane: str) -> None:
    """Check that the screen is what it should be in `pane`."""
    expected = {pane} if watch.monitor.zoomed or not roomy(size) else ALL
    assert watch.in_sight == expected
    assert watch.app.focused is not None
    assert watch.app.focused.id == pane
    strips = watch.app.drawn()
    assert len(strips) == size[1]
    assert {strip.cell_length for strip in strips} == {size[0]}


@pytest.mark.parametrize("size", SIZES)
async def test_every_pane_is_reached_by_its_number_and_by_tab(size: tuple[int, int]) -> None:
    async with watching(BUSY, size=size) as watch:
        check(watch, size, "trials")
        for number, pane in enumerate(PANES, 1):
            await watch.press(str(number))
            check(watch, size, pane)
        for pane in ("trials", "curves", "workers", "alerts", "trials"):
            await watch.press("tab")
            check(watch, size, pane)
        for pane in ("alerts", "workers"):
            await watch.press("shift+tab")
            check(watch, size, pane)


@pytest.mark.parametrize("size", SIZES)
async def test_a_zoomed_pane_has_the_screen_to_itself_until_it_is_taken_back(size: tuple[int, int]) -> None:
    async with watching(BUSY, size=size) as watch:
        for number, pane in enumerate(PANES, 1):
            await watch.press(str(number))
            await watch.press("z")
            assert watch.monitor.zoomed
            check(watch, size, pane)
            zoomed = watch.monitor.query_one(f"#{pane}").size
            await watch.press("z")
            check(watch, size, pane)
            back = watch.monitor.query_one(f"#{pane}").size
            cells, before = zoomed.width * zoomed.height, back.width * back.height
            # Where there is room for one pane only, it has the screen to itself already.
            assert cells > before if roomy(size) else cells == before


@pytest.mark.parametrize("size", SIZES)
async def test_zoomed_curves_have_the_screen_and_escape_goes_back(size: tuple[int, int]) -> None:
    async with watching(BUSY, size=size) as watch:
        await watch.press("2", "z")
        assert watch.monitor.zoomed
        check(watch, size, "curves")
        assert "mfe-conv1d-1" in watch.text()
        await watch.press("escape")
        assert not watch.monitor.zoomed
        check(watch, size, "trials")


async def test_the_cursor_moves_in_the_zoomed_curves_too() -> None:
    async with watching(BUSY) as watch:
        await watch.press("2", "z", "j")
        assert "mfe-conv1d-2" in watch.text()
        assert "mfe-conv1d-1 " not in watch.text()


async def test_a_terminal_that_changes_its_size_keeps_everything_reachable() -> None:
    async with watching(BUSY, size=SIZES[0]) as watch:
        await watch.press("j", "j")
        for size in [*SIZES, *reversed(SIZES), (40, 12), (200, 60), (80, 24)]:
            await watch.resize(*size)
            check(watch, size, "trials")
            assert watch.table.cursor == "3"
            for number, pane in enumerate(PANES, 1):
                await watch.press(str(number))
                check(watch, size, pane)
            await watch.press("1")


async def test_what_arrived_while_a_pane_was_out_of_sight_is_there_when_it_is_shown() -> None:
    async with watching(BUSY, size=(80, 24)) as watch:
        await watch.press("3")
        assert "w-2" in watch.text()
        await watch.press("1")
        await watch.answer(run(*BUSY.trials, workers=(*BUSY.workers, Worker("w-9", "busy"))))
        await watch.press("3")
        assert "w-9" in watch.text()


async def test_the_narrow_screen_names_its_panes_and_marks_the_one_in_sight() -> None:
    async with watching(BUSY, size=(80, 24)) as watch:
        await watch.press("4")
        assert " 1 Trials  2 Curves  3 Workers ▌4 Alerts" in watch.text()


async def test_the_newest_alert_is_in_sight_on_a_narrow_screen() -> None:
    async with watching(BUSY, size=(80, 24)) as watch:
        await watch.answer(run(*BUSY.trials[:-2], failed("30"), failed("31"), workers=BUSY.workers))
        assert "mfe-conv1d-30" in watch.lines()[-2]


async def test_a_click_on_a_pane_goes_to_it() -> None:
    async with watching(BUSY) as watch:
        await watch.pilot.click("#workers", offset=(5, 2))
        await watch.settle()
        assert watch.monitor.pane == "workers"
        check(watch, (120, 40), "workers")


async def test_more_lines_than_fit_are_moved_through() -> None:
    crowd = run(*BUSY.trials, workers=tuple(Worker(f"w-{number:02}", "ready") for number in range(50)))
    async with watching(crowd, size=(80, 24)) as watch:
        await watch.press("3")
        assert "w-00" in watch.text()
        await watch.press("G")
        assert "w-49" in watch.text()
        assert "w-00" not in watch.text()
        # The cursor moves first; the lines follow when it leaves them.
        await watch.press("g")
        assert "w-00" in watch.text()
        assert "w-49" not in watch.text()
        await watch.press("pagedown", "pagedown")
        assert "w-00" not in watch.text()


@pytest.mark.parametrize("size", [(1, 1), (10, 3), (20, 5), (300, 100)])
async def test_no_size_is_an_error(size: tuple[int, int]) -> None:
    async with watching(BUSY, size=size) as watch:
        for keys in ("1", "2", "3", "4", "z", "enter", "escape", "question_mark", "escape", "s", "escape"):
            await watch.press(keys)
        await watch.resize(120, 40)
        await watch.press("escape")
        check(watch, (120, 40), "trials")


OVER = replace(BUSY, status="completed", trials=tuple(trial for trial in BUSY.trials if trial.over), workers=())


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (100, 30), (120, 40), (160, 50), (200, 60)])
async def test_a_finished_run_answers_first(size: tuple[int, int]) -> None:
    async with watching(OVER, size=size) as watch:
        lines = watch.lines()
        table = next(y for y, line in enumerate(lines) if "1 Trials" in line)
        assert any("★" in line for line in lines[:table])
        assert "LIVE" not in watch.text()
        assert "workers" not in watch.in_sight
        assert table <= (5 if size[1] == 10 else size[1] // 2)


async def test_the_selected_trial_is_beside_the_table_on_a_wide_screen() -> None:
    async with watching(BUSY, size=(160, 50)) as watch:
        await watch.press("j", "j")
        summary, table = (watch.monitor.query_one(name).region for name in ("#summary", "#trials"))
        assert summary.x >= table.right
        assert any("50% of 100 ms" in line[summary.x :] for line in watch.lines())


async def test_panes_are_resized_hidden_and_reset_and_it_is_remembered(tmp_path: Path) -> None:
    view_state = ViewState(tmp_path / "view.json")
    async with watching(BUSY, view_state=view_state) as watch:
        usual = watch.monitor.query_one("#curves").region
        await watch.press("2", "equals_sign", "equals_sign")
        assert watch.monitor.query_one("#curves").region.height == usual.height + 2
        await watch.press("minus")
        assert watch.monitor.query_one("#curves").region.height == usual.height + 1
        await watch.press("3", "Z")
        assert watch.in_sight == ALL - {"workers"}
        assert watch.monitor.pane == "trials"
    assert view_state.panes() == Panes(frozenset({"workers"}), charts=1)
    async with watching(BUSY, view_state=view_state) as watch:
        assert watch.in_sight == ALL - {"workers"}
        await watch.press("3")
        assert watch.in_sight == ALL, "one that is gone to is shown again"
        await watch.press("0")
        assert watch.monitor.query_one("#curves").region == usual
    assert view_state.panes() == Panes()


async def test_what_stands_with_the_table_is_hidden_with_its_key() -> None:
    async with watching(OVER) as watch:
        assert "Result" in watch.text()
        await watch.press("Z")
        assert "Result" not in watch.text()
        assert "★ mfe-conv1d" in watch.text(), "the header tells it"
        await watch.press("Z")
        assert "Result" in watch.text()


async def test_a_pane_that_has_the_whole_screen_says_so() -> None:
    async with watching(BUSY, size=(80, 24)) as watch:
        for key in ("equals_sign", "minus", "Z"):
            await watch.press(key)
        assert {notice.message for notice in watch.app.notices} == {"This pane has the whole screen."}
        assert watch.in_sight == {"trials"}


async def test_a_small_header_has_two_lines_of_ten() -> None:
    async with watching(BUSY, size=(40, 10)) as watch:
        assert watch.monitor.query_one("#header").size.height == 2
        text = watch.text()
        assert "79.0%" in text
        assert "completed" not in text
