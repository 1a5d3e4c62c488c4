"""Opening files that may come from anywhere, and the directories they are in."""

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from closed import NOBODY, closed_directory, outsider

from eitui.storage import sqlite
from eitui.storage.directory import concern, disk_advice, make_private
from eitui.storage.lock import Lock

KIND = sqlite.FileKind("a box", 0x65697400, 2, "CREATE TABLE things (id INTEGER PRIMARY KEY, body BLOB);")


def a_box(path: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.executescript(KIND.script)
        for statement in statements:
            file.execute(statement)
    return path


def opened(path: Path) -> sqlite.SqliteConnection:
    return sqlite.SqliteConnection.open(path, "mode=ro", 1.0)


def test_a_file_of_its_kind_is_opened(tmp_path: Path) -> None:
    with closing(opened(a_box(tmp_path / "box", "INSERT INTO things VALUES (1, x'00')"))) as file:
        sqlite.check_kind(file, tmp_path / "box", KIND)
        assert file.execute("SELECT body FROM things").fetchone() == (b"\0",)


@pytest.mark.parametrize(
    ("statement", "error", "why"),
    [
        ("PRAGMA application_id = 1", sqlite.NotOurs, "is not a box of eitui"),
        ("PRAGMA user_version = 3", sqlite.Newer, r"a newer eitui \(format 3; this one reads up to 2\)"),
        ("DROP TABLE things", sqlite.Strange, "things in it is not as eitui makes it"),
        ("CREATE TABLE more (a)", sqlite.Strange, "more in it is not as eitui makes it"),
        ("CREATE VIEW more AS SELECT 1", sqlite.Strange, "more in it"),
        ("ALTER TABLE things ADD COLUMN more AS (hex(zeroblob(9)))", sqlite.Strange, "things in it"),
        ("CREATE INDEX more ON things (hex(body))", sqlite.Strange, "more in it"),
        ('CREATE TABLE "a\x1b[31m" (a)', sqlite.Strange, "a␛"),
    ],
)
def test_any_other_is_refused_in_words(tmp_path: Path, statement: str, error: Any, why: str) -> None:
    with closing(opened(a_box(tmp_path / "box", statement))) as file:
        with pytest.raises(error, match=why) as refused:
            sqlite.check_kind(file, tmp_path / "box", KIND)
        assert refused.value.why.isprintable()


def test_two_tables_of_one_name_do_not_hide_each_other(tmp_path: Path) -> None:
    lie = "INSERT INTO sqlite_schema SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema"
    a_box(tmp_path / "box", "PRAGMA writable_schema = ON", lie)
    with closing(opened(tmp_path / "box")) as file, pytest.raises(sqlite.FileRefused):
        sqlite.check_kind(file, tmp_path / "box", KIND)


def test_no_value_is_longer_than_the_limit(tmp_path: Path) -> None:
    longest = sqlite.LONGEST_VALUE + 1
    a_box(tmp_path / "box", f"INSERT INTO things VALUES (1, zeroblob({longest}))")
    with closing(opened(tmp_path / "box")) as file:
        for query in ("SELECT body FROM things", f"SELECT zeroblob({longest})"):
            with pytest.raises(sqlite3.DataError):
                file.execute(query).fetchone()


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


def test_a_statement_that_goes_on_for_ever_ends_and_the_next_one_is_not_its_victim(tmp_path: Path) -> None:
    with closing(opened(a_box(tmp_path / "box"))) as file:
        with pytest.raises(sqlite3.OperationalError, match="interrupted"):
            file.execute(ENDLESS).fetchone()
        assert file.execute("SELECT 1").fetchone() == (1,)


# Directories


@pytest.mark.parametrize("umask", [0, 0o002, 0o022])
def test_every_directory_that_is_made_is_its_owners_alone(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        make_private(tmp_path / "a" / "b" / "c")
        Lock(tmp_path / "d" / "e" / "one.lock").acquire()
    finally:
        os.umask(before)
    made = [item for item in tmp_path.rglob("*") if item.is_dir()]
    assert {item.name: stat.S_IMODE(item.stat().st_mode) for item in made} == dict.fromkeys("abcde", 0o700)


def test_in_the_usual_place_others_lose_the_right_to_write_and_elsewhere_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    own, elsewhere = tmp_path / "eitui" / "recordings", tmp_path / "team" / "recordings"
    for path in (own, elsewhere):
        path.mkdir(parents=True)
        for part in (path, path.parent):
            part.chmod(0o777)
    tmp_path.chmod(0o770)
    make_private(own)
    make_private(elsewhere)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (own, own.parent, tmp_path)] == [0o755, 0o755, 0o770]
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o777
    assert concern(own) == ""
    assert concern(elsewhere) == f"{elsewhere} may be written by every user, who can replace what is in it"
    elsewhere.chmod(0o1777)  # as a temporary folder is: everybody makes, nobody replaces what is another's
    assert concern(elsewhere) == ""
    assert concern(tmp_path / "nowhere") == ""


def test_another_users_directory_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only root can give a directory away; for any other user another one's number is pretended."""
    if os.geteuid() == 0:
        os.chown(tmp_path, NOBODY, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: NOBODY)
    assert "belongs to another user" in concern(tmp_path)


ADVICE = """
import sys
from pathlib import Path
from eitui.storage.directory import disk_advice
path = Path(sys.argv[1])
try:
    path.stat()
except OSError as error:
    print(disk_advice(path, error))
"""


def test_a_directory_that_may_not_be_entered_is_named_with_what_to_do() -> None:
    with closed_directory() as directory:
        result = outsider(str(directory / "host" / "1-2.eitui"), code=ADVICE).stdout
    assert str(directory) in result
    assert "sudo chown -R" in result or "chmod u+rwx" in result


def test_other_errors_have_no_such_advice(tmp_path: Path) -> None:
    assert disk_advice(tmp_path, FileNotFoundError()) == ""
