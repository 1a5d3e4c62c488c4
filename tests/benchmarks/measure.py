"""Measure what the project promises about speed, bytes and memory, and print it beside the promise.

    .venv/bin/python tests/benchmarks/measure.py [NAME …]

Times are ratios between two things measured in turn in one run, so that a slow machine slows both. Nothing here is a
test: a machine's bad day must not break a build.
"""

import sys
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent / "support")]

import memory  # noqa: E402 - the line above says where it is
import opening  # noqa: E402
import recording  # noqa: E402
import screen  # noqa: E402
import stall  # noqa: E402
import start  # noqa: E402
import table  # noqa: E402
import threshold  # noqa: E402

FIGURES: dict[str, Callable[[], str]] = {
    "first-paint": start.first_paint,
    "status": start.status,
    "idle-bytes": screen.idle_bytes,
    "stall": stall.stall,
    "open-trial": opening.open_trial,
    "chart": opening.chart,
    "filter-sort": table.filter_sort,
    "key-press": table.key_press,
    "fill-curves": table.fill_curves,
    "epoch-log": opening.epoch_log,
    "threshold-key": threshold.key_press,
    "recording": recording.ten_hours,
    "memory-default": lambda: memory.resident("default", 80),
    "memory-huge": lambda: memory.resident("huge", 150),
}


def main() -> None:
    """Print one line a figure; those named on the command line, or all."""
    for name in sys.argv[1:] or FIGURES:
        print(f"{name:<16} {FIGURES[name]()}", flush=True)


if __name__ == "__main__":
    main()
