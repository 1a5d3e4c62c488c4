"""Questions to the service: the last answer, how old it is, and why there is no newer one."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from eitui.api.errors import problem
from eitui.domain.moment import Problem

Answer = TypeVar("Answer")
Thing = TypeVar("Thing", bound=Hashable)

Start = Callable[[Coroutine[Any, Any, None]], object]
"""Starts a coroutine in the background. It may be cancelled at any time."""


@dataclass(frozen=True)
class Asker:
    """Who asks: `changed` is called, in the coroutines handed to `start`, when there is something new to show."""

    start: Start
    changed: Callable[[], object]
    now: Callable[[], float]
    """Monotonic seconds."""


class Query(Generic[Answer]):
    """One question. What was answered stays until there is a newer answer."""

    def __init__(self, ask: Callable[[], Awaitable[Answer]], by: Asker, slots: asyncio.Semaphore | None = None) -> None:
        """`ask` asks once; what it raises becomes the problem. Questions with the same `slots` wait for each other."""
        self._ask, self._by = ask, by
        self._slots = slots or asyncio.Semaphore(1)
        self._changes = 0
        self.answer: Answer | None = None
        """None until there is one."""
        self.at: float | None = None
        """When it was given, in monotonic seconds."""
        self.problem: Problem | None = None
        """Why there was no answer the last time."""
        self.pending = False
        """Whether an answer is waited for."""
        self.outdated = False
        """Whether the answer is of before a change."""

    def refresh(self) -> None:
        """Ask, unless an answer is waited for."""
        if not self.pending:
            self.pending = True
            self._by.start(self._refresh(self._by.changed))

    async def refresh_quietly(self) -> None:
        """Ask in this coroutine, unless an answer is waited for; its awaiter says that there is something new."""
        if not self.pending:
            self.pending = True
            await self._refresh(lambda: None)

    def outdate(self) -> None:
        """Take note of a change: an answer that is on its way is discarded, and asked for once more."""
        self._changes += 1
        self.outdated = self.answer is not None

    def learn(self, answer: Answer) -> None:
        """Take an answer, or a first part of it that can be shown while the rest is asked for."""
        self.answer, self.at = answer, self._by.now()
        self._by.changed()

    async def _refresh(self, changed: Callable[[], object]) -> None:
        changed()
        try:
            async with self._slots:
                while True:
                    changes, failure = self._changes, None
                    try:
                        answer = await self._ask()
                    except Exception as error:
                        failure = problem(error)
                    if changes == self._changes:
                        break
        finally:
            self.pending = False
        self.problem = failure
        if failure is None:
            self.outdated, self.answer, self.at = False, answer, self._by.now()
        changed()


class Queries(Generic[Thing, Answer]):
    """One question about each of many things, asked when a thing is first looked at, a few at a time."""

    def __init__(self, ask: Callable[[Thing], Awaitable[Answer]], by: Asker, at_a_time: int = 3) -> None:
        self._ask, self._by = ask, by
        self._slots = asyncio.Semaphore(at_a_time)
        self._known: dict[Thing, Query[Answer]] = {}

    def of(self, thing: Thing) -> Query[Answer]:
        """Return the question about a thing; it is asked if it never was."""
        if thing not in self._known:
            self._known[thing] = Query(lambda: self._ask(thing), self._by, self._slots)
            self._known[thing].refresh()
        return self._known[thing]

    def refresh(self) -> None:
        """Ask all that was asked once more."""
        for query in list(self._known.values()):
            query.refresh()

    def outdate(self) -> None:
        """Take note of a change that makes all answers old."""
        for query in self._known.values():
            query.outdate()
