"""From the text of a filter to one function that is asked about each trial."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeAlias

from eitui.analysis.figures import FIGURES, Context, Figure
from eitui.analysis.query.fields import Facts, FieldOf, Item, NumberField, TestOf, any_text, named
from eitui.analysis.query.tokens import LONGEST_QUOTE, QueryError, Token, TokenKind, tokens
from eitui.domain.text import clean
from eitui.domain.trial import Trial

_DEEPEST = 50
"""Parentheses within parentheses: beyond that nobody means it, and the stack has an end."""


@dataclass(frozen=True)
class QueryOf(Generic[Item, Facts]):
    """A filter. Those of equal text are equal."""

    text: str = ""
    _test: TestOf[Item, Facts] | None = field(default=None, compare=False, repr=False)
    """None: everything matches."""

    def __bool__(self) -> bool:
        """Whether it asks for anything at all."""
        return self._test is not None

    def matches(self, item: Item, facts: Facts) -> bool:
        """Whether `item` is among those asked for."""
        return self._test is None or self._test(item, facts)

    def select(self, items: Iterable[Item], facts: Facts) -> list[Item]:
        """Return those of `items` that are asked for, in their order."""
        test = self._test
        return list(items) if test is None else [item for item in items if test(item, facts)]


TrialQuery: TypeAlias = QueryOf[Trial, Context]
"""A filter of trials."""


@dataclass(frozen=True)
class Vocabulary(Generic[Item, Facts]):
    """What can be asked of the items of one kind."""

    field_of: Callable[[Token], FieldOf[Item, Facts]]
    """Return the field that a word names; raise QueryError where there is none."""
    any_text: Callable[[str], TestOf[Item, Facts]]
    """Return the test for a bare word."""
    example: str
    """For messages: a field is expected, such as …."""


_EXAMPLE = "status:failed or latency<50"


def parse_trial_filter(text: str, figures: tuple[Figure, ...] = FIGURES) -> TrialQuery:
    """Return the filter of trials that `text` says; empty text matches everything. Raises as `parse_filter`.

    `figures` are those that can be asked for: those of every trial, and the hyper-parameters of a run.
    """
    return parse_filter(text, Vocabulary(lambda token: named(figures, token), any_text, _EXAMPLE))


def parse_filter(text: str, vocabulary: Vocabulary[Item, Facts]) -> QueryOf[Item, Facts]:
    """Return the filter that `text` says (see `eitui.analysis.query`); empty text matches everything.

    Raises:
        QueryError: it says none; with what is wrong, and where.
    """
    stripped = text.strip()
    return QueryOf(stripped, _Parser(text, vocabulary).whole()) if stripped else QueryOf()


class _Parser(Generic[Item, Facts]):
    """Reads tokens one by one, the rules of the grammar calling each other."""

    def __init__(self, text: str, vocabulary: Vocabulary[Item, Facts]) -> None:
        self._vocabulary = vocabulary
        self._tokens = list(tokens(text))
        self._index = 0
        self._depth = 0

    def whole(self) -> TestOf[Item, Facts]:
        test = self._either()
        if self._next.kind is TokenKind.CLOSE:
            raise QueryError("this parenthesis was not opened", self._next.at)
        return test

    @property
    def _next(self) -> Token:
        return self._tokens[self._index]

    def _take(self) -> Token:
        token = self._next
        self._index += 1
        return token

    def _either(self) -> TestOf[Item, Facts]:
        tests = [self._every()]
        while self._next.says("or"):
            self._take()
            tests.append(self._every())
        return _joined(tests, decides=True)

    def _every(self) -> TestOf[Item, Facts]:
        tests = [self._negated()]
        while True:
            if self._next.says("and"):
                self._take()
            elif self._next.kind in (TokenKind.END, TokenKind.CLOSE) or self._next.says("or"):
                return _joined(tests, decides=False)
            tests.append(self._negated())

    def _negated(self) -> TestOf[Item, Facts]:
        negative = False
        while self._next.says("not"):
            self._take()
            negative = not negative
        test = self._term()
        return (lambda item, facts: not test(item, facts)) if negative else test

    def _term(self) -> TestOf[Item, Facts]:
        token = self._next
        if token.kind in (TokenKind.END, TokenKind.CLOSE) or token.says("and", "or"):
            before = self._tokens[self._index - 1] if self._index else None
            if before is None:
                where = f"before {clean(token.text, LONGEST_QUOTE)}"
            else:
                where = "within the parentheses" if before.kind is TokenKind.OPEN else f"after {before.text.lower()}"
            raise QueryError(f"something is expected {where}", token.at)
        self._take()
        if token.kind is TokenKind.OPEN:
            self._depth += 1
            if self._depth > _DEEPEST:
                raise QueryError(f"there are more than {_DEEPEST} parentheses within each other", token.at)
            test = self._either()
            if self._next.kind is not TokenKind.CLOSE:
                raise QueryError("this parenthesis is not closed", token.at)
            self._take()
            self._depth -= 1
            return test
        if token.kind is TokenKind.SIGN:
            raise QueryError(f"a field is expected before {token.text}, such as {self._vocabulary.example}", token.at)
        if self._next.kind is TokenKind.SIGN:
            return self._comparison(token)
        return self._vocabulary.any_text(token.text)

    def _comparison(self, name: Token) -> TestOf[Item, Facts]:
        field = self._vocabulary.field_of(name)
        sign, value = self._take(), self._next
        if value.kind not in (TokenKind.WORD, TokenKind.QUOTED):
            raise QueryError(f"a value is expected after {name.text.lower()}{sign.text}", value.at)
        self._take()
        if isinstance(field, NumberField) and field.measure.lacks_unit(value) and self._next.says(*field.measure.units):
            # As the table shows it: 50 ms.
            value = value._replace(text=value.text + self._take().text)
        return field.test(sign.text, value)


def _joined(tests: Sequence[TestOf[Item, Facts]], *, decides: bool) -> TestOf[Item, Facts]:
    """Return the test that any of `tests` holds, where True decides; that all do, where False decides."""
    if len(tests) == 1:
        return tests[0]

    def test(item: Item, facts: Facts) -> bool:
        for one in tests:  # a generator within any() takes half as long again, 5,000 times
            if one(item, facts) is decides:
                return decides
        return not decides

    return test
