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
from functools import partial
from pathlib import Path

from eitui.analysis.figures import (
    FIGURES,
    Context,
    Details,
    Figure,
    cost,
    figure,
    finite,
    over_limits,
    varying,
)
from eitui.analysis.flags import curve_flags
from eitui.analysis.ranking import ranked, usual_lens
from eitui.domain.curve import EMPTY_CURVE, phases_of
from eitui.domain.moment import Alert, Moment, TrialSpan
from eitui.domain.run import Run
from eitui.domain.text import clean, distinct
from eitui.domain.trial import COMPLETED, TEST, TRAIN, VALIDATION, Evaluation, Performance, Trial

ExportCell = str | int | float | bool | None

_GAP = "gap"
"""The kind of an event that is a time from which nothing was seen."""

_EPOCH_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 40
"""Characters of a run's name in the name of a file."""

_MOST_FILES = 100
"""Names that are tried before the first is proposed again."""

_NONE = Evaluation()
_NEVER = TrialSpan()


@dataclass(frozen=True)
class ExportTable:
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


def trials(moment: Moment, details: Details | None = None) -> ExportTable:
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
    columns: list[_Column] = [
        ("trial_id", lambda trial, _: trial.id),
        *_told("name"),
        ("status", lambda trial, _: trial.status or None),
        *_told("round", "retries", "worker"),
        ("started_at", lambda trial, _: utc(history.spans.get(trial.id, _NEVER).started)),
        ("ended_at", lambda trial, _: utc(history.spans.get(trial.id, _NEVER).ended)),
        *_told("epoch"),
        ("epochs_seen", lambda trial, _: len(history.curves.get(trial.id, EMPTY_CURVE).polled)),
        *_told("val_accuracy", "val_loss", "source", "latency", "ram", "rom"),
        ("within_limits", _within_limits),
        ("is_best", lambda trial, context: trial.id == context.best_id),
    ]
    taken = {name for name, _ in columns}
    # Every precision that any trial was evaluated at, for all parts of the data; then the costs.
    columns += [
        (_name(part, precision, value), partial(_evaluated, (part, precision), value))
        for precision in sorted({precision for trial in run.completed for _, precision in trial.evaluations})
        for part in (VALIDATION, TEST, TRAIN)
        for value in ("accuracy", "loss")
    ]
    columns += [
        (_name(precision, value), partial(_costed, precision, value))
        for precision in sorted({precision for trial in run.trials for precision in trial.performance})
        for value in ("latency_ms", "ram_bytes", "rom_bytes")
    ]
    for one in (*FIGURES, *varying(map(context.details.parameters, run.trials))):
        if one.is_recorded:
            columns += [column for column in one.exported if column[0] not in taken]
    rows = tuple(tuple(read(trial, context) for _, read in columns) for trial in run.trials)
    return ExportTable(distinct((name for name, _ in columns), "_"), rows)


_Column = tuple[str, Callable[[Trial, Context], ExportCell]]


def _told(*ids: str) -> Iterator[_Column]:
    return (column for one in ids for column in figure(one).exported)


def _within_limits(trial: Trial, context: Context) -> bool | None:
    precision = context.lens.precision
    known = cost(trial, precision) != Performance()
    return not over_limits(trial, precision, context.config.target) if known else None


def _evaluated(key: tuple[str, str], value: str, trial: Trial, _: Context) -> ExportCell:
    # A trial that trains anew still carries the evaluation of its last attempt.
    known = trial.evaluations.get(key, _NONE) if trial.status == COMPLETED else _NONE
    return finite(getattr(known, value))


def _costed(precision: str, value: str, trial: Trial, _: Context) -> ExportCell:
    found: ExportCell = getattr(cost(trial, precision), value)
    return found


def _name(*words: str) -> str:
    """Return a column's name; a precision is the service's word and may hold anything."""
    return "_".join(re.sub(r"[^a-z0-9]+", "_", word.lower()).strip("_") or "unnamed" for word in words)


def shown_table(trials: Iterable[Trial], figures: Iterable[Figure], context: Context) -> ExportTable:
    """Return a row for each of `trials` with these figures of it. Units and the part are in the columns' names.

    Every row says its trial's id and the precision of its figures.
    """
    exported = [pair for figure in figures for pair in figure.of(context.lens.part).exported]
    fields: list[_Column] = [("trial_id", lambda trial, _: trial.id)]
    if "precision" not in dict(exported):
        fields.append(("precision", lambda _, context: context.lens.precision))
    fields += exported
    rows = tuple(tuple(value(trial, context) for _, value in fields) for trial in trials)
    return ExportTable(tuple(name for name, _ in fields), rows)


_EPOCHS = (
    *("trial_id", "trial_name", "attempt", "phase", "epoch"),
    *("loss", "val_loss", "accuracy", "val_accuracy", "source", "seen_at"),
)


def epochs(moment: Moment) -> ExportTable:
    """Return a row for every epoch that is known, trial by trial. Attempts count from 1, the last is current.

    The source is `poll` or `log`; an epoch that only the log told has no time at which it was seen.
    """
    curves, names = moment.history.curves, _names(moment.run)
    # Trials that the service no longer tells of keep what was seen of them.
    order = [*(name for name in names if name in curves), *(name for name in curves if name not in names)]
    rows = tuple(
        (
            *(trial_id, names.get(trial_id) or None, attempt, phase, seen.epoch),
            *map(finite, (seen.loss, seen.val_loss, seen.accuracy, seen.val_accuracy)),
            *("log" if seen.seen_at is None else "poll", utc(seen.seen_at)),
        )
        for trial_id in order
        for attempt, part in enumerate((*curves[trial_id].earlier, curves[trial_id].epochs), start=1)
        for phase, epochs in enumerate(phases_of(part), start=1)
        for seen in epochs
    )
    return ExportTable(_EPOCHS, rows)


def _names(run: Run) -> Mapping[str, str]:
    return {trial.id: trial.name for trial in run.trials}


_EVENTS = ("at", "until", "kind", "trial_id", "trial_name", "text")


def events_table(alerts: Iterable[Alert], moment: Moment) -> ExportTable:
    """Return a row for every alert, in order, and for every gap where it began. `moment` is the recording's last."""
    names = _names(moment.run)
    rows: list[tuple[float, tuple[ExportCell, ...]]] = []
    for alert in alerts:
        named = names.get(alert.trial_id or "") or None
        rows.append((alert.at, (utc(alert.at), None, str(alert.kind), alert.trial_id, named, alert.text or None)))
    gaps = [
        (gap.start, (utc(gap.start), utc(gap.end), _GAP, None, None, "Nothing was seen")) for gap in moment.history.gaps
    ]
    return ExportTable(_EVENTS, tuple(row for _, row in heapq.merge(rows, gaps, key=lambda pair: pair[0])))


def as_csv(table: ExportTable) -> str:
    """Return `table` as CSV (RFC 4180) with a header, in which no text can be taken for a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    # A hyper-parameter's name is the service's word too.
    writer.writerow(map(_written, table.columns))
    writer.writerows(map(_written, row) for row in table.rows)
    return text.getvalue()


def as_tsv(table: ExportTable) -> str:
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


def table_as_json(table: ExportTable) -> str:
    """Return `table` as a JSON array of objects, one a line."""
    entries = [json_text(dict(zip(table.columns, row, strict=True))) for row in table.rows]
    return "[\n  " + ",\n  ".join(entries) + "\n]\n" if entries else "[]\n"


def json_text(value: object, indent: int | None = None) -> str:
    """Return `value` as JSON in which every character that could drive a terminal is an escape."""
    text = json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False)
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\n" else json.dumps(char)[1:-1] for char in text)


def free_name(run_name: str, directory: Path) -> str:
    """Return a name, of plain letters, for a CSV file of a run's trials that is not there yet."""
    words = re.sub(r"[^a-z0-9]+", "-", run_name.lower())[:_LONGEST].strip("-") or "tuner"
    names = (f"{words}-trials{f'-{number}' if number > 1 else ''}.csv" for number in range(1, _MOST_FILES))
    return next((name for name in names if not (directory / name).exists()), f"{words}-trials.csv")
