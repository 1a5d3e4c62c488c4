"""The earlier runs of the project: each ended in another way. They are as synthetic as the present one."""

from dataclasses import dataclass, replace

from eitui.demo.kit import Encode
from eitui.demo.options import Options
from eitui.demo.scenarios import PROFILES, simulate
from eitui.demo.specs import Fates
from eitui.demo.state import TunerState

_DAY_S = 86_400.0


@dataclass(frozen=True)
class _Earlier:
    """How an earlier run differs from the present one."""

    name: str
    ago_days: float
    """Days from its end to the start of the service."""
    trials: int = 12
    fates: Fates | None = None
    breaks: bool = False
    fruitless: bool = False
    cancelled: bool = False


_EARLIER = (
    _Earlier("Target of 2 ms (synthetic)", 30.0, fruitless=True),
    _Earlier("First try (synthetic)", 9.0, fates=Fates(failing=0.6, causes=2), breaks=True),
    _Earlier("Wrong labels (synthetic)", 6.0, cancelled=True),
    _Earlier("Baseline (synthetic)", 2.0, trials=20),
)
"""In the order in which they were begun."""

EARLIER_RUNS = len(_EARLIER)


def earlier_runs(options: Options, started: float, encode: Encode) -> tuple[TunerState, ...]:
    """Return the runs before that of `options`, the newest first; `started` is when the service began.

    Each is over: `TunerState.body` tells how it ended for any time after `started`.
    """
    # A slow simulation would have begun them before there were calendars.
    options = replace(options, speed=max(1.0, options.speed), trials=None, opened=None)
    present = PROFILES[options.scenario]
    states: list[TunerState] = []
    for number, run in enumerate(_EARLIER, 1):
        profile = replace(
            present,
            task=replace(present.task, latency_ms=2) if run.fruitless else present.task,
            trials=run.trials,
            fates=run.fates or Fates(),
            breaks=run.breaks,
            fruitless=run.fruitless,
            silent=False,
            begin=0.0,
        )
        simulation = simulate(replace(options, seed=options.seed + 100 * number), profile)
        took = simulation.schedule.end / options.speed
        states.append(
            TunerState(
                simulation,
                started - run.ago_days * _DAY_S - took,
                encode,
                name=run.name,
                index=number,
                runs=EARLIER_RUNS + 1,
                cut=simulation.schedule.end / 2 if run.cancelled else None,
            )
        )
    return tuple(states[::-1])
