"""What can be asked of the look-alike service, and the command line that serves it; loads nothing of the service."""

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

SCENARIOS: Mapping[str, str] = MappingProxyType(
    {
        "default": "keyword spotting, running, ends by early stopping",
        "finished": "the same search, finished",
        "empty": "a project without a search",
        "failures": "more than half of the trials fail, for two reasons; the job ends with an error",
        "stall": "a worker stalls soon after the start",
        "hostile": "every string carries escape sequences, markup, bidirectional overrides or very long text",
        "huge": "1,000 trials, 20 devices each, with predictions: a body of some 40 MB",
        "regression": "networks with a loss but no accuracy",
        "detection": "object detection, with background class and networks without an accuracy",
        "no-trials": "a run that ended without a trial; the tuner's log has the reason",
        "relabelled": "anomalies and what is normal have labels of the project's own in the test sets",
        "heads": "an impulse with a network that tells two things at once, with a class for each",
    }
)
"""Scenario names, each with what it shows."""

DEFAULT_SPEED = 30.0
"""Simulated seconds per second: one epoch takes about a second, the default run about ten minutes."""

MAX_TRIALS = 5_000

JOB_S = 8.0
"""Real seconds that a model-testing job runs."""

WINDOWS, MAX_WINDOWS = 400, 50_000
"""Windows in the test set of each impulse."""


@dataclass(frozen=True)
class Options:
    """What to simulate. Equal options, start and time give the same bytes.

    Raises `ValueError` with one clear sentence for a value that makes no sense.
    """

    scenario: str = "default"
    seed: int = 1
    trials: int | None = None
    """Most trials the search may evaluate; None leaves it to the scenario."""
    speed: float = DEFAULT_SPEED
    windows: int = WINDOWS
    job_s: float = JOB_S
    job_fails: bool = False
    opened: float | None = None
    """When somebody begins to look, in seconds since the Unix epoch: the run is well under way then; None: the service
    starts with the run near its beginning."""

    def __post_init__(self) -> None:
        if self.scenario not in SCENARIOS:
            raise ValueError(f"unknown scenario {self.scenario!r}: choose from {', '.join(SCENARIOS)}")
        if self.trials is not None and not 1 <= self.trials <= MAX_TRIALS:
            raise ValueError(f"trials must be between 1 and {MAX_TRIALS}, not {self.trials}")
        if not (math.isfinite(self.speed) and 0 < self.speed <= 1e6):
            raise ValueError(f"speed must be above 0 and at most 1000000, not {self.speed}")
        if not 1 <= self.windows <= MAX_WINDOWS:
            raise ValueError(f"windows must be between 1 and {MAX_WINDOWS}, not {self.windows}")
        if not (math.isfinite(self.job_s) and 0 <= self.job_s <= 1e6):
            raise ValueError(f"job_s must be between 0 and 1000000, not {self.job_s}")
        if self.opened is not None and not abs(self.opened) < 1e11:
            raise ValueError(f"opened must be a time in seconds since the Unix epoch, not {self.opened}")


def command(options: Options, *, port: int = 0, announce_fd: int | None = None, until_eof: bool = True) -> list[str]:
    """Return the command line that serves these options in a process of its own.

    Hand the child its key in the environment as `EITUI_DEMO_KEY`, or read the one it makes up from what it announces.
    """
    # -P: no file of the current directory takes the place of a module.
    line = [sys.executable, "-P", "-m", "eitui.demo.server", "--port", str(port), "--scenario", options.scenario]
    line += ["--seed", str(options.seed), "--speed", repr(options.speed), "--windows", str(options.windows)]
    line += ["--trials", str(options.trials)] if options.trials is not None else []
    line += ["--opened", repr(options.opened)] if options.opened is not None else []
    line += ["--announce-fd", str(announce_fd)] if announce_fd is not None else []
    return [*line, "--until-eof"] if until_eof else line
