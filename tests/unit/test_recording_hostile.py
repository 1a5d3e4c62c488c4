"""Recordings made to do harm, and files that an earlier eitui made: all from synthetic runs."""

import csv
import io
import shutil
import sqlite3
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import closing
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
import pytest
from closed import EITUI, closed_directory, outsider
from damaged import INTERVAL, IntactRecording, changed, look, whole

from eitui.demo.server import DemoServer
from eitui.demo.service import PROJECT_ID
from eitui.domain.edit import Outcome
from eitui.domain.moment import Recording
from eitui.domain.text import clean
from eitui.feed.events import Identified, PollSucceeded, RecordingError
from eitui.feed.recording import codec, recorder_thread
from eitui.feed.recording.catalogue import catalogue, entry_of
from eitui.feed.recording.reader import RecordingReader
from eitui.feed.recording.recorder_thread import RecorderThread
from eitui.feed.recording.writer import RecordingWriter
from eitui.storage.sqlite import seal
from eitui.thresholds.journal import Journal
from eitui.view.run import export

FIXTURES = Path(__file__).parents[1] / "fixtures"
EVIL = "\x1b]0;owned\x07\x1b[31m\x9b2J\u202eX"


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> IntactRecording:
    return whole(tmp_path_factory.mktemp("whole") / "one.eitui")


def crafted(intact: IntactRecording, path: Path, craft: Callable[[sqlite3.Connection], None]) -> Path:
    path.write_bytes(intact.data)
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        craft(file)
    return path


def checkpoints(change: Callable[[dict[str, Any]], None]) -> Callable[[sqlite3.Connection], None]:
    """Return what rewrites every checkpoint, sealed as if eitui had written it."""

    def craft(file: sqlite3.Connection) -> None:
        for event, packed in file.execute("SELECT event, packed FROM checkpoints").fetchall():
            result = msgspec.msgpack.decode(zlib.decompress(packed))
            change(result)
            again = zlib.compress(msgspec.msgpack.encode(result))
            row = (again, seal(again, event), event)
            file.execute("UPDATE checkpoints SET packed = ?, seal = ? WHERE event = ?", row)

    return craft


def texts(value: object) -> list[str]:
    """Return every text in a tree of containers, keys too."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in texts(part)]
    return [text for part in value for text in texts(part)] if isinstance(value, list | tuple | set | frozenset) else []


def evil(result: dict[str, Any]) -> None:
    result["facts"] = {key + EVIL: number for key, number in result["facts"].items()}
    result["assignments"] = {
        key + EVIL: each | {"status": EVIL, "trial_id": EVIL, "worker_id": EVIL}
        for key, each in result["assignments"].items()
    }
    alert = {"kind": "failed", "at": 1.76e9, "text": EVIL, "trial_id": "t" + EVIL}
    result |= {"alerts": [alert], "stalled": [EVIL], "project_name": EVIL}


def test_no_text_of_a_checkpoint_drives_the_terminal_wherever_it_stands(
    intact: IntactRecording, tmp_path: Path
) -> None:
    path = crafted(intact, tmp_path / "one.eitui", checkpoints(evil))
    with closing(RecordingReader.open(path)) as run:
        moment = run.last_moment()
        tables = export.events_table(run.alerts(), moment), export.epochs(moment), export.trials(moment)
    assert any("␛" in (alert.trial_id or "") for alert in moment.alerts)
    result = texts(msgspec.to_builtins((moment.history, moment.alerts, moment.record, moment.project_name)))
    assert all(text == clean(text) for text in result)
    for table in tables:
        for text in (export.as_csv(table), export.table_as_json(table)):
            assert not [char for char in text if not char.isprintable() and char not in "\r\n"]


def test_json_escapes_what_could_drive_a_terminal() -> None:
    text = export.json_text({"a": "\x9b2J \u202e \U000e0041 é音"})
    assert text == '{"a": "\\u009b2J \\u202e \\udb40\\udc41 é音"}'


FAR = [float("inf"), -float("inf"), 1e300, -1.0, 3e11]


@pytest.mark.parametrize("wall", FAR)
def test_a_time_that_no_clock_shows_is_an_event_that_is_lost(
    intact: IntactRecording, tmp_path: Path, wall: float
) -> None:
    def craft(file: sqlite3.Connection) -> None:
        row = file.execute("SELECT id, sitting, kind, wall, mono, body FROM events WHERE id = 20").fetchone()
        sealed = seal(row[5], *row[:3], wall, row[4])
        file.execute("UPDATE events SET wall = ?, seal = ? WHERE id = 20", (wall, sealed))

    frames, lost = look(crafted(intact, tmp_path / "one.eitui", craft))
    assert len(frames) == len(intact.frames) - 1
    assert "what was between" in lost[0]
    assert all(0 <= time < codec.FURTHEST for time in frames)


@pytest.mark.parametrize("wall", [FAR[0], FAR[2]])
@pytest.mark.parametrize("where", ["began", "gaps", "assignments"])
def test_a_checkpoint_with_such_a_time_is_not_used(
    intact: IntactRecording, tmp_path: Path, where: str, wall: Any
) -> None:
    def change(result: dict[str, Any]) -> None:
        gap = [{"start": 1.0, "end": wall}]
        each = {key: one | {"since": wall} for key, one in result["assignments"].items()}
        result[where] = {"began": wall, "gaps": gap, "assignments": each}[where]

    assert look(crafted(intact, tmp_path / "one.eitui", checkpoints(change))) == (intact.frames, [])


def peak(use: Callable[[], object]) -> int:
    """Return the most bytes that Python's own allocations took meanwhile."""
    tracemalloc.start()
    try:
        use()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


BOMB = zlib.compress(bytes(200_000_000), 9)


def a_piece(file: sqlite3.Connection) -> None:
    digest = blake2b(bytes(200_000_000), digest_size=16).digest()
    file.execute("UPDATE pieces SET digest = ?, packed = ? WHERE id = (SELECT max(id) FROM pieces)", (digest, BOMB))


def all_checkpoints(file: sqlite3.Connection) -> None:
    for (event,) in file.execute("SELECT event FROM checkpoints").fetchall():
        file.execute("UPDATE checkpoints SET packed = ?, seal = ? WHERE event = ?", (BOMB, seal(BOMB, event), event))


def facts(file: sqlite3.Connection) -> None:
    file.execute("UPDATE facts SET packed = ?", (BOMB,))


@pytest.mark.parametrize("craft", [a_piece, all_checkpoints, facts])
def test_what_is_packed_is_unpacked_only_so_far(intact: IntactRecording, tmp_path: Path, craft: Any) -> None:
    path = crafted(intact, tmp_path / "one.eitui", craft)
    assert peak(lambda: look(path)) < 64 * 1024 * 1024
    if craft is not a_piece:
        assert look(path) == (intact.frames, [])


@pytest.mark.parametrize("expression", ["instr(hex(zeroblob(9000000)), '1')", "hex(zeroblob(400000000))"])
def test_a_table_that_computes_is_refused_before_it_does(
    intact: IntactRecording, tmp_path: Path, expression: str
) -> None:
    made = f"CREATE TABLE about (name TEXT PRIMARY KEY, raw, value ANY GENERATED ALWAYS AS ({expression}))"
    path = changed(
        intact,
        tmp_path / "one.eitui",
        "DROP TABLE about",
        "CREATE TABLE about (name TEXT PRIMARY KEY, raw, value ANY GENERATED ALWAYS AS (0))",
        "INSERT INTO about (name, raw) VALUES ('host', 'h'), ('project_id', 1), ('run_id', 2), ('summary', '{}')",
        "PRAGMA writable_schema = ON",
        f"UPDATE sqlite_schema SET sql = '{made.replace(chr(39), chr(39) * 2)}' WHERE name = 'about'",
    )

    def refused() -> None:
        (file,) = catalogue(tmp_path).unreadable
        assert "is not a recording of eitui: about in it is not as eitui makes it" in file.why

    assert peak(refused) < 4 * 1024 * 1024
    with pytest.raises(RecordingError, match="is not a recording"):
        RecordingReader.open(path)


# Damage to what matters least


@pytest.mark.parametrize("bit", [0x80, 0x01])
def test_a_flipped_bit_in_the_summary_costs_nothing_else(
    intact: IntactRecording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bit: int
) -> None:
    monkeypatch.setattr(recorder_thread, "RECORDER_PATIENCE", 60.0)

    def craft(file: sqlite3.Connection) -> None:
        (raw,) = file.execute("SELECT CAST(value AS BLOB) FROM about WHERE name = 'summary'").fetchone()
        place = raw.index(b'"run_name":"') + 14
        flipped = raw[:place] + bytes([raw[place] ^ bit]) + raw[place + 1 :]
        file.execute("UPDATE about SET value = CAST(? AS TEXT) WHERE name = 'summary'", (flipped,))

    path = crafted(intact, tmp_path / "one.eitui", craft)
    assert entry_of(path).summary.polls == len(intact.frames)
    assert look(path) == (intact.frames, [])
    told: list[Recording] = []
    keeping = RecorderThread(lambda about: path, intact.about.host, INTERVAL, "0", told.append)
    keeping.keep(Identified(intact.later[0].at, PROJECT_ID))
    for event in intact.later:
        keeping.keep(event)
    keeping.close()
    assert [recording.problem for recording in told] == [None]
    assert list(tmp_path.glob("*.damaged-*")) == []
    added = [event for event in intact.later if isinstance(event, PollSucceeded)]
    assert len(look(path)[0]) == len(intact.frames) + len(added)
    assert "\ufffd" not in entry_of(path).summary.run_name


def test_a_recording_that_does_not_say_its_run_goes_on_where_that_is_known(
    intact: IntactRecording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_thread, "RECORDER_PATIENCE", 60.0)
    path = changed(intact, tmp_path / "one.eitui", "UPDATE about SET value = CAST(x'ff' AS TEXT) WHERE name = 'host'")
    with pytest.raises(RecordingError, match="does not say which run"):
        RecordingReader.open(path)
    keeping = RecorderThread(lambda about: path, intact.about.host, INTERVAL, "0", lambda recording: None)
    for event in (Identified(intact.later[0].at, PROJECT_ID), *intact.later):
        keeping.keep(event)
    keeping.close()
    assert look(path)[0].keys() > intact.frames.keys()


# What an earlier eitui made


def test_a_recording_of_an_earlier_eitui_is_read_and_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "old.eitui"
    shutil.copy(FIXTURES / "format-1.eitui", path)
    frames, lost = look(path)
    assert lost == []
    moment = list(frames.values())[-1].moment
    wanted = list(csv.DictReader(io.StringIO((FIXTURES / "format-1-epochs.csv").read_text())))
    found = list(csv.DictReader(io.StringIO(export.as_csv(export.epochs(moment)))))
    assert [{name: row[name] for name in wanted[0]} for row in found] == wanted
    about = entry_of(path).about
    with closing(RecordingWriter(path, about, 1.0, "0")) as recorder:
        assert recorder.last_poll is not None


def test_a_journal_of_an_earlier_eitui_is_read(tmp_path: Path) -> None:
    shutil.copy(FIXTURES / "journal-1.db", tmp_path / "changes.db")
    (entry,) = Journal(tmp_path / "changes.db").look().changes
    assert [(change.ref.key, change.old, change.new) for change in entry.edit.changes] == [("min_score", 0.6, 0.7)]
    assert entry.outcome is Outcome.APPLIED


# Directories that cannot be entered


@pytest.mark.parametrize(
    "words",
    [
        ("runs",),
        ("export", "events"),
        ("export", "77"),
        ("runs", "delete", "77", "--yes"),
        ("runs", "delete", "--older-than", "1d", "--yes"),
    ],
)
def test_a_closed_directory_is_named_with_what_to_do(words: tuple[str, ...]) -> None:
    with closed_directory() as directory:
        done = outsider(*words, EITUI_RECORDINGS=str(directory))
        given = outsider(*words, "--recordings", str(directory))
    assert done.returncode == given.returncode == 2
    assert f"eitui: {directory} cannot be read: Permission denied\n" in done.stderr
    assert "sudo chown -R" in done.stderr or "chmod u+rwx" in done.stderr
    assert "No recordings" not in done.stderr
    assert given.stderr == done.stderr


@pytest.mark.parametrize("words", [("export", "{}"), ("replay", "{}"), ("export", "{}", "--project", "1")])
def test_so_is_that_of_a_file(words: tuple[str, ...]) -> None:
    with closed_directory() as directory:
        done = outsider(*(word.format(directory / "1-2.eitui") for word in words))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_host_folder_that_cannot_be_entered_is_said_and_hides_no_other_recording(tmp_path: Path) -> None:
    with closed_directory() as directory:
        shutil.copy(FIXTURES / "format-1.eitui", directory.with_name("1-2.eitui"))
        done = outsider("runs", EITUI_RECORDINGS=str(directory.parent))
        assert "79652824" in done.stdout
        assert f"eitui: {directory} cannot be read: Permission denied" in done.stderr
        assert done.returncode == 0


def test_recording_goes_on_asking_where_the_directory_is_closed() -> None:
    """What `sudo -E eitui`, once, leaves behind: the run is followed, and why it is not recorded is said."""
    with closed_directory() as directory, DemoServer() as server:
        done = outsider("record", "--timeout", "3s", EITUI_RECORDINGS=str(directory), **server.environment())
    assert "Traceback" not in done.stderr
    assert "The run cannot be recorded: permission denied" in done.stderr
    assert "sudo chown -R" in done.stderr or "chmod u+rwx" in done.stderr
    assert "The output cannot be written" not in done.stderr
    assert done.returncode == 4


def test_so_it_does_where_the_name_is_too_long() -> None:
    with DemoServer() as server:
        done = outsider("record", "--timeout", "3s", EITUI_RECORDINGS=f"/tmp/{'x' * 300}", **server.environment())
        output = outsider("record", "--output", f"/tmp/{'x' * 300}.eitui", **server.environment())
    assert "file name too long" in done.stderr
    assert done.returncode == 4
    assert "cannot be written: File name too long" in output.stderr
    assert output.returncode == 2
    assert "Traceback" not in done.stderr + output.stderr


def test_what_the_system_refuses_is_not_called_the_output() -> None:
    """Five open files are enough to start, and not to connect."""
    with DemoServer() as server:
        few = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (5, 5)); "
        done = outsider("status", code=few + EITUI, **server.environment())
    assert done.returncode != 0
    assert "The output cannot be written" not in done.stderr
    assert "Traceback" not in done.stderr


# Directories in which others have a hand


def test_recordings_that_others_may_replace_are_not_used_without_a_word(
    intact: IntactRecording, tmp_path: Path
) -> None:
    """A directory of another user's is said in the same words: see the tests of eitui.storage."""
    directory = tmp_path / "shared"
    directory.mkdir()
    directory.chmod(0o777)
    shutil.copy(FIXTURES / "format-1.eitui", directory / "1-2.eitui")
    wanted = f"{directory} may be written by every user"
    for words in (("runs",), ("export", "trials"), ("doctor",)):
        done = outsider(*words, EITUI_RECORDINGS=str(directory))
        assert wanted in done.stderr + done.stdout
    told: list[Recording] = []
    keeping = RecorderThread(lambda about: directory / "host" / "3-4.eitui", "host", INTERVAL, "0", told.append)
    for event in (Identified(intact.later[0].at, PROJECT_ID), *intact.later):
        keeping.keep(event)
    keeping.close()
    (problem,) = [recording.problem for recording in told if recording.problem is not None]
    assert problem.what.startswith(f"Recorded, but {wanted}")
    assert problem.advice == "Set EITUI_RECORDINGS to a directory that is yours alone."


def test_doctor_shows_all_of_a_long_path_and_none_of_its_escapes(tmp_path: Path) -> None:
    directory = tmp_path / ("deep" * 15) / "a\x1b[31m"
    done = outsider("doctor", "--config", str(tmp_path / "\x1b]0;x\x07.toml"), EITUI_RECORDINGS=str(directory))
    shown = outsider("doctor", EITUI_RECORDINGS=str(directory))
    assert f"{directory.parent}/a␛[31m " in shown.stdout
    assert "\x1b" not in done.stdout + done.stderr + shown.stdout
