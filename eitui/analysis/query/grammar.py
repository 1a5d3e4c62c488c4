"""From the text of a filter to one function that is asked about each trial."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from eitui.analysis.query.context import QueryContext
from eitui.analysis.query.errors import LONGEST, QueryError
from eitui.analysis.query.fields import NumberField, Test, any_text, field_of
from eitui.analysis.query.tokens import Kind, Token, tokens
from eitui.domain.text import clean
from eitui.domain.trial import Trial

DEEPEST = 50
"""Parentheses within parentheses: beyond that nobody means it, and the stack has an end."""


@dataclass(frozen=True)
class Query:
    """A filter. Those of equal text are equal."""

    text: str = ""
    _test: Test | None = field(default=None, compare=False, repr=False)
    """None: everything matches."""

    def __bool__(self) -> bool:
        """Whether it asks for anything at all."""
        return self._test is not None

    def matches(self, trial: Trial, context: QueryContext) -> bool:
        """Whether `trial` is among those asked for."""
        return self._test is None or self._test(trial, context)

    def select(self, trials: Iterable[Trial], context: QueryContext) -> list[Trial]:
        """Return those of `trials` that are asked for, in their order."""
        test = self._test
        return list(trials) if test is None else [trial for trial in trials if test(trial, context)]


def parse(text: str) -> Query:
    """Return the filter that `text` says (see `eitui.analysis.query`); empty text matches everything.

    Raises:
        QueryError: it says none; with what is wrong, and where.
    """
    said = text.strip()
    return Query(said, _Parser(text).whole()) if said else Query()


class _Parser:
    """Reads tokens one by one, the rules of the grammar calling each other."""

    def __init__(self, text: str) -> None:
        self._tokens = list(tokens(text))
        self._index = 0
        self._depth = 0

    def whole(self) -> Test:
        test = self._either()
        if self._next.kind is Kind.CLOSE:
            raise QueryError("this parenthesis was not opened", self._next.at)
        return test

    @property
    def _next(self) -> Token:
        return self._tokens[self._index]

    def _take(self) -> Token:
        token = self._next
        self._index += 1
        return token

    def _either(self) -> Test:
        tests = [self._every()]
        while self._next.says("or"):
            self._take()
            tests.append(self._every())
        return _any_of(tests)

    def _every(self) -> Test:
        tests = [self._negated()]
        while True:
            if self._next.says("and"):
                self._take()
            elif self._next.kind in (Kind.END, Kind.CLOSE) or self._next.says("or"):
                return _all_of(tests)
            tests.append(self._negated())

    def _negated(self) -> Test:
        negative = False
        while self._next.says("not"):
            self._take()
            negative = not negative
        test = self._term()
        return (lambda trial, context: not test(trial, context)) if negative else test

    def _term(self) -> Test:
        token = self._next
        if token.kind in (Kind.END, Kind.CLOSE) or token.says("and", "or"):
            raise QueryError(self._missing(), token.at)
        self._take()
        if token.kind is Kind.OPEN:
            return self._group(token)
        if token.kind is Kind.SIGN:
            raise QueryError(f"a field is expected before {token.text}, such as status:failed or latency<50", token.at)
        if token.kind is Kind.WORD and self._next.kind is Kind.SIGN:
            return self._comparison(token)
        return any_text(token.text)

    def _missing(self) -> str:
        before = self._tokens[self._index - 1] if self._index else None
        if before is None:
            return f"something is expected before {clean(self._next.text, LONGEST)}"
        if before.kind is Kind.OPEN:
            return "something is expected within the parentheses"
        return f"something is expected after {before.text.lower()}"

    def _group(self, opened: Token) -> Test:
        self._depth += 1
        if self._depth > DEEPEST:
            raise QueryError(f"there are more than {DEEPEST} parentheses within each other", opened.at)
        test = self._either()
        if self._next.kind is not Kind.CLOSE:
            raise QueryError("this parenthesis is not closed", opened.at)
        self._take()
        self._depth -= 1
        return test

    def _comparison(self, name: Token) -> Test:
        field = field_of(name)
        sign, value = self._take(), self._next
        if value.kind not in (Kind.WORD, Kind.QUOTED):
            raise QueryError(f"a value is expected after {name.text.lower()}{sign.text}", value.at)
        self._take()
        if isinstance(field, NumberField) and field.measure.lacks_unit(value) and self._next.says(*field.measure.units):
            # As the table shows it: 50 ms.
            value = value._replace(text=value.text + self._take().text)
        return field.test(sign.text, value)


def _all_of(tests: Sequence[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]

    def test(trial: Trial, context: QueryContext) -> bool:
        for one in tests:  # noqa: SIM110 - a generator within all() takes half as long again, 5,000 times
            if not one(trial, context):
                return False
        return True

    return test


def _any_of(tests: Sequence[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]

    def test(trial: Trial, context: QueryContext) -> bool:
        for one in tests:  # noqa: SIM110 - see above
            if one(trial, context):
                return True
        return False

    return test
