"""The metrics of a trial: side by side, by class, and why there are none."""

from typing import Any

import pytest
from build import completed, run
from trial_lines import at_every_width, text, toned

from eitui.analysis.figures import Lens
from eitui.analysis.flags import Flag, FlagKind
from eitui.domain.detail import BACKGROUND, ClassScore, EvaluationDetail, Metric, TrialDetail
from eitui.domain.trial import COMPLETED, FAILED, FLOAT32, INT8, PENDING, RUNNING, TEST, TRAIN, VALIDATION, Trial
from eitui.view.trial import metrics
from eitui.view.trial.parts import flag_lines

SCORES = (ClassScore("no", 0.8, 0.5, 0.615, 8), ClassScore("yes", 0.6, 0.857, 0.706, 1234))
ONE = EvaluationDetail(0.3, 0.9, (Metric("AUC", "0.91", 0.9123),), SCORES, (ClassScore("macro avg", f1=0.66),))
TRIAL = completed("1")


def shown(detail: TrialDetail, width: int = 80, trial: Trial = TRIAL, lens: Lens | None = None) -> str:
    return text(metrics.trial_metric_lines(detail, trial, run(trial), width, lens), width)


def test_figures_stand_side_by_side() -> None:
    other = EvaluationDetail(0.5, None)
    assert shown(TrialDetail({(VALIDATION, INT8): ONE, (VALIDATION, FLOAT32): other, (TEST, INT8): other})) == (
        "                 validation         test\n"
        "                ‹int8›  float32     int8\n"
        "accuracy         90.0%      n/a      n/a\n"
        "loss            0.3000   0.5000   0.5000\n"
        "AUC               0.91      n/a      n/a\n"
        "F1, macro avg    66.0%      n/a      n/a\n"
        "n/a: not computed for this kind of network, or not a number.\n"
        "\n"
        "Classes  on validation, int8\n"
        "Worst recall: no 50.0% of 8 samples\n"
        "class          samples precision    recall        F1\n"
        "no                   8     80.0%     50.0%     61.5%  █████····· ◂ worst\n"
        "yes              1,234     60.0%     85.7%     70.6%  █████████·"
    )


def test_that_the_background_is_no_class_to_be_found_is_said() -> None:
    scores = (ClassScore(BACKGROUND, 0.9, 0.4, 0.55, 90), *SCORES)
    result = shown(TrialDetail({(VALIDATION, INT8): EvaluationDetail(scores=scores)}), 60)
    assert "Worst recall: no 50.0% of 8 samples (background left out)" in result


def test_columns_that_do_not_fit_go_below() -> None:
    every = {(part, precision): ONE for part in (VALIDATION, TEST, TRAIN) for precision in (INT8, FLOAT32)}
    narrow, *_, wide = at_every_width(
        lambda width: metrics.trial_metric_lines(TrialDetail(every), TRIAL, run(TRIAL), width)
    )
    assert [line.split() for line in narrow.splitlines() if "loss" in line] == [
        ["loss", *["0.3000"] * 4],
        ["loss", *["0.3000"] * 2],
    ]
    assert [line.split() for line in wide.splitlines() if "loss" in line] == [["loss", *["0.3000"] * 6]]


def test_a_long_name_has_a_line_of_its_own() -> None:
    name = "Mean average precision at an intersection over union of 50 %"
    detail = TrialDetail({(VALIDATION, INT8): EvaluationDetail(0.1, metrics=(Metric(name, "0.5"),))})
    lines = shown(detail, 60).splitlines()
    assert name in lines
    assert lines[lines.index(name) + 1].split() == ["0.5"]


def test_the_lens_chooses_whose_classes_are_shown() -> None:
    other = EvaluationDetail(scores=(ClassScore("yes", recall=0.25, support=4),))
    detail = TrialDetail({(VALIDATION, INT8): ONE, (TEST, FLOAT32): other})
    assert "on test, float32" in shown(detail, lens=Lens(TEST, FLOAT32))
    assert "yes 25.0% of 4 samples" in shown(detail, lens=Lens(TEST, FLOAT32))
    # What the lens wants is not there: the nearest is shown, and said.
    assert "on test, float32" in shown(detail, lens=Lens(TEST, INT8))


def test_precisions_stand_beside_each_other_where_there_is_room() -> None:
    other = EvaluationDetail(scores=(ClassScore("yes", 0.1, 0.2, 0.3, 4),))
    lines = shown(TrialDetail({(VALIDATION, INT8): ONE, (VALIDATION, FLOAT32): other}), 120).splitlines()
    assert lines[-1].split()[:8] == ["yes", "1,234", "60.0%", "85.7%", "70.6%", "10.0%", "20.0%", "30.0%"]
    assert lines[-2].split()[5:8] == ["n/a", "n/a", "n/a"]


def test_regression_has_no_classes() -> None:
    found = shown(TrialDetail({(VALIDATION, INT8): EvaluationDetail(0.3)}))
    assert "accuracy          n/a" in found
    assert "No metrics by class:" in found
    assert "0.0%" not in found


def test_classes_without_recall_have_no_worst() -> None:
    found = shown(TrialDetail({(VALIDATION, INT8): EvaluationDetail(scores=(ClassScore("a"),))}))
    assert "Worst" not in found
    assert "a                    –       n/a       n/a       n/a" in found


def test_200_classes_with_long_names_fit() -> None:
    scores = tuple(ClassScore(f"{'a rather long name ' * 4}{number}", 0.5, 0.5, 0.5, 9) for number in range(200))
    detail = TrialDetail({(VALIDATION, INT8): EvaluationDetail(scores=scores)})
    for found in at_every_width(lambda width: metrics.trial_metric_lines(detail, TRIAL, run(TRIAL), width)):
        assert found.count("50.0%") >= 600


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (PENDING, "Not started"),
        (RUNNING, "Still training"),
        (FAILED, "the log shows why"),
        (COMPLETED, "the service sent no metrics"),
        ("paused", "calls this trial “paused”"),
        ("", "calls this trial “nothing”"),
    ],
)
def test_why_there_are_none(status: Any, why: str) -> None:
    assert why in " ".join(shown(TrialDetail(), trial=Trial("1", "x", status)).split())


def test_a_trial_that_cannot_be_read_says_so() -> None:
    assert "could not be read" in shown(TrialDetail(), trial=Trial("1", "x", "", problem="blocks: odd"))


def test_figures_of_an_earlier_attempt_are_marked() -> None:
    lines = metrics.trial_metric_lines(TrialDetail({(VALIDATION, INT8): ONE}), Trial("1", "x", RUNNING), run(), 80)
    assert toned(lines, "warn")[0] == "! This trial is training again: the values below are of an earlier attempt."


def test_what_could_not_be_read_is_said() -> None:
    detail = TrialDetail({(VALIDATION, INT8): ONE}, problems=tuple(f"part {number}: is odd" for number in range(7)))
    assert shown(detail).splitlines()[-7:] == [
        "Not shown, as it could not be read:",
        *(f"  part {number}: is odd" for number in range(5)),
        "  … and 2 more",
    ]


def test_flags_and_ties_are_told_with_their_reasons_above_the_metrics() -> None:
    flags = (Flag(FlagKind.INT8, "int8 lost 84.0 points"), Flag(FlagKind.OVERFITTING, "the validation loss rises"))
    lines = ["".join(text for text, _ in line) for line in flag_lines(flags, "≈ tie within 1.5 points of ★ a", 60)]
    assert lines == [
        "! int8: int8 lost 84.0 points",
        "! overfitting: the validation loss rises",
        "≈ tie within 1.5 points of ★ a",
        "",
    ]
    assert flag_lines((), "", 60) == []
