"""Learn blocks that train a network: how they are set up and what was trained (KerasConfig, KerasModelMetadata)."""

from pydantic import Field

from eitui.api.models.anomaly import DependencyData
from eitui.api.models.base import Items, Model, Part
from eitui.api.models.metrics import KerasModelMetadataMetrics
from eitui.api.models.number import Flag, Number, Numbers, Time, Whole
from eitui.api.models.parameters import DSPGroupItem
from eitui.api.models.text import LongText, Text, TextMap, Texts
from eitui.api.models.thresholds import BlockThreshold


class KerasVisualLayer(Model):
    """A layer, as the Studio's editor describes it."""

    type: Text = ""
    """Such as `dense`, `conv1d` or `transfer_mobilenetv2_a35`."""
    neurons: Whole = None
    """Neurons or filters; in the final layer for transfer learning."""
    kernel_size: Whole = None
    dropout_rate: Number = None
    """Fraction of the inputs, 0..1."""
    columns: Whole = None
    """Of a reshape."""
    stack: Whole = None
    """Convolutions before the pooling."""
    enabled: Flag = None
    organization_model_id: Whole = None


class AugmentationPolicySpectrogram(Model):
    """How spectrograms are varied in training; each amount is `none`, `low` or `high`."""

    enabled: Flag = None
    warping: Flag = None
    freq_masking: Text = ""
    time_masking: Text = ""
    gaussian_noise: Text = ""


class BlockNoLongerAvailable(Model):
    """Why a block can no longer be trained."""

    reason_markdown: LongText = ""
    reason_html: LongText = ""


class TransferLearningModel(Model):
    """A pretrained model that a block may start from."""

    name: Text = ""
    short_name: Text = ""
    abbreviated_name: Text = ""
    description: LongText = ""
    has_neurons: Flag = None
    has_dropout: Flag = None
    default_neurons: Whole = None
    default_dropout: Number = None
    default_learning_rate: Number = None
    default_training_cycles: Number = None
    has_image_augmentation: Flag = None
    type: Text = ""
    learn_block_type: Text = ""
    organization_model_id: Whole = None
    implementation_version: Whole = None
    repository_url: Text = ""
    author: Text = ""
    block_type: Text = ""
    """`official`, `personal`, `enterprise` or `community`."""
    custom_parameters: Items[DSPGroupItem] = ()
    display_category: Text = ""
    block_no_longer_available: Part[BlockNoLongerAvailable] = None
    has_expert_mode: Flag = None


class AkidaEdgeLearningConfig(Model):
    """Learning on the device with Akida."""

    enabled: Flag = None
    additional_classes: Whole = None
    neurons_per_class: Whole = None


class BlockParameters(Model):
    """Parameters of visual anomaly blocks: GMM has only a backbone, PatchCore all of them."""

    backbone: Text = ""
    num_layers: Whole = None
    pool_size: Whole = None
    sampling_ratio: Number = None
    num_nearest_neighbors: Whole = None


class KerasConfig(Model):
    """How a learn block is set up."""

    dependencies: Part[DependencyData] = None
    trained: Flag = None
    name: Text = ""
    type: Text = ""
    script: LongText = ""
    """The training script; may be empty in visual mode."""
    minimum_confidence_rating: Number = None
    """Deprecated by the service in favour of `thresholds`."""
    selected_model_type: Text = ""
    mode: Text = ""
    """`visual` or `expert`."""
    visual_layers: Items[KerasVisualLayer] = ()
    training_cycles: Whole = None
    """Epochs; 0 in expert mode."""
    learning_rate: Number = None
    """0..1; 0 in expert mode."""
    batch_size: Whole = None
    default_batch_size: Whole = None
    shape: Text = ""
    """A Python tuple, as text."""
    train_test_split: Number = None
    """0..1."""
    auto_class_weights: Flag = None
    use_learned_optimizer: Flag = None
    augmentation_policy_image: Text = ""
    """`none` or `all`."""
    augmentation_policy_spectrogram: Part[AugmentationPolicySpectrogram] = None
    transfer_learning_models: Items[TransferLearningModel] = ()
    profile_int8: Flag = None
    skip_embeddings_and_memory: Flag = None
    akida_edge_learning_config: Part[AkidaEdgeLearningConfig] = None
    custom_validation_metadata_key: Text = ""
    show_advanced_training_settings: Flag = None
    show_augmentation_training_settings: Flag = None
    custom_parameters: TextMap = Field(default_factory=dict)
    """By name; "" where the service has null."""
    anomaly_capacity: Text = ""
    """`low`, `medium` or `high`."""
    last_shown_model_variant: Text = ""
    block_parameters: Part[BlockParameters] = None
    thresholds: Items[BlockThreshold] = ()


class LayerEnd(Model):
    """What goes into a layer, or comes out."""

    shape: Whole = None
    name: Text = ""
    type: Text = ""


class KerasModelLayer(Model):
    """A layer of a trained network."""

    input: Part[LayerEnd] = None
    output: Part[LayerEnd] = None


class KerasModelMetadataGraphSeries(Model):
    """One curve of a graph."""

    title: Text = ""
    values: Numbers = ()


class KerasModelMetadataGraph(Model):
    """A graph that the training wrote for TensorBoard."""

    title: Text = ""
    x_label: Text = ""
    y_label: Text = ""
    description: LongText = ""
    hide_in_ui: Flag = None
    """API: `hideInUI`."""
    data: Items[KerasModelMetadataGraphSeries] = ()


class KerasModelMetadata(Model):
    """What was trained. In `impulses-detailed` without predictions, labels and figures for other devices."""

    created: Time = None
    layers: Items[KerasModelLayer] = ()
    class_names: Texts = ()
    """What the outputs mean, in order."""
    labels: Texts = ()
    available_model_types: Texts = ()
    recommended_model_type: Text = ""
    model_validation_metrics: Items[KerasModelMetadataMetrics] = ()
    """One entry per model type."""
    has_trained_model: Flag = None
    mode: Text = ""
    """Such as `classification`, `regression` or `object-detection`."""
    object_detection_last_layer: Text = ""
    image_input_scaling: Text = ""
    thresholds: Items[BlockThreshold] = ()
    tensorboard_graphs: Items[KerasModelMetadataGraph] = ()
