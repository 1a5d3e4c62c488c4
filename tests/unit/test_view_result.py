"""The result of a run that is over: why it ended, which trials are best and what they cost."""

from dataclasses import replace
from typing import Any

import pytest
from build import completed, failed, moment, run
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.search import search
from eitui.domain.moment import Moment
from eitui.domain.run import Config
from eitui.view.kit.lines import width_of
from eitui.view.run.result import result_lines

OVER = completed("1", 0.95, latency_ms=150, ram_bytes=200 * 1024)
FITS = completed("2", 0.90, latency_ms=40)


def over(*trials: Any, job: str = "", **more: Any) -> Moment:
    of = moment(run(*trials, status="completed", **more), created=400.0)
    return replace(of, record=replace(of.record, job_status=job)) if job and of.record is not None else of


def told(of: Moment, width: int = 110, height: int = 20) -> list[str]:
    names = {trial.id: trial.name for trial in of.run.trials}
    lines = result_lines(of, search(of, 0.0), names, width, height)
    assert len(lines) <= height
    assert all(width_of(line) <= width for line in lines)
    return ["".join(text for text, _ in line).strip() for line in lines]


def test_the_best_trials_have_their_value_their_costs_and_the_limits_they_break() -> None:
    text = told(over(OVER, FITS))
    first = next(line for line in text if line.startswith("★"))
    assert "mfe-conv1d-1  95.0%  latency 150 ms!  RAM 200 KB!  ROM 256 KB  over latency, RAM" in first
    second = next(line for line in text if line.startswith("☆"))
    assert "mfe-conv1d-2  90.0%  latency 40 ms  RAM 64 KB  ROM 256 KB  ☆ fits" in second


def test_one_trial_may_be_both_or_none_may_fit() -> None:
    assert [line[0] for line in told(over(FITS))].count("☆") == 0
    assert any("☆ fits" in line for line in told(over(FITS)))
    assert any("☆ no trial is within the limits" in line for line in told(over(OVER)))


@pytest.mark.parametrize(
    ("of", "why"),
    [
        (over(OVER, FITS, config=Config(max_trials=2)), "All 2 trials are done"),
        (over(OVER, job="cancelled"), "Cancelled after 1 trials"),
        (over(OVER, job="failed", job_error="out of memory"), "The tuner's job failed after 1 trials: out of memory"),
        (over(OVER, failed("2"), job_error="broken"), "Ended with an error after 2 trials: broken"),
    ],
)
def test_it_says_first_why_the_run_ended(of: Moment, why: str) -> None:
    assert told(of)[0].startswith(why)


def test_improvements_are_there_where_there_is_room() -> None:
    of = over(FITS, OVER)
    assert any("Improvements" in line for line in told(of))
    text = told(of, height=5)
    assert text[3] == "Improvements 90.0% → 95.0%"
    assert text[4] == "Trade-offs 90.0% at 40 ms"
    assert not any("Improvements" in line for line in told(of, height=3))
    assert any(line.startswith("★") for line in told(of, height=2)), "the best before all else"


@given(st.integers(1, 200), st.integers(1, 30))
def test_it_fits_at_any_size(width: int, height: int) -> None:
    told(over(OVER, FITS, can_extend_search=True), max(20, width), height)
