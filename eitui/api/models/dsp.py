"""DSP blocks: how they are set up and what they produced (DSPConfig, DSPMetadata)."""

from pydantic import Field

from eitui.api.models.base import Items, Model, Part
from eitui.api.models.number import Flag, Number, Time, Whole, Wholes
from eitui.api.models.parameters import DSPGroup
from eitui.api.models.text import Text, TextMap, Texts


class DSPFeatures(Model):
    """The features a block generated."""

    generated: Flag = None
    count: Whole = None
    labels: Texts = ()
    classes: Texts = ()


class DspPerformance(Model):
    """What a block costs on the project's device."""

    latency: Number = None
    """Milliseconds."""
    ram: Whole = None
    """Bytes."""
    custom_dsp_string: Text = ""
    """Device-specific cost, such as cycles."""


class DSPInfo(Model):
    """A DSP block."""

    id: Whole = None
    name: Text = ""
    window_length: Whole = None
    """Milliseconds."""
    type: Text = ""
    """Such as `spectral-analysis`."""
    classes: Texts = ()
    """Always empty in `impulses-detailed`."""
    features: Part[DSPFeatures] = None
    expected_window_count: Whole = None
    input_axes: Texts = ()
    performance: Part[DspPerformance] = None
    can_calculate_feature_importance: Flag = None
    calculate_feature_importance: Flag = None
    can_normalize_data: Flag = None
    normalize_data: Text = ""
    """`none` or `normalize-channel-standard-scaler`."""
    has_auto_tune: Flag = None
    minimum_version_for_autotune: Number = None
    has_autotuner_results: Flag = None
    uses_state: Flag = None


class DSPConfig(Model):
    """How a DSP block is set up."""

    dsp: Part[DSPInfo] = None
    config: Items[DSPGroup] = ()
    config_error: Text = ""


class IncludedSample(Model):
    """A sample that features were generated from."""

    id: Whole = None
    window_count: Whole = None


class OutputShape(Model):
    """The shape of a block's output."""

    width: Whole = None
    """Of an image or a spectrogram, or the number of features."""
    height: Whole = None
    channels: Whole = None
    frames: Whole = None


class OutputConfig(Model):
    """What a block puts out."""

    type: Text = ""
    """`image`, `spectrogram` or `flat`."""
    shape: Part[OutputShape] = None


class DSPMetadata(Model):
    """The features that a DSP block generated."""

    created: Time = None
    generated: Flag = None
    dsp_config: TextMap = Field(default_factory=dict)
    """Parameters at the time."""
    labels: Texts = ()
    """Always empty in `impulses-detailed`."""
    feature_labels: Texts = ()
    window_count: Whole = None
    feature_count: Whole = None
    included_samples: Items[IncludedSample] = ()
    window_size_ms: Number = None
    window_increase_ms: Number = None
    pad_zeros: Flag = None
    frequency: Number = None
    """Hertz."""
    output_config: Part[OutputConfig] = None
    fft_used: Wholes = ()
    resampling_algorithm_version: Number = None
    feature_explorer_job_id: Whole = None
    feature_explorer_job_failed: Flag = None
    feature_importance_job_id: Whole = None
    feature_importance_job_failed: Flag = None
