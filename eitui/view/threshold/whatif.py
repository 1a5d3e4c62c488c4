"""What a threshold would come to: figures beside those of now, the curve over all values, and the windows that flip."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf

from eitui.analysis.whatif import ThresholdPoint, WhatIfOutcome
from eitui.domain.scores import AnomalyScores, DetectionScores, ErrorScores, Scores, VisualAnomalyScores
from eitui.domain.threshold import text_of
from eitui.thresholds.whatif import DecisionSetting, WhatIfComparison
from eitui.view.kit import format as fmt
from eitui.view.kit.axis import Scale
from eitui.view.kit.cells import fit, len_cells, tail
from eitui.view.kit.chart import Chart, Rule, Segment, Series, draw
from eitui.view.kit.lines import EMPTY_LINE, Line, crop, joined, width_of

NOW, _NEW = "○", "●"
"""Signs of the current and the new value, below the curve and in its legend."""

NOW_LINE, NEW_LINE = "┊", "┃"

FIGURES_WIDTH = 40
"""Cells of the figures, as they are beside a chart."""

UNKNOWN = "unknown"
"""What a figure is at a threshold below the lowest score that the service sent."""

_LEAST_WIDTH, _LEAST_HEIGHT = 24, 6
"""Cells below which there is no room for the curve."""

_LABEL, _CELL = 12, 8


@dataclass(frozen=True)
class _Measure:
    """A figure that a threshold changes."""

    sign: str
    """On its curve; one cell."""
    name: str
    tone: str
    of: Callable[[ThresholdPoint], float | None]
    good: int = 1
    """Whether more is better (1), worse (-1), or neither (0)."""


def _measures(scores: Scores | VisualAnomalyScores) -> tuple[_Measure, ...]:
    """Return the figures that there are for scores of this kind."""
    precision = _Measure("P", "precision", "mark1", lambda point: point.precision)
    recall = _Measure("R", "recall", "mark2", lambda point: point.recall)
    f1 = _Measure("F", "F1", "mark3", lambda point: point.f1)
    accuracy = _Measure("A", "accuracy", "mark7", lambda point: point.accuracy)
    if isinstance(scores, ErrorScores):
        return (accuracy,)
    if isinstance(scores, DetectionScores):
        return (precision, recall, f1, _Measure("K", "boxes kept", "mark6", lambda point: point.flagged, 0))
    if isinstance(scores, AnomalyScores | VisualAnomalyScores):
        return (precision, recall, f1, accuracy, _Measure("N", "anomalies", "mark6", lambda point: point.flagged, 0))
    return (precision, recall, f1, accuracy, _Measure("U", "uncertain", "mark6", lambda point: point.uncertain, 0))


def figures(comparison: WhatIfComparison, scores: Scores | VisualAnomalyScores, width: int) -> list[Line]:
    """Return a line for each figure: now, at the new value, and the difference in percentage points."""
    head: Line = (
        (f" {fit('What if', _LABEL)}", "title"),
        (f"{fit(f'{NOW} now', _CELL, 'right')}", "dim"),
        (f" {fit(f'{_NEW} new', _CELL, 'right')}", "draft"),
        (f" {fit('change', _CELL, 'right')}", "dim"),
    )
    values = _pair("at", text_of(comparison.old.value), text_of(comparison.new.value))
    by = [_pair("by", comparison.old.method, comparison.new.method)] if comparison.new.method else []
    rows: list[Line] = []
    for measure in _measures(scores):
        before, after = _known(measure, comparison.before), _known(measure, comparison.after)
        told, tone = difference(before, after, measure.good)
        rows.append(
            (
                (f" {fit(f'{measure.sign} {measure.name}', _LABEL)}", measure.tone),
                (fit(_outcome_text(comparison.before, before), _CELL, "right"), "dim"),
                (" " + fit(_outcome_text(comparison.after, after), _CELL, "right"), ""),
                (" " + fit(told, _CELL, "right"), tone),
            )
        )

    count, boxes = len(comparison.flips), isinstance(scores, DetectionScores)
    if not (comparison.before.known and comparison.after.known) and comparison.old != comparison.new:
        which = f" Which {'boxes' if boxes else 'results'} change is unknown"
        counted: Line = ((f" At least {_changing(count, boxes=boxes)}; others unknown" if count else which, "warn"),)
    elif not count:
        counted = ((f" No {'box' if boxes else 'result'} changes", "dim"),)
    else:
        wrong = sum(flip.right_before is False and flip.right_after is False for flip in comparison.flips)
        other = count - comparison.better - comparison.worse - wrong
        counted = (
            (f" {_changing(count, boxes=boxes)}: ", ""),
            (f"{comparison.better:,} fixed", "good" if comparison.better else "dim"),
            (", ", "dim"),
            (f"{comparison.worse:,} broken", "bad" if comparison.worse else "dim"),
            (f", {wrong:,} wrong either way" if wrong else "", "dim"),
        )
        if other > 0 and width_of(counted) + len(rest := f", {other:,} not rated") <= width:
            counted += ((rest, "dim"),)
    return [crop(line, width) for line in (head, values, *by, *rows, counted)]


def _changing(count: int, *, boxes: bool) -> str:
    one, several = ("box changes", "boxes change") if boxes else ("result changes", "results change")
    return f"{count:,} {one if count == 1 else several}"


def _pair(name: str, old: str, new: str) -> Line:
    return (
        (" " + fit(name, _LABEL), "dim"),
        (fit(old, _CELL, "right"), "dim"),
        (" " + fit(new, _CELL, "right"), "draft"),
    )


def _known(measure: _Measure, outcome: WhatIfOutcome) -> float | None:
    return measure.of(outcome.point) if outcome.known else None


def _outcome_text(outcome: WhatIfOutcome, value: float | None) -> str:
    return fmt.percent(value) if outcome.known else UNKNOWN


def difference(before: float | None, after: float | None, good: int) -> tuple[str, str]:
    """Return the change of a fraction in percentage points with its sign, and whether it is good."""
    if before is None or after is None:
        return fmt.MISSING, "dim"
    change = (after - before) * 100
    if abs(change) < 0.05:
        return ("0.0", "dim") if change == 0 else (f"{change:+.2f}", "dim")
    return f"{change:+.1f}", "" if not good else "good" if (change > 0) == (good > 0) else "bad"


def what_if_summary(
    comparison: WhatIfComparison, scores: Scores | VisualAnomalyScores, width: int, title: str = "What if"
) -> Line:
    """Return all of it in one line."""
    told = _measures(scores)
    lines = (
        _summary(comparison, told, title, lambda measure: measure.name),
        # Where there is no room for names, their signs: they are in the figures, and on the curves.
        _summary(comparison, told, title, lambda measure: measure.sign),
        _summary(comparison, [measure for measure in told if measure.good], title, lambda measure: measure.sign),
    )
    return crop(next((line for line in lines if width_of(line) <= width), lines[-1]), width)


def _summary(
    comparison: WhatIfComparison, told: Sequence[_Measure], title: str, name: Callable[[_Measure], str]
) -> Line:
    parts: list[Line | None] = [((f" {title}", "title"),)]
    for measure in told:
        before, after = _known(measure, comparison.before), _known(measure, comparison.after)
        change, tone = difference(before, after, measure.good)
        note = f"{name(measure)} {_outcome_text(comparison.after, after)}"
        parts.append(((f"{note} ", ""), (change, tone)) if comparison.after.known else ((note, ""),))
    return joined(parts, "  ")


# The curve over all values


def curve_lines(
    comparison: WhatIfComparison, scores: Scores | VisualAnomalyScores, width: int, height: int
) -> list[Line]:
    """Return `height` lines: which mark is which value, and the curve with the current and the new value marked.

    Below the lowest score that the service sent there is no curve: nobody knows.
    """
    bounds = comparison.curve[0].threshold, comparison.curve[-1].threshold
    marks: list[Line] = [
        ((f" {NOW}{NOW_LINE} now {_placed(comparison.old, bounds)}", "dim"),),
        ((f"{_NEW}{NEW_LINE} new {_placed(comparison.new, bounds)}", "draft"),),
    ]
    if comparison.lowest is not None and comparison.lowest > bounds[0]:
        marks.append(((f"<{text_of(comparison.lowest)} unknown", "dim"),))
    legend = crop(joined(marks, "  "), width)
    chart = curve_chart(comparison.curve, scores)
    if width < _LEAST_WIDTH or height < _LEAST_HEIGHT:
        return [EMPTY_LINE] * max(0, height)
    if chart.empty:
        return [legend, ((" No value of this threshold has a known effect.", "dim"),), *[EMPTY_LINE] * (height - 2)]
    rules = (
        Rule(comparison.old.value, tone="dim", char=NOW_LINE, foot=NOW),
        Rule(comparison.new.value, tone="draft", char=NEW_LINE, foot=_NEW),
    )
    return [legend, *draw(replace(chart, rules=rules), width, height - 1)]


def _placed(setting: DecisionSetting, bounds: tuple[float, float]) -> str:
    """Return a setting in words; where it is off the chart, on which side."""
    text = " ".join(filter(None, (text_of(setting.value), setting.method)))
    low, high = bounds
    return f"← {text}" if setting.value < low else f"{text} →" if setting.value > high else text


def curve_chart(points: Sequence[ThresholdPoint], scores: Scores | VisualAnomalyScores) -> Chart:
    """Return the chart of all values; it does not depend on the current or the new one."""
    lowest = scores.lowest if isinstance(scores, DetectionScores) and scores.lowest is not None else -inf
    known = [(at, point) for at, point in enumerate(points) if point.threshold >= lowest]
    series = []
    for measure in _measures(scores):
        values = [(at, point.threshold, value) for at, point in known if (value := measure.of(point)) is not None]
        series.append(Series(measure.name, measure.tone, _unbroken(values), sign=measure.sign))
    x = Scale(points[0].threshold, points[-1].threshold, exact=True)
    return Chart("", x, Scale(0.0, 1.0, "percent"), series=tuple(series), legend=False)


def _unbroken(values: Sequence[tuple[int, float, float]]) -> tuple[Segment, ...]:
    found: list[list[tuple[float, float]]] = []
    previous: int | None = None
    for at, threshold, value in values:
        if previous is None or at != previous + 1:
            found.append([])
        found[-1].append((threshold, value))
        previous = at
    return tuple(map(tuple, found))


# The windows that flip


def flips(comparison: WhatIfComparison, width: int, top: int, room: int) -> list[Line]:
    """Return the windows that flip, those nearest the new value first, `room` of them from `top` on."""
    found = comparison.flips[top : top + room]
    if not found:
        return []
    rows: list[tuple[str, str, str, str]] = []
    for flip in found:
        where = f"#{flip.index + 1}" if flip.place is None else f"{flip.place.sample} {flip.place.window + 1}"
        rows.append((where, fmt.loss(flip.score), flip.expected or fmt.MISSING, f"{flip.before} → {flip.after}"))
    names, *widths = (max(map(len_cells, column)) for column in zip(*rows, strict=True))
    # The name gives way; then the labels.
    names = max(8, min(names, width - 3 - sum(widths) - 2 * len(widths)))

    lines: list[Line] = []
    for flip, (where, *cells) in zip(found, rows, strict=True):
        sign, tone = "·", "dim"
        if flip.right_after and flip.right_before is False:
            sign, tone = "+", "good"
        elif flip.right_before and flip.right_after is False:
            sign, tone = "-", "bad"
        score, expected, change = map(fit, cells, widths)
        line: Line = (
            (f" {sign} ", tone),
            # Samples are told apart by the ends of their names.
            (f"{fit(tail(where, names), names)}  ", ""),
            (f"{score}  ", "dim"),
            (f"{expected}  ", ""),
            (change, tone),
        )
        lines.append(crop(line, width))
    return lines
