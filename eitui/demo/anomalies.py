"""Classical anomaly blocks as the service describes them: K-means clusters and Gaussian mixtures."""

from eitui.demo.answers import Json
from eitui.demo.blocks import FEATURES
from eitui.demo.catalogue import ImpulsePlan, Learn, is_trained
from eitui.demo.rng import rng_for
from eitui.demo.specs import VALIDATION_SAMPLES
from eitui.demo.thresholds import ThresholdStore

COMPONENTS = 8
"""Gaussians in a mixture."""

AXES = {"anomaly": (0, 2, 5), "anomaly-gmm": (0, 1, 2, 5, 7)}
"""Features that a block of each type looks at."""

_CLUSTERS = [
    {"center": [0.12, -0.55, 0.31], "maxError": 0.42},
    {"center": [1.21, 0.08, -0.94], "maxError": 0.66},
    {"center": [-1.05, 0.92, 0.17], "maxError": 0.38},
]


def dependencies(plan: ImpulsePlan) -> Json:
    """Describe what feeds a learn block in the shape of `DependencyData`."""
    return {
        "classes": [],
        "blockNames": [plan.task.dsps[0].title],
        "featureCount": FEATURES,
        "sampleCount": 4 * VALIDATION_SAMPLES,
        "outputClasses": list(plan.task.classes),
    }


def config(plan: ImpulsePlan, learn: Learn, thresholds: ThresholdStore) -> Json:
    """Describe how the block is set up in the shape of `AnomalyConfig`."""
    selected = AXES[learn.type]
    labels = [f"Filter {index} energy" for index in range(8)]
    return {
        "dependencies": {**dependencies(plan), "outputClasses": ["anomaly"]},
        "name": learn.title,
        "axes": [
            {"ix": index, "label": label, "selected": index in selected, "favourite": index == selected[0]}
            for index, label in enumerate(labels)
        ],
        "trained": is_trained(plan, learn),
        "clusterCount": len(_CLUSTERS) if learn.type == "anomaly" else COMPONENTS,
        "selectedAxes": list(selected),
        "minimumConfidenceRating": thresholds.number(learn.id, "min_anomaly_score"),
        "thresholds": thresholds.rows(learn.id),
    }


def metadata(learn: Learn, thresholds: ThresholdStore, created: str, validation: list[Json]) -> Json:
    """Describe the trained block in the shape of `AnomalyModelMetadata`.

    The scale of a GMM is that of its score: one value, and no clusters.
    """
    answer: Json = {
        "created": created,
        "axes": list(AXES[learn.type]),
        "defaultMinimumConfidenceRating": thresholds.number(learn.id, "min_anomaly_score"),
        "hasTrainedModel": True,
        "thresholds": thresholds.rows(learn.id),
    }
    if learn.type == "anomaly":
        return answer | {"scale": [1.42, 0.87, 2.05], "mean": [0.31, -0.12, 1.74], "clusters": _CLUSTERS}
    return answer | {
        "scale": [3.61],
        "mean": [-12.4],
        "clusters": [],
        "availableModelTypes": ["float32", "int8"],
        "recommendedModelType": "float32",
        "modelValidationMetrics": validation,
    }


def untrained(learn: Learn, thresholds: ThresholdStore, created: str) -> Json:
    """Describe a GMM that was not trained yet: that is said, and nothing else is there."""
    return {
        "created": created,
        "axes": [],
        "scale": [],
        "mean": [],
        "clusters": [],
        "defaultMinimumConfidenceRating": 0,
        "hasTrainedModel": False,
        "thresholds": thresholds.rows(learn.id),
    }


def mixture(learn: Learn, seed: int) -> Json:
    """Describe the Gaussians of a trained GMM in the shape of `AnomalyGmmMetadata`: their weights sum to 1."""
    rng = rng_for(seed, "mixture", learn.id)
    axes = len(AXES[learn.type])
    shares = [rng.uniform(0.5, 2) for _ in range(COMPONENTS)]
    return {
        "means": [[round(rng.gauss(0, 1.5), 6) for _ in range(axes)] for _ in range(COMPONENTS)],
        "covariances": [_covariance(axes, rng.uniform(0.2, 0.9), rng.uniform(0, 0.4)) for _ in range(COMPONENTS)],
        "weights": [share / sum(shares) for share in shares],
    }


def _covariance(axes: int, variance: float, correlation: float) -> list[list[float]]:
    """Return a matrix with equal variances and correlations, which is positive definite for correlations in 0..1."""
    apart = round(variance * correlation, 6)
    return [[round(variance, 6) if row == column else apart for column in range(axes)] for row in range(axes)]
