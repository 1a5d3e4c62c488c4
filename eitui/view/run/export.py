"""What was recorded, as rows for other programs: trials, epochs and events, as CSV or JSON.

Figures are never rounded; a unit is part of its column's name. What is not known is an empty cell, or null.
"""

import csv
import heapq
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from eitui.analysis.figures import FIGURES, Context, Details, Reader, cost, figure, finite, over_limits, varying
from eitui.analysis.flags import curve_flags
from eitui.analysis.ranking import ranked, usual_lens
from eitui.domain.curve import EMPTY_CURVE, Curve, Epoch, phases_of
from eitui.domain.moment import Alert, Gap, History, Moment, TrialSpan
from eitui.domain.run import Run
from eitui.domain.text import clean, distinct
from eitui.domain.trial import COMPLETED, TEST, TRAIN, VALIDATION, Evaluation, Performance, Trial

ExportCell = str | int | float | bool | None

_GAP = "gap"
"""The kind of an event that is a time from which nothing was seen."""

_EPOCH_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
_NONE = Evaluation()
_NEVER = TrialSpan()


@dataclass(frozen=True)
class Table:
    """Named columns, and rows with a cell for each."""

    columns: tuple[str, ...]
    rows: tuple[tuple[ExportCell, ...], ...]


def utc(wall: float | None) -> str | None:
    """Return seconds since the Unix epoch as ISO 8601 in UTC to the microsecond; None where no calendar reaches."""
    number = finite(wall)
    try:
        when = None if number is None else _EPOCH_ZERO + timedelta(seconds=number)
    except OverflowError:
        return None
    return None if when is None else when.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def trials(moment: Moment, details: Details | None = None) -> Table:
    """Return a row for every trial, as it was at `moment`. `details` reads what stands only in its JSON.

    The hyper-parameters that differ among trials are the last columns, under the names that a filter has for them.
    `val_accuracy` and `val_loss` are what the monitor's table shows, `source` and `precision` where they come from: an
    epoch has no precision. The columns of a part and a precision are of the trained network only. Costs are those of
    the whole impulse, as far as `latency_of` and `ram_of` say.
    """
    run, history = moment.run, moment.history
    first = ranked(moment)
    context = Context(run.config, usual_lens(run), best_id=first.trial.id if first.trial else None)
    context = replace(context, curve_flags=curve_flags(moment), stalled=history.stalled, details=details or Details())
    parameters = varying(map(context.details.parameters, run.trials))
    about = _about_trials(run, history, context)
    others = [figure for figure in (*FIGURES, *parameters) if figure.is_recorded]
    figures = _read([name for figure in others for name in figure.exported], context)
    taken = {name for name, _ in about}
    columns = [*about, *_figures(run), *_costs(run), *(column for column in figures if column[0] not in taken)]
    rows = tuple(tuple(value(trial) for _, value in columns) for trial in run.trials)
    return Table(distinct((name for name, _ in columns), "_"), rows)


_Column = tuple[str, Callable[[Trial], ExportCell]]


def _read(exported: Iterable[tuple[str, Reader]], context: Context) -> list[_Column]:
    def column(read: Reader) -> Callable[[Trial], ExportCell]:
        return lambda trial: read(trial, context)

    return [(name, column(read)) for name, read in exported]


def _about_trials(run: Run, history: History, context: Context) -> list[_Column]:
    precision = context.lens.precision

    def told(*ids: str) -> list[_Column]:
        return _read([pair for one in ids for pair in figure(one).exported], context)

    def curve(trial: Trial) -> Curve:
        return history.curves.get(trial.id, EMPTY_CURVE)

    def span(trial: Trial) -> TrialSpan:
        return history.spans.get(trial.id, _NEVER)

    def within(trial: Trial) -> bool | None:
        known = cost(trial, precision) != Performance()
        return not over_limits(trial, precision, run.config.target) if known else None

    return [
        ("trial_id", lambda trial: trial.id),
        *told("name"),
        ("status", lambda trial: trial.status or None),
        *told("round", "retries", "worker"),
        ("started_at", lambda trial: utc(span(trial).started)),
        ("ended_at", lambda trial: utc(span(trial).ended)),
        *told("epoch"),
        ("epochs_seen", lambda trial: len(curve(trial).polled)),
        *told("val_accuracy", "val_loss", "source", "latency", "ram", "rom"),
        ("within_limits", within),
        ("is_best", lambda trial: trial.id == context.best_id),
    ]


def _figures(run: Run) -> list[_Column]:
    """Return the columns of every precision that any trial was evaluated at, for all parts of the data."""
    precisions = sorted({precision for trial in run.completed for _, precision in trial.evaluations})
    return [
        (_name(part, precision, figure), _evaluated(part, precision, figure))
        for precision in precisions
        for part in (VALIDATION, TEST, TRAIN)
        for figure in ("accuracy", "loss")
    ]


def _evaluated(part: str, precision: str, figure: str) -> Callable[[Trial], ExportCell]:
    def value(trial: Trial) -> ExportCell:
        # A trial that trains anew still carries the evaluation of its last attempt.
        known = trial.evaluations.get((part, precision), _NONE) if trial.status == COMPLETED else _NONE
        return finite(known.accuracy if figure == "accuracy" else known.loss)

    return value


def _costs(run: Run) -> list[_Column]:
    def column(precision: str, figure: str) -> _Column:
        return _name(precision, figure), lambda trial: getattr(cost(trial, precision), figure)

    precisions = sorted({precision for trial in run.trials for precision in trial.performance})
    return [
        column(precision, figure) for precision in precisions for figure in ("latency_ms", "ram_bytes", "rom_bytes")
    ]


def _name(*words: str) -> str:
    """Return a column's name; a precision is the service's word and may hold anything."""
    return "_".join(re.sub(r"[^a-z0-9]+", "_", word.lower()).strip("_") or "unnamed" for word in words)


_EPOCHS = (
    "trial_id",
    "trial_name",
    "attempt",
    "phase",
    "epoch",
    "loss",
    "val_loss",
    "accuracy",
    "val_accuracy",
    "source",
    "seen_at",
)


def epochs(moment: Moment) -> Table:
    """Return a row for every epoch that is known, trial by trial. Attempts count from 1, the last is current.

    The source is `poll` or `log`; an epoch that only the log told has no time at which it was seen.
    """
    curves, names = moment.history.curves, _names(moment.run)
    # Trials that the service no longer tells of keep what was seen of them.
    order = [*(name for name in names if name in curves), *(name for name in curves if name not in names)]
    rows = tuple(
        (trial_id, names.get(trial_id) or None, attempt, phase, *_epoch(seen))
        for trial_id in order
        for attempt, part in enumerate((*curves[trial_id].earlier, curves[trial_id].epochs), start=1)
        for phase, epochs in enumerate(phases_of(part), start=1)
        for seen in epochs
    )
    return Table(_EPOCHS, rows)


def _epoch(seen: Epoch) -> tuple[ExportCell, ...]:
    figures = (seen.loss, seen.val_loss, seen.accuracy, seen.val_accuracy)
    return (seen.epoch, *map(finite, figures), "log" if seen.seen_at is None else "poll", utc(seen.seen_at))


def _names(run: Run) -> Mapping[str, str]:
    return {trial.id: trial.name for trial in run.trials}


_EVENTS = ("at", "until", "kind", "trial_id", "trial_name", "text")


def events_table(alerts: Iterable[Alert], moment: Moment) -> Table:
    """Return a row for every alert, in order, and for every gap where it began. `moment` is the recording's last."""
    names = _names(moment.run)
    told = ((alert.at, _alert(alert, names)) for alert in alerts)
    unseen = ((gap.start, _gap(gap)) for gap in moment.history.gaps)
    return Table(_EVENTS, tuple(row for _, row in heapq.merge(told, unseen, key=lambda pair: pair[0])))


def _alert(alert: Alert, names: Mapping[str, str]) -> tuple[ExportCell, ...]:
    named = names.get(alert.trial_id or "") or None
    return utc(alert.at), None, str(alert.kind), alert.trial_id, named, alert.text or None


def _gap(gap: Gap) -> tuple[ExportCell, ...]:
    return utc(gap.start), utc(gap.end), _GAP, None, None, "Nothing was seen"


def as_csv(table: Table) -> str:
    """Return `table` as CSV (RFC 4180) with a header, in which no text can be taken for a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    # A hyper-parameter's name is the service's word too.
    writer.writerow(map(_written, table.columns))
    writer.writerows(map(_written, row) for row in table.rows)
    return text.getvalue()


def as_tsv(table: Table) -> str:
    """Return `table` as lines of texts with tabs between them, a header first: what a spreadsheet takes when pasted."""
    lines = [
        [str(_written(name)) for name in table.columns],
        *(["" if cell is None else str(_written(cell)) for cell in row] for row in table.rows),
    ]
    return "\n".join("\t".join(clean(cell) for cell in line) for line in lines)


FORMULA_SIGNS = "=+-@\t\r\n＝＋－＠"
"""What begins a formula in one spreadsheet program or another; the wide signs do where Japanese is written."""

_INNER_FORMULA = re.compile(rf"""(\S\s*[;\t]["'\s]*)(?=[{re.escape(FORMULA_SIGNS)}])""")


def _written(cell: ExportCell) -> ExportCell:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if not isinstance(cell, str):
        return cell
    # Where a spreadsheet takes a semicolon or a tab for the end of a cell, what follows one is a cell of its own.
    text = _INNER_FORMULA.sub(r"\1'", cell)
    formula = text[:1] in ("\t", "\r", "\n") or text.lstrip()[:1] in tuple(FORMULA_SIGNS)
    return f"'{text}" if formula else text


def table_as_json(table: Table) -> str:
    """Return `table` as a JSON array of objects, one a line."""
    return "".join(_json_parts(table))


def _json_parts(table: Table) -> Iterator[str]:
    yield "["
    for number, row in enumerate(table.rows):
        entry = dict(zip(table.columns, row, strict=True))
        yield ("," if number else "") + "\n  " + json_text(entry)
    yield "\n]\n" if table.rows else "]\n"


def json_text(value: object, indent: int | None = None) -> str:
    """Return `value` as JSON in which every character that could drive a terminal is an escape."""
    text = json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False)
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\n" else json.dumps(char)[1:-1] for char in text)
