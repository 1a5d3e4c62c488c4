"""What the tabs of a trial have in common: which figures they are about, headings, and why there is nothing."""

from collections.abc import Iterable, Mapping, Sequence

from eitui.analysis.figures import Context, Lens, status_word
from eitui.analysis.flags import Flag
from eitui.domain.curve import EMPTY_CURVE, Curve, phases_of
from eitui.domain.detail import EvaluationDetail, TrialDetail
from eitui.domain.trial import COMPLETED, FAILED, PENDING, RUNNING, Trial
from eitui.view.kit.lines import EMPTY_LINE, Line, Span
from eitui.view.kit.page import note_lines, problems, stacked
from eitui.view.kit.status import CAUTION, status

NOT_COMPUTED = "n/a"
"""Shown for a figure that the service does not compute, or that is no number."""


_DOING = {PENDING: "is waiting to be trained again", RUNNING: "is training again", FAILED: "failed"}


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


def trial_state(
    trial: Trial, stalled: frozenset[str] = frozenset(), training_cycles: int | None = None, curve: Curve = EMPTY_CURVE
) -> Line:
    """Return how far a trial is, in a few words. `stalled` has the ids of those that have said nothing for too long."""
    shown = status(status_word(trial, Context(stalled=stalled)))
    line: list[Span] = [(shown.text, shown.tone)]
    if trial.problem:
        return tuple(line)
    if trial.status == RUNNING and trial.epoch is not None:
        phase = len(phases_of(curve.epochs))
        of = f"/{training_cycles}" if training_cycles and phase <= 1 and trial.epoch <= training_cycles else ""
        line.append((f"  phase {phase} epoch {trial.epoch}" if phase > 1 else f"  epoch {trial.epoch}{of}", ""))
    if trial.round is not None:
        line.append((f"  round {trial.round}", "dim"))
    return tuple(line)


def flag_lines(flags: Sequence[Flag], tie: str, width: int) -> list[Line]:
    """Return what is suspicious about a trial, each with its reason, and a tie with the best; then a blank line."""
    told = [line for flag in flags for line in CAUTION.lines(f"{flag.kind}: {flag.reason}", width)]
    told += note_lines(tie, width, "best") if tie else []
    return [*told, EMPTY_LINE] if told else []


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
    return CAUTION.lines(f"This trial {doing}: the values below are of an earlier attempt.", width)


def finished(sections: Iterable[Sequence[Line]], detail: TrialDetail, width: int) -> list[Line]:
    """Return the sections that have lines, a blank line between them, then what could not be read; none too long."""
    return stacked([*sections, problems(detail.problems, width)], width)
