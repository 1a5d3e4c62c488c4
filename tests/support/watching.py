"""The monitor without a terminal, fed by hand: a source that says what it is told to, and a clock that stands still."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from textual import events
from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.worker import Worker

from eitui.domain.log import TrialLog
from eitui.domain.moment import EMPTY_MOMENT, Instant, Problem
from eitui.domain.run import Run
from eitui.domain.trial import Trial
from eitui.feed.events import (
    Event,
    Frame,
    Identified,
    Logged,
    NoLog,
    NoRecording,
    OpenRecording,
    PollFailed,
    PollSucceeded,
    RecordingError,
    Resumed,
    Source,
)
from eitui.feed.track import fold
from eitui.tui.app import MonitorApp, OpenSource
from eitui.tui.kit.list import Pane
from eitui.tui.screens.monitor import Monitor
from eitui.tui.screens.monitor_layout import PANES
from eitui.tui.screens.time_travel import BEAT
from eitui.tui.textual_internals import IDLE_WAITS
from eitui.tui.widgets.bars import Views
from eitui.tui.widgets.trial_table import TrialTable

START = 1_768_469_400.0
"""Wall time at which the tests' clock begins (15 January 2026, 09:30 UTC); its monotonic clock begins at 1000."""

ENDPOINT = "studio.edgeimpulse.com"

LONG = 10.0
"""Seconds after which a test gives up on something that should have happened at once."""


_COMPOSE = Compositor.render_update


@dataclass
class _Undrawn:
    """Stands in for what would be sent at each change, which costs a test most of its time: `settle` draws once."""

    due: bool = False

    def put_off(self, compositor: Compositor, full: bool = False, **options: Any) -> Any:
        if full:
            return _COMPOSE(compositor, full, **options)
        visible_screen_stack.set(options.get("screen_stack") or [])
        self.due |= compositor.size.region in compositor._dirty_regions
        compositor._dirty_regions.clear()
        return None


async def _yield_once(min_sleep: float = 0, max_sleep: float = 0) -> None:
    """Stand in for Textual's wait until the process is idle: some 40 ms a key, for what `settle` knows exactly."""
    await asyncio.sleep(0)


@dataclass
class StillClock:
    """Moves only when told to."""

    elapsed: float = 0.0

    def now(self) -> Instant:
        return Instant(START + self.elapsed, 1000.0 + self.elapsed)

    async def wait(self, seconds: float, wake: asyncio.Event) -> bool:
        raise AssertionError("the monitor itself never waits on its clock")


class FoldedRecording:
    """A recording in memory: what events lead to. Takes part in what is recorded since when it is told to refresh."""

    def __init__(self, events: Iterable[Event] = (), lost: Sequence[str] = ()) -> None:
        self.lost = lost
        self.read: list[int] = []
        """The places that were asked for, in order."""
        self.refreshed = self.opened = 0
        self.closed = False
        self.damaged: set[int] = set()
        """Places that cannot be read."""
        self.gate = threading.Event()
        """Cleared, it holds up every read until it is set."""
        self.gate.set()
        self._moment = EMPTY_MOMENT
        self._frames: list[Frame] = []
        self._known = 0
        self.record(*events)
        self._known = len(self._frames)

    def copy(self) -> "FoldedRecording":
        """Return one that has the same frames, which need not be folded again."""
        result = FoldedRecording((), self.lost)
        result._moment, result._frames, result._known = self._moment, list(self._frames), self._known
        return result

    @property
    def times(self) -> Sequence[float]:
        return [frame.now.wall for frame in self._frames[: self._known]]

    @property
    def last(self) -> Frame:
        return self._frames[-1]

    def record(self, *events: Event) -> None:
        """Record `events`, which are seen after the next refresh."""
        for event in events:
            self._moment = fold(self._moment, event).moment
            if isinstance(event, PollSucceeded | PollFailed):
                self._frames.append(Frame(self._moment, event.at))

    def refresh(self) -> None:
        self.refreshed += 1
        self._known = len(self._frames)

    def frame(self, index: int) -> Frame:
        self.read.append(index)
        assert self.gate.wait(LONG)
        if self.closed or index in self.damaged:
            raise RecordingError("The recording cannot be read", "It may be damaged.")
        return self._frames[: self._known][index]

    def close(self) -> None:
        self.closed = True


@dataclass
class ScriptedSource:
    """Says what it is told to."""

    interval: float = 5.0
    live: bool = True
    fills_curves: bool = False
    woken: int = 0
    rested: int = 0
    recorded: OpenRecording | None = None
    logs: dict[str, TrialLog | NoLog] = field(default_factory=dict)
    """Logs by a trial's id or a job's role, or why they cannot be had."""
    read_log: Callable[[Trial], TrialLog] | None = None
    """Reads those that are not in `logs`."""
    asked: list[str] = field(default_factory=list)
    """Whose logs were asked for, in order: ids of trials, roles of jobs."""
    _events: asyncio.Queue[Event] = field(default_factory=asyncio.Queue)

    async def events(self) -> AsyncIterator[Event]:
        while True:
            yield await self._events.get()
            # Reached when the follower asks for more: by then it has posted what this event led to.
            self._events.task_done()

    def rest(self) -> None:
        self.rested += 1

    def wake(self) -> None:
        self.woken += 1

    def open_recording(self) -> OpenRecording:
        if self.recorded is None:
            raise NoRecording("This run is not being recorded", "Leave out --no-record to be able to go back in time.")
        if isinstance(self.recorded, FoldedRecording):
            self.recorded.opened += 1
        return self.recorded

    async def log(self, of: Logged) -> TrialLog:
        name = of.id if isinstance(of, Trial) else of.role
        self.asked.append(name)
        await asyncio.sleep(0)
        if not self.live:
            raise NoLog("Logs are not recorded", "Watch the run itself to read them: eitui watch.")
        if isinstance(of, Trial) and name not in self.logs and self.read_log is not None:
            return self.read_log(of)
        found = self.logs.get(name, NoLog("No trial with this ID"))
        if isinstance(found, NoLog):
            raise NoLog(found.what, found.advice)
        return found

    async def say(self, *events: Event) -> None:
        """Say `events`, and return when they have been handed on."""
        for event in events:
            self._events.put_nowait(event)
        async with asyncio.timeout(LONG):
            await self._events.join()


@dataclass
class Watching:
    """A monitor under test."""

    app: MonitorApp
    pilot: Pilot[Any]
    source: ScriptedSource
    clock: StillClock
    _undrawn: _Undrawn
    reads_are_held: bool = False
    """While it is set, nothing waits for the recording to be read."""

    @property
    def monitor(self) -> Monitor:
        screen = self.app.screen_stack[0]
        assert isinstance(screen, Monitor)
        return screen

    @property
    def table(self) -> TrialTable:
        return self.monitor.query_one(TrialTable)

    @property
    def order(self) -> list[str]:
        """Ids of the trials, from the top row down."""
        return [trial.id for trial in self.table.rows.trials]

    @property
    def in_sight(self) -> set[str]:
        """Ids of the panes that have cells on the screen."""
        return {
            pane.id or ""
            for pane in self.monitor.query(Pane)
            if pane.id in PANES and pane.region.area and pane.is_on_screen
        }

    async def say(self, *events: Event) -> None:
        """Have the source say `events`, and wait until the screen shows them."""
        await self.source.say(*events)
        await self.settle()

    async def answer(self, run: Run) -> None:
        """Have the service describe the run as `run`, now; its clock is right."""
        now = self.clock.now()
        await self.say(PollSucceeded(now, run, date=float(int(now.wall))))

    async def miss(self, what: str, advice: str = "", *, final: bool = False, after: float | None = 5.0) -> None:
        """Have a poll fail now."""
        now = self.clock.now()
        await self.say(PollFailed(now, Problem(what, advice, final), None if after is None else now.mono + after))

    async def identify(self, name: str) -> None:
        """Let the project be learnt."""
        await self.say(Identified(self.clock.now(), 12345, name))

    async def press(self, *keys: str) -> None:
        """Press keys, and wait until the screen shows what they did."""
        await self.pilot.press(*keys)
        await self.settle()

    def together(self, *keys: str) -> None:
        """Have keys arrive in one read of the terminal: all are there before the first one is acted on."""
        for key in keys:
            name = key if len(key) > 1 else _character_to_key(key)
            character = {"slash": "/"}.get(key, key if len(key) == 1 else None)
            self.app.post_message(events.Key(name, character))

    async def resize(self, width: int, height: int) -> None:
        """Give the terminal another size."""
        await self.pilot.resize_terminal(width, height)
        self.app.resize_now()
        await self.settle()

    async def pass_time(self, seconds: float) -> None:
        """Move the clock, and let the monitor look at it."""
        self.clock.elapsed += seconds
        self.monitor.tick()
        await self.settle()

    async def settle(self) -> None:
        """Wait until nothing is left to do: a key leads to a message, that to a layout, and that to a drawing."""
        await self.idle()
        if self.reads_are_held:
            return
        async with asyncio.timeout(LONG):
            while reading := self._reading():  # of none, Textual would wait for all
                await self.app.workers.wait_for_complete(reading)
                await self.idle()  # one that has read may have led to another

    async def idle(self) -> None:
        """Let the event loop run until it has nothing to run, and what Textual draws at its next frame is drawn."""
        loop: Any = asyncio.get_running_loop()
        waits = False
        while not waits:
            await asyncio.sleep(0)
            if not loop._ready:
                self.app.screen._on_timer_update()
                if self._undrawn.due and self.app.is_running:
                    self._undrawn.due = False
                    self.app.drawn()
                await asyncio.sleep(0)
                waits = not loop._ready

    def _reading(self) -> list[Worker[Any]]:
        # Those that follow a source never end: the app's own, and that of an earlier run.
        return [worker for worker in self.app.workers if worker.node is not self.app and worker.group != "source"]

    async def play(self, seconds: float) -> None:
        """Let `seconds` pass for the one who plays the past, in beats."""
        beats = max(1, round(seconds / BEAT))
        for _ in range(beats):
            self.clock.elapsed += seconds / beats
            if self.monitor.travel.beating:
                self.monitor.travel.beat()
            await self.settle()

    @property
    def views(self) -> str:
        """The line of views; empty where there is no room for it."""
        found = self.app.screen.query(Views)
        return self.app.drawn()[0].text if found and found.first().display else ""

    def lines(self) -> list[str]:
        """What the terminal would show, line by line, without the line of views."""
        return [strip.text for strip in self.app.drawn()][bool(self.views) :]

    def text(self) -> str:
        """What the terminal would show."""
        return "\n".join(self.lines())

    @property
    def head(self) -> int:
        """Lines of the table above its first row."""
        self.table.render_line(0)  # as large as it is now
        return self.table._above

    @property
    def titles(self) -> str:
        """The table's line of titles."""
        return self.table.render_line(self.head - 1).text

    def row(self, trial_id: str) -> str:
        """The table's line of a trial."""
        wanted, header = f"mfe-conv1d-{trial_id} ", "  by val "
        found = [line for line in self.lines() if wanted in line and header not in line]
        # What stands beside the table may be about the same trial.
        return next((line for line in found if wanted in line[: self.table.size.width]), found[0])[
            : self.table.size.width or None
        ]


@asynccontextmanager
async def _quick() -> AsyncIterator[_Undrawn]:
    with ExitStack() as patched:
        for name in IDLE_WAITS:
            patched.enter_context(patch(name, _yield_once))
        undrawn = _Undrawn()
        patched.enter_context(
            patch.object(Compositor, "render_update", lambda *given, **options: undrawn.put_off(*given, **options))
        )
        yield undrawn


@asynccontextmanager
async def watching(
    *runs: Run,
    size: tuple[int, int] = (120, 40),
    open_source: OpenSource | None = None,
    endpoint: str = ENDPOINT,
    recorded: OpenRecording | None = None,
    live: bool = True,
    **options: Any,
) -> AsyncIterator[Watching]:
    """Open the monitor and let the service describe each of `runs`, one after another.

    `recorded` is what was recorded of the run; with `live` off it is all there is.
    """
    source, clock, opened = ScriptedSource(live=live, recorded=recorded), StillClock(), asyncio.Event()

    async def noted() -> Source:
        opened.set()
        return source if open_source is None else await open_source()

    app = MonitorApp(noted, endpoint=endpoint, clock=clock, **options)
    async with _quick() as undrawn, app.run_test(size=size, notifications=True) as pilot:
        watch = Watching(app, pilot, source, clock, undrawn)
        async with asyncio.timeout(LONG):
            await opened.wait()
        await watch.settle()
        for run in runs:
            await watch.answer(run)
        yield watch


@asynccontextmanager
async def replaying(
    folded: FoldedRecording, *, size: tuple[int, int] = (120, 40), later: float = 86400.0
) -> AsyncIterator[Watching]:
    """Open the monitor on a recording, `later` seconds after it ended."""
    async with watching(size=size, endpoint="synthetic.eitui", recorded=folded, live=False) as watch:
        if folded.times:
            watch.clock.elapsed = folded.times[-1] - START + later
            await watch.say(Resumed(watch.clock.now(), folded.last.moment))
        yield watch


@dataclass
class Drawn:
    """Lines of a widget that were drawn, by number."""

    lines: list[int] = field(default_factory=list)

    def take(self) -> list[int]:
        """Return the lines drawn since the last time this was asked."""
        taken, self.lines = sorted(self.lines), []
        return taken


def spy_on_lines(monkeypatch: Any, *widgets: Any) -> Drawn:
    """Note every line that `widgets` are asked to draw from now on, when they are and not when somebody looks."""
    drawn = Drawn()
    for app in {widget.app for widget in widgets}:
        app.drawn()
    monkeypatch.setattr(Compositor, "render_update", _COMPOSE)
    for widget in widgets:
        monkeypatch.setattr(widget, "render_line", _noting(drawn, widget.render_line))
    return drawn


def _noting(drawn: Drawn, render_line: Any) -> Any:
    def noting(y: int) -> Any:
        drawn.lines.append(y)
        return render_line(y)

    return noting
