"""Anomaly blocks: how they are set up and what was trained (`GET .../training/anomaly/{learnId}[/metadata]`)."""

from eitui.api.models.base import Answer, Items, Model, Part
from eitui.api.models.metrics import KerasModelMetadataMetrics
from eitui.api.models.number import Cube, Flag, Matrix, Number, Numbers, Time, Whole, Wholes
from eitui.api.models.text import Text, Texts
from eitui.api.models.thresholds import BlockThreshold


class DependencyData(Model):
    """The data that feeds a learn block."""

    classes: Texts = ()
    """All labels in the data."""
    block_names: Texts = ()
    feature_count: Whole = None
    sample_count: Whole = None
    output_classes: Texts = ()


class AnomalyAxis(Model):
    """A feature that the block may look at."""

    ix: Whole = None
    label: Text = ""
    selected: Flag = None
    favourite: Flag = None


class AnomalyConfig(Model):
    """How an anomaly block is set up."""

    dependencies: Part[DependencyData] = None
    name: Text = ""
    axes: Items[AnomalyAxis] = ()
    trained: Flag = None
    cluster_count: Whole = None
    """Clusters of K-means, or components of a GMM."""
    selected_axes: Wholes = ()
    minimum_confidence_rating: Number = None
    """Deprecated by the service in favour of `thresholds`."""
    thresholds: Items[BlockThreshold] = ()


class AnomalyCluster(Model):
    """A cluster of K-means."""

    center: Numbers = ()
    """One value per axis, scaled."""
    max_error: Number = None
    """The cluster's size."""


class AnomalyModelMetadata(Model):
    """What was trained.

    A K-means input is scaled by `(input[i] - mean[i]) / scale[i]`. For a GMM `scale` and `mean` have one value, which
    scales the score, and there are no clusters: never pair them with `axes` unless the lengths are the same.
    """

    created: Time = None
    scale: Numbers = ()
    mean: Numbers = ()
    clusters: Items[AnomalyCluster] = ()
    axes: Wholes = ()
    """Indexes of the features that were looked at."""
    default_minimum_confidence_rating: Number = None
    """Deprecated by the service in favour of `thresholds`; GMM only."""
    available_model_types: Texts = ()
    recommended_model_type: Text = ""
    model_validation_metrics: Items[KerasModelMetadataMetrics] = ()
    has_trained_model: Flag = None
    thresholds: Items[BlockThreshold] = ()


class AnomalyGmmMetadata(Model):
    """A trained Gaussian mixture of n components over m axes."""

    means: Matrix = ()
    """Shape (n, m)."""
    covariances: Cube = ()
    """Shape (n, m, m)."""
    weights: Numbers = ()
    """Shape (n,)."""


class AnomalyConfigResponse(Answer, AnomalyConfig):
    """An anomaly block's set-up."""


class AnomalyModelMetadataResponse(Answer, AnomalyModelMetadata):
    """A trained anomaly block."""


class AnomalyGmmMetadataResponse(Answer, AnomalyGmmMetadata):
    """A trained Gaussian mixture."""
