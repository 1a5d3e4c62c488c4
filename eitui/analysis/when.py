"""What a person types to say where in a recording to go."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta, tzinfo

from eitui.analysis.durations import parse_duration
from eitui.domain.text import clean

TIME_EXAMPLES = "03:12 · -10m · +1h30m · 2h · 50% · 2026-01-15 09:30"
"""One of each kind that `parse_when` understands."""

_SHARE = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)%", re.ASCII)
_TIME = re.compile(r"(?:(\d{4}-\d{2}-\d{2})[ T])?(\d{1,2}:\d{2})(:\d{2})?", re.ASCII)

_MOST_DAYS = 10_000
"""Days that are looked through for a time of day: a damaged recording may seem to go on for centuries."""


def parse_when(text: str, times: Sequence[float], at: float, tz: tzinfo | None = None) -> float | str:
    """Return the time that `text` means, in seconds since the Unix epoch; or why it means none, in words for the user.

    A time of day is the one nearest to `at` within the recording; `+1h30m` and `-10m` count from `at`, `2h` from the
    beginning and `50%` is a share of the whole. What is counted ends where the recording ends.

    Args:
        text: as typed.
        times: when each poll was, in seconds since the Unix epoch; never decreasing.
        at: where one is, likewise.
        tz: the time zone of times of day; None for this machine's.

    """
    typed = text.strip()
    if not times:
        return "Nothing is recorded yet."
    if not typed:
        return f"Type a time: {TIME_EXAMPLES}"
    try:
        found = _counted(typed.replace(" ", "").lower(), times, at)
        return _of_day(typed, times, at, tz) if found is None else max(times[0], min(found, times[-1]))
    except (OverflowError, ValueError, OSError):
        # Python's calendar has no such day, or no such hour.
        return f"There is no such time: {clean(typed, 40)}"


def _counted(typed: str, times: Sequence[float], at: float) -> float | None:
    if share := _SHARE.fullmatch(typed):
        return times[0] + (times[-1] - times[0]) * min(1.0, float(share[1]) / 100)
    sign = typed[:1] if typed[:1] in ("+", "-", "−") else ""
    # A bare number may be anything.
    if not typed.endswith(("d", "h", "m", "s")):
        return None
    try:
        seconds = parse_duration(typed[len(sign) :])
    except ValueError:
        return None
    if not sign:
        return times[0] + seconds
    return at + seconds if sign == "+" else at - seconds


def _of_day(typed: str, times: Sequence[float], at: float, tz: tzinfo | None) -> float | str:
    match = _TIME.fullmatch(typed)
    if match is None:
        return f"Not a time: {clean(typed, 40)}. Try {TIME_EXAMPLES}"
    day, minute, second = match.groups()
    clock = time.fromisoformat(f"{minute:0>5}{second or ''}")
    # Who leaves out the seconds means any of that minute.
    length = 0.0 if second else 59.999
    days = [date.fromisoformat(day)] if day else _days(times[0], times[-1], tz)
    found = [datetime.combine(one, clock, tz).timestamp() for one in days]
    within = [max(start, times[0]) for start in found if start + length >= times[0] and start <= times[-1]]
    if not within:
        first, last = (f"{datetime.fromtimestamp(end, tz):%Y-%m-%d %H:%M}" for end in (times[0], times[-1]))
        return f"{typed} is outside of the recording: {first} to {last}"
    return min(within, key=lambda start: abs(start - at))


def _days(first: float, last: float, tz: tzinfo | None) -> Iterator[date]:
    """Yield the days of a recording, newest first."""
    day, end = datetime.fromtimestamp(last, tz).date(), datetime.fromtimestamp(first, tz).date()
    for _ in range(_MOST_DAYS):
        if day < end:
            return
        yield day
        day -= timedelta(days=1)
