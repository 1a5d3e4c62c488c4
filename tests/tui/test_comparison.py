"""Trials side by side, over the monitor. All figures are synthetic."""

from dataclasses import replace

import pytest
from build import completed, failed, run, running
from watching import Watching, spy_on_lines, watching

from eitui.domain.run import Run
from eitui.tui.screens.comparison import ComparisonScreen

RUN = run(completed("a", 0.90), completed("b", 0.95, latency_ms=80), completed("c", 0.70), failed("x"), running("d", 3))


def training(epoch: int) -> Run:
    """The run with two trials that train; their figures follow the epoch."""
    return run(
        running("a", epoch, loss=2 / epoch, val_loss=2.5 / epoch, accuracy=0.5, val_accuracy=0.4 + epoch / 100),
        running("b", epoch, loss=3 / epoch, val_loss=3.5 / epoch, accuracy=0.5, val_accuracy=0.3 + epoch / 100),
        completed("c", 0.9),
    )


def comparison(watch: Watching) -> ComparisonScreen:
    assert isinstance(watch.app.screen, ComparisonScreen)
    return watch.app.screen


def row(watch: Watching, name: str) -> list[str]:
    """The table's figures under a name; the chart's legend, which begins alike, has signs."""
    lines = (line for line in watch.lines() if line.startswith(f"{name} ") and "●" not in line)
    return next(lines).removeprefix(name).split()


async def mark(watch: Watching, *trial_ids: str) -> None:
    watch.monitor.marked = trial_ids
    watch.monitor.show_now()
    await watch.settle()


async def open_on(watch: Watching, *trial_ids: str) -> ComparisonScreen:
    await mark(watch, *trial_ids)
    await watch.press("c")
    return comparison(watch)


async def test_the_marked_trials_are_compared() -> None:
    async with watching(RUN) as watch:
        screen = await open_on(watch, "a", "c", "d")
        assert [trial.id for trial in screen.trials] == ["a", "c", "d"]
        text = watch.text()
        assert "3 marked trials, int8" in watch.lines()[0]
        header = next(line for line in watch.lines() if "▸" in line)
        assert header.split() == ["▸●", "mfe-conv1d-a", "▲", "mfe-conv1d-c", "■", "mfe-conv1d-d"]
        assert row(watch, "val accuracy") == ["90.0%*", "70.0%", "–"]
        assert "No curves: the marked" not in text


async def test_a_chart_that_is_alone_is_read_and_smoothed() -> None:
    async with watching(training(1), size=(80, 24)) as watch:
        for epoch in (2, 3, 4):
            await watch.answer(training(epoch))
        screen = await open_on(watch, "a", "b")
        assert "0.6250" in watch.text()
        await watch.press("left", "left")
        assert "at epoch 2" in watch.text()
        assert "1.250" in watch.text()
        assert screen.cursor == 0
        await watch.press("right", "right", "w")
        assert "at epoch" not in watch.text()
        assert "light smoothing" in watch.text()
        # With the table in sight the keys go from trial to trial.
        await watch.press("tab", "right")
        assert screen.cursor == 1


async def test_what_is_the_same_is_left_out() -> None:
    async with watching(RUN) as watch:
        await open_on(watch, "a", "b")
        names = [line.split("  ")[0].strip() for line in watch.lines()]
        assert "latency" in names
        assert "RAM" not in names


@pytest.mark.parametrize(("cursor", "pair"), [("c", ["c", "b"]), ("b", ["b", "a"])])
async def test_with_none_marked_it_is_the_selected_one_with_the_best_of_the_others(
    cursor: str, pair: list[str]
) -> None:
    async with watching(RUN) as watch:
        watch.table.select_trial(cursor)
        screen = await open_on(watch)
        assert [trial.id for trial in screen.trials] == pair
        assert "the trial and the best other trial" in watch.lines()[0]


async def test_with_one_marked_it_is_that_one() -> None:
    async with watching(RUN) as watch:
        screen = await open_on(watch, "a")
        assert [trial.id for trial in screen.trials] == ["a", "b"]


async def test_with_nothing_to_compare_it_says_what_to_press() -> None:
    async with watching(run(completed("a"), running("b"))) as watch:
        watch.table.select_trial("a")
        screen = await open_on(watch)
        assert "othing to compare mfe-conv1d-a with" in watch.text()
        assert "space" in watch.text()
        for key in ("m", "a", "tab", "space", "j", "l", "v", "V"):
            await watch.press(key)
        assert watch.app.screen is screen


async def test_without_any_trial_it_says_so() -> None:
    async with watching(run()) as watch:
        await watch.press("c")
        assert "No trial is selected." in watch.text()


async def test_curves_and_table_follow_while_trials_train() -> None:
    async with watching(training(1), training(2)) as watch:
        await open_on(watch, "a", "b")
        assert "● mfe-conv1d-a 1.250" in watch.text()
        assert row(watch, "val loss") == ["1.250*", "1.750"]
        await watch.answer(training(5))
        assert "● mfe-conv1d-a 0.5000" in watch.text()
        assert row(watch, "val loss") == [
            "0.5000*",
            "0.7000",
        ]


async def test_m_goes_through_the_figures() -> None:
    async with watching(training(1), training(2)) as watch:
        await open_on(watch, "a", "b")
        shown = []
        for _ in range(5):
            shown.append(watch.lines()[1].split("  ")[0])
            await watch.press("m")
        assert shown == ["val loss", "val accuracy", "train loss", "train accuracy", "val loss"]


async def test_a_makes_the_axis_of_losses_logarithmic() -> None:
    async with watching(*(training(epoch) for epoch in (1, 2, 4, 50))) as watch:
        await open_on(watch, "a", "b")
        assert "log axis" not in watch.lines()[1]
        linear = watch.lines()[2:10]
        await watch.press("a")
        assert "log axis" in watch.lines()[1]
        assert watch.lines()[2:10] != linear
        await watch.press("m")
        assert "log axis" not in watch.lines()[1]
        await watch.press("a")
        assert "Only a loss has a logarithmic axis." in [note.message for note in watch.app.notices]
        await watch.press("m")
        assert "log axis" not in watch.lines()[1]


async def test_a_small_screen_shows_the_chart_or_the_table() -> None:
    async with watching(training(1), training(2), size=(80, 24)) as watch:
        await open_on(watch, "a", "b")
        assert "┤" in watch.text()
        assert "figures" not in watch.lines()[5]
        await watch.press("tab")
        assert "┤" not in watch.text()
        assert "val accuracy" in watch.text()
        await watch.press("tab")
        assert "┤" in watch.text()


async def test_a_large_one_shows_both_and_tab_gives_one_the_screen() -> None:
    async with watching(training(1), training(2)) as watch:
        await open_on(watch, "a", "b")
        seen = []
        for _ in range(4):
            text = watch.text()
            seen.append(("┤" in text, "val accuracy" in text))
            await watch.press("tab")
        assert seen == [(True, True), (True, False), (False, True), (True, True)]


async def test_arrows_move_over_more_trials_than_fit() -> None:
    many = run(*(completed(str(number), 0.5 + number / 100) for number in range(8)))
    async with watching(many, size=(60, 24)) as watch:
        await open_on(watch, *(trial.id for trial in many.trials))
        await watch.press("tab")
        seen = []
        for _ in range(8):
            header = next(line for line in watch.lines() if "▸" in line)
            seen.append(header.split("▸")[1].split()[1])
            await watch.press("l")
        assert [name[-1] for name in seen] == list("01234567")
        assert "to the left" in watch.text()
        await watch.press("h")
        assert comparison(watch).cursor == 6


async def test_the_table_scrolls() -> None:
    async with watching(RUN, size=(80, 12)) as watch:
        await open_on(watch, "a", "b", "c", "d")
        await watch.press("tab")
        top = watch.lines()[2]
        assert "more" in watch.text()
        await watch.press("j")
        assert watch.lines()[2] != top
        assert "▸" in watch.lines()[1]
        await watch.press("end")
        assert "↓" not in watch.lines()[-2]
        await watch.press("home")
        assert watch.lines()[2] == top


async def test_x_takes_a_trial_out_and_the_others_keep_their_signs() -> None:
    async with watching(RUN) as watch:
        screen = await open_on(watch, "a", "b", "c")
        await watch.press("l", "space")
        assert watch.monitor.marked == ("a", "c")
        assert [trial.id for trial in screen.trials] == ["a", "c"]
        header = next(line for line in watch.lines() if "▸" in line)
        assert "● mfe-conv1d-a" in header
        assert "■ mfe-conv1d-c" in header
        await watch.press("space")
        assert [trial.id for trial in screen.trials] == ["a", "b"]
        await watch.press("space")
        assert watch.monitor.marked == ("a",)
        assert any("Only a marked trial" in note.message for note in watch.app.notices)


async def test_signs_are_those_of_the_table() -> None:
    async with watching(RUN) as watch:
        await mark(watch, "a", "b", "c")
        await mark(watch, "b", "c")
        await watch.press("c")
        header = next(line for line in watch.lines() if "▸" in line)
        assert "▲ mfe-conv1d-b" in header
        assert "■ mfe-conv1d-c" in header


async def test_enter_goes_to_the_trial_in_the_table() -> None:
    async with watching(RUN) as watch:
        await open_on(watch, "a", "c")
        await watch.press("l", "enter")
        assert watch.app.screen is watch.monitor
        assert watch.table.cursor == "c"


async def test_a_trial_that_was_not_there_then_is_left_out() -> None:
    async with watching(RUN) as watch:
        screen = await open_on(watch, "a", "b", "c")
        await watch.answer(replace(RUN, trials=tuple(trial for trial in RUN.trials if trial.id != "b")))
        assert [trial.id for trial in screen.trials] == ["a", "c"]


async def test_nothing_is_drawn_when_nothing_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    async with watching(training(1), training(2)) as watch:
        screen = await open_on(watch, "a", "b")
        drawn = spy_on_lines(monkeypatch, *screen.children)
        await watch.pass_time(1)
        await watch.answer(training(2))
        assert drawn.take() == []
        await watch.answer(training(3))
        assert drawn.take()


async def test_the_footer_offers_no_part_of_the_data_as_all_are_shown() -> None:
    async with watching(RUN) as watch:
        await watch.press("c")
        footer = watch.lines()[-1]
        assert "V Precision" in footer
        assert "v Data" not in footer
