"""The table of differences, and the marks. All trials are synthetic."""

import math
from collections.abc import Sequence

import pytest
from build import completed, failed, pending
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.compare import Comparison, ComparisonRow, compare
from eitui.analysis.figures import FigureKind
from eitui.domain.trial import INT8
from eitui.view.kit.cells import len_cells, tail
from eitui.view.kit.format import number
from eitui.view.kit.keys import keyed
from eitui.view.kit.lines import Line, width_of
from eitui.view.kit.marks import MARK_SIGNS, MARK_TONES, Mark, assign, mark
from eitui.view.run.compare import HOW_TO_COMPARE, columns_that_fit, compare_table, shown_values

WIDTHS = (60, 80, 100, 120, 160, 200)


def whole(comparison: Comparison, marks: Sequence[Mark], width: int, first: int = 0) -> list[Line]:
    top, below = compare_table(comparison, marks, width, first)
    return top + below


def text(lines: list[Line]) -> list[str]:
    return ["".join(span for span, _ in line).rstrip() for line in lines]


def table(count: int, width: int = 120, first: int = 0) -> list[Line]:
    trials = [completed(f"{n:03x}", 0.9 - n / 100, latency_ms=50 + n) for n in range(count)]
    parameters: list[dict[str, str | float]] = [{"learn.width": 8.0 * n, "dsp.type": "mfe"} for n in range(count)]
    marks = [mark(n) for n in range(count)]
    return whole(compare(trials, parameters, INT8), marks, width, first)


def test_the_table() -> None:
    trials = [completed("934", 0.913, 0.3, 50), completed("63a", 0.9, 0.25, 112), failed("e7a")]
    parameters: list[dict[str, str | float]] = [
        {"learn.width": 8.0, "training.learning_rate": 0.005, "dsp.type": "mfe", "mfe.n": 40.0},
        {"learn.width": 16.0, "training.learning_rate": 0.0005, "dsp.type": "mfe"},
        {"learn.width": 8.0, "training.learning_rate": 0.005, "dsp.type": "mfe", "mfe.n": 80.0},
    ]
    lines = whole(compare(trials, parameters, INT8), [mark(0), mark(1), mark(3)], 90)
    assert text(lines) == [
        "                           ● mfe-conv1d-934      ▲ mfe-conv1d-63a      ◆ mfe-conv1d-e7a",
        "parameters  1 the same",
        "learn.width                               8                    16                     8",
        "training.learning_rate                0.005                0.0005                 0.005",
        "mfe.n                                    40                     –                    80",
        "metrics  1 the same  ≈ tie within 1.5 points of *",
        "source                           evaluation            evaluation                     –",
        "status                            completed             completed                failed",
        "val accuracy                          91.3%*                90.0%≈                    –",
        "train accuracy                        99.0%                 99.0%                     –",
        "val loss                             0.3000                0.2500*                    –",
        "train loss                           0.1000                0.1000                     –",
        "latency                               50 ms*               112 ms                     –",
        "DSP latency                          0.0 ms                0.0 ms                     –",
        "network latency                       50 ms*               112 ms                     –",
        "RAM                                   64 KB                 64 KB                     –",
        "ROM                                  256 KB                256 KB                     –",
        "DSP RAM                                 0 B                   0 B                     –",
        "network RAM                           64 KB                 64 KB                     –",
        "epochs                                   50                    50                     –",
    ]
    assert [tone for span, tone in lines[0] if span.strip()] == ["mark1", "mark2", "mark4"]
    assert [tone for _, tone in lines[8]] == ["key", "good", "", "dim"]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("count", [2, 3, 8, 20])
def test_no_line_is_wider_than_the_screen(width: int, count: int) -> None:
    lines = table(count, width)
    assert max(map(width_of, lines)) <= width
    # All lines with columns end at the same cell: a table is a table.
    assert len({width_of(line) for line in lines if len(line) > 3}) == 1


@pytest.mark.parametrize(("width", "shown"), [(60, 3), (80, 5), (120, 8), (200, 15)])
def test_wider_screens_show_more_trials(width: int, shown: int) -> None:
    lines = table(20, width)
    assert text(lines)[0] == f"{shown} of 20 trials in sight: {20 - shown} to the right"
    assert sum(sign in "".join(span for span, _ in lines[1]) for sign in MARK_SIGNS) == min(shown, len(MARK_SIGNS))


def test_the_columns_can_be_moved_and_stop_at_the_end() -> None:
    assert text(table(20, 60, 2))[0] == "3 of 20 trials in sight: 2 to the left, 15 to the right"
    assert text(table(20, 60, 99))[0] == "3 of 20 trials in sight: 17 to the left"
    assert text(table(20, 60, 99)) == text(table(20, 60, 17))
    assert text(table(20, 60, -5)) == text(table(20, 60))
    assert not text(table(3, 60))[0].startswith("3 of")


def test_a_narrow_header_keeps_what_tells_trials_apart() -> None:
    assert [span.strip() for span, _ in table(20, 60)[1] if span.strip()] == [
        "● …onv1d-000",
        "▲ …onv1d-001",
        "■ …onv1d-002",
    ]


def test_fewer_than_two_trials_say_what_to_do() -> None:
    result = " ".join(text(whole(Comparison(), [], 80)))
    assert result == f"No trial is marked. {keyed(HOW_TO_COMPARE)}"
    one = compare([completed("1")], [{"a": 1.0}], INT8)
    assert text(whole(one, [mark(0)], 80))[0].startswith("Only one trial is marked")


def test_sections_without_rows_say_why() -> None:
    same = compare([completed("1"), completed("2")], [{"a": 1.0}] * 2, INT8)
    assert text(whole(same, [mark(0), mark(1)], 80))[1:] == [
        "parameters: no differences, 1 the same",
        "metrics: no differences, 15 the same",
    ]
    bare = compare([pending("1"), completed("2")], [{}, {}], INT8)
    assert text(whole(bare, [mark(0), mark(1)], 80))[1] == (
        "parameters: the service gave no parameters for any of these"
    )


@pytest.mark.parametrize(
    ("row", "texts"),
    [
        (ComparisonRow("a", (8.0, None, "x")), ["8", "–", "x"]),
        (ComparisonRow("a", (0.001, 0.0010000001)), ["0.001", "0.0010000001"]),
        (ComparisonRow("a", (0.1, math.nextafter(0.1, 1))), ["0.10000000000000001", "0.10000000000000002"]),
        (ComparisonRow("a", (0.91301, 0.91302), FigureKind.SHARE), ["91.301%", "91.302%"]),
        (ComparisonRow("a", (0.913, 0.92, 0.913), FigureKind.SHARE), ["91.3%", "92.0%", "91.3%"]),
        (ComparisonRow("a", (0.123401, 0.123402), FigureKind.LOSS), ["0.123401", "0.123402"]),
        (ComparisonRow("a", (50.1, 50.2), FigureKind.LATENCY), ["50.1 ms", "50.2 ms"]),
        (ComparisonRow("a", (131072.0, 131073.0), FigureKind.MEMORY), ["131072 B", "131073 B"]),
        (ComparisonRow("a", (131072.0, 65536.0), FigureKind.MEMORY), ["128 KB", "64 KB"]),
        (ComparisonRow("a", (3.0, 12.0), FigureKind.COUNT), ["3", "12"]),
        (ComparisonRow("a", (0.5, "x"), FigureKind.SHARE), ["50.0%", "x"]),
    ],
)
def test_values_that_differ_read_differently(row: ComparisonRow, texts: list[str]) -> None:
    assert shown_values(row) == texts


@given(st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=6))
def test_any_two_different_numbers_read_differently(values: list[float | None]) -> None:
    texts = shown_values(ComparisonRow("a", tuple(values)))
    shown = {text for text, value in zip(texts, values, strict=True) if value is not None}
    assert len(shown) == len({value for value in values if value is not None})


def test_numbers_are_short() -> None:
    assert [number(value) for value in (128.0, 0.005, -2.0, 1e20, 1 / 3)] == ["128", "0.005", "-2", "1e+20", "0.333333"]


@pytest.mark.parametrize(
    ("name", "width", "shown"),
    [("mfe-934", 7, "mfe-934"), ("mfe-934", 5, "…-934"), ("全角-1", 4, "…-1"), ("abc", 1, "…"), ("abc", 0, "")],
)
def test_tails(name: str, width: int, shown: str) -> None:
    assert tail(name, width) == shown


@given(st.text(max_size=20), st.integers(0, 25))
def test_a_tail_is_never_too_wide(name: str, width: int) -> None:
    assert len_cells(tail(name, width)) <= width


def test_marks_are_told_apart_by_shape_alone() -> None:
    marks = [mark(number) for number in range(34)]
    assert len({one.sign for one in marks}) == 34
    assert all(len_cells(one.sign) == 1 for one in marks)
    assert not {one.sign for one in marks} & set("★☆")
    assert len(MARK_TONES) == len(MARK_SIGNS) == 8
    assert mark(0) == Mark("●", "mark1")
    assert mark(8) == Mark("a", "")
    assert mark(34) == mark(10**6) == mark(-1) == Mark("+", "")


def test_a_trial_keeps_its_mark_while_others_come_and_go() -> None:
    numbers = assign(["x", "y", "z"], {})
    assert numbers == {"x": 0, "y": 1, "z": 2}
    numbers = assign(["x", "z"], numbers)
    assert numbers == {"x": 0, "z": 2}
    numbers = assign(["x", "z", "new", "other"], numbers)
    assert numbers == {"x": 0, "z": 2, "new": 1, "other": 3}
    assert list(assign(["other", "x"], numbers).items()) == [("other", 3), ("x", 0)]


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), unique=True), max_size=6))
def test_marks_are_never_shared_and_never_change(rounds: list[list[str]]) -> None:
    numbers: dict[str, int] = {}
    for marked in rounds:
        before, numbers = numbers, assign(marked, numbers)
        assert list(numbers) == marked
        assert len(set(numbers.values())) == len(marked)
        assert all(numbers[one] == before[one] for one in marked if one in before)


NAMES = st.text(min_size=1, max_size=30)


@given(
    st.lists(st.dictionaries(NAMES, st.text(max_size=40) | st.floats(), max_size=4), min_size=2, max_size=9),
    st.integers(40, 200),
    st.integers(-3, 12),
)
def test_any_comparison_can_be_shown(mappings: list[dict[str, str | float]], width: int, first: int) -> None:
    trials = [completed(str(number)) for number in range(len(mappings))]
    comparison = compare(trials, mappings, INT8)
    lines = whole(comparison, [mark(number) for number in range(len(trials))], width, first)
    assert max(map(width_of, lines)) <= width
    assert 1 <= columns_that_fit(comparison, width) <= len(trials)
