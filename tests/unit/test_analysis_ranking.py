"""Whose figures are looked at, what trials are ranked by, and what is a tie, by values worked out by hand."""

from dataclasses import replace
from typing import Any

import pytest
from build import TARGET, completed, moment, run, running

from eitui.analysis.figures import Lens
from eitui.analysis.ranking import best, merit_of, next_part, next_precision, usual_lens
from eitui.domain.run import Config, Objective, Run, Standing
from eitui.domain.trial import COMPLETED, FLOAT32, INT8, TEST, TRAIN, VALIDATION, Evaluation, Progress, Trial
from eitui.view.run.header import best_by, best_trials_line, tie_with_best


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
        assert (Lens(TEST, INT8).loss(trial), Lens(TEST, INT8).accuracy(trial)) == (None, None)
        assert (Lens(TRAIN, INT8).loss(trial), Lens(TRAIN, INT8).accuracy(trial)) == (0.1, 0.9)
        assert (Lens(VALIDATION, INT8).loss(trial), Lens(VALIDATION, INT8).accuracy(trial)) == (0.2, 0.8)


def test_test_figures_are_those_of_the_trained_network() -> None:
    trial = evaluated("1", validation_int8=0.9, test_int8=0.75)
    assert (Lens(TEST, INT8).accuracy(trial), Lens(TEST, INT8).loss(trial)) == (0.75, 0.25)


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


def optimising(*objectives: tuple[Any, ...], trials: tuple[Trial, ...], **more: Any) -> Run:
    wanted = tuple(Objective(name, label, weight) for name, label, weight in objectives)
    return run(*trials, config=Config("Run 1 (synthetic)", TARGET, INT8, 50, objectives=wanted, **more))


ACCURATE = completed("accurate", 0.95, 0.40, latency_ms=90)
SURE = completed("sure", 0.90, 0.20, latency_ms=60)
FAST = completed("fast", 0.88, 0.50, latency_ms=10)
TRIALS = (ACCURATE, SURE, FAST)


@pytest.mark.parametrize(
    ("objectives", "first", "by"),
    [
        ((), "accurate", "val accuracy"),
        ((("val_loss", "", 1.0),), "sure", "val loss"),
        ((("", "Minimize validation loss", None),), "sure", "val loss"),
        ((("accuracy", "Accuracy", 0.5),), "accurate", "val accuracy"),
        ((("latency", "Latency", 1.0),), "fast", "latency"),
        # 0.95 - 0.3 × 0.9 = 0.68; 0.90 - 0.3 × 0.6 = 0.72; 0.88 - 0.3 × 0.1 = 0.85
        ((("accuracy", "", 1.0), ("latency", "", 0.3)), "fast", "val accuracy − 0.3 × latency/limit"),
        # 0.95 - 0.01 × 0.9 = 0.941; 0.90 - 0.006; 0.88 - 0.001
        ((("accuracy", "", 1.0), ("latency", "", 0.01)), "accurate", "val accuracy − 0.01 × latency/limit"),
        # 2 × 0.95 - 0.40 = 1.5; 1.8 - 0.2 = 1.6; 1.76 - 0.5 = 1.26
        ((("accuracy", "", 2.0), ("loss", "", 1.0)), "sure", "2 × val accuracy − val loss"),
        ((("accuracy", "", 1.0), ("latency", "", 0.0)), "accurate", "val accuracy"),
        ((("accuracy", "", 1.0), ("latency", "", -0.3)), "fast", "val accuracy − 0.3 × latency/limit"),
    ],
)
def test_the_best_trial_goes_by_the_runs_objective(objectives: Any, first: str, by: str) -> None:
    found = best(optimising(*objectives, trials=TRIALS))
    assert found.trial is not None
    assert (found.trial.id, found.by, found.note) == (first, by, "")


@pytest.mark.parametrize(
    ("objectives", "note"),
    [
        ((("f1_score", "F1", 1.0),), "its objective “f1_score” cannot be computed"),
        ((("accuracy", "", 1.0), ("", "", 1.0)), "its objective “unnamed” cannot be computed"),
        ((("accuracy", "", float("inf")),), "its objective “accuracy” cannot be computed"),
    ],
)
def test_an_objective_that_cannot_be_computed_is_named_and_accuracy_counts(objectives: Any, note: str) -> None:
    found = best(optimising(*objectives, trials=TRIALS))
    assert (found.trial, found.by, found.note) == (ACCURATE, "val accuracy", note)
    assert best_by(found) == f"val accuracy ({note})"


def test_a_cost_without_a_limit_cannot_be_weighed() -> None:
    objectives = (Objective("accuracy", "", 1.0), Objective("latency", "", 0.3))
    found = best(run(*TRIALS, config=Config(objectives=objectives)))
    assert (found.trial, found.note) == (ACCURATE, "its objective weighs latency, which the target does not limit")


def test_what_no_trial_has_of_the_objective_is_left_out() -> None:
    slow = tuple(replace(trial, performance={}) for trial in TRIALS)
    found = best(optimising(("accuracy", "", 1.0), ("latency", "", 0.3), trials=slow))
    assert (found.trial, found.by, found.note) == (slow[0], "val accuracy", "")


def test_the_cheapest_is_not_best_where_the_quality_of_the_objective_is_unknown() -> None:
    trials = (completed("1", None, 0.2, latency_ms=90), completed("2", None, 0.4, latency_ms=10))
    found = best(optimising(("accuracy", "", 1.0), ("latency", "", 0.3), trials=trials))
    assert (found.trial, found.by) == (trials[0], "val loss")
    assert found.note == "no trial has all of its objective: accuracy, latency"


def test_a_trial_without_a_part_of_the_objective_is_not_compared() -> None:
    unknown = completed("unknown", 0.99, latency_ms=None)
    assert best(optimising(("accuracy", "", 1.0), ("latency", "", 0.3), trials=(unknown, FAST))).trial is FAST


def test_an_evaluation_is_better_than_any_epoch() -> None:
    epoch = replace(completed("epoch"), evaluations={}, progress=Progress(50, val_accuracy=0.99, accuracy=0.99))
    assert best(run(epoch, FAST)).trial is FAST
    assert best(run(epoch)).trial is epoch


def test_the_best_within_the_limits_goes_by_the_objective_too() -> None:
    over = completed("over", 0.99, 0.01, latency_ms=101)
    found = best(optimising(("loss", "", 1.0), trials=(*TRIALS, over)))
    assert (found.trial, found.within_limits) == (over, SURE)
    assert (found.score, found.fit_score) == ((102, -0.01), (102, -0.2))


def test_scores_grow_with_what_is_known_of_the_objective() -> None:
    partly = optimising(("accuracy", "", 1.0), ("latency", "", 1.0), trials=(replace(ACCURATE, performance={}),))
    wholly = optimising(("accuracy", "", 1.0), ("latency", "", 1.0), trials=(ACCURATE,))
    one, two = best(partly).score, best(wholly).score
    assert one is not None
    assert two is not None
    assert one < two


# Ties


def test_what_is_within_a_point_and_a_half_ties_with_the_best() -> None:
    at, beyond = completed("at", 0.935), completed("beyond", 0.9349)
    found = best(run(ACCURATE, at, beyond, running("now", 3, accuracy=0.95, val_accuracy=0.95)))
    assert found.tied == {"at"}
    assert tie_with_best(found, at) == "≈ tie within 1.5 points of ★ mfe-conv1d-accurate"
    assert tie_with_best(found, ACCURATE) == "≈ tie within 1.5 points with 1 other"
    assert tie_with_best(found, beyond) == ""


def test_without_accuracies_nothing_ties() -> None:
    assert best(run(completed("1", None, 0.2), completed("2", None, 0.2))).tied == frozenset()


# Its line in the header


def line(stands: Standing, width: int = 120) -> str:
    return "".join(text for text, _ in best_trials_line(stands, width))


def test_the_header_names_both_trials_and_what_they_are_ranked_by() -> None:
    over = completed("over", 0.99, latency_ms=101)
    assert line(best(run(ACCURATE))) == " ★ mfe-conv1d-accurate 95.0%  ☆ fits  by val accuracy"
    assert line(best(run(ACCURATE, over))) == (" ★ mfe-conv1d-over 99.0%  ☆ mfe-conv1d-accurate 95.0%  by val accuracy")
    assert line(best(run(over))) == " ★ mfe-conv1d-over 99.0%  ☆ none fits  by val accuracy"
    assert line(best(run(over, config=Config()))) == " ★ mfe-conv1d-over 99.0%  by val accuracy"
    assert line(best(run(completed("1", None, 0.25)))).startswith(" ★ mfe-conv1d-1 loss 0.2500")
    assert line(best(run())) == ""


def test_the_measure_follows_the_lens() -> None:
    evaluations = {(VALIDATION, INT8): Evaluation(0.1, 0.9), (TEST, FLOAT32): Evaluation(0.1, 0.4)}
    of = run(replace(completed("1"), evaluations=evaluations))
    assert merit_of(of, usual_lens(of)).of(of.trials[0]) == 0.9
    assert merit_of(of, replace(usual_lens(of), part=TEST, precision=FLOAT32)).words == "test accuracy"
    assert moment(of).standing is None
