"""What typed text, an error, or the values read back mean for a change: pure decisions, no I/O."""

from collections.abc import Iterable
from dataclasses import replace

from eitui.api.errors import ApiError, Busy, Rejected
from eitui.domain.edit import Conflict, Edit, Entry, Outcome, Report
from eitui.domain.impulse import Impulse
from eitui.domain.text import clean
from eitui.domain.threshold import Ambiguous, Refused, Threshold, ThresholdValue, format_value, matching, same
from eitui.thresholds.errors import NoSuchThreshold, Unfit

_ADVICE = "`eitui thresholds list` shows what there is."

_EXACTLY = "`eitui thresholds list --json` shows each exactly as it is: give it like that."


def threshold_named(impulse: Impulse, block_id: int, key: str) -> Threshold:
    """Return the threshold of a block by its key, written as the service has it or as it is shown.

    Raises:
        NoSuchThreshold: there is no such block, or no such threshold in it, or two are shown like this.
    """
    blocks = [block for block in impulse.learn if block.id == block_id]
    if not blocks:
        known = ", ".join(str(block.id) for block in impulse.learn if block.id is not None) or "none"
        raise NoSuchThreshold(
            f"Impulse {impulse.id} has no learn block {block_id} (its learn blocks: {known})", _ADVICE
        )
    found = [threshold for block in blocks for threshold in block.thresholds]
    alike = matching(key, [threshold.ref.key for threshold in found])
    if len({found[at].ref.key for at in alike}) > 1:
        raise NoSuchThreshold(f"Learn block {block_id} has several thresholds that are shown as {clean(key)}", _EXACTLY)
    if alike:
        return found[alike[0]]
    known = ", ".join(threshold.ref.name for threshold in found) or "none"
    raise NoSuchThreshold(f"Learn block {block_id} has no threshold {clean(key)} (its thresholds: {known})", _ADVICE)


def parse_value(threshold: Threshold, text: str) -> ThresholdValue:
    """Return what was typed as a value for `threshold`: a number in full precision, or a word as the service has it.

    Raises:
        Unfit: it is of the wrong kind, or not among the options, or two of them are shown like this.
    """
    try:
        return threshold.kind.parse(text)
    except Ambiguous:
        raise Unfit(f"{threshold.ref.name} has several options that are shown as {clean(text)}", _EXACTLY) from None
    except Refused as refused:
        raise Unfit(threshold.kind.refusal(clean(text), str(refused))) from None


def outcome_of(error: ApiError) -> Outcome:
    """Return what an error of the one request that changes thresholds means."""
    if error.may_have_acted:
        return Outcome.UNKNOWN
    return Outcome.REFUSED if isinstance(error, Rejected | Busy) else Outcome.NOT_SENT


def values_of(edit: Edit, thresholds: Iterable[Threshold]) -> tuple[ThresholdValue | None, ...]:
    """Return what the thresholds of `edit` are, in its order; None for one without a value, or that is gone."""
    found = {threshold.ref: threshold.value for threshold in thresholds}
    return tuple(found.get(change.ref) for change in edit.changes)


def conflicts_of(edit: Edit, thresholds: Iterable[Threshold]) -> tuple[Conflict, ...]:
    """Return the changes whose threshold is no longer what it was when the new value was chosen.

    Raises:
        NoSuchThreshold: the service no longer has one of them.
        Unfit: a new value cannot be one of its threshold's.
    """
    found = {threshold.ref: threshold for threshold in thresholds}
    for change in edit.changes:
        ref, threshold = change.ref, found.get(change.ref)
        if threshold is None:
            raise NoSuchThreshold(f"Learn block {ref.block_id} of impulse {ref.impulse_id} has no threshold {ref.name}")
        # Of one without a value and without options nobody knows the kind.
        unknown = threshold.value is None and not threshold.options and ref.key
        if not unknown and not threshold.kind.accepts(change.new):
            raise Unfit(threshold.kind.refusal(format_value(change.new)))
    return tuple(
        Conflict(change, found[change.ref].value)
        for change in edit.changes
        if not same(change.old, found[change.ref].value)
    )


def settled(entry: Entry, stored: tuple[ThresholdValue | None, ...], left_s: float) -> Report | None:
    """Return what the values that were read back say of an entry that is not settled; None while they say nothing.

    That every value is the new one says that it was applied, at any time. Anything else says that it was not only
    when the request has had the time to take effect. `left_s` is how much of that time, in seconds, was left when the
    values were asked for.
    """
    changes = entry.edit.changes
    if all(same(change.new, value) for change, value in zip(changes, stored, strict=True)):
        return Report(Outcome.SETTLED_APPLIED, entry.report.detail, stored=stored)
    if left_s > 0:
        return None
    unchanged = all(same(change.old, value) for change, value in zip(changes, stored, strict=True))
    outcome = Outcome.SETTLED_NOT_APPLIED if unchanged else Outcome.SETTLED_OTHER
    return Report(outcome, entry.report.detail, stored=stored)


def learnt(entry: Entry, stored: tuple[ThresholdValue | None, ...], left_s: float) -> Report | None:
    """Return what reading back adds to what is known of an entry; None when it adds nothing."""
    if not entry.outcome.settled:
        return settled(entry, stored, left_s)
    pairs = tuple(zip(entry.edit.changes, stored, strict=True))
    taken = all(same(change.new, value) for change, value in pairs)
    known = entry.report
    if entry.outcome is Outcome.APPLIED:
        return replace(known, stored=stored)
    if entry.outcome is Outcome.REFUSED and taken and any(not same(c.old, c.new) for c, _ in pairs):
        return Report(Outcome.SETTLED_APPLIED, known.detail, stored=stored, refused=True)
    return None
