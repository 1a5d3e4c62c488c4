"""The simulated search: what holds for every seed."""

import itertools
from dataclasses import replace
from math import sqrt
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.demo.families import KEYWORDS
from eitui.demo.options import SCENARIOS, Options
from eitui.demo.scenarios import Simulation, simulate
from eitui.demo.schedule import NEVER, Course, Plan, play_plan, streak
from eitui.demo.specs import VALIDATION_SAMPLES, Fates, Rounds, draw_specs
from eitui.demo.trialjson import position

seeds = st.integers(0, 10_000)
scenarios = st.sampled_from(sorted(set(SCENARIOS) - {"huge", "empty", "no-trials"}))


def courses(simulation: Simulation) -> tuple[Course, ...]:
    return simulation.schedule.courses


def completed(simulation: Simulation) -> list[Course]:
    return [course for course in courses(simulation) if course.attempts[-1].outcome == "completed"]


@given(scenarios, seeds)
def test_names_and_ids_are_unique_and_in_the_services_style(scenario: str, seed: int) -> None:
    specs = [course.spec for course in courses(simulate(Options(scenario, seed)))]
    assert len({spec.name for spec in specs}) == len({spec.id for spec in specs}) == len(specs)
    for spec in specs:
        dsp, net, suffix = spec.name.split("-")
        assert (dsp, net) == (spec.dsp.name, spec.net.name)
        assert len(suffix) == 3
        assert int(suffix, 16) >= 0
        assert spec.id.isdecimal()


@given(scenarios, seeds)
def test_a_worker_runs_one_trial_at_a_time_while_it_is_in_the_pool(scenario: str, seed: int) -> None:
    schedule = simulate(Options(scenario, seed)).schedule
    for member in schedule.members:
        attempts = sorted(
            (attempt.start, attempt.end)
            for course in schedule.courses
            for attempt in course.attempts
            if attempt.worker == member.id
        )
        assert all(member.ready <= start < end <= member.left for start, end in attempts)
        assert all(end <= start for (_, end), (start, _) in itertools.pairwise(attempts))


@given(seeds)
def test_the_pool_grows_to_its_size_and_changes_its_members(seed: int) -> None:
    simulation = simulate(Options(seed=seed))
    moments = {member.joined for member in simulation.schedule.members}
    sizes = [sum(m.joined <= now < m.left for m in simulation.schedule.members) for now in sorted(moments)]
    assert sizes[:4] == [1, 2, 3, 4]
    assert max(sizes) == simulation.profile.workers
    assert len(sizes) > simulation.profile.workers


@given(scenarios, seeds)
def test_every_trial_ends_and_only_the_silent_one_never_does(scenario: str, seed: int) -> None:
    simulation = simulate(Options(scenario, seed))
    endless = [course for course in courses(simulation) if course.attempts[-1].end == NEVER]
    assert len(endless) == (1 if scenario == "stall" else 0)
    assert all(course.attempts[-1].outcome in ("completed", "failed") for course in courses(simulation))


@given(scenarios, seeds)
def test_a_retry_starts_after_the_attempt_before_it(scenario: str, seed: int) -> None:
    for course in courses(simulate(Options(scenario, seed))):
        assert course.created <= course.attempts[0].start
        for before, after in zip(course.attempts, course.attempts[1:], strict=False):
            assert before.outcome in ("crashed", "lost")
            assert before.end <= after.start


@given(seeds)
def test_some_trials_are_retried_and_then_complete(seed: int) -> None:
    simulation = simulate(Options(seed=seed))
    assert any(len(course.attempts) == 2 for course in completed(simulation))
    assert any(attempt.outcome == "lost" for course in courses(simulation) for attempt in course.attempts)


@given(st.sampled_from(["default", "regression", "detection"]), seeds)
def test_the_search_stops_before_its_limit_once_the_window_passed_without_improvement(scenario: str, seed: int) -> None:
    simulation = simulate(Options(scenario, seed))
    assert len(courses(simulation)) < simulation.rounds.total
    assert streak(courses(simulation), simulation.schedule.end) == simulation.window
    decisions = {course.created for course in courses(simulation) if course.spec.round}
    assert all(streak(courses(simulation), moment) < simulation.window for moment in decisions)


@pytest.mark.parametrize("trials", [1, 2, 3, 5, 9, 17, 100])
@pytest.mark.parametrize("scenario", sorted(set(SCENARIOS) - {"no-trials"}))
def test_any_number_of_trials_can_be_asked_for(scenario: str, trials: int) -> None:
    simulation = simulate(Options(scenario, trials=trials))
    assert simulation.rounds.total == trials
    assert 0 < len(courses(simulation)) <= trials


@given(st.sampled_from(["default", "stall", "hostile", "regression", "detection", "failures"]), seeds)
def test_there_is_something_to_see_at_once(scenario: str, seed: int) -> None:
    simulation = simulate(Options(scenario, seed))
    found = [position(course, simulation.start) for course in courses(simulation)]
    assert {at.status for at in found if at is not None} >= {"completed", "running", "pending"}
    assert simulation.start < simulation.schedule.end / 3


def test_the_default_run_takes_about_ten_minutes_and_an_epoch_about_a_second() -> None:
    runs = [simulate(Options(seed=seed)) for seed in range(10)]
    minutes = [run.schedule.end / run.options.speed / 60 for run in runs]
    assert 8 < min(minutes) <= max(minutes) < 14
    assert 0.6 < mean(course.spec.epoch_s / 30 for run in runs for course in courses(run)) < 1.4


@pytest.mark.parametrize("scenario", ["default", "regression", "detection"])
def test_what_is_more_accurate_is_slower_and_larger(scenario: str) -> None:
    specs = [course.spec for seed in range(5) for course in completed(simulate(Options(scenario, seed)))]
    healthy = [spec for spec in specs if not spec.diverges]
    accuracy = [spec.correct_int8 for spec in healthy]
    assert rank_correlation(accuracy, [spec.latency_ms for spec in healthy]) > 0.35
    assert rank_correlation(accuracy, [spec.ram for spec in healthy]) > 0.25
    assert rank_correlation(accuracy, [spec.rom for spec in healthy]) > 0.1


def test_some_networks_are_over_each_of_the_devices_limits_but_most_are_not() -> None:
    specs = [course.spec for seed in range(10) for course in completed(simulate(Options(seed=seed)))]
    for over in (
        [spec.latency_ms > KEYWORDS.latency_ms for spec in specs],
        [spec.ram > KEYWORDS.ram for spec in specs],
        [spec.rom > KEYWORDS.rom for spec in specs],
    ):
        assert 0 < mean(over) < 0.5


def test_later_rounds_are_better_on_average() -> None:
    specs = [course.spec for seed in range(10) for course in completed(simulate(Options(seed=seed)))]
    by_round = [
        mean(spec.correct_int8 for spec in specs if spec.round == number and not spec.diverges) for number in (0, 1, 2)
    ]
    assert by_round[0] < by_round[1]
    assert by_round[0] + 0.02 * VALIDATION_SAMPLES < by_round[2]


def test_int8_is_never_more_accurate_than_float32_and_usually_less() -> None:
    specs = [course.spec for seed in range(5) for course in completed(simulate(Options(seed=seed)))]
    loss = [spec.correct_float32 - spec.correct_int8 for spec in specs]
    assert min(loss) >= 0
    assert 1 < mean(loss) < 0.02 * VALIDATION_SAMPLES


@given(seeds)
def test_failures_share_a_cause_that_no_other_trial_has(seed: int) -> None:
    simulation = simulate(Options(seed=seed))
    failed = [course.spec for course in courses(simulation) if course.attempts[-1].outcome == "failed"]
    assert 0.1 <= len(failed) / len(courses(simulation)) <= 0.2
    assert {(spec.net.name, spec.features) for spec in failed} == {("transfer", 80)}
    others = {(c.spec.net.name, c.spec.features) for c in completed(simulation)}
    assert ("transfer", 80) not in others


@given(seeds)
def test_in_failures_more_than_half_fail_for_two_reasons(seed: int) -> None:
    simulation = simulate(Options("failures", seed))
    failed = [course.spec for course in courses(simulation) if course.attempts[-1].outcome == "failed"]
    assert len(failed) > len(courses(simulation)) / 2
    assert {spec.fatal.block for spec in failed if spec.fatal} == {"dsp", "learn"}


@given(seeds)
def test_a_stalled_trial_goes_silent_soon_after_the_start_while_others_go_on(seed: int) -> None:
    simulation = simulate(Options("stall", seed))
    (silent,) = (course for course in courses(simulation) if course.attempts[-1].end == NEVER)
    attempt = silent.attempts[-1]
    last_word = attempt.epoch_end(attempt.epochs)
    assert attempt.epochs >= 3
    assert attempt.epochs < silent.spec.epochs
    assert simulation.start - 60 < last_word <= simulation.start + 60 * simulation.options.speed
    assert sum(course.attempts[-1].start > last_word for course in courses(simulation)) > 10


def test_a_pool_of_one_worker_gets_through_without_changes() -> None:
    specs = draw_specs(KEYWORDS, Rounds((3, 2), 2), Fates(), 5)
    schedule = play_plan(Plan(specs, workers=1, seed=5))
    assert len(schedule.members) == 1
    assert len(schedule.courses) == 5


def test_another_seed_gives_another_run_and_the_same_seed_the_same() -> None:
    assert simulate(Options(seed=3)) == simulate(Options(seed=3))
    assert simulate(Options(seed=3)).schedule != simulate(Options(seed=4)).schedule
    assert replace(simulate(Options(seed=3)), options=Options(seed=4)) != simulate(Options(seed=4))


def rank_correlation(left: list[float] | list[int], right: list[float] | list[int]) -> float:
    """Spearman's: the correlation of ranks."""
    ranks = [[sorted(values).index(value) for value in values] for values in (left, right)]
    centre = [mean(values) for values in ranks]
    a, b = ([value - middle for value in values] for values, middle in zip(ranks, centre, strict=True))
    return sum(x * y for x, y in zip(a, b, strict=True)) / sqrt(sum(x * x for x in a) * sum(y * y for y in b))
