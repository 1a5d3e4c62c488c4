"""Jobs: what the service does in the background (`GET /api/{projectId}/jobs/{jobId}/status`, Job)."""

from eitui.api.lenient import answer
from eitui.domain.job import Job


def job_of(body: bytes, job_id: int) -> Job:
    """Return how it stands with the job that was asked for; raise ApiError where the answer has none."""
    response = answer(body)
    if not isinstance(response.value("job"), dict):
        raise response.unexpected("job", "an object")
    job = response.part("job")
    successful = job.flag("finishedSuccessful")
    return Job(job_id, finished=job.time("finished") is not None or successful is not None, successful=successful)


def started_job(body: bytes) -> int:
    """Return the id of a job that was started; raise ApiError where the answer has none."""
    response = answer(body)
    job_id = response.whole("id")
    if job_id is None:
        raise response.unexpected("id", "a whole number")
    return job_id
