"""A trial at a glance, for the place beside the table: its values, its costs against the limits, and parameters."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from eitui.analysis.figures import FigureValue, Lens, WorstClass
from eitui.analysis.flags import Flag
from eitui.domain.run import Run
from eitui.domain.trial import FAILED, TEST, TRAIN, VALIDATION, Trial
from eitui.view.kit import format as fmt
from eitui.view.kit.lines import EMPTY_LINE, Line, Span, crop, joined
from eitui.view.kit.page import note_lines, pair_lines, stacked
from eitui.view.trial.device import limit_lines
from eitui.view.trial.parts import flag_lines, trial_state

_PARTS = (VALIDATION, TEST, TRAIN)


class Glance(NamedTuple):
    """What a trial's summary is made of."""

    trial: Trial
    run: Run
    lens: Lens
    """Whose figures are shown."""
    parameters: Mapping[str, FigureValue]
    flags: tuple[Flag, ...] = ()
    tie: str = ""
    """That it is as good as the best one; empty where it is not."""
    worst: WorstClass | None = None
    stalled: bool = False
    failure: str = ""
    """Why it failed."""


def summary_lines(of: Glance, width: int) -> list[Line]:
    """Return the summary on lines of at most `width` cells."""
    trial, run = of.trial, of.run
    stalled = frozenset({trial.id} if of.stalled else ())
    state = trial_state(trial, stalled, run.config.training_cycles)
    sections: list[Sequence[Line]] = [
        [state, *_values(of)],
        note_lines(of.failure, width, "bad") if trial.status == FAILED and of.failure else [],
        flag_lines(of.flags, of.tie, width)[:-1],
        limit_lines(trial, run.config.target, of.lens, width),
        _parameters(of.parameters, width),
    ]
    return stacked(sections, width)


def _values(of: Glance) -> list[Line]:
    """Return accuracy and loss of every part of the data that has any, and the class recognised least."""
    lines: list[Line] = []
    for part in (of.lens.part, *(part for part in _PARTS if part != of.lens.part)):
        lens = Lens(part, of.lens.precision)
        accuracy, loss = lens.accuracy(of.trial), lens.loss(of.trial)
        found: list[Line | None] = [
            (("accuracy ", "dim"), (fmt.percent(accuracy), "")) if accuracy is not None else None,
            (("loss ", "dim"), (fmt.loss(loss), "")) if loss is not None else None,
        ]
        if part == of.lens.part and of.worst is not None:
            name, recall = of.worst
            found.append((("worst class ", "dim"), (f"{name} {fmt.percent(recall)}", "")))
        if any(found):
            lines.append(((f"{part:<11}", "dim"), *joined(found, "  ")))
    return lines


def _parameters(parameters: Mapping[str, FigureValue], width: int) -> list[Line]:
    if not parameters:
        return []
    # What the data is like is the same for all trials, mostly: it comes last.
    order = sorted(parameters, key=lambda name: name.startswith("input."))
    rows = [(name, _shown(parameters[name])) for name in order]
    heading: tuple[Span, ...] = (("Parameters", "title"),)
    return [heading, *pair_lines(rows, width, indent=0)]


def _shown(value: FigureValue) -> str:
    return value if isinstance(value, str) else fmt.number(value)


def summary(of: Glance | None, width: int, height: int) -> list[Line]:
    """Return at most `height` lines of the summary: what has no room is told on the last of them."""
    lines = [] if of is None else summary_lines(of, width)
    if len(lines) <= height:
        return lines
    kept = lines[: max(0, height - 1)]
    return [*kept, crop(((f"… {len(lines) - len(kept)} more lines", "dim"),), width)][: max(0, height)] or [EMPTY_LINE]
