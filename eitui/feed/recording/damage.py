"""What of a recording is lost, in words."""

import time
from dataclasses import dataclass, field


@dataclass
class Damage:
    """Counts what cannot be read."""

    _ranges: dict[tuple[float | None, float], None] = field(default_factory=dict)
    """When events that cannot be read were: after the first time, before the second."""
    _events: dict[float, None] = field(default_factory=dict)
    _sittings: bool = False
    _disorder: bool = False

    def events(self, since: float | None, until: float) -> None:
        """Take note that the events between two others cannot be read; times are seconds since the Unix epoch."""
        self._ranges[since, until] = None

    def event(self, wall: float) -> None:
        """Take note that one event cannot be used."""
        self._events[wall] = None

    def sitting(self) -> None:
        """Take note that it is lost how often a process asked."""
        self._sittings = True

    def disorder(self) -> None:
        """Take note that the file is not as it should be, whether or not anything is lost by that."""
        self._disorder = True

    def lines(self, pieces: int) -> list[str]:
        """Return what is lost, a line each; `pieces` is how many trials' descriptions are."""
        losses = [_between(since, until) for since, until in self._ranges]
        if self._events:
            times = sorted(self._events)
            what = "a poll" if len(times) == 1 else f"{len(times)} polls"
            losses.append(f"The recording is damaged: {what} from {_clock(times[0])} on cannot be read")
        if pieces:
            what = "one state of a trial is" if pieces == 1 else f"{pieces} states of trials are"
            losses.append(f"The recording is damaged: {what} lost; those trials are shown as they were before")
        if self._sittings:
            losses.append("The recording is damaged: how often the service was asked is lost")
        if self._disorder and not losses:
            losses.append("The file of the recording is damaged; nothing of the run is known to be lost")
        return losses


def _between(since: float | None, until: float) -> str:
    if since is None:
        return f"The recording is damaged: what was before {_clock(until)} cannot be read"
    return f"The recording is damaged: what was between {_clock(since)} and {_clock(until)} cannot be read"


def _clock(wall: float) -> str:
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(wall))
    except (OverflowError, ValueError, OSError):
        return "an unknown time"
