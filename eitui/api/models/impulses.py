"""All impulses of a project (`GET /api/{projectId}/impulses-detailed`)."""

from eitui.api.models.anomaly import AnomalyConfig, AnomalyGmmMetadata, AnomalyModelMetadata
from eitui.api.models.base import Answer, Items, Model, Part, Required
from eitui.api.models.blocks import Impulse
from eitui.api.models.dsp import DSPConfig, DSPMetadata
from eitui.api.models.keras import KerasConfig, KerasModelMetadata
from eitui.api.models.number import Flag, Id, Number, Scalar, Whole
from eitui.api.models.parameters import PostProcessingConfig
from eitui.api.models.text import Text, Texts


class DetailedImpulseMetricFilteringType(Model):
    """How a metric may be filtered by."""

    type: Text = ""
    """`numeric`, `string`, `select`, `boolean` or `list`."""
    options: Texts = ()


class DetailedImpulseMetric(Model):
    """Something to compare impulses by."""

    name: Text = ""
    type: Text = ""
    """`core` or `additional`."""
    filtering_type: Part[DetailedImpulseMetricFilteringType] = None
    category: Text = ""
    """Such as `impulseMetrics` or `learnBlockMetrics`."""
    description: Text = ""
    value: Scalar = None
    """A text for showing, or a boolean."""
    title: Text = ""
    value_for_sorting: Number = None
    """The document says integer; metrics are often fractions."""
    value_hint: Text = ""


class DspBlockConfig(Model):
    """A DSP block."""

    block_id: Whole = None
    config: Part[DSPConfig] = None
    metadata: Part[DSPMetadata] = None


class KerasBlockConfig(Model):
    """A learn block that trains a network."""

    block_id: Whole = None
    config: Part[KerasConfig] = None
    metadata: Part[KerasModelMetadata] = None
    """None before it was trained."""


class AnomalyBlockConfig(Model):
    """An anomaly block."""

    block_id: Whole = None
    config: Part[AnomalyConfig] = None
    metadata: Part[AnomalyModelMetadata] = None
    """None before it was trained."""
    gmm_metadata: Part[AnomalyGmmMetadata] = None


class PostProcessingBlockConfig(Model):
    """A post-processing block."""

    block_id: Whole = None
    config: Part[PostProcessingConfig] = None


class PretrainedModelInfo(Model):
    """The model that was uploaded."""

    file_name: Text = ""


class CreatedUpdatedByUser(Model):
    """Who made something."""

    id: Whole = None
    name: Text = ""
    username: Text = ""
    photo: Text = ""


class DetailedImpulse(Model):
    """An impulse with its metrics and the set-up of its blocks."""

    impulse: Part[Impulse] = None
    metrics: Items[DetailedImpulseMetric] = ()
    dsp_block_configs: Items[DspBlockConfig] = ()
    learn_block_keras_configs: Items[KerasBlockConfig] = ()
    learn_block_anomaly_configs: Items[AnomalyBlockConfig] = ()
    post_processing_block_configs: Items[PostProcessingBlockConfig] = ()
    pretrained_model_info: Part[PretrainedModelInfo] = None
    is_stale: Flag = None
    """Whether the data changed since its features were generated."""
    configured: Flag = None
    complete: Flag = None
    """Whether it is configured and trained."""
    tags: Texts = ()
    created_from_tuner_trial_id: Id = None
    """The trial it was made from; a number in the API, a text here as a trial's own id is."""
    created_by_user: Part[CreatedUpdatedByUser] = None


class MetricKey(Model):
    """A metric that impulses may have."""

    name: Text = ""
    description: Text = ""
    type: Text = ""
    """`core` or `additional`."""
    filtering_type: Part[DetailedImpulseMetricFilteringType] = None
    show_in_table: Flag = None


class MetricKeysOfCategory(Model):
    """The metrics of one category."""

    category: Text = ""
    metric_keys: Items[MetricKey] = ()


class GetAllDetailedImpulsesResponse(Answer):
    """All impulses of a project."""

    impulses: Required[DetailedImpulse]
    metric_keys_by_category: Items[MetricKeysOfCategory] = ()
    extra_table_columns: Texts = ()
