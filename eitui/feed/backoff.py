"""When to try again."""

from collections.abc import Callable

CAP = 60.0
"""Longest wait between tries before jitter, in seconds; a longer interval takes its place."""


FIRST_AFTER_REFUSAL, LONGEST_AFTER_REFUSAL = 60.0, 600.0
"""Seconds to the next try after a service that has answered refuses: such a thing seldom passes soon."""


def delay_after_refusal(refusals: int, interval: float) -> float:
    """Seconds to wait after `refusals` in a row (1 is the first), never less than between polls (`interval`)."""
    return max(interval, min(LONGEST_AFTER_REFUSAL, FIRST_AFTER_REFUSAL * 2.0 ** min(refusals - 1, 16)))


def delay(failures: int, interval: float, random: Callable[[], float], retry_after: float | None = None) -> float:
    """Seconds to wait after `failures` tries in a row went wrong (1 is the first).

    Doubles from `interval` to `CAP`; jitter adds up to half of it, so that many monitors do not come back at the same
    instant. A service in trouble is never asked sooner than a healthy one, nor sooner than it says (`retry_after`).
    `random` returns 0 <= x < 1.
    """
    doubled = min(max(CAP, interval), interval * 2.0 ** min(failures - 1, 16))
    jittered = doubled * (1 + random() / 2)
    return max(jittered, retry_after or 0.0)
