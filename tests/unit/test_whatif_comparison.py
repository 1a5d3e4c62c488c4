"""Two settings side by side, against counting window by window. All scores are synthetic."""

from array import array
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from eitui.domain.scores import (
    AnomalyScores,
    ClassificationScores,
    DetectionScores,
    ErrorScores,
    VisualAnomalyScores,
)
from eitui.thresholds.whatif import Comparer, DecisionSetting, WhatIfComparison

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
