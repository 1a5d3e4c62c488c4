"""Small synthetic runs for tests, by hand."""

from dataclasses import replace
from typing import Any

from eitui.domain.moment import Connection, Instant, Moment
from eitui.domain.run import Config, Counts, Run, RunRecord, Target, Worker, WorkerCounts
from eitui.domain.trial import (
    COMPLETED,
    FAILED,
    INT8,
    PENDING,
    RUNNING,
    TRAIN,
    VALIDATION,
    Evaluation,
    Performance,
    Progress,
    Trial,
)

TARGET = Target("cortex-m4f-80mhz", latency_ms=100, ram_bytes=128 * 1024, rom_bytes=512 * 1024)


def pending(trial_id: str) -> Trial:
    return Trial(trial_id, f"mfe-conv1d-{trial_id}", PENDING)


def running(trial_id: str, epoch: int | None = None, worker: str | None = None, **figures: float) -> Trial:
    return Trial(
        trial_id, f"mfe-conv1d-{trial_id}", RUNNING, worker_id=worker, progress=Progress(epoch=epoch, **figures)
    )


def completed(
    trial_id: str,
    val_accuracy: float | None = 0.9,
    val_loss: float | None = 0.3,
    latency_ms: float | None = 50,
    ram_bytes: int | None = 64 * 1024,
    rom_bytes: int | None = 256 * 1024,
) -> Trial:
    return Trial(
        trial_id,
        f"mfe-conv1d-{trial_id}",
        COMPLETED,
        progress=Progress(50),
        evaluations={
            (VALIDATION, INT8): Evaluation(val_loss, val_accuracy),
            (TRAIN, INT8): Evaluation(0.1, 0.99),
        },
        performance={INT8: Performance(latency_ms, ram_bytes, rom_bytes)},
        dsp=Performance(0.0, 0),
    )


def failed(trial_id: str) -> Trial:
    return Trial(trial_id, f"mfe-conv1d-{trial_id}", FAILED)


def run(*trials: Trial, workers: tuple[Worker, ...] = (), status: str = "running", **more: Any) -> Run:
    count = {word: sum(trial.status == word for trial in trials) for word in (PENDING, RUNNING, COMPLETED, FAILED)}
    base = Run(
        status=status,
        config=Config("Run 1 (synthetic)", TARGET, precision=INT8, training_cycles=50),
        counts=Counts(count[PENDING], count[RUNNING], count[COMPLETED], count[FAILED]),
        worker_counts=WorkerCounts(busy=sum(worker.status == "busy" for worker in workers)),
        trials=trials,
        workers=workers,
        algorithm="bayesian",
        coordinator_job_id=77,
        job_running=status != COMPLETED,
    )
    return replace(base, **more)


def moment(of: Run, *, at: float = 1000.0, created: float | None = None) -> Moment:
    record = None if created is None else RunRecord(77, 1, "Run 1 (synthetic)", created, "running")
    return Moment(
        run=of,
        connection=Connection(Instant(at, at), interval=5.0, service_clock=at),
        record=record,
        project_id=12345,
        project_name="Keyword spotting (synthetic)",
    )
