"""Learn blocks that train a network, as `impulses-detailed` describes them."""

from collections.abc import Iterator

from eitui.api.blocks import dependencies_of, plain, said_first, validation_of
from eitui.api.lenient import Reader
from eitui.api.models.keras import (
    KerasConfig,
    KerasModelLayer,
    KerasModelMetadata,
    KerasModelMetadataGraph,
    KerasVisualLayer,
    LayerEnd,
)
from eitui.api.readable import pairs
from eitui.domain.impulse import Curve, Graph, Layer, Network, Pairs

LINE_END = "␊"
"""What `clean` makes of the end of a line."""

MOST_LINES = 5_000
"""Lines of a training script that are kept."""

_NO_SETTINGS = frozenset(
    {"name", "type", "script", "visualLayers", "transferLearningModels", "thresholds", "dependencies", "trained"}
    | {"minimumConfidenceRating", "showAdvancedTrainingSettings", "showAugmentationTrainingSettings"}
    | {"lastShownModelVariant"}
)
"""Fields that are shown elsewhere, are about the Studio's own screen, or are deprecated."""

EXPERT = "expert"
"""The mode in which a script trains, and training cycles and learning rate are 0 and say nothing."""


def network_of(config: KerasConfig | None, metadata: KerasModelMetadata | None, reader: Reader) -> Network:
    """Return a network from its set-up and from what was trained (None: nothing was)."""
    config = config or KerasConfig()
    said = metadata or KerasModelMetadata()
    validation, devices = validation_of(said.model_validation_metrics, said.class_names, reader)
    return Network(
        mode=said.mode,
        settings=_settings(config),
        architecture=tuple(map(_designed, config.visual_layers)),
        script=tuple(config.script.split(LINE_END)[:MOST_LINES]) if config.script else (),
        dependencies=dependencies_of(config.dependencies),
        trained=said_first(said.has_trained_model, config.trained),
        created=said.created,
        layers=tuple(map(_layer, said.layers)),
        class_names=said.class_names,
        last_layer=said.object_detection_last_layer,
        image_scaling=said.image_input_scaling,
        model_types=tuple(filter(None, said.available_model_types)),
        recommended=said.recommended_model_type,
        validation=validation,
        devices=devices,
        graphs=tuple(filter(None, map(_graph, said.tensorboard_graphs))),
    )


def _settings(config: KerasConfig) -> Pairs:
    fields = {key: value for key, value in plain(config).items() if key not in _NO_SETTINGS}
    if config.mode == EXPERT:
        fields = {key: value for key, value in fields.items() if value or key not in ("trainingCycles", "learningRate")}
    return pairs(fields)


def _designed(layer: KerasVisualLayer) -> str:
    return ", ".join([layer.type or "layer", *_properties(layer)])


def _properties(layer: KerasVisualLayer) -> Iterator[str]:
    figures = {
        "neurons": layer.neurons,
        "kernel size": layer.kernel_size,
        "dropout": layer.dropout_rate,
        "columns": layer.columns,
        "stack": layer.stack,
    }
    yield from (f"{name} {figure:g}" for name, figure in figures.items() if figure is not None)
    if layer.enabled is False:
        yield "off"


def _layer(said: KerasModelLayer) -> Layer:
    one, other = said.input or LayerEnd(), said.output or LayerEnd()
    return Layer(one.name, one.shape, other.name, other.shape, other.type or one.type)


def _graph(said: KerasModelMetadataGraph) -> Graph | None:
    curves = tuple(Curve(series.title, series.values) for series in said.data if series.values)
    if not curves:
        return None
    return Graph(said.title, curves, said.x_label, said.y_label, said.description, said.hide_in_ui is True)
