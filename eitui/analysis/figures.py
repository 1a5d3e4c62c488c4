"""Which of a trial's figures to show: the service tells some of them in several places, and some only seemingly."""

import math
from typing import TypeVar

from eitui.domain.history import Epoch
from eitui.domain.run import Run, Target
from eitui.domain.trial import (
    COMPLETED,
    FLOAT32,
    INT8,
    TEST,
    TRAIN,
    VALIDATION,
    Evaluation,
    Performance,
    Progress,
    Trial,
)

Number = TypeVar("Number", int, float)

LARGEST_ACCURACY = 1e6
"""What is beyond it is no accuracy (0..1), and cannot be shown as one."""

_NONE = Evaluation()
_NO_COST = Performance()


def finite(value: float | None) -> float | None:
    """Return `value` if it is an ordinary number, or None: also for whole numbers beyond what a float holds."""
    try:
        return value if value is not None and math.isfinite(value) else None
    except OverflowError:
        return None


def precision_of(run: Run) -> str:
    """Return the precision a run is about: what it optimises for, else what its trials have, int8 first."""
    seen = {precision for trial in run.completed for _, precision in trial.evaluations}
    wanted = run.config.precision
    if wanted and (wanted in seen or not seen):
        return wanted
    return FLOAT32 if FLOAT32 in seen and INT8 not in seen else INT8


def has_accuracy(figures: Progress | Epoch) -> bool:
    """Return whether an epoch carries an accuracy.

    Where the service computes none (regression, detection without FOMO) it sends exactly 0 for both parts.
    """
    return bool(figures.accuracy) or bool(figures.val_accuracy)


def loss(trial: Trial, precision: str, part: str = VALIDATION) -> float | None:
    """Return the loss on `part`: of the trained network, else of the latest epoch, which has none for `test`."""
    found = finite(_evaluation(trial, part, precision).loss)
    if found is not None or part == TEST:
        return found
    return finite(trial.progress.loss if part == TRAIN else trial.progress.val_loss)


def accuracy(trial: Trial, precision: str, part: str = VALIDATION) -> float | None:
    """Return the accuracy (0..1) on `part`; None if there is none.

    It is that of the trained network, else of the latest epoch, which has none for `test`.
    """
    found = _sane(_evaluation(trial, part, precision).accuracy)
    if found is not None or part == TEST:
        return found
    progress = trial.progress
    if not has_accuracy(progress):
        return None
    return _sane(progress.accuracy if part == TRAIN else progress.val_accuracy)


def cost(trial: Trial, precision: str) -> Performance:
    """Return what the network costs on the target at `precision`; figures that cannot be (negative) are None."""
    known = trial.performance.get(precision, _NO_COST)
    return Performance(_possible(known.latency_ms), _possible(known.ram_bytes), _possible(known.rom_bytes))


def _evaluation(trial: Trial, part: str, precision: str) -> Evaluation:
    """Return the evaluation of a trained network; one that still trains, or trains anew, has none that counts."""
    return trial.evaluations.get((part, precision), _NONE) if trial.status == COMPLETED else _NONE


def _sane(accuracy: float | None) -> float | None:
    return accuracy if accuracy is not None and abs(accuracy) <= LARGEST_ACCURACY else None


def _possible(value: Number | None) -> Number | None:
    return value if value is not None and finite(value) is not None and value >= 0 else None


def over_limits(trial: Trial, precision: str, target: Target) -> frozenset[str]:
    """Return which of `latency`, `ram`, `rom` are known to be over the target's limits."""
    known = cost(trial, precision)
    pairs = {
        "latency": (known.latency_ms, target.latency_ms),
        "ram": (known.ram_bytes, target.ram_bytes),
        "rom": (known.rom_bytes, target.rom_bytes),
    }
    return frozenset(
        name for name, (value, limit) in pairs.items() if value is not None and limit is not None and value > limit
    )
