"""From the API's models to the domain's nouns."""

from collections.abc import Mapping
from typing import TypeVar

from eitui.api.errors import Rejected
from eitui.api.models.metrics import KerasModelMetadataMetrics, Memory
from eitui.api.models.projects import ListProjectsResponse, ListTunerRunsResponse
from eitui.api.models.state import OptimizeConfig, OptimizeStateResponse, OptimizeStatus, TargetDevice
from eitui.api.models.trial import TunerTrial
from eitui.domain.run import Config, Counts, Objective, Run, RunRecord, Target, Worker, WorkerCounts
from eitui.domain.trial import (
    TEST,
    TRAIN,
    VALIDATION,
    Block,
    Evaluation,
    Payload,
    Performance,
    Progress,
    Trial,
)

Figure = TypeVar("Figure", int, float)

KIB_BELOW = 16_384
"""`targetDevice.ram` and `.rom` have no unit in the API document, whose example is 1024. No target has less than 16 KiB
to spare, so smaller values are read as KiB and others as bytes."""


def trial_of(trial: TunerTrial, payload: Payload) -> Trial:
    """Return the domain's view of one trial; `payload` is what it was read from."""
    progress = trial.progress
    return Trial(
        id=trial.id,
        name=trial.name,
        status=trial.status,
        round=trial.optimization_round,
        retries=trial.retries or 0,
        worker_id=trial.worker_id,
        current_epoch=trial.current_epoch,
        progress=Progress(**progress.model_dump()) if progress is not None else Progress(),
        evaluations=_evaluations(trial),
        performance=_performance(trial),
        blocks=tuple(
            Block(block.id, block.type, block.status, block.retries or 0, _seconds(block.last_active))
            for block in trial.blocks
        ),
        last_completed_epoch=_seconds(trial.last_completed_epoch),
        last_completed_training=_seconds(trial.last_completed_training),
        payload=payload,
    )


def _parts(trial: TunerTrial) -> dict[str, Mapping[str, KerasModelMetadataMetrics]]:
    metrics = trial.metrics
    return {} if metrics is None else {VALIDATION: metrics.validation, TEST: metrics.test, TRAIN: metrics.train}


def _evaluations(trial: TunerTrial) -> dict[tuple[str, str], Evaluation]:
    return {
        (part, precision): Evaluation(metrics.loss, metrics.accuracy)
        for part, variants in _parts(trial).items()
        for precision, metrics in variants.items()
    }


def _performance(trial: TunerTrial) -> dict[str, Performance]:
    """Cost on the target: the trial's own figures, else those of the device marked as default among its metrics."""
    performance = {
        precision: _cost(measured.latency, measured.eon, measured.tflite)
        for precision, measured in trial.device_performance.items()
    }
    for variants in _parts(trial).values():
        for precision, metrics in variants.items():
            for device in metrics.on_device_performance:
                known = performance.get(precision, Performance()) != Performance()
                if not known and device.is_default and device.has_performance is not False:
                    performance[precision] = _cost(device.latency, device.eon, device.tflite)
    return performance


def _cost(latency: float | None, eon: Memory | None, tflite: Memory | None) -> Performance:
    engines = [memory for memory in (eon, tflite) if memory is not None]
    # -1: unknown (Akida); 0: this device cannot run it.
    ram = next((memory.ram_required for memory in engines if _positive(memory.ram_required)), None)
    rom = next((memory.rom_required for memory in engines if _positive(memory.rom_required)), None)
    return Performance(latency if latency is not None and latency >= 0 else None, ram, rom)


def run_of(state: OptimizeStateResponse, trials: tuple[Trial, ...], payload: Payload) -> Run:
    """Return the run that `state` describes, with `trials` in place of its own."""
    status = state.status or OptimizeStatus()
    config = state.config or OptimizeConfig()
    return Run(
        status=status.status,
        config=_config(config),
        counts=_counts(status, trials),
        worker_counts=WorkerCounts(
            status.num_pending_workers or 0, status.num_ready_workers or 0, status.num_busy_workers or 0
        ),
        trials=trials,
        workers=tuple(Worker(worker.worker_id, worker.status) for worker in state.workers),
        algorithm=state.tuning_algorithm or config.tuning_algorithm,
        tuner_job_id=state.tuner_job_id,
        coordinator_job_id=state.tuner_coordinator_job_id,
        job_running=state.tuner_job_is_running,
        job_error=state.job_error,
        data_type=state.project_data_type,
        next_run_index=state.next_run_index,
        can_extend_search=bool(state.can_extend_search),
        total_training_time_exceeded=bool(state.total_training_time_exceeded),
        problems=_problems(trials),
        payload=payload,
    )


def _counts(status: OptimizeStatus, trials: tuple[Trial, ...]) -> Counts:
    """Return the service's own counts, or ours where it gives none."""
    said = (
        status.num_pending_trials,
        status.num_running_trials,
        status.num_completed_trials,
        status.num_failed_trials,
    )
    if any(count is not None for count in said):
        return Counts(*(max(0, count or 0) for count in said))
    words = [trial.status for trial in trials]
    return Counts(*(words.count(word) for word in ("pending", "running", "completed", "failed")))


def _problems(trials: tuple[Trial, ...]) -> tuple[str, ...]:
    bad = [trial for trial in trials if trial.problem]
    if not bad:
        return ()
    which = "One trial" if len(bad) == 1 else f"{len(bad)} trials"
    return (f"{which} could not be read ({bad[0].problem}); the others are shown",)


def _config(config: OptimizeConfig) -> Config:
    return Config(
        name=config.name,
        target=_target(config),
        precision=config.optimization_precision or None,
        training_cycles=_positive(config.training_cycles),
        max_trials=_positive(config.tuning_max_trials),
        max_workers=_positive(config.tuning_workers),
        initial_trials=config.initial_trials,
        rounds=config.optimization_rounds,
        trials_per_round=config.trials_per_optimization_round,
        objectives=tuple(Objective(item.objective, item.label, item.weight) for item in config.optimization_objectives),
        early_stopping_window=_positive(config.early_stopping_window_size),
        early_stopping_bar=_positive(config.early_stopping_improvement_bar),
        max_total_training_s=_positive(config.max_total_training_time),
    )


def _target(config: OptimizeConfig) -> Target:
    device = config.target_device or TargetDevice()
    return Target(device.name, _positive(config.target_latency), _bytes(device.ram), _bytes(device.rom))


def _bytes(size: int | None) -> int | None:
    if size is None or size <= 0:
        return None
    return size * 1024 if size < KIB_BELOW else size


def _positive(number: Figure | None) -> Figure | None:
    return number if number is not None and number > 0 else None


def _seconds(time: float | str | None) -> float | None:
    return time if isinstance(time, float) else None


def records_of(answer: ListTunerRunsResponse) -> tuple[RunRecord, ...]:
    """Return the project's runs as its list of runs describes them."""
    return tuple(
        RunRecord(entry.tuner_coordinator_job_id, entry.index, entry.name, _seconds(entry.created), entry.job_status)
        for entry in answer.runs
    )


def project_of(answer: ListProjectsResponse) -> tuple[int, str]:
    """Return id and name of the project that an API key belongs to.

    Raises:
        Rejected: the key opens no project, or several: then only the user can say which.
    """
    projects = [(project.id, project.name) for project in answer.projects if project.id is not None]
    if len(projects) == 1:
        return projects[0]
    some = ", ".join(f"{project_id} ({name})" for project_id, name in projects[:3])
    what = f"The API key opens {len(projects)} projects: {some}, …" if projects else "The API key opens no project"
    raise Rejected(what, "Say which with --project or EI_PROJECT_ID.", final=True)
