"""Answers read as they come. All data here are synthetic."""

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from eitui.api.errors import BadAnswer, Rejected
from eitui.api.models.anomaly import AnomalyModelMetadataResponse
from eitui.api.models.impulses import GetAllDetailedImpulsesResponse
from eitui.api.models.metrics import KerasModelMetadataMetrics
from eitui.api.models.number import to_number, to_threshold, to_time, to_whole
from eitui.api.models.projects import ListProjectsResponse
from eitui.api.models.state import OptimizeStateResponse
from eitui.api.models.text import Raw, to_free_form
from eitui.api.models.thresholds import BlockThreshold, SetImpulseThresholdsRequest, ThresholdChange
from eitui.api.models.trial import TunerTrial
from eitui.api.parse import parse
from eitui.domain.text import clean

MEMORY = {"ramRequired": 4096, "romRequired": 30720, "arenaSize": 3000, "modelSize": 20000}
METRICS = {
    "type": "int8",
    "loss": 0.25,
    "accuracy": 0.9,
    "confusionMatrix": [[31, 1], [2, 27]],
    "report": {"0": {"f1-score": 0.9, "support": 32}, "accuracy": 0.93},
    "onDevicePerformance": [
        {"mcu": "cortex-m4f-80mhz", "isDefault": True, "latency": 12, "eon": MEMORY, "eon_ram_optimized": MEMORY}
    ],
    "predictions": [{"sampleId": 1, "f1Score": 0.5, "anomalyScores": [[0.1, 0.2]], "labelMapPredictions": {"a": "b"}}],
    "isSupportedOnMcu": True,
}
TRIAL = {
    "id": "7",
    "name": "mfe-conv1d-934",
    "status": "completed",
    "lastCompletedEpoch": "2026-03-01T10:00:00Z",
    "blocks": [{"id": 1, "type": "dsp", "retries": 0, "status": "completed"}],
    "impulse": {"learnBlocks": [{"id": 3, "nested": {"deep": ["x"]}}]},
    "original_trial_id": 12,
    "progress": {"epoch": 3, "loss": 0.5, "val_loss": 0.6, "accuracy": 0.8, "val_accuracy": 0.7},
    "metrics": {"validation": {"int8": METRICS}},
    "devicePerformance": {"int8": {"latency": 11, "eon": MEMORY}},
}
STATE = {
    "success": True,
    "config": {
        "name": "synthetic run",
        "targetDevice": {"name": "cortex-m4f-80mhz", "ram": 256},
        "minMACCS": 1,
        "enableSEM": True,
        "accuracySEM": 0.1,
        "MOMF": False,
        "space": [{"parameters": {"p": [1]}, "learnBlocks": [[{"type": "keras"}]]}],
        "tunerSpaceOptions": {"dsp": ["mfe"]},
    },
    "status": {"numPendingTrials": 1, "status": "running"},
    "tunerJobIsRunning": True,
    "trials": [TRIAL],
    "workers": [{"workerId": "w-1", "status": "busy"}],
}
THRESHOLD = {
    "key": "min_score",
    "value": 0.1,
    "dropdownOptions": [{"description": "the mean", "value": "mean"}],
    "suggestedValue": None,
}
IMPULSES = {
    "success": True,
    "impulses": [
        {
            "impulse": {"id": 1, "dspBlocks": [{"id": 2, "axes": ["accX"]}], "learnBlocks": [{"id": 3, "dsp": [2]}]},
            "metrics": [{"name": "accuracy", "value": "90 %", "valueForSorting": 0.9}, {"name": "int8", "value": True}],
            "dspBlockConfigs": [{"blockId": 2, "config": {"config": [{"group": "g", "items": [{"param": "p"}]}]}}],
            "learnBlockKerasConfigs": [
                {
                    "blockId": 3,
                    "config": {"thresholds": [THRESHOLD], "customParameters": {"a": None}, "profileInt8": True},
                    "metadata": {"modelValidationMetrics": [METRICS], "classNames": ["no", "yes"]},
                }
            ],
            "learnBlockAnomalyConfigs": [
                {"blockId": 4, "gmmMetadata": {"means": [[1]], "covariances": [[[1]]], "weights": [1]}}
            ],
            "createdFromTunerTrialId": 7,
        }
    ],
    "metricKeysByCategory": [{"category": "impulseMetrics", "metricKeys": [{"name": "accuracy"}]}],
    "extraTableColumns": ["tags"],
}
ANOMALY = {
    "success": True,
    "created": "2026-03-01T10:00:00",
    "scale": [1.5],
    "mean": [None],
    "clusters": [{"center": [1, 2], "maxError": 0.5}],
    "axes": [0, 11],
    "thresholds": [THRESHOLD],
}
ANSWERS: list[tuple[type[BaseModel], dict[str, Any]]] = [
    (OptimizeStateResponse, STATE),
    (GetAllDetailedImpulsesResponse, IMPULSES),
    (AnomalyModelMetadataResponse, ANOMALY),
    (ListProjectsResponse, {"success": True, "projects": [{"id": 1, "name": "synthetic", "metadata": {"k": "v"}}]}),
]


def body(value: object) -> bytes:
    return json.dumps(value).encode()


def test_a_state_is_read_whole() -> None:
    state = parse(OptimizeStateResponse, body(STATE))
    assert state.config is not None
    assert (state.config.min_maccs, state.config.enable_sem, state.config.momf) == (1.0, True, False)
    assert state.config.space[0].learn_blocks == (({"type": "keras"},),)
    assert state.config.tuner_space_options == {"dsp": ("mfe",)}
    (trial,) = state.trials
    assert trial.progress is not None
    assert (trial.progress.val_loss, trial.progress.val_accuracy) == (0.6, 0.7)
    assert trial.original_trial_id == "12"
    assert trial.last_completed_epoch == 1772359200.0
    assert trial.metrics is not None
    metrics = trial.metrics.validation["int8"]
    assert metrics.confusion_matrix == ((31.0, 1.0), (2.0, 27.0))
    device = metrics.on_device_performance[0]
    assert device.eon_ram_optimized is not None
    assert device.eon_ram_optimized.ram_required == 4096
    assert trial.impulse is not None
    assert trial.impulse.learn_blocks[0]["nested"] == {"deep": ("x",)}


def test_impulses_are_read_whole() -> None:
    (impulse,) = parse(GetAllDetailedImpulsesResponse, body(IMPULSES)).impulses
    assert impulse.created_from_tuner_trial_id == "7"
    assert [metric.value for metric in impulse.metrics] == ["90 %", True]
    assert impulse.metrics[0].value_for_sorting == 0.9
    keras = impulse.learn_block_keras_configs[0]
    assert keras.config is not None
    assert keras.config.thresholds[0].value == 0.1
    assert keras.config.profile_int8 is True
    assert impulse.learn_block_anomaly_configs[0].gmm_metadata is not None


def test_what_was_not_said_is_none_and_not_zero() -> None:
    trial = parse(TunerTrial, b'{"retries": null}')
    assert (trial.retries, trial.progress, trial.current_epoch, trial.name) == (None, None, None, "")


@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity", "1e999", "null", '"nan"', "true", "[]", "{}"])
def test_what_is_no_finite_number_is_none(token: str) -> None:
    metrics = parse(KerasModelMetadataMetrics, f'{{"loss": {token}, "report": {{"accuracy": NaN}}}}'.encode())
    assert metrics.loss is None
    assert metrics.report == {"accuracy": None}


def test_positions_in_lists_of_numbers_and_names_are_kept() -> None:
    metrics = parse(KerasModelMetadataMetrics, b'{"confusionMatrix": [[1, null, "x"], 5, [3]]}')
    assert metrics.confusion_matrix == ((1.0, None, None), (), (3.0,))
    assert parse(AnomalyModelMetadataResponse, b'{"axes": [0, null, 2]}').axes == (0, None, 2)


def test_words_that_the_document_does_not_know_are_kept() -> None:
    assert parse(TunerTrial, b'{"status": "paused"}').status == "paused"


@pytest.mark.parametrize("number", [7, 7.0, "7"])
def test_an_id_is_the_same_text_however_it_was_written(number: object) -> None:
    assert parse(TunerTrial, body({"original_trial_id": number})).original_trial_id == "7"


def test_half_a_surrogate_pair_makes_no_answer_unreadable() -> None:
    assert parse(TunerTrial, b'{"name": "caf\\ud83d"}').name == "caf\ufffd"


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-03-01T10:00:00Z", 1772359200.0),
        ("2026-03-01T10:00:00.250Z", 1772359200.25),
        ("2026-03-01T10:00:00.000001", 1772359200.000001),
        ("2026-03-01T11:00:00+01:00", 1772359200.0),
        ("yesterday\x1b", "yesterday␛"),
        ("2026-13-01T10:00:00Z", "2026-13-01T10:00:00Z"),
        ("", None),
        (5, None),
    ],
)
def test_times(text: object, time: object) -> None:
    assert to_time(text) == time


def test_a_large_integer_stays_exact_and_a_fraction_is_rounded() -> None:
    assert to_whole(2**53 - 1) == 2**53 - 1
    assert to_whole(10.6) == 11
    assert to_number(10**400) is None


def test_a_threshold_is_written_back_exactly_as_it_came() -> None:
    threshold = parse(BlockThreshold, b'{"key": "min_\\u202escore", "value": 0.30000000000000004}')
    assert str(threshold.key) == "min_\ufffdscore"
    assert "\u202e" not in repr(threshold)
    request = SetImpulseThresholdsRequest(
        thresholds=(ThresholdChange(block_id=3, key=threshold.key, value=threshold.value),),
        allow_creating_regenerate_model_testing_jobs=True,
    )
    assert json.loads(request.body()) == {
        "thresholds": [{"blockId": 3, "key": "min_\u202escore", "value": 0.30000000000000004}],
        "allowCreatingRegenerateModelTestingJobs": True,
    }


@given(st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers(-(10**18), 10**18), st.text()))
def test_threshold_values_survive_the_round_trip(value: float | str) -> None:
    change = ThresholdChange(block_id=1, key=Raw("k"), value=to_threshold(value))
    sent = json.loads(SetImpulseThresholdsRequest(thresholds=(change,)).body())["thresholds"][0]["value"]
    assert (type(sent), sent) == (type(value), value)


@pytest.mark.parametrize("value", [math.nan, math.inf, True, None, [1]])
def test_what_is_no_threshold_is_not_sent(value: Any) -> None:
    with pytest.raises(ValidationError):
        ThresholdChange(block_id=1, key=Raw("k"), value=value)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[]", "not an object"),
        (b'{"trials": "\xff"}', "UTF-8"),
        (b'{"trials": 5}', "trials"),
        (b'{"success": true}', "trials"),
        (b'{"trials": ' + b"[" * 100_000 + b"}", "deeply"),
        (b'{"trials": ' + b"9" * 10_000 + b"}", "too long"),
    ],
)
def test_an_answer_that_is_none_says_what_it_is(answer: bytes, words: str) -> None:
    with pytest.raises(BadAnswer, match=words):
        parse(OptimizeStateResponse, answer)


def test_what_was_wrong_is_not_repeated() -> None:
    with pytest.raises(BadAnswer) as raised:
        parse(OptimizeStateResponse, body({"trials": "ei_synthetic"}))
    assert "ei_synthetic" not in str(raised.value)


def test_the_services_own_no_is_repeated_clean() -> None:
    answer = body({"success": False, "error": "No such \x1b]52;c;x\x07 project"})
    with pytest.raises(Rejected, match="No such ␛") as raised:
        parse(OptimizeStateResponse, answer)
    assert not raised.value.final
    with pytest.raises(Rejected, match="no reason"):
        parse(OptimizeStateResponse, b'{"success": false, "error": ""}')


@pytest.mark.parametrize("size", [10**400, -(10**400), 2**53 + 1, 1e300])
def test_a_whole_number_beyond_what_a_float_holds_exactly_is_none(size: float) -> None:
    assert to_whole(size) is None
    assert to_whole(2**53) == 2**53


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["\x1b[2J", "\u202e", "[@x]"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in `value`."""
    items = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [(value, key) for key, _ in items] + [place for _, inner in items for place in places(inner)]


def texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Raw):
        return [str(value), repr(value)]
    if isinstance(value, BaseModel):
        return [text for _, inner in value for text in texts(inner)]
    if isinstance(value, dict):
        return [text for key, inner in value.items() for text in [*texts(key), *texts(inner)]]
    return [text for inner in value for text in texts(inner)] if isinstance(value, tuple | list) else []


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_anything_anywhere_is_read_clean_or_is_a_bad_answer(data: st.DataObject) -> None:
    model, answer = data.draw(st.sampled_from(ANSWERS))
    changed = json.loads(json.dumps(answer))
    container, key = data.draw(st.sampled_from(places(changed)))
    container[key] = data.draw(JSON)
    try:
        seen: object = parse(model, body(changed))
    except (BadAnswer, Rejected) as error:
        seen = str(error)
    for text in texts(seen):
        assert text == clean(text, 100_000)


@given(JSON)
def test_free_form_content_is_clean_at_any_depth(value: Any) -> None:
    assert all(text == clean(text) for text in texts(to_free_form(value)))


def test_free_form_content_may_be_very_deep() -> None:
    deep: Any = "end"
    for _ in range(5000):
        deep = {"a": [deep]}
    assert to_free_form(deep)
