"""How far what is shown may be trusted to be now."""

from eitui.domain.moment import Connection, Freshness

LATE_AFTER = 2.0
STALE_AFTER = 6.0
"""In poll intervals without an answer; at least `LATE_SECONDS` and `STALE_SECONDS`."""

LATE_SECONDS = 10.0
STALE_SECONDS = 60.0


def freshness(connection: Connection, mono: float) -> Freshness:
    """Judge `connection` at `mono`, seconds of the monotonic clock."""
    if connection.problem is not None and connection.problem.final:
        return Freshness.STOPPED
    age = age_s(connection, mono)
    if age is None:
        return Freshness.CONNECTING
    if age > stale_after_s(connection):
        return Freshness.STALE
    return Freshness.LATE if age > late_after_s(connection) or connection.problem is not None else Freshness.LIVE


def late_after_s(connection: Connection) -> float:
    """Seconds without an answer from which one is overdue."""
    return max(LATE_SECONDS, LATE_AFTER * connection.interval)


def unseen_after_s(connection: Connection) -> float:
    """Seconds of silence from which what went on in it was not seen."""
    return late_after_s(connection) if connection.resumed else stale_after_s(connection)


def stale_after_s(connection: Connection) -> float:
    """Seconds without an answer from which a picture is stale."""
    return max(STALE_SECONDS, STALE_AFTER * connection.interval)


def age_s(connection: Connection, mono: float) -> float | None:
    """Seconds since the service last answered; None before its first answer."""
    return None if connection.last_good is None else max(0.0, mono - connection.last_good.mono)
