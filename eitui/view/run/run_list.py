"""The runs of a project, and the recordings there are, as one table: what the picker and `eitui runs --remote` show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, NamedTuple

from eitui.analysis.figures import finite
from eitui.domain.run import RUN_COMPLETED, RunRecord
from eitui.feed.recording.catalogue import RecordingEntry
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import fit
from eitui.view.kit.lines import Line, Span
from eitui.view.kit.status import DONE, FAULT, status
from eitui.view.kit.table import GAP, Cell, ColumnOf, choose_columns, row
from eitui.view.run.export import utc
from eitui.view.run.recordings import best_shown, recordings_as_json, state_word, trials_shown

_COUNTS = f"{DONE.sign}/{FAULT.sign}/ALL"

RUN_EXAMPLES = "part of a name, a number, a project or an ending: baseline  failed  recorded"
"""What to type into the filter."""

_ENDINGS = {"success": RUN_COMPLETED}
"""Job statuses (API: `jobStatus`) that have another word as the state of a run."""

PRESENT, RECORDED, ONLY_HERE = "present run", "recorded", "only here"
"""It is the run that is watched; there is a recording of it; the service does not list it."""


class RunKey(NamedTuple):
    """What tells one run from another."""

    host: str
    project_id: int
    run_id: int | None
    place: int = 0
    """Its place in the service's list, where that gives it no id."""


@dataclass(frozen=True)
class ListedRun:
    """A run that the service lists, that was recorded, or both."""

    key: RunKey
    record: RunRecord | None = None
    """What the service says of it; None: it does not list it."""
    recording: RecordingEntry | None = None
    present: bool = False
    """Whether it is the run that is watched."""
    asked: bool = True
    """Whether the service was asked for the runs of its project."""

    @property
    def name(self) -> str:
        """What it is called; empty where nobody says."""
        told = self.record.name if self.record is not None else ""
        return told or (self.recording.summary.run_name if self.recording is not None else "")

    @property
    def began(self) -> float | None:
        """When it was created, or first seen: seconds since the Unix epoch."""
        told = self.record.created if self.record is not None else None
        return told if told is not None or self.recording is None else self.recording.began

    @property
    def ended(self) -> str:
        """How it ended, or that it goes on, in a word; empty where nobody says."""
        if self.record is not None and self.record.job_status:
            return _ENDINGS.get(self.record.job_status, self.record.job_status)
        return state_word(self.recording) if self.recording is not None else ""

    @property
    def where(self) -> str:
        """Whether there is a recording, and whether that is all there is."""
        if self.present:
            return PRESENT
        if self.recording is None:
            return ""
        return ONLY_HERE if self.record is None and self.asked else RECORDED

    @property
    def project_name(self) -> str:
        """What its project is called; empty where only the service could say."""
        return self.recording.summary.project_name if self.recording is not None else ""

    @property
    def text(self) -> str:
        """All that a filter looks through, in lower case."""
        words = (str(self.key.run_id or ""), self.name, self.ended, self.where, self.project_name)
        return " ".join((*words, f"#{self.key.project_id}", self.key.host)).lower()


def listed_runs(
    records: Sequence[RunRecord] | None,
    entries: Iterable[RecordingEntry],
    host: str,
    project_id: int | None,
    present: int | None = None,
) -> tuple[ListedRun, ...]:
    """Return the runs of a project and all recordings, the run that began last first.

    `records` is the service's list of the project's runs, None: it was not asked or did not answer. `present` is the
    run that is watched.
    """
    found: dict[RunKey, ListedRun] = {}
    for place, record in enumerate(records or () if project_id is not None else ()):
        run_id = record.coordinator_job_id
        key = RunKey(host, project_id or 0, run_id, place if run_id is None else 0)
        found[key] = ListedRun(key, record, present=run_id is not None and run_id == present)
    for entry in entries:
        about = entry.about
        key = RunKey(about.host, about.project_id, about.run_id)
        own = (about.host, about.project_id) == (host, project_id)
        known = found.get(key)
        found[key] = ListedRun(
            key,
            known.record if known is not None else None,
            entry,
            present=own and about.run_id == present,
            asked=own and records is not None,
        )
    return tuple(sorted(found.values(), key=lambda run: (run.began or 0.0, run.key.run_id or 0), reverse=True))


class RunsShown(NamedTuple):
    """What the rows of the table depend on beside the runs."""

    now: float
    """Seconds since the Unix epoch."""
    host: str = ""
    project_id: int | None = None
    """The project that is watched: runs of others are named with theirs."""
    tz: tzinfo | None = None
    """None: this machine's time zone."""


def _name(run: ListedRun, shown: RunsShown) -> Cell:
    other = "" if (run.key.host, run.key.project_id) == (shown.host, shown.project_id) else f"#{run.key.project_id} "
    hidden = " (hidden in the Studio)" if run.record is not None and run.record.hidden else ""
    name = f"{run.name}{hidden}"
    return Cell(name or fmt.MISSING, "" if name else "dim", (other, "warn"))


def _ended(run: ListedRun, _: RunsShown) -> Cell:
    if not run.ended:
        return Cell(fmt.MISSING, "dim")
    told = status(run.ended)
    return Cell(told.text, told.tone)


def _where(run: ListedRun, _: RunsShown) -> Cell:
    return Cell(run.where or fmt.MISSING, "accent" if run.present else "warn" if run.where == ONLY_HERE else "dim")


RunColumn = ColumnOf[ListedRun, RunsShown]
RUN_COLUMNS: tuple[RunColumn, ...] = (
    ColumnOf("run", "RUN", 9, "right", lambda run, _: Cell(fmt_id(run.key.run_id)), lambda *_: None, 1),
    ColumnOf("name", "NAME", 14, "left", _name, lambda *_: None, 2, widest=48),
    ColumnOf("created", "CREATED", 13, "left", lambda run, of: Cell(_created(run, of)), lambda *_: None, 4),
    ColumnOf("ended", "STATE", 12, "left", _ended, lambda *_: None, 0, widest=22),
    ColumnOf("trials", _COUNTS, 9, "right", lambda run, _: Cell(_trials(run)), lambda *_: None, 6),
    ColumnOf("best", "BEST", 7, "right", lambda run, _: Cell(_best(run)), lambda *_: None, 5),
    ColumnOf("where", "WHERE", 11, "left", _where, lambda *_: None, 3),
)
"""The most important has the lowest rank."""


def fmt_id(run_id: int | None) -> str:
    """Return a run's number."""
    return fmt.MISSING if run_id is None else str(run_id)


def _created(run: ListedRun, shown: RunsShown) -> str:
    return " ".join(fmt.clock(run.began, shown.now, shown.tz).split()[:3])


def _trials(run: ListedRun) -> str:
    return trials_shown(run.recording.summary) if run.recording is not None else fmt.MISSING


def _best(run: ListedRun) -> str:
    return best_shown(run.recording.summary) if run.recording is not None else fmt.MISSING


def run_head(width: int) -> Line:
    """Return the line of titles."""
    columns = choose_columns(width, RUN_COLUMNS)
    return ((_joined([fit(column.title, column.width, column.align) for column in columns]), "dim"),)


def run_lines(runs: Iterable[ListedRun], shown: RunsShown, width: int) -> list[Line]:
    """Return a line for each run."""
    columns = choose_columns(width, RUN_COLUMNS)
    lines: list[Line] = []
    for run in runs:
        spans: list[Span] = []
        for column, cell in zip(columns, row(run, columns, shown), strict=True):
            spans += [(" " * GAP, "")] if spans else []
            ahead, tone = cell.ahead
            ahead = fit(ahead, min(len(ahead), column.width - 1)) if ahead else ""
            spans += [(ahead, tone)] if ahead else []
            spans.append((fit(cell.text, column.width - len(ahead), column.align), cell.tone))
        lines.append(tuple(spans))
    return lines


def _joined(texts: Sequence[str]) -> str:
    return (" " * GAP).join(texts)


def runs_table(runs: Sequence[ListedRun], shown: RunsShown, width: int) -> str:
    """Return a table that a person can read: lines of at most `width` cells, without colours; empty without runs."""
    lines = [run_head(width), *run_lines(runs, shown, width)] if runs else []
    return "\n".join("".join(text for text, _ in line).rstrip() for line in lines)


def runs_as_json(runs: Iterable[ListedRun]) -> list[dict[str, Any]]:
    """Return the runs as JSON objects: times ISO 8601 in UTC, null for what is not known.

    `trials` and `best` are those of the recording, where there is one: the service's list does not have them.
    """
    found: list[dict[str, Any]] = []
    for run in runs:
        record, recording = run.record or RunRecord(None), run.recording
        kept = recordings_as_json([recording])[0] if recording is not None else {}
        found.append(
            {
                "run_id": run.key.run_id,
                "run_index": record.index,
                "run_name": run.name or None,
                "project_id": run.key.project_id,
                "created_at": utc(finite(run.began)),
                "state": run.ended or None,
                "job_status": record.job_status or None,
                "continued_run_id": record.continued_job_id,
                "hidden": record.hidden,
                "trials": kept.get("trials"),
                "best": kept.get("best"),
                "recording": kept.get("path"),
            }
        )
    return found
