"""The columns: chosen, ordered, hidden, and remembered."""

from pathlib import Path

from build import completed, run
from deep import with_impulse, with_recalls
from watching import Watching, watching

from eitui.tui.screens.columns import ColumnsChoice
from eitui.tui.view_state import ViewState
from eitui.view.run.columns import MOVABLE, USUAL

RUN = run(completed("1", 0.9), completed("2", 0.8))


def titles(watch: Watching) -> list[str]:
    return watch.titles.split()


def keys(watch: Watching) -> list[str]:
    return [column.key for column in watch.table.arrangement.columns]


async def test_space_hides_and_shows() -> None:
    async with watching(RUN) as watch:
        await watch.press("C")
        assert isinstance(watch.app.screen, ColumnsChoice)
        await watch.press("space", "j", "space", "k", "space", "enter")
        assert watch.app.screen is watch.monitor
        assert keys(watch) == [key for key in keys(watch) if key != "val_accuracy"]
        assert "acc" not in titles(watch)
        assert "Status" in titles(watch)


async def test_columns_are_moved() -> None:
    async with watching(RUN) as watch:
        await watch.press("C", "D", "D", "shift+up", "enter")
        assert watch.table.arrangement.order[:3] == ("val_accuracy", "status", "val_loss")
        assert titles(watch)[:4] == ["Name", "Val", "acc", "Status"]


async def test_the_dialog_says_what_it_does() -> None:
    async with watching(RUN, size=(80, 24)) as watch:
        await watch.press("C", "j", "space", "D")
        text = watch.text()
        assert "▸ · Val acc" in text
        assert "✓ Status" in text
        assert "D W move" in text
        for column in MOVABLE:
            assert column in watch.table.arrangement.order


async def test_r_takes_the_usual_ones() -> None:
    async with watching(RUN) as watch:
        await watch.press("C", "space", "D", "enter")
        assert watch.table.arrangement != USUAL
        await watch.press("C", "backspace", "enter")
        assert watch.table.arrangement == USUAL


async def test_escape_leaves_them_as_they_were() -> None:
    async with watching(RUN) as watch:
        for leave in ("escape", "q"):
            await watch.press("C", "space", "D", leave)
            assert watch.app.screen is watch.monitor
            assert watch.table.arrangement == USUAL


async def test_a_choice_is_remembered(tmp_path: Path) -> None:
    view_state = ViewState(tmp_path / "view.json")
    async with watching(RUN, view_state=view_state) as watch:
        await watch.press("C", "space", "enter")
    assert "status" not in [column.key for column in view_state.columns().columns]
    async with watching(RUN, view_state=view_state) as watch:
        assert "Status" not in titles(watch)


async def test_a_damaged_file_is_said_once_and_the_usual_columns_are_shown(tmp_path: Path) -> None:
    (tmp_path / "view.json").write_text("{")
    async with watching(RUN, view_state=ViewState(tmp_path / "view.json")) as watch:
        assert "Default columns are shown" in " ".join(watch.text().split())
        assert watch.table.arrangement == USUAL
        assert len(watch.app.notices) == 1


async def test_a_choice_that_cannot_be_kept_is_shown_for_now(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    async with watching(RUN, view_state=ViewState(tmp_path / "state" / "view.json")) as watch:
        watch.app.clear_notifications()
        await watch.press("C", "space", "enter")
        assert "Status" not in titles(watch)
        assert [result.message[:27] for result in watch.app.notices] == ["The view could not be saved"]


async def test_hidden_columns_make_room_for_others() -> None:
    of = run(with_recalls("1", 0.9, 0.75), with_recalls("2", 0.6, 0.75))
    async with watching(of) as watch:
        assert "Worst" not in titles(watch)
        await watch.press("C", "G", *["space", "k"] * 7, "enter")
        assert "Worst" in titles(watch)
        assert " 75.0% no" in watch.row("1")
        assert " 60.0% yes" in watch.row("2")


async def test_without_any_the_names_are_left() -> None:
    async with watching(RUN) as watch:
        await watch.press("C", *["space", "j"] * len(MOVABLE), "enter")
        assert titles(watch) == ["Name"]
        assert "mfe-conv1d-1" in watch.row("1")


async def test_a_sort_by_a_hidden_column_goes_on() -> None:
    async with watching(RUN) as watch:
        watch.table.sort_by("val_accuracy", reverse=False)
        await watch.press("C", *["j"] * MOVABLE.index("val_accuracy"), "space", "enter")
        assert watch.order == ["2", "1"]
        assert "by val acc" in watch.table.render_line(0).text


# Hyper-parameters

TUNED = run(
    *(
        with_impulse(completed(str(number)), {"type": "mfe", "numFilters": 10 * number}, learningRate=0.1 / number)
        for number in (1, 2, 3)
    )
)
FILTERS = "mfe.num_filters"


async def choose_filters(watch: Watching) -> None:
    await watch.press("C", *["j"] * len(MOVABLE), "space", "enter")


async def test_hyper_parameters_are_offered_and_shown_when_chosen(tmp_path: Path) -> None:
    view_state = ViewState(tmp_path / "view.json")
    async with watching(TUNED, view_state=view_state, size=(80, 40)) as watch:
        assert FILTERS not in titles(watch)
        await watch.press("C")
        assert f"· {FILTERS}" in watch.text()
        await watch.press("escape")
        assert watch.table.arrangement == USUAL
        await choose_filters(watch)
        assert titles(watch)[-1] == FILTERS
        assert watch.row("3").split()[-1] == "30"
    assert view_state.columns().order == (*MOVABLE, FILTERS)
    async with watching(TUNED, view_state=view_state) as watch:
        assert FILTERS in titles(watch)
        await watch.press("C", "backspace", "enter")
        assert watch.table.arrangement == USUAL


async def test_one_that_no_trial_of_the_run_has_is_no_column_and_stays_remembered(tmp_path: Path) -> None:
    view_state = ViewState(tmp_path / "view.json")
    async with watching(TUNED, view_state=view_state) as watch:
        await choose_filters(watch)
    other = run(with_impulse(completed("1"), {"type": "raw", "points": 3}))
    async with watching(other, view_state=view_state) as watch:
        assert FILTERS not in titles(watch)
        await watch.press("C", "space", "enter")
    assert FILTERS in view_state.columns().order
    assert "status" in view_state.columns().hidden


async def test_trials_are_sorted_by_one() -> None:
    async with watching(TUNED) as watch:
        await watch.press("s", "end", "enter")
        assert watch.order == ["3", "2", "1"]
        assert "by training.learning_rate" in watch.table.render_line(0).text


async def test_a_filter_asks_for_one_and_its_values_are_completed() -> None:
    async with watching(TUNED) as watch:
        await watch.press("slash", *"num", "tab")
        assert f"{FILTERS}:10  {FILTERS}:20  {FILTERS}:30" in watch.text()
        await watch.press("2", "tab")
        assert watch.order == ["2"]
        await watch.press(*["backspace"] * 3, *">10", "enter")
        assert watch.order == ["2", "3"]


async def test_of_many_trials_what_was_typed_is_understood_when_they_are_read() -> None:
    plain = [with_impulse(completed(str(number)), {"type": "raw"}) for number in range(300)]
    late = with_impulse(completed("late"), {"type": "mfe", "numFilters": 7})
    async with watching(run(*plain, late)) as watch:
        table = watch.table
        table.type_filter()
        table.take_pasted("mfe.num_filters>3")
        assert len(watch.order) == 301
        await watch.settle()
        while table.rows.to_read:
            await watch.settle()
        assert watch.order == ["late"]
