"""A log: lines as they came, the one that tells why a trial failed marked; for other programs, as text and as JSON."""

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo

from eitui.analysis.failure import Cause
from eitui.domain.log import LogLine, TrialLog
from eitui.domain.run import RunJob
from eitui.domain.trial import Trial
from eitui.view.kit.lines import EMPTY_LINE, Line, wrapped
from eitui.view.run.failures import again, cause_lines, log_line, no_log

LINE_EXAMPLES = "part of a line, in any case"
"""What a filter of a log's lines may be."""


def head(
    of: Trial | RunJob, cause: Cause, log: TrialLog | None, width: int, *, problem: str = "", note: str = ""
) -> list[Line]:
    """Return what stands above the lines, a blank line after it: why the trial failed if it did, and `note`.

    `problem` says why the log could not be read again.
    """
    lines = again(problem, width) if log is not None and log.lines else []
    if isinstance(of, Trial) and log is not None and log.lines:
        lines += cause_lines(of, cause, log, width)
    lines += wrapped(note, width, "warn")
    if log is not None and log.lines and log.left_out:
        lines += wrapped(f"End of the log: {log.left_out:,} earlier entries were not sent.", width)
    return [*lines, EMPTY_LINE] if lines else []


def trial_log_lines(
    rows: Iterable[tuple[int, LogLine]], telling: int | None, width: int, *, aside: int = 0, tz: tzinfo | None = None
) -> list[Line]:
    """Return lines of a log, each given with its index in it, moved `aside` cells to the left.

    `telling` is the index of the line that tells why the trial failed. Times are shown in `tz`, None for this
    machine's zone.
    """
    return [log_line(line, told=index == telling, width=width, tz=tz, aside=aside) for index, line in rows]


def why_empty(of: Trial | RunJob, log: TrialLog | None, problem: str, width: int) -> list[Line]:
    """Return why there are no lines to show."""
    if log is not None and not log.lines and not log.left_out:
        if isinstance(of, RunJob):
            return wrapped(f"The {of.role}'s log is empty.", width, "dim")
        if not of.over:
            return wrapped("The log is empty so far.", width, "dim")
        if of.status == "completed":
            return wrapped("The log is empty: the service deleted it.", width, "dim")
    return wrapped(no_log(log, problem), width, "warn" if problem else "dim")


def plain_log_line(line: LogLine, tz: tzinfo | None = None) -> str:
    """Return a line with the day and time that it was written, in `tz`, None for this machine's zone."""
    at = _moment(line.time, tz)
    return f"{f'{at:%Y-%m-%d %H:%M:%S}' if at else '':19}  {line.text}".rstrip()


def log_line_as_json(line: LogLine) -> dict[str, str | None]:
    """Return a line as a JSON object: `time` in ISO 8601 and UTC, or null, `level`, or null, and `text`."""
    at = _moment(line.time, UTC)
    iso = at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None
    return {"time": iso, "level": line.level or None, "text": line.text}


def _moment(at: float | None, tz: tzinfo | None) -> datetime | None:
    try:
        return None if at is None else datetime.fromtimestamp(at, tz)
    except (OverflowError, ValueError, OSError):
        return None
