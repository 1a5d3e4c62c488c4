"""What the view of a trial and the failures look like. Shown to be right by eye once, as those of the monitor."""

import pytest
from demo_scenes import demo_at, demo_replay, picture
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode


class Picture(SingleFileSnapshotExtension):
    """One SVG file a picture."""

    _write_mode = WriteMode.TEXT
    _file_extension = "svg"


SMALL, MEDIUM = (80, 24), (120, 40)
SIZES = pytest.mark.parametrize("size", [SMALL, MEDIUM], ids=["80x24", "120x40"])
TABS = {"1": "curves", "2": "metrics", "3": "device", "4": "impulse", "5": "progress", "6": "log"}


@pytest.fixture
def looks(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(Picture)


@SIZES
@pytest.mark.parametrize("tab", TABS, ids=TABS.get)
async def test_a_tab(looks, tab, size):
    async with demo_at(0.6, size=size) as watch:
        await watch.press("b", "enter", tab)
        assert picture(watch) == looks


@SIZES
async def test_a_trial_that_trains(looks, size):
    async with demo_at(0.6, size=size) as watch:
        await watch.press("enter", "left", "left", "left", "a", "m")
        assert picture(watch) == looks


@SIZES
@pytest.mark.parametrize("tab", ["1", "6"], ids=["curves", "log"])
async def test_a_trial_that_failed(looks, tab, size):
    async with demo_at(0.9, scenario="failures", size=size) as watch:
        await watch.press("F")
        await watch.press("G", "enter", tab)
        assert picture(watch) == looks


@SIZES
async def test_the_failures(looks, size):
    async with demo_at(0.9, scenario="failures", size=size) as watch:
        await watch.press("F")
        assert picture(watch) == looks


@pytest.mark.parametrize(
    ("scenario", "progress", "tab"),
    [
        pytest.param("regression", 0.5, "1", id="regression-curves"),
        pytest.param("regression", 0.5, "2", id="regression-metrics"),
        pytest.param("detection", 0.5, "2", id="detection-metrics"),
        pytest.param("huge", 0.76, "3", id="huge-device"),
    ],
)
@SIZES
async def test_another_kind_of_run(looks, scenario, progress, tab, size):
    watched_s = 30.0 if scenario == "huge" else float("inf")
    async with demo_at(progress, scenario=scenario, size=size, watched_s=watched_s) as watch:
        await watch.press("b", "enter", tab)
        assert picture(watch) == looks


async def test_no_failures(looks):
    async with demo_at(0.05, scenario="regression", size=SMALL) as watch:
        await watch.press("F")
        assert picture(watch) == looks


async def test_before_the_trial_was_there(looks):
    async with demo_at(0.6, size=SMALL) as watch:
        await watch.press("G", "enter", "left_curly_bracket")
        assert picture(watch) == looks


async def test_a_replay(looks):
    async with demo_replay(0.6, size=SMALL) as watch:
        await watch.press("at")
        await watch.press(*"90%", "enter")
        await watch.press("P")
        await watch.press("F")
        assert picture(watch) == looks
