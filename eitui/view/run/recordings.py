"""The recordings there are, as a table and as JSON: what `eitui runs` prints."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
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
from eitui.view.kit.status import DONE, FAULT
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


def state_word(entry: RecordingEntry) -> str:
    """Return how the run ended where that is known and it did not end well, in the service's word; else `state`."""
    word, told = state(entry), entry.summary.status
    if word != ENDED or told in ("", RUN_COMPLETED):
        return word
    return "failed" if told == ENDED_WITH_ERROR else told


def trials_shown(summary: Summary) -> str:
    """Return how many trials completed, failed, and there are."""
    return f"{summary.completed}/{summary.failed}/{summary.trials}" if summary.polls else fmt.MISSING


def best_shown(summary: Summary) -> str:
    """Return how good the best trial is."""
    if summary.best_val_accuracy is None:
        return fmt.loss(summary.best_val_loss)
    return fmt.percent(summary.best_val_accuracy) + fmt.EPOCH_SIGN * (summary.source == ValueSource.EPOCH)


def described(entry: RecordingEntry, now: float, tz: tzinfo | None = None) -> str:
    """Return one recording in a line: what it is called, what it is of, when it began, and its size."""
    summary = entry.summary
    began = f"begun {_started(entry.began, now, tz)}" if entry.began is not None else ""
    parts = (entry.name, summary.project_name, summary.run_name, began, fmt.memory(entry.size))
    return ", ".join(filter(None, parts))


@dataclass(frozen=True)
class _Column:
    title: str
    cells: Sequence[str]
    align: Align
    width: int
    """Cells that it takes, at first those of its widest text."""


_NAME, _BEST_TRIAL = "NAME", "BEST TRIAL"
_COUNTS = f"{DONE.sign}/{FAULT.sign}/ALL"
_TITLES = ("RUN", _NAME, "STARTED", "TOOK", _COUNTS, "BEST", _BEST_TRIAL, "SIZE", "STATE")
_RIGHT = ("RUN", "TOOK", _COUNTS, "BEST", "SIZE")
"""Titles of the columns whose texts end at the right."""


def table(entries: Sequence[RecordingEntry], now: float, width: int = 80, tz: tzinfo | None = None) -> str:
    """Return a table a person can read: lines of at most `width` cells (never below 40), without colours.

    The runs of one project stand together, under its name; projects and runs are in the order of `entries`. `now` is
    seconds since the Unix epoch; `tz` is None for this machine's time zone.
    """
    width = max(_LEAST_WIDTH, width)
    groups: dict[tuple[str, int], list[int]] = {}
    for place, entry in enumerate(entries):
        groups.setdefault((entry.about.host, entry.about.project_id), []).append(place)
    several = len({host for host, _ in groups}) > 1
    columns = _columns(entries, now, width - len(_INDENT), tz)
    rows = [
        _INDENT + _GAP.join(fit(text, column.width, column.align) for text, column in zip(texts, columns, strict=True))
        for texts in zip(*((column.title, *column.cells) for column in columns), strict=True)
    ]
    lines = rows[:1] if entries else []
    for (host, project_id), places in groups.items():
        names = (entries[place].summary.project_name for place in places)
        project = f"{next(filter(None, names), '')} #{project_id}".strip()
        lines += [f"{project} on {host}" if several else project, *(rows[place + 1] for place in places)]
    return "\n".join(fit(line.rstrip(), width).rstrip() for line in lines)


_DISPENSABLE = ("SIZE", "TOOK", "STARTED", _COUNTS)
"""What a narrow terminal goes without, first to last."""


def _columns(entries: Sequence[RecordingEntry], now: float, width: int, tz: tzinfo | None) -> list[_Column]:
    """Return the columns that fit: names take what the figures leave, and at last take it from them."""
    rows: list[tuple[str, ...]] = []
    for entry in entries:
        summary = entry.summary
        word = fit(state_word(entry), _MOST_STATE).rstrip()
        rows.append(
            (
                str(entry.about.run_id),
                summary.run_name or fmt.MISSING,
                _started(entry.began, now, tz),
                # What was read once, afterwards, does not tell how long it took.
                fmt.MISSING if summary.finished and summary.polls == 1 else fmt.duration(_seconds(summary)),
                trials_shown(summary),
                best_shown(summary),
                summary.best_name or fmt.MISSING,
                fmt.memory(entry.size),
                word,
            )
        )
    columns = [
        _Column(title, cells, "right" if title in _RIGHT else "left", max(map(len_cells, (title, *cells))))
        for title, *cells in zip(_TITLES, *rows, strict=True)
    ]

    shown = [column for column in columns if column.title != _BEST_TRIAL]
    unwanted = iter(_DISPENSABLE)
    while True:
        # What all columns but the name leave to it.
        room = width - sum(one.width for one in shown if one.title != _NAME) - len(_GAP) * (len(shown) - 1)
        title = next(unwanted, None) if room < _LEAST_NAME else None
        if title is None:
            break
        shown = [column for column in shown if column.title != title]
    widths = {column.title: column.width for column in shown}
    widths[_NAME] = max(1, min(widths[_NAME], room, _MOST_NAME))
    spare = room - widths[_NAME] - len(_GAP)
    if width + len(_INDENT) >= _WIDE and spare >= _LEAST_BEST:
        best_trial = next(column for column in columns if column.title == _BEST_TRIAL)
        widths[_BEST_TRIAL] = min(best_trial.width, spare, _MOST_NAME)
    return [replace(column, width=widths[column.title]) for column in columns if column.title in widths]


def _started(began: float | None, now: float, tz: tzinfo | None) -> str:
    """Return when it began: of another year only the day, whose time of day nobody asks for."""
    words = fmt.clock(began, now, tz).split()
    return " ".join(words[:3])


def _seconds(summary: Summary) -> float | None:
    if summary.first is None or summary.last is None:
        return None
    span = finite(summary.last - summary.first)
    return None if span is None else max(0.0, span)


def recordings_as_json(entries: Iterable[RecordingEntry]) -> list[dict[str, Any]]:
    """Return the recordings as JSON objects: times ISO 8601 in UTC, null for what is not known, never NaN.

    `val_accuracy` is a fraction 0..1, `duration_s` is in seconds, `size_bytes` in bytes.
    """
    found: list[dict[str, Any]] = []
    for entry in entries:
        summary = entry.summary
        best = {
            "name": summary.best_name,
            "val_accuracy": finite(summary.best_val_accuracy),
            "val_loss": finite(summary.best_val_loss),
            "source": summary.source or None,
            "precision": summary.precision or None,
        }
        found.append(
            {
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
                "best": best if summary.best_name else None,
                "size_bytes": entry.size,
            }
        )
    return found
