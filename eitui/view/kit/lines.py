"""Lines of toned text: what a pane shows, before any terminal framework.

A line is a tuple of (text, tone) pairs. A tone is a word for what the text means; how it looks is a matter of
`eitui.tui.kit.lines.INKS`.
"""

from collections.abc import Iterable

from eitui.view.kit.cells import fit, len_cells, middle, wrap

Span = tuple[str, str]
Line = tuple[Span, ...]

TONES = (
    *("dim", "good", "warn", "bad", "over", "best", "accent"),
    *("mode", "lost", "title", "key", "draft", "caret", "grid", "train", "val"),
    *(f"mark{number}" for number in range(1, 9)),
    *(f"{kind}{level}" for kind in ("right", "wrong") for level in range(1, 5)),
)
"""Every tone there is; the empty string is plain text."""

EMPTY_LINE: Line = ()


def width_of(line: Iterable[Span]) -> int:
    """Terminal cells that `line` takes."""
    return sum(len_cells(text) for text, _ in line)


def crop(line: Iterable[Span], width: int) -> Line:
    """Return `line` cut to at most `width` cells, the cut marked with an ellipsis."""
    kept: list[Span] = []
    room = width
    for text, tone in line:
        taken = len_cells(text)
        if taken > room:
            if room > 0:
                kept.append((fit(text, room), tone))
            return tuple(kept)
        kept.append((text, tone))
        room -= taken
    return tuple(kept)


def spread(left: Line, right: Line, width: int) -> Line:
    """Return one line with `left` and `right` at its ends; `left` is cut when both do not fit."""
    gap = width - width_of(left) - width_of(right)
    if gap >= 1:
        return (*left, (" " * gap, ""), *right)
    room = width - width_of(right) - 1
    if room < 8:
        return crop(left, width)
    cut = crop(left, room)
    return (*cut, (" " * (width - width_of(cut) - width_of(right)), ""), *right)


LEAST_NAME = 8
"""Cells that a name beside figures keeps, however little room there is."""


def beside(name: str, figures: Line, width: int, tone: str = "") -> Line:
    """Return a name and its figures, on `width` cells where they fit: the name is cut, not the figures."""
    room = max(LEAST_NAME, width - width_of(figures))
    return ((middle(name, min(room, len_cells(name))), tone), *figures)


def joined(parts: Iterable[Line | None], separator: str = " · ") -> Line:
    """Return the parts that are not empty, one after another with a dim separator between them."""
    line: list[Span] = []
    for part in parts:
        if part:
            if line:
                line.append((separator, "dim"))
            line.extend(part)
    return tuple(line)


def wrapped(text: str, width: int, tone: str = "") -> list[Line]:
    """Return the words of `text` as lines of at most `width` cells."""
    return [((line, tone),) for line in wrap(text, width)]
