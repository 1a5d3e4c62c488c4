"""The threshold editor: what stands where for the room there is, the table of thresholds, and the what-if beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from eitui.domain.edit import Draft, EditSession
from eitui.domain.impulse import Impulse
from eitui.domain.threshold import ChoiceKind, NumberKind, TextKind, ThresholdKind, UnknownKind, format_value, same
from eitui.thresholds.editor import Editing, Editor
from eitui.thresholds.whatif import DraftEffect, WhatIfComparison
from eitui.view.kit.cells import fit, len_cells, wrap
from eitui.view.kit.keys import keyed
from eitui.view.kit.lines import EMPTY_LINE, Line, Span, crop, width_of, wrapped
from eitui.view.kit.page import query_note, query_state
from eitui.view.kit.status import CAUTION, FAULT
from eitui.view.threshold import panels, whatif
from eitui.view.threshold.plain import differing, suggested_text

_SIDE_BY_SIDE = 110
"""Cells from which figures and windows are beside the curve; below it is either the curve or the windows."""

LEAST_WHAT_IF = 6
"""Lines that the what-if is left at least, where the table can be shorter."""

_CURSOR, ODD_MARK = "▸", CAUTION.sign
_LEAST_VALUE, _MOST_VALUE = 9, 21
"""Cells of a value: the longest float takes 21, with its sign."""

_LEAST_NAME, _MOST_KEY = 16, 36
_ABOUT_LINES = 4


@dataclass
class WhatIfLook:
    """How the what-if is looked at."""

    windows: bool = False
    """Whether the windows that flip are in sight instead of the curve, where there is no room for both."""
    top: int = 0
    """The first window, or line of a panel, in sight."""
    page: int = 1
    """How many were in sight the last time."""


def picture(editor: Editor, look: WhatIfLook, width: int, height: int, *, past: bool = False) -> list[Line]:
    """Return the lines of the editor; `past` tells whether the screen shows another time than the present."""
    text, tone = query_note(editor.reading, editor.mono, "the thresholds")
    if editor.impulse is None:
        if editor.nowhere and editor.reading.problem is None:
            text, tone = "No impulse was made from this trial.", ""
        return [EMPTY_LINE, *_set_in(text, width, tone)]
    stage = editor.stage
    if not isinstance(stage, Editing):
        return _panel(stage, editor, look, width, height)

    below: list[Line] = []
    if past:
        below.append(((" These are the thresholds of now, not of the time that is shown.", "warn"),))
    if not text and editor.reading.pending:
        text, tone = query_state(editor.reading, editor.mono).capitalize(), "dim"
    below += _set_in(text, width, tone)
    if editor.job is not None:
        below.append(panels.job_line(editor.job))
    below = [crop(line, width) for line in (*below, *_note(editor, width))]

    most = min(max(4, height - LEAST_WHAT_IF - len(below)), max(4, height // 2))
    above = threshold_lines(editor.session, editor.impulse, width, most)
    current = editor.session.current
    if stage.option is not None and current is not None:
        room = height - len(above) - len(below) - 1
        return [*above, EMPTY_LINE, *option_lines(current, stage.option, width, room), *below]
    above += about_draft(current, width)
    room = height - len(above) - len(below)
    middle = _what_if(editor, look, width, room)
    return [*above, *middle, *[EMPTY_LINE] * (room - len(middle)), *below]


def _panel(stage: panels.Shown, editor: Editor, look: WhatIfLook, width: int, height: int) -> list[Line]:
    """Return the panel of a stage, its keys in sight whatever else has to go."""
    # The effect of the changes, with all that must be known of them before they are sent.
    effect: list[Line] = []
    told: set[tuple[int, str]] = set()
    for draft, found in editor.what_if_sent:
        asked = _about_scores(found, editor)[0]
        if odd := draft.warnings:
            effect += _set_in(f"{ODD_MARK} {draft.ref.name}: {'. '.join(odd)}.", width, "warn", by=3)
        if found.comparison is None or found.scores is None:
            effect += _set_in(f"{draft.ref.name}: {_reason(found) or asked}", width, "dim", by=3)
        elif (draft.ref.block_id, found.about) not in told:
            told.add((draft.ref.block_id, found.about))
            effect.append(whatif.what_if_summary(found.comparison, found.scores, width, f"  {found.about}"))
            effect += _set_in(" ".join(filter(None, (asked, found.note))), width, "warn", by=3)

    panel = panels.stage_panel(
        stage,
        editor.impulse,
        width,
        job=editor.job,
        settles_in_s=editor.settles_in_s,
        mono=editor.mono,
        offers_test=editor.offers_test,
        extra=effect,
    )
    note = _note(editor, width)
    look.page = max(1, height - len(panel.keys) - len(note) - 1)
    look.top = max(0, min(look.top, len(panel.body) - look.page))
    shown = panel.body[look.top : look.top + look.page]
    if len(panel.body) > look.page:
        shown[-1:] = [((f" {_pages()}: line {look.top + 1} of {len(panel.body)}", "dim"),)]
    return [EMPTY_LINE, *shown, *panel.keys, *note]


def _set_in(text: str, width: int, tone: str, by: int = 1) -> list[Line]:
    return [((" " * by, ""), *line) for line in wrapped(text, width - by - 1, tone)]


def _note(editor: Editor, width: int) -> list[Line]:
    hint = keyed(editor.hint) if editor.hint is not None else ""
    return _set_in(f"{editor.note} {hint}".strip(), width, "warn")


def _pages() -> str:
    return keyed("{move.page_up} {move.page_down}")


# The table of thresholds


def threshold_lines(session: EditSession, impulse: Impulse, width: int, height: int) -> list[Line]:
    """Return the table in at most `height` lines: a heading, then blocks with their thresholds; the cursor in sight."""
    if not session.drafts:
        note = "None of its learn blocks has thresholds."
        if not impulse.learn:
            note = "It has no learn block yet, and so no thresholds."
        elif not all(block.thresholds_sent for block in impulse.learn):
            note = "Unknown: Edge Impulse sent no thresholds of its learn blocks."
        return _set_in(note, width, "dim")

    # Cells of the current, the new and the suggested value, and of the name, which gives way first.
    texts = [(_now(draft), draft.text, suggested_text(draft.threshold)) for draft in session.drafts]
    now, new, proposed = (
        max(_LEAST_VALUE, min(_MOST_VALUE, max(map(len_cells, column)))) for column in zip(*texts, strict=True)
    )
    new += 2
    room = width - 3 - 6
    names = max(len_cells(_name(draft)) for draft in session.drafts)
    if names + now + new + proposed > room:
        names = max(_LEAST_NAME, room - now - new - proposed)
    if names + now + new + proposed > room:
        now = new = proposed = max(4, (room - names) // 3)

    heading = f"   {fit('', names)}  {fit('now', now)}  {fit('new', new)}  {fit('suggested', proposed)}"
    titles = {block.id: " ".join(filter(None, (block.title, f"({block.type})" if block.type else "")))
              for block in impulse.learn}  # fmt: skip
    lines: list[Line] = []
    chosen = 0
    for block_id, drafts in groupby(session.drafts, key=lambda draft: draft.ref.block_id):
        lines.append(((f" Block {block_id}", "accent"), (f"  {titles.get(block_id, '')}", "dim")))
        for draft in drafts:
            here = draft is session.current
            if here:
                chosen = len(lines)
            lines.append(
                (
                    (f" {_CURSOR} " if here else "   ", "title"),
                    (fit(_name(draft), names), "title" if here else ""),
                    (f"  {fit(_now(draft), now)}  ", "dim"),
                    *_new_value(draft, new, here),
                    (f"  {fit(suggested_text(draft.threshold), proposed)}", "dim"),
                )
            )
    return _in_sight(((heading.rstrip(), "dim"),), lines, chosen, width, max(1, height - 1))


def _in_sight(head: Line, lines: Sequence[Line], chosen: int, width: int, room: int) -> list[Line]:
    """Return `head` and `room` of the lines, the chosen one in their middle as far as possible."""
    top = max(0, min(chosen - room // 2, len(lines) - room))
    return [crop(line, width) for line in (head, *lines[top : top + room])]


def _new_value(draft: Draft, cells: int, here: bool) -> tuple[Span, ...]:
    if draft.typed is not None:
        tone = "bad" if draft.refusal else "draft"
        # Of a long text its end, where it is typed.
        text = draft.text if len_cells(draft.text) < cells else "…" + draft.text[2 - cells :]
        return ((text, tone), (" ", "caret" if here else ""), (" " * max(0, cells - len_cells(text) - 1), ""))
    odd = draft.warnings
    text = (draft.text or format_value(draft.value)) + (f" {ODD_MARK}" if odd else "")
    return ((fit(text, cells), "warn" if odd else "draft" if draft.changed else ""),)


def _now(draft: Draft) -> str:
    """Return the loaded value, with a sign where the service has another one, too."""
    return format_value(draft.loaded) + (f" {ODD_MARK}" if draft.threshold.differs else "")


def _name(draft: Draft) -> str:
    return draft.threshold.description or draft.ref.name


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
        lines.append(((" ", ""), CAUTION.says(several)))
    if max(len_cells(draft.text), len_cells(format_value(draft.loaded))) > _MOST_VALUE:
        lines.append(((f" now {format_value(draft.loaded)}, new {draft.text}", ""),))
    if draft.refusal:
        lines.append(((" ", ""), FAULT.says(draft.refusal)))
    elif odd := draft.warnings:
        lines.append(((" ", ""), CAUTION.says(f"{'. '.join(odd)}.")))
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
    head, *options = _in_sight(((f" {_name(draft)}", "title"),), lines, at, width, max(1, height - 2))
    return [head, EMPTY_LINE, *options]


# The what-if


def _what_if(editor: Editor, look: WhatIfLook, width: int, room: int) -> list[Line]:
    told = editor.what_if
    if told is None or room < 2:
        return []
    title = keys_for(editor.session.current)
    rule = crop(((" ── ", "dim"), (f"{title} ", "dim"), ("─" * max(0, width - len_cells(title) - 6), "dim")), width)
    asked, comparison, scores = _about_scores(told, editor), told.comparison, told.scores
    if comparison is None or scores is None:
        return [rule, *_set_in(_reason(told), width, "dim"), *_set_in(asked[0], width, asked[1])][:room]
    notes = _set_in(" ".join(filter(None, (asked[0], told.note))), width, "warn")[:2]
    space = room - 1 - len(notes)

    if width < _SIDE_BY_SIDE and look.windows:
        summary = whatif.what_if_summary(comparison, scores, width)
        return [rule, summary, *_windows(comparison, look, width, space - 1), *notes][:room]
    left = whatif.FIGURES_WIDTH if width < _SIDE_BY_SIDE else width // 2 - 1
    column = whatif.figures(comparison, scores, left)
    if width >= _SIDE_BY_SIDE:
        column += [EMPTY_LINE, *_windows(comparison, look, left, space - len(column) - 1)]
    column = [*column, *[EMPTY_LINE] * (space - len(column))][:space]
    curve = whatif.curve_lines(comparison, scores, width - left - 1, space)
    return [
        rule,
        *(
            (*(cut := crop(one, left)), (" " * max(0, left - width_of(cut) + 1), ""), *other)
            for one, other in zip(column, curve, strict=True)
        ),
        *notes,
    ][:room]


def _about_scores(effect: DraftEffect, editor: Editor) -> tuple[str, str]:
    return ("", "") if effect.asked is None else query_note(effect.asked, editor.mono, "the scores")


def _reason(effect: DraftEffect) -> str:
    """Return why there is no comparison, and which key helps."""
    if not effect.untested:
        return effect.reason
    return f"{effect.reason.rstrip('.')}: {keyed('{threshold.test} starts model testing.')}"


def _windows(comparison: WhatIfComparison, look: WhatIfLook, width: int, room: int) -> list[Line]:
    if room < 2:
        return []
    count = len(comparison.flips)
    look.page = room - 1
    look.top = max(0, min(look.top, count - look.page))
    if not count:
        return []
    last = min(count, look.top + look.page)
    place = f"  {look.top + 1}–{last} of {count:,}" if count > look.page else f"  {count:,}"
    head: Line = (
        (" Results that change", "title"),
        (place, "dim"),
        (f"  {_pages()}" if count > look.page else "", "key"),
    )
    return [crop(head, width), *whatif.flips(comparison, width, look.top, look.page)]
