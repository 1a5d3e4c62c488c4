"""What a filter can ask (numbers, words and flags; of a trial, all of its figures), and how a word may be completed."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import ge, gt, le, lt
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from eitui.analysis.figures import (
    FIGURES,
    STALLED,
    TEXTS,
    Context,
    Figure,
    FigureKind,
    FigureValue,
    over_limits,
    status_word,
)
from eitui.analysis.query.tokens import MEASURES, PLAIN_NUMBER, Measure, QueryError, Token, quoted, unknown
from eitui.domain.trial import Trial

Item = TypeVar("Item")
"""What is filtered, or a table has a row of."""
Facts = TypeVar("Facts")
"""What the filter, or the row, depends on beside it."""

TestOf: TypeAlias = Callable[[Item, Facts], bool]
Test: TypeAlias = TestOf[Trial, Context]

_APART = "\n"
"""Between texts that are searched as one; no text from the service has it."""

_HAIR = 1 + 1e-9
"""Figures are sums of powers of two: what is half a digit off may be a hair more."""

ORDER: Mapping[str, Callable[[float, float], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
"""Signs of which numbers alone take both sides."""


@dataclass(frozen=True)
class NumberField(Generic[Item, Facts]):
    """A figure of an item. One that is missing does not compare with anything."""

    figure: Callable[[Item, Facts], float | None]
    measure: Measure = PLAIN_NUMBER

    def test(self, sign: str, value: Token) -> TestOf[Item, Facts]:
        """Return the test that `sign` and `value` ask for.

        `:` and `=` compare as far as digits were typed, as one reads the table: 91.3% also finds 0.91304.

        Raises:
            QueryError: the value is no such number.
        """
        quantity, figure = self.measure.read(value), self.figure
        wanted, tolerance = quantity.value, quantity.half_digit * _HAIR
        if sign in ORDER:
            holds = ORDER[sign]
            return lambda item, facts: (found := figure(item, facts)) is not None and holds(found, wanted)
        if sign == "!=":
            return lambda item, facts: (found := figure(item, facts)) is not None and abs(found - wanted) > tolerance
        return lambda item, facts: (found := figure(item, facts)) is not None and abs(found - wanted) <= tolerance


@dataclass(frozen=True)
class TextField(Generic[Item, Facts]):
    """Words of an item. `=` means one of them as a whole, `!=` that it has some and none is that."""

    name: str
    texts: Callable[[Item, Facts], tuple[str, ...]]
    """In small letters; empty where the item has none."""
    begins: bool = False
    """Whether `:` looks at the beginnings of words: else at any place."""

    def test(self, sign: str, value: Token) -> TestOf[Item, Facts]:
        """Return the test that `sign` and `value` ask for.

        Raises:
            QueryError: words are neither less nor more.
        """
        if sign in ORDER:
            plain = value.text.isprintable() and " " not in value.text and len(value.text) <= 20
            raise QueryError(f"{self.name} is a text: write {self.name}:{value.text if plain else '…'}", value.at)
        texts, wanted = self.texts, folded(value.text)
        if sign == "=":
            return lambda item, facts: wanted in texts(item, facts)
        if sign == "!=":
            return lambda item, facts: bool(found := texts(item, facts)) and wanted not in found
        if not self.begins:
            return lambda item, facts: wanted in _APART.join(texts(item, facts))
        # Not after a letter or a digit: the name mfe-conv1d-934 is found by conv, not by 1d. A pattern that begins with
        # plain letters is quick to search for.
        literal = re.escape(wanted)
        search = re.compile(rf"{literal}(?<![^\W_]{literal})").search
        return lambda item, facts: search(_APART.join(texts(item, facts))) is not None


@dataclass(frozen=True)
class ParameterField:
    """A hyper-parameter: a number in one trial, a word in another, absent from a third."""

    figure: Figure

    def test(self, sign: str, value: Token) -> Test:
        """Return the test that `sign` and `value` ask for: a number is asked for as a number and as a word.

        Raises:
            QueryError: words are neither less nor more.
        """
        read = self.figure.read
        try:
            number = NumberField[Trial, Context](lambda trial, context: _number(read(trial, context))).test(sign, value)
        except QueryError:
            if sign in ORDER:
                raise
            # What is no number is another than every number.
            number = lambda trial, context: sign == "!=" and _number(read(trial, context)) is not None  # noqa: E731
        if sign in ORDER:
            return number
        word = TextField[Trial, Context](
            "", lambda trial, context: (folded(found),) if isinstance(found := read(trial, context), str) else ()
        ).test(sign, value)
        return lambda trial, context: number(trial, context) or word(trial, context)


def _number(value: FigureValue | None) -> float | None:
    return None if isinstance(value, str) else value


@dataclass(frozen=True)
class FlagField(Generic[Item, Facts]):
    """Something that an item is, or is not."""

    flags: Mapping[str, TestOf[Item, Facts]]
    """What can follow `is:`."""

    def test(self, sign: str, value: Token) -> TestOf[Item, Facts]:
        """Return the test that `sign` and `value` ask for.

        Raises:
            QueryError: there is no such flag, or it was compared.
        """
        if sign in ORDER:
            raise QueryError(f"write is:{next(iter(self.flags))}, with a colon", value.at)
        name = spelled_field(value.text)
        flag = self.flags.get(name)
        if flag is None:
            raise unknown("flag", name, self.flags, value.at)
        return flag if sign != "!=" else lambda item, facts: not flag(item, facts)


_Asked = TypeVar("_Asked", contravariant=True)
_Beside = TypeVar("_Beside", contravariant=True)


class FieldOf(Protocol[_Asked, _Beside]):
    """Something to ask of an item."""

    def test(self, sign: str, value: Token) -> Callable[[_Asked, _Beside], bool]:
        """Return the test that `sign` and `value` ask for; raise QueryError where they ask for none."""
        ...


Field: TypeAlias = FieldOf[Trial, Context]


def folded(text: str) -> str:
    """Return `text` so that only letters matter: what the service said is NFC already, what is typed may not be."""
    return unicodedata.normalize("NFC", text).casefold()


def spelled_field(name: str) -> str:
    """Return the name of a field or a flag as the table below spells it."""
    return name.lower().replace("-", "_")


def any_text(value: str) -> Test:
    """Return the test for a bare word: it is somewhere in the trial's name, status or worker."""
    wanted = folded(value)

    def test(trial: Trial, context: Context) -> bool:
        # The name alone decides most of the time.
        return wanted in (trial.name or trial.id).casefold() or any(
            wanted in text for texts in _SEARCHED for text in texts(trial, context)
        )

    return test


def _texts(figure: Figure) -> Callable[[Trial, Context], tuple[str, ...]]:
    if figure.asking.words is not None:
        return figure.asking.words
    read = figure.read

    def texts(trial: Trial, context: Context) -> tuple[str, ...]:
        found = read(trial, context)
        return () if found is None else (str(found).casefold(),)

    return texts


_SEARCHED = tuple(_texts(figure) for figure in FIGURES if figure.kind in (FigureKind.STATUS, FigureKind.TEXT))


FLAGS: dict[str, Test] = {
    "best": lambda trial, context: trial.id == context.best_id,
    "fits": lambda trial, context: trial.id == context.best_fit_id,
    "over_limit": lambda trial, context: bool(over_limits(trial, context.lens.precision, context.config.target)),
    "marked": lambda trial, context: trial.id in context.marks,
    "stalled": lambda trial, context: status_word(trial, context) == STALLED,
}
"""What can follow `is:`."""


def field_for(figure: Figure) -> Field:
    """Return what asks for a figure."""
    if figure.kind is FigureKind.MARK:
        return FlagField(FLAGS)
    if figure.kind is FigureKind.PARAMETER:
        return ParameterField(figure)
    if figure.kind in TEXTS:
        return TextField(figure.name, _texts(figure), begins=figure.kind in (FigureKind.STATUS, FigureKind.WORDS))
    read: Callable[[Trial, Context], Any] = figure.read
    return NumberField(read, MEASURES[figure.kind])


@lru_cache(maxsize=16)
def _fields_of(figures: tuple[Figure, ...]) -> Mapping[str, Field]:
    """Return what asks for each of `figures`, by every name it has, as `spelled_field` has it."""
    return {
        spelled_field(name): field_for(figure)
        for figure in reversed(figures)  # the first of a name has it
        for name in (*figure.asking.aliases, figure.name)
    }


def named(figures: tuple[Figure, ...], token: Token) -> Field:
    """Return what asks for the figure that a word names.

    Raises:
        QueryError: there is none; the message names near ones.
    """
    name = spelled_field(token.text)
    field = _fields_of(figures).get(name)
    if field is None:
        raise unknown("field", name, [figure.name for figure in figures], token.at)
    return field


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
    worded = {*WORDED, FigureKind.PARAMETER}
    return tuple(
        quoted(figure.name) + (":" if figure.kind in worded else ">=" if figure.high_first else "<")
        for figure in figures
    )


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
