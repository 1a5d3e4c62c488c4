"""Which answer gives which noun, and that any JSON at any place of it gives one. All data here are synthetic."""

import json
import math
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

import msgspec
import pytest
from classified import read_classify_result
from hypothesis import given
from hypothesis import strategies as st

from eitui.api.detail import block_titles, detail_of, parameters_of, worst_recall
from eitui.api.errors import ApiError, BadAnswer, Rejected
from eitui.api.impulses import impulses_of
from eitui.api.learn_blocks import anomaly_of
from eitui.api.lenient import MOST_PROBLEMS, Part, answer, fields_of, to_exact, to_number, to_text, to_time, to_whole
from eitui.api.log import job_of, log_of, started_job
from eitui.api.requests import SetImpulseThresholdsRequest, ThresholdChange
from eitui.api.run import only_project, projects_of, records_of, rest_of
from eitui.api.scores import scores_of
from eitui.api.state import StateReader
from eitui.api.thresholds import SetThresholds, set_thresholds_of, thresholds_of
from eitui.domain.log import Job, LogLine
from eitui.domain.run import Project, RunRecord
from eitui.domain.text import clean
from eitui.domain.threshold import UNREAD_VALUE, Option, OtherValue, StatedValue, Threshold, ThresholdRef
from eitui.domain.trial import Evaluation, Performance, Progress, Trial

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
        "targetDevice": {"name": "cortex-m4f-80mhz", "ram": 262_144},
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
CLASSIFIED = {
    "success": True,
    "result": [
        {
            "sampleId": 7,
            "sample": {"filename": "synthetic.7", "label": "yes", "boundingBoxes": [{"label": "a", "x": 1}]},
            "classifications": [
                {
                    "learnBlock": {"id": 3, "type": "keras", "title": "Classifier"},
                    "result": [{"yes": 0.9, "no": 0.1}],
                    "anomalyResult": [{"scores": [[1]]}],
                    "structuredResult": [{"boxes": [[0, 0, 1, 1]], "scores": [0.5], "labels": ["a"]}],
                    "thresholds": [THRESHOLD],
                }
            ],
        }
    ],
}
LOG = {"success": True, "stdout": [{"created": "2026-03-01T10:00:00Z", "data": "a\nb", "logLevel": "Warn"}]}
RUNS = {
    "success": True,
    "runs": [{"tunerCoordinatorJobId": 9, "index": 2, "name": "second", "created": "soon", "jobStatus": "success"}],
}
PROJECTS = {"success": True, "projects": [{"id": 1, "name": "synthetic"}, {"name": "nameless id"}]}
SET = {"success": True, "regenerateModelTestingStatus": "started_job", "regenerateModelTestingResultsJobId": 5}


def body(value: object) -> bytes:
    return json.dumps(value).encode()


def state(body: bytes) -> object:
    run = StateReader().read_now(body)
    return run, [(detail_of(one), worst_recall(one), block_titles(one), parameters_of(one)) for one in run.trials]


def anomaly(body: bytes) -> object:
    return anomaly_of(4, answer(body), answer(body), answer(body), impulse_id=1, kind="anomaly")


def classified(body: bytes) -> object:
    found = read_classify_result(body)
    return found, scores_of(found, 3)


ANSWERS: list[tuple[Callable[[bytes], object], dict[str, Any]]] = [
    (state, STATE),
    (impulses_of, IMPULSES),
    (anomaly, ANOMALY),
    (classified, CLASSIFIED),
    (log_of, LOG),
    (records_of, RUNS),
    (projects_of, PROJECTS),
    (set_thresholds_of, SET),
    (lambda body: job_of(body, 7), {"success": True, "job": {"finished": "2026-03-01T10:00:00Z"}}),
    (started_job, {"success": True, "id": 7}),
]
"""Readers, and an answer for each in which all is as it should be."""


def trial(**result: object) -> Trial:
    return StateReader().read_now(body({"success": True, "trials": [{"id": "1", **result}]})).trials[0]


# --- which answer gives which noun ----------------------------------------------------------------------------------


def test_a_state_is_a_run_with_its_trials() -> None:
    run = StateReader().read_now(body(STATE))
    assert (run.config.name, run.config.target.device, run.config.target.ram_bytes) == (
        "synthetic run",
        "cortex-m4f-80mhz",
        256 * 1024,
    )
    assert (run.status, run.counts.pending, run.job_running) == ("running", 1, True)
    assert [(worker.id, worker.status) for worker in run.workers] == [("w-1", "busy")]
    (one,) = run.trials
    assert one.progress == Progress(3, 0.5, 0.6, 0.8, 0.7)
    assert one.last_completed_epoch == 1772359200.0
    assert one.evaluations == {("validation", "int8"): Evaluation(0.25, 0.9)}
    assert one.performance == {"int8": Performance(11.0, 4096, 30720)}
    assert detail_of(one).original_trial_id == "12"


def test_the_key_opens_projects() -> None:
    assert projects_of(body(PROJECTS)) == (Project(1, "synthetic"),)
    assert only_project(projects_of(body(PROJECTS))) == Project(1, "synthetic")


@pytest.mark.parametrize(("count", "words"), [(0, "opens no project"), (2, "opens 2 projects: 0 .p0., 1 .p1., …")])
def test_which_of_several_projects_only_the_user_can_say(count: int, words: str) -> None:
    with pytest.raises(Rejected, match=words) as raised:
        only_project(tuple(Project(number, f"p{number}") for number in range(count)))
    assert raised.value.final


def test_a_list_of_runs_is_records() -> None:
    assert records_of(body(RUNS)) == (RunRecord(9, 2, "second", None, "success"),)


def test_a_log_is_lines() -> None:
    found = log_of(body(LOG))
    assert found.lines == (LogLine(1772359200.0, "warn", "a"), LogLine(1772359200.0, "warn", "b"))


def test_a_change_of_thresholds_has_an_answer() -> None:
    assert set_thresholds_of(body(SET)) == SetThresholds(True, "started_job", 5)
    assert set_thresholds_of(b"{}") == SetThresholds()


def test_a_job_is_over_or_not() -> None:
    assert job_of(body({"job": {"finished": "2026-03-01T10:00:00Z", "finishedSuccessful": False}}), 7) == Job(
        7, True, False
    )
    assert job_of(b'{"job": {}}', 7) == Job(7)
    assert started_job(b'{"id": "12"}') == 12


def test_a_threshold_is_a_noun_of_its_own() -> None:
    assert thresholds_of(1, 3, Part({"thresholds": [THRESHOLD]})) == (
        Threshold(ThresholdRef(1, 3, "min_score"), value=0.1, options=(Option("mean", "the mean"),)),
    )


# --- what was not said, or is of another type -----------------------------------------------------------------------


def test_what_was_not_said_is_none_and_not_zero() -> None:
    found = trial(retries=None)
    assert (found.retries, found.progress, found.current_epoch, found.name) == (0, Progress(), None, "")
    assert (found.round, found.worker_id, found.evaluations, found.performance) == (None, None, {}, {})


@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity", "1e999", "null", '"nan"', "true", "[]", "{}"])
def test_what_is_no_finite_number_is_none(token: str) -> None:
    text = f'{{"loss": {token}, "accuracy": 0.5, "name": "kept"}}'.encode()
    for part in (Part(fields_of(text)), answer(text), answer(b'{"in": %b}' % text).part("in")):
        assert (part.number("loss"), part.number("accuracy"), part.text("name")) == (None, 0.5, "kept")


def test_positions_in_lists_of_numbers_and_names_are_kept() -> None:
    part = Part(fields_of(b'{"a": [0, null, "2", "x"], "b": ["", 3, null], "c": 4}'))
    assert (part.wholes("a"), part.numbers("a")) == ((0, None, 2, None), (0.0, None, 2.0, None))
    assert (part.texts("b"), part.nonempty_texts("b"), part.texts("c")) == (("", "3", ""), ("3",), ())


def test_words_that_the_document_does_not_know_are_kept() -> None:
    assert trial(status="paused").status == "paused"


@pytest.mark.parametrize("number", [7, 7.0, "7"])
def test_an_id_is_the_same_text_however_it_was_written(number: object) -> None:
    assert (trial(workerId=number).worker_id, detail_of(trial(original_trial_id=number)).original_trial_id) == (
        "7",
        "7",
    )


def test_half_a_surrogate_pair_makes_no_answer_unreadable() -> None:
    text = b'{"name": "caf\\ud83d", "other": 1}'
    for part, name in ((Part(fields_of(text)), "caf?"), (answer(text), "caf\ufffd")):
        assert (part.text("name"), part.whole("other")) == (name, 1)


def test_a_text_that_is_no_utf8_takes_nothing_along() -> None:
    part = Part(fields_of(b'{"name": "caf\xe9", "in": {"a": "\xff", "b": 2}}'))
    assert (part.text("name"), part.decoded("in").whole("b"), part.part("in").text("a")) == ("caf\ufffd", 2, "\ufffd")


def test_a_field_is_found_whether_it_was_decoded_before_or_not() -> None:
    value = {"o": {"a": {"b": [{"c": 1}, 5, {"c": 2}]}, "n": None, "x": "text"}, "e": {}, "l": [[]]}
    for part in (Part(fields_of(body(value))), Part(value)):
        inner = part.part("o").part("a")
        assert [item.whole("c") for item in inner.parts("b")] == [1, 2]
        assert [name for name, _ in part.part("o").named()] == ["a"]
        assert [part.is_filled(key) for key in ("o", "e", "l", "missing")] == [True, False, False, False]
        assert (part.maybe("missing"), part.part("o").maybe("n"), bool(part.maybe("e"))) == (None, None, False)
        assert part.decoded("o").value("x") == "text"


def test_what_is_of_another_shape_is_said_where_problems_are_kept() -> None:
    part = Part(fields_of(b'{"a": 5, "b": {"c": [1, {}]}, "e": null}'), [])
    assert not any((part.part("a"), part.parts("a"), part.part("e"), part.part("missing")))
    assert len(part.part("b").parts("c")) == 1
    assert part.problems == ["a: is not an object", "a: is not a list", "b, c 1: is not an object"]
    for _ in range(2 * MOST_PROBLEMS):
        part.doubt("\x1b", "odd")
    assert len(part.problems) == MOST_PROBLEMS
    assert part.problems[-1] == "␛: odd"


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


@pytest.mark.parametrize("size", [10**400, -(10**400), 2**53 + 1, 1e300])
def test_a_whole_number_beyond_what_a_float_holds_exactly_is_none(size: float) -> None:
    assert to_whole(size) is None
    assert to_whole(2**53) == 2**53


@given(st.floats() | st.integers() | st.booleans() | st.text() | st.none())
def test_any_scalar_is_a_clean_text(value: object) -> None:
    assert to_text(value) == clean(to_text(value))
    assert to_text(value) not in ("nan", "inf", "-inf") or isinstance(value, str)


# --- what is written back -------------------------------------------------------------------------------------------


def test_a_threshold_is_written_back_exactly_as_it_came() -> None:
    result = answer(b'{"thresholds": [{"key": "min_\\u202escore\\ud83d", "value": 0.30000000000000004}]}')
    (threshold,) = thresholds_of(1, 3, result)
    assert threshold.ref.name == "min_\ufffdscore\ufffd"
    assert threshold.value is not None
    request = SetImpulseThresholdsRequest(
        thresholds=(ThresholdChange(block_id=3, key=threshold.ref.key, value=threshold.value),),
        allow_creating_regenerate_model_testing_jobs=True,
    )
    assert json.loads(request.body()) == {
        "thresholds": [{"blockId": 3, "key": "min_\u202escore\ud83d", "value": 0.30000000000000004}],
        "allowCreatingRegenerateModelTestingJobs": True,
    }


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**18), 10**18) | st.text())
def test_threshold_values_survive_the_round_trip(value: float | str) -> None:
    (read,) = thresholds_of(1, 1, answer(body({"thresholds": [{"key": "k", "value": value}]})))
    assert read.value is not None
    change = ThresholdChange(block_id=1, key="k", value=read.value)
    sent = json.loads(SetImpulseThresholdsRequest(thresholds=(change,)).body())["thresholds"][0]["value"]
    assert (type(sent), sent) == (type(value), value)


def read_back(config: str, metadata: str = "[]", *, undecoded: bool = False) -> list[tuple[Any, ...]]:
    """Return key, value, its place and the other values of the thresholds in two lists of JSON."""
    parts = [
        Part(fields_of(text.encode())) if undecoded else answer(text.encode())
        for text in (f'{{"thresholds": {config}}}', f'{{"thresholds": {metadata}}}')
    ]
    return [
        (one.ref.key, one.value, one.place, [(other.place, other.value) for other in one.others])
        for one in thresholds_of(1, 3, parts[0], metadata=parts[1:])
    ]


@pytest.mark.parametrize(
    ("config", "metadata", "found"),
    [
        # Only what is absent is filled in.
        ("null", "0.9", (0.9, "metadata", [])),
        ("0.6", "null", (0.6, "config", [])),
        ("0.6", "0.60", (0.6, "config", [("metadata", 0.6)])),
        ("null", "null", (None, "config", [])),
        # What differs is kept beside it, also by its kind alone.
        ("0.6", "0.9", (0.6, "config", [("metadata", 0.9)])),
        ("1", '"1"', (1, "config", [("metadata", "1")])),
        # What cannot be read is there all the same.
        ("true", "0.6", (OtherValue("true"), "config", [("metadata", 0.6)])),
        ("[1]", "null", (OtherValue("[1]"), "config", [])),
        ("1e999", "0.6", (UNREAD_VALUE, "config", [("metadata", 0.6)])),
        ("0.6", "{}", (0.6, "config", [("metadata", OtherValue("{}"))])),
    ],
)
@pytest.mark.parametrize("undecoded", [False, True])
def test_a_value_is_only_filled_in_where_there_is_none(config: Any, metadata: Any, found: Any, undecoded: Any) -> None:
    config, metadata = (f'[{{"key": "k", "value": {value}}}]' for value in (config, metadata))
    assert read_back(config, metadata, undecoded=undecoded) == [("k", *found)]


def test_second_values_and_empty_keys_are_kept() -> None:
    config = '[{"key": "k", "value": 1}, {"key": "k", "value": 2}, {"key": "k", "value": 2}, {"key": "k", "value": 1}]'
    assert read_back(config, '[{"key": "k", "value": 2}]') == [("k", 1, "config", [("config", 2), ("metadata", 2)])]
    assert read_back('[{"value": 3}, {"key": "", "description": "d"}, {"key": null}, {}, 5]') == [("", 3, "config", [])]


@pytest.mark.parametrize("config", ["{}", "true", '"x"', "[5]", '[[{"key": "k"}]]'])
def test_a_list_that_cannot_be_read_is_not_filled_in(config: Any) -> None:
    assert read_back(config, '[{"key": "k", "value": 0.6}]') == [("k", 0.6, "metadata", [("config", UNREAD_VALUE)])]
    assert read_back("null", '[{"key": "k", "value": 0.6}]') == [("k", 0.6, "metadata", [])]


@pytest.mark.parametrize("value", [math.nan, math.inf, True, None, [1]])
def test_what_is_no_threshold_is_neither_read_nor_sent(value: Any) -> None:
    assert to_exact(value) is None
    with pytest.raises(ValueError, match="finite number"):
        ThresholdChange(block_id=1, key="k", value=value)


# --- what is no answer ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[]", "not an object"),
        (b'{"trials": "\xff"}', "UTF-8"),
        (b'{"trials": 5}', "trials: it should be a list"),
        (b'{"success": true}', "trials: it should be a list"),
        (b'{"trials": ' + b"[" * 100_000 + b"}", "deeply"),
        (b'{"trials": ' + b"9" * 10_000 + b"}", "too long"),
    ],
)
def test_an_answer_that_is_none_says_what_it_is(text: bytes, words: str) -> None:
    with pytest.raises(BadAnswer, match=words):
        rest_of(text)


@pytest.mark.parametrize(("read", "key"), [(impulses_of, "impulses"), (log_of, "stdout"), (records_of, "runs")])
@pytest.mark.parametrize("value", ["ei_synthetic", {}, 5, None])
def test_only_what_an_answer_is_about_must_be_there(read: Callable[[bytes], object], key: str, value: object) -> None:
    with pytest.raises(BadAnswer, match=f"{key}: it should be a list") as raised:
        read(body({"success": True, key: value}))
    assert "ei_synthetic" not in str(raised.value)


def test_the_services_own_no_is_repeated_clean() -> None:
    refused = body({"success": False, "error": "No such \x1b]52;c;x\x07 project"})
    for read, _ in ANSWERS:
        with pytest.raises(Rejected, match="No such ␛") as raised:
            read(refused)
        assert not raised.value.final
    with pytest.raises(Rejected, match="no reason"):
        answer(b'{"success": false, "error": ""}')


# --- any JSON at any place ------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["\x1b[2J", "\u202e", "[@x]", "\ud800"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)

EXACT = {ThresholdRef: "key", Threshold: "value", StatedValue: "value", OtherValue: "json", Option: "value"}
"""What goes back to the service as it came, and is cleaned where it is shown."""


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in `value`."""
    items = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [(value, key) for key, _ in items] + [place for _, inner in items for place in places(inner)]


def texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if is_dataclass(value):
        kept = [field.name for field in fields(value) if field.name != EXACT.get(type(value))]
        return [text for name in kept for text in texts(getattr(value, name))]
    if isinstance(value, msgspec.Struct):
        return texts(msgspec.structs.asdict(value))
    if isinstance(value, dict):
        return [text for key, inner in value.items() for text in [*texts(key), *texts(inner)]]
    return [text for inner in value for text in texts(inner)] if isinstance(value, tuple | list) else []


@given(st.data())
def test_any_json_at_any_place_gives_a_clean_noun_or_is_refused(data: st.DataObject) -> None:
    read, whole = data.draw(st.sampled_from(ANSWERS))
    changed = json.loads(json.dumps(whole))
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(places(changed)))
        container[key] = data.draw(JSON)
    try:
        seen: object = read(body(changed))
    except ApiError as error:
        seen = str(error)
    for text in texts(seen):
        assert text == clean(text, 100_000)


@given(st.dictionaries(st.text(max_size=4), JSON, max_size=4))
def test_a_part_reads_any_field_in_any_way(value: dict[str, Any]) -> None:
    for part in (Part(fields_of(body(value)), []), Part(value, [])):
        for key in [*value, "missing"]:
            for read in (part.text, part.number, part.whole, part.flag, part.time, part.texts, part.numbers):
                read(key)
            items = value.get(key) if isinstance(value.get(key), list) else []
            assert len(part.parts(key)) == sum(isinstance(item, dict) for item in items)
            assert all(isinstance(one, Part) for _, one in part.part(key).named())
            part.decoded(key).is_filled(key)
