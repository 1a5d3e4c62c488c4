"""How long a request that was not answered may still take effect."""

from collections.abc import Callable

from eitui.domain.edit import Entry

GRACE_S = 30.0
"""For so long after an answer was given up, in seconds, the request may still take effect: a slow service works on."""


class Grace:
    """Counts down, for entries that are not settled, until it can be known that they were not applied.

    An entry that is seen for the first time is as old as the wall clock says, which processes share. From then on the
    monotonic clock counts, so that nobody shortens or lengthens the time by setting the clock.

    Args:
        length_s: how long a request may still take effect, in seconds.
        now: gives seconds since the Unix epoch.
        mono: gives seconds of a clock that is never set.

    """

    def __init__(self, length_s: float, now: Callable[[], float], mono: Callable[[], float]) -> None:
        self._length_s, self._now, self._mono = length_s, now, mono
        self._since: dict[tuple[int, float], float] = {}

    def is_ahead(self, entry: Entry) -> bool:
        """Whether an entry not seen before is of a time that is still to come: the clock was set back since."""
        return _of(entry) not in self._since and _last(entry) > self._now()

    def left(self, entry: Entry) -> float:
        """Return in how many seconds it can be known that an entry was not applied; 0 when it can be.

        How old one of the future is nobody knows: it is given the whole time, from when it is first seen.
        """
        mono = self._mono()
        since = self._since.setdefault(_of(entry), mono - max(0.0, self._now() - _last(entry)))
        return max(0.0, self._length_s - (mono - since))


def _of(entry: Entry) -> tuple[int, float]:
    return entry.number, _last(entry)


def _last(entry: Entry) -> float:
    return entry.intended_at if entry.reported_at is None else entry.reported_at
