"""The thresholds of an impulse by block, and those of an anomaly block as each answer of the service has them."""

from collections.abc import Iterable
from dataclasses import dataclass

from eitui.domain.impulse import Impulse, LearnBlock
from eitui.domain.text import clean
from eitui.domain.threshold import StatedValue, Threshold, format_value, same
from eitui.view.impulse.parts import each, of_block
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import fit, len_cells
from eitui.view.kit.keys import keyed
from eitui.view.kit.lines import Line, wrapped
from eitui.view.kit.page import heading, note_lines
from eitui.view.kit.status import CAUTION
from eitui.view.threshold.plain import differing, suggested_text

_NONE = "This impulse has no thresholds."

_VALUE, _MOST_VALUE = 12, 24
_MOST_KEY = 36
_MINUTE = 60


def impulse_threshold_lines(impulse: Impulse, width: int) -> list[Line]:
    """Return the thresholds on lines of at most `width` cells (60 or more)."""
    return each(impulse, impulse.learn, lambda block: [_block_thresholds(block, width)], _NONE, width)


def _block_thresholds(block: LearnBlock, width: int) -> list[Line]:
    title = of_block(block)
    if not block.thresholds:
        none = "It has no thresholds." if block.thresholds_sent else "Unknown: Edge Impulse sent no thresholds."
        return [title, *note_lines(none, width)]
    rows = [(one, format_value(one.value), suggested_text(one)) for one in block.thresholds]
    keys = min(_MOST_KEY, max(9, *(len_cells(one.ref.name) for one, _, _ in rows)))
    values = min(_MOST_VALUE, max(_VALUE, *(len_cells(text) + 2 for _, *texts in rows for text in texts)))
    heads = f"  {fit('threshold', keys)}{fit('current', values, 'right')}{fit('suggested', values, 'right')}"

    lines = [title, ((heads, "dim"),)]
    for one, value, suggested in rows:
        differs = one.suggested is not None and not same(one.value, one.suggested)
        lines.append(
            (
                (f"  {fit(one.ref.name, keys)}", ""),
                (fit(value, values, "right"), "" if one.value is not None else "dim"),
                (fit(suggested, values, "right"), "warn" if differs else "dim"),
                ("  differs" if differs else "", "warn"),
            )
        )
        words = [one.description, one.help_text, one.suggested_text]
        options = ", ".join(clean(option.value) for option in one.options)
        about = (
            (differing(one), "warn"),
            (" ".join(f"{word.rstrip('.')}." for word in dict.fromkeys(words) if word), "dim"),
            (f"One of: {options}" if options else "", "dim"),
        )
        lines += [(("    ", ""), *line) for text, tone in about for line in wrapped(text, width - 4, tone)]
    return lines


@dataclass(frozen=True)
class ThresholdSource:
    """An answer of the service that has thresholds of a block."""

    name: str
    age_s: float | None
    """How old it is, in seconds; None where that is not known."""
    thresholds: tuple[Threshold, ...]


def threshold_sources(sources: Iterable[ThresholdSource], width: int) -> list[Line]:
    """Return every value of every threshold, what counts first, with the answers it is from; nothing without any."""
    by_key: dict[str, list[tuple[Threshold, ThresholdSource]]] = {}
    for source in sources:
        for threshold in source.thresholds:
            by_key.setdefault(threshold.ref.key, []).append((threshold, source))
    if not by_key:
        return []
    lines = [heading("Thresholds", keyed("{impulse.edit} edits them"))]
    for several in by_key.values():
        first = several[0][0]
        words = dict.fromkeys(word.rstrip(".") for word in (first.description, first.help_text) if word)
        options = ", ".join(clean(option.value) for option in first.options)
        text = ". ".join([*words, *([f"One of: {options}"] if options else [])])
        lines.append(((f"  {first.ref.name}", "accent"),))
        lines += [(("    ", ""), *line) for line in wrapped(text, width - 4, "dim")]

        # A row for each value of an answer: in which of its parts, and how old.
        rows: dict[tuple[str, str, str], list[str]] = {}
        for threshold, source in several:
            age = ""
            if source.age_s is not None:
                age = "just now" if source.age_s < _MINUTE else f"{fmt.duration(source.age_s)} ago"
            for stated in threshold.stated or [StatedValue(threshold.place, None)]:
                parts = rows.setdefault((format_value(stated.value), source.name, age), [])
                parts += [stated.place] if stated.place not in parts else []
        suggested = dict.fromkeys(
            (format_value(one.suggested), one.suggested_text) for one, _ in several if one.suggested is not None
        )
        values = min(_MOST_VALUE, max(len_cells(value) for value, *_ in (*rows, *suggested)))
        told = [(value, f"{name} {', '.join(parts)}", age) for (value, name, age), parts in rows.items()]
        longest = max(len_cells(place) for _, place, _ in told)
        for value, place, age in told:
            tone = "" if value == told[0][0] else "warn"
            where = f"  {fit(place, longest)}  {age}".rstrip()
            lines.append((("    ", ""), (fit(value, values, "right"), tone), (where, "dim")))
        for value, text in suggested:
            where = f"  suggested{f', {text}' if text else ''}"
            lines.append((("    ", ""), (fit(value, values, "right"), "dim"), (where, "dim")))
        if len({value for value, *_ in rows}) > 1:
            lines.append((("    ", ""), CAUTION.says("The service has several values.")))
    return lines
