"""From the service's two descriptions of an anomaly block to one (`.../training/anomaly/{learnId}[/metadata]`)."""

import math
from itertools import zip_longest

from eitui.api.lenient import EMPTY_PART, Part
from eitui.api.metrics import validation_of
from eitui.api.thresholds import thresholds_of
from eitui.api.values import not_negative, positive_whole, to_number
from eitui.domain.anomaly import GMM, AnomalyAxis, AnomalyBlock, Cluster, Component, Dependencies, ScaledAxis
from eitui.domain.text import clean

Numbers = tuple[float | None, ...]


def anomaly_of(
    block_id: int | None,
    config: Part | None,
    metadata: Part | None,
    gmm: Part | None = None,
    *,
    impulse_id: int | None = None,
    kind: str = "",
) -> AnomalyBlock:
    """Return an anomaly block from its set-up and from what was trained; None where that is not known.

    `kind` is the learn block's type. Without `impulse_id` it has no thresholds: they could not be changed. Never
    raises: what does not fit together is left out, with a line in `problems`.
    """
    has_config, config = config is not None, EMPTY_PART if config is None else config
    response = Part({}, []) if metadata is None else metadata.noting()
    indexes, clusters = response.wholes("axes"), response.parts("clusters")
    axes = _axes(config)
    has_axes = None if metadata is None else bool(indexes)
    trained = said_first(response.flag("hasTrainedModel"), config.flag("trained"), has_axes)
    scale, mean = response.numbers("scale"), response.numbers("mean")
    # One value that is not, or need not be, that of a single axis: a GMM has one that scales the score, and K-means
    # one for each axis, of which there may be a single one.
    scores_scaled = max(len(scale), len(mean)) <= 1 and (
        kind == GMM or gmm is not None or (kind == "" and not clusters)
    )
    labels = {axis.index: axis.label for axis in axes}
    scaled = zip_longest(
        indexes,
        () if scores_scaled else _fitting(response, "scale", scale, len(indexes)),
        () if scores_scaled else _fitting(response, "mean", mean, len(indexes)),
    )
    trained_axes = (
        ScaledAxis(index, labels.get(index, "axis ?" if index is None else f"axis {index}"), one, other)
        for index, one, other in scaled
    )
    found = ((cluster.numbers("center"), not_negative(cluster.number("maxError"))) for cluster in clusters)
    validation, devices = validation_of(response)
    return AnomalyBlock(
        id=block_id,
        name=config.text("name"),
        type=kind,
        axes=axes,
        cluster_count=positive_whole(config.whole("clusterCount")),
        dependencies=dependencies_of(config),
        trained=trained,
        created=response.time("created"),
        trained_axes=tuple(trained_axes) if trained is not False else (),
        score_scale=scale[0] if scores_scaled and scale else None,
        score_mean=mean[0] if scores_scaled and mean else None,
        clusters=tuple(Cluster(center, size) for center, size in found if center),
        components=() if gmm is None else _components(gmm),
        validation=validation,
        devices=devices,
        model_types=response.nonempty_texts("availableModelTypes"),
        recommended=response.text("recommendedModelType"),
        thresholds=thresholds_of(impulse_id, block_id, config, metadata=(response,)),
        has_config=has_config,
        has_metadata=metadata is not None,
        has_mixture=gmm is not None,
        problems=tuple(response.problems or ()),
    )


def _axes(config: Part) -> tuple[AnomalyAxis, ...]:
    """Return the features there are; an axis is selected if either place says so, and only named if only selected."""
    chosen = {index for index in config.wholes("selectedAxes") if index is not None}
    axes = [_axis(axis, place, chosen) for place, axis in enumerate(config.parts("axes"))]
    unnamed = sorted(chosen - {axis.index for axis in axes})
    return (*axes, *(AnomalyAxis(index, f"axis {index}", selected=True) for index in unnamed))


def _axis(part: Part, place: int, chosen: set[int]) -> AnomalyAxis:
    number = part.whole("ix")
    index = place if number is None else number
    selected = index in chosen if chosen else part.flag("selected") is True
    return AnomalyAxis(index, part.text("label") or f"axis {index}", selected, part.flag("favourite") is True)


def _fitting(part: Part, key: str, values: Numbers, wanted: int) -> Numbers:
    """Return values that are one per axis; none where they are not."""
    if values and len(values) != wanted:
        part.doubt(key, f"has {len(values)} values for {wanted} axes")
        return ()
    return values


def _components(gmm: Part) -> tuple[Component, ...]:
    """Return the Gaussians: `means` has shape (n, m), `covariances` (n, m, m), `weights` (n,)."""
    rows = zip_longest(gmm.numbers("weights"), _items(gmm.value("means")), _items(gmm.value("covariances")))
    return tuple(
        Component(weight, tuple(map(to_number, _items(mean))), _spread(_items(covariance)))
        for weight, mean, covariance in rows
    )


def _spread(covariance: list[object]) -> Numbers:
    """Return the standard deviations on a covariance's diagonal; None where it has no variance there."""
    rows = [_items(row) for row in covariance]
    diagonal = [to_number(row[place]) if place < len(row) else None for place, row in enumerate(rows)]
    return tuple(math.sqrt(value) if value is not None and value >= 0 else None for value in diagonal)


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def dependencies_of(config: Part) -> Dependencies:
    """Return the data that feeds a learn block."""
    dependencies = config.decoded("dependencies")
    return Dependencies(
        dependencies.texts("classes"),
        dependencies.nonempty_texts("blockNames"),
        dependencies.whole("featureCount"),
        dependencies.whole("sampleCount"),
        dependencies.texts("outputClasses"),
        heads_of(dependencies),
    )


def heads_of(part: Part) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the classes of each key of a label map; empty where the labels are none."""
    heads = part.part("classesPerKey")
    found = ((clean(key), heads.nonempty_texts(key)) for key in heads.names)
    return tuple((key, classes) for key, classes in found if classes)


def said_first(*answers: bool | None) -> bool | None:
    """Return the first answer that is one."""
    return next((answer for answer in answers if answer is not None), None)
