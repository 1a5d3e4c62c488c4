"""Single values of an answer as what they should be: None or empty is what the service did not say, or said as NaN."""

import math
from datetime import UTC, datetime
from typing import TypeVar

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
    """As `to_number`, rounded: a fraction of a byte or an epoch is a quirk of whoever computed it.

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


def positive(value: float | None) -> float | None:
    """Return a number above 0; None for what the service writes as 0 or -1 where it knows none."""
    return value if value is not None and value > 0 else None


def positive_whole(value: int | None) -> int | None:
    """As `positive`, for a whole number."""
    return value if value is not None and value > 0 else None


_Number = TypeVar("_Number", int, float)


def not_negative(value: _Number | None) -> _Number | None:
    """Return a number from 0; None for a cost or a size that cannot be."""
    return value if value is not None and value >= 0 else None
