"""The journal of changes on the screen, when there is much of it, or some of it is damaged. All data are synthetic."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from changing import an_edit
from thresholding import HOST, World, editing, monitoring

from eitui.demo.service import PROJECT_ID
from eitui.domain.edit import Outcome, Report


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "changes.db")


def fill(world: World, count: int) -> None:
    for number in range(count):
        edit = an_edit(id=f"a{number}", host=HOST, project_id=PROJECT_ID)
        world.journal.report(world.journal.intend(edit), Report(Outcome.REFUSED))


async def test_it_says_how_much_more_there_is(world: World) -> None:
    fill(world, 103)
    async with editing(world) as edit:
        assert "the last 100 of 103" in await edit.press("J")


async def test_taking_back_reaches_behind_the_last_hundred(world: World) -> None:
    async with editing(world) as edit:
        await edit.press("L", "enter", "y")
        await edit.press("enter")
        fill(world, 101)
        assert "Undo change 1?" in await edit.press("u")


async def test_a_damaged_line_hides_no_other(world: World) -> None:
    fill(world, 3)
    with closing(sqlite3.connect(world.path)) as file, file:
        file.execute("UPDATE edits SET body = '{}' WHERE number = 2")
    async with editing(world) as edit:
        await edit.press("escape")
        text = await edit.press("J")
        assert text.count("✗ refused") == 2
        assert "A line of the journal cannot be read" in text
        assert "Until the journal is whole nothing is sent" in text
    assert world.posts == []


async def test_a_change_from_here_is_not_somebody_elses(world: World) -> None:
    async with editing(world) as edit:
        for _ in range(2):
            await edit.press("L", "enter", "y")
            await edit.press("enter")
        edit.screen.editor.undo_change(world.entries()[1])
        text = await edit.press("y")
        assert "changed meanwhile by your change 2 of " in text
        assert "omebody else" not in text
    assert len(world.posts) == 2


async def test_a_key_for_a_change_that_is_not_there_says_so(world: World) -> None:
    async with editing(world) as edit:
        edit.together("J", "u")
        await edit.watch.settle()
        assert "The journal is not loaded yet" in edit.watch.text()
        assert "No change to choose" in await edit.press("u")


async def test_undoing_before_the_thresholds_are_loaded_says_so(world: World) -> None:
    async with monitoring(world) as watch:
        watch.reads_are_held = world.reads_held = True
        watch.monitor.open_thresholds(1)
        await watch.press("u")
        assert "The thresholds are not loaded yet" in watch.text()
