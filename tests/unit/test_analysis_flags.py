"""What is suspicious about a trial, each kind at its edge."""

from dataclasses import replace
from typing import Any

import pytest
from build import completed, failed, moment, run, running
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.figures import Context, figure
from eitui.analysis.flags import curve_flags, flags_of
from eitui.analysis.query.grammar import parse_trial_filter
from eitui.domain.curve import Curve, Epoch
from eitui.domain.moment import History
from eitui.domain.trial import FLOAT32, INT8, TEST, VALIDATION, Evaluation, Progress, Trial
from eitui.view.run.table import TrialRows, context_of


def evaluated(**accuracies: float | None) -> Trial:
    """A trial with accuracies such as `val_int8=0.9`."""
    parts = {"val": VALIDATION, "test": TEST}
    evaluations = {
        (parts[name.split("_")[0]], name.split("_")[1]): Evaluation(0.1, value) for name, value in accuracies.items()
    }
    return replace(completed("1"), evaluations=evaluations)


def kinds(trial: Trial, curve: Curve = Curve()) -> list[str]:  # noqa: B008 - frozen
    return [flag.kind.value for flag in flags_of(trial, curve)]


@pytest.mark.parametrize(
    ("accuracies", "result"),
    [
        ({"val_int8": 0.85, "val_float32": 0.90}, []),
        ({"val_int8": 0.849, "val_float32": 0.90}, ["int8"]),
        ({"val_int8": 0.01, "val_float32": 0.85}, ["int8"]),
        ({"val_int8": 0.95, "val_float32": 0.85}, []),
        ({"test_int8": 0.5, "test_float32": 0.9}, ["int8"]),
        ({"val_int8": None, "val_float32": 0.9}, []),
        ({"val_int8": 0.1, "val_float32": 9070.0}, []),
        ({"val_int8": 0.95, "test_int8": 0.85}, []),
        ({"val_int8": 0.95, "test_int8": 0.849}, ["gap"]),
        ({"val_int8": 0.80, "test_int8": 0.95}, ["gap"]),
        ({"val_float32": 0.95, "test_float32": 0.1}, []),
    ],
)
def test_accuracies_far_apart_are_suspicious(accuracies: Any, result: list[str]) -> None:
    assert kinds(evaluated(**accuracies)) == result


def test_the_reason_has_the_figures() -> None:
    (int8,) = flags_of(evaluated(val_int8=0.01, val_float32=0.85))
    assert int8.reason == "int8 lost 84.0 points: 1.0% against 85.0% with float32 (validation)"
    (gap,) = flags_of(evaluated(val_int8=0.95, test_int8=0.801))
    assert gap.reason == "validation and test accuracy are 14.9 points apart: 95.0% and 80.1% (int8)"


def test_evaluations_of_an_earlier_attempt_say_nothing() -> None:
    assert kinds(replace(evaluated(val_int8=0.01, val_float32=0.85), status="running")) == []


def curve(*losses: tuple[float | None, float | None]) -> Curve:
    return Curve(tuple(Epoch(number, loss, val, 0.5, 0.5) for number, (loss, val) in enumerate(losses, 1)))


FALLING = [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3]
RISING = [0.5, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8]


@pytest.mark.parametrize(
    ("losses", "result"),
    [
        (list(zip(FALLING, RISING, strict=True)), ["overfitting"]),
        (list(zip(FALLING, FALLING, strict=True)), []),
        (list(zip(RISING, RISING, strict=True)), []),
        (list(zip(FALLING, [0.5] * 8, strict=True)), []),
        (list(zip(FALLING, RISING, strict=True))[:5], []),
        (list(zip(FALLING, RISING, strict=True))[2:], ["overfitting"]),
        ([(1.0, 1.0), (0.5, 0.6), (10.0, 5.0)], []),
        ([(1.0, 1.0), (0.5, 0.6), (10.1, 5.0)], ["diverged"]),
        ([(0.0, 1.0), (10.0, 5.0)], []),
        ([], []),
    ],
)
def test_curves_that_go_wrong_are_suspicious(losses: Any, result: list[str]) -> None:
    last = losses[-1] if losses else (None, None)
    trial = replace(running("1"), progress=Progress(len(losses) or None, *last))
    assert kinds(trial, curve(*losses)) == result


def test_the_reason_names_the_epochs() -> None:
    trial = running("1", 8, loss=0.3, val_loss=0.8)
    (flag,) = flags_of(trial, curve(*zip(FALLING, RISING, strict=True)))
    assert flag.reason == (
        "from epoch 1 to 8 the validation loss rises (0.5 to 0.8) while the training loss falls (1 to 0.3)"
    )


@pytest.mark.parametrize(
    ("progress", "seen", "result"),
    [
        (Progress(4, None, None, 0.1, 0.1), (), ["diverged"]),
        (Progress(4, float("inf"), None), (), ["diverged"]),
        (Progress(4), (), []),
        (Progress(4), ((1.0, 1.0),), ["diverged"]),
        (Progress(), (), []),
        (Progress(4, 0.3, None, 0.9, 0.9), (), []),
    ],
)
def test_a_loss_that_is_no_number_is_suspicious(progress: Progress, seen: Any, result: list[str]) -> None:
    assert kinds(replace(failed("1"), progress=progress), curve(*seen)) == result


numbers = st.none() | st.floats()


@given(st.lists(st.tuples(numbers, numbers), max_size=12), numbers, numbers)
def test_no_figures_break_it(losses: Any, accuracy: float | None, other: float | None) -> None:
    last = losses[-1] if losses else (None, None)
    trial = replace(evaluated(val_int8=accuracy, val_float32=other), progress=Progress(len(losses), *last))
    assert len(kinds(trial, curve(*losses))) <= 3


def test_flags_are_a_column_and_are_found_by_the_filter() -> None:
    collapsed = evaluated(val_int8=0.01, val_float32=0.85)
    over = running("2", 8, loss=0.3, val_loss=0.8)
    at = replace(
        moment(run(collapsed, over, completed("3"))),
        history=History(curves={"2": curve(*zip(FALLING, RISING, strict=True))}),
    )
    assert curve_flags(at) == {"2": ("overfitting",)}
    context = context_of(at)
    assert [figure("flags").read(trial, context) for trial in at.run.trials] == ["int8", "overfitting", None]
    for text, ids in (("flags:int8", "1"), ("flags:over", "2"), ("flags=diverged", ""), ("not flags:int8", "23")):
        assert "".join(trial.id for trial in parse_trial_filter(text).select(at.run.trials, context)) == ids
    assert figure("flags").read(collapsed, Context()) == "int8"
    assert collapsed.evaluations.keys() == {(VALIDATION, INT8), (VALIDATION, FLOAT32)}


def test_where_fine_tuning_begins_nothing_overfits() -> None:
    first = [Epoch(number, 1.0 - number / 20, 0.7 - number / 50) for number in range(1, 9)]
    second = [Epoch(number, 0.5 - number / 20, 0.95 - number / 20) for number in range(1, 5)]
    trained = replace(completed("1"), progress=Progress(12, loss=0.3))
    assert kinds(trained, Curve((*first, *second))) == []


def test_the_table_has_the_flags_of_a_curve_that_a_log_filled_in() -> None:
    before = moment(run(completed("1"), status="completed"))
    rows = TrialRows()
    rows.show(before)
    exploding = Curve((Epoch(1, 1.0, 1.0, 0.5, 0.5), Epoch(2, 1e9, 1e9, 0.1, 0.1)))
    after = replace(before, history=replace(before.history, curves={"1": exploding}))
    rows.show(after)
    expected = context_of(after)
    assert replace(rows.context, details=expected.details, curve=expected.curve) == expected
    assert curve_flags(after)
