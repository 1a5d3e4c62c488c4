"""The thresholds of a project's impulses, as text and as JSON: what `eitui thresholds list` prints."""

from collections.abc import Iterable, Sequence
from typing import Any

from eitui.domain.impulse import Impulse, LearnBlock
from eitui.domain.text import clean
from eitui.domain.threshold import Threshold, format_value, to_json
from eitui.view.kit.cells import fit, len_cells
from eitui.view.kit.format import MISSING

_TITLES = ("BLOCK", "KEY", "VALUE", "SUGGESTED", "WHAT IT IS")


def listing(impulses: Iterable[Impulse]) -> str:
    """Return every threshold in a line, under its impulse. Nothing is cut off: values are there to be copied."""
    lines: list[str] = []
    for impulse in impulses:
        rows = [_row(block, threshold) for block in impulse.learn for threshold in block.thresholds]
        if rows:
            lines += [f"Impulse {impulse.id}  {impulse.name}".rstrip(), *_aligned([_TITLES, *rows]), ""]
    return "\n".join(lines)


def differing(threshold: Threshold) -> str:
    """Return what the service says a threshold is where it says several things; empty where it says one.

    `The service has several values: config 0.6, metadata 0.9.`
    """
    if not threshold.differs:
        return ""
    values = ", ".join(f"{one.place} {format_value(one.value)}" for one in threshold.stated)
    return f"The service has several values: {values}."


def _row(block: LearnBlock, threshold: Threshold) -> tuple[str, ...]:
    what = ": ".join(filter(None, (block.title, threshold.description)))
    if threshold.options:
        # As they are typed: one that reads like a number has no quotes.
        what += f" (one of {', '.join(clean(option.value) or format_value('') for option in threshold.options)})"
    what = " ".join(filter(None, (what, differing(threshold))))
    suggested = MISSING if threshold.suggested is None else format_value(threshold.suggested)
    return str(block.id), threshold.ref.name, format_value(threshold.value), suggested, what


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len_cells, column)) for column in zip(*rows, strict=True)]
    return [
        "  " + "  ".join(fit(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


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
