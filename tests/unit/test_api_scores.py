"""Scores for the what-if, from model-testing results. All results are synthetic."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from classified import read_classify_result
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.whatif import decided_by, what_if
from eitui.api.scores import NOT_TESTED, anomaly_labels_of, leaves_truth_open, scores_of
from eitui.domain.scores import (
    DEFAULT_LABELS,
    NO_SCORE,
    AnomalyLabels,
    AnomalyScores,
    ClassificationScores,
    DetectionScores,
    ErrorScores,
    NoScores,
    Scored,
    VisualAnomalyScores,
    WindowPlace,
)
from eitui.domain.threshold import Option, Threshold, ThresholdRef


def result(*classifications: dict[str, object], kind: str = "keras", sample: object = None, **more: object) -> Scored:
    """Return the scores of block 3, from one sample for each of `classifications`."""
    results = [
        {
            "sampleId": number,
            "sample": sample or {"filename": f"file{number}", "label": "own"},
            "classifications": [{"learnBlock": {"id": 3, "type": kind}, **result}],
        }
        for number, result in enumerate(classifications, 1)
    ]
    return scores_of(read_classify_result(json.dumps({"success": True, "result": results, **more}).encode()), 3)


def labelled(*labels: str) -> list[dict[str, object]]:
    return [{"startIndex": 0, "endIndex": 1, "label": label} for label in labels]


@pytest.mark.parametrize("field", ["labelMapResult", "labelMapScores"])
def test_several_heads_are_not_taken_for_one(field: Any) -> None:
    windows: list[dict[str, Any]] = [{"side": "left", "speed": "slow"}, {}]
    if field == "labelMapScores":
        windows = [{"side": {"left": 0.9}, "speed": {"slow": 0.4}}]
    for scores in ([], [{"left": 0.9, "slow": 0.4}]):
        found = result({"result": scores, field: windows, "expectedLabels": labelled("left")})
        assert found == NoScores(
            "This block has a class for each of several keys (side, speed): no what-if for all at once"
        )


@pytest.mark.parametrize("windows", [None, [], "x", [1], [{"side": "left"}], [{}]])
def test_one_head_is_an_ordinary_classification(windows: Any) -> None:
    found = result({"result": [{"no": 0.9}], "labelMapResult": windows, "expectedLabels": labelled("no")})
    assert isinstance(found, ClassificationScores)


def test_classification() -> None:
    scores = result(
        {"result": [{"no": 0.9, "yes": 0.1}, {"no": 0.2, "yes": 0.8}], "expectedLabels": labelled("no", "noise")},
        {"result": [{"yes": 1}, {}], "expectedLabels": labelled("yes", "")},
    )
    assert isinstance(scores, ClassificationScores)
    assert scores.labels == ("no", "yes", "noise")
    assert scores.classes == 2
    assert list(scores.scores) == [0.9, 0.1, 0.2, 0.8, NO_SCORE, 1, NO_SCORE, NO_SCORE]
    assert scores.expected == [0, 2, 1, None]
    assert [scores.windows.place(window) for window in (1, 2, 3, 4)] == [
        WindowPlace("file1", 1),
        WindowPlace("file2", 0),
        WindowPlace("file2", 1),
        None,
    ]
    assert what_if(scores).at(0.5).point.accuracy == pytest.approx(2 / 3)


def test_an_anomaly_score_beside_the_classes_is_no_class() -> None:
    beside = result(
        {"result": [{"idle": 0.0002, "wave": 0.9998, "anomaly": -0.42}], "expectedLabels": labelled("wave")}
    )
    assert isinstance(beside, ClassificationScores)
    assert beside.labels == ("idle", "wave")
    among = result({"result": [{"idle": 0.3, "anomaly": 0.7}], "expectedLabels": labelled("idle")})
    assert isinstance(among, ClassificationScores)
    assert among.labels == ("idle", "anomaly")


@pytest.mark.parametrize("kind", ["anomaly", "anomaly-gmm", "keras-anomaly", ""])
def test_anomalies(kind: str) -> None:
    scores = result(
        {"result": [{"anomaly": 0.4}, {"anomaly": -1.5}], "expectedLabels": labelled("anomaly", "idle")},
        {"result": [{"anomaly": None}, {"anomaly": 2}], "expectedLabels": labelled("no anomaly", "")},
        kind=kind,
    )
    assert isinstance(scores, AnomalyScores)
    assert list(scores.scores) == [0.4, -1.5, NO_SCORE, 2]
    assert scores.expected == [True, None, False, None]
    assert scores.labels == ["anomaly", "idle", "no anomaly", ""]


RELABELLED = ("worn bearing", "healthy", "worn bearing", "healthy", "anomaly", "new")
"""Labels of windows with the scores 1 to 6: above a threshold of 2.5 there are four of them."""


def relabelled(outcomes: Sequence[str] = (), labels: AnomalyLabels = DEFAULT_LABELS) -> AnomalyScores:
    windows = {
        "learnBlock": {"id": 3, "type": "anomaly-gmm"},
        "result": [{"anomaly": number} for number in range(1, 7)],
        "expectedLabels": labelled(*RELABELLED),
        "expectedAnomalyOutcome": labelled(*outcomes),
    }
    answer = {"success": True, "result": [{"sampleId": 1, "classifications": [windows]}]}
    scores = scores_of(read_classify_result(json.dumps(answer).encode()), 3, labels)
    assert isinstance(scores, AnomalyScores)
    return scores


PROJECT = AnomalyLabels(frozenset({"worn bearing", "anomaly"}), frozenset({"healthy"}))
ALL_TOLD = ("anomaly", "no anomaly", "anomaly", "no anomaly", "anomaly", "anomaly")


@pytest.mark.parametrize(
    ("outcomes", "labels", "expected", "precision", "recall", "accuracy"),
    [
        # The service says it of every window. Flagged: bearing, healthy, anomaly, new; 3 of them of 4 anomalies.
        (ALL_TOLD, DEFAULT_LABELS, [True, False, True, False, True, True], 3 / 4, 3 / 4, 4 / 6),
        # It outranks the project's labels, and those fill in for windows of which it says nothing.
        (("no anomaly",), PROJECT, [False, False, True, False, True, None], 2 / 3, 2 / 2, 4 / 5),
        (("",) * 6, PROJECT, [True, False, True, False, True, None], 2 / 3, 2 / 3, 3 / 5),
        # Without either only the two words are known: one window, and it is flagged.
        ((), DEFAULT_LABELS, [None, None, None, None, True, None], 1.0, 1.0, 1.0),
        (("maybe",) * 6, DEFAULT_LABELS, [None, None, None, None, True, None], 1.0, 1.0, 1.0),
        # A label that the project has on both sides says nothing; neither does a word that it has on none.
        ((), AnomalyLabels(frozenset({"new", "healthy"}), frozenset({"healthy"})), [None] * 5 + [True], 1.0, 1.0, 1.0),
    ],
)
def test_the_truth_of_relabelled_anomalies_is_told_by_the_service_then_by_the_project(
    outcomes: tuple[str, ...],
    labels: AnomalyLabels,
    expected: list[bool | None],
    precision: float,
    recall: float,
    accuracy: float,
) -> None:
    scores = relabelled(outcomes, labels)
    assert scores.expected == expected
    point = what_if(scores).at(2.5).point
    assert (point.precision, point.recall, point.accuracy) == pytest.approx((precision, recall, accuracy))
    assert point.flagged == pytest.approx(4 / 6)


def test_a_window_that_flips_has_its_label_and_what_that_means() -> None:
    (flip,) = what_if(relabelled(ALL_TOLD)).flips(2.5, 3.5)
    assert (flip.expected, flip.before, flip.after) == ("worn bearing (anomaly)", "anomaly", "no anomaly")
    assert (flip.right_before, flip.right_after) == (True, False)


@pytest.mark.parametrize(
    ("config", "labels"),
    [
        ({}, DEFAULT_LABELS),
        ({"anomalyLabelsConfig": None}, DEFAULT_LABELS),
        ({"anomalyLabelsConfig": {"anomalyLabels": ["a"]}}, AnomalyLabels(frozenset("a"))),
        (
            {"anomalyLabelsConfig": {"anomalyLabels": "a", "noAnomalyLabels": []}},
            AnomalyLabels(normal=frozenset()),
        ),
    ],
)
def test_labels_of_the_project(config: dict[str, Any], labels: AnomalyLabels) -> None:
    assert anomaly_labels_of(json.dumps({"success": True, **config}).encode()) == labels


def test_the_project_is_asked_only_where_the_results_leave_it_open() -> None:
    def opened(outcomes: Sequence[str], kind: str, *labels: str) -> bool:
        window = {
            "learnBlock": {"id": 3, "type": kind},
            "result": [{"a": 1, "b": 0} if kind == "keras" else {"anomaly": 1}] * len(labels),
            "expectedLabels": labelled(*labels),
            "expectedAnomalyOutcome": labelled(*outcomes),
        }
        answer = {"success": True, "result": [{"sampleId": 1, "classifications": [window]}]}
        return leaves_truth_open(read_classify_result(json.dumps(answer).encode()), 3)

    assert opened((), "anomaly", "healthy")
    assert opened(("anomaly",), "keras-visual-anomaly", "bad", "healthy")
    assert not opened((), "anomaly", "anomaly", "no anomaly", "", "-")
    assert not opened(("anomaly",), "anomaly", "healthy")
    assert not opened((), "keras", "healthy")
    assert not leaves_truth_open(read_classify_result(b'{"result": []}'), 3)


def visual(**more: object) -> Scored:
    output = {
        "result": [{"anomaly": 3.5}],
        "anomalyResult": [{"scores": [[1, 5], [None, 0]]}],
        "expectedLabels": labelled("anomaly"),
        "thresholds": [{"key": "anomaly_scoring_aggregation_method", "value": "top_k"}],
        **more,
    }
    return result(output, kind="keras-visual-anomaly")


def test_images_with_the_scores_of_their_cells() -> None:
    scores = visual()
    assert isinstance(scores, VisualAnomalyScores)
    assert (list(scores.given), scores.method) == ([3.5], "top_k")
    assert (list(scores.maxima), list(scores.means)) == ([5], [2])
    assert scores.grids == [((1, 5), (None, 0))]
    assert scores.expected == [True]


def test_images_without_a_score_of_their_own_have_the_highest_of_their_cells() -> None:
    scores = visual(result=[])
    assert isinstance(scores, VisualAnomalyScores)
    assert (list(scores.given), scores.method) == ([5], "max")
    assert isinstance(visual(result=[], anomalyResult=[{}]), NoScores)


TRUE = [
    {"label": "bolt", "x": 10, "y": 20, "width": 40, "height": 40},
    {"label": "nut", "x": 0, "y": 0, "width": 8, "height": 8},
]
IMAGE = {"filename": "a", "boundingBoxes": TRUE, "imageDimensions": {"width": 100, "height": 200}}


def boxes(
    *found: tuple[str, list[float], float], sample: object = None, last_layer: str = "yolox", **more: object
) -> Scored:
    structured = {
        "boxes": [sides for _, sides, _ in found],
        "labels": [label for label, *_ in found],
        "scores": [score for *_, score in found],
    }
    output = {"structuredResult": [structured], "objectDetectionLastLayer": last_layer, **more}
    return result(output, kind="keras-object-detection", sample=sample or IMAGE)


def test_boxes_are_fractions_and_objects_pixels() -> None:
    thresholds = [
        {"key": "min_score", "value": 0.3},
        {"key": "min_score_box", "value": 0.5},
        {"key": "unclip_ratio", "value": 2},
    ]
    scores = boxes(
        ("bolt", [0.1, 0.1, 0.4, 0.2], 0.9), ("bolt", [0.1, 0.1, 0.4, 0.2], 0.8), ("cat", [0, 0, 1, 1], 0.7),
        thresholds=thresholds,
    )  # fmt: skip
    assert isinstance(scores, DetectionScores)
    assert scores.labels == ("bolt", "nut", "cat")
    assert scores.objects == [1, 1, 0]
    assert (list(scores.scores), scores.label_of, scores.matched) == ([0.9, 0.8, 0.7], [0, 0, 2], [True, False, False])
    assert (scores.images, scores.lowest) == ([0, 0, 0], 0.5)
    assert scores.windows.place(0) == WindowPlace("a", 0)
    assert "overlap" in scores.matching


def test_boxes_in_pixels_are_compared_as_they_are() -> None:
    scores = boxes(("bolt", [10, 20, 40, 40], 0.9))
    assert isinstance(scores, DetectionScores)
    assert scores.matched == [True]
    assert scores.lowest is None


def test_fomo_finds_centres() -> None:
    cell = ("bolt", [0.2, 0.2, 0.05, 0.05], 0.9)
    for last_layer, hit in (("fomo", True), ("yolox", False)):
        scores = boxes(cell, last_layer=last_layer)
        assert isinstance(scores, DetectionScores)
        assert scores.matched == [hit]


def test_images_of_unknown_size() -> None:
    found = ("bolt", [0.1, 0.1, 0.4, 0.2], 0.9)
    assert boxes(found, sample={"boundingBoxes": TRUE}) == NoScores(
        "The service does not say how large the images are that the boxes are in"
    )
    empty = boxes(found, sample={"filename": "a"})
    assert isinstance(empty, DetectionScores)
    assert (empty.objects, empty.matched) == ([0], [False])
    assert isinstance(boxes(sample={"filename": "a"}), NoScores)


def test_regression() -> None:
    scores = result(
        {"result": [{"value": 2.5}, {"value": 1}], "expectedLabels": labelled("4.0", "x")},
        {"result": [{}], "expectedLabels": labelled("1")},
        kind="keras-regression",
    )
    assert isinstance(scores, ErrorScores)
    assert scores.errors == [1.5, None, None]
    assert isinstance(result({"result": [{"value": 1}]}, kind="keras-regression"), NoScores)


def test_why_there_are_no_scores() -> None:
    assert scores_of(read_classify_result(b'{"result": []}'), 3) == NOT_TESTED
    changed = b'{"result": [], "noResultsBecauseThresholdsChanged": "should_rerun_full_job"}'
    assert scores_of(read_classify_result(changed), 3) == NoScores(
        "There are no model-testing results of this block since the thresholds changed", untested=True
    )
    another = b'{"result": [{"classifications": [{"learnBlock": {"id": 4}, "result": [{"a": 1}]}]}]}'
    assert scores_of(read_classify_result(another), 3) == NoScores(
        "There are no model-testing results of this block", untested=True
    )
    assert isinstance(result({"result": [{}]}), NoScores)
    assert isinstance(result({"result": [{}]}, kind="anomaly"), NoScores)


def threshold(key: str, value: float | str, *options: Option) -> Threshold:
    return Threshold(ThresholdRef(1, 3, key), value=value, options=options)


def test_which_threshold_the_scores_are_compared_with() -> None:
    score, box, ratio = (threshold(key, 0.5) for key in ("min_score", "min_score_box", "unclip_ratio"))
    method = threshold("method", "max", Option("max"))
    classes = ClassificationScores(("a",), [1.0], [0], 1)
    assert decided_by(classes, [method, score]) == (score,)
    assert decided_by(DetectionScores(("a",), [0], [], [], []), [ratio, box, score]) == (box, score)
    unknown = threshold("distance", 3)
    assert decided_by(AnomalyScores([1.0], [True]), [method, unknown]) == (unknown,)
    assert decided_by(ErrorScores([1.0]), [unknown, ratio]) == ()


SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "label", "scores"]), inner),
    max_leaves=6,
)
SAID = st.dictionaries(
    st.sampled_from(["result", "anomalyResult", "structuredResult", "expectedLabels", "thresholds"]), SHAPES
)
KINDS = ["keras", "anomaly", "keras-visual-anomaly", "keras-object-detection", "keras-regression", "keras-freeform", ""]


@given(st.lists(SAID, max_size=3), st.sampled_from(KINDS), st.floats(-1, 2))
def test_no_result_whatever_raises(output: Any, kind: str, at: Any) -> None:
    scores = result(*output, kind=kind)
    if isinstance(scores, VisualAnomalyScores):
        scores = scores.by("max") or NoScores("")
    if not isinstance(scores, NoScores):
        outcome = what_if(scores).at(at)
        assert outcome.point.accuracy is None or 0 <= outcome.point.accuracy <= 1
