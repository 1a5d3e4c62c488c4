"""Figures as short text."""

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.view.kit import format as fmt

anything = st.none() | st.floats() | st.integers() | st.just(10**400)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.9134, "91.3%"),
        (0, "0.0%"),
        (1, "100.0%"),
        (0.99996, "99.9%"),
        (-0.5, "-0.5000"),
        (95.0, "95.0"),
        (1e308, "1.0e308"),
        (None, "–"),
        (math.nan, "–"),
    ],
)
def test_percent(value: Any, text: str) -> None:
    assert fmt.percent(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.01234, "0.0123"),
        (0.5, "0.5000"),
        (1.2345, "1.234"),
        (12.34, "12.3"),
        (123.45, "123.5"),
        (1234.5, "1234"),
        (12345.0, "1.2e4"),
        (0.000012, "1.2e-5"),
        (0, "0"),
        (-0.01234, "-0.0123"),
        (math.inf, "–"),
        (None, "–"),
    ],
)
def test_loss(value: Any, text: str) -> None:
    assert fmt.loss(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (8.4, "8.4 ms"),
        (9.96, "10 ms"),
        (112.3, "112 ms"),
        (999.6, "1.0 s"),
        (1300, "1.3 s"),
        (45_000, "45 s"),
        (0.01, "<0.1 ms"),
        (0, "0.0 ms"),
        (-1, "–"),
        (None, "–"),
    ],
)
def test_latency(value: float | None, text: str) -> None:
    assert fmt.latency(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (812, "812 B"),
        (1024, "1 KB"),
        (14_541, "14.2 KB"),
        (262_144, "256 KB"),
        (1_048_575, "1.0 MB"),
        (1_363_149, "1.3 MB"),
        (3 * 1024**3, "3 GB"),
        (-1, "–"),
        (10**400, "–"),
        (None, "–"),
    ],
)
def test_memory(value: int | None, text: str) -> None:
    assert fmt.memory(value) == text


@pytest.mark.parametrize(
    ("seconds", "coarse", "fine"),
    [
        (0, "0s", "0s"),
        (45.9, "45s", "45s"),
        (130, "2m", "2m 10s"),
        (3599, "59m", "59m 59s"),
        (11_130, "3h 05m", "3h 05m"),
        (100_800, "1d 04h", "1d 04h"),
        (700 * 86_400, "700d 00h", "700d 00h"),
        (2_600 * 86_400, "7 y", "7 y"),
        (11_000 * 86_400, "30 y", "30 y"),
        (1e300, "over 1000 y", "over 1000 y"),
        (-5, "–", "–"),
        (None, "–", "–"),
    ],
)
def test_duration_and_age(seconds: float | None, coarse: str, fine: str) -> None:
    assert (fmt.duration(seconds), fmt.age(seconds)) == (coarse, fine)


@given(st.integers(1, 10**7))
def test_a_duration_of_minutes_changes_once_a_minute_at_most(minutes: int) -> None:
    assert len({fmt.duration(minutes * 60 + second) for second in range(60)}) == 1


def test_clock_adds_the_date_when_it_is_not_today() -> None:
    now = datetime(2026, 11, 21, 15, 0, tzinfo=UTC).timestamp()
    hours = 3600
    assert fmt.clock(now - 2 * hours, now, UTC) == "13:00"
    assert fmt.clock(now - 24 * hours, now, UTC) == "20 Nov 15:00"
    assert fmt.clock(now - 365 * 24 * hours, now, UTC) == "21 Nov 2025 15:00"
    assert fmt.clock(now, now, timezone(timedelta(hours=9))) == "00:00"
    assert fmt.clock(None, now, UTC) == "–"


@pytest.mark.parametrize("absurd", [1e30, -1e30, math.nan, math.inf])
def test_clock_survives_times_that_no_calendar_holds(absurd: Any) -> None:
    assert fmt.clock(absurd, 0.0, UTC) == "–"


def test_count() -> None:
    assert (fmt.count(1234), fmt.count(0), fmt.count(None)) == ("1,234", "0", "–")


@pytest.mark.parametrize("show", [fmt.percent, fmt.loss, fmt.latency, fmt.memory, fmt.duration, fmt.age])
@given(value=anything)
def test_nothing_ever_reads_nan_or_runs_wide(show: Any, value: Any) -> None:
    text = show(value)
    assert "nan" not in text
    assert "inf" not in text
    assert 1 <= len(text) <= 11


@given(st.floats(min_value=0, max_value=1))
def test_percent_of_a_fraction_fits_its_column(value: float) -> None:
    assert len(fmt.percent(value)) <= 6


@given(st.floats(min_value=1e-9, max_value=1e9))
def test_loss_keeps_two_digits_or_more(value: float) -> None:
    assert float(fmt.loss(value)) == pytest.approx(value, rel=0.05)
    assert len(fmt.loss(value)) <= 6
