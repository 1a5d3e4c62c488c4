"""The monitor on the look-alike service, at chosen instants: the same picture on every machine and at every time.

The service runs in this process, on a clock that stands still between polls; nothing is sent over a network.
"""

import math
import os
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from html import escape
from typing import Any
from unittest.mock import patch

from textual.theme import BUILTIN_THEMES
from watching import START, FoldedRecording, Watching, replaying, watching

from eitui.api.log import log_of
from eitui.api.run import only_project, projects_of, records_of
from eitui.api.state import StateReader
from eitui.cli.monitor import SIXTEEN_COLOURS
from eitui.demo.options import Options
from eitui.demo.scenarios import simulate
from eitui.demo.service import PROJECT_ID, Service
from eitui.domain.log import TrialLog
from eitui.domain.moment import SIMULATED_SERVICE, Instant
from eitui.domain.trial import Trial
from eitui.feed.events import Identified, PollSucceeded
from eitui.tui.ascii import to_ascii

KEY = "ei_synthetic_0123456789"


@dataclass
class Scene:
    """The look-alike service and what polls of it say."""

    options: Options
    elapsed: float = 0.0
    """Real seconds since the service began."""
    _reader: StateReader = field(default_factory=StateReader)

    def __post_init__(self) -> None:
        self._service = Service(self.options, KEY, lambda: START + self.elapsed)

    def seconds_to(self, progress: float) -> float:
        """Return when (real seconds since the service began) this fraction of the run is over."""
        simulation = simulate(self.options)
        return max(0.0, (simulation.schedule.end * progress - simulation.start) / self.options.speed)

    def polls(self, until: float, every: float) -> Iterator[PollSucceeded | Identified]:
        """Poll from now on until `until`, both ends included, and say who answered after the first poll."""
        first = self.elapsed
        yield self.poll()
        yield self._identified()
        for number in range(1, int((until - first) / every) + 1):
            self.elapsed = first + number * every
            yield self.poll()

    def poll(self) -> PollSucceeded:
        """Poll now."""
        run, now = self._reader.read_now(self._get(f"{PROJECT_ID}/optimize/state")), self._now()
        return PollSucceeded(now, run, date=float(int(now.wall)))

    def log(self, trial: Trial) -> TrialLog:
        """Read a trial's log."""
        return log_of(self._get(f"{PROJECT_ID}/optimize/trial/{trial.id}/stdout"))

    def _identified(self) -> Identified:
        project = only_project(projects_of(self._get("projects")))
        records = records_of(self._get(f"{PROJECT_ID}/optimize/runs"))
        return Identified(self._now(), project.id, project.name, records[0] if records else None)

    def _get(self, path: str) -> bytes:
        return self._service.answer("GET", f"/v1/api/{path}", KEY).body

    def _now(self) -> Instant:
        return Instant(START + self.elapsed, 1000.0 + self.elapsed)


@dataclass(frozen=True)
class Watched:
    """What was polled, and how to read more."""

    events: Sequence[PollSucceeded | Identified]
    recording: Callable[[], FoldedRecording]
    """Gives what was recorded, of its own for each test."""
    elapsed: float
    """Real seconds since the service began."""
    log: Callable[[Trial], TrialLog]


@cache
def watched(scenario: str, progress: float, watched_s: float, every: float, trials: int | None = None) -> Watched:
    """Poll for the last `watched_s` seconds before `progress` (0..1) of a run is over; the same for many tests."""
    scene = Scene(Options(scenario, trials=trials))
    until = scene.seconds_to(progress)
    scene.elapsed = max(0.0, until - watched_s)
    events = tuple(scene.polls(until, every))
    folded = FoldedRecording(events)
    return Watched(events, folded.copy, scene.elapsed, scene.log)


@asynccontextmanager
async def demo_replay(progress: float, *, size: tuple[int, int]) -> AsyncIterator[Watching]:
    """Open a recording of the default run's first part, up to `progress` (0..1), three days later."""
    folded = watched("default", progress, math.inf, 2.0).recording()
    async with _fixed_environment(), replaying(folded, size=size, later=3 * 86400.0) as watch:
        yield watch


@asynccontextmanager
async def demo_at(
    progress: float,
    *,
    scenario: str = "default",
    size: tuple[int, int] = (120, 40),
    watched_s: float = 90.0,
    every: float = 1.0,
    trials: int | None = None,
    terminal: str = "",
    **options: Any,
) -> AsyncIterator[Watching]:
    """Open the monitor when `progress` (0..1) of a run is over, watched for the last `watched_s` real seconds.

    The run has at most `trials`; `terminal` is one of `TERMINALS`, `options` are those of `watching`.
    """
    seen = watched(scenario, progress, watched_s, every, trials)
    recorded = seen.recording()
    place = _fixed_environment(terminal)
    async with place, watching(size=size, endpoint=SIMULATED_SERVICE, recorded=recorded, **options) as watch:
        watch.app.theme = TERMINALS[terminal] or watch.app.theme
        watch.clock.elapsed = seen.elapsed
        watch.source.read_log = seen.log
        await watch.say(*seen.events)
        yield watch


@asynccontextmanager
async def _fixed_environment(terminal: str = "") -> AsyncIterator[None]:
    """Show times of day in UTC, and colours, whatever this machine is set to."""
    try:
        with patch.dict(os.environ, {"TZ": "UTC"}):
            os.environ.pop("NO_COLOR", None)
            if terminal == "no-colour":
                os.environ["NO_COLOR"] = "1"
            time.tzset()
            yield
    finally:
        time.tzset()


NAMED_COLOURS = next(name for name in SIXTEEN_COLOURS if name in BUILTIN_THEMES)

TERMINALS = {"": "", "light": "textual-light", "16-colours": NAMED_COLOURS, "no-colour": NAMED_COLOURS, "ascii": ""}
"""Kinds of terminals, with the theme that they have."""


def picture(watch: Watching, terminal: str = "") -> str:
    """Return what is on the screen as an SVG that needs no network to look at, the same in every process."""
    svg = watch.app.export_screenshot(title="eitui", simplify=True)
    for unwanted in (r"@font-face\s*\{[^}]*\}\s*", r"<!--.*?-->\s*", r"[ \t]+$"):
        svg = re.sub(unwanted, "", svg, flags=re.MULTILINE)
    svg = re.sub(r"terminal-\d+", "terminal", svg)
    return "".join(char if char.isascii() else escape(to_ascii(char)) for char in svg) if terminal == "ascii" else svg
