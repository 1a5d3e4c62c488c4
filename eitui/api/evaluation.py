"""How a trained network did: `KerasModelMetadataMetrics` in a trial, wherever the service puts it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Annotated, Any

import msgspec

from eitui.analysis.confusion import class_scores
from eitui.api.lenient import Fields, Reader
from eitui.api.models.number import LARGEST_WHOLE, to_number, to_whole
from eitui.api.models.text import to_text
from eitui.domain.detail import BACKGROUND, ClassScore, Confusion, EvaluationDetail, Metric
from eitui.domain.trial import TEST, TRAIN, VALIDATION

NO_RAW = msgspec.Raw(b"null")

Key = tuple[str, str]
"""(part, precision)."""


_Count = Annotated[float, msgspec.Meta(ge=0, le=LARGEST_WHOLE)]

_WITHOUT = re.compile(rb"\s+")

_AVERAGES = ("micro avg", "macro avg", "weighted avg", "samples avg")
"""The rows of a report that are no class."""


class Variant(msgspec.Struct, rename="camel"):
    """One entry of `metrics.{part}.{precision}`; predictions are stepped over."""

    type: Any = None
    loss: Any = None
    accuracy: Any = None
    confusion_matrix: msgspec.Raw = NO_RAW
    report: msgspec.Raw = NO_RAW
    on_device_performance: msgspec.Raw = NO_RAW
    is_supported_on_mcu: Any = None
    mcu_support_error: Any = None
    profiling_job_id: Any = None
    profiling_job_failed: Any = None
    additional_metrics: msgspec.Raw = NO_RAW
    class_names: msgspec.Raw = NO_RAW


class LearnBlock(msgspec.Struct):
    """What of a learn block is about its results."""

    metrics: msgspec.Raw = NO_RAW
    metadata: msgspec.Raw = NO_RAW


class _Metadata(msgspec.Struct, rename="camel"):
    class_names: msgspec.Raw = NO_RAW
    model_validation_metrics: msgspec.Raw = NO_RAW


@dataclass(frozen=True)
class Found:
    """The metrics of a trial, undecoded, and the classes' names."""

    variants: dict[Key, list[Variant]]
    """By (part, precision): as many as the service sent in different places, the most trusted first."""
    class_names: tuple[str, ...]
    """For those that bring none of their own."""


def find(fields: Fields, learn_blocks: Sequence[msgspec.Raw], reader: Reader) -> Found:
    """Find a trial's metrics: its own, then its learn blocks' `metrics`, then `metadata.modelValidationMetrics`.

    The latter two are where Edge Impulse's SDK looks when `metrics` is missing.
    """
    variants: dict[Key, list[Variant]] = {}
    names: tuple[str, ...] = ()
    for key, variant in _parts(fields.get("metrics"), "metrics", reader):
        variants.setdefault(key, []).append(variant)
    for number, item in enumerate(learn_blocks, 1):
        where = f"learn block {number}"
        block = reader.take(item, LearnBlock, where) or LearnBlock()
        for key, variant in _parts(block.metrics, f"{where}, metrics", reader):
            variants.setdefault(key, []).append(variant)
        metadata = reader.take(block.metadata, _Metadata, f"{where}, metadata") or _Metadata()
        names = names or names_of(metadata.class_names, reader)
        for entry in reader.items(metadata.model_validation_metrics, f"{where}, modelValidationMetrics"):
            found = reader.take(entry, Variant, f"{where}, modelValidationMetrics")
            if found is not None and isinstance(found.type, str):
                variants.setdefault((VALIDATION, to_text(found.type)), []).append(found)
    return Found(dict(sorted(variants.items(), key=_place)), names)


def _place(item: tuple[Key, object]) -> tuple[int, int]:
    (part, precision), _ = item
    parts, precisions = (VALIDATION, TEST, TRAIN), ("int8", "float32")
    return (
        parts.index(part) if part in parts else len(parts),
        precisions.index(precision) if precision in precisions else len(precisions),
    )


def _parts(raw: msgspec.Raw | None, where: str, reader: Reader) -> Iterator[tuple[Key, Variant]]:
    for part, precisions in reader.fields(raw, where).items():
        for precision, item in reader.fields(precisions, f"{where}, {part}").items():
            variant = reader.take(item, Variant, f"{where}, {part}, {precision}")
            if variant is not None:
                yield (to_text(part), to_text(precision)), variant


def names_of(raw: msgspec.Raw, reader: Reader) -> tuple[str, ...]:
    """Return the classes' names: their positions are what reports and matrices go by."""
    return tuple(map(to_text, reader.take(raw, list[Any], "class names") or ()))


def evaluation_of(variants: Sequence[Variant], names: tuple[str, ...], where: str, reader: Reader) -> EvaluationDetail:
    """Return what `variants`, descriptions of the same evaluation, say together; earlier ones are trusted more."""
    whole = EvaluationDetail()
    for variant in variants:
        one = _evaluation(variant, names, where, reader)
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


def _evaluation(variant: Variant, names: tuple[str, ...], where: str, reader: Reader) -> EvaluationDetail:
    counts = matrix_of(variant.confusion_matrix, f"confusion matrix of {where}", reader)
    report = reader.fields(variant.report, f"report of {where}")
    names = labels(names_of(variant.class_names, reader) or names, len(counts), report)
    accuracy = to_number(variant.accuracy)
    # Where the service computes no accuracy it sends 0 with nothing behind it; that is not an accuracy of 0 %.
    computed = accuracy or report or counts
    return EvaluationDetail(
        to_number(variant.loss),
        accuracy if computed else None,
        _metrics(variant.additional_metrics, f"additional metrics of {where}", reader),
        scores_of(report, names, reader),
        _averages(report, reader),
        Confusion(names[: len(counts)], counts) if counts else None,
    )


def _metrics(raw: msgspec.Raw, where: str, reader: Reader) -> tuple[Metric, ...]:
    found = [
        Metric(to_text(item.get("name")), to_text(item.get("value")), to_number(item.get("fullPrecisionValue")))
        for item in reader.objects(raw, where)
    ]
    return tuple(metric for metric in found if metric.name)


def matrix_of(raw: msgspec.Raw, where: str, reader: Reader) -> tuple[tuple[float, ...], ...]:
    """Return a confusion matrix; none where it is empty, or no square of counts (floats, ≥ 0)."""
    if _WITHOUT.sub(b"", bytes(raw)) in (b"[]", b"[[]]"):
        return ()
    counts = reader.take(raw, tuple[tuple[_Count, ...], ...], where) or ()
    if any(len(row) != len(counts) for row in counts):
        reader.doubt(where, "is not square")
        return ()
    return counts


def labels(names: tuple[str, ...], size: int, report: Fields) -> tuple[str, ...]:
    """Return a name for each class of a matrix with `size` rows, or of a report.

    The names that the service sends may leave out FOMO's background, which is class 0: it is then one name short.
    Classes without a name are called by their number.
    """
    indices = [int(key) for key in report if _is_index(key)]
    size = size or max(indices, default=-1) + 1
    if names and size == len(names) + 1 and BACKGROUND not in names:
        names = (BACKGROUND, *names)
    return tuple(
        name or f"class {index}" for index, name in enumerate(part[0] for part in zip_longest(names, range(size)))
    )


def _is_index(key: str) -> bool:
    return key.isascii() and key.isdigit() and len(key) <= 4


class _Scores(msgspec.Struct):
    precision: Any = None
    recall: Any = None
    f1: Any = msgspec.field(default=None, name="f1-score")
    support: Any = None


def scores_of(report: Fields, names: tuple[str, ...], reader: Reader) -> tuple[ClassScore, ...]:
    """Return the scores of the classes in a report, in the classes' order.

    scikit-learn's `classification_report` goes by the classes' indices, as texts; names are taken, too.
    """
    places = {name: place for place, name in enumerate(names)}
    keys = [key for key in report if key not in _AVERAGES]
    if all(int(key) < len(names) for key in keys if _is_index(key)):  # else the classes' names are numbers
        places |= {key: int(key) for key in keys if _is_index(key)}
    rows = sorted((places.get(to_text(key), len(names)), key) for key in keys)
    found = [_score(report[key], names[place] if place < len(names) else key, reader) for place, key in rows]
    return tuple(score for score in found if score is not None)


def _averages(report: Fields, reader: Reader) -> tuple[ClassScore, ...]:
    found = [_score(raw, to_text(key), reader) for key, raw in report.items() if key in _AVERAGES]
    return tuple(score for score in found if score is not None)


def _score(raw: msgspec.Raw, name: str, reader: Reader) -> ClassScore | None:
    """Return one row of a report; None for its bare `accuracy`, which is a number."""
    if not bytes(raw).startswith(b"{"):
        return None
    row = reader.take(raw, _Scores, f"scores of {name}")
    if row is None:
        return None
    score = ClassScore(to_text(name), _share(row.precision), _share(row.recall), _share(row.f1), to_whole(row.support))
    # scikit-learn writes 0 for what it cannot divide by.
    return replace(score, recall=None, f1=None) if score.support == 0 else score


def _share(value: object) -> float | None:
    share = to_number(value)
    return share if share is not None and 0 <= share <= 1 else None
