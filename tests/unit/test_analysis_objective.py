"""What trials are ranked by, and what is called a tie, by values worked out by hand."""

from dataclasses import replace
from typing import Any

import pytest
from build import TARGET, completed, moment, run, running

from eitui.analysis.ranking import best, merit_of, usual_lens
from eitui.domain.run import Config, Objective, Run, Standing
from eitui.domain.trial import FLOAT32, INT8, TEST, VALIDATION, Evaluation, Progress, Trial
from eitui.view.run.header import best_by, best_trials_line, tie_with_best


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
