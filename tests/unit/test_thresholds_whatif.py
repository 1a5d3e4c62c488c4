"""Scores are asked for once, again when they are of before a change, and never shown as newer than they are."""

import asyncio

from eitui.analysis.whatif.comparison import Comparer
from eitui.api.errors import Unreachable
from eitui.domain.scores import ClassificationScores, NoScores, Scored
from eitui.thresholds.whatif import ScoreCache

BLOCK = 3


def scores(best: float) -> ClassificationScores:
    return ClassificationScores(("no", "yes"), [best, 1 - best], [0], 2)


class Asked:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.open: list[asyncio.Future[Scored]] = []
        """The questions that were seen, oldest first."""
        self._questions: asyncio.Queue[asyncio.Future[Scored]] = asyncio.Queue()
        self.tasks: list[asyncio.Task[None]] = []
        self.cache = ScoreCache(self._ask, lambda work: self.tasks.append(asyncio.ensure_future(work)), lambda: None)

    async def _ask(self, block_id: int) -> Scored:
        assert block_id == BLOCK
        question: asyncio.Future[Scored] = asyncio.get_running_loop().create_future()
        self._questions.put_nowait(question)
        return await question

    async def asked(self, times: int) -> None:
        async with asyncio.timeout(10):
            while len(self.open) < times:
                self.open.append(await self._questions.get())

    @property
    def questions_left(self) -> int:
        return self._questions.qsize()

    async def done(self) -> None:
        await asyncio.wait_for(asyncio.gather(*self.tasks), 10)

    def shown(self) -> object:
        comparer: Comparer | None = self.cache.of(BLOCK).comparer
        return comparer and comparer.scores


async def test_scores_that_were_on_their_way_when_a_change_was_made_are_discarded_and_asked_for_again() -> None:
    asked = Asked()
    asked.cache.of(BLOCK)
    await asked.asked(1)
    asked.cache.outdate()
    asked.cache.again()
    asked.open[0].set_result(scores(0.9))
    await asked.asked(2)
    assert asked.shown() is None
    newer = scores(0.8)
    asked.open[1].set_result(newer)
    await asked.done()
    assert asked.shown() is newer
    assert not asked.cache.of(BLOCK).outdated
    assert asked.questions_left == 0


async def test_an_error_of_before_a_change_is_discarded_too() -> None:
    asked = Asked()
    asked.cache.of(BLOCK)
    await asked.asked(1)
    asked.cache.outdate()
    asked.open[0].set_exception(Unreachable("The service cannot be reached"))
    await asked.asked(2)
    asked.open[1].set_result(NoScores("the thresholds changed since"))
    await asked.done()
    assert asked.cache.of(BLOCK).reason == "the thresholds changed since."


async def test_scores_that_are_known_are_shown_as_outdated_until_there_are_newer_ones() -> None:
    asked = Asked()
    asked.cache.of(BLOCK)
    await asked.asked(1)
    old = scores(0.9)
    asked.open[0].set_result(old)
    await asked.done()
    asked.cache.outdate()
    assert asked.cache.of(BLOCK).outdated
    asked.cache.again()
    asked.cache.again()
    await asked.asked(2)
    assert asked.shown() is old
    asked.open[1].set_result(scores(0.7))
    await asked.done()
    assert not asked.cache.of(BLOCK).outdated
    assert asked.questions_left == 0
