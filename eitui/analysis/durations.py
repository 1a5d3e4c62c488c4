"""Spans of time as people type them, and as they read them."""

import re

_ACCEPTED = "90, 90s, 15m, 2h, 1h30m or 2d"
"""Examples of what `parse_duration` reads, for messages."""

_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
_SPELLED = re.compile("(?=.)" + "".join(rf"(?:(\d{{1,6}}){unit})?" for unit in _UNITS), re.ASCII)
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_YEAR, _YEARS = 365.25, 1000
"""Days in a year, and the most years that are told."""

_BARE = re.compile(r"\d{1,9}", re.ASCII)


def parse_spelled_duration(text: str) -> float | None:
    """Return a span written with its units, such as `1h30m`, in seconds; None when it is none.

    The units are d, h, m and s, in this order; spaces and capitals do not matter.
    """
    found = _SPELLED.fullmatch("".join(text.split()).lower())
    if found is None:
        return None
    return sum(float(count or 0) * unit for count, unit in zip(found.groups(), _UNITS.values(), strict=True))


def parse_duration(text: str) -> float:
    """Return a span of time in seconds: written with its units, or a bare number of seconds. Never 0.

    Raises:
        ValueError: it is none; the message is one line that says what is accepted.
    """
    stripped = text.strip()
    seconds = float(stripped) if _BARE.fullmatch(stripped) else parse_spelled_duration(stripped)
    if not seconds:
        raise ValueError(f"a span of time is expected, such as {_ACCEPTED}")
    return seconds


def coarse(seconds: float) -> str:
    """Return a span of at least 0 seconds, coarsely: `45s`, `12m`, `3h 05m`, `1d 04h`, `7 y`.

    From one minute on it changes once a minute at most: a header that shows it need not be redrawn every second.
    """
    whole = int(seconds)
    if whole < _MINUTE:
        return f"{whole}s"
    if whole < _HOUR:
        return f"{whole // _MINUTE}m"
    if whole < _DAY:
        return f"{whole // _HOUR}h {whole % _HOUR // _MINUTE:02d}m"
    days = whole // _DAY
    if days < 2 * _YEAR:
        return f"{days}d {whole % _DAY // _HOUR:02d}h"
    years = int(days / _YEAR)
    return f"{years} y" if years <= _YEARS else f"over {_YEARS} y"
