"""How long the event loop stands still for a poll."""

import asyncio
import json
import time
from statistics import median

from eitui.api.skim import split
from eitui.api.state import StateReader
from eitui.demo.options import Options
from eitui.demo.service import PROJECT_ID, Service
from eitui.domain.moment import Instant
from eitui.feed.events import Answered, Event
from eitui.tui.app import MonitorApp

KEY = "ei_demo_synthetic"
CHANGED = 10
ROUNDS = 8


def stall() -> str:
    """1,000 trials of which 10 changed, through reading, folding and drawing, beyond splitting the body."""
    bodies = _bodies()
    splitting = median(_seconds(lambda body=body: split(body)) for body in bodies)
    longest = asyncio.run(_watched(bodies))
    beyond = [max(0.0, worst - splitting) for worst in longest[2:]]
    size = len(bodies[0]) / 2**20
    return (
        f"loop stalls of {median(longest[2:]) * 1000:.1f} ms (median of {len(beyond)} polls, {size:.0f} MiB), "
        f"splitting alone {splitting * 1000:.1f} ms: {median(beyond) * 1000:.1f} ms beyond it (promised: 10 ms)"
    )


def _bodies() -> list[bytes]:
    """States of the huge scenario, each with ten other trials changed."""
    service = Service(Options("huge"), KEY, time.time)
    service.warm()
    path = f"/v1/api/{PROJECT_ID}/optimize/state"
    state = json.loads(service.answer("GET", path, KEY, b"").body)
    bodies = []
    for round_ in range(ROUNDS + 2):
        for trial in state["trials"][round_ * CHANGED : (round_ + 1) * CHANGED]:
            trial["retries"] = round_ + 1
        bodies.append(json.dumps(state).encode())
    return bodies


def _seconds(call: object) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


class _Script:
    """A source that reads one body after another, as the live one does."""

    interval = 5.0

    def __init__(self, bodies: list[bytes]) -> None:
        self.bodies = bodies
        self.done = asyncio.Event()
        self.longest: list[float] = []
        self._worst = 0.0

    def wake(self) -> None:
        """Nothing to hurry."""

    async def beat(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0)
            self._worst = max(self._worst, time.perf_counter() - began)

    async def events(self):
        reader = StateReader()
        heart = asyncio.ensure_future(self.beat())
        for body in self.bodies:
            self._worst = 0.0
            run = await reader.read(body)
            event: Event = Answered(Instant(time.time(), time.monotonic()), run)
            yield event
            for _ in range(200):
                await asyncio.sleep(0.001)
            self.longest.append(self._worst)
        heart.cancel()
        self.done.set()
        await asyncio.Event().wait()


async def _watched(bodies: list[bytes]) -> list[float]:
    script = _Script(bodies)

    async def open_source() -> _Script:
        return script

    app = MonitorApp(open_source, endpoint="benchmark")
    async with app.run_test(size=(200, 60)):
        await script.done.wait()
    return script.longest
