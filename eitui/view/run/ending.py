"""Why a run ended as it did, where its trials do not tell."""

from eitui.domain.moment import Moment
from eitui.view.kit import format as fmt

OPENS_LOG = "{run.logs} opens the tuner's log."
"""What to press to learn more."""


def why_without_trials(moment: Moment) -> str:
    """Return why a run that is over has no trial, as far as the service tells; empty where it has, or goes on.

    That no model came close to the latency is what Edge Impulse's own client says of such a run.
    """
    run = moment.run
    if run.trials or not run.finished:
        return ""
    if moment.record is not None and moment.record.job_status == "cancelled":
        return "The run was cancelled before its first trial."
    if run.job_error:
        return "The run ended with an error before its first trial."
    most = run.config.target.latency_ms
    limit = "" if most is None else f" of {fmt.latency(most)}"
    return f"The run ended without a trial, usually because no model comes close to the target latency{limit}."
