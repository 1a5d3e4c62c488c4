"""Everything the service says about one trial: what is read only when somebody opens it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from eitui.domain.trial import Evaluation, Performance

UNCERTAIN = "uncertain"
"""What a window is whose best class is not believed; also a column of a confusion matrix that has no name."""

TFLITE, EON, EON_RAM = "TFLite", "EON", "EON, RAM optimised"
"""The ways to run a network on a device, as they are shown."""

ENGINES = (EON, EON_RAM, TFLITE)
"""All of them, the one a run's limits are about first."""

BACKGROUND = "_background"
"""What FOMO calls the cells of an image with nothing in them: class 0 of its matrix, and none to be found."""


@dataclass(frozen=True)
class ClassScore:
    """How well one class was recognised, or the average over several. Fractions 0..1; None where there is none."""

    name: str
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None
    support: int | None = None
    """Samples of this class."""


@dataclass(frozen=True)
class Confusion:
    """A confusion matrix of counts, none negative."""

    labels: tuple[str, ...]
    counts: tuple[tuple[float, ...], ...]
    """Row: true class; column: what the network said. Shape (len(labels), len(columns))."""
    extra: tuple[str, ...] = ()
    """Columns of samples that got no class, after those of the classes: `uncertain`, `anomaly`."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of all columns."""
        return self.labels + self.extra


@dataclass(frozen=True)
class Metric:
    """A figure beside loss and accuracy."""

    name: str
    text: str
    """As the service writes it."""
    value: float | None = None
    """In full precision."""


@dataclass(frozen=True)
class EvaluationDetail(Evaluation):
    """An evaluation with all that the service says of it."""

    metrics: tuple[Metric, ...] = ()
    scores: tuple[ClassScore, ...] = ()
    """In the order of the classes; those without a sample may be missing."""
    averages: tuple[ClassScore, ...] = ()
    """The report's `macro avg`, `weighted avg` and the like."""
    confusion: Confusion | None = None


@dataclass(frozen=True)
class Memory:
    """What a network needs with one engine, in bytes. None: not known, or not supported."""

    ram: int | None = None
    rom: int | None = None
    arena: int | None = None
    """The part of the RAM that holds tensors."""
    model: int | None = None
    """The part of the ROM that holds the network."""


@dataclass(frozen=True)
class Device:
    """What a network costs on one device."""

    id: str = ""
    name: str = ""
    latency_ms: float | None = None
    memory: Mapping[str, Memory] = field(default_factory=dict)
    """By engine, see `ENGINES`; only those with a figure."""
    custom: tuple[tuple[str, str], ...] = ()
    """Figures that only this kind of device has, by name."""
    problem: str = ""
    """Why there are no figures; empty when there are, or when the service does not say."""

    @property
    def performance(self) -> Performance:
        """The cost: each size by the EON compiler, or by TFLite where EON has none."""
        engines = [self.memory[engine] for engine in (EON, TFLITE) if engine in self.memory]
        ram = next((memory.ram for memory in engines if memory.ram is not None), None)
        rom = next((memory.rom for memory in engines if memory.rom is not None), None)
        return Performance(self.latency_ms, ram, rom)


@dataclass(frozen=True)
class OnDevice:
    """What a network costs at one precision, on the run's target and elsewhere."""

    target: Device | None = None
    others: tuple[Device, ...] = ()
    supported: bool | None = None
    """Whether a microcontroller can run it at all; None where the service does not say."""
    why_not: str = ""
    """The service's reason why none can."""
    profiling_job: int | None = None
    """The job that still measures it."""
    profiling_failed: bool = False


@dataclass(frozen=True)
class ImpulseBlock:
    """A block of the trial's impulse, with its parameters as readable (name, value) pairs."""

    kind: str
    """`input`, `dsp` or `learn`."""
    title: str = ""
    type: str = ""
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Jobs:
    """The service's jobs that work on a trial, by id; of a retried trial the latest."""

    dsp_training: int | None = None
    """Generates features of the training data."""
    dsp_testing: int | None = None
    learn: int | None = None


@dataclass(frozen=True)
class Added:
    """The impulse that a trial was made into."""

    impulse_id: int | None = None
    link: str = ""
    """As the service gives it: a path or a whole URL. Text, never followed."""


@dataclass(frozen=True)
class TrialDetail:
    """A trial in depth. What the service did not send, or sent in another shape, is absent."""

    evaluations: Mapping[tuple[str, str], EvaluationDetail] = field(default_factory=dict)
    """By (part, precision), in the order to show them."""
    devices: Mapping[str, OnDevice] = field(default_factory=dict)
    """By precision."""
    blocks: tuple[ImpulseBlock, ...] = ()
    model: tuple[tuple[str, str], ...] = ()
    """The search's own description of the candidate."""
    jobs: Jobs = Jobs()
    added: Added | None = None
    """None while the trial is not an impulse of the project."""
    experiment: str = ""
    original_trial_id: str = ""
    """The trial that this one was made from; often its own id."""
    created_in_post_processing: bool = False
    last_active: Mapping[int, str] = field(default_factory=dict)
    """By the block's place: the service's own words where they are no date-time that can be read."""
    problems: tuple[str, ...] = ()
    """What of the service's description could not be read."""


EMPTY_DETAIL = TrialDetail()
