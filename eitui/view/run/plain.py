"""A run in plain text and as JSON: what `eitui status` prints."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from typing import Any

from eitui.analysis import figures
from eitui.analysis.clock import own_time
from eitui.analysis.eta import Eta, planned_trials
from eitui.analysis.flags import Flag, flags_of
from eitui.analysis.ranking import ranked
from eitui.analysis.standing import by_state, progress_of, run_state, waiting_for, why_ended
from eitui.analysis.update_history import stuck
from eitui.domain.curve import EMPTY_CURVE
from eitui.domain.moment import Instant, Moment
from eitui.domain.run import Run, Standing, Target
from eitui.domain.trial import COMPLETED, FAILED, PENDING, RUNNING, Trial
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import fit, len_cells, wrap
from eitui.view.kit.format import number, shown_value
from eitui.view.kit.table import aligned, choose_columns, row, sort_items, title_width, titles
from eitui.view.run.columns import COLUMNS, CURVE, Column, column
from eitui.view.run.compare import costs, quality_words
from eitui.view.run.header import best_by, stuck_words, tie_with_best
from eitui.view.run.panes import why_without_trials, worker_counts
from eitui.view.run.table import Depths, context_of

_LABEL_WIDTH = 11
_LEAST_WIDTH = 30


def status_summary(
    moment: Moment,
    now: Instant,
    width: int = 80,
    *,
    best: Trial | None = None,
    best_within_limits: Trial | None = None,
    elapsed_s: float | None = None,
    remaining: str = "",
    precision: str | None = None,
    tuner_says: str = "",
    tz: tzinfo | None = None,
) -> str:
    """Return a summary a person can read: lines of at most `width` cells (never below 30), without colours.

    `elapsed_s` is in seconds, `remaining` a few words such as `about 40m left`; either is left out when not given.
    `precision` chooses whose figures to show, the run's own by default; `tuner_says` is the most telling line of the
    tuner's log, which is added to why a run ended without a trial; `tz` is None for this machine's time zone.
    """
    run, record, still = moment.run, moment.record, stuck(moment)
    number = f"#{moment.project_id}" if moment.project_id is not None else ""
    rows = [("Project", " ".join(filter(None, (moment.project_name, number))))]
    if not moment.seen:
        rows.append(("Run", "Waiting for the first answer of the service."))
    elif not run.started:
        rows.append(("Run", _NEVER_STARTED))
    else:
        name = run.config.name or (record.name if record is not None else "") or "unnamed"
        algorithm = f"{run.algorithm} search" if run.algorithm else ""
        shown, target = precision or figures.precision_of(run), run.config.target
        bounds = ((figure, figure.limit and figure.limit(target)) for figure in figures.LIMITED)
        limits = [f"{one.label or one.id} ≤ {shown_value(most, one.kind)}" for one, most in bounds if most is not None]
        rows += [
            ("Run", _listed(name, run_state(moment), algorithm)),
            ("Trials", trials_told(run)),
            *_best_rows(best, best_within_limits, shown, target, ranked(moment)),
            *(
                ("Flags", f"{trial.name or trial.id}: {'; '.join(flag.reason for flag in flags)}")
                for trial, flags in _flagged(moment)
            ),
            ("Target", f"{target.device or 'no device'}: {_listed(*limits) or 'no limits'}"),
            ("Objectives", objectives_told(run)),
            ("Workers", worker_counts(run.worker_counts)),
            ("Time", _listed(f"elapsed {fmt.duration(elapsed_s)}" if elapsed_s is not None else "", remaining)),
            ("Stalled", "" if still is None else stuck_words(still, own_time(moment.connection, now))),
            ("Waits", waiting_for(moment)),
        ]

    rows.append(("Note", f"The tuner reports an error: {run.job_error}" if run.job_error else ""))
    if why := _why_without_trials(moment, tuner_says):
        rows.append(("Note", f"{why} `eitui logs` prints the tuner's log."))
    if run.total_training_time_exceeded:
        rows.append(("Note", "The total training time limit was exceeded."))
    rows.append(("Note", why_ended(moment)))
    if run.finished and run.trials and run.can_extend_search:
        rows.append(("Note", "The search can be extended in the Studio."))
    rows += [("Note", problem) for problem in run.problems]

    good, problem = moment.connection.last_good, moment.connection.problem
    if good is not None:
        rows.append(("As of", f"{fmt.clock(good.wall, now.wall, tz)}, {fmt.age(max(0.0, now.mono - good.mono))} ago"))
    rows.append(("Problem", "" if problem is None else problem.sentence))

    # A labelled text, its further lines indented below its first.
    lines: list[str] = []
    for label, text in rows:
        for place, line in enumerate(wrap(text, max(_LEAST_WIDTH, width) - _LABEL_WIDTH)):
            lines.append(fit("" if place else label, _LABEL_WIDTH) + line)
    return "\n".join(lines)


def status_as_json(
    moment: Moment,
    *,
    best: Trial | None = None,
    best_within_limits: Trial | None = None,
    precision: str | None = None,
    elapsed_s: float | None = None,
    left: Eta | None = None,
    tuner_says: str = "",
) -> dict[str, Any]:
    """Return the summary as one JSON object: figures in full, null for what is not known, never NaN.

    `polled_at` is when the service last answered, ISO 8601 in UTC; `val_accuracy` is a fraction 0..1, `source` where it
    comes from; `latency_of` is `impulse`, or the parts of it that the latency is of, such as `network`. `state` is the
    run's state in the monitor's word, `planned` how many trials there will be if nothing stops the run. `stalled` tells
    how many running trials are silent, since when at least and for how many seconds; null while all goes on.
    `tuner_says` as of `status_summary`.
    """
    run, shown = moment.run, precision or figures.precision_of(moment.run)
    record_name = moment.record.name if moment.record is not None else ""
    job_status = moment.record.job_status if moment.record is not None else ""
    counts, workers, good = run.counts, run.worker_counts, moment.connection.last_good
    stands, still, stalled = ranked(moment), stuck(moment), None
    if still is not None and good is not None:
        stalled = {
            "running": still.running,
            "silent": still.silent,
            "since": _iso(still.since),
            "seconds": math.floor(max(0.0, good.wall - still.since)),
            "trials": sorted(moment.history.stalled),
        }
    return {
        "project_id": moment.project_id,
        "polled_at": _iso(good.wall) if good is not None else None,
        "run": {
            "name": run.config.name or record_name or None,
            "status": run.status or None,
            "state": run_state(moment) or None,
            "finished": run.finished,
            "job_status": job_status or None,
            "error": run.job_error or None,
            "can_extend_search": run.can_extend_search,
            "total_training_time_exceeded": run.total_training_time_exceeded,
            "algorithm": run.algorithm or None,
            "target_device": run.config.target.device or None,
            "limits": {one.exported[0][0]: one.limit(run.config.target) for one in figures.LIMITED if one.limit},
            "elapsed_s": figures.finite(elapsed_s),
            "time_left": left and {"low_s": left.low, "high_s": left.high, "why": left.detail},
        },
        "trials": {
            "total": None if run.uncounted else counts.total,
            "planned": planned_trials(run) or (None if run.uncounted else 0),
            **{
                word: None if word in run.uncounted else count
                for word, count in (
                    (PENDING, counts.pending),
                    (RUNNING, counts.running),
                    (COMPLETED, counts.completed),
                    (FAILED, counts.failed),
                )
            },
            "other": None if run.uncounted else counts.other,
            "miscounted": run.miscounted or None,
        },
        "workers": {"pending": workers.pending, "ready": workers.ready, "busy": workers.busy},
        "objectives": [
            {"name": one.name or None, "label": one.label or None, "weight": figures.finite(one.weight)}
            for one in run.config.objectives
        ],
        "ranked_by": stands.by or None,
        "ranked_by_note": stands.note or None,
        "best": _best_json(best, shown),
        "best_within_limits": _best_json(best_within_limits, shown),
        "tied_with_best": [{"id": trial.id, "name": trial.name} for trial in run.trials if trial.id in stands.tied],
        "flagged": [
            {
                "id": trial.id,
                "name": trial.name,
                "flags": [{"flag": flag.kind.value, "reason": flag.reason} for flag in flags],
            }
            for trial, flags in _flagged(moment)
        ],
        "stalled": stalled,
        "waiting_for": waiting_for(moment) or None,
        "why_ended": _why_without_trials(moment, tuner_says) or why_ended(moment) or None,
        "problems": list(run.problems),
    }


def in_order(moment: Moment, by: Column, reverse: bool) -> Moment:
    """Return a moment whose trials are in the order of a column."""
    trials = sort_items(moment.run.trials, by, reverse, replace(context_of(moment), details=Depths().read))
    return replace(moment, run=replace(moment.run, trials=tuple(trials)))


def trials_table(moment: Moment, width: int | None = None, chosen: Sequence[Column] | None = None) -> str:
    """Return a line of titles and one for each trial, without colours: the columns of the monitor's table.

    `chosen` are the columns to show, each as wide as its widest cell. Without them `width` chooses as many of the
    columns as fit; None: all of them and every hyper-parameter that differs in the run, each as wide as its widest
    cell, for a reader that is no terminal.
    """
    details = Depths().read
    context = replace(context_of(moment), details=details)
    columns = tuple(one for one in COLUMNS if one is not CURVE)
    if chosen is not None:
        columns, width = tuple(chosen), None
    elif width is None:
        parameters = figures.varying(map(details.parameters, moment.run.trials))
        columns = (*columns, *(column(of, of.column) for of in parameters if of.column is not None))
    else:
        columns = choose_columns(width, columns)
    rows = [row(trial, columns, context) for trial in moment.run.trials]
    if width is None:
        shown = zip(columns, *rows, strict=True)
        columns = tuple(
            replace(one, width=max((title_width(one), *(len_cells(cell.ahead[0] + cell.text) for cell in cells))))
            for one, *cells in shown
        )
    lines = [titles(columns, None, reverse=False), *(aligned(cells, columns) for cells in rows)]
    return "\n".join("".join(text for text, _ in line).rstrip() for line in lines)


def _why_without_trials(moment: Moment, tuner_says: str) -> str:
    why = why_without_trials(moment)
    return f"{why} The tuner's log says: “{tuner_says}”." if why and tuner_says else why


def _best_json(trial: Trial | None, precision: str) -> dict[str, Any] | None:
    if trial is None:
        return None
    context = figures.Context(lens=figures.Lens(precision=precision))
    told = (pair for figure in figures.FIGURES if figure.is_compared for pair in figure.exported)
    return {"id": trial.id, "name": trial.name} | {name: value(trial, context) for name, value in told}


def _iso(wall: float) -> str | None:
    """Return seconds since the Unix epoch as ISO 8601 in whole seconds, or None where no calendar reaches."""
    try:
        return datetime.fromtimestamp(math.floor(wall), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return None


_NEVER_STARTED = "This project has no tuner run yet. Start one in the Studio, under EON Tuner, then run eitui again."


def _listed(*parts: str) -> str:
    return ", ".join(filter(None, parts))


def trials_told(run: Run) -> str:
    """Return how many trials are over, of how many there will be, and how many are in which state."""
    progress = progress_of(run)
    if not progress:
        return "unknown" if run.uncounted else "none yet"
    told = (f"{fmt.MISSING if count is None else count} {word}" for word, count in by_state(run))
    return f"{progress}: {_listed(*told)}"


def _best_rows(
    best: Trial | None, within: Trial | None, precision: str, target: Target, stands: Standing
) -> list[tuple[str, str]]:
    if best is None:
        return [("Best", "none" if stands.of.finished else "none yet")]
    tie = tie_with_best(stands, best)
    rows = [("Best", _trial(best, precision, target)), ("Ranked by", best_by(stands) + (f"; {tie}" if tie else ""))]
    if within is None:
        rows.append(("In limits", "none" if stands.of.finished else "none yet"))
    elif within.id != best.id:
        tie = tie_with_best(stands, within)
        rows.append(("In limits", _trial(within, precision, target) + (f"; {tie}" if tie else "")))
    return rows


def _trial(trial: Trial, precision: str, target: Target) -> str:
    told = [quality_words(trial, precision), *costs(trial, precision, target, split=True)]
    return f"{trial.name or trial.id}: {_listed(*told)}"


def objectives_told(run: Run) -> str:
    """Return what the search optimises, with the weights as the service gives them."""
    told = [
        (one.label or one.name or "unnamed") + ("" if one.weight is None else f" × {number(float(one.weight))}")
        for one in run.config.objectives
    ]
    return ", ".join(told) or "none given"


def _flagged(moment: Moment) -> list[tuple[Trial, tuple[Flag, ...]]]:
    """Return the trials about which something is suspicious, at the run's own precision; the best ones first."""
    run, curves, stands = moment.run, moment.history.curves, ranked(moment)
    first = [trial for trial in (stands.trial, stands.within_limits) if trial is not None]
    ordered = dict.fromkeys(trial.id for trial in (*first, *run.trials))
    trials = {trial.id: trial for trial in run.trials}
    precision = figures.precision_of(run)
    found = ((trials[key], flags_of(trials[key], curves.get(key, EMPTY_CURVE), precision)) for key in ordered)
    return [(trial, flags) for trial, flags in found if flags]
