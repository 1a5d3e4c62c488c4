"""Every list: the wheel moves, a click chooses, a second click does what enter does, and little is drawn for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from build import completed, failed, run, running
from projects import FakeProject
from textual import events
from watching import START, Watching, spy_on_lines, watching

from eitui.domain.log import LogLine, TrialLog
from eitui.domain.run import Worker
from eitui.domain.trial import Block
from eitui.tui.kit.lines import Lines
from eitui.tui.kit.list import List, TextPane
from eitui.tui.screens.columns import ColumnList, ColumnsChoice
from eitui.tui.screens.failures import FailureList
from eitui.tui.screens.impulse import ImpulseScreen
from eitui.tui.screens.trial import TrialScreen
from eitui.tui.widgets.alerts import Alerts, Workers
from eitui.tui.widgets.impulse_table import ImpulsePane
from eitui.tui.widgets.log_pane import LogPane
from eitui.tui.widgets.trial_table import TrialTable

POOL = tuple(Worker(f"worker-{number}", "busy" if number < 4 else "ready") for number in range(1, 31))
BROKEN = tuple(replace(failed(str(number)), blocks=(Block(1, "learn", "failed"),)) for number in range(5, 40))
BEFORE = run(*(running(str(number), 3, worker=f"worker-{number}") for number in range(1, 4)), workers=POOL)
AFTER = run(*(running(str(number), 3, worker=f"worker-{number}") for number in range(1, 4)), *BROKEN, workers=POOL)
LOG = TrialLog(tuple(LogLine(START + number, "info", f"line {number}") for number in range(200)))


@asynccontextmanager
async def monitor(*keys: str, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Watching]:
    async def open_project(project_id: int) -> FakeProject:
        return FakeProject()

    async with watching(BEFORE, AFTER, size=size, open_project=open_project) as watch:
        watch.source.logs |= {trial.id: LOG for trial in BROKEN}
        await watch.identify("Keywords (synthetic)")
        if keys:
            await watch.press(*keys)
        yield watch


async def wheel(watch: Watching, widget: Lines, by: int = 1) -> None:
    """Turn the wheel over the middle of a widget by notches, down where `by` is positive."""
    region = widget.region
    x, y = region.x + region.width // 2, region.y + region.height // 2
    kind = events.MouseScrollDown if by > 0 else events.MouseScrollUp
    for _ in range(abs(by)):
        watch.app.screen.post_message(kind(None, x, y, 0, 0, 0, False, False, False, screen_x=x, screen_y=y))
        await watch.settle()


def line_of(widget: Lines, text: str) -> int:
    """Return the line of the widget that has `text`."""
    return next(y for y in range(widget.size.height) if text in widget.render_line(y).text)


async def click(watch: Watching, widget: Lines, text: str, times: int = 1) -> None:
    """Click on the line that has `text`."""
    await watch.pilot.click(widget, offset=(6, line_of(widget, text)), times=times)
    await watch.settle()


LISTS: dict[str, tuple[tuple[str, ...], type[Any], str]] = {
    "trials": ((), TrialTable, "mfe-conv1d-7 "),
    "failures": (("F",), FailureList, "mfe-conv1d-7 "),
    "impulses": (("I",), ImpulsePane, "Surface defects"),
    "workers": (("3",), Workers, "worker-3 "),
    "alerts": (("4",), Alerts, "mfe-conv1d-38:"),
    "columns": (("C",), ColumnList, "RAM"),
}
"""The keys that lead to each list with a cursor, and what is written on one of its rows."""


@pytest.mark.parametrize("name", LISTS)
async def test_the_wheel_moves_the_cursor_and_back(name: str) -> None:
    keys, kind, _ = LISTS[name]
    async with monitor(*keys) as watch:
        rows = watch.app.screen.query_one(kind)
        await watch.press("g")
        first = rows.cursor
        await wheel(watch, rows, 1)
        moved = rows.cursor
        assert moved is not None
        order = [key for key in (rows.row_key(index) for index in range(rows.count())) if key is not None]
        assert order.index(moved) - order.index(first) == 3
        await wheel(watch, rows, -1)
        assert rows.cursor == first
        await wheel(watch, rows, 40)
        assert rows.cursor == order[-1]


@pytest.mark.parametrize("name", LISTS)
async def test_a_click_chooses_the_row(name: str) -> None:
    keys, kind, text = LISTS[name]
    async with monitor(*keys) as watch:
        rows = watch.app.screen.query_one(kind)
        await watch.press("g")
        y = line_of(rows, text)
        await click(watch, rows, text)
        at = rows.index_of(rows.cursor)
        assert at is not None
        assert line_of(rows, text) == y
        assert rows._above + at - rows.window.top == y


@pytest.mark.parametrize(
    ("keys", "kind", "text", "opened", "key"),
    [
        ((), TrialTable, "mfe-conv1d-7 ", TrialScreen, "7"),
        (("F",), FailureList, "mfe-conv1d-7 ", TrialScreen, "7"),
        (("3",), Workers, "worker-3 ", TrialScreen, "3"),
        (("4", "z"), Alerts, "mfe-conv1d-38:", TrialScreen, "38"),
        ((), Workers, "worker-2 ", TrialScreen, "2"),
    ],
)
async def test_a_second_click_opens_what_enter_opens(
    keys: tuple[str, ...], kind: type[Any], text: str, opened: type[TrialScreen], key: str
) -> None:
    async with monitor(*keys) as watch:
        rows = watch.app.screen.query_one(kind)
        await click(watch, rows, text, times=2)
        screen = watch.app.screen
        assert isinstance(screen, opened)
        assert screen.trial_id == key
        await watch.press("escape")
        await watch.press("enter")
        assert isinstance(watch.app.screen, opened)
        assert watch.app.screen.trial_id == key


async def test_a_second_click_opens_an_impulse() -> None:
    async with monitor("I") as watch:
        rows = watch.app.screen.query_one(ImpulsePane)
        name = rows.rows.items[2].called
        await click(watch, rows, name[:16], times=2)
        assert isinstance(watch.app.screen, ImpulseScreen)
        assert watch.app.screen.item is rows.rows.items[2] or watch.app.screen.key == rows.rows.items[2].key


async def test_a_second_click_hides_a_column_and_the_dialog_stays() -> None:
    async with monitor("C") as watch:
        rows = watch.app.screen.query_one(ColumnList)
        await click(watch, rows, "RAM", times=2)
        assert isinstance(watch.app.screen, ColumnsChoice)
        assert rows.cursor in rows.arrangement.hidden


async def test_home_end_and_page_keys_move_in_the_columns() -> None:
    async with monitor("C") as watch:
        rows = watch.app.screen.query_one(ColumnList)
        await watch.press("end")
        assert rows.cursor == rows.arrangement.order[-1]
        await watch.press("home")
        assert rows.cursor == rows.arrangement.order[0]
        await watch.press("pagedown")
        assert rows.cursor == rows.arrangement.order[-1]


async def test_a_click_below_the_rows_and_on_the_title_chooses_nothing() -> None:
    async with monitor() as watch:
        before = watch.table.cursor
        await watch.pilot.click(watch.table, offset=(6, 0))
        await watch.pilot.click(watch.table, offset=(6, 1))
        await watch.settle()
        assert watch.table.cursor == before
    async with monitor("F") as watch:
        rows = watch.app.screen.query_one(FailureList)
        before = rows.cursor
        await watch.pilot.click(rows, offset=(6, 2))
        await watch.settle()
        assert rows.cursor == before


async def test_what_a_pane_is_about_is_said_where_enter_does_nothing() -> None:
    async with monitor("3", "G") as watch:
        assert "no trial to open" in watch.text()
        await watch.press("enter")
        assert watch.app.screen is watch.monitor
        assert [note.message for note in watch.app.notices] == ["Worker worker-30 has no trial."]
        await watch.press("1")
        assert "no trial to open" not in watch.text()


async def test_the_wheel_over_a_pane_without_the_keyboard_scrolls_it() -> None:
    async with monitor() as watch:
        rows = watch.app.screen.query_one(Workers)
        await wheel(watch, rows, 1)
        assert rows.window.top == 3
        assert watch.app.focused is watch.table
        await wheel(watch, rows, -1)
        assert rows.window.top == 0


async def test_the_cursor_stays_on_its_worker() -> None:
    async with monitor("3", "j", "j") as watch:
        rows = watch.app.screen.query_one(Workers)
        assert rows.cursor == ("worker-3", 0)
        await watch.answer(replace(AFTER, workers=POOL[1:]))
        assert rows.cursor == ("worker-3", 0)
        await watch.answer(replace(AFTER, workers=(POOL[1], *POOL[3:])))
        assert rows.cursor == ("worker-4", 0)


async def test_workers_of_one_name_are_gone_through() -> None:
    async with monitor("3") as watch:
        await watch.answer(replace(AFTER, workers=(*[Worker("same", "ready")] * 2, Worker("z", "ready"))))
        await watch.press("g", "j", "j")
        assert watch.app.screen.query_one(Workers).cursor == ("z", 0)


async def test_the_newest_alert_has_the_cursor_until_another_is_chosen() -> None:
    async with monitor("4") as watch:
        rows = watch.app.screen.query_one(Alerts)
        newest = rows.cursor
        await watch.answer(replace(AFTER, trials=(*AFTER.trials, completed("90", 0.99))))
        assert rows.cursor != newest
        await watch.press("j")
        chosen = rows.cursor
        await watch.answer(replace(AFTER, trials=(*AFTER.trials, completed("90", 0.99), failed("91"))))
        assert rows.cursor == chosen


@pytest.mark.parametrize(("keys", "kind"), [(("enter", "5"), TextPane), (("enter", "6"), LogPane)])
async def test_the_wheel_scrolls_text(keys: tuple[str, str], kind: type[Any]) -> None:
    async with monitor(size=(80, 12)) as watch:
        watch.table.select_trial("7")
        await watch.press(*keys)
        pane = next(pane for pane in watch.app.screen.query(List) if pane.display)
        assert isinstance(pane, kind)
        await watch.press("g")
        await wheel(watch, pane, 1)
        assert pane.window.top == min(3, pane.window.count - pane.window.room) > 0
        await wheel(watch, pane, -2)
        assert pane.window.top == 0


async def test_the_wheel_scrolls_the_words_below_a_picture() -> None:
    many = run(*(completed(str(number), 0.5 + number / 100) for number in range(20)))
    async with watching(many, size=(80, 24)) as watch:
        await watch.press("o")
        drawing = watch.app.screen.query_one("#drawing", Lines)
        before = watch.lines()
        await wheel(watch, drawing, 1)
        assert watch.lines() != before
        await wheel(watch, drawing, -1)
        assert watch.lines() == before


async def test_a_worker_that_changed_draws_its_line_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    async with monitor("3") as watch:
        drawn = spy_on_lines(monkeypatch, *watch.monitor.query(List))
        await watch.answer(AFTER)
        assert drawn.take() == [], "nothing changed"
        # The first one that is known to have changed makes room for since when.
        one = (*POOL[:4], replace(POOL[4], status="busy"), *POOL[5:])
        await watch.answer(replace(AFTER, workers=one))
        drawn.take()
        await watch.answer(replace(AFTER, workers=(*one[:6], replace(POOL[6], status="busy"), *one[7:])))
        assert drawn.take() == [7]


async def test_a_cursor_moved_by_the_wheel_draws_two_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    async with monitor("3") as watch:
        rows = watch.monitor.query_one(Workers)
        drawn = spy_on_lines(monkeypatch, rows)
        await wheel(watch, rows)
        assert [line for line in drawn.take() if line] == [1, 4]
