"""Figures as short text: few digits, always the same conventions, `–` for what is not known.

None, NaN, infinities and figures that cannot be (negative memory) all show as `–`, so that no cell ever reads "nan".
"""

from datetime import datetime, tzinfo

from eitui.analysis.durations import coarse
from eitui.analysis.figures import FigureKind, FigureValue, finite

MISSING = "–"

EPOCH_SIGN, NETWORK_SIGN = "~", "+"
"""After a value of the last epoch that was not evaluated, and after a cost to which that of other blocks is to be added
that the service does not tell."""

_MINUTE, _HOUR = 60, 3600
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def percent(value: float | None) -> str:
    """Return a fraction 0..1 as a percentage with one decimal: `91.3%`. Only a full 1 reads `100.0%`.

    What is beyond 0..1 is no fraction, and is shown as the number it is.
    """
    fraction = finite(value)
    if fraction is None:
        return MISSING
    if not 0 <= fraction <= 1:
        return loss(fraction)
    scaled = fraction * 100
    return "99.9%" if 99.95 <= scaled < 100 else f"{scaled:.1f}%"


def loss(value: float | None) -> str:
    """Return a loss in some six characters: `0.0123`, `1.234`, `12.3`, `1234`, `1.2e4`, `1.2e-5`."""
    number = finite(value)
    if number is None:
        return MISSING
    size = abs(number)
    if size == 0:
        return "0"
    if size < 0.001 or size >= 10_000:
        return _scientific(number)
    decimals = next((digits for limit, digits in ((1, 4), (10, 3), (1000, 1)) if size < limit), 0)
    return f"{number:.{decimals}f}"


def latency(milliseconds: float | None) -> str:
    """Return a latency given in milliseconds: `8.4 ms`, `112 ms`, `1.3 s`."""
    number = _not_negative(milliseconds)
    if number is None:
        return MISSING
    if 0 < number < 0.05:
        return "<0.1 ms"
    if number < 999.5:
        return f"{_two_digits(number)} ms"
    return f"{_two_digits(number / 1000)} s"


def memory(size: float | None) -> str:
    """Return a size given in bytes: `812 B`, `14.2 KB`, `256 KB`, `1.3 MB`; whole ones (`8 KB`) without decimals.

    1 KB is 1,024 bytes and 1 MB 1,024 KB, as Edge Impulse's Studio counts. Negative sizes, which stand for "no
    figure", are `–`.
    """
    number = _not_negative(size)
    if number is None:
        return MISSING
    if number < 1023.5:
        return f"{number:.0f} B"
    for unit in ("KB", "MB", "GB"):
        number /= 1024
        if number < 1023.5:
            return f"{number:.{int(number < 99.95 and not number.is_integer())}f} {unit}"
    return f"{_scientific(number)} GB"


def milliseconds(value: float | None) -> str:
    """Return a latency given in milliseconds, under a heading that says so: `8.4`, `112`, `1300`."""
    number = _not_negative(value)
    return MISSING if number is None else "<0.1" if 0 < number < 0.05 else _two_digits(number)


def kilobytes(size: float | None) -> str:
    """Return a size given in bytes as KB, under a heading that says so: `0.8`, `34.9`, `256`, `1331`."""
    number = _not_negative(size)
    if number is None:
        return MISSING
    number /= 1024
    if 0 < number < 0.05:
        return "<0.1"
    if number >= 99_999.5:
        return _scientific(number)
    return f"{number:.{int(number < 99.95 and not number.is_integer())}f}"


def duration(seconds: float | None) -> str:
    """Return a span of time given in seconds as `eitui.analysis.durations.coarse`: `45s`, `12m`, `3h 05m`."""
    number = _not_negative(seconds)
    return MISSING if number is None else coarse(number)


def age(seconds: float | None) -> str:
    """Return how long ago something was, given in seconds: `3s`, `2m 10s`, `1h 05m`, `2d 00h`, `7 y`."""
    number = _not_negative(seconds)
    if number is None:
        return MISSING
    seconds_too = _MINUTE <= number < _HOUR
    return f"{coarse(number)} {int(number) % _MINUTE:02d}s" if seconds_too else coarse(number)


def clock(at: float | None, now: float, tz: tzinfo | None = None) -> str:
    """Return a time of day: `14:32`; `20 Nov 14:32` when not today, `20 Nov 2025 14:32` when not this year.

    `at` and `now` are seconds since the Unix epoch; `tz` is the time zone to show it in, None for this machine's.
    """
    if at is None:
        return MISSING
    try:
        then, today = datetime.fromtimestamp(at, tz), datetime.fromtimestamp(now, tz)
    except (OverflowError, ValueError, OSError):
        return MISSING
    time = f"{then:%H:%M}"
    if then.date() == today.date():
        return time
    day = f"{then.day} {_MONTHS[then.month - 1]}"
    return f"{day} {time}" if then.year == today.year else f"{day} {then.year} {time}"


def count(value: int | None) -> str:
    """Return a whole number with thousands apart: `1,234`."""
    return MISSING if value is None else f"{value:,}"


def _not_negative(value: float | None) -> float | None:
    number = finite(value)
    return number if number is not None and number >= 0 else None


def _two_digits(number: float) -> str:
    if number < 9.95:
        return f"{number:.1f}"
    return f"{number:.0f}" if number < 99_999.5 else _scientific(number)


def _scientific(number: float) -> str:
    mantissa, exponent = f"{number:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def number(value: float, digits: int = 6) -> str:
    """Return a parameter's number as people write it: whole ones whole, others with at most `digits` digits."""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.{digits}g}"


_FORMATS = {
    FigureKind.SHARE: percent,
    FigureKind.LOSS: loss,
    FigureKind.LATENCY: latency,
    FigureKind.MEMORY: memory,
}


def shown_value(value: FigureValue | None, kind: FigureKind) -> str:
    """Return a figure in the usual short form of its kind."""
    if value is None or isinstance(value, str):
        return MISSING if value is None else value
    return str(value) if isinstance(value, int) and kind not in _FORMATS else _FORMATS.get(kind, number)(value)
