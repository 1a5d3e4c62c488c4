"""Thresholds of learn blocks: what can be changed without training again, and the rules of each kind of threshold.

A threshold is a number, a choice from a list, or a free text; a value of any other kind is kept and shown, and cannot
be edited. Everything that depends on the kind is a method of its `ThresholdKind`: another kind of threshold (a switch,
a range) is another class here, and what the view says of its keys.
"""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import ClassVar

from eitui.domain.numbers import add, parse_number, step_of
from eitui.domain.text import clean
from eitui.errors import Code, EituiError

HUGE = 10**300
"""Integers from here on are not written out: Python refuses to above some 4,300 digits."""

_MOST_TYPED = 512
"""Characters of a free text."""

PROBABILITIES = frozenset({"min_score", "min_score_pixel", "min_score_box", "minimum_confidence_rating"})
"""Keys of thresholds that are compared with scores from 0 to 1."""

FAR, FAR_SHARE = 3.0, 0.3
"""Times larger or smaller than the suggestion, and (of probabilities) away from it, that is far."""

_DIGITS = frozenset("0123456789.,+-eE")
_FIRST_DIGITS = frozenset("0123456789.-+e")
_PROBABLE = ("probabilit", "confidence")


CONFIG, METADATA = "config", "metadata"
"""The parts of an answer that have thresholds: how a block is set up, and what it was trained to."""

_NOT_SET, _EMPTY, _NOT_READ = "not set", "empty", "cannot be read"


@dataclass(frozen=True)
class OtherValue:
    """A value of a kind that eitui does not know, such as a boolean or a list."""

    json: str
    """As JSON; empty where it could not be read."""


UNREAD_VALUE = OtherValue("")
"""There is a value, and nobody knows which."""

ThresholdValue = int | float | str | OtherValue
"""A number in full precision, a text exactly as the service sent it (show it with `format_value`), or neither."""


def from_json(value: object) -> ThresholdValue | None:
    """Return a value of JSON as a threshold's value; None for null and for a number that cannot be kept."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        return value
    try:
        return OtherValue(json.dumps(value, ensure_ascii=False))
    except ValueError:  # a number in it is so long that Python does not write it
        return None


def to_json(value: ThresholdValue | None) -> object:
    """Return a threshold's value as JSON has it: the inverse of `from_json`. None, too, for `UNREAD_VALUE`."""
    if isinstance(value, OtherValue):
        return json.loads(value.json) if value.json else None
    return value


def same(one: ThresholdValue | None, other: ThresholdValue | None) -> bool:
    """Return whether two values are the same on the service: 1 and 1.0 are, "1" and 1 are not."""
    return isinstance(one, str) == isinstance(other, str) and one == other


def can_be_sent(value: ThresholdValue) -> bool:
    """Return whether a request can hold a value: a text, or a number that JSON and the service can hold."""
    return isinstance(value, str) or _finite(value) is not None


def text_of(value: ThresholdValue | None) -> str:
    """Return a value to show: a number with all its digits (`0.6`, `4`, `1e-07`), nothing for None.

    A text is shown clean, and in quotes where it would be taken for a value of another kind: `"0.6"`, `"true"`.
    """
    match value:
        case None:
            return ""
        case str():
            return clean(json.dumps(value, ensure_ascii=False) if _reads_otherwise(value) else value)
        case OtherValue():
            return clean(value.json) or _NOT_READ
        case int() if abs(value) >= HUGE:
            return "a number of over 300 digits"
    return repr(value).removesuffix(".0")


def _reads_otherwise(text: str) -> bool:
    """Whether a text, as it is, looks like a number, another value of JSON, or a word for no value."""
    if text in (_NOT_SET, _EMPTY, _NOT_READ) or not isinstance(parse_number(text), str):
        return True
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def format_value(value: ThresholdValue | None) -> str:
    """Return a value to show where an empty place would be misread: None is `not set`, an empty text `empty`."""
    return _NOT_SET if value is None else text_of(value) or _EMPTY


def _finite(value: ThresholdValue | None) -> int | float | None:
    """Return a number that JSON and the service can hold; None for anything else."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return value if math.isfinite(value) else None
    except OverflowError:  # an integer beyond any float
        return None


@dataclass(frozen=True)
class ThresholdRef:
    """Which threshold."""

    impulse_id: int
    block_id: int
    """The learn block's id."""
    key: str
    """Such as `min_score`, exactly as the service sent it."""

    @property
    def name(self) -> str:
        """The key, clean to show."""
        return clean(self.key) or "(no key)"


@dataclass(frozen=True)
class Option:
    """A choice of a threshold that is a word."""

    value: str
    """Exactly as the service sent it."""
    description: str = ""


@dataclass(frozen=True)
class StatedValue:
    """What one part of an answer says that a threshold is."""

    place: str
    """`CONFIG` or `METADATA`; with `anomaly` before it, of the answers about that block alone."""
    value: ThresholdValue | None
    """None: that it has none."""


@dataclass(frozen=True)
class Threshold:
    """A threshold as the service last described it. The service gives no bounds."""

    ref: ThresholdRef
    description: str = ""
    help_text: str = ""
    value: ThresholdValue | None = None
    suggested: ThresholdValue | None = None
    suggested_text: str = ""
    """What the service says of its suggestion."""
    options: tuple[Option, ...] = ()
    """What a word is chosen from; empty for a number, and for a free text."""
    place: str = CONFIG
    """The part of the answer that `value` is from."""
    others: tuple[StatedValue, ...] = ()
    """What else is said of the same key: by another part, or by the same where it lists the key twice."""

    @property
    def stated(self) -> tuple[StatedValue, ...]:
        """All that the service says it is, what counts first; empty where it has no value."""
        own = () if self.value is None else (StatedValue(self.place, self.value),)
        return (*own, *self.others)

    @property
    def differs(self) -> bool:
        """Whether the service says several things of it."""
        return any(not same(one.value, self.value) for one in self.others)

    def also(self, place: str, told: Iterable["Threshold"]) -> "Threshold":
        """Return it with what another answer, called `place`, says of the same key, where that is another value."""
        more = (one.value for threshold in told if threshold.ref.key == self.ref.key for one in threshold.stated)
        others = self.others
        for value in more:
            if not any(same(one.value, value) for one in (*self.stated, *others)):
                others = (*others, StatedValue(place, value))
        return self if others is self.others else replace(self, others=others)

    @property
    def kind(self) -> "ThresholdKind":
        """The rules for its values; without a value and without options it is taken for a number.

        Where one of the values could not be read no other may be written over it, and without a key nobody can say to
        the service which threshold is meant.
        """
        if not self.ref.key or any(isinstance(one.value, OtherValue) for one in self.stated):
            return UnknownKind(self)
        if self.options:
            return ChoiceKind(self)
        return TextKind(self) if isinstance(self.value, str) else NumberKind(self)


@dataclass(frozen=True)
class Change:
    """A new value for a threshold."""

    ref: ThresholdRef
    old: ThresholdValue | None
    """What the service said it was when the new one was chosen."""
    new: ThresholdValue


class Refused(EituiError):
    """A value cannot be typed, stepped or taken like this."""

    code = Code.UNFIT


class Ambiguous(Refused):
    """What was typed is how several values are shown."""


class Input(Enum):
    """How a value is entered by keyboard."""

    DIGITS = "digits"
    """Typed at once, or moved by steps."""
    LIST = "list"
    """Chosen from a list, which is opened."""
    TEXT = "text"
    """Typed after it was opened."""
    NONE = "none"
    """Not at all."""


@dataclass(frozen=True)
class ThresholdKind:
    """The rules for one threshold's values. This one refuses every value."""

    threshold: Threshold

    input: ClassVar[Input] = Input.NONE
    may_be_empty: ClassVar[bool] = False
    """Whether an empty text is a value."""
    compared: ClassVar[bool] = False
    """Whether scores are compared with it, so that a what-if can be computed."""

    @property
    def noun(self) -> str:
        """What its values are: `a number`."""
        return "of a kind that eitui does not know"

    def accepts(self, value: ThresholdValue) -> bool:
        """Return whether a value can be one of this threshold's."""
        return False

    def parse(self, text: str) -> ThresholdValue:
        """Return what was typed as a value: a number in full precision, an option as the service has it.

        Raises:
            Refused: it is none.
        """
        raise Refused("A value of this kind can only be changed in the Studio")

    def takes(self, character: str, *, typing: bool) -> bool:
        """Return whether a character continues what is typed; without `typing`, whether it begins to type."""
        return False

    def type(self, typed: str | None, value: ThresholdValue | None, text: str) -> str:
        """Return what is typed after `text` was typed or pasted; `typed` is None where nothing was before.

        Raises:
            Refused: `text` is no part of a value.
        """
        raise Refused("A value of this kind can only be changed in the Studio")

    def step(self, value: ThresholdValue | None, direction: int, *, coarse: bool) -> ThresholdValue | None:
        """Return the next value up (`direction` > 0) or down.

        Raises:
            Refused: there are no steps.
        """
        raise Refused("A value of this kind can only be changed in the Studio")

    def warnings(self, value: ThresholdValue) -> tuple[str, ...]:
        """Return what is odd about a value. The service gives no bounds, so nothing of this forbids anything."""
        return ()

    def number(self, value: ThresholdValue | None) -> float | None:
        """Return a value as the number that scores are compared with; None where it is none."""
        number = _finite(value)
        return None if number is None else float(number)

    def refusal(self, text: str, reason: str = "") -> str:
        """Return in a sentence why a value, shown as `text`, cannot be one of this threshold's."""
        because = f": {reason}" if reason else ""
        return f"{self.threshold.ref.name} is {self.noun}, and not {text or 'nothing'}{because}"


class UnknownKind(ThresholdKind):
    """A threshold whose value is a boolean, a list or an object, or that has no key: it is shown, and never changed."""

    def refusal(self, text: str, reason: str = "") -> str:
        """Return that the value cannot be changed from here."""
        if not self.threshold.ref.key:
            return "A threshold without a key cannot be changed: the service could not be told which is meant"
        unknown = (one.value for one in self.threshold.stated if isinstance(one.value, OtherValue))
        return f"{self.threshold.ref.name} is {self.noun}: {text_of(next(unknown, None))}"


class NumberKind(ThresholdKind):
    """A threshold that is a number."""

    input = Input.DIGITS
    compared = True

    @property
    def noun(self) -> str:
        """What its values are."""
        return "a number"

    def accepts(self, value: ThresholdValue) -> bool:
        """Return whether it is a number that the service can hold."""
        return _finite(value) is not None

    def parse(self, text: str) -> ThresholdValue:
        """Return the number that was typed; raise Refused where there is none."""
        number = parse_number(text)
        if isinstance(number, str):
            raise Refused(number)
        return number

    def takes(self, character: str, *, typing: bool) -> bool:
        """Return whether it is part of a number."""
        return character in (_DIGITS if typing else _FIRST_DIGITS)

    def type(self, typed: str | None, value: ThresholdValue | None, text: str) -> str:
        """Begin a number anew, or continue it."""
        digits = text.strip()
        if not digits or not _DIGITS.issuperset(digits):
            raise Refused(f"{clean(digits, 16) or 'A space'} is not part of a number")
        return ((typed or "") + digits)[:_MOST_TYPED]

    def step(self, value: ThresholdValue | None, direction: int, *, coarse: bool) -> ThresholdValue | None:
        """Return the number a fine or coarse step away. A probability between 0 and 1 stays there."""
        usual = _finite(self.threshold.value) or _finite(self.threshold.suggested) or 0
        number = usual if value is None else _finite(value)
        if number is None:
            return usual
        probability = is_probability(self.threshold)
        size = step_of(number, usual, probability=probability)[coarse]
        moved = add(number, size if direction > 0 else -size)
        if probability and 0 <= number <= 1 and not 0 <= moved <= 1:
            return 0 if moved < 0 else 1
        return moved

    def warnings(self, value: ThresholdValue) -> tuple[str, ...]:
        """Return what is odd about a number."""
        if not isinstance(value, int | float):
            return ()
        found = []
        if value < 0:
            found.append("Below 0")
        if value > 1 and is_probability(self.threshold):
            found.append("Above 1, and this is compared with scores from 0 to 1")
        if _finite(value) is None or (isinstance(value, int) and abs(value) > 2**53):
            found.append("More digits than the service can keep")
        suggested = _finite(self.threshold.suggested)
        if suggested is None or _finite(value) is None:
            return tuple(found)
        if is_probability(self.threshold):
            # Compared with a hair's breadth to spare: 0.9 - 0.6 is a little more than 0.3.
            far = abs(value - suggested) > FAR_SHARE + 1e-9
        else:
            far = abs(value) > FAR * abs(suggested) or abs(suggested) > FAR * abs(value) or value * suggested < 0
        return (*found, f"Far from the suggested {text_of(suggested)}") if far else tuple(found)


class ChoiceKind(ThresholdKind):
    """A threshold that is chosen from a list."""

    input = Input.LIST

    @property
    def noun(self) -> str:
        """What its values are: all options."""
        return f"one of {', '.join(clean(option.value) for option in self.threshold.options)}"

    @property
    def values(self) -> tuple[ThresholdValue, ...]:
        """The options as values: numbers where the present value is one, else texts as they came."""
        texts = tuple(option.value for option in self.threshold.options)
        if not isinstance(self.threshold.value, int | float):
            return texts
        numbers = ((text, parse_number(text)) for text in texts)
        return tuple(text if isinstance(number, str) else number for text, number in numbers)

    def place(self, value: ThresholdValue | None) -> int | None:
        """Return where a value is in the list; None where it is not an option."""
        return next((place for place, one in enumerate(self.values) if same(one, value)), None)

    def accepts(self, value: ThresholdValue) -> bool:
        """Return whether it is one of the options."""
        return self.place(value) is not None

    def parse(self, text: str) -> ThresholdValue:
        """Return the option that is written, or shown, like `text`; raise Refused where none is, or several are."""
        alike = matching(text, [option.value for option in self.threshold.options])
        if len({self.threshold.options[place].value for place in alike}) > 1:
            raise Ambiguous("Several options are shown like this")
        if not alike:
            raise Refused("")
        return self.values[alike[0]]

    def type(self, typed: str | None, value: ThresholdValue | None, text: str) -> str:
        """Refuse every character."""
        raise Refused("This is chosen from a list")

    def step(self, value: ThresholdValue | None, direction: int, *, coarse: bool) -> ThresholdValue | None:
        """Return the next option, or the previous one; the first is next to the last."""
        values, by, now = self.values, 1 if direction > 0 else -1, self.place(value)
        if now is None:  # none of the options: begin at an end
            now = -1 if by > 0 else 0
        return values[(now + by) % len(values)]

    def warnings(self, value: ThresholdValue) -> tuple[str, ...]:
        """Return what is odd about an option: what would be of a text or a number like it."""
        kind = TextKind if isinstance(value, str) else NumberKind
        return kind(self.threshold).warnings(value)


class TextKind(ThresholdKind):
    """A threshold that is a free text."""

    input = Input.TEXT
    may_be_empty = True

    @property
    def noun(self) -> str:
        """What its values are."""
        return "a text"

    def accepts(self, value: ThresholdValue) -> bool:
        """Return whether it is a text."""
        return isinstance(value, str)

    def parse(self, text: str) -> ThresholdValue:
        """Return the text as it was typed."""
        return text

    def takes(self, character: str, *, typing: bool) -> bool:
        """Return whether it can be typed, once the text was opened."""
        return typing and character.isprintable()

    def type(self, typed: str | None, value: ThresholdValue | None, text: str) -> str:
        """Continue the text."""
        if not text.isprintable():
            raise Refused("A control character cannot be typed")
        so_far = typed if typed is not None else value if isinstance(value, str) else text_of(value)
        if len(so_far) + len(text) > _MOST_TYPED:
            raise Refused(f"Longer than {_MOST_TYPED} characters")
        return so_far + text

    def step(self, value: ThresholdValue | None, direction: int, *, coarse: bool) -> ThresholdValue | None:
        """Refuse to step."""
        raise Refused("This is a text: type it")

    def warnings(self, value: ThresholdValue) -> tuple[str, ...]:
        """Return that a text is empty."""
        return () if value else ("The text is empty",)


def is_probability(threshold: Threshold) -> bool:
    """Return whether a threshold is compared with a probability, by its key or its description.

    Not where the service itself has or suggests a value that is no probability.
    """
    for value in (threshold.value, threshold.suggested):
        if value is not None and not (isinstance(value, int | float) and 0 <= value <= 1):
            return False
    text = f"{threshold.ref.key} {threshold.description} {threshold.help_text}".lower()
    if "anomaly" in text or "absolute error" in text:
        return False
    return threshold.ref.key in PROBABILITIES or any(word in text for word in _PROBABLE)


def matching(text: str, raw: Sequence[str]) -> list[int]:
    """Return the places of what is written exactly like `text`, else of all that is shown like it."""
    exact = [place for place, one in enumerate(raw) if one == text]
    return exact or [place for place, one in enumerate(raw) if clean(one) == text]
