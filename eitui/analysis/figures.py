"""Which of a trial's numbers to show: the trained network's where there are some, else its latest epoch's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from eitui.domain.run import Run, Target
from eitui.domain.trial import COMPLETED, FLOAT32, INT8, TRAIN, VALIDATION, Evaluation, Performance, Trial

T = TypeVar("T")

_NOT_MEASURED = Performance()


@dataclass(frozen=True, slots=True)
class Figures:
    """A trial's numbers at one precision. None: the service gave none."""

    loss: float | None = None
    val_loss: float | None = None
    accuracy: float | None = None
    """0..1, on the training data."""
    val_accuracy: float | None = None
    """0..1, on the validation data."""
    latency_ms: float | None = None
    ram_bytes: int | None = None
    rom_bytes: int | None = None


def precision_of(run: Run) -> str:
    """Return the precision a run is about: what it optimises for, else what its trials were evaluated at, int8 first."""
    seen = {precision for trial in run.completed for _, precision in trial.evaluations}
    wanted = run.config.precision
    if wanted and (wanted in seen or not seen):
        return wanted
    return FLOAT32 if FLOAT32 in seen and INT8 not in seen else INT8


def figures(trial: Trial, precision: str) -> Figures:
    """The numbers of `trial` at `precision`; a completed trial falls back to another precision, then to its last epoch.

    A trial that is not completed shows its latest epoch: the figures of an attempt under way.
    """
    progress = trial.progress
    cost = _pick(trial.performance, precision) or _NOT_MEASURED
    if trial.status != COMPLETED:
        train = Evaluation(progress.loss, progress.accuracy)
        validation = Evaluation(progress.val_loss, progress.val_accuracy)
    else:
        train = evaluation(trial, TRAIN, precision) or Evaluation(progress.loss, _positive(progress.accuracy))
        validation = evaluation(trial, VALIDATION, precision) or Evaluation(
            progress.val_loss, _positive(progress.val_accuracy)
        )
    return Figures(
        loss=train.loss,
        val_loss=validation.loss,
        accuracy=train.accuracy,
        val_accuracy=validation.accuracy,
        latency_ms=cost.latency_ms,
        ram_bytes=cost.ram_bytes,
        rom_bytes=cost.rom_bytes,
    )


def evaluation(trial: Trial, part: str, precision: str) -> Evaluation | None:
    """How the trained network did on `part`, at `precision` or else at any other; None where it was not evaluated."""
    return _pick({key[1]: value for key, value in trial.evaluations.items() if key[0] == part}, precision)


def over_limits(figures: Figures, target: Target) -> frozenset[str]:
    """Which of `latency`, `ram`, `rom` are known to be over the target's limits."""
    pairs = {
        "latency": (figures.latency_ms, target.latency_ms),
        "ram": (figures.ram_bytes, target.ram_bytes),
        "rom": (figures.rom_bytes, target.rom_bytes),
    }
    return frozenset(
        name for name, (value, limit) in pairs.items() if value is not None and limit is not None and value > limit
    )


def _pick(by_precision: Mapping[str, T], precision: str) -> T | None:
    if precision in by_precision:
        return by_precision[precision]
    return next(iter(by_precision.values()), None)


def _positive(accuracy: float | None) -> float | None:
    # Networks without an accuracy report 0 on every epoch.
    return accuracy or None
