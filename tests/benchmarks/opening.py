"""How long it takes from a key to a trial on the screen, and to draw a chart."""

import asyncio
import gc
import math
import statistics
import time
from collections.abc import Callable
from typing import Any

from demo_scenes import demo_at

from eitui.analysis.epoch_log import epochs_of
from eitui.domain.curve import Curve, Epoch
from eitui.domain.log import LogLine
from eitui.domain.trial import COMPLETED, Trial
from eitui.view.kit.chart import draw
from eitui.view.kit.marks import mark
from eitui.view.trial.curves import comparison_chart, trial_charts

TRIALS = 20
POINTS, SERIES = 10_000, 8


def open_trial() -> str:
    """Milliseconds from `enter` in the table of the huge run to the last frame that the key leads to."""
    first, *rest = asyncio.run(_open_trials())
    result = f"median {statistics.median(rest):.0f} ms, most {max(rest):.0f} ms, the very first {first:.0f} ms"
    return f"{result}, of {TRIALS} trials of the huge run at 120×40 (promised: 150 ms)"


async def _open_trials() -> list[float]:
    taken = []
    async with demo_at(0.85, scenario="huge", size=(120, 40), watched_s=8.0) as watch:
        painted = [0.0]
        display = watch.app.show_frame

        def timed(*arguments: Any) -> None:
            display(*arguments)
            painted[0] = time.perf_counter()

        vars(watch.app)["show_frame"] = timed
        watch.table.select(0)
        # The service runs in this process, too: what it holds is not to be searched for garbage meanwhile.
        gc.collect()
        gc.freeze()
        for _ in range(TRIALS):
            began = time.perf_counter()
            await watch.press("enter")
            taken.append((painted[0] - began) * 1000)
            await watch.press("escape", "j")
    return taken


def chart() -> str:
    """Milliseconds to make and draw a chart of 8 series of 10,000 points, and one trial's charts of 10,000 epochs."""
    curve = Curve(tuple(_epoch(number) for number in range(1, POINTS + 1)))
    trials = [Trial(str(number), f"synthetic-{number}", COMPLETED) for number in range(SERIES)]
    marks = [mark(number) for number in range(SERIES)]
    several = _milliseconds(
        lambda: draw(comparison_chart(trials, {trial.id: curve for trial in trials}, marks, "loss", None), 120, 36)
    )
    one = _milliseconds(lambda: draw(trial_charts(curve, None)[0], 120, 18))
    own = f"one trial's loss of {POINTS:,} epochs {one:.0f} ms"
    return f"{SERIES} × {POINTS:,} points {several:.0f} ms (promised: 50 ms); {own}"


def epoch_log() -> str:
    """Milliseconds to read the epochs of a log of 1,000 lines in the long form of Keras."""
    figures = "50/50 [====] - 1s 20ms/step - loss: 0.3337 - accuracy: 0.8746 - val_loss: 0.3040 - val_accuracy: 0.8947"
    texts = [text for number in range(1, 501) for text in (f"Epoch {number}/500", figures)]
    lines = [LogLine(float(number), "info", text) for number, text in enumerate(texts)]
    return f"{_milliseconds(lambda: epochs_of(lines)):.1f} ms for {len(lines):,} lines (promised: 5 ms)"


def _epoch(number: int) -> Epoch:
    loss = 2 / math.sqrt(number) + 0.05 * math.sin(number)
    return Epoch(number, loss, loss * 1.2, 1 - loss / 3, 1 - loss / 2.5)


def _milliseconds(work: Callable[[], object]) -> float:
    work()
    taken = []
    for _ in range(7):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)
