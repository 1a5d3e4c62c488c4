"""Take an `optimize/state` body apart at its trials, and a trial apart at its heavy parts, without parsing either.

A state can be tens of megabytes, nearly all of it metrics that nobody looks at until a trial is opened. msgspec
finds the ends of JSON values at about 1 GB/s without building objects; only what the monitor shows at all times is
decoded here.
"""

import json
import math
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from eitui.api.errors import BadAnswer
from eitui.api.parse import decode

T = TypeVar("T")

HEAVY = frozenset({"metrics", "impulse", "model"})
"""Parts of a trial that are left alone until it is opened."""

_EMPTY = (b"[]", b"{}", b"null", b"")


class _Body(msgspec.Struct):
    trials: list[msgspec.Raw] | None = None


class _Variant(msgspec.Struct, rename="camel"):
    """One entry of `metrics.{part}.{precision}`: what is taken from it; predictions are stepped over."""

    type: Any = None
    loss: Any = None
    accuracy: Any = None
    confusion_matrix: msgspec.Raw = msgspec.Raw(b"[]")
    report: msgspec.Raw = msgspec.Raw(b"{}")
    on_device_performance: msgspec.Raw = msgspec.Raw(b"[]")


class _Default(msgspec.Struct, rename="camel"):
    is_default: Any = False


class _LearnBlock(msgspec.Struct):
    metrics: msgspec.Raw = msgspec.Raw(b"null")
    metadata: msgspec.Raw = msgspec.Raw(b"null")


class _Impulse(msgspec.Struct, rename="camel"):
    learn_blocks: list[msgspec.Raw] = []


class _Metadata(msgspec.Struct, rename="camel"):
    model_validation_metrics: list[msgspec.Raw] = []


@dataclass(frozen=True)
class Pieces:
    """A state taken apart."""

    rest: bytes
    """The body with an empty list of trials."""
    trials: list[msgspec.Raw]
    """The trials' JSON: views into the body, which stays in memory as long as one of them does."""


def split(body: bytes) -> Pieces:
    """Take a state's body apart at its trials.

    Raises:
        BadAnswer: the body is not a JSON object, or its trials are not a list.

    """
    try:
        return _split(body)
    except (msgspec.DecodeError, RecursionError):
        repaired = _repaired(body)
    try:
        return _split(repaired)
    except msgspec.DecodeError as error:
        raise BadAnswer(f"The service's answer is not a tuner's state: {error}") from None


def _split(body: bytes) -> Pieces:
    trials = msgspec.json.decode(body, type=_Body).trials or []
    if not trials:
        return Pieces(body, [])
    first, last = bytes(trials[0]), bytes(trials[-1])
    start = body.index(first)
    # The last one ends the list no sooner than the others and their commas allow; its text may stand further on too.
    end = body.index(last, start + sum(len(raw) + 1 for raw in trials[:-1])) + len(last)
    rest = body[:start] + body[end:]
    try:
        whole = msgspec.json.decode(rest, type=_Body).trials == []
    except msgspec.DecodeError:
        whole = False
    if not whole:  # the text of the first or last trial stands somewhere else too
        fields = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        rest = msgspec.json.encode({**fields, "trials": []})
    return Pieces(rest, trials)


def _repaired(body: bytes) -> bytes:
    """Return JSON that msgspec takes: NaN and infinities as null, halves of surrogate pairs as question marks.

    Raises:
        BadAnswer: it is not JSON even to the standard library, which takes all of these.

    """
    value = decode(body)
    return json.dumps(_without_nan(value), ensure_ascii=False).encode("utf-8", "replace")


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def lighten(raw: bytes | msgspec.Raw) -> dict[str, Any]:
    """Return a trial as a dict in the API's own shape, with only what the monitor shows at all times.

    Of `metrics`, accuracy, loss and the target device's figures are kept; they are found in the places where the
    service has been seen to put them instead when `metrics` itself is missing. `impulse` and `model` are left out.

    Raises:
        BadAnswer: it is not a JSON object.

    """
    try:
        return _lighten(raw)
    except msgspec.DecodeError:
        repaired = _repaired(bytes(raw))
    return _lighten(repaired)


def _lighten(raw: bytes | msgspec.Raw) -> dict[str, Any]:
    fields = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    light = {key: msgspec.json.decode(value) for key, value in fields.items() if key not in HEAVY}
    metrics = _metrics(fields.get("metrics"))
    if not metrics and "impulse" in fields and light.get("status") == "completed":
        metrics = _metrics_of_impulse(fields["impulse"])
    light["metrics"] = metrics
    light.setdefault("impulse", {})
    return light


def _metrics(raw: msgspec.Raw | None) -> dict[str, dict[str, dict[str, Any]]]:
    parts = _decode(raw, dict[str, msgspec.Raw]) or {}
    metrics: dict[str, dict[str, dict[str, Any]]] = {}
    for part, variants in parts.items():
        kept = {name: _variant(value) for name, value in (_decode(variants, dict[str, msgspec.Raw]) or {}).items()}
        kept = {name: value for name, value in kept.items() if value}
        if kept:
            metrics[part] = kept
    return metrics


def _metrics_of_impulse(raw: msgspec.Raw) -> dict[str, dict[str, dict[str, Any]]]:
    """Metrics from the learn blocks: `metrics`, else `metadata.modelValidationMetrics` (seen in Edge Impulse's SDK)."""
    metrics: dict[str, dict[str, dict[str, Any]]] = {}
    impulse = _decode(raw, _Impulse) or _Impulse()
    for item in impulse.learn_blocks:
        block = _decode(item, _LearnBlock) or _LearnBlock()
        for part, variants in _metrics(block.metrics).items():
            metrics.setdefault(part, variants)
        metadata = _decode(block.metadata, _Metadata) or _Metadata()
        validation = metrics.setdefault("validation", {})
        for entry in metadata.model_validation_metrics:
            variant = _variant(entry)
            if isinstance(variant.get("type"), str):
                validation.setdefault(variant["type"], variant)
    return {part: variants for part, variants in metrics.items() if variants}


def _variant(raw: msgspec.Raw) -> dict[str, Any]:
    variant = _decode(raw, _Variant)
    if variant is None:
        return {}
    # Where the service computes no accuracy it sends 0 with nothing behind it; that is not an accuracy of 0 %.
    computed = variant.accuracy or bytes(variant.report) not in _EMPTY or bytes(variant.confusion_matrix) not in _EMPTY
    kept = {"loss": variant.loss, "accuracy": variant.accuracy if computed else None}
    if isinstance(variant.type, str):
        kept["type"] = variant.type
    device = _default_device(variant.on_device_performance)
    if device is not None:
        kept["onDevicePerformance"] = [device]
    return kept


def _default_device(raw: msgspec.Raw) -> dict[str, Any] | None:
    for entry in _decode(raw, list[msgspec.Raw]) or []:
        flag = _decode(entry, _Default)
        if flag is not None and flag.is_default is True:
            device: dict[str, Any] = msgspec.json.decode(entry)
            return device
    return None


def _decode(raw: msgspec.Raw | None, kind: type[T]) -> T | None:
    """Decode `raw`, or return None where it is missing or of another shape: one odd part must not hide a trial."""
    if raw is None:
        return None
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.DecodeError:
        return None
