"""What comparison, trade-offs and the progress of the search look like; see test_snapshots.py."""

import pytest
from demo_scenes import demo_at, picture
from syrupy.assertion import SnapshotAssertion
from test_snapshots import Picture


@pytest.fixture
def looks(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(Picture)


SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
RUNS = pytest.mark.parametrize(
    ("scenario", "progress", "watched_s"),
    [
        pytest.param("default", 0.6, 90.0, id="default"),
        pytest.param("failures", 0.6, 90.0, id="failures"),
        pytest.param("regression", 0.6, 90.0, id="regression"),
        pytest.param("detection", 0.6, 90.0, id="detection"),
        # Its states are large: a few polls of it take as long as all of the others.
        pytest.param("huge", 0.8, 5.0, id="huge"),
    ],
)


@SIZES
@RUNS
async def test_screens(looks, scenario, progress, watched_s, size):
    async with demo_at(progress, scenario=scenario, size=size, watched_s=watched_s) as watch:
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
@RUNS
async def test_everything_else(looks, scenario, progress, watched_s, size):
    """The table, every tab of the best trial, and the failures, whose logs have been read."""
    async with demo_at(progress, scenario=scenario, size=size, watched_s=watched_s) as watch:
        await watch.press("b")
        assert picture(watch) == looks(name="table")
        await watch.press("enter")
        for tab, name in enumerate(("curves", "metrics", "device", "impulse", "progress", "log"), start=1):
            await watch.press(str(tab))
            assert picture(watch) == looks(name=name)
        await watch.press("escape")
        await watch.press("F")
        assert picture(watch) == looks(name="failures")


@SIZES
async def test_the_table_of_a_comparison(looks, size):
    async with demo_at(0.6, size=size) as watch:
        watch.monitor.marked = tuple(trial.id for trial in watch.monitor.travel.shown.run.completed[:6])
        watch.monitor.show_now()
        await watch.press("c", "tab", *(["tab"] if size[1] > 30 else []))
        assert picture(watch) == looks
