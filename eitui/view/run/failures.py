"""Why trials failed: one trial with its log, and all of a run grouped by what they share."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from eitui.analysis.failure import Cause, CauseKind
from eitui.analysis.failure_groups import LEAST_TRIALS, FailureCondition, FailureGroup
from eitui.domain.log import DEBUG, ERROR, WARN, LogLine, TrialLog
from eitui.domain.run import RunJob
from eitui.domain.trial import FAILED, Trial, block_name
from eitui.view.kit.cells import fit, len_cells, middle
from eitui.view.kit.format import number
from eitui.view.kit.lines import EMPTY_LINE, Line, crop, joined, wrapped
from eitui.view.kit.status import FAULT

LEAST_TAIL = 4
"""Lines of the log that are shown however small the screen is."""

_MOST_QUOTED = 3
"""Lines of what a log line says."""

_MOST_NAME, _MOST_WHERE = 32, 24

LINE_EXAMPLES = "part of a line, in any case"
"""What a filter of a log's lines may be."""

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
        states = {"completed": "it completed", "running": "it is running", "pending": "it waits for a worker"}
        state = states.get(trial.status, f"it is {trial.status or 'in no known state'}")
        return wrapped(f"{trial.name} has not failed: {state}.", width, "dim")
    lines = [*wrapped(_where(cause), width, ""), *_likely(cause, log, width)]
    if log is None or not log.lines:
        return [*lines, EMPTY_LINE, *wrapped(no_log(log, problem), width, "warn" if problem else "dim")]
    lines += again(problem, width)

    room, telling = max(LEAST_TAIL, height - len(lines) - 2), cause.telling
    first = begin = max(0, len(log.lines) - room)
    told: list[Line] = []
    if telling is not None and telling < begin:
        # The line that tells it is further up.
        first, begin = telling, begin + 2
        more = f"  … {begin - telling - 1:,} more"
        told = [log_line(log.lines[telling], told=True, width=width, tz=tz), ((more, "dim"),)]
    earlier = first + log.left_out
    title: Line = ((f"Log, {earlier:,} earlier lines not shown" if earlier else "Log", "title"),)
    end = trial_log_lines(enumerate(log.lines[begin:], begin), telling, width, tz=tz)
    return [*lines, EMPTY_LINE, *(crop(line, width) for line in (title, *told, *end))]


def cause_lines(trial: Trial, cause: Cause, log: TrialLog | None, width: int, *, problem: str = "") -> list[Line]:
    """Return where `trial` failed, the likely cause and the line that tells it; nothing for a trial that did not fail.

    `log` and `problem` as of `why_failed`.
    """
    if trial.status != FAILED:
        return []
    lines = [*FAULT.lines(_where(cause), width), *_likely(cause, log, width)]
    if log is not None and log.lines:
        return [*lines, *again(problem, width)]
    return [*lines, *wrapped(no_log(log, problem), width, "dim")]


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
    if cause.line is not None and cause.line.text.strip():
        # Over a few lines: it is cut in the log itself.
        quoted = wrapped(cause.line.text, width - 2)
        if len(quoted) > _MOST_QUOTED:
            quoted[_MOST_QUOTED - 1 :] = [((f"{quoted[_MOST_QUOTED - 1][0][0]} …", ""),)]
        lines += [crop((("  ", ""), *piece), width) for piece in quoted]
    return [*lines, *wrapped(cause.advice, width, "accent")]


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
        block: Line | None = ((f"in the {block_name(group.block)}", "dim"),) if group.block else None
        head = joined([((group.kind.value, "bad"),), ((_counted(len(group.trial_ids)), ""),), block])
        rows += [FailureRow(line) for line in (crop(head, width), *advice, *_shared_lines(group, width))]
        of = [failed[key] for key in group.trial_ids if key in failed]
        rows += [*_trial_rows(of, width, "the log has no line that tells why"), FailureRow(EMPTY_LINE)]
    grouped = {trial_id for group in groups for trial_id in group.trial_ids}
    rest = [one for trial_id, one in failed.items() if trial_id not in grouped]
    if rest:
        title: Line = (("cause not known", "title"), (" · ", "dim"), (_counted(len(rest)), ""))
        rows += [FailureRow(title), *_trial_rows(rest, width), FailureRow(EMPTY_LINE)]
    return rows[:-1]


def _trial_rows(failed: Sequence[Failed], width: int, silent: str = "") -> list[FailureRow]:
    """Return a line for each trial; `silent` stands where no line of its log tells why it failed."""
    names = max((len_cells(one.trial.name) for one in failed), default=0)
    names = max(4, min(names, _MOST_NAME, width // 2))
    wheres = []
    for one in failed:
        block = block_name(one.cause.block) if one.cause.block else ""
        retries = {0: "", 1: "1 retry"}.get(one.cause.retries, f"{one.cause.retries} retries")
        wheres.append(", ".join(filter(None, (block, retries))))
    room = min(_MOST_WHERE, max(map(len_cells, wheres), default=0))
    rows = []
    for one, where in zip(failed, wheres, strict=True):
        note = one.cause.line.text if one.cause.line is not None else silent
        line: Line = (
            (f"  {FAULT.sign} ", FAULT.tone),
            (middle(one.trial.name, names), ""),
            (f"  {fit(where, room)}", "dim"),
        )
        rows.append(FailureRow(crop((*line, (f"  {note}" if note else "", "dim")), width), one.trial.id))
    return rows


def _counted(count: int) -> str:
    return f"{count} trial{'s' * (count != 1)}"


def _shared_lines(group: FailureGroup, width: int) -> list[Line]:
    """Return what the failures of a group share, or why nothing stands out."""
    if not group.shared:
        if len(group.trial_ids) < LEAST_TRIALS:
            why = "One failure alone shows no pattern."
        elif not group.others:
            why = "No other trials to compare with yet."
        else:
            why = "No parameter stands out among the failures."
        return _hanging(why, "dim", width)
    lines: list[Line] = []
    for one in group.shared:
        note = " and ".join(map(condition_text, one.conditions))
        also = f" (always together with {', '.join(map(condition_text, one.also))})" if one.also else ""
        counts = f"in {one.inside} of {one.size} of these failures, {one.outside} of {one.others} other trials"
        if len_cells(note) + len(counts) + len_cells(also) + 6 <= width:
            lines.append(((" • ", "dim"), (note, "accent"), (f"  {counts}", ""), (also, "dim")))
        else:
            lines += _hanging(note, "accent", width, " • ") + _hanging(f"{counts}{also}", "", width, "   ")
    return lines


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


# A log


def log_line(line: LogLine, *, told: bool, width: int, tz: tzinfo | None, aside: int = 0) -> Line:
    """Return one line of a log, without the first `aside` characters of what it says; a ▶ stands where it told."""
    time = _moment(line.time, tz)
    at = f"{time:%H:%M:%S}" if time else ""
    tone = "bad" if told else _LEVEL_TONE.get(line.level, "")
    return crop(((f"{_TELLING if told else ' '} ", "bad"), (f"{at:<8}  ", "dim"), (line.text[aside:], tone)), width)


def log_head(
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
