"""Impulses: pipelines from data to decision, with what the service measured of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from eitui.domain.anomaly import NO_DATA, AnomalyAnswer, AnomalyBlock, Dependencies, When
from eitui.domain.detail import EvaluationDetail, OnDevice
from eitui.domain.threshold import Threshold
from eitui.domain.trial import Evaluation

INPUT, DSP, LEARN, POST_PROCESSING = "input", "dsp", "learn", "post-processing"
"""The kinds of blocks, in the order that data goes through them."""

NUMERIC, STRING, SELECT, BOOLEAN, LIST = "numeric", "string", "select", "boolean", "list"
"""The ways to filter by a metric that the API document names; other words are shown as they are."""

Pairs = tuple[tuple[str, str], ...]
"""Readable names and values."""


@dataclass(frozen=True)
class Filtering:
    """How impulses may be filtered by a metric."""

    type: str = ""
    options: tuple[str, ...] = ()
    """What there is to choose from."""


@dataclass(frozen=True)
class ImpulseMetric:
    """Something to compare impulses by: a figure, or a parameter of a block."""

    name: str
    category: str = ""
    """Such as `impulseMetrics` or `learnBlockConfig`."""
    title: str = ""
    text: str = ""
    """As the service writes it."""
    number: float | None = None
    """To sort by; None where the service gives none."""
    filtering: Filtering = Filtering()
    description: str = ""
    hint: str = ""
    """What the service says about the value."""
    core: bool = True
    """False for what only some impulses have."""


@dataclass(frozen=True)
class MetricKey:
    """A metric that impulses of the project may have."""

    name: str
    category: str = ""
    title: str = ""
    filtering: Filtering = Filtering()
    core: bool = True
    shown: bool = False
    """Whether the service would show it in a table."""


@dataclass(frozen=True)
class BlockSetup:
    """A block of an impulse."""

    id: int | None
    kind: str
    title: str = ""
    type: str = ""
    """Such as `spectral-analysis` or `keras`."""
    parameters: Pairs = ()
    created: When = None
    created_by: str = ""
    """`createImpulse`, `clone` or `tuner`."""


@dataclass(frozen=True)
class DspCost:
    """What a DSP block costs on the project's device."""

    latency_ms: float | None = None
    ram: int | None = None
    """Bytes."""
    text: str = ""
    """A cost that only this kind of device has, such as cycles."""


@dataclass(frozen=True)
class Features:
    """The features that a DSP block generated."""

    generated: bool | None = None
    created: When = None
    count: int | None = None
    """Values per window."""
    windows: int | None = None
    shape: str = ""
    """Such as `49 × 40 × 1`."""
    made_with: Pairs = ()
    """Windows, frequency and names of the features, as they were when they were generated."""
    failed: tuple[str, ...] = ()
    """What of them could not be computed afterwards."""


@dataclass(frozen=True)
class DspBlock(BlockSetup):
    """A block that turns data into features."""

    cost: DspCost = DspCost()
    features: Features = Features()
    error: str = ""
    """What the service finds wrong with its parameters."""


@dataclass(frozen=True)
class Layer:
    """A layer of a trained network: TensorFlow's names, and how many values go in and come out."""

    input: str = ""
    inputs: int | None = None
    output: str = ""
    outputs: int | None = None
    type: str = ""
    """Of the values that come out."""


@dataclass(frozen=True)
class ImpulseCurve:
    """One curve of a graph."""

    title: str
    values: tuple[float | None, ...]
    """One for each step; None where there is none."""


@dataclass(frozen=True)
class Graph:
    """A graph that the training wrote, such as loss by epoch."""

    title: str
    curves: tuple[ImpulseCurve, ...]
    x_label: str = ""
    y_label: str = ""
    description: str = ""
    hidden: bool = False
    """Whether the service would hide it at first."""


@dataclass(frozen=True)
class Fold:
    """A network that was trained on all but one part of the data, and evaluated on that part."""

    name: str
    """From 1."""
    evaluations: Mapping[str, Evaluation] = field(default_factory=dict)
    """By model type."""


@dataclass(frozen=True)
class Folds:
    """k-fold validation: which of its networks was kept, which the block's values are of."""

    folds: tuple[Fold, ...] = ()
    kept: str = ""
    """Name of the kept fold; empty for the final run, or where the service does not say."""
    final: bool = False
    """Whether the kept network was trained in a final run on all training data."""
    chosen_by: str = ""
    """Model type whose metrics decided which fold is kept."""


@dataclass(frozen=True)
class Network:
    """A network: how it is set up and what was trained."""

    mode: str = ""
    """Such as `classification`, `regression` or `object-detection`; empty before it was trained."""
    settings: Pairs = ()
    architecture: tuple[str, ...] = ()
    """The layers as they were designed, in the Studio's visual editor."""
    script: tuple[str, ...] = ()
    """The lines of the training script, where there is one."""
    dependencies: Dependencies = NO_DATA
    has_several_heads: bool = False
    """Whether the service says so; the heads themselves are in `dependencies`, where it names them."""
    trained: bool | None = None
    """None where the service does not say."""
    created: When = None
    """When it was trained."""
    layers: tuple[Layer, ...] = ()
    """As they were trained."""
    class_names: tuple[str, ...] = ()
    last_layer: str = ""
    """Object detection only, such as `fomo`."""
    image_scaling: str = ""
    model_types: tuple[str, ...] = ()
    recommended: str = ""
    """The model type to use, in the service's opinion."""
    validation: Mapping[str, EvaluationDetail] = field(default_factory=dict)
    """By model type, such as `int8`."""
    devices: Mapping[str, OnDevice] = field(default_factory=dict)
    """By model type."""
    graphs: tuple[Graph, ...] = ()
    folds: Folds | None = None
    """None where it was not trained in folds."""


@dataclass(frozen=True)
class LearnBlock(BlockSetup):
    """A block that learns."""

    dsp: tuple[int, ...] = ()
    """Ids of the DSP blocks it learns from."""
    network: Network | None = None
    anomaly: AnomalyBlock | None = None
    thresholds: tuple[Threshold, ...] = ()
    thresholds_sent: bool = True
    """Whether the service says which thresholds there are, even if there are none."""

    def also(self, answers: Iterable[AnomalyAnswer]) -> "LearnBlock":
        """Return it with what the service's answers about this block alone say otherwise of its thresholds."""
        thresholds = self.thresholds
        for answer in answers:
            told = () if answer.block is None else answer.block.thresholds
            thresholds = tuple(one.also(f"anomaly {answer.name}", told) for one in thresholds)
        return self if thresholds == self.thresholds else replace(self, thresholds=thresholds)

    @property
    def trained(self) -> bool | None:
        """Whether it was trained; None where the service does not say."""
        return next((part.trained for part in (self.network, self.anomaly) if part is not None), None)


@dataclass(frozen=True)
class Dataset:
    """A version of the project's data."""

    id: int
    index: int | None = None
    """Its number, from 0."""
    description: str = ""
    created: When = None

    @property
    def label(self) -> str:
        """What it is called in a table: its number, or its id with `id` before it."""
        return f"id {self.id}" if self.index is None else str(self.index)


@dataclass(frozen=True)
class Impulse:
    """A pipeline from data to decision. What the service did not send is absent."""

    id: int | None
    """None where the service's description of it cannot be read."""
    name: str = ""
    type: str = ""
    """`default`, `BYOM` (an uploaded model) or `VLM`."""
    metrics: Mapping[str, tuple[ImpulseMetric, ...]] = field(default_factory=dict)
    """By category."""
    stale: bool = False
    """Whether the data changed since its features were generated."""
    configured: bool | None = None
    """None where neither the service nor its blocks say."""
    complete: bool | None = None
    """Whether it is configured and trained; None as for `configured`."""
    tags: tuple[str, ...] = ()
    author: str = ""
    from_trial: str | None = None
    """Id of the trial that it was made from."""
    model_file: str = ""
    """Name of the uploaded model."""
    dataset: Dataset | None = None
    """The data it was made of; None where the service does not say."""
    inputs: tuple[BlockSetup, ...] = ()
    dsp: tuple[DspBlock, ...] = ()
    learn: tuple[LearnBlock, ...] = ()
    post_processing: tuple[BlockSetup, ...] = ()
    problems: tuple[str, ...] = ()
    """What of the service's description could not be read."""

    @property
    def blocks(self) -> tuple[BlockSetup, ...]:
        """All blocks, in the order that data goes through them."""
        return (*self.inputs, *self.dsp, *self.learn, *self.post_processing)

    @property
    def thresholds(self) -> tuple[Threshold, ...]:
        """The thresholds of all learn blocks."""
        return tuple(threshold for block in self.learn for threshold in block.thresholds)

    def metric(self, category: str, name: str) -> ImpulseMetric | None:
        """Return one metric; None where this impulse does not have it."""
        return next((metric for metric in self.metrics.get(category, ()) if metric.name == name), None)


@dataclass(frozen=True)
class ImpulseTable:
    """All impulses of a project, and what there is to compare them by."""

    impulses: tuple[Impulse, ...] = ()
    keys: Mapping[str, tuple[MetricKey, ...]] = field(default_factory=dict)
    """By category, in the service's order."""
    extra_columns: tuple[str, ...] = ()
    """What else of an impulse the service would show in a table, such as `tags`."""

    @property
    def shown(self) -> tuple[MetricKey, ...]:
        """The metrics that the service would show in a table."""
        return tuple(key for keys in self.keys.values() for key in keys if key.shown)

    def impulse(self, impulse_id: int) -> Impulse | None:
        """Return the impulse with this id."""
        return next((impulse for impulse in self.impulses if impulse.id == impulse_id), None)

    def from_trial(self, trial_id: str) -> tuple[Impulse, ...]:
        """Return the impulses that were made from a trial."""
        return tuple(impulse for impulse in self.impulses if impulse.from_trial == trial_id)


NO_IMPULSES = ImpulseTable()
