"""Impulses as rows of a table, and the filter of that table.

The filter is that of the trials (`eitui.analysis.query`), with the fields that the service lists. A field of a metric
is compared by the service's `filteringType`: `accuracy>=90%`, `tracking:yes`, `labels:noise`.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from eitui.analysis.figures import finite
from eitui.analysis.impulse_states import (
    COMPLETE,
    IMPULSE_UNREADABLE,
    INCOMPLETE,
    NOT_CONFIGURED,
    STALE,
    STATE_UNKNOWN,
)
from eitui.analysis.query.fields import (
    FieldOf,
    FlagField,
    NumberField,
    TestOf,
    TextField,
    begun,
    folded,
    spelled_field,
    word_before,
)
from eitui.analysis.query.grammar import QueryOf, Vocabulary, parse_filter
from eitui.analysis.query.tokens import BYTES, MILLISECONDS, Measure, QueryError, Token, Unit, quoted, unknown
from eitui.domain.impulse import BOOLEAN, LIST, NUMERIC, Impulse, ImpulseMetric, ImpulseTable, MetricKey
from eitui.domain.text import char_cells


@dataclass(frozen=True)
class Listed:
    """An impulse with what tells it from all others."""

    key: str
    """Its id; of impulses without one, or with the same one, also their place."""
    impulse: Impulse

    @property
    def called(self) -> str:
        """What it is called in a sentence."""
        if any(map(char_cells, self.impulse.name)):  # more than marks, which take no cell by themselves
            return self.impulse.name
        return "impulse without a name" if self.impulse.id is None else f"impulse {self.key}"


def listed(table: ImpulseTable) -> tuple[Listed, ...]:
    """Return the impulses in the service's order, their keys all different and the same at every reading."""
    counts = Counter(impulse.id for impulse in table.impulses)
    return tuple(
        Listed(
            str(impulse.id) if impulse.id is not None and counts[impulse.id] == 1 else f"{impulse.id}@{place}", impulse
        )
        for place, impulse in enumerate(table.impulses)
    )


def states(impulse: Impulse) -> tuple[str, ...]:
    """Return the words for the state that an impulse is in, the worst first."""
    if impulse.id is None:
        return (IMPULSE_UNREADABLE,)
    stale = (STALE,) if impulse.stale else ()
    if impulse.configured is False:
        return (NOT_CONFIGURED, *stale)
    if impulse.complete is not True:
        return (STATE_UNKNOWN if impulse.complete is None else INCOMPLETE, *stale)
    return stale or (COMPLETE,)


_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[\s_-]+")
_TAIL = re.compile(r" (block config|config|metrics)$")


def category_words(name: str) -> str:
    """Return the name of a category of metrics as words: `learnBlockConfig` is `learn block config`."""
    words = " ".join(filter(None, _HUMP.split(name))).lower() or "others"
    return f"DSP{words[3:]}" if words.startswith("dsp ") else words


def category_word(category: str) -> str:
    """Return a category without what all of them end with: `learnBlockConfig` is `learn`."""
    return _TAIL.sub("", category_words(category))


def repeated(titles: Iterable[str]) -> frozenset[str]:
    """Return those of `titles` that there are two of."""
    return frozenset(title for title, count in Counter(titles).items() if count > 1)


Marked = frozenset[str]
"""Keys of the impulses that are marked: what a filter depends on beside the impulse."""

Asked = FieldOf[Listed, Marked]
ImpulseTest = TestOf[Listed, Marked]
ImpulseQuery = QueryOf[Listed, Marked]

EXAMPLE = "accuracy>=90% or is:stale"

_YES = frozenset({"yes", "true", "on", "1"})
_NO = frozenset({"no", "false", "off", "0"})
_NO_NAME = re.compile(r"[^\w.]+")
_EXAMPLES = "0.9, 90%, 50ms or 64K"


@dataclass(frozen=True)
class SwitchField:
    """A metric that is yes or no."""

    key: MetricKey

    def test(self, sign: str, value: Token) -> ImpulseTest:
        """Return the test that `sign` and `value` ask for; raise QueryError where `value` is neither yes nor no."""
        word = value.text.lower()
        if sign not in (":", "=", "!=") or word not in _YES | _NO:
            raise QueryError(f"{field_name(self.key)} is yes or no: write {field_name(self.key)}:yes", value.at)
        wanted = (word in _YES) != (sign == "!=")
        words = _reader(self.key, lambda metric: metric.text.strip().lower(), "")
        return lambda item, marked: words(item, marked) in (_YES if wanted else _NO)


@dataclass(frozen=True)
class ChoiceField:
    """A metric that is one word, which may be one of several. `!=` is the opposite of `=`, also where there is none."""

    key: MetricKey

    def test(self, sign: str, value: Token) -> ImpulseTest:
        """Return the test that `sign` and `value` ask for.

        Raises:
            QueryError: no option is `value`, or has it in it where `:` asks for that.
        """
        options, wanted = self.key.filtering.options, folded(value.text)
        whole = sign in ("=", "!=")
        if options and not any(wanted == folded(one) if whole else wanted in folded(one) for one in options):
            raise unknown("choice", value.text, options, value.at)
        texts = _reader(self.key, lambda metric: (folded(metric.text),) if metric.text else (), tuple[str, ...]())
        if sign == "!=":
            return lambda item, marked: wanted not in texts(item, marked)
        return TextField[Listed, Marked](field_name(self.key), texts).test(sign, value)


class Vocabularies:
    """What can be asked of the impulses of one project."""

    def __init__(self, table: ImpulseTable) -> None:
        self.fields = dict(_OWN)
        for kind, keys in table.keys.items():
            for key in keys:
                field = _field(key, table)
                # One whose name another has too is found by its category: `inputBlockConfig.data`.
                self.fields[f"{_plain(kind)}.{field_name(key)}"] = field
                self.fields.setdefault(field_name(key), field)
        self._options = {field_name(key): key.filtering.options for several in table.keys.values() for key in several}
        self.starts = tuple(
            f"{name}{'>' if isinstance(field, NumberField) else ':'}"
            for name, field in self.fields.items()
            if "." not in name
        )
        """Every field, with the sign that most often follows it."""
        self._vocabulary: Vocabulary[Listed, Marked] = Vocabulary(self._field_of, _any_text, EXAMPLE)

    def parse(self, text: str) -> ImpulseQuery:
        """Return the filter that `text` says.

        Raises:
            QueryError: it says none; with what is wrong, and where.
        """
        return parse_filter(text, self._vocabulary)

    def completions(self, text: str, at: int) -> tuple[str, ...]:
        """Return what the word that ends at `at` may become: a field, or what can follow one; none for no word."""
        word = word_before(text, at)
        name, colon, _ = word.lower().partition(":")
        if not colon:
            return begun(word, self.starts)
        field, values = self.fields.get(name), self._options.get(name, ())
        if isinstance(field, FlagField):
            values = tuple(field.flags)
        elif isinstance(field, SwitchField):
            values = ("yes", "no")
        return begun(word, [f"{name}:{quoted(value)}" for value in values])

    def _field_of(self, token: Token) -> Asked:
        name = spelled_field(token.text)
        field = self.fields.get(name)
        if field is None:
            raise unknown("field", name, (name for name in self.fields if "." not in name), token.at)
        return field


def field_name(key: MetricKey) -> str:
    """Return what a metric is called in a filter."""
    return _plain(key.name)


def _plain(name: str) -> str:
    return _NO_NAME.sub("_", name.lower()).strip("_") or "metric"


_Read = TypeVar("_Read")


def _reader(
    key: MetricKey, read: Callable[[ImpulseMetric], _Read], nothing: _Read
) -> Callable[[Listed, Marked], _Read]:
    """Return what reads a metric of an impulse, `nothing` where it has none."""

    def value(item: Listed, _: Marked) -> _Read:
        metric = item.impulse.metric(key.category, key.name)
        return nothing if metric is None else read(metric)

    return value


def _field(key: MetricKey, table: ImpulseTable) -> Asked:
    kind = key.filtering.type
    if kind == BOOLEAN:
        return SwitchField(key)
    if kind == LIST:
        parts = _reader(key, lambda metric: metric.text.split(","), list[str]())
        return TextField(
            field_name(key),
            lambda item, marked: tuple(filter(None, (folded(part).strip() for part in parts(item, marked)))),
        )
    if kind != NUMERIC:
        return ChoiceField(key)
    # What `%` means is seen by a metric shown as 91% that sorts as 0.91, or as 91.
    metrics = [metric for impulse in table.impulses if (metric := impulse.metric(key.category, key.name)) is not None]
    whole = any(metric.text.endswith("%") and abs(finite(metric.number) or 0.0) > 1.5 for metric in metrics)
    units = {**MILLISECONDS.units, **BYTES.units, "%": Unit(power=0 if whole else -2)}
    return NumberField(_reader(key, lambda metric: finite(metric.number), None), Measure(units, _EXAMPLES))


def _any_text(value: str) -> ImpulseTest:
    """Return the test for a bare word: it is somewhere in the name, id, state, tags, author or blocks."""
    wanted = folded(value)

    def test(item: Listed, _: Marked) -> bool:
        impulse = item.impulse
        texts = (folded(impulse.name), str(impulse.id or ""), folded(impulse.author), impulse.from_trial or "")
        return any(wanted in text for text in (*texts, *states(impulse), *_tags(item), *_blocks(item)))

    return test


def _tags(item: Listed) -> tuple[str, ...]:
    return tuple(map(folded, item.impulse.tags))


def _blocks(item: Listed) -> tuple[str, ...]:
    blocks = item.impulse.blocks
    return tuple(dict.fromkeys(folded(text) for block in blocks for text in (block.title, block.type) if text))


def _is(word: str) -> ImpulseTest:
    return lambda item, _: word in states(item.impulse)


_OWN: Mapping[str, Asked] = {
    "name": TextField("name", lambda item, _: (folded(item.impulse.name),) if item.impulse.name else ()),
    "state": TextField("state", lambda item, _: states(item.impulse), begins=True),
    "id": NumberField(lambda item, _: finite(item.impulse.id)),
    "tag": TextField("tag", lambda item, _: _tags(item)),
    "author": TextField("author", lambda item, _: (folded(item.impulse.author),) if item.impulse.author else ()),
    "dataset": TextField("dataset", lambda item, _: (item.impulse.dataset.label,) if item.impulse.dataset else ()),
    "trial": TextField("trial", lambda item, _: (item.impulse.from_trial,) if item.impulse.from_trial else ()),
    "block": TextField("block", lambda item, _: _blocks(item)),
    "is": FlagField(
        {word: _is(word) for word in (STALE, COMPLETE, INCOMPLETE, NOT_CONFIGURED, STATE_UNKNOWN)}
        | {NOT_CONFIGURED.replace(" ", "_"): _is(NOT_CONFIGURED), IMPULSE_UNREADABLE: _is(IMPULSE_UNREADABLE)}
        | {"marked": lambda item, marked: item.key in marked}
    ),
}
"""What can be asked of the impulses of any project."""
