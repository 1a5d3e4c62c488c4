"""Conditions to wait for, and spans of time, as they are typed."""

from dataclasses import replace
from typing import Any

import pytest
from build import completed, failed, moment, pending, run, running
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.durations import parse_duration, parse_spelled_duration
from eitui.analysis.standing import ended_badly
from eitui.analysis.until import parse_condition
from eitui.domain.moment import EMPTY_MOMENT, Moment
from eitui.domain.run import Counts, RunRecord

GOOD = run(completed("1", 0.9, 0.3, 50), completed("2", 0.95, 0.4, 80), failed("3"), running("4", 5), pending("5"))
UNDER_WAY = moment(GOOD)


def ended(job_status: str = "success", **more: Any) -> Moment:
    record = RunRecord(77, 1, "Run 1 (synthetic)", 5.0, job_status)
    return replace(moment(replace(GOOD, status="completed", job_running=False, **more)), record=record)


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("failed", True),
        ("failed >= 1", True),
        ("failed>1", False),
        ("completed >= 2", True),
        ("completed >= 3", False),
        ("trials >= 5", True),
        ("trials > 5", False),
        ("best val_accuracy >= 0.95", True),
        ("best val_accuracy > 0.95", False),
        ("  BEST  Val_Accuracy>=95% ", True),
        ("val_accuracy >= 95.5%", False),
        ("best val_accuracy < .96", True),
        ("best val_accuracy <= 9.5e-1", True),
        # Of the best trial, not the lowest of all: the other one has 0.3 and 50 ms.
        ("val_loss < 0.35", False),
        ("val_loss <= 0.4", True),
        ("latency_ms <= 80", True),
        ("latency_ms < 80", False),
        # Whatever a filter of the table asks, joined as there.
        ("val_acc >= 0.9 latency<100ms", True),
        ("best latency<60 or failed >= 1", True),
        ("not failed", False),
        ("completed >= 2 and (val_accuracy > 99% or ram<=128K)", True),
        ("name:conv1d-2 status:completed", True),
        ("training.learning_rate < 0.01", False),
    ],
)
def test_a_condition_is_met_or_not(text: str, met: bool) -> None:
    assert parse_condition(text).met(UNDER_WAY) is met


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("fits", True),
        ("fits val_accuracy >= 0.9", True),
        ("FITS val_accuracy > 90%", False),
        ("val_accuracy >= 0.95", True),
        ("fits latency < 60", True),
        ("fits latency < 60 best latency > 100", True),
        ("best latency > 100 fits latency > 100", False),
        ("fits (val_accuracy > 0.9 or latency <= 50)", True),
        ("latency > 100 and fits latency <= 50", True),
        ("fits val_accuracy > 0.9 or completed >= 2", True),
        ("not fits", False),
        ("is:fits", False),
        ("fits is:fits", True),
        ("fits flags:int8", False),
    ],
)
def test_after_the_word_fits_the_best_within_the_limits_is_asked_for(text: str, met: bool) -> None:
    of = moment(run(completed("1", 0.95, latency_ms=334), completed("2", 0.9, latency_ms=50)))
    assert parse_condition(text).met(of) is met
    assert parse_condition(text).met(of) is met
    nothing_fits = moment(run(completed("1", 0.95, latency_ms=334)))
    assert not parse_condition("fits").met(nothing_fits)
    assert not parse_condition("fits val_accuracy >= 0").met(nothing_fits)


def test_the_default_is_a_run_that_finished_well() -> None:
    finished = parse_condition("Finished")
    assert not finished.met(UNDER_WAY)
    assert finished.met(ended())
    assert finished.met(replace(ended(), record=None))
    for bad in (ended("failed"), ended("cancelled"), ended(job_error="out of compute")):
        assert ended_badly(bad)
        assert not finished.met(bad)


def test_a_run_under_way_has_not_ended_badly_whatever_its_job_says() -> None:
    assert not ended_badly(replace(UNDER_WAY, record=RunRecord(77, job_status="failed")))


@pytest.mark.parametrize(
    "text", ["finished", "failed", "trials >= 0", "val_accuracy >= 0", "val_loss >= 0", "latency_ms >= 0"]
)
def test_without_a_run_nothing_is_met(text: str) -> None:
    assert not parse_condition(text).met(EMPTY_MOMENT)


def test_a_figure_that_nobody_has_is_not_reached() -> None:
    unknown = moment(run(completed("1", val_accuracy=None, val_loss=0.5, latency_ms=None)))
    assert not parse_condition("val_accuracy >= 0").met(unknown)
    assert not parse_condition("latency_ms >= 0").met(unknown)
    assert parse_condition("val_loss <= 0.5").met(unknown)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("finished", "the run has finished"),
        ("Failed", "a trial has failed"),
        ("failed >=  3", "failed >= 3 is true"),
        ("best val_loss < 0.1", "best val_loss < 0.1 is true"),
    ],
)
def test_a_condition_in_words(text: str, words: str) -> None:
    assert str(parse_condition(text)) == words


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "accepted are finished"),
        ("done", "accepted are finished"),
        ("finish or failed", "accepted are finished"),
        ("val_accuracy == 0.9", "a fraction 0..1 or a percentage"),
        ("val_accuracy >= 95", "a fraction 0..1 or a percentage"),
        ("val_accuracy >= 101%", "a fraction 0..1 or a percentage"),
        ("val_accuracy >= nan", "a fraction 0..1 or a percentage"),
        ("val_acuracy >= 0.9", "did you mean val_accuracy"),
        ("(failed", "not closed"),
        ("val_loss <= 5%", "a number is expected"),
        ("val_loss <= 1e999", "a number is expected"),
        ("val_loss <= low", "a number is expected"),
        ("completed >= 1.5", "whole numbers"),
        ("completed >= -1", "whole numbers"),
        ("completed >= 99999999999", "whole numbers"),
        ("failed <= 3", "with >= or >"),
    ],
)
def test_what_is_no_condition_is_told_what_is(text: str, hint: str) -> None:
    with pytest.raises(ValueError, match=hint) as caught:
        parse_condition(text)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=40) | st.from_regex(r"(best )?[a-z_]{1,12} ?[<>]=? ?[0-9.e%-]{1,8}"))
def test_any_text_is_a_condition_or_an_error_in_one_line(text: str) -> None:
    try:
        condition = parse_condition(text)
    except ValueError as error:
        result = str(error)
    else:
        result = str(condition)
        assert condition.met(UNDER_WAY) in (True, False)
    assert len(result.splitlines()) == 1


@given(st.integers(0, 10**9 - 1), st.integers(0, 100), st.integers(0, 100))
def test_counts_are_compared_exactly(number: int, done: int, lost: int) -> None:
    counted = moment(replace(GOOD, counts=Counts(completed=done, failed=lost)))
    assert parse_condition(f"completed >= {number}").met(counted) is (done >= number)
    assert parse_condition(f"trials > {number}").met(counted) is (done + lost > number)


@given(st.floats(0, 1), st.floats(0, 1))
def test_fractions_are_compared_exactly(limit: float, reached: float) -> None:
    best = moment(run(completed("1", reached)))
    assert parse_condition(f"best val_accuracy >= {limit!r}").met(best) is (reached >= limit)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("90s", 90),
        ("15m", 900),
        ("2h", 7_200),
        ("1h30m", 5_400),
        ("2d", 172_800),
        (" 1D 2h 3M 4s ", 93_784),
    ],
)
def test_a_span_of_time(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", " ", "0", "0s", "-5", "1.5h", "m", "30m1h", "1h30", "5 weeks", "1e3", "٣s", "9" * 20]
)
def test_what_is_no_span_of_time_is_told_what_is(text: str) -> None:
    with pytest.raises(ValueError, match="such as 90, 90s, 15m") as caught:
        parse_duration(text)
    assert "\n" not in str(caught.value)


@given(st.integers(0, 999), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_units_add_up(days: int, hours: int, minutes: int, seconds: int) -> None:
    total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    assert parse_spelled_duration(f"{days}d{hours}h{minutes}m{seconds}s") == total


@pytest.mark.parametrize("text", ["", "90", "h", "1x"])
def test_without_its_units_a_span_is_not_spelled(text: str) -> None:
    assert parse_spelled_duration(text) is None
