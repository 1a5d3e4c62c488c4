"""Which columns there are, in the user's order."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from eitui.view.run.arrangement import MOVABLE, USUAL, Arrangement, arranged, most_moved, window
from eitui.view.run.columns import COLUMNS

ARRANGEMENTS = st.builds(
    Arrangement, st.permutations(MOVABLE).map(tuple), st.frozensets(st.sampled_from(MOVABLE), max_size=12)
)


def keys(arrangement: Arrangement) -> list[str]:
    return [column.key for column in arrangement.columns]


def test_usually_all_are_there() -> None:
    assert USUAL.columns == COLUMNS
    assert all(own is usual for own, usual in zip(USUAL.columns, COLUMNS, strict=True))


def test_hidden_ones_are_not_and_come_back_where_they_were() -> None:
    hidden = USUAL.toggled("round").toggled("loss")
    assert keys(hidden)[:5] == ["mark", "name", "status", "epoch", "curve"]
    assert hidden.toggled("loss").toggled("round") == USUAL


def test_columns_move_as_far_as_there_are_places() -> None:
    moved = USUAL.moved("worst_recall", -100)
    assert keys(moved)[:4] == ["mark", "name", "worst_recall", "status"]
    assert keys(moved.moved("worst_recall", 1))[:4] == ["mark", "name", "status", "worst_recall"]
    assert moved.moved("worst_recall", 100).order[-1] == "worst_recall"


def in_sight(arrangement: Arrangement, width: int) -> list[str]:
    return [column.key for column in window(width, 0, arrangement.columns)]


def test_a_column_moved_to_the_front_is_in_sight() -> None:
    assert "worst_recall" not in in_sight(USUAL, 120)
    assert in_sight(USUAL.moved("worst_recall", -100), 120)[2] == "worst_recall"
    assert in_sight(USUAL.moved("worker", -100), 80)[2:4] == ["worker", "status"]


def test_a_column_moved_back_leaves_the_others_as_important_as_they_were() -> None:
    usual = in_sight(USUAL, 80)
    assert sorted(in_sight(USUAL.moved("status", 100), 80)) == sorted(usual)


def test_what_was_kept_may_lack_columns_or_have_unknown_ones() -> None:
    found = arranged(["rom", "colour", "status", "rom"], ["colour", "name", "epoch"])
    assert found.hidden == {"epoch"}
    assert [key for key in found.order if key in ("rom", "status")] == ["rom", "status"]
    assert set(found.order) == set(MOVABLE)
    assert arranged([], []) == USUAL


@given(ARRANGEMENTS)
def test_what_was_kept_comes_back(arrangement: Any) -> None:
    assert arranged(arrangement.order, arrangement.hidden) == arrangement


@given(ARRANGEMENTS, st.integers(40, 220))
def test_every_column_can_be_brought_into_sight(arrangement: Any, width: int) -> None:
    columns = arrangement.columns
    seen = {column.key for moved in range(most_moved(width, columns) + 1) for column in window(width, moved, columns)}
    assert seen == {column.key for column in columns}
