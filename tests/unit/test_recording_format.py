"""The files of a recording: how they come, who may write them, and what is left of them."""

import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from recorded_runs import without_log
from states import PROJECT, RUN, body, runs, trial_json

from eitui.domain.moment import Instant
from eitui.feed.events import NoRecording, PollSucceeded, RecordingError
from eitui.feed.recording import format as recording_format
from eitui.feed.recording.catalogue import file_of, is_locked, lock_of, newest_of
from eitui.feed.recording.format import About, create, open_to_read
from eitui.feed.recording.reader import RecordingReader
from eitui.feed.recording.writer import RecordingWriter
from eitui.storage.lock import Lock

ABOUT = About("studio.edgeimpulse.com", PROJECT, RUN)

HOLDER = """
import sys
from pathlib import Path
from eitui.storage.lock import Lock
lock = Lock(Path(sys.argv[1]))
print("held" if lock.acquire() else "refused", flush=True)
for line in sys.stdin:
    lock.release()
    print("released", flush=True)
"""
"""Takes a lock, and gives it back when it is told to."""


def answers(count: int) -> Iterator[PollSucceeded]:
    bodies = [body([trial_json("a", epoch=number, loss=0.5)]) for number in range(count)]
    for number, run in enumerate(runs(bodies)):
        yield PollSucceeded(Instant(1e9 + 5 * number, 5.0 * number), run)


@contextmanager
def recorded(path: Path, count: int = 3) -> Iterator[RecordingWriter]:
    """Record `count` polls and leave the recorder at it."""
    with closing(RecordingWriter(path, ABOUT, 5.0, "0")) as recorder:
        for event in answers(count):
            recorder.write(event)
        yield recorder


def killed(path: Path, beside: Path) -> Path:
    """Record three polls into `path`; return a copy of the files as they are when the recorder is killed."""
    beside.mkdir()
    with recorded(path):
        for part in path.parent.glob(f"{path.name}*"):
            shutil.copy(part, beside)
    return beside / path.name


def polls(path: Path) -> int:
    with closing(RecordingReader.open(path)) as run:
        assert list(run.lost) == []
        return sum(run.frame(index).moment.seen for index in range(len(run.times)))


@contextmanager
def another_process(lock: Path) -> Iterator[Callable[[str], str]]:
    """Start a process that takes the lock; yields what tells it something and returns its answer."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:

        def tell(word: str) -> str:
            if word == "die":
                process.send_signal(signal.SIGKILL)
                return str(process.wait())
            if word:
                process.stdin.write(word + "\n")
                process.stdin.flush()
            return process.stdout.readline().strip()

        try:
            yield tell
        finally:
            process.kill()


# How they come


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_a_recording_is_its_owners_only_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "recordings" / "host" / "one.eitui"
    before = os.umask(umask)
    try:
        if umask == 0o777:
            path.parent.mkdir(parents=True)
            for directory in (path.parent.parent, path.parent):
                directory.chmod(0o700)
        with recorded(path):
            modes = {part.name: stat.S_IMODE(part.stat().st_mode) for part in path.parent.iterdir()}
    finally:
        os.umask(before)
    wanted = 0o600 & ~umask
    assert modes == dict.fromkeys(["one.eitui", "one.eitui-wal", "one.eitui-shm"], wanted)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_it_has_its_name_only_when_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "one.eitui"

    def killed(unfinished: Path, target: Path) -> Path:
        assert target == path
        assert polls(unfinished) == 0
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            create(path, ABOUT, "0")
    assert not path.exists()
    create(path, ABOUT, "0")
    assert polls(path) == 0
    assert [item.name for item in tmp_path.iterdir()] == ["one.eitui"]


@pytest.mark.parametrize("left", [b"", b"half a file", b"SQLite format 3\0" + bytes(5000)])
def test_what_a_killed_maker_left_is_in_nobodys_way(tmp_path: Path, left: bytes) -> None:
    unfinished = tmp_path / ".one.eitui.new"
    for part in (unfinished, unfinished.with_name(".one.eitui.new-journal")):
        part.write_bytes(left)
    assert newest_of(tmp_path, ".", PROJECT) is None
    with recorded(tmp_path / "one.eitui"):
        pass
    assert polls(tmp_path / "one.eitui") == 3
    assert not unfinished.exists()


def test_a_recording_that_cannot_be_made_leaves_nothing_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording_format, "KIND", replace(recording_format.KIND, schema="CREATE TABLE about (name; "))
    with pytest.raises(sqlite3.OperationalError):
        create(tmp_path / "one.eitui", ABOUT, "0")
    assert not (tmp_path / "one.eitui").exists()


# What is left of them


def test_there_is_a_log_while_it_is_written_and_one_plain_file_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "one.eitui"
    for wanted in (3, 6):
        with recorded(path):
            assert path.with_name("one.eitui-wal").stat().st_size > 0
            assert path.read_bytes()[18:20] == b"\2\2"
        assert without_log(path)
        assert path.read_bytes()[18:20] == b"\1\1"
        assert polls(path) == wanted


def test_while_somebody_reads_the_log_stays_and_nothing_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "one.eitui"
    with ExitStack() as stack:
        with recorded(path):
            reader = stack.enter_context(closing(RecordingReader.open(path)))
        assert len(reader.times) == 3
        reader.refresh()
        assert polls(path) == 3
    with recorded(path, 2):
        pass
    assert polls(path) == 5
    assert without_log(path)


def test_what_a_killed_recorder_left_is_read_without_being_changed(tmp_path: Path) -> None:
    copy = killed(tmp_path / "one.eitui", tmp_path / "killed")
    parts = [copy, copy.with_name(f"{copy.name}-wal")]
    before = [part.read_bytes() for part in parts]
    assert polls(copy) == 3
    assert [part.read_bytes() for part in parts] == before
    with recorded(copy, 2):
        pass
    assert polls(copy) == 5
    assert without_log(copy)


def test_the_file_alone_of_what_a_killed_recorder_left_can_be_read_up_to_its_last_checkpoint(tmp_path: Path) -> None:
    copy = killed(tmp_path / "one.eitui", tmp_path / "killed")
    with closing(sqlite3.connect(copy)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        alone = tmp_path / "alone.eitui"
        shutil.copy(copy, alone)
    assert alone.read_bytes()[18:20] == b"\2\2"
    before = alone.read_bytes()
    assert polls(alone) == 3
    assert alone.read_bytes() == before


@pytest.mark.parametrize("left_open", [True, False])
def test_on_a_disk_that_cannot_be_written_it_is_read_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left_open: bool
) -> None:
    """SQLite can make no file beside it there: that is what it says then, whoever asks."""
    path = tmp_path / "one.eitui"
    with ExitStack() as stack:
        stack.enter_context(recorded(path))
        if not left_open:
            stack.close()
        shutil.copy(path, tmp_path / "copy.eitui")
        connect, asked = sqlite3.connect, []

        def read_only(name: str, **options: Any) -> Any:
            asked.append(name.partition("?")[2])
            if "immutable=1" not in name:
                raise_cannot_open(tmp_path)
            return connect(name, **options)

        monkeypatch.setattr(sqlite3, "connect", read_only)
        open_to_read(tmp_path / "copy.eitui").close()
    assert asked == ["mode=ro", "mode=ro&immutable=1"]


def raise_cannot_open(directory: Path) -> None:
    """Raise what SQLite raises where it cannot make the file that readers and a writer share."""
    with closing(sqlite3.Connection(f"file:{directory}/no/such.eitui?mode=ro", uri=True)):
        raise AssertionError


@pytest.mark.parametrize("name", ["a b", "100%", "what?", "#1", "a&mode=memory", "ümlaut", "日本", "[x]", "it's"])
def test_a_name_may_hold_anything(tmp_path: Path, name: str) -> None:
    path = tmp_path / name / f"{name}.eitui"
    with recorded(path):
        pass
    assert polls(path) == 3
    assert [item.name for item in path.parent.iterdir()] == [path.name]


def test_there_is_no_recording_where_there_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(NoRecording):
        open_to_read(tmp_path / "one.eitui")
    assert list(tmp_path.iterdir()) == []


# Where they are


@pytest.mark.parametrize("host", ["..", "../..", "/etc", "a/../../b", "", "localhost:8080", "[::1]:80"])
def test_no_host_leads_out_of_the_directory(tmp_path: Path, host: str) -> None:
    path = file_of(tmp_path, About(host, 1, 2))
    assert path.resolve().is_relative_to(tmp_path.resolve())
    assert path.name == "1-2.eitui"
    assert len(path.relative_to(tmp_path).parts) <= 2


def test_the_newest_of_a_project_is_the_one_written_last(tmp_path: Path) -> None:
    paths = [file_of(tmp_path, About("host", project, run)) for project, run in [(1, 5), (1, 3), (11, 9), (1, 4)]]
    for age, path in enumerate(paths):
        create(path, ABOUT, "0")
        os.utime(path, (1e9 - age, 1e9 - age))
    paths[0].with_name("1-x.eitui").touch()
    assert newest_of(tmp_path, "host", 1) == paths[0]
    log = paths[3].with_name(f"{paths[3].name}-wal")
    log.touch()
    os.utime(log, (2e9, 2e9))
    assert newest_of(tmp_path, "host", 1) == paths[3]
    assert newest_of(tmp_path, "host", 2) is None


# Who may write them


def test_of_two_processes_one_holds_the_lock_and_gives_it_back_with_its_file(tmp_path: Path) -> None:
    path = tmp_path / "one.eitui"
    lock = Lock(lock_of(path))
    with another_process(lock_of(path)) as other:
        assert other("") == "held"
        assert is_locked(path)
        assert not lock.acquire()
        assert other("give it back") == "released"
        assert list(tmp_path.iterdir()) == []
        assert not is_locked(path)
        assert lock.acquire()
        with another_process(lock_of(path)) as third:
            assert third("") == "refused"
        lock.release()
    assert list(tmp_path.iterdir()) == []


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    path = tmp_path / "one.eitui"
    with another_process(lock_of(path)) as other:
        assert other("") == "held"
        other("die")
        assert not is_locked(path)
        lock = Lock(lock_of(path))
        assert lock.acquire()
        assert is_locked(path)
        lock.release()
    assert list(tmp_path.iterdir()) == []


def test_to_ask_who_holds_it_makes_no_file_and_leaves_it_free(tmp_path: Path) -> None:
    path = tmp_path / "one.eitui"
    assert not is_locked(path)
    assert list(tmp_path.iterdir()) == []
    lock_of(path).touch()
    assert not is_locked(path)
    lock = Lock(lock_of(path))
    assert lock.acquire()
    assert lock.acquire()
    lock.release()
    lock.release()
    assert list(tmp_path.iterdir()) == []


def test_a_lock_taken_on_a_file_that_was_just_removed_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever had it removes its file between another's opening and locking it; a third then makes a new one."""
    path = tmp_path / "one.lock"
    first, second, third = Lock(path), Lock(path), Lock(path)
    assert first.acquire()
    open_file = os.open
    turns: list[Any] = []

    def between(name: Path, flags: int, mode: int = 0o777) -> int:
        file = open_file(name, flags, mode)
        if not turns:
            turns.append(file)
            first.release()
            assert third.acquire()
        return file

    monkeypatch.setattr("eitui.storage.lock.os.open", between)
    assert not second.acquire()
    third.release()
    assert second.acquire()
    second.release()


def test_a_lock_that_cannot_be_made_is_an_error_and_not_a_refusal(tmp_path: Path) -> None:
    (tmp_path / "in the way").touch()
    with pytest.raises(OSError, match="in the way"):
        Lock(tmp_path / "in the way" / "one.lock").acquire()


def test_a_recording_of_another_run_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "one.eitui"
    with recorded(path):
        pass
    before = path.read_bytes()
    with pytest.raises(RecordingError, match=f"is a recording of run {RUN}, not of run 78"):
        RecordingWriter(path, About(ABOUT.host, PROJECT, 78), 5.0, "0")
    assert path.read_bytes() == before
    assert without_log(path)
