"""A question is asked once, again when its answer is of before a change, and never shown as newer than it is."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from eitui.api.errors import Unreachable
from eitui.feed.query import Asker, Queries, Query
from eitui.view.kit.page import query_note, query_state

LOST = Unreachable("The service cannot be reached", "Check the network.")


class Asked:
    """Answers when it is told to; each question is about one of several things."""

    def __init__(self, at_a_time: int = 3) -> None:
        self.open: list[asyncio.Future[str]] = []
        """The questions that were seen, oldest first."""
        self._questions: asyncio.Queue[asyncio.Future[str]] = asyncio.Queue()
        self.tasks: list[asyncio.Task[None]] = []
        self.mono = 100.0
        self.shown: list[tuple[str, str]] = []
        """What was shown of the first thing at each change."""
        asker = Asker(self._start, self._changed, lambda: self.mono)
        self.queries: Queries[int, str] = Queries(self._ask, asker, at_a_time)
        self.query: Query[str] = self.queries.of(1)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self.tasks.append(asyncio.ensure_future(work))

    def _changed(self) -> None:
        self.shown.append((self.note, query_state(self.query, self.mono)))

    async def _ask(self, thing: int) -> str:
        question: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._questions.put_nowait(question)
        return await question

    async def asked(self, times: int) -> None:
        async with asyncio.timeout(10):
            while len(self.open) < times:
                self.open.append(await self._questions.get())

    async def answered(self, answer: str | Exception) -> None:
        """Wait for one more question, answer it, and let that be dealt with."""
        await self.asked(len(self.open) + 1)
        if isinstance(answer, str):
            self.open[-1].set_result(answer)
        else:
            self.open[-1].set_exception(answer)
        await self.done()

    @property
    def questions_left(self) -> int:
        return self._questions.qsize()

    @property
    def note(self) -> str:
        return query_note(self.query, self.mono, "the scores")[0]

    async def done(self) -> None:
        await asyncio.wait_for(asyncio.gather(*self.tasks), 10)


async def test_an_answer_is_shown_with_its_age_and_an_older_one_stays_when_there_is_no_newer() -> None:
    asked = Asked()
    await asked.answered("first")
    asked.mono += 130
    assert (asked.note, query_state(asked.query, asked.mono)) == ("", "asked 2m 10s ago")
    asked.query.refresh()
    assert (asked.note, query_state(asked.query, asked.mono)) == ("", "asking again…")
    await asked.answered(LOST)
    assert asked.query.answer == "first"
    lost = "The service cannot be reached. Check the network. The data shown is 2m 10s old."
    assert asked.note == f"{lost} r asks again."
    asked.query.refresh()
    assert asked.note == f"{lost} Asking again…"
    await asked.answered("second")
    assert (asked.note, query_state(asked.query, asked.mono)) == ("", "asked 0s ago")
    assert asked.shown == [
        ("Loading the scores…", "loading…"),
        ("", "asked 0s ago"),
        ("", "asking again…"),
        (f"{lost} r asks again.", "asked 2m 10s ago"),
        (f"{lost} Asking again…", "asking again…"),
        ("", "asked 0s ago"),
    ]


async def test_without_any_answer_it_says_why() -> None:
    asked = Asked()
    await asked.answered(KeyError("x"))
    assert asked.note == "The service's answer was unexpected (KeyError). r asks again."
    assert query_state(asked.query, asked.mono) == "cannot be read"


async def test_a_part_of_an_answer_is_shown_while_the_rest_is_asked_for() -> None:
    asked = Asked()
    await asked.asked(1)
    asked.query.learn("part")
    assert asked.query.answer == "part"
    assert asked.query.pending
    asked.open[0].set_result("all")
    await asked.done()
    assert (asked.query.answer, asked.query.pending) == ("all", False)


async def test_a_question_that_was_given_up_can_be_asked_again() -> None:
    asked = Asked()
    await asked.asked(1)
    asked.tasks[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked.done()
    asked.tasks.clear()
    assert not asked.query.pending
    asked.query.refresh()
    await asked.answered("second")
    assert asked.query.answer == "second"


async def test_many_things_are_asked_about_a_few_at_a_time_each_once() -> None:
    asked = Asked(at_a_time=2)
    queries = [asked.queries.of(thing) for thing in (1, 2, 3, 2, 1)]
    await asked.asked(2)
    await asyncio.sleep(0)
    assert asked.questions_left == 0
    asked.open[0].set_result("one")
    await asked.asked(3)
    asked.open[1].set_exception(LOST)
    asked.open[2].set_result("three")
    await asked.done()
    assert asked.questions_left == 0
    assert [query.answer for query in queries] == ["one", None, "three", None, "one"]
    asked.queries.refresh()
    await asked.asked(5)
    assert all(query.pending for query in queries)
    for question in asked.open[3:]:
        question.set_result("again")
    await asked.asked(6)
    asked.open[5].set_result("again")
    await asked.done()
    assert [query.answer for query in queries] == ["again"] * 5


async def test_an_answer_that_was_on_its_way_when_a_change_was_made_is_discarded_and_asked_for_again() -> None:
    asked = Asked()
    await asked.asked(1)
    asked.queries.outdate()
    asked.queries.refresh()
    asked.open[0].set_result("before")
    await asked.asked(2)
    assert asked.query.answer is None
    asked.open[1].set_result("after")
    await asked.done()
    assert asked.query.answer == "after"
    assert not asked.query.outdated
    assert asked.questions_left == 0


async def test_an_error_of_before_a_change_is_discarded_too() -> None:
    asked = Asked()
    await asked.asked(1)
    asked.queries.outdate()
    asked.open[0].set_exception(LOST)
    await asked.answered("after")
    assert (asked.query.answer, asked.query.problem) == ("after", None)


async def test_what_is_known_is_shown_as_outdated_until_there_is_something_newer() -> None:
    asked = Asked()
    await asked.answered("before")
    asked.queries.outdate()
    assert asked.query.outdated
    asked.queries.refresh()
    asked.queries.refresh()
    await asked.answered(LOST)
    assert (asked.query.answer, asked.query.outdated) == ("before", True)
    asked.queries.refresh()
    await asked.answered("after")
    assert (asked.query.answer, asked.query.outdated) == ("after", False)
    assert asked.questions_left == 0
