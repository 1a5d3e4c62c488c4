"""How long the event loop stands still for a poll."""

import asyncio
import json
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any, cast

from eitui.api.state import StateReader, split_body
from eitui.demo.options import Options
from eitui.demo.service import PROJECT_ID, Service
from eitui.domain.moment import Instant
from eitui.feed.events import Event, PollSucceeded, Source
from eitui.tui.app import MonitorApp

KEY = "ei_demo_synthetic"
CHANGED = 10
ROUNDS = 8


def stall() -> str:
    """1,000 trials of which 10 in sight changed: reading, folding and drawing, beyond splitting the body."""
    bodies = _bodies()
    splitting = median(_seconds(partial(split_body, body)) for body in bodies)
    longest = asyncio.run(_watched(bodies))
    beyond = [max(0.0, worst - splitting) for worst in longest[2:]]
    size = len(bodies[0]) / 2**20
    return (
        f"loop stalls of {median(longest[2:]) * 1000:.1f} ms (median of {len(beyond)} polls, {size:.0f} MiB), "
        f"splitting alone {splitting * 1000:.1f} ms: {median(beyond) * 1000:.1f} ms beyond it, "
        f"{max(beyond) * 1000:.1f} ms at worst (promised: 10 ms); {CHANGED} changed rows in sight each time"
    )


def _bodies() -> list[bytes]:
    """States of the huge scenario, in each of which the first ten trials differ from the one before."""
    service = Service(Options("huge"), KEY, time.time)
    service.warm()
    path = f"/v1/api/{PROJECT_ID}/optimize/state"
    state = json.loads(service.answer("GET", path, KEY, b"").body)
    bodies = []
    for round_ in range(ROUNDS + 2):
        for trial in state["trials"][:CHANGED]:
            trial["retries"] = round_ + 1
        bodies.append(json.dumps(state).encode())
    return bodies


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


class _Script:
    """A source that reads one body after another, as the live one does."""

    interval = 5.0
    live = True

    def __init__(self, bodies: list[bytes]) -> None:
        self.bodies = bodies
        self.drawn, self.at_the_top, self.done = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.longest: list[float] = []
        self._worst = 0.0

    def rest(self) -> None:
        """Nothing to let go of."""

    def wake(self) -> None:
        """Nothing to hurry."""

    async def beat(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0)
            self._worst = max(self._worst, time.perf_counter() - began)

    async def events(self) -> Any:
        reader = StateReader()
        heart = asyncio.ensure_future(self.beat())
        for body in self.bodies:
            self._worst = 0.0
            run = await reader.read(body)
            event: Event = PollSucceeded(Instant(time.time(), time.monotonic()), run)
            yield event
            for _ in range(200):
                await asyncio.sleep(0.001)
            self.longest.append(self._worst)
            self.drawn.set()
            await self.at_the_top.wait()
        heart.cancel()
        self.done.set()
        await asyncio.Event().wait()


async def _watched(bodies: list[bytes]) -> list[float]:
    script = _Script(bodies)

    async def open_source() -> Source:
        return cast("Source", script)

    app = MonitorApp(open_source, endpoint="benchmark")
    async with app.run_test(size=(200, 60)) as pilot:
        await script.drawn.wait()
        # The table opens on the first running trial, some 700 rows below those that change.
        await pilot.press("g")
        script.at_the_top.set()
        await script.done.wait()
        shown = [strip.text for strip in app.drawn()]
        if sum(f" {len(bodies)}" == line.rstrip()[-len(f" {len(bodies)}") :] for line in shown) < CHANGED:
            raise RuntimeError("the trials that changed are not on the screen")
    return script.longest
