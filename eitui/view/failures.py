"""Why trials failed: one trial with the end of its log, and all of a run grouped by what they share."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from eitui.analysis.failure import Cause, CauseKind
from eitui.analysis.failure_groups import LEAST_TRIALS, Condition, FailureGroup, Shared
from eitui.domain.log import DEBUG, ERROR, WARN, LogLine, TrialLog
from eitui.domain.trial import FAILED, Trial
from eitui.view.cells import len_cells
from eitui.view.compare import number
from eitui.view.lines import EMPTY_LINE, Line, crop, joined, wrapped

LEAST_TAIL = 4
"""Lines of the log that are shown however small the screen is."""

MOST_NAMES = 12
"""Names of trials listed for a group."""

_LEVEL_TONE = {ERROR: "bad", WARN: "warn", DEBUG: "dim"}
_BLOCK = {"dsp": "DSP block", "learn": "learn block", "input": "input block"}
_TELLING = "▶"


def why_failed(
    trial: Trial,
    cause: Cause,
    log: TrialLog | None,
    width: int,
    height: int,
    *,
    problem: str = "",
    tz: tzinfo | None = None,
) -> list[Line]:
    """Return why `trial` failed: where, the likely cause, the line that tells it, and the end of its log.

    `log` is None while it has not been answered, and `problem` says why it was not. The end of the log is as long as
    `height` lines allow; the telling line stands in it with a ▶, or before it when it is further up. Times are shown
    in `tz`, None for this machine's zone.
    """
    if trial.status != FAILED:
        return wrapped(_not_failed(trial), width, "dim")
    lines = [*wrapped(_where(cause), width, ""), *_likely(cause, log, width)]
    if log is None or not log.lines:
        return [*lines, EMPTY_LINE, *wrapped(_no_log(log, problem), width, "warn" if problem else "dim")]
    room = max(LEAST_TAIL, height - len(lines) - 2)
    return [*lines, EMPTY_LINE, *_tail(log, cause.telling, room, width, tz)]


def _not_failed(trial: Trial) -> str:
    states = {"completed": "it completed", "running": "it is running", "pending": "it waits for a worker"}
    state = states.get(trial.status, f"it is {trial.status or 'in no known state'}")
    return f"{trial.name} has not failed: {state}."


def _where(cause: Cause) -> str:
    block = _BLOCK.get(cause.block, f"{cause.block} block")
    where = f"Failed in the {block}" if cause.block else "Failed; the service marks no block as failed"
    again = {0: "it was not tried again", 1: "after 1 retry"}.get(cause.retries, f"after {cause.retries} retries")
    return f"{where}, {again}."


def _likely(cause: Cause, log: TrialLog | None, width: int) -> list[Line]:
    if log is None or not log.lines:
        return []
    if cause.kind is CauseKind.UNKNOWN:
        said = "the log names none that is known here."
        lines: list[Line] = [crop((("Cause: ", ""), (said, "warn")), width)]
    else:
        lines = [crop((("Likely cause: ", ""), (cause.kind.value, "bad")), width)]
    return [*lines, *_quoted(cause.line, width)]


def _quoted(line: LogLine | None, width: int, most: int = 3) -> list[Line]:
    """Return what a log line says over a few lines: it is cut in the log itself."""
    if line is None or not line.text.strip():
        return []
    shown = wrapped(line.text, width - 2)
    cut = [*shown[: most - 1], ((f"{shown[most - 1][0][0]} …", ""),)] if len(shown) > most else shown
    return [crop((("  ", ""), *said), width) for said in cut]


def _no_log(log: TrialLog | None, problem: str) -> str:
    if problem:
        return f"Its log could not be read: {problem}"
    if log is None:
        return "Asking the service for its log…"
    if log.left_out:
        return f"The service counts {log.left_out:,} entries in its log, and sent none."
    return "Its log is empty: it failed before it wrote anything, or the service keeps it no longer."


def _tail(log: TrialLog, telling: int | None, room: int, width: int, tz: tzinfo | None) -> list[Line]:
    begin = max(0, len(log.lines) - room)
    told: list[Line] = []
    first = begin
    if telling is not None and telling < begin:
        first, begin = telling, begin + 2
        more = f"  … {begin - telling - 1:,} more"
        told = [_log_line(log.lines[telling], told=True, width=width, tz=tz), ((more, "dim"),)]
    earlier = first + log.left_out
    title: Line = ((f"Log, {earlier:,} earlier lines not shown" if earlier else "Log", "title"),)
    lines = [
        _log_line(line, told=index == telling, width=width, tz=tz)
        for index, line in enumerate(log.lines[begin:], begin)
    ]
    return [crop(line, width) for line in (title, *told, *lines)]


def _log_line(line: LogLine, *, told: bool, width: int, tz: tzinfo | None) -> Line:
    at = _time(line.time, tz)
    tone = "bad" if told else _LEVEL_TONE.get(line.level, "")
    return crop(((f"{_TELLING if told else ' '} ", "bad"), (f"{at:<8}  ", "dim"), (line.text, tone)), width)


def _time(at: float | None, tz: tzinfo | None) -> str:
    if at is None:
        return ""
    try:
        return f"{datetime.fromtimestamp(at, tz):%H:%M:%S}"
    except (OverflowError, ValueError, OSError):
        return ""


def failure_lines(
    groups: Sequence[FailureGroup], names: Mapping[str, str], failed: int, width: int, *, problem: str = ""
) -> list[Line]:
    """Return the failures of a run: for each cause its trials, what one of them said, and what they share.

    `failed` counts all failed trials, also those whose log was not read so far; `names` has the trials' names by id.
    `problem` is why logs could not be read.
    """
    if not failed:
        return wrapped("No trial has failed.", width, "dim")
    read = sum(len(group.trial_ids) for group in groups)
    lines = [line for group in groups for line in (*_group(group, names, width), EMPTY_LINE)]
    if problem:
        return [*lines, *wrapped(f"{failed - read} of {failed} logs could not be read: {problem}", width, "warn")]
    if read < failed:
        return [*lines, *wrapped(f"Reading the logs of the failed trials: {read} of {failed}…", width, "dim")]
    return lines[:-1]


def _group(group: FailureGroup, names: Mapping[str, str], width: int) -> list[Line]:
    count = len(group.trial_ids)
    block = f"in the {_BLOCK.get(group.block, f'{group.block} block')}" if group.block else ""
    head = joined([((group.kind.value, "bad"),), ((f"{count} trial{'s' * (count != 1)}", ""),), ((block, "dim"),)])
    said: list[Line] = [crop((("  ", ""), (f"“{group.example}”", "dim")), width)] if group.example else []
    return [crop(head, width), *said, *_shared_lines(group, width), *_names(group, names, width)]


def _shared_lines(group: FailureGroup, width: int) -> list[Line]:
    if group.shared:
        return [line for one in group.shared for line in _shared_line(one, width)]
    if len(group.trial_ids) < LEAST_TRIALS:
        why = "One trial alone shows nothing that is shared."
    elif not group.others:
        why = "There are no other trials yet to compare their parameters with."
    else:
        why = "They share no parameter more than chance would have it."
    return _hanging(why, "dim", width)


def _shared_line(one: Shared, width: int) -> list[Line]:
    said = " and ".join(map(condition_text, one.conditions))
    also = f" (the same trials: {', '.join(map(condition_text, one.also))})" if one.also else ""
    counts = f"{one.inside} of {one.size} failed so; {one.outside} of {one.others} others"
    line: Line = ((said, "accent"), (f"  {counts}", ""), (also, "dim"))
    if len_cells(said) + len(counts) + len_cells(also) + 6 <= width:
        return [((" • ", "dim"), *line)]
    return [
        *_hanging(said, "accent", width, " • "),
        *_hanging(f"{counts}{also}", "", width, "   "),
    ]


def condition_text(condition: Condition) -> str:
    """Return a condition as text: `training.batch_size = 128`."""
    value = condition.value
    return f"{condition.name} {condition.relation} {number(value) if isinstance(value, float) else value}"


def _names(group: FailureGroup, names: Mapping[str, str], width: int) -> list[Line]:
    listed = [names.get(trial_id, trial_id) for trial_id in group.trial_ids[:MOST_NAMES]]
    more = len(group.trial_ids) - len(listed)
    return _hanging(", ".join(listed) + (f" and {more} more" if more else ""), "dim", width)


def _hanging(text: str, tone: str, width: int, bullet: str = "  ") -> list[Line]:
    """Return text wrapped, its lines set in by the width of `bullet`, which begins the first."""
    lines = wrapped(text, width - len(bullet), tone)
    return [
        crop((((bullet if index == 0 else " " * len(bullet)), "dim"), *line), width) for index, line in enumerate(lines)
    ]
