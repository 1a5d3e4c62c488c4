"""From the service's two descriptions of an anomaly block to one (`.../training/anomaly/{learnId}[/metadata]`)."""

import math
from itertools import zip_longest

from eitui.api.lenient import EMPTY_PART, LONG_TEXT, Part, items_of, not_negative, positive, to_number
from eitui.api.metrics import MOST_VARIANTS, evaluation_of, validation_of
from eitui.api.readable import readable_pairs, stated
from eitui.api.thresholds import thresholds_of
from eitui.domain.anomaly import GMM, AnomalyAxis, AnomalyBlock, Cluster, Component, Dependencies, ScaledAxis
from eitui.domain.impulse import Fold, Folds, Graph, ImpulseCurve, Layer, Network
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

    # `means` has shape (n, m), `covariances` (n, m, m), `weights` (n,).
    components = []
    mixture = EMPTY_PART if gmm is None else gmm
    means, covariances = items_of(mixture.value("means")), items_of(mixture.value("covariances"))
    for weight, center, covariance in zip_longest(mixture.numbers("weights"), means, covariances):
        rows = [items_of(row) for row in items_of(covariance)]
        diagonal = [to_number(row[place]) if place < len(row) else None for place, row in enumerate(rows)]
        spread = tuple(math.sqrt(value) if value is not None and value >= 0 else None for value in diagonal)
        components.append(Component(weight, tuple(map(to_number, items_of(center))), spread))
    return AnomalyBlock(
        id=block_id,
        name=config.text("name"),
        type=kind,
        axes=axes,
        cluster_count=positive(config.whole("clusterCount")),
        dependencies=dependencies_of(config),
        trained=trained,
        created=response.time("created"),
        trained_axes=tuple(trained_axes) if trained is not False else (),
        score_scale=scale[0] if scores_scaled and scale else None,
        score_mean=mean[0] if scores_scaled and mean else None,
        clusters=tuple(Cluster(center, size) for center, size in found if center),
        components=tuple(components),
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
    axes = []
    for place, part in enumerate(config.parts("axes")):
        number = part.whole("ix")
        index = place if number is None else number
        selected = index in chosen if chosen else part.flag("selected") is True
        axes.append(AnomalyAxis(index, part.text("label") or f"axis {index}", selected, part.flag("favourite") is True))
    unnamed = sorted(chosen - {axis.index for axis in axes})
    return (*axes, *(AnomalyAxis(index, f"axis {index}", selected=True) for index in unnamed))


def _fitting(part: Part, key: str, values: Numbers, wanted: int) -> Numbers:
    """Return values that are one per axis; none where they are not."""
    if values and len(values) != wanted:
        part.doubt(key, f"has {len(values)} values for {wanted} axes")
        return ()
    return values


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

    settings = {key: config.value(key) for key in config.names if key not in _NO_SETTINGS}
    if settings.get(_SEVERAL_HEADS) is False:
        del settings[_SEVERAL_HEADS]
    if config.text("mode") == EXPERT:
        unsaid = [key for key in ("trainingCycles", "learningRate") if key in settings and not settings[key]]
        settings = {key: value for key, value in settings.items() if key not in unsaid}

    architecture = []
    for layer in config.parts("visualLayers"):
        values = ((name, layer.number(key)) for key, name in _PROPERTIES.items())
        words = [layer.text("type") or "layer", *(f"{name} {value:g}" for name, value in values if value is not None)]
        architecture.append(", ".join(words if layer.flag("enabled") is not False else [*words, "off"]))

    layers = []
    for layer in part.parts("layers"):
        one, other = layer.part("input"), layer.part("output")
        kind = other.text("type") or one.text("type")
        layers.append(Layer(one.text("name"), one.whole("shape"), other.text("name"), other.whole("shape"), kind))

    graphs = []
    for graph in part.parts("tensorboardGraphs"):
        series = ((one.text("title"), one.numbers("values")) for one in graph.parts("data"))
        if curves := tuple(ImpulseCurve(title, values) for title, values in series if values):
            title, about = graph.text("title"), graph.text("description", LONG_TEXT)
            hidden = graph.flag("hideInUI") is True
            graphs.append(Graph(title, curves, graph.text("xLabel"), graph.text("yLabel"), about, hidden))

    return Network(
        mode=part.text("mode"),
        settings=readable_pairs(stated(settings)),
        architecture=tuple(architecture),
        script=tuple(script.split(LINE_END)[:_MOST_LINES]) if script else (),
        dependencies=(dependencies := dependencies_of(config)),
        has_several_heads=config.flag(_SEVERAL_HEADS) is True or len(dependencies.heads) > 1,
        trained=said_first(part.flag("hasTrainedModel"), config.flag("trained")),
        created=part.time("created"),
        layers=tuple(layers),
        class_names=class_names,
        last_layer=part.text("objectDetectionLastLayer"),
        image_scaling=part.text("imageInputScaling"),
        model_types=part.nonempty_texts("availableModelTypes"),
        recommended=part.text("recommendedModelType"),
        validation=validation,
        devices=devices,
        graphs=tuple(graphs),
        folds=_folds(part.part("kFoldsMetadata")),
    )


_FINAL_RUN = -1
"""The id of the kept fold where that is the final run."""


def _folds(part: Part) -> Folds | None:
    folds = []
    for fold in part.parts("folds"):
        variants = fold.parts("modelValidationMetrics")[:MOST_VARIANTS]
        evaluations = {variant.text("type"): evaluation_of(variant) for variant in variants}
        folds.append(Fold(fold.text("foldName") or fold.text("foldId"), evaluations))
    if not folds:
        return None
    final = part.whole("persistedFoldId") == _FINAL_RUN
    kept = "" if final else part.text("persistedFoldName")
    return Folds(tuple(folds), kept, final, part.text("persistedFoldMetricType"))
