"""The input, DSP and post-processing blocks of an impulse, and the network's layers and curves."""

from itertools import pairwise

from eitui.demo.answers import Json
from eitui.demo.catalogue import ImpulsePlan, Learn
from eitui.demo.classify import learn_block
from eitui.demo.curves import curve
from eitui.demo.families import middle
from eitui.demo.specs import VALIDATION_SAMPLES, Spec

TRACKING = "object-tracking"
"""The type of the block that follows objects."""

_DATASET_VERSIONS = 4102
"""The id of the latest dataset version."""

FEATURES = 1960
"""Features that a DSP block generates."""


def impulse(plan: ImpulsePlan) -> Json:
    """Describe the blocks in the shape of `Impulse`."""
    kind = plan.task.dsps[0]
    dsp: Json = {
        "id": plan.dsp_id,
        "type": kind.name,
        "name": kind.title,
        "title": kind.title,
        "axes": [_axis(plan)],
        "implementationVersion": 4,
        "createdBy": "tuner" if plan.from_trial else "createImpulse",
    }
    return {
        "id": plan.id,
        "name": plan.name,
        "type": "default",
        "inputBlocks": [_input_block(plan)] if plan.configured else [],
        "dspBlocks": [dsp] if plan.configured else [],
        "learnBlocks": [learn_block(plan, learn) for learn in plan.learns],
        "postProcessingBlocks": [_tracker(plan)] if plan.tracking else [],
        "datasetVersionId": dataset_version(plan),
    }


def dataset_version(plan: ImpulsePlan) -> int:
    """Return the id of the dataset version that an impulse is made of: the first one where its data changed since."""
    return _DATASET_VERSIONS - plan.stale


def dataset(plan: ImpulsePlan, created: str) -> Json:
    """Describe it in the shape of `DatasetVersion`."""
    version = dataset_version(plan)
    index = 1 - plan.stale
    changes: Json = {"insert": 1920 - 400 * index}
    return {
        "id": version,
        "created": created,
        "versionIndex": index,
        "description": ("First recordings", "More noise")[index],
        "parentVersionId": version - 1 if index else None,
        "type": "manual",
        "summary": {"rawEventCountInWindow": 1920, "sampleChangesCount": 1920, "actionCounts": changes},
        "windowStart": created,
        "windowEnd": created,
        "actors": [],
    }


def post_processing_id(plan: ImpulsePlan) -> int:
    """Return the id of the block that follows objects."""
    return plan.dsp_id + 6


def post_processing() -> Json:
    """Return how the block that follows objects is set up, in the shape of `PostProcessingConfig`."""
    items = [
        _parameter("Keep grace", "keep_grace", "int", 5) | {"help": "Frames for which a lost object is kept."},
        _parameter("Maximum observations", "max_observations", "int", 5),
        _parameter("Intersection threshold", "iou_threshold", "float", 0.5) | {"minVal": 0, "maxVal": 1},
    ]
    return {"enabled": True, "type": TRACKING, "parameters": items}


def dsp_config(plan: ImpulsePlan) -> Json:
    """Describe the DSP block's set-up and cost in the shape of `DSPConfig`."""
    kind = plan.task.dsps[0]
    info: Json = {
        "id": plan.dsp_id,
        "name": kind.title,
        "windowLength": 1000,
        "type": kind.name,
        "classes": [],
        "features": {"generated": plan.trained, "count": FEATURES, "classes": []},
        "expectedWindowCount": 4 * VALIDATION_SAMPLES,
        "inputAxes": [_axis(plan)],
        "performance": {"latency": 30 + 4 * plan.id, "ram": 16_384 + 1024 * plan.id},
        "canCalculateFeatureImportance": False,
        "calculateFeatureImportance": False,
        "canNormalizeData": False,
        "normalizeData": "none",
    }
    if plan.image:
        info["performance"] = {"latency": 4, "ram": 4096, "customDspString": "12,400 cycles"}
    groups = [{"group": "Parameters", "items": [_parameter(*_named(kind.parameter), "int", middle(kind.choices))]}]
    return {"dsp": info, "config": groups + ([_colour()] if plan.image else [_filter()])}


def dsp_metadata(plan: ImpulsePlan, created: str) -> Json:
    """Describe the features that were generated in the shape of `DSPMetadata`."""
    shape: Json = {"width": 96, "height": 96, "channels": 3} if plan.image else {"width": FEATURES}
    kind = plan.task.dsps[0]
    return {
        "created": created,
        "generated": True,
        "dspConfig": {kind.parameter: str(middle(kind.choices))},
        "labels": [],
        "featureLabels": [f"Filter {index} energy" for index in range(8)],
        "windowCount": 4 * VALIDATION_SAMPLES,
        "featureCount": FEATURES,
        "includedSamples": [],
        "windowSizeMs": 1000,
        "windowIncreaseMs": 250,
        "padZeros": True,
        "frequency": _rate(plan),
        "outputConfig": {"type": "image" if plan.image else "flat", "shape": shape},
    }


def visual_layers(learn: Learn) -> list[Json]:
    """List the layers as the Studio's editor has them."""
    if learn.mode == "object-detection":
        return [{"type": "fomo_mobilenet_v2_a35", "enabled": True}] if learn.last_layer == "fomo" else []
    if learn.mode == "visual-anomaly":
        return [{"type": "fomo_ad_gmm", "enabled": True}]
    return [
        {"type": "reshape", "columns": 40, "enabled": True},
        {"type": "conv1d", "neurons": 8, "kernelSize": 3, "stack": 1, "enabled": True},
        {"type": "dropout", "dropoutRate": 0.25, "enabled": True},
        {"type": "conv1d", "neurons": 16, "kernelSize": 3, "stack": 2, "enabled": True},
        {"type": "dropout", "dropoutRate": 0.25, "enabled": False},
        {"type": "flatten", "enabled": True},
    ]


def layers(plan: ImpulsePlan) -> list[Json]:
    """List the layers of the trained network, with their sizes."""
    sizes = [
        ("x_input", FEATURES),
        ("conv1d", 784),
        ("conv1d_1", 392),
        ("flatten", 392),
        ("y_pred", len(plan.task.classes)),
    ]
    ends: list[Json] = [{"shape": size, "name": name, "type": "int8"} for name, size in sizes]
    return [{"input": before, "output": after} for before, after in pairwise(ends)]


def graphs(plan: ImpulsePlan, spec: Spec, seed: int) -> list[Json]:
    """List the per-epoch curves in the shape of `TensorboardGraphs`; accuracy only where there is one."""
    points = curve(spec, 1, plan.task.kind, len(plan.task.classes), seed)
    losses: Json = {
        "title": "Loss",
        "xLabel": "Epoch",
        "yLabel": "Loss",
        "data": [
            {"title": "Training", "values": [point.loss for point in points]},
            {"title": "Validation", "values": [point.val_loss for point in points]},
        ],
    }
    accuracies: Json = {
        "title": "Accuracy",
        "xLabel": "Epoch",
        "yLabel": "Accuracy",
        "description": "Share of the windows that are classified correctly",
        "data": [
            {"title": "Training", "values": [point.accuracy for point in points]},
            {"title": "Validation", "values": [point.val_accuracy for point in points]},
        ],
    }
    rate: Json = {
        "title": "Learning rate",
        "hideInUI": True,
        "data": [{"title": "Learning rate", "values": [spec.learning_rate] * len(points)}],
    }
    scored = plan.task.kind != "regression" and spec.net.scored
    return [losses, *([accuracies] if scored else []), rate]


def _input_block(plan: ImpulsePlan) -> Json:
    block: Json = {"id": plan.dsp_id - 1, "name": "Input"}
    if plan.image:
        return block | {
            "title": "Image data",
            "type": "image",
            "imageWidth": 96,
            "imageHeight": 96,
            "resizeMode": "fit-short",
        }
    return block | {
        "title": "Time series data",
        "type": "time-series",
        "windowSizeMs": 1000,
        "windowIncreaseMs": 250,
        "frequencyHz": _rate(plan),
        "padZeros": True,
    }


def _tracker(plan: ImpulsePlan) -> Json:
    return {
        "id": post_processing_id(plan),
        "type": TRACKING,
        "name": "Object tracking",
        "title": "Object tracking",
        "implementationVersion": 1,
    }


def _rate(plan: ImpulsePlan) -> int:
    return {"audio": 16_000, "motion": 100, "image": 0}[plan.task.data_type]


def _axis(plan: ImpulsePlan) -> str:
    return plan.task.data_type


def _named(parameter: str) -> tuple[str, str]:
    return parameter.replace("_", " ").capitalize(), parameter


def _filter() -> Json:
    kinds = ("none", "low", "high")
    return {
        "group": "Filter",
        "items": [
            _parameter("Scale axes", "scale_axes", "float", 1.0) | {"help": "Multiplies all axes by this number."},
            _parameter("Type", "filter_type", "select", "low")
            | {"selectOptions": [{"value": kind, "selected": kind == "low", "optionLabel": kind} for kind in kinds]},
            _parameter("Cut-off frequency", "filter_cutoff", "float", 3.0)
            | {"showIf": {"parameter": "filter_type", "operator": "neq", "value": "none"}},
            _parameter("Remove the mean", "remove_mean", "boolean", "true"),
            _parameter("Version", "implementation_version", "int", 4) | {"readonly": True, "shouldShow": False},
        ],
    }


def _colour() -> Json:
    kinds = ("RGB", "Grayscale")
    options = [{"value": kind, "selected": kind == "RGB", "optionLabel": kind} for kind in kinds]
    return {
        "group": "Colour",
        "items": [_parameter("Colour depth", "channels", "select", "RGB") | {"selectOptions": options}],
    }


def _parameter(name: str, parameter: str, kind: str, value: float | str) -> Json:
    return {
        "name": name,
        "value": str(value),
        "defaultValue": str(value),
        "type": kind,
        "param": parameter,
        "readonly": False,
        "shouldShow": True,
        "required": True,
        "showClickToSet": False,
    }
