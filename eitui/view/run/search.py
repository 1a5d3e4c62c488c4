"""Progress of the search: the best so far as a stair over the trials that completed, and in words what will end it."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from eitui.analysis.eta import Limit, LimitKind, planned_trials
from eitui.analysis.figures import Lens
from eitui.analysis.ranking import Finished
from eitui.analysis.search import Search
from eitui.analysis.standing import why_ended
from eitui.domain.moment import Moment
from eitui.domain.run import Run
from eitui.domain.trial import VALIDATION
from eitui.view.kit import format as fmt
from eitui.view.kit.axis import Scale, worth_showing
from eitui.view.kit.cells import fit, len_cells, middle, wrap
from eitui.view.kit.chart import Chart, ChartPoint, Rule, draw, padded
from eitui.view.kit.format import number
from eitui.view.kit.keys import keyed
from eitui.view.kit.lines import EMPTY_LINE, LEAST_NAME, Line, Span, beside, crop, joined, spread, width_of
from eitui.view.kit.page import pair_lines
from eitui.view.kit.status import BEST, OVER, status
from eitui.view.run.header import range_left
from eitui.view.run.panes import OPENS_LOG, why_without_trials
from eitui.view.run.plain import objectives_told
from eitui.view.run.scatter import WORSE_DOWN, WORSE_UP

_BEST, IMPROVED, OTHER = BEST.sign, "◆", "•"
"""Signs of the trials: the best so far, one that was the best when it completed, any other."""

_LABEL = 16
_LEAST_BAR, _BAR = 8, 24
_SAID = 51
"""Cells kept for the words beside the bar."""
_NEAR = 0.75
"""Part of the early-stopping window from which it is nearly full."""


def search_metric_name(found: Search, lens: Lens) -> str:
    """Return what the search is shown by."""
    return _called(found.metric, lens)


def _called(metric: str, lens: Lens) -> str:
    part = "val" if lens.part == VALIDATION else lens.part
    return f"{part} {metric.removeprefix('val_')}"


def _is_accuracy(found: Search) -> bool:
    return found.metric == "val_accuracy"


def _figure(found: Search, value: float | None) -> str:
    return fmt.percent(value) if _is_accuracy(found) else fmt.loss(value)


# The chart


def search_chart(
    found: Search,
    run: Run,
    lens: Lens,
    width: int,
    height: int,
    names: Mapping[str, str] | None = None,
    at: int | None = None,
) -> list[Line]:
    """Return `height` lines of exactly `width` cells: a legend and the plot, or why there is none.

    The x axis counts completed trials, up to all that the plan still allows, so that it does not move with each.
    Where the completed trial with the number `at` is read, its values and its name in `names` stand for the legend.
    """
    if width <= 0 or height <= 0:
        return [EMPTY_LINE] * max(0, height)
    values = [trial.value for trial in found.finished if trial.value is not None]
    if not values:
        lines: list[Line] = [((" ", ""), (line, "dim")) for line in wrap(_why_none(found, run), width - 2)]
        return [padded(crop(line, width), width) for line in [*lines, *[EMPTY_LINE] * height][:height]]
    read = next((trial for trial in found.finished if trial.number == at), None)
    head = _legend(found, lens, width) if read is None else _reading(found, read, names or {}, width)
    return [padded(head, width), *draw(_chart(found, run, lens), width, height - 1, None if read is None else at)]


def _reading(found: Search, read: Finished, names: Mapping[str, str], width: int) -> Line:
    values: Line = (
        (f"  {_figure(found, read.value)}", ""),
        (f"  best so far {_figure(found, read.best)}", "dim"),
        (_round(read), "dim"),
    )
    head: Line = ((f"│trial {read.number}  ", "accent"),)
    name = names.get(read.trial_id, read.trial_id)
    return crop((*head, *beside(name, values, width - width_of(head))), width)


def _why_none(found: Search, run: Run) -> str:
    if found.finished:
        return f"{_trials(len(found.finished))} completed, but the service sent neither accuracy nor loss."
    if not run.trials and not run.finished:
        return "The run has no trials yet."
    if run.finished:
        return "The run ended without a completed trial."
    return "No completed trial yet: the curve starts with the first."


def _legend(found: Search, lens: Lens, width: int) -> Line:
    starred, last = found.star is not None and found.star.value is not None, found.star == found.best
    improved = any(step != found.star for step in found.steps)
    shown = _shown_range(found)
    worse = next((sign.char for sign in _signs(found, shown) if sign.char in (WORSE_DOWN, WORSE_UP)), "")
    entries: list[Line | None] = [
        ((f"{_BEST} {'best so far' if last else 'best trial'}", "best"),) if starred else None,
        ((f"{IMPROVED} {'was the best' if last else 'improved'}", "good"),) if improved else None,
        ((f"{OTHER} no better", "dim"),) if len(found.steps) < len(found.finished) else None,
        ((f"{worse} off the chart", "dim"),) if worse else None,
        (("┊ new round", "dim"),) if len(found.rounds) > 1 else None,
    ]
    title = ((f" {search_metric_name(found, lens)}, {lens.precision}", "title"),)
    line = joined([title, *entries], "  ")
    hint: Line = ((keyed("{move.left}{move.right} read values "), "dim"),)
    return spread(line, hint, width) if width_of(line) + width_of(hint) < width else crop(line, width)


def _chart(found: Search, run: Run, lens: Lens) -> Chart:
    accuracy = _is_accuracy(found)
    last = _last(found, run)
    shown = _shown_range(found)
    return Chart(
        search_metric_name(found, lens),
        Scale(0, last, "whole"),
        Scale.holding(shown, "percent" if accuracy else "number", may_be_log=not accuracy),
        "completed trials",
        points=tuple(_signs(found, shown)),
        rules=tuple(_rules(found, run, last)),
        steps=tuple((float(step.number), step.value) for step in found.steps if step.value is not None),
        steps_end=float(len(found.finished)),
    )


def _last(found: Search, run: Run) -> int:
    """Return where the axis ends: at the trials that can still complete, of a run that is over at those that did."""
    done = len(found.finished)
    return max(2, done) if run.finished else max(2, done, planned_trials(run) - run.counts.failed)


def _shown_range(found: Search) -> list[float]:
    """Return figures that the y axis must hold: all steps, and most of the others."""
    values = [trial.value for trial in found.finished if trial.value is not None]
    starred = [found.star] if found.star is not None else []
    steps = [step.value for step in (*found.steps, *starred) if step.value is not None]
    return worth_showing(values, steps, higher_is_better=_is_accuracy(found))


def _signs(found: Search, shown: Sequence[float]) -> Iterator[ChartPoint]:
    low, high = min(shown), max(shown)
    for trial in found.finished:
        if trial.value is None:
            continue
        if not low <= trial.value <= high:
            char, tone = (WORSE_DOWN if trial.value < low else WORSE_UP), "dim"
        elif trial == found.star:
            char, tone = _BEST, "best"
        elif trial.improved:
            char, tone = IMPROVED, "good"
        else:
            char, tone = OTHER, "dim"
        yield ChartPoint(float(trial.number), trial.value, char, tone, under=char == OTHER)


def _rules(found: Search, run: Run, last: int) -> Iterator[Rule]:
    for mark in found.rounds:
        yield Rule(mark.at + 0.5 if mark.at else 0.0, f"round {mark.round}")
    early = next((limit for limit in found.limits if limit.kind is LimitKind.EARLY_STOPPING), None)
    if early is not None and early.trials and not run.finished:
        end = len(found.finished) + early.trials
        if end <= last:
            yield Rule(float(end), "early stop?", "warn")


# In words


def search_facts(found: Search, moment: Moment, names: Mapping[str, str], width: int) -> list[Line]:
    """Return the best so far, how long nothing improved, the objectives, the time left, and what ends the run when.

    `names` has the names of the trials by id.
    """
    best, star, room = found.best, found.star, width - _LABEL - 1
    none: Line = (("none yet: no completed trial has a value" if found.finished else "none yet", "dim"),)
    parts = [
        *_labelled("Best so far", none if best is None else _placed(found, best, names, room), width),
        *_labelled("No improvement", _unimproved(found, width), width),
        *(line for text in _reservations(found, moment.run) for line in _labelled("", ((text, "dim"),), width)),
        *_labelled("Objectives", ((objectives_told(moment.run), ""),), width),
        *_labelled("Time left", (_time(found, moment.run),), width),
    ]
    if star is not None and star != best:
        parts[1:1] = [
            *_labelled("Best trial", _placed(found, star, names, room), width),
            *_labelled("", ((f"by {found.star_by}", "dim"),), width),
        ]
    elif _is_weighed(found):
        parts[1:1] = _labelled("", ((f"{_BEST} by {found.star_by}", "dim"),), width)
    label = "Ended by" if moment.run.finished else "Ends with"
    for index, ending in enumerate(_endings(found, moment)):
        parts += _labelled("" if index else label, (ending,), width)
    return parts


def _labelled(label: str, line: Line, width: int) -> list[Line]:
    """Return `line` behind its label; where it is too long and of one tone, on as many lines as it needs."""
    room = width - _LABEL - 1
    head: Span = (" " + fit(label, _LABEL), "key")
    if len(line) != 1:
        return [crop((head, *line), width)]
    (text, tone), rest = line[0], (" " * (_LABEL + 1), "")
    return [
        crop((rest if index else head, (piece, tone)), width) for index, piece in enumerate(wrap(text, room) or [""])
    ]


def _placed(found: Search, trial: Finished, names: Mapping[str, str], width: int) -> Line:
    """Return a trial's figure, its name, and its place among those that completed."""
    where = f"trial {trial.number} of {len(found.finished)} completed"
    if trial.round is not None:
        where += f", round {trial.round}"
    sign, tone = (_BEST, "best") if trial == found.star else (IMPROVED, "good")
    figure = f"{sign} {_figure(found, trial.value)}  "
    named = beside(names.get(trial.trial_id, trial.trial_id), ((f"  {where}", "dim"),), width - len_cells(figure))
    return ((figure, tone), *named)


def _unimproved(found: Search, width: int) -> Line:
    """Return for how many trials nothing improved, and how far that is from early stopping."""
    text, window = f"for {_trials(found.unimproved)}", found.window
    if window is None:
        return ((f"{text}; no early stopping is configured", ""),)
    if found.unimproved != found.own_unimproved:
        own = f"{found.own.words}, {found.own.lens.precision}"
        text += f"; {found.own_unimproved} of {window} by {own}"
    elif found.outlived:
        text += f", past the window of {window}"
    else:
        text += f"; early stopping after {window}"
    bar = min(_BAR, width - _LABEL - _SAID)
    if bar < _LEAST_BAR:
        return ((text, ""),)
    share = min(1.0, found.own_unimproved / window) if window > 0 else 1.0
    filled = round(share * bar)
    tone = OVER.tone if share >= 1 else "warn" if share >= _NEAR else "accent"
    # Of a window that ended nothing the tuner's part is not known.
    tone = "dim" if found.outlived else tone
    return (("━" * filled, tone), ("·" * (bar - filled), "dim"), (f"  {text}", ""))


def _reservations(found: Search, run: Run) -> Iterator[str]:
    """Yield why the tuner's own count may be another."""
    if found.window is None or not (found.finished or found.objectives):
        return
    metric = found.own.words
    if found.outlived:
        yield f"counted on {metric}; the tuner {'went' if run.finished else 'goes'} on by its objectives"
    elif found.own.rank <= 1:
        other = "the tuner uses its objectives" if found.objectives else "what the tuner uses is not known"
        yield f"counted on {metric}; {other}"
    elif _is_weighed(found):
        yield f"counted on {metric}; how the tuner weighs costs is not known"
    if found.bar is not None:
        yield f"any gain counts here; the tuner counts only gains above {number(found.bar)}"


def _is_weighed(found: Search) -> bool:
    """Return whether the trials are ranked by something else than the chart can show."""
    return not (found.own.is_accuracy or found.own.is_loss)


def _time(found: Search, run: Run) -> Span:
    if run.finished or found.eta is None:
        return ("none: the run has ended" if run.finished else "unknown", "dim")
    return (f"{range_left(found.eta) or 'unknown'}: {found.eta.detail}", "")


def _endings(found: Search, moment: Moment) -> list[Span]:
    run = moment.run
    if run.finished:
        return _ended(found, moment)
    if not found.limits:
        if found.outlived:
            return [("unknown: the run continues past its early-stopping window", "dim")]
        return [("no limit configured: no number of trials, no early stopping, no training time", "dim")]
    told = [
        (
            f"{'▸ first: ' if limit is found.first else ''}{_limit(limit, run)}, {_when(limit)}",
            "" if limit is found.first else "dim",
        )
        for limit in found.limits
    ]
    if found.first is None:
        told.append(("Which comes first is not known yet.", "dim"))
    return told


def _ended(found: Search, moment: Moment) -> list[Span]:
    """Return what ended the run: its job, where that failed or was cancelled, whatever limits were reached as well."""
    run, ended = moment.run, moment.record.job_status if moment.record is not None else ""
    job: list[Span] = []
    if ended == "cancelled":
        job.append(("cancelled" + (f": {run.job_error}" if run.job_error else ""), status("cancelled").tone))
    elif ended == "failed" or run.job_error:
        job.append((f"an error: {run.job_error}" if run.job_error else "the tuner's job failed", status("failed").tone))
    reached = [(f"{_limit(limit, run)}: {_was(limit)}", "dim" if job else "") for limit in found.limits]
    if not job and (why := why_without_trials(moment) or why_ended(moment)):
        job.append((f"{why} {keyed(OPENS_LOG)}", "warn"))
    return [*job, *reached] or [(f"unknown: no limit was reached. {keyed(OPENS_LOG)}", "dim")]


def _was(limit: Limit) -> str:
    return "its window was full" if limit.kind is LimitKind.EARLY_STOPPING else "reached"


def _limit(limit: Limit, run: Run) -> str:
    if limit.kind is LimitKind.TRAINING_TIME:
        most = run.config.max_total_training_s
        return "the total training time" + (f" of {fmt.duration(most)}" if most is not None else "")
    if limit.kind is LimitKind.TRIALS:
        return f"the plan of {_trials(planned_trials(run))}" + (f", {limit.trials} to go" if limit.trials else "")
    return "early stopping" + (f" after {limit.trials} more without improvement" if limit.trials else "")


def _when(limit: Limit) -> str:
    if limit.reached:
        return "possible now: its window is full" if limit.kind is LimitKind.EARLY_STOPPING else "reached"
    return "time unknown" if limit.seconds is None else f"in about {fmt.duration(limit.seconds)}"


def _trials(count: int) -> str:
    return f"{count} trial{'s' * (count != 1)}"


def improvement_lines(found: Search, names: Mapping[str, str], width: int) -> list[Line]:
    """Return a line for each improvement, the newest first, under a heading; nothing where there are none."""
    steps: list[tuple[Finished | None, Finished]] = list(pairwise([None, *found.steps]))  # type: ignore[list-item]
    if not steps:
        return []
    title: Line = ((" Improvements", "title"), ("  newest first", "dim"))
    longest = max(len_cells(names.get(step.trial_id, step.trial_id)) for step in found.steps)
    others = max(width_of(_figures(found, before, step)) + len_cells(_round(step)) for before, step in steps)
    room = min(longest, max(LEAST_NAME, width - others))
    rows: list[Line] = [
        (
            *_figures(found, before, step),
            (middle(names.get(step.trial_id, step.trial_id), room), ""),
            (_round(step), "dim"),
        )
        for before, step in reversed(steps)
    ]
    return [crop(line, width) for line in (title, *rows)]


def _figures(found: Search, before: Finished | None, step: Finished) -> Line:
    was = f"was {_figure(found, before.value)}" if before is not None else "the first"
    sign, tone = (_BEST, "best") if step == found.star else (IMPROVED, "good")
    return (
        (f" {sign} ", tone),
        (f"{step.number:>5}  {_figure(found, step.value):>7}  ", ""),
        (f"{fit(was, 12)}  ", "dim"),
    )


def _round(step: Finished) -> str:
    return f"  round {step.round}" if step.round is not None else ""


def setup_lines(run: Run, width: int) -> list[Line]:
    """Return the settings under a heading; nothing where the service gives none."""
    config, space = run.config, run.config.search_space
    title = f"“{space.title}”" if space.title else ""
    template = ", ".join(filter(None, (space.template, *space.blocks)))
    named = (
        ("search space", " ".join(filter(None, (space.source, title, f"({template})" if template else "")))),
        ("continues", "" if run.continued_job_id is None else f"the search of job {run.continued_job_id}"),
        ("data", run.data_type),
        ("job memory", "" if config.job_memory_mib is None else fmt.memory(config.job_memory_mib * 2**20)),
    )
    rows = [(name, value) for name, value in (*named, *config.others) if value]
    heading: Line = ((" Setup", "title"),)
    return [crop(line, width) for line in (heading, *pair_lines(rows, width, indent=1))] if rows else []
