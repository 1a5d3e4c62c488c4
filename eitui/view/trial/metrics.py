"""How a trial's network did: accuracy, loss and further metrics side by side, and each class by itself."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from eitui.analysis.confusion import worst
from eitui.analysis.figures import Lens
from eitui.domain.detail import BACKGROUND, ClassScore, EvaluationDetail, TrialDetail
from eitui.domain.run import Run
from eitui.domain.trial import Trial
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import fit, len_cells, wrap
from eitui.view.kit.lines import EMPTY_LINE, Line, Span
from eitui.view.kit.page import heading, note_lines
from eitui.view.trial.parts import NOT_COMPUTED, chosen, finished, lens_for, of_before, why_none

_Key = tuple[str, str]
Evaluations = Mapping[_Key, EvaluationDetail]

_FIGURE = 9
"""Cells of a column of figures."""

_SCORE = 10
"""Cells of a column of a class's scores."""

_LEAST_NAME, _MOST_NAME = 12, 32

_WIDTH_OF_BAR = 10

_MARK, _MARK_BESIDE_BAR = " ◂", " ◂ worst"


def trial_metric_lines(detail: TrialDetail, trial: Trial, run: Run, width: int, lens: Lens | None = None) -> list[Line]:
    """Return the metrics on lines of at most `width` cells (60 or more).

    The classes are shown for the part and the precision of `lens`, and where there is room for the other precisions
    beside it.
    """
    if not detail.evaluations:
        return finished([note_lines(why_none(trial, "metrics"), width)], detail, width)
    lens = lens_for(run, lens)
    return finished([of_before(trial, width), *evaluated(detail.evaluations, lens, width)], detail, width)


def evaluated(evaluations: Evaluations, lens: Lens, width: int) -> list[list[Line]]:
    """Return the sections of `trial_metric_lines` about evaluations, of which there is at least one."""
    return [_summary(evaluations, lens, width), _classes(evaluations, lens, width)]


def _figure(value: float | None, form: Callable[[float | None], str]) -> Span:
    """Return a figure with its tone; `n/a` where there is none."""
    text = form(value)
    return (NOT_COMPUTED, "dim") if text == fmt.MISSING else (text, "")


def _summary(evaluations: Evaluations, lens: Lens, width: int) -> list[Line]:
    rows = list(_rows(evaluations))
    names = min(_MOST_NAME, max(_LEAST_NAME, *(len_cells(name) for name, _ in rows)))
    found: list[Line] = []
    for columns in _tables(list(evaluations), (width - _LEAST_NAME) // _FIGURE):
        room = min(names, width - _FIGURE * len(columns))
        found += [EMPTY_LINE] if found else []
        found += _heads(columns, lens, room)
        for name, cells in rows:
            found += _row(name, [cells.get(key, (NOT_COMPUTED, "dim")) for key in columns], room, width)
    if any(text.strip() == NOT_COMPUTED for line in found for text, _ in line):
        found += note_lines(f"{NOT_COMPUTED}: not computed for this kind of network, or not a number.", width)
    return found


def _tables(keys: Sequence[_Key], most: int) -> list[list[_Key]]:
    """Divide columns among tables of at most `most`; the precisions of a part stay together if they can."""
    tables: list[list[_Key]] = [[]]
    for part in dict.fromkeys(part for part, _ in keys):
        columns = [key for key in keys if key[0] == part]
        if len(tables[-1]) + len(columns) > most and tables[-1]:
            tables.append([])
        for key in columns:
            if len(tables[-1]) == most:
                tables.append([])
            tables[-1].append(key)
    return tables


def _heads(keys: Sequence[_Key], lens: Lens, names: int) -> Iterator[Line]:
    """Yield the two lines above the columns: parts, each over its precisions, and precisions; the lens' are bright."""
    parts = dict.fromkeys(part for part, _ in keys)
    spans = [(part, sum(of == part for of, _ in keys)) for part in parts]
    yield (
        (" " * names, ""),
        *((fit(part, _FIGURE * count, "right" if count == 1 else "centre"), "title") for part, count in spans),
    )
    marked = (lens.part, lens.precision)
    yield (
        (" " * names, ""),
        *(
            (fit(f"‹{key[1]}›" if key == marked else key[1], _FIGURE, "right"), "accent" if key == marked else "dim")
            for key in keys
        ),
    )


def _row(name: str, cells: Sequence[Span], names: int, width: int) -> Iterator[Line]:
    """Yield a row; a name that is too long for its column has lines of its own before it."""
    if len_cells(name) > names:
        for line in wrap(name, width):
            yield ((line, ""),)
        name = ""
    yield ((fit(name, names), ""), *((" " + fit(text, _FIGURE - 1, "right"), tone) for text, tone in cells))


def _rows(evaluations: Evaluations) -> Iterator[tuple[str, dict[_Key, Span]]]:
    yield "accuracy", {key: _figure(one.accuracy, fmt.percent) for key, one in evaluations.items()}
    yield "loss", {key: _figure(one.loss, fmt.loss) for key, one in evaluations.items()}
    for name in dict.fromkeys(metric.name for one in evaluations.values() for metric in one.metrics):
        yield name, {key: _metric(one, name) for key, one in evaluations.items()}
    for name in dict.fromkeys(row.name for one in evaluations.values() for row in one.averages):
        yield f"F1, {name}", {key: _figure(_average(one, name), fmt.percent) for key, one in evaluations.items()}


def _metric(evaluation: EvaluationDetail, name: str) -> Span:
    metric = next((metric for metric in evaluation.metrics if metric.name == name), None)
    if metric is None or not (metric.text or metric.value is not None):
        return NOT_COMPUTED, "dim"
    return metric.text or fmt.loss(metric.value), ""


def _average(evaluation: EvaluationDetail, name: str) -> float | None:
    return next((row.f1 for row in evaluation.averages if row.name == name), None)


def _classes(evaluations: Evaluations, lens: Lens, width: int) -> list[Line]:
    """Return the table of classes, with which of them is recognised least."""
    scored = {key: one for key, one in evaluations.items() if one.scores}
    found = chosen(scored, lens)
    if found is None:
        return note_lines("No metrics by class: Edge Impulse computes them for classification and FOMO only.", width)
    key, evaluation = found
    beside = [other for other in scored if other[0] == key[0] and other != key]
    longest = max(len_cells(score.name) for score in evaluation.scores)
    names = min(max(_LEAST_NAME, longest), _MOST_NAME, width - 4 * _SCORE - len(_MARK))
    groups = [key, *beside][: max(1, (width - names - 2 * _SCORE) // (3 * _SCORE))]
    bar = width - names - (3 * len(groups) + 1) * _SCORE >= _WIDTH_OF_BAR + 2 + len(_MARK_BESIDE_BAR)
    weakest = worst(evaluation.scores)
    return [
        *_class_heads(groups, weakest, names, background=any(one.name == BACKGROUND for one in evaluation.scores)),
        *_class_rows([scored[group] for group in groups], weakest, names, bar=bar),
    ]


def _class_heads(groups: Sequence[_Key], weakest: ClassScore | None, names: int, *, background: bool) -> Iterator[Line]:
    part, precision = groups[0]
    yield heading("Classes", f"on {part}, {precision}")
    if weakest is not None:
        yield (
            ("Worst recall: ", "dim"),
            (f"{weakest.name} {fmt.percent(weakest.recall)}", "warn"),
            (f" of {fmt.count(weakest.support)} samples" if weakest.support else "", "dim"),
            (" (background left out)" if background else "", "dim"),
        )
    if len(groups) > 1:
        each = 3 * _SCORE
        yield (
            (" " * (names + _SCORE), ""),
            *((fit(name, each, "right"), "title") for _, name in groups),
        )
    yield (
        (fit("class", names), "dim"),
        (fit("samples", _SCORE, "right"), "dim"),
        *((fit(name, _SCORE, "right"), "dim") for _ in groups for name in ("precision", "recall", "F1")),
    )


def _class_rows(
    evaluations: Sequence[EvaluationDetail], weakest: ClassScore | None, names: int, *, bar: bool
) -> Iterator[Line]:
    others = [{score.name: score for score in one.scores} for one in evaluations[1:]]
    for score in evaluations[0].scores:
        is_worst = weakest is not None and score is weakest
        cells = [
            span for one in (score, *(other.get(score.name, _NO_SCORE) for other in others)) for span in _cells(one)
        ]
        yield (
            (fit(score.name, names), "warn" if is_worst else ""),
            (fit(fmt.count(score.support), _SCORE, "right"), "dim"),
            *((fit(text, _SCORE, "right"), tone) for text, tone in cells),
            *([("  ", ""), *_bar(score.recall)] if bar else []),
            *([(_MARK_BESIDE_BAR if bar else _MARK, "warn")] if is_worst else []),
        )


_NO_SCORE = ClassScore("")


def _cells(score: ClassScore) -> tuple[Span, Span, Span]:
    return _figure(score.precision, fmt.percent), _figure(score.recall, fmt.percent), _figure(score.f1, fmt.percent)


def _bar(share: float | None) -> tuple[Span, Span]:
    """Return a bar of the recall."""
    filled = round((share or 0) * _WIDTH_OF_BAR)
    return ("█" * filled, "accent"), ("·" * (_WIDTH_OF_BAR - filled), "dim")
