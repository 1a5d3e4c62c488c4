"""Which recordings there are, which one is meant, and what deleting takes away."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from hashlib import blake2b
from pathlib import Path

import pytest
from recorded_runs import BEGAN, HOST, a_trained, a_trial, record_run, recorder

from eitui.domain.moment import Instant
from eitui.feed.events import Identified, NoRecording, RecordingError
from eitui.feed.recording.catalogue import (
    Catalogue,
    catalogue,
    check_replaceable,
    copy,
    entry_of,
    files,
    find_recording,
    lock_of,
    recording_to_delete,
    remove,
    size_of,
)
from eitui.feed.recording.format import About
from eitui.storage.lock import Lock


def seen(directory: Path) -> dict[str, bytes]:
    """Return everything below `directory`, by its place."""
    return {
        str(path.relative_to(directory)): blake2b(path.read_bytes()).digest()
        for path in directory.rglob("*")
        if path.is_file()
    }


def names(found: Catalogue) -> list[str]:
    return [entry.name for entry in found.entries]


def test_the_run_begun_last_comes_first(tmp_path: Path) -> None:
    record_run(tmp_path, (0, [a_trial("1")]), run_id=1, began=BEGAN + 100)
    record_run(tmp_path, (0, [a_trial("1")]), run_id=2, began=BEGAN + 300)
    record_run(tmp_path, (0, [a_trial("1")]), run_id=3, began=BEGAN + 200, host="other.example:4443")
    record_run(tmp_path, (0, [a_trial("1")]), run_id=4, project_id=9)
    assert names(catalogue(tmp_path)) == ["12345-2", "12345-3", "12345-1", "9-4"]
    assert names(catalogue(tmp_path, project=9)) == ["9-4"]


def test_an_entry_says_what_was_recorded(tmp_path: Path) -> None:
    path = record_run(
        tmp_path,
        (0, [a_trial("1")]),
        (7, None),
        (60, [a_trained("1", 0.9), a_trial("2", "failed")]),
        status="completed",
    )
    entry = entry_of(path)
    assert (entry.path, entry.about, entry.name) == (path, About(HOST, 12345, 77), "12345-77")
    assert entry.size == path.stat().st_size
    assert not entry.being_recorded
    result = entry.summary
    assert (result.first, result.last, result.polls) == (BEGAN, BEGAN + 60, 3)
    assert (result.trials, result.completed, result.failed, result.best_name) == (2, 1, 1, "mfe-conv1d-1")
    assert result.finished


def test_a_recording_that_has_no_poll_yet_is_listed(tmp_path: Path) -> None:
    entry = entry_of(record_run(tmp_path))
    assert (entry.about.run_id, entry.summary.polls) == (77, 0)


def test_one_that_is_being_recorded_says_so_and_counts_its_log(tmp_path: Path) -> None:
    path = record_run(tmp_path, (0, [a_trial("1")]))
    lock, kept_open = Lock(lock_of(path)), recorder(path, About(HOST, 12345, 77))
    assert lock.acquire()
    kept_open.write(Identified(Instant(BEGAN + 10, 1.0), 12345, "Renamed (synthetic)"))
    entry = entry_of(path)
    assert entry.being_recorded
    assert entry.size == size_of(path) > path.stat().st_size
    kept_open.close()
    lock.release()
    assert not entry_of(path).being_recorded


@pytest.mark.parametrize("there", [True, False])
def test_no_recordings_are_an_empty_list(tmp_path: Path, there: bool) -> None:
    directory = tmp_path / "recordings"
    if there:
        directory.mkdir()
    assert catalogue(directory) == Catalogue()
    assert files(directory) == ()
    assert directory.exists() is there


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA user_version = 2")


def another_database(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as file:
        file.execute("CREATE TABLE about (name, value)")


def nameless(path: Path) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("DELETE FROM about WHERE name = 'run_id'")


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def scribbled(path: Path) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xa5" * (size - 100))


BROKEN: dict[str, Callable[[Path], object]] = {
    "cut short": cut,
    "newer eitui": newer,
    "is not a recording": lambda path: path.write_text("trial,val_accuracy\n1,0.9\n" * 100),
    "not a recording of eitui": another_database,
    "not a recording": lambda path: path.write_bytes(b""),
    "does not say which run": nameless,
    "is a directory": folder,
    "damaged": scribbled,
}


@pytest.mark.parametrize("why", BROKEN)
def test_a_broken_file_is_named_with_its_reason_and_hides_no_other(tmp_path: Path, why: str) -> None:
    broken = record_run(tmp_path, (0, [a_trial("1")]), run_id=1)
    record_run(tmp_path, (0, [a_trial("1")]), run_id=2)
    BROKEN[why](broken)
    before = seen(tmp_path)
    found = catalogue(tmp_path)
    assert names(found) == ["12345-2"]
    assert [file.path for file in found.unreadable] == [broken]
    assert why in found.unreadable[0].why
    assert str(broken) in found.unreadable[0].why
    assert "\n" not in found.unreadable[0].why
    assert seen(tmp_path) == before


def test_links_that_lead_nowhere_or_in_circles_are_no_error(tmp_path: Path) -> None:
    (tmp_path / "gone.eitui").symlink_to(tmp_path / "nowhere")
    (tmp_path / "round.eitui").symlink_to(tmp_path / "round.eitui")
    record_run(tmp_path, (0, [a_trial("1")]))
    assert names(catalogue(tmp_path)) == ["12345-77"]


def test_what_is_no_directory_is_said(tmp_path: Path) -> None:
    path = tmp_path / "recordings"
    path.write_text("")
    assert [str(path) in file.why for file in catalogue(path).unreadable] == [True]


def test_unfinished_and_foreign_files_are_passed_over(tmp_path: Path) -> None:
    path = record_run(tmp_path, (0, [a_trial("1")]))
    shutil.copy(path, path.with_name(".12345-78.eitui.new"))
    shutil.copy(path, path.with_name(".12345-78.eitui"))
    path.with_name("notes.txt").write_text("")
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    shutil.copy(path, deep)
    assert files(tmp_path) == (path,)


def test_looking_at_recordings_changes_nothing(tmp_path: Path) -> None:
    for run_id in (1, 2):
        record_run(tmp_path, (0, [a_trial("1")]), run_id=run_id)
    before = seen(tmp_path)
    catalogue(tmp_path)
    find_recording(tmp_path, None)
    find_recording(tmp_path, "2")
    assert seen(tmp_path) == before


def test_a_directory_may_have_any_name(tmp_path: Path) -> None:
    directory = tmp_path / "a [b] 100% ?mode=rw #é"
    record_run(directory, (0, [a_trial("1")]))
    assert names(catalogue(directory)) == ["12345-77"]


@pytest.fixture
def some(tmp_path: Path) -> dict[str, Path]:
    made = {
        "old": record_run(tmp_path, (0, [a_trial("1")]), run_id=77),
        "new": record_run(tmp_path, (0, [a_trial("1")]), run_id=78, began=BEGAN + 10),
        "other": record_run(tmp_path, (0, [a_trial("1")]), run_id=79, project_id=9, began=BEGAN + 5),
    }
    return made | {"directory": tmp_path}


@pytest.mark.parametrize(
    ("word", "project", "which"),
    [
        (None, None, "new"),
        (None, 9, "other"),
        ("77", None, "old"),
        ("12345-77", None, "old"),
        ("79", 9, "other"),
        ("9-79", None, "other"),
    ],
)
def test_a_recording_is_called_by_its_run(
    some: dict[str, Path], word: str | None, project: int | None, which: str
) -> None:
    assert find_recording(some["directory"], word, project) == some[which]


@pytest.mark.parametrize("project", [None, 12345])
def test_a_recording_is_called_by_its_file(
    some: dict[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, project: int | None
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(some["old"], elsewhere / "mine.eitui")
    shutil.copy(some["old"], elsewhere / "mine")
    monkeypatch.chdir(elsewhere)
    for word in (str(some["old"]), "mine.eitui", "mine", "./mine"):
        assert find_recording(some["directory"], word, project) == Path(word)


@pytest.mark.parametrize(
    ("word", "project"),
    [("1", None), ("7", None), ("77", 9), ("12345-77", 9), ("9-77", None), ("", None), ("x" * 300, None), ("*", None)],
)
def test_a_recording_that_there_is_not(some: dict[str, Path], word: str, project: int | None) -> None:
    with pytest.raises(NoRecording) as caught:
        find_recording(some["directory"], word, project)
    assert "no recording" in caught.value.what
    assert "eitui runs" in caught.value.advice


@pytest.mark.parametrize("word", ["missing.eitui", "./missing", "/nowhere/12345-77.eitui"])
def test_a_file_that_there_is_not(some: dict[str, Path], word: str) -> None:
    with pytest.raises(NoRecording, match="does not exist"):
        find_recording(some["directory"], word)


def test_a_directory_is_no_recording(some: dict[str, Path]) -> None:
    with pytest.raises(RecordingError, match="is a directory"):
        find_recording(some["directory"], f"{some['directory']}/")


def test_none_at_all(tmp_path: Path) -> None:
    with pytest.raises(NoRecording, match="There is no recording in") as caught:
        find_recording(tmp_path, None)
    assert "eitui record" in caught.value.advice


@pytest.mark.parametrize("why", BROKEN)
def test_the_only_one_that_cannot_be_read_is_not_called_none(tmp_path: Path, why: str) -> None:
    broken = record_run(tmp_path, (0, [a_trial("1")]))
    BROKEN[why](broken)
    with pytest.raises(RecordingError, match=why) as caught:
        find_recording(tmp_path, None)
    assert not isinstance(caught.value, NoRecording)
    assert str(broken) in caught.value.what


def test_one_number_that_two_services_have_given_is_ambiguous(some: dict[str, Path]) -> None:
    twin = record_run(some["directory"], (0, [a_trial("1")]), run_id=77, host="other.example")
    for word in ("77", "12345-77"):
        with pytest.raises(RecordingError, match="2 recordings are called") as caught:
            find_recording(some["directory"], word)
        assert str(twin) in caught.value.what
        assert str(some["old"]) in caught.value.what
        assert caught.value.advice


def test_a_file_of_another_project_is_refused(some: dict[str, Path]) -> None:
    with pytest.raises(RecordingError, match="is a recording of project 9, not 12345"):
        find_recording(some["directory"], str(some["other"]), 12345)


def test_deleting_takes_a_recording_and_what_belongs_to_it(some: dict[str, Path]) -> None:
    old = some["old"]
    beside = [old.with_name(old.name + ending) for ending in ("-wal", "-shm", "-journal")]
    strange = [old.with_name("12345-77.txt"), old.with_name("12345-77.eitui.bak"), old.with_name("12345-777.eitui")]
    for path in (*beside, *strange, lock_of(old)):
        path.write_bytes(b"")
    untouched = seen(some["directory"])
    remove([old])
    for path in (old, *beside, lock_of(old)):
        assert not path.exists()
        untouched.pop(str(path.relative_to(some["directory"])))
    assert seen(some["directory"]) == untouched


def test_what_is_being_recorded_is_not_deleted_nor_is_what_was_to_go_with_it(some: dict[str, Path]) -> None:
    lock = Lock(lock_of(some["new"]))
    assert lock.acquire()
    with pytest.raises(RecordingError, match="is being recorded"):
        remove([some["old"], some["new"]])
    assert some["old"].exists()
    assert some["new"].exists()
    lock.release()
    remove([some["old"], some["new"]])
    assert files(some["directory"]) == (some["other"],)


def test_after_deleting_the_run_can_be_recorded_again(some: dict[str, Path]) -> None:
    remove([some["old"]])
    assert not Lock(lock_of(some["old"])).path.exists()
    assert record_run(some["directory"], (0, [a_trial("1")]), run_id=77) == some["old"]
    assert entry_of(some["old"]).summary.polls == 1


def test_only_what_is_among_the_recordings_can_be_deleted(
    some: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "mine.eitui"
    shutil.copy(some["old"], outside)
    with pytest.raises(RecordingError, match="is not among the recordings"):
        recording_to_delete(some["directory"], outside)
    assert recording_to_delete(some["directory"], some["old"].parent / ".." / HOST / some["old"].name) == some["old"]


def test_a_link_among_the_recordings_is_deleted_and_not_what_it_leads_to(
    some: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "mine.eitui"
    some["old"].rename(outside)
    some["old"].symlink_to(outside)
    remove([recording_to_delete(some["directory"], some["old"])])
    assert not some["old"].is_symlink()
    assert outside.exists()


def test_a_copy_is_one_file_and_whole_while_the_run_is_recorded(tmp_path: Path) -> None:
    path = record_run(tmp_path, (0, [a_trial("1")]), (10, [a_trained("1", 0.9)]))
    still = recorder(path, About(HOST, 12345, 77))
    still.write(Identified(Instant(BEGAN + 20, 1.0), 12345, "Renamed (synthetic)"))
    made = tmp_path / "copy.eitui"
    made.touch()
    copy(path, made)
    still.close()
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith("copy")] == ["copy.eitui"]
    assert entry_of(made).summary == entry_of(path).summary
    with closing(sqlite3.connect(path)) as one, closing(sqlite3.connect(made)) as other:
        assert list(one.iterdump()) == list(other.iterdump())


def test_a_copy_takes_the_place_of_a_recording_only(some: dict[str, Path], tmp_path: Path) -> None:
    check_replaceable(tmp_path / "new.eitui", some["old"])
    check_replaceable(some["other"], some["old"])
    precious = tmp_path / "thesis.txt"
    precious.write_text("precious")
    with pytest.raises(RecordingError, match="is not a recording"):
        check_replaceable(precious, some["old"])
    with pytest.raises(RecordingError, match="is the recording itself"):
        check_replaceable(some["old"], some["old"])
    lock = Lock(lock_of(some["new"]))
    assert lock.acquire()
    with pytest.raises(RecordingError, match="is in use"):
        check_replaceable(some["new"], some["old"])
    lock.release()
