"""The journal of changes as a list: when, what, by whom, and what became of it."""

from collections.abc import Sequence

from eitui.domain.action import ActionEntry
from eitui.domain.edit import Entry, Outcome
from eitui.domain.threshold import format_value
from eitui.thresholds import messages
from eitui.thresholds.action_messages import action_advice, action_outcome, action_text, brief
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import fit
from eitui.view.kit.keys import keyed
from eitui.view.kit.lines import EMPTY_LINE, Line, crop, wrapped
from eitui.view.kit.status import CAUTION, DONE, DOUBT, FAULT, NOT_DONE

_CURSOR = "▸"

JournalLine = Entry | ActionEntry
"""A change of thresholds, or an action."""

_VERIFIED = {
    True: DONE.says("applied"),
    False: CAUTION.says("other value"),
    None: DOUBT.says("not verified"),
}
"""What is shown of a change that the service accepted, by whether it was read back so."""

_NOT_NOTED = DONE.says("accepted")
"""What is shown of one of which an early version of eitui did not note whether it was read back."""

_SIGNS = {
    Outcome.SETTLED_APPLIED: DONE.says("found applied"),
    Outcome.REFUSED: FAULT.says("refused"),
    Outcome.NOT_SENT: NOT_DONE.says("not sent"),
    Outcome.SETTLED_NOT_APPLIED: NOT_DONE.says("found not applied"),
    Outcome.SETTLED_OTHER: CAUTION.says("found otherwise"),
}
_ACTION_SIGNS = {
    Outcome.SETTLED_APPLIED: DONE.says("found done"),
    Outcome.SETTLED_NOT_APPLIED: NOT_DONE.says("found not done"),
    Outcome.SETTLED_OTHER: DOUBT.says("cannot be told"),
}
"""What is shown of an action where it is not as of a change."""

_UNKNOWN = DOUBT.span
_OUTCOME = 19


def ordered(entries: Sequence[JournalLine]) -> list[JournalLine]:
    """Return the entries as they are shown: what is not settled first, then the newest first."""
    return sorted(entries, key=lambda entry: (entry.outcome.settled, -entry.number))


def rows(entries: Sequence[JournalLine], at: int, now: float, width: int, height: int) -> list[Line]:
    """Return a line for each entry, as many as fit, the one at `at` in sight and under the cursor.

    `now`: seconds since the Unix epoch.
    """
    lines: list[Line] = []
    top = max(0, min(at - height // 2, len(entries) - height))
    for place, entry in enumerate(entries[top : top + height], start=top):
        here, (word, tone), (what, by) = place == at, _state(entry), _about(entry)
        line: Line = (
            (f" {_CURSOR} " if here else "   ", "title"),
            (f"{entry.number:>3}  {fit(fmt.clock(entry.intended_at, now), 12)}  ", "dim"),
            (fit(word, _OUTCOME), tone),
            (f"  {what}", "title" if here else ""),
            *([(f"  {by}", "dim")] if width >= 100 else []),
        )
        lines.append(crop(line, width))
    return lines


def _state(entry: JournalLine) -> tuple[str, str]:
    """Return what became of an entry, in two words with a sign, and their tone."""
    if entry.outcome is not Outcome.APPLIED:
        known = _SIGNS if isinstance(entry, Entry) else _SIGNS | _ACTION_SIGNS
        return known.get(entry.outcome, _UNKNOWN)
    if isinstance(entry, Entry):
        return _VERIFIED[entry.verified] if entry.report.read_back_noted else _NOT_NOTED
    return DONE.says("done" if entry.report.seen else "accepted")


def _about(entry: JournalLine) -> tuple[str, str]:
    """Return what an entry did, and who did it."""
    if isinstance(entry, ActionEntry):
        return brief(entry), entry.action.who
    edit = entry.edit
    first, *others = edit.changes
    more = f", +{len(others)}" if others else ""
    undoes = "  undoes another" if edit.undo_of is not None else ""
    what = f"{first.ref.name}: {format_value(first.old)} → {format_value(first.new)}{more}"
    return f"impulse {edit.impulse_id}, {what}", f"{edit.who}{undoes}"


def _action_detail(entry: ActionEntry, now: float, width: int, problem: str) -> list[Line]:
    action = entry.action
    about = f"{fmt.clock(entry.intended_at, now)}  by {action.who}"
    lines: list[Line] = [((f" Action {entry.number}", "title"), (f"  {about}", "dim"))]
    lines += [(("   ", ""), *line) for line in wrapped(action_text(action), width - 4)]
    advice = action_advice(entry)
    if not entry.outcome.settled:
        advice = keyed("{feed.poll} reads it back. Until it is settled the same is not sent again.")
    lines += [((" ", ""), *line) for line in wrapped(f"{action_outcome(entry)} {advice}".strip(), width - 2)]
    lines += [((" ", ""), *line) for line in wrapped(problem, width - 2, "warn")] if problem else []
    return [crop(line, width) for line in lines]


def detail(entry: JournalLine, now: float, width: int, problem: str = "") -> list[Line]:
    """Return everything about one entry."""
    if isinstance(entry, ActionEntry):
        return _action_detail(entry, now, width, problem)
    edit, report = entry.edit, entry.report
    about = f"{fmt.clock(entry.intended_at, now)}  by {edit.who}  impulse {edit.impulse_id} {edit.impulse_name}"
    lines: list[Line] = [((f" Change {entry.number}", "title"), (f"  {about}", "dim"))]
    lines += [(("   ", ""), (messages.diff(change), "")) for change in edit.changes]
    advice = messages.outcome_advice(entry)
    if not entry.outcome.settled:
        advice = keyed("{feed.poll} reads it back. Until it is settled nothing else of its impulse is sent.")
    lines += [((" ", ""), *line) for line in wrapped(f"{messages.outcome(entry)} {advice}".strip(), width - 2)]
    if report.stored is not None:
        values = ", ".join(map(format_value, report.stored))
        lines.append(((f" Read back: {values}", "dim"),))
    if entry.outcome is Outcome.APPLIED:
        text = messages.regenerated(report.regenerate_status, report.job_id, report.had_results)
        lines += [((" ", ""), *line) for line in wrapped(text, width - 2, "dim")]
    if problem:
        lines += [((" ", ""), *line) for line in wrapped(problem, width - 2, "warn")]
    return [crop(line, width) for line in lines]


def empty(width: int) -> list[Line]:
    """Return that there is nothing in the journal."""
    note = (
        "Nothing of this project was changed, started or cancelled from this machine yet. What is sent is written down"
        " here first."
    )
    return [EMPTY_LINE, *(((" ", ""), *line) for line in wrapped(note, width - 2, "dim"))]
