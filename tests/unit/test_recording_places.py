"""Where recordings are, what lies beside them, and which files are none: nothing of anybody else's is touched."""

import os
import shutil
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from recorded_runs import BEGAN, a_trial, record_run, without_log
from states import PROJECT, RUN, body, runs, trial_json

from eitui.cli.main import eitui_command
from eitui.domain.moment import Instant, Recording
from eitui.feed.events import Identified, NoRecording, PollSucceeded, RecordingError
from eitui.feed.recorded import check_file
from eitui.feed.recording import recorder_thread
from eitui.feed.recording.catalogue import (
    catalogue,
    check_replaceable,
    entry_of,
    find_recording,
    is_locked,
    lock_of,
    remove,
)
from eitui.feed.recording.format import RECORDING_FORMAT, About, open_to_read
from eitui.feed.recording.reader import RecordingReader
from eitui.feed.recording.recorder_thread import RecorderThread
from eitui.feed.recording.writer import RecordingWriter, salvage
from eitui.feed.replay import ReplaySource
from eitui.storage.lock import Lock

HOST = "studio.edgeimpulse.com"
ABOUT = About(HOST, PROJECT, RUN)


def answer(number: int) -> PollSucceeded:
    result = body([trial_json("a", epoch=number, loss=0.5)])
    return PollSucceeded(Instant(BEGAN + 5 * number, 5.0 * number), runs([result])[0])


def recorder(path: Path, *numbers: int) -> RecordingWriter:
    """Return a recorder that has written these polls, and goes on."""
    recorder = RecordingWriter(path, ABOUT, 5.0, "0")
    for number in numbers:
        recorder.write(answer(number))
    return recorder


def polls(path: Path) -> int:
    """Return how many polls a recording has, from the first to the last readable."""
    with closing(RecordingReader.open(path)) as run:
        run.verify()
        assert list(run.lost) == []
        return len(run.times)


@pytest.fixture
def keep(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what records a poll at a path as the monitor does, and says how that went."""
    monkeypatch.setattr(recorder_thread, "RECORDER_PATIENCE", 60.0)

    def keep(path: Path) -> Recording:
        told: list[Recording] = []
        keeping = RecorderThread(lambda about: path, HOST, 5.0, "0", told.append)
        keeping.keep(Identified(answer(1).at, PROJECT))
        keeping.keep(answer(1))
        keeping.close()
        return told[-1]

    return keep


# What lies beside a recording


def test_a_users_own_files_are_never_taken_for_a_lock(tmp_path: Path, keep: Any) -> None:
    own = [tmp_path / name for name in ("night.lock", "night.eitui.lock", "night", "night.eitui.txt")]
    for path in own:
        path.write_text("precious")
    path = tmp_path / "night.eitui"
    assert keep(path).keeping == "here"
    assert polls(path) == 1
    remove([path])
    assert {item.name: item.read_text() for item in tmp_path.iterdir()} == {item.name: "precious" for item in own}


def test_two_recordings_of_one_stem_have_locks_of_their_own(tmp_path: Path) -> None:
    one, other = Lock(lock_of(tmp_path / "night.eitui")), Lock(lock_of(tmp_path / "night.backup"))
    assert one.acquire()
    assert other.acquire()
    one.release()
    other.release()


def test_a_lock_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious")
    lock_of(tmp_path / "one.eitui").symlink_to(precious)
    with pytest.raises(OSError, match=r"\.one\.eitui\.lock"):
        Lock(lock_of(tmp_path / "one.eitui")).acquire()
    assert not is_locked(tmp_path / "one.eitui")


def test_only_its_own_lock_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "one.eitui"
    first, second = Lock(lock_of(path)), Lock(lock_of(path))
    assert first.acquire()
    lock_of(path).unlink()
    assert not first.held()
    assert second.acquire()
    first.release()
    assert is_locked(path)
    assert second.held()
    second.release()
    assert list(tmp_path.iterdir()) == []


def test_deleting_leaves_the_lock_of_whoever_came_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between a recording's deletion and the end of the command another process may have begun it anew."""
    path = record_run(tmp_path, (0, [a_trial("1")]))
    other, unlink = Lock(lock_of(path)), Path.unlink

    def meanwhile(part: Path, missing_ok: bool = False) -> None:
        unlink(part, missing_ok=missing_ok)
        if part == path:
            unlink(lock_of(path))
            assert other.acquire()

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", meanwhile)
        remove([path])
    assert not path.exists()
    assert is_locked(path)
    other.release()


# Links


def test_a_recording_is_known_to_be_recorded_by_any_name(tmp_path: Path) -> None:
    path, link = tmp_path / "one.eitui", tmp_path / "link.eitui"
    recorder(path, 1).close()
    recorder(tmp_path / "source.eitui", 1).close()
    link.symlink_to(path)
    lock = Lock(lock_of(path))
    assert lock.acquire()
    assert entry_of(link).being_recorded
    with pytest.raises(RecordingError, match="is in use"):
        check_replaceable(link, tmp_path / "source.eitui")
    lock.release()
    assert not entry_of(link).being_recorded
    check_replaceable(link, tmp_path / "source.eitui")
    with closing(recorder(path, 2)), pytest.raises(RecordingError, match="is in use"):
        check_replaceable(link, tmp_path / "source.eitui")


# Names


@pytest.mark.parametrize("name", [b"\xff", b"caf\xe9", b"a\x1bb\n"])
def test_a_name_may_be_no_text_at_all(tmp_path: Path, keep: Any, name: bytes) -> None:
    path = tmp_path / os.fsdecode(name) / os.fsdecode(name + b".eitui")
    path.parent.mkdir()
    assert keep(path).keeping == "here"
    assert keep(path).keeping == "here"
    assert polls(path) == 2
    (entry,) = catalogue(tmp_path).entries
    assert entry.path == path
    cut = path.with_name(os.fsdecode(b"\xfe.eitui"))
    cut.write_bytes(path.read_bytes()[:5000])
    (unreadable,) = catalogue(tmp_path).unreadable
    assert unreadable.why.isprintable()
    unreadable.why.encode()


@pytest.mark.parametrize("word", ["~nobody-has-this-name/one.eitui", "~nobody-has-this-name/"])
def test_the_home_of_nobody_is_a_directory_that_does_not_exist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NoRecording, match=r"~nobody-has-this-name.* does not exist"):
        find_recording(tmp_path, word)
    odd = tmp_path / "~nobody-has-this-name" / "one.eitui"
    recorder(odd, 1).close()
    assert find_recording(tmp_path, "~nobody-has-this-name/one.eitui").samefile(odd)


def test_a_tilde_is_the_home_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    recorder(tmp_path / "one.eitui", 1).close()
    assert find_recording(tmp_path / "recordings", "~/one.eitui") == tmp_path / "one.eitui"


def test_what_cannot_be_recorded_into_is_told_before_it_is_tried(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, words in (
        (tmp_path, "is a directory: name one to record into"),
        (tmp_path / "pipe", "is no file: name one to record into"),
        (tmp_path / "missing" / "one.eitui", "There is no directory"),
    ):
        with pytest.raises(RecordingError, match=words):
            check_file(path, HOST, PROJECT)
    assert [item.name for item in tmp_path.iterdir()] == ["pipe"]


# Age


def delete_old(directory: Path) -> None:
    words = ["runs", "delete", "--recordings", str(directory), "--older-than", "2d", "--yes"]
    assert eitui_command(words, standalone_mode=False) == 0


def test_one_that_holds_no_poll_is_as_old_as_its_file(tmp_path: Path) -> None:
    old, new = record_run(tmp_path, run_id=77), record_run(tmp_path, run_id=78)
    os.utime(old, (BEGAN, BEGAN))
    delete_old(tmp_path)
    assert (old.exists(), new.exists()) == (False, True)


def test_one_that_holds_polls_is_as_old_as_the_last_of_them(tmp_path: Path) -> None:
    # As when one was copied and another was looked after.
    new, old = (
        record_run(tmp_path, (0, [a_trial("1")]), began=time.time() - 3600),
        record_run(tmp_path, (0, [a_trial("1")]), run_id=78),
    )
    os.utime(new, (BEGAN, BEGAN))
    delete_old(tmp_path)
    assert (old.exists(), new.exists()) == (False, True)


# The log


def test_all_of_it_is_in_the_one_file_at_the_end_though_somebody_reads(tmp_path: Path) -> None:
    path, alone = tmp_path / "one.eitui", tmp_path / "alone.eitui"
    writing = recorder(path, 1, 2, 3)
    with closing(RecordingReader.open(path)) as reader:
        writing.close()
        shutil.copy(path, alone)
        reader.refresh()
        assert len(reader.times) == 3
    assert polls(alone) == 3
    assert polls(path) == 3


def sealed_off(monkeypatch: pytest.MonkeyPatch, directory: Path) -> None:
    """Let SQLite say what it says on a disk on which it can make no file, whoever asks."""
    connect = sqlite3.connect

    def read_only(name: str, **options: Any) -> Any:
        if str(directory) in name and "immutable=1" not in name:
            # It cannot make the file that readers and a writer share.
            connect(f"file:{directory}/no/such.eitui?mode=ro", uri=True).close()
        return connect(name, **options)

    monkeypatch.setattr(sqlite3, "connect", read_only)


def test_on_a_disk_that_cannot_be_written_it_is_read_with_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, spare = tmp_path / "there", tmp_path / "spare"
    there.mkdir()
    spare.mkdir()
    with closing(recorder(tmp_path / "one.eitui", 1, 2, 3)):
        for part in ("one.eitui", "one.eitui-wal"):
            shutil.copy(tmp_path / part, there / part)
    before = {item.name: item.read_bytes() for item in there.iterdir()}
    sealed_off(monkeypatch, there)
    monkeypatch.setattr(tempfile, "tempdir", str(spare))
    path = there / "one.eitui"
    assert polls(path) == 3
    with closing(ReplaySource(path).open_recording()) as replayed:
        assert len(replayed.times) == 3
    assert entry_of(path).summary.polls == 3
    assert {item.name: item.read_bytes() for item in there.iterdir()} == before
    assert list(spare.iterdir()) == []
    os.truncate(path, 50)
    with pytest.raises(RecordingError, match=r"there/one\.eitui is"):
        open_to_read(path)
    assert list(spare.iterdir()) == []


def test_a_damaged_recording_is_kept_with_its_log(tmp_path: Path) -> None:
    path = tmp_path / "damaged" / "one.eitui"
    path.parent.mkdir()
    with closing(recorder(tmp_path / "one.eitui", 1, 2, 3)):
        for part in ("one.eitui", "one.eitui-wal"):
            shutil.copy(tmp_path / part, path.with_name(part))
    file, log = path.read_bytes(), path.with_name("one.eitui-wal").read_bytes()
    aside = salvage(path, ABOUT, 5.0, "0")
    assert aside.read_bytes() == file
    assert aside.with_name(f"{aside.name}-wal").read_bytes() == log
    # A log beside a file that it is not the log of would be taken for its own.
    assert without_log(path)
    assert polls(path) == polls(aside) == 3


# What is no recording


def lying(table: str, sql: str) -> tuple[str, ...]:
    """Return what says of something that it is a table, whatever its SQL makes of it."""
    entry = f"'table', '{table}', '{table}', 0, '{sql}'"
    return (
        "PRAGMA writable_schema = ON",
        f"INSERT INTO sqlite_schema VALUES ({entry})",
        "PRAGMA writable_schema = OFF",
    )


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id, i AS sitting, 1 AS kind, "
VIEW = ENDLESS + "1.0 AS wall, 1.0 AS mono, x'' AS body, 0 AS seal FROM n"
STRANGE = {
    "a view": ("DROP TABLE events", f"CREATE VIEW events AS {VIEW}"),
    "a view of its own name": ("CREATE VIEW more AS SELECT * FROM events",),
    "a trigger": ("CREATE TRIGGER t AFTER INSERT ON events BEGIN DELETE FROM pieces; END",),
    "a virtual table": lying("more", "CREATE VIRTUAL TABLE more USING fts5(a)"),
    "a virtual table in disguise": lying("more", "create/**/virtual table more USING fts5(a)"),
}


@pytest.mark.parametrize("what", STRANGE)
def test_what_could_go_on_for_ever_is_no_recording(tmp_path: Path, what: str) -> None:
    path = tmp_path / "one.eitui"
    recorder(path, 1).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        for statement in STRANGE[what]:
            file.execute(statement)
    before = path.read_bytes()
    for use in (RecordingReader.open, entry_of, lambda path: RecordingWriter(path, ABOUT, 5.0, "0")):
        with pytest.raises(RecordingError, match="is not a recording of eitui"):
            use(path)
    assert path.read_bytes() == before
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute(f"PRAGMA user_version = {RECORDING_FORMAT + 1}")
    # A newer eitui may have its reasons.
    with pytest.raises(RecordingError, match="was made by a newer eitui"):
        RecordingReader.open(path)


ADDED = {
    "mine": "CREATE INDEX mine ON events (wall)",
    "busy": "CREATE INDEX busy ON events (hex(zeroblob(9)))",
    "sqlite_stat1": "ANALYZE",
    "about": "ALTER TABLE about ADD COLUMN more AS (hex(zeroblob(9)))",
}


@pytest.mark.parametrize("name", ADDED)
def test_what_was_added_to_the_tables_is_named_and_nothing_is_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / "one.eitui"
    recorder(path, 1).close()
    with closing(sqlite3.connect(path)) as file:
        file.execute(ADDED[name])
    with pytest.raises(RecordingError, match=f"is not a recording of eitui: {name} in it is not as eitui makes it"):
        RecordingReader.open(path)
