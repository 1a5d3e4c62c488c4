"""What the service's answers say of an action's target: pure decisions, no I/O."""

from collections.abc import Sequence

from eitui.api.detail import detail_of
from eitui.api.log import id_to_ask
from eitui.domain.action import Action, Evidence
from eitui.domain.impulse import ImpulseTable
from eitui.domain.log import Job
from eitui.domain.run import Run, RunRecord
from eitui.domain.text import clean
from eitui.domain.trial import COMPLETED


def added(trial_id: str, run: Run, impulses: ImpulseTable) -> Evidence:
    """Return whether a trial is an impulse of the project; `trial_id` is the id as the service sent it."""
    trial = next((trial for trial in run.trials if id_to_ask(trial) == trial_id), None)
    told = None if trial is None else detail_of(trial).added
    numbers = [impulse.id for impulse in impulses.from_trial(clean(trial_id)) if impulse.id is not None]
    if told is not None and told.impulse_id is not None:
        numbers.insert(0, told.impulse_id)
    if told is not None or numbers:
        found = f"impulse {numbers[0]}" if numbers else "an impulse"
        return Evidence(done=True, found=found, obstacle=f"The trial is in the project already, as {found}")
    if trial is None:
        return Evidence(done=False, obstacle="The project's latest run has no such trial")
    if trial.status != COMPLETED:
        return Evidence(done=False, obstacle=f"The trial is not completed (it is {clean(trial.status) or 'unknown'})")
    return Evidence(done=False)


def extended(action: Action, run: Run, records: Sequence[RunRecord]) -> Evidence:
    """Return whether a run goes on where the action's ended; `run` is the latest, `records` are all that there are."""
    target = int(action.target)
    found = [record for record in records if record.coordinator_job_id not in (None, target, *action.known)]
    # Of several new ones the one that says that it continues this.
    found.sort(key=lambda record: record.continued_job_id != target)
    new = found[0] if found and action.known and found[0].continued_job_id in (None, target) else None
    if new is not None:
        number = f"run {new.index}, job" if new.index is not None else "run"
        return Evidence(done=True, found=f"{number} {new.coordinator_job_id}")
    known = tuple(record.coordinator_job_id for record in records if record.coordinator_job_id is not None)
    obstacle = ""
    if run.coordinator_job_id != target:
        obstacle = "Another run is the project's latest now"
    elif not run.finished:
        obstacle = "The search is still running"
    elif run.can_extend_search is False:
        obstacle = "The service says that this search cannot be extended"
    return Evidence(done=False, obstacle=obstacle, known=(target, *known))


def ended(job: Job) -> Evidence:
    """Return whether a job is over, in whatever way."""
    if not job.finished:
        return Evidence(done=False, found="the job is still running")
    found = "the job is over" if job.successful is not True else "the job is over, and had succeeded"
    return Evidence(done=True, found=found, obstacle=f"Job {job.id} is over already")
