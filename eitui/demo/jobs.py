"""Jobs that clients start: they end by the clock, or are cancelled."""

from collections.abc import Callable
from dataclasses import dataclass

from eitui.demo.kit import Json, success, zulu

_FIRST_JOB = 8_200_001
"""Id of the first job; the next has the next number."""

ALREADY_OVER = "Job is already finished"


@dataclass
class _Job:
    kind: str
    """The service's own word for what it does: `classify`."""
    about: str
    begun: float
    """Unix seconds, as all times here."""
    end: float
    fails: bool
    done: Callable[[], None]
    cancelled: bool = False
    settled: bool = False


class StartedJobs:
    """All jobs that were started, in their order."""

    def __init__(self, length_s: float, fails: bool) -> None:
        self._length_s, self._fails = length_s, fails
        self._jobs: list[_Job] = []

    def start(self, kind: str, about: str, now: float, done: Callable[[], None]) -> int:
        """Start a job; return its id. `done` is called once it has succeeded."""
        self._jobs.append(_Job(kind, about, now, now + self._length_s, self._fails, done))
        return _FIRST_JOB + len(self._jobs) - 1

    def settle(self, now: float) -> None:
        """Take into account the jobs that have ended by `now`."""
        for job in sorted(self._jobs, key=lambda job: job.end):
            if not job.settled and job.end <= now:
                job.settled = True
                if not (job.fails or job.cancelled):
                    job.done()

    def busy(self, kind: str) -> bool:
        """Whether a job of this kind was running when jobs were last settled."""
        return any(job.kind == kind and not job.settled for job in self._jobs)

    def cancel(self, job_id: int, now: float) -> str | None:
        """End a job that is running; return why it cannot be, in prose, or None."""
        job = self._job(job_id)
        if job is None:
            return "No job with this ID"
        if job.end <= now:
            return ALREADY_OVER
        job.end, job.cancelled = now, True
        return None

    def status(self, job_id: int, now: float) -> Json | None:
        """Answer `jobs/{jobId}/status`; None if there is no such job."""
        job = self._job(job_id)
        if job is None:
            return None
        failed = job.fails or job.cancelled
        return job_status(job_id, job.kind, job.begun, job.end if now >= job.end else None, failed=failed)

    def log(self, job_id: int, now: float) -> Json | None:
        """Answer `jobs/{jobId}/stdout`, newest line first; None if there is no such job."""
        job = self._job(job_id)
        if job is None:
            return None
        lines = [(job.begun, "info", job.about)]
        lines += [(job.begun + share * self._length_s, "info", f"{share:.0%} done") for share in (0.25, 0.5, 0.75)]
        lines = [line for line in lines if line[0] <= job.end]
        failed = ("error", "Application exited with code 137 (out of memory)")
        last = ("warn", "Job cancelled") if job.cancelled else failed if job.fails else ("info", "Job completed")
        lines.append((job.end, *last))
        rows = [
            {"created": zulu(time), "data": text + "\n", "logLevel": level}
            for time, level, text in lines
            if time <= now
        ]
        return success(stdout=rows[::-1], totalCount=len(rows))

    def _job(self, job_id: int) -> _Job | None:
        number = job_id - _FIRST_JOB
        return self._jobs[number] if 0 <= number < len(self._jobs) else None


_CATEGORIES = {"classify": "Model testing", "optimize": "EON Tuner", "keras-train": "Training"}


def job_status(job_id: int, kind: str, begun: float, ended: float | None, *, failed: bool) -> Json:
    """Answer `jobs/{jobId}/status`; `ended` None while it runs."""
    answer: Json = {"id": job_id, "key": kind, "category": _CATEGORIES.get(kind, kind), "categoryKey": kind}
    answer |= {"created": zulu(begun), "started": zulu(begun), "jobNotificationUids": []}
    if ended is not None:
        over: Json = {"finished": zulu(ended), "finishedSuccessful": not failed, "computeTime": round(ended - begun, 3)}
        answer |= over
    return success(job=answer)
