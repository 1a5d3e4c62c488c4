"""The threshold editor on the look-alike service, in this process: no network, no time that passes by itself.

What goes wrong with writes is said in the words of `faults.planned`.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
from demo_scenes import KEY, Scene
from faults import Faults, planned
from look_alike import MeddledService
from watching import START, StillClock, Watching, watching

from eitui.api.client import Client
from eitui.config import Secret
from eitui.demo.options import Options
from eitui.demo.service import PROJECT_ID, Service
from eitui.domain.edit import Entry
from eitui.domain.moment import SIMULATED_SERVICE
from eitui.domain.threshold import ThresholdRef, ThresholdValue
from eitui.feed.events import ServiceEvent
from eitui.thresholds.journal import Journal
from eitui.thresholds.project import ProjectClient
from eitui.thresholds.send import Owner
from eitui.tui.screens.journal import JournalScreen
from eitui.tui.screens.thresholds import ThresholdEditor

HOST = "studio.example.test"
MIN_SCORE = ThresholdRef(1, 3, "min_score")
ANOMALY = ThresholdRef(1, 4, "min_anomaly_score")


@dataclass
class World:
    """The look-alike, a journal, and what goes wrong."""

    path: Path
    options: Options = field(default_factory=lambda: Options("finished", windows=60))
    read_only: str | None = None
    clock: StillClock = field(default_factory=StillClock)
    role: str | None = None
    """The role of the key, where the look-alike's own answer is replaced; empty: the service refuses to tell."""
    unreachable: bool = False
    """Whether nothing can be asked."""
    no_scores: bool = False
    """Whether scores cannot be asked for."""
    posts: list[str] = field(default_factory=list)
    gets: list[str] = field(default_factory=list)
    held: bool = False
    """Whether writes wait until they are cancelled."""
    reads_held: bool = False
    """Whether impulses are not told until the reader is cancelled."""
    back_held: bool = False
    """Whether that begins with the first write."""
    opened: int = 0

    def __post_init__(self) -> None:
        service = Service(self.options, KEY, lambda: START + self.clock.elapsed)
        self.service = MeddledService(lambda: service, KEY)
        self.faults = Faults()

    def fail(self, *words: str) -> None:
        """Let the next writes go wrong."""
        for fault, times in planned(words):
            self.faults.add(fault, times, writes=True)

    @property
    def journal(self) -> Journal:
        return Journal(self.path, now=lambda: START + self.clock.elapsed, mono=lambda: self.clock.elapsed)

    def entries(self) -> tuple[Entry, ...]:
        """What is in the journal, the newest first."""
        return self.journal.look(limit=1000).changes

    def values(self) -> dict[ThresholdRef, ThresholdValue]:
        """What the service has, behind everybody's back."""
        from eitui.api.impulses import impulses_of

        answer = self.service.answer("GET", f"/v1/api/{PROJECT_ID}/impulses-detailed", KEY).body
        table = impulses_of(answer)
        return {one.ref: one.value for impulse in table.impulses for one in impulse.thresholds if one.value is not None}

    def project(self) -> ProjectClient:
        client = Client(f"https://{HOST}", Secret(KEY), transport=httpx.MockTransport(self._handle))
        owner = Owner(HOST, PROJECT_ID, "ada@box", self.read_only)
        return ProjectClient(client, self.journal, owner, sleep=self._pass_time, chance=lambda: 0.0)

    async def _pass_time(self, seconds: float) -> None:
        self.clock.elapsed += seconds

    async def open_project(self, project_id: int) -> ProjectClient:
        self.opened += 1
        return self.project()

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        if self.unreachable:
            raise httpx.ConnectError("connection refused")
        path, write = request.url.raw_path.decode(), request.method == "POST"
        if self.role is not None and path.endswith("/api-key-info"):
            return httpx.Response(200, json={"success": bool(self.role), "role": self.role})
        if self.no_scores and "classify/all/result" in path:
            raise httpx.ConnectError("connection refused")
        (self.posts if write else self.gets).append(path)
        fault = self.faults.take(write=write)
        if (write and self.held) or (self.reads_held and path.endswith("/impulses-detailed")):
            await _for_ever()
        self.reads_held = self.reads_held or (write and self.back_held)
        if fault is not None and not fault.acts and fault.hang_up:
            raise httpx.ConnectError("connection refused")
        done = None
        if fault is None or fault.acts:
            done = self.service.answer(request.method, path, KEY, request.content)
        if fault is not None and (fault.hang_up or fault.cut_after is not None):
            raise httpx.ReadError("the connection broke")
        if fault is not None and fault.status is not None:
            return httpx.Response(fault.status, headers=fault.headers, content=fault.body or b"")
        assert done is not None
        return httpx.Response(done.status, headers={"Content-Type": done.content_type}, content=done.body)


async def _for_ever() -> None:
    import asyncio

    await asyncio.Event().wait()


@dataclass
class Editing:
    """A threshold editor under test."""

    watch: Watching
    world: World

    @property
    def screen(self) -> ThresholdEditor:
        return next(screen for screen in self.watch.app.screen_stack if isinstance(screen, ThresholdEditor))

    @property
    def open(self) -> bool:
        return any(isinstance(screen, ThresholdEditor) for screen in self.watch.app.screen_stack)

    @property
    def stage(self) -> str:
        return type(self.screen.editor.stage).__name__

    def drafts(self) -> dict[str, Any]:
        return {draft.ref.key: draft.value for draft in self.screen.editor.session.drafts}

    async def press(self, *keys: str) -> str:
        """Press keys; return what is on the screen then."""
        await self.watch.press(*keys)
        return self.watch.text()

    def together(self, *keys: str) -> None:
        """Have keys arrive in one read of the terminal: all are there before the first one is acted on."""
        self.watch.together(*keys)

    async def wait(self, seconds: float) -> str:
        """Let time pass; return what is on the screen then."""
        await self.watch.pass_time(seconds)
        return self.watch.text()


@cache
def _first_poll(options: Options) -> tuple[ServiceEvent, ...]:
    return tuple(Scene(options).polls(0.0, 1.0))


@asynccontextmanager
async def monitoring(
    world: World,
    size: tuple[int, int] = (120, 40),
    keymap: Mapping[str, str] = MappingProxyType({}),
    endpoint: str = SIMULATED_SERVICE,
) -> AsyncIterator[Watching]:
    """Open the monitor on the look-alike's run."""
    async with watching(size=size, endpoint=endpoint, open_project=world.open_project, keymap=keymap) as watch:
        world.clock = watch.clock
        await watch.say(*_first_poll(world.options))
        yield watch


@asynccontextmanager
async def editing(
    world: World,
    impulse_id: int = 1,
    size: tuple[int, int] = (120, 40),
    keymap: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[Editing]:
    """Open the editor of an impulse over the monitor."""
    async with monitoring(world, size, keymap) as watch:
        watch.monitor.open_thresholds(impulse_id)
        await watch.settle()
        yield Editing(watch, world)


def journal_screen(watch: Watching) -> JournalScreen:
    """Return the journal, which is on top."""
    screen = watch.app.screen
    assert isinstance(screen, JournalScreen)
    return screen


async def until(edit: Editing, condition: Callable[[], object]) -> None:
    import asyncio

    async with asyncio.timeout(10):
        while not condition():
            await edit.watch.pilot.pause()
