"""Model-testing results and jobs, from the service's answers to rows. All answers are synthetic."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from classified import read_classify_result
from hypothesis import given
from hypothesis import strategies as st

from eitui.api.classify import (
    STEP,
    ClassifiedSample,
    ClassifyReader,
    ClassifyResult,
    PredictedBox,
)
from eitui.api.client import Client
from eitui.api.errors import ApiError, BadAnswer, Rejected
from eitui.config import Secret
from eitui.demo.options import Options
from eitui.demo.server import DemoServer
from eitui.demo.service import PROJECT_ID, TESTING_JOB_S
from eitui.domain.log import Job
from eitui.domain.text import clean

KEY = "ei_synthetic_key_0123456789abcdef"
URL = "https://studio.example.test"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def answered(block: int = 3, **fields: object) -> dict[str, Any]:
    return {"learnBlock": {"id": block, "type": "keras", "title": "Classifier"}, **fields}


def row(*classifications: object, sample: object = None) -> dict[str, Any]:
    known = {"id": 7, "filename": "synthetic.7", "label": "yes"} if sample is None else sample
    return {"sampleId": 7, "sample": known, "classifications": list(classifications)}


def read(*rows: object, **fields: object) -> ClassifyResult:
    return read_classify_result(json.dumps({"success": True, "result": list(rows)} | fields).encode())


def test_windows_carry_their_scores_and_labels() -> None:
    labels = [{"startIndex": 0, "endIndex": 9, "label": word} for word in ("yes", "no")]
    found = read(row(answered(result=[{"yes": 0.9, "no": 0.1}, {"yes": 0.25, "no": 0.75}], expectedLabels=labels)))
    (block,) = found.blocks
    assert (block.id, block.type, block.title, block.last_layer) == (3, "keras", "Classifier", "")
    assert [(w.number, w.label, w.scores) for w in block.windows] == [
        (0, "yes", {"yes": 0.9, "no": 0.1}),
        (1, "no", {"yes": 0.25, "no": 0.75}),
    ]
    assert block.windows[0].sample == ClassifiedSample(7, "synthetic.7", "yes")


def test_windows_of_one_block_come_together_in_the_order_of_the_samples() -> None:
    found = read(
        row(answered(3, result=[{"a": 1}]), answered(4, result=[{"anomaly": -0.5}])),
        row(answered(4, result=[{"anomaly": 2}]), answered(3, result=[{"a": 0}])),
    )
    assert [(b.id, [dict(w.scores) for w in b.windows]) for b in found.blocks] == [
        (3, [{"a": 1}, {"a": 0}]),
        (4, [{"anomaly": -0.5}, {"anomaly": 2}]),
    ]


def test_without_expected_labels_the_samples_label_counts() -> None:
    assert read(row(answered(result=[{"yes": 1}]))).blocks[0].windows[0].label == "yes"


def test_grids_keep_their_cells() -> None:
    found = read(row(answered(result=[{"anomaly": 4}], anomalyResult=[{"scores": [[1, None], [2.5, "x"]]}])))
    assert found.blocks[0].windows[0].grid == ((1.0, None), (2.5, None))


def test_boxes_carry_their_scores_and_the_sample_its_true_ones() -> None:
    sample = {
        "boundingBoxes": [{"label": "bolt", "x": 4, "y": 8, "width": 12, "height": 16}, {"label": "no sides"}, 5],
        "imageDimensions": {"width": 96, "height": 64},
    }
    structured = {
        "boxes": [[0.1, 0.2, 0.3, 0.4], [0.5, 0.5, 0.1], [0, 0, 1, 1], "box", [0.25, 0.25, 0.5, 0.5, 9]],
        "scores": [0.9, 0.8, None, 0.7, 0.6],
        "labels": ["bolt", "nut", "nut", "nut"],
    }
    found = read(
        row(answered(result=[{}], structuredResult=[structured], objectDetectionLastLayer="fomo"), sample=sample)
    )
    (window,) = found.blocks[0].windows
    assert window.boxes == (PredictedBox("bolt", 0.1, 0.2, 0.3, 0.4, 0.9), PredictedBox("", 0.25, 0.25, 0.5, 0.5, 0.6))
    assert window.sample.boxes == (PredictedBox("bolt", 4, 8, 12, 16),)
    assert (window.sample.width, window.sample.height, found.blocks[0].last_layer) == (96, 64, "fomo")


def test_thresholds_of_the_time_are_kept() -> None:
    rows = [
        {"key": "min_score", "value": 0.1 + 0.2},
        {"key": "method", "value": "max"},
        {"key": "odd", "value": True},
        5,
    ]
    assert read(row(answered(result=[], thresholds=rows))).blocks[0].thresholds == {
        "min_score": 0.1 + 0.2,
        "method": "max",
    }


def test_why_there_is_nothing_is_said() -> None:
    found = read(noResultsBecauseThresholdsChanged="should_rerun_full_job")
    assert (found.no_results, found.blocks) == ("should_rerun_full_job", ())


@pytest.mark.parametrize(
    "odd",
    [
        5,
        None,
        {},
        {"classifications": {}},
        row({"learnBlock": None}) | {"classifications": 3},
    ],
)
def test_a_sample_that_cannot_be_read_is_counted_and_hides_no_other(odd: object) -> None:
    found = read(odd, row(answered(result=[{"yes": 1}])))
    assert (found.left_out, len(found.blocks[0].windows)) == (1, 1)


def test_scores_that_are_none_are_left_out() -> None:
    found = read(row(answered(result=[{"a": None, "b": "0.5", "c": True, "d": [1], "e": 1e-9}, None, 3])))
    assert [dict(w.scores) for w in found.blocks[0].windows] == [{"b": 0.5, "e": 1e-9}, {}, {}]


def test_not_a_number_is_no_score() -> None:
    body = b'{"result": [{"classifications": [{"learnBlock": {"id": 3}, "result": [{"a": NaN, "b": 1}]}]}]}'
    assert dict(read_classify_result(body).blocks[0].windows[0].scores) == {"b": 1.0}


def test_words_cannot_drive_a_terminal() -> None:
    evil = "\x1b]0;pwned\x07"
    found = read(
        row(
            {
                "learnBlock": {"id": 3, "title": evil},
                "result": [{evil: 1}],
                "thresholds": [{"key": evil, "value": evil}],
            },
            sample={"filename": evil, "label": evil},
        ),
        noResultsBecauseThresholdsChanged=evil,
    )
    assert "\x1b" not in str(found)
    assert found.blocks[0].windows[0].scores == {clean(evil): 1}


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"<html>", b'{"success": true, "result": {}}', b'{"result": null}', b"{" * 10_000]
)
def test_what_is_no_result_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        read_classify_result(body)


def test_a_refusal_is_said_in_the_services_words() -> None:
    with pytest.raises(Rejected, match="No impulse with this ID"):
        read_classify_result(b'{"success": false, "error": "No impulse with this ID"}')
    with pytest.raises(Rejected, match="gave no reason"):
        read_classify_result(b'{"success": false, "error": 5}')


def test_a_large_answer_is_read_in_steps() -> None:
    rows = [row(answered(result=[{"yes": 0.5}]))] * (2 * STEP + 1)
    reader = ClassifyReader(json.dumps({"result": rows}).encode())
    seen = [len(reader.result().blocks[0].windows) for _ in reader.steps()]
    assert seen == [STEP, 2 * STEP, 2 * STEP + 1]


@given(st.lists(JSON, max_size=3), JSON)
def test_any_answer_can_be_read(rows: list[Any], why: Any) -> None:
    found = read(*rows, noResultsBecauseThresholdsChanged=why)
    assert found.left_out <= len(rows)


@given(JSON, JSON, JSON, JSON, JSON)
def test_any_classification_can_be_read(scores: Any, labels: Any, grids: Any, boxes: Any, sample: Any) -> None:
    fields = {"result": scores, "expectedLabels": labels, "anomalyResult": grids, "structuredResult": boxes}
    found = read(row(answered(**fields), sample=sample))
    for window in found.blocks[0].windows:
        assert window.label == clean(window.label)
        assert all(score - score == 0 for score in window.scores.values())


# --- the client -----------------------------------------------------------------------------------------------------


async def asked(answer: dict[str, Any], call: Callable[[Client], Any]) -> tuple[httpx.Request, Any]:
    requests: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json={"success": True} | answer)

    async with Client(URL, Secret(KEY), transport=httpx.MockTransport(respond)) as client:
        found = await call(client)
    (request,) = requests
    assert request.headers["x-api-key"] == KEY
    return request, found


@pytest.mark.parametrize(
    ("call", "answer", "line"),
    [
        (lambda c: c.classify_result(7, 4), {"result": []}, "GET /v1/api/7/classify/all/result?impulseId=4"),
        (lambda c: c.start_classify_job(7, 4), {"id": 9}, "POST /v1/api/7/jobs/classify?impulseId=4"),
        (lambda c: c.job_status(7, 9), {"job": {"id": 9}}, "GET /v1/api/7/jobs/9/status"),
    ],
)
async def test_each_endpoint_has_its_address(call: Callable[[Client], Any], answer: dict[str, Any], line: str) -> None:
    request, _ = await asked(answer, call)
    assert f"{request.method} {request.url.raw_path.decode()}" == line


async def test_a_job_is_asked_to_leave_features_as_they_are() -> None:
    request, started = await asked({"id": 9}, lambda c: c.start_classify_job(7, 4))
    assert (json.loads(request.content), started) == ({"skipFeatureGeneration": True}, 9)


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        (lambda c: c.start_classify_job(7, 4), {}),
        (lambda c: c.start_classify_job(7, 4), {"id": None}),
        (lambda c: c.job_status(7, 9), {"job": []}),
        (lambda c: c.job_status(7, 9), {}),
        (lambda c: c.classify_result(7, 4), {"result": 5}),
    ],
)
async def test_an_answer_of_another_shape_is_an_error(call: Callable[[Client], Any], answer: dict[str, Any]) -> None:
    with pytest.raises(BadAnswer) as raised:
        await asked(answer, call)
    assert raised.value.may_have_acted


@pytest.mark.parametrize(
    ("job", "over", "well"),
    [
        ({}, False, None),
        ({"started": "2025-10-09T08:00:00Z"}, False, None),
        ({"finished": "2025-10-09T08:00:00Z", "finishedSuccessful": True}, True, True),
        ({"finished": "2025-10-09T08:00:00Z"}, True, None),
        ({"finishedSuccessful": False}, True, False),
    ],
)
async def test_a_job_is_over_when_it_says_so(job: dict[str, Any], over: bool, well: bool | None) -> None:
    _, found = await asked({"job": {"id": 9} | job}, lambda c: c.job_status(7, 9))
    assert found == Job(9, over, well)


async def test_the_look_alike_is_understood() -> None:
    now = [1_760_000_000.0]
    with DemoServer(Options(windows=30), clock=lambda: now[0]) as server:
        async with Client(server.url, Secret(server.key)) as client:
            results = {number: await client.classify_result(PROJECT_ID, number) for number in range(1, 6)}
            with pytest.raises(ApiError, match="No model testing results found"):
                await client.classify_result(PROJECT_ID, 6)
            with pytest.raises(ApiError, match="No impulse"):
                await client.classify_result(PROJECT_ID, 99)
            job = await client.start_classify_job(PROJECT_ID, 1)
            assert not (await client.job_status(PROJECT_ID, job)).finished
            now[0] += TESTING_JOB_S
            assert (await client.job_status(PROJECT_ID, job)).successful
    blocks = {block.id: block for found in results.values() for block in found.blocks}
    assert {number: len(block.windows) for number, block in blocks.items()} == dict.fromkeys(
        (3, 4, 13, 23, 33, 34, 43), 30
    )
    assert {window.outcome for number in (4, 13, 23) for window in blocks[number].windows} == {"anomaly", "no anomaly"}
    assert {window.outcome for window in blocks[3].windows} == {""}
    assert all(window.scores for number in (3, 4, 13, 23, 43) for window in blocks[number].windows)
    assert all(len(window.grid) == 5 for window in blocks[23].windows)
    assert any(window.boxes and window.sample.boxes for window in blocks[33].windows)
    assert (blocks[33].last_layer, blocks[34].last_layer) == ("fomo", "paddleocr-detector")
    assert sum(found.left_out for found in results.values()) == 0


async def test_hostile_words_stay_apart_and_clean() -> None:
    with DemoServer(Options("hostile", windows=30)) as server:
        async with Client(server.url, Secret(server.key)) as client:
            found = await client.classify_result(PROJECT_ID, 1)
    assert "\x1b" not in str(found)
    assert len(found.blocks[0].windows) == 30
    assert all(len(window.scores) == 4 for window in found.blocks[0].windows)
    labels = {window.label for window in found.blocks[0].windows}
    assert len(labels & set(found.blocks[0].windows[0].scores)) >= 3
    assert all(set(window.scores) == {"anomaly"} for window in found.blocks[1].windows)
