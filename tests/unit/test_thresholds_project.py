"""What is asked of a project over HTTP, and what goes out when its thresholds are changed. All values are synthetic."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from changing import HOST, IMPULSE, PROJECT, Clock
from httpx import ConnectError, Response

from eitui.api.client import Client
from eitui.api.errors import ApiError, BadAnswer, Rejected
from eitui.config import Secret
from eitui.domain.action import ActionKind
from eitui.domain.anomaly import Component
from eitui.domain.edit import Outcome
from eitui.domain.log import Job
from eitui.domain.run import KeyInfo
from eitui.domain.scores import AnomalyScores, NoScores
from eitui.domain.threshold import Change, OtherValue, Threshold, ThresholdRef
from eitui.errors import Code
from eitui.feed.live import CAP
from eitui.thresholds import messages
from eitui.thresholds.errors import NoSuchThreshold, ReadOnly
from eitui.thresholds.journal import Journal
from eitui.thresholds.project import LONGEST_S, Followed, ProjectClient
from eitui.thresholds.send import Owner, Result
from eitui.view.threshold.plain import differing

KEY = "ei_synthetic_key_0123456789abcdef"
HALF = "half \ud83d"
SCORE, COUNT = ThresholdRef(IMPULSE, 3, "min_score"), ThresholdRef(IMPULSE, 3, "count")
TEXT, FLAG = ThresholdRef(IMPULSE, 4, HALF), ThresholdRef(IMPULSE, 4, "flag")
ONE = (Change(SCORE, 0.6, 0.7),)
IMPULSES = {
    "success": True,
    "impulses": [
        {"impulse": None},
        {
            "impulse": {"id": IMPULSE, "learnBlocks": [{"id": 3}, {"id": 4}]},
            "learnBlockKerasConfigs": [
                {
                    "blockId": 3,
                    "config": {"thresholds": [{"key": "min_score", "value": 0.6}, {"key": "count", "value": 1}]},
                }
            ],
            "learnBlockAnomalyConfigs": [
                {
                    "blockId": 4,
                    "config": {
                        "thresholds": [{"key": HALF, "value": "a\u001b"}, {"key": "flag", "value": [True, "ä"]}]
                    },
                }
            ],
        },
    ],
}


class Wire:
    """Answers with what it is told to, and keeps the requests."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.answer: Callable[[httpx.Request], httpx.Response] = lambda _: httpx.Response(500)
        self.written: Callable[[httpx.Request], httpx.Response] = lambda _: httpx.Response(500)

    def say(self, answer: object) -> None:
        self.answer = lambda _: response_of(answer)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.written(request) if request.method == "POST" else self.answer(request)

    @property
    def posts(self) -> list[httpx.Request]:
        return [request for request in self.requests if request.method == "POST"]


def response_of(answer: object, status: int = 200) -> httpx.Response:
    # Unlike httpx, this can write half a surrogate pair.
    return httpx.Response(status, content=json.dumps(answer).encode())


@pytest.fixture
def wire() -> Wire:
    wire = Wire()
    wire.say(IMPULSES)
    return wire


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def journal_clock() -> Clock:
    return Clock()


@pytest.fixture
def project(wire: Wire, slept: list[float], tmp_path: Path, journal_clock: Clock) -> ProjectClient:
    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    client = Client(f"https://{HOST}", Secret(KEY), transport=httpx.MockTransport(wire))
    owner = Owner(HOST, PROJECT, "ada@box")
    journal = Journal(tmp_path / "changes.db", journal_clock.now, journal_clock.mono)
    return ProjectClient(client, journal, owner, sleep=sleep, chance=lambda: 0.0)


async def send(project: ProjectClient, *changes: Change, regenerate: bool = False) -> Result:
    edit = project.sender.edit(IMPULSE, "Keywords (synthetic)", changes or ONE, regenerate=regenerate)
    return await project.sender.send(edit)


async def test_a_fresher_value_of_an_anomaly_block_is_told_with_where_it_is_from(
    wire: Wire, project: ProjectClient
) -> None:
    def thresholds(value: object) -> dict[str, Any]:
        return {"thresholds": [{"key": "min_anomaly_score", "value": value}]}

    blocks = [{"blockId": 4, "config": thresholds(0.3), "metadata": thresholds(0.3)}]
    impulses = {
        "success": True,
        "impulses": [
            {
                "impulse": {"id": IMPULSE, "learnBlocks": [{"id": 4, "type": "anomaly"}]},
                "learnBlockAnomalyConfigs": blocks,
            }
        ],
    }
    answers: dict[str, Any] = {"config": thresholds(0.77), "metadata": thresholds(0.3)}
    wire.answer = lambda request: response_of(
        {"success": True, **answers["metadata" if request.url.path.endswith("/metadata") else "config"]}
        if "/anomaly/" in request.url.path
        else impulses
    )

    async def told() -> tuple[Any, list[tuple[str, Any]], str]:
        impulse = (await project.impulses()).impulse(IMPULSE)
        assert impulse is not None
        (threshold,) = (await project.with_anomalies(impulse)).thresholds
        return threshold.value, [(one.place, one.value) for one in threshold.others], differing(threshold)

    # What is changed and read back is the value of `impulses-detailed`.
    value, others, shown = await told()
    assert (value, others) == (0.3, [("metadata", 0.3), ("anomaly config", 0.77)])
    assert shown == "The service has several values: config 0.3, metadata 0.3, anomaly config 0.77."
    answers["config"] = thresholds(True)
    assert (await told())[1][-1] == ("anomaly config", OtherValue("true"))
    answers["config"] = thresholds(0.3)
    assert (await told())[1:] == ([("metadata", 0.3)], "")
    wire.answer = lambda request: response_of({}, 500) if "/anomaly/" in request.url.path else response_of(impulses)
    assert (await told())[0] == 0.3


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"success": True, "apiKeyId": 1, "projectId": PROJECT, "role": "readonly"}, KeyInfo("readonly", PROJECT)),
        ({"success": True, "projectId": "x", "role": None}, KeyInfo()),
        ({"success": True, "role": "new"}, KeyInfo("new")),
    ],
)
async def test_the_role_of_the_key(wire: Wire, project: ProjectClient, answer: object, found: KeyInfo) -> None:
    wire.say(answer)
    assert await project.key_info() == found
    assert wire.requests[-1].url.path.endswith("/v1/api/projects/api-key-info")


async def test_the_thresholds_of_one_impulse_are_read(project: ProjectClient) -> None:
    assert await project.thresholds(IMPULSE) == (
        Threshold(SCORE, value=0.6),
        Threshold(COUNT, value=1),
        Threshold(TEXT, value="a\x1b"),
        Threshold(FLAG, value=OtherValue('[true, "ä"]')),
    )
    with pytest.raises(NoSuchThreshold, match="no impulse 9"):
        await project.thresholds(9)
    assert [impulse.id for impulse in (await project.impulses()).impulses if impulse.id] == [IMPULSE]


async def test_a_change_is_one_request_with_every_digit_and_character(project: ProjectClient, wire: Wire) -> None:
    answer = {"success": True, "regenerateModelTestingStatus": "started_job", "regenerateModelTestingResultsJobId": 8}
    wire.written = lambda _: response_of(answer)
    changes = [Change(SCORE, 0.6, 0.1 + 0.2), Change(COUNT, 1, 10**20), Change(TEXT, "a\x1b", "b\x1b\ud83d")]
    report = (await send(project, *changes, regenerate=True)).entry.report
    assert (report.outcome, report.regenerate_status, report.job_id) == (Outcome.APPLIED, "started_job", 8)
    (request,) = wire.posts
    assert request.url.path == f"/v1/api/{PROJECT}/impulse/{IMPULSE}/set-thresholds"
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
    ("answer", "status", "outcome", "code"),
    [
        ({"success": False, "error": "A job is running"}, 200, Outcome.REFUSED, Code.SERVICE),
        ({"success": False, "error": "No"}, 401, Outcome.REFUSED, Code.KEY_REFUSED),
        ({"success": False, "error": "No"}, 403, Outcome.REFUSED, Code.KEY_REFUSED),
        ({"success": False, "error": "The API key"}, 404, Outcome.REFUSED, Code.SERVICE),
        ({"success": True}, 500, Outcome.UNKNOWN, Code.SERVICE),
        ({}, 502, Outcome.UNKNOWN, Code.SERVICE),
        ({}, 200, Outcome.UNKNOWN, Code.SERVICE),
        ({"success": "yes"}, 200, Outcome.UNKNOWN, Code.SERVICE),
        ([], 200, Outcome.UNKNOWN, Code.SERVICE),
    ],
)
async def test_an_answer_that_does_not_say_yes_is_none(
    project: ProjectClient, wire: Wire, answer: object, status: int, outcome: Outcome, code: Code
) -> None:
    wire.written = lambda _: response_of(answer, status)
    result = await send(project)
    assert (result.entry.outcome, result.code) == (outcome, code)
    assert len(wire.posts) == 1


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
    project: ProjectClient, wire: Wire, failure: Exception, outcome: Outcome
) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise failure

    wire.written = fail
    assert (await send(project)).entry.outcome is outcome


async def test_a_test_is_started_once(project: ProjectClient, wire: Wire) -> None:
    wire.written = lambda _: response_of({"success": True, "id": 8})
    done = await project.actor.send(project.actor.action(ActionKind.TEST, IMPULSE))
    assert (done.entry.outcome, done.entry.report.job_id) == (Outcome.APPLIED, 8)
    assert len(wire.posts) == 1
    wire.written = lambda _: response_of({"success": True})
    done = await project.actor.send(project.actor.action(ActionKind.TEST, IMPULSE))
    assert done.entry.outcome is Outcome.UNKNOWN


async def test_nothing_is_started_where_changes_are_turned_off(wire: Wire, tmp_path: Path) -> None:
    client = Client(f"https://{HOST}", Secret(KEY), transport=httpx.MockTransport(wire))
    owner = Owner(HOST, PROJECT, "ada@box", read_only="flag --read-only")
    project = ProjectClient(client, Journal(tmp_path / "changes.db"), owner)
    with pytest.raises(ReadOnly, match="Changes are turned off"):
        await project.actor.send(project.actor.action(ActionKind.TEST, IMPULSE))
    assert wire.posts == []


# Jobs

RUNNING: dict[str, object] = {}
DONE = {"finished": "2026-01-15T09:30:00Z", "finishedSuccessful": True}
LOST = httpx.ConnectError("network is unreachable")


@pytest.mark.parametrize(
    ("answer", "job"),
    [
        ({}, Job(8)),
        ({"started": "2026-01-15T09:30:00Z"}, Job(8)),
        ({"finished": "2026-01-15T09:30:00Z", "finishedSuccessful": False}, Job(8, finished=True, successful=False)),
        ({"finished": "soon"}, Job(8, finished=True)),
        ({"finishedSuccessful": True}, Job(8, finished=True, successful=True)),
    ],
)
async def test_how_it_stands_with_a_job(project: ProjectClient, wire: Wire, answer: object, job: Job) -> None:
    wire.say({"success": True, "job": answer})
    assert await project.job(8) == job


async def follow(project: ProjectClient, wire: Wire, *answers: Any) -> list[Followed]:
    """Return what following a job yields: an answer is a job, a response, or an error."""
    left: Iterator[Any] = iter(answers)

    def answer(_: httpx.Request) -> httpx.Response:
        found = next(left)
        if isinstance(found, Exception):
            raise found
        return response_of({"success": True, "job": found}) if isinstance(found, dict) else found

    wire.answer = answer
    return [followed async for followed in project.follow_job(7)]


async def test_a_job_is_followed_to_its_end(project: ProjectClient, wire: Wire, slept: list[float]) -> None:
    seen = await follow(project, wire, RUNNING, RUNNING, DONE)
    assert [(followed.job, followed.over) for followed in seen] == [
        (Job(7), False), (Job(7), False), (Job(7, finished=True, successful=True), True),
    ]  # fmt: skip
    assert len(slept) == 2
    assert [messages.job(followed) for followed in seen] == ["Job 7 is running."] * 2 + ["Job 7 is finished."]


async def test_a_job_is_asked_for_less_and_less_often_up_to_a_limit(
    project: ProjectClient, wire: Wire, slept: list[float]
) -> None:
    await follow(project, wire, *[RUNNING] * 20, DONE)
    assert slept == sorted(slept)
    assert (slept[0], slept[-1]) == (1, LONGEST_S)


async def test_an_outage_is_said_and_survived(project: ProjectClient, wire: Wire, slept: list[float]) -> None:
    later = httpx.Response(429, headers={"Retry-After": "500"})
    seen = await follow(project, wire, RUNNING, *[LOST] * 12, httpx.Response(200, content=b"<html>"), later, DONE)
    assert seen[1].job == Job(7)
    assert messages.job(seen[1]).startswith("Job 7 could not be asked for: studio.example.test cannot be reached")
    assert messages.job(seen[1]).endswith("Asking again.")
    assert [followed.over for followed in seen] == [False] * 15 + [True]
    assert slept[1:4] == [1.5, 3.0, 6.0]
    assert slept[12] == CAP
    assert slept[14] == 500.0
    assert seen[-1].problem is None


@pytest.mark.parametrize(
    "refusal", [response_of({"success": False, "error": "No job with this ID"}), response_of({}, 401)]
)
async def test_a_refusal_ends_it(
    project: ProjectClient, wire: Wire, slept: list[float], refusal: httpx.Response
) -> None:
    (followed,) = await follow(project, wire, refusal)
    assert followed.over
    assert slept == []
    assert followed.problem is not None
    assert followed.problem.what in messages.job(followed)
    assert "It goes on all the same" in messages.job(followed)


async def test_a_failure_of_the_service_does_not_end_it(project: ProjectClient, wire: Wire) -> None:
    assert [followed.over for followed in await follow(project, wire, httpx.Response(500), DONE)] == [False, True]


async def test_how_a_job_ended_is_said(project: ProjectClient, wire: Wire) -> None:
    failed = {"finished": "2026-01-15T09:30:00Z", "finishedSuccessful": False}
    for answer, text in ((failed, "Job 7 failed"), ({"finished": "soon"}, "does not say whether it succeeded")):
        (followed,) = await follow(project, wire, answer)
        assert text in messages.job(followed)


# Anomaly blocks

NOTHING = {"success": False, "error": "No model testing results found, run 'startClassifyJob' first"}
CLASSIFIED = {
    "success": True,
    "result": [
        {
            "sampleId": 1,
            "classifications": [
                {
                    "learnBlock": {"id": 4, "type": "anomaly"},
                    "result": [{"anomaly": 1}, {"anomaly": 2}],
                    "expectedLabels": [{"label": "worn bearing"}, {"label": "healthy"}],
                }
            ],
        }
    ],
}


async def test_a_test_that_was_never_run_is_no_error(project: ProjectClient, wire: Wire) -> None:
    wire.say(NOTHING)
    assert await project.scores(1, 4) == NoScores("Not tested yet", untested=True)
    wire.say({"success": False, "error": "No impulse with this ID"})
    with pytest.raises(Rejected, match="No impulse"):
        await project.scores(1, 4)


async def test_the_project_tells_which_labels_are_anomalies(project: ProjectClient, wire: Wire) -> None:
    config = {"success": True, "anomalyLabelsConfig": {"anomalyLabels": ["worn bearing"], "noAnomalyLabels": []}}
    wire.answer = lambda request: response_of(CLASSIFIED if "classify" in request.url.path else config)
    scores = await project.scores(1, 4)
    assert isinstance(scores, AnomalyScores)
    assert (scores.expected, scores.note) == ([True, None], "")
    assert wire.requests[-1].url.path == f"/v1/api/{PROJECT}"


async def test_a_project_that_does_not_tell_leaves_the_truth_unknown(project: ProjectClient, wire: Wire) -> None:
    wire.answer = lambda request: (
        response_of(CLASSIFIED) if "classify" in request.url.path else httpx.Response(503, content=b"")
    )
    scores = await project.scores(1, 4)
    assert isinstance(scores, AnomalyScores)
    assert scores.expected == [None, None]
    assert "could not be read from the project: The service is busy" in scores.note


REFUSED = response_of({"success": False, "error": "No trained model"})
CONFIG = {"success": True, "axes": [{"ix": 0, "label": "x"}], "selectedAxes": [], "trained": True}
METADATA = {"success": True, "axes": [0], "hasTrainedModel": True, "clusters": []}
GAUSSIANS = {"success": True, "means": [[1]], "covariances": [[[4]]], "weights": [1]}


class AnomalyWire:
    """What is answered about an anomaly block, by the end of the address; an error is raised."""

    def __init__(self, wire: Wire) -> None:
        self.answers: dict[str, Any] = {"config": CONFIG, "metadata": METADATA, "gmm/metadata": GAUSSIANS}
        wire.answer = self._answer
        self.asked: list[str] = []

    def _answer(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.partition("/training/anomaly/4")[2].removeprefix("/") or "config"
        self.asked.append(name)
        found = self.answers[name]
        if isinstance(found, Exception):
            raise found
        return response_of(found) if isinstance(found, dict) else found


async def test_each_answer_about_an_anomaly_block_is_what_it_says_and_nothing_else(
    project: ProjectClient, wire: Wire
) -> None:
    told = AnomalyWire(wire)
    config, metadata, mixture = await project.anomaly(1, 4, "anomaly-gmm")
    assert told.asked == ["config", "metadata", "gmm/metadata"]
    assert [one.name for one in (config, metadata, mixture)] == told.asked
    assert [one.problem for one in (config, metadata, mixture)] == [""] * 3
    assert (config.block.has_config, config.block.has_metadata, config.block.axes[0].label) == (True, False, "x")
    assert (metadata.block.has_config, metadata.block.has_metadata, metadata.block.trained) == (False, True, True)
    assert mixture.block.components == (Component(1.0, (1.0,), (2.0,)),)


@pytest.mark.parametrize(("kind", "trained", "asked"), [
    ("anomaly", True, ["config", "metadata"]),
    ("", None, ["config", "metadata"]),
    ("anomaly-gmm", False, ["config"]),
])  # fmt: skip
async def test_what_cannot_be_there_is_not_asked_for(
    project: ProjectClient, wire: Wire, kind: str, trained: bool | None, asked: list[str]
) -> None:
    told = AnomalyWire(wire)
    told.answers["config"] = {**CONFIG, "trained": trained}
    await project.anomaly(1, 4, kind)
    assert told.asked == asked


@pytest.mark.parametrize("refusal", [REFUSED, httpx.Response(404)], ids=["success:false", "404"])
async def test_that_there_is_nothing_is_trouble_only_of_a_block_that_is_trained(
    project: ProjectClient, wire: Wire, refusal: Response
) -> None:
    told = AnomalyWire(wire)
    told.answers |= {"metadata": refusal, "gmm/metadata": refusal}
    _, metadata, mixture = await project.anomaly(1, 4, "anomaly-gmm")
    assert (metadata.block, mixture.block, mixture.problem) == (None, None, "")
    assert metadata.problem
    told.answers["config"] = {**CONFIG, "trained": None}
    _, metadata, _ = await project.anomaly(1, 4, "anomaly-gmm")
    assert (metadata.block, metadata.problem) == (None, "")


@pytest.mark.parametrize(
    "failure",
    [*map(httpx.Response, (500, 400, 503)), httpx.Response(200, content=b"[]"), LOST],
    ids=["500", "400", "503", "shape", "lost"],
)
async def test_an_answer_that_fails_keeps_what_was_known_and_its_age(
    project: ProjectClient, wire: Wire, journal_clock: Any, failure: ConnectError | Response
) -> None:
    told = AnomalyWire(wire)
    first = await project.anomaly(1, 4, "anomaly")
    told.answers |= {"config": {**CONFIG, "name": "newer"}, "metadata": failure}
    journal_clock.elapsed += 300
    config, metadata = await project.anomaly(1, 4, "anomaly")
    assert (config.block.name, config.age_s, config.problem) == ("newer", 0.0, "")
    assert (metadata.block, metadata.age_s) == (first[1].block, 300.0)
    assert metadata.problem
    told.answers["config"] = failure
    with pytest.raises(ApiError):
        await project.anomaly(1, 4, "anomaly")


@pytest.mark.parametrize("failure", [httpx.Response(500), httpx.Response(404), REFUSED])
async def test_of_the_training_alone_the_set_up_may_be_missing(
    project: ProjectClient, wire: Wire, failure: Response
) -> None:
    told = AnomalyWire(wire)
    told.answers["config"] = failure
    config, metadata = await project.anomaly(1, 4, "anomaly")
    assert (config.block, bool(config.problem)) == (None, True)
    assert metadata.block.has_metadata


@pytest.mark.parametrize("failure", [LOST, httpx.Response(429), httpx.Response(401)], ids=["lost", "429", "401"])
async def test_a_service_that_cannot_be_asked_is_not_asked_for_the_rest(
    project: ProjectClient, wire: Wire, failure: ConnectError | Response
) -> None:
    told = AnomalyWire(wire)
    told.answers["config"] = failure
    with pytest.raises(ApiError):
        await project.anomaly(1, 4, "anomaly-gmm")
    assert told.asked == ["config"]


@pytest.mark.parametrize("error", [RecursionError(), KeyError("x"), MemoryError()])
async def test_what_nobody_foresaw_is_an_answer_that_cannot_be_read(
    project: ProjectClient, wire: Wire, error: Exception
) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise error

    wire.answer = wire.written = fail
    for question in (
        project.impulses(),
        project.anomaly(1, 4),
        project.scores(1, 4),
        project.thresholds(1),
        project.job(1),
        project.run(),
        project.limits(),
    ):
        with pytest.raises(BadAnswer, match="unexpected") as raised:
            await question
        assert raised.value.may_have_acted
