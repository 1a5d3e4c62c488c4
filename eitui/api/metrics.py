"""How a trained network did (`KerasModelMetadataMetrics`), wherever the service puts it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Annotated

import msgspec

from eitui.analysis.confusion import class_scores
from eitui.analysis.figures import known_sum
from eitui.api.lenient import LARGEST_WHOLE, Part, not_negative, positive
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

    found = {}
    for precision in {**by_precision, **own}:
        metrics = by_precision.get(precision, [])
        entries = next(filter(None, (variant.parts("onDevicePerformance") for variant in metrics)), [])
        target = next((device_of(entry) for entry in entries if entry.flag("isDefault") is True), None)
        if described := own.get(precision):
            target = _device_with(device_of(described), target)
        flags = {variant.flag("isSupportedOnMcu") for variant in metrics} - {None}
        jobs = (variant.whole("profilingJobId") for variant in metrics)
        on_device = OnDevice(
            target=target,
            others=tuple(device_of(entry) for entry in entries if entry.flag("isDefault") is not True),
            supported=None if not flags else False not in flags,
            why_not=next(filter(None, (variant.text("mcuSupportError") for variant in metrics)), ""),
            profiling_job=next((job for job in jobs if job is not None), None),
            profiling_failed=any(variant.flag("profilingJobFailed") is True for variant in metrics),
        )
        if on_device != OnDevice():
            found[precision] = on_device
    return found


def _device_with(device: Device, default: Device | None) -> Device:
    """Put together what the trial says of the target and what its entry among all devices says."""
    if default is None:
        return device
    memory = {}
    for engine in {**default.memory, **device.memory}:
        own, other = device.memory.get(engine, Memory()), default.memory.get(engine, Memory())
        # The trial's own have neither arena nor model.
        lacking = {name: size for name, size in vars(other).items() if getattr(own, name) is None}
        memory[engine] = replace(own, **lacking)
    return replace(
        default,
        latency_ms=default.latency_ms if device.latency_ms is None else device.latency_ms,
        memory=memory,
        problem="" if device.latency_ms is not None or device.memory else default.problem,
    )


def device_of(entry: Part) -> Device:
    """Return what a network costs on one device."""
    problem = entry.text("profilingError")
    device = Device(entry.text("mcu"), entry.text("name"), problem=problem)
    if entry.flag("hasPerformance") is False:
        # The figures beside it are zeros, or whatever was there before.
        return replace(device, problem=problem or "Edge Impulse has no values for this device")
    memory = {}
    for key, engine in _ENGINES.items():
        if key in entry.names:
            part = entry.decoded(key)
            # -1 stands for not known (Akida), 0 for not supported on a microcontroller.
            sizes = (part.whole(size) for size in ("ramRequired", "romRequired", "arenaSize", "modelSize"))
            memory[engine] = Memory(*map(positive, sizes))
    custom = ((item.text("name"), item.text("value")) for item in entry.parts("customMetrics"))
    return replace(
        device,
        latency_ms=not_negative(entry.number("latency")),
        memory={engine: needs for engine, needs in memory.items() if needs != Memory()},
        custom=tuple((name, text) for name, text in custom if name),
    )


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


def find_metrics(trial: Part) -> tuple[dict[VariantKey, list[Part]], tuple[str, ...]]:
    """Return all metrics of a trial, its own, then those of its learn blocks, and the names of its classes.

    Of each part and precision there are as many as the service sent in different places, the most trusted first. The
    names are for those that bring none of their own.
    """
    variants: dict[VariantKey, list[Part]] = {}
    names: tuple[str, ...] = ()
    for key, variant in own_metrics(trial.part("metrics")):
        variants.setdefault(key, []).append(variant)
    for block in blocks_of_kind(trial.part("impulse"), "learn")[:MOST_VARIANTS]:
        names = names or block.part("metadata").texts("classNames")
        for key, variant in metrics_of_block(block):
            variants.setdefault(key, []).append(variant)
    parts = {part: place for place, part in enumerate(PARTS)}
    precisions = {precision: place for place, precision in enumerate(PRECISIONS)}
    order = sorted(variants, key=lambda key: (parts.get(key[0], len(parts)), precisions.get(key[1], len(precisions))))
    return {key: variants[key] for key in order}, names


def evaluation_of(variant: Part) -> Evaluation:
    """Return loss and accuracy.

    Where the service computes no accuracy it sends 0 with nothing behind it; that is not an accuracy of 0 %.
    """
    accuracy = variant.number("accuracy")
    computed = accuracy or variant.is_filled("report") or variant.is_filled("confusionMatrix")
    return Evaluation(variant.number("loss"), accuracy if computed else None)


def evaluation_detail_of(variants: Sequence[Part], names: tuple[str, ...]) -> EvaluationDetail:
    """Return what `variants`, descriptions of the same evaluation, say together; earlier ones are trusted more.

    The names that the service sends may leave out FOMO's background, which is class 0: they are then one name short.
    Classes without a name are called by their number.
    """
    whole = EvaluationDetail()
    for variant in variants:
        evaluation, counts, report = evaluation_of(variant), _confusion_counts(variant), variant.decoded("report")
        size = len(counts) or max((int(key) for key in report.names if _is_index(key)), default=-1) + 1
        labels = variant.texts("classNames") or names
        if labels and size == len(labels) + 1 and BACKGROUND not in labels:
            labels = (BACKGROUND, *labels)
        labels += ("",) * (size - len(labels))
        labels = tuple(label or f"class {index}" for index, label in enumerate(labels))

        # The columns of a matrix beyond those of the classes.
        more = len(counts[0]) - len(counts) if counts else 0
        extra: tuple[str, ...] | None = labels[len(counts) : len(counts) + more]
        if len(extra or ()) != more:
            extra = (UNCERTAIN,) if more == 1 else None
        if extra is None:
            variant.doubt("confusionMatrix", f"is not a matrix of classes: it has {more} columns without a name")

        items = variant.parts("additionalMetrics")
        metrics = (Metric(item.text("name"), item.text("value"), item.number("fullPrecisionValue")) for item in items)
        whole = EvaluationDetail(
            loss=evaluation.loss if whole.loss is None else whole.loss,
            accuracy=evaluation.accuracy if whole.accuracy is None else whole.accuracy,
            metrics=whole.metrics or tuple(metric for metric in metrics if metric.name),
            scores=whole.scores or _class_rows(report, labels),
            averages=whole.averages
            or tuple(_score(row, name) for name, row in report.named(quiet=True) if name in _AVERAGES),
            confusion=whole.confusion
            or (Confusion(labels[: len(counts)], counts, extra) if counts and extra is not None else None),
        )
    if not whole.scores and whole.confusion is not None:
        whole = replace(whole, scores=class_scores(whole.confusion))
    return whole


def _confusion_counts(variant: Part) -> tuple[tuple[float, ...], ...]:
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


def _class_rows(report: Part, names: tuple[str, ...]) -> tuple[ClassScore, ...]:
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


def _is_index(key: str) -> bool:
    return key.isascii() and key.isdigit() and len(key) <= 4


def _score(row: Part, name: str) -> ClassScore:
    score = ClassScore(name, _share(row, "precision"), _share(row, "recall"), _share(row, "f1-score"))
    score = replace(score, support=row.whole("support"))
    # scikit-learn writes 0 for what it cannot divide by.
    return replace(score, recall=None, f1=None) if score.support == 0 else score


def _share(row: Part, key: str) -> float | None:
    share = row.number(key)
    return share if share is not None and 0 <= share <= 1 else None
