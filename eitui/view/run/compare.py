"""The table of what marked trials differ in."""

from collections.abc import Sequence

from eitui.analysis.compare import Comparison, ComparisonRow
from eitui.analysis.figures import LIMITED, Context, FigureKind, Lens, cost_parts, covers
from eitui.analysis.ranking import TIE_SIGN, TIED
from eitui.domain.run import Target
from eitui.domain.trial import Trial, ValueSource
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import fit, len_cells, tail
from eitui.view.kit.format import number, shown_value
from eitui.view.kit.keys import keyed
from eitui.view.kit.lines import Line, Span, crop, wrapped
from eitui.view.kit.marks import Mark

HOW_TO_COMPARE = "Mark two or more trials with {trial.mark}, then press {trial.compare}."

LEAST_COLUMN, MOST_COLUMN = 10, 24
"""Cells of a trial's column."""

_LEAST_NAME, MOST_NAME = 14, 30
"""Cells of the column of names."""

_GAP = 2
_DIGITS = (4, 6, 9, 12, 15, 17)
"""Significant digits that are tried until what differs also reads differently; 17 tell any two floats apart."""


def columns_that_fit(comparison: Comparison, width: int) -> int:
    """Return how many trials have room side by side, at least one."""
    room = width - _name_width(comparison, width)
    return max(1, min(len(comparison.trials), room // (LEAST_COLUMN + _GAP)))


def compare_table(
    comparison: Comparison, marks: Sequence[Mark], width: int, first: int = 0, *, cursor: int | None = None
) -> tuple[list[Line], list[Line]]:
    """Return the lines that stay at the top, of marks and names, and those of parameters and figures that differ.

    `marks` has each trial's mark. The columns begin with the trial `first`; when there are more trials than fit, the
    first line says how many are out of sight on which side. The best figure of a row has a tone and a `*`, an
    accuracy that ties with it a `≈`. The trial `cursor` has a `▸` before its name.
    """
    if len(comparison.trials) < 2:
        marked = "Only one trial is marked" if comparison.trials else "No trial is marked"
        return [], wrapped(f"{marked}. {keyed(HOW_TO_COMPARE)}", width, "dim")
    shown = columns_that_fit(comparison, width)
    first = max(0, min(first, len(comparison.trials) - shown))
    place = range(first, first + shown)
    names = _name_width(comparison, width)
    column = max(4, min(MOST_COLUMN, (width - names) // shown - _GAP))

    head: list[Line] = []
    if shown < len(comparison.trials):
        hidden = ((place.start, "left"), (len(comparison.trials) - place.stop, "right"))
        sides = ", ".join(f"{count} to the {side}" for count, side in hidden if count)
        head.append(crop(((f"{shown} of {len(comparison.trials)} trials in sight: {sides}", "warn"),), width))
    spans: list[Span] = [(" " * names, "")]
    for index in place:
        mark = marks[index]
        title = fit(f"{mark.sign} {tail(comparison.trials[index].name, column - 3)}", column - 1, "right")
        ahead = len(title) - len(title.lstrip()) if index == cursor else 0
        pointer = "▸" if index == cursor else " "
        # The pointer takes the blank before the name, which there always is: that of the gap at the least.
        spans += [(" " * (_GAP - 1 + ahead) + pointer, "title"), (title[ahead:] + " ", mark.tone)]
    head.append(tuple(spans))

    below: list[Line] = []
    for title, rows, same in (
        ("parameters", comparison.parameters, comparison.same_parameters),
        ("metrics", comparison.figures, comparison.same_figures),
    ):
        alike = f"{same} the same" if same else ""
        if rows:
            tie = f"  {TIE_SIGN} {TIED} of *" if any(row.tied for row in rows) else ""
            about = ((title, "title"), (f"  {alike}" if alike else "", "dim"), *([(tie, "dim")] if tie else []))
            below += [crop(about, width), *(_row(row, place, names, column) for row in rows)]
        else:
            note = f"no differences, {alike}" if alike else f"the service gave no {title} for any of these"
            note = f"{title}: {note}"
            below.append(((fit(note, min(width, len(note))), "dim"),))
    return head, below


def _row(row: ComparisonRow, place: range, names: int, column: int) -> Line:
    texts = shown_values(row)
    spans: list[Span] = [(fit(tail(row.name, names), names), "key")]
    for index in place:
        best = index in row.best
        tone = "dim" if row.values[index] is None else "good" if best else ""
        sign = "*" if best else TIE_SIGN if index in row.tied else " "
        spans.append((" " * _GAP + fit(texts[index], column - 1, "right") + sign, tone))
    return tuple(spans)


def shown_values(row: ComparisonRow) -> list[str]:
    """Return the values of a row as text: in the usual short form, or with as many digits as tell them apart."""
    short = [shown_value(value, row.kind) for value in row.values]
    different = len({value for value in row.values if value is not None})
    for digits in _DIGITS:
        if len({text for text, value in zip(short, row.values, strict=True) if value is not None}) >= different:
            break
        units = {FigureKind.SHARE: "%", FigureKind.LATENCY: " ms", FigureKind.MEMORY: " B"}
        scale = 100 if row.kind is FigureKind.SHARE else 1
        short = [
            text if value is None or isinstance(value, str) else number(value * scale, digits) + units.get(row.kind, "")
            for text, value in zip(short, row.values, strict=True)
        ]
    return short


def costs(trial: Trial, precision: str, target: Target, *, split: bool = False) -> list[str]:
    """Return what the impulse costs, as far as that is known: `RAM 64.0 KB`, with a `!` where it is over the limit.

    A cost without that of other blocks says so: `latency 34 ms (network only)`. With `split` a whole one says what it
    is made of: `latency 334 ms (DSP 300 ms + network 34 ms)`.
    """
    context = Context(lens=Lens(precision=precision))
    found = ((figure, figure.read(trial, context)) for figure in LIMITED)
    told: list[str] = []
    for figure, value in found:
        if value is None:
            continue
        parts = ""
        if figure.stands_in is not None:
            name = figure.exported[0][0]
            each = ((part, getattr(known, name)) for part, known in cost_parts(trial, precision))
            if figure.stands_in(trial, context):
                parts = f" ({covers(trial, precision, name)} only)"
            elif split:
                parts = f" ({' + '.join(f'{part} {shown_value(one, figure.kind)}' for part, one in each)})"
        over = "!" * figure.is_over(value, target)
        told.append(f"{figure.label or figure.id} {shown_value(value, figure.kind)}{over}{parts}")
    return told


def quality_words(trial: Trial, precision: str) -> str:
    """Return how good a trial is on the validation data, and where that comes from.

    `val accuracy 91.3% (int8)`, or `val loss 0.31 (last epoch, not evaluated)`.
    """
    lens = Lens(precision=precision)
    accuracy, source = lens.accuracy(trial), lens.source(trial)
    text = f"val loss {fmt.loss(lens.loss(trial))}" if accuracy is None else f"val accuracy {fmt.percent(accuracy)}"
    told = {ValueSource.EVALUATION: precision, ValueSource.EPOCH: "last epoch, not evaluated"}
    return text if source is None else f"{text} ({told[source]})"


def _name_width(comparison: Comparison, width: int) -> int:
    longest = max((len_cells(row.name) for row in (*comparison.parameters, *comparison.figures)), default=0)
    most = min(MOST_NAME, max(_LEAST_NAME, width - 3 * (LEAST_COLUMN + _GAP)))
    return max(_LEAST_NAME, min(longest, most))
