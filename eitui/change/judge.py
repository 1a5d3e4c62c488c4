"""What an error or the values read back say of a change: pure decisions, no I/O."""

from collections.abc import Iterable

from eitui.analysis.numbers import parse_number
from eitui.api.errors import ApiError, Busy, Rejected
from eitui.change.errors import Conflict, NoSuchThreshold, Unfit
from eitui.domain.edit import Edit, Entry, Outcome, Report
from eitui.domain.editing import text_of
from eitui.domain.text import clean
from eitui.domain.threshold import Change, Threshold, Value, same


def outcome_of(error: ApiError) -> Outcome:
    """Return what an error of the one request that changes thresholds means."""
    if error.may_have_acted:
        return Outcome.UNKNOWN
    return Outcome.REFUSED if isinstance(error, Rejected | Busy) else Outcome.NOT_SENT


def report_of(error: ApiError) -> Report:
    """Return what to write down of an error of the one request that changes thresholds."""
    return Report(outcome_of(error), error.what)


def values_of(edit: Edit, thresholds: Iterable[Threshold]) -> tuple[Value | None, ...]:
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
        check(change, found.get(change.ref))
    return tuple(
        Conflict(change, found[change.ref].value)
        for change in edit.changes
        if not same(change.old, found[change.ref].value)
    )


def check(change: Change, threshold: Threshold | None) -> None:
    """Make sure that a change can be made to a threshold as the service describes it now.

    Raises:
        NoSuchThreshold: the service no longer has it.
        Unfit: the new value is of another kind than the present one, or not among the options.
    """
    ref, new = change.ref, change.new
    if threshold is None:
        raise NoSuchThreshold(
            f"Learn block {ref.block_id} of impulse {ref.impulse_id} has no threshold {ref.name}", "Nothing was sent."
        )
    if threshold.options and not any(same(choice, new) for choice in choices(threshold)):
        raise not_a_choice(threshold, shown(new))
    if threshold.value is not None and isinstance(threshold.value, str) != isinstance(new, str):
        kind = "a text" if isinstance(threshold.value, str) else "a number"
        raise Unfit(f"{ref.name} is {kind}, and not {shown(new)}", "Nothing was sent.")


def choices(threshold: Threshold) -> tuple[Value, ...]:
    """Return what a threshold with options is chosen from: as numbers where its value is one, else as they came."""
    texts = (option.value for option in threshold.options)
    if isinstance(threshold.value, str) or threshold.value is None:
        return tuple(texts)
    numbers = ((text, parse_number(text)) for text in texts)
    return tuple(text if isinstance(number, str) else number for text, number in numbers)


def not_a_choice(threshold: Threshold, text: str) -> Unfit:
    """Return the refusal of a value that is not among the options."""
    some = ", ".join(clean(option.value) for option in threshold.options)
    return Unfit(f"{threshold.ref.name} is one of {some}, and not {clean(text)}", "Nothing was sent.")


def settled(entry: Entry, stored: tuple[Value | None, ...], left_s: float) -> Report | None:
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


def shown(value: Value | None) -> str:
    """Return a value as it is shown: a number with every digit, a word clean, and what is not there in words."""
    return "not set" if value is None else text_of(value) or "empty"
