"""One table of keys: what it says is what the keys do, and what footer, help and palette show."""

import asyncio
import gc
import os
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import pytest
from build import completed, run, running
from textual import actions
from textual.containers import VerticalScroll
from watching import Watching, watching

from eitui.cli.monitor import open_monitor
from eitui.config import SettingsError, load
from eitui.config.settings import Settings
from eitui.feed.events import Source
from eitui.tui.app import MonitorApp
from eitui.tui.keys import KEYS, Key, bindings, never_leaving
from eitui.tui.screens.columns import ColumnsChoice
from eitui.tui.screens.comparison import ComparisonScreen
from eitui.tui.screens.failures import FailuresScreen
from eitui.tui.screens.help import KEY_SIGNS, Help
from eitui.tui.screens.impulse import ImpulseScreen
from eitui.tui.screens.impulses import ImpulseComparison, ImpulsesScreen
from eitui.tui.screens.journal import JournalScreen
from eitui.tui.screens.monitor import Monitor
from eitui.tui.screens.overlay import Overlay
from eitui.tui.screens.run_logs import RunLogsScreen
from eitui.tui.screens.runs import RunsScreen
from eitui.tui.screens.search import SearchScreen
from eitui.tui.screens.thresholds import ThresholdEditor
from eitui.tui.screens.trade_offs import TradeOffsScreen
from eitui.tui.screens.trial import TrialScreen
from eitui.tui.widgets.bars import Footer
from eitui.tui.widgets.trial_table import TrialTable
from eitui.view.kit.keys import keyed

SYNTHETIC_KEY = "ei_synthetic_0123456789"
NO_FILE = Path(os.devnull)

RUN = run(running("1"), completed("2", 0.9), completed("3", 0.8))

OVER: tuple[type[Overlay], ...] = (
    Overlay,
    ComparisonScreen,
    TradeOffsScreen,
    SearchScreen,
    TrialScreen,
    FailuresScreen,
    RunLogsScreen,
    ThresholdEditor,
    JournalScreen,
    ImpulsesScreen,
    RunsScreen,
    ImpulseScreen,
    ImpulseComparison,
)
"""Every screen over the monitor."""

WITHIN = {"Filter": TrialTable, "Columns": ColumnsChoice}
"""What takes the keys of a group that is neither the program's nor a screen's that follows."""

by_id = {key.id: key for key in KEYS}


def footer(watch: Watching) -> str:
    return watch.monitor.query_one(Footer).render_line(0).text


def test_ids_are_unique() -> None:
    assert len(by_id) == len(KEYS)


@pytest.mark.parametrize("screens", [(MonitorApp, Monitor), (ColumnsChoice,), *((over,) for over in OVER)])
def test_a_key_means_one_thing_on_a_screen(screens: Any) -> None:
    bound = {binding.id for cls in screens for base in cls.__mro__ for binding in vars(base).get("BINDINGS", ())}
    every = [name for key in KEYS if key.id in bound for name in key.keys.split(",")]
    assert every
    assert len(set(every)) == len(every)


def test_every_key_is_bound_once() -> None:
    groups = {key.group for key in KEYS}
    bound = [binding.id for cls in (MonitorApp, Monitor) for binding in cls.BINDINGS if binding.id in by_id]
    own = [
        key.id
        for key in KEYS
        if key.group in {"Over the monitor", *WITHIN, *(group for over in OVER for group in over.GROUPS)}
    ]
    assert sorted(bound + own) == sorted(by_id)
    assert len(bindings(*groups)) == len(KEYS)


OWNERS: tuple[Any, ...] = (MonitorApp, Monitor, Overlay, *OVER)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.id)
def test_every_action_exists_where_its_key_is_bound(key: Key) -> None:
    destination, name, _ = actions.parse(key.action)
    bound_in: Any = WITHIN.get(key.group) or next(
        cls for cls in OWNERS if any(key.id == binding.id for binding in cls.BINDINGS)
    )
    holder = {"app": MonitorApp, "screen": Monitor, "": bound_in}[destination]
    assert callable(getattr(holder, f"action_{name}"))


async def test_the_footer_has_its_keys_in_their_order() -> None:
    async with watching(RUN, size=(200, 60)) as watch:
        text, at = footer(watch), -1
        here = [key for key in KEYS if key.footer and key.group in (*Monitor.GROUPS, "Program")]
        for key in sorted(here, key=lambda key: key.footer):
            found = text.find(f" {key.first} {key.label} ")
            assert found > at, key.id
            at = found


async def test_a_narrow_footer_keeps_help_and_quit() -> None:
    async with watching(RUN, size=(40, 12)) as watch:
        text = footer(watch)
        for name in ("trial.open", "app.help", "app.quit"):
            assert f"{by_id[name].first} {by_id[name].label}" in text


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_help_has_every_key_and_every_sign(size: tuple[int, int]) -> None:
    async with watching(RUN, size=size) as watch:
        await watch.press("question_mark")
        assert isinstance(watch.app.screen, Help)
        seen = ""
        scroll = watch.app.screen.query_one(VerticalScroll)
        # Not by keys: a page may be gone before it was looked at.
        for y in range(0, scroll.max_scroll_y + 10, 10):
            scroll.scroll_to(y=y, animate=False, immediate=True)
            await watch.settle()
            seen += watch.text()
        for key in KEYS:
            assert key.display in seen
            assert keyed(key.help) in seen
        for sign, meaning in KEY_SIGNS:
            assert sign in seen
            assert meaning.split(";")[0].split(",")[0] in seen
        assert "studio.edgeimpulse.com" in seen


@pytest.mark.parametrize("key", ["escape", "q", "question_mark", "f1"])
async def test_help_goes_away_and_the_monitor_goes_on(key: str) -> None:
    async with watching(RUN) as watch:
        await watch.press("f1", key)
        assert watch.app.screen is watch.monitor
        await watch.press("j")
        assert watch.table.cursor == "2"


async def test_help_begins_with_the_keys_of_the_screen_it_is_asked_on() -> None:
    async with watching(RUN, size=(120, 40)) as watch:
        await watch.press("p", "question_mark")
        assert isinstance(watch.app.screen, Help)
        text = watch.text()
        assert "Trade-offs" in text
        assert next(key.help for key in KEYS if key.group == "Trade-offs") in text
        assert by_id["pane.trials"].help not in text.split("Trade-offs")[0]


async def test_what_arrives_while_help_is_open_is_there_afterwards() -> None:
    async with watching(RUN) as watch:
        await watch.press("question_mark")
        await watch.answer(run(running("1", 7), *RUN.trials[1:]))
        await watch.press("escape")
        assert "7/50" in watch.row("1")


async def test_the_palette_offers_what_the_keys_do_and_does_it() -> None:
    async with watching(RUN) as watch:
        offered = list(watch.app.get_system_commands(watch.monitor))
        result = [(command.title, command.help) for command in offered]
        for key in KEYS:
            if key.group in (*Monitor.GROUPS, "Program") and key.id not in ("app.palette", "app.leave"):
                assert (key.label, f"{keyed(key.help)}  {key.display}") in result
        commands = {command.title: command for command in offered}
        await commands["Best"].callback()
        assert watch.table.cursor == "2"
        await commands["Poll now"].callback()
        assert watch.source.woken == 1
        await commands["Zoom"].callback()
        await watch.settle()
        assert watch.monitor.zoomed
        await commands["Back"].callback()
        await watch.settle()
        assert not watch.monitor.zoomed


async def test_the_palette_opens_over_the_monitor() -> None:
    async with watching(RUN) as watch:
        await watch.press("ctrl+p")
        assert watch.app.screen is not watch.monitor
        await watch.press("escape")
        assert watch.app.screen is watch.monitor


async def test_a_users_keymap_takes_the_place_of_a_key() -> None:
    async with watching(RUN, keymap={"trial.best": "f5"}) as watch:
        await watch.press("b")
        assert watch.table.cursor == "1"
        await watch.press("f5")
        assert watch.table.cursor == "2"


async def test_a_users_keymap_may_give_a_key_of_the_program_another() -> None:
    async with watching(RUN, keymap={"app.help": "f2"}) as watch:
        await watch.press("f2")
        assert isinstance(watch.app.screen, Help)


async def test_footer_and_help_show_the_users_own_keys() -> None:
    async with watching(RUN, keymap={"trial.best": "f5"}, size=(200, 60)) as watch:
        assert " f5 Best " in footer(watch)
        await watch.press("question_mark")
        assert "f5 " in watch.text()


@pytest.mark.parametrize("theme", ["textual-light", "gruvbox"])
async def test_another_theme_repaints_everything_in_its_colours(theme: str) -> None:
    async with watching(RUN) as watch:
        before = watch.app.export_screenshot()
        watch.app.theme = theme
        await watch.settle()
        assert watch.app.export_screenshot() != before
        assert "mfe-conv1d-1" in watch.row("1")


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_it_is_left_by_key(key: str) -> None:
    async with watching(RUN) as watch:
        await watch.pilot.press(key)
        await watch.settle()
        assert not watch.app.is_running
        assert watch.app.return_code == 0


async def test_control_c_leaves_from_a_dialog_too() -> None:
    async with watching(RUN) as watch:
        await watch.press("s")
        await watch.pilot.press("ctrl+c")
        await watch.settle()
        assert not watch.app.is_running


# Opening it, as the commands do


@pytest.fixture
def _collect_again() -> Iterator[None]:
    yield
    gc.enable()


@pytest.mark.usefixtures("_collect_again")
@pytest.mark.parametrize("fails", [False, True])
def test_garbage_is_collected_again_once_the_source_is_open(monkeypatch: pytest.MonkeyPatch, fails: bool) -> None:
    settings = load({}, {"EI_API_KEY": SYNTHETIC_KEY}, NO_FILE)
    collecting: list[bool] = []

    def connect() -> Settings:
        collecting.append(gc.isenabled())
        if fails:
            raise SettingsError("There is no service", "Press q.")
        return settings

    def open_the_source_only(app: MonitorApp, *, mouse: bool) -> int:
        with suppress(SettingsError):
            asyncio.run(cast("Coroutine[Any, Any, Source]", app._open_source()))
        collecting.append(gc.isenabled())
        return 7

    monkeypatch.setattr("eitui.tui.terminal.check_terminal", lambda *_: "")
    monkeypatch.setattr("eitui.tui.safe_app.run_app", open_the_source_only)
    gc.disable()
    assert open_monitor(connect, settings) == 7
    assert collecting == [False, True]


async def test_the_key_that_leaves_the_program_never_does_so_from_a_screen_over_it() -> None:
    async with watching(RUN, keymap={"over.back": "b"}) as watch:
        for back in ("q", "b"):
            await watch.press("enter")
            assert isinstance(watch.app.screen, TrialScreen)
            await watch.press(back)
            assert watch.app.is_running
            assert watch.app.screen is watch.monitor
        await watch.pilot.press("q")
        assert not watch.app.is_running


def test_a_key_that_leaves_and_does_something_else_over_the_monitor_goes_on_doing_that() -> None:
    assert never_leaving({}) == {}
    assert never_leaving({"app.quit": "x"}) == {"app.quit": "x"}
    assert never_leaving({"app.quit": "f10", "over.back": "b, u"}) == {"app.quit": "f10", "over.back": "b,u,f10"}
