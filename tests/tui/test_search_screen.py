"""Progress of the search, over the monitor. All figures are synthetic."""

from dataclasses import replace
from typing import Any

import pytest
from build import completed, failed, pending, run, running
from watching import spy_on_lines, watching

from eitui.domain.run import Objective, Run
from eitui.domain.trial import FLOAT32, INT8, VALIDATION, Evaluation, Trial
from eitui.tui.screens.search import SearchScreen


def configured(*trials: Trial, **config: Any) -> Run:
    base = run(*trials)
    return replace(base, config=replace(base.config, **config))


def done(trial_id: str, accuracy: float, of_round: int = 0) -> Trial:
    return replace(completed(trial_id, accuracy), round=of_round)


RUN = configured(
    done("a", 0.7),
    done("b", 0.6),
    done("c", 0.8, 1),
    done("d", 0.75, 1),
    failed("x"),
    running("e", 3),
    max_trials=12,
    early_stopping_window=5,
    objectives=(Objective("accuracy", "Accuracy", 1.0), Objective("latency", "Latency", 0.3)),
)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_chart_and_facts(size: tuple[int, int]) -> None:
    async with watching(RUN, size=size) as watch:
        await watch.press("o")
        assert isinstance(watch.app.screen, SearchScreen)
        text = watch.text()
        assert "best val accuracy so far, bayesian search" in watch.lines()[0]
        for wanted in ("┘", "★", "◆", "round 1", "early stop", "completed trials"):
            assert wanted in text
        for wanted in (
            "Best so far     ★ 80.0%  mfe-conv1d-c",
            "for 1 trial; early stopping after 5",
            "counted on val accuracy",
            "★ by val accuracy",
            "Objectives      Accuracy × 1, Latency × 0.3",
            "early stopping after 4 more without improvement",
            "the plan of 12 trials, 7 to go",
        ):
            assert wanted in text
        assert ("Improvements" in text) == (size != (80, 24))
        assert all(len(line) == size[0] for line in watch.lines())


async def test_the_chart_is_read_from_the_last_trial_back() -> None:
    async with watching(RUN) as watch:
        await watch.press("o", "left")
        done_ones = RUN.completed
        assert f"│trial {len(done_ones)}  {done_ones[-1].name}" in watch.lines()[1]
        await watch.press(*["left"] * 20)
        assert f"│trial 1  {done_ones[0].name}" in watch.lines()[1]
        await watch.press(*["right"] * 20)
        assert "best so far" in watch.lines()[1]
        assert "│trial" not in watch.lines()[1]


async def test_it_follows_the_run() -> None:
    async with watching(RUN) as watch:
        await watch.press("o")
        better = configured(*RUN.trials[:-1], done("e", 0.9, 1), max_trials=12, early_stopping_window=5)
        await watch.answer(better)
        assert "★ 90.0%  mfe-conv1d-e" in watch.text()
        assert "for 0 trials; early stopping after 5" in watch.text()


async def test_the_words_scroll_on_a_small_screen() -> None:
    many = configured(*(done(str(number), 0.5 + number / 100) for number in range(20)))
    async with watching(many, size=(80, 24)) as watch:
        await watch.press("o")
        before = watch.text()
        assert "more" in watch.lines()[-2]
        await watch.press("j", "j", "j")
        assert watch.text() != before
        assert "↑ 3 more" in watch.lines()[-2]
        await watch.press("end")
        assert "the first" in watch.text()
        assert "↓" not in watch.lines()[-2]
        await watch.press("pageup")
        assert "↓" in watch.lines()[-2]
        await watch.press("home")
        assert watch.text() == before


async def test_the_precision_can_be_changed() -> None:
    evaluations = {(VALIDATION, INT8): Evaluation(0.3, 0.9), (VALIDATION, FLOAT32): Evaluation(0.2, 0.95)}
    async with watching(run(replace(completed("a"), evaluations=evaluations))) as watch:
        await watch.press("o", "V")
        assert "★ 95.0%" in watch.text()
        assert "val accuracy, float32" in watch.text()


@pytest.mark.parametrize(
    ("of", "result"),
    [(run(), "The run has no trials yet."), (run(pending("1"), failed("2")), "No completed trial yet:")],
)
async def test_before_the_first_trial_it_says_what_will_be_there(of: Run, result: str) -> None:
    async with watching(of, size=(80, 24)) as watch:
        await watch.press("o")
        assert result in watch.text()
        await watch.press("j", "end", "l", "escape")
        assert watch.app.screen is watch.monitor


async def test_nothing_is_drawn_when_nothing_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    async with watching(RUN) as watch:
        await watch.press("o")
        drawn = spy_on_lines(monkeypatch, *watch.app.screen.children)
        await watch.pass_time(1)
        await watch.answer(replace(RUN))
        assert drawn.take() == []


async def test_what_was_said_below_does_not_lie_over_the_figures() -> None:
    async with watching(RUN) as watch:
        watch.app.notify("Something about the table.", markup=False)
        await watch.press("o")
        assert watch.app.notices == []
