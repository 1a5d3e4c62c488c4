"""Files that are no recordings, and recordings that a disk or a person has damaged: how they are read."""

import os
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest
from damaged import FILLS, INTERVAL, PAGE, IntactRecording, changed, look, overwritten, whole
from hypothesis import example, given
from hypothesis import strategies as st

from eitui.feed.events import NoRecording, RecordingError
from eitui.feed.recording.format import RECORDING_APPLICATION_ID, RECORDING_FORMAT
from eitui.feed.recording.reader import RecordingReader
from eitui.feed.recording.writer import RecordingWriter
from eitui.feed.replay import ReplaySource


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> IntactRecording:
    return whole(tmp_path_factory.mktemp("whole") / "one.eitui")


def check_looked_at(intact: IntactRecording, path: Path, damaged: bytes) -> str:
    """Make sure that damage is told or changes nothing; return what became of it."""
    path.write_bytes(damaged)
    try:
        frames, lost = look(path)
    except RecordingError as error:
        output, result = [error.what], "refused"
    else:
        assert lost or frames == intact.frames
        output, result = lost, "told" if lost else "whole"
    assert all(line and "\n" not in line for line in output)
    assert path.read_bytes() == damaged
    return result


def texts(intact: IntactRecording, path: Path, query: str) -> list[str]:
    path.write_bytes(intact.data)
    with closing(sqlite3.connect(path)) as file:
        return [text for (text,) in file.execute(query)]


def numbers(intact: IntactRecording, path: Path, query: str) -> list[int]:
    path.write_bytes(intact.data)
    with closing(sqlite3.connect(path)) as file:
        return [number for (number,) in file.execute(query)]


@pytest.mark.parametrize("first", [0, 2])
def test_a_page_that_is_lost_is_stepped_over_and_told(intact: IntactRecording, tmp_path: Path, first: int) -> None:
    """Each page in two ways, from one page to the next in others."""
    fills = [*FILLS.values()]
    results = [
        check_looked_at(intact, tmp_path / "one.eitui", overwritten(intact.data, PAGE * page, fill(intact, page)))
        for page, fill in zip(intact.pages, islice(cycle(fills), first, None), strict=False)
    ]
    assert results.count("told") >= len(intact.pages) / 2
    assert results.count("refused") <= 2


@given(st.data())
def test_bytes_that_are_others_change_nothing_that_is_not_told(
    intact: IntactRecording, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    damaged, length = intact.data, len(intact.data)
    for _ in range(data.draw(st.integers(1, 3))):
        noise = data.draw(st.binary(min_size=1, max_size=1) | st.binary(min_size=1, max_size=64))
        damaged = overwritten(damaged, data.draw(st.integers(PAGE, length - 1)), noise)
    check_looked_at(intact, tmp_path_factory.getbasetemp() / "bytes.eitui", damaged)


@given(st.integers(0, PAGE - 1), st.binary(min_size=1, max_size=16))
@example(18, b"\3\3")
@example(56, b"\0\0\0\2")
@example(3637, b"\x80")
def test_a_damaged_first_page_raises_nothing_but_what_it_should(
    intact: IntactRecording, tmp_path_factory: pytest.TempPathFactory, offset: int, noise: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "first.eitui"
    damaged = overwritten(intact.data, offset, noise)
    path.write_bytes(damaged)
    with suppress(RecordingError):
        look(path)
    assert path.read_bytes() == damaged


def test_a_recording_that_is_cut_short_says_so(intact: IntactRecording, tmp_path: Path) -> None:
    path = tmp_path / "one.eitui"
    for size in (*range(PAGE, len(intact.data), PAGE), PAGE + 1):
        path.write_bytes(intact.data[:size])
        with pytest.raises(RecordingError, match=f"is cut short: {size:,} of {len(intact.data):,} bytes are there"):
            RecordingReader.open(path)
        assert path.read_bytes() == intact.data[:size]


def test_one_of_which_a_part_of_the_last_page_is_missing_is_damaged(intact: IntactRecording, tmp_path: Path) -> None:
    for missing in (1, 100, PAGE - 1):
        check_looked_at(intact, tmp_path / "one.eitui", intact.data[:-missing])


@pytest.mark.parametrize("size", [0, 1, 16, 72, 100, PAGE - 1])
def test_so_does_one_of_which_hardly_anything_is_there(intact: IntactRecording, tmp_path: Path, size: Any) -> None:
    path = tmp_path / "one.eitui"
    path.write_bytes(intact.data[:size])
    with pytest.raises(RecordingError, match=r"is cut short|is not a recording of eitui"):
        RecordingReader.open(path)


@pytest.mark.parametrize(
    ("table", "key", "blob"), [("events", "id", "body"), ("pieces", "id", "packed"), ("pieces", "id", "digest")]
)
def test_a_flipped_bit_in_any_of_them_is_told(
    intact: IntactRecording, tmp_path: Path, table: str, key: str, blob: str
) -> None:
    path = tmp_path / "one.eitui"
    for number in numbers(intact, path, f"SELECT {key} FROM {table} ORDER BY random() LIMIT 10"):
        changed(intact, path, f"UPDATE {table} SET {blob} = flip({blob}) WHERE {key} = {number}")
        frames, lost = look(path)
        assert lost
        assert frames != intact.frames or table == "pieces"


@pytest.mark.parametrize("column", ["kind", "wall", "mono", "sitting"])
@pytest.mark.parametrize("value", ["1.5", "NULL", "'text'", "x'00'", "-1", "9e999"])
def test_so_is_a_number_that_never_was_written(
    intact: IntactRecording, tmp_path: Path, column: str, value: str
) -> None:
    alter = "UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL', '') WHERE name = 'events'"
    (sql,) = texts(intact, tmp_path / "one.eitui", "SELECT sql FROM sqlite_schema WHERE name = 'events'")
    path = changed(intact, tmp_path / "one.eitui", "PRAGMA writable_schema = ON", alter)
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute(f"UPDATE events SET {column} = {value} WHERE id = 20")
        file.execute("PRAGMA writable_schema = ON")
        file.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'events'", (sql,))
    frames, lost = look(path)
    assert len(frames) == len(intact.frames) - 1
    assert "what was between" in lost[0]


@pytest.mark.parametrize("where", ["event % 2", "1"])
@pytest.mark.parametrize(
    "statement", ["UPDATE checkpoints SET packed = flip(packed) WHERE {}", "DELETE FROM checkpoints WHERE {}"]
)
def test_checkpoints_that_are_lost_cost_nothing_but_time(
    intact: IntactRecording, tmp_path: Path, statement: str, where: str
) -> None:
    path = changed(intact, tmp_path / "one.eitui", statement.format(where))
    assert look(path) == (intact.frames, [])


@pytest.mark.parametrize("statement", ["UPDATE facts SET packed = flip(packed)", "DELETE FROM facts"])
def test_so_do_facts(intact: IntactRecording, tmp_path: Path, statement: str) -> None:
    assert look(changed(intact, tmp_path / "one.eitui", statement)) == (intact.frames, [])


def test_events_that_are_lost_leave_those_before_as_they_were_and_those_after_the_next_checkpoint(
    intact: IntactRecording, tmp_path: Path
) -> None:
    path = tmp_path / "one.eitui"
    checkpoint = numbers(intact, path, "SELECT min(event) FROM checkpoints")[0]
    changed(intact, path, "DELETE FROM events WHERE id BETWEEN 10 AND 15")
    frames, lost = look(path)
    assert "what was between" in lost[0]
    times = list(intact.frames)
    missing = [time for time in times if time not in frames]
    assert len(missing) == 6
    for time in frames:
        place = times.index(time)
        if time < missing[0] or place + 2 >= checkpoint:  # one event is not a poll
            assert frames[time] == intact.frames[time]
        else:
            assert time > missing[-1]


def test_a_lost_state_of_a_trial_leaves_the_trial_as_it_was_until_it_changes(
    intact: IntactRecording, tmp_path: Path
) -> None:
    path = tmp_path / "one.eitui"
    times = list(intact.frames)
    runs = [intact.frames[time].moment.run for time in times]
    place = next(place for place in range(10, 20) if runs[place].trials[0].payload != runs[place - 1].trials[0].payload)
    digest = runs[place].trials[0].payload.digest.hex()
    changed(intact, path, f"DELETE FROM pieces WHERE digest = x'{digest}'")
    frames, (lost,) = look(path)
    assert "one state of a trial is lost" in lost
    assert list(frames) == times
    assert frames[times[place]].moment.run.trials[0] == runs[place - 1].trials[0]
    assert frames[times[place]].moment.run.trials[1:] == runs[place].trials[1:]
    assert all(frames[time] == intact.frames[time] for time in times[:place])


@pytest.mark.parametrize("last", [1, 3, 200])
def test_events_that_are_missing_at_the_end_are_missed(intact: IntactRecording, tmp_path: Path, last: int) -> None:
    most = f"(SELECT max(id) - {last} FROM events)"
    path = changed(intact, tmp_path / "one.eitui", f"DELETE FROM events WHERE id > {most}")
    frames, lost = look(path)
    assert lost
    assert frames.items() <= intact.frames.items()


def test_an_interval_that_is_lost_is_told(intact: IntactRecording, tmp_path: Path) -> None:
    for statement in ("DELETE FROM sittings", "UPDATE sittings SET interval = 7"):
        frames, lost = look(changed(intact, tmp_path / "one.eitui", statement))
        assert lost == ["The recording is damaged: how often the service was asked is lost"]
        assert list(frames) == list(intact.frames)


def test_of_a_recording_whose_events_are_all_lost_there_is_nothing_to_replay(
    intact: IntactRecording, tmp_path: Path
) -> None:
    path = changed(intact, tmp_path / "one.eitui", "DELETE FROM events")
    with pytest.raises(RecordingError, match="is damaged: no poll in it can be read") as refused:
        ReplaySource(path).open_recording()
    assert not isinstance(refused.value, NoRecording)


def test_a_damaged_recording_that_is_closed_says_so(intact: IntactRecording, tmp_path: Path) -> None:
    path = tmp_path / "one.eitui"
    path.write_bytes(intact.data)
    run = RecordingReader.open(path)
    run.close()
    with pytest.raises(RecordingError, match="has been closed"):
        run.frame(0)


def no_recordings(intact: IntactRecording) -> Iterator[tuple[str, bytes | tuple[str, ...], str]]:
    yield "an empty file", b"", "is not a recording of eitui"
    yield "a text", b"not a recording\n" * 1000, "is not a recording of eitui"
    yield "noise", random.Random(1).randbytes(10_000), "is not a recording of eitui"
    yield "another database", ("DROP TABLE about", "PRAGMA application_id = 7"), "is not a recording of eitui"
    yield "no application's", ("PRAGMA application_id = 0",), "is not a recording of eitui"
    yield "one without a table", ("DROP TABLE about",), "is not a recording of eitui"
    yield "a newer one", (f"PRAGMA user_version = {RECORDING_FORMAT + 1}",), "was made by a newer eitui"
    yield "nobody's", ("DELETE FROM about WHERE name = 'run_id'",), "does not say which run it is of"
    yield "nonsense", ("UPDATE about SET value = x'00' WHERE name = 'host'",), "does not say which run it is of"


def test_what_is_no_recording_is_refused_in_a_line_and_left_alone(intact: IntactRecording, tmp_path: Path) -> None:
    for name, content, words in no_recordings(intact):
        path = tmp_path / f"{name}.eitui"
        path.write_bytes(content) if isinstance(content, bytes) else changed(intact, path, *content)
        before = path.read_bytes()
        for use in (RecordingReader.open, lambda path: RecordingWriter(path, intact.about, INTERVAL, "0")):
            with pytest.raises(RecordingError) as refused:
                use(path)
            assert words in refused.value.what, name
            assert "\n" not in refused.value.what
        assert path.read_bytes() == before
        assert {item.name for item in tmp_path.glob(f"{name}*")} == {path.name}


def test_a_newer_format_is_told_though_nothing_else_in_the_file_is_known(
    intact: IntactRecording, tmp_path: Path
) -> None:
    path = tmp_path / "one.eitui"
    header = overwritten(intact.data[:PAGE], 60, (RECORDING_FORMAT + 1).to_bytes(4, "big"))
    path.write_bytes(overwritten(header, 100, bytes(PAGE - 100)))
    assert path.read_bytes()[68:72] == RECORDING_APPLICATION_ID.to_bytes(4, "big")
    with pytest.raises(RecordingError, match="was made by a newer eitui"):
        RecordingReader.open(path)


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to(path), lambda path: None])
def test_what_is_no_file_is_no_recording_and_holds_nobody_up(tmp_path: Path, make: Any) -> None:
    path = tmp_path / "one.eitui"
    make(path)
    with pytest.raises(NoRecording, match="There is no recording"):
        RecordingReader.open(path)
