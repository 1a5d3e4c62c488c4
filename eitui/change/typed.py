"""From what was typed to a threshold's value."""

from eitui.analysis.numbers import parse_number
from eitui.change.errors import NoSuchThreshold, Unfit
from eitui.change.judge import choices, not_a_choice
from eitui.domain.impulse import Impulse
from eitui.domain.text import clean
from eitui.domain.threshold import Threshold, Value

_ADVICE = "Nothing was sent. `eitui thresholds list` shows what there is."


def threshold_named(impulse: Impulse, block_id: int, key: str) -> Threshold:
    """Return the threshold of a block by its key, written as the service has it or as it is shown.

    Raises:
        NoSuchThreshold: there is no such block, or no such threshold in it.
    """
    blocks = [block for block in impulse.learn if block.id == block_id]
    if not blocks:
        known = ", ".join(str(block.id) for block in impulse.learn if block.id is not None) or "none"
        raise NoSuchThreshold(
            f"Impulse {impulse.id} has no learn block {block_id} (its learn blocks: {known})", _ADVICE
        )
    found = [threshold for block in blocks for threshold in block.thresholds]
    for threshold in found:
        if key in (threshold.ref.key, threshold.ref.name):
            return threshold
    known = ", ".join(threshold.ref.name for threshold in found) or "none"
    raise NoSuchThreshold(f"Learn block {block_id} has no threshold {clean(key)} (its thresholds: {known})", _ADVICE)


def typed(threshold: Threshold, text: str) -> Value:
    """Return what was typed as a value for `threshold`: a number in full precision, or a word as the service has it.

    Raises:
        Unfit: it is of the wrong kind, or not among the options.
    """
    name = threshold.ref.name
    if threshold.options:
        for option, value in zip(threshold.options, choices(threshold), strict=True):
            if text in (option.value, clean(option.value)):
                return value
        raise not_a_choice(threshold, text)
    if isinstance(threshold.value, str):
        return text
    number = parse_number(text)
    if isinstance(number, str):
        raise Unfit(f"{name} is a number, and not {clean(text) or 'nothing'}: {number}", "Nothing was sent.")
    return number
