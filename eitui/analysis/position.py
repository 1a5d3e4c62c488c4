"""The place in a recording that is looked at, how it moves, and where to: times are seconds since the Unix epoch."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo

from eitui.analysis.durations import parse_duration
from eitui.domain.text import clean

Times = Sequence[float]
"""When each poll was: seconds since the Unix epoch, never decreasing."""

SPEEDS = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
"""How many seconds of the recording go by in a second of playing."""

USUAL_SPEED = 60

_GAP = 60.0
"""Seconds between two polls from which nothing was seen, unless the caller knows the polls to be further apart."""

CROSSING = 1.0
"""Seconds of playing that a gap takes at most: nobody waits for hours in which nothing was seen."""


@dataclass(frozen=True)
class Position:
    """A place in the polls of a recording.

    The functions of this module take the times of the polls, which never decrease and of which several may be the
    same, and keep `index` among them.
    """

    index: int = 0
    """The poll that is shown."""
    at: float = 0.0
    """The time reached: that of the poll, or while playing one before the next poll."""
    playing: bool = False
    speed: int = USUAL_SPEED
    over: bool = False
    """Whether the last move, or playing, ran into the end of the recording."""


def place(head: Position, index: int, times: Times) -> Position:
    """Go to a poll, or the nearest there is."""
    if not times:
        return replace(head, index=0, at=0.0, over=True)
    kept = max(0, min(index, len(times) - 1))
    return replace(head, index=kept, at=times[kept], over=index > kept)


def seek(head: Position, at: float, times: Times) -> Position:
    """Go to what was to be seen at a time: the last poll by then, or the first there is."""
    found = place(head, bisect_right(times, at) - 1, times)
    return replace(found, over=not times or at > times[-1])


def move_position(head: Position, seconds: float, times: Times) -> Position:
    """Go `seconds` further, or back when it is negative, and by one poll at least."""
    if not times:
        return place(head, 0, times)
    found = seek(head, times[head.index] + seconds, times)
    if seconds > 0 and found.index <= head.index:
        return place(head, head.index + 1, times)
    if seconds < 0 and found.index >= head.index:
        return place(head, head.index - 1, times)
    return found


def to_mark(head: Position, direction: int, marks: Sequence[float], times: Times) -> Position | None:
    """Go to the next time of `marks` (`direction` 1) or the previous one (-1); None: there is none that way.

    The poll of a mark is the one at its time, or the first after it.
    """
    found = []
    for mark in marks:
        poll = bisect_left(times, mark)
        if poll < len(times) and times[poll] == mark:
            poll = bisect_right(times, mark) - 1
        if poll < len(times) and (poll - head.index) * direction > 0:
            found.append(poll)
    return place(head, min(found) if direction > 0 else max(found), times) if found else None


def faster(head: Position, by: int = 1) -> Position:
    """Take the next of `SPEEDS`, or one further on; the slower ones when `by` is negative."""
    at = bisect_left(SPEEDS, head.speed)
    return replace(head, speed=SPEEDS[max(0, min(at + by, len(SPEEDS) - 1))])


def advance(head: Position, elapsed_s: float, times: Times, gap_s: float = _GAP) -> Position:
    """Play for `elapsed_s` seconds; stop at the end.

    Recorded time passes `speed` times faster, and faster still between two polls more than `gap_s` apart, which takes
    `CROSSING` seconds at most.
    """
    if not head.playing:
        return head
    index, left = head.index, elapsed_s
    at = max(head.at, times[index]) if times else head.at
    while index + 1 < len(times):
        apart = times[index + 1] - times[index]
        rate = max(head.speed, apart / CROSSING) if apart > gap_s else float(head.speed)
        needed = (times[index + 1] - at) / rate
        if needed > left:
            return replace(head, index=index, at=min(at + left * rate, times[index + 1]), over=False)
        index, at, left = index + 1, times[index + 1], left - max(0.0, needed)
    return replace(head, index=index, at=at, playing=False, over=True)


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
    if day:
        days = [date.fromisoformat(day)]
    else:
        newest, oldest = (datetime.fromtimestamp(end, tz).date() for end in (times[-1], times[0]))
        days = [newest - timedelta(days=back) for back in range(min((newest - oldest).days + 1, _MOST_DAYS))]
    found = [datetime.combine(one, clock, tz).timestamp() for one in days]
    within = [max(start, times[0]) for start in found if start + length >= times[0] and start <= times[-1]]
    if not within:
        first, last = (f"{datetime.fromtimestamp(end, tz):%Y-%m-%d %H:%M}" for end in (times[0], times[-1]))
        return f"{typed} is outside of the recording: {first} to {last}"
    return min(within, key=lambda start: abs(start - at))
