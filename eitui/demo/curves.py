"""Learning curves: noisy and saturating, some overfitting, some diverging."""

import math
from functools import lru_cache
from typing import NamedTuple

from eitui.demo.families import TaskKind
from eitui.demo.kit import rng_for
from eitui.demo.specs import TRAINING_CYCLES, VALIDATION_SAMPLES, Spec


class _Epoch(NamedTuple):
    """What a network scored after one epoch. None: not a number, which the service writes as null."""

    loss: float | None
    val_loss: float | None
    accuracy: float | None
    val_accuracy: float | None


TUNING_EPOCHS = 10
"""Epochs of the second phase of transfer learning, which are counted from 1 again."""


def first_phase(spec: Spec) -> int:
    """Return how many epochs there are before fine-tuning; all of them where there is none."""
    tuned = spec.net.name == "transfer" and spec.epochs > 2 * TUNING_EPOCHS
    return spec.epochs - TUNING_EPOCHS if tuned else spec.epochs


def number_of(spec: Spec, epoch: int) -> int:
    """Return what the service calls the epoch that is this one in all."""
    first = first_phase(spec)
    return epoch if epoch <= first else epoch - first


@lru_cache(maxsize=256)
def curve(spec: Spec, attempt: int, kind: TaskKind, classes: int, seed: int) -> tuple[_Epoch, ...]:
    """Draw all epochs of one attempt at a trial, the first epoch first.

    The last validation accuracy is near what the finished float32 network gets; networks without an accuracy
    report 0 throughout, as the service does.
    """
    rng = rng_for(seed, "curve", spec.index, attempt)
    final = spec.correct_float32 / VALIDATION_SAMPLES
    chance = 1 / max(2, classes)
    tau = rng.uniform(4, 9) * (0.001 / spec.learning_rate) ** 0.15
    overfit = rng.choice((0.0, 0.0, 0.15, 0.5)) * (1 - spec.dropout)
    blow_up = rng.randint(4, 12) if spec.diverges else TRAINING_CYCLES
    scored = kind != "regression" and spec.net.scored
    points = []
    for epoch in range(1, spec.epochs + 1):
        if epoch > blow_up:
            lost = round(chance, 4) if scored else 0.0
            points.append(_Epoch(None, None, lost, lost))
            continue
        rise = 1 - math.exp(-epoch / tau)
        noise = 0.05 * math.exp(-epoch / 15) + 0.006
        late = max(0.0, epoch - 0.45 * TRAINING_CYCLES) / TRAINING_CYCLES
        floor = 1.1 * (1 - final) + 0.03
        start = math.log(max(2, classes)) if kind != "regression" else 4.0
        loss = start + (floor - start) * rise
        wild = 1.6 ** max(0, epoch - blow_up + 3) if spec.diverges else 1.0
        best = chance + (final - chance) * rise
        train = min(0.999, best + 0.03 * rise + 0.1 * overfit * late)
        points.append(
            _Epoch(
                round(wild * max(0.002, loss * (1 - 0.25 * rise) * (1 + rng.gauss(0, noise))), 6),
                round(wild * max(0.004, (loss + overfit * late**1.3) * (1 + rng.gauss(0, 1.8 * noise))), 6),
                _share(train + rng.gauss(0, noise * 0.5), scored),
                _share(best + rng.gauss(0, noise * 0.7), scored),
            )
        )
    return tuple(points)


def _share(value: float, scored: bool) -> float:
    return round(min(max(value, 0.0), 1.0), 6) if scored else 0.0
