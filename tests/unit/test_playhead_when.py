"""What a person may type to say where in a recording to go."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.position import TIME_EXAMPLES, parse_when
from eitui.domain.text import clean


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


FIRST, LAST = at("2026-01-14 20:00:30"), at("2026-01-16 06:00")
TIMES = [FIRST, at("2026-01-15 12:00"), LAST]
HERE = at("2026-01-15 09:00")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("03:12", "2026-01-15 03:12"),
        ("3:12", "2026-01-15 03:12"),
        ("03:12:30", "2026-01-15 03:12:30"),
        ("23:00", "2026-01-14 23:00"),
        ("04:00", "2026-01-15 04:00"),
        ("21:30", "2026-01-14 21:30"),
        ("20:00", "2026-01-15 20:00"),
        ("2026-01-16 05:59", "2026-01-16 05:59"),
        ("2026-01-16T05:59:30", "2026-01-16 05:59:30"),
        ("-10m", "2026-01-15 08:50"),
        ("−10m", "2026-01-15 08:50"),
        ("+1h30m", "2026-01-15 10:30"),
        (" + 1h 30m ", "2026-01-15 10:30"),
        ("2h", "2026-01-14 22:00:30"),
        ("1D", "2026-01-15 20:00:30"),
        ("-90s", "2026-01-15 08:58:30"),
        ("0%", "2026-01-14 20:00:30"),
        ("100%", "2026-01-16 06:00"),
        ("+9d", "2026-01-16 06:00"),
        ("-9d", "2026-01-14 20:00:30"),
    ],
)
def test_times_are_understood(text: str, expected: str) -> None:
    here = at("2026-01-15 01:00") if text == "21:30" else HERE
    assert parse_when(text, TIMES, here, UTC) == at(expected)


def test_a_share_is_of_the_whole() -> None:
    assert parse_when("50%", TIMES, HERE, UTC) == pytest.approx((FIRST + LAST) / 2)
    assert parse_when("12.5%", TIMES, HERE, UTC) == pytest.approx(FIRST + (LAST - FIRST) / 8)


def test_a_time_of_day_is_that_of_the_zone() -> None:
    assert parse_when("03:12", TIMES, HERE, timezone(timedelta(hours=2))) == at("2026-01-15 01:12")


@pytest.mark.parametrize(
    "text", ["noon", "12", "25:00", "03:61", "-", "+", "%", "h", "2026-13-01 09:30", "99999d99999d", "1.2.3%", "3:1"]
)
def test_what_is_not_understood_is_named_with_what_would_be(text: str) -> None:
    result = parse_when(text, TIMES, HERE, UTC)
    assert isinstance(result, str)
    assert text in result


def test_nothing_typed_shows_examples() -> None:
    assert TIME_EXAMPLES in str(parse_when("  ", TIMES, HERE, UTC))


def test_outside_of_the_recording_says_what_it_covers() -> None:
    result = parse_when("2026-01-20 09:30", TIMES, HERE, UTC)
    assert result == "2026-01-20 09:30 is outside of the recording: 2026-01-14 20:00 to 2026-01-16 06:00"
    assert parse_when("20:00", [FIRST, FIRST + 60], FIRST, UTC) == FIRST, "any second of the minute"
    short = [at("2026-01-15 09:00"), at("2026-01-15 10:00")]
    assert "09:00 to 2026-01-15 10:00" in str(parse_when("11:00", short, short[0], UTC))


def test_an_empty_recording_has_no_times() -> None:
    assert parse_when("03:12", [], HERE, UTC) == "Nothing is recorded yet."


@pytest.mark.parametrize("times", [[0.0, LAST], [-1e18, LAST], [FIRST, 1e18], [FIRST, FIRST]])
def test_a_damaged_recording_is_no_error(times: Any) -> None:
    for text in ("03:12", "50%", "2026-01-15 09:30", "+1h"):
        assert isinstance(parse_when(text, times, HERE, UTC), float | str)


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_time_within_or_a_clean_sentence(text: str) -> None:
    found = parse_when(text, TIMES, HERE, UTC)
    if isinstance(found, str):
        assert found
        assert found == clean(found)
    else:
        assert FIRST <= found <= LAST


@given(st.from_regex(r"[+-]?(\d{1,3}d)?(\d{1,3}h)?(\d{1,3}m)?|\d?\d:\d\d(:\d\d)?|\d{1,4}%", fullmatch=True))
def test_whatever_looks_like_a_time_is_within_or_a_sentence(text: str) -> None:
    found = parse_when(text, TIMES, HERE, UTC)
    assert isinstance(found, str) or FIRST <= found <= LAST
