"""The run as the service describes it: `optimize/state`, `optimize/runs`, and the logs of trials and of its jobs."""

from eitui.demo.catalogue import FROM_TRIAL
from eitui.demo.evaluation import Detail
from eitui.demo.job_logs import JOB_ERROR, Written, coordinator_log, failed_attempt, tuner_log
from eitui.demo.kit import Encode, Json, encode_json, success, zulu
from eitui.demo.scenarios import Simulation
from eitui.demo.schedule import Course, Member
from eitui.demo.specs import TRAINING_CYCLES, VALIDATION_SAMPLES
from eitui.demo.training_log import training_log
from eitui.demo.trialjson import Describer, TrialStage, position

_FIRST_JOB, JOBS = 8_000_000, 80_000_000
"""Job ids are from this number on, this many of them."""

_LOG_ENTRIES = 1_000
"""Entries of a log that are sent, the newest."""


class TunerState:
    """Answers about one run. The same simulation, service start and time give the same bytes.

    What it remembers between calls is only the encoded form of each trial's last position.
    """

    def __init__(self, simulation: Simulation, service_start: float, encoder: Encode = encode_json) -> None:
        self.simulation = simulation
        self.service_start = service_start
        # Of the start: a service that is started again has begun another run, which must not be taken for the last one.
        self.coordinator_job = _FIRST_JOB + 2 * int(service_start) % JOBS
        self.tuner_job = self.coordinator_job + 1
        self.encoder = encoder
        profile = simulation.profile
        detail = Detail(profile.devices, profile.predictions, simulation.options.seed)
        self.describer = Describer(profile.task, detail, self._wall)
        self._encoded: dict[int, tuple[TrialStage, bytes]] = {}

    def _wall(self, simulated: float) -> float:
        return self.simulation.wall(simulated, self.service_start)

    def body(self, elapsed: float) -> bytes:
        """Answer `optimize/state`, `elapsed` real seconds after the service's start."""
        now = self.simulation.now(elapsed)
        envelope = self.envelope(now)
        head = self.encoder(envelope)
        trials = b",".join(self._trial(course, at) for course, at in self.positions(now))
        return head[:-1] + b',"trials":[' + trials + b"]}"

    def positions(self, now: float) -> list[tuple[Course, TrialStage]]:
        """Every trial proposed by the simulated time `now`, with where it stands."""
        if not self.simulation.profile.started:
            return []
        found = ((course, position(course, now)) for course in self.simulation.schedule.courses)
        return [(course, at) for course, at in found if at is not None]

    def _trial(self, course: Course, at: TrialStage) -> bytes:
        index = course.spec.index
        known = self._encoded.get(index)
        if known is not None and known[0] == at:
            return known[1]
        answer = self.describer.trial(course, at)
        if course is self.simulation.schedule.courses[0]:
            # The other end of what `impulses-detailed` says of this trial.
            answer["impulseAddedToProject"] = {"impulseId": FROM_TRIAL, "link": f"/studio/impulse/{FROM_TRIAL}"}
        fresh = self.encoder(answer)
        self._encoded[index] = (at, fresh)
        return fresh

    def envelope(self, now: float) -> Json:
        """Return the state without its trials."""
        profile = self.simulation.profile
        if not profile.started:
            return self._nothing()
        over = self.simulation.over(now)
        answer = success(
            config=self.config(),
            status=self._status(now),
            tunerJobId=self.tuner_job,
            tunerCoordinatorJobId=self.coordinator_job,
            tuningAlgorithm=self._algorithm,
            tunerJobIsRunning=not over,
            projectDataType=profile.task.data_type,
            workers=self._workers(now),
            nextRunIndex=2,
            canExtendSearch=over and not profile.breaks,
            isWhitelabel=False,
            totalTrainingTimeExceeded=False,
        )
        if over and profile.breaks:
            answer["jobError"] = JOB_ERROR
        return answer

    def _nothing(self) -> Json:
        task = self.simulation.task
        counts = dict.fromkeys(_STATUS_FIELDS, 0)
        return success(
            config={"targetDevice": {"name": task.device}, "targetLatency": task.latency_ms},
            status={**counts, "status": "ready"},
            tunerJobIsRunning=False,
            projectDataType=task.data_type,
            workers=[],
            nextRunIndex=1,
            canExtendSearch=False,
            isWhitelabel=False,
            totalTrainingTimeExceeded=False,
        )

    @property
    def _algorithm(self) -> str:
        return "bayesian" if self.simulation.profile.rounds else "random"

    def config(self) -> Json:
        """How the run was set up, in the shape of `OptimizeConfig`. Limits are bytes and milliseconds."""
        simulation, task = self.simulation, self.simulation.task
        sizes = simulation.rounds.sizes
        return {
            "name": RUN_NAME,
            "targetLatency": task.latency_ms,
            "targetDevice": {"name": task.device, "ram": task.ram, "rom": task.rom},
            "compiler": ["EON"],
            "precision": ["int8", "float32"],
            "optimizationPrecision": "int8",
            "trainingCycles": TRAINING_CYCLES,
            "tuningMaxTrials": simulation.rounds.total,
            "tuningWorkers": simulation.profile.workers,
            "initialTrials": sizes[0],
            "optimizationRounds": len(sizes) - 1,
            "trialsPerOptimizationRound": sizes[1] if len(sizes) > 1 else 0,
            "tuningAlgorithm": self._algorithm,
            "notificationOnCompletion": False,
            "optimizationObjectives": [
                {"objective": "accuracy", "label": "Accuracy", "weight": 1.0},
                {"objective": "latency", "label": "Latency", "weight": 0.3},
            ],
            "rawObjectives": "accuracy:1.0,latency:0.3",
            "earlyStopping": True,
            "earlyStoppingWindowSize": simulation.window,
            "earlyStoppingImprovementBar": 0,
            "maxTotalTrainingTime": round(12 * 3600 / simulation.options.speed, 3),
            "tunerChildJobMemoryMiB": 4096,
            "tunerSpaceOptions": {"learn": [net.name for net in task.nets], "dsp": [dsp.name for dsp in task.dsps]},
            "space": [self._space()],
            "searchSpaceTemplate": {"identifier": task.template, "classification": task.kind == "classification"},
            "searchSpaceSource": {"type": "template", "templateTitle": task.title},
        }

    def _space(self) -> Json:
        task = self.simulation.task
        return {
            "parameters": {"learningRate": [0.0005, 0.001, 0.005]},
            "inputBlocks": [{"type": "image" if task.data_type == "image" else "time-series"}],
            "dspBlocks": [{"type": dsp.name, dsp.parameter: list(dsp.choices)} for dsp in task.dsps],
            "learnBlocks": [[{"type": "keras", "title": net.name} for net in task.nets]],
        }

    def _status(self, now: float) -> Json:
        statuses: list[str] = [at.status for _, at in self.positions(now)]
        workers = [row["status"] for row in self._workers(now)]
        simulation = self.simulation
        # A broken job leaves its last status behind: there is no word for it here (see `runs`).
        word = "completed" if simulation.over(now) and not simulation.profile.breaks else "running"
        if not any(worker != "pending" for worker in workers) and "pending" in statuses:
            word = "creating"
        trials = {f"num{name.title()}Trials": statuses.count(name) for name in _TRIAL_STATUSES}
        pool = {f"num{name.title()}Workers": workers.count(name) for name in ("ready", "busy", "pending")}
        return {**trials, **pool, "status": word}

    def _workers(self, now: float) -> list[Json]:
        busy = self.simulation.schedule.busy(now)
        present = [member for member in self.simulation.schedule.members if member.joined <= now < member.left]
        return [{"workerId": member.id, "status": _worker_status(member, now, busy)} for member in present]

    def runs(self, elapsed: float) -> Json:
        """Answer `optimize/runs`: this run, or none."""
        simulation, now = self.simulation, self.simulation.now(elapsed)
        if not simulation.profile.started:
            return success(runs=[])
        ended = "failed" if simulation.profile.breaks else "success"
        run: Json = {
            "tunerJobId": self.tuner_job,
            "tunerCoordinatorJobId": self.coordinator_job,
            "index": 1,
            "name": RUN_NAME,
            "created": zulu(self._wall(0.0)),
            "jobStatus": ended if simulation.over(now) else "running",
            "visible": True,
        }
        return success(runs=[run])

    def log(self, trial: str, elapsed: float) -> Json | None:
        """Answer `optimize/trial/{id}/stdout`, newest line first; None if there is no such trial."""
        now = self.simulation.now(elapsed)
        for course, at in self.positions(now):
            if course.spec.id == trial:
                return self._stdout(self._lines(course, at), min(now, course.attempts[at.attempts - 1].end))
        return None

    def job_log(self, job_id: int, elapsed: float) -> Json | None:
        """Answer `jobs/{id}/stdout` for the run's own jobs, newest line first; None if it is none of them."""
        writers = {self.tuner_job: tuner_log, self.coordinator_job: coordinator_log}
        if job_id not in writers or not self.simulation.profile.started:
            return None
        return self._stdout(writers[job_id](self.simulation), self.simulation.now(elapsed))

    def _stdout(self, lines: list[Written], now: float) -> Json:
        entries: list[Json] = [
            {"created": zulu(self._wall(time)), "data": text + "\n", "logLevel": level}
            for time, level, text in lines
            if time <= now
        ]
        return success(stdout=entries[::-1][:_LOG_ENTRIES], totalCount=len(entries))

    def _lines(self, course: Course, at: TrialStage) -> list[Written]:
        spec = course.spec
        lines: list[Written] = []
        for number, attempt in enumerate(course.attempts[: at.attempts], 1):
            lines.append((attempt.start, "info", f"Attempt {number} on {attempt.worker}"))
            lines.append((attempt.dsp_start, "info", f"Generating features: {spec.dsp.title}"))
            lines.append((attempt.learn_start, "info", f"Training {spec.net.name} for {TRAINING_CYCLES} epochs"))
            task, seed = self.simulation.task, self.simulation.options.seed
            lines += ((time, "info", text) for time, text in training_log(spec, number, attempt, task, seed))
            if attempt.outcome == "completed":
                text = f"Done: {spec.correct_int8} of {VALIDATION_SAMPLES} validation samples right (int8)"
                lines += ((attempt.end, "info", text), (attempt.end, "info", "Job completed"))
            elif attempt.outcome == "lost":
                lines.append((attempt.end, "warn", f"{attempt.worker} went away"))
            else:
                lines += failed_attempt(spec, attempt.end)
        return lines


RUN_NAME = "Search 1 (synthetic)"
_TRIAL_STATUSES = ("pending", "running", "completed", "failed")
_STATUS_FIELDS = (
    *(f"num{name.title()}Trials" for name in _TRIAL_STATUSES),
    *(f"num{name.title()}Workers" for name in ("ready", "busy", "pending")),
)


def _worker_status(member: Member, now: float, busy: dict[str, int]) -> str:
    if now < member.ready:
        return "pending"
    return "busy" if member.id in busy else "ready"
