"""The thresholds of an impulse while they are edited: a table of them, and what is known of the selected one."""

from collections.abc import Callable
from itertools import groupby

from eitui.domain.edit import Draft, EditSession
from eitui.domain.impulse import Impulse
from eitui.domain.threshold import ChoiceKind, NumberKind, TextKind, ThresholdKind, UnknownKind, format_value, same
from eitui.view.kit.cells import fit, len_cells, wrap
from eitui.view.kit.format import MISSING
from eitui.view.kit.keys import keyed
from eitui.view.kit.lines import EMPTY_LINE, Line, Span, crop, width_of, wrapped
from eitui.view.threshold.values import differing

_CURSOR, ODD_MARK = "▸", "!"
_LEAST_VALUE, _MOST_VALUE = 9, 21
"""Cells of a value: the longest float takes 21, with its sign."""

_LEAST_NAME, _MOST_KEY = 16, 36
_ABOUT_LINES = 4


def threshold_lines(session: EditSession, impulse: Impulse, width: int, height: int) -> list[Line]:
    """Return the table in at most `height` lines: a heading, then blocks with their thresholds; the cursor in sight."""
    if not session.drafts:
        note = "None of its learn blocks has thresholds."
        if not impulse.learn:
            note = "It has no learn block yet, and so no thresholds."
        elif not all(block.thresholds_sent for block in impulse.learn):
            note = "Unknown: Edge Impulse sent no thresholds of its learn blocks."
        return [((" ", ""), *line) for line in wrapped(note, width - 2, "dim")]
    titles = {block.id: " ".join(filter(None, (block.title, f"({block.type})" if block.type else "")))
              for block in impulse.learn}  # fmt: skip
    widths = _widths(session, width)
    lines: list[Line] = []
    chosen = 0
    for block_id, drafts in groupby(session.drafts, key=lambda draft: draft.ref.block_id):
        lines.append(((f" Block {block_id}", "accent"), (f"  {titles.get(block_id, '')}", "dim")))
        for draft in drafts:
            if draft is session.current:
                chosen = len(lines)
            lines.append(_row(draft, draft is session.current, widths))
    head = _heading(widths)
    room = max(1, height - 1)
    top = max(0, min(chosen - room // 2, len(lines) - room))
    return [crop(line, width) for line in (head, *lines[top : top + room])]


def _widths(session: EditSession, width: int) -> tuple[int, int, int, int]:
    """Return the cells of the name, the current, the new and the suggested value."""
    now = _most(session, _now)
    new = _most(session, lambda draft: draft.text) + 2
    proposed = _most(session, _suggested)
    longest = max(len_cells(_name(draft)) for draft in session.drafts)
    room = width - 3 - 6
    if longest + now + new + proposed > room:
        longest = max(_LEAST_NAME, room - now - new - proposed)
    if longest + now + new + proposed > room:
        now = new = proposed = max(4, (room - longest) // 3)
    return longest, now, new, proposed


def _most(session: EditSession, text: Callable[[Draft], str]) -> int:
    return max(_LEAST_VALUE, min(_MOST_VALUE, max(len_cells(text(draft)) for draft in session.drafts)))


def _heading(widths: tuple[int, int, int, int]) -> Line:
    name, now, new, proposed = widths
    heading = f"   {fit('', name)}  {fit('now', now)}  {fit('new', new)}  {fit('suggested', proposed)}"
    return ((heading.rstrip(), "dim"),)


def _row(draft: Draft, here: bool, widths: tuple[int, int, int, int]) -> Line:
    name, now, new, proposed = widths
    return (
        (f" {_CURSOR} " if here else "   ", "title"),
        (fit(_name(draft), name), "title" if here else ""),
        (f"  {fit(_now(draft), now)}  ", "dim"),
        *_new(draft, new, here),
        (f"  {fit(_suggested(draft), proposed)}", "dim"),
    )


def _new(draft: Draft, cells: int, here: bool) -> tuple[Span, ...]:
    if draft.typed is not None:
        tone = "bad" if draft.refusal else "best"
        # Of a long text its end, where it is typed.
        text = draft.text if len_cells(draft.text) < cells else "…" + draft.text[2 - cells :]
        return ((text, tone), (" ", "caret" if here else ""), (" " * max(0, cells - len_cells(text) - 1), ""))
    odd = draft.warnings
    text = (draft.text or format_value(draft.value)) + (f" {ODD_MARK}" if odd else "")
    return ((fit(text, cells), "warn" if odd else "best" if draft.changed else ""),)


def _now(draft: Draft) -> str:
    """Return the loaded value, with a sign where the service has another one, too."""
    return format_value(draft.loaded) + (f" {ODD_MARK}" if draft.threshold.differs else "")


def _name(draft: Draft) -> str:
    return draft.threshold.description or draft.ref.name


def _suggested(draft: Draft) -> str:
    return MISSING if draft.threshold.suggested is None else format_value(draft.threshold.suggested)


def about_draft(draft: Draft | None, width: int) -> list[Line]:
    """Return the help text of the selected threshold, and what is odd or wrong about what it is to become."""
    if draft is None:
        return []
    lead: Line = ((f" {fit(draft.ref.name, min(_MOST_KEY, len_cells(draft.ref.name)))}", "key"), ("  ", ""))
    texts = [
        draft.threshold.help_text,
        draft.threshold.suggested_text and f"Suggested: {draft.threshold.suggested_text}",
    ]
    room = width - width_of(lead) - 1
    note = wrap("  ".join(filter(None, texts)) or "The service says nothing about it.", room)
    indent = " " * width_of(lead)
    lines: list[Line] = [
        (*lead, (text, "dim")) if not number else ((indent, ""), (text, "dim")) for number, text in enumerate(note)
    ]
    if several := differing(draft.threshold):
        lines = lines[: _ABOUT_LINES - 2]
        lines.append(((f" {ODD_MARK} {several}", "warn"),))
    if max(len_cells(draft.text), len_cells(format_value(draft.loaded))) > _MOST_VALUE:
        lines.append(((f" now {format_value(draft.loaded)}, new {draft.text}", ""),))
    if draft.refusal:
        lines.append(((f" ✗ {draft.refusal}", "bad"),))
    elif odd := draft.warnings:
        lines.append(((f" {ODD_MARK} {'. '.join(odd)}.", "warn"),))
    return [crop(line, width) for line in lines[:_ABOUT_LINES]]


_KEYS: dict[type[ThresholdKind], str] = {
    NumberKind: "{move.left}{move.right} fine, {threshold.coarse_down} {threshold.coarse_up} coarse, digits type",
    ChoiceKind: "{move.left}{move.right} takes the next, {threshold.open} opens the list",
    TextKind: "{threshold.open} types",
    UnknownKind: "eitui cannot change this kind of value",
}
"""What the keys do to each kind of threshold."""


def keys_for(draft: Draft | None) -> str:
    """Return what the keys do to the selected threshold, in a line."""
    if draft is None:
        return ""
    if draft.typed is not None:
        return keyed("{threshold.review} takes what is typed, {over.back} drops it")
    return keyed(_KEYS[type(draft.kind)])


def option_lines(draft: Draft, at: int, width: int, height: int) -> list[Line]:
    """Return the options of a threshold as a list in at most `height` lines, the one at `at` under the cursor."""
    choices, kind = draft.threshold.options, draft.kind
    values = kind.values if isinstance(kind, ChoiceKind) else tuple(option.value for option in choices)
    longest = max((len_cells(format_value(value)) for value in values), default=0)
    lines: list[Line] = []
    for place, (option, value) in enumerate(zip(choices, values, strict=True)):
        here, now = place == at, same(value, draft.loaded)
        lines.append(
            (
                (f" {_CURSOR} " if here else "   ", "title"),
                (fit(format_value(value), min(longest, 24)), "title" if here else ""),
                (f"  {option.description}", "dim"),
                ("  (now)" if now else "", "dim"),
            )
        )
    room = max(1, height - 2)
    top = max(0, min(at - room // 2, len(lines) - room))
    head: Line = ((f" {_name(draft)}", "title"),)
    return [crop(line, width) for line in (head, EMPTY_LINE, *lines[top : top + room])]
