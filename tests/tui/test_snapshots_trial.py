"""What the view of a trial and the failures look like."""

import math

import pytest
from demo_scenes import demo_at, picture
from syrupy.assertion import SnapshotAssertion

SMALL, MEDIUM = (80, 24), (120, 40)
SIZES = pytest.mark.parametrize("size", [SMALL, MEDIUM], ids=["80x24", "120x40"])
TABS = {"1": "curves", "2": "metrics", "3": "device", "4": "impulse", "5": "progress", "6": "log"}


@pytest.mark.parametrize(
    ("tab", "size"),
    [
        *(pytest.param(tab, SMALL, id=f"{name}-80x24") for tab, name in TABS.items()),
        *(pytest.param(tab, MEDIUM, id=f"{TABS[tab]}-120x40") for tab in "1246"),
    ],
)
async def test_a_tab(looks: SnapshotAssertion, tab: str, size: tuple[int, int]) -> None:
    async with demo_at(0.6, size=size) as watch:
        await watch.press("b", "enter", tab)
        assert picture(watch) == looks


async def test_a_trial_that_trains(looks: SnapshotAssertion) -> None:
    async with demo_at(0.6, size=MEDIUM) as watch:
        await watch.press("enter", "left", "left", "left", "a", "w")
        assert picture(watch) == looks


@pytest.mark.parametrize(
    ("tab", "size"), [pytest.param("1", SMALL, id="curves-80x24"), pytest.param("6", MEDIUM, id="log-120x40")]
)
async def test_a_trial_that_failed(looks: SnapshotAssertion, tab: str, size: tuple[int, int]) -> None:
    async with demo_at(0.9, scenario="failures", size=size) as watch:
        await watch.press("F")
        await watch.press("G", "enter", tab)
        assert picture(watch) == looks


@SIZES
async def test_the_failures(looks: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with demo_at(0.9, scenario="failures", size=size) as watch:
        await watch.press("F")
        assert picture(watch) == looks


@pytest.mark.parametrize(
    ("scenario", "progress", "tab", "size"),
    [
        pytest.param("regression", 0.5, "1", SMALL, id="regression-curves-80x24"),
        pytest.param("regression", 0.5, "2", SMALL, id="regression-metrics-80x24"),
        pytest.param("detection", 0.5, "2", MEDIUM, id="detection-metrics-120x40"),
        pytest.param("huge", 0.76, "3", MEDIUM, id="huge-device-120x40"),
    ],
)
async def test_another_kind_of_run(
    looks: SnapshotAssertion, scenario: str, progress: float, tab: str, size: tuple[int, int]
) -> None:
    trials, watched_s = (60, 30.0) if scenario == "huge" else (None, math.inf)
    async with demo_at(progress, scenario=scenario, size=size, watched_s=watched_s, trials=trials) as watch:
        await watch.press("b", "enter", tab)
        assert picture(watch) == looks


async def test_no_failures(looks: SnapshotAssertion) -> None:
    async with demo_at(0.05, scenario="regression", size=SMALL) as watch:
        await watch.press("F")
        assert picture(watch) == looks


async def test_before_the_trial_was_there(looks: SnapshotAssertion) -> None:
    async with demo_at(0.6, size=SMALL) as watch:
        await watch.press("G", "enter", "left_curly_bracket")
        assert picture(watch) == looks
