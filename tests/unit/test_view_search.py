"""Progress of the search as a chart and in words. All figures are synthetic."""

from dataclasses import replace
from typing import Any

import pytest
from build import completed, failed, moment, pending, run, running
from hypothesis import given
from hypothesis import strategies as st
from trial_lines import at_every_width
from trial_lines import text as joined_text

from eitui.analysis.figures import Lens
from eitui.analysis.ranking import best
from eitui.analysis.search import search
from eitui.domain.moment import Moment
from eitui.domain.run import Config, Objective, Run, RunRecord, SearchSpace, Target
from eitui.domain.trial import Trial
from eitui.view.kit.lines import TONES, Line, width_of
from eitui.view.run.search import improvement_lines, search_chart, search_facts, setup_lines

NOW = 5000.0
LENS = Lens()


def text(lines: list[Line]) -> list[str]:
    return ["".join(span for span, _ in line).rstrip() for line in lines]


def done(trial_id: str, accuracy: float | None, of_round: int | None = None, val_loss: float | None = 0.3) -> Trial:
    return replace(completed(trial_id, accuracy, val_loss), round=of_round)


def configured(*trials: Trial, **config: Any) -> Run:
    base = run(*trials)
    return replace(base, config=replace(base.config, **config))


def chart(of: Run, width: int = 80, height: int = 14, lens: Lens = LENS) -> list[str]:
    return text(search_chart(search(moment(of), NOW, lens), of, lens, width, height))


def facts(of: Run | Moment, width: int = 120) -> list[str]:
    told = of if isinstance(of, Moment) else moment(of, created=4000.0)
    names = {trial.id: trial.name for trial in told.run.trials}
    return text(search_facts(search(told, NOW), told, names, width))


def under(lines: list[str], label: str) -> list[str]:
    """What stands behind a label, and below it until the next."""
    start = next(number for number, line in enumerate(lines) if line.startswith(f" {label}"))
    rest = lines[start + 1 :]
    count = next((number for number, line in enumerate(rest) if line[1:17].strip()), len(rest))
    return [line[17:] for line in lines[start : start + 1 + count]]


TRIALS = (done("a", 0.70, 0), done("b", 0.60, 0), done("c", 0.80, 1), failed("x"), done("d", 0.78, 1), running("e", 3))


def test_the_best_so_far_is_a_stair_with_a_sign_for_every_trial() -> None:
    lines = chart(configured(*TRIALS, max_trials=12))
    assert lines[0].startswith(" val accuracy, int8  ★ best so far  ◆ was the best  • no better")
    body = "\n".join(lines[2:-2])
    assert body.count("★") == 1
    assert body.count("◆") == 1
    assert body.count("•") + body.count("↓") == 2
    assert "┌" not in body
    assert "┘" in body
    # One failed: eleven of twelve can complete.
    assert lines[-1].split()[-1] == "11"


def test_rounds_are_marked_where_they_begin() -> None:
    top = chart(configured(*TRIALS, max_trials=12))[1]
    assert top.split() == ["val", "accuracy", "round", "1"]


def test_the_end_by_early_stopping_is_marked() -> None:
    early = configured(*TRIALS, max_trials=12, early_stopping_window=5)
    assert "early stop" in chart(early)[1]
    # Beyond the plan it would never come.
    assert "early stop" not in chart(configured(*TRIALS, max_trials=12, early_stopping_window=50))[1]


def test_of_a_run_that_is_over_the_axis_ends_where_it_did() -> None:
    of = replace(configured(*TRIALS, max_trials=12, early_stopping_window=5), status="completed", job_running=False)
    lines = chart(of)
    assert lines[-1].split()[-1] == "4"
    assert "early stop" not in lines[1]


def test_networks_that_learnt_nothing_do_not_take_all_the_room() -> None:
    good = [done(str(number), 0.90 + number / 1000) for number in range(10)]
    lines = chart(configured(*good, done("bad", 0.1)))
    assert "↓ off the chart" in lines[0]
    assert "↓" in "".join(lines[2:])
    assert "10%" not in "".join(lines)


def test_without_accuracy_it_is_the_loss() -> None:
    lines = chart(configured(done("a", None, val_loss=0.9), done("b", None, val_loss=0.4)))
    assert lines[0].startswith(" val loss, int8")
    assert "┐" in "".join(lines)


@pytest.mark.parametrize(
    ("trials", "result"),
    [
        ((), "The run has no trials yet."),
        ((pending("1"), running("2")), "No completed trial yet:"),
        ((done("1", None, val_loss=None),), "1 trial completed, but the service sent neither"),
    ],
)
def test_an_empty_chart_says_why(trials: tuple[Trial, ...], result: str) -> None:
    assert chart(configured(*trials))[0].strip().startswith(result.replace("1 trials have", "1 trial has"))


def test_the_facts() -> None:
    objectives = (Objective("accuracy", "Accuracy", 1.0), Objective("latency", "", 0.25), Objective("", "", None))
    of = configured(*TRIALS, max_trials=12, early_stopping_window=5, objectives=objectives, max_total_training_s=7200.0)
    lines = facts(of)
    assert under(lines, "Best so far") == ["★ 80.0%  mfe-conv1d-c  trial 3 of 4 completed, round 1"]
    assert under(lines, "No improvement") == [
        "━━━━━···················  for 1 trial; early stopping after 5",
        "counted on val accuracy; the tuner uses its objectives",
    ]
    assert under(lines, "Objectives") == ["Accuracy × 1, latency × 0.25, unnamed"]
    # 4 more without improvement, for which 5 have to end: 1000 s, less a quarter.
    assert under(lines, "Time left") == [
        "12–29 min: 7 trials left, 1 worker, one every 3m so far; early stopping may come first, after 4 more",
        "without improvement",
    ]
    # 1000 s so far: 250 s for each that completed, 200 s for each that ended; 7200 s in all.
    assert under(lines, "Ends with") == [
        "▸ first: early stopping after 4 more without improvement, in about 16m",
        "the plan of 12 trials, 7 to go, in about 23m",
        "the total training time of 2h 00m, in about 1h 43m",
    ]


def test_a_narrow_screen_has_no_bar_and_breaks_lines() -> None:
    of = configured(*TRIALS, max_trials=12, early_stopping_window=5)
    lines = facts(of, 60)
    assert under(lines, "No improvement") == [
        "for 1 trial; early stopping after 5",
        "counted on val accuracy; what the tuner",
        "uses is not known",
    ]
    assert len(under(lines, "Ends with")) > 2
    assert all(len(line) <= 60 for line in lines)


def test_nothing_configured_and_nothing_known() -> None:
    lines = facts(moment(configured()))
    assert under(lines, "Best so far") == ["none yet"]
    assert under(lines, "No improvement") == ["for 0 trials; no early stopping is configured"]
    assert under(lines, "Objectives") == ["none given"]
    assert under(lines, "Ends with")[0].startswith("no limit configured: no")


def test_which_comes_first_may_be_unknown() -> None:
    lines = facts(moment(configured(*TRIALS, max_trials=12, max_total_training_s=600.0)))
    assert under(lines, "Ends with")[-1] == "Which comes first is not known yet."
    assert "▸" not in "".join(lines)


def since(count: int, **config: Any) -> Run:
    """A best trial, and so many that were no better."""
    return configured(done("a", 0.9), *(done(str(number), 0.5) for number in range(count)), **config)


def test_a_full_window_may_end_the_run() -> None:
    lines = facts(since(5, early_stopping_window=5, max_trials=20))
    assert under(lines, "No improvement")[0] == "━" * 24 + "  for 5 trials; early stopping after 5"
    assert under(lines, "Ends with")[0] == "▸ first: early stopping, possible now: its window is full"
    assert "early stopping may come now" in " ".join(under(lines, "Time left"))


def test_a_run_that_goes_on_past_its_window_is_not_ended_by_it() -> None:
    lines = facts(since(7, early_stopping_window=5, max_trials=20))
    assert under(lines, "No improvement")[0].endswith("  for 7 trials, past the window of 5")
    assert under(lines, "No improvement")[1] == "counted on val accuracy; the tuner goes on by its objectives"
    assert len(under(lines, "Ends with")) == 1
    assert "early" not in " ".join([*under(lines, "Ends with"), *under(lines, "Time left")])
    alone = facts(since(7, early_stopping_window=5))
    assert under(alone, "Ends with")[0].startswith("unknown: the run continues")


@pytest.mark.parametrize(
    ("config", "result"),
    [
        ({"objectives": (Objective("accuracy", "Accuracy", 1.0),)}, []),
        (
            {"objectives": (Objective("accuracy", "Accuracy", 1.0),), "early_stopping_bar": 0.1},
            ["any gain counts here; the tuner counts only gains above 0.1"],
        ),
        (
            {"objectives": (Objective("latency", "Latency", 1.0),)},
            ["counted on latency; how the tuner weighs costs is not known"],
        ),
        (
            {"objectives": (Objective("f1_score", "F1", 1.0),)},
            ["counted on val accuracy; the tuner uses its objectives"],
        ),
        ({}, ["counted on val accuracy; what the tuner uses is not known"]),
    ],
)
def test_what_the_tuner_counts_otherwise_is_said(config: dict[str, object], result: list[str]) -> None:
    assert under(facts(since(2, early_stopping_window=5, **config)), "No improvement")[1:] == result


@pytest.mark.parametrize("precision", ["int8", "float32"])
def test_the_count_follows_the_lens_and_the_runs_own_is_named_beside_it(precision: str) -> None:
    # At float32 no trial has an accuracy, and by loss none is better than the first; at int8 the last is.
    told = moment(configured(done("a", 0.5), done("b", 0.4), done("c", 0.4), done("d", 0.9), early_stopping_window=5))
    found = search(told, NOW, Lens(precision=precision))
    line = under(text(search_facts(found, told, {}, 120)), "No improvement")[0]
    wanted = {
        "int8": "·" * 24 + "  for 0 trials; early stopping after 5",
        "float32": "·" * 24 + f"  for {found.unimproved} trials; 0 of 5 by val accuracy, int8",
    }
    assert line == wanted[precision]
    assert (found.unimproved > 0) == (precision == "float32")


@pytest.mark.parametrize(
    ("status", "error", "result"),
    [
        ("failed", "No memory left (synthetic)", "an error: No memory left (synthetic)"),
        ("running", "No memory left (synthetic)", "an error: No memory left (synthetic)"),
        ("failed", "", "the tuner's job failed"),
        ("cancelled", "", "cancelled"),
    ],
)
def test_a_job_that_failed_is_what_ended_the_run(status: str, error: str, result: str) -> None:
    of = replace(since(2, max_trials=3), job_running=False, job_error=error)
    told = moment(of, created=4000.0)
    told = replace(told, record=RunRecord(77, 1, created=4000.0, job_status=status))
    assert under(facts(told), "Ended by") == [result, "the plan of 3 trials: reached"]


def test_a_long_name_is_cut_and_the_figures_are_not() -> None:
    told = moment(configured(done("a", 0.7, 0), done("b", 0.8, 12)))
    names = {"a": "short", "b": "spectral-analysis-" * 8}
    found = search(told, NOW)
    line = under(text(search_facts(found, told, names, 80)), "Best so far")[0]
    assert line.startswith("★ 80.0%  spectral-")
    assert line.endswith("analysis-  trial 2 of 2 completed, round 12")
    steps = text(improvement_lines(found, names, 80))
    assert steps[1].endswith("analysis-  round 12")
    assert all(len(one) <= 80 for one in steps)


@pytest.mark.parametrize(
    ("config", "result"),
    [
        ({"early_stopping_window": 2}, ["early stopping: its window was full"]),
        ({}, ["unknown: no limit was reached. O opens the tuner's log."]),
    ],
)
def test_what_ended_a_run(config: dict[str, object], result: list[str]) -> None:
    of = configured(done("a", 0.9), done("b", 0.5), done("c", 0.5), **config)
    lines = facts(replace(of, status="completed", job_running=False))
    assert under(lines, "Ended by") == result
    # 4 more without improvement, for which 5 have to end: 1000 s, less a quarter.
    assert under(lines, "Time left") == ["none: the run has ended"]


@pytest.mark.parametrize(
    ("status", "error", "result"),
    [
        ("success", "", "The run ended without a trial, usually because no model comes close to the target latency"),
        ("cancelled", "", "cancelled"),
        ("failed", "No memory left (synthetic)", "an error: No memory left (synthetic)"),
    ],
)
def test_what_ended_a_run_without_trials(status: str, error: str, result: str) -> None:
    told = moment(replace(configured(), status="completed", job_running=False, job_error=error), created=4000.0)
    told = replace(told, record=replace(told.record, job_status=status))
    assert under(facts(told), "Ended by")[0].startswith(result)
    chart = text(search_chart(search(told, NOW), told.run, Lens(), 80, 8))
    assert chart[0].strip() == "The run ended without a completed trial."


def test_improvements_newest_first() -> None:
    told = moment(configured(*TRIALS))
    lines = text(improvement_lines(search(told, NOW), {"c": "mfe-conv1d-c"}, 100))
    assert lines == [
        " Improvements  newest first",
        " ★     3    80.0%  was 70.0%     mfe-conv1d-c  round 1",
        " ◆     1    70.0%  the first     a             round 0",
    ]
    assert improvement_lines(search(moment(configured()), NOW), {}, 100) == []


FIGURE = st.none() | st.floats() | st.sampled_from([0.0, 0.5, 1.0, 1e300, -1.0])
ROUND = st.none() | st.integers(-3, 10**9)
COUNT = st.none() | st.integers(0, 10**7)


@given(
    st.lists(st.tuples(FIGURE, FIGURE, ROUND), max_size=12),
    COUNT,
    COUNT,
    st.none() | st.floats(0, 1e12),
    st.none() | st.floats(0, 1e10),
    st.booleans(),
    st.integers(-1, 130),
    st.integers(-1, 40),
)
def test_any_search_can_be_shown(
    rows: list[tuple[float | None, float | None, int | None]],
    most: int | None,
    window: int | None,
    time: float | None,
    created: float | None,
    over: bool,
    width: int,
    height: int,
) -> None:
    trials = [done(str(number), accuracy, of_round, loss) for number, (accuracy, loss, of_round) in enumerate(rows)]
    of = configured(
        *trials,
        max_trials=most,
        early_stopping_window=window,
        max_total_training_s=time,
        objectives=(Objective("a", "b", time),),
    )
    told = moment(replace(of, status="completed", job_running=False) if over else of, created=created)
    found = search(told, NOW, LENS)
    lines = search_chart(found, told.run, LENS, width, height)
    assert len(lines) == max(0, height)
    assert all(width_of(line) == max(0, width) for line in lines)
    words = [*search_facts(found, told, {}, width), *improvement_lines(found, {}, width)]
    assert all(width_of(line) <= max(0, width) for line in words)
    assert {tone for line in (*lines, *words) for _, tone in line} <= {*TONES, ""}


# The set-up


def words(of: Run) -> list[str]:
    return [" ".join(line.split()) for line in joined_text(setup_lines(of, 120), 120).splitlines()]


def test_a_run_whose_set_up_is_not_known_has_no_section() -> None:
    assert setup_lines(run(), 80) == []


def test_the_set_up() -> None:
    space = SearchSpace("template", "Keywords", "speech_keyword", ("classification", "anomaly"))
    others = (("compiler", "EON"),)
    of = run(
        config=Config(search_space=space, job_memory_mib=8192, others=others), continued_job_id=77, data_type="audio"
    )
    assert words(of)[0] == "Setup"
    together = " ".join(words(of))
    for pair in (
        "search space template “Keywords” (speech_keyword, classification, anomaly)",
        "continues the search of job 77",
        "data audio",
        "job memory 8 GB",
        "compiler EON",
    ):
        assert pair in together


def test_where_the_candidates_come_from_as_far_as_it_is_known() -> None:
    for space, found in (
        (SearchSpace("run", "Run 3"), "run “Run 3”"),
        (SearchSpace("custom"), "custom"),
        (SearchSpace(template="visual"), "(visual)"),
    ):
        assert words(run(config=Config(search_space=space))) == ["Setup", f"search space {found}"]


def test_it_fits() -> None:
    others = tuple((f"setting {number}", "x" * 90) for number in range(9))
    at_every_width(lambda width: setup_lines(run(config=Config(others=others)), width))


def test_the_star_is_that_of_the_table_where_the_highest_accuracy_is_not_the_best_trial() -> None:
    objectives = (Objective("accuracy", "Accuracy", 1.0), Objective("latency", "Latency", 1.0))
    dear, cheap = completed("a", 0.80, latency_ms=90.0), completed("b", 0.78, latency_ms=9.0)
    of = configured(dear, cheap, objectives=objectives, target=Target(latency_ms=100.0))
    assert best(of).trial == cheap
    lines = facts(of)
    assert under(lines, "Best so far") == ["◆ 80.0%  mfe-conv1d-a  trial 1 of 2 completed"]
    assert under(lines, "Best trial") == [
        "★ 78.0%  mfe-conv1d-b  trial 2 of 2 completed",
        "by val accuracy − latency/limit",
    ]
    body = "\n".join(chart(of))
    assert "★ best trial  ◆ improved" in body
    assert body.count("★") == 2
    assert text(improvement_lines(search(moment(of), NOW), {}, 80))[1].startswith(" ◆     1    80.0%")
