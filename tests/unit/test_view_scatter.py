"""Trade-offs as a plot and in words. All figures are synthetic."""

from dataclasses import replace
from typing import Any, cast

import pytest
from build import TARGET, completed, failed, pending, run
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.figures import Lens
from eitui.analysis.pareto import ACCURACY, COSTS, LOSS, TradeOff, trade_off
from eitui.domain.run import Run, Target
from eitui.domain.trial import INT8, Trial
from eitui.view.kit.lines import TONES, Line, width_of
from eitui.view.run.scatter import choices, counted, point_line, trade_off_chart, trade_off_scatter, why_no_points

LENS = Lens()
LATENCY, RAM, ROM = COSTS.values()
KIB = 1024

RUN = run(
    completed("cheap", 0.70, 0.9, latency_ms=10),
    completed("good", 0.90, 0.5, latency_ms=40),
    completed("worse", 0.80, 0.6, latency_ms=60),
    completed("fat", 0.95, 0.2, latency_ms=50, ram_bytes=200 * KIB),
    completed("slow", 0.85, 0.7, latency_ms=150, ram_bytes=200 * KIB),
    failed("broken"),
    pending("waiting"),
)


def text(lines: list[Line]) -> list[str]:
    return ["".join(span for span, _ in line) for line in lines]


def names(of: Run) -> dict[str, str]:
    return {trial.id: trial.name for trial in of.trials}


def read(of: Run, trial_id: str, trade: TradeOff | None = None) -> list[str]:
    trade = trade or trade_off(of)
    point = next(point for point in trade.points if point.trial_id == trial_id)
    return [line.strip() for line in text(point_line(trade, point, of, LENS, names(of), 120))]


@pytest.mark.parametrize("width", [80, 120])
def test_a_long_name_is_cut_and_the_figures_are_not(width: int) -> None:
    trade, called = trade_off(RUN), dict.fromkeys(names(RUN), "spectral-analysis-" * 8)
    by_id = {point.trial_id: point for point in trade.points}
    first, second = text(point_line(trade, by_id["worse"], RUN, LENS, called, width))
    assert first.startswith(" spectral-")
    assert first.rstrip().endswith("analysis-  val accuracy 80.0%  latency 60 ms  RAM 64 KB  ROM 256 KB")
    assert second.startswith(" • beaten by spectral-analysis-")
    assert second.rstrip().endswith("analysis-: 90.0% at 40 ms")
    assert len(first) == len(second) == width


def test_every_kind_of_point_has_its_own_sign() -> None:
    signs = {(sign.x, sign.y): (sign.char, sign.tone) for sign in trade_off_chart(trade_off(RUN), LENS, None).points}
    assert signs == {
        (10, 0.70): ("◆", "good"),
        (40, 0.90): ("◆", "good"),
        (60, 0.80): ("•", "dim"),
        (50, 0.95): ("◇", "warn"),
        (150, 0.85): ("×", "dim"),
    }


def test_the_line_joins_those_that_can_be_chosen_and_ends_at_the_limit() -> None:
    found = trade_off_chart(trade_off(RUN), LENS, None)
    assert found.steps == ((10, 0.70), (40, 0.90))
    assert found.steps_end == 100
    assert [(rule.x, rule.label) for rule in found.rules] == [(100, "limit 100 ms")]
    assert (found.x_label, found.title) == ("latency, ms", "val accuracy")


def test_where_none_is_within_the_limits_the_line_is_the_front_of_all() -> None:
    over = run(completed("a", 0.5, latency_ms=200), completed("b", 0.6, latency_ms=300))
    trade = trade_off(over)
    assert [point.trial_id for point in choices(trade)] == ["a", "b"]
    assert trade_off_chart(trade, LENS, None).steps_end is None


@pytest.mark.parametrize(
    ("cost", "name", "label"),
    [(RAM, "RAM, KB", "limit 128 KB"), (ROM, "ROM, KB", "limit 512 KB")],
)
def test_memory_is_in_its_own_unit(cost: object, name: str, label: str) -> None:
    found = trade_off_chart(trade_off(RUN, cost=cost), LENS, None)  # type: ignore[arg-type]
    assert found.x_label == name
    assert found.rules[0].label == label


def test_a_limit_far_off_does_not_make_the_axis_longer() -> None:
    near = replace(RUN, config=replace(RUN.config, target=replace(TARGET, latency_ms=200)))
    far = replace(RUN, config=replace(RUN.config, target=replace(TARGET, latency_ms=5000)))
    assert trade_off_chart(trade_off(near), LENS, None).x.high == 200
    assert trade_off_chart(trade_off(far), LENS, None).x.high == 150
    assert "limit 5.0 s →" in text(trade_off_scatter(trade_off(far), LENS, None, 80, 20))[1]


def test_without_a_limit_there_is_no_line_for_it() -> None:
    free = replace(RUN, config=replace(RUN.config, target=Target()))
    found = trade_off_chart(trade_off(free), LENS, None)
    assert (found.rules, found.steps_end) == ((), None)
    assert {sign.char for sign in found.points} == {"◆", "•"}


def test_loss_goes_down_and_test_figures_are_called_so() -> None:
    trade = trade_off(RUN, LOSS)
    assert trade_off_chart(trade, LENS, None).steps == ((10, 0.9), (40, 0.5))
    assert trade_off_chart(trade, Lens("test", INT8), None).title == "test loss"


def test_the_picture() -> None:
    trade = trade_off(RUN)
    lines = text(trade_off_scatter(trade, LENS, trade.points[1], 60, 16))
    assert lines[0].rstrip() == " ◆ on the front  • beaten  × over a limit  ◇ front, over a …"
    body = "\n".join(lines)
    for wanted in ("[◆]", "◇", "×", "┊", "┘", "95%┤", "70%┤", "latency, ms", "limit 100 ms"):
        assert wanted in body
    assert all(len(line) == 60 for line in lines)


def test_points_are_read_out() -> None:
    assert read(RUN, "good") == [
        "mfe-conv1d-good  val accuracy 90.0%  latency 40 ms  RAM 64 KB  ROM 256 KB",
        "◆ on the front: best accuracy within the limits at this latency",
    ]
    assert read(RUN, "worse")[1] == "• beaten by mfe-conv1d-good: 90.0% at 40 ms"
    assert read(RUN, "fat") == [
        "mfe-conv1d-fat  val accuracy 95.0%  latency 50 ms  RAM 200 KB!  ROM 256 KB",
        "× over: RAM  ◇ would be on the front",
    ]
    assert read(RUN, "slow")[1] == "× over: latency, RAM  • beaten by mfe-conv1d-fat: 95.0% at 50 ms"


def test_equal_points_are_counted() -> None:
    same = run(*(completed(str(n), 0.9) for n in range(4)))
    assert read(same, "2")[1].endswith("3 more just like it")
    assert trade_off_chart(trade_off(same), LENS, None).steps == ((50, 0.9),) * 4
    assert len(trade_off_scatter(trade_off(same), LENS, None, 80, 20)) == 20


def test_what_is_left_out_is_counted() -> None:
    of = run(*RUN.trials, completed("dumb", None, 0.3), completed("unknown", 0.8, latency_ms=None))
    assert counted(trade_off(of)) == (
        "5 trials plotted (2 over a limit); not shown: 1 without accuracy, 1 without latency, 1 failed, 1 unfinished"
    )
    assert counted(trade_off(run(completed("1")))) == "1 trial plotted"


@pytest.mark.parametrize(
    ("of", "result"),
    [
        (run(), "No trials yet: each"),
        (run(pending("1"), failed("2")), "No trial has completed yet: 1 unfinished, 1 failed."),
        (run(completed("1", None)), "No point to draw: 1 completed, none with an accuracy. m shows the loss."),
        (run(completed("1", latency_ms=None)), "No point to draw: 1 completed, and the service sent no latency"),
        (RUN, ""),
    ],
)
def test_why_there_is_none(of: Run, result: str) -> None:
    found = why_no_points(trade_off(of))
    assert found.startswith(result)
    assert bool(found) == bool(result)


FIGURE = st.none() | st.floats() | st.sampled_from([0.0, 0.5, 1.0, 1e300, -1.0])
SIZE = st.none() | st.integers(-5, 2**70) | st.integers(0, 4096)
TRIAL = st.builds(lambda *figures: figures, FIGURE, FIGURE, FIGURE, SIZE, SIZE)
LIMIT = st.none() | st.floats(0, 1e12)


@given(
    st.lists(TRIAL, max_size=8),
    LIMIT,
    LIMIT,
    st.sampled_from([ACCURACY, LOSS]),
    st.sampled_from(list(COSTS.values())),
    st.integers(-1, 130),
    st.integers(-1, 40),
)
def test_any_figures_can_be_shown(
    rows: list[tuple[float | None, ...]],
    latency: float | None,
    ram: float | None,
    metric: object,
    cost: object,
    width: int,
    height: int,
) -> None:
    trials: list[Trial] = [completed(str(number), *cast("tuple[Any, ...]", row)) for number, row in enumerate(rows)]
    target = Target("device", latency, None if ram is None else int(ram), 4096)
    of = run(*trials)
    of = replace(of, config=replace(of.config, target=target))
    trade = trade_off(of, metric, cost, LENS)  # type: ignore[arg-type]
    assert bool(why_no_points(trade)) == (not trade.points)
    counted(trade)
    for point in trade.points:
        lines = [
            *trade_off_scatter(trade, LENS, point, width, height),
            *point_line(trade, point, of, LENS, names(of), max(0, width)),
        ]
        assert len(lines) == max(0, height) + 2
        assert all(width_of(line) == max(0, width) for line in lines)
        assert {tone for line in lines for _, tone in line} <= {*TONES, ""}
