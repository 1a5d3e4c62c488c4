"""What a trained network costs on devices: `devicePerformance` of a trial, `onDevicePerformance` of its metrics."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from eitui.api.evaluation import Key, Variant
from eitui.api.lenient import Reader
from eitui.api.models.number import to_number, to_whole
from eitui.api.models.text import to_text
from eitui.domain.detail import EON, EON_RAM, TFLITE, Device, Memory, OnDevice

_ENGINES = {"eon": EON, "eon_ram_optimized": EON_RAM, "tflite": TFLITE}


def devices_of(
    performance: Mapping[str, msgspec.Raw], variants: Mapping[Key, Sequence[Variant]], reader: Reader
) -> dict[str, OnDevice]:
    """Return the cost by precision. `performance` is the trial's own, which is about the run's target.

    All parts of the data have the same list of devices: the first that is there is read.
    """
    found = {
        precision: _on_device(
            reader.take(performance.get(precision), dict[str, Any], f"devicePerformance, {precision}"),
            [variant for (_, of), several in variants.items() if of == precision for variant in several],
            precision,
            reader,
        )
        for precision in dict.fromkeys([precision for _, precision in variants] + list(performance))
    }
    return {to_text(precision): on_device for precision, on_device in found.items() if on_device != OnDevice()}


def _on_device(own: dict[str, Any] | None, variants: Sequence[Variant], precision: str, reader: Reader) -> OnDevice:
    entries: Iterable[dict[str, Any]] = ()
    for variant in variants:
        entries = reader.objects(variant.on_device_performance, f"devices, {precision}")
        if entries:
            break
    default = next((_device(entry) for entry in entries if entry.get("isDefault") is True), None)
    flags = {variant.is_supported_on_mcu for variant in variants if isinstance(variant.is_supported_on_mcu, bool)}
    return OnDevice(
        target=_target(own, default),
        others=tuple(_device(entry) for entry in entries if entry.get("isDefault") is not True),
        supported=None if not flags else False not in flags,
        why_not=next(filter(None, (to_text(variant.mcu_support_error) for variant in variants)), ""),
        profiling_job=next(
            (job for variant in variants if (job := to_whole(variant.profiling_job_id)) is not None), None
        ),
        profiling_failed=any(variant.profiling_job_failed is True for variant in variants),
    )


def _target(own: dict[str, Any] | None, default: Device | None) -> Device | None:
    """Put together what the trial says of the target and what its entry among all devices says."""
    if not own:
        return default
    device = _device(own)
    if default is None:
        return device
    return replace(
        default,
        latency_ms=default.latency_ms if device.latency_ms is None else device.latency_ms,
        memory={**default.memory, **device.memory},
        problem="" if device.latency_ms is not None or device.memory else default.problem,
    )


def _device(entry: dict[str, Any]) -> Device:
    problem = to_text(entry.get("profilingError"))
    device = Device(to_text(entry.get("mcu")), to_text(entry.get("name")), problem=problem)
    if entry.get("hasPerformance") is False:
        # The figures beside it are zeros, or whatever was there before.
        return replace(device, problem=problem or "The service has no figures for this device")
    memory = {engine: _memory(entry.get(key)) for key, engine in _ENGINES.items()}
    latency = to_number(entry.get("latency"))
    return replace(
        device,
        latency_ms=latency if latency is not None and latency >= 0 else None,
        memory={engine: needs for engine, needs in memory.items() if needs != Memory()},
        custom=_custom(entry.get("customMetrics")),
    )


def _memory(value: object) -> Memory:
    """Read one engine's figures: -1 stands for not known (Akida), 0 for not supported on a microcontroller."""
    if not isinstance(value, dict):
        return Memory()
    sizes = [to_whole(value.get(key)) for key in ("ramRequired", "romRequired", "arenaSize", "modelSize")]
    return Memory(*(size if size is not None and size > 0 else None for size in sizes))


def _custom(value: object) -> tuple[tuple[str, str], ...]:
    items = [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
    found = [(to_text(item.get("name")), to_text(item.get("value"))) for item in items]
    return tuple((name, text) for name, text in found if name)
