"""What was recorded is, read again, moment by moment what was seen."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from states import PROJECT, RUN, body, happenings, runs, trial_json

from eitui.api.state import unpack
from eitui.domain.curve import Epoch, LogPart
from eitui.domain.moment import EMPTY_MOMENT, AlertKind, Connection, Instant, Moment, Problem
from eitui.domain.run import RunRecord
from eitui.feed.events import EpochsRead, Identified, PollFailed, PollSucceeded, RecordingError, Resumed, ServiceEvent
from eitui.feed.recording import codec, writer
from eitui.feed.recording.catalogue import entry_of
from eitui.feed.recording.format import About
from eitui.feed.recording.reader import MAKER, RecordingReader
from eitui.feed.recording.writer import RecordingWriter
from eitui.feed.track import KEPT_ALERTS, fold
from eitui.storage.sqlite import seal

ABOUT = About("studio.edgeimpulse.com", PROJECT, RUN)
INTERVAL = 5.0


@contextmanager
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as directory:
        yield Path(directory) / "one.eitui"


def record(path: Path, events: Iterable[ServiceEvent], about: About = ABOUT) -> None:
    with closing(RecordingWriter(path, about, INTERVAL, "0")) as recorder:
        for event in events:
            recorder.write(event)


def watched(sittings: Sequence[Sequence[ServiceEvent]]) -> list[Moment]:
    """Return the moment after each poll, and what was learnt before the next one, as live monitors would show it."""
    moment = replace(EMPTY_MOMENT, connection=Connection(interval=INTERVAL))
    moments: list[Moment] = []
    for number, events in enumerate(sittings):
        before = len(moments)
        for place, event in enumerate(events):
            if number and place == 0:
                moment = fold(moment, Resumed(event.at, moment)).moment
            moment = fold(moment, event).moment
            if isinstance(event, Identified) and len(moments) > before:
                moments[-1] = moment
            elif not isinstance(event, Identified):
                moments.append(moment)
    return moments


def moments(run: RecordingReader) -> list[Moment]:
    return [run.frame(index).moment for index in range(len(run.times))]


def polls(count: int, *, changing: bool = True) -> list[ServiceEvent]:
    bodies = [body([trial_json("a", epoch=1 + number * changing, loss=0.5)]) for number in range(count)]
    return [
        PollSucceeded(Instant(1e9 + 5 * number, 5.0 * number), run, INTERVAL) for number, run in enumerate(runs(bodies))
    ]


def log_read(seconds: float) -> EpochsRead:
    epochs = tuple(Epoch(number, 1 / number, None, 0.5, 0.25, None, 1e9 + number) for number in (1, 2, 3))
    return EpochsRead(Instant(1e9 + seconds, seconds), PROJECT, "a", 0, LogPart(epochs, to_end=True))


def test_epochs_of_a_log_are_recorded() -> None:
    events = [*polls(1, changing=False), log_read(2), *polls(3, changing=False)[1:]]
    with place() as path:
        record(path, events)
        with closing(RecordingReader.open(path)) as run:
            curve = run.frame(0).moment.history.curves["a"]
            assert [epoch.epoch for epoch in curve.epochs] == [1, 1, 2, 3]  # the poll's epoch has another loss
            assert curve.logged == (log_read(2).told,)
            assert run.last_moment() == watched([events])[-1]
            assert [event for _, _, event in run.recorded_events()][1] == log_read(2)
            assert not run.lost


def test_epochs_of_a_log_that_is_read_after_the_end_are_shown_at_the_end() -> None:
    ended = body([trial_json("a", "completed", epoch=1)], status="completed", running=False)
    (run_ended,) = runs([ended])
    with place() as path:
        record(path, [PollSucceeded(Instant(1e9, 5.0), run_ended, INTERVAL)])
        record(path, [log_read(7200)])
        with closing(RecordingReader.open(path)) as run:
            frame = run.frame(0)
            assert (len(run.times), frame.now) == (1, Instant(1e9, 5.0))
            assert frame.moment.connection.last_good == frame.now
            assert frame.moment.history.curves["a"].logged == (log_read(2).told,)
            assert run.frame(0) == frame


def test_versions_that_know_nothing_of_logs_read_on() -> None:
    kind, written = codec.encode_event(log_read(2))
    assert kind == codec.IDENTIFIED
    known: Any = msgspec.defstruct(
        "Known", [("project_id", int), ("name", str), ("record", RunRecord | None)], array_like=True
    )
    assert msgspec.msgpack.decode(written, type=known) == known(PROJECT, "", None)


def test_a_row_of_a_kind_that_a_newer_version_wrote_is_passed_over() -> None:
    events = polls(3)
    with place() as path:
        record(path, events)
        with closing(sqlite3.connect(path)) as file:
            row = (4, 1, 99, 1e9 + 11, 11.0)
            file.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", (*row, b"new", seal(b"new", *row)))
            file.commit()
        record(path, polls(5)[3:])
        with closing(RecordingReader.open(path)) as run:
            assert [moment.run.trials[0].epoch for moment in moments(run)] == [1, 2, 3, 4, 5]
            assert not run.lost


@given(happenings())
def test_a_recording_gives_moment_by_moment_what_was_seen_live(events: Any) -> None:
    with place() as path:
        record(path, events)
        with closing(RecordingReader.open(path)) as run:
            assert moments(run) == watched([events])
            assert not run.lost


@given(happenings(), st.data())
def test_so_it_does_in_any_order_and_with_checkpoints_anywhere(events: Any, data: st.DataObject) -> None:
    every = data.draw(st.integers(1, 4))
    with place() as path, pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "CHECKPOINT_POLLS", every)
        patch.setattr(writer, "CHECKPOINT_IDLE", every)
        patch.setattr(writer, "WHOLE_EVERY", data.draw(st.integers(1, 4)))
        record(path, events)
        live = watched([events])
        with closing(RecordingReader.open(path)) as run:
            for index in data.draw(st.permutations(range(len(live)))):
                assert run.frame(index).moment == live[index]


@given(st.lists(happenings(4), min_size=2, max_size=4))
def test_a_recording_that_was_taken_up_again_is_one_run(sittings: Any) -> None:
    with place() as path:
        for events in sittings:
            record(path, events)
        with closing(RecordingReader.open(path)) as run:
            assert moments(run) == watched(sittings)


@given(happenings())
def test_what_was_recorded_can_be_told_again_event_by_event(events: Any) -> None:
    with place() as path:
        record(path, events)
        with closing(RecordingReader.open(path)) as run:
            told = [event for _, _, event in run.recorded_events()]
    assert told == events
    for was, now in zip(events, told, strict=True):
        if isinstance(was, PollSucceeded) and isinstance(now, PollSucceeded):
            assert unpack(now.run.payload) == unpack(was.run.payload)
            assert [unpack(trial.payload) for trial in now.run.trials] == [
                unpack(trial.payload) for trial in was.run.trials
            ]


@given(happenings(8), st.data())
def test_a_crash_at_any_instant_of_a_write_loses_at_most_that_event(events: Any, data: st.DataObject) -> None:
    """The log that SQLite writes first is cut off anywhere: that is all a process killed while it writes leaves."""
    with place() as path:
        log = path.with_name(path.name + "-wal")
        sizes = []
        recorder = RecordingWriter(path, ABOUT, INTERVAL, "0")
        with closing(recorder):
            for event in events:
                recorder.write(event)
                sizes.append(log.stat().st_size)
            cut = data.draw(st.integers(0, sizes[-1]))
            copy = path.with_name("copy.eitui")
            shutil.copy(path, copy)
            copy.with_name(copy.name + "-wal").write_bytes(log.read_bytes()[:cut])
        with closing(RecordingReader.open(copy)) as run:
            told = [event for _, _, event in run.recorded_events()]
            assert not run.lost
        whole = sum(size <= cut for size in sizes)
        assert told == events[:whole]
        record(copy, events[whole:])
        with closing(RecordingReader.open(copy)) as run:
            assert [event for _, _, event in run.recorded_events()] == events


def test_only_what_changed_is_stored(tmp_path: Path) -> None:
    path = tmp_path / "one.eitui"
    still = [trial_json(str(number), "completed", 50, 0.1) for number in range(30)]
    bodies = [body([*still, trial_json("x", epoch=number, loss=0.5)]) for number in range(50)]
    record(path, (PollSucceeded(Instant(1e9 + n, n), run) for n, run in enumerate(runs(bodies))))
    with closing(sqlite3.connect(path)) as file:
        (pieces,) = file.execute("SELECT count(*) FROM pieces").fetchone()
    assert pieces == 1 + 30 + 50


def test_a_recording_grows_while_it_is_looked_at(tmp_path: Path) -> None:
    path, events = tmp_path / "one.eitui", polls(6)
    with closing(RecordingWriter(path, ABOUT, INTERVAL, "0")) as recorder:
        recorder.write(events[0])
        with closing(RecordingReader.open(path)) as run:
            assert len(run.times) == 1
            for event in events[1:]:
                recorder.write(event)
            run.refresh()
            assert moments(run) == watched([events])


def test_the_times_go_on_though_the_clock_is_set_back(tmp_path: Path) -> None:
    path = tmp_path / "one.eitui"
    answers = [replace(event, at=Instant(wall, mono)) for event, (wall, mono) in zip(
        polls(3), [(1000.0, 0.0), (400.0, 5.0), (405.0, 10.0)], strict=True)]  # fmt: skip
    record(path, answers)
    with closing(RecordingReader.open(path)) as run:
        assert list(run.times) == [1000.0, 1005.0, 1010.0]
        assert run.frame(1).now == Instant(400.0, 5.0)


def test_so_they_do_from_one_process_to_the_next_until_the_clock_has_caught_up(tmp_path: Path) -> None:
    path = tmp_path / "one.eitui"
    clocks = [[(1000.0, 50.0), (990.0, 60.0)], [(400.0, 7000.0), (405.0, 7005.0)], [(1020.0, 5.0), (1025.0, 10.0)]]
    for sitting in clocks:
        record(path, (replace(event, at=Instant(*at)) for event, at in zip(polls(2), sitting, strict=True)))
    with closing(RecordingReader.open(path)) as run:
        assert list(run.times) == [1000.0, 1010.0, 1010.0, 1015.0, 1020.0, 1025.0]
        assert run.last_poll == 1025.0
        assert not run.lost


def test_what_a_later_process_learns_does_not_change_how_the_earlier_one_ended(tmp_path: Path) -> None:
    path, (first, last) = tmp_path / "one.eitui", polls(2)
    refused = Problem("Refused", final=True)
    record(path, [first, PollFailed(Instant(first.at.wall + 1, first.at.mono + 1), refused, None)])
    record(path, [Identified(last.at, PROJECT, "Doorbell (synthetic)"), last])
    with closing(RecordingReader.open(path)) as run:
        frames = [run.frame(index).moment for index in range(3)]
    assert [frame.connection.problem for frame in frames] == [None, refused, None]
    assert [frame.project_name for frame in frames] == ["", "", "Doorbell (synthetic)"]


def test_a_recording_that_was_taken_up_again_is_listed_as_one(tmp_path: Path) -> None:
    path, events = tmp_path / "one.eitui", polls(7)
    for sitting in (events[:2], events[2:3], events[3:]):
        record(path, sitting)
    listed = entry_of(path).summary
    assert (listed.first, listed.last, listed.polls) == (events[0].at.wall, events[-1].at.wall, 7)


@pytest.mark.parametrize("lost", [1, 2, 40, 100])
def test_a_lost_event_hides_no_more_than_what_is_before_all_is_named_again(tmp_path: Path, lost: int) -> None:
    path, most = tmp_path / "one.eitui", writer.WHOLE_EVERY
    bodies = [body([trial_json(name, epoch=1 + number) for name in "abc"]) for number in range(3 * most)]
    events = [PollSucceeded(Instant(1e9 + 5 * n, 5.0 * n), run) for n, run in enumerate(runs(bodies))]
    record(path, events)
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("DELETE FROM checkpoints")
        file.execute("DELETE FROM events WHERE id = ?", (lost,))
    with closing(RecordingReader.open(path)) as run:
        told = [event for _, _, event in run.recorded_events()]
        assert run.lost
    assert len(events) - len(told) <= most + 1
    # What is told is as it was.
    known = {event.at: event for event in events}
    assert all(event == known[event.at] for event in told)
    assert (told[: lost - 1], told[-1]) == (events[: lost - 1], events[-1])


def test_there_is_no_frame_beyond_the_ends(tmp_path: Path) -> None:
    record(tmp_path / "one.eitui", polls(2))
    with closing(RecordingReader.open(tmp_path / "one.eitui")) as run:
        for index in (-1, 2):
            with pytest.raises(IndexError):
                run.frame(index)


def test_a_recording_of_another_run_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "one.eitui"
    record(path, polls(1))
    before = path.read_bytes()
    for other in (replace(ABOUT, project_id=1), replace(ABOUT, run_id=1), replace(ABOUT, host="elsewhere.test")):
        with pytest.raises(RecordingError, match="is a recording of"):
            RecordingWriter(path, other, INTERVAL, "0")
    assert path.read_bytes() == before


def test_every_alert_is_told_though_a_moment_carries_only_the_latest(tmp_path: Path) -> None:
    path, total = tmp_path / "one.eitui", KEPT_ALERTS + 40
    flapping = [
        event
        for number, answer in enumerate(polls(total // 2 + 1))
        for event in (answer, PollFailed(answer.at, Problem("Refused"), None) if number < total // 2 else None)
        if event is not None
    ]
    record(path, flapping)
    with closing(RecordingReader.open(path)) as run:
        kinds = [alert.kind for alert in run.alerts()]
        assert len(run.last_moment().alerts) == KEPT_ALERTS
    lost, back = AlertKind.CONNECTION_LOST, AlertKind.CONNECTION_BACK
    assert kinds == [lost, back] * (total // 2)


def test_a_checkpoint_of_another_way_of_folding_is_not_used(tmp_path: Path) -> None:
    path, events, checkpoint_of = tmp_path / "one.eitui", polls(100), codec.checkpoint_of

    def another(moment: Moment, *more: Any) -> codec.Checkpoint:
        return checkpoint_of(replace(moment, project_name="Another (synthetic)"), *more)

    def look() -> list[str]:
        with closing(RecordingReader.open(path)) as run:
            return [run.frame(place).moment.project_name for place in (99, 50)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "MAKER", "another")
        patch.setattr(codec, "checkpoint_of", another)
        record(path, events)
    assert look() == ["", ""]
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("UPDATE checkpoints SET maker = ?", (MAKER,))
    # So it is not for want of checkpoints.
    assert look() == ["Another (synthetic)"] * 2


HOSTILE = "\x1b]0;pwned\x07\x1b[2J\u202e"


def test_what_a_recording_from_elsewhere_says_is_cleaned(tmp_path: Path) -> None:
    path, answer = tmp_path / "one.eitui", polls(1)[0]
    result = [
        Identified(answer.at, PROJECT, HOSTILE, RunRecord(RUN, 1, HOSTILE, 1.0, HOSTILE)),
        answer,
        *(PollFailed(answer.at, Problem(HOSTILE, HOSTILE), None) for _ in range(writer.CHECKPOINT_POLLS)),
    ]
    record(path, result)
    with closing(RecordingReader.open(path)) as run:
        checkpointed, told = run.last_moment(), [event for _, _, event in run.recorded_events()]
    texts = repr((checkpointed, told)).encode("unicode_escape").decode()
    assert "pwned" in texts
    assert not any(sign in texts for sign in ("x1b", "x07", "u202e"))
