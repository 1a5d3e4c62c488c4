"""Spans of time as people type them."""

import re

ACCEPTED = "90, 90s, 15m, 2h, 1h30m or 2d"
"""Examples of what `duration` reads, for messages."""

_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
_SPELLED = re.compile("(?=.)" + "".join(rf"(?:(\d{{1,6}}){unit})?" for unit in _UNITS), re.ASCII)
_BARE = re.compile(r"\d{1,9}", re.ASCII)


def spelled(text: str) -> float | None:
    """Return a span written with its units, such as `1h30m`, in seconds; None when it is none.

    The units are d, h, m and s, in this order; spaces and capitals do not matter.
    """
    found = _SPELLED.fullmatch("".join(text.split()).lower())
    if found is None:
        return None
    return sum(float(count or 0) * unit for count, unit in zip(found.groups(), _UNITS.values(), strict=True))


def duration(text: str) -> float:
    """Return a span of time in seconds: written with its units, or a bare number of seconds. Never 0.

    Raises:
        ValueError: it is none; the message is one line that says what is accepted.
    """
    said = text.strip()
    seconds = float(said) if _BARE.fullmatch(said) else spelled(said)
    if not seconds:
        raise ValueError(f"a span of time is expected, such as {ACCEPTED}")
    return seconds
