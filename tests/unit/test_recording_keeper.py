"""Who records: one process at a time, and whoever takes over loses nothing and writes nothing twice."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from keeping import ABOUT, Start, T, at, held, miss, poll, processes, recorded, times, write
from recorded_runs import without_log
from states import PROJECT

from eitui.domain.moment import Keeping, Problem
from eitui.domain.trial import Trial
from eitui.feed.events import Identified
from eitui.feed.recording.catalogue import file_of, is_locked
from eitui.feed.recording.recorder_thread import HELD_BACK


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with processes(tmp_path) as start:
        yield start


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return file_of(tmp_path, ABOUT)


def test_a_process_that_stands_still_lets_another_record_and_loses_nothing(start: Start, path: Path) -> None:
    process = start()
    assert process.say(poll(1)).keeping is Keeping.HERE
    assert is_locked(path)
    process.keeping.rest()
    assert without_log(path)
    other = held(path)
    assert process.say(poll(2)).keeping is Keeping.ELSEWHERE
    other.release()
    assert process.say(poll(3)).keeping is Keeping.HERE
    assert times(path) == [1, 2, 3]


def test_one_that_was_refused_for_good_lets_another_record(start: Start, path: Path) -> None:
    process = start()
    process.say(poll(1), miss(2, final=True))
    assert not is_locked(path)
    assert times(path) == [1, 2]
    process.say(poll(3))
    assert is_locked(path)
    process.say(miss(4))
    assert is_locked(path)


@pytest.mark.parametrize(
    ("theirs", "ours", "together"),
    [
        ([0, 10, 20], [5, 15, 25], [0, 10, 20, 25]),
        ([0, 10, 20], [5, 15, 25, 35, 45], [0, 10, 20, 25, 35, 45]),
        ([0, 10, 20], [20, 30], [0, 10, 20, 30]),
        ([0], [1, 2], [0, 1, 2]),
        ([], [1, 2], [1, 2]),
    ],
)
def test_whoever_takes_over_writes_what_the_other_did_not_and_nothing_twice(
    start: Start, path: Path, theirs: Any, ours: list[int], together: list[int]
) -> None:
    other, process = held(path), start()
    if theirs:
        write(path, *map(poll, theirs))
    *before, last = ours
    assert process.say(*map(poll, before)).keeping is Keeping.ELSEWHERE
    other.release()
    assert process.say(poll(last)).keeping is Keeping.HERE
    assert times(path) == together


def test_outages_seen_while_another_process_wrote_are_taken_over_too(start: Start, path: Path) -> None:
    other, process = held(path), start()
    write(path, poll(0), poll(10))
    process.say(poll(5), miss(8), miss(12), Identified(at(13), PROJECT, "Doorbell (synthetic)"))
    other.release()
    process.say(poll(14))
    told = recorded(path)
    assert told[2:] == [
        # What the project is called is said as soon as it is known.
        Identified(at(12), PROJECT, "Doorbell (synthetic)"),
        miss(12),
        Identified(at(13), PROJECT, "Doorbell (synthetic)"),
        poll(14),
    ]


def test_after_it_has_taken_over_a_clock_that_is_set_back_loses_nothing(start: Start, path: Path) -> None:
    other, process = held(path), start()
    write(path, poll(1000))
    process.say(poll(1001))
    other.release()
    process.say(poll(1002))
    process.keeping.rest()
    process.say(poll(5), poll(10))
    assert [event.at.wall - T for event in recorded(path)] == [1000, 1001, 1002, 5, 10]


def test_of_what_it_holds_back_the_oldest_goes_first(start: Start, path: Path) -> None:
    other, process = held(path), start()
    process.say(*(poll(second) for second in range(HELD_BACK + 10)))
    other.release()
    process.say(poll(HELD_BACK + 10))
    assert times(path) == list(range(11, HELD_BACK + 11))


@pytest.mark.parametrize(("interval", "silence"), [(5.0, 120), (60.0, 600)])
def test_a_writer_that_is_silent_for_long_is_said(start: Start, path: Path, interval: float, silence: int) -> None:
    other, process = held(path), start(interval=interval)
    write(path, poll(0))
    os.utime(path, (T, T))
    process.say(poll(1))
    assert process.say(poll(silence - 1)).keeping is Keeping.ELSEWHERE
    result = process.say(poll(silence + 2))
    assert result.keeping is Keeping.FAILED
    assert "writes nothing" in result.problem.what
    assert "fg" in result.problem.advice
    told = len(process.told)
    process.say(poll(silence + 10))
    assert len(process.told) == told
    os.utime(path, (T + silence + 11, T + silence + 11))
    assert process.say(poll(silence + 12)).keeping is Keeping.ELSEWHERE
    other.release()


def test_a_writer_that_was_silent_before_it_was_met_has_time_to_write(start: Start, path: Path) -> None:
    other, process = held(path), start()
    write(path, poll(0))
    os.utime(path, (T, T))
    assert process.say(poll(5000)).keeping is Keeping.ELSEWHERE
    assert process.say(poll(5100)).keeping is Keeping.ELSEWHERE
    assert process.say(poll(5130)).keeping is Keeping.FAILED
    other.release()


def test_nothing_need_be_written_after_the_end_or_while_the_service_is_away(start: Start, path: Path) -> None:
    other, process = held(path), start()
    write(path, poll(0))
    os.utime(path, (T, T))
    process.say(poll(1), miss(1000), poll(2000, status="completed"))
    assert [told.keeping for told in process.told] == [Keeping.ELSEWHERE]
    other.release()


def test_a_link_to_a_recording_is_the_same_recording(start: Start, tmp_path: Path) -> None:
    real, link = tmp_path / "real" / "one.eitui", tmp_path / "link.eitui"
    real.parent.mkdir()
    link.symlink_to(real)
    (tmp_path / "folder").symlink_to(real.parent)
    assert start(link).say(poll(1)).keeping is Keeping.HERE
    assert link.is_symlink()
    for name in (real, link, tmp_path / "folder" / "one.eitui"):
        assert is_locked(name)
        assert start(name).say(poll(2)).keeping is Keeping.ELSEWHERE
    assert times(real) == [1]


def test_a_poll_that_cannot_be_written_for_no_known_reason_keeps_no_other_from_being_written(
    start: Start, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    process = start()
    process.say(poll(1))
    odd = replace(poll(2), run=replace(poll(2).run, trials=cast("tuple[Trial, ...]", (object(),))))
    result = process.say(odd)
    assert result.keeping is Keeping.FAILED
    assert result.problem.what == "The run cannot be recorded: an unexpected error (AttributeError)"
    assert any(record.exc_info for record in caplog.records)
    assert process.say(poll(3)).keeping is Keeping.HERE
    assert times(path) == [1, 3]


def test_one_that_is_refused_and_asks_seldom_lets_another_record(start: Start, path: Path) -> None:
    process = start()
    refused = replace(miss(2), problem=Problem("The API key was refused", refused=True))
    process.say(poll(1), refused)
    assert not is_locked(path)
    process.say(poll(3))
    assert is_locked(path)
    assert times(path) == [1, 2, 3]
