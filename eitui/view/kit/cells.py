"""How many terminal cells text takes, and text made to take exactly so many."""

from typing import Literal

from eitui.domain.text import char_cells

Align = Literal["left", "right", "centre"]

ELLIPSIS = "…"

LEAST_HALVES = 5
"""Cells from which a text is cut in its middle: below there is no room for both ends."""

MOST_MARKS = 4
"""Combining marks kept on one character: the scripts that stack them need no more, and a hostile name has hundreds."""

_SELECTORS = frozenset("\ufe0e\ufe0f")


def len_cells(text: str) -> int:
    """Return the cells `text` takes on one line."""
    return len(text) if text.isascii() else sum(map(char_cells, text))


def fit(text: str, width: int, align: Align = "left") -> str:
    """Return `text` cut or padded to exactly `width` cells; what is cut is marked with an ellipsis.

    Combining marks stay on their character, at most `MOST_MARKS` of them, and none begins the text, where it would
    land on the neighbouring column. Variation selectors are dropped: terminals disagree about the width they give.
    """
    if width <= 0:
        return ""
    if not text.isascii():
        kept: list[str] = []
        marks = MOST_MARKS
        for char in text:
            if char not in _SELECTORS:
                marks = marks + 1 if char_cells(char) == 0 else 0
                if marks <= MOST_MARKS:
                    kept.append(char)
        text = "".join(kept)

    spare = width - len_cells(text)
    if spare < 0:
        # As many whole characters, with their marks, as leave a cell for the ellipsis.
        spare = width - 1
        for index, char in enumerate(text):
            if char_cells(char) > spare:
                text = text[:index] + ELLIPSIS
                break
            spare -= char_cells(char)

    before = 0 if align == "left" else spare if align == "right" else spare // 2
    return " " * before + text + " " * (spare - before)


def wrap(text: str, width: int) -> list[str]:
    """Return the words of `text` on lines of at most `width` cells (never below 2); a longer word is cut."""
    width = max(2, width)
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if len_cells(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word if len_cells(word) <= width else fit(word, width).rstrip()
    return [*lines, line] if line else lines


def middle(text: str, width: int) -> str:
    """Return `text` in exactly `width` cells, cut in its middle: names differ at their ends, and begin with a kind."""
    if len_cells(text) <= width or width < LEAST_HALVES:
        return fit(text, width)
    end = tail(text, (width + 1) // 2)[1:]
    return fit(fit(text, width - len_cells(end)) + end, width)


def tail(text: str, width: int) -> str:
    """Return the end of `text` in at most `width` cells: what tells names of trials apart is at their end."""
    if len_cells(text) <= width:
        return text
    kept, cells = "", 1
    for char in reversed(text):
        cells += char_cells(char)
        if cells > width:
            break
        kept = char + kept
    return ELLIPSIS + kept if width > 0 else ""
