"""Whose figures are looked at: the table, the stars and the header follow; what is recorded and said does not."""

from dataclasses import replace

from build import completed, run, running
from watching import watching

from eitui.analysis.figures import Lens
from eitui.domain.trial import FLOAT32, INT8, TEST, VALIDATION, Evaluation, Performance, Trial


def trial(trial_id: str, validation: float, test: float, in_float: float) -> Trial:
    return replace(
        completed(trial_id),
        evaluations={
            (VALIDATION, INT8): Evaluation(0.1, validation),
            (TEST, INT8): Evaluation(0.2, test),
            (VALIDATION, FLOAT32): Evaluation(0.3, in_float),
        },
        performance={INT8: Performance(50, 65536, 262144), FLOAT32: Performance(200, 65536, 262144)},
    )


RUN = run(trial("1", 0.91, 0.71, 0.81), trial("2", 0.90, 0.79, 0.85), running("3", 4, val_accuracy=0.5, accuracy=0.5))


async def test_v_shows_the_test_figures_and_comes_back() -> None:
    async with watching(RUN) as watch:
        assert "91.0%" in watch.row("1")
        await watch.press("v")
        assert "71.0%" in watch.row("1")
        assert "Tst acc" in watch.titles
        assert "≠ int8 test metrics" in watch.lines()[2]
        assert "50.0%" in watch.row("3"), "training accuracy"
        assert watch.row("3").count("50.0%") == 1, "a latest epoch has no test figures"
        await watch.press("v")
        assert "91.0%" in watch.row("1")
        assert "≠" not in watch.lines()[2]
        assert "int8 metrics" in watch.lines()[2]


async def test_the_choice_is_in_sight_on_a_small_screen() -> None:
    async with watching(RUN, size=(80, 24)) as watch:
        await watch.press("v")
        assert watch.lines()[2].rstrip().endswith("≠ int8 test metrics")


async def test_capital_v_shows_another_precision() -> None:
    async with watching(RUN) as watch:
        await watch.press("V")
        assert "81.0%" in watch.row("1")
        assert "200!" in watch.row("1")
        assert "≠ float32 validation metrics" in watch.lines()[2]
        await watch.press("v")
        assert "Only validation data at float32 is available" in watch.text()
        await watch.press("V")
        assert watch.monitor.chosen is None


async def test_the_best_and_the_order_follow() -> None:
    async with watching(RUN) as watch:
        await watch.press("b")
        assert watch.table.cursor == "1"
        assert watch.row("1").startswith(" ★")
        watch.table.sort_by("val_accuracy", reverse=True)
        await watch.press("v")
        assert watch.row("2").startswith(" ★")
        assert watch.order == ["2", "1", "3"]
        assert "by tst acc" in watch.table.render_line(0).text
        await watch.press("b")
        assert watch.table.cursor == "2"


async def test_the_filter_and_the_screens_over_it_follow() -> None:
    async with watching(RUN) as watch:
        await watch.press("slash", *"val_acc<0.75", "enter")
        assert watch.order == ["3"]
        await watch.press("v")
        assert watch.order == ["1"]
        assert watch.monitor.scene().lens == Lens(TEST, INT8)


async def test_what_happened_is_told_by_the_usual_figures() -> None:
    async with watching(RUN) as watch:
        await watch.press("v")
        # It is the best on the test data, and not on the validation data.
        await watch.answer(replace(RUN, trials=(*RUN.trials, trial("4", 0.5, 0.99, 0.5))))
        assert watch.row("4").startswith(" ★")
        assert not any(
            "mfe-conv1d-4" in alert.text for alert in watch.monitor.travel.moment.alerts if "best" in alert.kind
        )


async def test_what_there_is_only_one_of_is_said() -> None:
    async with watching(run(completed("1"))) as watch:
        await watch.press("V")
        assert "Only int8 is available so far." in watch.text()
        assert watch.monitor.lens == Lens(VALIDATION, INT8)


async def test_no_best_on_the_figures_looked_at_is_said() -> None:
    both = run(trial("1", 0.9, 0.8, 0.8))
    async with watching(both) as watch:
        await watch.press("v")
        await watch.answer(run(completed("1")))
        await watch.press("b")
        assert "No trial has a score on test at int8 yet." in " ".join(watch.text().split())
