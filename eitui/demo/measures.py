"""The figures by which impulses are compared: each impulse's metrics, and which there are by category."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from eitui.demo.answers import Json
from eitui.demo.catalogue import ImpulsePlan
from eitui.demo.specs import TRAINING_CYCLES, VALIDATION_SAMPLES, Spec

_Filter = Literal["numeric", "string", "select", "boolean", "list"]


@dataclass(frozen=True)
class _Key:
    name: str
    category: str
    title: str
    filtering: _Filter = "numeric"
    options: tuple[str, ...] = ()
    shown: bool = True
    core: bool = True
    hint: str = ""


_KEYS = (
    _Key("accuracy", "impulseMetrics", "Accuracy", hint="Of the validation set, int8"),
    _Key("latency", "impulseMetrics", "Latency (ms)"),
    _Key("ram", "learnBlockMetrics", "Peak RAM"),
    _Key("f1", "learnBlockMetrics", "Weighted average F1 score", shown=False, core=False),
    _Key("quantized", "learnBlockConfig", "Quantised", "boolean", shown=False),
    _Key("cycles", "learnBlockConfig", "Training cycles", shown=False),
    _Key("labels", "learnBlockConfig", "Output classes", "list", shown=False),
    _Key("dsp", "dspBlockConfig", "DSP block", "string", shown=False),
    _Key("data", "inputBlockConfig", "Input", "select", ("Image data", "Time series data")),
    _Key("tracking", "postProcessingBlockConfig", "Object tracking", "boolean", shown=False),
)


def keys_by_category() -> list[Json]:
    """Answer `metricKeysByCategory`."""
    categories = dict.fromkeys(key.category for key in _KEYS)
    return [
        {"category": category, "metricKeys": [_described(key) for key in _KEYS if key.category == category]}
        for category in categories
    ]


def measures(plan: ImpulsePlan, spec: Spec) -> list[Json]:
    """List the metrics of a trained impulse: there are fewer without an accuracy, and without a network."""
    share = round(spec.correct_int8 / VALIDATION_SAMPLES, 4)
    network = any(not learn.anomaly for learn in plan.learns)
    scored = any(learn.mode in ("classification", "object-detection") for learn in plan.learns)
    values: dict[str, tuple[str | bool, float | None]] = {
        "latency": (f"{spec.latency_ms:.0f} ms", round(spec.latency_ms)),
        "ram": (f"{spec.ram / 1024:.1f} KB", spec.ram),
        "dsp": (plan.task.dsps[0].title, None),
        "data": ("Image data" if plan.image else "Time series data", None),
        "tracking": (plan.tracking, int(plan.tracking)),
    }
    if network:
        values["quantized"] = (True, 1)
        values["cycles"] = (str(TRAINING_CYCLES), TRAINING_CYCLES)
        values["labels"] = (", ".join(plan.task.classes), len(plan.task.classes))
    if scored:
        values["accuracy"] = (f"{100 * share:.1f}%", share)
        values["f1"] = (f"{share - 0.0061:.2f}", round(share - 0.0061, 4))
    return [_measure(key, *values[key.name]) for key in _KEYS if key.name in values]


def _described(key: _Key) -> Json:
    return {
        "name": key.name,
        "description": key.title,
        "type": "core" if key.core else "additional",
        "filteringType": _filtering(key.filtering, key.options),
        "showInTable": key.shown,
    }


def _measure(key: _Key, value: str | bool, sort: float | None) -> Json:
    row: Json = {
        "name": key.name,
        "type": "core" if key.core else "additional",
        "category": key.category,
        "description": key.title,
        "title": key.title,
        "value": value,
        "filteringType": _filtering(key.filtering, key.options),
    }
    if sort is not None:
        row["valueForSorting"] = sort
    if key.hint:
        row["valueHint"] = key.hint
    return row


def _filtering(kind: _Filter, options: Sequence[str]) -> Json:
    return {"type": kind, "options": list(options)}
