"""The place in a recording: it stays within it, every move does what it says, and a person may type where to go."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import accumulate, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis import position
from eitui.analysis.position import SPEEDS, TIME_EXAMPLES, Position, parse_when
from eitui.domain.text import clean

BEGIN = 1_768_469_400.0

times_of = st.lists(st.sampled_from([0.0, 1.0, 5.0, 5.5, 61.0, 7200.0]), max_size=40).map(
    lambda apart: list(accumulate(apart, initial=BEGIN))[1:]
)
EVEN = [BEGIN + 5 * number for number in range(100)]


def step(head: Position, polls: int, times: position.Times) -> Position:
    return position.place(head, head.index + polls, times)


moves = st.one_of(
    st.builds(lambda by: lambda head, times: step(head, by, times), st.integers(-50, 50)),
    st.builds(lambda by: lambda head, times: position.move_position(head, by, times), st.floats(-20_000, 20_000)),
    st.builds(lambda at: lambda head, times: position.seek(head, BEGIN + at, times), st.floats(-100, 50_000)),
    st.sampled_from([0, 10_000]).map(lambda index: lambda head, times: position.place(head, index, times)),
    st.builds(
        lambda marks, way: (
            lambda head, times: position.to_mark(head, way, [BEGIN + mark for mark in marks], times) or head
        ),
        st.lists(st.floats(-10, 50_000), max_size=5),
        st.sampled_from([-1, 1]),
    ),
    st.builds(lambda by: lambda head, _: position.faster(head, by), st.integers(-20, 20)),
    st.sampled_from([lambda head, _: replace(head, playing=True), lambda head, _: replace(head, playing=False)]),
    st.builds(lambda by: lambda head, times: position.advance(head, by, times), st.floats(0, 100)),
)


@given(times_of, st.lists(moves, max_size=20))
def test_no_move_leads_out_of_the_recording(times: Any, made: Any) -> None:
    head = position.place(Position(), 0, times)
    for move in made:
        head = move(head, times)
        assert head.speed in SPEEDS
        if times:
            assert times[head.index] <= head.at <= times[-1]
            assert head.index == len(times) - 1 or head.at <= times[head.index + 1]
        else:
            assert head.index == 0


@given(times_of.filter(bool), st.data())
def test_a_step_forth_and_one_back_return(times: Any, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(times) - 1))
    polls = data.draw(st.integers(0, len(times) - 1 - start))
    head = position.place(Position(), start, times)
    assert step(step(head, polls, times), -polls, times) == head


@given(times_of.filter(bool), st.lists(st.floats(0, 5), max_size=30), st.sampled_from(SPEEDS))
def test_playing_never_goes_back_and_ends_at_the_end(times: Any, beats: list[float], speed: Any) -> None:
    head = Position(0, times[0], playing=True, speed=speed)
    for beat in beats:
        later = position.advance(head, beat, times)
        assert (later.at, later.index) >= (head.at, head.index)
        head = later
    end = position.advance(head, 1e9, times)
    assert (end.index, end.at, end.playing, end.over) == (len(times) - 1, times[-1], False, head.playing or head.over)


@given(st.lists(st.floats(0.01, 3), max_size=20), st.sampled_from(SPEEDS))
def test_how_often_one_looks_at_the_clock_does_not_matter(beats: list[float], speed: Any) -> None:
    start = Position(0, EVEN[0], playing=True, speed=speed)
    often = start
    for beat in beats:
        often = position.advance(often, beat, EVEN)
    assert often.at == pytest.approx(position.advance(start, sum(beats), EVEN).at)
    assert often.at == pytest.approx(min(EVEN[-1], EVEN[0] + sum(beats) * speed))


def test_a_gap_is_crossed_within_a_second_and_a_usual_wait_is_not_shortened() -> None:
    times = [BEGIN, BEGIN + 50, BEGIN + 50 + 8 * 3600]
    head = Position(0, BEGIN, playing=True, speed=1)
    assert position.advance(head, 49.0, times).index == 0
    at_gap = position.advance(head, 50.0, times)
    assert at_gap.index == 1
    assert position.advance(at_gap, 0.9, times).index == 1
    assert position.advance(at_gap, 1.0, times).index == 2


def test_polls_far_apart_by_choice_are_no_gap() -> None:
    times = [BEGIN, BEGIN + 120]
    head = Position(0, BEGIN, playing=True, speed=1)
    assert position.advance(head, 60.0, times).index == 1
    assert position.advance(head, 60.0, times, gap_s=720.0).index == 0


def test_standing_still_time_does_not_pass() -> None:
    head = position.place(Position(), 3, EVEN)
    assert position.advance(head, 1000.0, EVEN) == head


@given(times_of.filter(bool), st.floats(-1000, 60_000))
def test_a_time_is_sought_at_the_last_poll_by_then(times: Any, after: float) -> None:
    at = BEGIN + after
    head = position.seek(Position(), at, times)
    assert head.over == (at > times[-1])
    if at >= times[0]:
        assert times[head.index] <= at
        assert head.index == len(times) - 1 or times[head.index + 1] > at
    else:
        assert head.index == 0


@given(times_of.filter(bool), st.floats(0.001, 20_000), st.sampled_from([-1, 1]), st.data())
def test_a_move_is_by_one_poll_at_least(times: Any, seconds: float, way: int, data: st.DataObject) -> None:
    head = position.place(Position(), data.draw(st.integers(0, len(times) - 1)), times)
    moved = position.move_position(head, way * seconds, times)
    at_end = head.index == (len(times) - 1 if way > 0 else 0)
    assert (moved.index == head.index) == at_end
    assert (moved.index - head.index) * way >= 0
    assert moved.over or way < 0 or moved.index < len(times) - 1 or head.at + seconds <= times[-1] or not at_end


def test_a_move_goes_as_far_as_it_says() -> None:
    head = position.place(Position(), 50, EVEN)
    assert position.move_position(head, 60.0, EVEN).index == 62
    assert position.move_position(head, -60.0, EVEN).index == 38
    assert position.move_position(head, -1e6, EVEN).index == 0
    assert not position.move_position(head, 49 * 5.0, EVEN).over
    assert position.move_position(head, 49 * 5.0 + 1, EVEN).over


def test_the_end_is_run_into_only_by_going_past_it() -> None:
    last = position.place(Position(), len(EVEN) - 1, EVEN)
    assert not last.over
    assert step(last, 1, EVEN).over
    assert not step(step(last, 1, EVEN), -1, EVEN).over


@given(times_of.filter(bool), st.lists(st.integers(0, 39), max_size=6), st.sampled_from([-1, 1]), st.data())
def test_marks_are_visited_one_after_another(times: Any, chosen: list[int], way: int, data: st.DataObject) -> None:
    marks = [times[index % len(times)] for index in chosen]
    start = data.draw(st.integers(0, len(times) - 1))
    head, seen = position.place(Position(), start, times), [start]
    while (found := position.to_mark(head, way, marks, times)) is not None:
        head = found
        seen.append(head.index)
        assert times[head.index] in marks
    assert all((after - before) * way > 0 for before, after in pairwise(seen))
    beyond = {mark for mark in marks if (mark - times[start]) * way > 0}
    assert beyond <= {times[index] for index in seen}


def test_a_mark_between_two_polls_is_seen_at_the_later_one() -> None:
    head = position.place(Position(), 0, EVEN)
    found = position.to_mark(head, 1, [EVEN[7] + 0.5], EVEN)
    assert found is not None
    assert found.index == 8


def test_a_mark_after_the_end_is_none() -> None:
    assert position.to_mark(Position(), 1, [EVEN[-1] + 1], EVEN) is None
    assert position.to_mark(Position(), 1, [BEGIN], []) is None


def test_speeds_go_up_and_down_and_stop_at_the_ends() -> None:
    head = Position(speed=1)
    met = [head.speed]
    for _ in range(len(SPEEDS) + 2):
        head = position.faster(head)
        met.append(head.speed)
    assert met == [*SPEEDS, SPEEDS[-1], SPEEDS[-1], SPEEDS[-1]]
    assert position.faster(Position(speed=1), -1).speed == 1
    assert position.faster(Position(speed=3600), -1).speed == 1800


def test_an_empty_recording_has_one_place() -> None:
    head = position.seek(Position(), BEGIN, [])
    assert (head.index, head.over) == (0, True)
    assert position.move_position(head, 5.0, []).index == 0
    assert not position.advance(replace(head, playing=True), 1.0, []).playing


def test_a_single_poll_is_beginning_and_end() -> None:
    for head in (
        position.place(Position(), 0, [BEGIN]),
        position.place(Position(), 1, [BEGIN]),
    ):
        assert (head.index, head.at) == (0, BEGIN)
    assert position.advance(Position(0, BEGIN, playing=True), 0.1, [BEGIN]).over


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
