"""Whoever tells of a run tells the same state and the same number of trials."""

import re
from dataclasses import replace
from typing import Any

import pytest
from build import completed, failed, moment, pending, running
from build import run as a_run
from demo_scenes import Scene
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.standing import by_state, ended_badly, progress_of, run_state
from eitui.demo.options import SCENARIOS, Options
from eitui.domain.moment import EMPTY_MOMENT, Moment
from eitui.domain.run import Run, RunRecord
from eitui.feed.recording.summary import summary_of
from eitui.feed.track import fold
from eitui.view.run.header import header
from eitui.view.run.plain import status_as_json, status_summary


def agree(of: Moment) -> None:
    """Make sure that the header, `status` and the list of recordings tell the same."""
    now = of.connection.last_good
    assert now is not None
    lines = ["".join(text for text, _ in line) for line in header(of, now, 1000)]
    rows = {line.split()[0]: line.split(maxsplit=1)[1] for line in status_summary(of, now, 1000).splitlines()}
    if not of.run.started:
        assert "This project has no" in rows["Run"]
        return
    state, progress = run_state(of), progress_of(of.run)
    assert re.search(rf" {re.escape(state)}  ", lines[0])
    assert f", {state}," in f"{rows['Run']},"
    assert status_as_json(of)["run"]["state"] == state
    assert summary_of(of, now.wall, 1).status == state
    if not progress:
        assert (lines[1].strip(), rows["Trials"]) == ("no trials yet", "none yet")
        return
    told = [f"{count} {word}" for word, count in by_state(of.run)]
    assert re.findall(r"\S (\d+ [a-z]+)", lines[1].split(progress, 1)[1]) == told
    assert f" {progress} " in lines[1]
    assert rows["Trials"] == f"{progress}: {', '.join(told)}"
    counts = status_as_json(of)["trials"]
    assert f"{counts['completed'] + counts['failed']}/{counts['planned']}" == progress


@pytest.mark.parametrize("scenario", [name for name in SCENARIOS if name not in ("huge", "hostile")])
def test_the_monitor_and_status_agree_on_every_kind_of_run(scenario: str) -> None:
    scene = Scene(Options(scenario, speed=300.0))
    of = EMPTY_MOMENT
    for event in scene.polls(70.0, 7.0):
        of = fold(of, event).moment
        if of.seen:
            agree(of)


TRIALS = st.lists(st.sampled_from([completed, failed, running, pending]), max_size=6).map(
    lambda kinds: [kind(str(number)) for number, kind in enumerate(kinds)]
)
JOBS = st.sampled_from(["", "running", "success", "failed", "cancelled", "pending"])


@given(
    TRIALS,
    st.sampled_from(["running", "completed", "creating", "new", ""]),
    st.none() | st.booleans(),
    st.sampled_from(["", "out of memory"]),
    JOBS,
    st.none() | st.integers(1, 12),
)
def test_the_monitor_and_status_agree_on_any_run(
    trials: Any, status: str, job_running: Any, error: str, job: str, most: Any
) -> None:
    of = a_run(*trials, status=status, job_running=job_running, job_error=error)
    of = replace(of, config=replace(of.config, max_trials=most))
    agree(replace(moment(of), record=RunRecord(77, 1, "Run 1 (synthetic)", 5.0, job)))


def test_the_exit_code_of_status_goes_by_the_same_state() -> None:
    over = a_run(completed("1"), status="completed")
    for job in ("failed", "cancelled", "success", ""):
        at = replace(moment(over), record=RunRecord(77, job_status=job))
        assert ended_badly(at) == (run_state(at) != "completed")
    assert not ended_badly(moment(Run()))
