"""What a threshold would come to, as lines. All scores are synthetic."""

from array import array
from typing import Any

import pytest

from eitui.domain.scores import AnomalyScores, ClassificationScores, DetectionScores, ErrorScores, WindowPlace, Windows
from eitui.thresholds.whatif import Comparer, DecisionSetting, WhatIfComparison
from eitui.view.kit.lines import width_of
from eitui.view.threshold.whatif import curve_chart, curve_lines, difference, figures, flips, what_if_summary

SAMPLES = Windows(("a-very-long-name-of-a-synthetic-sample-0001", "b"), (0, 0, 1, 1), (0, 1, 0, 1))
FOUR = ClassificationScores(
    ("yes", "no"), array("d", [0.9, 0.1, 0.4, 0.6, 0.7, 0.3, 0.2, 0.8]), (0, 0, None, 1), 2, SAMPLES
)


def compared(old: float, new: float, scores: Any = FOUR) -> WhatIfComparison:
    found = Comparer(scores).compare(DecisionSetting(old), DecisionSetting(new))
    assert found is not None
    return found


def texts(lines: Any) -> list[str]:
    return ["".join(text for text, _ in line) for line in lines]


def test_figures_are_now_new_and_the_difference_with_its_sign() -> None:
    lines = texts(figures(compared(0.5, 0.85), FOUR, 60))
    assert "○ now" in lines[0]
    assert "● new" in lines[0]
    assert lines[1].split() == ["at", "0.5", "0.85"]
    assert ["A", "accuracy", "66.7%", "33.3%", "-33.3"] in [line.split() for line in lines]
    assert ["U", "uncertain", "0.0%", "75.0%", "+75.0"] in [line.split() for line in lines]
    assert lines[-1].strip() == "3 results change: 0 fixed, 1 broken, 1 wrong either way"


@pytest.mark.parametrize(
    ("scores", "named"),
    [
        (AnomalyScores([0.1, 0.9], [False, True]), "anomalies"),
        (DetectionScores(("bolt",), [1], [0.6], [0], [True]), "boxes kept"),
        (ErrorScores([0.1, 2.0]), "accuracy"),
    ],
)
def test_every_kind_has_its_figures(scores: Any, named: str) -> None:
    assert named in "\n".join(texts(figures(compared(0.5, 0.7, scores), scores, 60)))


def test_nothing_flips() -> None:
    assert texts(figures(compared(0.5, 0.5), FOUR, 60))[-1].strip() == "No result changes"
    boxes = DetectionScores(("bolt",), [1], [0.6], [0], [True])
    assert texts(figures(compared(0.5, 0.5, boxes), boxes, 60))[-1].strip() == "No box changes"


KEPT = DetectionScores(("bolt",), [2], [0.6, 0.9], [0, 0], [True, False], [0, 1], lowest=0.5)


@pytest.mark.parametrize(
    ("old", "new", "last"),
    [
        (0.7, 0.3, "At least 1 box changes; others unknown"),
        (0.55, 0.3, "Which boxes change is unknown"),
        (0.3, 0.3, "No box changes"),
        (0.55, 0.5, "No box changes"),
    ],
)
def test_below_the_lowest_score_the_figures_are_unknown_and_so_is_what_flips(old: float, new: float, last: str) -> None:
    lines = texts(figures(compared(old, new, KEPT), KEPT, 40))
    assert lines[-1].strip() == last
    precision = next(line for line in lines if "precision" in line).split()
    assert (precision[2] == "unknown", precision[3] == "unknown") == (old < 0.5, new < 0.5)
    assert ("unknown" in texts([what_if_summary(compared(old, new, KEPT), KEPT, 120)])[0]) is (new < 0.5)


def test_the_curve_begins_at_the_lowest_score_and_says_what_is_below_it() -> None:
    points = compared(0.7, 0.3, KEPT).curve
    for series in curve_chart(points, KEPT).series:
        assert all(x >= 0.5 for part in series.segments for x, _ in part)
    assert "<0.5 unknown" in texts(curve_lines(compared(0.7, 0.3, KEPT), KEPT, 60, 12))[0]


def test_a_curve_of_which_nothing_is_known_is_empty() -> None:
    scores = DetectionScores(("bolt",), [2], [], [], [], lowest=2.0)
    lines = curve_lines(compared(0.7, 0.3, scores), scores, 60, 12)
    assert len(lines) == 12
    assert "No value of this threshold has a known effect" in texts(lines)[1]


@pytest.mark.parametrize(
    ("before", "after", "good", "told"),
    [
        (0.5, 0.6, 1, ("+10.0", "good")),
        (0.6, 0.5, 1, ("-10.0", "bad")),
        (0.5, 0.6, 0, ("+10.0", "")),
        (0.5, 0.5, 1, ("0.0", "dim")),
        (0.5, 0.5001, 1, ("+0.01", "dim")),
        (None, 0.5, 1, ("–", "dim")),
        (0.5, None, 1, ("–", "dim")),
    ],
)
def test_a_difference_has_its_sign_and_says_whether_it_is_good(
    before: float | None, after: float | None, good: int, told: tuple[str, str]
) -> None:
    assert difference(before, after, good) == told


def test_flips_name_sample_label_and_what_changes_with_the_end_of_a_long_name() -> None:
    lines = texts(flips(compared(0.5, 0.85), 60, 0, 10))
    assert len(lines) == 3
    assert lines[0].split() == ["-", "b", "2", "0.8000", "no", "no", "→", "uncertain"]
    assert any("sample-0001 2" in line for line in lines)
    assert all("→ uncertain" in line for line in lines)
    assert len(flips(compared(0.5, 0.85), 60, 1, 1)) == 1
    assert flips(compared(0.5, 0.5), 60, 0, 10) == []
    assert Comparer(FOUR).compare(DecisionSetting(0.5), DecisionSetting(0.85)).flips[0].place == WindowPlace("b", 1)


@pytest.mark.parametrize("width", [30, 50, 80, 200])
def test_a_summary_fits(width: int) -> None:
    line = what_if_summary(compared(0.5, 0.85), FOUR, width)
    assert width_of(line) <= width
    if width >= 80:
        assert "accuracy 33.3% -33.3" in texts([line])[0] or "A 33.3% -33.3" in texts([line])[0]


# The curve


@pytest.mark.parametrize(("width", "height"), [(40, 12), (80, 20), (24, 6)])
def test_the_chart_has_its_size_and_both_marks(width: int, height: int) -> None:
    lines = curve_lines(compared(0.2, 0.8), FOUR, width, height)
    assert len(lines) == height
    assert all(width_of(line) <= width for line in lines)
    axis = texts(lines)[-2]
    assert axis.index("○") < axis.index("●")
    if height > 6:  # else the curves are in the way, and only the axis has the marks
        assert any("┊" in line for line in texts(lines)[1:-2])
        assert any("┃" in line for line in texts(lines)[1:-2])


def test_a_mark_off_the_chart_is_told() -> None:
    legend = texts(curve_lines(compared(0.6, 1.5), FOUR, 80, 20))[0]
    assert "new 1.5 →" in legend
    assert "now 0.6 " in legend
    assert "← -2" in texts(curve_lines(compared(0.6, -2), FOUR, 80, 20))[0]


def test_too_small_a_place_stays_empty() -> None:
    assert curve_lines(compared(0.6, 0.7), FOUR, 10, 3) == [()] * 3
