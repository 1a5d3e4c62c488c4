"""Impulses, from `impulses-detailed`. All of them are synthetic."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.api.impulses import impulses_of
from eitui.domain.detail import EON, ClassScore, Confusion, Memory
from eitui.domain.impulse import (
    BlockSetup,
    Dataset,
    DspCost,
    Features,
    Filtering,
    Fold,
    Folds,
    Graph,
    Impulse,
    ImpulseCurve,
    ImpulseMetric,
    ImpulseTable,
    Layer,
    MetricKey,
)
from eitui.domain.threshold import METADATA, Option, StatedValue, Threshold, ThresholdRef
from eitui.domain.trial import Evaluation

BAD = "\x1b[2J"


def table(*impulses: object, **more: object) -> ImpulseTable:
    body = json.dumps({"success": True, "impulses": list(impulses), **more}).encode()
    return impulses_of(body)


def one(**fields: object) -> Impulse:
    (impulse,) = table(fields).impulses
    return impulse


def with_blocks(**fields: object) -> Impulse:
    blocks = {
        "id": 1,
        "name": "Keywords",
        "inputBlocks": [{"id": 1, "type": "time-series", "title": "Time series", "windowSizeMs": 1000, "name": "in"}],
        "dspBlocks": [{"id": 2, "type": "mfe", "createdBy": "tuner", "createdAt": "2026-01-15T09:28:46Z"}],
        "learnBlocks": [{"id": 3, "type": "keras", "title": "Classifier", "dsp": [2, None]}],
        "postProcessingBlocks": [{"id": 9, "type": "object-tracking", "title": "Tracking"}],
    }
    return one(impulse=blocks, **fields)


def test_who_made_it_and_what_is_wrong_with_it() -> None:
    impulse = one(
        impulse={"id": 4, "name": "Keywords", "type": "BYOM"},
        isStale=True,
        configured=False,
        complete=False,
        tags=["a", "", "b"],
        createdFromTunerTrialId=4011931.0,
        createdByUser={"id": 1, "name": "", "username": "synthetic"},
        pretrainedModelInfo={"fileName": "model.onnx"},
    )
    assert impulse == Impulse(
        4, "Keywords", "BYOM", {}, True, False, False, ("a", "b"), "synthetic", "4011931", "model.onnx"
    )


def test_an_impulse_that_says_nothing() -> None:
    impulse = one()
    assert (impulse.id, impulse.stale, impulse.configured, impulse.complete) == (None, False, None, None)
    assert (impulse.author, impulse.from_trial, impulse.blocks, impulse.thresholds) == ("", None, (), ())
    assert impulse.problems == ("impulse: the service does not say which it is",)


@pytest.mark.parametrize("absent", [{}, {"configured": None, "complete": None}, {"configured": "yes", "complete": 1}])
@pytest.mark.parametrize(
    ("trained", "found"),
    [
        ([], (None, None)),
        ([True], (None, None)),
        ([True, True], (None, None)),
        ([True, False], (None, False)),
        ([None, False], (None, False)),
        ([True, None], (None, None)),
    ],
)
def test_where_the_service_does_not_say_whether_an_impulse_is_complete_only_an_untrained_block_does(
    absent: Any, trained: Any, found: Any
) -> None:
    configs = [
        {"blockId": number, "config": {} if value is None else {"trained": value}}
        for number, value in enumerate(trained, 3)
    ]
    impulse = one(impulse={"id": 1}, learnBlockKerasConfigs=configs, **absent)
    assert (impulse.configured, impulse.complete) == found


def test_what_the_service_says_of_an_impulse_outranks_its_blocks() -> None:
    for trained, said in ((True, False), (False, True)):
        configs = [{"blockId": 3, "config": {"trained": trained}}]
        impulse = one(impulse={"id": 1}, learnBlockKerasConfigs=configs, configured=said, complete=said)
        assert (impulse.configured, impulse.complete) == (said, said)
    assert one(impulse={"id": 1}, complete=True).configured is True


@pytest.mark.parametrize(
    ("config", "metadata", "sent"),
    [
        ({}, {}, False),
        ({"thresholds": None}, {"thresholds": "x"}, False),
        ({"thresholds": []}, {}, True),
        ({}, {"thresholds": []}, True),
    ],
)
def test_thresholds_that_were_not_sent_are_not_none(config: Any, metadata: Any, sent: Any) -> None:
    rows = [{"blockId": 3, "config": config, "metadata": metadata}]
    (block,) = one(impulse={"id": 1}, learnBlockKerasConfigs=rows).learn
    assert (block.thresholds, block.thresholds_sent) == ((), sent)


@pytest.mark.parametrize(
    ("version", "used", "found"),
    [
        (None, None, None),
        (None, 41, Dataset(41)),
        ({"id": 41, "versionIndex": 3, "description": "More noise"}, 41, Dataset(41, 3, "More noise")),
        ({"id": 41, "versionIndex": 3, "description": None}, None, Dataset(41, 3)),
        ({"id": 41, "versionIndex": 3}, 40, Dataset(40)),
        ({"versionIndex": 3}, None, None),
        ("x", "y", None),
    ],
)
def test_the_version_of_the_data(version: Any, used: Any, found: Any) -> None:
    assert one(impulse={"id": 1, "datasetVersionId": used}, datasetVersion=version).dataset == found


def folded(**fields: object) -> Folds | None:
    rows = [{"blockId": 3, "config": {}, "metadata": {"kFoldsMetadata": fields}}]
    network = one(impulse={"id": 1}, learnBlockKerasConfigs=rows).learn[0].network
    assert network is not None
    return network.folds


def test_folds() -> None:
    metrics = [{"type": "int8", "accuracy": 0.9, "loss": 0.3}, {"type": "float32", "accuracy": 0, "report": {}}]
    rows = [{"foldId": 0, "foldName": "1", "modelValidationMetrics": metrics}, {"foldId": 1}]
    kept = {"persistedFoldId": 0, "persistedFoldName": "1", "persistedFoldMetricType": "int8"}
    assert folded(folds=rows, **kept) == Folds(
        (Fold("1", {"int8": Evaluation(0.3, 0.9), "float32": Evaluation()}), Fold("1")), "1", False, "int8"
    )
    assert folded(folds=rows[1:], persistedFoldId=-1, persistedFoldName="x") == Folds((Fold("1"),), final=True)
    assert [folded(), folded(folds=[]), folded(folds="x")] == [None, None, None]


@pytest.mark.parametrize(
    ("keys", "heads"),
    [
        (None, ()),
        ({"speed": ["slow", "fast"], "side": ["left"]}, (("speed", ("slow", "fast")), ("side", ("left",)))),
        ({"speed": [], "side": None, "more": "x"}, ()),
        ([], ()),
    ],
)
def test_classes_by_key_of_a_label_map(keys: Any, heads: Any) -> None:
    rows = [{"blockId": 3, "config": {"dependencies": {"classesPerKey": keys}}}]
    network = one(impulse={"id": 1}, learnBlockKerasConfigs=rows).learn[0].network
    assert network is not None
    assert network.dependencies.heads == heads
    assert network.has_several_heads == (len(heads) > 1)


@pytest.mark.parametrize(("said", "several"), [(True, True), (False, False), (None, False), ("yes", False)])
def test_several_heads_that_are_not_named(said: Any, several: bool) -> None:
    rows = [{"blockId": 3, "config": {"isMultiHead": said}}]
    network = one(impulse={"id": 1}, learnBlockKerasConfigs=rows).learn[0].network
    assert network is not None
    assert network.has_several_heads is several


def test_what_features_were_generated_with() -> None:
    metadata = {
        "windowSizeMs": 1000,
        "frequency": 16000,
        "padZeros": True,
        "featureLabels": ["a", "b"],
        "fftUsed": [],
        "featureExplorerJobFailed": True,
        "featureExplorerJobId": 7,
        "featureImportanceJobFailed": None,
    }
    config = {"dsp": {"inputAxes": ["x", "y"], "normalizeData": "none"}}
    (block,) = one(dspBlockConfigs=[{"blockId": 2, "config": config, "metadata": metadata}]).dsp
    assert block.parameters == (("input axes", "x, y"), ("normalize data", "none"))
    assert block.features.made_with == (
        ("window size", "1000 ms"),
        ("frequency", "16000 Hz"),
        ("pad zeros", "yes"),
        ("feature names", "a, b"),
    )
    assert block.features.failed == ("The feature explorer could not be computed (job 7)",)


def test_metrics_by_category() -> None:
    impulse = one(
        metrics=[
            {
                "name": "accuracy",
                "category": "impulseMetrics",
                "title": "Accuracy",
                "value": "91.3%",
                "valueForSorting": 0.913,
                "filteringType": {"type": "numeric", "options": []},
                "description": "On the validation data",
                "valueHint": "int8",
                "type": "core",
            },
            {"name": "accuracy", "category": "impulseMetrics", "value": "twice"},
            {"name": "peakRam", "category": "learnBlockMetrics", "value": 14, "type": "additional"},
            {"name": "quantized", "category": "learnBlockMetrics", "value": True},
            {"name": "none", "category": "learnBlockMetrics", "value": None, "valueForSorting": "much"},
            {"value": "nameless"},
            "no object",
        ]
    )
    assert list(impulse.metrics) == ["impulseMetrics", "learnBlockMetrics"]
    assert impulse.metrics["impulseMetrics"] == (
        ImpulseMetric(
            *("accuracy", "impulseMetrics", "Accuracy", "91.3%", 0.913),
            Filtering("numeric"),
            "On the validation data",
            "int8",
        ),
    )
    found = {metric.name: metric for metric in impulse.metrics["learnBlockMetrics"]}
    assert (found["peakRam"].title, found["peakRam"].text, found["peakRam"].number) == ("peak ram", "14", 14)
    assert not found["peakRam"].core
    assert (found["quantized"].text, found["quantized"].number) == ("yes", 1)
    assert (found["none"].text, found["none"].number) == ("", None)
    assert impulse.metric("learnBlockMetrics", "peakRam") == found["peakRam"]
    assert impulse.metric("learnBlockMetrics", "accuracy") is None


def test_the_table_has_the_service_s_columns() -> None:
    keys = [
        {
            "category": "impulseMetrics",
            "metricKeys": [
                {"name": "accuracy", "description": "Accuracy", "type": "core", "showInTable": True},
                {"name": "accuracy", "description": "again", "showInTable": False},
                {"name": "dataset", "type": "additional", "filteringType": {"type": "select", "options": ["a", ""]}},
            ],
        },
        {"category": "learnBlockMetrics", "metricKeys": "none"},
    ]
    found = table(metricKeysByCategory=keys, extraTableColumns=["tags", "tags", ""])
    accuracy = MetricKey("accuracy", "impulseMetrics", "Accuracy", shown=True)
    data = MetricKey("dataset", "impulseMetrics", "dataset", Filtering("select", ("a",)), core=False)
    assert found.keys == {"impulseMetrics": (accuracy, data)}
    assert found.shown == (accuracy,)
    assert found.extra_columns == ("tags",)


def test_without_a_list_of_metrics_those_there_are_are_the_columns() -> None:
    first = {"metrics": [{"name": "a", "category": "x", "type": "core"}, {"name": "b", "type": "additional"}]}
    second = {"metrics": [{"name": "c", "category": "x", "type": "core"}, {"name": "a", "category": "x"}]}
    found = table(first, second)
    assert {category: [key.name for key in keys] for category, keys in found.keys.items()} == {
        "x": ["a", "c"],
        "": ["b"],
    }
    assert [key.name for key in found.shown] == ["a", "c"]


def test_impulses_are_found_by_id_and_by_trial() -> None:
    found = table({"impulse": {"id": 1}}, {"impulse": {"id": 2}, "createdFromTunerTrialId": 7}, {})
    assert found.impulse(2) is found.impulses[1]
    assert found.impulse(3) is None
    assert found.from_trial("7") == (found.impulses[1],)


def test_input_and_post_processing_blocks() -> None:
    form = {
        "enabled": True,
        "parameters": [{"name": "Keep grace", "value": 5}, {"param": "hidden", "shouldShow": False}],
    }
    impulse = with_blocks(postProcessingBlockConfigs=[{"blockId": 9, "config": form}, {"blockId": 8}])
    assert impulse.inputs == (BlockSetup(1, "input", "Time series", "time-series", (("window size", "1000 ms"),)),)
    assert impulse.post_processing == (
        BlockSetup(9, "post-processing", "Tracking", "object-tracking", (("enabled", "yes"), ("Keep grace", "5"))),
    )
    assert [block.kind for block in impulse.blocks] == ["input", "dsp", "learn", "post-processing"]


def test_dsp_blocks_with_their_cost_and_features() -> None:
    result = {
        "blockId": 2,
        "config": {
            "dsp": {
                "performance": {"latency": 38.5, "ram": 16384, "customDspString": "9k cycles"},
                "features": {"generated": True, "count": 1960},
                "expectedWindowCount": 8,
            },
            "config": [
                {"group": "Filter", "items": [{"name": "Cut-off", "value": "3", "type": "float"}]},
                {
                    "items": [
                        {"param": "fftLength", "value": "b", "selectOptions": [{"value": "b", "optionLabel": "256"}]},
                        {"param": "empty"},
                        {"value": "nameless"},
                    ]
                },
            ],
            "configError": "FFT too long",
        },
        "metadata": {
            "created": "2026-01-15T09:28:46Z",
            "windowCount": 900,
            "outputConfig": {"type": "spectrogram", "shape": {"width": 49, "height": 40, "channels": 1}},
        },
    }
    (block,) = with_blocks(dspBlockConfigs=[result]).dsp
    assert (block.id, block.title, block.created, block.created_by) == (2, "MFE", 1768469326.0, "tuner")
    assert block.parameters == (("Cut-off", "3"), ("FFT length", "256"), ("empty", "–"))
    assert block.cost == DspCost(38.5, 16384, "9k cycles")
    assert block.features == Features(True, 1768469326.0, 1960, 900, "49 × 40 × 1")
    assert block.error == "FFT too long"


@pytest.mark.parametrize("result", [[], [{"blockId": 2}], [{"blockId": 2, "config": {"dsp": 3}, "metadata": []}], "x"])
def test_dsp_blocks_without_a_description(result: Any) -> None:
    (block,) = with_blocks(dspBlockConfigs=result).dsp
    assert (block.cost, block.features, block.error, block.parameters) == (DspCost(), Features(), "", ())


def test_a_cost_that_cannot_be_is_none() -> None:
    result = {"blockId": 2, "config": {"dsp": {"performance": {"latency": -1, "ram": 0}}}}
    assert with_blocks(dspBlockConfigs=[result]).dsp[0].cost == DspCost()


KERAS = {
    "blockId": 3,
    "config": {
        "name": "NN",
        "type": "keras",
        "mode": "visual",
        "trained": True,
        "trainingCycles": 50,
        "learningRate": 0.005,
        "visualLayers": [{"type": "conv1d", "neurons": 16, "kernelSize": 3, "enabled": False}, {"dropoutRate": 0.25}],
        "script": "import a\nrun()",
        "dependencies": {"outputClasses": ["no", "yes"]},
        "augmentationPolicySpectrogram": {"enabled": True, "warping": False},
        "customParameters": {"depth": "3"},
        "blockParameters": {"backbone": "large"},
        "minimumConfidenceRating": 0.6,
        "thresholds": [
            {"key": "min_score", "description": "Score", "helpText": "Less is uncertain", "value": 0.6},
            {"key": "only_metadata_has_a_value", "value": None},
            {"key": "", "value": 3},
        ],
    },
    "metadata": {
        "created": "yesterday",
        "classNames": ["no", "yes"],
        "mode": "classification",
        "hasTrainedModel": True,
        "recommendedModelType": "int8",
        "availableModelTypes": ["int8", "float32"],
        "imageInputScaling": "0..1",
        "objectDetectionLastLayer": "fomo",
        "layers": [{"input": {"shape": 33, "name": "x"}, "output": {"shape": 20, "name": "y", "type": "int8"}}, {}],
        "modelValidationMetrics": [
            {
                "type": "int8",
                "loss": 0.3,
                "accuracy": 0.75,
                "confusionMatrix": [[2, 0], [1, 1]],
                "report": {"0": {"precision": 0.66, "recall": 1, "f1-score": 0.8, "support": 2}},
                "onDevicePerformance": [
                    {"mcu": "cortex-m4f-80mhz", "isDefault": True, "latency": 20, "eon": {"ramRequired": 100}}
                ],
            },
            {"type": "float32", "loss": None},
        ],
        "thresholds": [
            {"key": "min_score", "value": 0.9},
            {"key": "only_metadata_has_a_value", "value": 2},
            {"key": "method", "value": "a\x1b", "dropdownOptions": [{"value": "a\x1b", "description": "A"}, 3]},
        ],
        "tensorboardGraphs": [
            {
                "title": "Loss",
                "xLabel": "Epoch",
                "hideInUI": True,
                "data": [{"title": "val", "values": [1, None, 0.5]}],
            },
            {"title": "Empty", "data": [{"title": "val", "values": []}]},
        ],
    },
}


def test_a_network() -> None:
    (block,) = with_blocks(learnBlockKerasConfigs=[KERAS]).learn
    network = block.network
    assert network is not None
    assert (block.id, block.title, block.type, block.dsp, block.trained) == (3, "Classifier", "keras", (2,), True)
    assert network.settings == (
        ("mode", "visual"),
        ("training cycles", "50"),
        ("learning rate", "0.005"),
        ("augmentation policy spectrogram, enabled", "yes"),
        ("augmentation policy spectrogram, warping", "no"),
        ("depth", "3"),
        ("backbone", "large"),
    )
    assert network.architecture == ("conv1d, neurons 16, kernel size 3, off", "layer, dropout 0.25")
    assert network.script == ("import a", "run()")
    assert network.dependencies.outputs == ("no", "yes")
    assert (network.mode, network.created, network.class_names) == ("classification", "yesterday", ("no", "yes"))
    assert network.layers == (Layer("x", 33, "y", 20, "int8"), Layer())
    assert (network.last_layer, network.image_scaling, network.recommended) == ("fomo", "0..1", "int8")
    assert network.model_types == ("int8", "float32")
    assert network.graphs == (Graph("Loss", (ImpulseCurve("val", (1.0, None, 0.5)),), "Epoch", hidden=True),)


def test_validation_metrics_are_read_as_a_trial_s_are() -> None:
    network = with_blocks(learnBlockKerasConfigs=[KERAS]).learn[0].network
    assert network is not None
    assert list(network.validation) == ["int8"]
    evaluation = network.validation["int8"]
    assert (evaluation.loss, evaluation.accuracy) == (0.3, 0.75)
    assert evaluation.scores == (ClassScore("no", 0.66, 1.0, 0.8, 2),)
    assert evaluation.confusion == Confusion(("no", "yes"), ((2, 0), (1, 1)))
    target = network.devices["int8"].target
    assert target is not None
    assert (target.latency_ms, target.memory) == (20, {EON: Memory(100)})


def test_thresholds_are_those_of_the_set_up_and_what_only_the_trained_block_says() -> None:
    impulse = with_blocks(learnBlockKerasConfigs=[KERAS])
    assert impulse.thresholds == (
        Threshold(
            ThresholdRef(1, 3, "min_score"), "Score", "Less is uncertain", 0.6, others=(StatedValue(METADATA, 0.9),)
        ),
        Threshold(ThresholdRef(1, 3, "only_metadata_has_a_value"), value=2, place=METADATA),
        Threshold(ThresholdRef(1, 3, ""), value=3),
        Threshold(ThresholdRef(1, 3, "method"), value="a\x1b", options=(Option("a\x1b", "A"),), place=METADATA),
    )


def test_settings_that_say_nothing_in_expert_mode_are_left_out() -> None:
    result = {"blockId": 3, "config": {"mode": "expert", "trainingCycles": 0, "learningRate": 0, "batchSize": 32}}
    network = with_blocks(learnBlockKerasConfigs=[result]).learn[0].network
    assert network is not None
    assert network.settings == (("mode", "expert"), ("batch size", "32"))
    assert network.script == ()


def test_a_learn_block_before_it_is_trained() -> None:
    (block,) = with_blocks(learnBlockKerasConfigs=[{"blockId": 3, "config": {"trained": False}}]).learn
    assert block.trained is False
    assert block.network is not None
    assert (block.network.created, block.network.validation, block.network.layers) == (None, {}, ())
    assert with_blocks().learn[0].trained is None


def test_an_anomaly_block_and_blocks_that_the_impulse_does_not_list() -> None:
    result = {
        "blockId": 5,
        "config": {"name": "K-means", "thresholds": [{"key": "min_anomaly_score", "value": 0.3}]},
        "metadata": {"axes": [1], "scale": [2], "mean": [0], "clusters": [{"center": [1], "maxError": 0.5}]},
        "gmmMetadata": None,
    }
    impulse = with_blocks(learnBlockAnomalyConfigs=[result, {"blockId": None}])
    assert [(block.id, block.title) for block in impulse.learn] == [(3, "Classifier"), (5, "K-means")]
    anomaly = impulse.learn[1].anomaly
    assert anomaly is not None
    assert anomaly.trained
    assert anomaly.clusters[0].size == 0.5
    assert anomaly.thresholds == impulse.learn[1].thresholds == impulse.thresholds
    assert impulse.thresholds[0].ref == ThresholdRef(1, 5, "min_anomaly_score")


def test_thresholds_of_an_impulse_without_an_id_cannot_be_changed() -> None:
    assert one(learnBlockKerasConfigs=[KERAS]).thresholds == ()


def test_text_is_clean() -> None:
    impulse = one(
        impulse={"id": 1, "name": BAD, "learnBlocks": [{"id": 3, "title": BAD}], "dspBlocks": [{"id": 2, "name": BAD}]},
        metrics=[{"name": BAD, "category": BAD, "value": BAD, "title": BAD}],
        learnBlockKerasConfigs=[
            {"blockId": 3, "config": {"visualLayers": [{"type": BAD}], "shape": BAD, "script": BAD}}
        ],
        dspBlockConfigs=[{"blockId": 2, "config": {"config": [{"items": [{"name": BAD, "value": BAD}]}]}}],
        tags=[BAD],
    )
    assert "\\x1b" not in repr(impulse)


SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
NAMES = [
    "impulse", "metrics", "dspBlockConfigs", "learnBlockKerasConfigs", "learnBlockAnomalyConfigs", "blockId",
    "config", "metadata", "dsp", "items", "performance", "features", "outputConfig", "shape", "thresholds", "key",
    "value", "dropdownOptions", "modelValidationMetrics", "report", "confusionMatrix", "onDevicePerformance",
    "additionalMetrics", "tensorboardGraphs", "data", "values", "layers", "input", "output", "visualLayers",
    "learnBlocks", "dspBlocks", "inputBlocks", "postProcessingBlocks", "postProcessingBlockConfigs", "parameters",
    "id", "name", "type", "category", "filteringType", "options", "tags", "createdByUser", "script", "gmmMetadata",
]  # fmt: skip
TREES = st.recursive(
    SHAPES,
    lambda inner: st.dictionaries(st.sampled_from(NAMES), inner, max_size=5) | st.lists(inner, max_size=3),
    max_leaves=25,
)


@given(st.lists(TREES, max_size=2), TREES, TREES)
def test_no_json_whatever_raises(impulses: Any, keys: Any, columns: Any) -> None:
    found = table(*impulses, metricKeysByCategory=keys, extraTableColumns=columns)
    assert isinstance(found, ImpulseTable)


@given(st.dictionaries(st.sampled_from(NAMES), TREES), st.dictionaries(st.sampled_from(NAMES), TREES))
def test_no_learn_block_whatever_raises(config: Any, metadata: Any) -> None:
    result = [{"blockId": 3, "config": config, "metadata": metadata}]
    impulse = with_blocks(learnBlockKerasConfigs=result, learnBlockAnomalyConfigs=result, dspBlockConfigs=result)
    for threshold in impulse.thresholds:
        assert threshold.ref.key or not threshold.kind.accepts(0.5)
