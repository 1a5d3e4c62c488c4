"""The run as the service describes it: `optimize/state`, `optimize/runs`, and the logs of trials and of its jobs."""

import math
from collections.abc import Iterable, Sequence

from eitui.demo.evaluation import Detail
from eitui.demo.jobs import job_status
from eitui.demo.kit import Encode, Json, encode_json, success, zulu
from eitui.demo.logs import JOB_ERROR, Written, coordinator_log, trial_log, tuner_log
from eitui.demo.scenarios import Simulation
from eitui.demo.schedule import Course
from eitui.demo.specs import TRAINING_CYCLES
from eitui.demo.trialjson import Describer, TrialStage, learn_job, position

_FIRST_JOB, JOBS = 8_000_000, 80_000_000
"""Job ids are from this number on, this many of them."""

_LOG_ENTRIES = 1_000
"""Entries of a log that are sent, the newest."""

RUN_NAME = "Search 1 (synthetic)"
_TRIALS = ("pending", "running", "completed", "failed")
_WORKERS = ("ready", "busy", "pending")


class TunerState:
    """Answers about one run. The same simulation, service start and time give the same bytes.

    What it remembers between calls is only the encoded form of each trial's last position.
    """

    def __init__(
        self,
        simulation: Simulation,
        service_start: float,
        encoder: Encode = encode_json,
        *,
        name: str = RUN_NAME,
        index: int = 1,
        runs: int = 1,
        cut: float | None = None,
        continues: "TunerState | None" = None,
    ) -> None:
        """`index` is the run's number, counted from 1, of so many `runs` of the project.

        `cut` is the simulated second at which somebody cancelled it; None: nobody did. `continues` is the run that this
        one goes on from; `service_start` then is when it began.
        """
        self._name, self._index, self._runs = name, index, runs
        self._cut = math.inf if cut is None else cut
        self.simulation = simulation
        self.service_start = service_start
        self.continues = continues
        self.added: dict[str, int] = {}
        """Impulses that were made from trials, by the trial's id."""
        # Of the start: a service that is started again has begun another run, which must not be taken for the last one.
        self.coordinator_job = _FIRST_JOB + 2 * int(service_start) % JOBS
        if continues is not None:
            self.coordinator_job = continues.coordinator_job + 2
        self.tuner_job = self.coordinator_job + 1
        self._encoder = encoder
        profile = simulation.profile
        self._algorithm = "bayesian" if profile.rounds else "random"
        detail = Detail(profile.devices, profile.predictions, simulation.options.seed)
        self._describer = Describer(profile.task, detail, self._wall)
        self._encoded: dict[int, tuple[TrialStage, bytes]] = {}

    def _wall(self, simulated: float) -> float:
        return self.simulation.wall(simulated, self.service_start)

    def body(self, elapsed: float) -> bytes:
        """Answer `optimize/state`, `elapsed` real seconds after the service's start."""
        now = self._now(elapsed)
        head = self._encoder(self._envelope(now))
        trials = []
        for course, at in self._positions(now):
            index = course.spec.index
            known = self._encoded.get(index)
            if known is None or known[0] != at:
                answer = self._describer.trial(course, at)
                if course.spec.id in self.added:
                    # The other end of what `impulses-detailed` says of this trial.
                    number = self.added[course.spec.id]
                    answer["impulseAddedToProject"] = {"impulseId": number, "link": f"/studio/impulse/{number}"}
                known = self._encoded[index] = (at, self._encoder(answer))
            trials.append(known[1])
        return head[:-1] + b',"trials":[' + b",".join(trials) + b"]}"

    def note_added(self, trial: str, impulse: int) -> None:
        """Take note of an impulse that was made from a trial."""
        self.added[trial] = impulse
        self._encoded = {at: known for at, known in self._encoded.items() if self.simulation.shown[at].spec.id != trial}

    def course(self, trial: str, elapsed: float) -> tuple[Course, TrialStage] | None:
        """Return a trial, and where it stands; None if there is none with this id."""
        found = self._positions(self._now(elapsed))
        return next((one for one in found if one[0].spec.id == trial), None)

    def cancel(self, elapsed: float) -> None:
        """End the run here: what runs fails, and what waits is not tried."""
        self._cut = self.simulation.now(elapsed)

    def over(self, elapsed: float) -> bool:
        """Whether the run has come to its end, or was cancelled."""
        return self._over(self._now(elapsed))

    @property
    def can_be_extended(self) -> bool:
        """Whether a run may go on from where this one ends."""
        return self.simulation.profile.started and not self.simulation.profile.breaks and math.isinf(self._cut)

    def _now(self, elapsed: float) -> float:
        """Return the simulated seconds since the run's start; after it was cancelled, those until then."""
        return min(self.simulation.now(elapsed), self._cut)

    def _over(self, now: float) -> bool:
        return now >= self._cut or self.simulation.over(now)

    def _positions(self, now: float) -> list[tuple[Course, TrialStage]]:
        """Every trial proposed by the simulated time `now`, with where it stands."""
        found = ((course, position(course, now)) for course in self.simulation.shown)
        known = [(course, at) for course, at in found if at is not None]
        if now < self._cut:
            return known
        ended = ((course, at._replace(status="failed") if at.status == "running" else at) for course, at in known)
        return [(course, at) for course, at in ended if at.status != "pending"]

    def _envelope(self, now: float) -> Json:
        """Return the state without its trials."""
        simulation, profile, task = self.simulation, self.simulation.profile, self.simulation.task
        if not profile.started:
            return success(
                config={"targetDevice": {"name": task.device}, "targetLatency": task.latency_ms},
                status=_status([], [], "ready"),
                tunerJobIsRunning=False,
                projectDataType=task.data_type,
                workers=[],
                nextRunIndex=1,
                canExtendSearch=False,
                isWhitelabel=False,
                totalTrainingTimeExceeded=False,
            )
        over, cancelled = self._over(now), now >= self._cut
        busy = simulation.schedule.busy(now)
        workers: list[Json] = []
        words = []
        for member in simulation.schedule.members:
            if member.joined <= now < member.left and not cancelled:
                words.append("pending" if now < member.ready else "busy" if member.id in busy else "ready")
                workers.append({"workerId": member.id, "status": words[-1]})
        statuses = [at.status for _, at in self._positions(now)]
        # A job that broke or was cancelled leaves its last status behind: there is no word for it here (see `record`).
        word = "completed" if over and not (profile.breaks or cancelled) else "running"
        if "ready" not in words and "busy" not in words and "pending" in statuses:
            word = "creating"
        answer = success(
            config=self._config(),
            status=_status(statuses, words, word),
            tunerJobId=self.tuner_job,
            tunerCoordinatorJobId=self.coordinator_job,
            tuningAlgorithm=self._algorithm,
            tunerJobIsRunning=not over,
            projectDataType=task.data_type,
            workers=workers,
            nextRunIndex=self._runs + 1,
            canExtendSearch=over and not (profile.breaks or cancelled),
            isWhitelabel=False,
            totalTrainingTimeExceeded=False,
        )
        if self.continues is not None:
            answer["continuationJobId"] = self.continues.coordinator_job
        return answer | {"jobError": JOB_ERROR} if simulation.over(now) and profile.breaks else answer

    def _config(self) -> Json:
        """How the run was set up, in the shape of `OptimizeConfig`. Limits are bytes and milliseconds."""
        simulation, task = self.simulation, self.simulation.task
        sizes = simulation.rounds.sizes
        space: Json = {
            "parameters": {"learningRate": [0.0005, 0.001, 0.005]},
            "inputBlocks": [{"type": "image" if task.data_type == "image" else "time-series"}],
            "dspBlocks": [{"type": dsp.name, dsp.parameter: list(dsp.choices)} for dsp in task.dsps],
            "learnBlocks": [[{"type": "keras", "title": net.name} for net in task.nets]],
        }
        parts = {"learn": [net.name for net in task.nets], "dsp": [dsp.name for dsp in task.dsps]}
        template: Json = {"identifier": task.template, "classification": task.kind == "classification"}
        answer: Json = {"name": self._name, "targetLatency": task.latency_ms}
        answer |= {"targetDevice": {"name": task.device, "ram": task.ram, "rom": task.rom}, "compiler": ["EON"]}
        answer |= {"precision": ["int8", "float32"], "optimizationPrecision": "int8"}
        answer |= {"trainingCycles": TRAINING_CYCLES, "tuningMaxTrials": simulation.rounds.total}
        answer |= {"tuningWorkers": simulation.profile.workers, "initialTrials": sizes[0]}
        answer |= {"optimizationRounds": len(sizes) - 1, "trialsPerOptimizationRound": (*sizes, 0)[1]}
        answer |= {"tuningAlgorithm": self._algorithm, "notificationOnCompletion": False}
        answer["optimizationObjectives"] = [
            {"objective": "accuracy", "label": "Accuracy", "weight": 1.0},
            {"objective": "latency", "label": "Latency", "weight": 0.3},
        ]
        answer |= {"rawObjectives": "accuracy:1.0,latency:0.3", "earlyStopping": True}
        answer |= {"earlyStoppingWindowSize": simulation.window, "earlyStoppingImprovementBar": 0}
        answer |= {"maxTotalTrainingTime": round(12 * 3600 / simulation.options.speed, 3)}
        answer |= {"tunerChildJobMemoryMiB": 4096, "tunerSpaceOptions": parts, "space": [space]}
        source = {"type": "template", "templateTitle": task.title}
        return answer | {"searchSpaceTemplate": template, "searchSpaceSource": source}

    def record(self, elapsed: float) -> Json:
        """Return what `optimize/runs` says of this run."""
        now = self._now(elapsed)
        ended = "cancelled" if now >= self._cut else "failed" if self.simulation.profile.breaks else "success"
        run: Json = {"tunerJobId": self.tuner_job, "tunerCoordinatorJobId": self.coordinator_job}
        run |= {"index": self._index, "name": self._name, "created": zulu(self._wall(0.0))}
        if self.continues is not None:
            run["continuationJobId"] = self.continues.coordinator_job
        return run | {"jobStatus": ended if self._over(now) else "running", "visible": True}

    def job_status(self, job_id: int, elapsed: float) -> Json | None:
        """Answer `jobs/{id}/status` for the run's own jobs and those that trained its trials; None for any other."""
        now = self._now(elapsed)
        if job_id in (self.tuner_job, self.coordinator_job) and self.simulation.profile.started:
            stopped = now >= self._cut
            ended = None
            if self._over(now):
                ended = self._wall(now if stopped else self.simulation.schedule.end)
            failed = stopped or self.simulation.profile.breaks
            return job_status(job_id, "optimize", self._wall(0.0), ended, failed=failed)
        for course, at in self._positions(now):
            if at.attempts and job_id == learn_job(course.spec, at.attempts):
                attempt = course.attempts[at.attempts - 1]
                ended = None if at.status == "running" else self._wall(min(attempt.end, now))
                failed = at.status != "completed"
                return job_status(job_id, "keras-train", self._wall(attempt.start), ended, failed=failed)
        return None

    def log(self, trial: str, elapsed: float) -> Json | None:
        """Answer `optimize/trial/{id}/stdout`, newest line first; None if there is no such trial."""
        now = self._now(elapsed)
        for course, at in self._positions(now):
            if course.spec.id == trial:
                lines = trial_log(course, at.attempts, self.simulation.task, self.simulation.options.seed)
                return self._stdout(lines, min(now, course.attempts[at.attempts - 1].end))
        return None

    def job_log(self, job_id: int, elapsed: float) -> Json | None:
        """Answer `jobs/{id}/stdout` for the run's own jobs, newest line first; None if it is none of them."""
        writers = {self.tuner_job: tuner_log, self.coordinator_job: coordinator_log}
        if job_id not in writers or not self.simulation.profile.started:
            return None
        now, lines = self._now(elapsed), writers[job_id](self.simulation)
        if math.isfinite(self._cut):
            lines = [line for line in lines if line[0] < self._cut] + [(self._cut, "warn", "Job cancelled")]
        return self._stdout(lines, now)

    def _stdout(self, lines: Iterable[Written], now: float) -> Json:
        entries: list[Json] = [
            {"created": zulu(self._wall(time)), "data": text + "\n", "logLevel": level}
            for time, level, text in lines
            if time <= now
        ]
        return success(stdout=entries[::-1][:_LOG_ENTRIES], totalCount=len(entries))


def _status(trials: Sequence[str], workers: Sequence[str], word: str) -> Json:
    """Count trials and workers by their status, in the shape of `status`."""
    counts: Json = {f"num{name.title()}Trials": trials.count(name) for name in _TRIALS}
    counts |= {f"num{name.title()}Workers": workers.count(name) for name in _WORKERS}
    return counts | {"status": word}
