"""What is wrong with a filter."""

from collections.abc import Iterable
from difflib import get_close_matches

from eitui.domain.text import clean

LONGEST = 40
"""Characters of what was typed that a message repeats."""


class QueryError(Exception):
    """A text that is no filter."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.message = message
        """One line, plain."""
        self.position = position
        """Where in the text: 0 up to its length, which stands for something missing at the end."""


def unknown(what: str, word: str, known: Iterable[str], position: int) -> QueryError:
    """Return the error for a word that is none of those known, with the nearest of them, or all."""
    names = list(known)
    near = get_close_matches(word[:LONGEST], names, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(names)}"
    return QueryError(f"no {what} is called {clean(word, LONGEST)}; {hint}", position)
