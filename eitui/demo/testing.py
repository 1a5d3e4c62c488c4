"""Model testing: which impulses have results, and the jobs that bring them up to date."""

from collections.abc import Iterable
from dataclasses import dataclass

from eitui.demo.answers import Json, success, zulu
from eitui.demo.catalogue import ImpulsePlan
from eitui.demo.thresholds import SimulatedValue, ThresholdStore

_FIRST_JOB = 8_200_001
"""Id of the first model-testing job; the next has the next number."""

CAN_REGENERATE, SHOULD_RERUN = "can_regenerate_model_summary", "should_rerun_full_job"
"""Why there are no results after a change of thresholds, in the API document's words."""


@dataclass(frozen=True)
class _Job:
    plan: ImpulsePlan
    begun: float
    """Unix seconds, as all times here."""
    length_s: float
    fails: bool

    @property
    def end(self) -> float:
        return self.begun + self.length_s


class ModelTesting:
    """What is known of each impulse's test set. Jobs run one at a time, and end by the clock."""

    def __init__(
        self, plans: Iterable[ImpulsePlan], thresholds: ThresholdStore, *, job_s: float, job_fails: bool
    ) -> None:
        self._thresholds = thresholds
        self._job_s = job_s
        self._job_fails = job_fails
        self._jobs: list[_Job] = []
        self._settled = 0
        """Jobs whose end was taken into account, of those in order."""
        self._classified = {plan.id for plan in plans if plan.complete}
        """Impulses whose test set was run through the network: from that, summaries can be made again."""
        self._tested = {plan.id: self._now(plan) for plan in plans if plan.complete}
        self._why: dict[int, str] = {}

    def settle(self, now: float) -> None:
        """Take into account the jobs that have ended by `now`."""
        while self._settled < len(self._jobs) and self._jobs[self._settled].end <= now:
            job = self._jobs[self._settled]
            if not job.fails:
                self._fresh(job.plan)
            self._settled += 1

    def busy(self) -> bool:
        """Whether a job was running when it was last settled: thresholds cannot be changed meanwhile."""
        return self._settled < len(self._jobs)

    def tested(self, plan: ImpulsePlan) -> dict[int, dict[str, SimulatedValue]] | None:
        """Return the thresholds that the results of `plan` were computed with; None where there are no results."""
        return self._tested.get(plan.id)

    def why_none(self, plan: ImpulsePlan) -> str | None:
        """Return why there are no results, if that is because thresholds changed."""
        return self._why.get(plan.id)

    def start(self, plan: ImpulsePlan, now: float) -> int:
        """Start a job that tests `plan`; return its id. There must be none running."""
        self._jobs.append(_Job(plan, now, self._job_s, self._job_fails))
        return _FIRST_JOB + len(self._jobs) - 1

    def changed(self, plan: ImpulsePlan, now: float, *, may_start_job: bool, force_job: bool) -> Json:
        """Take into account that thresholds of `plan` were changed; answer `set-thresholds`."""
        had = plan.id in self._classified
        if not had:
            return success(hadModelTestingResults=False, regenerateModelTestingStatus="not_regenerated")
        self._tested.pop(plan.id, None)
        if plan.retest == "job" or force_job:
            self._why[plan.id] = CAN_REGENERATE
            if not may_start_job:
                return success(hadModelTestingResults=True, regenerateModelTestingStatus="requires_job")
            return success(
                hadModelTestingResults=True,
                regenerateModelTestingStatus="started_job",
                regenerateModelTestingResultsJobId=self.start(plan, now),
            )
        if plan.retest == "regenerated":
            self._fresh(plan)
        else:
            self._classified.discard(plan.id)
            self._why[plan.id] = SHOULD_RERUN
        return success(hadModelTestingResults=True, regenerateModelTestingStatus=plan.retest)

    def status(self, job_id: int, now: float) -> Json | None:
        """Answer `jobs/{jobId}/status`; None if there is no such job."""
        job = self._job(job_id)
        if job is None:
            return None
        answer: Json = {
            "id": job_id,
            "key": "classify",
            "category": "Model testing",
            "categoryKey": "classify",
            "created": zulu(job.begun),
            "started": zulu(job.begun),
            "jobNotificationUids": [],
        }
        if now >= job.end:
            answer |= {"finished": zulu(job.end), "finishedSuccessful": not job.fails, "computeTime": job.length_s}
        return success(job=answer)

    def log(self, job_id: int, now: float) -> Json | None:
        """Answer `jobs/{jobId}/stdout`, newest line first; None if there is no such job."""
        job = self._job(job_id)
        if job is None:
            return None
        lines = [(job.begun, "info", f"Classifying the test set of impulse {job.plan.id}: {job.plan.name}")]
        lines += [(job.begun + share * job.length_s, "info", f"{share:.0%} done") for share in (0.25, 0.5, 0.75)]
        lines.append(
            (job.end, "error", "Application exited with code 137 (out of memory)")
            if job.fails
            else (job.end, "info", "Job completed")
        )
        rows = [
            {"created": zulu(time), "data": text + "\n", "logLevel": level}
            for time, level, text in lines
            if time <= now
        ]
        return success(stdout=rows[::-1], totalCount=len(rows))

    def _job(self, job_id: int) -> _Job | None:
        number = job_id - _FIRST_JOB
        return self._jobs[number] if 0 <= number < len(self._jobs) else None

    def _fresh(self, plan: ImpulsePlan) -> None:
        self._classified.add(plan.id)
        self._tested[plan.id] = self._now(plan)
        self._why.pop(plan.id, None)

    def _now(self, plan: ImpulsePlan) -> dict[int, dict[str, SimulatedValue]]:
        return {learn.id: self._thresholds.words(learn.id) for learn in plan.learns}
