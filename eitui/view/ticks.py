"""Where the ticks of an axis go: few, at round figures, labelled alike."""

import math

_STEPS = (1, 2, 2.5, 5, 10)
_WHOLE_STEPS = (1, 2, 5, 10, 20, 25, 50)

_LOG_FACTORS = (1, 2, 5)

_NARROW = 3.0
"""Ranges whose end is less than so many times their beginning have plain ticks on a logarithmic axis, too."""

_FLAT = 1e-9
"""Ranges narrower than this part of their size are widened: rounding would be all they show."""

_TINIEST = 1e-300
"""Figures about zero that are smaller have no powers of ten to divide them by."""


def nice_range(low: float, high: float, most: int) -> tuple[float, float, float]:
    """Return a range with round ends that holds `low`..`high`, and a step that makes at most `most` ticks.

    `most` is 3 or more: a range about zero has a tick at zero, too.
    """
    size = max(abs(low), abs(high))
    if high - low <= max(_FLAT * size, 1e-12):
        margin = size / 2 if size > _TINIEST else 0.5
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


def log_range(low: float, high: float, most: int) -> tuple[float, float, list[float]]:
    """Return a range that holds `low`..`high`, both above zero, and at most `most` (≥ 3) ticks of a logarithmic axis.

    The ticks are 1, 2 and 5 times powers of ten, fewer of them where those are too many, and plain round figures
    where the range is too narrow for them.
    """
    if high / low < _NARROW:
        first, last, step = nice_range(low, high, most)
        ticks = [tick for tick in nice_ticks(first, last, step) if tick > low * 1e-6]
        return (min(low, ticks[0]), max(high, ticks[-1]), ticks)
    bottom, top = math.floor(math.log10(low)), math.ceil(math.log10(high))
    round_ones = [factor * 10.0**power for power in range(bottom - 1, top + 1) for factor in _LOG_FACTORS]
    first = max(one for one in round_ones if one <= low)
    last = min((one for one in round_ones if one >= high), default=10.0**top)
    for factors, every in ((_LOG_FACTORS, 1), ((1, 3), 1), *(((1,), every) for every in (1, 2, 5, 10, 50))):
        powers = range(bottom // every * every, top + 1, every)
        ticks = [tick for power in powers for factor in factors if first <= (tick := factor * 10.0**power) <= last]
        if len(ticks) <= most:
            break
    return first, last, ticks


def tick_labels(ticks: list[float], step: float) -> list[str]:
    """Return the ticks as text with equally many decimals, or in powers of ten where that would be long."""
    size = max(map(abs, ticks))
    if size >= 100_000 or step < 0.001:
        return ["0" if tick == 0 else _power(tick) for tick in ticks]
    decimals = next(digits for digits in range(5) if abs(round(step, digits) - step) <= step * 1e-6)
    return [f"{tick:.{decimals}f}" for tick in ticks]


def log_labels(ticks: list[float]) -> list[str]:
    """Return the ticks of a logarithmic axis as text, each with the digits it needs."""
    labels = [f"{tick:g}" if 0.001 <= tick < 100_000 else _power(tick) for tick in ticks]
    # Far from zero and close to one another they would read the same.
    return labels if len(set(labels)) == len(ticks) else tick_labels(ticks, ticks[1] - ticks[0])


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
