"""The curves of trials by epoch: one trial's, on which axis, how smooth, of which attempt; several compared."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain, pairwise
from typing import Literal

from eitui.analysis.figures import finite, has_accuracy
from eitui.domain.curve import EMPTY_CURVE, Curve, Epoch, Epochs, phases_of, steps_of
from eitui.domain.trial import COMPLETED, FAILED, PENDING, RUNNING, Trial
from eitui.view.kit import format as fmt
from eitui.view.kit.axis import Scale
from eitui.view.kit.chart import Chart, ChartPoint, Rule, Segment, Series, draw
from eitui.view.kit.keys import keyed
from eitui.view.kit.lines import EMPTY_LINE, Line, crop, joined, width_of, wrapped
from eitui.view.kit.look import PLAIN_LOOK, CurveLook, looked_at
from eitui.view.kit.marks import Mark
from eitui.view.kit.status import BEST

Quantity = Literal["loss", "accuracy"]

QUANTITIES: tuple[Quantity, Quantity] = ("loss", "accuracy")

LAST_EPOCH = 10**9
"""No axis goes further, whatever number the service sends."""

_BEST = BEST.sign

NONE_ABOVE_ZERO = "No loss is above 0: a logarithmic axis cannot show it."

_SIDE_BY_SIDE, _GAP = 70, 2
"""Cells from which two charts stand beside each other, and the cells between them."""

LEAST_LINES, GOOD_LINES = 6, 12
"""Lines that a chart needs to say anything, and from which it is better wide than beside another."""


@dataclass(frozen=True)
class LogState:
    """What is known of the log from which a curve may be filled in."""

    reading: bool = False
    """Whether it is being read, or is to be."""
    problem: str = ""
    """Why it could not be read, a sentence."""


UNREAD = LogState()


@dataclass(frozen=True)
class BestEpoch:
    """The epoch at which a value was best."""

    step: int
    """Its place on the axis across."""
    value: float
    name: str


def attempts(curve: Curve) -> tuple[Epochs, ...]:
    """Return the epochs of every attempt at a trial that was seen, oldest first; the last is under way, or was last."""
    return (*curve.earlier, curve.epochs)


def trial_charts(curve: Curve, training_cycles: int | None, look: CurveLook = PLAIN_LOOK) -> tuple[Chart, Chart]:
    """Return the charts of loss and of accuracy. The axis of epochs ends at `training_cycles` where that is known.

    Phases of a training are drawn one after another, with a rule where each begins. A smoothed line has
    the values as they came below it, dim and without a label. On a logarithmic axis values of zero
    or less are left out, and counted in the note. A network without an accuracy has an empty second chart.
    """
    every = attempts(curve)
    epochs = every[look.attempt]
    number = look.attempt % len(every) + 1
    attempt = f"attempt {number} of {len(every)}" if len(every) > 1 else ""
    with_accuracy = epochs if any(map(has_accuracy, epochs)) else ()
    best_loss, best_accuracy = best_epochs(epochs)
    losses = _chart(
        "loss",
        epochs,
        (lambda epoch: epoch.loss, lambda epoch: epoch.val_loss),
        best_loss,
        look,
        training_cycles,
        attempt,
    )
    accuracies = _chart(
        "accuracy",
        with_accuracy,
        (lambda epoch: epoch.accuracy, lambda epoch: epoch.val_accuracy),
        best_accuracy,
        replace(look, log=False),
        training_cycles,
        attempt,
    )
    return losses, accuracies


def _chart(
    quantity: Quantity,
    epochs: Epochs,
    values: tuple[Callable[[Epoch], float | None], Callable[[Epoch], float | None]],
    best: BestEpoch | None,
    look: CurveLook,
    training_cycles: int | None,
    attempt: str,
) -> Chart:
    text = fmt.loss if quantity == "loss" else fmt.percent
    lines = []
    left_out = 0
    steps = steps_of(epochs)
    for name, value in zip(("train", "val"), values, strict=True):
        found = [finite(value(epoch)) for epoch in epochs]
        shown = [one if one is not None and (one > 0 or not look.log) else None for one in found]
        left_out += sum(one is not None for one in found) - sum(one is not None for one in shown)
        latest = text(found[-1]) if found else ""
        lines.append(Series(name, name, _segments(epochs, steps, shown), latest))
    title: str = quantity
    if look.log:
        title += " (log)"
        if best is not None and best.value <= 0:
            best = None
    series = tuple(lines)
    scale = _scale(series, quantity, log=look.log)
    if look.smoothing.weight and epochs:
        title += f", {look.smoothing.name} smoothing"
        series = looked_at(series, look, text)
    latest_epoch = epoch_name(epochs, steps, len(epochs) - 1) if epochs else ""
    excluded = f"{left_out} not above 0" if left_out else ""
    return Chart(
        title,
        _epoch_scale(steps, training_cycles),
        scale,
        "epoch",
        series,
        () if best is None else (ChartPoint(best.step, best.value, _BEST, "best"),),
        _phase_rules(epochs, steps),
        note=", ".join(filter(None, (attempt, latest_epoch, _log_note(epochs), _not_seen_note(steps), excluded))),
        gaps=True,
        ends=True,
    )


def epoch_name(epochs: Epochs, steps: Sequence[int], index: int) -> str:
    """Return what the epoch at `index` is called, with its phase where there are several."""
    number = epochs[index].epoch
    if _one_phase(epochs, steps):
        return f"epoch {number}"
    return f"phase {len(phases_of(epochs[: index + 1]))} epoch {number}"


def _one_phase(epochs: Epochs, steps: Sequence[int]) -> bool:
    return not epochs or steps[-1] == epochs[-1].epoch


def _phase_rules(epochs: Epochs, steps: Sequence[int]) -> tuple[Rule, ...]:
    if _one_phase(epochs, steps):
        return ()
    begins = list(accumulate(map(len, phases_of(epochs))))[:-1]
    return tuple(
        Rule((steps[begin - 1] + steps[begin]) / 2, f"phase {number}") for number, begin in enumerate(begins, 2)
    )


def _log_note(epochs: Epochs) -> str:
    logged = sum(epoch.seen_at is None for epoch in epochs)
    return f"{'all' if logged == len(epochs) else logged} from the log" if logged else ""


def _segments(epochs: Epochs, steps: Sequence[int], values: Sequence[float | None]) -> tuple[Segment, ...]:
    """Return the runs of epochs that follow one another in one phase and have a value."""
    if _one_phase(epochs, steps):
        return _runs(steps, values)
    ends = list(accumulate(map(len, phases_of(epochs)), initial=0))
    parts = (_runs(steps[begin:end], values[begin:end]) for begin, end in pairwise(ends))
    return tuple(chain.from_iterable(parts))


def _runs(numbers: Sequence[int], values: Sequence[float | None]) -> tuple[Segment, ...]:
    known = [value for value in values if value is not None]
    # Nearly always nothing is missing: then one look at all of them does instead of one at each.
    if known and len(known) == len(numbers) == numbers[-1] - numbers[0] + 1:
        return (tuple(zip(numbers, known, strict=True)),)
    segments: list[list[tuple[float, float]]] = []
    previous: int | None = None
    for number, value in zip(numbers, values, strict=True):
        if value is None:
            previous = None
            continue
        if previous is None or number != previous + 1:
            segments.append([])
        segments[-1].append((number, value))
        previous = number
    return tuple(map(tuple, segments))


def _scale(series: Sequence[Series], quantity: Quantity, *, log: bool = False) -> Scale:
    values = [[y for _, y in segment] for one in series for segment in one.segments]
    if not values:
        return Scale(0.0, 1.0)
    low, high = min(map(min, values)), max(map(max, values))
    if quantity == "loss":
        return Scale(low, high, log=log)
    # Two tenths of 0..1 at least: a flat line must not look like a wild one.
    least, most = (10 * min(1.0, max(0.0, end)) for end in (low, high))
    bottom, top = math.floor(least), math.ceil(most)
    top = max(top, min(10, bottom + 2))
    return Scale(min(bottom, top - 2) / 10, top / 10, "percent")


def _epoch_scale(numbers: Sequence[int], training_cycles: int | None) -> Scale:
    first = min(1, *numbers) if numbers else 1
    last = max(training_cycles or 0, *numbers) if numbers else training_cycles or 0
    return Scale(first, min(LAST_EPOCH, max(last, first + 1)), "whole")


def _not_seen_note(steps: Sequence[int]) -> str:
    unseen = sum(max(0, after - before - 1) for before, after in pairwise([0, *steps]))
    return f"{unseen} not seen" if unseen > 0 else ""


# Several trials


def comparison_chart(
    trials: Sequence[Trial],
    curves: Mapping[str, Curve],
    marks: Sequence[Mark],
    quantity: Quantity,
    training_cycles: int | None,
    *,
    train: bool = False,
    look: CurveLook = PLAIN_LOOK,
) -> Chart:
    """Return a chart of the loss or accuracy of `trials` by epoch, each under its own mark.

    It is of the validation data, with `train` of the training data. `curves` is by trial id; `marks` has each trial's
    mark. On a logarithmic axis, which only a loss has, values that are not above zero are gaps.
    """
    log = look.log and quantity == "loss"
    known = [curves.get(trial.id, EMPTY_CURVE) for trial in trials]
    seen = [curve.epochs for curve in known]
    text = fmt.loss if quantity == "loss" else fmt.percent
    every = [steps_of(epochs) for epochs in seen]
    lines = []
    for trial, mark, epochs, steps in zip(trials, marks, seen, every, strict=True):
        values = _compared(epochs, quantity, train=train)
        shown = [one if one is not None and (one > 0 or not log) else None for one in values]
        segments = _segments(epochs, steps, shown) if values else ()
        lines.append(Series(trial.name, mark.tone, segments, text(values[-1] if values else None), mark.sign))
    unseen = sum(not epochs for epochs in seen)
    logged = sum(epoch.seen_at is None for curve in known if curve.logged for epoch in curve.epochs)
    notes = (
        "" if look.at is None else f"at epoch {look.at}",
        *replace(look, log=log).words,
        f"{logged} from the log" if logged else "",
        f"{unseen} not seen to train" if unseen else "",
    )
    return Chart(
        f"{'train' if train else 'val'} {quantity}",
        _epoch_scale([step for steps in every for step in (steps[:1] + steps[-1:])], training_cycles),
        _scale(lines, quantity, log=log),
        "epoch",
        looked_at(lines, look, text),
        note=", ".join(filter(None, notes)),
        gaps=True,
    )


def _compared(epochs: Sequence[Epoch], quantity: Quantity, *, train: bool) -> list[float | None]:
    if quantity == "loss":
        return [finite(epoch.loss if train else epoch.val_loss) for epoch in epochs]
    if not any(map(has_accuracy, epochs)):
        return []
    return [finite(epoch.accuracy if train else epoch.val_accuracy) for epoch in epochs]


def why_nothing_compared(
    trials: Sequence[Trial], curves: Mapping[str, Curve], quantity: Quantity, *, train: bool = False
) -> str:
    """Return why the chart of `trials` has nothing to draw; empty when there is something."""
    if not trials:
        return keyed("No trial is marked: {trial.mark} marks a trial in the trial table.")
    known = [curves.get(trial.id, EMPTY_CURVE) for trial in trials]
    if not any(curve.epochs for curve in known):
        if all(curve.log_read for curve in known):
            return "No curves: the logs of the marked trials have no epoch lines."
        return "No curves: the marked trials trained before eitui was running."
    marks = [Mark("", "")] * len(trials)
    if not comparison_chart(trials, curves, marks, quantity, None, train=train).empty:
        return ""
    if quantity == "accuracy":
        return "The marked trials have no accuracy: it is not computed for them, or they diverged."
    return "The marked trials diverged: every recorded loss is null."


# Why there is nothing to draw


def empty_reason(trial: Trial, curve: Curve, quantity: Quantity = "loss", log: LogState = UNREAD) -> str:
    """Return a sentence that says why the chart of `quantity` is empty; empty when there is something to draw."""
    if _only_the_end(trial, curve):
        return _not_seen(trial, curve, log)
    if not trial_charts(curve, None)[quantity == "accuracy"].empty:
        return ""
    if trial.problem:
        return f"The data of this trial could not be read: {trial.problem}"
    if not curve.epochs:
        return _not_seen(trial, curve, log)
    if quantity == "loss":
        return "Diverged: every recorded loss is null."
    if all(epoch.accuracy is None and epoch.val_accuracy is None for epoch in curve.epochs):
        return "Every recorded accuracy is null: the network diverged, or has no accuracy."
    return "This network has no accuracy (regression, some detection networks)."


def _only_the_end(trial: Trial, curve: Curve) -> bool:
    """Return whether all that was seen of a trial's training is its end: a dot, which says less than its values."""
    return trial.over and not curve.earlier and len(curve.epochs) == 1 and curve.epochs[0].epoch > 1


def _not_seen(trial: Trial, curve: Curve, log: LogState) -> str:
    if log.reading:
        return "Reading the epochs from the log …"
    if trial.status == PENDING:
        return "Waiting for a worker: no epochs yet."
    if trial.status == RUNNING:
        dsp = [block.status for block in trial.blocks if block.kind == "dsp"]
        if dsp and all(status == COMPLETED for status in dsp):
            return "Training has begun: the first epoch is not finished yet."
        return "Generating features: no epochs yet."
    if trial.status == FAILED and not trial.epoch:
        return "Failed before the first epoch was finished."
    if trial.over:
        if curve.log_read:
            why = "the log has no epoch lines"
        else:
            why = f"this{' failed' * (trial.status == FAILED)} trial trained before eitui was running"
        problem = f" Its log could not be read: {log.problem}" if log.problem else ""
        return f"No curve: {why}.{problem}" + (f" Last epoch: {_last(trial)}." if trial.progress.epoch else "")
    return f"Nothing to draw yet: the trial is {trial.status or 'in no known state'}."


def _last(trial: Trial) -> str:
    progress = trial.progress
    losses = f"loss {fmt.loss(progress.loss)}, val loss {fmt.loss(progress.val_loss)}"
    if not has_accuracy(progress):
        return losses
    return f"{losses}, accuracy {fmt.percent(progress.accuracy)}, val accuracy {fmt.percent(progress.val_accuracy)}"


# What the curves say


def best_epochs(epochs: Epochs) -> tuple[BestEpoch | None, BestEpoch | None]:
    """Return where val_loss was lowest and where val_accuracy was highest; the first of equal ones."""
    steps = steps_of(epochs)

    def best(read: Callable[[Epoch], float | None], sign: int) -> BestEpoch | None:
        found = [(value, index) for index, epoch in enumerate(epochs) if (value := finite(read(epoch))) is not None]
        value, index = min(found, key=lambda pair: sign * pair[0], default=(0.0, -1))
        return None if index < 0 else BestEpoch(steps[index], value, epoch_name(epochs, steps, index))

    with_accuracy = any(map(has_accuracy, epochs))
    return (
        best(lambda epoch: epoch.val_loss, 1),
        best(lambda epoch: epoch.val_accuracy, -1) if with_accuracy else None,
    )


def epoch_line(epochs: Epochs, index: int, width: int, *, moved: bool) -> Line:
    """Return the values of the epoch at `index`; `moved` says that a cursor stands there, else it is the latest."""
    if not epochs:
        return EMPTY_LINE
    epoch = epochs[index]
    head: list[Line] = [
        ((f"{'│' if moved else ' '}{epoch_name(epochs, steps_of(epochs), index)}", "accent" if moved else ""),)
    ]
    if epoch.seen_at is None:
        head.append((("(log)", "dim"),))

    def line(accuracy: str) -> Line:
        values: list[Line] = [
            _value("loss", fmt.loss(epoch.loss), "train"),
            _value("val loss", fmt.loss(epoch.val_loss), "val"),
        ]
        if any(map(has_accuracy, epochs)):
            values += [
                _value(accuracy, fmt.percent(epoch.accuracy), "train"),
                _value(f"val {accuracy}", fmt.percent(epoch.val_accuracy), "val"),
            ]
        return joined([joined(head, " "), *values], "  ")

    whole = line("accuracy")
    return whole if width_of(whole) <= width else crop(line("acc"), width)


def _value(name: str, text: str, tone: str) -> Line:
    return ((f"{name} ", "dim"), (text, tone))


def best_line(epochs: Epochs, width: int) -> Line:
    """Return at which epochs the values were best."""
    loss, accuracy = best_epochs(epochs)
    found: list[Line] = []
    if loss is not None:
        found.append((("lowest val loss ", "dim"), (fmt.loss(loss.value), "val"), (f" at {loss.name}", "")))
    if accuracy is not None:
        at = f" at {accuracy.name}"
        found.append((("highest val accuracy ", "dim"), (fmt.percent(accuracy.value), "val"), (at, "")))
    if not found:
        return EMPTY_LINE
    unseen = steps_of(epochs)[-1] > len(epochs)
    seen: Line = ((" of those seen", "dim"),) if unseen else EMPTY_LINE
    return crop(((f"{_BEST} ", "best"), *joined(found, ", "), *seen), width)


def draw_curves(
    charts: Sequence[tuple[Chart, str]], width: int, height: int, cursor: float | None = None
) -> list[Line]:
    """Return `height` lines with the charts above or beside one another, whichever shows more of them.

    Each chart comes with why it is empty, a sentence that then stands below its title. Where only one has room, its
    title names the others.
    """
    full = [chart for chart, reason in charts if not reason]
    told = [line for chart, reason in charts if reason for line in _sentence(chart.title, reason, width)]
    told = told[: height // 3] if full else told[:height]
    room = height - len(told)
    drawn: list[Line] = []
    if len(full) == 1:
        drawn = list(draw(full[0], width, room, cursor))
    elif full:
        each = room // len(full)
        beside = width >= _SIDE_BY_SIDE
        if each >= (GOOD_LINES if beside else LEAST_LINES):
            extra = room - each * len(full)
            drawn = [
                line
                for place, chart in enumerate(full)
                for line in draw(chart, width, each + (extra if place == 0 else 0), cursor)
            ]
        elif beside:
            wide = (width - _GAP * (len(full) - 1)) // len(full)
            columns = [draw(chart, wide, room, cursor) for chart in full]
            drawn = [_beside(row, wide) for row in zip(*columns, strict=True)]
        else:
            others = ", ".join(chart.title for chart in full[:-1])
            note = ", ".join(filter(None, (full[-1].note, f"no room for {others}")))
            drawn = list(draw(replace(full[-1], note=note), width, room, cursor))
    lines = [*drawn, *told]
    return [*lines, *[EMPTY_LINE] * (height - len(lines))][:height]


def _beside(lines: Sequence[Line], width: int) -> Line:
    line: Line = ()
    for place, one in enumerate(lines):
        line = (*line, *one, (" " * (width - width_of(one) + (_GAP if place < len(lines) - 1 else 0)), ""))
    return line


def _sentence(title: str, reason: str, width: int) -> list[Line]:
    return [((title, "title"),), *(((" ", ""), *line) for line in wrapped(reason, width - 2, "dim"))]
