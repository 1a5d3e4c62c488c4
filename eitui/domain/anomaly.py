"""An anomaly block of an impulse: K-means or a Gaussian mixture, its set-up and what was trained."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from eitui.domain.detail import EvaluationDetail, OnDevice
from eitui.domain.threshold import Threshold

When = float | str | None
"""Seconds since the Unix epoch; the service's own words where they are no date-time; None where it says nothing."""

K_MEANS, GMM = "anomaly", "anomaly-gmm"
"""Types of learn blocks that score windows by how far they are from what is usual."""

VISUAL = "keras-visual-anomaly"
"""The type of a learn block that scores the cells of an image; it is trained as a network."""


@dataclass(frozen=True)
class AnomalyAxis:
    """A feature that an anomaly block may look at."""

    index: int | None
    label: str = ""
    selected: bool = False
    """Whether it is chosen for the next training."""
    favourite: bool = False
    """Whether the service recommends it."""


@dataclass(frozen=True)
class ScaledAxis:
    """A feature that the trained block looks at. K-means scales its values: `(value - mean) / scale`."""

    index: int | None
    label: str = ""
    scale: float | None = None
    """None where the service gives none per axis, as for a GMM."""
    mean: float | None = None


@dataclass(frozen=True)
class Cluster:
    """A cluster of K-means."""

    center: tuple[float | None, ...]
    """One scaled value for each trained axis, in their order."""
    size: float | None = None
    """The largest distance of a training window from the centre, scaled."""


@dataclass(frozen=True)
class Component:
    """A component of a Gaussian mixture."""

    weight: float | None
    """Share of the data, 0..1."""
    mean: tuple[float | None, ...] = ()
    """One value for each trained axis."""
    spread: tuple[float | None, ...] = ()
    """Standard deviation along each axis; the covariances between axes are left out."""


@dataclass(frozen=True)
class Dependencies:
    """The data that feeds a learn block."""

    classes: tuple[str, ...] = ()
    block_names: tuple[str, ...] = ()
    features: int | None = None
    """Values per window."""
    samples: int | None = None
    outputs: tuple[str, ...] = ()
    heads: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Label maps: the classes of each key, of which a sample has one for every key; empty for ordinary labels."""


NO_DATA = Dependencies()


@dataclass(frozen=True)
class AnomalyBlock:
    """An anomaly block. What the service did not send is absent."""

    id: int | None
    name: str = ""
    type: str = ""
    """`K_MEANS` or `GMM`; empty where it is not known."""
    axes: tuple[AnomalyAxis, ...] = ()
    """All features there are to choose from."""
    cluster_count: int | None = None
    """Clusters of K-means or components of a GMM, for the next training."""
    dependencies: Dependencies = NO_DATA
    trained: bool | None = None
    """None where the service does not say."""
    created: When = None
    """When it was trained."""
    trained_axes: tuple[ScaledAxis, ...] = ()
    """What the trained block looks at, in its order; empty before it is trained."""
    score_scale: float | None = None
    """What a GMM's score is divided by; None for K-means."""
    score_mean: float | None = None
    clusters: tuple[Cluster, ...] = ()
    components: tuple[Component, ...] = ()
    validation: Mapping[str, EvaluationDetail] = field(default_factory=dict)
    """By model type, such as `int8`."""
    devices: Mapping[str, OnDevice] = field(default_factory=dict)
    """By model type."""
    model_types: tuple[str, ...] = ()
    recommended: str = ""
    """The model type to use, in the service's opinion."""
    thresholds: tuple[Threshold, ...] = ()
    has_config: bool = False
    """Whether this is what the service says of the set-up: what is empty then, is empty there."""
    has_metadata: bool = False
    """As above, of the training."""
    has_mixture: bool = False
    """As above, of `components`, which are an answer of their own."""
    problems: tuple[str, ...] = ()
    """What of the service's description could not be read, or does not fit together."""

    @property
    def selected(self) -> tuple[AnomalyAxis, ...]:
        """The features chosen for the next training."""
        return tuple(axis for axis in self.axes if axis.selected)

    @property
    def selection_changed(self) -> bool:
        """Whether other features were chosen since it was trained."""
        chosen = {axis.index for axis in self.selected}
        return bool(chosen and self.trained_axes) and chosen != {axis.index for axis in self.trained_axes}


@dataclass(frozen=True)
class AnomalyAnswer:
    """One of the service's answers about an anomaly block: of its set-up, of its training, or of its Gaussians."""

    name: str
    """The end of its address: `config`, `metadata` or `gmm/metadata`."""
    block: AnomalyBlock | None = None
    """As far as this answer describes it, the last time that there was one; None where there never was."""
    age_s: float = 0.0
    """How old that is, in seconds, when it is put beside the others."""
    problem: str = ""
    """Why there is no newer one; a sentence without its full stop, or empty."""
