"""Screens of odd data: many classes with long names, and curves without a number or without a change."""

import math

import pytest
from build import completed, run
from trial_lines import at_every_width, text

from eitui.domain.curve import Curve, Epoch
from eitui.domain.detail import ClassScore, Confusion, EvaluationDetail, TrialDetail
from eitui.domain.trial import INT8, VALIDATION
from eitui.view.kit.chart import draw
from eitui.view.trial.confusion import confusion_lines
from eitui.view.trial.curves import trial_charts
from eitui.view.trial.metrics import trial_metric_lines

MANY = 30
TRIAL = completed("1")
LONG = tuple(f"a very long name of a class of sounds, number {number}" for number in range(MANY))


def of_many_classes() -> TrialDetail:
    rows = tuple(tuple(9.0 if row == column else 0.5 for column in range(MANY)) for row in range(MANY))
    scores = tuple(ClassScore(name, 0.5, 0.6, 0.55, 10) for name in LONG)
    return TrialDetail({(VALIDATION, INT8): EvaluationDetail(confusion=Confusion(LONG, rows), scores=scores)})


def test_30_classes_with_long_names_fit_every_width_and_stay_apart() -> None:
    for found in at_every_width(lambda width: confusion_lines(of_many_classes(), TRIAL, run(TRIAL), width)):
        rows = [line for line in found.splitlines() if line.lstrip().split(" ")[0].isdigit() and " a very" in line]
        assert len({line.split("a very")[0] for line in rows}) == MANY
    for found in at_every_width(lambda width: trial_metric_lines(of_many_classes(), TRIAL, run(TRIAL), width)):
        assert found.count("a very") + found.count("…") >= MANY


@pytest.mark.parametrize("value", [math.nan, math.inf, 0.0, 0.5, 1e308, None])
@pytest.mark.parametrize("epochs", [1, 2, 50])
@pytest.mark.parametrize("size", [(30, 6), (80, 12), (200, 40)])
def test_curves_without_a_number_and_without_a_change_are_drawn(
    value: float | None, epochs: int, size: tuple[int, int]
) -> None:
    curve = Curve(
        tuple(Epoch(n, loss=value, val_loss=value, accuracy=value, val_accuracy=value) for n in range(1, epochs + 1))
    )
    for chart in trial_charts(curve, epochs):
        shown = text(draw(chart, *size), size[0])
        assert "nan" not in shown
        assert "inf" not in shown
