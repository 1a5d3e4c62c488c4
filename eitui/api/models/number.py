"""Numbers, switches and times as the models hold them: None is what the service did not say, or said as NaN."""

import math
from datetime import UTC, datetime
from typing import Annotated

from pydantic import PlainValidator

from eitui.api.models.text import AsItCame, Raw, to_text
from eitui.domain.text import clean
from eitui.domain.threshold import OtherValue, from_json

LARGEST_WHOLE = 2**53
"""Beyond it a float, JSON's own number, is no longer exact: nothing the service counts comes near."""


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


def to_flag(value: object) -> bool | None:
    """Return a boolean, and None for anything else."""
    return value if isinstance(value, bool) else None


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


def to_scalar(value: object) -> str | bool | int | float | None:
    """Return a text (clean), a boolean or a finite number as it is; None for anything else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, int) else None


def to_threshold(value: object) -> int | float | Raw | OtherValue | None:
    """Return a threshold's value: a finite number in full precision, a text raw, any other kind as it came."""
    if isinstance(value, Raw | OtherValue):
        return value
    known = from_json(value)
    return Raw(known) if isinstance(known, str) else known


def _numbers(value: object) -> tuple[float | None, ...]:
    return tuple(map(to_number, value)) if isinstance(value, list | tuple) else ()


def _wholes(value: object) -> tuple[int | None, ...]:
    return tuple(map(to_whole, value)) if isinstance(value, list | tuple) else ()


def _matrix(value: object) -> tuple[tuple[float | None, ...], ...]:
    return tuple(map(_numbers, value)) if isinstance(value, list | tuple) else ()


def _cube(value: object) -> tuple[tuple[tuple[float | None, ...], ...], ...]:
    return tuple(map(_matrix, value)) if isinstance(value, list | tuple) else ()


def _id(value: object) -> str | None:
    return to_text(value) or None


Number = Annotated[float | None, PlainValidator(to_number)]
Whole = Annotated[int | None, PlainValidator(to_whole)]
Flag = Annotated[bool | None, PlainValidator(to_flag)]
Time = Annotated[float | str | None, PlainValidator(to_time)]
"""Seconds since the Unix epoch; a text where the service's date-time could not be read."""
Scalar = Annotated[str | bool | int | float | None, PlainValidator(to_scalar)]
ThresholdValue = Annotated[int | float | Raw | OtherValue | None, PlainValidator(to_threshold), AsItCame]
Numbers = Annotated[tuple[float | None, ...], PlainValidator(_numbers)]
Wholes = Annotated[tuple[int | None, ...], PlainValidator(_wholes)]
Matrix = Annotated[tuple[tuple[float | None, ...], ...], PlainValidator(_matrix)]
"""A list of rows."""
Cube = Annotated[tuple[tuple[tuple[float | None, ...], ...], ...], PlainValidator(_cube)]
"""A list of matrices."""
Id = Annotated[str | None, PlainValidator(_id)]
"""An id as text: the document has the same ids as numbers in one place and as texts in another."""
