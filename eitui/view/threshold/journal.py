"""The journal of changes as text and as JSON: what `eitui thresholds log` prints."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Any

from eitui.domain.edit import Entry
from eitui.domain.threshold import to_json
from eitui.thresholds import messages
from eitui.view.kit.format import MISSING
from eitui.view.run.export import utc


def history(entries: Iterable[Entry], tz: tzinfo | None = None) -> str:
    """Return every entry in a few lines: when, by whom, what, and what became of it.

    `tz` is the time zone of the times, None for this machine's.
    """
    return "\n".join(line for entry in entries for line in (*_lines(entry, tz), ""))


def _lines(entry: Entry, tz: tzinfo | None) -> list[str]:
    edit = entry.edit
    name = f" ({edit.impulse_name})" if edit.impulse_name else ""
    lines = [
        f"{entry.number}  {_time(entry.intended_at, tz)}  {edit.who}",
        f"  {edit.host}, project {edit.project_id}, impulse {edit.impulse_id}{name}",
        *(f"  {messages.diff(change)}" for change in edit.changes),
        f"  {messages.outcome(entry)}",
    ]
    if entry.outcome.applied and entry.report.regenerate_status:
        report = entry.report
        lines.append(f"  {messages.regenerated(report.regenerate_status, report.job_id, report.had_results)}")
    return lines


def _time(at: float, tz: tzinfo | None) -> str:
    try:
        return f"{datetime.fromtimestamp(at, tz):%Y-%m-%d %H:%M:%S}"
    except (OverflowError, ValueError, OSError):
        return MISSING


def journal_as_json(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Return every entry as an object for scripts; keys and words exactly as the service sent them."""
    return [_object(entry) for entry in entries]


def _object(entry: Entry) -> dict[str, Any]:
    edit, report = entry.edit, entry.report
    stored = report.stored or (None,) * len(edit.changes)
    return {
        "number": entry.number,
        "id": edit.id,
        "host": edit.host,
        "project_id": edit.project_id,
        "impulse": edit.impulse_id,
        "impulse_name": edit.impulse_name,
        "who": edit.who,
        "intended_at": utc(entry.intended_at),
        "reported_at": utc(entry.reported_at),
        "outcome": report.outcome.value,
        "settled": report.outcome.settled,
        "verified": entry.verified,
        "detail": report.detail,
        "changes": [
            {
                "block": change.ref.block_id,
                "key": change.ref.key,
                "old": to_json(change.old),
                "new": to_json(change.new),
                "read_back": to_json(found),
            }
            for change, found in zip(edit.changes, stored, strict=True)
        ],
        "regenerate": edit.regenerate,
        "regenerate_status": report.regenerate_status,
        "had_model_testing_results": report.had_results,
        "job_id": report.job_id,
        "undo_of": edit.undo_of,
    }
