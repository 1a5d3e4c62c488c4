"""Pages of keys: headings, keys and what they do, in one column or two."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from eitui.view.kit.cells import len_cells, wrap
from eitui.view.kit.lines import EMPTY_LINE, Line, crop, width_of

TWO_COLUMNS = 94
"""Cells from which there are two columns."""

_GAP = 3
"""Cells between them."""

_LONGEST_KEY = 16


@dataclass(frozen=True)
class Section:
    """A heading, and rows of a key or a sign and what it means."""

    title: str
    rows: tuple[tuple[str, str], ...]


def found(sections: Sequence[Section], text: str) -> list[Section]:
    """Return the rows that hold every word of `text`, below their headings; a heading that does has all its rows."""
    words = text.casefold().split()

    def holds(*texts: str) -> bool:
        whole = " ".join(texts).casefold()
        return all(word in whole for word in words)

    kept = [
        replace(section, rows=tuple(row for row in section.rows if holds(section.title, *row))) for section in sections
    ]
    return [section for section in kept if section.rows]


def help_lines(sections: Sequence[Section], width: int) -> list[Line]:
    """Return the sections as lines of at most `width` cells, in two columns where there is room for them."""
    if width < TWO_COLUMNS:
        return _column(sections, width)
    each = (width - _GAP) // 2
    # Sections stay whole; the columns are as even as that allows.
    splits = [(_column(sections[:at], each), _column(sections[at:], each)) for at in range(1, len(sections) + 1)]
    left, right = min(splits, key=lambda columns: max(map(len, columns)), default=([], []))
    rows = max(len(left), len(right))
    lines = []
    for one, other in zip(_filled(left, rows), _filled(right, rows), strict=True):
        lines.append((*one, (" " * (each + _GAP - width_of(one)), ""), *other))
    return lines


def _filled(lines: Sequence[Line], count: int) -> list[Line]:
    return [*lines, *[EMPTY_LINE] * (count - len(lines))]


def _column(sections: Sequence[Section], width: int) -> list[Line]:
    lines: list[Line] = []
    for section in sections:
        keys = min(_LONGEST_KEY, max(len_cells(key) for key, _ in section.rows))
        lines += [EMPTY_LINE] * bool(lines) + [((section.title, "title"),)]
        for key, text in section.rows:
            # A key that is longer than most has a line of its own.
            head: Line = ((f"  {key}", "key"),)
            if len_cells(key) > keys:
                lines.append(crop(head, width))
                head = ((" ", ""),)
            for number, part in enumerate(wrap(text, max(12, width - keys - 4))):
                lead = head if number == 0 else ((" ", ""),)
                lines.append((*lead, (" " * (keys + 4 - width_of(lead)), ""), (part, "")))
    return lines
