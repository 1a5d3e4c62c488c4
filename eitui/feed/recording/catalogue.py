"""Which recordings there are, which one is meant, and getting rid of one. Looking changes nothing."""

import fcntl
import os
import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from eitui.feed.events import NoRecording, RecordingError
from eitui.feed.recording import rows
from eitui.feed.recording.format import SUFFIX, About, about_of, cannot, explained, open_to_read, shown
from eitui.feed.recording.summary import Summary, decode_summary
from eitui.storage.lock import Lock


def file_of(directory: Path, about: About) -> Path:
    """Return where the recording of a run belongs."""
    return _folder(directory, about.host) / f"{about.project_id}-{about.run_id}{SUFFIX}"


def newest_of(directory: Path, host: str, project_id: int) -> Path | None:
    """Return the recording of this project that was written last; None when there is none.

    Raises:
        RecordingError: the directory cannot be read.
    """
    folder = _folder(directory, host)
    try:
        with explained(folder, "read"):
            inside = list(folder.iterdir())
    except NoRecording:
        return None
    named = ((path, _NAME.fullmatch(path.stem)) for path in inside if path.suffix == SUFFIX)
    found = (path for path, name in named if name is not None and int(name[1]) == project_id)
    return max(found, key=last_written, default=None)


def last_written(path: Path) -> float:
    """Return when a recording was last written, in seconds since the Unix epoch; 0 when it is gone."""
    times = []
    for part in (path, path.with_name(path.name + "-wal")):
        try:
            times.append(part.stat().st_mtime)
        except OSError:
            times.append(0.0)
    return max(times)


def _folder(directory: Path, host: str) -> Path:
    # A host is checked when it is set, but a name that leaves the directory must not depend on that.
    return directory / re.sub(r"[^A-Za-z0-9.-]", "_", host).lstrip(".")


def lock_of(path: Path) -> Path:
    """Return the file whose lock is held by the process that writes the recording at `path`."""
    # A name that nobody else gives a file: it is removed again.
    return path.with_name(f".{path.name}.lock")


def is_locked(path: Path) -> bool:
    """Return whether a process is writing the recording at `path`. Makes no file."""
    try:
        # Its links resolved, as the lock's holder does: a file has one lock, whatever it is called.
        file = os.open(lock_of(Path(os.path.realpath(path))), os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(file)
    return False


LIST_THEM = "`eitui runs` lists those there are."

_NAME = re.compile(r"([0-9]+)-([0-9]+)")
"""The name of a recording, without its suffix: `PROJECT-RUN`."""

_MOST_NAMED = 3


@dataclass(frozen=True)
class RecordingEntry:
    """One recording."""

    path: Path
    about: About
    summary: Summary
    size: int
    """Bytes on disk."""
    being_recorded: bool
    """Whether a process is adding to it."""

    @property
    def began(self) -> float | None:
        """When the run began, in seconds since the Unix epoch: an earlier run is first polled long after that."""
        times = [time for time in (self.summary.created, self.summary.first) if time is not None]
        return min(times, default=None)

    @property
    def name(self) -> str:
        """What a user may call it: `PROJECT-RUN`."""
        return f"{self.about.project_id}-{self.about.run_id}"


@dataclass(frozen=True)
class Unreadable:
    """A file among the recordings that cannot be read as one, or a directory that cannot be looked into."""

    path: Path
    why: str
    """One line, which names the file."""
    advice: str = ""


@dataclass(frozen=True)
class Catalogue:
    """What is in a directory of recordings."""

    entries: tuple[RecordingEntry, ...] = ()
    """The run that was begun last comes first."""
    unreadable: tuple[Unreadable, ...] = ()

    @property
    def closed(self) -> tuple[Unreadable, ...]:
        """The directories that cannot be looked into."""
        return tuple(item for item in self.unreadable if not _is_named(item.path.name))


def catalogue(directory: Path, project: int | None = None) -> Catalogue:
    """Return the recordings in `directory`, those of one project if `project` is given. Never raises."""
    entries = []
    found, unreadable = _listed(directory)
    for path in found:
        try:
            entry = entry_of(path)
        except NoRecording:
            continue  # deleted since it was listed
        except RecordingError as error:
            unreadable.append(Unreadable(path, error.what, error.advice))
        else:
            if project in (None, entry.about.project_id):
                entries.append(entry)
    entries.sort(key=lambda entry: (entry.began or 0.0, entry.about.run_id), reverse=True)
    return Catalogue(tuple(entries), tuple(unreadable))


def files(directory: Path) -> tuple[Path, ...]:
    """Return what the name says is a recording: in `directory` and in its folders, one for every host."""
    return tuple(_listed(directory)[0])


def _listed(directory: Path) -> tuple[list[Path], list[Unreadable]]:
    """Return the files in `directory` and its folders, in order, and the directories that cannot be looked into."""
    found, closed, folders = [], [], [directory]
    for folder in folders:
        try:
            with os.scandir(folder) as inside:  # not a glob: that takes a name with brackets for a pattern
                items = [Path(item.path) for item in inside]
            for item in items:
                if _is_named(item.name):
                    found.append(item)
                elif folder is directory and item.is_dir():
                    folders.append(item)
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:  # ValueError: a name with a NUL in it
            closed.append(Unreadable(folder, *cannot(folder, "read", error)))
    return sorted(found), closed


def _is_named(name: str) -> bool:
    # One whose making was cut short begins with a dot.
    return name.endswith(SUFFIX) and not name.startswith(".")


def entry_of(path: Path) -> RecordingEntry:
    """Return what one recording says of itself, from a few bytes of it.

    Raises:
        NoRecording: there is no such file.
        RecordingError: it cannot be read.
    """
    with explained(path, "read"):
        if path.is_dir():
            raise RecordingError(f"{shown(path)} is a directory, not a recording")
        with closing(open_to_read(path)) as file:
            return RecordingEntry(
                path, about_of(file, path), decode_summary(rows.summary_body(file)), size_of(path), is_locked(path)
            )


def size_of(path: Path) -> int:
    """Return the bytes a recording takes, with its log; 0 when it is gone."""
    size = 0
    for part in (path, _beside(path, "-wal")):
        with suppress(OSError):
            size += part.stat().st_size
    return size


def _beside(path: Path, ending: str) -> Path:
    """Return the path of a file that SQLite keeps beside a database."""
    return path.with_name(path.name + ending)


def find_recording(directory: Path, word: str | None, project: int | None = None) -> Path:
    """Return the file of the recording that a user means.

    `word` is the path of a file, a run's number, `PROJECT-RUN`, or None: the run that was begun last. `project` leaves
    only the recordings of one project.

    Raises:
        NoRecording: there is none that is called so.
        RecordingError: several are, or a file is of another project, or cannot be read.
    """
    whose = f" of project {project}" if project is not None else ""
    if word is None:
        known = catalogue(directory, project)
        if not known.entries:
            _check_readable(known.unreadable)
            raise NoRecording(
                f"There is no recording{whose} in {shown(directory)}",
                "`eitui` records the run it shows, and so does `eitui record`.",
            )
        return known.entries[0].path

    if os.sep in word or word.endswith(SUFFIX) or _is_file(Path(word)):
        path = Path(word)
        with suppress(RuntimeError):  # there is no such user
            path = path.expanduser()
        if project is None and not _is_file(path):
            with explained(path, "read"):
                what = "is a directory, not a recording" if path.is_dir() else "does not exist"
            raise NoRecording(f"{shown(path)} {what}", LIST_THEM)
        if project is not None and (of := entry_of(path).about.project_id) != project:
            raise RecordingError(f"{shown(path)} is a recording of project {of}, not {project}")
        return path

    listed, unreadable = _listed(directory)
    named = ((path, _NAME.fullmatch(path.stem)) for path in listed)
    own = [(path, name) for path, name in named if name is not None and project in (None, int(name[1]))]
    found = [path for path, name in own if word in (path.stem, name[2])]
    if len(found) == 1:
        return found[0]
    if not found:
        _check_readable(unreadable)
        raise NoRecording(f"There is no recording {shown(Path(word))}{whose}", LIST_THEM)
    some = ", ".join([*map(shown, found[:_MOST_NAMED]), *(["…"] if len(found) > _MOST_NAMED else [])])
    raise RecordingError(
        f"{len(found)} recordings{whose} are called {word}: {some}", "Say which by the path of its file."
    )


def _check_readable(unreadable: Iterable[Unreadable]) -> None:
    """Make sure that what is looked for could not be among what cannot be read.

    Raises:
        RecordingError: something cannot be read.
    """
    for item in unreadable:
        raise RecordingError(item.why, item.advice)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long
        return False


def recording_to_delete(directory: Path, path: Path) -> Path:
    """Return `path` as one of the files of `directory`, to be deleted.

    Raises:
        RecordingError: it is none: what lies elsewhere is the user's own.
    """
    with explained(path, "read"):
        wanted = _place(path)
        for file in files(directory):
            if _place(file) == wanted and not file.is_dir():
                return file
    raise RecordingError(
        f"{shown(path)} is not among the recordings in {shown(directory)}", "Delete it as you would any file."
    )


def _place(path: Path) -> Path:
    """Return the path without links on the way; a link itself is what would be deleted."""
    return path.parent.resolve() / path.name


def remove(paths: Iterable[Path]) -> None:
    """Delete recordings, with what SQLite keeps beside them, and nothing else. While one is being recorded, none is.

    Raises:
        RecordingError: one is being recorded, or the disk refuses.
    """
    locks: dict[Path, Lock] = {}
    path = Path()
    try:
        for path in paths:
            lock = Lock(lock_of(path))
            if not lock.acquire():
                raise RecordingError(
                    f"{shown(path)} is being recorded: nothing was deleted",
                    "First end the monitor or the recorder that does it.",
                )
            locks[path] = lock
        for path in locks:
            # The recording itself after its log: a log that outlived it would be taken for the log of the next one.
            for part in (*(_beside(path, ending) for ending in ("-shm", "-wal", "-journal")), path):
                part.unlink(missing_ok=True)
    except OSError as error:
        why = (error.strerror or str(error)) or type(error).__name__
        raise RecordingError(f"{shown(path)} cannot be deleted: {why}") from None
    finally:
        for lock in locks.values():
            with suppress(OSError):
                lock.release()


def copy(source: Path, target: Path) -> None:
    """Write into `target`, an empty file, what is in the recording `source`, which may be being recorded.

    The copy needs no other file beside it. Pages that are damaged are copied as they are.

    Raises:
        RecordingError: `source` cannot be read.
        sqlite3.Error: `target` cannot be written.
    """
    with closing(open_to_read(source)) as file, closing(sqlite3.connect(target, isolation_level=None)) as made:
        # All at once: page by page it would begin anew whenever a poll is recorded.
        file.backup(made)
        made.execute("PRAGMA journal_mode = DELETE")


def check_replaceable(target: Path, source: Path) -> None:
    """Make sure that nothing is lost when a copy of `source` takes the place of `target`, if that exists.

    Raises:
        RecordingError: it is not a recording, or is in use, or is `source` itself.
    """
    if not target.exists() and not target.is_symlink():
        return
    if target.exists() and target.samefile(source):
        raise RecordingError(f"{shown(target)} is the recording itself", "Give the copy another name.")
    try:
        entry_of(target)
    except RecordingError as error:
        raise RecordingError(f"It is not replaced: {error.what}", "Give the copy another name.") from None
    real = target.resolve()
    log = real.with_name(real.name + "-wal")
    if is_locked(target) or log.exists():
        raise RecordingError(f"{shown(target)} is in use: it is not replaced", "Give the copy another name.")
