"""What happened to a change, in sentences: what is so now, what is still safe, and what can be done."""

from eitui.domain.edit import Edit, Entry, Outcome
from eitui.domain.text import clean
from eitui.domain.threshold import Change, format_value
from eitui.thresholds.project import Followed

CONSEQUENCE = "This invalidates the model-testing results."
MAY_START_JOB = "Edge Impulse may start a job to recalculate them; while the job runs, no threshold can be changed."
NO_JOB = "Edge Impulse recalculates them immediately if it can; no job will be started."


CONSEQUENCE_OF_TEST = (
    "The service runs the test set through the impulse with its present thresholds. While the job runs, no threshold"
    " can be changed."
)


def consequence(regenerate: bool) -> str:
    """Return what sending a change will do beside changing the values."""
    return f"{CONSEQUENCE} {MAY_START_JOB if regenerate else NO_JOB}"


def send_question(edit: Edit) -> str:
    """Return the question whether to send a change."""
    count = len(edit.changes)
    return "Send this change?" if count == 1 else f"Send these {count} changes, in one request?"


def diff(change: Change) -> str:
    """Return a change in a line: `block 3, min_score: 0.6 → 0.7`."""
    return f"block {change.ref.block_id}, {change.ref.name}: {format_value(change.old)} → {format_value(change.new)}"


_SENTENCES = {
    Outcome.REFUSED: "The service said no. Nothing was changed.",
    Outcome.NOT_SENT: "It was not sent. Nothing was changed.",
    Outcome.SETTLED_APPLIED: "No usable answer came, but reading back shows that it was applied.",
    Outcome.SETTLED_NOT_APPLIED: "No usable answer came, and reading back shows that nothing was changed.",
    Outcome.SETTLED_OTHER: (
        "No usable answer came, and reading back shows other values: the service keeps them otherwise, or they were"
        " changed once more."
    ),
}
_VERIFIED = {
    True: "Applied, and read back.",
    False: "Accepted by the service, but another value was read back.",
    None: "Accepted by the service, and not verified: no value was read back.",
}
"""What is said of a change that the service accepted, by whether it was read back so."""

_NOT_NOTED = "Accepted by the service. The earlier version of eitui that sent it did not note the value read back."

_REFUSED_AND_DONE = "The service said no, but reading back shows that it was applied."
_UNKNOWN = "No usable answer came: it may have been applied, or not, and will not be sent again by itself."


def damage(unreadable: int) -> tuple[str, str]:
    """Return what to say of a journal of which some lines cannot be read, and what to do about it."""
    lines = "A line of the journal" if unreadable == 1 else f"{unreadable} lines of the journal"
    return (
        f"{lines} cannot be read: not what was written, or gone",
        "Until the journal is whole nothing is sent. Move it away to begin a new one, or set EITUI_JOURNAL.",
    )


def outcome(entry: Entry) -> str:
    """Return what became of an entry, with the reason where one is known."""
    done_all_the_same = entry.report.refused and entry.outcome.applied
    if entry.outcome is Outcome.APPLIED:
        sentence = _VERIFIED[entry.verified] if entry.report.read_back_noted else _NOT_NOTED
    else:
        sentence = _REFUSED_AND_DONE if done_all_the_same else _SENTENCES.get(entry.outcome, _UNKNOWN)
    detail = entry.report.detail.rstrip(". ")
    return f"{sentence} ({detail})" if detail else sentence


_ADVICE = {
    Outcome.REFUSED: "Send it again once the reason is gone.",
    Outcome.NOT_SENT: "Send it again when the service can be reached.",
    Outcome.SETTLED_NOT_APPLIED: "Send it again if you still want it.",
}


def advice_after(outcome: Outcome, again_in_s: float, *, other: str, held: str) -> str:
    """Return what can be done about what was sent; empty where there is nothing to be done.

    `other` is the advice where it is settled otherwise than wanted, `held` says what is not sent until it is settled.
    """
    if outcome.settled:
        return other if outcome is Outcome.SETTLED_OTHER else _ADVICE.get(outcome, "")
    when = f" in {again_in_s:.0f} s" if again_in_s else ""
    return f"Read it back{when}: `eitui thresholds list` does. Until then {held}."


def outcome_advice(entry: Entry, again_in_s: float = 0.0) -> str:
    """Return what can be done about an entry; empty where there is nothing to be done.

    `again_in_s` is after how many seconds reading back can settle it.
    """
    if entry.outcome is Outcome.APPLIED and entry.verified is None:
        return "`eitui thresholds list` shows the values as they are now."
    other, held = "Look at the values, and set those you want.", "nothing else of this impulse is sent"
    return advice_after(entry.outcome, again_in_s, other=other, held=held)


# The words of the API document, written here once more: its models take 100 ms to load.
_REGENERATED = {
    "regenerated": ("The model-testing results were computed again with the new values.", ""),
    "started_job": (
        "The service started a job that computes the model-testing results again.",
        "No threshold can be changed until it is finished.",
    ),
    "requires_job": (
        "The model-testing results are gone: computing them again takes a job, and none was allowed.",
        "Run Model testing in the Studio, or allow the job with the next change.",
    ),
    "not_regenerated": (
        "There are no model-testing results: there were none, or they cannot be computed again for this kind of model.",
        "Run Model testing in the Studio to have some.",
    ),
}


_NONE_BEFORE = "There are no model-testing results, as there were none before."
_LOST = "The model-testing results are gone: the service cannot compute them again without a new test."


def regenerated(status: str, job_id: int | None = None, had: bool | None = None) -> str:
    """Return what `regenerateModelTestingStatus` says, in a sentence; `had`: whether there were results before."""
    if status == "not_regenerated" and had is not None:
        return _LOST if had else _NONE_BEFORE
    if not status:
        return "The service did not say what became of the model-testing results."
    known = _REGENERATED.get(status)
    if known is None:
        return f"The service calls the state of the model-testing results “{clean(status)}”, which eitui does not know."
    return known[0] if job_id is None else f"{known[0]} Its number is {job_id}."


def next_step(status: str) -> str:
    """Return what to do about the model-testing results; empty where there is nothing to be done."""
    return _REGENERATED.get(status, ("", ""))[1]


def job(followed: Followed) -> str:
    """Return how it stands with a job that is being followed, in a sentence."""
    number = followed.job.id
    if followed.problem is not None:
        after = "It goes on all the same; look in the Studio" if followed.over else "Asking again"
        return f"Job {number} could not be asked for: {followed.problem.what}. {after}."
    if not followed.job.finished:
        return f"Job {number} is running."
    if followed.job.successful is None:
        return f"Job {number} is finished; the service does not say whether it succeeded."
    return (
        f"Job {number} is finished." if followed.job.successful else f"Job {number} failed: see its log in the Studio."
    )
