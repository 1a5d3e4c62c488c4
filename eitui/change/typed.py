"""From what was typed to a threshold's value."""

from collections.abc import Sequence

from eitui.analysis.numbers import parse_number
from eitui.change.errors import NoSuchThreshold, Unfit
from eitui.change.judge import choices, not_a_choice
from eitui.domain.impulse import Impulse
from eitui.domain.text import clean
from eitui.domain.threshold import Threshold, Value

_ADVICE = "Nothing was sent. `eitui thresholds list` shows what there is."

_EXACTLY = "Nothing was sent. `eitui thresholds list --json` shows each exactly as it is: give it like that."


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
    alike = _matching(key, [threshold.ref.key for threshold in found])
    if len({found[at].ref.key for at in alike}) > 1:
        raise NoSuchThreshold(f"Learn block {block_id} has several thresholds that are shown as {clean(key)}", _EXACTLY)
    if alike:
        return found[alike[0]]
    known = ", ".join(threshold.ref.name for threshold in found) or "none"
    raise NoSuchThreshold(f"Learn block {block_id} has no threshold {clean(key)} (its thresholds: {known})", _ADVICE)


def typed(threshold: Threshold, text: str) -> Value:
    """Return what was typed as a value for `threshold`: a number in full precision, or a word as the service has it.

    Raises:
        Unfit: it is of the wrong kind, or not among the options, or two of them are shown like this.
    """
    name = threshold.ref.name
    if threshold.options:
        alike = _matching(text, [option.value for option in threshold.options])
        if len({threshold.options[at].value for at in alike}) > 1:
            raise Unfit(f"{name} has several options that are shown as {clean(text)}", _EXACTLY)
        if not alike:
            raise not_a_choice(threshold, text)
        return choices(threshold)[alike[0]]
    if isinstance(threshold.value, str):
        return text
    number = parse_number(text)
    if isinstance(number, str):
        raise Unfit(f"{name} is a number, and not {clean(text) or 'nothing'}: {number}", "Nothing was sent.")
    return number


def _matching(text: str, raw: Sequence[str]) -> list[int]:
    """Return the places of what is written exactly like `text`, else of all that is shown like it."""
    exact = [at for at, one in enumerate(raw) if one == text]
    return exact or [at for at, one in enumerate(raw) if clean(one) == text]
