"""The journal of changes: what it keeps, and what it refuses. All values are synthetic."""

import json
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest
from changing import ANOMALY, HOST, IMPULSE, METHOD, PROJECT, SCORE, Clock, FakeService, an_edit, change, locked, sender
from hypothesis import given
from hypothesis import strategies as st

from eitui.domain.edit import Outcome, Report
from eitui.domain.threshold import Change, OtherValue, ThresholdRef, ThresholdValue
from eitui.storage.sqlite import seal
from eitui.thresholds import messages
from eitui.thresholds.errors import AlreadySent, JournalError, Underway
from eitui.thresholds.journal import JOURNAL_APPLICATION_ID, JOURNAL_FORMAT, Journal, JournalHistory
from eitui.view.threshold.journal import rows

PATIENCE = 60.0

APPLIED = Report(Outcome.APPLIED, "", "started_job", 8_200_001)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "eitui" / "changes.db"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def journal(path: Path, clock: Clock) -> Journal:
    return Journal(path, clock.now)


def test_there_is_nothing_before_the_first_change_and_no_file(journal: Journal, path: Path) -> None:
    assert journal.look().changes == journal.unsettled(HOST, PROJECT) == ()
    assert journal.last_applied(HOST, PROJECT, SCORE) is None
    assert journal.entry(1) is None
    assert not path.parent.exists()


def test_what_is_written_is_what_every_version_reads(journal: Journal, path: Path) -> None:
    changes = [Change(SCORE, 0.1 + 0.2, 10**20), Change(ThresholdRef(IMPULSE, 5, "half \ud83d"), None, "mean")]
    entry = journal.intend(an_edit(changes, regenerate=True))
    journal.report(entry, Report(Outcome.APPLIED, "", "started_job", 8, stored=(1e20, None)))
    with closing(sqlite3.connect(path)) as file:
        bodies = file.execute("SELECT edits.body, reports.body FROM edits, reports").fetchone()
    changes_body = (
        '[{"block": 3, "key": "min_score", "old": 0.30000000000000004, "new": 100000000000000000000}, '
        '{"block": 5, "key": "half \\ud83d", "old": null, "new": "mean"}]'
    )
    edit_body = '"impulse_name": "Keywords (synthetic)", "who": "ada@box", "regenerate": true, "undo_of": null'
    report_body = '"detail": "", "status": "started_job", "job": 8, "stored": [1e+20, null], "refused": false'
    assert bodies == (f'{{{edit_body}, "changes": {changes_body}}}', f"{{{report_body}}}")


@pytest.mark.parametrize("had", [True, False, None])
def test_whether_there_were_results_is_kept_where_earlier_versions_step_over_it(
    journal: Journal, path: Path, had: bool | None
) -> None:
    entry = journal.intend(an_edit())
    report = Report(Outcome.APPLIED, "", "not_regenerated", stored=(0.7,), had_results=had)
    journal.report(entry, report)
    assert Journal(path).look().changes[0].report == report
    with closing(sqlite3.connect(path)) as file:
        (body,) = file.execute("SELECT body FROM reports").fetchone()
    known = {"detail": "", "status": "not_regenerated", "job": None, "stored": [0.7], "refused": False}
    assert {name: json.loads(body)[name] for name in known} == known
    assert json.loads(body).get("had_results", None) is had


def test_a_report_of_before_refusals_were_noted_is_read(journal: Journal, path: Path) -> None:
    entry = journal.intend(an_edit())
    journal.report(entry, Report(Outcome.REFUSED, "No"))
    body = '{"detail": "No", "status": "", "job": null, "stored": null}'
    with closing(sqlite3.connect(path)) as file, file:
        (at,) = file.execute("SELECT at FROM reports").fetchone()
        sealed = seal(f"refused\0{body}".encode(), 1, at)
        file.execute("UPDATE reports SET body = ?, seal = ?", (body, sealed))
    assert Journal(path).look().changes[0].report == Report(Outcome.REFUSED, "No")


def test_a_change_of_before_read_back_values_were_noted_is_not_called_unverified(journal: Journal, path: Path) -> None:
    def shown() -> tuple[str, str]:
        entry = Journal(path).look().changes[0]
        assert entry.verified is None
        line = "".join(text for text, _ in rows([entry], 0, entry.intended_at, 100, 1)[0])
        return messages.outcome(entry).partition(".")[0], line

    entry = journal.intend(an_edit())
    journal.report(entry, Report(Outcome.APPLIED))
    said, line = shown()
    assert "not verified" in said
    assert "? not verified" in line
    body = '{"detail": "", "status": "", "job": null, "stored": null, "refused": false}'
    with closing(sqlite3.connect(path)) as file, file:
        (at,) = file.execute("SELECT at FROM reports").fetchone()
        sealed = seal(f"applied\0{body}".encode(), 1, at)
        file.execute("UPDATE reports SET body = ?, seal = ?", (body, sealed))
    said, line = shown()
    assert said == "Accepted by the service"
    assert "✓ accepted" in line


def test_a_value_of_an_unknown_kind_is_kept_as_it_was(journal: Journal) -> None:
    entry = journal.intend(an_edit([Change(SCORE, OtherValue("[1, true]"), 0.7)]))
    journal.report(entry, Report(Outcome.APPLIED, stored=(OtherValue('{"a": null}'),)))
    (found,) = journal.look().changes
    assert found.edit == entry.edit
    assert found.stored == (OtherValue('{"a": null}'),)


def test_an_edit_is_kept_with_the_last_that_was_learnt_of_it(journal: Journal, path: Path, clock: Clock) -> None:
    edit = an_edit([Change(SCORE, 0.6, 0.7), Change(METHOD, None, "mean")], regenerate=True, undo_of="a0")
    entry = journal.intend(edit)
    assert Journal(path).unsettled(HOST, PROJECT) == (entry,)
    assert (entry.outcome, entry.number, entry.reported_at) == (Outcome.INTENDED, 1, None)
    clock.elapsed += 2
    unknown = journal.report(entry, Report(Outcome.UNKNOWN, "the connection broke"))
    assert Journal(path).unsettled(HOST, PROJECT) == (unknown,)
    clock.elapsed += 5
    found = Report(Outcome.SETTLED_OTHER, "the connection broke", stored=(0.65, None))
    settled = journal.report(unknown, found)
    assert (settled.edit, settled.report, settled.intended_at) == (edit, found, clock.now() - 7)
    assert settled.reported_at == clock.now()
    assert Journal(path).look().changes == (settled,)
    assert Journal(path).entry(1) == settled
    assert Journal(path).unsettled(HOST, PROJECT) == ()


def test_history_is_newest_first_and_of_one_project_or_all(journal: Journal) -> None:
    for number, (host, project) in enumerate([(HOST, 1), (HOST, 2), ("b.example.test", 1), (HOST, 1)]):
        journal.intend(an_edit(id=f"a{number}", host=host, project_id=project))
    assert [entry.number for entry in journal.look().changes] == [4, 3, 2, 1]
    assert [entry.number for entry in journal.look(HOST, 1).changes] == [4, 1]
    assert [entry.number for entry in journal.look(HOST).changes] == [4, 2, 1]
    assert [entry.number for entry in journal.look(limit=2).changes] == [4, 3]
    assert [entry.number for entry in journal.unsettled(HOST, 1)] == [1, 4]


def test_the_last_that_was_applied_is_found_by_threshold(journal: Journal) -> None:
    def entered(edit_id: str, outcome: Outcome, *changes: Change) -> None:
        journal.report(journal.intend(an_edit(changes, id=edit_id)), Report(outcome))

    entered("a1", Outcome.APPLIED, Change(SCORE, 0.6, 0.7))
    entered("a2", Outcome.SETTLED_APPLIED, Change(SCORE, 0.7, 0.8), Change(ANOMALY, 0.3, 0.4))
    for number, outcome in enumerate([Outcome.REFUSED, Outcome.NOT_SENT, Outcome.UNKNOWN, Outcome.SETTLED_NOT_APPLIED]):
        entered(f"b{number}", outcome, Change(SCORE, 0.8, 0.9))
    assert journal.last_applied(HOST, PROJECT, SCORE).number == 2
    assert journal.last_applied(HOST, PROJECT, ANOMALY).number == 2
    assert journal.last_applied(HOST, PROJECT, METHOD) is None
    assert journal.last_applied(HOST, PROJECT + 1, SCORE) is None


VALUES = st.integers(-(10**40), 10**40) | st.floats(allow_nan=False, allow_infinity=False) | st.text(st.characters())
ODD = st.text(st.characters(codec=None) | st.sampled_from("\ud83d\x00\x1b\u202e'\""), max_size=8)


@given(
    st.lists(st.tuples(ODD, st.none() | VALUES | ODD, VALUES | ODD), min_size=1, max_size=4, unique_by=lambda c: c[0])
)
def test_values_keep_every_digit_and_every_character(
    tmp_path_factory: pytest.TempPathFactory, result: list[tuple[str, Any, Any]]
) -> None:
    path = tmp_path_factory.mktemp("journal") / "changes.db"
    edit = an_edit(Change(ThresholdRef(IMPULSE, 3, key), old, new) for key, old, new in result)
    Journal(path).intend(edit)
    found = Journal(path).look().changes[0].edit
    assert found == edit
    assert repr(found) == repr(edit)  # 1 and 1.0 are equal, and are not the same


def test_what_is_written_is_for_its_owner_alone(journal: Journal, path: Path) -> None:
    umask = os.umask(0)
    try:
        journal.intend(an_edit())
    finally:
        os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [item.name for item in path.parent.iterdir()] == [path.name]


def test_an_edit_is_taken_once(journal: Journal) -> None:
    journal.intend(an_edit())
    with pytest.raises(AlreadySent, match="nothing is sent twice"):
        journal.intend(an_edit())
    assert len(journal.look().changes) == 1


@pytest.mark.parametrize(
    "result",
    [
        {"changes": ()},
        {"changes": (Change(SCORE, 1, 2), Change(SCORE, 1, 3))},
        {"changes": (Change(ThresholdRef(9, 3, "k"), 1, 2),)},
        {"changes": (Change(SCORE, 1, float("nan")),)},
        {"changes": (Change(SCORE, 1, float("inf")),)},
        {"changes": (Change(SCORE, 1, True),)},
        {"changes": (Change(SCORE, 1, cast("ThresholdValue", None)),)},
    ],
)
def test_an_edit_that_cannot_be_sent_is_none(result: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"an edit|a threshold"):
        an_edit(**result)


# Files that are no journal


def refused(path: Path) -> JournalError:
    """Return the refusal to write, having made sure that reading is refused too and the file is as before."""
    before = path.read_bytes()
    with pytest.raises(JournalError) as writing:
        Journal(path).intend(an_edit())
    with pytest.raises(JournalError) as reading:
        Journal(path).look()
    assert reading.value.what == writing.value.what
    assert path.read_bytes() == before
    assert writing.value.advice
    return writing.value


@pytest.mark.parametrize("content", [b"hello", b"\x00" * 5000, b"SQLite format 3\x00" + b"\xff" * 500])
def test_another_kind_of_file_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "changes.db"
    path.write_bytes(content)
    assert "is not a journal of eitui" in refused(path).what


def test_another_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "changes.db"
    with closing(sqlite3.connect(path)) as file:
        file.execute("CREATE TABLE edits (id)")
    assert "is not a journal of eitui" in refused(path).what


def test_a_newer_journal_is_left_alone(journal: Journal, path: Path) -> None:
    journal.intend(an_edit())
    with closing(sqlite3.connect(path)) as file:
        file.execute(f"PRAGMA user_version = {JOURNAL_FORMAT + 1}")
    error = refused(path)
    assert f"made by a newer eitui (format {JOURNAL_FORMAT + 1}" in error.what
    assert "Update eitui" in error.advice


def test_a_damaged_journal_is_not_added_to(journal: Journal, path: Path) -> None:
    for number in range(40):
        journal.report(journal.intend(an_edit(id=f"a{number}")), APPLIED)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "is damaged" in refused(path).what
    path.write_bytes(whole[:4096] + b"\xff" * 4096 + whole[8192:])
    assert "is damaged" in refused(path).what


@pytest.mark.parametrize(
    "meddling",
    [
        "UPDATE edits SET body = replace(body, '0.7', '0.8')",
        "UPDATE edits SET host = 'b'",
        "UPDATE edits SET at = at + 1",
        "UPDATE edits SET body = x'ff'",
        "UPDATE reports SET outcome = 'refused'",
        "UPDATE reports SET outcome = 'unheard of'",
        "UPDATE reports SET body = '{}'",
        "UPDATE reports SET at = 'noon'",
    ],
)
def test_a_line_that_was_not_written_like_this_is_not_believed(journal: Journal, path: Path, meddling: str) -> None:
    journal.report(journal.intend(an_edit()), APPLIED)
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(meddling)
    look = Journal(path).look()
    assert (look.entries, look.unreadable) == ((), 1)
    with pytest.raises(JournalError, match="is damaged"):
        Journal(path).unsettled(HOST, PROJECT)


def test_a_file_that_was_only_begun_becomes_a_journal(journal: Journal, path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.touch()
    assert journal.look().changes == ()
    assert journal.intend(an_edit()).number == 1
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA application_id").fetchone() == (JOURNAL_APPLICATION_ID,)


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    for path in (blocked / "changes.db", Path("/proc/eitui/changes.db"), Path("/dev/null/x")):
        with pytest.raises(JournalError, match="cannot be written") as raised:
            Journal(path).intend(an_edit())
        assert "EITUI_JOURNAL" in raised.value.advice
    with pytest.raises(JournalError, match="cannot be"):
        Journal(tmp_path).intend(an_edit())
    with (
        pytest.raises(JournalError, match="cannot be locked"),
        locked(Journal(blocked / "changes.db").lock(HOST, 1, 1)),
    ):
        pass


def test_a_full_disk_writes_nothing(journal: Journal, path: Path) -> None:
    journal.intend(an_edit())
    code = f"""
import resource, signal
from pathlib import Path
from changing import an_edit
from eitui.thresholds.journal import Journal
from eitui.thresholds.errors import JournalError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
try:
    Journal(Path({str(path)!r})).intend(an_edit(id="a2", impulse_name="x" * 9000))
except JournalError as error:
    print(error.what)
"""
    assert "cannot be written" in python(code)
    assert [entry.edit.id for entry in Journal(path).look().changes] == ["a1"]
    journal.intend(an_edit(id="a3"))


def python(code: str) -> str:
    environ = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[1] / "support")}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=environ, capture_output=True, text=True, timeout=PATIENCE, check=True,
    ).stdout  # fmt: skip


# Several processes


WRITER = """
import sys
from pathlib import Path
from changing import an_edit
from eitui.thresholds.journal import Journal
from eitui.domain.edit import Outcome, Report
journal, name = Journal(Path(sys.argv[1])), sys.argv[2]
sys.stdin.readline()
for number in range(25):
    journal.report(journal.intend(an_edit(id=f"{name}{number}")), Report(Outcome.APPLIED, name))
"""


def test_processes_that_write_at_once_lose_nothing(path: Path) -> None:
    environ = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[1] / "support")}
    writers = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", WRITER, str(path), name], stdin=subprocess.PIPE, env=environ
        )
        for name in "ab"
    ]
    for writer in writers:
        writer.stdin.write(b"go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=PATIENCE)
        assert writer.returncode == 0
    entries = Journal(path).look().changes
    assert {entry.edit.id for entry in entries} == {f"{name}{number}" for name in "ab" for number in range(25)}
    assert all(entry.report.detail == entry.edit.id[0] for entry in entries)
    assert [entry.number for entry in entries] == list(range(50, 0, -1))


def test_one_process_at_a_time_may_send_changes_of_an_impulse(journal: Journal, path: Path) -> None:
    with locked(journal.lock(HOST, PROJECT, 1)):
        with pytest.raises(Underway, match="Another eitui"):
            Journal(path).lock(HOST, PROJECT, 1).acquire()
        for other in ((HOST, PROJECT, 2), (HOST, PROJECT + 1, 1), ("b.example.test", PROJECT, 1)):
            with locked(Journal(path).lock(*other)):
                pass
    with locked(Journal(path).lock(HOST, PROJECT, 1)):
        pass
    assert list(path.parent.iterdir()) == []


def a_hot_journal(path: Path) -> None:
    """Leave a file as a process does that was killed between changing it and committing."""
    code = f"""
import os, sqlite3
file = sqlite3.connect({str(path)!r}, isolation_level=None)
file.execute("PRAGMA cache_size = 1")
file.execute("BEGIN IMMEDIATE")
for number in range(200):
    file.execute("INSERT INTO reports (edit, at, outcome, body, seal) VALUES (1, 0, 'refused', ?, 0)", ("x" * 500,))
os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", code], timeout=PATIENCE, check=False)


def test_half_a_line_of_a_killed_process_is_as_if_it_had_never_been(journal: Journal, path: Path) -> None:
    entry = journal.intend(an_edit())
    a_hot_journal(path)
    assert path.with_name(path.name + "-journal").exists()
    assert Journal(path).look().changes == (entry,)


# Much of it, or damaged


def filled(path: Path, count: int = 3) -> Journal:
    journal = Journal(path)
    for number in range(1, count + 1):
        journal.report(journal.intend(an_edit(id=f"a{number}")), Report(Outcome.APPLIED))
    return journal


def meddle(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(statement)


def test_a_look_says_how_much_more_there_is(path: Path) -> None:
    journal = Journal(path)
    assert journal.look() == JournalHistory()
    for number in range(5):
        journal.intend(an_edit(id=f"a{number}", project_id=PROJECT + number % 2))
    found = journal.look(HOST, PROJECT, limit=2)
    assert ([entry.number for entry in found.entries], found.total, found.unreadable) == ([5, 3], 3, 0)
    assert journal.look(HOST).total == journal.look().total == 5
    assert journal.look("b.example.test") == JournalHistory()


@pytest.mark.parametrize(
    ("meddling", "left"),
    [
        ("UPDATE edits SET body = replace(body, '0.7', '0.8') WHERE number = 2", [3, 1]),
        ("UPDATE edits SET body = CAST(x'ff' AS TEXT) WHERE number = 2", [3, 1]),
        ("UPDATE edits SET body = x'ff' WHERE number = 2", [3, 1]),
        ("UPDATE edits SET host = 'b' WHERE number = 3", [2, 1]),
        ("UPDATE reports SET outcome = 'refused' WHERE number = 1", [3, 2]),
        ("DELETE FROM edits WHERE number = 3", [2, 1]),
        ("DELETE FROM edits WHERE number = 1", [3, 2]),
        ("DELETE FROM reports WHERE number = 2", [3, 2, 1]),
    ],
)
async def test_a_damaged_line_hides_no_other_and_stops_every_change(path: Path, meddling: str, left: list[int]) -> None:
    journal = filled(path)
    meddle(path, meddling)
    found = journal.look(HOST, PROJECT)
    assert ([entry.number for entry in found.entries], found.unreadable) == (left, 1)
    with pytest.raises(JournalError, match="is damaged: a line of it is not what was written, or gone"):
        journal.unsettled(HOST, PROJECT)
    service = FakeService()
    one = sender(service, path)
    with pytest.raises(JournalError, match="is damaged"):
        await one.send(one.edit(IMPULSE, "", [change(service, SCORE, 0.7)]))
    assert not service.posts


def test_a_journal_all_of_whose_lines_are_gone_is_no_empty_one(path: Path) -> None:
    journal = filled(path)
    meddle(path, "DELETE FROM reports")
    meddle(path, "DELETE FROM edits")
    assert journal.look() == JournalHistory(unreadable=6)
    with pytest.raises(JournalError, match="6 lines of it are"):
        journal.unsettled(HOST, PROJECT)
    assert messages.damage(6)[0].startswith("6 lines of the journal cannot be read")
    assert messages.damage(1)[0].startswith("A line of the journal cannot be read")


async def test_the_last_change_of_an_impulse_is_found_behind_any_number_of_others(path: Path) -> None:
    service = FakeService()
    one = sender(service, path)
    assert await one.last_applied(IMPULSE) is None
    first = (await one.send(one.edit(IMPULSE, "", [change(service, SCORE, 0.7)]))).entry
    journal = Journal(path)
    other = (Change(ThresholdRef(2, 3, "min_score"), 0.6, 0.7),)
    for number in range(120):
        journal.report(
            journal.intend(an_edit(other, id=f"b{number}", impulse_id=2)),
            Report(Outcome.REFUSED if number % 2 else Outcome.APPLIED),
        )
    assert await one.last_applied(IMPULSE) == first
    assert (await one.last_applied(2)).number == 120
    assert await one.last_applied(3) is None
