"""What is shown of the journal when there is much of it, or some of it is damaged. All values are synthetic."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from changing import HOST, IMPULSE, PROJECT, SCORE, FakeService, an_edit, change, sender

from eitui.change import words
from eitui.change.errors import JournalError
from eitui.change.journal import History, Journal
from eitui.domain.edit import Outcome, Report
from eitui.domain.threshold import Change, ThresholdRef


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "changes.db"


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
    assert journal.look() == History()
    for number in range(5):
        journal.intend(an_edit(id=f"a{number}", project_id=PROJECT + number % 2))
    found = journal.look(HOST, PROJECT, limit=2)
    assert ([entry.number for entry in found.entries], found.total, found.unreadable) == ([5, 3], 3, 0)
    assert journal.look(HOST).total == journal.look().total == 5
    assert journal.look("b.example.test") == History()


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
    assert journal.look() == History(unreadable=6)
    with pytest.raises(JournalError, match="6 lines of it are"):
        journal.unsettled(HOST, PROJECT)
    assert words.damage(6)[0].startswith("6 lines of the journal cannot be read")
    assert words.damage(1)[0].startswith("A line of the journal cannot be read")


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
