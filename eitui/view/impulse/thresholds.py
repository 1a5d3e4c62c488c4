"""The thresholds of an impulse, block by block: what each is, and what the service suggests."""

from eitui.domain.impulse import Impulse, LearnBlock
from eitui.domain.text import clean
from eitui.domain.threshold import Threshold, format_value, same
from eitui.view.impulse.parts import each, of_block
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import fit, len_cells
from eitui.view.kit.lines import Line, wrapped
from eitui.view.kit.page import note_lines
from eitui.view.threshold.values import differing

_NONE = "This impulse has no thresholds."

_VALUE, _MOST_VALUE = 12, 24
_MOST_KEY = 36


def impulse_threshold_lines(impulse: Impulse, width: int) -> list[Line]:
    """Return the thresholds on lines of at most `width` cells (60 or more)."""
    return each(impulse, impulse.learn, lambda block: [_block(block, width)], _NONE, width)


def _block(block: LearnBlock, width: int) -> list[Line]:
    title = of_block(block)
    if not block.thresholds:
        none = "It has no thresholds." if block.thresholds_sent else "Unknown: Edge Impulse sent no thresholds."
        return [title, *note_lines(none, width)]
    keys = min(_MOST_KEY, max(9, *(len_cells(threshold.ref.name) for threshold in block.thresholds)))
    values = min(_MOST_VALUE, max(_VALUE, *(len_cells(_text(threshold)) + 2 for threshold in block.thresholds)))
    heads = f"  {fit('threshold', keys)}{fit('current', values, 'right')}{fit('suggested', values, 'right')}"
    rows = [line for threshold in block.thresholds for line in _threshold(threshold, keys, values, width)]
    return [title, ((heads, "dim"),), *rows]


def _text(threshold: Threshold) -> str:
    return max(format_value(threshold.value), _suggested(threshold), key=len_cells)


def _suggested(threshold: Threshold) -> str:
    return fmt.MISSING if threshold.suggested is None else format_value(threshold.suggested)


def _threshold(threshold: Threshold, keys: int, values: int, width: int) -> list[Line]:
    differs = threshold.suggested is not None and not same(threshold.value, threshold.suggested)
    first: Line = (
        (f"  {fit(threshold.ref.name, keys)}", ""),
        (fit(format_value(threshold.value), values, "right"), "" if threshold.value is not None else "dim"),
        (fit(_suggested(threshold), values, "right"), "warn" if differs else "dim"),
        ("  differs" if differs else "", "warn"),
    )
    words = [threshold.description, threshold.help_text, threshold.suggested_text]
    text = " ".join(f"{word.rstrip('.')}." for word in dict.fromkeys(words) if word)
    options = ", ".join(clean(option.value) for option in threshold.options)
    lines = wrapped(text, width - 4, "dim") + wrapped(f"One of: {options}" if options else "", width - 4, "dim")
    lines = wrapped(differing(threshold), width - 4, "warn") + lines
    return [first, *((("    ", ""), *line) for line in lines)]
