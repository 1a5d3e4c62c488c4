"""Answers of the service as objects whose fields are read as what they should be.

Nothing in an optional place makes an answer unreadable: the document contradicts itself and the service renames
fields. What is missing, null or of another type is "not said": None, or an empty text, tuple or part. Words are open:
a status or type that the document does not name is kept as it is. Only what an answer is about must be there.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from eitui.api.errors import BadAnswer, Rejected
from eitui.domain.text import LIMIT, clean

LARGEST_WHOLE = 2**53
"""Beyond it a float, JSON's own number, is no longer exact: nothing the service counts comes near."""

LONG_TEXT = 65_536
"""Longest text kept of those that are meant to be long (scripts, help), in characters."""

BIGGEST = 10**30
"""Integers beyond this are not written out: Python refuses to above some 4,300 digits."""


def to_text(value: object, limit: int = LIMIT) -> str:
    """Return a text clean, a number or boolean as JSON writes it (ids come as either), and "" for anything else."""
    if isinstance(value, str):
        return clean(value, limit)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) < BIGGEST:
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        return str(int(value)) if value.is_integer() and abs(value) < BIGGEST else str(value)
    return ""


def to_number(value: object) -> float | None:
    """Return a number, or a text that is one, as a finite float; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and len(value) > 64:
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def to_whole(value: object) -> int | None:
    """As `to_number`, rounded: a fraction of a byte or an epoch is a quirk of the sender.

    None beyond `LARGEST_WHOLE`: such a number overflows in the first division.
    """
    number = value if isinstance(value, int) and not isinstance(value, bool) else to_number(value)
    return round(number) if number is not None and abs(number) <= LARGEST_WHOLE else None


def to_time(value: object) -> float | str | None:
    """Return a date-time as seconds since the Unix epoch; one that cannot be read as its text, clean.

    The service writes `Z`, and also times without a zone and with microseconds, which are UTC.
    """
    if not isinstance(value, str) or not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return clean(value)


def to_exact(value: object) -> int | float | str | None:
    """Return what is written back to the service, exactly as it came: a text, or a finite number in full precision."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    return None if isinstance(value, float) and not math.isfinite(value) else value


_Number = TypeVar("_Number", int, float)


def positive(value: _Number | None) -> _Number | None:
    """Return a number above 0; None for what the service writes as 0 or -1 where it knows none."""
    return value if value is not None and value > 0 else None


def not_negative(value: _Number | None) -> _Number | None:
    """Return a number from 0; None for a cost or a size that cannot be."""
    return value if value is not None and value >= 0 else None


MOST_VALUES = 1_000_000
"""Values that may become Python objects at once. A value takes 8 to some 130 bytes, 1 kB as a model of its own."""

MOST_STEPPED_OVER = 4_000_000
"""Values of an answer of which only the outermost become objects, 56 bytes each."""

_STRING = rb'"(?:[^"\\]++|\\.)*+(?:"|\Z)'
_TEXT = re.compile(_STRING, re.DOTALL)
_STRETCH = re.compile(rb'(?:[^"]++|%b){1,20000}+' % _STRING, re.DOTALL)


def values_in(raw: bytes | msgspec.Raw, enough: int) -> int:
    """Return how many values a piece of JSON holds. Where that is `enough` or less, it may be more than there are."""
    text = bytes(raw)
    most = _marks(text)
    if most <= enough:
        return most
    # Texts hold commas and brackets, too. To leave them out takes a second for 30 MB, so only where it matters. By
    # stretches: the pieces between millions of texts would take more memory than all that they are counted for.
    return _marks(b"".join(_TEXT.sub(b"", stretch[0]) for stretch in _STRETCH.finditer(text)))


def check_size(raw: bytes | msgspec.Raw, most: int = MOST_VALUES) -> None:
    """Refuse JSON that would take too much memory.

    Raises:
        BadAnswer: it has more than `most` values.
    """
    # A value takes a byte at least.
    if len(raw) > most and values_in(raw, most) > most:
        raise BadAnswer(f"The service's answer has more than {most:,} values")


def _marks(text: bytes) -> int:
    # Each value is the first in a list or an object, or follows a comma.
    return text.count(b",") + text.count(b"[") + text.count(b"{") + 1


MOST_PROBLEMS = 20
"""More are not worth reading."""

Raw = msgspec.Raw

_OBJECT, _LIST = dict[str, Raw], list[Raw]
_PLAIN: dict[Any, type] = {_OBJECT: dict, _LIST: list}
_EXPECTED = {_OBJECT: "an object", _LIST: "a list"}
_ABSENT = (b"", b"null")
_EMPTY = (b"{}", b"[]", b"[[]]")
_SPACE = b" \t\r\n"
_HALF_A_PAIR = re.compile("[\ud800-\udfff]")


class Part:
    """A JSON object of an answer. A field is decoded when it is asked for, and no deeper than that.

    Fields have the API's names; those that the service sent undecoded are `Raw`. Reading never raises. A field that
    holds no object or list where one is expected has a line in `problems`, where those are kept.
    """

    __slots__ = ("_fields", "problems", "where")

    def __init__(self, fields: Mapping[str, Any], problems: list[str] | None = None, where: str = "") -> None:
        """Read `fields`; `where` in the answer they are is said in problems, which are kept if there is a list."""
        self._fields = fields
        self.problems = problems
        self.where = where

    def __bool__(self) -> bool:
        """Whether it has a field at all."""
        return bool(self._fields)

    @property
    def names(self) -> list[str]:
        """The names of the fields, as they came."""
        return list(self._fields)

    def doubt(self, key: str, what: str) -> None:
        """Note that a field is not as it should be."""
        if self.problems is not None and len(self.problems) < MOST_PROBLEMS:
            self.problems.append(clean(f"{self._place(key)}: {what}"))

    def noting(self) -> "Part":
        """Return the same object with problems of its own."""
        return Part(self._fields, [], "")

    def value(self, key: str) -> Any:
        """Return any JSON value, decoded and as it came; None where it is missing or cannot be read."""
        return self.take(key, Any)

    def take(self, key: str, kind: Any) -> Any:
        """Return a field as the type `kind`; None where it is missing, null, too large or something else."""
        return self._read(self._fields.get(key), kind, key)

    def _read(self, value: Any, kind: Any, key: str) -> Any:
        if _is_absent(value):
            return None
        if isinstance(value, Raw) and len(value) > MOST_VALUES and values_in(value, MOST_VALUES) > MOST_VALUES:
            self.doubt(key, "is too large to be read")
            return None
        try:
            if isinstance(value, Raw):
                try:
                    return msgspec.json.decode(value, type=kind)
                except (ValueError, RecursionError):
                    value = _loads(bytes(value).decode(errors="replace"))
            plain = _PLAIN.get(kind)
            if plain is None:
                return value if kind is Any else msgspec.convert(value, kind)
            if isinstance(value, plain):
                return value
        except (TypeError, ValueError, RecursionError):
            pass
        # Not why: the parser's words may repeat what was there, and speak of types nobody knows.
        self.doubt(key, f"is not {_EXPECTED.get(kind, 'of the expected shape')}")
        return None

    def has(self, key: str) -> bool:
        """Whether there is anything but null, whether it can be read or not."""
        return not _is_absent(self._fields.get(key))

    def text(self, key: str, limit: int = LIMIT) -> str:
        """Return a text clean, a number as its text; "" for anything else."""
        return to_text(self.value(key), limit)

    def number(self, key: str) -> float | None:
        """Return a number; None for anything else."""
        return to_number(self.value(key))

    def whole(self, key: str) -> int | None:
        """Return a whole number; None for anything else."""
        return to_whole(self.value(key))

    def flag(self, key: str) -> bool | None:
        """Return a boolean; None for anything else."""
        value = self.value(key)
        return value if isinstance(value, bool) else None

    def time(self, key: str) -> float | str | None:
        """Return a date-time in seconds since the Unix epoch; one that cannot be read as its text."""
        return to_time(self.value(key))

    def seconds(self, key: str) -> float | None:
        """Return a date-time in seconds since the Unix epoch; None where it cannot be read."""
        time = self.time(key)
        return time if isinstance(time, float) else None

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts. Positions are kept: class names are looked up by index."""
        return tuple(map(to_text, items_of(self.value(key))))

    def nonempty_texts(self, key: str) -> tuple[str, ...]:
        """Return the texts of a list that are not empty."""
        return tuple(filter(None, self.texts(key)))

    def numbers(self, key: str) -> tuple[float | None, ...]:
        """Return a list of numbers, None in the place of what is none."""
        return tuple(map(to_number, items_of(self.value(key))))

    def wholes(self, key: str) -> tuple[int | None, ...]:
        """Return a list of whole numbers, None in the place of what is none."""
        return tuple(map(to_whole, items_of(self.value(key))))

    def part(self, key: str) -> "Part":
        """Return an object, the fields of which are left undecoded; an empty one where there is none."""
        return self.maybe(key) or Part({}, self.problems, self._place(key))

    def maybe(self, key: str) -> "Part | None":
        """As `part`; None where there is none."""
        fields = self.take(key, _OBJECT)
        return None if fields is None else Part(fields, self.problems, self._place(key))

    def decoded(self, key: str) -> "Part":
        """As `part`, decoded to the bottom: for small objects of which much is asked."""
        value = self.value(key)
        if value is not None and not isinstance(value, dict):
            self.doubt(key, "is not an object")
        return Part(value if isinstance(value, dict) else {}, self.problems, self._place(key))

    def parts(self, key: str) -> list["Part"]:
        """Return the objects of a list; what is not an object is left out."""
        items = enumerate(self.take(key, _LIST) or (), 1)
        found = ((f"{key} {number}", self._read(item, _OBJECT, f"{key} {number}")) for number, item in items)
        return [Part(fields, self.problems, self._place(name)) for name, fields in found if fields is not None]

    def named(self, *, quiet: bool = False) -> Iterator[tuple[str, "Part"]]:
        """Yield name, clean, and object for each field; those that are no object are left out, if `quiet` unsaid."""
        for key, value in self._fields.items():
            if quiet and not _starts(value, b"{"):
                continue
            fields = self.take(key, _OBJECT)
            if fields is not None:
                yield clean(key), Part(fields, self.problems, self._place(key))

    def is_filled(self, key: str) -> bool:
        """Whether there is an object or a list with something in it."""
        value = self._fields.get(key)
        if not isinstance(value, Raw):
            return isinstance(value, dict | list) and bool(value) and value != [[]]
        return _starts(value, b"{[") and (len(value) > 64 or bytes(value).translate(None, _SPACE) not in _EMPTY)

    def required(self, key: str) -> list["Part"]:
        """Return the objects of the list that an answer is about.

        Raises:
            BadAnswer: there is no list.
        """
        if not isinstance(self._fields.get(key), list):
            raise self.unexpected(key, "a list")
        return self.parts(key)

    def unexpected(self, key: str, what: str) -> BadAnswer:
        """Return the error that a field on which all depends should be `what`, and is not."""
        return BadAnswer(f"The service's answer is not of the expected shape ({key}: it should be {what})")

    def _place(self, key: str) -> str:
        return f"{self.where}, {key}" if self.where else key


EMPTY_PART = Part({})
"""An object that says nothing."""


def _is_absent(value: Any) -> bool:
    return value is None or (isinstance(value, Raw) and len(value) <= 4 and bytes(value) in _ABSENT)


def _starts(value: Any, marks: bytes) -> bool:
    """Whether this is an object (`{`) or a list (`[`)."""
    if isinstance(value, Raw):
        return len(value) > 0 and memoryview(value)[0] in marks
    return (isinstance(value, dict) and b"{" in marks) or (isinstance(value, list) and b"[" in marks)


def items_of(value: object) -> list[Any]:
    """Return a list's items; none for what is no list."""
    return value if isinstance(value, list) else []


def _loads(text: str | bytes) -> Any:
    """Return JSON as the standard library reads it.

    It takes what services have been seen to send and stricter parsers refuse: NaN and infinities, which are null here,
    and half of a surrogate pair where a name was cut in the middle of an emoji.
    """
    return json.loads(text, parse_constant=lambda _: None)


def decode_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in `body`.

    Raises:
        BadAnswer: it is not JSON, not an object, or more than there is memory for.
    """
    check_size(body)
    try:
        value = _loads(body)
    except json.JSONDecodeError as error:
        raise BadAnswer(f"The service's answer is not JSON (byte {error.pos} of {len(body)}: {error.msg})") from None
    except UnicodeDecodeError as error:
        raise BadAnswer(f"The service's answer is not UTF-8 text (byte {error.start} of {len(body)})") from None
    except RecursionError:
        raise BadAnswer("The service's answer is nested too deeply to be read") from None
    except ValueError:
        raise BadAnswer("The service's answer has a number that is too long to be read") from None
    if not isinstance(value, dict):
        raise BadAnswer("The service's answer is JSON, but not an object")
    return value


def answer(body: bytes) -> Part:
    """Return an answer.

    Raises:
        Rejected: the service says that it did not succeed.
        BadAnswer: it is no JSON object.
    """
    response = Part(decode_object(body))
    refuse_failure(response)
    return response


def refuse_failure(part: Part) -> None:
    """Refuse the service's own way to say no: status 200 and `{"success": false, "error": "prose"}`."""
    if part.flag("success") is False:
        raise Rejected(f"The service refused: {prose(part.value('error'))}", answered=True)


def prose(error: object, limit: int = LIMIT) -> str:
    """Return the service's own words for what went wrong, clean, never empty, and `limit` characters at most."""
    return (clean(error, limit).strip() if isinstance(error, str) else "") or "it gave no reason"


def fields_of(body: bytes, what: str = "It") -> dict[str, Raw]:
    """Return the fields of a JSON object, undecoded. `what` it is begins the message of an error.

    Raises:
        BadAnswer: it is not an object, or no JSON at all, or too large.
    """
    check_size(body, MOST_STEPPED_OVER)
    try:
        return msgspec.json.decode(body, type=_OBJECT)
    except (ValueError, RecursionError):
        check_size(body)
    try:
        # msgspec refuses NaN and half of a surrogate pair. The latter is `?`: recordings know such trials by that id.
        text = json.dumps(_loads(body.decode(errors="replace")), ensure_ascii=False)
        return msgspec.json.decode(_HALF_A_PAIR.sub("?", text), type=_OBJECT)
    except msgspec.ValidationError:
        raise BadAnswer(f"{what} is not an object") from None
    except RecursionError:
        raise BadAnswer(f"{what} is nested too deeply to be read") from None
    except ValueError:
        raise BadAnswer(f"{what} is not JSON") from None
