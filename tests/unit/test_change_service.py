"""What goes over HTTP when thresholds are changed. The key and all values are synthetic."""

import json
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from changing import IMPULSE, PROJECT, an_edit

from eitui.api.client import Client
from eitui.api.errors import ApiError, BadAnswer, Rejected, Unreachable
from eitui.change.errors import NoSuchThreshold
from eitui.change.judge import outcome_of
from eitui.change.protocol import Accepted
from eitui.change.service import ApiService
from eitui.config import Secret
from eitui.domain.edit import Outcome
from eitui.domain.job import Job
from eitui.domain.threshold import Change, Threshold, ThresholdRef

KEY = "ei_synthetic_key_0123456789abcdef"
HALF = "half \ud83d"
IMPULSES = {
    "success": True,
    "impulses": [
        {"impulse": None},
        {
            "impulse": {"id": IMPULSE, "learnBlocks": [{"id": 3}, {"id": 4}]},
            "learnBlockKerasConfigs": [
                {"blockId": 3, "config": {"thresholds": [{"key": "min_score", "value": 0.1 + 0.2}]}}
            ],
            "learnBlockAnomalyConfigs": [{"blockId": 4, "config": {"thresholds": [{"key": HALF, "value": "a\u001b"}]}}],
        },
    ],
}


class Wire:
    """Answers with what it is told to, and keeps the requests."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.answer: Callable[[httpx.Request], httpx.Response] = lambda _: httpx.Response(500)

    def say(self, answer: object, status: int = 200) -> None:
        content = json.dumps(answer).encode()  # unlike httpx, it can write half a surrogate pair
        self.answer = lambda _: httpx.Response(status, content=content)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.answer(request)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
async def service(wire: Wire) -> AsyncIterator[ApiService]:
    async with Client("https://x.example.test", Secret(KEY), transport=httpx.MockTransport(wire)) as client:
        yield ApiService(client, PROJECT)


async def test_the_thresholds_of_one_impulse_are_read(service: ApiService, wire: Wire) -> None:
    wire.say(IMPULSES)
    assert await service.thresholds(IMPULSE) == (
        Threshold(ThresholdRef(IMPULSE, 3, "min_score"), value=0.1 + 0.2),
        Threshold(ThresholdRef(IMPULSE, 4, HALF), value="a\x1b"),
    )
    with pytest.raises(NoSuchThreshold, match="no impulse 9"):
        await service.thresholds(9)
    assert [impulse.id for impulse in (await service.impulses()).impulses if impulse.id] == [IMPULSE]


async def test_a_change_is_one_request_with_every_digit_and_character(service: ApiService, wire: Wire) -> None:
    wire.say({"success": True, "regenerateModelTestingStatus": "started_job", "regenerateModelTestingResultsJobId": 8})
    changes = [
        Change(ThresholdRef(IMPULSE, 3, "min_score"), 0.6, 0.1 + 0.2),
        Change(ThresholdRef(IMPULSE, 3, "count"), 1, 10**20),
        Change(ThresholdRef(IMPULSE, 4, HALF), "a", "b\x1b\ud83d"),
    ]
    assert await service.set_once(an_edit(changes, regenerate=True)) == Accepted("started_job", 8)
    (request,) = wire.requests
    assert (request.method, request.url.path) == ("POST", f"/v1/api/{PROJECT}/impulse/{IMPULSE}/set-thresholds")
    assert b"0.30000000000000004" in request.content
    assert json.loads(request.content) == {
        "thresholds": [
            {"blockId": 3, "key": "min_score", "value": 0.1 + 0.2},
            {"blockId": 3, "key": "count", "value": 10**20},
            {"blockId": 4, "key": HALF, "value": "b\x1b\ud83d"},
        ],
        "allowCreatingRegenerateModelTestingJobs": True,
    }


@pytest.mark.parametrize(
    ("answer", "status", "error", "outcome"),
    [
        ({"success": False, "error": "A job is running"}, 200, Rejected, Outcome.REFUSED),
        ({"success": False, "error": "No"}, 403, Rejected, Outcome.REFUSED),
        ({"success": True}, 500, Rejected, Outcome.UNKNOWN),
        ({}, 502, Unreachable, Outcome.UNKNOWN),
        ({}, 200, BadAnswer, Outcome.UNKNOWN),
        ({"success": "yes"}, 200, BadAnswer, Outcome.UNKNOWN),
        ([], 200, BadAnswer, Outcome.UNKNOWN),
    ],
)
async def test_an_answer_that_does_not_say_yes_is_none(
    service: ApiService, wire: Wire, answer: object, status: int, error: type[ApiError], outcome: Outcome
) -> None:
    wire.say(answer, status)
    with pytest.raises(error) as raised:
        await service.set_once(an_edit())
    assert outcome_of(raised.value) is outcome
    assert len(wire.requests) == 1


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        (httpx.ConnectError("refused"), Outcome.NOT_SENT),
        (httpx.ConnectTimeout("slow"), Outcome.NOT_SENT),
        (httpx.ReadError("broke"), Outcome.UNKNOWN),
        (httpx.WriteError("broke"), Outcome.UNKNOWN),
        (httpx.ReadTimeout("slow"), Outcome.UNKNOWN),
        (httpx.RemoteProtocolError("closed"), Outcome.UNKNOWN),
    ],
)
async def test_only_a_connection_that_was_never_made_sent_nothing(
    service: ApiService, wire: Wire, failure: Exception, outcome: Outcome
) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise failure

    wire.answer = fail
    with pytest.raises(Unreachable) as raised:
        await service.set_once(an_edit())
    assert outcome_of(raised.value) is outcome


@pytest.mark.parametrize(
    ("said", "job"),
    [
        ({}, Job(8)),
        ({"started": "2026-01-15T09:30:00Z"}, Job(8)),
        ({"finished": "2026-01-15T09:30:00Z", "finishedSuccessful": False}, Job(8, finished=True, successful=False)),
        ({"finished": "soon"}, Job(8, finished=True)),
        ({"finishedSuccessful": True}, Job(8, finished=True, successful=True)),
    ],
)
async def test_how_it_stands_with_a_job(service: ApiService, wire: Wire, said: object, job: Job) -> None:
    wire.say({"success": True, "job": said})
    assert await service.job(8) == job


async def test_a_test_is_started_once(service: ApiService, wire: Wire) -> None:
    wire.say({"success": True, "id": 8})
    assert await service.test_again(IMPULSE) == 8
    assert [request.method for request in wire.requests] == ["POST"]
    wire.say({"success": True})
    with pytest.raises(BadAnswer):
        await service.test_again(IMPULSE)
