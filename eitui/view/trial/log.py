"""A trial's log: lines as they came, the one that tells why it failed marked."""

from datetime import tzinfo

from eitui.analysis.failure import Cause
from eitui.domain.log import TrialLog
from eitui.domain.trial import Trial
from eitui.view.kit.lines import EMPTY_LINE, Line, wrapped
from eitui.view.run.failures import again, cause_lines, log_line, no_log


def head(
    trial: Trial, cause: Cause, log: TrialLog | None, width: int, *, problem: str = "", note: str = ""
) -> list[Line]:
    """Return what stands above the lines, a blank line after it: why the trial failed if it did, and `note`.

    `problem` says why the log could not be read again.
    """
    has_lines = log is not None and bool(log.lines)
    lines = [*again(problem, width), *cause_lines(trial, cause, log, width)] if has_lines else []
    lines += wrapped(note, width, "warn")
    if log is not None and log.lines and log.left_out:
        lines += wrapped(f"End of the log: {log.left_out:,} earlier entries were not sent.", width)
    return [*lines, EMPTY_LINE] if lines else []


def trial_log_lines(
    log: TrialLog, telling: int | None, first: int, most: int, width: int, *, aside: int = 0, tz: tzinfo | None = None
) -> list[Line]:
    """Return the lines of a log from `first` on, `most` of them, moved `aside` cells to the left.

    `telling` is the index of the line that tells why the trial failed. Times are shown in `tz`, None for this
    machine's zone.
    """
    return [
        log_line(line, told=index == telling, width=width, tz=tz, aside=aside)
        for index, line in enumerate(log.lines[first : first + most], first)
    ]


def why_empty(trial: Trial, log: TrialLog | None, problem: str, width: int) -> list[Line]:
    """Return why there are no lines to show."""
    if log is not None and not log.lines and not log.left_out and not trial.over:
        return wrapped("The log is empty so far.", width, "dim")
    if log is not None and not log.lines and not log.left_out and trial.status == "completed":
        return wrapped("The log is empty: the service deleted it.", width, "dim")
    return wrapped(no_log(log, problem), width, "warn" if problem else "dim")
