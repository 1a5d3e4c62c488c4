"""What is wrong with a filter."""

from collections.abc import Iterable
from difflib import get_close_matches

from eitui.domain.text import clean
from eitui.errors import Code, EituiError, ExitCode

LONGEST_QUOTE = 40
"""Characters of what was typed that a message repeats."""

_TELLING = 3
"""Characters from which one word within another is no accident."""

_MOST_NEAR = 3


class QueryError(EituiError):
    """A text that is no filter."""

    code = Code.MALFORMED
    exit_code = ExitCode.USAGE

    def __init__(self, what: str, position: int) -> None:
        super().__init__(what)
        self.position = position
        """Where in the text: 0 up to its length, which stands for something missing at the end."""


def unknown(what: str, word: str, known: Iterable[str], position: int) -> QueryError:
    """Return the error for a word that is none of those known, with the nearest of them first, or all."""
    names = list(known)
    near = _near(word[:LONGEST_QUOTE], names)
    message = f"no {what} is called {clean(word, LONGEST_QUOTE)}"
    # What to type comes first: the end of a message is what a narrow screen cuts.
    message = f"did you mean {' or '.join(near)}? {message}" if near else f"{message}; there are {', '.join(names)}"
    return QueryError(message, position)


def _near(word: str, names: list[str]) -> list[str]:
    """Return up to three of `names`: those that hold the word, are held by it, or are spelled much as it is."""
    holding = [name for name in names if len(word) >= _TELLING and word in name]
    held = [name for name in names if len(name) >= _TELLING and name in word]
    return list(dict.fromkeys([*holding, *get_close_matches(word, names, n=_MOST_NEAR), *held]))[:_MOST_NEAR]
