"""The thresholds of an anomaly block as each of the service's answers has them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from eitui.domain.text import clean
from eitui.domain.threshold import StatedValue, Threshold, format_value
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import fit, len_cells
from eitui.view.kit.keys import keyed
from eitui.view.kit.lines import Line, wrapped
from eitui.view.kit.page import heading

_MOST_VALUE = 24
_MINUTE = 60


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
    rows = (line for several in by_key.values() for line in _threshold(several, width))
    return [heading("Thresholds", keyed("{impulse.edit} edits them")), *rows]


def _threshold(several: Sequence[tuple[Threshold, ThresholdSource]], width: int) -> Iterator[Line]:
    first = several[0][0]
    words = dict.fromkeys(word.rstrip(".") for word in (first.description, first.help_text) if word)
    options = ", ".join(clean(option.value) for option in first.options)
    text = ". ".join([*words, *([f"One of: {options}"] if options else [])])
    yield ((f"  {first.ref.name}", "accent"),)
    yield from ((("    ", ""), *line) for line in wrapped(text, width - 4, "dim"))
    # A row for each value of an answer: in which of its parts, and how old.
    rows: dict[tuple[str, str, str], list[str]] = {}
    for threshold, source in several:
        for stated in threshold.stated or [StatedValue(threshold.place, None)]:
            parts = rows.setdefault((format_value(stated.value), source.name, _age(source.age_s)), [])
            parts += [stated.place] if stated.place not in parts else []
    suggested = dict.fromkeys(
        (format_value(one.suggested), one.suggested_text) for one, _ in several if one.suggested is not None
    )
    values = min(_MOST_VALUE, max(len_cells(value) for value, *_ in (*rows, *suggested)))
    places = {row: f"{row[1]} {', '.join(parts)}" for row, parts in rows.items()}
    longest = max(map(len_cells, places.values()))
    shown = next(iter(rows))[0]
    for (value, _, age), place in zip(rows, places.values(), strict=True):
        tone = "" if value == shown else "warn"
        yield (("    ", ""), (fit(value, values, "right"), tone), (f"  {fit(place, longest)}  {age}".rstrip(), "dim"))
    for value, text in suggested:
        yield (("    ", ""), (fit(value, values, "right"), "dim"), (f"  suggested{f', {text}' if text else ''}", "dim"))
    if len({value for value, *_ in rows}) > 1:
        yield (("    ! The service has several values.", "warn"),)


def _age(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return "just now" if seconds < _MINUTE else f"{fmt.duration(seconds)} ago"
