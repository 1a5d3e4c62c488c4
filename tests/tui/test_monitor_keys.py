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
    every = {(name, meaning(key, name)) for key in KEYS if key.id in bound for name in key.names}
    assert every
    assert len({name for name, _ in every}) == len(every)


MEANINGS = {
    "the digit's pane or tab": [str(number) for number in range(1, 7)],
    "the next pane, tab or part": ["tab", "shift+tab"],
    "open or take what the cursor is on": ["enter"],
    "tick what the cursor is on": ["space"],
    "close": ["q", "escape", "ctrl+c", "ctrl+q"],
    "down": ["down", "j"],
    "up": ["up", "k"],
    "the next thing of its kind": ["n"],
    "the one before": ["N"],
    "what the x axis shows": ["x"],
    "copy": ["y"],
    "cancel a job": ["X"],
    "log axis of a loss": ["a"],
    "as it was": ["backspace"],
}
"""What keys with more than one label mean, on every screen. Every other key has one label."""

TYPED, ASKED = "Filter", "Confirmation"
"""Where keys are for a text that is typed, and answers to a question: there alone a key may mean something else."""


def meaning(key: Key, name: str) -> str:
    return next((meant for meant, names in MEANINGS.items() if name in names), key.label)


def test_a_key_means_one_thing_on_all_screens() -> None:
    meant: dict[str, set[str]] = {}
    for key in (key for key in KEYS if key.group not in (TYPED, ASKED)):
        for name in key.names:
            meant.setdefault(name, set()).add(meaning(key, name))
    assert {name: found for name, found in meant.items() if len(found) > 1} == {}


def test_keys_with_several_labels_are_needed_for_what_is_said_of_them() -> None:
    assert {name for names in MEANINGS.values() for name in names} <= {name for key in KEYS for name in key.names}


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
        here = [key for key in here if not key.id.startswith("curves.")]
        for key in sorted(here, key=lambda key: key.footer):
            found = text.find(f" {key.first} {key.label} ")
            assert found > at, key.id
            at = found


async def test_a_narrow_footer_keeps_help_and_quit() -> None:
    async with watching(RUN, size=(40, 12)) as watch:
        text = footer(watch)
        for name in ("trial.open", "app.help", "app.quit"):
            assert f"{by_id[name].first} {by_id[name].label}" in text


async def test_the_second_page_of_help_has_every_key_and_every_sign() -> None:
    async with watching(RUN, size=(92, 420)) as watch:
        await watch.press("question_mark", "tab")
        assert isinstance(watch.app.screen, Help)
        # As one text: sentences are wrapped, within the border.
        seen = " ".join(watch.text().replace("│", " ").split())
        for key in KEYS:
            assert key.display in seen
            assert " ".join(keyed(key.help).split()) in seen
        for sign, meaning in KEY_SIGNS:
            assert sign in seen
            assert meaning in seen
        assert "studio.edgeimpulse.com" in seen


async def test_help_has_two_columns_where_there_is_room_and_its_texts_hang() -> None:
    async with watching(RUN, size=(120, 40)) as watch:
        await watch.press("question_mark")
        wide = next(line for line in watch.lines() if by_id["trial.open"].help in line)
        assert wide.count("  ") > 2
        assert len(wide.split()) > len(by_id["trial.open"].help.split()) + 4, "another key stands beside it"
        await watch.resize(60, 40)
        lines = watch.lines()
        at = next(number for number, line in enumerate(lines) if "Filter the trials" in line)
        below = lines[at + 1].replace("│", " ")
        assert len(below) - len(below.lstrip()) == lines[at].index("Filter the trials")


async def test_help_shows_only_what_works_there() -> None:
    async with watching(RUN, size=(120, 60)) as watch:
        await watch.press("p", "question_mark")
        text = watch.text()
        assert "Latency, RAM or ROM" in text
        assert by_id["trial.sort"].help not in text
        assert by_id["time.forth"].help not in text, "nothing is newer"


async def test_help_is_searched() -> None:
    async with watching(RUN, size=(120, 40)) as watch:
        await watch.press("question_mark", "slash", *"paretoq", "backspace", "enter")
        text = watch.text()
        assert "with the Pareto" in text
        assert "Open the selected trial" not in text
        await watch.press("escape")
        assert "Open the selected trial" in watch.text()
        await watch.press("slash", *"nothinghasthis")
        assert "Nothing is found." in watch.text()
        await watch.press("escape", "escape")
        assert watch.app.screen is watch.monitor


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
        assert by_id["pane.trials"].help not in text


async def test_what_arrives_while_help_is_open_is_there_afterwards() -> None:
    async with watching(RUN) as watch:
        await watch.press("question_mark")
        await watch.answer(run(running("1", 7), *RUN.trials[1:]))
        await watch.press("escape")
        assert "7/50" in watch.row("1")


async def test_the_palette_offers_what_the_keys_do_and_does_it() -> None:
    async with watching(RUN) as watch:
        offered = watch.app.commands()
        result = [(command.group, command.name, command.about, command.key) for command in offered]
        for key in KEYS:
            if key.group in (*Monitor.GROUPS, "Program") and key.id not in ("app.palette", "app.leave"):
                works = watch.monitor.works(key.id)
                assert ((key.group, key.label, keyed(key.help), key.display) in result) == works
        await watch.press("ctrl+p", *"thebest", *["backspace"] * 4, "space", *"best", "enter")
        assert watch.table.cursor == "2"
        await watch.press("ctrl+p", *"poll", "space", *"now", "enter")
        assert watch.source.woken == 1
        await watch.press("ctrl+p", *"zoom", "enter")
        assert watch.monitor.zoomed
        await watch.press("ctrl+p", *"allpanex", "backspace", "ctrl+u", *"back", "space", *"panes", "enter")
        assert not watch.monitor.zoomed


async def test_the_palette_is_in_groups_with_the_keys_at_the_right() -> None:
    async with watching(RUN, size=(120, 80)) as watch:
        await watch.press("ctrl+p")
        lines = [line.partition("│")[2].partition("│")[0].rstrip() for line in watch.lines()]
        assert lines.index(" Trials") < lines.index(" Views") < lines.index(" Run") < lines.index(" Time")
        (sorting,) = (line for line in lines if "Choose the column to sort by" in line)
        assert sorting.split()[0] == "Sort"
        assert sorting.endswith(" s")
        views = lines[lines.index(" Views") + 1 :]
        assert [line.split()[-1] for line in views[:7]] == [*"poFItJO"]
        await watch.press(*"nothinglikeit")
        assert "No command has this name" in watch.text()
        await watch.press("enter")
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
