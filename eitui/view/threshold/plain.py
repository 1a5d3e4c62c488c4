"""Thresholds and the journal of their changes, as text and as JSON: what `eitui thresholds list` and `log` print."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Any

from eitui.domain.action import ActionEntry, ActionKind
from eitui.domain.edit import Entry
from eitui.domain.impulse import Impulse
from eitui.domain.text import clean
from eitui.domain.threshold import Threshold, format_value, to_json
from eitui.thresholds import messages
from eitui.thresholds.action_messages import action_outcome, action_text
from eitui.view.kit.cells import fit, len_cells
from eitui.view.kit.format import MISSING
from eitui.view.run.export import utc

_TITLES = ("BLOCK", "KEY", "VALUE", "SUGGESTED", "WHAT IT IS")


def listing(impulses: Iterable[Impulse]) -> str:
    """Return every threshold in a line, under its impulse. Nothing is cut off: values are there to be copied."""
    lines: list[str] = []
    for impulse in impulses:
        rows = [_TITLES]
        for block in impulse.learn:
            for threshold in block.thresholds:
                what = ": ".join(filter(None, (block.title, threshold.description)))
                if threshold.options:
                    # As they are typed: one that reads like a number has no quotes.
                    options = (clean(option.value) or format_value("") for option in threshold.options)
                    what += f" (one of {', '.join(options)})"
                what = ". ".join(filter(None, (what.rstrip("."), differing(threshold))))
                value = format_value(threshold.value)
                rows.append((str(block.id), threshold.ref.name, value, suggested_text(threshold), what))
        if len(rows) > 1:
            widths = [max(map(len_cells, column)) for column in zip(*rows, strict=True)]
            lines.append(f"Impulse {impulse.id}  {impulse.name}".rstrip())
            lines += ["  " + "  ".join(map(fit, row, widths)).rstrip() for row in rows]
            lines.append("")
    return "\n".join(lines)


def suggested_text(threshold: Threshold) -> str:
    """Return the value that the service suggests; `–` where it suggests none."""
    return MISSING if threshold.suggested is None else format_value(threshold.suggested)


def differing(threshold: Threshold) -> str:
    """Return what the service says a threshold is where it says several things; empty where it says one.

    `The service has several values: config 0.6, metadata 0.9.`
    """
    if not threshold.differs:
        return ""
    values = ", ".join(f"{one.place} {format_value(one.value)}" for one in threshold.stated)
    return f"The service has several values: {values}."


def thresholds_as_json(impulses: Iterable[Impulse]) -> list[dict[str, Any]]:
    """Return every threshold as an object for scripts; keys and words exactly as the service sent them."""
    return [
        {
            "impulse": impulse.id,
            "impulse_name": impulse.name,
            "block": block.id,
            "block_name": block.title,
            "key": threshold.ref.key,
            "value": to_json(threshold.value),
            "place": threshold.place,
            "others": [{"place": one.place, "value": to_json(one.value)} for one in threshold.others],
            "suggested": to_json(threshold.suggested),
            "options": [option.value for option in threshold.options],
            "description": threshold.description,
        }
        for impulse in impulses
        for block in impulse.learn
        for threshold in block.thresholds
    ]


def history(entries: Iterable[Entry | ActionEntry], tz: tzinfo | None = None) -> str:
    """Return every entry in a few lines: when, by whom, what, and what became of it.

    `tz` is the time zone of the times, None for this machine's.
    """
    lines: list[str] = []
    for entry in entries:
        try:
            time = f"{datetime.fromtimestamp(entry.intended_at, tz):%Y-%m-%d %H:%M:%S}"
        except (OverflowError, ValueError, OSError):
            time = MISSING
        if isinstance(entry, ActionEntry):
            action = entry.action
            lines += [
                f"{entry.number}  {time}  {action.who}",
                f"  {action.host}, project {action.project_id}",
                f"  {action_text(action)}",
                f"  {action_outcome(entry)}",
                "",
            ]
            continue
        edit, report = entry.edit, entry.report
        name = f" ({edit.impulse_name})" if edit.impulse_name else ""
        lines += [
            f"{entry.number}  {time}  {edit.who}",
            f"  {edit.host}, project {edit.project_id}, impulse {edit.impulse_id}{name}",
            *(f"  {messages.diff(change)}" for change in edit.changes),
            f"  {messages.outcome(entry)}",
        ]
        if entry.outcome.applied and report.regenerate_status:
            lines.append(f"  {messages.regenerated(report.regenerate_status, report.job_id, report.had_results)}")
        lines.append("")
    return "\n".join(lines)


def journal_as_json(entries: Iterable[Entry | ActionEntry]) -> list[dict[str, Any]]:
    """Return every entry as an object for scripts; keys and words exactly as the service sent them.

    An action has the same fields as a change of thresholds, with no changes, and what is only its own.
    """
    return [_action_as_json(entry) if isinstance(entry, ActionEntry) else _change_as_json(entry) for entry in entries]


def _change_as_json(entry: Entry) -> dict[str, Any]:
    edit, report = entry.edit, entry.report
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
            for change, found in zip(edit.changes, report.stored or (None,) * len(edit.changes), strict=True)
        ],
        "regenerate": edit.regenerate,
        "regenerate_status": report.regenerate_status,
        "had_model_testing_results": report.had_results,
        "job_id": report.job_id,
        "undo_of": edit.undo_of,
    }


def _action_as_json(entry: ActionEntry) -> dict[str, Any]:
    action, report = entry.action, entry.report
    return {
        "number": entry.number,
        "id": action.id,
        "host": action.host,
        "project_id": action.project_id,
        "impulse": int(action.target) if action.kind is ActionKind.TEST else None,
        "impulse_name": action.name if action.kind is ActionKind.TEST else action.new_name,
        "who": action.who,
        "intended_at": utc(entry.intended_at),
        "reported_at": utc(entry.reported_at),
        "outcome": report.outcome.value,
        "settled": report.outcome.settled,
        "verified": report.seen,
        "detail": report.detail,
        "changes": [],
        "regenerate": False,
        "regenerate_status": "",
        "had_model_testing_results": None,
        "job_id": report.job_id,
        "undo_of": None,
        "action": action.kind.value,
        "target": action.target,
        "target_name": action.name,
        "read_back": report.found,
    }
