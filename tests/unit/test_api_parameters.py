"""A trial's parameters from the service's free form. All trials are synthetic."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.api.detail import LONGEST_PARAMETER, MOST_PARAMETERS, parameters_of
from eitui.api.state import pack
from eitui.domain.text import clean
from eitui.domain.trial import Trial

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)


def of_body(body: bytes) -> Mapping[str, str | float]:
    return parameters_of(Trial("1", "mfe-conv1d-001", "completed", payload=pack(body)))


def of(impulse: object, **more: object) -> Mapping[str, str | float]:
    return of_body(json.dumps({"id": "1", "impulse": impulse} | more).encode())


def dsp(**fields: object) -> Mapping[str, str | float]:
    return of({"dspBlocks": [fields]})


def learn(**fields: object) -> Mapping[str, str | float]:
    return of({"learnBlocks": [fields]})


def test_blocks_give_their_parameters_in_the_services_order() -> None:
    impulse = {
        "inputBlocks": [{"id": 1, "type": "time-series", "title": "Time series data", "windowSizeMs": 1000}],
        "dspBlocks": [{"id": 2, "type": "mfe", "name": "Audio (MFE)", "frame_length": "0.02", "num-filters": 40}],
        "learnBlocks": [
            {
                "id": 3,
                "type": "keras",
                "title": "conv1d",
                "dsp": [2],
                "trainingCycles": 50,
                "learningRate": 0.005,
                "batchSize": 32,
                "layers": 2,
                "dropout": 0.25,
            }
        ],
    }
    assert list(of(impulse).items()) == [
        ("input.type", "time-series"),
        ("input.window_size_ms", 1000.0),
        ("dsp.type", "mfe"),
        ("mfe.frame_length", 0.02),
        ("mfe.num_filters", 40.0),
        ("learn.type", "keras"),
        ("learn.title", "conv1d"),
        ("training.training_cycles", 50.0),
        ("training.learning_rate", 0.005),
        ("training.batch_size", 32.0),
        ("learn.layers", 2.0),
        ("learn.dropout", 0.25),
    ]


def test_the_documents_singular_blocks_do_where_there_are_no_plurals() -> None:
    blocks = {"dspBlock": {"type": "mfcc", "num_cepstral": 13}, "learnBlock": {"width": 8}, "learnBlocks": []}
    assert of(blocks) == {"dsp.type": "mfcc", "mfcc.num_cepstral": 13.0, "learn.width": 8.0}


def test_metrics_are_no_parameters() -> None:
    block = {"type": "keras", "metrics": {"test": {"int8": {"accuracy": 0.9}}}, "metadata": {"layers": [1, 2]}}
    assert learn(**block) == {"learn.type": "keras"}


def test_a_second_block_of_a_kind_is_told_apart() -> None:
    blocks = [{"type": "mfe", "n": 1}, {"type": "mfe", "n": 2}, {"type": "raw", "n": 3}]
    assert of({"dspBlocks": blocks, "learnBlocks": [{"width": 8}, {"width": 16, "batchSize": 4}]}) == {
        "dsp.type": "mfe",
        "mfe.n": 1.0,
        "dsp2.type": "mfe",
        "mfe2.n": 2.0,
        "raw.n": 3.0,
        "learn.width": 8.0,
        "learn2.width": 16.0,
        "training2.batch_size": 4.0,
    }


@pytest.mark.parametrize(
    ("sent", "parameters"),
    [
        (True, {"learn.x": "true"}),
        (0, {"learn.x": 0.0}),
        ("0.001", {"learn.x": 0.001}),
        ("1e400", {"learn.x": "1e400"}),
        ("adam", {"learn.x": "adam"}),
        ("\u001b[2J", {"learn.x": "␛[2J"}),
        ("", {}),
        (None, {}),
        (float("nan"), {}),
        (10**400, {}),
        ("y" * (LONGEST_PARAMETER + 1), {}),
        ([20, 10, 0.5, True], {"learn.x": "20, 10, 0.5, true"}),
        ([], {}),
        ({"rate": 0.5, "onOff": False}, {"learn.x.rate": 0.5, "learn.x.on_off": "false"}),
        (
            [{"type": "dense", "neurons": 20}, {"type": "dropout"}],
            {"learn.x": 2.0, "learn.x.1.type": "dense", "learn.x.1.neurons": 20.0, "learn.x.2.type": "dropout"},
        ),
    ],
)
def test_values(sent: object, parameters: dict[str, str | float]) -> None:
    assert learn(x=sent) == parameters


def test_the_searchs_own_description_does_where_there_is_no_impulse() -> None:
    assert of(None, model={"width": 8, "learningRate": 0.1}) == {"model.width": 8.0, "model.learning_rate": 0.1}
    assert of({"learnBlocks": [{"width": 8}]}, model={"width": 9}) == {"learn.width": 8.0}


def test_nan_and_half_a_surrogate_pair_spoil_nothing_else() -> None:
    body = b'{"impulse": {"dspBlocks": [{"type": "mfe", "a": NaN, "b": "\\ud800", "c": 3}]}}'
    assert of_body(body) == {"dsp.type": "mfe", "mfe.b": "?", "mfe.c": 3.0}


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b'{"impulse": 5}', b'{"impulse": {"dspBlocks": [1]}}'])
def test_what_has_no_parameters_has_none(body: bytes) -> None:
    assert of_body(body) == {}


def test_a_trial_without_its_json_has_none() -> None:
    assert parameters_of(Trial("1", "mfe-conv1d-001", "pending")) == {}


def test_there_is_an_end_to_breadth_and_depth() -> None:
    deep: dict[str, object] = {"x": 1}
    for _ in range(50):
        deep = {"x": deep}
    assert learn(deep=deep, flat=1) == {"learn.flat": 1.0}
    assert len(dsp(**{f"p{n}": n for n in range(2 * MOST_PARAMETERS)})) == MOST_PARAMETERS
    body = b'{"impulse": {"learnBlocks": [{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]}}"
    assert of_body(body) == {}


@given(JSON, JSON, JSON)
def test_any_json_gives_clean_names_and_plain_values(dsp_blocks: Any, learn_blocks: Any, model: Any) -> None:
    found = of({"dspBlocks": dsp_blocks, "learnBlocks": learn_blocks, "inputBlock": model}, model=model)
    assert all(name == clean(name) for name in found)
    assert all(isinstance(value, str | float) and value == value for value in found.values())
    assert all(value == clean(value) for value in found.values() if isinstance(value, str))


@given(st.binary(max_size=200))
def test_any_bytes_are_survived(body: bytes) -> None:
    assert isinstance(of_body(body), Mapping)


def test_a_text_that_is_not_utf8_takes_nothing_else_along() -> None:
    body = b'{"id": "1", "impulse": {"dspBlocks": [{"type": "caf\xe9", "frame_length": 0.02}]}, "model": {"width": 8}}'
    assert of_body(body) == {"dsp.type": "caf\ufffd", "caf\ufffd.frame_length": 0.02}
    assert of_body(body.replace(b"\xe9", b"e")) == {"dsp.type": "cafe", "cafe.frame_length": 0.02}


def test_where_blocks_have_a_config_all_parameters_are_in_it() -> None:
    found = of(
        {
            "dspBlocks": [
                {
                    "block": {
                        "id": 2,
                        "type": "mfe",
                        "name": "Audio (MFE)",
                        "axes": ["audio"],
                        "implementationVersion": 4,
                    },
                    "config": {"num_filters": 40},
                    "performance": {"latency": 300.0, "ram": 20000},
                }
            ],
            "learnBlocks": [
                {
                    "block": {"id": 3, "type": "keras", "title": "conv1d", "dsp": [2], "name": "Classifier"},
                    "config": {"learningRate": 0.001, "width": 8},
                    "metadata": {"modelValidationMetrics": []},
                    "metrics": {"validation": {"int8": {"accuracy": 0.9}}},
                }
            ],
        }
    )
    assert found == {
        "dsp.type": "mfe",
        "mfe.num_filters": 40.0,
        "learn.type": "keras",
        "learn.title": "conv1d",
        "training.learning_rate": 0.001,
        "learn.width": 8.0,
    }


def test_what_a_block_costs_is_no_parameter() -> None:
    assert dsp(type="mfe", performance={"latency": 3}, estimatedPerformance={"ram": 1}, implementationVersion=4) == {
        "dsp.type": "mfe"
    }
