"""What learn blocks of all kinds have in common: thresholds, validation metrics, the data they learn from."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from eitui.api.devices import devices_of
from eitui.api.evaluation import NO_RAW, Key, Variant, evaluation_of
from eitui.api.lenient import Reader
from eitui.api.models.anomaly import DependencyData
from eitui.api.models.base import Model
from eitui.api.models.metrics import KerasModelMetadataMetrics
from eitui.api.models.text import Raw
from eitui.api.models.thresholds import BlockThreshold
from eitui.domain.anomaly import Dependencies
from eitui.domain.detail import EvaluationDetail, OnDevice
from eitui.domain.threshold import Option, Threshold, ThresholdRef
from eitui.domain.trial import VALIDATION


def thresholds_of(
    impulse_id: int | None, block_id: int | None, *sources: Iterable[BlockThreshold]
) -> tuple[Threshold, ...]:
    """Return the thresholds of a learn block, found in `sources`, of which an earlier one is trusted more.

    A later source only adds thresholds, and values where an earlier one has none. Without the ids of the impulse and
    the block, or without a key, a threshold cannot be referred to, and is left out.
    """
    found: dict[ThresholdRef, Threshold] = {}
    if impulse_id is None or block_id is None:
        return ()
    for said in (item for source in sources for item in source if item.key.raw):
        threshold = _threshold(ThresholdRef(impulse_id, block_id, said.key.raw), said)
        known = found.setdefault(threshold.ref, threshold)
        if known.value is None and threshold.value is not None:
            found[threshold.ref] = replace(known, value=threshold.value, options=known.options or threshold.options)
    return tuple(found.values())


def _threshold(ref: ThresholdRef, said: BlockThreshold) -> Threshold:
    return Threshold(
        ref,
        said.description,
        said.help_text,
        said.value.raw if isinstance(said.value, Raw) else said.value,
        said.suggested_value,
        said.suggested_value_text,
        tuple(Option(option.value.raw, option.description) for option in said.dropdown_options),
    )


def validation_of(
    said: Sequence[KerasModelMetadataMetrics], class_names: tuple[str, ...], reader: Reader
) -> tuple[Mapping[str, EvaluationDetail], Mapping[str, OnDevice]]:
    """Return validation metrics and the cost on devices, both by model type (`int8`, `float32`).

    They are read as a trial's are, so that the same figures look the same everywhere.
    """
    variants: dict[Key, list[Variant]] = {}
    for metrics in said:
        variants.setdefault((VALIDATION, metrics.type), []).append(_variant(metrics))
    found = {
        kind: evaluation_of(several, class_names, f"{part} {kind}".strip(), reader)
        for (part, kind), several in variants.items()
    }
    validation = {kind: evaluation for kind, evaluation in found.items() if evaluation != EvaluationDetail()}
    return validation, devices_of({}, variants, reader)


def _variant(metrics: KerasModelMetadataMetrics) -> Variant:
    return Variant(
        type=metrics.type,
        loss=metrics.loss,
        accuracy=metrics.accuracy,
        confusion_matrix=_raw(metrics.confusion_matrix),
        report=_raw(metrics.report),
        on_device_performance=_raw([plain(device) for device in metrics.on_device_performance]),
        is_supported_on_mcu=metrics.is_supported_on_mcu,
        mcu_support_error=metrics.mcu_support_error,
        profiling_job_id=metrics.profiling_job_id,
        profiling_job_failed=metrics.profiling_job_failed,
        additional_metrics=_raw([plain(metric) for metric in metrics.additional_metrics]),
    )


def _raw(value: Any) -> msgspec.Raw:
    return msgspec.Raw(json.dumps(value).encode()) if value else NO_RAW


def plain(model: Model) -> dict[str, Any]:
    """Return a part of an answer as the JSON object it was, but for what it did not say, and clean."""
    fields = type(model).model_fields
    said = ((field, getattr(model, name)) for name, field in fields.items())
    default = ((field, value, field.get_default(call_default_factory=True)) for field, value in said)
    return {field.alias or "": _plain(value) for field, value, usual in default if value != usual}


def _plain(value: object) -> Any:
    if isinstance(value, Model):
        return plain(value)
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return {key: _plain(item) for key, item in value.items()} if isinstance(value, dict) else value


def dependencies_of(said: DependencyData | None) -> Dependencies:
    """Return the data that feeds a learn block."""
    if said is None:
        return Dependencies()
    return Dependencies(
        said.classes, tuple(filter(None, said.block_names)), said.feature_count, said.sample_count, said.output_classes
    )


def said_first(*answers: bool | None) -> bool | None:
    """Return the first answer that is one."""
    return next((answer for answer in answers if answer is not None), None)
