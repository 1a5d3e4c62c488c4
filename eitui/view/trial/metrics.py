"""How a trial's network did: accuracy, loss and further metrics side by side, and each class by itself."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from eitui.analysis.confusion import worst
from eitui.analysis.figures import Lens
from eitui.analysis.ranking import usual_lens
from eitui.domain.detail import BACKGROUND, ClassScore, EvaluationDetail, TrialDetail
from eitui.domain.run import Run
from eitui.domain.trial import Trial
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import fit, len_cells, wrap
from eitui.view.kit.lines import EMPTY_LINE, Line, Span
from eitui.view.kit.page import heading, note_lines
from eitui.view.trial.parts import NOT_COMPUTED, chosen, finished, of_before, why_none

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
    sections = evaluated(detail.evaluations, lens or usual_lens(run), width)
    return finished([of_before(trial, width), *sections], detail, width)


def evaluated(evaluations: Evaluations, lens: Lens, width: int) -> list[list[Line]]:
    """Return the sections of `trial_metric_lines` about evaluations, of which there is at least one."""
    return [_summary(evaluations, lens, width), _classes(evaluations, lens, width)]


def _figure(value: float | None, form: Callable[[float | None], str]) -> Span:
    """Return a figure with its tone; `n/a` where there is none."""
    text = form(value)
    return (NOT_COMPUTED, "dim") if text == fmt.MISSING else (text, "")


def _summary(evaluations: Evaluations, lens: Lens, width: int) -> list[Line]:
    rows: list[tuple[str, dict[_Key, Span]]] = [
        ("accuracy", {key: _figure(one.accuracy, fmt.percent) for key, one in evaluations.items()}),
        ("loss", {key: _figure(one.loss, fmt.loss) for key, one in evaluations.items()}),
    ]
    for name in dict.fromkeys(metric.name for one in evaluations.values() for metric in one.metrics):
        shown: dict[_Key, Span] = {}
        for key, one in evaluations.items():
            metric = next((metric for metric in one.metrics if metric.name == name), None)
            if metric is not None and (metric.text or metric.value is not None):
                shown[key] = (metric.text or fmt.loss(metric.value), "")
        rows.append((name, shown))
    for name in dict.fromkeys(average.name for one in evaluations.values() for average in one.averages):
        shown = {}
        for key, one in evaluations.items():
            f1 = next((average.f1 for average in one.averages if average.name == name), None)
            shown[key] = _figure(f1, fmt.percent)
        rows.append((f"F1, {name}", shown))

    names = min(_MOST_NAME, max(_LEAST_NAME, *(len_cells(name) for name, _ in rows)))
    found: list[Line] = []
    for columns in _tables(list(evaluations), (width - _LEAST_NAME) // _FIGURE):
        room = min(names, width - _FIGURE * len(columns))
        found += [EMPTY_LINE] if found else []
        found += _heads(columns, lens, room)
        for name, values in rows:
            title = name
            if len_cells(name) > room:
                # It has lines of its own before its row.
                found += [((line, ""),) for line in wrap(name, width)]
                title = ""
            cells = (values.get(key, (NOT_COMPUTED, "dim")) for key in columns)
            found.append(
                ((fit(title, room), ""), *((" " + fit(text, _FIGURE - 1, "right"), tone) for text, tone in cells))
            )
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

    part, precision = key
    lines = [heading("Classes", f"on {part}, {precision}")]
    if weakest is not None:
        background = any(one.name == BACKGROUND for one in evaluation.scores)
        lines.append(
            (
                ("Worst recall: ", "dim"),
                (f"{weakest.name} {fmt.percent(weakest.recall)}", "warn"),
                (f" of {fmt.count(weakest.support)} samples" if weakest.support else "", "dim"),
                (" (background left out)" if background else "", "dim"),
            )
        )
    if len(groups) > 1:
        over = ((fit(name, 3 * _SCORE, "right"), "title") for _, name in groups)
        lines.append(((" " * (names + _SCORE), ""), *over))
    lines.append(
        (
            (fit("class", names), "dim"),
            (fit("samples", _SCORE, "right"), "dim"),
            *((fit(name, _SCORE, "right"), "dim") for _ in groups for name in ("precision", "recall", "F1")),
        )
    )

    others = [{score.name: score for score in scored[group].scores} for group in groups[1:]]
    for score in evaluation.scores:
        is_worst = weakest is not None and score is weakest
        cells = [
            _figure(value, fmt.percent)
            for one in (score, *(other.get(score.name, _NO_SCORE) for other in others))
            for value in (one.precision, one.recall, one.f1)
        ]
        line: list[Span] = [
            (fit(score.name, names), "warn" if is_worst else ""),
            (fit(fmt.count(score.support), _SCORE, "right"), "dim"),
            *((fit(text, _SCORE, "right"), tone) for text, tone in cells),
        ]
        if bar:
            filled = round((score.recall or 0) * _WIDTH_OF_BAR)
            line += [("  ", ""), ("█" * filled, "accent"), ("·" * (_WIDTH_OF_BAR - filled), "dim")]
        if is_worst:
            line.append((_MARK_BESIDE_BAR if bar else _MARK, "warn"))
        lines.append(tuple(line))
    return lines


_NO_SCORE = ClassScore("")
