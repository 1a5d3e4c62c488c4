"""Editing thresholds by keyboard: each key gives a new session from the one before. Nothing here raises or sends."""

from collections.abc import Iterable
from dataclasses import replace

from eitui.analysis.numbers import add, parse_number, step_of
from eitui.analysis.oddity import is_probability
from eitui.domain.editing import CHOICE, NUMBER, TEXT, Conflict, Draft, EditSession, Rebased, finite, text_of
from eitui.domain.text import clean
from eitui.domain.threshold import Change, Threshold, ThresholdRef, Value, same

_DIGITS = frozenset("0123456789.,+-eE")

MOST_TYPED = 512
"""Characters of a free text."""


def start(thresholds: Iterable[Threshold], at: ThresholdRef | None = None) -> EditSession:
    """Begin to edit; `at` is the threshold to put the cursor on."""
    found: dict[ThresholdRef, Draft] = {}
    for threshold in thresholds:
        found.setdefault(threshold.ref, Draft(threshold, threshold.value))
    places = {ref: place for place, ref in enumerate(found)}
    return EditSession(tuple(found.values()), places.get(at, 0) if at is not None else 0)


def move(session: EditSession, by: int) -> EditSession:
    """Move the cursor by some thresholds, as far as there are any; what is typed is accepted first."""
    return select(session, session.at + by)


def select(session: EditSession, place: int) -> EditSession:
    """Move the cursor to a place; what is typed is accepted first, and if it is refused the cursor stays."""
    accepted = accept(session)
    if accepted.typing or not session.drafts:
        return accepted
    return replace(accepted, at=min(max(place, 0), len(accepted.drafts) - 1))


def step(session: EditSession, direction: int, *, coarse: bool = False) -> EditSession:
    """Move a number up (`direction` > 0) or down by a fine or a coarse step; of a list, take the next or previous.

    A probability between 0 and 1 stays there: further it is only typed.
    """
    accepted = accept(session)
    draft = accepted.current
    if draft is None or draft.typed is not None or direction == 0:
        return accepted
    if draft.kind == CHOICE:
        return choose(accepted, 1 if direction > 0 else -1)
    if draft.kind == TEXT:
        return accepted.with_current(replace(draft, refusal="This is a text: type it"))
    return accepted.with_current(_settle(draft, _stepped(draft, direction, coarse)))


def _stepped(draft: Draft, direction: int, coarse: bool) -> int | float:
    usual = _number(draft.loaded) or _number(draft.threshold.suggested) or 0
    value = usual if draft.value is None else _number(draft.value)
    if value is None:
        return usual
    probability = is_probability(draft.threshold)
    size = step_of(value, usual, probability=probability)[coarse]
    moved = add(value, size if direction > 0 else -size)
    if probability and 0 <= value <= 1 and not 0 <= moved <= 1:
        return 0 if moved < 0 else 1
    return moved


def _number(value: Value | None) -> int | float | None:
    return value if isinstance(value, int | float) and finite(value) else None


def type_text(session: EditSession, text: str) -> EditSession:
    """Type (or paste) into the threshold under the cursor: a number is begun anew, a text is continued."""
    draft = session.current
    if draft is None or not text:
        return session
    if draft.kind == CHOICE:
        return session.with_current(replace(draft, refusal="This is chosen from a list"))
    if draft.kind == NUMBER:
        return session.with_current(_type_number(draft, text))
    typed = (_word(draft.value) if draft.typed is None else draft.typed) + text
    if not text.isprintable():
        return session.with_current(replace(draft, refusal="A control character cannot be typed"))
    if len(typed) > MOST_TYPED:
        return session.with_current(replace(draft, refusal=f"Longer than {MOST_TYPED} characters"))
    return session.with_current(replace(draft, typed=typed, refusal=""))


def _type_number(draft: Draft, text: str) -> Draft:
    digits = text.strip()
    if not digits or not _DIGITS.issuperset(digits):
        return replace(draft, refusal=f"{clean(digits, 16) or 'A space'} is not part of a number")
    typed = ((draft.typed or "") + digits)[:MOST_TYPED]
    return replace(draft, typed=typed, refusal="")


def _word(value: Value | None) -> str:
    return value if isinstance(value, str) else text_of(value)


def backspace(session: EditSession) -> EditSession:
    """Take back the last character that was typed; where nothing is typed, go back to the loaded value."""
    draft = session.current
    if draft is None:
        return session
    if draft.typed is None:
        return restore(session)
    left = draft.typed[:-1]
    # A number without digits is none, a text without characters is one.
    return session.with_current(replace(draft, typed=left if left or draft.kind == TEXT else None, refusal=""))


def accept(session: EditSession) -> EditSession:
    """Take what is typed as the new value; where it is no number, say why and leave it to be corrected."""
    draft = session.current
    if draft is None or draft.typed is None:
        return session
    if draft.kind == TEXT:
        return session.with_current(_settle(draft, draft.typed))
    number = parse_number(draft.typed)
    if isinstance(number, str):
        return session.with_current(replace(draft, refusal=number))
    return session.with_current(_settle(draft, number))


def cancel(session: EditSession) -> EditSession:
    """Drop what is typed: the value is what it was before."""
    draft = session.current
    return session if draft is None else session.with_current(replace(draft, typed=None, refusal=""))


def suggest(session: EditSession) -> EditSession:
    """Take the service's suggestion."""
    draft = session.current
    if draft is None:
        return session
    suggested = draft.threshold.suggested
    if suggested is None:
        return session.with_current(replace(draft, refusal="The service suggests no value"))
    if not _possible(draft.threshold, suggested):
        return session.with_current(replace(draft, refusal="The suggestion is of another kind than the value"))
    return session.with_current(_settle(draft, suggested))


def restore(session: EditSession) -> EditSession:
    """Go back to the loaded value."""
    draft = session.current
    return session if draft is None else session.with_current(_settle(draft, draft.loaded))


def restore_all(session: EditSession) -> EditSession:
    """Go back to the loaded values of all thresholds."""
    return replace(session, drafts=tuple(_settle(draft, draft.loaded) for draft in session.drafts))


def take_theirs(session: EditSession, ref: ThresholdRef) -> EditSession:
    """Settle a conflict: what is on the service stays. To insist on one's own value there is nothing to do."""
    return replace(
        session,
        drafts=tuple(_settle(draft, draft.loaded) if draft.ref == ref else draft for draft in session.drafts),
    )


def choose(session: EditSession, by: int) -> EditSession:
    """Take an option further down (`by` > 0) or up in the list; from the last one the first is next."""
    draft = session.current
    if draft is None or draft.kind != CHOICE:
        return session
    values = [_option(draft.threshold, option.value) for option in draft.threshold.options]
    now = next((place for place, value in enumerate(values) if same(value, draft.value)), None)
    if now is None:  # none of the options: begin at an end
        now = -1 if by > 0 else 0
    return session.with_current(_settle(draft, values[(now + by) % len(values)]))


def choose_option(session: EditSession, place: int) -> EditSession:
    """Take the option at a place of the list."""
    draft = session.current
    if draft is None or not 0 <= place < len(draft.threshold.options):
        return session
    return session.with_current(_settle(draft, _option(draft.threshold, draft.threshold.options[place].value)))


def _option(threshold: Threshold, text: str) -> Value:
    """Return an option's value: options are texts, but what is a number on the service stays one."""
    if isinstance(threshold.value, int | float):
        number = parse_number(text)
        return text if isinstance(number, str) else number
    return text


def _settle(draft: Draft, value: Value | None) -> Draft:
    """Give a draft a value; one that is the same on the service is written as it is there."""
    written = draft.loaded if same(value, draft.loaded) else value
    return replace(draft, value=written, typed=None, refusal="")


def _possible(threshold: Threshold, value: Value) -> bool:
    """Whether a value is of the kind that the threshold has."""
    if threshold.options:
        return any(same(_option(threshold, option.value), value) for option in threshold.options)
    if isinstance(threshold.value, str):
        return isinstance(value, str)
    return not isinstance(value, str) and finite(value)


def rebase(session: EditSession, fresh: Iterable[Threshold]) -> Rebased:
    """Put the drafts on top of the thresholds as they were read again.

    A threshold that somebody else changed is a conflict where it is changed here, too, to another value. One that is
    gone is left out of the session. What is typed and not accepted is dropped where the value moved.
    """
    now: dict[ThresholdRef, Threshold] = {}
    for threshold in fresh:
        now.setdefault(threshold.ref, threshold)
    drafts: list[Draft] = []
    conflicts: list[Conflict] = []
    moved: list[Change] = []
    for draft in session.drafts:
        again = now.get(draft.ref)
        conflict = _conflict(draft, again)
        conflicts += [conflict] if conflict is not None else []
        if again is not None:
            drafts.append(_rebased(draft, again, conflict))
            if not draft.changed and again.value is not None and not same(again.value, draft.loaded):
                moved.append(Change(draft.ref, draft.loaded, again.value))
    known = {draft.ref for draft in session.drafts}
    drafts += [Draft(threshold, threshold.value) for ref, threshold in now.items() if ref not in known]
    current = session.current
    at = next((place for place, draft in enumerate(drafts) if current and draft.ref == current.ref), session.at)
    whole = EditSession(tuple(drafts), min(at, max(len(drafts) - 1, 0)))
    return Rebased(whole, tuple(conflicts), tuple(moved))


def _conflict(draft: Draft, now: Threshold | None) -> Conflict | None:
    if not draft.changed or draft.value is None:
        return None
    if now is None:
        return Conflict(draft.threshold, draft.loaded, None, draft.value, possible=False)
    possible = _possible(now, draft.value)
    if same(now.value, draft.value) or (possible and same(now.value, draft.loaded)):
        return None
    return Conflict(now, draft.loaded, now.value, draft.value, possible)


def _rebased(draft: Draft, now: Threshold, conflict: Conflict | None) -> Draft:
    unmoved = same(now.value, draft.loaded) and now.options == draft.threshold.options
    keep = draft.changed and (conflict is None or conflict.possible)
    fresh = Draft(now, draft.value if keep else now.value)
    settled = _settle(fresh, fresh.value)
    return replace(settled, typed=draft.typed, refusal=draft.refusal) if unmoved else settled
