"""How many terminal cells text takes, and text made to take exactly so many."""

from typing import Literal

from eitui.domain.text import char_cells

Align = Literal["left", "right", "centre"]

ELLIPSIS = "…"

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
    text = text if text.isascii() else _settle(text)
    cells = len_cells(text)
    if cells > width:
        text = _head(text, width - 1) + ELLIPSIS
        cells = len_cells(text)
    return _pad(text, width - cells, align)


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


def _pad(text: str, spare: int, align: Align) -> str:
    if align == "right":
        return " " * spare + text
    if align == "centre":
        return " " * (spare // 2) + text + " " * (spare - spare // 2)
    return text + " " * spare


def _settle(text: str) -> str:
    """Return `text` without leading marks, variation selectors, and marks beyond `MOST_MARKS` on one character."""
    kept: list[str] = []
    marks = MOST_MARKS
    for char in text:
        if char in _SELECTORS:
            continue
        marks = marks + 1 if char_cells(char) == 0 else 0
        if marks <= MOST_MARKS:
            kept.append(char)
    return "".join(kept)


def _head(text: str, width: int) -> str:
    """Return as many whole characters, with their marks, as `width` cells hold."""
    cells = 0
    for index, char in enumerate(text):
        cells += char_cells(char)
        if cells > width:
            return text[:index]
    return text


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
