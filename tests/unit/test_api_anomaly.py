"""Anomaly blocks, from the service's two descriptions. All of them are synthetic."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.api.learn_blocks import anomaly_of
from eitui.api.lenient import Part
from eitui.domain.anomaly import AnomalyAxis, AnomalyBlock, Cluster, Component, Dependencies, ScaledAxis
from eitui.domain.threshold import Threshold, ThresholdRef

CONFIG = {
    "name": "Anomaly detection",
    "axes": [
        {"ix": 0, "label": "accX RMS", "selected": True, "favourite": True},
        {"ix": 1, "label": "accY RMS", "selected": False},
        {"ix": 2, "label": "accZ RMS", "selected": True},
    ],
    "selectedAxes": [0, 2],
    "clusterCount": 32,
    "trained": True,
    "dependencies": {"classes": ["idle"], "blockNames": ["Spectral", ""], "featureCount": 39, "sampleCount": 900},
    "thresholds": [{"key": "min_anomaly_score", "description": "Score", "value": 0.3, "suggestedValue": 0.27}],
}
METADATA = {
    "created": "2026-01-15T09:28:46Z",
    "scale": [1.5, 0.5],
    "mean": [0.25, -1],
    "axes": [0, 2],
    "clusters": [{"center": [0.1, None], "maxError": 0.4}, {"center": [], "maxError": 1}, {"center": [1, 2]}],
    "hasTrainedModel": True,
}


def block(config: Any = CONFIG, metadata: Any = METADATA, gmm: Any = None, kind: str = "") -> AnomalyBlock:
    return anomaly_of(
        7,
        Part(config or {}),
        Part(metadata) if metadata is not None else None,
        Part(gmm) if gmm is not None else None,
        impulse_id=1,
        kind=kind,
    )


def test_k_means() -> None:
    found = block(kind="anomaly")
    assert found == AnomalyBlock(
        id=7,
        name="Anomaly detection",
        type="anomaly",
        axes=(AnomalyAxis(0, "accX RMS", True, True), AnomalyAxis(1, "accY RMS"), AnomalyAxis(2, "accZ RMS", True)),
        cluster_count=32,
        dependencies=Dependencies(("idle",), ("Spectral",), 39, 900),
        trained=True,
        created=1768469326.0,
        trained_axes=(ScaledAxis(0, "accX RMS", 1.5, 0.25), ScaledAxis(2, "accZ RMS", 0.5, -1.0)),
        clusters=(Cluster((0.1, None), 0.4), Cluster((1.0, 2.0))),
        thresholds=(Threshold(ThresholdRef(1, 7, "min_anomaly_score"), "Score", value=0.3, suggested=0.27),),
        has_config=True,
        has_metadata=True,
    )
    assert [axis.index for axis in found.selected] == [0, 2]
    assert not found.selection_changed


def test_the_scale_of_a_gmm_is_that_of_its_score() -> None:
    metadata = {**METADATA, "scale": [3.6], "mean": [-12.4], "clusters": []}
    gmm = {"means": [[1, 2], [3, 4]], "covariances": [[[4, 1], [1, 9]], [[1, 0], [0, -1]]], "weights": [0.75, 0.25]}
    found = block(metadata=metadata, gmm=gmm, kind="anomaly-gmm")
    assert (found.score_scale, found.score_mean) == (3.6, -12.4)
    assert found.trained_axes == (ScaledAxis(0, "accX RMS"), ScaledAxis(2, "accZ RMS"))
    assert found.has_mixture
    assert found.components == (Component(0.75, (1.0, 2.0), (2.0, 3.0)), Component(0.25, (3.0, 4.0), (1.0, None)))
    assert found.problems == ()


@pytest.mark.parametrize(
    ("kind", "clusters", "of_the_score"),
    [
        ("anomaly", [], False),
        ("", [{"center": [1]}], False),
        ("anomaly-gmm", [], True),
        ("", [], True),
    ],
)
def test_one_value_for_a_single_axis(kind: str, clusters: list[Any] | list[dict[str, Any]], of_the_score: bool) -> None:
    found = block(metadata={"scale": [2], "mean": [1], "axes": [1], "clusters": clusters}, kind=kind)
    assert (found.score_scale, found.score_mean) == ((2, 1) if of_the_score else (None, None))
    assert found.trained_axes == (ScaledAxis(1, "accY RMS", *((None, None) if of_the_score else (2, 1))),)


def test_one_value_for_several_axes_of_k_means_is_no_mixture_s() -> None:
    found = block(metadata={**METADATA, "scale": [2], "mean": [1], "clusters": []}, kind="anomaly")
    assert (found.score_scale, found.score_mean, found.clusters) == (None, None, ())
    assert found.problems == ("scale: has 1 values for 2 axes", "mean: has 1 values for 2 axes")


def test_lengths_that_do_not_match_are_paired_with_nothing() -> None:
    found = block(metadata={**METADATA, "scale": [1, 2, 3], "mean": [0.5, 0.25]})
    assert found.trained_axes == (ScaledAxis(0, "accX RMS", None, 0.5), ScaledAxis(2, "accZ RMS", None, 0.25))
    assert (found.score_scale, found.score_mean) == (None, None)
    assert found.problems == ("scale: has 3 values for 2 axes",)


@pytest.mark.parametrize(
    ("config", "metadata", "trained"),
    [
        ({"trained": False}, None, False),
        ({"trained": True}, None, True),
        ({"trained": True}, {"hasTrainedModel": False, "axes": [0]}, False),
        ({}, {"axes": [0]}, True),
        ({}, {}, False),
        ({}, None, None),
        (None, None, None),
    ],
)
def test_whether_it_is_trained(
    config: dict[str, Any] | None, metadata: dict[str, Any] | None, trained: bool | None
) -> None:
    found = block(config, metadata)
    assert found.trained is trained
    assert trained or found.trained_axes == ()


def test_axes_that_are_only_selected_by_number_and_those_without_one() -> None:
    found = block({"axes": [{"label": "a"}, {"ix": 5}], "selectedAxes": [0, 9, None]}, {"axes": [9, 5, None]})
    assert found.axes == (AnomalyAxis(0, "a", True), AnomalyAxis(5, "axis 5"), AnomalyAxis(9, "axis 9", True))
    assert [axis.label for axis in found.trained_axes] == ["axis 9", "axis 5", "axis ?"]
    assert found.selection_changed
    alone = block({"axes": [{"ix": 1, "selected": True}, {"ix": 2, "selected": None}]}, None)
    assert [axis.selected for axis in alone.axes] == [True, False]


def test_validation_metrics_and_the_thresholds_that_only_the_metadata_has() -> None:
    metrics = {"type": "int8", "loss": 0.25, "accuracy": 0, "additionalMetrics": [{"name": "AUC", "value": "0.9"}]}
    metadata = {
        "modelValidationMetrics": [metrics, {"type": "float32"}],
        "availableModelTypes": ["int8", ""],
        "recommendedModelType": "int8",
        "thresholds": [{"key": "other", "value": 2}, {"key": "min_anomaly_score", "value": 9}],
    }
    found = block(metadata=metadata)
    assert list(found.validation) == ["int8"]
    assert (found.validation["int8"].loss, found.validation["int8"].accuracy) == (0.25, None)
    assert found.validation["int8"].metrics[0].name == "AUC"
    assert (found.model_types, found.recommended) == (("int8",), "int8")
    assert [(each.ref.key, each.value) for each in found.thresholds] == [("min_anomaly_score", 0.3), ("other", 2)]


def test_without_an_impulse_there_is_nothing_to_change() -> None:
    assert anomaly_of(7, Part(CONFIG), None).thresholds == ()


def test_a_date_that_cannot_be_read_is_kept_as_text() -> None:
    assert block(metadata={"created": "last\x1b week"}).created == "last␛ week"


SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["ix", "center", "key"]), inner),
    max_leaves=6,
)
NAMES = [
    "axes", "selectedAxes", "scale", "mean", "clusters", "trained", "hasTrainedModel", "created", "thresholds",
    "modelValidationMetrics", "means", "covariances", "weights", "dependencies", "clusterCount", "name",
]  # fmt: skip
PARTS = st.dictionaries(
    st.sampled_from(NAMES),
    SHAPES | st.lists(st.integers(0, 3), max_size=3),
)


@given(st.none() | PARTS, st.none() | PARTS, st.none() | PARTS, st.sampled_from(["", "anomaly", "anomaly-gmm"]))
def test_no_shape_whatever_raises(config: Any, metadata: Any, gmm: Any, kind: str) -> None:
    found = block(config, metadata, gmm, kind)
    paired = [axis for axis in found.trained_axes if axis.scale is not None or axis.mean is not None]
    assert found.score_scale is None or not paired
