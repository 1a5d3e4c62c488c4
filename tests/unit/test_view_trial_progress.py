"""How far a trial is, and the blocks that it is made of."""

from datetime import UTC
from typing import Any

import pytest
from build import completed, run
from trial_lines import at_every_width, text

from eitui.domain.detail import Added, ImpulseBlock, Jobs, TrialDetail
from eitui.domain.trial import COMPLETED, FAILED, PENDING, RUNNING, Block, Progress, Trial
from eitui.view.trial import progress
from eitui.view.trial.progress import studio_link, studio_of

NOW = 1_768_469_326.0
"""2026-01-15 09:28:46 UTC."""

TRIAL = Trial(
    "4011931",
    "mfe-conv1d-934",
    FAILED,
    round=0,
    retries=1,
    worker_id="worker-1",
    progress=Progress(7),
    blocks=(
        Block(1, "input", COMPLETED, 0, NOW - 300),
        Block(2, "dsp", FAILED, 1, NOW - 20),
        Block(None, "learn", PENDING),
    ),
    last_completed_epoch=NOW - 7200,
)
DETAIL = TrialDetail(jobs=Jobs(11, 12, 13), experiment="Exp", original_trial_id="77", last_active={2: "just now"})


def shown(trial: Trial = TRIAL, detail: TrialDetail = DETAIL, width: int = 80, **more: Any) -> list[str]:
    return text(progress.trial_progress_lines(detail, trial, run(trial), width, **more), width).splitlines()


def test_what_is_known_with_the_time() -> None:
    assert shown(now=NOW, tz=UTC) == [
        "✗ failed after 2 attempts, epoch 7",
        "",
        "Blocks",
        "  ✓ input 1  completed           last active 09:23 (5m ago)",
        "  ✗ DSP 2    failed     1 retry  last active 09:28 (<1m ago)",
        "  ○ learn    pending             last active just now",
        "",
        "worker                          worker-1",
        "round                           0",
        "last epoch finished             07:28 (2h 00m ago)",
        "job, features of training data  11",
        "job, features of test data      12",
        "job, learning                   13",
        "job, coordinator                77",
        "trial                           4011931",
        "made from trial                 77",
        "experiment                      Exp",
        "",
        "Unknown whether it was added to the project as an impulse.",
    ]


def test_without_the_time_there_are_dates() -> None:
    assert "  ✓ input 1  completed           last active 2026-01-15 09:23:46 UTC" in shown()


def test_a_clock_that_is_behind_the_service_s_says_no_age() -> None:
    block = Block(1, "input", RUNNING, 0, NOW + 90)
    assert "last active 09:30" in shown(Trial("1", "x", RUNNING, blocks=(block,)), now=NOW, tz=UTC)[3]


@pytest.mark.parametrize("at", [1e300, -1e300])
def test_times_beyond_the_calendar_are_not_shown(at: float) -> None:
    trial = Trial("1", "x", RUNNING, blocks=(Block(1, "input", RUNNING, 0, at),), last_completed_training=at)
    assert shown(trial)
    assert shown(trial, now=NOW)


def test_an_added_trial_has_its_link() -> None:
    found = shown(
        detail=TrialDetail(added=Added(3, "/studio/1/impulse/3")), studio="https://example.org/studio/1/tuner/77"
    )
    assert found[-3:] == [
        "✓ Added to the project as impulse 3",
        "  link  /studio/1/impulse/3",
        "run in the Studio  https://example.org/studio/1/tuner/77",
    ]


def test_odd_words_are_shown() -> None:
    trial = Trial("1", "x", "paused", blocks=(Block(4, "transform", "resting " * 9), Block(5, "", "")))
    for found in at_every_width(lambda width: progress.trial_progress_lines(TrialDetail(), trial, run(trial), width)):
        assert found.startswith("paused\n")
        assert "transform 4" in found
        assert "block 5" in found


def test_a_trial_without_blocks() -> None:
    assert "The progress of this trial's blocks is unknown." in shown(Trial("1", "x", ""))
    assert shown(Trial("1", "x", ""))[0] == "? no status"


def test_the_run_s_address() -> None:
    assert studio_link("https://studio.edgeimpulse.com/", 5, 77) == "https://studio.edgeimpulse.com/studio/5/tuner/77"
    assert studio_link("", 5, 77) == studio_link("https://x", None, 77) == studio_link("https://x", 5, None) == ""


@pytest.mark.parametrize(
    ("endpoint", "studio"),
    [
        ("studio.edgeimpulse.com", "https://studio.edgeimpulse.com"),
        ("127.0.0.1:4800", ""),
        ("localhost", ""),
        ("the simulated service", ""),
        ("", ""),
    ],
)
def test_the_studio_is_where_the_service_is(endpoint: str, studio: str) -> None:
    assert studio_of(endpoint) == studio


# The blocks with their parameters

DONE = completed("1")


def blocks_of(detail: TrialDetail, width: int = 80) -> list[str]:
    return text(progress.trial_impulse_lines(detail, DONE, run(DONE), width), width).splitlines()


def test_blocks_have_a_heading_and_their_parameters() -> None:
    blocks = (
        ImpulseBlock("input", "Images", "image", (("resize mode", "fit-short"),)),
        ImpulseBlock("dsp", "raw", "raw"),
        ImpulseBlock("other", "", ""),
    )
    assert blocks_of(TrialDetail(blocks=blocks, model=(("width", "8"), ("learning rate", "0.1")))) == [
        "Input  Images · image",
        "  resize mode  fit-short",
        "",
        "DSP  raw",
        "  no parameters",
        "",
        "other",
        "  no parameters",
        "",
        "Candidate  as the search defines it",
        "  width          8",
        "  learning rate  0.1",
    ]


def test_many_parameters_stand_in_two_columns() -> None:
    block = ImpulseBlock("dsp", "MFE", "mfe", tuple((f"parameter {number}", str(number)) for number in range(7)))
    assert [line.split() for line in blocks_of(TrialDetail(blocks=(block,)))[1:]] == [
        ["parameter", "0", "0", "parameter", "4", "4"],
        ["parameter", "1", "1", "parameter", "5", "5"],
        ["parameter", "2", "2", "parameter", "6", "6"],
        ["parameter", "3", "3"],
    ]


def test_long_values_go_on_below_themselves() -> None:
    block = ImpulseBlock("learn", "x", "keras", (("axes", "accelerometer " * 12), ("n" * 64, "1")))
    found = at_every_width(
        lambda width: progress.trial_impulse_lines(TrialDetail(blocks=(block,)), DONE, run(DONE), width)
    )
    assert all(one.count("accelerometer") == 12 for one in found)


def test_why_there_is_nothing() -> None:
    assert blocks_of(TrialDetail(), 120) == ["The impulse of this trial is unknown: the service sent none."]
    odd = progress.trial_impulse_lines(TrialDetail(), Trial("1", "x", "", problem="id: is odd"), run(), 80)
    assert "the data could not be read" in " ".join(text(odd, 80).split())
