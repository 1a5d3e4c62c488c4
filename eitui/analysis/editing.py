"""Editing thresholds by keyboard: each key gives a new session from the one before. Nothing here raises or sends."""

from collections.abc import Iterable
from dataclasses import replace

from eitui.domain.edit import Conflict, Draft, EditSession, Rebased
from eitui.domain.threshold import Change, ChoiceKind, Refused, Threshold, ThresholdRef, ThresholdValue, same


def start(thresholds: Iterable[Threshold], at: ThresholdRef | None = None) -> EditSession:
    """Begin to edit; `at` is the threshold to put the cursor on."""
    found: dict[ThresholdRef, Draft] = {}
    for threshold in thresholds:
        found.setdefault(threshold.ref, Draft(threshold, threshold.value))
    places = {ref: place for place, ref in enumerate(found)}
    return EditSession(tuple(found.values()), places.get(at, 0) if at is not None else 0)


def move_cursor(session: EditSession, by: int) -> EditSession:
    """Move the cursor by some thresholds, as far as there are any; what is typed is accepted first."""
    return select(session, session.at + by)


def select(session: EditSession, place: int) -> EditSession:
    """Move the cursor to a place; what is typed is accepted first, and if it is refused the cursor stays."""
    accepted = accept(session)
    if accepted.typing or not session.drafts:
        return accepted
    return replace(accepted, at=min(max(place, 0), len(accepted.drafts) - 1))


def step_value(session: EditSession, direction: int, *, coarse: bool = False) -> EditSession:
    """Move a number up (`direction` > 0) or down by a fine or a coarse step; of a list, take the next or previous.

    A probability between 0 and 1 stays there: further it is only typed.
    """
    accepted = accept(session)
    draft = accepted.current
    if draft is None or draft.typed is not None or direction == 0:
        return accepted
    try:
        value = draft.kind.step(draft.value, direction, coarse=coarse)
    except Refused as refused:
        return accepted.with_current(replace(draft, refusal=str(refused)))
    return accepted.with_current(_settle(draft, value))


def type_text(session: EditSession, text: str) -> EditSession:
    """Type (or paste) into the threshold under the cursor: a number is begun anew, a text is continued."""
    draft = session.current
    if draft is None or not text:
        return session
    try:
        typed = draft.kind.type(draft.typed, draft.value, text)
    except Refused as refused:
        return session.with_current(replace(draft, refusal=str(refused)))
    return session.with_current(replace(draft, typed=typed, refusal=""))


def backspace(session: EditSession) -> EditSession:
    """Take back the last character that was typed; where nothing is typed, go back to the loaded value."""
    draft = session.current
    if draft is None:
        return session
    if draft.typed is None:
        return restore(session)
    left = draft.typed[:-1]
    # A number without digits is none, a text without characters is one.
    return session.with_current(replace(draft, typed=left if left or draft.kind.may_be_empty else None, refusal=""))


def accept(session: EditSession) -> EditSession:
    """Take what is typed as the new value; where it is no number, say why and leave it to be corrected."""
    draft = session.current
    if draft is None or draft.typed is None:
        return session
    try:
        value = draft.kind.parse(draft.typed)
    except Refused as refused:
        return session.with_current(replace(draft, refusal=str(refused)))
    return session.with_current(_settle(draft, value))


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
    if not draft.kind.accepts(suggested):
        return session.with_current(replace(draft, refusal="The suggestion is of another kind than the value"))
    return session.with_current(_settle(draft, suggested))


def restore(session: EditSession) -> EditSession:
    """Go back to the loaded value."""
    draft = session.current
    return session if draft is None else session.with_current(_settle(draft, draft.loaded))


def take_theirs(session: EditSession, ref: ThresholdRef) -> EditSession:
    """Settle a conflict: what is on the service stays. To insist on one's own value there is nothing to do."""
    return replace(
        session,
        drafts=tuple(_settle(draft, draft.loaded) if draft.ref == ref else draft for draft in session.drafts),
    )


def choose(session: EditSession, place: int) -> EditSession:
    """Take the option at a place of the list."""
    draft = session.current
    if draft is None or not isinstance(draft.kind, ChoiceKind) or not 0 <= place < len(draft.kind.values):
        return session
    return session.with_current(_settle(draft, draft.kind.values[place]))


def _settle(draft: Draft, value: ThresholdValue | None) -> Draft:
    """Give a draft a value; one that is the same on the service is written as it is there."""
    written = draft.loaded if same(value, draft.loaded) else value
    return replace(draft, value=written, typed=None, refusal="")


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
            keep = draft.changed and (conflict is None or conflict.possible)
            settled = _settle(Draft(again, again.value), draft.value if keep else again.value)
            unmoved = same(again.value, draft.loaded) and again.options == draft.threshold.options
            drafts.append(replace(settled, typed=draft.typed, refusal=draft.refusal) if unmoved else settled)
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
    change = Change(draft.ref, draft.loaded, draft.value)
    if now is None:
        return Conflict(change, None, possible=False)
    possible = now.kind.accepts(draft.value)
    if same(now.value, draft.value) or (possible and same(now.value, draft.loaded)):
        return None
    return Conflict(change, now.value, possible=possible)
