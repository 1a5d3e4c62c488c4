"""From the service's two descriptions of an anomaly block to one (`.../training/anomaly/{learnId}[/metadata]`)."""

import math
from collections.abc import Iterator
from itertools import zip_longest

from eitui.api.lenient import EMPTY_PART, LONG_TEXT, Part, not_negative, positive_whole, to_number
from eitui.api.metrics import MOST_VARIANTS, evaluation_of, validation_of
from eitui.api.readable import readable_pairs, stated
from eitui.api.thresholds import thresholds_of
from eitui.domain.anomaly import GMM, AnomalyAxis, AnomalyBlock, Cluster, Component, Dependencies, ScaledAxis
from eitui.domain.impulse import Fold, Folds, Graph, ImpulseCurve, Layer, Network, Pairs
from eitui.domain.text import clean
from eitui.domain.trial import Evaluation

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


LINE_END = "␊"
"""What `clean` makes of the end of a line."""

_MOST_LINES = 5_000
"""Lines of a training script that are kept."""

_NO_SETTINGS = frozenset(
    {"name", "type", "script", "visualLayers", "transferLearningModels", "thresholds", "dependencies", "trained"}
    | {"minimumConfidenceRating", "showAdvancedTrainingSettings", "showAugmentationTrainingSettings"}
    | {"lastShownModelVariant"}
)
"""Fields that are shown elsewhere, are about the Studio's own screen, or are deprecated."""

_SEVERAL_HEADS = "isMultiHead"
"""Whether a network has several outputs; that it has one, as nearly all have, is not worth a line."""

_PROPERTIES = {
    "neurons": "neurons",
    "kernelSize": "kernel size",
    "dropoutRate": "dropout",
    "columns": "columns",
    "stack": "stack",
}

EXPERT = "expert"
"""The mode in which a script trains, and training cycles and learning rate are 0 and say nothing."""


def network_of(config: Part, part: Part) -> Network:
    """Return a network from its set-up and from what was trained (empty: nothing was)."""
    script = config.text("script", LONG_TEXT)
    class_names = part.texts("classNames")
    validation, devices = validation_of(part, class_names)
    return Network(
        mode=part.text("mode"),
        settings=_settings(config),
        architecture=tuple(map(_designed, config.parts("visualLayers"))),
        script=tuple(script.split(LINE_END)[:_MOST_LINES]) if script else (),
        dependencies=dependencies_of(config),
        trained=said_first(part.flag("hasTrainedModel"), config.flag("trained")),
        created=part.time("created"),
        layers=tuple(map(_layer, part.parts("layers"))),
        class_names=class_names,
        last_layer=part.text("objectDetectionLastLayer"),
        image_scaling=part.text("imageInputScaling"),
        model_types=part.nonempty_texts("availableModelTypes"),
        recommended=part.text("recommendedModelType"),
        validation=validation,
        devices=devices,
        graphs=tuple(filter(None, map(_graph, part.parts("tensorboardGraphs")))),
        folds=_folds(part.part("kFoldsMetadata")),
    )


_FINAL_RUN = -1
"""The id of the kept fold where that is the final run."""


def _folds(part: Part) -> Folds | None:
    folds = tuple(
        Fold(fold.text("foldName") or fold.text("foldId"), dict(_evaluations(fold))) for fold in part.parts("folds")
    )
    if not folds:
        return None
    final = part.whole("persistedFoldId") == _FINAL_RUN
    return Folds(folds, "" if final else part.text("persistedFoldName"), final, part.text("persistedFoldMetricType"))


def _evaluations(fold: Part) -> Iterator[tuple[str, Evaluation]]:
    for variant in fold.parts("modelValidationMetrics")[:MOST_VARIANTS]:
        yield variant.text("type"), evaluation_of(variant)


def _settings(config: Part) -> Pairs:
    fields = {key: config.value(key) for key in config.names if key not in _NO_SETTINGS}
    if fields.get(_SEVERAL_HEADS) is False:
        del fields[_SEVERAL_HEADS]
    if config.text("mode") == EXPERT:
        fields = {key: value for key, value in fields.items() if value or key not in ("trainingCycles", "learningRate")}
    return readable_pairs(stated(fields))


def _designed(layer: Part) -> str:
    return ", ".join([layer.text("type") or "layer", *_properties(layer)])


def _properties(layer: Part) -> Iterator[str]:
    for key, name in _PROPERTIES.items():
        figure = layer.number(key)
        if figure is not None:
            yield f"{name} {figure:g}"
    if layer.flag("enabled") is False:
        yield "off"


def _layer(part: Part) -> Layer:
    one, other = part.part("input"), part.part("output")
    return Layer(
        one.text("name"),
        one.whole("shape"),
        other.text("name"),
        other.whole("shape"),
        other.text("type") or one.text("type"),
    )


def _graph(part: Part) -> Graph | None:
    series = ((one.text("title"), one.numbers("values")) for one in part.parts("data"))
    curves = tuple(ImpulseCurve(title, values) for title, values in series if values)
    if not curves:
        return None
    return Graph(
        part.text("title"),
        curves,
        part.text("xLabel"),
        part.text("yLabel"),
        part.text("description", LONG_TEXT),
        part.flag("hideInUI") is True,
    )
