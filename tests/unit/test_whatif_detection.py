"""What a score threshold of object detection comes to. All boxes are synthetic."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.whatif import DROPPED, NOTHING_THERE, Flip, what_if
from eitui.api.classify import PredictedBox
from eitui.api.scores import centred, match, overlap
from eitui.domain.detail import ClassScore
from eitui.domain.scores import DetectionScores, WindowPlace, Windows

SCORES = DetectionScores(
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
    outcome = what_if(SCORES).at(0.5)
    assert outcome.classes == (ClassScore("bolt", 1 / 2, 1 / 3, 2 / 5, 3), ClassScore("nut", 1.0, 1 / 2, 2 / 3, 2))
    point = outcome.point
    assert (point.precision, point.recall, point.f1) == (pytest.approx(2 / 3), pytest.approx(2 / 5), 0.5)
    assert point.flagged == pytest.approx(3 / 5)
    assert point.accuracy is None
    assert (outcome.labelled, outcome.windows, outcome.known) == (5, 5, True)


def test_of_thresholds_below_what_the_service_sent_nothing_is_known() -> None:
    assert what_if(SCORES).at(0.25).known
    assert not what_if(SCORES).at(0.2).known


def test_without_boxes_or_objects_there_are_no_figures() -> None:
    nothing = what_if(DetectionScores(("bolt",), [0], [], [], [])).at(0.5)
    assert (nothing.point.precision, nothing.point.recall, nothing.point.f1) == (None, None, None)
    unseen = what_if(DetectionScores(("bolt",), [2], [], [], [])).at(0.5)
    assert (unseen.point.precision, unseen.point.recall, unseen.point.f1) == (None, 0.0, 0.0)


def test_what_flips_is_a_box() -> None:
    flips = what_if(SCORES).flips(0.35, 0.7)
    assert list(flips) == [
        Flip(2, 0.6, NOTHING_THERE, "bolt", DROPPED, False, True, WindowPlace("b", 0)),
        Flip(1, 0.4, "bolt", "bolt", DROPPED, True, False, WindowPlace("a", 0)),
    ]
    assert [(flip.before, flip.after) for flip in what_if(SCORES).flips(0.35, 0.3)] == [(DROPPED, "nut")]


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
