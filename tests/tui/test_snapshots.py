"""What the monitor looks like."""

import pytest
from demo_scenes import TERMINALS, demo_at, demo_replay, picture
from syrupy.assertion import SnapshotAssertion

SMALL, MEDIUM, LARGE = (80, 24), (120, 40), (200, 60)


@pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE], ids=["80x24", "120x40", "200x60"])
async def test_in_full_swing(looks: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with demo_at(0.6, size=size) as watch:
        assert picture(watch) == looks


@pytest.mark.parametrize(
    ("key", "size"),
    [
        pytest.param("2", SMALL, id="curves"),
        pytest.param("2 z", MEDIUM, id="curves-zoomed"),
        pytest.param("3", SMALL, id="workers"),
        pytest.param("question_mark", SMALL, id="help"),
        pytest.param("s", SMALL, id="sort"),
    ],
)
async def test_after_a_key(looks: SnapshotAssertion, key: str, size: tuple[int, int]) -> None:
    async with demo_at(0.6, size=size) as watch:
        await watch.press(*key.split())
        assert picture(watch) == looks


async def test_an_outage(looks: SnapshotAssertion) -> None:
    async with demo_at(0.6, size=SMALL) as watch:
        await watch.pass_time(25)
        await watch.miss("The service cannot be reached: connection refused", "Check the network.", after=8.0)
        assert picture(watch) == looks


async def test_another_order_while_paused(looks: SnapshotAssertion) -> None:
    async with demo_at(0.6, size=SMALL) as watch:
        watch.table.sort_by("val_accuracy", reverse=True)
        await watch.press("b", "P")
        assert picture(watch) == looks


@pytest.mark.parametrize(
    ("scenario", "progress", "size"),
    [
        pytest.param("finished", 1.05, SMALL, id="finished"),
        pytest.param("empty", 0.0, SMALL, id="empty"),
        pytest.param("failures", 1.05, MEDIUM, id="failures"),
        pytest.param("regression", 0.3, (100, 30), id="regression"),
    ],
)
async def test_another_run(looks: SnapshotAssertion, scenario: str, progress: float, size: tuple[int, int]) -> None:
    async with demo_at(progress, scenario=scenario, size=size) as watch:
        assert picture(watch) == looks


@pytest.mark.parametrize("terminal", [terminal for terminal in TERMINALS if terminal])
async def test_in_another_terminal(looks: SnapshotAssertion, terminal: str) -> None:
    async with demo_at(0.6, size=SMALL, terminal=terminal) as watch:
        await watch.press("b", "enter", "2")
        await watch.press("G")  # once the page has its length
        assert picture(watch, terminal) == looks


async def test_the_past(looks: SnapshotAssertion) -> None:
    async with demo_at(0.6, size=MEDIUM) as watch:
        for _ in range(6):
            await watch.press("left_square_bracket")
        assert picture(watch) == looks


async def test_a_time_to_go_to(looks: SnapshotAssertion) -> None:
    async with demo_at(0.6, size=SMALL) as watch:
        await watch.press("at")
        await watch.press(*"noon", "enter")
        assert picture(watch) == looks


async def test_a_replay(looks: SnapshotAssertion) -> None:
    async with demo_replay(0.6, size=MEDIUM) as watch:
        await watch.press("at")
        await watch.press(*"70%", "enter")
        await watch.press("P")
        assert picture(watch) == looks
