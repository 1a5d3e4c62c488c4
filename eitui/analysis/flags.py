"""What is suspicious about a trial, each with its reason."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from eitui.domain.curve import EMPTY_CURVE, Curve, Epoch, phases_of
from eitui.domain.moment import Moment
from eitui.domain.trial import COMPLETED, FLOAT32, INT8, TEST, VALIDATION, Trial

_INT8_LOSS = 0.05
_SPLIT_GAP = 0.10
"""Differences of accuracies (0..1) beyond which they are suspicious."""

_EXPLODED = 10.0
"""A loss this many times that of the first epoch has exploded."""

_LAST, _LEAST = 8, 6
"""Overfitting is looked for in so many of the last epochs, and only where at least so many are known."""

_RISE = 1.02
"""The least by which the validation loss must rise within them: less is noise."""

_HAIR = 1e-9


class FlagKind(StrEnum):
    """What may be suspicious."""

    INT8 = "int8"
    """Quantisation cost accuracy."""
    GAP = "gap"
    """Validation and test differ."""
    DIVERGED = "diverged"
    OVERFITTING = "overfitting"


@dataclass(frozen=True)
class Flag:
    """One thing that is suspicious, and why."""

    kind: FlagKind
    reason: str
    """A sentence without a full stop."""


def flags_of(trial: Trial, curve: Curve = EMPTY_CURVE, precision: str = INT8) -> tuple[Flag, ...]:
    """Return what is suspicious about a trial, at the run's `precision`; `curve` has the epochs that are known."""
    return (*evaluation_flags(trial, precision), *_curve_flags(trial, curve))


def evaluation_flags(trial: Trial, precision: str) -> tuple[Flag, ...]:
    """Return what of `flags_of` the trial alone tells."""
    flags = []
    for part in (VALIDATION, TEST):
        quantised, full = _evaluated(trial, part, INT8), _evaluated(trial, part, FLOAT32)
        if quantised is not None and full is not None:
            lost = full - quantised
            if lost > _INT8_LOSS + _HAIR:
                reason = f"int8 lost {lost * 100:.1f} points: {quantised:.1%} against {full:.1%} with float32 ({part})"
                flags.append(Flag(FlagKind.INT8, reason))
            break
    validation, test = _evaluated(trial, VALIDATION, precision), _evaluated(trial, TEST, precision)
    if validation is not None and test is not None and abs(validation - test) > _SPLIT_GAP + _HAIR:
        apart = f"validation and test accuracy are {abs(validation - test) * 100:.1f} points apart"
        flags.append(Flag(FlagKind.GAP, f"{apart}: {validation:.1%} and {test:.1%} ({precision})"))
    return tuple(flags)


def curve_flags(moment: Moment) -> Mapping[str, tuple[str, ...]]:
    """Return what the epochs of trials are suspicious of, as words by the trials' ids; others are left out."""
    curves = moment.history.curves
    found = ((trial.id, _curve_flags(trial, curves.get(trial.id, EMPTY_CURVE))) for trial in moment.run.trials)
    return {trial_id: tuple(flag.kind.value for flag in flags) for trial_id, flags in found if flags}


def _evaluated(trial: Trial, part: str, precision: str) -> float | None:
    """Return the accuracy of the trained network; None where it was not evaluated, or with what is no accuracy."""
    found = trial.evaluations.get((part, precision)) if trial.status == COMPLETED else None
    value = None if found is None else found.accuracy
    return value if value is not None and 0 <= value <= 1 else None


def _curve_flags(trial: Trial, curve: Curve) -> tuple[Flag, ...]:
    """Return one at most: where the training loss exploded the validation loss tells nothing more."""
    # Validation loss often jumps where fine-tuning begins: each phase is judged by itself.
    found = _diverged(trial, curve.epochs) or (_overfitting(phases_of(curve.epochs)[-1]) if curve.epochs else None)
    return () if found is None else (found,)


def _diverged(trial: Trial, epochs: Sequence[Epoch]) -> Flag | None:
    progress = trial.progress
    # NaN is sent as null; a loss that is missing altogether has no accuracy beside it, and none before it.
    lost = progress.epoch is not None and not _is_number(progress.loss)
    if lost and (
        progress.loss is not None
        or progress.accuracy is not None
        or progress.val_accuracy is not None
        or any(_is_number(epoch.loss) for epoch in epochs)
    ):
        return Flag(FlagKind.DIVERGED, f"the training loss is no number at epoch {progress.epoch}")
    first, last = (epochs[0], epochs[-1]) if epochs else (None, None)
    if first is None or last is None or not (_is_number(first.loss) and _is_number(last.loss)):
        return None
    before, now = first.loss or 0.0, last.loss or 0.0
    if before <= 0 or now <= _EXPLODED * before:
        return None
    return Flag(
        FlagKind.DIVERGED,
        f"the training loss exploded: {before:.4g} at epoch {first.epoch}, {now:.4g} at epoch {last.epoch}",
    )


def _overfitting(epochs: Sequence[Epoch]) -> Flag | None:
    last = [epoch for epoch in epochs[-_LAST:] if _is_number(epoch.loss) and _is_number(epoch.val_loss)]
    if len(last) < _LEAST:
        return None
    half = len(last) // 2
    validation, training = (
        _halves(last, half, lambda epoch: epoch.val_loss),
        _halves(last, half, lambda epoch: epoch.loss),
    )
    if validation[1] <= _RISE * validation[0] or training[1] >= training[0]:
        return None
    return Flag(
        FlagKind.OVERFITTING,
        f"from epoch {last[0].epoch} to {last[-1].epoch} the validation loss rises "
        f"({last[0].val_loss:.4g} to {last[-1].val_loss:.4g}) while the training loss falls "
        f"({last[0].loss:.4g} to {last[-1].loss:.4g})",
    )


def _halves(epochs: Sequence[Epoch], half: int, read: Callable[[Epoch], float | None]) -> tuple[float, float]:
    """Return the mean of the first and of the second half."""
    values = [read(epoch) or 0.0 for epoch in epochs]
    return sum(values[:half]) / half, sum(values[half:]) / (len(values) - half)


def _is_number(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
