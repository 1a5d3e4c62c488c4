"""Learn blocks that train a network, as `impulses-detailed` describes them (KerasConfig, KerasModelMetadata)."""

from collections.abc import Iterator

from eitui.api.anomaly import dependencies_of, said_first
from eitui.api.lenient import Part
from eitui.api.metrics import MOST_VARIANTS, evaluation_of, validation_of
from eitui.api.readable import readable_pairs, stated
from eitui.api.values import LONG_TEXT
from eitui.domain.impulse import Fold, Folds, Graph, ImpulseCurve, Layer, Network, Pairs
from eitui.domain.trial import Evaluation

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
