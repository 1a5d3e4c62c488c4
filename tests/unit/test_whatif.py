"""What a threshold comes to, for each kind of learn block, against tables made by hand. All scores are synthetic."""

from array import array
from itertools import pairwise
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.whatif import DROPPED, NOTHING_THERE, RIGHT, WRONG, Flip, foreign, what_if
from eitui.api.classify import PredictedBox
from eitui.api.scores import centred, match, overlap
from eitui.domain.detail import UNCERTAIN, ClassScore
from eitui.domain.scores import (
    ANOMALY,
    NO_SCORE,
    NORMAL,
    AnomalyScores,
    ClassificationScores,
    DetectionScores,
    ErrorScores,
    VisualAnomalyScores,
    WindowPlace,
    Windows,
)

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


SCORES_ANOMALY = AnomalyScores(
    [-0.4, 0.1, 0.3, 0.9, 0.3, 1.2, 2.5],
    [False, False, False, False, True, True, None],
    ["idle", "idle", "wave", "wave", "bang", "bang", ""],
    Windows(("x",), [0] * 7, list(range(7))),
)


def test_above_the_threshold_a_window_is_an_anomaly() -> None:
    """At 0.2: anomalies 2 of 2 found; of 4 normal ones 2 are taken for anomalies."""
    outcome = what_if(SCORES_ANOMALY).at(0.2)
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
    assert what_if(SCORES_ANOMALY).at(1.2).point.flagged == pytest.approx(1 / 7)
    assert [flip.index for flip in what_if(SCORES_ANOMALY).flips(1.1, 1.2)] == [5]


def test_a_higher_threshold_finds_fewer() -> None:
    point = what_if(SCORES_ANOMALY).at(1.0).point
    assert (point.precision, point.recall, point.accuracy) == (1.0, 0.5, pytest.approx(5 / 6))
    above = what_if(SCORES_ANOMALY).at(3.0).point
    assert (above.precision, above.recall, above.f1, above.flagged) == (None, 0.0, 0.0, 0.0)


def test_without_anomalies_among_the_data_there_is_no_recall() -> None:
    outcome = what_if(AnomalyScores([0.1, 0.9], [False, False])).at(0.5)
    assert (outcome.point.recall, outcome.point.f1, outcome.point.precision) == (None, None, 0.0)
    assert outcome.point.accuracy == 0.5
    assert outcome.classes[1] == ClassScore(ANOMALY, 0.0, support=0)


def test_flips() -> None:
    flips = what_if(SCORES_ANOMALY).flips(0.2, 1.0)
    assert [flip.index for flip in flips] == [3, 4, 2]
    assert flips[0] == Flip(3, 0.9, "wave", ANOMALY, NORMAL, False, True, WindowPlace("x", 3))
    assert flips[1] == Flip(4, 0.3, "bang (anomaly)", ANOMALY, NORMAL, True, False, WindowPlace("x", 4))
    assert [(flip.before, flip.after) for flip in what_if(SCORES_ANOMALY).flips(3.0, 2.0)] == [(NORMAL, ANOMALY)]


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
def test_bisecting_gives_what_counting_gives_anomaly(rows: Any, old: float, new: float) -> None:
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


SCORES_DETECTION = DetectionScores(
    labels=("bolt", "nut"),
    objects=[3, 2],
    scores=[0.9, 0.4, 0.6, 0.8, 0.3],
    label_of=[0, 0, 0, 1, 1],
    matched=[True, True, False, True, False],
    images=[0, 0, 1, 1, 1],
    windows=Windows(("a", "b"), [0, 1], [0, 0]),
    lowest=0.25,
)


def test_boxes_from_the_threshold_on_count() -> None:
    """At 0.5: bolt 1 right of 2 boxes and 3 objects, nut 1 right of 1 box and 2 objects."""
    outcome = what_if(SCORES_DETECTION).at(0.5)
    assert outcome.classes == (ClassScore("bolt", 1 / 2, 1 / 3, 2 / 5, 3), ClassScore("nut", 1.0, 1 / 2, 2 / 3, 2))
    point = outcome.point
    assert (point.precision, point.recall, point.f1) == (pytest.approx(2 / 3), pytest.approx(2 / 5), 0.5)
    assert point.flagged == pytest.approx(3 / 5)
    assert point.accuracy is None
    assert (outcome.labelled, outcome.windows, outcome.known) == (5, 5, True)


def test_of_thresholds_below_what_the_service_sent_nothing_is_known() -> None:
    assert what_if(SCORES_DETECTION).at(0.25).known
    assert not what_if(SCORES_DETECTION).at(0.2).known


def test_without_boxes_or_objects_there_are_no_figures() -> None:
    nothing = what_if(DetectionScores(("bolt",), [0], [], [], [])).at(0.5)
    assert (nothing.point.precision, nothing.point.recall, nothing.point.f1) == (None, None, None)
    unseen = what_if(DetectionScores(("bolt",), [2], [], [], [])).at(0.5)
    assert (unseen.point.precision, unseen.point.recall, unseen.point.f1) == (None, 0.0, 0.0)


def test_what_flips_is_a_box() -> None:
    flips = what_if(SCORES_DETECTION).flips(0.35, 0.7)
    assert list(flips) == [
        Flip(2, 0.6, NOTHING_THERE, "bolt", DROPPED, False, True, WindowPlace("b", 0)),
        Flip(1, 0.4, "bolt", "bolt", DROPPED, True, False, WindowPlace("a", 0)),
    ]
    assert [(flip.before, flip.after) for flip in what_if(SCORES_DETECTION).flips(0.35, 0.3)] == [(DROPPED, "nut")]


def test_a_box_is_over_an_object_from_half_of_the_union_on() -> None:
    target = PredictedBox("bolt", 0, 0, 10, 10)
    assert overlap(PredictedBox("bolt", 0, 0, 10, 5), target) == 0.5
    assert overlap(PredictedBox("bolt", 0, 0, 10, 4.9), target) == 0
    assert overlap(PredictedBox("bolt", 10, 0, 10, 10), target) == 0
    assert overlap(PredictedBox("bolt", 0, 0, -10, 10), target) == 0
    assert centred(PredictedBox("bolt", 4, 4, 1, 1), target) == 1
    assert centred(PredictedBox("bolt", 10, 10, 1, 1), target) == 0


def test_the_best_score_chooses_first_and_each_object_is_found_once() -> None:
    target = PredictedBox("bolt", 0, 0, 10, 10)
    close, exact, other = (
        PredictedBox("bolt", 0, 0, 10, 9, 0.9),
        PredictedBox("bolt", 0, 0, 10, 10, 0.8),
        PredictedBox("nut", 0, 0, 10, 10, 0.99),
    )
    assert match([exact, close, other], [target]) == [False, True, False]
    assert match([exact, close], [target, PredictedBox("bolt", 0, 1, 10, 9)]) == [True, True]
    assert match([], [target]) == []
    assert match([exact], []) == [False]


COORDINATE = st.integers(0, 6)
BOXES = st.lists(
    st.builds(
        PredictedBox,
        st.sampled_from(["bolt", "nut"]),
        COORDINATE,
        COORDINATE,
        st.integers(1, 4),
        st.integers(1, 4),
        st.floats(0, 1),
    ),
    max_size=8,
)


@given(BOXES, BOXES, st.floats(0, 1))
def test_leaving_out_low_scores_does_not_change_how_the_others_match(
    boxes: Any, objects: Any, threshold: float
) -> None:
    kept = [index for index, box in enumerate(boxes) if (box.score or 0) >= threshold]
    before = match(boxes, objects)
    assert match([boxes[index] for index in kept], objects) == [before[index] for index in kept]
