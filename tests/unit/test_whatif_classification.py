"""What a score threshold of a classifier comes to, against confusion tables made by hand. All scores are synthetic."""

from array import array
from math import nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.whatif import Flip, foreign, what_if
from eitui.domain.detail import UNCERTAIN, ClassScore
from eitui.domain.scores import NO_SCORE, ClassificationScores, WindowPlace, Windows

# label, then scores of (no, yes):  best  right
ROWS: list[tuple[int | None, float, float]] = [
    (0, 0.9, 0.1),  # 0  no  .90  right
    (0, 0.7, 0.3),  # 1  no  .70  right
    (0, 0.2, 0.8),  # 2  yes .80  wrong
    (0, 0.45, 0.55),  # 3  yes .55  wrong
    (1, 0.1, 0.9),  # 4  yes .90  right
    (1, 0.4, 0.6),  # 5  yes .60  right
    (1, 0.7, 0.3),  # 6  no  .70  wrong
    (None, 0.35, 0.65),  # 7  yes .65  no label
]
SCORES = ClassificationScores(
    ("no", "yes"),
    array("d", [score for _, *pair in ROWS for score in pair]),
    [label for label, *_ in ROWS],
    2,
    Windows(("a", "b"), [0, 0, 0, 0, 1, 1, 1, 1], [0, 1, 2, 3, 0, 1, 2, 3]),
)


def test_at_0_every_window_gets_its_best_class() -> None:
    """The table is no: 2 no, 2 yes; yes: 1 no, 2 yes."""
    outcome = what_if(SCORES).at(0.0)
    assert outcome.classes == (
        ClassScore("no", 2 / 3, 2 / 4, 4 / 7, 4),
        ClassScore("yes", 2 / 4, 2 / 3, 4 / 7, 3),
    )
    point = outcome.point
    assert point.precision == pytest.approx((2 / 3 + 2 / 4) / 2)
    assert point.recall == pytest.approx((2 / 4 + 2 / 3) / 2)
    assert point.f1 == pytest.approx(4 / 7)
    assert point.accuracy == pytest.approx(4 / 7)
    assert point.uncertain == 0
    assert (outcome.labelled, outcome.windows) == (7, 8)


def test_below_the_threshold_a_window_is_uncertain() -> None:
    """At 0.7 windows 3, 5 and 7 are uncertain: no has 2 no, 1 yes; yes has 1 no, 1 yes."""
    outcome = what_if(SCORES).at(0.7)
    assert outcome.classes == (
        ClassScore("no", 2 / 3, 2 / 4, 4 / 7, 4),
        ClassScore("yes", 1 / 2, 1 / 3, 2 / 5, 3),
    )
    assert outcome.point.accuracy == pytest.approx(3 / 7)
    assert outcome.point.uncertain == pytest.approx(3 / 8)
    assert outcome.point.f1 == pytest.approx((4 / 7 + 2 / 5) / 2)


def test_a_class_that_is_never_predicted_counts_as_0_in_the_mean() -> None:
    scores = ClassificationScores(("no", "yes"), [0.9, 0.1, 0.6, 0.4], [0, 1], 2)
    outcome = what_if(scores).at(0.5)
    assert outcome.classes == (ClassScore("no", 0.5, 1.0, 2 / 3, 1), ClassScore("yes", None, 0.0, 0.0, 1))
    assert (outcome.point.precision, outcome.point.recall, outcome.point.f1) == (0.25, 0.5, pytest.approx(1 / 3))


def test_above_all_scores_nothing_is_predicted() -> None:
    point = what_if(SCORES).at(1.0).point
    assert (point.precision, point.recall, point.f1, point.accuracy, point.uncertain) == (None, 0, 0, 0, 1)


def test_a_label_that_the_network_does_not_know_is_always_wrong() -> None:
    scores = ClassificationScores(("no", "yes", "noise"), [0.9, 0.1, 0.2, 0.8], [0, 2], 2)
    outcome = what_if(scores).at(0.5)
    assert outcome.classes == (
        ClassScore("no", 1.0, 1.0, 1.0, 1),
        ClassScore("yes", None, support=0),
        ClassScore("noise", None, 0.0, 0.0, 1),
    )
    assert outcome.point.accuracy == 0.5
    assert outcome.point.recall == 1.0


def test_windows_of_a_label_that_the_block_cannot_say_are_in_no_mean() -> None:
    """Beside the table at 0 of `ROWS` (no: 2 no, 2 yes; yes: 1 no, 2 yes) three anomalies: 1 no, 1 yes, 1 uncertain."""
    others = [(2, 0.8, 0.2), (2, 0.1, 0.9), (2, NO_SCORE, NO_SCORE)]
    rows = [*ROWS, *others]
    scores = ClassificationScores(
        ("no", "yes", "anomaly"),
        array("d", [score for _, *pair in rows for score in pair]),
        [label for label, *_ in rows],
        2,
    )
    point, without = what_if(scores).at(0.0).point, what_if(SCORES).at(0.0).point
    assert point.precision == pytest.approx((2 / 3 + 2 / 4) / 2)
    assert point.recall == pytest.approx((2 / 4 + 2 / 3) / 2)
    assert point.f1 == pytest.approx(4 / 7)
    assert (point.precision, point.recall, point.f1) == (without.precision, without.recall, without.f1)
    assert point.accuracy == pytest.approx(4 / 10)
    assert point.uncertain == pytest.approx(1 / 11)
    assert foreign(scores) == {"anomaly": 3}
    assert foreign(SCORES) == {}


def test_windows_without_a_score_are_uncertain_at_any_threshold() -> None:
    scores = ClassificationScores(("no", "yes"), [NO_SCORE, NO_SCORE, nan, 0.6], [0, 1], 2)
    outcome = what_if(scores).at(0.0)
    assert outcome.point.uncertain == 0.5
    assert outcome.point.accuracy == 0.5


def test_no_windows_have_no_figures() -> None:
    what = what_if(ClassificationScores((), [], [], 0))
    point = what.at(0.5).point
    assert (point.precision, point.recall, point.f1, point.accuracy, point.uncertain) == (None,) * 5
    assert len(what.flips(0.0, 1.0)) == 0
    assert len(what.curve(5)) == 5


def test_flips_are_the_windows_between_the_thresholds_those_nearest_the_new_one_first() -> None:
    flips = what_if(SCORES).flips(0.6, 0.8)
    assert [flip.index for flip in flips] == [6, 1, 7, 5]
    assert flips[0] == Flip(6, 0.7, "yes", "no", UNCERTAIN, False, False, WindowPlace("b", 2))
    assert flips[1] == Flip(1, 0.7, "no", "no", UNCERTAIN, True, False, WindowPlace("a", 1))
    assert flips[2] == Flip(7, 0.65, "", "yes", UNCERTAIN, None, None, WindowPlace("b", 3))
    back = what_if(SCORES).flips(0.8, 0.6)
    assert [flip.index for flip in back] == [5, 7, 1, 6]
    assert back[0] == Flip(5, 0.6, "yes", UNCERTAIN, "yes", False, True, WindowPlace("b", 1))
    assert back[1:3] == [back[1], back[2]]
    assert len(what_if(SCORES).flips(0.6, 0.6)) == 0


def test_the_curve_is_what_the_thresholds_come_to_and_is_computed_once() -> None:
    what = what_if(SCORES)
    curve = what.curve(11)
    assert [point.threshold for point in curve] == pytest.approx([place / 10 for place in range(11)])
    assert curve == tuple(what.at(point.threshold).point for point in curve)
    assert what.curve(11) is curve
    assert what.bounds == (curve[0].threshold, curve[-1].threshold) == (0.0, 1.0)


SCORE = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0]) | st.floats(0, 1)


@given(
    st.lists(st.tuples(st.none() | st.integers(0, 2), SCORE, SCORE, SCORE), max_size=25),
    SCORE,
    SCORE,
)
def test_bisecting_gives_what_counting_gives(rows: Any, old: float, new: float) -> None:
    scores = ClassificationScores(
        ("a", "b", "c"), array("d", [score for _, *row in rows for score in row]), [label for label, *_ in rows], 3
    )
    what = what_if(scores)
    decided = {at: [_decide(row, at) for _, *row in rows] for at in (old, new)}
    point = what.at(new).point
    labelled = [(label, result) for (label, *_), result in zip(rows, decided[new], strict=True) if label is not None]
    if labelled:
        assert point.accuracy == pytest.approx(sum(label == result for label, result in labelled) / len(labelled))
    if rows:
        assert point.uncertain == pytest.approx(decided[new].count(None) / len(rows))
    for place, score in enumerate(what.at(new).classes):
        predicted = [label for label, result in labelled if result == place]
        assert score.precision == (predicted.count(place) / len(predicted) if predicted else None)
        assert score.support == sum(label == place for label, _ in labelled)
    changed = {index for index in range(len(rows)) if decided[old][index] != decided[new][index]}
    assert {flip.index for flip in what.flips(old, new)} == changed


def _decide(row: list[float], threshold: float) -> int | None:
    top = max(row)
    return row.index(top) if top >= threshold else None
