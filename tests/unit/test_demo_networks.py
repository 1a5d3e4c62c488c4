"""Learning curves and evaluations of simulated networks."""

import json
from statistics import mean
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.demo.curves import curve
from eitui.demo.evaluation import Detail, device_performance, metrics, report
from eitui.demo.families import DETECTION, KEYWORDS, REGRESSION, Task
from eitui.demo.specs import VALIDATION_SAMPLES, Fates, Rounds, Spec, draw_specs

seeds = st.integers(0, 10_000)


def specs_of(task: Task, seed: int, *, diverging: float = 0.0) -> tuple[Spec, ...]:
    return draw_specs(task, Rounds((12,), 1), Fates(0, 1, 0, diverging), seed)


def evaluations(task: Task, spec: Spec, detail: Detail) -> Any:
    return json.loads(json.dumps(metrics(task, spec, detail)))


@given(seeds)
def test_a_curve_saturates_near_what_the_finished_network_gets(seed: int) -> None:
    for spec in specs_of(KEYWORDS, seed):
        points = curve(spec, 1, "classification", 4, seed)
        last = [point.val_accuracy for point in points[-5:] if point.val_accuracy is not None]
        assert len(points) == spec.epochs
        assert abs(mean(last) - spec.correct_float32 / VALIDATION_SAMPLES) < 0.06
        assert points[0].loss is not None
        assert points[-1].loss is not None
        assert points[-1].loss < points[0].loss
        assert all(0 <= share <= 1 for point in points for share in (point.accuracy or 0, point.val_accuracy or 0))


def test_some_curves_overfit() -> None:
    ends = []
    for seed in range(5):
        for spec in specs_of(KEYWORDS, seed):
            losses = [point.val_loss or 0 for point in curve(spec, 1, "classification", 4, seed)]
            ends.append(mean(losses[-3:]) - min(losses))
    assert 0 < sum(end > 0.04 for end in ends) < len(ends) / 2


@given(seeds)
def test_a_diverging_network_ends_as_null_after_it_blew_up(seed: int) -> None:
    for spec in specs_of(KEYWORDS, seed, diverging=1.0):
        if spec.diverges:
            points = curve(spec, 1, "classification", 4, seed)
            assert points[0].loss is not None
            assert points[-1].loss is points[-1].val_loss is None


def test_another_attempt_learns_differently() -> None:
    spec = specs_of(KEYWORDS, 1)[0]
    assert curve(spec, 1, "classification", 4, 1) != curve(spec, 2, "classification", 4, 1)


@given(seeds)
def test_accuracy_matrix_and_report_agree(seed: int) -> None:
    for spec in specs_of(KEYWORDS, seed)[:3]:
        for precisions in evaluations(KEYWORDS, spec, Detail(1, 0, seed)).values():
            for evaluation in precisions.values():
                matrix, text = evaluation["confusionMatrix"], evaluation["report"]
                right = sum(matrix[index][index] for index in range(4))
                assert sum(map(sum, matrix)) == VALIDATION_SAMPLES
                assert min(min(row) for row in matrix) >= 0
                assert evaluation["accuracy"] == pytest.approx(right / VALIDATION_SAMPLES, abs=1e-5)
                assert text["accuracy"] == pytest.approx(evaluation["accuracy"], abs=1e-5)
                assert set(text) == {"0", "1", "2", "3", "accuracy", "macro avg", "weighted avg"}
                assert text["2"]["recall"] == pytest.approx(matrix[2][2] / sum(matrix[2]), abs=1e-5)


def test_a_report_follows_its_definition() -> None:
    rows: Any = report([[8, 2], [1, 9]])
    assert rows["0"] == {"precision": 0.888889, "recall": 0.8, "f1-score": 0.842105, "support": 10}
    assert rows["accuracy"] == 0.85
    assert rows["macro avg"]["recall"] == 0.85
    assert rows["weighted avg"]["support"] == 20


def test_regression_has_a_loss_but_no_accuracy() -> None:
    for spec in specs_of(REGRESSION, 1):
        evaluation = evaluations(REGRESSION, spec, Detail(1, 0, 1))["validation"]["int8"]
        assert (evaluation["accuracy"], evaluation["report"], evaluation["confusionMatrix"]) == (0, {}, [])
        assert evaluation["loss"] > 0
        assert all(point.val_accuracy == 0 for point in curve(spec, 1, "regression", 1, 1))


def test_detection_has_a_background_class_and_networks_without_an_accuracy() -> None:
    specs = specs_of(DETECTION, 1) + specs_of(DETECTION, 2)
    assert {spec.net.scored for spec in specs} == {True, False}
    for spec in specs:
        evaluation = evaluations(DETECTION, spec, Detail(1, 0, 1))["validation"]["float32"]
        assert evaluation["classNames"][0] == "_background"
        assert bool(evaluation["report"]) == bool(evaluation["accuracy"]) == spec.net.scored


def test_a_network_costs_the_same_whichever_data_it_is_tested_on() -> None:
    spec = specs_of(KEYWORDS, 1)[0]
    found = evaluations(KEYWORDS, spec, Detail(20, 0, 1))
    rows = found["validation"]["int8"]["onDevicePerformance"]
    assert rows == found["test"]["int8"]["onDevicePerformance"]
    assert [row["isDefault"] for row in rows] == [True] + [False] * 19
    assert len({row["mcu"] for row in rows}) == 20
    assert rows[0]["latency"] == json.loads(json.dumps(device_performance(KEYWORDS, spec)))["int8"]["latency"]
    assert not all(row["hasPerformance"] for row in rows)


def test_what_fits_no_microcontroller_is_said_not_to() -> None:
    specs = [spec for seed in range(8) for spec in specs_of(KEYWORDS, seed)]
    wide = [evaluations(KEYWORDS, spec, Detail(1, 0, 1))["test"]["float32"] for spec in specs]
    assert {row["isSupportedOnMcu"] for row in wide} == {True, False}
    for row in wide:
        assert ("mcuSupportError" in row) is not row["isSupportedOnMcu"]
        assert (row["onDevicePerformance"][0]["eon"]["ramRequired"] == 0) is not row["isSupportedOnMcu"]
