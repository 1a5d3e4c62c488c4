"""How a trained network did (`KerasModelMetadataMetrics`), wherever the service puts it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import islice, zip_longest
from typing import Annotated

import msgspec

from eitui.analysis.confusion import class_scores
from eitui.analysis.figures import known_sum
from eitui.api.lenient import LARGEST_WHOLE, Part, not_negative, positive_whole
from eitui.domain.detail import (
    BACKGROUND,
    EON,
    EON_RAM,
    TFLITE,
    UNCERTAIN,
    ClassScore,
    Confusion,
    Device,
    EvaluationDetail,
    Memory,
    Metric,
    OnDevice,
)
from eitui.domain.trial import FLOAT32, INT8, TEST, TRAIN, VALIDATION, Evaluation, Performance

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


PARTS, PRECISIONS = (VALIDATION, TEST, TRAIN), (INT8, FLOAT32)
"""The parts of the data and the precisions of a network, in the order to show them."""

MOST_VARIANTS = 100
"""Precisions of a network that are read of one part of the data, and its learn blocks."""

BLOCKS = {"input": "inputBlock", "dsp": "dspBlock", "learn": "learnBlock"}
"""The kinds of blocks of a trial's impulse, and their field."""

VariantKey = tuple[str, str]
"""(part, precision)."""

_Count = Annotated[float, msgspec.Meta(ge=0, le=LARGEST_WHOLE)]
_Matrix = tuple[tuple[_Count, ...], ...]

_AVERAGES = ("micro avg", "macro avg", "weighted avg", "samples avg")
"""The rows of a report that are no class."""


@dataclass(frozen=True)
class _Found:
    """The metrics of a trial, and the classes' names."""

    variants: dict[VariantKey, list[Part]]
    """As many as the service sent in different places, the most trusted first."""
    class_names: tuple[str, ...] = ()
    """For those that bring none of their own."""


def blocks_of_kind(impulse: Part, kind: str) -> list[Part]:
    """Return the blocks of a kind: those of the plural that the service sends, else of its document's singular."""
    name = BLOCKS[kind]
    if several := impulse.parts(f"{name}s"):
        return several
    alone = impulse.part(name) if name in impulse.names else None
    return [alone] if alone else []


def head_and_config(block: Part) -> tuple[Part, Part]:
    """Return what names a block of a trial's impulse, and its parameters.

    The service sends `{block, config, performance | metadata, metrics}`; the document's blocks are all in one.
    """
    config = block.maybe("config") if "config" in block.names else None
    return (block, block) if config is None else (block.maybe("block") or block, config)


def own_metrics(metrics: Part) -> Iterator[tuple[VariantKey, Part]]:
    """Yield the variants of a `metrics` field: objects by part of the data and precision."""
    for part, precisions in metrics.named():
        for precision, variant in islice(precisions.named(), MOST_VARIANTS):
            yield (part, precision), variant


def metrics_of_block(block: Part) -> Iterator[tuple[VariantKey, Part]]:
    """Yield those of a learn block: its `metrics`, then `metadata.modelValidationMetrics`.

    That is where Edge Impulse's SDK looks when a trial has no `metrics`.
    """
    yield from own_metrics(block.part("metrics"))
    for variant in block.part("metadata").parts("modelValidationMetrics")[:MOST_VARIANTS]:
        if isinstance(variant.value("type"), str):
            yield (VALIDATION, variant.text("type")), variant


def find_metrics(trial: Part) -> _Found:
    """Find all metrics of a trial: its own, then those of its learn blocks."""
    variants: dict[VariantKey, list[Part]] = {}
    names: tuple[str, ...] = ()
    for key, variant in own_metrics(trial.part("metrics")):
        variants.setdefault(key, []).append(variant)
    for block in blocks_of_kind(trial.part("impulse"), "learn")[:MOST_VARIANTS]:
        names = names or block.part("metadata").texts("classNames")
        for key, variant in metrics_of_block(block):
            variants.setdefault(key, []).append(variant)
    return _Found(dict(sorted(variants.items(), key=lambda item: _place(item[0]))), names)


def _place(key: VariantKey) -> tuple[int, int]:
    part, precision = key
    return (
        PARTS.index(part) if part in PARTS else len(PARTS),
        PRECISIONS.index(precision) if precision in PRECISIONS else len(PRECISIONS),
    )


def evaluation_of(variant: Part) -> Evaluation:
    """Return loss and accuracy.

    Where the service computes no accuracy it sends 0 with nothing behind it; that is not an accuracy of 0 %.
    """
    accuracy = variant.number("accuracy")
    computed = accuracy or variant.is_filled("report") or variant.is_filled("confusionMatrix")
    return Evaluation(variant.number("loss"), accuracy if computed else None)


def evaluation_detail_of(variants: Sequence[Part], names: tuple[str, ...]) -> EvaluationDetail:
    """Return what `variants`, descriptions of the same evaluation, say together; earlier ones are trusted more."""
    whole = EvaluationDetail()
    for variant in variants:
        one = _detail(variant, names)
        whole = EvaluationDetail(
            loss=one.loss if whole.loss is None else whole.loss,
            accuracy=one.accuracy if whole.accuracy is None else whole.accuracy,
            metrics=whole.metrics or one.metrics,
            scores=whole.scores or one.scores,
            averages=whole.averages or one.averages,
            confusion=whole.confusion or one.confusion,
        )
    if not whole.scores and whole.confusion is not None:
        whole = replace(whole, scores=class_scores(whole.confusion))
    return whole


def validation_of(
    part: Part, names: tuple[str, ...] = ()
) -> tuple[Mapping[str, EvaluationDetail], Mapping[str, OnDevice]]:
    """Return the validation metrics of a trained block and the cost on devices, both by model type (`int8`)."""
    variants: dict[VariantKey, list[Part]] = {}
    for variant in part.parts("modelValidationMetrics"):
        variants.setdefault((VALIDATION, variant.text("type")), []).append(variant)
    found = {kind: evaluation_detail_of(several, names) for (_, kind), several in variants.items()}
    validation = {kind: evaluation for kind, evaluation in found.items() if evaluation != EvaluationDetail()}
    return validation, devices_of(Part({}), variants)


def _detail(variant: Part, names: tuple[str, ...]) -> EvaluationDetail:
    evaluation = evaluation_of(variant)
    counts = _counts(variant)
    report = variant.decoded("report")
    names = _labels(variant.texts("classNames") or names, len(counts), report)
    extra = _extra_columns(variant, counts, names)
    metrics = (
        Metric(item.text("name"), item.text("value"), item.number("fullPrecisionValue"))
        for item in variant.parts("additionalMetrics")
    )
    return EvaluationDetail(
        evaluation.loss,
        evaluation.accuracy,
        tuple(metric for metric in metrics if metric.name),
        _scores(report, names),
        tuple(_score(row, name) for name, row in report.named(quiet=True) if name in _AVERAGES),
        Confusion(names[: len(counts)], counts, extra) if counts and extra is not None else None,
    )


def _counts(variant: Part) -> tuple[tuple[float, ...], ...]:
    """Return the confusion matrix; none where it is empty, or no rectangle of counts (floats, ≥ 0).

    Its rows are the classes; that of model testing has a column more, of what got no class.
    """
    if not variant.is_filled("confusionMatrix") and variant.value("confusionMatrix") in ([], [[]]):
        return ()
    counts: tuple[tuple[float, ...], ...] = variant.take("confusionMatrix", _Matrix) or ()
    if any(len(row) != len(counts[0]) or len(row) < len(counts) for row in counts):
        variant.doubt("confusionMatrix", "is not a matrix with a column for each class")
        return ()
    return counts


def _extra_columns(variant: Part, counts: Sequence[Sequence[float]], names: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the names of the columns beyond those of the classes; None where several have no name."""
    more = len(counts[0]) - len(counts) if counts else 0
    named = names[len(counts) : len(counts) + more]
    if len(named) == more:
        return named
    if more == 1:
        return (UNCERTAIN,)
    variant.doubt("confusionMatrix", f"is not a matrix of classes: it has {more} columns without a name")
    return None


def _labels(names: tuple[str, ...], size: int, report: Part) -> tuple[str, ...]:
    """Return a name for each class of a matrix with `size` rows, or of a report.

    The names that the service sends may leave out FOMO's background, which is class 0: it is then one name short.
    Classes without a name are called by their number.
    """
    size = size or max((int(key) for key in report.names if _is_index(key)), default=-1) + 1
    if names and size == len(names) + 1 and BACKGROUND not in names:
        names = (BACKGROUND, *names)
    return tuple(
        name or f"class {index}" for index, name in enumerate(part[0] for part in zip_longest(names, range(size)))
    )


def _is_index(key: str) -> bool:
    return key.isascii() and key.isdigit() and len(key) <= 4


def _scores(report: Part, names: tuple[str, ...]) -> tuple[ClassScore, ...]:
    """Return the scores of the classes in a report, in the classes' order.

    scikit-learn's `classification_report` goes by the classes' indices, as texts; names are taken, too. Its bare
    `accuracy` is no row.
    """
    rows = {key: row for key, row in report.named(quiet=True) if key not in _AVERAGES}
    places = {name: place for place, name in enumerate(names)}
    if all(int(key) < len(names) for key in rows if _is_index(key)):  # else the classes' names are numbers
        places |= {key: int(key) for key in rows if _is_index(key)}
    order = sorted((places.get(key, len(names)), key) for key in rows)
    return tuple(_score(rows[key], names[place] if place < len(names) else key) for place, key in order)


def _score(row: Part, name: str) -> ClassScore:
    score = ClassScore(name, _share(row, "precision"), _share(row, "recall"), _share(row, "f1-score"))
    score = replace(score, support=row.whole("support"))
    # scikit-learn writes 0 for what it cannot divide by.
    return replace(score, recall=None, f1=None) if score.support == 0 else score


def _share(row: Part, key: str) -> float | None:
    share = row.number(key)
    return share if share is not None and 0 <= share <= 1 else None
