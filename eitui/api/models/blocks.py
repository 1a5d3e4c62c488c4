"""An impulse and its blocks (Impulse)."""

from eitui.api.models.base import Items, Model, Part
from eitui.api.models.number import Flag, Number, Time, Whole, Wholes
from eitui.api.models.text import Text, Texts


class Block(Model):
    """What all blocks have."""

    id: Whole = None
    type: Text = ""
    name: Text = ""
    title: Text = ""
    created_by: Text = ""
    """`createImpulse`, `clone` or `tuner`."""
    created_at: Time = None


class LabelingMethodMultiLabel(Model):
    """Which label a window of a sample with several labels gets."""

    type: Text = ""
    """`end-of-window` or `anywhere-in-window`."""
    labels: Texts = ()


class ImpulseInputBlockDatasetSubset(Model):
    """Which part of the data is used."""

    include_percentage: Number = None
    """0..100."""
    seed: Whole = None


class ImpulseInputBlock(Block):
    """What goes into an impulse; `type` is `time-series`, `image` or `features`."""

    window_size_ms: Number = None
    window_increase_ms: Number = None
    frequency_hz: Number = None
    classification_window_increase_ms: Number = None
    pad_zeros: Flag = None
    labeling_method_multi_label: Part[LabelingMethodMultiLabel] = None
    image_width: Whole = None
    """Pixels."""
    image_height: Whole = None
    """Pixels."""
    resize_mode: Text = ""
    resize_method: Text = ""
    crop_anchor: Text = ""
    dataset_subset: Part[ImpulseInputBlockDatasetSubset] = None


class BlockOrganization(Model):
    """The organisation that a custom block belongs to."""

    id: Whole = None
    dsp_id: Whole = None


class NamedAxis(Model):
    """An axis that a block asks for by name."""

    name: Text = ""
    description: Text = ""
    required: Flag = None
    selected_axis: Text = ""


class ImpulseDspBlock(Block):
    """A step that turns data into features; `type` is such as `spectral-analysis`."""

    axes: Texts = ()
    values_per_axis: Whole = None
    input: Whole = None
    """The input block's id."""
    implementation_version: Whole = None
    organization: Part[BlockOrganization] = None
    custom_url: Text = ""
    named_axes: Items[NamedAxis] = ()


class ImpulseLearnBlock(Block):
    """A step that learns; `type` is such as `keras` or `anomaly-gmm`."""

    dsp: Wholes = ()
    """Ids of the DSP blocks it learns from."""


class ImpulsePostProcessingBlock(Block):
    """A step after inference; `type` is such as `object-tracking`."""

    implementation_version: Whole = None


class Impulse(Model):
    """A pipeline from data to decision."""

    id: Whole = None
    name: Text = ""
    input_blocks: Items[ImpulseInputBlock] = ()
    dsp_blocks: Items[ImpulseDspBlock] = ()
    learn_blocks: Items[ImpulseLearnBlock] = ()
    post_processing_blocks: Items[ImpulsePostProcessingBlock] = ()
    type: Text = ""
    """`default`, `BYOM` or `VLM`."""
