"""What an impulse costs on devices.

A network: `devicePerformance` of a trial, `onDevicePerformance` of its metrics. DSP: `performance` of the block.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace

from eitui.analysis.figures import known_sum
from eitui.api.lenient import Part
from eitui.api.values import not_negative, positive_whole
from eitui.domain.detail import EON, EON_RAM, TFLITE, Device, Memory, OnDevice
from eitui.domain.trial import Performance

_ENGINES = {"eon": EON, "eon_ram_optimized": EON_RAM, "tflite": TFLITE}


def performance_of(entry: Part) -> Performance:
    """Return the cost on one device, as `Device.performance`."""
    return device_of(entry).performance


def dsp_performance_of(blocks: Iterable[Part]) -> Performance:
    """Return the cost of a trial's DSP blocks together; a value that any of them lacks is not known."""
    found = [block.decoded("performance") or block.decoded("estimatedPerformance") for block in blocks]
    return Performance(
        known_sum(not_negative(part.number("latency")) for part in found),
        known_sum(not_negative(part.whole("ram")) for part in found),
    )


def default_device(variant: Part) -> Part | None:
    """Return what the metrics of a network say of the device that is marked as the target."""
    return next((entry for entry in variant.parts("onDevicePerformance") if entry.flag("isDefault") is True), None)


def devices_of(performance: Part, variants: Mapping[tuple[str, str], Sequence[Part]]) -> dict[str, OnDevice]:
    """Return the cost by precision. `performance` is the trial's own, which is about the run's target.

    `variants` are metrics by (part, precision). All parts of the data have the same list of devices: the first that
    is there is read.
    """
    own = dict(performance.named())
    by_precision: dict[str, list[Part]] = {}
    for (_, precision), several in variants.items():
        by_precision.setdefault(precision, []).extend(several)
    found = {
        precision: _on_device(own.get(precision), by_precision.get(precision, []))
        for precision in (*by_precision, *(precision for precision in own if precision not in by_precision))
    }
    return {precision: on_device for precision, on_device in found.items() if on_device != OnDevice()}


def _on_device(own: Part | None, variants: Sequence[Part]) -> OnDevice:
    entries = next(filter(None, (variant.parts("onDevicePerformance") for variant in variants)), [])
    default = next((device_of(entry) for entry in entries if entry.flag("isDefault") is True), None)
    flags = {variant.flag("isSupportedOnMcu") for variant in variants} - {None}
    jobs = (variant.whole("profilingJobId") for variant in variants)
    return OnDevice(
        target=_target(own, default),
        others=tuple(device_of(entry) for entry in entries if entry.flag("isDefault") is not True),
        supported=None if not flags else False not in flags,
        why_not=next(filter(None, (variant.text("mcuSupportError") for variant in variants)), ""),
        profiling_job=next((job for job in jobs if job is not None), None),
        profiling_failed=any(variant.flag("profilingJobFailed") is True for variant in variants),
    )


def _target(own: Part | None, default: Device | None) -> Device | None:
    """Put together what the trial says of the target and what its entry among all devices says."""
    if not own:
        return default
    device = device_of(own)
    if default is None:
        return device
    return replace(
        default,
        latency_ms=default.latency_ms if device.latency_ms is None else device.latency_ms,
        memory={
            engine: _completed(device.memory.get(engine, Memory()), default.memory.get(engine, Memory()))
            for engine in {**default.memory, **device.memory}
        },
        problem="" if device.latency_ms is not None or device.memory else default.problem,
    )


def _completed(own: Memory, other: Memory) -> Memory:
    """Return `own` with the sizes that only `other` has: the trial's own have neither arena nor model."""
    lacking = {field.name: getattr(other, field.name) for field in fields(own) if getattr(own, field.name) is None}
    return replace(own, **lacking)


def device_of(entry: Part) -> Device:
    """Return what a network costs on one device."""
    problem = entry.text("profilingError")
    device = Device(entry.text("mcu"), entry.text("name"), problem=problem)
    if entry.flag("hasPerformance") is False:
        # The figures beside it are zeros, or whatever was there before.
        return replace(device, problem=problem or "The service has no figures for this device")
    memory = {engine: _memory(entry.decoded(key)) for key, engine in _ENGINES.items() if key in entry.names}
    custom = ((item.text("name"), item.text("value")) for item in entry.parts("customMetrics"))
    return replace(
        device,
        latency_ms=not_negative(entry.number("latency")),
        memory={engine: needs for engine, needs in memory.items() if needs != Memory()},
        custom=tuple((name, text) for name, text in custom if name),
    )


def _memory(part: Part) -> Memory:
    """Read one engine's figures: -1 stands for not known (Akida), 0 for not supported on a microcontroller."""
    sizes = (part.whole(key) for key in ("ramRequired", "romRequired", "arenaSize", "modelSize"))
    return Memory(*map(positive_whole, sizes))
