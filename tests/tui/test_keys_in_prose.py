"""With keys of the user's own, every sentence on the screen names those keys."""

from pathlib import Path

from build import completed, run, running
from thresholding import World, editing, until
from watching import watching

from eitui.domain.edit import Outcome

OWN = {
    "feed.poll": "f5",
    "trial.mark": "X,space",
    "trial.compare": "w",
    "trial.filter": "f7",
    "app.back": "f6",
    "filter.clear": "f9",
    "filter.complete": "f8",
    "move.left": "left_curly_bracket",
    "move.right": "I",
    "trade.cost": "f2",
    "trade.metric": "f3",
    "pane.trials": "f10",
    "view.log": "f12",
    "time.first": "f11",
}
RUN = run(running("1"), completed("2", 0.9))


async def test_a_refusal_names_them() -> None:
    async with watching(run(completed("2", 0.9)), keymap=OWN) as watch:
        await watch.press("w")
        assert "with X, then press w" in watch.text()


async def test_a_lost_connection_names_them_and_leaves_the_services_text_alone() -> None:
    async with watching(RUN, keymap=OWN) as watch:
        await watch.miss("Down for {trial.mark}")
        assert "Down for {trial.mark}" in watch.text()
        assert "f5 asks now" in watch.text()


async def test_an_empty_table_names_them() -> None:
    async with watching(RUN, keymap=OWN) as watch:
        await watch.press("f7")
        assert "f8 completes" in watch.text()
        await watch.press(*"status:failed", "enter")
        assert "f7 changes the filter, f6 shows all" in watch.text()


async def test_titles_name_them() -> None:
    async with watching(RUN, keymap=OWN, size=(60, 30)) as watch:
        assert "{I more columns" in watch.text()
        assert "f10 Trials" in watch.text()


async def test_trade_offs_without_points_name_them() -> None:
    without_cost = completed("2", 0.9, latency_ms=None)
    async with watching(run(without_cost), keymap=OWN) as watch:
        await watch.press("p")
        assert "f2 shows" in watch.text() or "f3 shows" in watch.text()


async def test_help_names_them() -> None:
    async with watching(RUN, keymap=OWN, size=(92, 300)) as watch:
        await watch.press("question_mark", "tab")
        assert "f5 reloads it" in watch.text()
        assert "X space" in watch.text()


EDITING = {
    "threshold.review": "f5",
    "threshold.yes": "f6",
    "threshold.switch": "f7",
    "threshold.undo": "f8",
    "threshold.journal": "f9",
    "threshold.coarse_up": "f10",
    "threshold.test": "f11",
    "over.back": "f12",
    "move.right": "w",
    "feed.poll": "f4",
    "trial.journal": "f3",
}


async def test_the_threshold_editor_names_them(tmp_path: Path) -> None:
    world = World(tmp_path / "changes.db")
    async with editing(world, keymap=EDITING) as edit:
        assert "←w fine, H f10 coarse" in edit.watch.text()
        assert "←w moves the value" in await edit.press("f5")
        assert "f12 again drops it, f5 shows it" in await edit.press("w", "f12")
        review = await edit.press("f5")
        for result in ("(f7)", "f6 send", "f7 allow", "n/f12 back, send nothing"):
            assert result in review
        assert "f6 sends it, f12 does not" in await edit.press("f5")
        report = await edit.press("f6")
        assert "f5 go on editing" in report
        assert "f8 undo" in report
        assert "f9 journal" in report
    assert len(world.posts) == 1


async def test_a_change_without_an_answer_names_them(tmp_path: Path) -> None:
    world = World(tmp_path / "changes.db", held=True)
    async with editing(world, keymap=EDITING) as edit:
        edit.watch.reads_are_held = True
        await edit.press("w", "f5", "f6")
        await until(edit, lambda: world.posts)
        assert "f12 leave without waiting" in edit.watch.text()
        assert "f6 leave  n/f12 stay" in await edit.press("f12")
        assert "unknown. f3 on the" in await edit.press("f6")
        await until(edit, lambda: world.entries()[0].outcome is Outcome.UNKNOWN)
        edit.watch.reads_are_held = world.held = False
        assert "f4 reads it back" in await edit.press("f3")
