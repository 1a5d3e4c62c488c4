"""What the impulses look like."""

from collections.abc import Awaitable, Callable

import pytest
from demo_scenes import demo_at, picture
from projects import FakeProject, demo_impulses
from syrupy.assertion import SnapshotAssertion

from eitui.api.errors import Unreachable

SMALL, MEDIUM = (80, 24), (120, 40)
SIZES = pytest.mark.parametrize("size", [SMALL, MEDIUM], ids=["80x24", "120x40"])
TABS = {"1": "blocks", "2": "network", "3": "metrics", "4": "curves", "5": "anomaly", "6": "thresholds"}


def opened(project: FakeProject) -> Callable[[int], Awaitable[FakeProject]]:
    async def open_project(project_id: int) -> FakeProject:
        return project

    return open_project


@SIZES
async def test_the_table(looks: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with demo_at(0.6, size=size, open_project=opened(FakeProject())) as watch:
        await watch.press("I")
        await watch.press("j", "space", "s", *["j"] * 4, "enter")
        assert picture(watch) == looks


@pytest.mark.parametrize(
    ("tab", "size"),
    [
        *(pytest.param(tab, SMALL, id=f"{name}-80x24") for tab, name in TABS.items()),
        *(pytest.param(tab, MEDIUM, id=f"{TABS[tab]}-120x40") for tab in "345"),
    ],
)
async def test_a_tab(looks: SnapshotAssertion, tab: str, size: tuple[int, int]) -> None:
    async with demo_at(0.6, size=size, open_project=opened(FakeProject())) as watch:
        await watch.press("I")
        await watch.press("g", "enter", tab)
        assert picture(watch) == looks


@pytest.mark.parametrize(
    ("number", "size"),
    [
        pytest.param(2, MEDIUM, id="mixture-120x40"),
        pytest.param(3, MEDIUM, id="visual-120x40"),
        pytest.param(7, SMALL, id="not-trained-80x24"),
    ],
)
async def test_an_anomaly_block(looks: SnapshotAssertion, number: int, size: tuple[int, int]) -> None:
    async with demo_at(0.6, size=size, open_project=opened(FakeProject())) as watch:
        await watch.press("I")
        await watch.press("g", *["j"] * (number - 1), "enter", "5")
        # Now that the scores are there.
        await watch.press("right", "right", "right")
        assert picture(watch) == looks


async def test_a_comparison(looks: SnapshotAssertion) -> None:
    async with demo_at(0.6, size=MEDIUM, open_project=opened(FakeProject())) as watch:
        await watch.press("I")
        await watch.press("g", "space", "space", "c")
        assert picture(watch) == looks


async def test_an_outage(looks: SnapshotAssertion) -> None:
    project = FakeProject(demo_impulses())
    async with demo_at(0.6, size=SMALL, open_project=opened(project)) as watch:
        await watch.press("I")
        project.trouble = Unreachable("studio.edgeimpulse.com cannot be reached: timed out", "Check the network.")
        await watch.pass_time(70)
        await watch.press("r")
        assert picture(watch) == looks


async def test_a_filter_being_typed(looks: SnapshotAssertion) -> None:
    async with demo_at(0.6, size=SMALL, open_project=opened(FakeProject())) as watch:
        await watch.press("I")
        await watch.press("slash", *"quantized:may")
        assert picture(watch) == looks
