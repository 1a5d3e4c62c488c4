"""Reading `optimize/state`: what changed is parsed, what is odd is shown, nothing odd hides the rest."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.api.errors import BadAnswer, Rejected
from eitui.api.lenient import MOST_VALUES
from eitui.api.metrics import MOST_VARIANTS
from eitui.api.state import MOST_LIGHT_VALUES, MOST_TRIALS, REST_BYTES, StateReader, split_body, unpack
from eitui.api.trial import LIGHT_BYTES, LIGHT_VALUES
from eitui.domain.run import Counts, Run, SearchSpace, WorkerCounts
from eitui.domain.trial import Evaluation, Performance


def trial(trial_id: object = "1", **more: object) -> dict[str, object]:
    return {"id": trial_id, "name": f"mfe-conv1d-{trial_id}", "status": "running", "blocks": [], "impulse": {}, **more}


def state(*trials: object, **more: object) -> dict[str, object]:
    return {
        "success": True,
        "config": {"targetDevice": {"name": "cortex-m4f-80mhz"}, "targetLatency": 100},
        "status": {"status": "running"},
        "trials": list(trials),
        "workers": [],
        **more,
    }


def body(*trials: object, **more: object) -> bytes:
    return json.dumps(state(*trials, **more)).encode()


def read(*trials: object, **more: object) -> Run:
    return StateReader().read_now(body(*trials, **more))


def metrics(accuracy: float, loss: float = 0.3, **more: object) -> dict[str, object]:
    return {"loss": loss, "accuracy": accuracy, "confusionMatrix": [[1]], "report": {"0": {}}, **more}


def test_the_same_bytes_give_the_same_run() -> None:
    reader = StateReader()
    assert reader.read_now(body(trial())) is reader.read_now(body(trial()))


def test_only_the_trial_that_changed_is_another_object() -> None:
    reader = StateReader()
    before = reader.read_now(body(trial(1), trial(2, progress={"epoch": 1})))
    after = reader.read_now(body(trial(1), trial(2, progress={"epoch": 2})))
    assert after.trials[0] is before.trials[0]
    assert after.trials[1] is not before.trials[1]
    assert after.trials[1].epoch == 2


def test_a_trial_keeps_the_bytes_it_was_read_from() -> None:
    given = trial(1, somethingNew={"a": [1.0, 2.50]})
    assert json.loads(unpack(read(given).trials[0].payload)) == given


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(values, max_size=6), st.dictionaries(st.text(), values, max_size=4))
def test_a_state_is_taken_apart_without_loss(trials: Any, more: Any) -> None:
    whole = {**more, "trials": trials}
    pieces = split_body(json.dumps(whole).encode())
    assert [json.loads(bytes(raw)) for raw in pieces.trials] == trials
    assert json.loads(pieces.rest) == {**whole, "trials": []}


@pytest.mark.parametrize("trials", [1, 2, 3])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_trial_whose_text_stands_elsewhere_too_takes_nothing_with_it(trials: int, indent: int | None) -> None:
    twin = {"workerId": "a", "status": "x"}
    for whole in (
        {"trials": [twin] * trials, "other": 1, "workers": [twin]},
        {"workers": [twin], "other": 1, "trials": [twin] * trials},
    ):
        pieces = split_body(json.dumps(whole, indent=indent).encode())
        assert json.loads(pieces.rest) == {**whole, "trials": []}


@pytest.mark.parametrize("more", [{"trials": None}, {"status": {"status": "creating"}}, {"config": {}, "trials": None}])
def test_a_state_without_trials_is_a_run_without_trials(more: dict[str, Any]) -> None:
    run = StateReader().read_now(json.dumps({"success": True, "tunerCoordinatorJobId": 7, **more}).encode())
    assert (run.trials, run.coordinator_job_id) == ((), 7)


def test_a_limit_on_time_that_cannot_be_is_none() -> None:
    memory = [read(config={"tunerChildJobMemoryMiB": result}).config.job_memory_mib for result in (4096, 0, None, "x")]
    assert memory == [4096, None, None, None]
    assert [read(config={"maxTotalTrainingTime": result}).config.max_total_training_s for result in (-1, 0, 60)] == [
        *(None, None, 60)
    ]


def test_plain_fields_of_a_trial_are_read_by_their_own_names() -> None:
    told = trial(workerId="w3", currentEpoch=7, retries=2, optimizationRound=4, problem="not the service's to say")
    (found,) = read(told).trials
    assert (found.worker_id, found.current_epoch, found.retries, found.round) == ("w3", 7, 2, 4)
    assert found.problem == ""
    (bare,) = read(trial()).trials
    assert (bare.worker_id, bare.current_epoch, bare.retries, bare.round) == (None, None, 0, None)


def test_numbers_without_end_are_no_figures() -> None:
    text = b'{"config": {"tuningMaxTrials": %d}, "trials": [{"id": "1", "progress": {"epoch": %d}}]}' % ((10**400,) * 2)
    run = StateReader().read_now(text)
    assert (run.config.max_trials, run.trials[0].epoch) == (None, None)


@given(st.lists(values, max_size=5))
def test_whatever_stands_in_the_list_of_trials_the_others_are_shown(odd: Any) -> None:
    run = read(trial("good"), *odd)
    assert run.trial("good").name == "mfe-conv1d-good"
    assert len(run.trials) == len(odd) + 1
    assert len({one.id for one in run.trials}) == len(run.trials)


@given(
    st.sampled_from(["progress", "metrics", "devicePerformance", "blocks", "impulse", "retries", "id", "name"]), values
)
def test_a_part_of_any_shape_hides_neither_its_trial_nor_the_others(part: Any, value: Any) -> None:
    run = read(trial(1) | {part: value}, trial("good"))
    assert len(run.trials) == 2
    assert run.trial("good") is not None


def test_an_unreadable_trial_is_a_row_that_says_so() -> None:
    run = read(trial(1), 17)
    assert run.trials[1].problem
    assert "One trial could not be read" in run.problems[0]


def test_nan_is_no_figure() -> None:
    text = b'{"trials": [{"id": "1", "progress": {"epoch": 3, "loss": NaN, "val_loss": -Infinity, "accuracy": 0.5}}]}'
    progress = StateReader().read_now(text).trials[0].progress
    assert (progress.epoch, progress.loss, progress.val_loss, progress.accuracy) == (3, None, None, 0.5)


ODD = st.sampled_from(
    [
        b'{"x": NaN}',
        b"[-Infinity, 1]",
        rb'"\ud83d"',
        rb'{"\udc00": ["\\"]}',
        b"[" * 3000 + b"]" * 3000,
        b'{"x": 1e999}',
        b'"\x01"',
    ]
)
"""JSON that msgspec does not take."""


@given(st.lists(values, max_size=5), st.integers(0, 5), ODD, st.dictionaries(st.text(), values, max_size=3))
def test_an_odd_value_concerns_the_trial_that_it_is_in_and_no_other(
    trials: Any, place: Any, odd: Any, more: Any
) -> None:
    texts = [json.dumps(one).encode() for one in trials]
    texts.insert(place, odd)
    around = json.dumps(more)[1:-1].encode()
    whole = b'{%b%b"trials" : [ %b ]  }' % (around, b", " if around else b"", b" , ".join(texts))
    pieces = split_body(whole)
    assert [bytes(raw) for raw in pieces.trials] == texts, "as they were sent"
    assert json.loads(pieces.rest) == {**more, "trials": []}
    assert StateReader().read_now(whole[:-1] + b', "success": true}').trials[0] is not None


def test_a_trial_that_cannot_be_repaired_is_a_row_among_the_others() -> None:
    deep = b'{"id": "2", "x": NaN, "a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    good = json.dumps(trial("good")).encode()
    run = StateReader().read_now(
        b'{"success": true, "trials": [%b, %b, {"id": "3", "name": "n", "x": NaN}]}' % (deep, good)
    )
    assert [one.problem for one in run.trials] == ["It is nested too deeply to be read", "", ""]
    assert [one.name for one in run.trials] == ["unreadable trial", "mfe-conv1d-good", "n"]


def test_nan_beside_lists_in_lists_without_end_is_no_reason_to_lose_the_run() -> None:
    deep = (
        b'{"success": true, "q": NaN, "a": '
        + b"[" * 600
        + b"]" * 600
        + b', "trials": [%b]}' % json.dumps(trial()).encode()
    )
    assert StateReader().read_now(deep).trials[0].name == "mfe-conv1d-1"


def test_what_is_unchanged_is_unchanged_although_another_trial_has_nan() -> None:
    reader = StateReader()
    before = reader.read_now(body(trial(1), trial(2)))
    after = reader.read_now(body(trial(1), trial(2, progress={"loss": float("nan")})))
    assert after.trials[0] is before.trials[0]


@pytest.mark.parametrize("nan", [b"", b', "z": NaN'])
def test_a_state_that_is_long_beside_its_trials_is_refused(nan: bytes) -> None:
    long = b'"' + b"x" * REST_BYTES + b'"'
    with pytest.raises(BadAnswer, match="4 MiB beside its trials, more than 4 MiB"):
        split_body(b'{"q": %b, "trials": [{"id": 1}]%b}' % (long, nan))


@pytest.mark.parametrize("nan", [b"", b', "z": NaN'])
@pytest.mark.parametrize("item", [b"{}", b"1,2,3", b'{"a": [1,2,3,4,5,6,7,8]}'])
def test_more_trials_than_can_be_shown_are_refused(item: bytes, nan: bytes) -> None:
    # With so many commas they are counted in another way.
    for most in (MOST_TRIALS, MOST_VALUES // 5):
        with pytest.raises(BadAnswer, match="more than 20,000 trials"):
            split_body(b'{"trials": [%b]%b}' % (b",".join([item] * (most + 1)), nan))


def test_a_state_of_many_values_is_taken_apart_like_another() -> None:
    texts = [b'{"id": %d, "metrics": [%b0]}' % (number, b"0," * 400) for number in range(MOST_VALUES // 400 + 1)]
    pieces = split_body(b'{"a": 1, "trials": [' + b", ".join(texts) + b'], "b": 2}')
    assert [bytes(raw) for raw in pieces.trials] == texts
    assert json.loads(pieces.rest) == {"a": 1, "trials": [], "b": 2}
    for none in (b"null", b"[]"):
        assert split_body(b'{"trials": %b, "a": "%b"}' % (none, b"," * (MOST_VALUES + 1))).trials == []


@pytest.mark.parametrize("large", [{"q": [[]] * LIGHT_VALUES}, {"q": "x" * LIGHT_BYTES}], ids=["values", "bytes"])
def test_a_trial_that_is_too_large_is_a_row_among_the_others(large: dict[str, Any]) -> None:
    run = read(trial(1, **large), trial("good"))
    assert "too large to be read" in run.trials[0].problem
    assert run.trial("good").problem == ""


def test_heavy_parts_may_be_large() -> None:
    heavy = {"test": {"int8": {"confusionMatrix": [[0]] * 4 * LIGHT_VALUES, "note": "x" * LIGHT_BYTES}}}
    assert read(trial(1, metrics=heavy)).trials[0].problem == ""


def test_all_trials_together_are_bounded() -> None:
    several: list[list[int]] = [[]] * (LIGHT_VALUES // 2 - 20)
    run = read(*(trial(number, q=several) for number in range(MOST_LIGHT_VALUES // LIGHT_VALUES + 2)))
    assert [bool(one.problem) for one in run.trials[-4:]] == [False, False, True, True]
    assert "together" in run.trials[-1].problem


def test_figures_of_more_variants_than_there_are_are_not_read() -> None:
    variants = {f"v{number}": metrics(0.5) for number in range(5 * MOST_VARIANTS)}
    assert len(read(trial(1, metrics={"validation": variants})).trials[0].evaluations) == MOST_VARIANTS


def test_ids_that_are_all_the_same_take_no_time() -> None:
    run = StateReader().read_now(b'{"success": true, "trials": [%b]}' % b",".join([b'{"id": "a"}'] * 20_000))
    assert len({one.id for one in run.trials}) == 20_000


def test_half_a_surrogate_pair_is_no_reason_to_lose_a_trial() -> None:
    assert StateReader().read_now(rb'{"trials": [{"id": "1", "name": "cut \ud83d"}]}').trials[0].name == "cut ?"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b"<html>",
        b'{"trials": {}}',
        b'{"success": true}',
        b"[" * 100_000,
        b'{"trials": [' + b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_what_is_no_state_is_refused_in_words(text: bytes) -> None:
    with pytest.raises(BadAnswer) as refusal:
        StateReader().read_now(text)
    assert refusal.value.what


def test_a_failure_is_given_in_the_services_words() -> None:
    with pytest.raises(Rejected, match="No EON tuner run"):
        StateReader().read_now(b'{"success": false, "error": "No EON tuner run", "trials": []}')


def test_accuracy_zero_with_nothing_behind_it_is_no_accuracy() -> None:
    computed = {"validation": {"int8": metrics(0.0), "float32": {"accuracy": 0, "confusionMatrix": [], "report": {}}}}
    evaluations = read(trial(metrics=computed)).trials[0].evaluations
    assert evaluations["validation", "int8"].accuracy == 0.0
    assert evaluations["validation", "float32"].accuracy is None


def test_metrics_are_found_in_the_learn_block_when_the_trial_has_none() -> None:
    block = {
        "metrics": {"test": {"int8": metrics(0.8)}},
        "metadata": {
            "modelValidationMetrics": [{"type": "int8", **metrics(0.9)}, {"type": "float32", **metrics(0.95)}]
        },
    }
    found = read(trial(status="completed", impulse={"learnBlocks": [block]})).trials[0].evaluations
    assert found["test", "int8"] == Evaluation(0.3, 0.8)
    assert found["validation", "int8"] == Evaluation(0.3, 0.9)
    assert found["validation", "float32"] == Evaluation(0.3, 0.95)


def memory(ram: int | None, rom: int = 1) -> dict[str, int | None]:
    return {"ramRequired": ram, "romRequired": rom}


def test_cost_is_the_eon_compilers_with_tflite_as_second_choice() -> None:
    result = {
        "int8": {"latency": 5, "tflite": memory(30), "eon": memory(20)},
        "float32": {"latency": 9, "tflite": memory(40)},
    }
    performance = read(trial(devicePerformance=result)).trials[0].performance
    assert performance == {"int8": Performance(5, 20, 1), "float32": Performance(9, 40, 1)}


def test_cost_falls_back_to_the_default_device_among_the_metrics() -> None:
    devices = [
        {"mcu": "a", "isDefault": False, "hasPerformance": True, "latency": 1, "eon": memory(10)},
        {"mcu": "b", "isDefault": True, "hasPerformance": True, "latency": 2, "eon": memory(20)},
    ]
    found = read(trial(metrics={"validation": {"int8": metrics(0.9, onDevicePerformance=devices)}})).trials[0]
    assert found.performance == {"int8": Performance(2, 20, 1)}


def test_each_figure_of_memory_comes_from_the_engine_that_has_it() -> None:
    result = {
        "int8": {"tflite": memory(30, 40), "eon": memory(20, 0)},
        "float32": {"tflite": memory(50, 60), "eon": {}},
    }
    performance = read(trial(devicePerformance=result)).trials[0].performance
    assert performance == {"int8": Performance(None, 20, 40), "float32": Performance(None, 50, 60)}


@pytest.mark.parametrize("empty", [{}, {"latency": None}, {"latency": -1, "eon": memory(0, -1)}])
def test_an_empty_cost_does_not_hide_the_default_devices(empty: dict[str, Any]) -> None:
    devices = [{"mcu": "b", "isDefault": True, "latency": 2, "eon": memory(20)}]
    computed = {"validation": {"int8": metrics(0.9, onDevicePerformance=devices)}}
    found = read(trial(metrics=computed, devicePerformance={"int8": empty})).trials[0]
    assert found.performance == {"int8": Performance(2, 20, 1)}


@pytest.mark.parametrize("ram", [-1, 0, None])
def test_memory_that_cannot_be_is_unknown(ram: int | None) -> None:
    assert (
        read(trial(devicePerformance={"int8": {"latency": 5, "eon": memory(ram)}}))
        .trials[0]
        .performance["int8"]
        .ram_bytes
        is None
    )


def dsp(*blocks: object) -> Any:
    return read(trial(impulse={"dspBlocks": blocks})).trials[0].dsp


def test_the_cost_of_the_dsp_blocks_is_summed() -> None:
    one = {"block": {"id": 2, "type": "mfe"}, "config": {}, "performance": {"latency": 300.0, "ram": 20000}}
    older = {"id": 3, "type": "flatten", "estimatedPerformance": {"latency": 1.5, "ram": 0}}
    assert dsp(one) == Performance(300.0, 20_000)
    assert dsp(one, older) == Performance(301.5, 20_000)
    assert read(trial(impulse={"dspBlock": one})).trials[0].dsp == Performance(300.0, 20_000)


@pytest.mark.parametrize(
    ("performance", "cost"),
    [
        ({"latency": None, "ram": 5}, Performance(None, 15)),
        ({"latency": -1, "ram": "many"}, Performance()),
        ({"latency": "2.5", "ram": 10.4}, Performance(3.5, 20)),
        ([], Performance()),
        (None, Performance()),
    ],
)
def test_a_cost_that_one_of_the_dsp_blocks_lacks_is_not_known(performance: Any, cost: Any) -> None:
    whole = {"performance": {"latency": 1, "ram": 10}}
    assert dsp(whole, {"performance": performance}) == cost


def test_no_dsp_blocks_have_no_cost() -> None:
    assert dsp() == dsp("none") == Performance()
    assert read(trial(impulse="none")).trials[0].dsp == Performance()


def test_an_anomaly_block_beside_the_network_has_its_own_cost() -> None:
    devices = [{"mcu": "b", "isDefault": True, "latency": 2, "eon": memory(20)}]
    variant = {"type": "float32", "onDevicePerformance": devices}
    anomaly = {
        "block": {"id": 4, "type": "anomaly-gmm"},
        "config": {},
        "metadata": {"modelValidationMetrics": [variant]},
    }
    network = {"block": {"id": 3, "type": "keras"}, "config": {}}
    both = read(trial(impulse={"learnBlocks": [network, anomaly]})).trials[0]
    assert both.anomaly == {"float32": Performance(2, 20, 1)}
    assert read(trial(impulse={"learnBlocks": [network]})).trials[0].anomaly is None
    # Alone it is the network that `devicePerformance` is about.
    assert read(trial(impulse={"learnBlocks": [anomaly]})).trials[0].anomaly is None


def test_memory_limits_are_bytes_also_when_they_are_small() -> None:
    device = {"name": "x", "ram": 2048, "rom": 1_048_576}
    target = read(config={"targetDevice": device, "targetLatency": 0}).config.target
    assert (target.latency_ms, target.ram_bytes, target.rom_bytes) == (None, 2048, 1_048_576)


def test_trials_without_an_id_or_with_one_that_is_taken_get_their_own() -> None:
    run = read(trial("7"), trial("7"), {"name": "nameless"})
    assert len({one.id for one in run.trials}) == 3


def test_the_list_of_trials_is_counted_and_only_pending_ones_are_added_to_it() -> None:
    told = read(trial(1), status={"numRunningTrials": 1, "numPendingTrials": 5})
    assert (told.counts, told.miscounted, told.problems) == (Counts(pending=5, running=1), "", ())
    assert read(trial(1)).counts == Counts(running=1)


def test_counts_that_contradict_the_list_are_told() -> None:
    told = read(trial(1), status={"numRunningTrials": 5, "numCompletedTrials": 0, "numFailedTrials": None})
    assert told.counts == Counts(running=1)
    assert told.miscounted == (
        "The service's counts contradict its list of trials (running: 5 counted, 1 listed); the list is used"
    )
    assert told.problems == (told.miscounted,)
    none = read(status={"numCompletedTrials": 2, "numFailedTrials": 1})
    assert (none.counts.total, none.miscounted.count("counted")) == (0, 2)


def test_a_trial_in_a_state_of_its_own_is_counted_and_excuses_one_count() -> None:
    told = read({"id": 1, "status": "paused"}, status={"numRunningTrials": 1, "numPendingTrials": 0})
    assert (told.counts, told.miscounted) == (Counts(other=1), "")


def test_without_a_list_of_trials_the_services_counts_are_all_there_is() -> None:
    told = StateReader().read_now(json.dumps({"success": True, "status": {"numCompletedTrials": 3}}).encode())
    assert (told.counts, told.miscounted) == (Counts(completed=3), "")
    assert told.uncounted == {"pending", "running", "failed"}
    assert not read(trial(1)).uncounted


def test_what_an_older_server_does_not_say_of_a_run_is_unknown() -> None:
    told = read(trial(1), status={}, workers=None)
    assert (told.can_extend_search, told.total_training_time_exceeded) == (None, None)
    assert told.worker_counts == WorkerCounts(None, None, None)
    listed = read(workers=[{"workerId": "w", "status": "busy"}])
    assert listed.worker_counts == WorkerCounts(0, 0, 1)


@pytest.mark.parametrize(
    ("raw", "result"),
    [
        ("val_accuracy:1.0,latency:0.3", [("val_accuracy", 1.0), ("latency", 0.3)]),
        (" val_loss ", [("val_loss", None)]),
        ("a:b:2, c:x,,:1", [("a:b", 2.0), ("c:x", None), (":1", None)]),
        (7, [("7", None)]),
        ([1], []),
    ],
)
def test_raw_objectives_stand_in_for_objectives_that_are_not_listed(
    raw: object, result: list[tuple[str, object]]
) -> None:
    config = {"rawObjectives": raw}
    assert [(one.name, one.weight) for one in read(config=config).config.objectives] == result
    config["optimizationObjectives"] = [{"objective": "loss", "label": "Loss", "weight": 2}]
    assert [one.name for one in read(config=config).config.objectives] == ["loss"]


SETTINGS = {
    "name": "Run 1",
    "targetLatency": 100,
    "targetDevice": {"name": "cortex-m4f-80mhz"},
    "tuningWorkers": 4,
    "compiler": ["EON"],
    "precision": ["int8", "float32"],
    "minMACCS": 1000,
    "maxMACCS": 500000.0,
    "earlyStopping": True,
    "importProjectMetrics": False,
    "accuracySEM": None,
    "tunerSpaceOptions": {"learn": ["dense", "conv1d"]},
    "space": [{"inputBlocks": [{"type": "time-series"}]}],
    "tunerChildJobMemoryMiB": 8192,
    "searchSpaceTemplate": {"identifier": "speech_keyword", "classification": True, "anomaly": False},
    "searchSpaceSource": {"type": "template", "templateTitle": "Keywords"},
    "somethingNew": 5,
}


def test_settings_without_a_name_of_their_own_are_kept_as_they_are() -> None:
    config = read(config=SETTINGS).config
    assert config.others == (
        ("workers at most", "4"),
        ("compiler", "EON"),
        ("precisions", "int8, float32"),
        ("min MACCS", "1000"),
        ("max MACCS", "500000"),
        ("early stopping within trials", "yes"),
        ("import project metrics", "no"),
        ("options, learn", "dense, conv1d"),
        ("something new", "5"),
    )
    assert config.search_space == SearchSpace("template", "Keywords", "speech_keyword", ("classification",))
    assert config.job_memory_mib == 8192


@pytest.mark.parametrize("value", [None, "x", 0, -1, [], {}])
def test_settings_of_another_type_are_not_known(value: object) -> None:
    fields = ("searchSpaceSource", "searchSpaceTemplate", "tunerChildJobMemoryMiB")
    run = read(config=dict.fromkeys(fields, value), continuationJobId=value if value != 0 else None)
    assert (run.config.search_space, run.config.job_memory_mib) == (SearchSpace(), None)
    assert run.continued_job_id in (None, -1)


def test_the_run_that_another_one_continues() -> None:
    assert read(continuationJobId=8000123).continued_job_id == 8000123
