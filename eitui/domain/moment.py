"""One instant of watching a run: everything that the screen shows is a function of this."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from eitui.domain.curve import Curve
from eitui.domain.run import EMPTY_RUN, Run, RunRecord, Standing
from eitui.domain.text import sentences

SIMULATED_SERVICE = "the simulated service"
"""Stands for the name of the service where all of its data is simulated."""


@dataclass(frozen=True)
class TrialSpan:
    """When a trial was seen to run. Seconds since the Unix epoch, by this machine's clock."""

    started: float | None = None
    """None when it was already running, or over, when watching began."""
    ended: float | None = None
    last_change: float = 0.0
    """When the service last said something new about it."""


@dataclass(frozen=True)
class Assignment:
    """What a worker is doing, and since when."""

    worker_id: str
    status: str
    trial_id: str | None = None
    since: float = 0.0
    """Seconds since the Unix epoch."""
    since_known: bool = False
    """False when it was already so when watching began: then `since` is when watching began."""


@dataclass(frozen=True)
class Gap:
    """A time from which nothing was seen: nobody watched, or the service did not answer. Seconds since the epoch."""

    start: float
    """The last answer before it."""
    end: float
    """The first answer after it."""


@dataclass(frozen=True)
class History:
    """Everything gathered about a run so far. Keys are trial ids or worker ids."""

    began: float | None = None
    """When watching began; None before the first answer."""
    curves: Mapping[str, Curve] = field(default_factory=dict)
    spans: Mapping[str, TrialSpan] = field(default_factory=dict)
    assignments: Mapping[str, Assignment] = field(default_factory=dict)
    stalled: frozenset[str] = frozenset()
    """Running trials that have said nothing new for too long."""
    best_score: tuple[int, float] | None = None
    """The best ever reached (see `eitui.domain.run.Standing.score`): its trial may be training anew."""
    fit_score: tuple[int, float] | None = None
    """The best ever reached within the limits."""
    run_id: int | None = None
    """Coordinator job of the run this is about; kept while the service describes no run."""
    gaps: tuple[Gap, ...] = ()
    """Times from which nothing was seen, oldest first; what went on in them is lost."""


EMPTY_HISTORY = History()


@dataclass(frozen=True)
class Instant:
    """A reading of both clocks."""

    wall: float
    """Seconds since the Unix epoch: for showing and recording."""
    mono: float
    """Seconds of the monotonic clock: for measuring ages, which a stepped wall clock would falsify."""


class AlertKind(StrEnum):
    """What an alert is about."""

    FINISHED = "finished"
    RUN_FAILED = "run failed"
    FAILED = "failed"
    NEW_BEST = "new best"
    NEW_FIT = "new best that fits"
    STALLED = "stalled"
    WORKER_LOST = "worker lost"
    CONNECTION_LOST = "connection lost"
    CONNECTION_BACK = "connection back"
    NEW_RUN = "new run"
    NOT_WATCHED = "not watched"
    NOT_RECORDED = "not recorded"
    RECORDED_AGAIN = "recorded again"

    @property
    def event(self) -> str:
        """Its name where programs are chosen for it, without a space."""
        return self.value.replace(" ", "-")


ANY_EVENT = "any"
"""Stands for every kind of alert where programs are chosen."""


@dataclass(frozen=True)
class Alert:
    """Something worth a person's attention."""

    kind: AlertKind
    at: float
    """Seconds since the Unix epoch."""
    text: str
    """One line, clean."""
    trial_id: str | None = None


@dataclass(frozen=True)
class Problem:
    """Why the service could not be asked, in words for the user."""

    what: str
    """What happened, one line, never empty."""
    advice: str = ""
    """What to do about it."""
    final: bool = False
    """True when asking again cannot help: polling has stopped."""
    refused: bool = False
    """True when it refused after it had answered: it is asked again, but seldom."""

    @property
    def sentence(self) -> str:
        """All of it, in sentences."""
        return sentences(self.what, self.advice)


@dataclass(frozen=True)
class Connection:
    """How it stands between us and the service."""

    last_good: Instant | None = None
    """When the service last answered; None before the first answer."""
    problem: Problem | None = None
    """What went wrong since; None while all is well."""
    retry_at: float | None = None
    """Monotonic seconds of the next try; None when no try is planned."""
    interval: float = 5.0
    """Seconds from the last answer until the next is due, while all is well."""
    service_clock: float | None = None
    """What the service's own clock said at `last_good`, in seconds since the Unix epoch; None: it never told."""
    resumed: bool = False
    """Whether the last answer was another process's: since it ended nobody watched."""


class Keeping(StrEnum):
    """Whether what is seen is being recorded."""

    OFF = "off"
    """It was not asked for, or there is no run yet."""
    HERE = "here"
    """This process records it."""
    ELSEWHERE = "elsewhere"
    """Another process records the same run."""
    FAILED = "failed"
    """It should be, and cannot be."""


@dataclass(frozen=True)
class Recording:
    """How it stands with the recording of the run."""

    keeping: Keeping = Keeping.OFF
    problem: Problem | None = None
    """Why it cannot be recorded, while `keeping` is `FAILED`."""


READ_ONCE_S = 1e9
"""Seconds to the next answer where there will be none: an earlier run that has ended is read once."""


class Freshness(StrEnum):
    """How far what is shown may be trusted to be now."""

    CONNECTING = "CONNECTING"
    LIVE = "LIVE"
    LATE = "LATE"
    STALE = "STALE"
    STOPPED = "STOPPED"
    EARLIER = "EARLIER RUN"
    """Of a run that has ended, read once: nothing newer is to come."""


@dataclass(frozen=True)
class Moment:
    """A run, its history and the connection, at one instant."""

    run: Run = EMPTY_RUN
    history: History = EMPTY_HISTORY
    alerts: tuple[Alert, ...] = ()
    """The most recent ones, oldest first; bounded."""
    connection: Connection = Connection()
    record: RunRecord | None = None
    """What `optimize/runs` says of this run; None when it could not be learnt."""
    project_id: int | None = None
    project_name: str = ""
    recording: Recording = Recording()
    standing: Standing | None = field(default=None, compare=False, repr=False)
    """How the trials of `run` are ranked, once for all who look; `eitui.analysis.ranking.ranked` is what to use."""

    @property
    def seen(self) -> bool:
        """Whether the service has answered at all."""
        return self.connection.last_good is not None


EMPTY_MOMENT = Moment()
