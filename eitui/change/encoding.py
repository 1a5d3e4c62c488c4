"""Edits and reports as the journal keeps them: JSON, in which numbers keep every digit and words every character.

The standard library's JSON writes the shortest text that reads back as the same float, integers of any length, and
half a surrogate pair as an escape: what SQLite's own REAL, INTEGER and TEXT cannot all hold.
"""

import json
from typing import Any

from eitui.domain.edit import Edit, Outcome, Report
from eitui.domain.threshold import Change, ThresholdRef, Value


class Unreadable(Exception):
    """Not what the journal wrote."""


def encode_edit(edit: Edit) -> str:
    """Return the part of an edit that has no column of its own."""
    return _dump(
        {
            "impulse_name": edit.impulse_name,
            "who": edit.who,
            "regenerate": edit.regenerate,
            "undo_of": edit.undo_of,
            "changes": [
                {"block": change.ref.block_id, "key": change.ref.key, "old": change.old, "new": change.new}
                for change in edit.changes
            ],
        }
    )


def decode_edit(body: str, edit_id: str, host: str, project_id: int, impulse_id: int) -> Edit:
    """Return the edit that `encode_edit` was given.

    Raises:
        Unreadable: there was none.
    """
    try:
        said = json.loads(body)
        return Edit(
            id=edit_id,
            host=host,
            project_id=project_id,
            impulse_id=impulse_id,
            impulse_name=said["impulse_name"],
            changes=tuple(_change(change, impulse_id) for change in said["changes"]),
            who=said["who"],
            regenerate=said["regenerate"],
            undo_of=said["undo_of"],
        )
    except (ValueError, TypeError, LookupError, RecursionError):
        raise Unreadable from None


def _change(said: Any, impulse_id: int) -> Change:
    return Change(ThresholdRef(impulse_id, said["block"], said["key"]), said["old"], said["new"])


def encode_report(report: Report) -> str:
    """Return a report without its outcome."""
    return _dump(
        {
            "detail": report.detail,
            "status": report.regenerate_status,
            "job": report.job_id,
            "stored": report.stored,
            "refused": report.refused,
        }
    )


def decode_report(outcome: str, body: str) -> Report:
    """Return the report that `encode_report` was given.

    Raises:
        Unreadable: there was none.
    """
    try:
        said = json.loads(body)
        stored: list[Value | None] | None = said["stored"]
        return Report(
            outcome=Outcome(outcome),
            detail=said["detail"],
            regenerate_status=said["status"],
            job_id=said["job"],
            stored=None if stored is None else tuple(stored),
            refused=said.get("refused", False),
        )
    except (ValueError, TypeError, LookupError, RecursionError):
        raise Unreadable from None


def _dump(fields: dict[str, Any]) -> str:
    return json.dumps(fields, allow_nan=False)
