"""The recordings there are, as a table and as JSON: what `eitui runs` prints."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from eitui.analysis.figures import finite
from eitui.analysis.standing import ENDED_WITH_ERROR
from eitui.domain.run import RUN_COMPLETED
from eitui.domain.trial import ValueSource
from eitui.feed.recording.catalogue import RecordingEntry
from eitui.feed.recording.summary import Summary
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import Align, fit, len_cells
from eitui.view.run.export import utc

RECORDING, ENDED, STOPPED = "recording", "ended", "stopped"
"""A process adds to it; the run came to its end; the run went on and nobody recorded it."""

_LEAST_WIDTH = 40
"""Narrower terminals get lines of this many cells."""

_LEAST_NAME = 8
"""Cells that a run's name keeps, at the cost of other columns."""

_WIDE = 100
"""From this width on, the best trial is named."""

_GAP = "  "
_INDENT = "  "
_MOST_NAME = 40
_LEAST_BEST = 12
_MOST_STATE = 12


def state(entry: RecordingEntry) -> str:
    """Return whether the recording goes on, is of a run that ended, or stopped before."""
    if entry.being_recorded:
        return RECORDING
    return ENDED if entry.summary.finished else STOPPED


def described(entry: RecordingEntry, now: float, tz: tzinfo | None = None) -> str:
    """Return one recording in a line: what it is called, what it is of, when it began, and its size."""
    summary = entry.summary
    began = f"begun {_started(summary, now, tz)}" if summary.first is not None else ""
    parts = (entry.name, summary.project_name, summary.run_name, began, fmt.memory(entry.size))
    return ", ".join(filter(None, parts))


@dataclass(frozen=True)
class _Column:
    title: str
    cells: tuple[str, ...]
    align: Align = "left"
    width: int = 0

    @property
    def natural(self) -> int:
        """Cells that its widest text takes."""
        return max(map(len_cells, (self.title, *self.cells)))


def table(entries: Sequence[RecordingEntry], now: float, width: int = 80, tz: tzinfo | None = None) -> str:
    """Return a table a person can read: lines of at most `width` cells (never below 40), without colours.

    The runs of one project stand together, under its name; projects and runs are in the order of `entries`. `now` is
    seconds since the Unix epoch; `tz` is None for this machine's time zone.
    """
    width = max(_LEAST_WIDTH, width)
    groups: dict[tuple[str, int], list[int]] = {}
    for place, entry in enumerate(entries):
        groups.setdefault((entry.about.host, entry.about.project_id), []).append(place)
    columns = _fitted(_columns(entries, now, tz), width - len(_INDENT))
    hosts = len({host for host, _ in groups}) > 1
    lines = [_INDENT + _line([fit(column.title, column.width, column.align) for column in columns])] if entries else []
    for places in groups.values():
        lines.append(_project([entries[place] for place in places], host=hosts))
        for place in places:
            cells = [fit(column.cells[place], column.width, column.align) for column in columns]
            lines.append(_INDENT + _line(cells))
    return "\n".join(fit(line, width).rstrip() for line in lines)


def _line(cells: Iterable[str]) -> str:
    return _GAP.join(cells).rstrip()


def _project(entries: Sequence[RecordingEntry], *, host: bool) -> str:
    name = next((entry.summary.project_name for entry in entries if entry.summary.project_name), "")
    about = entries[0].about
    project = f"{name} #{about.project_id}".strip()
    return f"{project} on {about.host}" if host else project


def _columns(entries: Sequence[RecordingEntry], now: float, tz: tzinfo | None) -> list[_Column]:
    def column(title: str, show: Callable[[RecordingEntry], str], align: Align = "left") -> _Column:
        return _Column(title, tuple(map(show, entries)), align)

    return [
        column("RUN", lambda entry: str(entry.about.run_id), "right"),
        column("NAME", lambda entry: entry.summary.run_name or fmt.MISSING),
        column("STARTED", lambda entry: _started(entry.summary, now, tz)),
        column("TOOK", lambda entry: fmt.duration(_seconds(entry.summary)), "right"),
        column("✓/✗/ALL", lambda entry: _trials(entry.summary), "right"),
        column("BEST", lambda entry: _best(entry.summary), "right"),
        column("BEST TRIAL", lambda entry: entry.summary.best_name or fmt.MISSING),
        column("SIZE", lambda entry: fmt.memory(entry.size), "right"),
        column("STATE", _state),
    ]


_DISPENSABLE = ("SIZE", "TOOK", "STARTED", "✓/✗/ALL")
"""What a narrow terminal goes without, first to last."""


def _fitted(columns: list[_Column], width: int) -> list[_Column]:
    """Give every column its width: names take what the figures leave, and at last take it from them."""
    unwanted = iter(_DISPENSABLE)
    shown = [column for column in columns if column.title != "BEST TRIAL"]
    while (room := _room(shown, width)) < _LEAST_NAME and (title := next(unwanted, None)) is not None:
        shown = [column for column in shown if column.title != title]
    best = next(column for column in columns if column.title == "BEST TRIAL")
    wanted = {column.title: column.natural for column in shown}
    wanted["NAME"] = max(1, min(wanted["NAME"], room, _MOST_NAME))
    spare = room - wanted["NAME"] - len(_GAP)
    if width + len(_INDENT) >= _WIDE and spare >= _LEAST_BEST:
        wanted[best.title] = min(best.natural, spare, _MOST_NAME)
    return [
        _Column(column.title, column.cells, column.align, wanted[column.title])
        for column in columns
        if column.title in wanted
    ]


def _room(columns: Sequence[_Column], width: int) -> int:
    """Return the cells that all columns but the name leave to it."""
    taken = sum(column.natural for column in columns if column.title != "NAME")
    return width - taken - len(_GAP) * (len(columns) - 1)


def _started(summary: Summary, now: float, tz: tzinfo | None) -> str:
    """Return when it began: of another year only the day, whose time of day nobody asks for."""
    words = fmt.clock(summary.first, now, tz).split()
    return " ".join(words[:3])


def _seconds(summary: Summary) -> float | None:
    if summary.first is None or summary.last is None:
        return None
    span = finite(summary.last - summary.first)
    return None if span is None else max(0.0, span)


def _trials(summary: Summary) -> str:
    return f"{summary.completed}/{summary.failed}/{summary.trials}" if summary.polls else fmt.MISSING


def _best(summary: Summary) -> str:
    if summary.best_val_accuracy is not None:
        return fmt.percent(summary.best_val_accuracy) + fmt.EPOCH_SIGN * (summary.source == ValueSource.EPOCH)
    return fmt.loss(summary.best_val_loss)


def _state(entry: RecordingEntry) -> str:
    """Return the state in a word; an ended run says how it ended unless it ended well, in the service's own word."""
    word = state(entry)
    if word != ENDED or entry.summary.status in ("", RUN_COMPLETED):
        return word
    return "failed" if entry.summary.status == ENDED_WITH_ERROR else fit(entry.summary.status, _MOST_STATE).rstrip()


def recordings_as_json(entries: Iterable[RecordingEntry]) -> list[dict[str, Any]]:
    """Return the recordings as JSON objects: times ISO 8601 in UTC, null for what is not known, never NaN.

    `val_accuracy` is a fraction 0..1, `duration_s` is in seconds, `size_bytes` in bytes.
    """
    return [_object(entry) for entry in entries]


def _object(entry: RecordingEntry) -> dict[str, Any]:
    summary = entry.summary
    return {
        "path": str(entry.path),
        "host": entry.about.host,
        "project_id": entry.about.project_id,
        "project_name": summary.project_name or None,
        "run_id": entry.about.run_id,
        "run_name": summary.run_name or None,
        "run_index": summary.run_index,
        "state": state(entry),
        "status": summary.status or None,
        "finished": summary.finished,
        "target_device": summary.device or None,
        "started_at": utc(summary.first),
        "last_poll_at": utc(summary.last),
        "duration_s": _seconds(summary),
        "polls": summary.polls,
        "trials": {"total": summary.trials, "completed": summary.completed, "failed": summary.failed},
        "best": _best_json(summary),
        "size_bytes": entry.size,
    }


def _best_json(summary: Summary) -> dict[str, Any] | None:
    if not summary.best_name:
        return None
    return {
        "name": summary.best_name,
        "val_accuracy": finite(summary.best_val_accuracy),
        "val_loss": finite(summary.best_val_loss),
        "source": summary.source or None,
        "precision": summary.precision or None,
    }
