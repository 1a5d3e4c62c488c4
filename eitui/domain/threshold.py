"""Thresholds of learn blocks: what can be changed without training again."""

from dataclasses import dataclass

from eitui.domain.text import clean

Value = int | float | str
"""A number in full precision, or a word exactly as the service sent it: to be shown through `clean`."""


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
        return clean(self.key)


@dataclass(frozen=True)
class Option:
    """A choice of a threshold that is a word."""

    value: str
    """Exactly as the service sent it."""
    description: str = ""


@dataclass(frozen=True)
class Threshold:
    """A threshold as the service last described it. The service gives no bounds."""

    ref: ThresholdRef
    description: str = ""
    help_text: str = ""
    value: Value | None = None
    suggested: Value | None = None
    suggested_text: str = ""
    """What the service says of its suggestion."""
    options: tuple[Option, ...] = ()
    """What a word is chosen from; empty for a number, and for a free text."""


@dataclass(frozen=True)
class Change:
    """A new value for a threshold."""

    ref: ThresholdRef
    old: Value | None
    """What the service said it was when the new one was chosen."""
    new: Value


def same(one: Value | None, other: Value | None) -> bool:
    """Return whether two values are the same on the service: 1 and 1.0 are, "1" and 1 are not."""
    return isinstance(one, str) == isinstance(other, str) and one == other
