"""Every view opens on every kind of run and at every size: no error, and each line as wide as the screen."""

from itertools import cycle
from pathlib import Path

import pytest
from demo_scenes import demo_at
from thresholding import World
from watching import Watching

from eitui.demo.options import Options

SIZES = [(120, 40), (80, 24), (40, 12), (200, 60), (10, 3)]

OF_THE_MONITOR = {
    "trials": "1", "curves": "2", "workers": "3", "alerts": "4", "zoomed curves": "2 z", "help": "question_mark",
    "sort": "s", "columns": "C", "filter": "slash", "time": "at", "journal": "J",
}  # fmt: skip
TABS = "123456"
OF_THE_TRIALS = {"failures": "F", "comparison": "c", "trade-offs": "p", "search": "o", "export": "e"} | {
    f"trial, tab {tab}": f"b enter {tab}" for tab in TABS
}
OF_THE_IMPULSES = {"impulses": "I", "thresholds": "I g t"} | {f"impulse, tab {tab}": f"I g enter {tab}" for tab in TABS}
ON_THE_MONITOR = {"trials", "curves", "workers", "alerts", "zoomed curves", "filter"}

RUNS = ("default", "empty", "failures", "hostile", "huge", "regression", "detection")


def check(watch: Watching, view: str, size: tuple[int, int]) -> None:
    strips = watch.app.screen._compositor.render_strips()
    assert (view, len(strips), {strip.cell_length for strip in strips}) == (view, size[1], {size[0]})
    assert any(strip.text.strip() for strip in strips), view


@pytest.mark.parametrize("scenario", RUNS)
async def test_every_view_opens(tmp_path: Path, scenario: str) -> None:
    world = World(tmp_path / "changes.db", Options(scenario, windows=20))
    # In `huge`, what is of one trial is large as well.
    trials = 100 if scenario == "huge" else None
    async with demo_at(
        0.8, scenario=scenario, watched_s=30.0, every=5.0, trials=trials, open_project=world.open_project
    ) as watch:
        world.clock = watch.clock
        run = watch.monitor.travel.shown.run
        watch.monitor.marked = tuple(trial.id for trial in run.completed[-3:])
        watch.monitor.show_now()
        opens = OF_THE_MONITOR | OF_THE_IMPULSES | (OF_THE_TRIALS if run.completed else {})
        sizes = cycle(SIZES)
        # Each view opens at one size and is given the next: with another run, others.
        for _ in range(RUNS.index(scenario) + 1):
            size = next(sizes)
        await watch.resize(*size)
        for view, keys in opens.items():
            await watch.press(*keys.split())
            here = view in ON_THE_MONITOR or (view == "sort" and not run.trials)
            assert (watch.app.screen is watch.monitor) == here, view
            check(watch, view, size)
            size = next(sizes)
            await watch.resize(*size)
            check(watch, view, size)
            for _ in range(9):
                await watch.press("escape")
                if watch.app.screen is watch.monitor and not watch.monitor.zoomed:
                    break
