"""A trial in depth: what the service says of it, taken as far as it can be read."""

import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.api.detail import detail_of, worst_recall
from eitui.api.readable import MOST_PAIRS, name_of, readable_pairs
from eitui.api.state import StateReader, pack
from eitui.domain.detail import (
    EON,
    EON_RAM,
    TFLITE,
    Added,
    ClassScore,
    Confusion,
    Device,
    EvaluationDetail,
    Jobs,
    Memory,
    Metric,
    TrialDetail,
)
from eitui.domain.trial import COMPLETED, FLOAT32, INT8, TEST, TRAIN, VALIDATION, Evaluation, Payload, Trial

REPORT = {
    "0": {"precision": 0.8, "recall": 0.5, "f1-score": 0.615385, "support": 8},
    "1": {"precision": 0.6, "recall": 0.857143, "f1-score": 0.705882, "support": 7},
    "accuracy": 0.666667,
    "macro avg": {"precision": 0.7, "recall": 0.678571, "f1-score": 0.660633, "support": 15},
}
MATRIX = [[4, 4], [1, 6]]


def read(**fields: object) -> Trial:
    """Return a completed trial as it is read from a state."""
    trial = {"id": "1", "name": "mfe-conv1d-1", "status": "completed", "blocks": [], "impulse": {}, **fields}
    return StateReader().read_now(json.dumps({"success": True, "trials": [trial]}).encode()).trials[0]


def variant(**fields: object) -> dict[str, object]:
    return {"type": "int8", "loss": 0.3, "accuracy": 0.666667, "report": REPORT, "confusionMatrix": MATRIX} | fields


def with_metrics(part: str = "validation", precision: str = "int8", **fields: object) -> Trial:
    return read(metrics={part: {precision: variant(**fields)}})


def only(trial: Trial) -> EvaluationDetail:
    (found,) = detail_of(trial).evaluations.values()
    return found


def test_a_report_s_indices_become_names() -> None:
    found = only(with_metrics(classNames=["no", "yes"]))
    assert found.scores == (
        ClassScore("no", 0.8, 0.5, 0.615385, 8),
        ClassScore("yes", 0.6, 0.857143, 0.705882, 7),
    )
    assert found.averages == (ClassScore("macro avg", 0.7, 0.678571, 0.660633, 15),)
    assert found.confusion == Confusion(("no", "yes"), ((4, 4), (1, 6)))
    assert (found.loss, found.accuracy) == (0.3, 0.666667)


def test_a_report_may_go_by_names() -> None:
    report = {"yes": {"recall": 0.25}, "no": {"recall": 0.75}}
    found = only(with_metrics(report=report, classNames=["no", "yes"]))
    assert [(score.name, score.recall) for score in found.scores] == [("no", 0.75), ("yes", 0.25)]


def test_names_that_are_numbers_are_not_taken_for_indices() -> None:
    report = {str(number): {"recall": number / 10} for number in (1, 2, 3)}
    found = only(with_metrics(report=report, confusionMatrix=[[1, 0, 0]] * 3, classNames=["1", "2", "3"]))
    assert [(score.name, score.recall) for score in found.scores] == [("1", 0.1), ("2", 0.2), ("3", 0.3)]


def test_classes_without_names_are_called_by_their_number() -> None:
    assert [score.name for score in only(with_metrics()).scores] == ["class 0", "class 1"]


def test_names_come_from_the_learn_block_where_an_evaluation_has_none() -> None:
    block = {"metadata": {"classNames": ["no", "yes"]}}
    trial = read(metrics={"validation": {"int8": variant()}}, impulse={"learnBlocks": [block]})
    assert only(trial).confusion == Confusion(("no", "yes"), ((4, 4), (1, 6)))


def test_fomo_s_background_is_class_0_though_the_names_leave_it_out() -> None:
    report = {"0": {"recall": 0.99, "support": 90}, "2": {"recall": 0.5, "support": 4}}
    found = only(
        with_metrics(report=report, confusionMatrix=[[1, 0, 0], [0, 1, 0], [0, 0, 1]], classNames=["bolt", "nut"])
    )
    assert [score.name for score in found.scores] == ["_background", "nut"]
    assert found.confusion is not None
    assert found.confusion.labels == ("_background", "bolt", "nut")


def test_a_class_without_samples_has_no_recall() -> None:
    report = {"0": {"precision": 0.0, "recall": 0.0, "f1-score": 0.0, "support": 0}}
    assert only(with_metrics(report=report, confusionMatrix=[])).scores == (ClassScore("class 0", 0.0, None, None, 0),)


def test_without_a_report_scores_are_computed_from_the_matrix() -> None:
    first, second = only(with_metrics(report={})).scores
    # 4 of 5 predicted, 4 of 8 true: F1 = 2·4/(5+8); 6 of 10 predicted, 6 of 7 true: F1 = 2·6/(10+7).
    assert first == ClassScore("class 0", 4 / 5, 4 / 8, 8 / 13, 8)
    assert second == ClassScore("class 1", 6 / 10, 6 / 7, 12 / 17, 7)


@pytest.mark.parametrize("accuracy", [0, 0.0, None])
def test_an_accuracy_of_0_with_nothing_behind_it_is_none(accuracy: float | None) -> None:
    found = only(with_metrics(accuracy=accuracy, report={}, confusionMatrix=[]))
    assert found.accuracy is None
    assert found.loss == 0.3


def test_an_accuracy_of_0_beside_a_matrix_is_one() -> None:
    assert only(with_metrics(accuracy=0, report={}, confusionMatrix=[[0, 2], [3, 0]])).accuracy == 0


@pytest.mark.parametrize("matrix", [[], [[]], None])
def test_an_empty_matrix_is_none_and_no_problem(matrix: Any) -> None:
    detail = detail_of(with_metrics(confusionMatrix=matrix))
    assert detail.evaluations[VALIDATION, INT8].confusion is None
    assert detail.problems == ()


@pytest.mark.parametrize(
    "matrix", [[[1, 2, 3]], [[1, 2], [3]], [[1], [2]], [[1, None], [0, 1]], [[1, -1], [0, 1]], "x", [1, 2], {}]
)
def test_a_matrix_that_is_none_is_left_out_and_said(matrix: Any) -> None:
    detail = detail_of(with_metrics(confusionMatrix=matrix))
    assert detail.evaluations[VALIDATION, INT8].confusion is None
    assert detail.evaluations[VALIDATION, INT8].scores
    assert len(detail.problems) == 1
    assert detail.problems[0].startswith("metrics, validation, int8, confusionMatrix: is not ")


@pytest.mark.parametrize(
    ("names", "extra"),
    [
        ([], ("uncertain",)),
        (["no", "yes"], ("uncertain",)),
        (["no", "yes", "anomaly"], ("anomaly",)),
    ],
)
def test_a_matrix_may_have_a_column_more_for_samples_without_a_class(
    names: list[Any] | list[str], extra: tuple[str, ...]
) -> None:
    detail = detail_of(with_metrics("test", confusionMatrix=[[4, 3, 1], [1, 6, 2]], classNames=names, report={}))
    found = detail.evaluations[TEST, INT8]
    assert detail.problems == ()
    assert found.confusion == Confusion(
        ("no", "yes") if names else ("class 0", "class 1"), ((4, 3, 1), (1, 6, 2)), extra
    )
    # Samples without a class count against the recall: 4 of 8, 6 of 9.
    assert [score.recall for score in found.scores] == [4 / 8, 6 / 9]


def test_two_columns_more_are_read_where_both_are_named() -> None:
    rows = [[4, 3, 1, 0], [1, 6, 0, 2]]
    found = only(with_metrics(confusionMatrix=rows, classNames=["no", "yes", "anomaly", "uncertain"]))
    assert found.confusion is not None
    assert found.confusion.columns == ("no", "yes", "anomaly", "uncertain")


def test_200_classes_are_read() -> None:
    matrix = [[7 if row == column else 0 for column in range(200)] for row in range(200)]
    found = only(with_metrics(report={}, confusionMatrix=matrix, classNames=[f"c{number}" for number in range(200)]))
    assert len(found.scores) == 200
    assert found.scores[199] == ClassScore("c199", 1.0, 1.0, 1.0, 7)


def test_additional_metrics_keep_the_service_s_own_text() -> None:
    items = [{"name": "AUC", "value": "0.91", "fullPrecisionValue": 0.9123}, {"value": "nameless"}, 7]
    detail = detail_of(with_metrics(additionalMetrics=items))
    assert detail.evaluations[VALIDATION, INT8].metrics == (Metric("AUC", "0.91", 0.9123),)
    assert len(detail.problems) == 1


def test_evaluations_are_in_the_order_to_show_them() -> None:
    both = {"float32": variant(), "int8": variant(), "akida": variant()}
    trial = read(metrics={"train": both, "other": both, "test": both, "validation": both})
    assert list(detail_of(trial).evaluations)[:4] == [
        (VALIDATION, INT8),
        (VALIDATION, FLOAT32),
        (VALIDATION, "akida"),
        (TEST, INT8),
    ]
    assert list(detail_of(trial).evaluations)[-1] == ("other", "akida")
    assert (TRAIN, FLOAT32) in detail_of(trial).evaluations


def test_metrics_are_found_in_the_learn_block() -> None:
    block = {
        "metrics": {"validation": {"int8": {"loss": 0.25, "accuracy": 0.9}}, "test": {"int8": {"accuracy": 0.8}}},
        "metadata": {"modelValidationMetrics": [variant(loss=0.5), {"type": "float32", "accuracy": 0.7}, {"loss": 1}]},
    }
    found = detail_of(read(impulse={"learnBlocks": [block]})).evaluations
    # The short form is trusted for what it has, the long one fills in the rest.
    assert (found[VALIDATION, INT8].loss, found[VALIDATION, INT8].accuracy) == (0.25, 0.9)
    assert found[VALIDATION, INT8].confusion == Confusion(("class 0", "class 1"), ((4, 4), (1, 6)))
    assert found[TEST, INT8] == EvaluationDetail(accuracy=0.8)
    assert found[VALIDATION, FLOAT32] == EvaluationDetail(accuracy=0.7)
    assert len(found) == 3


def test_a_trial_without_a_payload_has_what_the_table_has() -> None:
    trial = Trial("1", "x", COMPLETED, evaluations={(TEST, INT8): Evaluation(0.3, 0.9)})
    assert detail_of(trial) == TrialDetail(evaluations={(TEST, INT8): EvaluationDetail(0.3, 0.9)})


DEVICE = {
    "mcu": "cortex-m4f-80mhz",
    "name": "Cortex-M4F 80MHz",
    "isDefault": True,
    "latency": 20,
    "tflite": {"ramRequired": 3000, "romRequired": 4000, "arenaSize": 2000, "modelSize": 1000},
    "eon_ram_optimized": {"ramRequired": 1500, "romRequired": 5000},
    "hasPerformance": True,
}


def test_the_target_is_what_the_trial_says_and_what_its_entry_adds() -> None:
    own = {"latency": 21.5, "eon": {"ramRequired": 2500, "romRequired": 3500}}
    trial = read(metrics={"test": {"int8": variant(onDevicePerformance=[DEVICE])}}, devicePerformance={"int8": own})
    assert detail_of(trial).devices[INT8].target == Device(
        "cortex-m4f-80mhz",
        "Cortex-M4F 80MHz",
        21.5,
        {TFLITE: Memory(3000, 4000, 2000, 1000), EON_RAM: Memory(1500, 5000), EON: Memory(2500, 3500)},
    )


def test_sizes_that_the_trial_does_not_say_are_those_of_its_entry() -> None:
    own = {"latency": 21.5, "tflite": {"ramRequired": 2900, "romRequired": 4100}}
    trial = read(metrics={"test": {"int8": variant(onDevicePerformance=[DEVICE])}}, devicePerformance={"int8": own})
    target = detail_of(trial).devices[INT8].target
    assert target is not None
    assert target.memory[TFLITE] == Memory(ram=2900, rom=4100, arena=2000, model=1000)


@pytest.mark.parametrize("size", [-1, 0, None, "much"])
def test_memory_that_is_not_known_or_not_supported_is_none(size: int | str | None) -> None:
    trial = read(devicePerformance={"int8": {"latency": -1, "eon": {"ramRequired": size, "romRequired": 100}}})
    assert detail_of(trial).devices[INT8].target == Device(memory={EON: Memory(None, 100)})


def test_a_device_without_figures_says_why() -> None:
    others = [
        {"name": "a", "hasPerformance": False, "latency": 0, "profilingError": "Not supported"},
        {"name": "b", "hasPerformance": False, "latency": 0},
        {"name": "c", "latency": 3, "customMetrics": [{"name": "cycles", "value": "12k"}, {"value": "x"}, 3]},
    ]
    refused = variant(
        onDevicePerformance=others,
        isSupportedOnMcu=False,
        mcuSupportError="Too large",
        profilingJobId=7,
        profilingJobFailed=True,
    )
    on_device = detail_of(read(metrics={"validation": {"float32": refused}})).devices[FLOAT32]
    assert on_device.target is None
    assert on_device.others == (
        Device(name="a", problem="Not supported"),
        Device(name="b", problem="Edge Impulse has no values for this device"),
        Device(name="c", latency_ms=3, custom=(("cycles", "12k"),)),
    )
    assert (on_device.supported, on_device.why_not) == (False, "Too large")
    assert (on_device.profiling_job, on_device.profiling_failed) == (7, True)


def test_blocks_are_read_from_the_plurals_else_from_the_singulars() -> None:
    impulse = {
        "inputBlock": {"type": "image", "title": "Images", "resizeMode": "fit-short"},
        "dspBlocks": [{"id": 2, "type": "mfe", "numFilters": 40}, {"type": "raw"}],
        "dspBlock": {"type": "not this one"},
        "learnBlocks": [],
        "learnBlock": {"type": "keras", "name": "Net", "learningRate": 0.001, "metrics": {}, "metadata": {}},
    }
    blocks = detail_of(read(impulse=impulse)).blocks
    assert [(block.kind, block.title, block.type, block.parameters) for block in blocks] == [
        ("input", "Images", "image", (("resize mode", "fit-short"),)),
        ("dsp", "MFE", "mfe", (("num filters", "40"),)),
        ("dsp", "raw", "raw", ()),
        ("learn", "Net", "keras", (("learning rate", "0.001"),)),
    ]


def test_jobs_links_and_origin() -> None:
    detail = detail_of(
        read(
            dspJobId={"training": 11, "testing": "12"},
            learnJobId=13,
            impulseAddedToProject={"impulseId": 3, "link": "/studio/1/impulse/3"},
            experiment="Exp",
            original_trial_id=9,
            createdInPostProcessing=True,
            blocks=[{"id": 1, "lastActive": "2026-01-15T09:28:46Z"}, {"id": 2, "lastActive": "just now"}],
            model={"width": 8},
        )
    )
    assert detail.jobs == Jobs(11, 12, 13)
    assert detail.added == Added(3, "/studio/1/impulse/3")
    assert (detail.experiment, detail.original_trial_id, detail.created_in_post_processing) == ("Exp", "9", True)
    assert detail.last_active == {1: "just now"}
    assert detail.model == (("width", "8"),)


def test_parts_of_the_wrong_shape_are_left_out_and_said() -> None:
    detail = detail_of(
        read(metrics=[1], impulse={"learnBlocks": "x", "dspBlocks": [3]}, devicePerformance="fast", dspJobId=[])
    )
    assert detail.evaluations == {}
    assert detail.blocks == ()
    assert set(detail.problems) == {
        "metrics: is not an object",
        "impulse, learnBlocks: is not a list",
        "impulse, dspBlocks 1: is not an object",
        "devicePerformance: is not an object",
        "dspJobId: is not an object",
    }


def test_nan_in_a_trial_is_a_figure_that_is_missing() -> None:
    raw = b'{"id": "1", "metrics": {"test": {"int8": {"loss": NaN, "accuracy": 0.5}}}, "model": {"n": "\\ud800"}}'
    detail = detail_of(Trial("1", "x", COMPLETED, payload=pack(raw)))
    assert detail.evaluations == {(TEST, INT8): EvaluationDetail(None, 0.5)}
    assert detail.model == (("n", "?"),)


@pytest.mark.parametrize(
    "packed", [b"no zlib", zlib.compress(b"no JSON"), zlib.compress(b"[]"), zlib.compress(b"\xff")]
)
def test_a_payload_that_cannot_be_read_is_said(packed: bytes) -> None:
    detail = detail_of(Trial("1", "x", COMPLETED, payload=Payload(b"d", packed)))
    assert detail.problems == ("trial: the service's description of it cannot be read",)


def test_text_is_clean() -> None:
    bad = "\x1b[2J"
    trial = read(
        metrics={bad: {bad: variant(classNames=[bad, "b"], additionalMetrics=[{"name": bad}])}}, model={bad: bad}
    )
    assert "\x1b" not in repr(detail_of(trial))


SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
NAMES = [
    "metrics", "validation", "test", "int8", "report", "confusionMatrix", "classNames", "onDevicePerformance",
    "additionalMetrics", "accuracy", "loss", "isDefault", "eon", "tflite", "ramRequired", "customMetrics",
    "impulse", "learnBlocks", "learnBlock", "metadata", "dspBlocks", "modelValidationMetrics", "type", "blocks",
    "lastActive", "dspJobId", "impulseAddedToProject", "devicePerformance", "model", "0", "1",
]  # fmt: skip
TREES = st.recursive(
    SHAPES,
    lambda inner: st.dictionaries(st.sampled_from(NAMES), inner, max_size=4) | st.lists(inner, max_size=3),
    max_leaves=25,
)


@given(st.dictionaries(st.sampled_from(NAMES), TREES))
def test_no_json_whatever_raises(fields: Any) -> None:
    body = json.dumps(fields).encode()
    trial = Trial("1", "x", COMPLETED, evaluations={(VALIDATION, INT8): Evaluation()}, payload=pack(body))
    assert isinstance(detail_of(trial), TrialDetail)
    found = worst_recall(trial)
    assert found is None or 0 <= found[1] <= 1


@given(
    st.dictionaries(st.sampled_from([name for name in NAMES if name[0] not in "bdi"]), TREES), st.sampled_from(NAMES)
)
def test_no_metrics_whatever_raise(fields: Any, name: str) -> None:
    body = json.dumps({"metrics": {"validation": {"int8": fields}}, name: fields}).encode()
    assert isinstance(detail_of(Trial("1", "x", COMPLETED, payload=pack(body))), TrialDetail)


def test_the_worst_recall_is_that_of_the_asked_for_evaluation() -> None:
    trial = read(
        metrics={
            "validation": {"int8": variant(classNames=["no", "yes"])},
            "test": {"int8": variant(report={}, confusionMatrix=[[9, 1], [6, 4]], classNames=["no", "yes"])},
        }
    )
    assert worst_recall(trial) == ("no", 0.5)
    assert worst_recall(trial, INT8, TEST) == ("yes", 0.4)
    assert worst_recall(trial, FLOAT32) is None


def test_the_worst_recall_is_found_where_the_metrics_are() -> None:
    block = {"metadata": {"classNames": ["no", "yes"], "modelValidationMetrics": [variant()]}}
    assert worst_recall(read(impulse={"learnBlocks": [block]})) == ("no", 0.5)


def test_the_background_is_no_class_to_be_found() -> None:
    report = {"0": {"recall": 0.1, "support": 9}, "1": {"recall": 0.4, "support": 9}}
    assert worst_recall(with_metrics(report=report, classNames=["_background", "bolt"])) == ("bolt", 0.4)


def test_a_trial_that_trains_has_no_worst_recall() -> None:
    assert worst_recall(read(status="running", metrics={"validation": {"int8": variant()}})) is None


def test_regression_has_no_worst_recall() -> None:
    assert worst_recall(with_metrics(report={}, confusionMatrix=[], accuracy=0)) is None


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("learningRate", "learning rate"),
        ("window_size", "window size"),
        ("fft_length", "FFT length"),
        ("minMACCS", "min MACCS"),
        ("", ""),
    ],
)
def test_names_are_words(key: str, name: str) -> None:
    assert name_of(key) == name


def test_free_forms_become_pairs() -> None:
    value = {
        "windowSizeMs": 1000,
        "frequencyHz": 62.5,
        "autoClassWeights": True,
        "axes": ["x", "y"],
        "nothing": None,
        "none": [],
        "augmentation": {"warping": False, "gaussianNoise": "high"},
        "visualLayers": [{"type": "conv1d", "neurons": 16, "kernelSize": 3}, {"type": "dense"}],
        "config": [
            {"group": "Filter", "items": [{"name": "Cut-off", "value": "3"}, {"param": "fftLength", "value": 16}]}
        ],
        "thresholds": [{"key": "min_score", "value": 0.6}],
        "left out": 1,
    }
    assert readable_pairs(value, frozenset({"left out"})) == (
        ("window size", "1000 ms"),
        ("frequency", "62.5 Hz"),
        ("auto class weights", "yes"),
        ("axes", "x, y"),
        ("nothing", "–"),
        ("none", "none"),
        ("augmentation, warping", "no"),
        ("augmentation, gaussian noise", "high"),
        ("visual layers 1", "conv1d, neurons 16, kernel size 3"),
        ("visual layers 2", "dense"),
        ("Cut-off", "3"),
        ("FFT length", "16"),
        ("thresholds, min score", "0.6"),
    )


def test_what_has_no_end_is_cut() -> None:
    assert readable_pairs({"long": list(range(100))}) == (("long", "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, … 88 more"),)
    assert len(readable_pairs({str(number): number for number in range(1000)})) == MOST_PAIRS + 1
    deep: dict[str, object] = {"end": 1}
    for _ in range(100):
        deep = {"a": deep}
    assert readable_pairs(deep) == (("a, a, a, a, a, a, a", "…"),)


@given(TREES)
def test_pairs_are_texts(value: Any) -> None:
    assert all(isinstance(name, str) and isinstance(text, str) for name, text in readable_pairs(value))


def test_blocks_in_their_real_form_show_the_config_alone() -> None:
    trial = read(
        impulse={
            "dspBlocks": [
                {
                    "block": {"id": 2, "type": "mfe", "name": "Audio (MFE)", "implementationVersion": 4},
                    "config": {"num_filters": 40},
                    "performance": {"latency": 300.0, "ram": 20000},
                }
            ]
        }
    )
    (block,) = detail_of(trial).blocks
    assert (block.title, block.type, block.parameters) == ("Audio (MFE)", "mfe", (("num filters", "40"),))


def test_a_target_without_arena_and_model_keeps_those_of_its_entry_among_all_devices() -> None:
    entry = {"isDefault": True, "eon": {"ramRequired": 1, "romRequired": 2, "arenaSize": 30, "modelSize": 40}}
    metrics = {"validation": {"int8": {"onDevicePerformance": [entry]}}}
    trial = read(metrics=metrics, devicePerformance={"int8": {"eon": {"ramRequired": 10, "romRequired": 20}}})
    assert detail_of(trial).devices["int8"].target.memory == {EON: Memory(10, 20, 30, 40)}
