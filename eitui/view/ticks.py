"""Where the ticks of an axis go: few, at round figures, labelled alike."""

import math

_STEPS = (1, 2, 2.5, 5, 10)
_WHOLE_STEPS = (1, 2, 5, 10, 20, 25, 50)

_FLAT = 1e-9
"""Ranges narrower than this part of their size are widened: rounding would be all they show."""


def nice_range(low: float, high: float, most: int) -> tuple[float, float, float]:
    """Return a range with round ends that holds `low`..`high`, and a step that makes at most `most` ticks.

    `most` is 3 or more: a range about zero has a tick at zero, too.
    """
    size = max(abs(low), abs(high))
    if high - low <= max(_FLAT * size, 1e-12):
        margin = size / 2 or 0.5
        low, high = low - margin, high + margin
    power = 10.0 ** (math.floor(math.log10((high - low) / most)) - 1)
    while True:
        for factor in _STEPS[:-1]:
            step = factor * power
            first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
            if last - first + 1 <= most:
                return first * step, last * step, step
        power *= 10


def nice_ticks(low: float, high: float, step: float) -> list[float]:
    """Return the figures from `low` to `high`, both included, `step` apart."""
    return [low + index * step for index in range(round((high - low) / step) + 1)]


def tick_labels(ticks: list[float], step: float) -> list[str]:
    """Return the ticks as text with equally many decimals, or in powers of ten where that would be long."""
    size = max(map(abs, ticks))
    if size >= 100_000 or step < 0.001:
        return ["0" if tick == 0 else _power(tick) for tick in ticks]
    decimals = next(digits for digits in range(5) if abs(round(step, digits) - step) <= step * 1e-6)
    return [f"{tick:.{decimals}f}" for tick in ticks]


def whole_ticks(first: int, last: int, most: int) -> list[int]:
    """Return round whole numbers from `first` to `last`, both included, at most `most` (≥ 2) of them."""
    span = max(1, last - first)
    scale = 1
    while True:
        for factor in _WHOLE_STEPS:
            step = factor * scale
            if span // step > most:
                continue
            # A tick close to an end would run into the end's label.
            inner = range(first - first % step + step, last, step)
            apart = [tick for tick in inner if min(tick - first, last - tick) >= step * 0.6]
            if len(apart) + 2 <= most:
                return [first, *apart, last]
        scale *= 100


def _power(tick: float) -> str:
    mantissa, exponent = f"{tick:.1e}".split("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}"
