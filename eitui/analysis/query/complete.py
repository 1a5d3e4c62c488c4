"""What the word that is being typed in a filter may become."""

import re
from collections.abc import Sequence
from functools import lru_cache

from eitui.analysis.figures import FIGURES, TEXTS, Figure, FigureKind
from eitui.analysis.query.fields import FLAGS
from eitui.analysis.query.tokens import quoted

_WORD = re.compile(r'(?:"(?:[^"\\]|\\.)*(?:"|\Z)|[^\s()"])+', re.DOTALL)

WORDED = frozenset({*TEXTS, FigureKind.MARK})
"""Kinds of figures whose values are words: a colon follows their names."""

USEFUL = tuple(
    figure.asking.hint or (f"{figure.name}:" if figure.kind in WORDED else figure.name)
    for figure in sorted(FIGURES, key=lambda figure: figure.asking.order)
)
"""What to name where there is no room for every field: what is asked for most often first."""


@lru_cache(maxsize=16)
def starts(figures: tuple[Figure, ...] = FIGURES) -> tuple[str, ...]:
    """Return every field as it is typed, with the sign that most often follows it."""
    return tuple(quoted(figure.name) + _sign(figure) for figure in figures)


def _sign(figure: Figure) -> str:
    if figure.kind in WORDED or figure.kind is FigureKind.PARAMETER:
        return ":"
    return ">=" if figure.high_first else "<"


def completions(text: str, at: int, figures: tuple[Figure, ...] = FIGURES) -> tuple[str, ...]:
    """Return what the word that ends at `at` may become: fields, or what can follow one; none for no word.

    The best guess is first. A word that is complete is among its own completions no more.
    """
    word = word_before(text, at)
    bare = unquoted(word)
    for figure in figures:
        field = quoted(figure.name) + ":"
        if bare.startswith(unquoted(field)):
            values = FLAGS if figure.kind is FigureKind.MARK else figure.asking.values
            return begun(word, [field + quoted(value) for value in values])
    return begun(word, starts(figures))


def begun(word: str, starts: Sequence[str]) -> tuple[str, ...]:
    """Return those of `starts` that `word` may become: `acc` is also found in val_accuracy, `rate` in learning_rate."""
    bare = unquoted(word)
    if not bare:
        return ()
    begins = [start for start in starts if unquoted(start).startswith(bare) and start.lower() != word.lower()]
    inner = re.compile(rf"(?<=[\W_]){re.escape(bare)}")
    within = [start for start in starts if inner.search(unquoted(start), 1)]
    return tuple(dict.fromkeys([*begins, *within]))


def unquoted(word: str) -> str:
    """Return a word in small letters without its quotes, as it is compared."""
    return word.replace('"', "").lower()


def word_before(text: str, at: int) -> str:
    """Return the word, without spaces but in quotes, and without parentheses, that ends at `at`."""
    last = ""
    for found in _WORD.finditer(text[:at]):
        last = found[0] if found.end() == min(at, len(text)) else ""
    return last
