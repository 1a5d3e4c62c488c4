"""The thresholds of an anomaly block as each of the service's answers has them."""

from collections.abc import Iterator, Sequence

from eitui.domain.text import clean
from eitui.domain.threshold import Threshold, ThresholdValue, format_value, same
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import fit, len_cells
from eitui.view.kit.keys import keyed
from eitui.view.kit.lines import Line, wrapped
from eitui.view.kit.page import heading

_ASKED, _LISTED = "anomaly", "impulses-detailed"
"""The answers: those about the one block, and the list of all impulses."""

_MOST_VALUE = 24
_MINUTE = 60


def threshold_sources(
    listed: Sequence[Threshold],
    asked: Sequence[Threshold],
    listed_s: float | None,
    asked_s: float | None,
    width: int,
) -> list[Line]:
    """Return every value of every threshold, those `asked` for before those `listed`, with where it is from.

    `listed_s` and `asked_s` are how old the two are, in seconds. Nothing where there is no threshold.
    """
    keys = dict.fromkeys(threshold.ref.key for threshold in (*asked, *listed))
    if not keys:
        return []
    found = [heading("Thresholds", keyed("{impulse.edit} edits them"))]
    for key in keys:
        several = [
            (threshold, name, age)
            for name, age, thresholds in ((_ASKED, asked_s, asked), (_LISTED, listed_s, listed))
            for threshold in thresholds
            if threshold.ref.key == key
        ]
        found += _threshold(several, width)
    return found


def _threshold(several: Sequence[tuple[Threshold, str, float | None]], width: int) -> Iterator[Line]:
    first, name, age = several[0]
    words = dict.fromkeys(word.rstrip(".") for word in (first.description, first.help_text) if word)
    options = ", ".join(clean(option.value) for option in first.options)
    text = ". ".join([*words, *([f"One of: {options}"] if options else [])])
    yield ((f"  {first.ref.name}", "accent"),)
    yield from ((("    ", ""), *line) for line in wrapped(text, width - 4, "dim"))
    rows: list[tuple[ThresholdValue | None, str, float | None]] = [
        (one.value, f"{of} {one.place}", old) for threshold, of, old in several for one in threshold.stated
    ]
    rows = rows or [(None, f"{name} {first.place}", age)]
    suggested = [(one.suggested, one.suggested_text) for one, _, _ in several if one.suggested is not None]
    values = min(_MOST_VALUE, max(len_cells(format_value(value)) for value, *_ in (*rows, *suggested)))
    places = max(len_cells(place) for _, place, _ in rows)
    for value, place, age in rows:
        tone = "" if same(value, rows[0][0]) else "warn"
        yield (*_value(value, values, tone), (f"  {fit(place, places)}", "dim"), (f"  {_age(age)}", "dim"))
    for value, text in dict.fromkeys(suggested):
        yield (*_value(value, values, "dim"), (f"  suggested{f', {text}' if text else ''}", "dim"))
    if any(not same(value, rows[0][0]) for value, *_ in rows):
        yield (("    ! The service has several values.", "warn"),)


def _value(value: ThresholdValue | None, cells: int, tone: str) -> Line:
    return (("    ", ""), (fit(format_value(value), cells, "right"), tone or ("" if value is not None else "dim")))


def _age(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return "just now" if seconds < _MINUTE else f"{fmt.duration(seconds)} ago"
