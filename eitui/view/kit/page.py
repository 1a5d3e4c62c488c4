"""What pages are made of: headings, sentences, names with values, and what could not be read."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from eitui.view.kit.cells import fit, len_cells, wrap
from eitui.view.kit.format import MISSING
from eitui.view.kit.lines import EMPTY_LINE, Line, crop, width_of

_MOST_PROBLEMS = 5


def heading(text: str, more: str = "") -> Line:
    """Return a heading, with what it is about."""
    return ((text, "title"), (f"  {more}", "dim")) if more else ((text, "title"),)


def note_lines(text: str, width: int, tone: str = "dim") -> list[Line]:
    """Return a sentence on lines of at most `width` cells."""
    return [((line, tone),) for line in wrap(text, width)]


def problems(found: Sequence[str], width: int) -> list[Line]:
    """Return what of the service's description could not be read; nothing where all could."""
    if not found:
        return []
    more = len(found) - _MOST_PROBLEMS
    texts = [*found[:_MOST_PROBLEMS], *([f"… and {more} more"] if more > 0 else [])]
    return [
        *note_lines("Not shown, as it could not be read:", width, "warn"),
        *((("  ", ""), (text, "warn")) for text in texts),
    ]


def stacked(sections: Iterable[Sequence[Line]], width: int) -> list[Line]:
    """Return the sections that have lines, a blank line between them; none too long."""
    return [crop(line, width) for line in _stacked(sections)]


def _stacked(sections: Iterable[Sequence[Line]]) -> Iterator[Line]:
    begun = False
    for section in sections:
        if section and begun:
            yield EMPTY_LINE
        begun = begun or bool(section)
        yield from section


def pair_lines(rows: Sequence[tuple[str, str]], width: int, indent: int = 2) -> list[Line]:
    """Return names and values in two columns; a long value goes on below itself, a long name has its own line.

    Where two such tables fit beside each other, the rows are put into two.
    """
    if not rows:
        return []
    longest = max(len_cells(name) for name, _ in rows)
    needed = indent + longest + 2 + max(len_cells(value) for _, value in rows)
    if len(rows) <= 5 or 2 * needed + 4 > width:
        return _column(rows, min(longest, width // 2), width, indent)
    half = (len(rows) + 1) // 2
    left, right = (_column(some, longest, needed, indent) for some in (rows[:half], rows[half:]))
    return [(*_padded(first, needed + 4), *second) for first, second in zip_longest(left, right, fillvalue=EMPTY_LINE)]


def _column(rows: Sequence[tuple[str, str]], names: int, width: int, indent: int) -> list[Line]:
    return [line for name, value in rows for line in _pair(name, value, names, width, indent)]


def _padded(line: Line, width: int) -> Line:
    return (*line, (" " * max(0, width - width_of(line)), ""))


def _pair(name: str, value: str, names: int, width: int, indent: int) -> Iterator[Line]:
    lead = " " * indent
    texts = wrap(value, width - indent - names - 2) or [MISSING]
    if len_cells(name) > names:
        yield ((lead, ""), (fit(name, min(width - indent, len_cells(name))), "dim"))
        name = ""
    for number, text in enumerate(texts):
        yield ((lead, ""), (fit(name if number == 0 else "", names), "dim"), ("  ", ""), (text, ""))
