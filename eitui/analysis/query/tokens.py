"""The text of a filter: its pieces, the numbers typed in it, and what is wrong with it.

Numbers are shares as 0.9 or 90%, memory as 64K, latency as 50, 50ms or 1.3s.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum, auto
from typing import NamedTuple

from eitui.analysis.figures import FigureKind, finite
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
    short = word[:LONGEST_QUOTE]
    # Names that hold the word, are spelled much as it is, or are held by it.
    holding = [name for name in names if len(short) >= _TELLING and short in name]
    held = [name for name in names if len(name) >= _TELLING and name in short]
    near = list(dict.fromkeys([*holding, *get_close_matches(short, names, n=_MOST_NEAR), *held]))[:_MOST_NEAR]
    message = f"no {what} is called {clean(word, LONGEST_QUOTE)}"
    # What to type comes first: the end of a message is what a narrow screen cuts.
    message = f"did you mean {' or '.join(near)}? {message}" if near else f"{message}; there are {', '.join(names)}"
    return QueryError(message, position)


class TokenKind(Enum):
    """What a piece of a filter is."""

    WORD = auto()
    QUOTED = auto()
    SIGN = auto()
    """Between a field and its value: `:`, `=`, `!=`, `<`, `<=`, `>` or `>=`."""
    OPEN = auto()
    CLOSE = auto()
    END = auto()


class Token(NamedTuple):
    """A piece of a filter."""

    kind: TokenKind
    text: str
    """As typed; without its quotes and escapes if it was quoted."""
    at: int
    """Where it begins."""

    def says(self, *words: str) -> bool:
        """Whether this is one of these words, typed without quotes."""
        return self.kind is TokenKind.WORD and self.text.lower() in words


_SPACE = re.compile(r"\s*")
_SIGN = re.compile(r"<=|>=|!=|[<>=:]")
_WORD = re.compile(r"(?:[^\s()<>=:!]|!(?!=))+")
_VALUE = re.compile(r"[^\s()]+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"' + r"|'((?:[^'\\]|\\.)*)'", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PLAIN = re.compile(r"""(?:[^\s()<>=:!"']|!(?!=))+""")
_PARENTHESES = {"(": TokenKind.OPEN, ")": TokenKind.CLOSE}


def tokens(text: str) -> Iterator[Token]:
    r"""Yield the pieces of `text`, and an end.

    Quotes are single or double, at the beginning of a word; `\` takes the character after it as it is. A value, which
    is what follows a sign, goes on to the next space or parenthesis: `name:a=b` needs no quotes.

    Raises:
        QueryError: a quote is not closed, or has nothing in it.
    """
    at, is_value = 0, False
    while (at := _end(_SPACE, text, at)) < len(text):
        first, kind = text[at], TokenKind.WORD
        if first in _PARENTHESES:
            kind, end = _PARENTHESES[first], at + 1
        elif first in "\"'":
            found = _QUOTED.match(text, at)
            if found is None:
                raise QueryError("this quote is not closed", at)
            kind, end = TokenKind.QUOTED, found.end()
        elif is_value:
            end = _end(_VALUE, text, at)
        elif (end := _end(_SIGN, text, at)) > at:
            kind = TokenKind.SIGN
        else:
            end = _end(_WORD, text, at)
        piece = text[at:end]
        if kind is TokenKind.QUOTED:
            piece = _ESCAPED.sub(r"\1", piece[1:-1])
            if not piece:
                raise QueryError("there is nothing between these quotes", at)
        yield Token(kind, piece, at)
        at, is_value = end, kind is TokenKind.SIGN
    yield Token(TokenKind.END, "", len(text))


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return at if found is None else found.end()


def quoted(text: str) -> str:
    """Return `text` as it is typed for a name or a value: in quotes, where it would not be taken as one word."""
    if _PLAIN.fullmatch(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


_NUMBER = re.compile(r"([+-]?(?:\d+(?:\.(\d*))?|\.(\d+)))(?:e([+-]?\d{1,3}))?\s*([a-zµμ%]*)", re.ASCII)


@dataclass(frozen=True)
class _Quantity:
    """A number as it was typed."""

    value: float
    half_digit: float
    """Half of one in its last digit: figures nearer than that read the same."""


class Unit(NamedTuple):
    """What a unit multiplies by: powers of ten apart, so that 95% is 0.95 to the last bit."""

    factor: float = 1.0
    power: int = 0


@dataclass(frozen=True)
class Measure:
    """What a field counts, and how that is typed."""

    units: Mapping[str, Unit]
    """By how each is written, in small letters; the empty text is a number alone."""
    example: str
    """For messages: a number is expected, such as …."""
    most: float | None = None
    """Largest number that makes sense."""
    what: str = "a number"

    def read(self, token: Token) -> _Quantity:
        """Return the number that `token` says.

        Raises:
            QueryError: it says none, or one with a unit that the field does not have.
        """
        found = _NUMBER.fullmatch(token.text.strip().lower())
        unit = self.units.get(found[5]) if found is not None else None
        if found is None or unit is None:
            raise self.error(token.at)
        number, decimals, only_decimals, exponent, _ = found.groups()
        power = int(exponent or 0) + unit.power
        value = finite(float(f"{number}e{power}") * unit.factor)
        if value is None or (self.most is not None and abs(value) > self.most):
            raise self.error(token.at)
        last_digit = power - len(decimals or only_decimals or "")
        return _Quantity(value, float(f"5e{last_digit - 1}") * unit.factor)

    def lacks_unit(self, token: Token) -> bool:
        """Whether `token` is a number with nothing after it, where there might be a unit."""
        return len(self.units) > 1 and token.text[-1:] in ".0123456789"

    def error(self, position: int) -> QueryError:
        """Return what to say where a number was expected."""
        return QueryError(f"{self.what} is expected here, such as {self.example}", position)


_ONE = Unit()
_MICRO = Unit(power=-3)
PLAIN_NUMBER = Measure({"": _ONE}, "0.5 or 10")
_SHARE = Measure({"": _ONE, "%": Unit(power=-2)}, "0.9 or 90%", 1.0, "a fraction 0..1 or a percentage")
MILLISECONDS = Measure(
    {"": _ONE, "ms": _ONE, "s": Unit(power=3), "us": _MICRO, "µs": _MICRO, "μs": _MICRO}, "50, 50ms or 1.3s"
)
BYTES = Measure(
    {"": _ONE, "b": _ONE}
    | {
        letter + ending: Unit(1024.0**times)
        for times, letter in enumerate("kmg", start=1)
        for ending in ("", "b", "ib")
    },
    "64KB, 1MB or 65536 (bytes)",
)
"""KB, or K for short, is 1,024 bytes, as the table shows it."""

MEASURES: Mapping[FigureKind, Measure] = {
    FigureKind.SHARE: _SHARE,
    FigureKind.LOSS: PLAIN_NUMBER,
    FigureKind.LATENCY: MILLISECONDS,
    FigureKind.MEMORY: BYTES,
    FigureKind.COUNT: PLAIN_NUMBER,
    FigureKind.FAULTS: PLAIN_NUMBER,
}
"""How a figure of each kind that is a number is typed."""
