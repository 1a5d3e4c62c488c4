"""What failures share: counts and probabilities worked out by hand. All parameters are synthetic."""

import math
import random
from collections.abc import Mapping, Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.failure import Cause, CauseKind
from eitui.analysis.failure_groups import (
    MOST_SHARED,
    FailureCondition,
    FailureGroup,
    Shared,
    failure_groups,
    fisher,
    shared,
)
from eitui.domain.log import LogLine

MEMORY, SHAPE, UNKNOWN = CauseKind.OUT_OF_MEMORY, CauseKind.SHAPE_MISMATCH, CauseKind.UNKNOWN

Parameters = Sequence[Mapping[str, str | float]]


def exact(inside: int, size: int, outside: int, others: int) -> Fraction:
    """Fisher's test as the books write it."""
    marked, total = inside + outside, size + others
    ways = sum(
        math.comb(size, count) * math.comb(others, marked - count)
        for count in range(inside, min(size, marked) + 1)
        if marked - count <= others
    )
    return Fraction(ways, math.comb(total, marked))


def test_fisher_of_a_table_done_by_hand() -> None:
    # The lady tasting tea, 3 of 4 right: (C(4,3) * C(4,1) + C(4,4) * C(4,0)) / C(8,4) = (16 + 1) / 70.
    assert fisher(3, 4, 1, 4) == pytest.approx(17 / 70)
    # All 3 of the group and none of the 5 others: 1 / C(8,3).
    assert fisher(3, 3, 0, 5) == pytest.approx(1 / 56)
    assert fisher(0, 3, 2, 5) == pytest.approx(1.0)
    assert fisher(7, 9, 2, 21) == pytest.approx(float(exact(7, 9, 2, 21)))


@given(st.data(), st.integers(1, 40), st.integers(1, 60))
def test_fisher_is_exact(data: st.DataObject, size: int, others: int) -> None:
    inside, outside = data.draw(st.integers(0, size)), data.draw(st.integers(0, others))
    assert fisher(inside, size, outside, others) == pytest.approx(float(exact(inside, size, outside, others)))


def test_fisher_of_thousands_neither_overflows_nor_vanishes() -> None:
    assert 0 < fisher(30, 30, 0, 970) < 1e-50
    assert fisher(400, 2000, 600, 3000) == pytest.approx(1 - float(1 - exact(400, 2000, 600, 3000)))


def test_a_value_that_failed_trials_share_is_found_with_its_counts() -> None:
    inside = [{"training.batch_size": 128.0}] * 7 + [{"training.batch_size": 32.0}] * 2
    outside = [{"training.batch_size": 128.0}] * 2 + [{"training.batch_size": 32.0}] * 19
    (one,) = shared(inside, outside)
    assert one.conditions == (FailureCondition("training.batch_size", "=", 128.0),)
    assert (one.inside, one.size, one.outside, one.others) == (7, 9, 2, 21)
    # Two values were tried.
    assert one.p == pytest.approx(2 * float(exact(7, 9, 2, 21)))
    assert one.lift == pytest.approx((7.5 / 10) / (2.5 / 22))


def test_what_everybody_has_is_not_shared() -> None:
    assert shared([{"x": "a", "y": 1.0}] * 5, [{"x": "a", "y": 1.0}] * 20) == ()


def test_what_the_group_has_less_than_others_is_not_shared() -> None:
    inside = [{"x": "a"}] * 5 + [{"x": "b"}] * 5
    assert shared(inside, [{"x": "a"}] * 30) == (
        Shared((FailureCondition("x", "=", "b"),), 5, 10, 0, 30, one_p(5, 10, 0, 30)),
    )


def one_p(inside: int, size: int, outside: int, others: int, tried: int = 2) -> float:
    return fisher(inside, size, outside, others) * tried


def test_less_than_half_of_a_group_is_not_enough() -> None:
    inside = [{"x": "a"}] * 4 + [{"x": f"v{n}"} for n in range(5)]
    assert shared(inside, [{"x": "z"}] * 200) == ()


def test_a_coincidence_is_not_told() -> None:
    # 2 of 2 have it, and 8 of 20 others: by chance in C(10,2) / C(22,2) = 45 / 231 of all draws.
    assert shared([{"x": "a"}] * 2, [{"x": "a"}] * 8 + [{"x": "b"}] * 12) == ()
    # 2 of 2 and 1 of 20: 3 / 231.
    (one,) = shared([{"x": "a"}] * 2, [{"x": "a"}] + [{"x": "b"}] * 19)
    assert one.p == pytest.approx(3 / 231)


def test_one_trial_alone_shares_nothing() -> None:
    assert shared([{"x": "a"}], [{"x": "b"}] * 100) == ()
    assert shared([{"x": "a"}] * 3, []) == ()


def test_numbers_are_also_compared_as_ranges() -> None:
    inside = [{"width": float(n)} for n in (40, 44, 48, 56, 64)]
    outside = [{"width": float(n)} for n in (4, 8, 12, 16, 20, 24, 28, 32, 36, 60)] * 2
    (one,) = shared(inside, outside)
    assert one.conditions == (FailureCondition("width", "≥", 40.0),)
    assert (one.inside, one.outside) == (5, 2)
    low = [{"width": -mapping["width"]} for mapping in inside]
    (one,) = shared(low, [{"width": -mapping["width"]} for mapping in outside])
    assert one.conditions == (FailureCondition("width", "≤", -40.0),)


def test_two_values_are_no_ranges() -> None:
    (one,) = shared([{"x": 2.0}] * 5, [{"x": 1.0}] * 5)
    assert one.conditions == (FailureCondition("x", "=", 2.0),)
    # Fisher: 1 / C(10,5) = 1 / 252; only "= 2" was tried, since no failed trial has 1.
    assert one.p == pytest.approx(1 / 252)


def test_a_trial_without_the_parameter_does_not_meet_a_condition_on_it() -> None:
    (one,) = shared([{"mfe.n": 80.0}] * 4, [{"mfcc.n": 80.0}] * 8)
    assert (one.outside, one.others) == (0, 8)
    assert not FailureCondition("x", "≤", 5.0).holds({})
    assert not FailureCondition("x", "≤", 5.0).holds({"x": "4"})
    assert FailureCondition("x", "≤", 5.0).holds({"x": 5.0})
    assert FailureCondition("x", "≥", 5.0).holds({"x": 5.0})


def test_conditions_on_the_very_same_trials_are_told_as_one() -> None:
    inside: Parameters = [{"dsp": "spectr", "fft": 256.0}] * 5
    (one,) = shared(inside, [{"dsp": "mfe", "fft": 64.0}] * 12)
    assert one.conditions == (FailureCondition("dsp", "=", "spectr"),)
    assert one.also == (FailureCondition("fft", "=", 256.0),)


def test_two_parameters_that_only_fail_together_are_told_together_first() -> None:
    inside: Parameters = [{"net": "transfer", "filters": 80.0}] * 6
    kinds = (("transfer", 20.0, 4), ("dense", 80.0, 4), ("dense", 20.0, 12))
    outside: Parameters = [{"net": net, "filters": filters} for net, filters, times in kinds for _ in range(times)]
    both, *single = shared(inside, outside)
    assert both.conditions == (FailureCondition("filters", "=", 80.0), FailureCondition("net", "=", "transfer"))
    assert (both.inside, both.size, both.outside, both.others) == (6, 6, 0, 20)
    assert [(len(one.conditions), one.outside) for one in single] == [(1, 4), (1, 4)]


def test_equals_are_told_in_the_order_of_their_names() -> None:
    inside = [{"b": "x", "a": "x", "c": "x"}] * 4
    # Each of the three is met by one other trial of its own: no two are met by the same trials.
    outside = [{"a": "x"}, {"b": "x"}, {"c": "x"}, *[{"a": "y", "b": "y", "c": "y"}] * 9]
    found = shared(inside, outside)
    assert [one.conditions[0].name for one in found if len(one.conditions) == 1] == ["a", "b", "c"]


def test_the_number_told_is_bounded() -> None:
    inside = [{f"p{n}": "x" for n in range(20)}] * 6
    outside = [{f"p{n}": "x"} for n in range(20)]
    assert len(shared(inside, outside)) == MOST_SHARED


def cause(kind: CauseKind, block: str = "learn", text: str = "said") -> Cause:
    return Cause(kind, 0, LogLine(None, "error", text), block)


def test_failures_are_grouped_by_cause_the_largest_first_and_the_unknown_last() -> None:
    causes = {
        "1": cause(UNKNOWN),
        "2": cause(SHAPE, "dsp", "first"),
        "3": cause(UNKNOWN),
        "4": cause(MEMORY),
        "5": cause(UNKNOWN),
        "6": cause(SHAPE, "dsp", "second"),
        "7": cause(MEMORY, "dsp"),
    }
    parameters = {trial_id: {"x": "a"} for trial_id in "123456789"}
    groups = failure_groups(causes, parameters)
    assert groups == (
        FailureGroup(MEMORY, ("4", "7"), 7, (), "", "said"),
        FailureGroup(SHAPE, ("2", "6"), 7, (), "dsp", "first"),
        FailureGroup(UNKNOWN, ("1", "3", "5"), 6, (), "learn", "said"),
    )


def test_a_group_is_compared_with_all_others_whatever_became_of_them() -> None:
    causes = {str(n): cause(MEMORY) for n in range(4)} | {str(n): cause(SHAPE) for n in range(4, 8)}
    parameters = {str(n): {"x": "big" if n < 4 else "small"} for n in range(20)}
    memory, shape = failure_groups(causes, parameters)
    assert (memory.others, shape.others) == (16, 16)
    assert memory.shared[0].conditions == (FailureCondition("x", "=", "big"),)
    assert shape.shared == ()


def test_a_failed_trial_whose_parameters_are_not_known_counts_in_its_group() -> None:
    causes = {str(n): cause(MEMORY) for n in range(5)}
    (group,) = failure_groups(causes, {str(n): {"x": "a" if n < 5 else "b"} for n in range(1, 15)})
    (one,) = group.shared
    assert (one.inside, one.size, one.outside, one.others) == (4, 5, 0, 10)


def test_no_failures_no_groups() -> None:
    assert failure_groups({}, {"1": {"x": "a"}}) == ()


def test_unrelated_parameters_are_rarely_told() -> None:
    rng = random.Random(4)
    told = 0
    for _ in range(60):
        trials = [{f"p{n}": float(rng.randrange(4)) for n in range(5)} for _ in range(40)]
        told += len(shared(trials[:8], trials[8:]))
    # 60 runs of 5 parameters at 5 % would be 15 at most, on average.
    assert told < 15


PARAMETERS = st.dictionaries(
    st.sampled_from(["a", "b", "c"]), st.text(max_size=2) | st.floats() | st.integers(0, 4).map(float), max_size=3
)


@given(st.lists(PARAMETERS, max_size=12), st.lists(PARAMETERS, max_size=12))
def test_whatever_is_told_is_true(inside: list[dict[str, str | float]], outside: list[dict[str, str | float]]) -> None:
    for one in shared(inside, outside):
        holding = [sum(all(c.holds(m) for c in one.conditions) for m in some) for some in (inside, outside)]
        assert holding == [one.inside, one.outside]
        assert (one.size, one.others) == (len(inside), len(outside))
        assert one.inside >= 2
        assert 0 <= one.p <= 0.05
        assert one.lift > 1


@given(st.lists(PARAMETERS, min_size=2, max_size=8), st.lists(PARAMETERS, min_size=1, max_size=8), st.randoms())
def test_the_order_of_trials_does_not_matter(
    inside: list[dict[str, str | float]], outside: list[dict[str, str | float]], rng: random.Random
) -> None:
    told = shared(inside, outside)
    rng.shuffle(inside)
    rng.shuffle(outside)
    assert shared(inside, outside) == told
