"""What a threshold of an anomaly block, or of a regression, comes to. All scores are synthetic."""

from itertools import pairwise
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.whatif import RIGHT, WRONG, Flip, what_if
from eitui.domain.detail import ClassScore
from eitui.domain.scores import (
    ANOMALY,
    NO_SCORE,
    NORMAL,
    AnomalyScores,
    ErrorScores,
    VisualAnomalyScores,
    WindowPlace,
    Windows,
)

SCORES = AnomalyScores(
    [-0.4, 0.1, 0.3, 0.9, 0.3, 1.2, 2.5],
    [False, False, False, False, True, True, None],
    ["idle", "idle", "wave", "wave", "bang", "bang", ""],
    Windows(("x",), [0] * 7, list(range(7))),
)


def test_above_the_threshold_a_window_is_an_anomaly() -> None:
    """At 0.2: anomalies 2 of 2 found; of 4 normal ones 2 are taken for anomalies."""
    outcome = what_if(SCORES).at(0.2)
    assert outcome.classes == (
        ClassScore(NORMAL, 2 / 2, 2 / 4, 4 / 6, 4),
        ClassScore(ANOMALY, 2 / 4, 2 / 2, 4 / 6, 2),
    )
    point = outcome.point
    assert (point.precision, point.recall, point.f1) == (0.5, 1.0, pytest.approx(2 / 3))
    assert point.accuracy == pytest.approx(4 / 6)
    assert point.flagged == pytest.approx(5 / 7)
    assert point.uncertain is None
    assert (outcome.labelled, outcome.windows) == (6, 7)


def test_a_score_that_is_the_threshold_is_none() -> None:
    assert what_if(SCORES).at(1.2).point.flagged == pytest.approx(1 / 7)
    assert [flip.index for flip in what_if(SCORES).flips(1.1, 1.2)] == [5]


def test_a_higher_threshold_finds_fewer() -> None:
    point = what_if(SCORES).at(1.0).point
    assert (point.precision, point.recall, point.accuracy) == (1.0, 0.5, pytest.approx(5 / 6))
    above = what_if(SCORES).at(3.0).point
    assert (above.precision, above.recall, above.f1, above.flagged) == (None, 0.0, 0.0, 0.0)


def test_without_anomalies_among_the_data_there_is_no_recall() -> None:
    outcome = what_if(AnomalyScores([0.1, 0.9], [False, False])).at(0.5)
    assert (outcome.point.recall, outcome.point.f1, outcome.point.precision) == (None, None, 0.0)
    assert outcome.point.accuracy == 0.5
    assert outcome.classes[1] == ClassScore(ANOMALY, 0.0, support=0)


def test_flips() -> None:
    flips = what_if(SCORES).flips(0.2, 1.0)
    assert [flip.index for flip in flips] == [3, 4, 2]
    assert flips[0] == Flip(3, 0.9, "wave", ANOMALY, NORMAL, False, True, WindowPlace("x", 3))
    assert flips[1] == Flip(4, 0.3, "bang (anomaly)", ANOMALY, NORMAL, True, False, WindowPlace("x", 4))
    assert [(flip.before, flip.after) for flip in what_if(SCORES).flips(3.0, 2.0)] == [(NORMAL, ANOMALY)]


@pytest.mark.parametrize(
    ("scores", "bounds"),
    [
        ([], (0, 1)),
        ([5.25], (0, 5.25)),
        ([-2.0, -2.0], (-2, 1)),
        ([1.5, NO_SCORE, 40.0, inf, nan], (1.5, 40)),
        ([-1e308, 1e308], (-1e308, 1e308)),
    ],
)
def test_the_curve_goes_from_the_lowest_to_the_highest_score(scores: Any, bounds: tuple[float, ...]) -> None:
    what = what_if(AnomalyScores(scores, [True] * len(scores)))
    assert what.bounds == bounds
    curve = what.curve(7)
    assert (curve[0].threshold, curve[-1].threshold) == bounds
    assert all(one.threshold < other.threshold for one, other in pairwise(curve))


def test_a_window_without_a_score_is_never_an_anomaly() -> None:
    point = what_if(AnomalyScores([NO_SCORE, 2.0], [True, True])).at(-1e300).point
    assert (point.recall, point.flagged) == (0.5, 0.5)


@given(
    st.lists(st.tuples(st.floats(-5, 5), st.sampled_from([True, False, None])), max_size=30),
    st.floats(-6, 6),
    st.floats(-6, 6),
)
def test_bisecting_gives_what_counting_gives(rows: Any, old: float, new: float) -> None:
    what = what_if(AnomalyScores([score for score, _ in rows], [expected for _, expected in rows]))
    found = [expected for score, expected in rows if score > new]
    point = what.at(new).point
    wrong = found.count(False)
    assert point.precision == (found.count(True) / (found.count(True) + wrong) if found.count(True) + wrong else None)
    changed = {index for index, (score, _) in enumerate(rows) if (score > old) != (score > new)}
    assert {flip.index for flip in what.flips(old, new)} == changed


def test_images_are_scored_by_the_method_of_the_block() -> None:
    images = VisualAnomalyScores([True], [4.0], "top_k", [5.0], [2.0], [((1.0, 5.0), (None, 0.0))], ["crack"])
    for word, score in (("max", 5.0), ("", 4.0), ("Maximum", 5.0), ("mean", 2.0), ("cell_average", 2.0), ("top_k", 4)):
        by = images.by(word)
        assert by is not None
        assert (list(by.scores), by.expected, by.labels) == ([score], [True], ["crack"])
    assert images.by("median") is None
    assert VisualAnomalyScores([True], [4.0]).by("max") is None


def test_up_to_the_error_a_window_of_a_regression_is_right() -> None:
    what = what_if(ErrorScores([0.5, 4.2, None, 1.0, nan]))
    assert what.at(1.0).point.accuracy == pytest.approx(2 / 3)
    assert what.at(-1.0).point.accuracy == 0
    assert (what.at(1.0).labelled, what.at(1.0).windows) == (3, 5)
    assert what.at(1.0).point.precision is None
    assert what.bounds == (0, 4.2)
    assert [flip.index for flip in what.flips(0.1, 4.2)] == [1, 3, 0]
    assert what.flips(1.0, 0.9)[0] == Flip(3, 1.0, RIGHT, RIGHT, WRONG, True, False)
    assert what_if(ErrorScores([])).at(1).point.accuracy is None
    assert len(what_if(ErrorScores([0.0])).curve(3)) == 3
