"""What the look-alike does when a trial is added, a search extended, a run or a job cancelled."""

import json
from typing import Any

import pytest

from eitui.demo.options import JOB_S, Options
from eitui.demo.service import PROJECT_ID, Service

KEY = "ei_demo_0123456789abcdef"


class Clock:
    now = 1_760_000_000.0

    def __call__(self) -> float:
        return self.now


class Studio:
    def __init__(self, options: Options | None = None) -> None:
        self.clock = Clock()
        self.service = Service(options or Options(), KEY, self.clock)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        data = b"" if body is None else json.dumps(body).encode()
        return json.loads(self.service.answer(method, f"/v1/api/{PROJECT_ID}/{path}", KEY, data).body)

    def get(self, path: str) -> Any:
        return self.ask("GET", path)

    def post(self, path: str, body: object = None) -> Any:
        return self.ask("POST", path, {} if body is None else body)

    def state(self) -> Any:
        return self.get("optimize/state")

    def completed(self) -> Any:
        """Return a completed trial that is no impulse yet."""
        there = self.state()["trials"]
        return next(one for one in there if one["status"] == "completed" and "impulseAddedToProject" not in one)

    def end(self) -> None:
        self.clock.now += 1e5


@pytest.fixture
def studio() -> Studio:
    return Studio()


def test_a_trial_is_added_by_a_job(studio: Studio) -> None:
    studio.end()
    trial = studio.completed()
    before = len(studio.get("impulses-detailed")["impulses"])
    job = studio.post(f"jobs/set-tuner-primary-job?trialId={trial['id']}")["id"]
    assert "finished" not in studio.get(f"jobs/{job}/status")["job"]
    assert trial["id"] in studio.get(f"jobs/{job}/stdout")["stdout"][0]["data"]
    assert len(studio.get("impulses-detailed")["impulses"]) == before
    studio.clock.now += JOB_S
    assert studio.get(f"jobs/{job}/status")["job"]["finishedSuccessful"] is True
    made = studio.get("impulses-detailed")["impulses"][-1]
    assert made["impulse"]["name"] == trial["name"]
    assert made["createdFromTunerTrialId"] == int(trial["id"])
    again = next(one for one in studio.state()["trials"] if one["id"] == trial["id"])
    assert again["impulseAddedToProject"]["impulseId"] == made["impulse"]["id"]
    # It is an impulse as any other.
    block = made["learnBlockKerasConfigs"][0]["blockId"]
    change = {"blockId": block, "key": "min_score", "value": 0.8}
    body = {"thresholds": [change], "allowCreatingRegenerateModelTestingJobs": False}
    assert studio.post(f"impulse/{made['impulse']['id']}/set-thresholds", body)["success"] is True


def test_an_added_trial_may_have_a_name_of_its_own(studio: Studio) -> None:
    studio.end()
    studio.post(f"jobs/set-tuner-primary-job?trialId={studio.completed()['id']}", {"name": "Best one"})
    studio.clock.now += JOB_S
    assert studio.get("impulses-detailed")["impulses"][-1]["impulse"]["name"] == "Best one"


def test_a_trial_that_is_not_completed_is_not_added(studio: Studio) -> None:
    running = next(one["id"] for one in studio.state()["trials"] if one["status"] == "running")
    for trial in (running, "77", ""):
        assert studio.post(f"jobs/set-tuner-primary-job?trialId={trial}")["success"] is False


def test_a_cancelled_run_is_over(studio: Studio) -> None:
    before = studio.state()
    run = before["tunerCoordinatorJobId"]
    assert "finished" not in studio.get(f"jobs/{run}/status")["job"]
    assert studio.post("jobs/optimize?extendedFromJobId=" + str(run))["success"] is False
    assert studio.post(f"jobs/{run}/cancel")["success"] is True
    for _ in range(2):
        after = studio.state()
        assert (after["tunerJobIsRunning"], after["status"]["status"], after["workers"]) == (False, "running", [])
        assert {trial["status"] for trial in after["trials"]} == {"completed", "failed"}
        studio.clock.now += 50.0
    assert after["status"]["numCompletedTrials"] == before["status"]["numCompletedTrials"]
    assert studio.get("optimize/runs")["runs"][0]["jobStatus"] == "cancelled"
    job = studio.get(f"jobs/{run}/status")["job"]
    assert (job["finishedSuccessful"], "finished" in job) == (False, True)
    assert studio.get(f"jobs/{run}/stdout")["stdout"][0]["data"] == "Job cancelled\n"
    assert studio.post(f"jobs/{run}/cancel")["error"] == "Job is already finished"


def test_a_started_job_can_be_cancelled(studio: Studio) -> None:
    job = studio.post("jobs/classify?impulseId=1")["id"]
    studio.clock.now += JOB_S / 2
    assert studio.post(f"jobs/{job}/cancel")["success"] is True
    assert studio.get(f"jobs/{job}/status")["job"]["finishedSuccessful"] is False
    assert studio.post(f"jobs/{job}/cancel")["success"] is False
    assert studio.post("jobs/1/cancel")["success"] is False
    assert studio.post("jobs/classify?impulseId=1")["success"] is True


def test_an_extended_search_is_a_run_of_its_own(studio: Studio) -> None:
    studio.end()
    first = studio.state()
    run = first["tunerCoordinatorJobId"]
    assert first["canExtendSearch"] is True
    job = studio.post(f"jobs/optimize?extendedFromJobId={run}")["id"]
    studio.clock.now += 60.0
    second = studio.state()
    assert (second["tunerCoordinatorJobId"], second["continuationJobId"]) == (job, run)
    assert second["tunerJobIsRunning"] is True
    assert not {one["id"] for one in first["trials"]} & {one["id"] for one in second["trials"]}
    records = studio.get("optimize/runs")["runs"]
    newest, before = records[:2]
    assert (newest["jobStatus"], before["jobStatus"]) == ("running", "success")
    assert newest["index"] == before["index"] + 1
    assert newest["continuationJobId"] == before["tunerCoordinatorJobId"] == run
    assert studio.get(f"optimize/{run}/state")["trials"] == first["trials"]
    assert studio.post(f"jobs/optimize?extendedFromJobId={run}")["error"] == "The EON Tuner is already running"
    assert studio.get(f"optimize/trial/{first['trials'][0]['id']}/stdout")["success"] is True


@pytest.mark.parametrize("scenario", ["empty", "failures"])
def test_a_search_that_was_not_begun_or_broke_cannot_be_extended(scenario: str) -> None:
    studio = Studio(Options(scenario))
    studio.end()
    for run in (studio.service.run_id, 5):
        assert studio.post(f"jobs/optimize?extendedFromJobId={run}")["success"] is False


def test_how_long_a_trial_trained_is_known(studio: Studio) -> None:
    studio.end()
    trial = studio.completed()
    job = studio.get(f"jobs/{trial['learnJobId']}/status")["job"]
    assert job["computeTime"] > 1
    assert studio.get("")["success"] is False
    assert json.loads(studio.service.answer("GET", f"/v1/api/{PROJECT_ID}", KEY).body)["performance"]["jobLimitM"] == 1
