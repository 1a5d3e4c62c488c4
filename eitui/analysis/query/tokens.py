"""Take the text of a filter apart."""

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple

from eitui.analysis.query.errors import QueryError


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
        token, at = _token(text, at, is_value=is_value)
        is_value = token.kind is TokenKind.SIGN
        yield token
    yield Token(TokenKind.END, "", len(text))


def _token(text: str, at: int, *, is_value: bool) -> tuple[Token, int]:
    first = text[at]
    if first in _PARENTHESES:
        return Token(_PARENTHESES[first], first, at), at + 1
    if first in "\"'":
        return _quoted(text, at)
    end = _end(_VALUE if is_value else _SIGN, text, at)
    if end > at:
        return Token(TokenKind.WORD if is_value else TokenKind.SIGN, text[at:end], at), end
    end = _end(_WORD, text, at)
    return Token(TokenKind.WORD, text[at:end], at), end


def _quoted(text: str, at: int) -> tuple[Token, int]:
    found = _QUOTED.match(text, at)
    if found is None:
        raise QueryError("this quote is not closed", at)
    inner = _ESCAPED.sub(r"\1", found[1] or found[2] or "")
    if not inner:
        raise QueryError("there is nothing between these quotes", at)
    return Token(TokenKind.QUOTED, inner, at), found.end()


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return at if found is None else found.end()


def quoted(text: str) -> str:
    """Return `text` as it is typed for a name or a value: in quotes, where it would not be taken as one word."""
    if _PLAIN.fullmatch(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
