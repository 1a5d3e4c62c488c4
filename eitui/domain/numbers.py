"""Numbers as people type and step them: exact in decimal, and without losing a digit."""

import math
import re
from decimal import Context, Decimal

LONGEST_NUMBER = 48
"""Most characters of a number that is typed: 17 digits are all that a float has."""

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)

_EXACT = Context(prec=60)

_CENTS = -2
"""Steps of a number from 0.1 to 10 are 0.01 and 0.1, as power of ten."""


def parse_number(text: str) -> int | float | str:
    """Return the number that was typed, or (as a text) why it is none.

    Digits without point or exponent are an integer, anything else a float.
    """
    typed = text.strip()
    if not typed:
        return "Type a number"
    if "," in typed and _NUMBER.fullmatch(typed.replace(",", ".", 1)):
        return "Write a point, not a comma"
    if len(typed) > LONGEST_NUMBER:
        return f"Longer than {LONGEST_NUMBER} characters"
    if not _NUMBER.fullmatch(typed):
        return "This is not a number"
    if typed.lstrip("+-").isdigit():
        return int(typed)
    number = float(typed)
    if math.isinf(number):
        return "Larger than any number the service can keep"
    if number == 0 and any(digit in "123456789" for digit in typed.lower().partition("e")[0]):
        return "Too close to 0 for the service to keep"
    return number


def step_of(value: float, usual: float, *, probability: bool = False) -> tuple[Decimal, Decimal]:
    """Return the fine and the coarse step at `value`, of a number that is usually about `usual`.

    0.01 and 0.1 for probabilities and for numbers of their size; else in proportion: of 350 it is 1 and 10, of 0.003
    it is 0.0001 and 0.001. `usual` keeps the steps from shrinking on the way to 0.
    """
    largest = max(_size(value), _size(usual))
    if probability or not largest:
        power = _CENTS
    else:
        exponent = largest.adjusted()
        power = exponent - 2 if exponent >= 1 else exponent - 1 if exponent < -1 else _CENTS
    fine = Decimal(1).scaleb(power, _EXACT)
    return fine, fine * 10


def _size(value: float) -> Decimal:
    return abs(Decimal(repr(value)))


def add(value: int | float, step: Decimal) -> int | float:
    """Return `value + step` in decimal: 0.1 + 0.2 is 0.3. Where that is no finite float, `value`."""
    total = _EXACT.add(Decimal(repr(value)), step)
    if isinstance(value, int) and total == total.to_integral_value():
        return int(total)
    number = float(total)
    return number if math.isfinite(number) else value
