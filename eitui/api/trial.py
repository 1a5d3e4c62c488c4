"""A trial of the tuner's state, as far as the monitor shows it at all times."""

from collections.abc import Mapping, Sequence

import msgspec

from eitui.api.errors import BadAnswer
from eitui.api.lenient import EMPTY_PART, Part, values_in
from eitui.api.metrics import (
    MOST_VARIANTS,
    PARTS,
    VariantKey,
    blocks_of_kind,
    default_device,
    dsp_performance_of,
    evaluation_of,
    head_and_config,
    metrics_of_block,
    own_metrics,
    performance_of,
)
from eitui.domain.trial import COMPLETED, Block, Payload, Performance, Progress, Trial

HEAVY = frozenset({"metrics", "impulse", "model"})
"""Parts of a trial that are left alone until it is opened, but for accuracy, loss and cost."""

LIGHT_BYTES = 4 * 2**20
"""Longest trial without its heavy parts, in bytes."""

LIGHT_VALUES = 20_000
"""Most values of a trial without its heavy parts."""


def light_values(fields: Mapping[str, msgspec.Raw]) -> int:
    """Return how many values at most a trial has that the monitor shows at all times."""
    return sum(values_in(raw, LIGHT_VALUES) for key, raw in fields.items() if key not in HEAVY)


def trial_of(fields: Mapping[str, msgspec.Raw], payload: Payload) -> Trial:
    """Return a trial; `payload` is what its fields were read from.

    Raises:
        BadAnswer: it is too large to be read.
    """
    size = sum(len(raw) for key, raw in fields.items() if key not in HEAVY)
    if size > LIGHT_BYTES or light_values(fields) > LIGHT_VALUES:
        raise BadAnswer(f"It is too large to be read ({size / 2**20:.1f} MiB beside its metrics)")
    part = Part(fields)
    status = part.text("status")
    variants = _variants(part, status)
    progress, impulse = part.decoded("progress"), part.part("impulse")
    return Trial(
        id=part.text("id"),
        name=part.text("name"),
        status=status,
        round=part.whole("optimizationRound"),
        retries=part.whole("retries") or 0,
        worker_id=part.text("workerId") or None,
        current_epoch=part.whole("currentEpoch"),
        progress=Progress(
            progress.whole("epoch"),
            progress.number("loss"),
            progress.number("val_loss"),
            progress.number("accuracy"),
            progress.number("val_accuracy"),
        ),
        evaluations={key: evaluation_of(variant) for key, variant in variants.items()},
        performance=_performance(part.decoded("devicePerformance"), variants),
        dsp=dsp_performance_of(blocks_of_kind(impulse, "dsp")[:MOST_VARIANTS]),
        anomaly=_anomaly(blocks_of_kind(impulse, "learn")[:MOST_VARIANTS]),
        blocks=tuple(map(_block, part.parts("blocks"))),
        last_completed_epoch=part.seconds("lastCompletedEpoch"),
        last_completed_training=part.seconds("lastCompletedTraining"),
        payload=payload,
    )


def _block(part: Part) -> Block:
    # The document's `blockId` is required and declared nowhere.
    return Block(
        part.whole("id"),
        part.text("type"),
        part.text("status"),
        part.whole("retries") or 0,
        part.seconds("lastActive"),
    )


def _variants(described: Part, status: str) -> dict[VariantKey, Part]:
    """Return the trial's own metrics; where a completed one has none, those of its learn blocks."""
    found = dict(own_metrics(described.part("metrics")))
    if not found and status == COMPLETED:
        for block in blocks_of_kind(described.part("impulse"), "learn")[:MOST_VARIANTS]:
            for key, variant in metrics_of_block(block):
                found.setdefault(key, variant)
    return {(part, precision): found[part, precision] for one in PARTS for part, precision in found if part == one}


def _anomaly(blocks: Sequence[Part]) -> dict[str, Performance] | None:
    """Return the cost of the anomaly block, by precision; None where there is none beside a network."""
    beside = [block for block in blocks if head_and_config(block)[0].text("type").startswith("anomaly")]
    if not beside or len(beside) == len(blocks):
        return None
    return _performance(EMPTY_PART, dict(metrics_of_block(beside[0])))


def _performance(own: Part, variants: Mapping[VariantKey, Part]) -> dict[str, Performance]:
    """Cost on the target: the trial's own figures, else those of the device marked as default among its metrics."""
    performance = {precision: performance_of(measured) for precision, measured in own.named()}
    for (_, precision), variant in variants.items():
        if performance.get(precision, Performance()) == Performance():
            device = default_device(variant)
            if device is not None and device.flag("hasPerformance") is not False:
                performance[precision] = performance_of(device)
    return performance
