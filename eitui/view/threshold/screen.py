"""The threshold editor as a whole: what stands where, for the room there is."""

from dataclasses import dataclass

from eitui.domain.scores import Scores, VisualAnomalyScores
from eitui.thresholds.editor import Editing, Editor
from eitui.thresholds.whatif import DraftEffect, WhatIfComparison
from eitui.view.kit.cells import len_cells
from eitui.view.kit.keys import keyed
from eitui.view.kit.lines import EMPTY_LINE, Line, crop, width_of, wrapped
from eitui.view.kit.query import query_note, query_state
from eitui.view.threshold import editor as table
from eitui.view.threshold import panels, whatif

_SIDE_BY_SIDE = 110
"""Cells from which figures and windows are beside the curve; below it is either the curve or the windows."""

LEAST_WHAT_IF = 6
"""Lines that the what-if is left at least, where the table can be shorter."""


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
    if editor.impulse is None:
        return _nothing(editor, width)
    stage = editor.stage
    if not isinstance(stage, Editing):
        return _panel(stage, editor, look, width, height)
    below = [*_status(editor, width, past=past)]
    above = table.threshold_lines(
        editor.session, editor.impulse, width, min(max(4, height - LEAST_WHAT_IF - len(below)), max(4, height // 2))
    )
    current = editor.session.current
    if stage.option is not None and current is not None:
        room = height - len(above) - len(below) - 1
        return [*above, EMPTY_LINE, *table.option_lines(current, stage.option, width, room), *below]
    about = table.about_draft(current, width)
    lines = [*above, *about]
    room = height - len(lines) - len(below)
    middle = _what_if(editor, look, width, room)
    return [*lines, *middle, *[EMPTY_LINE] * (height - len(lines) - len(middle) - len(below)), *below]


def _nothing(editor: Editor, width: int) -> list[Line]:
    text, tone = query_note(editor.reading, editor.mono, "the thresholds")
    if editor.nowhere and editor.reading.problem is None:
        text, tone = "No impulse was made from this trial.", ""
    return [EMPTY_LINE, *(((" ", ""), *line) for line in wrapped(text, width - 2, tone))]


def _panel(stage: panels.Shown, editor: Editor, look: WhatIfLook, width: int, height: int) -> list[Line]:
    panel = panels.stage_panel(
        stage,
        editor.impulse,
        width,
        job=editor.job,
        settles_in_s=editor.settles_in_s,
        mono=editor.mono,
        offers_test=editor.offers_test,
        extra=_sent(editor, width),
    )
    note = _note(editor, width)
    # What can be pressed stays in sight, whatever else has to go.
    body = panel.body
    room = max(1, height - len(panel.keys) - len(note) - 1)
    look.page = room
    look.top = max(0, min(look.top, len(body) - room))
    shown = body[look.top : look.top + room]
    if len(body) > room:
        shown[-1:] = [((f" {_pages()}: line {look.top + 1} of {len(body)}", "dim"),)]
    return [EMPTY_LINE, *shown, *panel.keys, *note]


def _sent(editor: Editor, width: int) -> list[Line]:
    """Return the effect of the changes, with all that must be known of them before they are sent."""
    lines: list[Line] = []
    told: set[tuple[int, str]] = set()
    for draft, found in editor.what_if_sent:
        if odd := draft.warnings:
            lines += _indented(f"{table.ODD_MARK} {draft.ref.name}: {'. '.join(odd)}.", width, "warn")
        if found.comparison is None or found.scores is None:
            reason = _reason(found) or _about_scores(found, editor)[0]
            lines += _indented(f"{draft.ref.name}: {reason}", width, "dim")
        elif (draft.ref.block_id, found.about) not in told:
            told.add((draft.ref.block_id, found.about))
            lines.append(whatif.what_if_summary(found.comparison, found.scores, width, f"  {found.about}"))
            lines += _indented(" ".join(filter(None, (_about_scores(found, editor)[0], found.note))), width, "warn")
    return lines


def _indented(text: str, width: int, tone: str) -> list[Line]:
    return [(("   ", ""), *line) for line in wrapped(text, width - 4, tone)] if text else []


def _status(editor: Editor, width: int, *, past: bool) -> list[Line]:
    lines: list[Line] = []
    if past:
        lines.append(((" These are the thresholds of now, not of the time that is shown.", "warn"),))
    text, tone = query_note(editor.reading, editor.mono, "the thresholds")
    if not text and editor.reading.pending:
        text, tone = query_state(editor.reading, editor.mono).capitalize(), "dim"
    lines += [((" ", ""), *line) for line in wrapped(text, width - 2, tone)]
    if editor.job is not None:
        lines.append(panels.job_line(editor.job))
    return [crop(line, width) for line in (*lines, *_note(editor, width))]


def _note(editor: Editor, width: int) -> list[Line]:
    hint = keyed(editor.hint) if editor.hint is not None else ""
    return [((" ", ""), *line) for line in wrapped(f"{editor.note} {hint}".strip(), width - 2, "warn")]


def _pages() -> str:
    return keyed("{move.page_up} {move.page_down}")


# The what-if


def _what_if(editor: Editor, look: WhatIfLook, width: int, room: int) -> list[Line]:
    told = editor.what_if
    if told is None or room < 2:
        return []
    rule = _rule(table.keys_for(editor.session.current), width)
    asked, comparison, scores = _about_scores(told, editor), told.comparison, told.scores
    if comparison is None or scores is None:
        texts = ((_reason(told), "dim"), asked)
        return [rule, *(((" ", ""), *line) for text, tone in texts for line in wrapped(text, width - 2, tone))][:room]
    note = " ".join(filter(None, (asked[0], told.note)))
    notes: list[Line] = [((" ", ""), *line) for line in wrapped(note, width - 2, "warn")][:2]
    space = room - 1 - len(notes)
    arranged = _wide if width >= _SIDE_BY_SIDE else _narrow
    return [rule, *arranged(comparison, scores, look, width, space), *notes][:room]


def _about_scores(effect: DraftEffect, editor: Editor) -> tuple[str, str]:
    return ("", "") if effect.asked is None else query_note(effect.asked, editor.mono, "the scores")


def _reason(effect: DraftEffect) -> str:
    """Return why there is no comparison, and which key helps."""
    if not effect.untested:
        return effect.reason
    return f"{effect.reason.rstrip('.')}: {keyed('{threshold.test} starts model testing.')}"


def _rule(title: str, width: int) -> Line:
    """Return a line across, with what the keys do to the selected threshold in it."""
    return crop(((" ── ", "dim"), (f"{title} ", "dim"), ("─" * max(0, width - len_cells(title) - 6), "dim")), width)


def _wide(
    comparison: WhatIfComparison,
    scores: Scores | VisualAnomalyScores,
    look: WhatIfLook,
    width: int,
    room: int,
) -> list[Line]:
    left = width // 2 - 1
    figures = whatif.figures(comparison, scores, left)
    windows = _windows(comparison, look, left, room - len(figures) - 1)
    column = [*figures, EMPTY_LINE, *windows][:room]
    column += [EMPTY_LINE] * (room - len(column))
    return _beside(column, whatif.curve_lines(comparison, scores, width - left - 1, room), left)


def _narrow(
    comparison: WhatIfComparison,
    scores: Scores | VisualAnomalyScores,
    look: WhatIfLook,
    width: int,
    room: int,
) -> list[Line]:
    if look.windows:
        return [whatif.what_if_summary(comparison, scores, width), *_windows(comparison, look, width, room - 1)]
    left = whatif.FIGURES_WIDTH
    figures = whatif.figures(comparison, scores, left)[:room]
    figures += [EMPTY_LINE] * (room - len(figures))
    return _beside(figures, whatif.curve_lines(comparison, scores, width - left - 1, room), left)


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
    head: Line = ((" What flips", "title"), (place, "dim"), (f"  {_pages()}" if count > look.page else "", "key"))
    return [crop(head, width), *whatif.flips(comparison, width, look.top, look.page)]


def _beside(left: list[Line], right: list[Line], width: int) -> list[Line]:
    return [
        (*crop(one, width), (" " * max(0, width - width_of(crop(one, width)) + 1), ""), *other)
        for one, other in zip(left, right, strict=True)
    ]
