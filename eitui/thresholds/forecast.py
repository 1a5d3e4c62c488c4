"""What is asked of a project before something is started, and may stay unknown."""

from eitui.api.detail import detail_of
from eitui.api.errors import ApiError
from eitui.domain.action import PlanLimits
from eitui.domain.trial import Trial
from eitui.thresholds.project import ProjectClient


async def plan_limits_of(project: ProjectClient) -> PlanLimits | None:
    """Return what the project's plan allows; None where the service does not tell."""
    try:
        return await project.limits()
    except ApiError:
        return None


async def training_s(project: ProjectClient, trial: Trial) -> float | None:
    """Return how long a trial trained, in seconds; None where the service does not tell."""
    job_id = detail_of(trial).jobs.learn
    try:
        return None if job_id is None else (await project.job(job_id)).compute_s
    except ApiError:
        return None
