"""What the tabs of a trial have in common: which figures they are about, headings, and why there is nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest

from eitui.analysis.figures import Context, status_word
from eitui.analysis.lens import Lens, usual_lens
from eitui.domain.detail import EvaluationDetail, TrialDetail
from eitui.domain.run import Run
from eitui.domain.trial import COMPLETED, FAILED, PENDING, RUNNING, Trial
from eitui.view.cells import fit, len_cells, wrap
from eitui.view.format import MISSING
from eitui.view.kit.status import status
from eitui.view.lines import EMPTY_LINE, Line, Span, crop, width_of

NOT_COMPUTED = "n/a"
"""Shown for a figure that the service does not compute, or that is no number."""

_MOST_PROBLEMS = 5

_DOING = {PENDING: "is waiting to be trained again", RUNNING: "is training again", FAILED: "failed"}


def lens_for(run: Run, lens: Lens | None) -> Lens:
    """Return the lens to look through: the given one, else what the run itself is about."""
    return lens or usual_lens(run)


def chosen_precision(precisions: Iterable[str], lens: Lens) -> str:
    """Return the precision of `lens`, else the first of `precisions`, of which there is at least one."""
    return min(precisions, key=lambda precision: precision != lens.precision)


def chosen(
    evaluations: Mapping[tuple[str, str], EvaluationDetail], lens: Lens
) -> tuple[tuple[str, str], EvaluationDetail] | None:
    """Return the evaluation that `lens` is about, else the nearest: the same part first; None where there is none."""
    if not evaluations:
        return None
    key = min(evaluations, key=lambda key: (key[0] != lens.part, key[1] != lens.precision))
    return key, evaluations[key]


def trial_state(trial: Trial, stalled: frozenset[str] = frozenset(), training_cycles: int | None = None) -> Line:
    """Return how far a trial is, in a few words. `stalled` has the ids of those that have said nothing for too long."""
    shown = status(status_word(trial, Context(stalled=stalled)))
    line: list[Span] = [(shown.text, shown.tone)]
    if trial.problem:
        return tuple(line)
    if trial.status == RUNNING and trial.epoch is not None:
        of = f"/{training_cycles}" if training_cycles else ""
        line.append((f"  epoch {trial.epoch}{of}", ""))
    if trial.round is not None:
        line.append((f"  round {trial.round}", "dim"))
    return tuple(line)


def heading(text: str, more: str = "") -> Line:
    """Return a heading, with what it is about."""
    return ((text, "title"), (f"  {more}", "dim")) if more else ((text, "title"),)


def note_lines(text: str, width: int, tone: str = "dim") -> list[Line]:
    """Return a sentence on lines of at most `width` cells."""
    return [((line, tone),) for line in wrap(text, width)]


def why_none(trial: Trial, what: str) -> str:
    """Return why a trial has none of its results; `what` is their name in the plural."""
    if trial.problem:
        return "The data of this trial could not be read."
    reasons = {
        PENDING: f"Not started: no {what} yet.",
        RUNNING: f"Still training: no {what} yet.",
        FAILED: f"Failed before there were {what}; the log shows why.",
        COMPLETED: f"Completed, but the service sent no {what}.",
    }
    return reasons.get(trial.status, f"The service sent no {what}; it calls this trial “{trial.status or 'nothing'}”.")


def of_before(trial: Trial, width: int) -> list[Line]:
    """Return a warning where a trial's results are not of the attempt that it is at."""
    if trial.status == COMPLETED:
        return []
    doing = _DOING.get(trial.status, f"is “{trial.status or 'in no known state'}”")
    return note_lines(f"! This trial {doing}: the values below are of an earlier attempt.", width, "warn")


def problems(found: Sequence[str], width: int) -> list[Line]:
    """Return what of the service's description could not be read; nothing where all could."""
    if not found:
        return []
    more = len(found) - _MOST_PROBLEMS
    texts = [*found[:_MOST_PROBLEMS], *([f"… and {more} more"] if more > 0 else [])]
    return [
        *note_lines("Not shown, as it could not be read:", width, "warn"),
        *((("  ", ""), (text, "warn")) for text in texts),
    ]


def finished(sections: Iterable[Sequence[Line]], detail: TrialDetail, width: int) -> list[Line]:
    """Return the sections that have lines, a blank line between them, then what could not be read; none too long."""
    return stacked([*sections, problems(detail.problems, width)], width)


def stacked(sections: Iterable[Sequence[Line]], width: int) -> list[Line]:
    """Return the sections that have lines, a blank line between them; none too long."""
    return [crop(line, width) for line in _stacked(sections)]


def _stacked(sections: Iterable[Sequence[Line]]) -> Iterator[Line]:
    begun = False
    for section in sections:
        if section and begun:
            yield EMPTY_LINE
        begun = begun or bool(section)
        yield from section


def pair_lines(rows: Sequence[tuple[str, str]], width: int, indent: int = 2) -> list[Line]:
    """Return names and values in two columns; a long value goes on below itself, a long name has its own line.

    Where two such tables fit beside each other, the rows are put into two.
    """
    if not rows:
        return []
    longest = max(len_cells(name) for name, _ in rows)
    needed = indent + longest + 2 + max(len_cells(value) for _, value in rows)
    if len(rows) <= 5 or 2 * needed + 4 > width:
        return _column(rows, min(longest, width // 2), width, indent)
    half = (len(rows) + 1) // 2
    left, right = (_column(some, longest, needed, indent) for some in (rows[:half], rows[half:]))
    return [(*_padded(first, needed + 4), *second) for first, second in zip_longest(left, right, fillvalue=EMPTY_LINE)]


def _column(rows: Sequence[tuple[str, str]], names: int, width: int, indent: int) -> list[Line]:
    return [line for name, value in rows for line in _pair(name, value, names, width, indent)]


def _padded(line: Line, width: int) -> Line:
    return (*line, (" " * max(0, width - width_of(line)), ""))


def _pair(name: str, value: str, names: int, width: int, indent: int) -> Iterator[Line]:
    lead = " " * indent
    texts = wrap(value, width - indent - names - 2) or [MISSING]
    if len_cells(name) > names:
        yield ((lead, ""), (fit(name, min(width - indent, len_cells(name))), "dim"))
        name = ""
    for number, text in enumerate(texts):
        yield ((lead, ""), (fit(name if number == 0 else "", names), "dim"), ("  ", ""), (text, ""))
