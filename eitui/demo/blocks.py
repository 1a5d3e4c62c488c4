"""The blocks of an impulse as the service describes them: input, DSP, post-processing, networks, anomaly blocks."""

from itertools import pairwise

from eitui.demo.catalogue import ImpulsePlan, Learn
from eitui.demo.curves import curve
from eitui.demo.families import ordinary
from eitui.demo.kit import Json, rng_for
from eitui.demo.specs import VALIDATION_SAMPLES, Spec
from eitui.demo.thresholds import ThresholdStore

TRACKING = "object-tracking"
"""The type of the block that follows objects."""

_DATASET_VERSIONS = 4102
"""The id of the latest dataset version."""

FEATURES = 1960
"""Features that a DSP block generates."""

COMPONENTS = 8
"""Gaussians in a mixture."""

AXES = {"anomaly": (0, 2, 5), "anomaly-gmm": (0, 1, 2, 5, 7)}
"""Features that an anomaly block of each type looks at."""

_LABELS = [f"Filter {index} energy" for index in range(8)]

_CLUSTERS = [
    {"center": [0.12, -0.55, 0.31], "maxError": 0.42},
    {"center": [1.21, 0.08, -0.94], "maxError": 0.66},
    {"center": [-1.05, 0.92, 0.17], "maxError": 0.38},
]


def impulse(plan: ImpulsePlan) -> Json:
    """Describe the blocks in the shape of `Impulse`."""
    kind = plan.task.dsps[0]
    source: Json = {"id": plan.dsp_id - 1, "name": "Input"}
    if plan.image:
        source |= {"title": "Image data", "type": "image", "imageWidth": 96, "imageHeight": 96}
        source |= {"resizeMode": "fit-short"}
    else:
        source |= {"title": "Time series data", "type": "time-series", "windowSizeMs": 1000, "windowIncreaseMs": 250}
        source |= {"frequencyHz": rate(plan), "padZeros": True}
    dsp: Json = {"id": plan.dsp_id, "type": kind.name, "name": kind.title, "title": kind.title}
    dsp |= {"axes": [plan.task.data_type], "implementationVersion": 4}
    dsp |= {"createdBy": "tuner" if plan.from_trial else "createImpulse"}
    tracker: Json = {"id": post_processing_id(plan), "type": TRACKING}
    tracker |= {"name": "Object tracking", "title": "Object tracking", "implementationVersion": 1}
    return {
        "id": plan.id,
        "name": plan.name,
        "type": "default",
        "inputBlocks": [source] if plan.configured else [],
        "dspBlocks": [dsp] if plan.configured else [],
        "learnBlocks": [learn_block(plan, learn) for learn in plan.learns],
        "postProcessingBlocks": [tracker] if plan.tracking else [],
        "datasetVersionId": _DATASET_VERSIONS - plan.stale,
    }


def learn_block(plan: ImpulsePlan, learn: Learn) -> Json:
    """Describe a learn block in the shape of `ImpulseLearnBlock`."""
    return {"id": learn.id, "type": learn.type, "name": learn.title, "title": learn.title, "dsp": [plan.dsp_id]}


def rate(plan: ImpulsePlan) -> int:
    """Return the readings in a second; 0 for images."""
    return {"audio": 16_000, "motion": 100, "image": 0}[plan.task.data_type]


def dataset(plan: ImpulsePlan, created: str) -> Json:
    """Describe what the impulse is made of as a `DatasetVersion`: the first one where its data changed since."""
    version = _DATASET_VERSIONS - plan.stale
    index = 1 - plan.stale
    counts: Json = {"rawEventCountInWindow": 1920, "sampleChangesCount": 1920}
    counts["actionCounts"] = {"insert": 1920 - 400 * index}
    answer: Json = {"id": version, "created": created, "versionIndex": index}
    answer |= {"description": ("First recordings", "More noise")[index]}
    answer |= {"parentVersionId": version - 1 if index else None, "type": "manual", "summary": counts}
    return answer | {"windowStart": created, "windowEnd": created, "actors": []}


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
    cost: Json = {"latency": round(kind.latency_ms), "ram": kind.ram}
    if plan.image:
        cost["customDspString"] = "12,400 cycles"
    info: Json = {"id": plan.dsp_id, "name": kind.title, "windowLength": 1000, "type": kind.name, "classes": []}
    info |= {"features": {"generated": plan.trained, "count": FEATURES, "classes": []}}
    info |= {"expectedWindowCount": 4 * VALIDATION_SAMPLES, "inputAxes": [plan.task.data_type], "performance": cost}
    info |= _classes_per_key(plan) | {"canCalculateFeatureImportance": False, "calculateFeatureImportance": False}
    info |= {"canNormalizeData": False, "normalizeData": "none"}
    if plan.image:
        form = [_parameter("Colour depth", "channels", "select", "RGB") | _choices("RGB", "Grayscale", chosen="RGB")]
    else:
        form = [
            _parameter("Scale axes", "scale_axes", "float", 1.0) | {"help": "Multiplies all axes by this number."},
            _parameter("Type", "filter_type", "select", "low") | _choices("none", "low", "high", chosen="low"),
            _parameter("Cut-off frequency", "filter_cutoff", "float", 3.0)
            | {"showIf": {"parameter": "filter_type", "operator": "neq", "value": "none"}},
            _parameter("Remove the mean", "remove_mean", "boolean", "true"),
            _parameter("Version", "implementation_version", "int", 4) | {"readonly": True, "shouldShow": False},
        ]
    title = kind.parameter.replace("_", " ").capitalize()
    main: Json = {
        "group": "Parameters",
        "items": [_parameter(title, kind.parameter, "int", ordinary(kind.choices))],
    }
    return {"dsp": info, "config": [main, {"group": "Colour" if plan.image else "Filter", "items": form}]}


def _parameter(name: str, parameter: str, kind: str, value: float | str) -> Json:
    row: Json = {"name": name, "value": str(value), "defaultValue": str(value), "type": kind, "param": parameter}
    return row | {"readonly": False, "shouldShow": True, "required": True, "showClickToSet": False}


def _choices(*kinds: str, chosen: str) -> Json:
    return {"selectOptions": [{"value": kind, "selected": kind == chosen, "optionLabel": kind} for kind in kinds]}


def dsp_metadata(plan: ImpulsePlan, created: str) -> Json:
    """Describe the features that were generated in the shape of `DSPMetadata`."""
    shape: Json = {"width": 96, "height": 96, "channels": 3} if plan.image else {"width": FEATURES}
    kind = plan.task.dsps[0]
    answer: Json = {
        "created": created,
        "generated": True,
        "dspConfig": {kind.parameter: str(ordinary(kind.choices))},
    }
    answer |= {"labels": [], "featureLabels": _LABELS, "windowCount": 4 * VALIDATION_SAMPLES, "featureCount": FEATURES}
    answer |= {"includedSamples": [], "windowSizeMs": 1000, "windowIncreaseMs": 250, "padZeros": True}
    return answer | {
        "frequency": rate(plan),
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
    sizes = [("x_input", FEATURES), ("conv1d", 784), ("conv1d_1", 392), ("flatten", 392)]
    sizes.append(("y_pred", len(plan.task.classes)))
    ends: list[Json] = [{"shape": size, "name": name, "type": "int8"} for name, size in sizes]
    return [{"input": before, "output": after} for before, after in pairwise(ends)]


def graphs(plan: ImpulsePlan, spec: Spec, seed: int) -> list[Json]:
    """List the per-epoch curves in the shape of `TensorboardGraphs`; accuracy only where there is one."""
    points = curve(spec, 1, plan.task.kind, len(plan.task.classes), seed)
    found: list[Json] = []
    for title, key in (("Loss", "loss"), ("Accuracy", "accuracy")):
        graph: Json = {"title": title, "xLabel": "Epoch", "yLabel": title}
        if key == "accuracy":
            graph["description"] = "Share of the windows that are classified correctly"
        series = (("Training", key), ("Validation", f"val_{key}"))
        graph["data"] = [
            {"title": name, "values": [getattr(point, which) for point in points]} for name, which in series
        ]
        found.append(graph)
    rates: Json = {"title": "Learning rate", "values": [spec.learning_rate] * len(points)}
    scored = plan.task.kind != "regression" and spec.net.scored
    return [*found[: 1 + scored], {"title": "Learning rate", "hideInUI": True, "data": [rates]}]


def dependencies(plan: ImpulsePlan) -> Json:
    """Describe what feeds a learn block in the shape of `DependencyData`."""
    answer: Json = {"classes": [], "blockNames": [plan.task.dsps[0].title], "featureCount": FEATURES}
    answer |= {"sampleCount": 4 * VALIDATION_SAMPLES, "outputClasses": list(plan.task.classes)}
    return answer | _classes_per_key(plan)


def _classes_per_key(plan: ImpulsePlan) -> Json:
    heads = {key: list(names) for learn in plan.learns for key, names in learn.heads}
    return {"classesPerKey": heads} if heads else {}


def anomaly_config(plan: ImpulsePlan, learn: Learn, thresholds: ThresholdStore) -> Json:
    """Describe how a classical anomaly block is set up in the shape of `AnomalyConfig`."""
    selected = AXES[learn.type]
    return {
        "dependencies": {**dependencies(plan), "outputClasses": ["anomaly"]},
        "name": learn.title,
        "axes": [
            {"ix": index, "label": label, "selected": index in selected, "favourite": index == selected[0]}
            for index, label in enumerate(_LABELS)
        ],
        "trained": plan.is_trained(learn),
        "clusterCount": len(_CLUSTERS) if learn.type == "anomaly" else COMPONENTS,
        "selectedAxes": list(selected),
        "minimumConfidenceRating": thresholds.number(learn.id, "min_anomaly_score"),
        "thresholds": thresholds.rows(learn.id),
    }


def anomaly_metadata(learn: Learn, thresholds: ThresholdStore, created: str, validation: list[Json]) -> Json:
    """Describe the trained block in the shape of `AnomalyModelMetadata`.

    The scale of a GMM is that of its score: one value, and no clusters.
    """
    answer: Json = {"created": created, "axes": list(AXES[learn.type])}
    answer["defaultMinimumConfidenceRating"] = thresholds.number(learn.id, "min_anomaly_score")
    answer |= {"hasTrainedModel": True, "thresholds": thresholds.rows(learn.id)}
    if learn.type == "anomaly":
        return answer | {"scale": [1.42, 0.87, 2.05], "mean": [0.31, -0.12, 1.74], "clusters": _CLUSTERS}
    answer |= {"scale": [3.61], "mean": [-12.4], "clusters": [], "availableModelTypes": ["float32", "int8"]}
    return answer | {"recommendedModelType": "float32", "modelValidationMetrics": validation}


def untrained_gmm(learn: Learn, thresholds: ThresholdStore, created: str) -> Json:
    """Describe a GMM that was not trained yet: that is said, and nothing else is there."""
    answer: Json = {"created": created, "axes": [], "scale": [], "mean": [], "clusters": []}
    answer |= {"defaultMinimumConfidenceRating": 0, "hasTrainedModel": False}
    return answer | {"thresholds": thresholds.rows(learn.id)}


def mixture(learn: Learn, seed: int) -> Json:
    """Describe the Gaussians of a trained GMM in the shape of `AnomalyGmmMetadata`: their weights sum to 1."""
    rng = rng_for(seed, "mixture", learn.id)
    axes = len(AXES[learn.type])
    shares = [rng.uniform(0.5, 2) for _ in range(COMPONENTS)]
    means = [[round(rng.gauss(0, 1.5), 6) for _ in range(axes)] for _ in range(COMPONENTS)]
    covariances = []
    for _ in range(COMPONENTS):
        # Equal variances and correlations: positive definite for correlations in 0..1.
        variance, correlation = rng.uniform(0.2, 0.9), rng.uniform(0, 0.4)
        same, apart = round(variance, 6), round(variance * correlation, 6)
        covariances.append([[same if row == column else apart for column in range(axes)] for row in range(axes)])
    return {"means": means, "covariances": covariances, "weights": [share / sum(shares) for share in shares]}
