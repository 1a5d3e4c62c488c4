"""The impulses, and each of them: what is asked, what goes wrong, and where keys lead. Everything is synthetic."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from build import completed, run
from projects import FakeProject, demo_impulses
from thresholding import World
from watching import FoldedRecording, StillClock, Watching, replaying, spy_on_lines, watching

from eitui.api.errors import Rejected, Unreachable
from eitui.domain.impulse import Impulse, ImpulseMetric, ImpulseTable, MetricKey
from eitui.feed.events import PollSucceeded
from eitui.tui.screens.columns import ColumnsChoice
from eitui.tui.screens.impulse import IMPULSE_TABS, ImpulseScreen
from eitui.tui.screens.impulses import ImpulseComparison, ImpulsesScreen
from eitui.tui.screens.thresholds import ThresholdEditor
from eitui.tui.view_state import ViewState
from eitui.tui.widgets.impulse_table import ImpulsePane

DEMO = demo_impulses()
TRIAL = next(impulse.from_trial for impulse in DEMO.impulses if impulse.from_trial) or ""
RUN = run(completed("1", 0.9), completed(TRIAL, 0.8))
GONE = Unreachable("studio.edgeimpulse.com cannot be reached: network is unreachable", "Check the network.")
REFUSED = Rejected("The API key was refused (401 Unauthorized)", "Make a new key in the Studio.")


@asynccontextmanager
async def impulses(
    project: FakeProject, *keys: str, size: tuple[int, int] = (120, 40), **options: Any
) -> AsyncIterator[Watching]:
    async def open_project(project_id: int) -> FakeProject:
        return project

    async with watching(RUN, size=size, open_project=open_project, **options) as watch:
        await watch.identify("Keywords (synthetic)")
        await watch.press("I")
        if keys:
            await watch.press(*keys)
        yield watch


def pane(watch: Watching) -> ImpulsePane:
    return next(screen for screen in watch.app.screen_stack if isinstance(screen, ImpulsesScreen)).query_one(
        ImpulsePane
    )


def order(watch: Watching) -> list[str]:
    return [item.key for item in pane(watch).rows.items]


async def test_all_impulses_are_there() -> None:
    async with impulses(FakeProject()) as watch:
        assert isinstance(watch.app.screen, ImpulsesScreen)
        text = watch.text()
        for impulse in DEMO.impulses:
            assert impulse.name[:20] in text
        assert "Impulses  8 of this project  asked 0s ago" in text
        assert "✗ not configured" in text


async def test_a_key_that_is_held_asks_once() -> None:
    project = FakeProject()
    async with impulses(project) as watch:
        await watch.press("j", "j", "down", "G")
        assert pane(watch).cursor == "8"
        await watch.press("g", "pagedown")
        assert pane(watch).cursor == "8"
        assert project.asked == ["impulses"]
        await watch.press("r")
        assert project.asked == ["impulses"] * 2
        assert pane(watch).cursor == "8"


async def test_while_it_is_asked() -> None:
    project = FakeProject()
    project.gate.clear()

    async def open_project(project_id: int) -> FakeProject:
        return project

    async with watching(RUN, open_project=open_project) as watch:
        await watch.identify("Keywords (synthetic)")
        watch.reads_are_held = True
        await watch.press("I")
        assert "Loading the impulses…" in watch.text()
        await watch.press("enter", "s", "C", "space", "c", "t", "T", "slash", "x", "escape")
        assert isinstance(watch.app.screen, ImpulsesScreen)
        watch.reads_are_held = False
        project.gate.set()
        await watch.settle()
        assert "Asking" not in watch.text()
        assert len(order(watch)) == 8


async def test_no_impulses() -> None:
    async with impulses(FakeProject(ImpulseTable()), "enter", "space", "c", "t", "T", "S") as watch:
        assert "No impulses yet. Create" in watch.text()


async def test_what_nobody_foresaw_is_said_and_r_asks_again() -> None:
    project = FakeProject(trouble=KeyError("x"))
    async with impulses(project) as watch:
        assert "The service's answer was unexpected (KeyError). r asks again." in watch.text()
        project.trouble = None
        await watch.press("r")
        assert "KeyError" not in watch.text()


@pytest.mark.parametrize("trouble", [GONE, REFUSED], ids=["outage", "refused"])
async def test_what_went_wrong_is_said_and_r_asks_again(trouble: Rejected | Unreachable) -> None:
    project = FakeProject(trouble=trouble)
    async with impulses(project) as watch:
        assert f"{trouble.what}. {trouble.advice} r asks again." in watch.text()
        project.trouble = None
        await watch.press("r")
        assert trouble.what not in watch.text()
        assert len(order(watch)) == 8


async def test_what_was_shown_stays_with_its_age() -> None:
    project = FakeProject()
    async with impulses(project) as watch:
        project.trouble = GONE
        await watch.pass_time(130)
        await watch.press("r")
        assert "The data shown is 2m 10s old." in " ".join(watch.text().split())
        assert len(order(watch)) == 8
        await watch.press("enter")
        assert "The data shown is 2m 10s old." in " ".join(watch.text().split())


async def test_a_replay_has_no_impulses() -> None:
    folded = FoldedRecording([PollSucceeded(StillClock().now(), RUN)])
    async with replaying(folded) as watch:
        await watch.press("I")
        assert "A recording holds nothing but the run." in watch.text()


async def test_a_project_that_is_not_known_yet() -> None:
    async def open_project(project_id: int) -> FakeProject:
        return FakeProject()

    async with watching(RUN, open_project=open_project) as watch:
        await watch.press("I")
        assert "It is not known yet which project this is." in watch.text()
        await watch.identify("Keywords (synthetic)")
        await watch.press("r")
        assert len(order(watch)) == 8


# Order, filter, columns, marks


async def test_sorting() -> None:
    async with impulses(FakeProject(), "s", *["j"] * 4, "enter") as watch:
        assert "by accuracy" in watch.text()
        assert order(watch)[:3] == ["7", "4", "1"]
        await watch.press("S")
        assert order(watch)[:3] == ["1", "4", "7"]


async def test_a_filter_is_typed() -> None:
    async with impulses(FakeProject(), "slash", *"accuracy>=80%") as watch:
        assert order(watch) == ["1", "4"]
        assert "filter: accuracy>=80% · 2 of 8" in watch.text()
        assert "enter Keep" in watch.lines()[-1]
        await watch.press("enter", "j")
        assert pane(watch).cursor == "4"
        assert "enter Open" in watch.lines()[-1]
        await watch.press("escape")
        assert len(order(watch)) == 8
        assert isinstance(watch.app.screen, ImpulsesScreen)
        await watch.press("escape")
        assert watch.app.screen is watch.monitor


async def test_a_filter_that_is_none_says_what_is_wrong() -> None:
    async with impulses(FakeProject(), "slash", *"quantized:maybe", "enter") as watch:
        assert "quantized is yes or no: write quantized:yes" in watch.text()
        await watch.press("ctrl+u", *"is:st", "tab", "enter")
        assert order(watch) == ["4"]
        await watch.press("slash", "ctrl+u", *"nothing-like-this", "enter")
        assert "(0 of 8)" in watch.text()
        await watch.press("slash", "up", "escape")
        assert len(order(watch)) == 8


async def test_columns_are_chosen_and_remembered(tmp_path: Path) -> None:
    view_state = ViewState(tmp_path / "view.json")
    async with impulses(FakeProject(), "C", view_state=view_state) as watch:
        assert isinstance(watch.app.screen, ColumnsChoice)
        await watch.press("j", "space", "enter")
        assert "Accuracy" not in watch.text()
    async with impulses(FakeProject(), view_state=view_state) as watch:
        assert "Accuracy" not in watch.text()
        await watch.press("C", "backspace", "enter")
        assert "Accuracy" in watch.text()


async def test_columns_that_do_not_fit_are_brought_into_sight() -> None:
    async with impulses(FakeProject(), size=(80, 24)) as watch:
        assert "←→ more columns" in watch.text()
        assert "From trial" not in watch.text()
        await watch.press(*["right"] * 8)
        assert "From trial" in watch.text()


async def test_two_are_compared() -> None:
    async with impulses(FakeProject(), "space", "space") as watch:
        assert "2 marked" in watch.text()
        await watch.press("c")
        assert isinstance(watch.app.screen, ImpulseComparison)
        text = watch.text()
        assert "learn: block" in text
        assert "18 the same" in text
        await watch.press("pagedown", "G", "g", "escape", "M")
        assert "marked" not in watch.text()


async def test_one_that_is_marked_is_compared_with_the_selected_one() -> None:
    async with impulses(FakeProject(), "c") as watch:
        assert isinstance(watch.app.screen, ImpulsesScreen)
        await watch.press("space", "c")
        assert isinstance(watch.app.screen, ImpulseComparison)


async def test_a_third_mark_is_refused_and_that_is_said() -> None:
    async with impulses(FakeProject(), "space", "space", "space", "space") as watch:
        screen = watch.app.screen
        assert isinstance(screen, ImpulsesScreen)
        assert screen.marked == ("1", "2")
        assert [note.message for note in watch.app.notices] == [
            "At most two impulses can be marked: space unmarks one, M both."
        ]
        await watch.press("k", "space")
        assert screen.marked == ("1",)


# Trials


async def test_it_begins_on_the_impulse_made_from_the_selected_trial() -> None:
    project = FakeProject(replace(DEMO, impulses=DEMO.impulses[::-1]))
    async with impulses(project) as watch:
        assert pane(watch).cursor == "8"
        await watch.press("escape")
        watch.table.select_trial(TRIAL)
        await watch.press("I")
        assert pane(watch).cursor == "1"


@pytest.mark.parametrize("opened", [(), ("enter",)], ids=["table", "one"])
async def test_t_goes_to_the_trial_that_it_came_from(opened: tuple[str, ...]) -> None:
    async with impulses(FakeProject(), "g", *opened, "T") as watch:
        assert watch.app.screen is watch.monitor
        assert watch.table.cursor == TRIAL


@pytest.mark.parametrize(("trial", "result"), [(None, "has no trial: the"), ("77", "Trial 77 is not in this run")])
async def test_a_trial_that_is_not_there_is_said(trial: str | None, result: str) -> None:
    project = FakeProject(ImpulseTable((Impulse(1, "A", from_trial=trial),)))
    async with impulses(project, "T") as watch:
        assert isinstance(watch.app.screen, ImpulsesScreen)
        assert any(result in note.message for note in watch.app.notices)


# One impulse


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 12)], ids=str)
async def test_every_tab_of_every_impulse(size: tuple[int, int]) -> None:
    async with impulses(FakeProject(), "enter", size=size) as watch:
        screen = watch.app.screen
        assert isinstance(screen, ImpulseScreen)
        for number in range(1, 9):
            assert screen.key == str(number)
            for place, name in enumerate(IMPULSE_TABS, 1):
                await watch.press(str(place), "down", "pagedown", "G", "g", "right", "left")
                assert screen.tab == name
                assert f"▌{place}" in watch.lines()[1]
            await watch.press("n")
        assert any("the last impulse" in note.message for note in watch.app.notices)
        await watch.press("escape")
        assert pane(watch).cursor == "8"


async def test_tabs_go_round() -> None:
    async with impulses(FakeProject(), "enter", "shift+tab") as watch:
        screen = watch.app.screen
        assert isinstance(screen, ImpulseScreen)
        assert screen.tab == "thresholds"
        await watch.press("tab", "tab")
        assert screen.tab == "network"
        await watch.press("N")
        assert screen.key == "1"


async def test_metrics_at_another_model_type() -> None:
    async with impulses(FakeProject(), "enter", "3") as watch:
        assert "‹int8›" in watch.text()
        await watch.press("right")
        assert "‹float32›" in watch.text()
        await watch.press("right")
        assert "‹int8›" in watch.text()


async def test_features_of_clusters_are_chosen() -> None:
    project = FakeProject()
    async with impulses(project, "enter") as watch:
        screen = watch.app.screen
        assert isinstance(screen, ImpulseScreen)
        assert (screen.tab, screen.look.x, screen.look.y) == ("blocks", 0, 1)
        await watch.press("5", "x")
        assert (screen.look.x, screen.look.y) == (2, 1)
        assert "Filter 5 energy, scaled" in watch.text()
        await watch.press("Y")
        assert (screen.look.x, screen.look.y) == (2, 0)
        assert project.asked == ["impulses", "anomaly 4"]
        await watch.press("r")
        assert project.asked == ["impulses", "anomaly 4", "impulses", "anomaly 4"]


async def test_another_anomaly_block() -> None:
    async with impulses(FakeProject(), *["j"] * 6, "enter", "5") as watch:
        assert "Anomaly detection (K-means)" in watch.text()
        await watch.press("d")
        assert "Anomaly detection (GMM)" in watch.text()
        assert "○ not trained yet" in watch.text()
        await watch.press("d")
        assert "Anomaly detection (K-means)" in watch.text()


async def test_images_are_gone_through() -> None:
    async with impulses(FakeProject(), "j", "j", "enter", "5") as watch:
        assert "image 1 of 40" in watch.text()
        await watch.press("right", "right", "left")
        assert "image 2 of 40" in watch.text()
        await watch.press("left", "left", "left")
        assert "image 1 of 40" in watch.text()
        await watch.press("f")
        assert "image 1 of 40" not in watch.text()
        assert ": anomaly" in watch.text()


async def test_an_anomaly_block_that_cannot_be_asked_for_is_shown_as_it_is_known() -> None:
    project = FakeProject()
    async with impulses(project, "enter") as watch:
        project.trouble = GONE
        await watch.press("5")
        assert "r asks again." in watch.text()
        assert "✓ trained" in watch.text()
        project.trouble = None
        await watch.press("r")
        assert "r asks again." not in watch.text()


async def test_an_impulse_that_is_no_longer_there() -> None:
    project = FakeProject()
    async with impulses(project, "enter") as watch:
        project.table = replace(DEMO, impulses=DEMO.impulses[1:])
        await watch.press("r")
        for place in range(1, 7):
            await watch.press(str(place))
            assert "no longer lists it." in watch.text()
        await watch.press("t", "T", "x", "d", "right", "n")
        screen = watch.app.screen
        assert isinstance(screen, ImpulseScreen)
        await watch.press("escape")
        assert order(watch)[0] == "2"


async def test_in_the_past_it_says_that_impulses_are_of_now() -> None:
    async with impulses(FakeProject(), recorded=FoldedRecording([PollSucceeded(StillClock().now(), RUN)] * 3)) as watch:
        await watch.press("left_curly_bracket")
        assert "as they are now" in watch.lines()[0]
        await watch.press("enter")
        assert "as they are now" in watch.lines()[0]


@pytest.mark.parametrize("opened", [(), ("enter", "6")], ids=["table", "one"])
async def test_thresholds_are_edited_and_looked_at_again(tmp_path: Path, opened: tuple[str, ...]) -> None:
    world = World(tmp_path / "journal.db")
    async with watching(RUN, open_project=world.open_project) as watch:
        await watch.identify("Keywords (synthetic)")
        await watch.press("I")
        await watch.press("g", *opened)
        asked = sum("impulses-detailed" in path for path in world.gets)
        await watch.press("t")
        editor = watch.app.screen
        assert isinstance(editor, ThresholdEditor)
        assert editor.editor.impulse_id == 1
        before = watch.app.screen_stack[-2]
        await watch.press("escape")
        assert watch.app.screen is before
        assert sum("impulses-detailed" in path for path in world.gets) >= asked + 2


async def test_more_columns_than_lines() -> None:
    keys = tuple(MetricKey(f"m{number}", "m", f"Metric {number}", shown=True) for number in range(60))
    table = ImpulseTable((Impulse(1, "A"),), {"m": keys})
    async with impulses(FakeProject(table), "C", size=(80, 24)) as watch:
        assert "▸ ✓ State" in watch.text()
        assert "D W move" in watch.text()
        await watch.press(*["j"] * 70)
        assert "▸ · ID" in watch.text()
        assert "D W move" in watch.text()


# Much, and hostile


async def test_two_hundred_impulses() -> None:
    many = tuple(
        replace(DEMO.impulses[number % 8], id=number + 1, name=f"impulse {number + 1}") for number in range(200)
    )
    async with impulses(FakeProject(replace(DEMO, impulses=many)), "G") as watch:
        assert pane(watch).cursor == "200"
        assert "row 200/200" in watch.text()
        await watch.press("s", *["j"] * 4, "enter")
        await watch.press("slash", *"is:stale", "enter")
        assert len(order(watch)) == 25


async def test_hostile_names_break_nothing() -> None:
    bad = "[bold red]é́́́␛[31m" + "漢字" * 60
    metric = ImpulseMetric("a b/c", "m", bad, bad, float("inf"))
    table = ImpulseTable(
        (
            Impulse(None, bad, tags=(bad,), author=bad, from_trial=bad, metrics={"m": (metric,)}, problems=(bad,)),
            Impulse(1, "", metrics={}),
            Impulse(1, ""),
        )
    )
    async with impulses(FakeProject(table), size=(80, 24)) as watch:
        assert all(len(line) <= 80 for line in watch.lines())
        for _ in range(3):
            await watch.press("enter")
            for place in range(1, 7):
                await watch.press(str(place))
            await watch.press("T", "escape", "space", "j")
        await watch.press("c", "escape", "s", "escape", "C", "escape", "slash", *"a", "escape")
        assert isinstance(watch.app.screen, ImpulsesScreen)


async def test_nothing_is_sent_while_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    async with impulses(FakeProject()) as watch:
        drawn = spy_on_lines(monkeypatch, pane(watch))
        await watch.pass_time(1)
        assert drawn.take() == []
        await watch.press("enter", "5")
        screen = watch.app.screen
        drawn = spy_on_lines(monkeypatch, *screen.query("TextPane"))
        await watch.pass_time(1)
        assert drawn.take() == []


async def test_leaving_while_it_is_asked() -> None:
    project = FakeProject()
    async with impulses(project) as watch:
        project.gate.clear()
        watch.reads_are_held = True
        await watch.press("r", "escape")
        assert watch.app.screen is watch.monitor
        project.gate.set()
        watch.reads_are_held = False
        await asyncio.sleep(0)
        await watch.settle()
        assert watch.app.screen is watch.monitor
