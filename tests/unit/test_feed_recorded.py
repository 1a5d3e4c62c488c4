"""Following and recording: through a transport, into a real directory, with a clock that only moves when told to."""

import os
import sqlite3
import threading
import zlib
from contextlib import aclosing, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from following import ABOUT, Following, epochs, following
from polling import HOST, KEY, LONG, Service, Steps
from states import PROJECT, body, trial_json

from eitui.api.client import Client
from eitui.config.key import Secret
from eitui.domain.moment import EMPTY_MOMENT, AlertKind, Keeping, Moment
from eitui.feed.events import (
    Identified,
    NoRecording,
    PollFailed,
    PollSucceeded,
    RecordingChanged,
    RecordingError,
    Resumed,
)
from eitui.feed.live import LiveSource
from eitui.feed.recorded import RecordedSource, RecordingPlace, check_file
from eitui.feed.recording import recorder_thread
from eitui.feed.recording.catalogue import file_of, is_locked, lock_of
from eitui.feed.recording.format import About
from eitui.feed.recording.reader import RecordingReader
from eitui.feed.recording.writer import RecordingWriter
from eitui.feed.replay import ReplaySource
from eitui.feed.track import fold
from eitui.storage.lock import Lock


def recorded(directory: Path, about: About = ABOUT) -> Moment:
    with closing(RecordingReader.open(file_of(directory, about))) as run:
        return run.last_moment()


def shown_epochs(moment: Moment) -> list[int]:
    return [epoch.epoch for epoch in moment.history.curves["a"].epochs]


async def test_what_is_followed_is_recorded(tmp_path: Path) -> None:
    async with following(tmp_path, *epochs(1, 2, 3)) as watch:
        for _ in range(3):
            await watch.until(PollSucceeded)
    moment = recorded(tmp_path)
    assert shown_epochs(moment) == [1, 2, 3]
    assert (moment.project_id, moment.project_name) == (PROJECT, "Doorbell")
    assert replace(watch.moment, recording=moment.recording) == moment


async def test_it_counts_the_polls_that_it_recorded(tmp_path: Path) -> None:
    async with following(tmp_path, *epochs(1, 2, 3)) as watch:
        assert watch.source.kept is None
        for _ in range(3):
            await watch.until(PollSucceeded)
    assert watch.source.kept == (ABOUT.run_id, 3)
    async with following(tmp_path, *epochs(4)) as later:
        await later.until(PollSucceeded)
    assert later.source.kept == (ABOUT.run_id, 1)


async def test_a_process_that_recorded_nothing_has_no_count(tmp_path: Path) -> None:
    async with following(tmp_path, *epochs(1)) as first:
        await first.until(Keeping.HERE)
        async with following(tmp_path, *epochs(2)) as second:
            await second.until(Keeping.ELSEWHERE)
        assert second.source.kept is None


async def test_it_says_that_it_is_recorded(tmp_path: Path) -> None:
    async with following(tmp_path, *epochs(1)) as watch:
        await watch.until(Keeping.HERE)
        assert watch.moment.recording.keeping is Keeping.HERE
        assert not watch.moment.alerts


async def test_a_later_watching_begins_with_what_the_first_saw(tmp_path: Path) -> None:
    async with following(tmp_path, *epochs(1, 2)) as watch:
        await watch.until(PollSucceeded)
        await watch.until(PollSucceeded)
    async with following(tmp_path, *epochs(9), start=8000.0) as again:
        await again.until(Resumed)
        assert shown_epochs(again.moment) == [1, 2]
        await again.until(PollSucceeded)
    moment = again.moment
    assert shown_epochs(moment) == [1, 2, 9]
    last = [event for event in watch.seen if isinstance(event, PollSucceeded)][-1]
    assert [(gap.start, gap.end) for gap in moment.history.gaps] == [(last.at.wall, 1_700_000_000 + 8000)]
    assert [alert.kind for alert in moment.alerts] == [AlertKind.NOT_WATCHED]
    assert shown_epochs(recorded(tmp_path)) == [1, 2, 9]


async def test_what_was_recorded_is_shown_though_the_service_is_away(tmp_path: Path) -> None:
    async with following(tmp_path, *epochs(1, 2)) as watch:
        await watch.until(PollSucceeded)
        await watch.until(PollSucceeded)
    async with following(tmp_path, httpx.ConnectError("refused"), project=PROJECT, start=8000.0) as again:
        await again.until(PollFailed)
    assert [type(event) for event in again.seen if not isinstance(event, RecordingChanged)] == [Resumed, PollFailed]
    assert shown_epochs(again.moment) == [1, 2]


async def test_every_run_has_a_file_of_its_own(tmp_path: Path) -> None:
    async with following(tmp_path, *epochs(1, 2), *epochs(1, run=78), *epochs(5)) as watch:
        for _ in range(4):
            await watch.until(PollSucceeded)
    assert shown_epochs(recorded(tmp_path)) == [1, 2, 5]
    assert shown_epochs(recorded(tmp_path, replace(ABOUT, run_id=78))) == [1]


async def test_of_a_run_that_begins_what_an_earlier_watching_saw_comes_first(tmp_path: Path) -> None:
    second = replace(ABOUT, run_id=78)
    for earlier in (epochs(1, 2, run=78), epochs(5, 6)):
        async with following(tmp_path, *earlier) as watch:
            await watch.until(PollSucceeded)
            await watch.until(PollSucceeded)
    os.utime(file_of(tmp_path, second), (1e9, 1e9))
    async with following(tmp_path, *epochs(7), *epochs(9, run=78), project=PROJECT, start=8000.0) as again:
        assert shown_epochs((await again.until(Resumed)).moment) == [5, 6]
        await again.until(PollSucceeded)
        assert shown_epochs(again.moment) == [5, 6, 7]
        assert shown_epochs((await again.until(Resumed)).moment) == [1, 2]
        await again.until(PollSucceeded)
        assert shown_epochs(again.moment) == [1, 2, 9]
        assert AlertKind.NEW_RUN not in [alert.kind for alert in again.moment.alerts]
    assert shown_epochs(recorded(tmp_path)) == [5, 6, 7]
    assert shown_epochs(recorded(tmp_path, second)) == [1, 2, 9]


async def test_a_second_runs_recording_knows_the_projects_name(tmp_path: Path) -> None:
    async with following(tmp_path, *epochs(1), *epochs(1, run=78)) as watch:
        for _ in range(2):
            await watch.until(PollSucceeded)
    assert recorded(tmp_path, replace(ABOUT, run_id=78)).project_name == "Doorbell"


async def test_while_it_stands_still_another_process_may_record(tmp_path: Path) -> None:
    path = file_of(tmp_path, ABOUT)
    async with following(tmp_path, *epochs(1, 2, 3)) as watch:
        watch.source.rest()
        await watch.until(Keeping.HERE)
        assert is_locked(path)
        watch.source.rest()
        assert not is_locked(path)
        await watch.until(PollSucceeded)
    assert shown_epochs(recorded(tmp_path)) == [1, 2]


async def test_where_there_is_no_run_nothing_is_recorded(tmp_path: Path) -> None:
    nothing = body([], status="ready", run=None)
    async with following(tmp_path / "recordings", nothing) as watch:
        await watch.until(PollSucceeded)
        await watch.until(PollSucceeded)
        with pytest.raises(NoRecording):
            watch.source.open_recording()
    assert not (tmp_path / "recordings").exists()


async def test_only_one_process_records_and_the_next_takes_over(tmp_path: Path) -> None:
    lock = Lock(lock_of(file_of(tmp_path, ABOUT)))
    assert lock.acquire()
    async with following(tmp_path, *epochs(1, 2, 3, 4)) as watch:
        await watch.until(Keeping.ELSEWHERE)
        assert not file_of(tmp_path, ABOUT).exists()
        lock.release()
        await watch.until(Keeping.HERE)
        assert [alert.kind for alert in watch.moment.alerts] == []
    assert shown_epochs(recorded(tmp_path))[-1] == shown_epochs(watch.moment)[-1]
    assert not lock_of(file_of(tmp_path, ABOUT)).exists()


async def test_a_disk_that_cannot_be_written_is_an_alert_and_nothing_seen_meanwhile_is_lost(tmp_path: Path) -> None:
    obstacle = tmp_path / "recordings"
    obstacle.write_text("a file where a directory should be")
    async with following(obstacle, *epochs(1, 2, 3, 4)) as watch:
        await watch.until(Keeping.FAILED)
        moment = watch.moment
        assert moment.recording.problem is not None
        assert "cannot be recorded" in moment.recording.problem.what
        assert [alert.kind for alert in moment.alerts] == [AlertKind.NOT_RECORDED]
        await watch.until(PollSucceeded)
        obstacle.unlink()
        await watch.until(Keeping.HERE)
        assert [alert.kind for alert in watch.moment.alerts] == [AlertKind.NOT_RECORDED, AlertKind.RECORDED_AGAIN]
    assert shown_epochs(recorded(obstacle)) == shown_epochs(watch.moment)


async def test_a_full_disk_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write, full = RecordingWriter.write, threading.Event()

    def on_a_full_disk(self: RecordingWriter, event: Any) -> None:
        if full.is_set():
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error
        write(self, event)

    monkeypatch.setattr(RecordingWriter, "write", on_a_full_disk)
    async with following(tmp_path, *epochs(1, 2, 3, 4, 5)) as watch:
        await watch.until(Keeping.HERE)
        full.set()
        failed = await watch.until(Keeping.FAILED)
        assert failed.recording.problem.what == "The run cannot be recorded: the disk is full"
        full.clear()
        await watch.until(Keeping.HERE)
    assert shown_epochs(recorded(tmp_path)) == shown_epochs(watch.moment)


async def test_a_disk_that_hangs_keeps_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = threading.Event()
    monkeypatch.setattr(RecordingWriter, "write", lambda self, event: hanging.wait(LONG))
    monkeypatch.setattr(recorder_thread, "RECORDER_PATIENCE", 0.0)
    async with following(tmp_path, *epochs(1, 2, 3)) as watch:
        for _ in range(3):
            await watch.until(PollSucceeded)
    hanging.set()
    assert shown_epochs(watch.moment) == [1, 2, 3]


async def test_what_of_a_damaged_recording_can_be_read_goes_on(tmp_path: Path) -> None:
    async with following(tmp_path, *epochs(1, 2)) as watch:
        await watch.until(PollSucceeded)
        await watch.until(PollSucceeded)
    path = file_of(tmp_path, ABOUT)
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("DELETE FROM checkpoints")
        file.execute("UPDATE pieces SET packed = x'00' WHERE id = (SELECT max(id) FROM pieces)")
    damaged = path.read_bytes()
    async with following(tmp_path, *epochs(3)) as again:
        kept = await again.until(Keeping.HERE)
    assert "was damaged" in kept.recording.problem.what
    assert shown_epochs(recorded(tmp_path)) == [1, 3]
    assert [aside.read_bytes() for aside in path.parent.glob("*.damaged-*")] == [damaged]


async def test_the_key_is_in_no_recording(tmp_path: Path) -> None:
    echoing = body([trial_json("a", epoch=1, note=KEY)], jobError=f"x-api-key: {KEY}")
    async with following(tmp_path, echoing) as watch:
        await watch.until(Keeping.HERE)
    whole = file_of(tmp_path, ABOUT).read_bytes()
    with closing(sqlite3.connect(file_of(tmp_path, ABOUT))) as file:
        for table in ("pieces", "facts", "checkpoints"):
            whole += b"".join(zlib.decompress(packed) for (packed,) in file.execute(f"SELECT packed FROM {table}"))
    assert b"[API key]" in whole
    assert KEY.encode() not in whole


async def test_the_tape_of_a_live_run_is_what_was_recorded_so_far(tmp_path: Path) -> None:
    async with following(tmp_path, *epochs(1, 2, 3)) as watch:
        await watch.until(Keeping.HERE)
        with closing(watch.source.open_recording()) as recording:
            assert shown_epochs(recording.frame(0).moment) == [1]


async def test_a_replay_has_all_of_it_from_the_first_and_nothing_new(tmp_path: Path) -> None:
    async with following(tmp_path, *epochs(1, 2, 3)) as watch:
        for _ in range(3):
            await watch.until(PollSucceeded)
    source = ReplaySource(file_of(tmp_path, ABOUT), Steps())
    assert not source.live
    async with aclosing(source.events()) as events:
        resumed = await anext(events)
        assert shown_epochs(fold(EMPTY_MOMENT, resumed).moment) == [1, 2, 3]
    with closing(source.open_recording()) as recording:
        assert len(recording.times) == 3


async def test_a_file_to_record_into_is_looked_at_first(tmp_path: Path) -> None:
    mine, other = tmp_path / "mine.eitui", tmp_path / "other.eitui"
    check_file(mine, HOST, PROJECT)
    assert not mine.exists()
    RecordingWriter(other, replace(ABOUT, project_id=7), 5.0, "0").close()
    with pytest.raises(RecordingError, match="project 7"):
        check_file(other, HOST, PROJECT)
    check_file(other, HOST, None)
    other.write_text("no recording")
    with pytest.raises(RecordingError, match="not a recording"):
        check_file(other, HOST, PROJECT)


async def test_a_name_is_learnt_before_there_is_a_run_and_kept(tmp_path: Path) -> None:
    async with following(tmp_path, body([], status="ready", run=None), *epochs(1)) as watch:
        await watch.until(Identified)
        await watch.until(PollSucceeded)
        await watch.until(Keeping.HERE)
    assert recorded(tmp_path).project_name == "Doorbell"


class Broken(RecordingPlace):
    """A place where looking for what was recorded earlier ends in what nobody foresaw."""

    def newest(self, project_id: int) -> Path | None:
        raise KeyError(project_id)


async def test_a_recording_that_breaks_in_a_way_nobody_foresaw_is_a_problem_and_the_run_is_followed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Steps()
    client = Client(f"https://{HOST}", Secret(KEY), transport=httpx.MockTransport(Service([*epochs(1, 2)])))
    live = LiveSource(client, PROJECT, clock=clock, jitter=lambda: 0.0)
    source = RecordedSource(live, Broken(tmp_path, HOST), "0", clock)
    async with aclosing(source.events()) as stream:
        watch = Following(source, clock, stream)
        for _ in range(2):
            await watch.until(PollSucceeded)
    assert shown_epochs(recorded(tmp_path)) == [1, 2]
    assert [alert.text for alert in watch.moment.alerts] == [
        "What was recorded earlier cannot be read: an unexpected error (KeyError)"
    ]
    assert any(record.exc_info for record in caplog.records)
