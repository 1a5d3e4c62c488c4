"""The effect of drafts on scores, against counting window by window. All scores are synthetic."""

from array import array
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.domain.edit import Draft
from eitui.domain.scores import (
    AnomalyScores,
    ClassificationScores,
    DetectionScores,
    ErrorScores,
    NoScores,
    Scored,
    VisualAnomalyScores,
)
from eitui.domain.threshold import Threshold, ThresholdRef
from eitui.feed.query import Asker, Query
from eitui.thresholds.whatif import (
    BlockScores,
    Comparer,
    DecisionSetting,
    DraftEffect,
    WhatIfComparison,
    block_scores,
    draft_effect,
)


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
        ([True, None, None], ["anomaly", "a", "a"], '2 windows labelled "a" are'),
        ([True, None, None], ["anomaly", "a", ""], '2 windows labelled "a" or without a label are'),
        ([None, None, None], [], "3 windows without a label are"),
        ([None, False, False], ["a\x1b", "b", "c"], '1 window labelled "a␛" is'),
    ],
)
def test_windows_of_unknown_kind_are_told_and_left_out(
    expected: list[bool | None], labels: list[str], note: str
) -> None:
    found = effect_of(AnomalyScores([0.1, 0.55, 0.9], expected, labels))
    rest = " neither anomaly nor normal: ignored in precision, recall, F1 and accuracy."
    assert found.note == (note + rest if note else "")
    assert found.comparison is not None
    assert found.comparison.after.labelled == sum(one is not None for one in expected)


def test_what_is_to_be_known_of_the_truth_is_told() -> None:
    found = effect_of(AnomalyScores([0.1], [None], ["a"], note="The project did not answer."))
    assert found.note.endswith("F1 and accuracy. The project did not answer.")


def test_without_a_test_the_key_is_offered_and_with_an_error_it_is_not() -> None:
    found = effect_of(NoScores("Not tested yet", untested=True))
    assert (found.reason, found.untested) == ("Not tested yet.", True)
    assert not effect_of(NoScores("The service has no sizes")).untested


THREE = ClassificationScores(("yes", "no"), array("d", [0.9, 0.1, 0.4, 0.6, 0.7, 0.3]), (0, 0, None), 2)
"""Of three windows: right at 0.9, wrong at 0.6, and one at 0.7 without a label."""

LEVELS = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])


def compare(scores: Any, old: float, new: float) -> WhatIfComparison:
    found = Comparer(scores).compare(DecisionSetting(old), DecisionSetting(new))
    assert found is not None
    return found


def test_counts_by_hand() -> None:
    found = compare(THREE, 0.5, 0.8)
    assert [flip.index for flip in found.flips] == [2, 1]
    assert (found.better, found.worse) == (0, 0)
    found = compare(THREE, 0.5, 0.95)
    assert (len(found.flips), found.better, found.worse) == (3, 0, 1)
    assert found.before.point.accuracy == 0.5
    assert found.after.point.accuracy == 0
    back = compare(THREE, 0.95, 0.5)
    assert (len(back.flips), back.better, back.worse) == (3, 1, 0)


def test_the_same_value_changes_nothing() -> None:
    found = compare(THREE, 0.6, 0.6)
    assert (len(found.flips), found.better, found.worse) == (0, 0, 0)


@given(st.lists(st.tuples(LEVELS, st.sampled_from([True, False, None])), max_size=12), LEVELS, LEVELS)
def test_better_and_worse_are_what_the_flips_say(windows: Any, old: float, new: float) -> None:
    scores = AnomalyScores([score for score, _ in windows], [expected for _, expected in windows])
    agrees(compare(scores, old, new))


@given(st.lists(st.tuples(LEVELS, LEVELS, st.sampled_from([0, 1, None])), max_size=12), LEVELS, LEVELS)
def test_so_they_are_for_classification(windows: Any, old: float, new: float) -> None:
    flat = array("d", [score for *pair, _ in windows for score in pair])
    agrees(compare(ClassificationScores(("a", "b"), flat, [label for *_, label in windows], 2), old, new))


@given(st.lists(LEVELS | st.none(), max_size=12), LEVELS, LEVELS)
def test_so_they_are_for_errors(errors: Any, old: float, new: float) -> None:
    agrees(compare(ErrorScores(errors), old, new))


def agrees(found: WhatIfComparison) -> None:
    flips = list(found.flips)
    assert found.better == sum(flip.right_after is True and flip.right_before is False for flip in flips)
    assert found.worse == sum(flip.right_before is True and flip.right_after is False for flip in flips)


def test_below_the_lowest_box_that_the_service_keeps_nothing_is_known() -> None:
    scores = DetectionScores(("bolt",), [2], [0.6, 0.9], [0, 0], [True, False], [0, 1], lowest=0.5)
    found = compare(scores, 0.5, 0.3)
    assert (found.before.known, found.after.known) == (True, False)
    assert found.lowest == 0.5


# By another method


IMAGES = VisualAnomalyScores(
    expected=(True, False, None), given=(4.0, 1.0, 3.0), method="max", maxima=(4.0, 1.0, 3.0), means=(2.0, 0.5, 3.0)
)


def test_another_method_is_another_score() -> None:
    found = Comparer(IMAGES).compare(DecisionSetting(2.5, "max"), DecisionSetting(2.5, "mean"))
    assert found is not None
    assert [(flip.index, flip.before, flip.after) for flip in found.flips] == [(0, "anomaly", "no anomaly")]
    assert (found.better, found.worse) == (0, 1)
    assert found.after.point.recall == 0


def test_a_method_that_nobody_knows_has_no_what_if() -> None:
    assert (
        Comparer(IMAGES).compare(DecisionSetting(2.5, "max"), DecisionSetting(2.5, "median of the odd cells")) is None
    )


@given(
    st.lists(st.tuples(LEVELS, LEVELS, st.sampled_from([True, False, None])), min_size=1, max_size=10), LEVELS, LEVELS
)
def test_by_another_method_each_image_is_decided_anew(images: Any, old: float, new: float) -> None:
    scores = VisualAnomalyScores(
        expected=[expected for *_, expected in images],
        given=[most for most, *_ in images],
        method="max",
        maxima=[most for most, *_ in images],
        means=[mean for _, mean, _ in images],
    )
    found = Comparer(scores).compare(DecisionSetting(old, "max"), DecisionSetting(new, "mean"))
    assert found is not None
    flipped = {index for index, (most, mean, _) in enumerate(images) if (most > old) != (mean > new)}
    assert {flip.index for flip in found.flips} == flipped
    assert len(found.flips) == len(flipped)
    agrees(found)
