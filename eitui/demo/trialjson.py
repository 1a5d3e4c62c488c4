"""One trial as the service describes it at a moment."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from eitui.demo.curves import curve, number_of
from eitui.demo.evaluation import Detail, device_performance, dsp_performance, evaluation_summary, metrics
from eitui.demo.families import Task
from eitui.demo.kit import Json, naive, zulu
from eitui.demo.schedule import Attempt, Course
from eitui.demo.specs import TRAINING_CYCLES, Spec

_Status = Literal["pending", "running", "completed", "failed"]
_Stage = Literal["waiting", "input", "dsp", "learn", "over"]


class TrialStage(NamedTuple):
    """Where a trial stands. All that the service says of it follows from this alone."""

    status: _Status
    attempts: int
    """Attempts begun so far."""
    stage: _Stage
    epoch: int
    """Epochs finished in the current attempt."""


def learn_job(spec: Spec, attempts: int) -> int:
    """Return the id of the job that trains a trial, of its latest attempt."""
    return 9_500_000 + 10 * spec.index + attempts


def position(course: Course, now: float) -> TrialStage | None:
    """Where a trial stands at simulated time `now`; None before the search proposed it."""
    if now < course.created:
        return None
    begun = sum(attempt.start <= now for attempt in course.attempts)
    if not begun:
        return TrialStage("pending", 0, "waiting", 0)
    attempt = course.attempts[begun - 1]
    if now < attempt.end:
        stage: _Stage = "input" if now < attempt.dsp_start else "dsp" if now < attempt.learn_start else "learn"
        return TrialStage("running", begun, stage, attempt.epochs_done(now))
    if attempt.outcome in ("completed", "failed"):
        status: _Status = "completed" if attempt.outcome == "completed" else "failed"
        return TrialStage(status, begun, "over", attempt.epochs_done(attempt.end))
    return TrialStage("pending", begun, "waiting", 0)


class Describer:
    """Turns positions into JSON for one run."""

    def __init__(self, task: Task, detail: Detail, wall: Callable[[float], float]) -> None:
        self._task = task
        self._detail = detail
        self._wall = wall
        """From simulated seconds to Unix seconds."""

    def trial(self, course: Course, at: TrialStage) -> Json:
        """Describe the trial in the shape of the API document's `TunerTrial`."""
        spec, attempt = course.spec, course.attempts[at.attempts - 1] if at.attempts else None
        statuses = _block_statuses(course, at)
        # Some trials, once completed, carry their figures in the learn block only.
        without_metrics = spec.index % 13 == 7
        answer: Json = {
            "id": spec.id,
            "name": spec.name,
            "status": at.status,
            "retries": max(0, at.attempts - 1),
            "optimizationRound": spec.round,
            "experiment": self._task.title,
            "original_trial_id": spec.id,
            "model": {"width": spec.width, "layers": spec.layers},
            "dspJobId": {"training": 9_000_000 + 2 * spec.index, "testing": 9_000_001 + 2 * spec.index},
            "blocks": self._blocks(course, attempt, at, statuses),
            "impulse": self._impulse(course, at, dsp_done=statuses[1] == "completed", whole=without_metrics),
            "createdInPostProcessing": False,
        }
        if attempt and at.stage != "waiting":
            number = number_of(spec, at.epoch)
            answer |= {"learnJobId": learn_job(spec, at.attempts), "currentEpoch": number}
            if at.status == "running":
                answer["workerId"] = attempt.worker
            if at.epoch:
                score = curve(spec, at.attempts, self._task.kind, len(self._task.classes), self._detail.seed)
                answer["progress"] = {"epoch": number} | score[at.epoch - 1]._asdict()
                answer["lastCompletedEpoch"] = zulu(self._wall(attempt.epoch_end(at.epoch)))
            if at.status == "completed":
                answer["lastCompletedTraining"] = zulu(self._wall(attempt.end))
        if at.status == "completed":
            answer["devicePerformance"] = device_performance(self._task, spec)
            if not without_metrics:
                answer["metrics"] = metrics(self._task, spec, self._detail)
        return answer

    def _blocks(
        self, course: Course, attempt: Attempt | None, at: TrialStage, statuses: tuple[_Status, ...]
    ) -> list[Json]:
        """Describe the three steps with what became of each. A retried trial's blocks carry the retries."""
        failing = course.spec.fatal.block if course.spec.fatal else "learn"
        rows: list[Json] = []
        for number, kind in enumerate(("input", "dsp", "learn")):
            identity = 10 * course.spec.index + number + 1
            row: Json = {"id": identity, "blockId": identity, "type": kind, "status": statuses[number]}
            row["retries"] = max(0, at.attempts - 1) if kind == failing else 0
            if kind != "input":
                row["modelBlockIndex"] = 0
            active = _last_active(attempt, kind, at) if attempt else None
            if active is not None:
                # One of the service's naive date-times: clients must read both forms.
                row["lastActive"] = naive(self._wall(active)) if kind == "dsp" else zulu(self._wall(active))
            rows.append(row)
        return rows

    def _impulse(self, course: Course, at: TrialStage, *, dsp_done: bool, whole: bool) -> Json:
        """Describe the hyper-parameters: the plurals that clients read and the singulars that the document requires.

        DSP and learn blocks have the form that Edge Impulse's own clients read. `whole`: with all evaluations.
        """
        spec, task = course.spec, self._task
        source: Json = {"id": 1, "type": "image", "title": "Image data", "resizeMode": "fit-short"}
        if task.data_type != "image":
            source = {"id": 1, "type": "time-series", "title": "Time series data", "windowSizeMs": 1000}
            source["frequencyHz"] = 16_000 if task.data_type == "audio" else 100
        dsp: Json = {
            "block": {"id": 2, "type": spec.dsp.name, "name": spec.dsp.title, "implementationVersion": 4},
            "config": {spec.dsp.parameter: spec.features},
        }
        config: Json = {"trainingCycles": TRAINING_CYCLES, "learningRate": spec.learning_rate}
        config |= {"width": spec.width, "layers": spec.layers, "dropout": spec.dropout}
        learn: Json = {"block": {"id": 3, "type": "keras", "title": spec.net.name, "dsp": [2]}, "config": config}
        singular: Json = {"inputBlock": source, "dspBlock": dsp, "learnBlock": learn}
        if dsp_done:
            dsp = {**dsp, "performance": dsp_performance(spec)}
        if at.status == "completed":
            learn = {**learn, "metrics": evaluation_summary(task, spec)}
            if whole:
                short = metrics(task, spec, Detail(1, 0, self._detail.seed))["validation"]
                learn["metadata"] = {"modelValidationMetrics": list(short.values()) if isinstance(short, dict) else []}
        return singular | {"inputBlocks": [source], "dspBlocks": [dsp], "learnBlocks": [learn]}


def _block_statuses(course: Course, at: TrialStage) -> tuple[_Status, _Status, _Status]:
    if at.status == "completed":
        return "completed", "completed", "completed"
    if at.status == "failed":
        dsp_failed = course.spec.fatal is not None and course.spec.fatal.block == "dsp"
        return ("completed", "failed", "pending") if dsp_failed else ("completed", "completed", "failed")
    by_stage: dict[_Stage, tuple[_Status, _Status, _Status]] = {
        "waiting": ("pending", "pending", "pending"),
        "input": ("running", "pending", "pending"),
        "dsp": ("completed", "running", "pending"),
        "learn": ("completed", "completed", "running"),
    }
    return by_stage[at.stage]


def _last_active(attempt: Attempt, kind: str, at: TrialStage) -> float | None:
    """When the block last did something, in simulated seconds; None if it has not begun."""
    if kind == "input":
        return min(attempt.dsp_start, attempt.end) if at.stage != "input" else attempt.start
    if kind == "dsp":
        begun = at.stage in ("dsp", "learn", "over")
        return min(attempt.dsp_start if at.stage == "dsp" else attempt.learn_start, attempt.end) if begun else None
    if at.stage == "learn":
        return attempt.epoch_end(at.epoch) if at.epoch else attempt.learn_start
    return attempt.end if at.stage == "over" and attempt.end > attempt.learn_start else None
