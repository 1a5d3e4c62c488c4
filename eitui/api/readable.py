"""Free-form objects as pairs of name and value that a person can read."""

import re
from collections.abc import Iterable, Iterator

from eitui.api.lenient import to_text
from eitui.domain.impulse import Pairs
from eitui.domain.text import clean

MOST_PAIRS, MOST_ITEMS, _DEEPEST = 200, 12, 6
"""Pairs of one block, items shown of one list, and how deep objects in objects are followed."""

_LONGEST = 240
"""Longest value, in characters: a training script is one, too."""

NOT_GIVEN = "–"

_WRAPPERS = frozenset({"parameters", "config", "customParameters", "items", "properties", "blockParameters"})
"""Objects that only hold parameters: their own name says nothing."""

_FORM_NAMES = ("name", "param", "key")

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_\s]+")
_UNITS = {"ms": "ms", "hz": "Hz", "percentage": "%"}
_SPELT = {"dsp": "DSP", "fft": "FFT", "rnn": "RNN", "mfe": "MFE", "mfcc": "MFCC", "id": "ID", "ids": "IDs"}


def readable_pairs(value: object, skip: frozenset[str] = frozenset()) -> Pairs:
    """Return the fields of an object as (name, value) pairs; `skip` are fields of its first level to leave out.

    Fields of objects inside are named `outer, inner`; a list of parameters as the Studio's forms have them (`name` or
    `param`, and `value`) gives a pair for each. Lists of other objects are numbered.
    """
    if not isinstance(value, dict):
        return ()
    found: list[tuple[str, str]] = []
    for key, item in value.items():
        for pair in _field(str(key), item, "", _DEEPEST) if key not in skip else ():
            if len(found) == MOST_PAIRS:
                return (*found, ("…", "more than are shown"))
            found.append(pair)
    return tuple(found)


def stated(fields: dict[str, object]) -> dict[str, object]:
    """Return the fields in which the service says something."""
    return {key: value for key, value in fields.items() if value not in (None, "", [], {})}


def name_of(key: str) -> str:
    """Return the API's name of a field in words: `learningRate` and `learning_rate` as `learning rate`."""
    words = ((word, len(word) > 1 and word.isupper()) for word in words_of(key))
    return clean(" ".join(_SPELT.get(word.lower(), word if acronym else word.lower()) for word, acronym in words), 64)


def words_of(key: str) -> list[str]:
    """Return the words of a name in camel case or snake case."""
    return [word for word in _WORDS.split(key) if word]


def _field(key: str, value: object, prefix: str, depth: int) -> Iterator[tuple[str, str]]:
    name = f"{prefix}{name_of(key)}"
    inner = prefix if key in _WRAPPERS else f"{name}, "
    if isinstance(value, dict | list) and depth == 0:
        yield name, "…"
    elif isinstance(value, dict):
        for field, item in value.items():
            yield from _field(str(field), item, inner, depth - 1)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        plain = 0
        for item in value:
            if isinstance(item, dict) and "value" in item and not item.keys().isdisjoint(_FORM_NAMES):
                named, param, field = (to_text(item.get(field), 64) for field in _FORM_NAMES)
                yield f"{inner}{named or name_of(param or field)}", _value(item.get("value"))
            elif isinstance(item, dict) and isinstance(item.get("items"), list):
                yield from _field("items", item["items"], inner, depth - 1)
            elif (plain := plain + 1) > MOST_ITEMS:
                continue
            elif isinstance(item, dict):
                # On one line, its type first: `conv1d, neurons 16, kernel size 3`.
                rest = [" ".join(_with_unit(name_of(str(field)), of)) for field, of in item.items() if field != "type"]
                words = filter(None, [to_text(item.get("type")), *rest[:MOST_ITEMS]])
                yield f"{name} {plain}", clean(", ".join(words), _LONGEST)
            else:
                yield f"{name} {plain}", _value(item)
        if plain > MOST_ITEMS:
            yield name, f"… {plain - MOST_ITEMS} more"
    elif isinstance(value, list):
        yield name, _list(value)
    else:
        yield _with_unit(name, value)


def _with_unit(name: str, value: object) -> tuple[str, str]:
    head, _, last = name.rpartition(" ")
    unit = _UNITS.get(last)
    if head and unit and isinstance(value, int | float) and not isinstance(value, bool):
        return head, f"{_text(value)} {unit}"
    return name, _value(value)


def _value(value: object) -> str:
    if isinstance(value, list):
        return _list(value)
    return "…" if isinstance(value, dict) else _text(value)


def _list(values: Iterable[object]) -> str:
    texts = ["…" if isinstance(value, dict | list) else _text(value) for value in values]
    more = f", … {len(texts) - MOST_ITEMS} more" if len(texts) > MOST_ITEMS else ""
    return clean(", ".join(texts[:MOST_ITEMS])) + more or "none"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return to_text(value, _LONGEST) or NOT_GIVEN
