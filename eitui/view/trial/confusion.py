"""A confusion matrix as a map of row percentages: which classes a network takes for which.

A cell always says its share in digits, on a ground that is the stronger the larger the share: one colour for what is
right, one for mistakes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from eitui.analysis.confusion import mistakes, row_shares
from eitui.analysis.figures import Lens
from eitui.analysis.ranking import usual_lens
from eitui.domain.detail import Confusion, EvaluationDetail, TrialDetail
from eitui.domain.run import Run
from eitui.domain.trial import Trial
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import fit, len_cells
from eitui.view.kit.lines import Line, Span
from eitui.view.kit.page import heading, note_lines
from eitui.view.trial.parts import chosen, finished, of_before, why_none

MOST_ON_MAP = 40
"""Classes up to which a map can be read; with more, only what is mistaken is listed."""

LISTED, LISTED_BESIDE_MAP = 40, 8
"""Mistakes listed: instead of the map, and below it."""

_WIDEST_CELL, _CELL_WITH_DECIMAL, _CELL_BELOW_NAME, _CELL_WITH_PERCENT = 12, 7, 5, 3
"""Cells that a share takes at most, and from how many on it has more than its tenths."""

_LEAST_NAME, _MOST_NAME = 8, 24
_TAIL = 18
"""Cells of recall and samples at the end of a row."""

_RIGHT_FROM = ((0.75, "right4"), (0.5, "right3"), (0.25, "right2"), (0.0, "right1"))
_WRONG_FROM = ((0.5, "wrong4"), (0.25, "wrong3"), (0.1, "wrong2"), (0.01, "wrong1"), (0.0, ""))
_LISTED_FROM = ((0.25, "bad"), (0.1, "warn"), (0.0, ""))

_NONE, NO_ROW = "·", "–"


def confusion_lines(
    detail: TrialDetail, trial: Trial, run: Run, width: int, lens: Lens | None = None, *, below: bool = False
) -> list[Line]:
    """Return the confusion matrix of the part and precision of `lens`, on lines of at most `width` cells (60 or more).

    Where that evaluation has no matrix the nearest one that has is shown; the heading says which. `below`: it stands
    below the metrics, and what those say of the trial is not said again.
    """
    if below:
        detail = replace(detail, problems=())
    sections = matrix(detail.evaluations, lens or usual_lens(run), width)
    if not sections:
        why = NO_MATRIX if detail.evaluations else why_none(trial, "metrics")
        return finished([note_lines(why, width)], detail, width)
    return finished([[] if below else of_before(trial, width), *sections], detail, width)


def matrix(evaluations: Mapping[tuple[str, str], EvaluationDetail], lens: Lens, width: int) -> list[list[Line]]:
    """Return the sections of `confusion_lines` about evaluations; none where no evaluation has a matrix."""
    found = chosen({key: one for key, one in evaluations.items() if one.confusion}, lens)
    if found is None or found[1].confusion is None:
        return []
    (part, precision), confusion = found[0], found[1].confusion
    count = len(confusion.labels)
    lines = [heading("Confusion", f"on {part}, {precision}")]
    if count <= MOST_ON_MAP:
        lines += _map(confusion, width)
    else:
        lines += note_lines(f"{count} classes are too many for a matrix. Mistakes, most samples first:", width)
    return [lines, _mistakes(confusion, width)]


NO_MATRIX = (
    "No confusion matrix: Edge Impulse computes one for classification and FOMO, not for regression, "
    "other object detection or anomalies."
)


@dataclass(frozen=True)
class _Layout:
    """How many cells the parts of a map take."""

    numbers: int
    """Of the classes' numbers with the space after them; 0 where the columns bear names."""
    names: int
    cell: int
    tail: bool
    """Whether recall and samples stand at the end of a row."""

    @property
    def lead(self) -> int:
        """Cells before the first column."""
        return self.numbers + self.names + 1


def _layout(labels: Sequence[str], width: int) -> _Layout:
    """Fit a map into `width` cells: with names above the columns if they fit, else with numbers, as wide as can be."""
    count = len(labels)
    longest = min(_MOST_NAME, max(map(len_cells, labels)))
    cell = min(_WIDEST_CELL, (width - longest - 1 - _TAIL) // count)
    if cell > min(longest, _WIDEST_CELL - 2) and cell >= _CELL_BELOW_NAME:
        return _Layout(0, longest, cell, tail=True)
    numbers = len(str(count)) + 1
    least = numbers + min(longest, _LEAST_NAME) + 1
    wide, tailed = (min(_WIDEST_CELL, (width - least - tail) // count) for tail in (0, _TAIL))
    tail = tailed >= min(wide, _CELL_WITH_PERCENT)
    cell = max(1, tailed if tail else wide)
    names = min(longest, width - numbers - 1 - cell * count - _TAIL * tail)
    return _Layout(numbers, max(1, names), cell, tail)


def _map(confusion: Confusion, width: int) -> list[Line]:
    layout = _layout(confusion.columns, width)
    numbers = [str(number) for number in range(1, len(confusion.columns) + 1)]

    # Above the columns: names, or the classes' numbers, downwards where they do not fit.
    lead: Span = (" " * layout.lead, "")
    end: Line = (("   recall  samples", "dim"),) if layout.tail else ()
    lines: list[Line] = []
    if not layout.numbers or layout.cell >= _CELL_WITH_PERCENT:
        heads = (
            numbers if layout.numbers else [" " + fit(label, layout.cell - 1, "right") for label in confusion.columns]
        )
        lines.append((lead, *((fit(head, layout.cell, "right"), "dim") for head in heads), *end))
    else:
        digits = len(numbers[-1])
        for place in range(digits):
            head = "".join(fit(number.rjust(digits)[place], layout.cell, "right") for number in numbers)
            lines.append((lead, (head, "dim"), *(end if place == digits - 1 else ())))

    samples = map(sum, confusion.counts)
    for place, (label, shares, count) in enumerate(
        zip(confusion.labels, row_shares(confusion.counts), samples, strict=True)
    ):
        if shares is None:
            cells: list[Span] = [(fit(NO_ROW, layout.cell, "right") * len(numbers), "dim")]
        else:
            cells = [_cell(share, layout.cell, own=column == place) for column, share in enumerate(shares)]
        own = shares[place] if shares is not None else None
        lines.append(
            (
                (fit(numbers[place], layout.numbers - 1, "right") + " " if layout.numbers else "", "dim"),
                (fit(label, layout.names), ""),
                (" ", ""),
                *cells,
                *(((f"{fmt.percent(own):>9}", ""), (f"{fmt.count(round(count)):>9}", "dim")) if layout.tail else ()),
            )
        )

    legend = "Rows: true class. Columns: predicted class."
    if layout.cell < _CELL_WITH_PERCENT:
        legend += f" In tenths of the row: 7 is 70 to 79%, : less than 10%, █ all, {_NONE} none."
    else:
        legend += f" In percent of the row, {_NONE} none."
    lines += note_lines(legend, width)

    # The columns beyond those of the classes.
    first = len(confusion.labels) + 1
    extra = [
        f"{name} (column {first + place})" if layout.numbers else name for place, name in enumerate(confusion.extra)
    ]
    if extra:
        what = "samples without a class, below the threshold or an anomaly."
        lines += note_lines(f"{', '.join(extra)}: {what}", width)
    return lines


def _cell(share: float, width: int, *, own: bool) -> Span:
    """Return one cell: as many digits of the share as `width` cells hold."""
    if share == 0:
        text = _NONE
    elif width < _CELL_WITH_PERCENT:
        # How many whole tenths, `:` for less than one, `█` for all.
        text = "█" if share >= 1 else str(int(share * 10 + 1e-9) or ":")
    elif width < _CELL_WITH_DECIMAL:
        text = _whole_percent(share)
    else:
        text = "<0.1%" if share < 0.0005 else fmt.percent(share)
    return fit(text, width, "right"), _tone(share, own=own)


def _whole_percent(share: float) -> str:
    """Return a share in whole percent: 100 and 0 only where it is all and nothing."""
    percent = round(share * 100)
    if share < 1:
        percent = min(99, percent)
    return str(percent) if percent else "<1"


def _tone(share: float, *, own: bool) -> str:
    if share == 0:
        return "dim"
    return _from(_RIGHT_FROM if own else _WRONG_FROM, share)


def _from(tones: Sequence[tuple[float, str]], share: float) -> str:
    return next(tone for least, tone in tones if share >= least)


def _mistakes(confusion: Confusion, width: int) -> list[Line]:
    if len(confusion.columns) == 1:
        return note_lines("Only one class: no mistakes possible.", width)
    wrong = mistakes(confusion)
    if not wrong:
        return note_lines("No mistakes.", width, "good")
    most = LISTED_BESIDE_MAP if len(confusion.labels) <= MOST_ON_MAP else LISTED
    names = min(_MOST_NAME, max(len_cells(name) for one in wrong[:most] for name in (one.true, one.predicted)))
    names = min(names, (width - 26) // 2)
    left = len(wrong) - most
    return [
        heading("Most mistaken"),
        *(
            (
                ("  ", ""),
                (fit(one.true, names), ""),
                (" predicted as ", "dim"),
                (fit(one.predicted, names), ""),
                (f"{fmt.count(round(one.count)):>7}", ""),
                (f"{fmt.percent(one.share):>8}", _from(_LISTED_FROM, one.share)),
            )
            for one in wrong[:most]
        ),
        *([(("  ", ""), (f"… and {left} more pairs", "dim"))] if left > 0 else []),
    ]
