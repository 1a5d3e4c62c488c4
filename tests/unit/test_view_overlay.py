"""Curves of several trials in one chart. All figures are synthetic."""

import math

import pytest
from build import completed, running
from hypothesis import given
from hypothesis import strategies as st

from eitui.domain.history import Curve, Epoch
from eitui.view.charts import ChartSpec, Series
from eitui.view.lines import Line, width_of
from eitui.view.marks import SIGNS, mark
from eitui.view.overlay import overlay, why_empty
from eitui.view.overlay_plot import draw_overlay


def curve(*numbers: int, offset: float = 0.0) -> Curve:
    return Curve(tuple(Epoch(n, 2 / n, 2.5 / n + offset, 1 - 0.5 / n, 0.9 - 0.7 / n - offset) for n in numbers))


def spec_of(*curves: Curve, quantity: str = "loss", cycles: int | None = None, **how: bool) -> ChartSpec:
    trials = [completed(f"{n:03x}") for n in range(len(curves))]
    by_id = {trial.id: curve for trial, curve in zip(trials, curves, strict=True)}
    return overlay(trials, by_id, [mark(n) for n in range(len(trials))], quantity, cycles, **how)  # type: ignore[arg-type]


def text(picture: tuple[Line, ...]) -> list[str]:
    return ["".join(span for span, _ in line) for line in picture]


def cells(picture: tuple[Line, ...]) -> list[list[tuple[str, str]]]:
    return [[(char, tone) for span, tone in line for char in span] for line in picture]


def straight(*points: tuple[int, float], style: str = "mark1", sign: str = "●") -> Series:
    return Series(f"{sign} name", style, (points,), points[-1][1])


def test_series_are_the_validation_figures_under_their_marks() -> None:
    spec = spec_of(curve(1, 2, 3), curve(2, 3, 5, offset=0.1), cycles=50)
    assert spec == ChartSpec(
        "val loss",
        (
            Series("● mfe-conv1d-000", "mark1", (((1, 2.5), (2, 1.25), (3, 2.5 / 3)),), 2.5 / 3),
            Series("▲ mfe-conv1d-001", "mark2", (((2, 1.35), (3, 2.5 / 3 + 0.1)), ((5, 0.6),)), 0.6),
        ),
        (1, 50),
        y_label="val loss",
    )


def test_accuracies_have_the_tenths_that_hold_them() -> None:
    spec = spec_of(curve(4, 5, 6), curve(4, 5, 6, offset=0.1), quantity="accuracy")
    assert (spec.title, spec.percent, spec.x_range) == ("val accuracy", True, (1, 6))
    # From 0.9 - 0.7 / 4 - 0.1 = 0.625 to 0.9 - 0.7 / 6 = 0.783.
    assert spec.y_range == (0.6, 0.8)
    assert spec_of(Curve((Epoch(1, 1, 1, 1.0, 1.0),)), quantity="accuracy").y_range == (0.8, 1.0)


def test_what_was_not_seen_or_is_null_breaks_the_line() -> None:
    epochs = (Epoch(1, 1, 0.5), Epoch(2, 1, None), Epoch(3, 1, 0.3), Epoch(4, 1, math.nan), Epoch(5, 1, math.inf))
    (series,) = spec_of(Curve(epochs)).series
    assert series.segments == (((1, 0.5),), ((3, 0.3),))
    assert series.latest is None


def test_a_network_without_accuracy_has_no_series() -> None:
    regression = Curve((Epoch(1, 0.5, 0.6, 0.0, 0.0), Epoch(2, 0.4, 0.5, 0.0, 0.0)))
    spec = spec_of(regression, curve(1, 2), quantity="accuracy")
    assert [bool(series.segments) for series in spec.series] == [False, True]


def test_the_figures_of_the_training_data_can_be_shown() -> None:
    spec = spec_of(curve(1, 2), train=True)
    assert (spec.title, spec.series[0].segments) == ("train loss", (((1, 2.0), (2, 1.0)),))
    spec = spec_of(curve(1, 2), quantity="accuracy", train=True)
    assert (spec.title, spec.series[0].segments) == ("train accuracy", (((1, 0.5), (2, 0.75)),))


def test_a_logarithmic_axis_has_gaps_where_there_is_no_logarithm() -> None:
    epochs = (Epoch(1, 1, 100.0), Epoch(2, 1, 0.0), Epoch(3, 1, 0.01), Epoch(4, 1, -1.0))
    spec = spec_of(Curve(epochs), log=True)
    assert spec.log
    assert spec.series[0].segments == (((1, 100.0),), ((3, 0.01),))


def test_on_a_logarithmic_axis_equal_factors_are_equally_far_apart() -> None:
    spec = ChartSpec("t", (straight((1, 0.01), (2, 1.0), (3, 100.0)),), (1, 3), log=True)
    lines = [line[line.index("│" if "│" in line else "┤") + 1 :] for line in text(draw_overlay(spec, 46, 16))[1:-2]]
    rows = [row for row, line in enumerate(lines) for char in line if char.strip()]
    assert (min(rows), max(rows)) == (0, len(lines) - 1)
    # The middle of the line is in the middle of the plot, where a plain axis would have it at the bottom.
    middle = next(row for row, line in enumerate(lines) if line[len(line) // 2].strip())
    assert abs(middle - (len(lines) - 1) / 2) <= 1


def test_trials_that_were_not_seen_are_counted() -> None:
    assert spec_of(curve(1, 2), Curve(), Curve()).note == "2 not seen to train"


@pytest.mark.parametrize(
    ("curves", "quantity", "said"),
    [
        ((), "loss", "No trial is marked: mark some in the trial table with space."),
        ((Curve(),), "loss", "None of the marked trials was seen to train"),
        ((Curve((Epoch(1),)),), "loss", "The service sent null in place of a loss"),
        ((Curve((Epoch(1, 0.5, 0.5, 0.0, 0.0),)),), "accuracy", "None of the marked trials has an accuracy"),
        ((Curve(), curve(1, 2)), "loss", ""),
    ],
)
def test_an_empty_chart_says_why(curves: tuple[Curve, ...], quantity: str, said: str) -> None:
    trials = [running(str(n)) for n in range(len(curves))]
    by_id = dict(zip(map(str, range(len(curves))), curves, strict=True))
    found = why_empty(trials, by_id, quantity)  # type: ignore[arg-type]
    assert found.startswith(said)
    assert bool(found) == bool(said)
    assert spec_of(*curves, quantity=quantity).empty == bool(said)


def test_a_chart_reads_without_colour() -> None:
    lines = text(draw_overlay(spec_of(curve(*range(1, 31)), curve(*range(1, 31), offset=0.5), cycles=50), 70, 12))
    assert lines[0] == "val loss  ● mfe-conv1d-000 0.0833  ▲ mfe-conv1d-001 0.5833"
    assert [line[:6] for line in lines[1:11] if line[:6].strip() != "│"] == [
        "    3┤",
        "    2┤",
        "    1┤",
        "    0┤",
        "     └",
    ]
    assert lines[-1].split() == ["epoch", "1", "10", "20", "30", "40", "50"]
    plot = "".join(line[6:] for line in lines[1:10])
    assert plot.count("●") >= 2
    assert plot.count("▲") >= 2
    assert any("⠀" < char <= "⣿" for char in plot)


def test_every_series_has_its_sign_and_tone_where_it_runs() -> None:
    spec = spec_of(*(curve(*range(1, 41), offset=0.3 * n) for n in range(8)))
    grid = cells(draw_overlay(spec, 100, 30))
    plot = [cell for row in grid[4:] for cell in row]
    for number, sign in enumerate(SIGNS):
        assert plot.count((sign, f"mark{number + 1}")) >= 3
    assert {tone for char, tone in plot if "⠀" < char <= "⣿"} == {f"mark{n + 1}" for n in range(8)}


def test_a_straight_line_is_drawn_from_corner_to_corner() -> None:
    spec = ChartSpec("t", (straight((1, 0.0), (9, 1.0)),), (1, 9), (0.0, 1.0))
    # Too low for axes: 4 by 3 cells are 8 by 12 dots.
    assert text(draw_overlay(spec, 4, 4))[1:] == ["  ⢠●", " ⣰⠋ ", "●⠃  "]


def test_no_extreme_is_lost() -> None:
    points = [(n, 0.5) for n in range(1, 10_001)]
    points[4_321], points[7_777] = (4_322, 1.0), (7_778, 0.0)
    spec = ChartSpec("t", (Series("● x", "mark1", (tuple(points),), 0.5),), (1, 10_000), (0.0, 1.0))
    rows = text(draw_overlay(spec, 20, 5))[1:]
    assert [column for column, char in enumerate(rows[0]) if char.strip()] == [4_321 * 40 // 10_000 // 2]
    assert [column for column, char in enumerate(rows[-1]) if char.strip()] == [7_777 * 40 // 10_000 // 2]


def test_a_gap_is_not_bridged_and_an_epoch_alone_is_its_sign() -> None:
    rows = text(draw_overlay(spec_of(curve(*range(1, 11), *range(31, 41)), cycles=40), 86, 14))[1:-2]
    drawn = {column - 6 for row in rows for column, char in enumerate(row) if column >= 6 and char.strip()}
    # 80 columns for 40 epochs: epoch n stands near column 2 n.
    assert not drawn & set(range(2 * 11, 2 * 30 - 1))
    assert drawn & set(range(2 * 31, 80))
    rows = text(draw_overlay(spec_of(curve(20), cycles=40), 86, 14))[1:-2]
    assert [char for row in rows for char in row[6:] if char.strip()] == ["●"]


def test_the_legend_shortens_names_then_drops_them_then_counts() -> None:
    spec = spec_of(*(curve(1, 2, offset=n) for n in range(8)))
    assert text(draw_overlay(spec, 80, 9))[:3] == [
        "val loss  ● mfe-conv1d-000 1.250  ▲ mfe-conv1d-001 2.250  ■ mfe-conv1d-002 3.250",
        "◆ mfe-conv1d-003 4.250  ✚ mfe-conv1d-004 5.250  ▼ mfe-conv1d-005 6.250",
        "○ mfe-conv1d-006 7.250  △ mfe-conv1d-007 8.250",
    ]
    assert text(draw_overlay(spec, 80, 6))[:2] == [
        "val loss  ● …v1d-000 1.250  ▲ …v1d-001 2.250  ■ …v1d-002 3.250  ◆ …v1d-003 4.250",
        "✚ …v1d-004 5.250  ▼ …v1d-005 6.250  ○ …v1d-006 7.250  △ …v1d-007 8.250",
    ]
    assert text(draw_overlay(spec, 80, 5))[0] == (
        "val loss  ● 1.250  ▲ 2.250  ■ 3.250  ◆ 4.250  ✚ 5.250  ▼ 6.250  ○ 7.250  △ 8.250"
    )
    assert text(draw_overlay(spec, 60, 5))[0] == "val loss  ● 1.250  ▲ 2.250  ■ 3.250  ◆ 4.250  +4 more"
    assert text(draw_overlay(spec, 10, 3))[0] == "val loss"


def test_a_trial_without_a_figure_stays_in_the_legend() -> None:
    assert "▲ mfe-conv1d-001 –" in text(draw_overlay(spec_of(curve(1, 2), Curve()), 100, 10))[0]


def test_an_empty_chart_is_its_legend_and_blank_lines() -> None:
    lines = text(draw_overlay(spec_of(Curve()), 60, 5))
    assert lines == ["val loss  1 not seen to train  ● mfe-conv1d-000 –", "", "", "", ""]
    assert draw_overlay(spec_of(Curve()), 0, 2) == ((), ())
    assert draw_overlay(spec_of(Curve()), 5, 0) == ()


def test_more_than_eight_are_told_apart_by_letters() -> None:
    spec = spec_of(*(curve(*range(1, 20), offset=0.2 * n) for n in range(10)))
    plot = "".join(text(draw_overlay(spec, 120, 40))[4:])
    assert "a" in plot
    assert "b" in plot


FIGURES = st.none() | st.floats()
CURVES = st.lists(st.tuples(st.integers(0, 10**7), FIGURES, FIGURES), max_size=30, unique_by=lambda row: row[0]).map(
    lambda rows: Curve(tuple(Epoch(n, loss, loss, acc, acc) for n, loss, acc in sorted(rows, key=lambda row: row[0])))
)


@given(
    st.lists(CURVES, max_size=10),
    st.sampled_from(["loss", "accuracy"]),
    st.none() | st.integers(1, 10**12),
    st.integers(-1, 120),
    st.integers(-1, 30),
    st.booleans(),
    st.booleans(),
)
def test_any_curves_can_be_drawn(
    curves: list[Curve], quantity: str, cycles: int | None, width: int, height: int, train: bool, log: bool
) -> None:
    log = log and quantity == "loss"
    picture = draw_overlay(spec_of(*curves, quantity=quantity, cycles=cycles, train=train, log=log), width, height)
    assert len(picture) == max(0, height)
    assert all(width_of(line) <= max(0, width) for line in picture)
    tones = {f"mark{n}" for n in range(1, 9)} | {"title", "dim", ""}
    assert {tone for line in picture for _, tone in line} <= tones


@given(CURVES, st.integers(1, 9))
def test_equal_curves_have_equal_specs(curve: Curve, cycles: int) -> None:
    copy = Curve(tuple(Epoch(e.epoch, e.loss, e.val_loss, e.accuracy, e.val_accuracy) for e in curve.epochs))
    assert spec_of(curve, cycles=cycles) == spec_of(copy, cycles=cycles)
