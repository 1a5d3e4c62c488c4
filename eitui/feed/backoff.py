"""When to try again."""

from collections.abc import Callable

CAP = 60.0
"""Longest wait between tries before jitter, in seconds; a longer interval takes its place."""


def delay(failures: int, interval: float, random: Callable[[], float], retry_after: float | None = None) -> float:
    """Seconds to wait after `failures` tries in a row went wrong (1 is the first).

    Doubles from `interval` to `CAP`; jitter adds up to half of it, so that many monitors do not come back at the same
    instant. A service in trouble is never asked sooner than a healthy one, nor sooner than it says (`retry_after`).
    `random` returns 0 <= x < 1.
    """
    doubled = min(max(CAP, interval), interval * 2.0 ** min(failures - 1, 16))
    jittered = doubled * (1 + random() / 2)
    return max(jittered, retry_after or 0.0)
