"""Every answer of the look-alike against the structure of the public API document, read literally."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pytest
from jsonschema import Draft7Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from eitui.demo.options import SCENARIOS, Options
from eitui.demo.service import PROJECT_ID, TESTING_JOB_S, Service, SimulatedAnswer

KEY = "ei_demo_0123456789abcdef"
SCHEMAS = json.loads((Path(__file__).parent / "edge_impulse_schemas.json").read_text())

EXCEPTIONS = (
    # A diverged network's figures are not a number, and the service's encoder writes NaN as null.
    (r"trials/\d+/progress/(loss|val_loss)", "None is not of type 'number'"),
    (r"trials/\d+/metrics/(validation|test|train)/(int8|float32)/loss", "None is not of type 'number'"),
    # The document says integer, but the metrics that are sorted by are often fractions.
    (r"impulses/\d+/metrics/\d+/valueForSorting", r"0\.\d+ is not of type 'integer'"),
)
"""(path, message) where real answers are known to differ from the document: nothing else may."""

formats = FormatChecker(formats=())


@formats.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    # Some of the service's fields are naive: the format is read as ISO 8601, the offset not required.
    return not isinstance(value, str) or bool(datetime.fromisoformat(value))


@cache
def validator(schema: str) -> Draft7Validator:
    return Draft7Validator({"$ref": f"#/$defs/{schema}", "$defs": SCHEMAS["$defs"]}, format_checker=formats)


def differences(schema: str, answer: SimulatedAnswer) -> Iterator[tuple[str, ValidationError]]:
    for error in validator(schema).iter_errors(json.loads(answer.body)):
        yield "/".join(map(str, error.absolute_path)), error


def is_excepted(path: str, message: str) -> bool:
    return any(re.fullmatch(place, path) and re.fullmatch(text, message) for place, text in EXCEPTIONS)


class Clock:
    now = 1_760_000_000.0

    def __call__(self) -> float:
        return self.now


def run_of(service: Service) -> int | None:
    """Return the coordinator job of the service's run; None where it never had one."""
    job: int | None = json.loads(ask(service, "optimize/state").body).get("tunerCoordinatorJobId")
    return job


def ask(service: Service, path: str, body: bytes | None = None) -> SimulatedAnswer:
    target = f"/v1/api/{path}" if path.startswith("projects") else f"/v1/api/{PROJECT_ID}/{path}"
    return service.answer("GET" if body is None else "POST", target, KEY, body or b"")


def all_answers(service: Service, clock: Clock) -> Iterator[tuple[str, SimulatedAnswer]]:
    """Every endpoint at the start, in the middle and after the end of the run."""
    yield "ListProjectsResponse", ask(service, "projects")
    yield "GetCurrentApiKeyInfoResponse", ask(service, "projects/api-key-info")
    yield "GetAllDetailedImpulsesResponse", ask(service, "impulses-detailed")
    for plan in service.plans:
        for learn in (learn for learn in plan.learns if learn.anomaly):
            yield "AnomalyConfigResponse", ask(service, f"training/anomaly/{learn.id}")
            # Of a GMM without a model there is an answer that says so, of K-means a refusal.
            described = learn.trained or learn.type == "anomaly-gmm"
            schema = "AnomalyModelMetadataResponse" if described else "GenericApiResponse"
            yield schema, ask(service, f"training/anomaly/{learn.id}/metadata")
        for learn in plan.learns:
            change = {"blockId": learn.id, "key": learn.thresholds[0].key, "value": 0.5}
            body = {"thresholds": [change], "allowCreatingRegenerateModelTestingJobs": True}
            validator("SetImpulseThresholdsRequest").validate(body)
            clock.now += TESTING_JOB_S
            yield "SetImpulseThresholdsResponse", ask(service, f"impulse/{plan.id}/set-thresholds", _json(body))
    begin = clock.now
    for later in (0.0, 100.0, 300.0, 5_000.0):
        clock.now = begin + later
        yield "OptimizeStateResponse", ask(service, "optimize/state")
        yield "ListTunerRunsResponse", ask(service, "optimize/runs")
        yield "GetJobResponse", ask(service, "jobs/8200001/status")
    if (job := run_of(service)) is not None:
        yield "OptimizeStateResponse", ask(service, f"optimize/{job}/state")


def all_test_results(service: Service, clock: Clock) -> Iterator[tuple[str, SimulatedAnswer]]:
    """Results of testing each impulse: as they are, after its thresholds changed, and after it was tested again."""
    yield "LastModificationDateResponse", ask(service, "last-modification")
    yield "AnomalyGmmMetadataResponse", ask(service, "training/anomaly/13/gmm/metadata")
    validator("StartClassifyJobRequest").validate({"skipFeatureGeneration": True})
    for plan in service.plans:
        path = f"classify/all/result?impulseId={plan.id}"
        # Where nothing was tested the service refuses, against the document.
        results = "ClassifyJobResponse" if plan.complete else "GenericApiResponse"
        for more in ("", "&variant=float32", "&featureExplorerOnly=true", "&variant=akida"):
            yield results, ask(service, path + more)
        for learn in plan.learns:
            change = {"blockId": learn.id, "key": learn.thresholds[0].key, "value": 0.7}
            body = {"thresholds": [change], "allowCreatingRegenerateModelTestingJobs": False}
            ask(service, f"impulse/{plan.id}/set-thresholds", _json(body))
        yield results, ask(service, path)
        if plan.complete:
            started = ask(service, f"jobs/classify?impulseId={plan.id}", b"{}")
            yield "StartJobResponse", started
            job = json.loads(started.body)["id"]
            for later in (0.0, TESTING_JOB_S / 2, TESTING_JOB_S):
                clock.now += later
                yield "GetJobResponse", ask(service, f"jobs/{job}/status")
                yield "LogStdoutResponse", ask(service, f"jobs/{job}/stdout")
            yield "ClassifyJobResponse", ask(service, path)


@pytest.mark.parametrize("scenario", ["default", "hostile"])
def test_the_answers_about_model_testing_have_the_documents_shape(scenario: str) -> None:
    clock = Clock()
    service = Service(Options(scenario, windows=9), KEY, clock)
    answers = list(all_test_results(service, clock))
    assert {schema for schema, _ in answers} >= {"ClassifyJobResponse", "StartJobResponse", "GetJobResponse"}
    wrong = [
        (schema, path, error.message[:200])
        for schema, answer in answers
        for path, error in differences(schema, answer)
        if scenario != "hostile" or error.validator not in ("enum", "format")
    ]
    assert wrong == []


def all_of_actions(service: Service, clock: Clock) -> Iterator[tuple[str, SimulatedAnswer]]:
    """A trial added, a search extended and the run cancelled, and what there is to be seen of each."""
    clock.now += 5_000.0
    first = run_of(service)
    trial = next(one for one in json.loads(ask(service, "optimize/state").body)["trials"] if "learnJobId" in one)
    yield "GetJobResponse", ask(service, f"jobs/{trial['learnJobId']}/status")
    added = ask(service, f"jobs/set-tuner-primary-job?trialId={quote(trial['id'], errors='surrogatepass')}", b"{}")
    refused = json.loads(added.body)["success"] is False
    yield "GenericApiResponse" if refused else "StartJobResponse", added
    clock.now += TESTING_JOB_S
    yield "GetAllDetailedImpulsesResponse", ask(service, "impulses-detailed")
    yield "StartJobResponse", ask(service, f"jobs/optimize?extendedFromJobId={first}", b"{}")
    clock.now += 60.0
    for _ in range(2):
        yield "OptimizeStateResponse", ask(service, "optimize/state")
        yield "ListTunerRunsResponse", ask(service, "optimize/runs")
        yield "GetJobResponse", ask(service, f"jobs/{run_of(service)}/status")
        yield "LogStdoutResponse", ask(service, f"jobs/{run_of(service)}/stdout")
        yield "GenericApiResponse", ask(service, f"jobs/{run_of(service)}/cancel", b"{}")
    assert run_of(service) != first


@pytest.mark.parametrize("scenario", ["default", "detection"])
def test_the_answers_to_actions_have_the_documents_shape(scenario: str) -> None:
    service, clock = start(scenario)
    answers = list(all_of_actions(service, clock))
    wrong = [
        (schema, path, error.message)
        for schema, answer in answers
        for path, error in differences(schema, answer)
        if not is_excepted(path, error.message)
    ]
    assert wrong == []


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def start(scenario: str) -> tuple[Service, Clock]:
    clock = Clock()
    # A thousand trials would only take longer: their shape is the same.
    return Service(Options(scenario, trials=24 if scenario == "huge" else None), KEY, clock), clock


@pytest.mark.parametrize("scenario", sorted(set(SCENARIOS) - {"hostile"}))
def test_every_answer_has_the_documents_shape(scenario: str) -> None:
    service, clock = start(scenario)
    wrong = [
        (schema, path, error.message)
        for schema, answer in all_answers(service, clock)
        for path, error in differences(schema, answer)
        if not is_excepted(path, error.message)
    ]
    assert wrong == []


def test_hostile_answers_differ_in_words_only() -> None:
    service, clock = start("hostile")
    wrong = [
        (schema, path, error.message[:200])
        for schema, answer in all_answers(service, clock)
        for path, error in differences(schema, answer)
        if error.validator not in ("enum", "format") and not is_excepted(path, error.message)
    ]
    assert wrong == []


@pytest.mark.parametrize(("place", "text"), EXCEPTIONS)
def test_every_exception_is_needed(place: str, text: str) -> None:
    service, clock = start("default")
    found = (pair for schema, answer in all_answers(service, clock) for pair in differences(schema, answer))
    assert any(re.fullmatch(place, path) and re.fullmatch(text, error.message) for path, error in found)


def all_logs(service: Service) -> list[SimulatedAnswer]:
    trials = json.loads(ask(service, "optimize/state").body)["trials"]
    ids = [quote(trial["id"], safe="", errors="surrogatepass") for trial in trials]
    jobs = [ask(service, f"jobs/{service.run_id + job}/stdout") for job in (0, 1)]
    return [*jobs, *(ask(service, f"optimize/trial/{trial_id}/stdout") for trial_id in ids)]


@pytest.mark.parametrize("scenario", sorted(set(SCENARIOS) - {"empty"}))
@pytest.mark.parametrize("later", [0.0, 5_000.0])
def test_a_trials_log_has_the_documents_shape(scenario: str, later: float) -> None:
    service, clock = start(scenario)
    clock.now += later
    logs = all_logs(service)
    assert logs
    wrong = [error for log in logs for _, error in differences("LogStdoutResponse", log)]
    # A hostile service's words are not the document's: its levels and times are none.
    assert [
        error.message for error in wrong if scenario != "hostile" or error.validator not in ("enum", "format")
    ] == []


def test_a_trials_log_is_sent_newest_first_and_at_most_1000_entries() -> None:
    service, clock = start("failures")
    clock.now += 5_000.0
    for log in map(json.loads, (answer.body for answer in all_logs(service))):
        times = [datetime.fromisoformat(entry["created"]) for entry in log["stdout"]]
        assert times == sorted(times, reverse=True)
        assert len(times) == min(1_000, log["totalCount"])


def test_refusals_have_the_documents_shape() -> None:
    service, _ = start("default")
    refusals = [
        service.answer("GET", "/v1/api/projects", None),
        ask(service, "training/anomaly/3"),
        ask(service, "training/anomaly/64/metadata"),
        ask(service, "training/anomaly/4/gmm/metadata"),
        ask(service, "classify/all/result?impulseId=99"),
        ask(service, "jobs/classify?impulseId=6", b"{}"),
        ask(service, "jobs/1/stdout"),
        ask(service, "impulse/1/set-thresholds", b"no JSON"),
        ask(service, "no/such/path"),
    ]
    for refusal in refusals:
        assert list(differences("GenericApiResponse", refusal)) == []
        assert json.loads(refusal.body)["success"] is False
        assert json.loads(refusal.body)["error"]


def test_the_contradictory_required_fields_are_sent_beside_the_real_ones() -> None:
    service, _ = start("finished")
    for trial in json.loads(ask(service, "optimize/state").body)["trials"]:
        assert {"inputBlock", "dspBlock", "learnBlock", "inputBlocks", "dspBlocks", "learnBlocks"} <= set(
            trial["impulse"]
        )
        assert all(block["blockId"] == block["id"] for block in trial["blocks"])


def test_the_check_itself_finds_what_is_missing() -> None:
    service, _ = start("default")
    body = json.loads(ask(service, "optimize/state").body)
    del body["trials"][0]["impulse"]["dspBlock"]
    body["workers"][0]["status"] = "asleep"
    broken = SimulatedAnswer(200, "application/json", _json(body))
    assert sorted(path for path, _ in differences("OptimizeStateResponse", broken)) == [
        "trials/0/impulse",
        "workers/0/status",
    ]
