"""The effect of drafts on scores, and what is to be known of it."""

import pytest

from eitui.domain.edit import Draft
from eitui.domain.scores import AnomalyScores, NoScores, Scored
from eitui.domain.threshold import Threshold, ThresholdRef
from eitui.thresholds.query import Asker, Query
from eitui.thresholds.whatif import BlockScores, DraftEffect, block_scores, draft_effect


def effect_of(scored: Scored) -> DraftEffect:
    async def never() -> BlockScores:
        raise AssertionError("not asked")

    query = Query(never, Asker(lambda work: work.close(), lambda: None, lambda: 0.0))
    query.learn(block_scores(scored))
    draft = Draft(Threshold(ThresholdRef(1, 3, "min_anomaly_score"), value=0.5), 0.6)
    return draft_effect(query, [draft], draft)


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
def test_windows_of_unknown_kind_are_told_and_left_out(
    expected: list[bool | None], labels: list[str], note: str
) -> None:
    found = effect_of(AnomalyScores([0.1, 0.55, 0.9], expected, labels))
    rest = " of unknown kind, anomaly or not: precision, recall, F1 and accuracy leave them out."
    assert found.note == (note + rest if note else "")
    assert found.comparison is not None
    assert found.comparison.after.labelled == sum(one is not None for one in expected)


def test_what_is_to_be_known_of_the_truth_is_told() -> None:
    found = effect_of(AnomalyScores([0.1], [None], ["a"], note="The project did not answer."))
    assert found.note.endswith("leave them out. The project did not answer.")


def test_without_a_test_the_key_is_offered_and_with_an_error_it_is_not() -> None:
    found = effect_of(NoScores("Not tested yet", untested=True))
    assert (found.reason, found.untested) == ("Not tested yet.", True)
    assert not effect_of(NoScores("The service has no sizes")).untested
