"""What the table costs: filtering, sorting, and the keys while a large run is polled."""

import random
import re
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median

from demo_scenes import Scene
from pty_harness import Terminal

from eitui.analysis.query.grammar import parse_trial_filter
from eitui.demo.options import Options
from eitui.domain.moment import Moment
from eitui.domain.run import Run
from eitui.view.run.table import TrialRows

TRIALS = 5000
FILTER = "status:completed and (latency<80 or val_accuracy>=90%) and not block:conv2d"
ROUNDS = 15

EITUI = str(Path(sys.executable).with_name("eitui"))
PRESSES = 300
POLLS = 3
SLOWEST = 2.0
"""Seconds after which a key counts as lost."""


def filter_sort() -> str:
    """5,000 trials of the huge scenario's kind: a filter over them, and a sort of what it finds."""
    rows = TrialRows()
    rows.show(Moment(run=_run()))
    query, nothing = parse_trial_filter(FILTER), parse_trial_filter("")
    began = time.perf_counter()
    rows.sort_by("val_accuracy", reverse=True)
    rows.filter_by(query)
    while rows.to_read:
        rows.read_on()
    first = time.perf_counter() - began

    def both() -> None:
        rows.filter_by(query)
        rows.sort_by("val_accuracy", reverse=True)

    def name() -> None:
        rows.sort_by("name", reverse=False)

    took = _seconds(both) / 2
    found = len(rows.trials)
    rows.filter_by(nothing)
    by_name = _seconds(name)
    return (
        f"{took * 1000:.1f} ms to filter {TRIALS:,} trials and sort the {found:,} found, {by_name * 1000:.1f} ms to "
        f"sort all by name (medians of {ROUNDS}; promised: 30 ms); {first * 1000:.0f} ms the first time, in turns of "
        "some 5 ms: what blocks are called is read then"
    )


def key_press() -> str:
    """From a key to the bytes that show what it did, while 1,000 trials are polled and recorded every second."""
    p50, p99, worst = _key_presses()
    return (
        f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, {worst:.0f} ms at worst, of {PRESSES} keys while 1,000 trials are polled "
        "(promised: p99 50 ms)"
    )


def fill_curves() -> str:
    """The same with and without logs being read for the curves of the trials that the cursor passes."""
    (_, without, _), (_, filling, _) = _key_presses("--no-fill-curves"), _key_presses("--fill-curves")
    return f"p99 {filling:.0f} ms from a key to its paint, {without:.0f} ms without (promised: the same)"


def _key_presses(*arguments: str) -> tuple[float, float, float]:
    """Return the median, the 99th percentile and the most of the milliseconds from a key to its paint."""
    rng = random.Random(0)  # the keys must not keep step with the polls
    command = [EITUI, "demo", "--scenario", "huge", "--speed", "60", *arguments]
    with Terminal(command, columns=120, rows=40) as terminal:
        terminal.wait_for("/1000", 60)
        # The start is over when some polls have been drawn.
        for _ in range(POLLS):
            terminal.wait_for(partial(_wrote_more, than=len(terminal.raw)), 60)
        terminal.send("g")
        terminal.wait_for("row 1/1000")
        times = []
        for place in range(2, PRESSES + 2):
            time.sleep(rng.uniform(0.03, 0.2))
            mark, pattern = len(terminal.raw), re.compile(rb"%d/1000" % place)
            began = time.perf_counter()
            terminal.send("j")
            while not pattern.search(terminal.since(mark)) and time.perf_counter() < began + SLOWEST:
                time.sleep(0.0005)
            times.append((time.perf_counter() - began) * 1000)
    times.sort()
    return times[len(times) // 2], times[int(len(times) * 0.99)], times[-1]


def _wrote_more(terminal: Terminal, than: int) -> bool:
    return len(terminal.raw) > than


def _run() -> Run:
    """Return a run of the huge scenario near its end, its trials repeated under other ids."""
    scene = Scene(Options("huge"))
    scene.elapsed = scene.seconds_to(0.95)
    run = scene.poll().run
    trials = tuple(
        replace(trial, id=f"{trial.id}-{copy}", name=f"{trial.name}-{copy}")
        for copy in range(TRIALS // len(run.trials))
        for trial in run.trials
    )
    return replace(run, trials=trials)


def _seconds(call: Callable[[], None]) -> float:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return median(times)
