"""The line of views, going from one to another, jump labels, and that every key has an answer."""

from pathlib import Path

import pytest
from build import completed, failed, run, running
from thresholding import World, editing
from watching import watching

from eitui.tui.keys import KEYS
from eitui.tui.screens.comparison import ComparisonScreen
from eitui.tui.screens.failures import FailuresScreen
from eitui.tui.screens.prompts import ExportPrompt
from eitui.tui.screens.thresholds import ThresholdEditor
from eitui.tui.screens.trade_offs import TradeOffsScreen
from eitui.tui.screens.trial import TrialScreen
from eitui.tui.widgets.bars import Views
from eitui.view.kit.lines import width_of
from eitui.view.kit.views import View, views_line

RUN = run(running("1"), completed("2", 0.9), completed("3", 0.8), failed("4"))
VIEWS = [
    View("t", "Trials", "esc"),
    View("o", "Trade-offs", "p"),
    View("f", "Failures", "F", 12),
    View("j", "Journal", "J"),
]

NAMES = ("Trials", "Trade-offs p", "Progress o", "Failures F 1", "Impulses I", "Thresholds t", "Journal J", "Logs O")


@pytest.mark.parametrize("width", range(8, 120, 7))
def test_the_line_fits_and_names_the_present_view_and_all_keys(width: int) -> None:
    line, cells = views_line(VIEWS, "f", width)
    text = "".join(part for part, _ in line)
    assert width_of(line) <= width
    if width > 30:
        assert "▌Failures F 12" in text
        assert all(view.key in text for view in VIEWS)
        assert [text[one.start : one.stop].strip() != "" for one in cells] == [True] * 4


async def test_every_screen_has_the_line_and_marks_the_present_view() -> None:
    async with watching(RUN, size=(120, 40)) as watch:
        assert watch.views.split("▌")[1].startswith("Trials")
        assert all(name in watch.views for name in NAMES)
        for key, name in (("p", "Trade-offs"), ("F", "Failures"), ("o", "Progress"), ("O", "Logs"), ("J", "Journal")):
            await watch.press(key)
            assert watch.views.split("▌")[1].startswith(name)
            assert len(watch.app.screen_stack) == 2, "a view takes the place of another"


@pytest.mark.parametrize(("size", "there"), [((80, 24), True), ((40, 20), True), ((40, 10), False)])
async def test_the_line_is_one_line_and_goes_where_there_is_no_room(size: tuple[int, int], there: bool) -> None:
    async with watching(RUN, size=size) as watch:
        assert bool(watch.views) == there
        if there:
            assert all(key in watch.views for key in "poFItJO")
            assert watch.lines()[0].startswith(" eitui")


async def test_a_view_is_clicked() -> None:
    async with watching(RUN, size=(120, 40)) as watch:
        at = watch.views.index("Trade-offs")
        await watch.pilot.click(Views, offset=(at, 0))
        await watch.settle()
        assert isinstance(watch.app.screen, TradeOffsScreen)
        await watch.pilot.click(Views, offset=(2, 0))
        await watch.settle()
        assert watch.app.screen is watch.monitor


async def test_a_draft_is_not_lost_to_another_view(tmp_path: Path) -> None:
    async with editing(World(tmp_path / "changes.db")) as edit:
        assert "Changes were not sent" in await edit.press("right", "p")
        assert isinstance(edit.watch.app.screen, ThresholdEditor)
        await edit.watch.press("backspace", "p")
        assert isinstance(edit.watch.app.screen, TradeOffsScreen)


async def test_the_keys_of_the_table_work_in_the_view_of_a_trial() -> None:
    async with watching(RUN, size=(120, 40)) as watch:
        await watch.press("j", "enter", "space")
        assert watch.monitor.marked == ("2",)
        assert "marked" in watch.lines()[0]
        await watch.press("y")
        assert "cells" in watch.text()
        await watch.press("c")
        assert isinstance(watch.app.screen, ComparisonScreen)
        await watch.press("escape")
        assert isinstance(watch.app.screen, TrialScreen)
        await watch.press("e")
        assert isinstance(watch.app.screen, ExportPrompt)
        await watch.press("escape")
        await watch.press("t")
        assert isinstance(watch.app.screen, ThresholdEditor)


async def test_a_letter_jumps_to_a_view_a_pane_or_a_tab() -> None:
    async with watching(RUN, size=(120, 40)) as watch:
        await watch.press("ctrl+o")
        lines = [strip.text for strip in watch.app.drawn()]
        await watch.press(lines[0][lines[0].index("Failures[") + len("Failures[")])
        assert isinstance(watch.app.screen, FailuresScreen)
        await watch.press("escape", "ctrl+o")
        (title,) = (strip.text for strip in watch.app.drawn() if "]Alerts" in strip.text)
        await watch.press(title[title.index("[") + 1])
        assert watch.monitor.pane == "alerts"
        await watch.press("1")
        await watch.press("enter")
        await watch.press("ctrl+o")
        title = next(strip.text for strip in watch.app.drawn() if "]Metrics" in strip.text)
        await watch.press(title[title.index("]Metrics") - 1])
        screen = watch.app.screen
        assert isinstance(screen, TrialScreen)
        assert screen.tab == "metrics"
        await watch.press("ctrl+o", "escape")
        assert watch.app.screen is screen


QUIET = {"feed.poll", "pane.trials", "app.suspend", "app.quit", "app.leave"}
"""Answered when the service is, seen already, or an end."""


@pytest.mark.parametrize("shown", [RUN, run()], ids=["trials", "none"])
async def test_every_key_has_an_answer(shown: object) -> None:
    groups = ("Trials", "Panes", "Views", "Run", "Time", "Program")
    async with watching(shown, size=(120, 40)) as watch:  # type: ignore[arg-type]
        for key in (key for key in KEYS if key.group in groups and key.id not in QUIET):
            watch.app.clear_notifications()
            await watch.settle()
            before = [strip.text for strip in watch.app.drawn()]
            await watch.press(key.names[0])
            assert [strip.text for strip in watch.app.drawn()] != before, key.id
            while watch.app.screen is not watch.monitor:
                await watch.press("escape")
            if watch.table.typing:
                await watch.press("escape")
            watch.monitor.zoomed = False
            await watch.press("1")


async def test_a_key_that_does_nothing_says_so_and_where_its_meaning_went() -> None:
    async with watching(RUN) as watch:
        await watch.press("5")
        assert "5 does nothing here: Impulses is I." in watch.text()
        await watch.press("f9")
        assert "f9 does nothing here; ? shows the keys." in watch.text()


async def test_a_poll_that_was_asked_for_tells_how_it_went() -> None:
    async with watching(RUN) as watch:
        await watch.answer(RUN)
        assert "Up to date" not in watch.text()
        await watch.press("r")
        await watch.pass_time(2)
        await watch.answer(RUN)
        assert "Up to date, " in watch.text()
        await watch.press("r")
        await watch.miss("The service is down")
        assert "Refresh failed: The service is down." in watch.text()


async def test_what_cannot_be_done_is_said() -> None:
    async with watching(run()) as watch:
        for key, told in (
            ("slash", "No trial to filter yet."),
            ("s", "No trial to sort yet."),
            ("M", "No trial is marked."),
            ("right_curly_bracket", "Already live"),
            ("space", "No trial to mark."),
        ):
            await watch.press(key)
            assert told in watch.text()
