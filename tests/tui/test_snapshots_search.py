"""What comparison, trade-offs and the progress of the search look like."""

import pytest
from demo_scenes import demo_at, picture
from syrupy.assertion import SnapshotAssertion

SMALL, MEDIUM = (80, 24), (120, 40)
SIZES = pytest.mark.parametrize("size", [SMALL, MEDIUM], ids=["80x24", "120x40"])


@pytest.mark.parametrize(
    ("scenario", "size"),
    [
        pytest.param("default", SMALL, id="default-80x24"),
        pytest.param("default", MEDIUM, id="default-120x40"),
        # Without an accuracy: losses are compared, and less is better.
        pytest.param("regression", MEDIUM, id="regression-120x40"),
    ],
)
async def test_screens(looks: SnapshotAssertion, scenario: str, size: tuple[int, int]) -> None:
    async with demo_at(0.6, scenario=scenario, size=size) as watch:
        completed = [trial.id for trial in watch.monitor.travel.shown.run.completed]
        watch.monitor.marked = tuple(completed[-3:])
        watch.monitor.show_now()
        for name, key in (("comparison", "c"), ("trade-offs", "p"), ("search", "o")):
            await watch.press(key)
            if name == "trade-offs":
                await watch.press("end", "h", "h")
            assert picture(watch) == looks(name=name)
            await watch.press("escape")


@SIZES
async def test_the_table_of_a_comparison(looks: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with demo_at(0.6, size=size) as watch:
        watch.monitor.marked = tuple(trial.id for trial in watch.monitor.travel.shown.run.completed[:6])
        watch.monitor.show_now()
        await watch.press("c", "tab", *(["tab"] if size[1] > 30 else []))
        assert picture(watch) == looks
