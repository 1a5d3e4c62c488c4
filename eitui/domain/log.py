"""What a job wrote: a trial while it was prepared and trained, the tuner while it searched."""

from dataclasses import dataclass

ERROR, WARN, INFO, DEBUG = "error", "warn", "info", "debug"
"""The levels the API document names. A level is an open word, and may be missing."""


@dataclass(frozen=True)
class LogLine:
    """One line of a log."""

    time: float | None
    """Seconds since the Unix epoch, by the service's clock; None where the service gave none that can be read."""
    level: str
    """`error`, `warn`, `info`, `debug`, another word, or empty where the service did not say."""
    text: str
    """Clean, one line; may be empty."""


@dataclass(frozen=True)
class TrialLog:
    """The log of a trial or of a job of the run, oldest line first."""

    lines: tuple[LogLine, ...] = ()
    left_out: int = 0
    """Older entries that there are and that were not sent: the service sends only the last ones."""


@dataclass(frozen=True)
class Job:
    """How it stands with a job of the service."""

    id: int
    finished: bool = False
    successful: bool | None = None
    """Once it is finished; None where the service does not say."""
    compute_s: float | None = None
    """Seconds from its start to its end; None where the service does not say."""
