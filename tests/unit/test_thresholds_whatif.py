"""Scores are asked for once, again when they are of before a change, and never shown as newer than they are."""

import asyncio

import pytest

from eitui.analysis.whatif.comparison import Comparer
from eitui.api.errors import Unreachable
from eitui.domain.editing import Draft
from eitui.domain.scores import AnomalyScores, ClassificationScores, NoScores, Scored
from eitui.domain.threshold import Threshold, ThresholdRef
from eitui.thresholds.whatif import DraftEffect, ScoreCache, draft_effect

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


async def test_scores_that_were_on_their_way_when_a_change_was_made_are_discarded_and_asked_for_again():
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


async def test_an_error_of_before_a_change_is_discarded_too():
    asked = Asked()
    asked.cache.of(BLOCK)
    await asked.asked(1)
    asked.cache.outdate()
    asked.open[0].set_exception(Unreachable("The service cannot be reached"))
    await asked.asked(2)
    asked.open[1].set_result(NoScores("the thresholds changed since"))
    await asked.done()
    assert asked.cache.of(BLOCK).reason == "the thresholds changed since."


async def test_scores_that_are_known_are_shown_as_outdated_until_there_are_newer_ones():
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


async def effect_of(scored: Scored) -> DraftEffect:
    asked = Asked()
    asked.cache.of(BLOCK)
    await asked.asked(1)
    asked.open[0].set_result(scored)
    await asked.done()
    draft = Draft(Threshold(ThresholdRef(1, BLOCK, "min_anomaly_score"), value=0.5), 0.6)
    return draft_effect(asked.cache.of(BLOCK), [draft], draft)


@pytest.mark.parametrize(
    ("expected", "labels", "note"),
    [
        ([True, False, False], ["anomaly", "a", ""], ""),
        ([True, None, None], ["anomaly", "a", "a"], "2 windows labelled a are"),
        ([True, None, None], ["anomaly", "a", ""], "2 windows labelled a or without a label are"),
        ([None, None, None], [], "3 windows without a label are"),
        ([None, False, False], ["a\x1b", "b", "c"], "1 window labelled a␛ is"),
    ],
)
async def test_windows_of_unknown_kind_are_told_and_left_out(expected, labels, note):
    found = await effect_of(AnomalyScores([0.1, 0.55, 0.9], expected, labels))
    rest = " of unknown kind, anomaly or not: precision, recall, F1 and accuracy leave them out."
    assert found.note == (note + rest if note else "")
    assert found.comparison is not None
    assert found.comparison.after.labelled == sum(one is not None for one in expected)


async def test_what_is_to_be_known_of_the_truth_is_told():
    found = await effect_of(AnomalyScores([0.1], [None], ["a"], note="The project did not answer."))
    assert found.note.endswith("leave them out. The project did not answer.")


async def test_without_a_test_the_key_is_offered_and_with_an_error_it_is_not():
    found = await effect_of(NoScores("Not tested yet", untested=True))
    assert (found.reason, found.untested) == ("Not tested yet.", True)
    assert not (await effect_of(NoScores("The service has no sizes"))).untested
