"""The clock, as an argument."""

import asyncio
import time
from typing import Protocol

from eitui.domain.moment import Instant


class Clock(Protocol):
    """Tells the time and lets it pass."""

    def now(self) -> Instant:
        """Both clocks, read together."""

    async def wait(self, seconds: float, wake: asyncio.Event) -> bool:
        """Return after `seconds`, or as soon as `wake` is set: then clear it and return True."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> Instant:
        """Both clocks, read together."""
        return Instant(time.time(), time.monotonic())

    async def wait(self, seconds: float, wake: asyncio.Event) -> bool:
        """Return after `seconds`, or as soon as `wake` is set: then clear it and return True."""
        try:
            async with asyncio.timeout(seconds):
                await wake.wait()
        except TimeoutError:
            return False
        wake.clear()
        return True
