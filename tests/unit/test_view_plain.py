"""The run in plain text and as JSON."""

import json
import math
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest
from build import TARGET, completed, failed, moment, pending, run, running
from hypothesis import given
from hypothesis import strategies as st

from eitui.domain.moment import EMPTY_MOMENT, Connection, Instant, Problem
from eitui.domain.run import Config, Run, RunRecord, Worker
from eitui.domain.trial import COMPLETED, INT8, UNKNOWN_COST, VALIDATION, Evaluation, Performance, Progress, Trial
from eitui.view.kit.cells import len_cells
from eitui.view.run.plain import status_as_json, status_summary

BEST = replace(
    completed("3", val_accuracy=0.9375, latency_ms=40, ram_bytes=60 * 1024), dsp=Performance(110.0, 4 * 1024)
)
WITHIN = replace(completed("4", val_accuracy=0.9), dsp=UNKNOWN_COST)
RUN = run(pending("1"), running("2", 5), BEST, WITHIN, failed("5"), workers=(Worker("w1", "busy"),))
NOW = Instant(1012.0, 1012.0)


def test_a_summary_says_what_a_person_asks() -> None:
    shown = status_summary(
        moment(RUN),
        NOW,
        best=BEST,
        best_within_limits=WITHIN,
        elapsed_s=11_130,
        remaining="about 40m left",
        tz=UTC,
    )
    assert shown.splitlines() == [
        "Project    Keyword spotting (synthetic) #12345",
        "Run        Run 1 (synthetic), running, bayesian search",
        "Trials     3/5: 2 completed, 1 running, 1 pending, 1 failed",
        "Best       mfe-conv1d-3: val accuracy 93.8% (int8), latency 150 ms! (DSP 110 ms",
        "           + network 40 ms), RAM 64 KB (DSP 4 KB + network 60 KB), ROM 256 KB",
        "Ranked by  val accuracy",
        "In limits  mfe-conv1d-4: val accuracy 90.0% (int8), latency 50 ms (network",
        "           only), RAM 64 KB (network only), ROM 256 KB",
        "Target     cortex-m4f-80mhz: latency ≤ 100 ms, RAM ≤ 128 KB, ROM ≤ 512 KB",
        "Objectives none given",
        "Workers    1 busy, 0 ready, 0 pending",
        "Time       elapsed 3h 05m, about 40m left",
        "As of      00:16, 12s ago",
    ]


def test_a_run_with_nothing_finished_yet() -> None:
    shown = status_summary(moment(run(pending("1"), config=Config())), NOW, tz=UTC)
    assert "Best       none yet" in shown
    assert "Target     no device: no limits" in shown
    assert "Run        unnamed, running, bayesian search" in shown
    assert "Time" not in shown


def test_the_best_without_an_accuracy_is_told_by_its_loss() -> None:
    best = completed("1", val_accuracy=None, val_loss=0.25, latency_ms=None, ram_bytes=None, rom_bytes=None)
    shown = status_summary(moment(run(best)), NOW, best=best)
    assert "Best       mfe-conv1d-1: val loss 0.2500 (int8)" in shown
    assert "In limits  none yet" in shown


def test_a_trial_that_was_not_evaluated_is_told_by_its_last_epoch_and_of_no_precision() -> None:
    best = Trial("1", "mfe-conv1d-1", COMPLETED, progress=Progress(50, 0.1, 0.2, 0.97, 0.99))
    shown = status_summary(moment(run(best)), NOW, best=best)
    assert "Best       mfe-conv1d-1: val accuracy 99.0% (last epoch, not evaluated)" in shown
    assert "int8" not in shown
    told = status_as_json(moment(run(best)), best=best)["best"]
    assert (told["val_accuracy"], told["source"], told["precision"]) == (0.99, "epoch", None)


def test_values_are_at_the_precision_that_the_trials_have() -> None:
    best = replace(completed("1"), evaluations={(VALIDATION, "akida"): Evaluation(0.2, 0.946)}, performance={})
    known = replace(best, performance={"akida": Performance(7.0, None, 2048)})
    of = replace(run(known), config=Config(target=TARGET))
    shown = status_summary(moment(of), NOW, best=known)
    assert "val accuracy 94.6% (akida), latency 7.0 ms (DSP 0.0 ms + network 7.0 ms), ROM 2 KB" in " ".join(
        shown.split()
    )
    assert status_as_json(moment(of), best=known)["best"]["precision"] == "akida"


def test_a_best_trial_within_the_limits_is_told_once() -> None:
    assert "In limits" not in status_summary(moment(RUN), NOW, best=WITHIN, best_within_limits=WITHIN)


def test_a_project_without_a_run_says_what_to_do() -> None:
    lines = status_summary(replace(moment(Run()), project_name="", project_id=7), NOW, 100, tz=UTC).splitlines()
    assert lines == [
        "Project    #7",
        "Run        This project has no tuner run yet. Start one in the Studio, under EON Tuner, then run",
        "           eitui again.",
        "As of      00:16, 12s ago",
    ]


def test_what_went_wrong_is_said() -> None:
    over = run(failed("1"), status="running", job_running=False, job_error="out of compute", can_extend_search=True)
    down = Connection(Instant(1000, 1000), Problem("The service did not answer in 20 s.", "It is asked again."))
    shown = status_summary(replace(moment(over), connection=down), NOW, 100)
    assert "Run        Run 1 (synthetic), ended with an error, bayesian search" in shown
    assert "Note       The tuner reports an error: out of compute" in shown
    assert "Note       The search can be extended in the Studio." in shown
    assert "Problem    The service did not answer in 20 s. It is asked again." in shown


@pytest.mark.parametrize(
    ("job_status", "error", "note"),
    [
        ("success", "", "The run ended without a trial, usually because no model comes close to the target latency of"),
        ("cancelled", "", "The run was cancelled before its first trial."),
        ("failed", "out of compute", "The run ended with an error before its first trial."),
    ],
)
def test_a_run_that_ended_without_a_trial_says_why(job_status: str, error: str, note: str) -> None:
    ended = run(status="completed", can_extend_search=True, job_error=error)
    record = RunRecord(77, 1, "Run 1 (synthetic)", 0.0, job_status)
    shown = " ".join(status_summary(replace(moment(ended), record=record), NOW, 120).split())
    assert f"Note {note}" in shown
    assert "`eitui logs` prints the tuner's log." in shown
    assert "can be extended" not in shown


def test_a_cancelled_job_is_not_called_completed() -> None:
    ended = run(completed("1"), status="completed")
    record = RunRecord(77, 1, "Run 1 (synthetic)", 0.0, "cancelled")
    assert "Run 1 (synthetic), cancelled" in status_summary(replace(moment(ended), record=record), NOW)


def test_before_the_first_answer() -> None:
    silent = replace(EMPTY_MOMENT, connection=Connection(problem=Problem("No route to the host.")))
    assert status_summary(silent, NOW).splitlines() == [
        "Run        Waiting for the first answer of the service.",
        "Problem    No route to the host.",
    ]


@given(st.integers(1, 120), st.text(max_size=80), st.text(max_size=200))
def test_no_line_is_too_wide(width: int, name: str, error: str) -> None:
    shown = status_summary(replace(moment(replace(RUN, job_error=error)), project_name=name), NOW, width, best=BEST)
    assert max(map(len_cells, shown.split("\n"))) <= max(30, width)


@given(st.floats(-1.0, 2.0) | st.sampled_from([math.nan, math.inf, -math.inf]), st.floats())
def test_json_is_strict_and_in_full(accuracy: Any, wall: float) -> None:
    best = replace(BEST, evaluations={(VALIDATION, INT8): Evaluation(0.1, accuracy)})
    polled = replace(moment(RUN), connection=Connection(Instant(wall, 0.0)))
    told = json.loads(json.dumps(status_as_json(polled, best=best), allow_nan=False))
    assert told["best"]["val_accuracy"] == (accuracy if 0 <= accuracy <= 1 else None)
