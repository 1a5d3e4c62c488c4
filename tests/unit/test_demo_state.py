"""The state of the simulated run as a client sees it."""

import hashlib
import itertools
import json
import re
import subprocess
import sys
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.demo.logs import JOB_ERROR
from eitui.demo.options import SCENARIOS, Options
from eitui.demo.scenarios import simulate
from eitui.demo.state import TunerState

START = 1_760_000_000.0

light = st.sampled_from(sorted(set(SCENARIOS) - {"huge", "hostile"}))
seeds = st.integers(0, 10_000)
times = st.floats(0, 900)


def state_of(scenario: str = "default", seed: int = 1, trials: int | None = None) -> TunerState:
    return TunerState(simulate(Options(scenario, seed, trials)), START)


def at(state: TunerState, elapsed: float) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(state.body(elapsed))
    return answer


@given(st.sampled_from(sorted(set(SCENARIOS) - {"huge"})), seeds, st.lists(times, min_size=1, max_size=4))
def test_the_same_options_start_and_time_give_the_same_bytes(scenario: str, seed: int, moments: list[float]) -> None:
    asked_often = state_of(scenario, seed)
    for moment in moments:
        asked_often.body(moment)
    assert asked_often.body(moments[0]) == state_of(scenario, seed).body(moments[0])


@pytest.mark.parametrize("scenario", ["default", "detection"])
def test_the_bytes_are_the_same_in_a_fresh_process(scenario: str) -> None:
    script = (
        "import hashlib, sys; from eitui.demo.options import Options; from eitui.demo.scenarios import simulate;"
        "from eitui.demo.state import TunerState;"
        f"body = TunerState(simulate(Options({scenario!r}, 7)), {START!r}).body(123.25);"
        "sys.stdout.write(hashlib.sha256(body).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", script], env={"PYTHONHASHSEED": salt}, capture_output=True, text=True, check=True
        ).stdout
        for salt in ("0", "4711")
    }
    assert digests == {hashlib.sha256(state_of(scenario, 7).body(123.25)).hexdigest()}


@given(light, seeds, times)
def test_at_any_time_all_parts_of_a_state_agree(scenario: str, seed: int, moment: float) -> None:
    answer = at(state_of(scenario, seed), moment)
    trials, counts = answer["trials"], answer["status"]
    for kind, shown in (("Trials", trials), ("Workers", answer["workers"])):
        words = [one["status"] for one in shown]
        for word in ("pending", "running", "completed", "failed") if shown is trials else ("pending", "ready", "busy"):
            assert counts[f"num{word.title()}{kind}"] == words.count(word)
    # A busy worker has exactly one running trial.
    busy = sorted(worker["workerId"] for worker in answer["workers"] if worker["status"] == "busy")
    assert sorted(trial["workerId"] for trial in trials if trial["status"] == "running") == busy
    for trial in trials:
        stamps = [trial.get("lastCompletedEpoch"), trial.get("lastCompletedTraining")]
        stamps += [block.get("lastActive") for block in trial["blocks"]]
        for stamp in filter(None, stamps):
            assert datetime.fromisoformat(stamp.removesuffix("Z") + "+00:00").timestamp() <= START + moment + 0.002
        words = [block["status"] for block in trial["blocks"]]
        assert [block["type"] for block in trial["blocks"]] == ["input", "dsp", "learn"]
        if trial["status"] == "running":
            assert words.count("running") == 1
        else:
            expected = {"completed": {"completed"}, "pending": {"pending"}}
            assert set(words) == expected.get(trial["status"], set(words))
            assert ("failed" in words) == (trial["status"] == "failed")


@given(light, seeds, st.lists(times, min_size=2, max_size=8).map(sorted))
def test_time_only_goes_forward(scenario: str, seed: int, moments: list[float]) -> None:
    state = state_of(scenario, seed)
    answers = [at(state, moment)["trials"] for moment in moments]
    for before, after in itertools.pairwise(answers):
        later = {trial["id"]: trial for trial in after}
        assert [trial["id"] for trial in before] == [trial["id"] for trial in after[: len(before)]]
        for trial in before:
            now = later[trial["id"]]
            assert now["retries"] >= trial["retries"]
            if trial["status"] in ("completed", "failed"):
                assert now == trial
            elif now["retries"] == trial["retries"] and "currentEpoch" in now:
                # Epochs of fine-tuning count from 1 again.
                assert now.get("lastCompletedEpoch", "") >= trial.get("lastCompletedEpoch", "")


def test_features_are_generated_before_the_first_epoch() -> None:
    state = state_of()
    seen = set()
    for second in range(0, 120, 2):
        for trial in at(state, second)["trials"]:
            if trial["blocks"][1]["status"] == "running":
                assert "progress" not in trial
                seen.add(trial["id"])
    assert seen


def test_progress_is_the_latest_epoch_only() -> None:
    for trial in at(state_of(), 60.0)["trials"]:
        if "progress" in trial:
            assert set(trial["progress"]) == {"epoch", "loss", "val_loss", "accuracy", "val_accuracy"}
            assert trial["progress"]["epoch"] == trial["currentEpoch"]


def test_an_unchanged_trial_keeps_its_bytes_between_polls() -> None:
    state = state_of("huge", trials=200)
    before, after = at(state, 10.0), at(state, 11.0)
    changed = sum(a != b for a, b in zip(before["trials"], after["trials"], strict=True))
    assert 0 < changed <= 20


def test_the_run_ends_with_an_early_stop_that_can_be_extended() -> None:
    answer = at(state_of("finished"), 0.0)
    assert answer["status"]["status"] == "completed"
    assert answer["tunerJobIsRunning"] is False
    assert answer["canExtendSearch"] is True
    assert len(answer["trials"]) < answer["config"]["tuningMaxTrials"]
    assert "jobError" not in answer


def test_a_broken_job_says_so_and_its_run_is_recorded_as_failed() -> None:
    state = state_of("failures")
    answer = at(state, 5_000.0)
    assert answer["jobError"]
    assert answer["tunerJobIsRunning"] is False
    assert answer["status"]["numFailedTrials"] > len(answer["trials"]) / 2
    assert state.record(5_000.0)["jobStatus"] == "failed"
    assert "jobError" not in at(state, 0.0)


def test_where_no_run_was_started_everything_is_there_and_empty() -> None:
    state = state_of("empty")
    answer = at(state, 50.0)
    assert (answer["trials"], answer["workers"]) == ([], [])
    assert {answer["status"][name] for name in answer["status"] if name.startswith("num")} == {0}
    assert "tunerCoordinatorJobId" not in answer


def test_the_huge_body_is_huge_and_about_ten_trials_run() -> None:
    state = state_of("huge")
    body = state.body(0.0)
    assert 30e6 < len(body) < 45e6
    answer = json.loads(body)
    assert len(answer["trials"]) == 1_000
    assert 600 < answer["status"]["numCompletedTrials"] < 800
    assert answer["status"]["numRunningTrials"] == 10
    done = next(trial for trial in answer["trials"] if "metrics" in trial)
    assert len(done["metrics"]["test"]["int8"]["onDevicePerformance"]) == 20
    assert len(done["metrics"]["test"]["int8"]["predictions"]) == 20


def test_times_look_like_those_of_a_fast_tuner() -> None:
    state = state_of()
    created = datetime.fromisoformat(str(state.record(0.0)["created"]))
    simulation = state.simulation
    assert START - created.timestamp() == pytest.approx(simulation.start / 30, abs=0.01)
    assert at(state, 0.0)["config"]["maxTotalTrainingTime"] == pytest.approx(12 * 3600 / 30)


def test_the_reason_of_a_failure_is_in_the_trials_log_only() -> None:
    state = state_of("failures")
    answer = at(state, 400.0)
    reasons = set()
    for trial in answer["trials"]:
        if trial["status"] == "failed":
            assert "OOM" not in json.dumps(trial)
            log: Any = state.log(trial["id"], 400.0)
            assert log["totalCount"] == len(log["stdout"])
            assert (log["stdout"][0]["data"], log["stdout"][0]["logLevel"]) == ("Job failed (see above)\n", "error")
            assert log["stdout"][2]["data"] == "Application exited with code 1\n"
            reasons.add(log["stdout"][3]["data"].split(":")[0])
    assert reasons == {"ResourceExhaustedError", "ValueError"}
    assert state.log("no such trial", 0.0) is None


def texts_of(log: Any) -> list[str]:
    return [entry["data"].rstrip("\n") for entry in log["stdout"]]


@pytest.mark.parametrize(
    ("scenario", "tuner", "coordinator"),
    [
        ("default", ["Job completed"], "Job completed"),
        ("failures", ["Job failed (see above)", f"ERR: {JOB_ERROR}"], "Job failed (see above)"),
    ],
)
def test_the_runs_own_jobs_tell_why_it_ended(scenario: str, tuner: list[str], coordinator: str) -> None:
    state = state_of(scenario)
    before, after = (state.job_log(state.tuner_job, elapsed) for elapsed in (60.0, 5_000.0))
    assert texts_of(before) == texts_of(after)[-len(texts_of(before)) :], "newest first"
    assert texts_of(after)[: len(tuner)] == tuner
    if scenario == "default":
        assert re.match(r"\d+ of \d+ models are within the target latency of 100 ms", texts_of(after)[1])
        assert re.match(r"No improvement in the last \d+ trials: stopping early after", texts_of(after)[2])
    for trial in at(state, 5_000.0)["trials"]:
        assert f"Queued trial {trial['name']} ({trial['id']})" in texts_of(after)
    assert texts_of(state.job_log(state.coordinator_job, 5_000.0))[0] == coordinator
    assert state.job_log(1, 5_000.0) is None


def test_of_a_long_log_the_end_is_sent() -> None:
    log: Any = (state := state_of("huge")).job_log(state.tuner_job, 1e6)
    assert len(log["stdout"]) == 1_000 < log["totalCount"]


def test_all_of_it_is_marked_as_synthetic() -> None:
    answer = at(state_of(), 0.0)
    assert answer["synthetic"] is True
    assert "synthetic" in answer["config"]["name"]


def test_the_simulation_needs_nothing_but_the_standard_library() -> None:
    script = (
        "import sys; import eitui.demo.server;"
        "print(*sorted({'httpx', 'pydantic', 'textual', 'msgspec', 'click', 'rich', 'asyncio'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("scenario", ["finished", "regression", "detection"])
def test_dsp_blocks_cost_something_and_some_trials_keep_the_limits(scenario: str) -> None:
    answer = at(state_of(scenario), 5_000.0)
    target, limit = answer["config"]["targetDevice"], answer["config"]["targetLatency"]
    within = 0
    for trial in answer["trials"]:
        (dsp,) = trial["impulse"]["dspBlocks"]
        assert dsp.keys() - {"performance"} == {"block", "config"}
        if trial["status"] != "completed":
            continue
        network = trial["devicePerformance"]["int8"]
        assert dsp["performance"]["latency"] > 0
        assert dsp["performance"]["ram"] > 0
        assert network["eon"].keys() == {"ramRequired", "romRequired"}
        latency = dsp["performance"]["latency"] + network["latency"]
        ram = dsp["performance"]["ram"] + network["eon"]["ramRequired"]
        within += latency <= limit and ram <= target["ram"] and network["eon"]["romRequired"] <= target["rom"]
    completed = sum(trial["status"] == "completed" for trial in answer["trials"])
    assert 0.2 * completed <= within < completed
