"""A service that answers with one body after another, through a transport, and the clock of who polls it."""

import asyncio
from dataclasses import dataclass, field

import httpx
from states import PROJECT

from eitui.domain.moment import Instant

KEY = "ei_synthetic_0123456789"
HOST = "studio.edgeimpulse.com"
LONG = 10.0
"""Seconds after which a test gives up on something that should have happened at once."""


@dataclass
class Steps:
    """A clock that goes on when a poll is waited for, and only as often as the test lets it."""

    time: float = 1000.0
    allowed: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    def now(self) -> Instant:
        return Instant(1_700_000_000 + self.time, self.time)

    async def wait(self, seconds: float, wake: asyncio.Event) -> bool:
        await self.allowed.acquire()
        self.time += seconds
        return False


@dataclass
class Service:
    """Answers the state with one body after another, the last one for ever."""

    bodies: list[bytes | Exception]
    headers: dict[str, str] = field(default_factory=dict)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/projects"):
            return httpx.Response(200, json={"success": True, "projects": [{"id": PROJECT, "name": "Doorbell"}]})
        if request.url.path.endswith("/optimize/runs"):
            return httpx.Response(200, json={"success": True, "runs": []})
        answer = self.bodies.pop(0) if len(self.bodies) > 1 else self.bodies[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(200, content=answer, headers={"content-type": "application/json"} | self.headers)
