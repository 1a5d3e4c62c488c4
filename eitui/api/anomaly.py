"""From the service's two descriptions of an anomaly block to one."""

import math
from itertools import zip_longest

from eitui.api.blocks import dependencies_of, said_first, thresholds_of, validation_of
from eitui.api.lenient import Reader
from eitui.api.models.anomaly import (
    AnomalyAxis,
    AnomalyConfig,
    AnomalyGmmMetadata,
    AnomalyModelMetadata,
)
from eitui.domain.anomaly import AnomalyBlock, Axis, Cluster, Component, ScaledAxis

GMM = "anomaly-gmm"

Numbers = tuple[float | None, ...]


def anomaly_of(
    block_id: int | None,
    config: AnomalyConfig | None,
    metadata: AnomalyModelMetadata | None,
    gmm: AnomalyGmmMetadata | None = None,
    *,
    impulse_id: int | None = None,
    kind: str = "",
) -> AnomalyBlock:
    """Return an anomaly block from its set-up and from what was trained (None: nothing was, or it is not known).

    `kind` is the learn block's type. Without `impulse_id` it has no thresholds: they could not be changed. Never
    raises: what does not fit together is left out, with a line in `problems`.
    """
    reader = Reader()
    config = config or AnomalyConfig()
    said = metadata or AnomalyModelMetadata()
    axes = _axes(config)
    trained = said_first(said.has_trained_model, config.trained, None if metadata is None else bool(said.axes))
    scores_scaled = _scales_the_score(said, gmm, kind)
    validation, devices = validation_of(said.model_validation_metrics, (), reader)
    return AnomalyBlock(
        id=block_id,
        name=config.name,
        type=kind,
        axes=axes,
        cluster_count=_positive(config.cluster_count),
        dependencies=dependencies_of(config.dependencies),
        trained=trained,
        created=said.created,
        trained_axes=_trained_axes(said, axes, scores_scaled, reader) if trained is not False else (),
        score_scale=said.scale[0] if scores_scaled and said.scale else None,
        score_mean=said.mean[0] if scores_scaled and said.mean else None,
        clusters=tuple(Cluster(item.center, _not_negative(item.max_error)) for item in said.clusters if item.center),
        components=_components(gmm),
        validation=validation,
        devices=devices,
        model_types=tuple(filter(None, said.available_model_types)),
        recommended=said.recommended_model_type,
        thresholds=thresholds_of(impulse_id, block_id, config.thresholds, said.thresholds),
        problems=tuple(reader.problems),
    )


def _axes(config: AnomalyConfig) -> tuple[Axis, ...]:
    """Return the features there are; an axis is selected if either place says so, and only named if only selected."""
    chosen = {index for index in config.selected_axes if index is not None}
    axes = [_axis(axis, place, chosen) for place, axis in enumerate(config.axes)]
    unnamed = sorted(chosen - {axis.index for axis in axes})
    return (*axes, *(Axis(index, f"axis {index}", selected=True) for index in unnamed))


def _axis(axis: AnomalyAxis, place: int, chosen: set[int]) -> Axis:
    index = place if axis.ix is None else axis.ix
    selected = index in chosen if chosen else axis.selected is True
    return Axis(index, axis.label or f"axis {index}", selected, axis.favourite is True)


def _scales_the_score(said: AnomalyModelMetadata, gmm: AnomalyGmmMetadata | None, kind: str) -> bool:
    """Whether `scale` and `mean` are about the score: one value that is not, or need not be, that of a single axis.

    A GMM has one value; K-means has one per axis, and may look at a single axis.
    """
    if max(len(said.scale), len(said.mean)) > 1:
        return False
    if kind == GMM or gmm is not None:
        return True
    return not said.clusters and (kind == "" or len(said.axes) != 1)


def _trained_axes(
    said: AnomalyModelMetadata, axes: tuple[Axis, ...], scores_scaled: bool, reader: Reader
) -> tuple[ScaledAxis, ...]:
    labels = {axis.index: axis.label for axis in axes}
    scale: Numbers = () if scores_scaled else _fitting("scale", said.scale, len(said.axes), reader)
    mean: Numbers = () if scores_scaled else _fitting("mean", said.mean, len(said.axes), reader)
    return tuple(
        ScaledAxis(index, labels.get(index, "axis ?" if index is None else f"axis {index}"), one, other)
        for index, one, other in zip_longest(said.axes, scale, mean)
    )


def _fitting(name: str, values: Numbers, wanted: int, reader: Reader) -> Numbers:
    """Return values that are one per axis; none where they are not."""
    if values and len(values) != wanted:
        reader.doubt(name, f"has {len(values)} values for {wanted} axes")
        return ()
    return values


def _components(gmm: AnomalyGmmMetadata | None) -> tuple[Component, ...]:
    if gmm is None:
        return ()
    rows = zip_longest(gmm.weights, gmm.means, gmm.covariances)
    return tuple(Component(weight, mean or (), _spread(covariance or ())) for weight, mean, covariance in rows)


def _spread(covariance: tuple[Numbers, ...]) -> Numbers:
    """Return the standard deviations on a covariance's diagonal; None where it has no variance there."""
    diagonal = [row[place] if place < len(row) else None for place, row in enumerate(covariance)]
    return tuple(math.sqrt(value) if value is not None and value >= 0 else None for value in diagonal)


def _not_negative(value: float | None) -> float | None:
    return value if value is not None and value >= 0 else None


def _positive(count: int | None) -> int | None:
    return count if count is not None and count > 0 else None
