"""A run in plain text and as JSON: what `eitui status` prints."""

import math
from datetime import UTC, datetime, tzinfo
from typing import Any

from eitui.analysis import figures
from eitui.analysis.standing import by_state, progress_of, run_state
from eitui.analysis.timing import planned_trials
from eitui.domain.moment import Instant, Moment
from eitui.domain.run import Run, Target
from eitui.domain.trial import Trial
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import fit, wrap
from eitui.view.run.compare import costs, quality_words, shown_value
from eitui.view.run.ending import why_without_trials

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
    tz: tzinfo | None = None,
) -> str:
    """Return a summary a person can read: lines of at most `width` cells (never below 30), without colours.

    `elapsed_s` is in seconds, `remaining` a few words such as `about 40m left`; either is left out when not given.
    `precision` chooses whose figures to show, the run's own by default; `tz` is None for this machine's time zone.
    """
    run = moment.run
    rows = [("Project", _project(moment))]
    if not moment.seen:
        rows.append(("Run", "Waiting for the first answer of the service."))
    elif not run.started:
        rows.append(("Run", _NEVER_STARTED))
    else:
        shown = precision or figures.precision_of(run)
        rows += [
            ("Run", _run(moment)),
            ("Trials", trials_told(run)),
            *_best_rows(best, best_within_limits, shown, run.config.target),
            ("Target", _target(run.config.target)),
            ("Workers", _workers(run)),
            ("Time", _time(elapsed_s, remaining)),
        ]
    rows += [("Note", note) for note in _notes(moment)]
    rows += _connection(moment, now, tz)
    return "\n".join(line for label, text in rows if text for line in _row(label, text, max(_LEAST_WIDTH, width)))


def status_as_json(
    moment: Moment,
    *,
    best: Trial | None = None,
    best_within_limits: Trial | None = None,
    precision: str | None = None,
) -> dict[str, Any]:
    """Return the summary as one JSON object: figures in full, null for what is not known, never NaN.

    `polled_at` is when the service last answered, ISO 8601 in UTC; `val_accuracy` is a fraction 0..1, `source` where it
    comes from; `latency_of` is `impulse`, or the parts of it that the latency is of, such as `network`. `state` is the
    run's state in the monitor's word, `planned` how many trials there will be if nothing stops the run.
    """
    run, shown = moment.run, precision or figures.precision_of(moment.run)
    record_name = moment.record.name if moment.record is not None else ""
    job_status = moment.record.job_status if moment.record is not None else ""
    counts, workers, good = run.counts, run.worker_counts, moment.connection.last_good
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
            "algorithm": run.algorithm or None,
            "target_device": run.config.target.device or None,
        },
        "trials": {
            "total": counts.total,
            "planned": planned_trials(run),
            "pending": counts.pending,
            "running": counts.running,
            "completed": counts.completed,
            "failed": counts.failed,
        },
        "workers": {"pending": workers.pending, "ready": workers.ready, "busy": workers.busy},
        "best": _best_json(best, shown),
        "best_within_limits": _best_json(best_within_limits, shown),
    }


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


def _row(label: str, text: str, width: int) -> list[str]:
    """Return a labelled text, its further lines indented below its first."""
    lines = wrap(text, width - _LABEL_WIDTH)
    return [fit(label if index == 0 else "", _LABEL_WIDTH) + line for index, line in enumerate(lines)]


def _listed(*parts: str) -> str:
    return ", ".join(filter(None, parts))


def _project(moment: Moment) -> str:
    number = f"#{moment.project_id}" if moment.project_id is not None else ""
    return " ".join(filter(None, (moment.project_name, number)))


def _run(moment: Moment) -> str:
    run, record = moment.run, moment.record
    name = run.config.name or (record.name if record is not None else "") or "unnamed"
    return _listed(name, run_state(moment), f"{run.algorithm} search" if run.algorithm else "")


def trials_told(run: Run) -> str:
    """Return how many trials are over, of how many there will be, and how many are in which state."""
    progress = progress_of(run)
    return f"{progress}: {_listed(*(f'{count} {word}' for word, count in by_state(run)))}" if progress else "none yet"


def _best_rows(best: Trial | None, within: Trial | None, precision: str, target: Target) -> list[tuple[str, str]]:
    if best is None:
        return [("Best", "none yet")]
    rows = [("Best", _trial(best, precision, target))]
    if within is None:
        rows.append(("In limits", "none yet"))
    elif within.id != best.id:
        rows.append(("In limits", _trial(within, precision, target)))
    return rows


def _trial(trial: Trial, precision: str, target: Target) -> str:
    told = [quality_words(trial, precision), *costs(trial, precision, target, split=True)]
    return f"{trial.name or trial.id}: {_listed(*told)}"


def _target(target: Target) -> str:
    bounds = ((figure, figure.limit and figure.limit(target)) for figure in figures.LIMITED)
    limits = [f"{one.label or one.id} ≤ {shown_value(most, one.kind)}" for one, most in bounds if most is not None]
    return f"{target.device or 'no device'}: {_listed(*limits) or 'no limits'}"


def _workers(run: Run) -> str:
    counts = run.worker_counts
    return f"{counts.busy} busy, {counts.ready} ready, {counts.pending} pending"


def _time(elapsed_s: float | None, remaining: str) -> str:
    return _listed(f"elapsed {fmt.duration(elapsed_s)}" if elapsed_s is not None else "", remaining)


def _notes(moment: Moment) -> list[str]:
    run = moment.run
    notes = [f"The tuner reports an error: {run.job_error}"] if run.job_error else []
    if why := why_without_trials(moment):
        notes.append(f"{why} `eitui logs` prints the tuner's log.")
    if run.total_training_time_exceeded:
        notes.append("The total training time limit was exceeded.")
    if run.finished and run.can_extend_search and run.trials:
        notes.append("The search can be extended in the Studio.")
    return notes + list(run.problems)


def _connection(moment: Moment, now: Instant, tz: tzinfo | None) -> list[tuple[str, str]]:
    good, problem = moment.connection.last_good, moment.connection.problem
    rows = []
    if good is not None:
        rows.append(("As of", f"{fmt.clock(good.wall, now.wall, tz)}, {fmt.age(max(0.0, now.mono - good.mono))} ago"))
    if problem is not None:
        rows.append(("Problem", problem.sentence))
    return rows
