"""How long it takes from a key to a threshold that has moved, with what it would come to."""

import asyncio
import gc
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from thresholding import World, editing

from eitui.demo.options import Options

WINDOWS = 20_000
PRESSES = 300
KEYS = ("right", "right", "L", "left", "H", "right")


def key_press() -> str:
    """Milliseconds from a key to the last frame that it leads to, with the scores of 20,000 windows."""
    result = []
    for impulse, kind in ((1, "classification"), (2, "anomaly")):
        taken = sorted(asyncio.run(_presses(impulse)))
        p99 = taken[int(len(taken) * 0.99)]
        result.append(f"{kind} p50 {statistics.median(taken):.0f} ms, p99 {p99:.0f} ms, most {taken[-1]:.0f} ms")
    return f"{'; '.join(result)}, of {PRESSES} keys over {WINDOWS:,} windows at 120×40 (promised: p99 30 ms)"


async def _presses(impulse: int) -> list[float]:
    taken = []
    with tempfile.TemporaryDirectory() as directory:
        world = World(Path(directory) / "changes.db", Options("finished", windows=WINDOWS))
        async with editing(world, impulse) as edit:
            painted = [0.0]
            display = edit.watch.app.show_frame

            def timed(*arguments: Any) -> None:
                display(*arguments)
                painted[0] = time.perf_counter()

            vars(edit.watch.app)["show_frame"] = timed
            # The service runs in this process, too: what it holds is not to be searched for garbage meanwhile.
            gc.collect()
            gc.freeze()
            for number in range(PRESSES):
                began = time.perf_counter()
                await edit.press(KEYS[number % len(KEYS)])
                taken.append((painted[0] - began) * 1000)
    return taken
