"""Which classes are taken for which: by hand-computed values."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.confusion import Mistake, class_scores, mistakes, row_shares, worst
from eitui.domain.detail import ClassScore, Confusion

THREE = Confusion(("a", "b", "c"), ((6, 3, 1), (0, 0, 0), (1, 0, 4)))


def test_rows_are_divided_by_their_sum() -> None:
    assert row_shares(THREE.counts) == ((0.6, 0.3, 0.1), None, (0.2, 0.0, 0.8))


def test_nothing_has_no_shares() -> None:
    assert row_shares(()) == ()


@given(st.integers(1, 6).flatmap(lambda n: st.lists(st.lists(st.integers(0, 10**15), min_size=n, max_size=n))))
def test_the_shares_of_a_row_come_to_one(counts: Any) -> None:
    for row, shares in zip(counts, row_shares(counts), strict=True):
        assert (shares is None) == (sum(row) == 0)
        assert shares is None or abs(sum(shares) - 1) < 1e-9


def test_mistakes_are_ordered_by_samples_then_by_share() -> None:
    assert mistakes(THREE) == [
        Mistake("a", "b", 3, 0.3),
        Mistake("c", "a", 1, 0.2),
        Mistake("a", "c", 1, 0.1),
    ]


def test_scores_by_hand() -> None:
    # a: 6 of 7 predicted, 6 of 10 true, F1 = 12/17. c: 4 of 5 and 4 of 5.
    assert class_scores(THREE) == (
        ClassScore("a", 6 / 7, 0.6, 12 / 17, 10),
        ClassScore("b", 0.0, None, None, 0),
        ClassScore("c", 0.8, 0.8, 0.8, 5),
    )


def test_a_class_that_is_never_predicted_has_no_precision() -> None:
    never = Confusion(("a", "b"), ((0, 2), (0, 3)))
    assert class_scores(never)[0] == ClassScore("a", None, 0.0, 0.0, 2)


def test_the_worst_is_the_first_of_the_lowest() -> None:
    scores = [ClassScore("a", recall=0.5), ClassScore("b"), ClassScore("c", recall=0.2), ClassScore("d", recall=0.2)]
    found = worst(scores)
    assert found is not None
    assert found.name == "c"
    assert worst([ClassScore("b")]) is None
