"""Small recordings of synthetic runs, written by the recorder itself from JSON made by hand."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from eitui.api.state import StateReader
from eitui.domain.moment import Instant, Problem
from eitui.domain.run import RunRecord
from eitui.feed.events import Identified, PollFailed, PollSucceeded
from eitui.feed.recording.catalogue import file_of
from eitui.feed.recording.format import About
from eitui.feed.recording.writer import RecordingWriter

HOST = "studio.edgeimpulse.com"
BEGAN = 1_760_000_000.0
"""When the recordings begin: 9 October 2025, 08:53:20 UTC."""

Poll = tuple[float, Sequence[Mapping[str, Any]] | None]
"""Seconds since the recording began, and the trials; None: the service did not answer."""


def a_trial(trial_id: str, status: str = "running", epoch: int | None = None, **more: Any) -> dict[str, Any]:
    """Return a trial as the service describes one; after `epoch`, its losses and accuracies tell the epoch."""
    progress = {}
    if epoch is not None:
        figures = {"loss": 1 / epoch, "val_loss": 1.1 / epoch, "accuracy": 0.1, "val_accuracy": 1 - 1 / (epoch + 3)}
        progress = {"progress": {"epoch": epoch, **figures}}
    named = {"id": trial_id, "name": f"mfe-conv1d-{trial_id}", "status": status}
    return {**named, "blocks": [], "impulse": {}, **progress, **more}


def a_trained(trial_id: str, accuracy: float, loss: float = 0.25, **more: Any) -> dict[str, Any]:
    """Return a completed trial with an evaluation and a cost at int8."""
    result = {"loss": loss, "accuracy": accuracy, "confusionMatrix": [[1]], "report": {"0": {}}}
    return a_trial(
        trial_id,
        "completed",
        20,
        metrics={"validation": {"int8": result}, "test": {}, "train": {}},
        devicePerformance={"int8": {"latency": 12.5, "eon": {"ramRequired": 4096, "romRequired": 65536}}},
        **more,
    )


def body(trials: Sequence[Mapping[str, Any]], run_id: int, status: str, name: str) -> bytes:
    """Return what `optimize/state` answers."""
    target = {"name": "cortex-m4f-80mhz"}
    config = {"name": name, "targetDevice": target, "targetLatency": 100, "optimizationPrecision": "int8"}
    state = {
        "success": True,
        "config": config,
        "status": {"status": status},
        "trials": list(trials),
        "workers": [],
        "tunerCoordinatorJobId": run_id,
        "tunerJobIsRunning": status != "completed",
    }
    return json.dumps(state).encode()


def recorder(path: Path, about: About) -> RecordingWriter:
    """Open a recorder, as the monitor does."""
    return RecordingWriter(path, about, 5.0, "0.0.0")


def record_run(
    directory: Path,
    *polls: Poll,
    run_id: int = 77,
    project_id: int = 12345,
    host: str = HOST,
    status: str = "running",
    name: str = "Run 1 (synthetic)",
    began: float = BEGAN,
    job_status: str = "",
) -> Path:
    """Record a run that ends with `status`, and return its file. `job_status` is how the list of runs has it end."""
    about = About(host, project_id, run_id)
    path, reader = file_of(directory, about), StateReader()
    kept = recorder(path, about)
    for number, (after, trials) in enumerate(polls):
        at = Instant(began + after, 1000 + after)
        if number == 0:
            record = RunRecord(run_id, 3, name, began - 60, job_status)
            kept.write(Identified(at, project_id, "Keyword spotting (synthetic)", record))
        if trials is None:
            kept.write(PollFailed(at, Problem("The service did not answer"), at.mono + 5))
        else:
            last = number == len(polls) - 1
            kept.write(PollSucceeded(at, reader.read_now(body(trials, run_id, status if last else "running", name))))
    kept.close()
    return path


def without_log(path: Path) -> bool:
    """Return whether `path` is all there is of a database."""
    beside = [path.with_name(path.name + ending) for ending in ("-wal", "-shm", "-journal")]
    with suppress(OSError):
        return path.is_file() and not any(part.exists() for part in beside)
    return False
