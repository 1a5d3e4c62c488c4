"""Why trials failed: one trial with the end of its log, and all of a run grouped by what they share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from eitui.analysis.failure import Cause, CauseKind
from eitui.analysis.failure_groups import LEAST_TRIALS, FailureCondition, FailureGroup, Shared
from eitui.domain.log import DEBUG, ERROR, WARN, LogLine, TrialLog
from eitui.domain.trial import FAILED, Trial, block_name
from eitui.view.kit.cells import fit, len_cells
from eitui.view.kit.format import number
from eitui.view.kit.lines import EMPTY_LINE, Line, crop, joined, wrapped

LEAST_TAIL = 4
"""Lines of the log that are shown however small the screen is."""

_MOST_NAME, _MOST_WHERE = 32, 24

_LEVEL_TONE = {ERROR: "bad", WARN: "warn", DEBUG: "dim"}
_TELLING = "▶"


@dataclass(frozen=True)
class Failed:
    """A failed trial, and why; the cause names only its block where its log was not read."""

    trial: Trial
    cause: Cause


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

    `log` is None while it has not been answered, and `problem` says why it was not, or not again. The end of the log is
    as long as `height` lines allow; the telling line stands in it with a ▶, or before it when it is further up. Times
    are shown in `tz`, None for this machine's zone.
    """
    if trial.status != FAILED:
        return wrapped(_not_failed(trial), width, "dim")
    lines = [*wrapped(_where(cause), width, ""), *_likely(cause, log, width)]
    if log is None or not log.lines:
        return [*lines, EMPTY_LINE, *wrapped(no_log(log, problem), width, "warn" if problem else "dim")]
    lines += again(problem, width)
    room = max(LEAST_TAIL, height - len(lines) - 2)
    return [*lines, EMPTY_LINE, *_tail(log, cause.telling, room, width, tz)]


def cause_lines(trial: Trial, cause: Cause, log: TrialLog | None, width: int, *, problem: str = "") -> list[Line]:
    """Return where `trial` failed, the likely cause and the line that tells it; nothing for a trial that did not fail.

    `log` and `problem` as of `why_failed`.
    """
    if trial.status != FAILED:
        return []
    lines = [*wrapped(f"✗ {_where(cause)}", width, "bad"), *_likely(cause, log, width)]
    if log is not None and log.lines:
        return [*lines, *again(problem, width)]
    return [*lines, *wrapped(no_log(log, problem), width, "dim")]


def _not_failed(trial: Trial) -> str:
    states = {"completed": "it completed", "running": "it is running", "pending": "it waits for a worker"}
    state = states.get(trial.status, f"it is {trial.status or 'in no known state'}")
    return f"{trial.name} has not failed: {state}."


def _where(cause: Cause) -> str:
    unknown = "Failed; no block is marked as failed"
    where = f"Failed in the {block_name(cause.block)}" if cause.block else unknown
    tried = {0: "not retried", 1: "after 1 retry"}.get(cause.retries, f"after {cause.retries} retries")
    return f"{where}, {tried}."


def _likely(cause: Cause, log: TrialLog | None, width: int) -> list[Line]:
    if log is None or not log.lines:
        return []
    if cause.kind is CauseKind.UNKNOWN:
        note = "not recognised in the log." if cause.line is None else "not recognised. The most telling line:"
        lines: list[Line] = [crop((("Cause: ", ""), (note, "warn")), width)]
    else:
        lines = [crop((("Likely cause: ", ""), (cause.kind.value, "bad")), width)]
    return [*lines, *_quoted(cause.line, width), *wrapped(cause.advice, width, "accent")]


def _quoted(line: LogLine | None, width: int, most: int = 3) -> list[Line]:
    """Return what a log line says over a few lines: it is cut in the log itself."""
    if line is None or not line.text.strip():
        return []
    shown = wrapped(line.text, width - 2)
    cut = [*shown[: most - 1], ((f"{shown[most - 1][0][0]} …", ""),)] if len(shown) > most else shown
    return [crop((("  ", ""), *piece), width) for piece in cut]


def no_log(log: TrialLog | None, problem: str) -> str:
    """Return why there is no line of a log to show."""
    if problem:
        return f"The log could not be read: {problem}"
    if log is None:
        return "Loading the log…"
    if log.left_out:
        return f"The log has {log.left_out:,} entries, but the service sent none."
    return "The log is empty: the trial failed before writing anything, or the service deleted the log."


def again(problem: str, width: int) -> list[Line]:
    """Return that a log was read, but could not be read again; nothing without a `problem`."""
    note = f"Reloading failed: {problem} The earlier copy is shown." if problem else ""
    return wrapped(note, width, "warn")


def _tail(log: TrialLog, telling: int | None, room: int, width: int, tz: tzinfo | None) -> list[Line]:
    begin = max(0, len(log.lines) - room)
    told: list[Line] = []
    first = begin
    if telling is not None and telling < begin:
        first, begin = telling, begin + 2
        more = f"  … {begin - telling - 1:,} more"
        told = [log_line(log.lines[telling], told=True, width=width, tz=tz), ((more, "dim"),)]
    earlier = first + log.left_out
    title: Line = ((f"Log, {earlier:,} earlier lines not shown" if earlier else "Log", "title"),)
    lines = [
        log_line(line, told=index == telling, width=width, tz=tz) for index, line in enumerate(log.lines[begin:], begin)
    ]
    return [crop(line, width) for line in (title, *told, *lines)]


def log_line(line: LogLine, *, told: bool, width: int, tz: tzinfo | None, aside: int = 0) -> Line:
    """Return one line of a log, without the first `aside` characters of what it says; a ▶ stands where it told."""
    at = _time(line.time, tz)
    tone = "bad" if told else _LEVEL_TONE.get(line.level, "")
    return crop(((f"{_TELLING if told else ' '} ", "bad"), (f"{at:<8}  ", "dim"), (line.text[aside:], tone)), width)


def _time(at: float | None, tz: tzinfo | None) -> str:
    if at is None:
        return ""
    try:
        return f"{datetime.fromtimestamp(at, tz):%H:%M:%S}"
    except (OverflowError, ValueError, OSError):
        return ""


@dataclass(frozen=True)
class FailureRow:
    """A line about failures; `trial_id` where it stands for one trial."""

    line: Line
    trial_id: str | None = None


def failure_rows(groups: Sequence[FailureGroup], failed: Mapping[str, Failed], width: int) -> list[FailureRow]:
    """Return the failures of a run with a line for every trial: those of each cause, then those that are in no group.

    `failed` has all failed trials by id.
    """
    rows: list[FailureRow] = []
    for group in groups:
        advice = _hanging(group.advice, "accent", width) if group.advice else []
        rows += [FailureRow(line) for line in (*_group_head(group, width), *advice, *_shared_lines(group, width))]
        rows += [*_trial_rows([failed[key] for key in group.trial_ids if key in failed], width), FailureRow(EMPTY_LINE)]
    grouped = {trial_id for group in groups for trial_id in group.trial_ids}
    rest = [one for trial_id, one in failed.items() if trial_id not in grouped]
    if rest:
        title: Line = (("cause not known", "title"), (" · ", "dim"), (_counted(len(rest)), ""))
        rows += [FailureRow(title), *_trial_rows(rest, width), FailureRow(EMPTY_LINE)]
    return rows[:-1]


def _trial_rows(failed: Sequence[Failed], width: int) -> list[FailureRow]:
    names = max((len_cells(one.trial.name) for one in failed), default=0)
    names = max(4, min(names, _MOST_NAME, width // 2))
    wheres = [_short_where(one.cause) for one in failed]
    room = min(_MOST_WHERE, max(map(len_cells, wheres), default=0))
    rows = []
    for one, where in zip(failed, wheres, strict=True):
        note = one.cause.line.text if one.cause.line is not None else ""
        line: Line = (("  ✗ ", "bad"), (fit(one.trial.name, names), ""), (f"  {fit(where, room)}", "dim"))
        rows.append(FailureRow(crop((*line, (f"  {note}" if note else "", "dim")), width), one.trial.id))
    return rows


def _short_where(cause: Cause) -> str:
    block = block_name(cause.block) if cause.block else ""
    retries = {0: "", 1: "1 retry"}.get(cause.retries, f"{cause.retries} retries")
    return ", ".join(filter(None, (block, retries)))


def _counted(count: int) -> str:
    return f"{count} trial{'s' * (count != 1)}"


def _group_head(group: FailureGroup, width: int) -> list[Line]:
    block = f"in the {block_name(group.block)}" if group.block else ""
    where: Line | None = ((block, "dim"),) if block else None
    return [crop(joined([((group.kind.value, "bad"),), ((_counted(len(group.trial_ids)), ""),), where]), width)]


def _shared_lines(group: FailureGroup, width: int) -> list[Line]:
    if group.shared:
        return [line for one in group.shared for line in _shared_line(one, width)]
    if len(group.trial_ids) < LEAST_TRIALS:
        why = "One failure alone shows no pattern."
    elif not group.others:
        why = "No other trials to compare with yet."
    else:
        why = "No parameter stands out among the failures."
    return _hanging(why, "dim", width)


def _shared_line(one: Shared, width: int) -> list[Line]:
    note = " and ".join(map(condition_text, one.conditions))
    also = f" (always together with {', '.join(map(condition_text, one.also))})" if one.also else ""
    counts = f"in {one.inside} of {one.size} of these failures, {one.outside} of {one.others} other trials"
    line: Line = ((note, "accent"), (f"  {counts}", ""), (also, "dim"))
    if len_cells(note) + len(counts) + len_cells(also) + 6 <= width:
        return [((" • ", "dim"), *line)]
    return [
        *_hanging(note, "accent", width, " • "),
        *_hanging(f"{counts}{also}", "", width, "   "),
    ]


def condition_text(condition: FailureCondition) -> str:
    """Return a condition as text: `training.batch_size = 128`."""
    value = condition.value
    return f"{condition.name} {condition.relation} {number(value) if isinstance(value, float) else value}"


def _hanging(text: str, tone: str, width: int, bullet: str = "  ") -> list[Line]:
    """Return text wrapped, its lines set in by the width of `bullet`, which begins the first."""
    lines = wrapped(text, width - len(bullet), tone)
    return [
        crop((((bullet if index == 0 else " " * len(bullet)), "dim"), *line), width) for index, line in enumerate(lines)
    ]
