"""The tuner's state (`GET /api/{projectId}/optimize/state`)."""

from typing import Any

from pydantic import Field, model_validator

from eitui.api.models.base import Answer, Items, Model, Part, Required
from eitui.api.models.number import Flag, Number, Whole
from eitui.api.models.space import TunerSpaceImpulse
from eitui.api.models.text import Text, TextLists, Texts
from eitui.api.models.trial import TunerTrial


class TargetDevice(Model):
    """The device a run searches for. The document gives the memories no unit (its example is 1024)."""

    name: Text = ""
    """The device's id, such as `cortex-m4f-80mhz`."""
    ram: Whole = None
    rom: Whole = None


class OptimizationObjective(Model):
    """One thing the search optimises."""

    objective: Text = ""
    label: Text = ""
    weight: Number = None


class SearchSpaceTemplate(Model):
    """The template a search space was made from."""

    identifier: Text = ""
    classification: Flag = None
    anomaly: Flag = None
    regression: Flag = None


class SearchSpaceSource(Model):
    """Where a search space comes from."""

    type: Text = ""
    """`template`, `run`, `impulse` or `custom`."""
    template_title: Text = ""
    run_title: Text = ""
    impulse_title: Text = ""


class OptimizeConfig(Model):
    """How a run was set up."""

    name: Text = ""
    target_latency: Number = None
    """Milliseconds."""
    target_device: Part[TargetDevice] = None
    compiler: Texts = ()
    precision: Texts = ()
    training_cycles: Whole = None
    """Most epochs of a trial."""
    tuning_max_trials: Whole = None
    tuning_workers: Whole = None
    """Most workers at the same time."""
    initial_trials: Whole = None
    optimization_rounds: Whole = None
    trials_per_optimization_round: Whole = None
    min_maccs: Number = None
    """Multiply-accumulate operations (API: `minMACCS`)."""
    max_maccs: Number = None
    """API: `maxMACCS`."""
    tuning_algorithm: Text = ""
    """`random`, `hyperband`, `bayesian` or `custom`."""
    notification_on_completion: Flag = None
    import_project_metrics: Flag = None
    """Whether the search starts from the project's earlier runs."""
    import_resource_metrics: Flag = None
    """Whether the search starts from known RAM, ROM and latency figures."""
    num_import_project_metrics: Whole = None
    num_import_resource_metrics: Whole = None
    enable_sem: Flag = None
    """Whether standard errors of the mean are used (API: `enableSEM`)."""
    accuracy_sem: Number = None
    """API: `accuracySEM`."""
    latency_sem: Number = None
    """API: `latencySEM`."""
    optimization_objectives: Items[OptimizationObjective] = ()
    raw_objectives: Text = ""
    optimization_precision: Text = ""
    """`float32` or `int8`."""
    early_stopping: Flag = None
    """Whether a trial stops when its loss no longer improves."""
    early_stopping_window_size: Whole = None
    """Iterations without an improvement after which the run stops."""
    early_stopping_improvement_bar: Number = None
    """0..1, relative to the best so far."""
    momf: Flag = None
    """Whether the search is multi-fidelity and multi-objective (API: `MOMF`)."""
    verbose_logging: Flag = None
    disable_constraints: Flag = None
    disable_deduplicate: Flag = None
    max_total_training_time: Number = None
    """Seconds."""
    tuner_space_options: TextLists = Field(default_factory=dict)
    space: Items[TunerSpaceImpulse] = ()
    search_space_template: Part[SearchSpaceTemplate] = None
    search_space_source: Part[SearchSpaceSource] = None


class OptimizeStatus(Model):
    """The service's own counts."""

    num_pending_trials: Whole = None
    num_running_trials: Whole = None
    num_completed_trials: Whole = None
    num_failed_trials: Whole = None
    num_ready_workers: Whole = None
    num_busy_workers: Whole = None
    num_pending_workers: Whole = None
    status: Text = ""
    """`creating`, `ready`, `running` or `completed`; there is none for failed or cancelled."""


class TunerWorker(Model):
    """One member of the pool that trains trials."""

    worker_id: Text = ""
    status: Text = ""
    """`pending`, `ready` or `busy`."""


class OptimizeStateResponse(Answer):
    """A tuner run, as one poll sees it. An answer without trials is a state only if it says so, or has other parts."""

    config: Part[OptimizeConfig] = None
    status: Part[OptimizeStatus] = None
    tuner_job_id: Whole = None
    tuner_coordinator_job_id: Whole = None
    continuation_job_id: Whole = None
    """The job whose search this run goes on with."""
    tuning_algorithm: Text = ""
    """`random`, `hyperband`, `bayesian` or `custom`."""
    tuner_job_is_running: Flag = None
    """False: the run is over."""
    trials: Required[TunerTrial]
    project_data_type: Text = ""
    """`audio`, `image`, `motion` or `other`."""
    job_error: Text = ""
    workers: Items[TunerWorker] = ()
    next_run_index: Whole = None
    can_extend_search: Flag = None
    is_whitelabel: Flag = None
    total_training_time_exceeded: Flag = None

    @model_validator(mode="before")
    @classmethod
    def _may_have_no_trials(cls, answer: Any) -> Any:
        if isinstance(answer, dict) and answer.get("trials") is None and answer.keys() & {"trials", "config", "status"}:
            return {**answer, "trials": []}
        return answer
