"""Whose figures are looked at: what there is to choose from, and what follows the choice."""

from dataclasses import replace
from typing import Any

import pytest
from build import completed, run, running

from eitui.analysis.figures import Lens, accuracy, loss_of
from eitui.analysis.ranking import best, next_part, next_precision, usual_lens
from eitui.domain.trial import COMPLETED, FLOAT32, INT8, TEST, TRAIN, VALIDATION, Evaluation, Progress, Trial


def evaluated(trial_id: str, **accuracies: float) -> Trial:
    """Return a completed trial with accuracies by `part_precision`."""
    parts = {name: name.split("_") for name in accuracies}
    found = {(parts[name][0], parts[name][1]): Evaluation(1 - value, value) for name, value in accuracies.items()}
    return replace(completed(trial_id), evaluations=found)


def parts(*trials: Trial, precision: str = INT8) -> list[str]:
    """Return the parts that one key leads through, from the usual one on."""
    lens, seen = Lens(VALIDATION, precision), []
    for _ in range(4):
        seen.append(lens.part)
        lens = next_part(run(*trials), lens)
    return seen


def test_a_latest_epoch_has_no_test_figures() -> None:
    for status in ("running", COMPLETED):
        trial = Trial("1", "n", status, progress=Progress(5, 0.1, 0.2, 0.9, 0.8))
        assert (loss_of(trial, INT8, TEST), accuracy(trial, INT8, TEST)) == (None, None)
        assert (loss_of(trial, INT8, TRAIN), accuracy(trial, INT8, TRAIN)) == (0.1, 0.9)
        assert (loss_of(trial, INT8, VALIDATION), accuracy(trial, INT8, VALIDATION)) == (0.2, 0.8)


def test_test_figures_are_those_of_the_trained_network() -> None:
    trial = evaluated("1", validation_int8=0.9, test_int8=0.75)
    assert (accuracy(trial, INT8, TEST), loss_of(trial, INT8, TEST)) == (0.75, 0.25)


def test_the_parts_there_are_come_one_after_another() -> None:
    both = evaluated("1", validation_int8=0.9, test_int8=0.8)
    assert parts(both) == [VALIDATION, TEST, VALIDATION, TEST]
    assert parts(both, evaluated("2", train_int8=0.99)) == [VALIDATION, TEST, TRAIN, VALIDATION]
    assert parts(evaluated("1", validation_int8=0.9)) == [VALIDATION] * 4
    assert parts(running("1", 3)) == [VALIDATION] * 4
    assert parts(both, precision=FLOAT32) == [VALIDATION] * 4


def test_an_evaluation_without_figures_is_none() -> None:
    trial = replace(completed("1"), evaluations={(TEST, INT8): Evaluation(), (VALIDATION, INT8): Evaluation(0.1, 0.9)})
    assert parts(trial) == [VALIDATION] * 4


def test_the_precisions_there_are_come_one_after_another() -> None:
    of = run(evaluated("1", validation_int8=0.9, validation_float32=0.91, validation_akida=0.8, test_int8=0.7))
    lens, seen = usual_lens(of), []
    for _ in range(4):
        seen.append(lens.precision)
        lens = next_precision(of, lens)
    assert seen == [INT8, FLOAT32, "akida", INT8]


def test_a_part_that_the_other_precision_has_not_is_left() -> None:
    of = run(evaluated("1", validation_int8=0.9, test_int8=0.7, validation_float32=0.91))
    assert next_precision(of, Lens(TEST, INT8)) == Lens(VALIDATION, FLOAT32)
    both = run(evaluated("1", test_int8=0.7, test_float32=0.71))
    assert next_precision(both, Lens(TEST, INT8)) == Lens(TEST, FLOAT32)


def test_a_single_precision_stays_with_its_part() -> None:
    of = run(evaluated("1", validation_int8=0.9, test_int8=0.7))
    assert next_precision(of, Lens(TEST, INT8)) == Lens(TEST, INT8)


@pytest.mark.parametrize(("lens", "expected"), [(None, "1"), (Lens(TEST), "2"), (Lens(VALIDATION, FLOAT32), "3")])
def test_the_best_is_that_of_the_figures_looked_at(lens: Any, expected: str) -> None:
    of = run(
        evaluated("1", validation_int8=0.9, test_int8=0.5, validation_float32=0.7),
        evaluated("2", validation_int8=0.8, test_int8=0.8, validation_float32=0.7),
        evaluated("3", validation_int8=0.7, validation_float32=0.95),
    )
    found = best(of, lens).trial
    assert found is not None
    assert found.id == expected


def test_without_a_figure_there_is_no_best() -> None:
    of = run(completed("1", 0.9))
    assert best(of, Lens(TEST)).trial is None
    assert best(of).score == (101, 0.9)


def test_the_usual_score_does_not_follow_the_lens() -> None:
    of = run(evaluated("1", validation_int8=0.9, test_int8=0.99))
    assert best(of).score == (101, 0.9)
