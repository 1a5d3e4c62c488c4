"""Numbers as they are typed in a filter: shares as 0.9 or 90%, memory as 64K, latency as 50, 50ms or 1.3s."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from eitui.analysis.figures import FigureKind, finite
from eitui.analysis.query.errors import QueryError
from eitui.analysis.query.tokens import Token

_NUMBER = re.compile(r"([+-]?(?:\d+(?:\.(\d*))?|\.(\d+)))(?:e([+-]?\d{1,3}))?\s*([a-zµμ%]*)", re.ASCII)


@dataclass(frozen=True)
class _Quantity:
    """A number as it was typed."""

    value: float
    half_digit: float
    """Half of one in its last digit: figures nearer than that read the same."""


class Unit(NamedTuple):
    """What a unit multiplies by: powers of ten apart, so that 95% is 0.95 to the last bit."""

    factor: float = 1.0
    power: int = 0


@dataclass(frozen=True)
class Measure:
    """What a field counts, and how that is typed."""

    units: Mapping[str, Unit]
    """By how each is written, in small letters; the empty text is a number alone."""
    example: str
    """For messages: a number is expected, such as …."""
    most: float | None = None
    """Largest number that makes sense."""
    what: str = "a number"

    def read(self, token: Token) -> _Quantity:
        """Return the number that `token` says.

        Raises:
            QueryError: it says none, or one with a unit that the field does not have.
        """
        found = _NUMBER.fullmatch(token.text.strip().lower())
        unit = self.units.get(found[5]) if found is not None else None
        if found is None or unit is None:
            raise self.error(token.at)
        number, decimals, only_decimals, exponent, _ = found.groups()
        power = int(exponent or 0) + unit.power
        value = finite(float(f"{number}e{power}") * unit.factor)
        if value is None or (self.most is not None and abs(value) > self.most):
            raise self.error(token.at)
        last_digit = power - len(decimals or only_decimals or "")
        return _Quantity(value, float(f"5e{last_digit - 1}") * unit.factor)

    def lacks_unit(self, token: Token) -> bool:
        """Whether `token` is a number with nothing after it, where there might be a unit."""
        return len(self.units) > 1 and token.text[-1:] in ".0123456789"

    def error(self, position: int) -> QueryError:
        """Return what to say where a number was expected."""
        return QueryError(f"{self.what} is expected here, such as {self.example}", position)


_ONE = Unit()
_MICRO = Unit(power=-3)
PLAIN = Measure({"": _ONE}, "0.5 or 10")
_SHARE = Measure({"": _ONE, "%": Unit(power=-2)}, "0.9 or 90%", 1.0, "a fraction 0..1 or a percentage")
MILLISECONDS = Measure(
    {"": _ONE, "ms": _ONE, "s": Unit(power=3), "us": _MICRO, "µs": _MICRO, "μs": _MICRO}, "50, 50ms or 1.3s"
)
BYTES = Measure(
    {"": _ONE, "b": _ONE}
    | {
        letter + ending: Unit(1024.0**times)
        for times, letter in enumerate("kmg", start=1)
        for ending in ("", "b", "ib")
    },
    "64KB, 1MB or 65536 (bytes)",
)
"""KB, or K for short, is 1,024 bytes, as the table shows it."""

MEASURES: Mapping[FigureKind, Measure] = {
    FigureKind.SHARE: _SHARE,
    FigureKind.LOSS: PLAIN,
    FigureKind.LATENCY: MILLISECONDS,
    FigureKind.MEMORY: BYTES,
    FigureKind.COUNT: PLAIN,
    FigureKind.FAULTS: PLAIN,
}
"""How a figure of each kind that is a number is typed."""
