"""The look-alike's answers: who may ask, what is refused, and what is remembered."""

import json
from typing import Any

import pytest

from eitui.demo.catalogue import IMPULSES, SimulatedThreshold
from eitui.demo.options import Options
from eitui.demo.service import PROJECT_ID, TESTING_JOB_S, Service, SimulatedAnswer
from eitui.demo.thresholds import ThresholdStore

KEY = "ei_demo_0123456789abcdef"
BASE = f"/v1/api/{PROJECT_ID}"


class Clock:
    now = 1_760_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def service(clock: Clock) -> Service:
    return Service(Options(), KEY, clock)


def read(answer: SimulatedAnswer) -> Any:
    assert answer.content_type.startswith("application/json")
    return json.loads(answer.body)


def get(service: Service, path: str) -> Any:
    return read(service.answer("GET", f"{BASE}/{path}", KEY))


def set_threshold(service: Service, impulse: int, block: int, key: str, value: object, **more: Any) -> Any:
    body = {
        "thresholds": [{"blockId": block, "key": key, "value": value}],
        "allowCreatingRegenerateModelTestingJobs": True,
        **more,
    }
    return read(service.answer("POST", f"{BASE}/impulse/{impulse}/set-thresholds", KEY, json.dumps(body).encode()))


def thresholds_everywhere(service: Service, block: int, key: str) -> list[object]:
    """The value of a threshold in every place where an answer has it."""
    found: list[object] = []

    def look(value: Any, inside: bool) -> None:
        if isinstance(value, dict):
            here = inside or value.get("blockId") == block
            if here and value.get("key") == key:
                found.append(value["value"])
            for item in value.values():
                look(item, here)
        elif isinstance(value, list):
            for item in value:
                look(item, inside)

    look(get(service, "impulses-detailed"), inside=False)
    look(get(service, f"training/anomaly/{block}"), inside=True)
    look(get(service, f"training/anomaly/{block}/metadata"), inside=True)
    return found


@pytest.mark.parametrize("key", [None, "", "ei_wrong", KEY + "0", KEY[:-1], "ключ", "\udcff"])
@pytest.mark.parametrize("path", ["projects", f"{PROJECT_ID}/optimize/state", "1/optimize/state"])
def test_without_the_key_everything_is_refused(service: Service, path: str, key: str | None) -> None:
    answer = service.answer("GET", f"/v1/api/{path}", key)
    assert answer.status == 401
    assert read(answer)["success"] is False
    assert KEY.encode() not in answer.body
    assert not key or key.encode("utf-8", "replace") not in answer.body


def test_the_key_tells_its_project(service: Service) -> None:
    (project,) = read(service.answer("GET", "/v1/api/projects", KEY))["projects"]
    assert project["id"] == PROJECT_ID
    assert "synthetic" in project["name"]


def test_another_project_is_refused_in_plain_text(service: Service) -> None:
    answer = service.answer("GET", "/v1/api/1/optimize/state", KEY)
    assert (answer.status, answer.content_type.split(";")[0]) == (403, "text/plain")


@pytest.mark.parametrize("path", ["optimize", "optimize/states", "training/anomaly/x", "", "impulse/1"])
def test_an_unknown_path_is_not_found(service: Service, path: str) -> None:
    assert service.answer("GET", f"{BASE}/{path}", KEY).status == 404


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "optimize/state"), ("DELETE", "optimize/state"), ("GET", "impulse/1/set-thresholds")]
)
def test_a_wrong_method_is_refused(service: Service, method: str, path: str) -> None:
    assert service.answer(method, f"{BASE}/{path}", KEY).status == 405


def test_a_query_is_ignored(service: Service) -> None:
    assert service.answer("GET", f"{BASE}/optimize/state?a=1", KEY).status == 200


def test_the_run_is_also_found_by_its_coordinator_job(service: Service) -> None:
    run = get(service, "optimize/runs")["runs"][0]
    state = get(service, f"optimize/{run['tunerCoordinatorJobId']}/state")
    assert state == get(service, "optimize/state")
    assert get(service, "optimize/12/state")["success"] is False


def test_time_passes_with_the_clock(service: Service, clock: Clock) -> None:
    before = get(service, "optimize/state")
    assert get(service, "optimize/state") == before
    clock.now += 5
    assert get(service, "optimize/state") != before


def test_there_is_an_impulse_of_every_kind(service: Service) -> None:
    answer = get(service, "impulses-detailed")
    types = {block["type"] for row in answer["impulses"] for block in row["impulse"]["learnBlocks"]}
    assert types >= {"keras", "anomaly", "anomaly-gmm", "keras-visual-anomaly", "keras-object-detection"}
    assert "keras-regression" in types
    keys = {threshold.key for plan in IMPULSES for learn in plan.learns for threshold in learn.thresholds}
    assert keys >= {"min_score", "min_anomaly_score", "anomaly_scoring_aggregation_method", "unclip_ratio"}
    assert any(isinstance(m["value"], bool) for row in answer["impulses"] for m in row["metrics"])
    assert any(m.get("valueForSorting", 0) % 1 for row in answer["impulses"] for m in row["metrics"])


def test_an_impulse_tells_by_number_which_trial_it_came_from(service: Service) -> None:
    trials = {trial["id"] for trial in get(service, "optimize/state")["trials"]}
    origins = [row.get("createdFromTunerTrialId") for row in get(service, "impulses-detailed")["impulses"]]
    assert [str(origin) in trials for origin in origins if origin is not None] == [True]


def test_a_gmm_block_scales_its_score_and_has_no_clusters(service: Service) -> None:
    gmm, kmeans = get(service, "training/anomaly/13/metadata"), get(service, "training/anomaly/4/metadata")
    assert (len(gmm["scale"]), len(gmm["mean"]), gmm["clusters"]) == (1, 1, [])
    assert len(kmeans["scale"]) == len(kmeans["axes"]) == len(kmeans["clusters"][0]["center"])
    assert gmm["modelValidationMetrics"][0]["report"] == {}


@pytest.mark.parametrize("path", ["training/anomaly/3", "training/anomaly/99/metadata", "jobs/1/status"])
def test_what_does_not_exist_is_refused_in_prose(service: Service, path: str) -> None:
    answer = get(service, path)
    assert answer["success"] is False
    assert answer["error"]


@pytest.mark.parametrize(
    ("impulse", "block", "key", "value", "places"),
    [
        (1, 3, "min_score", 0.85, 2),
        (1, 4, "min_anomaly_score", 0.9, 4),
        (2, 13, "min_anomaly_score", 7, 4),
        (3, 23, "anomaly_scoring_aggregation_method", "mean", 2),
        (5, 43, "max_absolute_error", 12.5, 2),
    ],
)
def test_a_change_is_kept_and_seen_everywhere(
    service: Service, impulse: int, block: int, key: str, value: object, places: int
) -> None:
    assert value not in thresholds_everywhere(service, block, key)
    assert set_threshold(service, impulse, block, key, value)["success"] is True
    assert thresholds_everywhere(service, block, key) == [value] * places


def test_the_deprecated_rating_follows_its_threshold(service: Service) -> None:
    set_threshold(service, 1, 4, "min_anomaly_score", 0.75)
    assert get(service, "training/anomaly/4")["minimumConfidenceRating"] == 0.75
    assert get(service, "training/anomaly/4/metadata")["defaultMinimumConfidenceRating"] == 0.75


@pytest.mark.parametrize(
    ("impulse", "block", "key", "value"),
    [
        (1, 3, "min_score", "0.8"),
        (1, 3, "min_score", True),
        (1, 3, "min_score", None),
        (1, 3, "min_score", float("nan")),
        (1, 3, "no_such_key", 0.5),
        (1, 13, "min_anomaly_score", 0.5),
        (9, 3, "min_score", 0.5),
        (3, 23, "anomaly_scoring_aggregation_method", "median"),
        (3, 23, "anomaly_scoring_aggregation_method", 1),
        (1, "3", "min_score", 0.5),
        (1, 3, 7, 0.5),
    ],
)
def test_a_senseless_change_is_refused_and_changes_nothing(
    service: Service, impulse: int, block: int, key: str, value: object
) -> None:
    before = get(service, "impulses-detailed")
    answer = set_threshold(service, impulse, block, key, value)
    assert answer["success"] is False
    assert answer["error"]
    assert get(service, "impulses-detailed") == before


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b"\xff", b'{"thresholds": []}', b"[" * 100_000, b'{"thresholds": [1]}']
)
def test_a_body_that_is_not_a_request_is_refused(service: Service, body: bytes) -> None:
    assert read(service.answer("POST", f"{BASE}/impulse/1/set-thresholds", KEY, body))["success"] is False


def test_of_several_changes_all_are_made_or_none() -> None:
    store = ThresholdStore([(1, (SimulatedThreshold("a", "A", "", 0.1), SimulatedThreshold("b", "B", "", 0.2)))])
    assert store.change([(1, "a", 0.5), (1, "c", 0.5)])
    assert [row["value"] for row in store.rows(1)] == [0.1, 0.2]
    assert store.change([(1, "a", 0.5), (1, "b", 0.6)]) is None
    assert [row["value"] for row in store.rows(1)] == [0.5, 0.6]


@pytest.mark.parametrize(
    ("impulse", "block", "key", "status"),
    [
        (1, 3, "min_score", "regenerated"),
        (4, 33, "min_score", "not_regenerated"),
        (6, 53, "min_score", "not_regenerated"),
    ],
)
def test_the_answer_says_what_became_of_the_test_results(
    service: Service, impulse: int, block: int, key: str, status: str
) -> None:
    assert set_threshold(service, impulse, block, key, 0.4)["regenerateModelTestingStatus"] == status


def test_a_large_test_set_needs_a_job_and_thresholds_wait_for_it(service: Service, clock: Clock) -> None:
    forbidden = {"allowCreatingRegenerateModelTestingJobs": False}
    assert set_threshold(service, 5, 43, "max_absolute_error", 5, **forbidden)["regenerateModelTestingStatus"] == (
        "requires_job"
    )
    started = set_threshold(service, 5, 43, "max_absolute_error", 6)
    assert started["regenerateModelTestingStatus"] == "started_job"
    path = f"jobs/{started['regenerateModelTestingResultsJobId']}/status"
    assert "finished" not in get(service, path)["job"]
    assert set_threshold(service, 1, 3, "min_score", 0.4)["success"] is False
    clock.now += TESTING_JOB_S
    assert get(service, path)["job"]["finishedSuccessful"] is True
    assert set_threshold(service, 1, 3, "min_score", 0.4)["success"] is True
