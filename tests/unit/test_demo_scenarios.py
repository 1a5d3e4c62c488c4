"""The scenarios that show what is rare: as the client reads them."""

import json
from typing import Any

import pytest
from classified import read_classify_result

from eitui.api.impulses import impulses_of
from eitui.api.log import log_of
from eitui.api.scores import anomaly_labels_of, scores_of
from eitui.api.state import StateReader
from eitui.demo.options import Options
from eitui.demo.service import PROJECT_ID, Service
from eitui.domain.scores import DEFAULT_LABELS, AnomalyScores, NoScores, VisualAnomalyScores

KEY = "ei_demo_0123456789abcdef"
NOW = 1_760_000_000.0
HEADS = {"word": ["no", "yes"], "room": ["kitchen", "office", "street"]}


def body(service: Service, path: str) -> bytes:
    return service.answer("GET", f"/v1/api/{PROJECT_ID}{path}", KEY).body


def of(scenario: str) -> Service:
    return Service(Options(scenario, windows=80), KEY, lambda: NOW)


def test_a_run_without_trials_has_the_reason_in_the_tuners_log() -> None:
    service = of("no-trials")
    run = StateReader().read_now(body(service, "/optimize/state"))
    assert run.finished
    assert run.trials == ()
    assert run.coordinator_job_id is not None
    tuner, coordinator = (log_of(body(service, f"/jobs/{run.coordinator_job_id + job}/stdout")) for job in (1, 0))
    (reason,) = (line.text for line in tuner.lines if line.level == "error")
    assert reason == f"Could not find a model close to the target latency of {run.config.target.latency_ms:.0f} ms"
    (fastest,) = (line.text for line in tuner.lines if "fastest" in line.text)
    assert float(fastest.rsplit(" ", 2)[1]) > (run.config.target.latency_ms or 0)
    assert any("is ready" in line.text for line in coordinator.lines)
    assert "createdFromTunerTrialId" not in json.loads(body(service, "/impulses-detailed"))["impulses"][0]


@pytest.mark.parametrize(("impulse", "block"), [(2, 13), (3, 23)])
def test_relabelled_anomalies_are_told_by_window_and_by_the_projects_labels(impulse: int, block: int) -> None:
    service, plain = of("relabelled"), of("default")
    answer = body(service, f"/classify/all/result?impulseId={impulse}")
    found = scores_of(read_classify_result(answer), block)
    assert isinstance(found, AnomalyScores | VisualAnomalyScores)
    assert {True, False} == set(found.expected)
    usual = scores_of(read_classify_result(body(plain, f"/classify/all/result?impulseId={impulse}")), block)
    assert isinstance(usual, type(found))
    assert found.expected == usual.expected
    assert set(found.labels).isdisjoint(usual.labels)

    # What the service says of each window, and what the labels stand for in the project, agree.
    labels = anomaly_labels_of(body(service, ""))
    assert labels != DEFAULT_LABELS
    said: Any = json.loads(answer)["result"]
    for sample in said:
        for one in sample["classifications"]:
            assert sample["sample"]["label"] not in ("anomaly", "no anomaly")
            for expected, outcome in zip(one["expectedLabels"], one["expectedAnomalyOutcome"], strict=True):
                assert labels.outcome(expected["label"]) is (outcome["label"] == "anomaly")


def test_a_network_with_several_heads_has_a_class_for_each() -> None:
    service = of("heads")
    result = read_classify_result(body(service, "/classify/all/result?impulseId=9"))
    found = scores_of(result, 83)
    assert isinstance(found, NoScores)
    assert "(word, room)" in found.reason
    (described,) = (i for i in json.loads(body(service, "/impulses-detailed"))["impulses"] if i["impulse"]["id"] == 9)
    (network,) = described["learnBlockKerasConfigs"]
    assert network["config"]["isMultiHead"] is True
    assert network["config"]["dependencies"]["classesPerKey"] == HEADS
    for sample in json.loads(body(service, "/classify/all/result?impulseId=9"))["result"]:
        (one,) = sample["classifications"]
        for best, scores in zip(one["labelMapResult"], one["labelMapScores"], strict=True):
            assert {key: list(shares) for key, shares in scores.items()} == HEADS
            assert all(sum(shares.values()) == pytest.approx(1, abs=1e-3) for shares in scores.values())
            assert best == {key: max(shares, key=shares.__getitem__) for key, shares in scores.items()}
    table = impulses_of(body(service, "/impulses-detailed"))
    (block,) = table.impulses[-1].learn
    assert block.network is not None
    assert dict(block.network.dependencies.heads) == {key: tuple(names) for key, names in HEADS.items()}
