"""What the header says of a time that is not now, and of how it stands with the recording."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from eitui.analysis.clock import age_s, freshness
from eitui.domain.moment import EMPTY_MOMENT, Freshness, Instant, Keeping, Moment, Recording
from eitui.domain.text import clean
from eitui.view.kit import format as fmt
from eitui.view.kit.lines import EMPTY_LINE, Line

MOST_LOST = 3
"""Lines about what could not be read of a recording."""

_WHAT_LENGTH = 160
"""Characters of why a recording fails: what is safe must still be in sight."""

_KEPT = {
    Keeping.HERE: ("◉ rec", "dim"),
    Keeping.ELSEWHERE: ("◎ rec elsewhere", "dim"),
    Keeping.FAILED: ("✗ not recorded", "bad"),
}


@dataclass(frozen=True)
class Past:
    """Which time the screen shows, and how it is played."""

    live: bool = True
    """Whether the run goes on meanwhile; False: it is a recording that is replayed."""
    at: float | None = None
    """The time shown, in seconds since the Unix epoch; None: nothing is shown yet."""
    playing: bool = False
    speed: int = 1
    edge: Moment = EMPTY_MOMENT
    """The newest there is of a run that goes on."""
    new_alerts: int = 0
    """Alerts live since it was left."""
    lost: tuple[str, ...] = ()
    """What of the recording could not be read."""


def whereabouts(past: Past, now: Instant, tz: tzinfo | None = None) -> Line:
    """Return which time is shown and how fast it goes by. `now` is the present."""
    word = "PAST" if past.live else "REPLAY"
    if past.at is None:
        return ((word, "warn"),)
    since = now.wall - past.at
    # A clock that was set back since tells nothing.
    ago = f" ({_minutes(since)} ago)" if past.live and since >= 0 else ""
    pace = f" {'▶' if past.playing else '❚❚'} {past.speed}×"
    return ((f"{word} {clock_s(past.at, now.wall, tz)}{ago}", "warn"), (pace, "accent" if past.playing else "dim"))


def clock_s(at: float, now: float, tz: tzinfo | None = None) -> str:
    """Return a time of day as `eitui.view.kit.format.clock`, to the second."""
    shown = fmt.clock(at, now, tz)
    return shown if shown == fmt.MISSING else f"{shown}:{datetime.fromtimestamp(at, tz):%S}"


def _minutes(seconds: float) -> str:
    return fmt.duration(seconds) if seconds >= 60 else "<1m"


def live_edge(past: Past, now: Instant) -> Line:
    """Return how it stands with the run while its past is looked at; nothing in a replay."""
    if not past.live:
        return EMPTY_LINE
    state, age = freshness(past.edge.connection, now.mono), age_s(past.edge.connection, now.mono)
    shown = f" {fmt.age(age)}" if age is not None and state is not Freshness.LIVE else ""
    count = past.new_alerts
    news = f"{count} new alert{'s' * (count != 1)}, live" if count else "live"
    return ((news, "warn" if count else "dim"), (f": {state}{shown}", "dim"))


def lost(past: Past) -> list[str]:
    """Return what of the recording could not be read, a few lines of it."""
    more = len(past.lost) - MOST_LOST
    return [*past.lost[:MOST_LOST], *([f"and {more} more like it"] if more > 0 else [])]


def kept_line(recording: Recording) -> Line:
    """Return whether what is seen is being recorded; nothing when that was not asked for."""
    note = _KEPT.get(recording.keeping)
    return EMPTY_LINE if note is None else (note,)


def why_not_kept(recording: Recording) -> str:
    """Return why it is not recorded, and what is safe; empty when all is well."""
    if recording.keeping is not Keeping.FAILED:
        return ""
    problem = recording.problem
    note = [] if problem is None else [f"{clean(problem.what, _WHAT_LENGTH)}.", problem.advice]
    return " ".join(filter(None, ["Not recorded:" if note else "Not recorded.", *note, _SAFE]))


_SAFE = "Earlier recordings are safe; watching continues."
