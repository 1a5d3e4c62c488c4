"""A trial of the tuner's state, as far as the monitor shows it at all times."""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

import msgspec

from eitui.api.errors import BadAnswer
from eitui.api.lenient import EMPTY_PART, Part, values_in
from eitui.api.metrics import (
    MOST_VARIANTS,
    PARTS,
    VariantKey,
    blocks_of_kind,
    default_device,
    device_of,
    dsp_performance_of,
    evaluation_of,
    head_and_config,
    metrics_of_block,
    own_metrics,
)
from eitui.domain.trial import COMPLETED, Block, Payload, Performance, Progress, Trial

HEAVY = frozenset({"metrics", "impulse", "model"})
"""Parts of a trial that are left alone until it is opened, but for accuracy, loss and cost."""

LIGHT_BYTES = 4 * 2**20
"""Longest trial without its heavy parts, in bytes."""

LIGHT_VALUES = 20_000
"""Most values of a trial without its heavy parts."""


_READERS: Mapping[object, Callable[[Part, str], Any]] = {
    str: Part.text,
    str | None: lambda part, key: part.text(key) or None,
    int: lambda part, key: part.whole(key) or 0,
    int | None: Part.whole,
    float | None: Part.number,
    bool | None: Part.flag,
}

_ELSEWHERE = {"round": "optimizationRound"}
"""Fields of `Trial` that the service calls otherwise."""

_NOT_PLAIN = ("last_completed_epoch", "last_completed_training", "problem")
"""Times, and what eitui itself says."""

_PLAIN = tuple(
    (
        field.name,
        _ELSEWHERE.get(field.name) or re.sub(r"_(.)", lambda letter: letter[1].upper(), field.name),
        _READERS[field.type],
    )
    for field in fields(Trial)
    if field.type in _READERS and field.name not in _NOT_PLAIN
)
"""Fields of `Trial` that are read by their own names, in camel case as the service writes: a new one needs no line."""


def light_values(raw: Mapping[str, msgspec.Raw]) -> int:
    """Return how many values at most a trial has that the monitor shows at all times."""
    return sum(values_in(value, LIGHT_VALUES) for key, value in raw.items() if key not in HEAVY)


def trial_of(raw: Mapping[str, msgspec.Raw], payload: Payload) -> Trial:
    """Return a trial; `payload` is what `raw`, its fields, was read from.

    Raises:
        BadAnswer: it is too large to be read.
    """
    size = sum(len(value) for key, value in raw.items() if key not in HEAVY)
    if size > LIGHT_BYTES or light_values(raw) > LIGHT_VALUES:
        raise BadAnswer(f"It is too large to be read ({size / 2**20:.1f} MiB beside its metrics)")
    part = Part(raw)
    impulse = part.part("impulse")

    # The trial's own metrics; where a completed one has none, those of its learn blocks.
    found = dict(own_metrics(part.part("metrics")))
    learn = blocks_of_kind(impulse, "learn")[:MOST_VARIANTS]
    if not found and part.text("status") == COMPLETED:
        for block in learn:
            for key, variant in metrics_of_block(block):
                found.setdefault(key, variant)
    variants = {key: variant for one in PARTS for key, variant in found.items() if key[0] == one}

    # An anomaly block beside a network; where all are, none is beside one.
    anomalies = [block for block in learn if head_and_config(block)[0].text("type").startswith("anomaly")]
    beside = None
    if 0 < len(anomalies) < len(learn):
        beside = _performance(EMPTY_PART, dict(metrics_of_block(anomalies[0])))

    progress = part.decoded("progress")
    plain: dict[str, Any] = {name: read(part, key) for name, key, read in _PLAIN}
    return Trial(
        **plain,
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
        anomaly=beside,
        # The document's `blockId` is required and declared nowhere.
        blocks=tuple(
            Block(
                block.whole("id"),
                block.text("type"),
                block.text("status"),
                block.whole("retries") or 0,
                block.seconds("lastActive"),
            )
            for block in part.parts("blocks")
        ),
        last_completed_epoch=part.seconds("lastCompletedEpoch"),
        last_completed_training=part.seconds("lastCompletedTraining"),
        payload=payload,
    )


def _performance(own: Part, variants: Mapping[VariantKey, Part]) -> dict[str, Performance]:
    """Cost on the target: the trial's own figures, else those of the device marked as default among its metrics."""
    performance = {precision: device_of(measured).performance for precision, measured in own.named()}
    for (_, precision), variant in variants.items():
        if performance.get(precision, Performance()) == Performance():
            device = default_device(variant)
            if device is not None and device.flag("hasPerformance") is not False:
                performance[precision] = device_of(device).performance
    return performance
