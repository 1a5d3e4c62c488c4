"""The trial table: where the cursor stays, how it sorts, and how little is drawn."""

from dataclasses import replace

import pytest
from build import completed, failed, pending, run, running
from textual.strip import Strip
from textual.widgets import OptionList
from watching import START, Drawn, Watching, spy_on_lines, watching

from eitui.domain.moment import EMPTY_MOMENT, Instant, Moment
from eitui.domain.run import Run, RunRecord
from eitui.domain.trial import Trial
from eitui.feed.events import Identified, PollSucceeded, Resumed
from eitui.feed.track import fold
from eitui.tui.kit.lines import Lines
from eitui.tui.screens.columns import SortChoice
from eitui.view.kit.cells import len_cells
from eitui.view.run.columns import COLUMNS, CURVE

"""Lines above the first row: the pane's title and those of the columns."""

MIXED = run(
    running("1", 3, accuracy=0.5, val_accuracy=0.4, loss=1.0, val_loss=1.1),
    completed("2", 0.90, latency_ms=70),
    pending("3"),
    completed("4", 0.95, latency_ms=20),
    failed("5"),
)


async def sort_by(watch: Watching, key: str) -> None:
    """Choose a column in the dialog."""
    await watch.press("s")
    assert isinstance(watch.app.screen, SortChoice)
    choices = watch.app.screen.query_one(OptionList)
    choices.highlighted = choices.get_option_index(f"by-{key}")
    await watch.press("enter")


def cursor_lines(watch: Watching) -> list[int]:
    """Rows of the table on the cursor's ground."""
    ground = watch.table.cursor_ground(watch.table.rich_style).bgcolor
    strips = [watch.table.render_line(y) for y in range(watch.head, watch.table.size.height)]
    return [y for y, strip in enumerate(strips) if {s.style.bgcolor for s in strip if s.style} == {ground}]


async def test_it_begins_on_a_trial_under_way() -> None:
    async with watching(run(completed("1"), pending("2"), running("3"))) as watch:
        assert watch.table.cursor == "3"


def seen(*runs: Run) -> Moment:
    """Return what an earlier watching came to, a poll every second."""
    of = EMPTY_MOMENT
    for second, one in enumerate(runs):
        of = fold(of, PollSucceeded(Instant(START - 60 + second, 5.0 + second), one)).moment
    return of


STARTED = (4, 5, 6)
LONG = [run(running("1", 40), running("2", at), running("3", max(1, at - 4)), pending("4")) for at in STARTED]


async def test_it_begins_on_the_trial_under_way_with_the_longest_curve() -> None:
    async with watching() as watch:
        await watch.say(Resumed(watch.clock.now(), seen(*LONG)))
        assert watch.table.cursor == "2"
        # It stays there when another has overtaken it, and when it is over.
        await watch.answer(run(running("1", 41), running("2", 7), running("3", 3), pending("4")))
        await watch.answer(run(running("1", 42), completed("2"), running("3", 40), running("4", 1)))
        assert watch.table.cursor == "2"


async def test_what_ended_since_an_earlier_watching_is_not_begun_on_unless_somebody_went_there() -> None:
    now = run(completed("2"), running("1", 41), running("3", 5), pending("4"))
    for keys, cursor in (([], "3"), (["k"], "1"), (["j", "k"], "2")):
        async with watching() as watch:
            await watch.say(Resumed(watch.clock.now(), seen(*LONG)))
            await watch.press(*keys)
            await watch.answer(now)
            assert watch.table.cursor == cursor


async def test_of_curves_equally_long_the_one_furthest_along_is_begun_on() -> None:
    async with watching(run(running("1", 3), running("2", 48), running("3"), running("4", 48))) as watch:
        assert watch.table.cursor == "2"


async def test_it_begins_on_a_curve_if_there_is_any_until_somebody_moves() -> None:
    waiting = run(completed("1"), running("2"), running("3"))
    async with watching(waiting) as watch:
        assert watch.table.cursor == "2"
        await watch.answer(run(completed("1"), running("2"), running("3", 1)))
        assert watch.table.cursor == "3"
    async with watching(waiting) as watch:
        await watch.press("k")
        await watch.answer(run(completed("1"), running("2"), running("3", 1)))
        assert watch.table.cursor == "1"
    async with watching() as watch:
        await watch.say(
            Resumed(
                watch.clock.now(), seen(run(running("0", 7), running("1", 8)), run(running("0", 7), running("1", 9)))
            )
        )
        await watch.answer(run(completed("0", 0.5), completed("1", 0.9), running("2"), running("3")))
        assert watch.table.cursor == "1"


async def test_the_pane_of_curves_has_the_keys_of_the_trial_s_view() -> None:
    async with watching(run(running("1", 1, loss=1.0, val_loss=2.0))) as watch:
        for epoch in (2, 3):
            await watch.answer(run(running("1", epoch, loss=1.0 / epoch, val_loss=2.0 / epoch)))
        await watch.press("2", "left")
        assert "│epoch 2  loss 0.5000  val loss 1.000" in watch.text()
        await watch.press("right", "a", "w")
        assert "│epoch" not in watch.text()
        assert "loss (log), light smoothing" in watch.text()
        await watch.press("1", "a")
        assert watch.monitor.pane == "curves"
        assert "(log)" not in watch.text()


async def test_without_a_trial_under_way_it_begins_on_the_best() -> None:
    async with watching(run(completed("1", 0.5), completed("2", 0.9), pending("3"))) as watch:
        assert watch.table.cursor == "2"


async def test_the_cursor_moves_and_stops_at_both_ends() -> None:
    async with watching(MIXED) as watch:
        for keys, trial in ((["j"], "2"), (["down", "down"], "4"), (["k"], "3"), (["up"], "2"), (["G"], "5")):
            await watch.press(*keys)
            assert watch.table.cursor == trial
        await watch.press("j")
        assert watch.table.cursor == "5"
        await watch.press("g", "k")
        assert watch.table.cursor == "1"
        assert cursor_lines(watch) == [0]


async def test_the_cursor_stays_on_its_trial_when_rows_come_and_go() -> None:
    async with watching(MIXED) as watch:
        await watch.press("b")
        assert watch.table.cursor == "4"
        await watch.answer(run(pending("a"), pending("b"), *MIXED.trials))
        assert (watch.table.cursor, cursor_lines(watch)) == ("4", [5])
        await watch.answer(run(*MIXED.trials[2:]))
        assert (watch.table.cursor, cursor_lines(watch)) == ("4", [1])


async def test_the_cursor_stays_on_its_trial_when_rows_are_sorted() -> None:
    async with watching(MIXED) as watch:
        await watch.press("b")
        await sort_by(watch, "val_accuracy")
        assert (watch.table.cursor, cursor_lines(watch)) == ("4", [0])
        await watch.press("S")
        assert (watch.table.cursor, cursor_lines(watch)) == ("4", [watch.order.index("4")])
        assert watch.order.index("4") > 0
        # A trial that overtakes another moves the rows, not the cursor.
        await watch.answer(run(running("1", 9, val_accuracy=0.99), *MIXED.trials[1:]))
        assert (watch.table.cursor, cursor_lines(watch)) == ("4", [watch.order.index("4")])


async def test_when_its_trial_is_gone_the_cursor_takes_the_nearest_row() -> None:
    async with watching(MIXED) as watch:
        await watch.press("G")
        await watch.answer(run(*MIXED.trials[:3]))
        assert watch.table.cursor == "3"


@pytest.mark.parametrize("column", [column.key for column in COLUMNS if column is not CURVE])
async def test_missing_figures_come_last_in_both_directions(column: str) -> None:
    async with watching(MIXED) as watch:
        await sort_by(watch, column)
        key = next(c for c in COLUMNS if c.key == column).sort_key
        context = watch.table.rows.context
        missing = {trial.id for trial in MIXED.trials if key(trial, context) is None}
        orders = [watch.order]
        await watch.press("S")
        orders.append(watch.order)
        for order in orders:
            assert set(order[len(order) - len(missing) :]) == missing
            assert sorted(order) == ["1", "2", "3", "4", "5"]


async def test_accuracy_is_sorted_with_the_highest_first_and_latency_with_the_lowest() -> None:
    async with watching(MIXED) as watch:
        await sort_by(watch, "val_accuracy")
        assert watch.order == ["4", "2", "1", "3", "5"]
        assert "▼" in watch.text()
        await sort_by(watch, "latency")
        assert watch.order[:2] == ["4", "2"]
        assert "▲" in watch.text()
        await sort_by(watch, "")
        assert watch.order == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_leaving_the_sort_dialog_changes_nothing(key: str) -> None:
    async with watching(MIXED) as watch:
        await sort_by(watch, "latency")
        before = watch.order
        await watch.press("s", "j", "j", "k", key)
        assert watch.app.screen is watch.monitor
        assert watch.order == before


async def test_the_sort_dialog_opens_on_the_current_choice() -> None:
    async with watching(MIXED) as watch:
        await sort_by(watch, "ram")
        await watch.press("s")
        choices = watch.app.screen.query_one(OptionList)
        assert choices.highlighted == choices.get_option_index("by-ram")


async def test_a_click_moves_the_cursor() -> None:
    async with watching(MIXED) as watch:
        await watch.pilot.click("#trials", offset=(10, watch.head + 3))
        assert watch.table.cursor == "4"
        await watch.pilot.click("#trials", offset=(10, 0))
        assert watch.table.cursor == "4"


async def test_columns_that_do_not_fit_are_brought_into_sight() -> None:
    async with watching(MIXED, size=(80, 24)) as watch:
        assert "Retry" not in watch.text()
        await watch.press(*["right"] * len(COLUMNS))
        assert "Retry" in watch.text()
        assert "Name" in watch.text()
        await watch.press(*["h"] * len(COLUMNS))
        assert "Retry" not in watch.text()


async def test_no_trials_and_then_some() -> None:
    async with watching(run()) as watch:
        assert "No trials yet: waiting for a worker to start." in watch.text()
        for key in ("j", "G", "pagedown", "right", "S", "b", "semicolon"):
            await watch.press(key)
        assert watch.table.cursor is None
        await watch.answer(MIXED)
        assert watch.table.cursor == "1"
        await watch.answer(run())
        assert "No trials yet: waiting for a worker to start." in watch.text()


async def test_a_project_without_a_run_says_what_to_do() -> None:
    async with watching(EMPTY_MOMENT.run) as watch:
        assert "This project has no" in watch.text()


async def test_five_thousand_trials() -> None:
    many = run(*(completed(str(number), (number % 997) / 1000) for number in range(5000)))
    async with watching(many, size=(80, 24)) as watch:
        await watch.press("G")
        assert watch.table.cursor == "4999"
        assert "mfe-conv1d-4999" in watch.text()
        await watch.press("pageup")
        assert watch.table.cursor != "4999"
        await sort_by(watch, "val_accuracy")
        accuracies = [trial.evaluations["validation", "int8"].accuracy for trial in watch.table.rows.trials]
        assert accuracies == sorted(accuracies, reverse=True)
        assert cursor_lines(watch), "the cursor is in sight"


async def test_a_page_at_a_time_reaches_both_ends() -> None:
    many = run(*(pending(str(number)) for number in range(100)))
    async with watching(many, size=(80, 24)) as watch:
        await watch.press(*["ctrl+f"] * 10)
        assert watch.table.cursor == "99"
        await watch.press(*["ctrl+b"] * 10)
        assert watch.table.cursor == "0"


async def test_a_trial_that_could_not_be_read_is_a_row_that_says_so() -> None:
    broken = Trial("?1", "unreadable trial", "", problem="impulse: field required")
    async with watching(run(broken, completed("2")), size=(200, 60)) as watch:
        assert "? malformed" in watch.text()
        await watch.press("g")
        assert "could not be read: impulse: field required" in watch.text()


async def test_a_status_nobody_heard_of_is_shown_as_it_is() -> None:
    async with watching(run(replace(pending("1"), status="hibernating"), completed("2"))) as watch:
        assert "hibernating" in watch.row("1")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("name", ["関鍵詞検出ネットワーク" * 4, "🎤👩‍💻 keyword 🇩🇪", "e\u0301" * 40, "", " "])
async def test_names_of_any_script_keep_the_columns_in_line(name: str, size: tuple[int, int]) -> None:
    odd = replace(completed("1"), name=name)
    async with watching(run(odd, completed("2")), size=size) as watch:
        table = watch.table
        strips = [table.render_line(y) for y in range(table.size.height)]
        assert {strip.cell_length for strip in strips} == {size[0]}
        # The odd row is as wide as its neighbour up to the same figure.
        at = [_cells_before(strip, "90.0%") for strip in strips[watch.head : watch.head + 2]]
        assert at[0] == at[1]


def _cells_before(strip: Strip, mark: str) -> int:
    return len_cells(strip.text.partition(mark)[0])


# How little is drawn


def everything_drawn(monkeypatch: pytest.MonkeyPatch, watch: Watching) -> Drawn:
    return spy_on_lines(monkeypatch, *watch.monitor.query(Lines))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_an_answer_that_changes_nothing_draws_nothing(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    async with watching(MIXED, size=size) as watch:
        drawn = everything_drawn(monkeypatch, watch)
        await watch.answer(MIXED)
        assert drawn.take() == []
        await watch.answer(replace(MIXED, trials=tuple(map(replace, MIXED.trials))))
        assert drawn.take() == []


async def test_a_second_that_changes_no_text_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with watching(MIXED) as watch:
        created = RunRecord(77, 1, "Run 1 (synthetic)", START - 600, "running")
        await watch.say(Identified(watch.clock.now(), 12345, "Doorbell (synthetic)", created))
        drawn = everything_drawn(monkeypatch, watch)
        await watch.pass_time(1)
        assert drawn.take() == []
        await watch.pass_time(60)
        assert drawn.take() != [], "the spy sees what is drawn: data a minute old are STALE"


async def test_a_trial_that_changed_draws_its_line_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    async with watching(MIXED) as watch:
        drawn = spy_on_lines(monkeypatch, watch.table)
        changed = running("1", 4, accuracy=0.6, val_accuracy=0.5, loss=0.9, val_loss=1.0)
        await watch.answer(replace(MIXED, trials=(changed, *MIXED.trials[1:])))
        assert drawn.take() == [watch.head]
        assert "4/50" in watch.row("1")


async def test_a_moved_cursor_draws_two_lines_and_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    async with watching(MIXED) as watch:
        drawn = spy_on_lines(monkeypatch, watch.table)
        await watch.press("j")
        assert drawn.take() == [0, watch.head, watch.head + 1]


async def test_a_trial_out_of_sight_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [pending(str(number)) for number in range(200)]
    async with watching(run(*many)) as watch:
        drawn = spy_on_lines(monkeypatch, watch.table)
        many[150] = replace(many[150], retries=1)
        await watch.answer(run(*many))
        assert drawn.take() == []


async def test_the_column_sorted_by_is_brought_into_sight() -> None:
    async with watching(MIXED, size=(80, 24)) as watch:
        assert "Retry" not in watch.titles
        await sort_by(watch, "retries")
        assert " ▼ Retry" in watch.titles
        watch.table.sort_by("val_loss", reverse=False)
        assert " ▲ Val loss" in watch.titles
        watch.table.sort_by(None, reverse=False)
        assert "Val loss" in watch.titles


async def test_an_order_chosen_twice_is_chosen_once() -> None:
    async with watching(MIXED) as watch:
        await watch.press("s")
        choices = watch.app.screen.query_one(OptionList)
        for _ in range(2):  # as over a slow line: the second arrives before the first is done
            choices.post_message(OptionList.OptionSelected(choices, choices.get_option("by-name"), 1))
        await watch.settle()
        assert watch.app.screen is watch.monitor
        assert "▲" in watch.titles


async def test_b_goes_to_the_best_trial_and_capital_b_to_the_best_that_fits() -> None:
    over, good, weak = completed("1", 0.95, latency_ms=334), completed("2", 0.90), completed("3", 0.80)
    async with watching(run(over, good, weak)) as watch:
        await watch.press("B")
        assert watch.table.cursor == "2"
        await watch.press("b")
        assert watch.table.cursor == "1"
        await watch.answer(run(over))
        await watch.press("B")
        assert watch.table.cursor == "1"
        assert "No trial is known to fit the limits yet." in watch.text()
