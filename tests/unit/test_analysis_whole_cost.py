"""What a whole impulse costs, and where accuracies come from. All trials are synthetic."""

from dataclasses import replace

import pytest
from build import TARGET, completed, run, running
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.figures import (
    Context,
    Lens,
    cost,
    cost_parts,
    covers,
    figure,
    over_limits,
    precision_of,
)
from eitui.analysis.pareto import trade_off
from eitui.analysis.query.fields import FLAGS
from eitui.analysis.ranking import best, merit_of, rated
from eitui.analysis.until import parse_condition
from eitui.domain.moment import Moment
from eitui.domain.run import Config, Target
from eitui.domain.trial import (
    COMPLETED,
    FLOAT32,
    INT8,
    TEST,
    TRAIN,
    UNKNOWN_COST,
    VALIDATION,
    Evaluation,
    Performance,
    Progress,
    Trial,
    ValueSource,
)

COSTS = ("latency_ms", "ram_bytes", "rom_bytes")


def test_a_cost_is_the_sum_of_its_parts() -> None:
    trial = replace(
        completed("1", latency_ms=34, ram_bytes=1000, rom_bytes=5000),
        dsp=Performance(300.0, 200),
        anomaly={FLOAT32: Performance(1.0, 30, 700)},
    )
    assert cost(trial, INT8) == Performance(335.0, 1230, 5700)
    assert [name for name, _ in cost_parts(trial, INT8)] == ["DSP", "network", "anomaly block"]
    assert [covers(trial, INT8, name) for name in COSTS] == ["impulse", "impulse", "network and anomaly block"]


def test_the_anomaly_block_counts_at_the_precision_of_the_network_where_it_has_several() -> None:
    trial = replace(completed("1"), anomaly={FLOAT32: Performance(9.0), INT8: Performance(2.0)})
    assert cost(trial, INT8).latency_ms == 52
    assert covers(replace(trial, anomaly={}), INT8, "latency_ms") == "DSP and network"


def test_without_dsp_values_a_cost_is_of_the_network() -> None:
    trial = replace(completed("1"), dsp=UNKNOWN_COST)
    assert cost(trial, INT8) == Performance(50, 64 * 1024, 256 * 1024)
    assert {covers(trial, INT8, name) for name in COSTS} == {"network"}
    assert {covers(trial, "akida", name) for name in COSTS} == {None}


def test_without_that_of_the_network_there_is_no_cost() -> None:
    trial = replace(completed("1", latency_ms=None, ram_bytes=-1), dsp=Performance(300.0, 20_000))
    assert cost(trial, INT8) == Performance(None, None, 256 * 1024)


@given(*[st.none() | st.floats(0, 1e6)] * 3)
def test_what_is_known_is_summed(dsp: float | None, network: float | None, anomaly: float | None) -> None:
    trial = replace(completed("1", latency_ms=network), dsp=Performance(dsp), anomaly={INT8: Performance(anomaly)})
    found = cost(trial, INT8).latency_ms
    if network is None:
        assert found is None
        return
    assert found == pytest.approx(network + (dsp or 0) + (anomaly or 0))
    assert (covers(trial, INT8, "latency_ms") == "impulse") == (dsp is not None and anomaly is not None)


def test_every_verdict_goes_by_the_sum() -> None:
    """DSP of 300 ms beside a network of 34 ms is over a limit of 100 ms, and loses to a slower network without DSP."""
    slow = replace(completed("slow", 0.9, latency_ms=34), dsp=Performance(300.0, 0))
    quick = replace(completed("quick", 0.8, latency_ms=60), dsp=Performance(1.0, 0))
    of, context = run(slow, quick), Context(Config(target=TARGET), Lens())
    assert over_limits(slow, INT8, TARGET) == {"latency"}
    assert FLAGS["over_limit"](slow, context)
    assert figure("latency").read(slow, context) == 334
    stands = best(of)
    assert stands.trial is slow
    assert stands.within_limits is quick
    trade = trade_off(of)
    assert [(point.trial_id, point.cost) for point in trade.points] == [("quick", 61.0), ("slow", 334.0)]
    assert [point.trial_id for point in trade.front_within_limits] == ["quick"]
    assert not parse_condition("latency<100").met(Moment(of))
    assert parse_condition("latency>=334").met(Moment(of))


def test_equal_trials_are_told_apart_by_the_whole_cost() -> None:
    one = replace(completed("one", latency_ms=10), dsp=Performance(50.0, 0))
    other = replace(completed("other", latency_ms=40), dsp=Performance(5.0, 0))
    assert best(run(one, other)).trial is other


# Where values come from

EPOCH_ONLY = Trial("epoch", "mfcc-conv2d-74d", COMPLETED, progress=Progress(50, 0.1, 0.2, 0.97, 0.99))


def test_a_value_is_of_the_evaluation_or_else_of_the_last_epoch() -> None:
    assert Lens().source(completed("1")) is ValueSource.EVALUATION
    assert Lens(precision=FLOAT32).source(completed("1")) is None
    assert Lens().source(EPOCH_ONLY) is ValueSource.EPOCH
    assert Lens().source(running("1", 3, val_loss=0.4)) is ValueSource.EPOCH
    assert Lens(TEST, INT8).source(EPOCH_ONLY) is None
    assert Lens().source(Trial("1", "n", COMPLETED)) is None


def test_the_values_of_a_trial_are_of_one_source() -> None:
    """An evaluation whose loss is no number does not borrow that of an epoch."""
    half = replace(EPOCH_ONLY, evaluations={(VALIDATION, INT8): Evaluation(None, 0.25)})
    assert (Lens().accuracy(half), Lens().loss(half)) == (0.25, None)
    assert Lens(TRAIN, INT8).source(half) is ValueSource.EPOCH


def test_an_epoch_never_outranks_an_evaluation() -> None:
    evaluated = completed("evaluated", 0.752, 0.9)
    of = run(EPOCH_ONLY, evaluated)
    assert best(of).trial is evaluated
    assert best(of).within_limits is evaluated
    assert [point.trial_id for point in trade_off(of).front] == ["evaluated"]
    steps = rated([EPOCH_ONLY, evaluated], merit_of(of, Lens()))
    assert [step.improved for step in steps] == [False, True]


def test_without_any_evaluation_the_last_epochs_are_ranked() -> None:
    worse = replace(EPOCH_ONLY, id="worse", progress=Progress(50, 0.1, 0.2, 0.9, 0.8))
    assert best(run(worse, EPOCH_ONLY)).trial is EPOCH_ONLY


@pytest.mark.parametrize("odd", [91.3, -0.2, 1.0001])
def test_an_accuracy_beyond_0_to_1_wins_nothing(odd: float) -> None:
    strange = completed("strange", odd, 0.5)
    assert Lens().accuracy(strange) is None
    assert best(run(strange, completed("sound", 0.6))).trial is not strange
    assert Lens().accuracy(replace(EPOCH_ONLY, progress=Progress(1, 0.1, 0.1, 0.9, odd))) is None


def at(trial: Trial, *precisions: str) -> Trial:
    return replace(trial, evaluations={(VALIDATION, precision): Evaluation(0.1, 0.9) for precision in precisions})


@pytest.mark.parametrize(
    ("wanted", "trials", "precision"),
    [
        (None, [], INT8),
        ("akida", [], "akida"),
        (INT8, [[INT8, FLOAT32]], INT8),
        (FLOAT32, [[INT8, FLOAT32]], FLOAT32),
        (None, [[INT8, FLOAT32]], INT8),
        (None, [[FLOAT32]], FLOAT32),
        (None, [["akida"], ["akida"]], "akida"),
        (INT8, [["akida"], ["akida"]], "akida"),
        (None, [["akida"], ["akida"], [INT8]], "akida"),
        (INT8, [["akida"], ["akida"], [INT8]], INT8),
    ],
)
def test_the_precision_is_one_that_the_trials_have(wanted: str | None, trials: list[list[str]], precision: str) -> None:
    found = [at(completed(str(number)), *some) for number, some in enumerate(trials)]
    assert precision_of(run(*found, config=Config(target=Target(), precision=wanted))) == precision


def test_costs_alone_tell_the_precision_too() -> None:
    trial = replace(EPOCH_ONLY, performance={"akida": Performance(1.0)})
    assert precision_of(run(trial, config=Config())) == "akida"
