"""How a trained network did (KerasModelMetadataMetrics), in trials, impulses and anomaly blocks alike."""

from pydantic import Field

from eitui.api.models.base import Items, Model, Part
from eitui.api.models.number import Flag, Matrix, Number, Whole
from eitui.api.models.text import FreeForm, Text, TextMap


class Memory(Model):
    """What a network needs on a device with one engine, in bytes.

    `ram_required` may be -1 (not known, Akida) or 0 (not supported on a microcontroller).
    """

    ram_required: Whole = None
    rom_required: Whole = None
    arena_size: Whole = None
    model_size: Whole = None


class KerasCustomMetric(Model):
    """A figure that only one kind of device has."""

    name: Text = ""
    value: Text = ""


class OnDevicePerformance(Model):
    """What a network costs on one device."""

    mcu: Text = ""
    """The device's id, such as `cortex-m4f-80mhz`."""
    name: Text = ""
    is_default: Flag = None
    """Whether this is the run's or the project's target."""
    latency: Number = None
    """Milliseconds for one inference."""
    tflite: Part[Memory] = None
    eon: Part[Memory] = None
    eon_ram_optimized: Part[Memory] = None
    custom_metrics: Items[KerasCustomMetric] = ()
    has_performance: Flag = None
    """False: there are no figures for this device."""
    profiling_error: Text = ""


class AdditionalMetric(Model):
    """A figure beside loss and accuracy, such as the area under a curve."""

    name: Text = ""
    value: Text = ""
    """For showing."""
    full_precision_value: Number = None
    tooltip_text: Text = ""
    link: Text = ""


class BoundingBoxWithScore(Model):
    """A box found in an image; coordinates are fractions of the image, 0..1."""

    label: Text = ""
    x: Number = None
    y: Number = None
    width: Number = None
    height: Number = None
    score: Number = None


class ModelPrediction(Model):
    """What a network said of one window of one sample."""

    sample_id: Whole = None
    start_ms: Number = None
    end_ms: Number = None
    label: Text = ""
    prediction: Text = ""
    prediction_correct: Flag = None
    f1_score: Number = None
    """Object detection only."""
    anomaly_scores: Matrix = ()
    """Visual anomaly detection only: one raw score per cell of an (n, n) grid over the image."""
    bounding_boxes: Items[BoundingBoxWithScore] = ()
    """Object detection only."""
    label_map_predictions: TextMap = Field(default_factory=dict)
    """By key, for samples whose label is a map."""


class KerasModelMetadataMetrics(Model):
    """How a trained network did on one part of the data, at one precision."""

    type: Text = ""
    """`int8`, `float32`, `akida` or `requiresRetrain`."""
    loss: Number = None
    accuracy: Number = None
    """0..1; the service sends 0 where it computes none (then `report` and `confusion_matrix` are empty)."""
    confusion_matrix: Matrix = ()
    """Row: true class, column: predicted class, in the order of `class_names`; for FOMO the first is `_background`."""
    report: FreeForm = Field(default_factory=dict)
    """scikit-learn's `classification_report`: by class index as text, and `accuracy`, `macro avg`, `weighted avg`."""
    on_device_performance: Items[OnDevicePerformance] = ()
    predictions: Items[ModelPrediction] = ()
    visualization: Text = ""
    """`featureExplorer`, `dataExplorer` or `none`."""
    is_supported_on_mcu: Flag = None
    mcu_support_error: Text = ""
    profiling_job_id: Whole = None
    """Set while the network is still being profiled."""
    profiling_job_failed: Flag = None
    additional_metrics: Items[AdditionalMetric] = ()
