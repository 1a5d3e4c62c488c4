"""One candidate network of a tuner run (TunerTrial)."""

from pydantic import Field

from eitui.api.models.base import Items, Mapped, Model, Part
from eitui.api.models.metrics import KerasModelMetadataMetrics, Memory
from eitui.api.models.number import Flag, Id, Number, Time, Whole
from eitui.api.models.text import FreeForm, FreeForms, Text


class TrialBlock(Model):
    """One step of a trial's pipeline. The document's `blockId` is required and declared nowhere: not read."""

    id: Whole = None
    last_active: Time = None
    retries: Whole = None
    status: Text = ""
    """`pending`, `running`, `completed` or `failed`."""
    type: Text = ""
    """`input`, `dsp` or `learn`."""
    model_block_index: Whole = None
    """Index of the block in the impulse that the trial was created with."""


class TunerTrialImpulse(Model):
    """The blocks a trial was made of, in the tuner's own free form.

    The document requires `inputBlock`, `dspBlock` and `learnBlock` and declares the plurals; the plurals are what the
    service sends. Learn blocks may carry `metrics` and `metadata.modelValidationMetrics`.
    """

    input_blocks: FreeForms = ()
    dsp_blocks: FreeForms = ()
    learn_blocks: FreeForms = ()


class DspJobId(Model):
    """The jobs that made a trial's features."""

    training: Whole = None
    testing: Whole = None


class TrialProgress(Model):
    """The latest finished epoch; the service keeps no earlier one. Any figure may be null (NaN)."""

    epoch: Whole = None
    loss: Number = None
    val_loss: Number = None
    accuracy: Number = None
    val_accuracy: Number = None


class TrialMetrics(Model):
    """How a trial did, by part of the data and precision (`float32`, `int8`; others are kept)."""

    test: Mapped[KerasModelMetadataMetrics] = Field(default_factory=dict)
    train: Mapped[KerasModelMetadataMetrics] = Field(default_factory=dict)
    validation: Mapped[KerasModelMetadataMetrics] = Field(default_factory=dict)


class DevicePerformance(Model):
    """What a trial costs on the run's target, at one precision."""

    latency: Number = None
    """Milliseconds for one inference."""
    tflite: Part[Memory] = None
    eon: Part[Memory] = None


class ImpulseAddedToProject(Model):
    """The impulse that a trial was made into."""

    impulse_id: Whole = None
    link: Text = ""


class TunerTrial(Model):
    """A trial. A failed one carries no reason: that is in the trial's log."""

    id: Text = ""
    name: Text = ""
    """Such as `mfe-conv1d-934`."""
    status: Text = ""
    """`pending`, `running`, `completed` or `failed`."""
    last_completed_epoch: Time = None
    last_completed_training: Time = None
    retries: Whole = None
    current_epoch: Whole = None
    worker_id: Id = None
    blocks: Items[TrialBlock] = ()
    impulse: Part[TunerTrialImpulse] = None
    experiment: Text = ""
    original_trial_id: Id = None
    """The API writes this name in snake case too."""
    model: FreeForm = Field(default_factory=dict)
    """The search's own description of the candidate."""
    dsp_job_id: Part[DspJobId] = None
    learn_job_id: Whole = None
    device_performance: Mapped[DevicePerformance] = Field(default_factory=dict)
    """On the run's target, by precision. The document leaves the form open; this one was read in Edge Impulse's SDK."""
    optimization_round: Whole = None
    progress: Part[TrialProgress] = None
    metrics: Part[TrialMetrics] = None
    """May be missing on a completed trial."""
    impulse_added_to_project: Part[ImpulseAddedToProject] = None
    created_in_post_processing: Flag = None
