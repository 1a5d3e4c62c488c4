"""The scatter of trade-offs, over the monitor. All figures are synthetic."""

from dataclasses import replace

import pytest
from build import completed, failed, pending, run, running
from watching import Watching, spy_on_lines, watching

from eitui.domain.run import Run, Target
from eitui.domain.trial import FLOAT32, INT8, TEST, VALIDATION, Evaluation, Performance
from eitui.tui.screens.trade_offs import TradeOffsScreen

KIB = 1024
RUN = run(
    completed("a", 0.70, 0.9, latency_ms=10),
    completed("b", 0.90, 0.5, latency_ms=40),
    completed("c", 0.80, 0.6, latency_ms=60),
    completed("d", 0.95, 0.2, latency_ms=50, ram_bytes=200 * KIB),
    completed("e", 0.92, 0.4, latency_ms=90),
    failed("x"),
    pending("y"),
)


def reading(watch: Watching) -> str:
    return next(line for line in watch.lines() if line.startswith(" mfe-conv1d-")).split()[0][-1]


async def walk(watch: Watching, *keys: str) -> str:
    """Press each of `keys`, and return the trials that were come to."""
    seen = ""
    for key in keys:
        await watch.press(key)
        seen += reading(watch)
    return seen


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_points_front_and_limit_are_drawn(size: tuple[int, int]) -> None:
    async with watching(RUN, size=size) as watch:
        watch.table.select_trial("b")
        await watch.press("p")
        assert isinstance(watch.app.screen, TradeOffsScreen)
        text = watch.text()
        assert "val accuracy against latency, int8" in watch.lines()[0]
        for wanted in ("limit 100 ms", "┊", "┘", "[◆]", "•", "◇", "latency, ms"):
            assert wanted in text
        assert "mfe-conv1d-b  val accuracy 90.0%  latency 40 ms  RAM 64 KB  ROM 256 KB" in text
        assert "5 trials plotted (1 over a limit); not shown: 1 failed, 1 unfinished" in text
        assert all(len(line) == size[0] for line in watch.lines())


async def test_arrows_walk_all_points_by_cost_and_the_front_up_and_down() -> None:
    async with watching(RUN) as watch:
        watch.table.select_trial("a")
        await watch.press("p")
        assert reading(watch) == "a"
        assert await walk(watch, "l", "right", "l", "l", "l") == "bdcee"
        assert await walk(watch, "h", "left") == "cd"
        # Off the front: to the nearest on it, then along it.
        assert await walk(watch, "up", "k", "down", "j", "j") == "eebaa"
        assert await walk(watch, "end", "home") == "ea"


async def test_off_the_front_down_is_the_cheaper_one() -> None:
    async with watching(RUN) as watch:
        watch.table.select_trial("c")
        await watch.press("p")
        assert await walk(watch, "down") == "b"


async def test_a_trial_that_is_no_point_gives_way_to_the_best_choice() -> None:
    async with watching(RUN) as watch:
        watch.table.select_trial("x")
        await watch.press("p")
        assert reading(watch) == "e"
        # Nothing was walked to: the table's cursor stays.
        await watch.press("escape")
        assert watch.table.cursor == "x"


@pytest.mark.parametrize("key", ["enter", "escape", "q"])
async def test_the_trial_that_was_walked_to_is_selected_in_the_table(key: str) -> None:
    async with watching(RUN) as watch:
        watch.table.select_trial("a")
        await watch.press("p", "l", key)
        assert watch.app.screen is watch.monitor
        assert watch.table.cursor == "b"


async def test_x_goes_through_the_costs_and_m_through_the_metrics() -> None:
    async with watching(RUN) as watch:
        await watch.press("p")
        seen = []
        for key in ("x", "x", "x", "m", "m"):
            seen.append(watch.lines()[0].split("  ")[1].split(",")[0])
            await watch.press(key)
        assert seen == [
            "val accuracy against latency",
            "val accuracy against RAM",
            "val accuracy against ROM",
            "val accuracy against latency",
            "val loss against latency",
        ]


async def test_without_accuracy_it_begins_with_the_loss() -> None:
    async with watching(run(completed("a", None, 0.5), completed("b", None, 0.3, latency_ms=70))) as watch:
        await watch.press("p")
        assert "val loss against latency" in watch.lines()[0]
        assert "┐" in watch.text()
        await watch.press("m")
        assert "none with an accuracy. m shows the loss." in watch.text()


async def test_the_part_of_the_data_and_the_precision_can_be_changed() -> None:
    evaluations = {
        (VALIDATION, INT8): Evaluation(0.3, 0.9),
        (TEST, INT8): Evaluation(0.4, 0.8),
        (VALIDATION, FLOAT32): Evaluation(0.2, 0.95),
    }
    costs = {INT8: Performance(50, 1000, 1000), FLOAT32: Performance(150, 3000, 3000)}
    async with watching(run(replace(completed("a"), evaluations=evaluations, performance=costs))) as watch:
        await watch.press("p", "v")
        assert "test accuracy against latency, int8" in watch.lines()[0]
        assert "test accuracy 80.0%  latency 50 ms" in watch.text()
        await watch.press("V")
        assert "val accuracy 95.0%  latency 150 ms!" in watch.text()


@pytest.mark.parametrize(
    ("of", "result"),
    [
        (run(), "No trials yet: each"),
        (run(running("1"), failed("2")), "No trial has completed yet: 1 unfinished, 1 failed."),
        (run(completed("1", latency_ms=None)), "the service sent no latency"),
    ],
)
async def test_without_a_point_it_says_why_and_takes_every_key(of: Run, result: str) -> None:
    async with watching(of, size=(80, 24)) as watch:
        await watch.press("p")
        assert result in " ".join(watch.text().split())
        for key in ("l", "h", "j", "k", "home", "end", "pageup", "pagedown"):
            await watch.press(key)
        await watch.press("enter")
        assert watch.app.screen is watch.monitor


async def test_one_point_and_equal_points() -> None:
    async with watching(run(*(completed(str(n)) for n in range(3)))) as watch:
        await watch.press("p")
        assert "2 more just like it" in watch.text()
        assert await walk(watch, "l", "l", "l", "h") == "1221"
    async with watching(replace(run(completed("1")), config=replace(RUN.config, target=Target()))) as watch:
        await watch.press("p")
        assert "[◆]" in watch.text()
        assert "┊" not in watch.text()


async def test_points_appear_as_trials_complete_and_nothing_is_drawn_when_nothing_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with watching(RUN) as watch:
        await watch.press("p")
        drawn = spy_on_lines(monkeypatch, *watch.app.screen.children)
        await watch.pass_time(1)
        await watch.answer(run(*RUN.trials))
        assert drawn.take() == []
        await watch.answer(run(*RUN.trials[:-1], completed("y", 0.99, latency_ms=5)))
        assert drawn.take()
        assert "6 trials plotted" in watch.text()
