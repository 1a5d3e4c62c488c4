"""Who records: one process at a time, and whoever takes over loses nothing and writes nothing twice.

And which file is recorded into, and what happens when it goes away, is changed or damaged, or cannot be written.
"""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from keeping import ABOUT, LONG, Start, T, aside, at, damage, held, miss, poll, processes, recorded, times, write
from recorded_runs import without_log
from states import PROJECT, RUN

from eitui.domain.moment import Keeping, Problem, Recording
from eitui.domain.run import RunRecord
from eitui.domain.trial import Trial
from eitui.feed.events import Identified, RecordingError, ServiceEvent
from eitui.feed.recording import recorder_thread
from eitui.feed.recording.catalogue import file_of, is_locked, lock_of
from eitui.feed.recording.reader import RecordingReader
from eitui.feed.recording.recorder_thread import HELD_BACK
from eitui.feed.recording.writer import RecordingWriter


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


# Files that go away, are changed, or are damaged


def unlink(path: Path) -> None:
    path.unlink()


def unlink_all(path: Path) -> None:
    for part in path.parent.iterdir():
        part.unlink()


def remove_directory(path: Path) -> None:
    shutil.rmtree(path.parent)


def replace_by_another(path: Path) -> None:
    unlink_all(path)
    write(path, poll(50))


@pytest.mark.parametrize("remove", [unlink, unlink_all, remove_directory, replace_by_another])
def test_a_recording_that_is_removed_begins_anew_and_says_so(start: Start, path: Path, remove: Any) -> None:
    process = start()
    assert process.say(poll(1), poll(2)).problem is None
    remove(path)
    result = process.say(poll(60))
    assert result.keeping is Keeping.HERE
    assert "was removed" in result.problem.what
    process.say(poll(65))
    assert times(path)[-2:] == [60, 65]
    assert is_locked(path)
    process.keeping.close()
    assert without_log(path)
    assert not lock_of(path).exists()


def test_whoever_took_the_place_of_a_lock_that_was_removed_is_the_one_who_writes(start: Start, path: Path) -> None:
    process = start()
    process.say(poll(1))
    lock_of(path).unlink()
    other = held(path)
    assert process.say(poll(2)).keeping is Keeping.ELSEWHERE
    assert times(path) == [1]
    assert is_locked(path)
    process.keeping.close()
    assert is_locked(path)
    other.release()


def test_a_file_changed_behind_its_back_is_gone_on_with(start: Start, path: Path) -> None:
    process = start()
    process.say(poll(1))
    write(path, poll(2))
    assert process.say(poll(3)) == Recording(Keeping.HERE)
    assert times(path) == [1, 2, 3]
    assert not aside(path)


def test_a_second_damage_is_not_rescued_again(start: Start, path: Path) -> None:
    process = start()
    process.say(poll(1), poll(2))
    process.keeping.rest()
    damage(path)
    result = process.say(poll(3))
    assert (result.keeping, len(aside(path))) == (Keeping.HERE, 1)
    assert "was damaged" in result.problem.what
    process.keeping.rest()
    damage(path)
    twice = path.read_bytes()
    for second in (4, 5, 6):
        result = process.say(poll(second))
        assert result.keeping is Keeping.FAILED
        assert "is damaged again" in result.problem.what
    assert len(aside(path)) == 1
    assert path.read_bytes() == twice


def test_a_damage_met_while_writing_is_rescued_with_a_reader_there(start: Start, path: Path) -> None:
    """The reader keeps SQLite's log in its place: it goes aside with the file that it is of."""
    process = start()
    process.say(poll(1), poll(2))
    with closing(RecordingReader.open(path)) as reader:
        process.keeping.rest()
        write(path, poll(3))
        damage(path)
        process.say(poll(4))
        assert len(reader.times) == 2
    # Of the damaged poll what can be read goes on: the trial as it was before.
    assert times(path) == [1, 2, 3, 4]
    assert len([part for part in aside(path) if not part.name.endswith(("-wal", "-shm"))]) == 1


# Run by run


def test_nothing_of_one_run_is_in_the_file_of_the_next(start: Start, tmp_path: Path) -> None:
    obstacle = tmp_path / "obstacle"
    obstacle.touch()
    process = start(lambda about: (obstacle if about.run_id == RUN else tmp_path) / "one.eitui")
    assert process.say(poll(1), miss(2), poll(3)).keeping is Keeping.FAILED
    assert process.say(poll(4, run=78), poll(5, run=78)).keeping is Keeping.HERE
    assert recorded(tmp_path / "one.eitui") == [poll(4, run=78), poll(5, run=78)]


def test_what_came_before_the_first_run_is_in_its_file(start: Start, path: Path) -> None:
    process = start()
    process.say(miss(1), poll(2))
    assert recorded(path) == [Identified(at(0), PROJECT), miss(1), poll(2)]


def test_the_file_of_a_second_run_begins_with_the_projects_name_and_without_the_firsts_record(
    start: Start, tmp_path: Path
) -> None:
    process, record = start(), RunRecord(RUN, 1, "Run 1 (synthetic)", T, "success")
    # The name is learnt once, and what the list of runs says of each run afterwards.
    process.say(poll(1), Identified(at(1), PROJECT, "Doorbell (synthetic)"), Identified(at(1), PROJECT, record=record))
    process.say(poll(2, run=78), poll(3, run=78))
    second = file_of(tmp_path, replace(ABOUT, run_id=78))
    assert recorded(second) == [
        Identified(at(2), PROJECT, "Doorbell (synthetic)"), poll(2, run=78), poll(3, run=78)
    ]  # fmt: skip
    process.keeping.rest()
    process.say(poll(4, run=78))
    assert times(second) == [2, 3, 4]
    assert sum(isinstance(event, Identified) for event in recorded(second)) == 1


def test_after_the_end_of_the_run_only_what_is_new_is_recorded(start: Start, path: Path) -> None:
    process = start()
    over = [poll(seconds, status="completed", epoch=9) for seconds in (10, 40, 70)]
    learnt = Identified(at(71), PROJECT, record=RunRecord(RUN, 1, "Run 1 (synthetic)", T, "success"))
    process.say(poll(5, epoch=9), *over, learnt)
    assert recorded(path)[1:] == [poll(5, epoch=9), over[0], learnt]
    # As when it is evaluated last of all.
    process.say(poll(90, status="completed", epoch=10), poll(91, status="completed", epoch=10))
    assert times(path) == [5, 10, 90]
    back = [poll(seconds, status="completed", epoch=10) for seconds in (110, 140)]
    process.say(miss(100), *back)
    assert times(path) == [5, 10, 90, 100, 110]
    extended = [poll(200), poll(205), poll(210, status="completed"), poll(240, status="completed", epoch=210)]
    process.say(*extended)
    assert times(path) == [5, 10, 90, 100, 110, 200, 205, 210]


def test_while_the_run_goes_on_every_poll_is_recorded(start: Start, path: Path) -> None:
    start().say(*(poll(seconds, epoch=1) for seconds in (5, 10, 15)))
    assert times(path) == [5, 10, 15]


# What goes wrong


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError("embedded null byte"), "an unexpected error (ValueError)"),
        (UnicodeEncodeError("utf-8", "\udcff", 0, 1, "surrogates not allowed"), "an unexpected error"),
        (OSError(28, "No space left on device"), "no space left on device"),
        (RecordingError("It is of another run", "Choose another."), "It is of another run"),
    ],
)
def test_whatever_goes_wrong_is_told_and_tried_again(start: Start, path: Path, error: Any, words: str) -> None:
    errors, process = [error, error], start()
    with pytest.MonkeyPatch.context() as patch:
        create = RecordingWriter

        def fail(*told: Any) -> RecordingWriter:
            if errors:
                raise errors.pop()
            return create(*told)

        patch.setattr(recorder_thread, "RecordingWriter", fail)
        for second in (1, 2):
            result = process.say(poll(second))
            assert result.keeping is Keeping.FAILED
            assert words in result.problem.what
            assert not is_locked(path)
        assert process.say(poll(3)) == Recording(Keeping.HERE)
    assert len(process.told) == 2
    assert times(path) == [1, 2, 3]


def test_a_disk_that_is_too_slow_is_told_and_does_not_fill_the_memory(
    start: Start, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_down, slow, begun = RecordingWriter.write, threading.Event(), threading.Event()

    def slowly(self: RecordingWriter, event: ServiceEvent) -> None:
        begun.set()
        assert slow.wait(LONG)
        write_down(self, event)

    process = start()
    monkeypatch.setattr(recorder_thread, "MOST_WAITING_EVENTS", 4)
    monkeypatch.setattr(RecordingWriter, "write", slowly)
    process.keeping.keep(poll(1))
    assert begun.wait(LONG)
    for second in range(2, 20):
        process.keeping.keep(poll(second))
    slow.set()
    process.turns.wait()
    assert times(path) == [1, 2, 3, 4, 5]
    assert [told.keeping for told in process.told] == [Keeping.HERE, Keeping.FAILED, Keeping.HERE]
    assert "too slow" in process.told[1].problem.what
    process.say(poll(20))
    assert times(path)[-1] == 20
