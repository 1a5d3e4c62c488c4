"""A trial at a glance: its values, its costs against the limits, what is suspicious, and its parameters."""

from typing import Any

from build import completed, failed, run, running
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.figures import Lens
from eitui.analysis.flags import Flag, FlagKind
from eitui.view.kit.lines import width_of
from eitui.view.trial.summary import Glance, summary

PARAMETERS = {"input.window_size_ms": 1000.0, "mfe.num_filters": 40.0, "training.learning_rate": 0.005}


def told(trial: Any, width: int = 80, height: int = 100, **more: Any) -> list[str]:
    of = Glance(trial, run(trial), Lens(), PARAMETERS, **more)
    lines = summary(of, width, height)
    assert all(width_of(line) <= width for line in lines)
    return ["".join(text for text, _ in line) for line in lines]


def test_costs_stand_against_the_limits_as_bars_with_numbers() -> None:
    text = told(completed("1", latency_ms=50, ram_bytes=256 * 1024))
    latency, ram = (next(line for line in text if line.strip().startswith(name)) for name in ("latency", "RAM"))
    assert "50 ms" in latency
    assert "50% of 100 ms" in latency
    assert "200% of 128 KB over" in ram


def test_values_flags_and_parameters_are_there_the_input_last() -> None:
    flag = Flag(FlagKind.OVERFITTING, "the validation loss rises")
    text = told(completed("1", 0.9, 0.3), flags=(flag,), worst=("noise", 0.7))
    assert any("validation" in line and "90.0%" in line and "noise 70.0%" in line for line in text)
    assert "! overfitting: the validation loss rises" in text
    names = [line.split()[0] for line in text[text.index("Parameters") + 1 :]]
    assert names == ["mfe.num_filters", "training.learning_rate", "input.window_size_ms"]


def test_one_that_runs_or_failed_says_how_far_it_is_and_why() -> None:
    assert "● running  epoch 7" in told(running("1", 7, val_loss=0.5))[0]
    text = told(failed("1"), failure="out of memory")
    assert "✗ failed" in text[0]
    assert "out of memory" in text


@given(st.integers(30, 120), st.integers(0, 30))
def test_what_has_no_room_is_told_on_the_last_line(width: int, height: int) -> None:
    whole, text = told(completed("1"), width), told(completed("1"), width, height)
    assert len(text) <= max(1, height)
    if 1 < height < len(whole):
        assert text[-1] == f"… {len(whole) - height + 1} more lines"[:width]
