"""The view of one trial: its tabs, its curves, its log, in the present and in the past. All trials are synthetic."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import cycle
from typing import Any

import pytest
from build import completed, failed, pending, run, running
from demo_scenes import demo_at
from watching import START, FoldedRecording, Watching, replaying, spy_on_lines, watching

from eitui.api.detail import detail_of
from eitui.api.state import StateReader
from eitui.domain.detail import TrialDetail
from eitui.domain.log import LogLine, TrialLog
from eitui.domain.moment import Instant
from eitui.domain.trial import Block, Progress, Trial
from eitui.feed.events import NoLog, PollSucceeded
from eitui.tui.kit.list import TextPane
from eitui.tui.screens.trial import TRIAL_TABS, TrialScreen
from eitui.tui.widgets.log_pane import LogPane
from eitui.tui.widgets.trial_curves import TrialCurves

TITLES = ("Curves", "Metrics", "Device", "Impulse", "Progress", "Log")

EPOCHS = 12


def epoch(number: int, **more: float) -> Trial:
    """Trial 1 after an epoch: its val_loss is lowest at 8, its val_accuracy highest at 10."""
    figures = {
        "loss": 1 / number,
        "val_loss": 0.2 + abs(number - 8) / 10,
        "accuracy": 0.5 + number / 100,
        "val_accuracy": 0.9 - abs(number - 10) / 50,
    }
    return running("1", number, None, **(figures | more))


def log(*texts: str) -> TrialLog:
    return TrialLog(tuple(LogLine(START + number, "info", text) for number, text in enumerate(texts)))


OOM = "ResourceExhaustedError: OOM when allocating tensor"
FAILED = replace(failed("9"), blocks=(Block(1, "dsp", "completed"), Block(2, "learn", "failed", 2)))


@asynccontextmanager
async def trained(*others: Trial, size: tuple[int, int] = (120, 40), **options: Any) -> AsyncIterator[Watching]:
    """Open the monitor on a trial that was watched from its first epoch on, and open that trial."""
    async with watching(size=size, **options) as watch:
        seen = [run(epoch(number), *others) for number in range(1, EPOCHS + 1)]
        await watch.say(*(PollSucceeded(watch.clock.now(), one) for one in seen))
        await watch.press("g", "enter")
        yield watch


def opened(watch: Watching) -> TrialScreen:
    assert isinstance(watch.app.screen, TrialScreen)
    return watch.app.screen


def title(watch: Watching) -> str:
    return watch.lines()[1]


# Opening, tabs, other trials


async def test_enter_opens_the_trial_and_escape_goes_back() -> None:
    async with trained() as watch:
        assert "mfe-conv1d-1  ● running  epoch 12/50" in watch.lines()[0]
        assert all(name in title(watch) for name in TITLES)
        await watch.press("escape")
        assert watch.app.screen is watch.monitor


async def test_without_a_trial_there_is_nothing_to_open() -> None:
    async with watching(run()) as watch:
        await watch.press("enter")
        assert watch.app.screen is watch.monitor
        assert "No trial to open." in watch.text()


@pytest.mark.parametrize(("key", "name"), zip("123456", TITLES, strict=True))
async def test_a_number_goes_to_a_tab(key: str, name: str) -> None:
    async with trained() as watch:
        await watch.press("6" if key == "1" else "1", key)
        assert f"▌{key} {name}" in title(watch)


async def test_tab_goes_round() -> None:
    async with trained() as watch:
        seen = []
        for _ in range(7):
            await watch.press("tab")
            seen.append(opened(watch).tab)
        assert seen == [*TRIAL_TABS[1:], *TRIAL_TABS[:2]]
        await watch.press("shift+tab", "shift+tab")
        assert opened(watch).tab == "log"


@pytest.mark.parametrize(("after", "before"), [("n", "N"), ("J", "K")])
async def test_next_and_previous_follow_the_order_of_the_table(after: str, before: str) -> None:
    others = (completed("2", 0.7), completed("3", 0.9), completed("4", 0.8))
    async with watching(run(*others)) as watch:
        watch.table.sort_by("val_accuracy", reverse=True)
        await watch.press("g", "enter", "2", after)
        assert "mfe-conv1d-4" in watch.lines()[0]
        assert "2 of 3" in watch.lines()[0]
        assert opened(watch).tab == "metrics"
        await watch.press(after, after)
        assert "mfe-conv1d-2" in watch.lines()[0]
        assert "This is the last trial." in watch.text()
        await watch.press(before)
        assert "mfe-conv1d-4" in watch.lines()[0]
        await watch.press("escape")
        assert watch.table.cursor == "4"


async def test_it_lives_on_while_the_trial_trains() -> None:
    async with trained() as watch:
        await watch.answer(run(epoch(13)))
        assert "epoch 13/50" in watch.lines()[0]
        assert "epoch 13  loss 0.0769" in watch.text()
        await watch.press("5")
        await watch.answer(run(replace(completed("1"), worker_id="w-77")))
        assert "✓ completed" in watch.lines()[0]
        assert "w-77" in watch.text()


@pytest.mark.parametrize("tab", "12345")
async def test_nothing_is_drawn_while_nothing_changes(monkeypatch: pytest.MonkeyPatch, tab: str) -> None:
    async with trained() as watch:
        await watch.press(tab)
        drawn = spy_on_lines(monkeypatch, *watch.app.screen.query("*"))
        await watch.pass_time(1)
        await watch.pass_time(1)
        assert drawn.take() == []


async def test_another_run_has_no_such_trial() -> None:
    async with trained() as watch:
        await watch.answer(run(completed("2"), coordinator_job_id=78))
        for tab in "123456":
            await watch.press(tab)
            assert "mfe-conv1d-1  not there" in watch.lines()[0]
            assert "The service no longer" in watch.text()
        await watch.press("n")
        assert "mfe-conv1d-2" in watch.lines()[0]


# The past


def answered(poll: int) -> PollSucceeded:
    trials = [epoch(min(poll + 1, EPOCHS)), *([pending("30")] if poll >= 6 else [])]
    return PollSucceeded(Instant(START + 5 * poll, 1000 + 5 * poll), run(*trials))


async def test_it_goes_back_in_time_and_says_where_the_trial_was_not_there() -> None:
    folded = FoldedRecording(map(answered, range(10)))
    async with watching(recorded=folded) as watch:
        for poll in range(10):
            watch.clock.elapsed = 5.0 * poll
            await watch.say(answered(poll))
        await watch.press("g", "enter", "comma")
        assert "epoch 9/50" in watch.lines()[0]
        assert "PAST" in watch.lines()[0]
        assert " epoch 9  loss 0.1111" in watch.text()
        await watch.press("n")
        assert "mfe-conv1d-30  ○ pending" in watch.lines()[0]
        await watch.press("left_curly_bracket")
        assert "mfe-conv1d-30  not there" in watch.lines()[0]
        assert "This trial did not" in watch.text()
        await watch.press("right_curly_bracket")
        assert "mfe-conv1d-30  ○ pending" in watch.lines()[0]


async def test_the_run_has_a_link_to_the_studio() -> None:
    async with watching(run(completed("1"))) as watch:
        await watch.identify("Doorbell (synthetic)")
        await watch.press("enter", "5")
        assert "https://studio.edgeimpulse.com/studio/12345/tuner/77" in watch.text()


async def test_of_the_past_the_log_is_that_of_now_and_says_so() -> None:
    folded = FoldedRecording(map(answered, range(10)))
    async with watching(recorded=folded) as watch:
        for poll in range(10):
            watch.clock.elapsed = 5.0 * poll
            await watch.say(answered(poll))
        watch.source.logs["1"] = log("Attempt 1")
        await watch.press("g", "enter", "comma", "6")
        assert "The log is the" in watch.text()
        assert "Attempt 1" in watch.text()


async def test_in_a_replay_logs_are_not_recorded() -> None:
    folded = FoldedRecording([PollSucceeded(Instant(START, 1000.0), run(FAILED))])
    async with replaying(folded) as watch:
        await watch.press("enter")
        assert "Failed in the learn block, after 2 retries." in watch.text()
        assert "The log could not be read: Logs are not recorded." in watch.text()
        await watch.press("6")
        assert "Logs are not recorded. Watch the run itself" in watch.text()
        await watch.press("r")
        assert watch.source.asked == ["9", "9"]


# Curves


async def test_the_best_epochs_are_marked() -> None:
    async with trained() as watch:
        assert "★ lowest val loss 0.2000 at epoch 8, highest val accuracy 90.0% at epoch 10" in watch.text()
        assert sum(line.count("★") for line in watch.lines()) == 3


async def test_the_cursor_reads_an_epoch() -> None:
    async with trained() as watch:
        assert " epoch 12  loss 0.0833" in watch.text()
        assert "│epoch" not in watch.text()
        await watch.press("left")
        assert "│epoch 11  loss 0.0909  val loss 0.5000  accuracy 61.0%  val accuracy 88.0%" in watch.text()
        await watch.press("h")
        assert "│epoch 10" in watch.text()
        await watch.press("right")
        assert "│epoch 11" in watch.text()
        await watch.press("home")
        assert "│epoch 1  loss 1.000" in watch.text()
        await watch.press("pagedown")
        assert "│epoch 11" in watch.text()
        await watch.press("end")
        assert " epoch 12  loss" in watch.text()


async def test_at_the_end_the_cursor_follows_and_elsewhere_it_stays() -> None:
    async with trained() as watch:
        await watch.answer(run(epoch(13)))
        assert " epoch 13  loss" in watch.text()
        await watch.press("left")
        await watch.answer(run(epoch(14)))
        assert "│epoch 12" in watch.text()


async def test_moving_the_cursor_draws_no_chart_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with trained() as watch:
        calls = []
        monkeypatch.setattr("plotext.build", lambda *spec: calls.append(spec))
        await watch.press("left", "left", "home", "right")
        assert calls == []


async def test_a_logarithmic_axis_and_smoothing() -> None:
    async with trained() as watch:
        await watch.press("a")
        assert "loss (log)" in watch.text()
        await watch.press("m")
        assert "loss (log), light smoothing" in watch.text()
        assert "accuracy, light smoothing" in watch.text()
        await watch.press("m")
        assert "strong smoothing" in watch.text()
        await watch.press("m", "a")
        assert "smoothing" not in watch.text().replace("Smooth", "")
        assert "(log)" not in watch.text()


async def test_losses_of_zero_have_no_place_on_a_logarithmic_axis() -> None:
    runs = [run(running("1", number, loss=0.0, val_loss=-1.0)) for number in range(1, 5)]
    async with watching(*runs) as watch:
        await watch.press("enter", "a")
        assert "No loss is above 0" in watch.text()
        await watch.press("a")
        assert "No loss is above 0" not in watch.text()


async def test_earlier_attempts_are_told_apart() -> None:
    first = [run(epoch(number)) for number in range(1, 6)]
    second = [run(replace(epoch(number), retries=1)) for number in range(1, 4)]
    async with watching(*first, *second) as watch:
        await watch.press("enter")
        assert "attempt 2 of 2" in title(watch)
        assert " epoch 3  loss" in watch.text()
        await watch.press("A")
        assert "attempt 1 of 2" in title(watch)
        assert " epoch 5  loss" in watch.text()
        await watch.press("A")
        assert "attempt 2 of 2" in title(watch)


async def test_a_trial_with_one_attempt_says_so() -> None:
    async with trained() as watch:
        await watch.press("A")
        assert "Only one attempt of this trial was recorded." in watch.text()


@pytest.mark.parametrize("size", [(20, 5), (40, 10), (60, 12), (80, 24), (200, 60)])
async def test_every_size_shows_something_of_every_tab(size: tuple[int, int]) -> None:
    async with trained(size=size) as watch:
        for tab, name in zip("123456", TITLES, strict=True):
            await watch.press(tab)
            assert f"▌{tab} {name}"[: size[0] // 2] in watch.text() or size[0] < 40
            assert len(watch.lines()) == size[1]


# The log, and why it failed


async def test_a_failed_trial_says_why_at_once() -> None:
    async with watching(run(FAILED)) as watch:
        watch.source.logs["9"] = log("Attempt 1", OOM, "Exited with code 1")
        await watch.press("enter")
        assert "Failed in the learn block, after 2 retries." in watch.text()
        assert "Likely cause: out of memory" in watch.text()
        assert "▶" in watch.text()
        assert watch.source.asked == ["9"]


async def test_a_failed_trial_with_a_curve_has_both() -> None:
    trials = [replace(epoch(number), id="9", name="mfe-conv1d-9") for number in range(1, 6)]
    async with watching(*map(run, trials)) as watch:
        watch.source.logs["9"] = log("Attempt 1", OOM)
        await watch.answer(run(replace(FAILED, progress=Progress(5))))
        await watch.press("enter")
        assert "✗ Failed in the learn block, after 2 retries." in watch.text()
        assert "6 shows the log" in watch.text()
        assert "★" in watch.text()


async def test_the_log_is_at_its_end_and_can_be_moved() -> None:
    async with trained() as watch:
        watch.source.logs["1"] = log(*(f"line {number}" for number in range(100)))
        await watch.press("6")
        assert "line 99" in watch.text()
        assert "64–100 of 100" in title(watch)
        await watch.press("k")
        assert "63–99 of 100" in title(watch)
        await watch.press("g")
        assert "line 0" in watch.text()
        await watch.press("G")
        assert "64–100 of 100" in title(watch)


async def test_a_long_line_of_a_log_is_moved_sideways() -> None:
    async with trained(size=(80, 24)) as watch:
        watch.source.logs["1"] = log("x" * 100 + "the end of it")
        await watch.press("6")
        assert "the end of it" not in watch.text()
        await watch.press("right", "right", "right", "right", "right")
        assert "the end of it" in watch.text()
        await watch.press(*["left"] * 6)
        assert "the end of it" not in watch.text()


async def test_r_reads_the_log_again() -> None:
    async with trained() as watch:
        watch.source.logs["1"] = log("one")
        await watch.press("6")
        watch.source.logs["1"] = log("one", "two")
        await watch.pass_time(5)
        assert "two" not in watch.text()
        await watch.press("r")
        assert "two" in watch.text()
        assert watch.source.asked == ["1", "1"]
        assert watch.source.woken == 1


async def test_a_log_that_cannot_be_read_again_stays() -> None:
    async with trained(FAILED) as watch:
        watch.source.logs["9"] = log("Attempt 1", OOM)
        await watch.press("J", "6")
        watch.source.logs["9"] = NoLog("The service is down (503)", "Wait.")
        await watch.press("r")
        assert "Reloading failed: The service is down (503). Wait." in watch.text()
        assert "Likely cause: out of memory" in watch.text()
        assert "Attempt 1" in watch.text()
        await watch.press("1")
        assert "Reloading failed: The service is down (503). Wait." in watch.text()
        assert "Likely cause: out of memory" in watch.text()
        assert "Attempt 1" in watch.text()


@pytest.mark.parametrize(
    ("tab", "offered", "withheld"),
    [
        ("1", ("a Log axis", "w Smooth", "A Attempt", "← → Epoch"), ()),
        ("2", ("← → Part, precision",), ("Log axis", "Smooth", "Attempt")),
        ("3", ("← → Precision",), ("Log axis", "Smooth", "Attempt")),
        ("5", ("tab Next tab",), ("Log axis", "Smooth", "Attempt", "←")),
        ("6", ("← → Sideways", "r Reload"), ("Log axis", "Smooth", "Attempt")),
    ],
)
async def test_the_footer_offers_what_does_something_in_the_tab(
    tab: str, offered: tuple[str, ...], withheld: tuple[str, ...]
) -> None:
    async with trained() as watch:
        await watch.press("4", tab)
        footer = watch.lines()[-1]
        assert all(result in footer for result in offered)
        assert not any(result in footer for result in withheld)


@pytest.mark.parametrize("tab", ["2", "3"])
async def test_at_the_least_width_nothing_of_a_tab_is_cut(tab: str) -> None:
    seen = []
    for width in (60, 62):
        async with demo_at(0.6, size=(width, 60)) as watch:
            await watch.press("b", "enter", tab)
            seen.append([line.strip() for line in watch.lines()[2:-1]])
    assert seen[0] == seen[1]


async def test_the_log_of_a_running_trial_is_read_whenever_it_is_gone_to() -> None:
    async with trained() as watch:
        watch.source.logs["1"] = log("one")
        await watch.press("6", "1", "6")
        assert watch.source.asked == ["1", "1"]


@pytest.mark.parametrize(
    ("found", "result"),
    [
        (NoLog("The service refused (500)", "Try later."), "The service refused (500). Try later."),
        (TrialLog(), "The log is empty so far."),
        (TrialLog((), 12), "The log has 12 entries, but the service sent none."),
        (log(), "The log is empty so far."),
    ],
)
async def test_why_there_is_no_log(found: TrialLog | NoLog, result: str) -> None:
    async with trained() as watch:
        watch.source.logs["1"] = found
        await watch.press("6")
        assert result in watch.text()
        assert watch.app.screen.query_one(LogPane).has_focus


# Bad input: trials as the service may send them


def read(**fields: object) -> Trial:
    trial = {"id": "1", "name": "mfe-conv1d-1", "status": "completed", "blocks": [], **fields}
    return StateReader().read_now(json.dumps({"success": True, "trials": [trial]}).encode()).trials[0]


def metrics(**fields: object) -> dict[str, object]:
    return {"validation": {"int8": {"type": "int8", "loss": 0.3, "accuracy": 0.5} | fields}}


MATRIX_200 = [[7 if row == column else 0 for column in range(200)] for row in range(200)]
NULL = {"loss": None, "val_loss": None, "accuracy": None, "val_accuracy": None}

BAD = {
    "no metrics": (read(), {2: "the service sent no metrics", 3: "no values for devices"}),
    "nulls": (
        read(progress={"epoch": None, **NULL}, metrics=None, devicePerformance=None, impulse=None, blocks=None),
        {
            2: "no metrics",
            3: "no values for devices",
            4: "The impulse of this trial is unknown",
            5: "trial's blocks is unknown.",
        },
    ),
    "null figures": (read(metrics=metrics(loss=None, accuracy=None)), {2: "metrics"}),
    "an empty matrix": (read(metrics=metrics(confusionMatrix=[], report={})), {2: "No confusion matrix: Edge"}),
    "a matrix that is none": (read(metrics=metrics(confusionMatrix=[[1]] * 3)), {2: "could not be read"}),
    "one class": (
        read(metrics=metrics(confusionMatrix=[[9]], classNames=["only"])),
        {2: "Only one class: no"},
    ),
    "200 classes": (
        read(metrics=metrics(confusionMatrix=MATRIX_200, classNames=[f"class-{n}" for n in range(200)])),
        {2: "class-9"},
    ),
    "fallback places": (
        read(
            impulse={
                "learnBlocks": [
                    {"id": 3, "type": "keras", "metrics": {"validation": {"int8": {"accuracy": 0.77, "loss": 0.2}}}}
                ]
            }
        ),
        {2: "77.0%"},
    ),
    "a NaN curve": (
        read(status="running", progress={"epoch": 3, **NULL}),
        {1: "recorded loss is null.", 2: "Still training"},
    ),
    "an unheard-of status": (read(status="hibernating"), {1: "hibernating", 2: "hibernating"}),
    "a malformed trial": (read(blocks=17, metrics="none"), {2: "metrics"}),
}


@pytest.mark.parametrize(("name", "size"), zip(BAD, cycle([(80, 24), (120, 40)]), strict=False))
async def test_every_tab_of_a_bad_trial_is_a_sensible_screen(name: str, size: tuple[int, int]) -> None:
    trial, expected = BAD[name]
    bare = run(trial)
    no_limits = replace(bare, config=replace(bare.config, target=replace(bare.config.target, latency_ms=None)))
    async with watching(no_limits, size=size) as watch:
        await watch.press("enter")
        for number in range(1, 7):
            await watch.press(str(number))
            seen = " ".join(" ".join(watch.lines()[2:-1]).split())
            assert len(seen) > 10, f"tab {number} is empty"
            assert "nan" not in seen.lower().split()
            assert "None" not in seen
            assert expected.get(number, "") in seen
            await watch.press("j", "G", "right", "left", "g")


async def test_without_limits_nothing_is_compared() -> None:
    trial = read(
        devicePerformance={
            "int8": {"latency": 12, "eon": {"ramRequired": 1024, "romRequired": 2048}, "tflite": {}},
        }
    )
    bare = run(trial)
    unlimited = replace(bare.config.target, latency_ms=None, ram_bytes=None, rom_bytes=None)
    async with watching(replace(bare, config=replace(bare.config, target=unlimited))) as watch:
        await watch.press("enter", "3")
        assert "no limits set" in watch.text()
        assert "no limit" in watch.text()


async def test_the_part_and_precision_can_be_changed() -> None:
    both = {"int8": {"loss": 0.3, "accuracy": 0.5, "confusionMatrix": [[1, 2], [3, 4]]}}
    both["float32"] = {"loss": 0.2, "accuracy": 0.6, "confusionMatrix": [[5, 2], [3, 4]]}
    async with watching(run(read(metrics={"validation": both}))) as watch:
        await watch.press("enter", "2")
        assert "‹int8›" in watch.text()
        await watch.press("right")
        assert "‹float32›" in watch.text()
        assert "Confusion  on validation, float32" in watch.text()
        await watch.press("right")
        assert "‹int8›" in watch.text()


async def test_a_tab_longer_than_the_screen_is_moved_along() -> None:
    names = [f"class-{n}" for n in range(60)]
    matrix = [[3 if row == column else 0 for column in range(60)] for row in range(60)]
    async with watching(run(read(metrics=metrics(confusionMatrix=matrix, classNames=names))), size=(80, 24)) as watch:
        await watch.press("enter", "2")
        assert "1–21 of" in title(watch)
        await watch.press("j")
        assert "2–22 of" in title(watch)
        await watch.press("G")
        count = watch.app.screen.query_one("#metrics", TextPane).count()
        assert f"{count - 20}–{count} of {count}" in title(watch)


async def test_details_are_read_once_for_a_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Trial] = []

    def noting(trial: Trial) -> TrialDetail:
        seen.append(trial)
        return detail_of(trial)

    monkeypatch.setattr("eitui.tui.screens.trial.detail_of", noting)
    async with watching(run(read(metrics=metrics()))) as watch:
        await watch.press("enter")
        assert seen == []
        await watch.press("2", "3", "4", "5", "2")
        await watch.pass_time(1)
        assert len(seen) == 1


async def test_the_tabs_have_the_keyboard() -> None:
    async with trained() as watch:
        assert watch.app.screen.query_one(TrialCurves).has_focus
        await watch.press("3")
        assert watch.app.screen.query_one("#device", TextPane).has_focus
