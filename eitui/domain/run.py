"""A snapshot of a tuner run: what one poll of `optimize/state` said."""

from dataclasses import dataclass, field

from eitui.domain.trial import COMPLETED as TRIAL_COMPLETED
from eitui.domain.trial import EMPTY_PAYLOAD, Payload, Trial

CREATING, READY, _RUNNING, RUN_COMPLETED = "creating", "ready", "running", "completed"
"""The run statuses the API document names; there is none for failed or cancelled (see `RunRecord`)."""


@dataclass(frozen=True)
class Target:
    """The device a run searches for, and what a network may cost there. None means no limit."""

    device: str = ""
    latency_ms: float | None = None
    ram_bytes: int | None = None
    rom_bytes: int | None = None


@dataclass(frozen=True)
class Objective:
    """One thing the search optimises, with its weight."""

    name: str
    label: str
    weight: float | None = None


@dataclass(frozen=True)
class SearchSpace:
    """Where the candidates come from. Empty: the service did not say."""

    source: str = ""
    """`template`, `run`, `impulse` or `custom`."""
    title: str = ""
    """Of that template, run or impulse."""
    template: str = ""
    """Identifier of the template, such as `speech_keyword`."""
    blocks: tuple[str, ...] = ()
    """Learn blocks that the template adds: `classification`, `regression`, `anomaly`."""


@dataclass(frozen=True)
class Config:
    """How a run was set up. None: the service did not say."""

    name: str = ""
    target: Target = Target()
    precision: str | None = None
    """The precision the search optimises for, `int8` or `float32`."""
    training_cycles: int | None = None
    """Most epochs a trial may train."""
    max_trials: int | None = None
    max_workers: int | None = None
    initial_trials: int | None = None
    rounds: int | None = None
    trials_per_round: int | None = None
    objectives: tuple[Objective, ...] = ()
    early_stopping_window: int | None = None
    """Finished trials without an improvement after which the search stops."""
    early_stopping_bar: float | None = None
    """What an improvement must exceed to count for that: 0..1, relative to what the document does not say."""
    max_total_training_s: float | None = None
    """Limit on the run's total training time, in seconds."""
    search_space: SearchSpace = SearchSpace()
    job_memory_mib: int | None = None
    """Memory of each trial's job, in MiB; None: the project's own setting."""
    others: tuple[tuple[str, str], ...] = ()
    """All other settings of the run, as readable names and values."""


@dataclass(frozen=True)
class Counts:
    """Trials by state: those that the service lists, and the pending ones that it counts beside them."""

    pending: int = 0
    running: int = 0
    completed: int = 0
    failed: int = 0
    other: int = 0
    """In a state that eitui does not know, or unreadable."""

    @property
    def total(self) -> int:
        """All of them."""
        return self.pending + self.running + self.completed + self.failed + self.other

    @property
    def over(self) -> int:
        """Those that came to an end."""
        return self.completed + self.failed


@dataclass(frozen=True)
class WorkerCounts:
    """Workers by state, as the service counts them; None where it does not."""

    pending: int | None = 0
    ready: int | None = 0
    busy: int | None = 0


@dataclass(frozen=True)
class Worker:
    """One member of the pool that trains trials."""

    id: str
    status: str


@dataclass(frozen=True)
class Project:
    """A project that an API key opens."""

    id: int
    name: str = ""


_CHANGE_NOTHING = frozenset({"readonly", "ingestiononly", "ingestion_deployment"})


@dataclass(frozen=True)
class KeyInfo:
    """What the service says of the API key."""

    role: str = ""
    """`admin`, `readonly`, `ingestiononly` or `ingestion_deployment`; empty where it does not say."""
    project_id: int | None = None

    @property
    def changes_nothing(self) -> bool:
        """Whether the service will refuse changes; of a role that eitui does not know it may not."""
        return self.role in _CHANGE_NOTHING


UNDER_WAY = frozenset({"creating", "pending", "running"})
"""Job statuses (API: `jobStatus`) of a run that has not ended."""


@dataclass(frozen=True)
class RunRecord:
    """What `optimize/runs` knows of a run and its state does not."""

    coordinator_job_id: int | None
    index: int | None = None
    name: str = ""
    created: float | None = None
    """Seconds since the Unix epoch."""
    job_status: str = ""
    """`cancelled`, `creating`, `failed`, `pending`, `running` or `success`."""
    continued_job_id: int | None = None
    """Job of the earlier run that this one continues."""
    hidden: bool = False
    """Whether the Studio does not show it."""

    @property
    def under_way(self) -> bool:
        """Whether its job has not ended, as far as the service has said."""
        return self.job_status in UNDER_WAY


TUNER, COORDINATOR = "tuner", "coordinator"
"""Which job of a run: the one that searches, and the one that runs workers for it."""


@dataclass(frozen=True)
class RunJob:
    """A job of a run, whose log may tell what its trials do not."""

    role: str
    """`TUNER` or `COORDINATOR`."""
    id: int


@dataclass(frozen=True)
class Run:
    """A tuner run at one instant."""

    status: str = ""
    config: Config = Config()
    counts: Counts = Counts()
    uncounted: frozenset[str] = frozenset()
    """States of trials of which the service says nothing, neither by a list nor by a count: they count as 0."""
    worker_counts: WorkerCounts = WorkerCounts()
    trials: tuple[Trial, ...] = ()
    workers: tuple[Worker, ...] = ()
    algorithm: str = ""
    """How the space is searched: `random`, `hyperband`, `bayesian` or `custom`."""
    tuner_job_id: int | None = None
    coordinator_job_id: int | None = None
    job_running: bool | None = None
    """The service's `tunerJobIsRunning`."""
    job_error: str = ""
    continued_job_id: int | None = None
    """Job of the earlier run that this one continues."""
    data_type: str = ""
    next_run_index: int | None = None
    can_extend_search: bool | None = None
    """None: the service did not say, as for the next."""
    total_training_time_exceeded: bool | None = None
    miscounted: str = ""
    """Where the service's counts contradict its list of trials; empty where they agree."""
    problems: tuple[str, ...] = ()
    """What of the service's answer could not be read, or contradicts itself."""
    payload: Payload = field(default=EMPTY_PAYLOAD, compare=False, repr=False)
    """The state without its trials."""

    @property
    def started(self) -> bool:
        """Whether there is a run at all: a project may never have had one."""
        return bool(self.trials or self.workers or self.coordinator_job_id or self.tuner_job_id)

    @property
    def finished(self) -> bool:
        """Whether the run came to its end: by its status, or because its job is no longer running."""
        return self.started and (self.status == RUN_COMPLETED or self.job_running is False)

    def trial(self, trial_id: str | None) -> Trial | None:
        """Return the trial with this id, or None."""
        return next((trial for trial in self.trials if trial.id == trial_id), None)

    @property
    def completed(self) -> tuple[Trial, ...]:
        """The trials that finished training."""
        return tuple(trial for trial in self.trials if trial.status == TRIAL_COMPLETED)

    @property
    def jobs(self) -> tuple["RunJob", ...]:
        """Its jobs that have a log of their own, as far as the service names them."""
        ids = ((TUNER, self.tuner_job_id), (COORDINATOR, self.coordinator_job_id))
        return tuple(RunJob(role, job_id) for role, job_id in ids if job_id is not None)


EMPTY_RUN = Run()


@dataclass(frozen=True)
class Standing:
    """Which trial of a run is best (★), and which within the target's limits (☆): see `eitui.analysis.ranking`."""

    trial: Trial | None = None
    """The best completed trial."""
    within_limits: Trial | None = None
    """The best of those within the limits; often the same."""
    score: tuple[int, float] | None = None
    """How good the best trial is, so that better compares as greater. The number in front tells by what it is measured:
    an evaluation beats an epoch, more of the run's objectives beat fewer, any accuracy beats any loss."""
    fit_score: tuple[int, float] | None = None
    """The same of the best within the limits."""
    tied: frozenset[str] = frozenset()
    """Ids of the other trials whose accuracy is within the noise of the best one's."""
    by: str = ""
    """What trials are ranked by, in words: `val accuracy`."""
    note: str = ""
    """Why that is not the run's own objective; empty where it is, or where the run names none."""
    of: Run = field(default=EMPTY_RUN, compare=False, repr=False)
    """The run that was ranked."""


EMPTY_STANDING = Standing()
