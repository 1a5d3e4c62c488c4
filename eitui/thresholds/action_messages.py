"""What an action will do, and what became of it, in sentences."""

from eitui.analysis.durations import coarse
from eitui.domain.action import Action, ActionEntry, ActionKind, PlanLimits
from eitui.domain.edit import Outcome
from eitui.domain.run import Run
from eitui.thresholds.messages import advice_after

_VERBS = {
    ActionKind.ADD: "add trial {name} to the project as an impulse",
    ActionKind.EXTEND: "extend the search {name}",
    ActionKind.CANCEL: "cancel {name}",
    ActionKind.TEST: "start model testing of impulse {target} {name}",
}

YES = {
    ActionKind.ADD: "add",
    ActionKind.EXTEND: "extend",
    ActionKind.CANCEL: "cancel it",
    ActionKind.TEST: "start",
}
"""What yes does, in a word or two."""

NOTHING = "Nothing was sent."

NO_UNDO = "What it started can be cancelled while it runs."


def action_text(action: Action) -> str:
    """Return what an action does: `add trial mfe-conv1d-934 to the project as an impulse`."""
    name = "" if action.kind is ActionKind.TEST and action.name == action.target else action.name
    text = _VERBS[action.kind].format(name=name, target=action.target).rstrip()
    return f"{text}, called {action.new_name}" if action.new_name else text


def action_question(action: Action) -> str:
    """Return the question whether to send an action."""
    text = action_text(action)
    return f"{text[0].upper()}{text[1:]}?"


def run_title(run: Run) -> str:
    """Return what a run is called: its name, or its coordinator job's number."""
    return run.config.name or f"of job {run.coordinator_job_id}"


def adding(limits: PlanLimits | None, training_s: float | None) -> list[str]:
    """Return what adding a trial means; `limits` and `training_s` (how long it trained) are None where not known."""
    said = ["The service starts a job for it, which uses compute time of the project's plan."]
    if limits is None or training_s is None:
        return said
    took = f"The trial trained for {_span(training_s)}"
    if limits.job_s is not None and training_s > limits.job_s:
        more = "if it trains again the service will stop it"
        said.append(f"! {took}, and the plan allows {_span(limits.job_s)} for one job: {more}.")
    elif limits.left_s is not None and training_s > limits.left_s:
        said.append(f"! {took}, and {_span(limits.left_s)} of compute time are left in this period.")
    return said


def extending(run: Run, limits: PlanLimits | None) -> list[str]:
    """Return what extending a search means."""
    most = run.config.max_trials
    trials = f"up to {most} more trials" if most else "more trials"
    said = [f"A new run begins where this one ended, and trains {trials}: it uses compute time of the project's plan."]
    said.append("It becomes the project's latest run: monitors turn to it. This one stays as it is.")
    if limits is not None and limits.left_s is not None:
        said.append(f"{_span(limits.left_s)} of compute time are left in this period.")
    return said


def cancelling_run(run: Run) -> list[str]:
    """Return what cancelling a run means."""
    counts, parts = run.counts, []
    if counts.running:
        parts.append(_count(counts.running, "running trial", "ends", "end") + " unfinished")
    if counts.pending:
        parts.append(_count(counts.pending, "waiting trial", "is", "are") + " not trained")
    ends = f" {' and '.join(parts)}." if parts else ""
    kept = _count(counts.completed, "completed trial", "stays", "stay")
    return [f"The search stops.{ends} {kept}.", "This cannot be undone."]


def cancelling_job() -> list[str]:
    """Return what cancelling any other job means."""
    return ["The job stops without a result. This cannot be undone."]


_SAID = {
    Outcome.REFUSED: "The service said no. Nothing was done.",
    Outcome.NOT_SENT: "It was not sent. Nothing was done.",
    Outcome.SETTLED_APPLIED: "No usable answer came, but reading back shows that it is done: {found}.",
    Outcome.SETTLED_NOT_APPLIED: "No usable answer came, and reading back shows that nothing was done.",
}
_UNKNOWN = "No usable answer came: it may have been done, or not, and will not be sent again by itself."
_CANNOT_TELL = "No usable answer came, and reading back does not show whether it was done."
_NOT_YET = {
    ActionKind.ADD: "the trial is not an impulse yet",
    ActionKind.EXTEND: "there is no new run yet",
    ActionKind.CANCEL: "the job is not over yet",
}


def action_outcome(entry: ActionEntry) -> str:
    """Return what became of an action, with the reason where one is known."""
    report, kind = entry.report, entry.action.kind
    if entry.outcome is Outcome.APPLIED:
        job = f" as job {report.job_id}" if report.job_id is not None else ""
        if report.seen:
            sentence = f"Done{job}, and read back: {report.found}."
        elif report.seen is False:
            sentence = f"Accepted by the service{job}; read back, {_NOT_YET.get(kind, 'it is not done yet')}."
        else:
            sentence = f"Accepted by the service{job}."
    elif entry.outcome is Outcome.SETTLED_APPLIED and report.refused:
        sentence = f"The service said no, but reading back shows that it is done: {report.found}."
    elif entry.outcome is Outcome.SETTLED_OTHER:
        sentence = f"{_CANNOT_TELL[:-1]} ({_NOT_YET[kind]})." if kind in _NOT_YET else _CANNOT_TELL
    else:
        sentence = _SAID.get(entry.outcome, _UNKNOWN).format(found=report.found)
    detail = report.detail.rstrip(". ")
    return f"{sentence} ({detail})" if detail else sentence


def action_advice(entry: ActionEntry, again_in_s: float = 0.0) -> str:
    """Return what can be done about an action; empty where there is nothing to be done.

    `again_in_s` is after how many seconds reading back can settle it.
    """
    other = "Look in the Studio before you send it again."
    return advice_after(entry.outcome, again_in_s, other=other, held="the same is not sent again")


def brief(entry: ActionEntry) -> str:
    """Return what an entry did in a few words, for a list: `add trial mfe-conv1d-934`."""
    action = entry.action
    named = f"impulse {action.target}" if action.kind is ActionKind.TEST else action.name
    return {
        ActionKind.ADD: f"add trial {named}",
        ActionKind.EXTEND: f"extend {named}",
        ActionKind.CANCEL: f"cancel {named}",
        ActionKind.TEST: f"test {named}",
    }[action.kind]


def _count(count: int, noun: str, singular: str, plural: str) -> str:
    return f"{count} {noun} {singular}" if count == 1 else f"{count} {noun}s {plural}"


def _span(seconds: float) -> str:
    """Return a span of time with its seconds, up to an hour: a limit of 20m and 20m 30s must not read the same."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}m {rest:02d}s" if 0 < minutes < 60 and rest else coarse(seconds)
