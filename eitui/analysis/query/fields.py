"""What a filter can ask of a trial: the table's columns, and a few things more."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import ge, gt, le, lt
from typing import Generic, Protocol, TypeAlias, TypeVar

from eitui.analysis import figures
from eitui.analysis.query.context import QueryContext
from eitui.analysis.query.errors import QueryError, unknown
from eitui.analysis.query.tokens import Token
from eitui.analysis.query.values import BYTES, MILLISECONDS, PLAIN, SHARE, Measure
from eitui.domain.trial import RUNNING, TRAIN, Performance, Trial

Item = TypeVar("Item")
"""What is filtered."""
Facts = TypeVar("Facts")
"""What the filter depends on beside it."""

TestOf: TypeAlias = Callable[[Item, Facts], bool]
Test: TypeAlias = TestOf[Trial, QueryContext]

_APART = "\n"
"""Between texts that are searched as one; no text from the service has it."""

_HAIR = 1 + 1e-9
"""Figures are sums of powers of two: what is half a digit off may be a hair more."""

_ORDER: dict[str, Callable[[float, float], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


@dataclass(frozen=True)
class NumberField(Generic[Item, Facts]):
    """A figure of an item. One that is missing does not compare with anything."""

    figure: Callable[[Item, Facts], float | None]
    measure: Measure = PLAIN

    def test(self, sign: str, value: Token) -> TestOf[Item, Facts]:
        """Return the test that `sign` and `value` ask for.

        `:` and `=` compare as far as digits were typed, as one reads the table: 91.3% also finds 0.91304.

        Raises:
            QueryError: the value is no such number.
        """
        quantity, figure = self.measure.read(value), self.figure
        wanted, tolerance = quantity.value, quantity.half_digit * _HAIR
        if sign in _ORDER:
            holds = _ORDER[sign]
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
        if sign in _ORDER:
            raise QueryError(f"{self.name} is a text: write {self.name}:{_example(value.text)}", value.at)
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
class FlagField(Generic[Item, Facts]):
    """Something that an item is, or is not."""

    flags: Mapping[str, TestOf[Item, Facts]]
    """What can follow `is:`."""

    def test(self, sign: str, value: Token) -> TestOf[Item, Facts]:
        """Return the test that `sign` and `value` ask for.

        Raises:
            QueryError: there is no such flag, or it was compared.
        """
        if sign in _ORDER:
            raise QueryError(f"write is:{next(iter(self.flags))}, with a colon", value.at)
        name = spelled(value.text)
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


Field: TypeAlias = NumberField[Trial, QueryContext] | TextField[Trial, QueryContext] | FlagField[Trial, QueryContext]


def folded(text: str) -> str:
    """Return `text` so that only letters matter: what the service said is NFC already, what is typed may not be."""
    return unicodedata.normalize("NFC", text).casefold()


def spelled(name: str) -> str:
    """Return the name of a field or a flag as the table below spells it."""
    return name.lower().replace("-", "_")


def any_text(value: str) -> Test:
    """Return the test for a bare word: it is somewhere in the trial's name, status or worker."""
    wanted = folded(value)

    def test(trial: Trial, context: QueryContext) -> bool:
        # The name alone decides most of the time.
        return wanted in (trial.name or trial.id).casefold() or wanted in _APART.join(
            (*statuses(trial, context), *_worker(trial, context))
        )

    return test


def statuses(trial: Trial, context: QueryContext) -> tuple[str, ...]:
    """Return the words for a trial's status: the service's, and the table's own where that is another.

    A stalled trial is found by `running` as well as `stalled`, one that could not be read by `malformed`.
    """
    status = (trial.status.casefold(),) if trial.status else ()
    if trial.problem:
        return (*status, "malformed", "unreadable")
    return (*status, "stalled") if trial.status == RUNNING and trial.id in context.stalled else status


def _name(trial: Trial, _: QueryContext) -> tuple[str, ...]:
    return ((trial.name or trial.id).casefold(),)


def _worker(trial: Trial, _: QueryContext) -> tuple[str, ...]:
    return (trial.worker_id.casefold(),) if trial.worker_id else ()


def _blocks(trial: Trial, context: QueryContext) -> tuple[str, ...]:
    titles = context.block_titles(trial) if context.block_titles is not None else ()
    kinds = [block.kind.casefold() for block in trial.blocks]
    return (*_name(trial, context), *kinds, *(title.casefold() for title in titles))


class _Costs:
    """What trials cost. A filter asks for latency, RAM and ROM of one trial in turn: the last answer is kept."""

    def __init__(self) -> None:
        self._last: tuple[Trial | None, str, Performance] = (None, "", Performance())

    def __call__(self, trial: Trial, context: QueryContext) -> Performance:
        known, precision, performance = self._last
        if known is not trial or precision != context.lens.precision:
            precision = context.lens.precision
            performance = figures.cost(trial, precision)
            self._last = trial, precision, performance
        return performance


_cost = _Costs()


def _worst_recall(trial: Trial, context: QueryContext) -> float | None:
    return figures.finite(context.worst_recall(trial)) if context.worst_recall is not None else None


def _example(text: str) -> str:
    return "…" if any(char.isspace() or not char.isprintable() for char in text) or len(text) > 20 else text


FLAGS: dict[str, Test] = {
    "best": lambda trial, context: trial.id == context.best_id,
    "over_limit": lambda trial, context: bool(figures.over_limits(trial, context.lens.precision, context.target)),
    "marked": lambda trial, context: trial.id in context.marked,
    "stalled": lambda trial, context: trial.status == RUNNING and trial.id in context.stalled,
}
"""What can follow `is:`."""

FIELDS: dict[str, Field] = {
    "name": TextField("name", _name),
    "status": TextField("status", statuses, begins=True),
    "worker": TextField("worker", _worker),
    "block": TextField("block", _blocks, begins=True),
    "round": NumberField(lambda trial, _: figures.finite(trial.round)),
    "epoch": NumberField(lambda trial, _: figures.finite(trial.epoch)),
    "retries": NumberField(lambda trial, _: figures.finite(trial.retries)),
    "loss": NumberField(lambda trial, context: figures.loss(trial, context.lens.precision, TRAIN)),
    "val_loss": NumberField(lambda trial, context: context.lens.loss(trial)),
    "accuracy": NumberField(lambda trial, context: figures.accuracy(trial, context.lens.precision, TRAIN), SHARE),
    "val_accuracy": NumberField(lambda trial, context: context.lens.accuracy(trial), SHARE),
    "worst_recall": NumberField(_worst_recall, SHARE),
    "latency": NumberField(lambda trial, context: _cost(trial, context).latency_ms, MILLISECONDS),
    "ram": NumberField(lambda trial, context: _cost(trial, context).ram_bytes, BYTES),
    "rom": NumberField(lambda trial, context: _cost(trial, context).rom_bytes, BYTES),
    "is": FlagField(FLAGS),
}
"""By the keys of the table's columns. `val_loss` and `val_accuracy` are of the part of the data that is looked at."""

ALIASES: dict[str, str] = {
    "mark": "is",
    "acc": "accuracy",
    "val_acc": "val_accuracy",
    "recall": "worst_recall",
    "latency_ms": "latency",
    "lat": "latency",
    "ram_bytes": "ram",
    "rom_bytes": "rom",
    "flash": "rom",
    "retry": "retries",
}


def field_of(token: Token) -> Field:
    """Return the field that a word names.

    Raises:
        QueryError: there is none; the message names near ones.
    """
    name = spelled(token.text)
    field = FIELDS.get(ALIASES.get(name, name))
    if field is None:
        raise unknown("field", name, FIELDS, token.at)
    return field
