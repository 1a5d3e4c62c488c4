"""The confusion matrix as a map: digits in every cell, whatever the size."""

import re
from typing import Any

import pytest
from build import completed, run
from hypothesis import given
from hypothesis import strategies as st
from trial_lines import at_every_width, text

from eitui.analysis.figures import Lens
from eitui.domain.detail import Confusion, EvaluationDetail, TrialDetail
from eitui.domain.trial import FLOAT32, INT8, PENDING, TEST, VALIDATION, Trial
from eitui.view.trial import confusion

TRIAL = completed("1")


def detail(*rows: tuple[float, ...], labels: tuple[str, ...] | None = None) -> TrialDetail:
    names = labels or tuple(f"c{number}" for number in range(len(rows)))
    return TrialDetail({(VALIDATION, INT8): EvaluationDetail(confusion=Confusion(names, rows))})


def shown(of: TrialDetail, width: int = 80, lens: Lens | None = None) -> str:
    return text(confusion.confusion_lines(of, TRIAL, run(TRIAL), width, lens), width)


def diagonal(size: int) -> tuple[tuple[float, ...], ...]:
    """Return a matrix in which every class is right 7 times of 10 and predicted as the next one 3 times."""
    return tuple(
        tuple(7.0 if column == row else 3.0 if column == (row + 1) % size else 0.0 for column in range(size))
        for row in range(size)
    )


def test_a_small_map() -> None:
    assert shown(detail((75, 25, 0), (0, 0, 0), (1, 0, 1999), labels=("no", "noise", "yes"))).splitlines()[:8] == [
        "Confusion  on validation, int8",
        "                no       noise         yes   recall  samples",
        "no           75.0%       25.0%           ·    75.0%      100",
        "noise            –           –           –        –        0",
        "yes           0.1%           ·       99.9%    99.9%    2,000",
        "Rows: true class. Columns: predicted class. In percent of the row, · none.",
        "",
        "Most mistaken",
    ]


def test_a_column_of_samples_without_a_class() -> None:
    matrix = Confusion(("no", "yes"), ((6, 1, 3), (0, 5, 0)), ("uncertain",))
    found = TrialDetail({(VALIDATION, INT8): EvaluationDetail(confusion=matrix)})
    lines = shown(found).splitlines()
    assert [" ".join(line.split()) for line in lines[1:4]] == [
        "no yes uncertain recall samples",
        "no 60.0% 10.0% 30.0% 60.0% 10",
        "yes · 100.0% · 100.0% 5",
    ]
    assert lines[5] == "uncertain: samples without a class, below the threshold or an anomaly."
    assert [" ".join(line.split()) for line in lines[8:]] == [
        "no predicted as uncertain 3 30.0%",
        "no predicted as yes 1 10.0%",
    ]


def test_numbered_columns_say_which_one_is_of_samples_without_a_class() -> None:
    size = 40
    rows = tuple((*row, 1.0) for row in diagonal(size))
    matrix = Confusion(tuple(f"c{number}" for number in range(size)), rows, ("anomaly",))
    for width in (60, 80, 120, 200):
        found = shown(TrialDetail({(VALIDATION, INT8): EvaluationDetail(confusion=matrix)}), width)
        assert "anomaly (column 41): samples without a class" in " ".join(found.split())


def test_the_only_class_may_be_missed() -> None:
    matrix = Confusion(("yes",), ((3, 1),), ("uncertain",))
    found = shown(TrialDetail({(VALIDATION, INT8): EvaluationDetail(confusion=matrix)}))
    assert "yes predicted as uncertain" in " ".join(found.split())


def test_hardly_any_is_not_none() -> None:
    found = shown(detail((99_999, 1), (0, 5)))
    assert "<0.1%" in found
    assert "100.0%" not in found.splitlines()[2]


@pytest.mark.parametrize("size", [2, 3, 7, 10, 16, 20, 26, 33, 40])
def test_every_size_up_to_40_has_a_digit_in_every_cell(size: int) -> None:
    for found in at_every_width(lambda width: confusion.confusion_lines(detail(*diagonal(size)), TRIAL, run(), width)):
        rows = [line for line in found.splitlines() if _ROW.match(line)]
        assert len(rows) == size
        for row in rows:
            assert row.count("·") == size - 2
            # 70 and 30 percent, or 7 and 3 tenths, one beside the other but for the last row.
            assert re.search(r"70?(\.0%)? *30?|30?(\.0%)?[ ·]* *70?", row)


_ROW = re.compile(r" *(\d+ )?c\d+ (?!.*(recall|predicted as| c\d))")


def test_40_classes_on_60_cells_are_tenths_below_numbers() -> None:
    found = shown(detail(*diagonal(40)), 60).splitlines()
    assert found[1].split() == ["1" * 10 + "2" * 10 + "3" * 10 + "4"]
    assert found[2].split() == ["1234567890" * 4]
    assert found[3] == " 1 c0  73" + "·" * 38
    assert "7 is 70 to 79%" in " ".join(found)


@pytest.mark.parametrize(("share", "sign"), [(0.0, "·"), (0.05, ":"), (0.1, "1"), (0.3, "3"), (0.999, "9"), (1.0, "█")])
def test_tenths(share: float, sign: str) -> None:
    row = (1000 * share, 1000 * (1 - share), *[0.0] * 38)
    first = shown(detail(row, *diagonal(40)[1:]), 60).splitlines()[3]
    assert first[7] == sign


def test_41_classes_are_a_list() -> None:
    found = shown(detail(*diagonal(41)))
    assert "41 classes are too many" in found
    assert found.count("predicted as") == 40
    assert found.endswith("  … and 1 more pairs")


def test_200_classes_are_a_list_at_every_width() -> None:
    for found in at_every_width(lambda width: confusion.confusion_lines(detail(*diagonal(200)), TRIAL, run(), width)):
        assert found.count("predicted as") == 40


def test_mistakes_have_samples_and_share() -> None:
    found = shown(detail((6, 3, 1), (0, 5, 0), (1, 0, 4), labels=("no", "noise", "yes"))).splitlines()
    assert [line.split() for line in found[found.index("Most mistaken") + 1 :]] == [
        ["no", "predicted", "as", "noise", "3", "30.0%"],
        ["yes", "predicted", "as", "no", "1", "20.0%"],
        ["no", "predicted", "as", "yes", "1", "10.0%"],
    ]


def test_one_class() -> None:
    found = shown(detail((94,)))
    assert "100.0%" in found
    assert "Only one class: no" in found


def test_a_network_without_mistakes() -> None:
    assert "No mistakes." in shown(detail((5, 0), (0, 5)))


def test_a_matrix_of_zeros_is_a_map_without_shares() -> None:
    assert shown(detail((0, 0), (0, 0))).splitlines()[2].split() == ["c0", "–", "–", "–", "0"]


def test_the_lens_chooses_the_matrix() -> None:
    both = TrialDetail(
        {
            (VALIDATION, INT8): EvaluationDetail(confusion=Confusion(("a",), ((1,),))),
            (TEST, FLOAT32): EvaluationDetail(confusion=Confusion(("b",), ((1,),))),
        }
    )
    assert "on test, float32" in shown(both, lens=Lens(TEST, FLOAT32))


def test_why_there_is_no_matrix() -> None:
    assert "and FOMO, not" in shown(TrialDetail({(VALIDATION, INT8): EvaluationDetail(0.3)}))
    waiting = confusion.confusion_lines(TrialDetail(), Trial("1", "x", PENDING), run(), 80)
    assert "Not started" in text(waiting, 80)


@given(
    st.integers(1, 45).flatmap(
        lambda n: st.tuples(
            st.lists(st.text(max_size=30).map(lambda s: s.replace("\n", " ")), min_size=n, max_size=n),
            st.lists(st.lists(st.floats(0, 2**53), min_size=n, max_size=n), min_size=n, max_size=n),
        )
    ),
    st.integers(60, 200),
)
def test_any_matrix_fits_any_width(labelled: Any, width: int) -> None:
    labels, rows = labelled
    of = detail(*map(tuple, rows), labels=tuple(f"x{label}" for label in labels))
    assert shown(of, width)


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_ground_of_a_cell_says_how_much_is_in_it_and_whether_that_is_right(width: int) -> None:
    shares = (0.0, 0.005, 0.045, 0.15, 0.3, 0.5)
    lines = confusion.confusion_lines(detail(shares[::-1], *diagonal(6)[1:]), TRIAL, run(TRIAL), width)
    cells = lines[2][3:9]
    assert [tone for _, tone in cells] == ["right3", "wrong3", "wrong2", "wrong1", "", "dim"]
    assert len({len(cell) for cell, _ in cells}) == 1
