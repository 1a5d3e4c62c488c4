"""Where the panes of the monitor are: inside of the screen, apart from one another, and by what each has to show."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Region, Size

from eitui.tui.screens.monitor_layout import OVERVIEW, PANES, Chosen, Needs, grown, is_single, plan
from eitui.tui.view_state import Panes

LINES = st.integers(1, 80)
NEEDS = st.builds(
    Needs,
    header=st.integers(1, 12),
    trials=LINES,
    workers=LINES,
    alerts=LINES,
    summary=LINES.map(lambda lines: lambda width: lines),
    result=st.integers(0, 20).map(lambda lines: lambda width, most: min(lines, most)),
    latest=st.booleans(),
    trade_offs=st.booleans(),
)
CELLS = st.integers(-500, 500)
STATES = st.builds(
    Chosen,
    st.sampled_from(PANES),
    st.booleans(),
    st.booleans(),
    st.builds(Panes, st.frozensets(st.sampled_from([*PANES[1:], OVERVIEW])), CELLS, CELLS, CELLS),
)


def cells(found: Region) -> set[tuple[int, int]]:
    return {(x, y) for y in range(found.y, found.bottom) for x in range(found.x, found.right)}


@given(st.integers(1, 240), st.integers(1, 80), NEEDS, STATES)
def test_every_pane_has_cells_of_its_own(width: int, height: int, needs: Needs, state: Chosen) -> None:
    size = Size(width, height)
    found = plan(size, replace(needs, header=min(needs.header, max(1, height // 3))), state)
    taken: set[tuple[int, int]] = set()
    for name, region in found.items():
        assert region in size.region, name
        assert not taken & cells(region), name
        taken |= cells(region)
    if not is_single(size, state):
        assert "trials" in found
        assert {"footer", "timeline", "header"} <= found.keys()
    elif state.pane not in state.panes.hidden:
        assert state.pane in found


def of(trials: int, workers: int = 4, alerts: int = 3, **others: Any) -> Needs:
    return Needs(5, 3 + trials, 1 + workers, 1 + alerts, **others)


@pytest.mark.parametrize("size", [(100, 30), (120, 40)])
def test_no_pane_is_taller_than_what_it_shows_while_the_table_scrolls(size: tuple[int, int]) -> None:
    for trials in (5, 13, 41):
        needs = of(trials)
        found = plan(Size(*size), needs, Chosen())
        scrolls = found["trials"].height < needs.trials
        assert found["trials"].height <= needs.trials
        assert found["alerts"].height <= needs.alerts
        # The curves can always use more: they have no more than they must where the table scrolls.
        assert not scrolls or found["curves"].height <= 11


def test_a_wide_screen_has_the_selected_trial_beside_the_table_and_nothing_blank() -> None:
    size, needs = Size(200, 60), of(13, summary=lambda width: 20, trade_offs=True)
    found = plan(size, needs, Chosen())
    assert found["curves"].x > found["trials"].right - 1
    assert found["summary"].y == found["curves"].bottom
    assert found["summary"].height == 20
    assert found["trials"].height == needs.trials
    assert found["trade-offs"].y == found["trials"].bottom
    assert found["workers"].y == found["alerts"].y >= found["summary"].bottom
    blank = set(cells(size.region)).difference(*map(cells, found.values()))
    assert {x for x, _ in blank} <= {found["trials"].right}, "but for the cell between the two"


@pytest.mark.parametrize("size", [(100, 30), (120, 40), (160, 50), (200, 60)])
def test_a_finished_run_has_its_result_above_the_table_and_no_workers(size: tuple[int, int]) -> None:
    found = plan(Size(*size), of(41, result=lambda width, most: min(12, most), trade_offs=True), Chosen())
    assert found["result"].y == 5
    assert found["result"].bottom <= found["trials"].y
    assert found["trials"].height >= 6
    assert "workers" not in found


def test_a_small_screen_shows_the_most_important_of_the_result() -> None:
    for size in ((80, 24), (40, 10)):
        found = plan(Size(*size), replace(of(41, result=lambda width, most: min(12, most)), header=2), Chosen())
        assert found["result"].height >= 1
        assert found["trials"].height >= 3
        assert "result" not in plan(Size(*size), of(41), Chosen())


def test_the_line_of_the_newest_alert_is_the_table_s_while_there_is_none() -> None:
    size = Size(80, 24)
    with_one, without = (plan(size, of(41, latest=latest), Chosen()) for latest in (True, False))
    assert without["trials"].height == with_one["trials"].height + 1


@pytest.mark.parametrize("size", [(120, 40), (200, 60)])
@pytest.mark.parametrize("pane", PANES)
def test_a_pane_grows_and_shrinks_until_there_is_no_room(size: tuple[int, int], pane: str) -> None:
    needs, state = of(41, alerts=30, summary=lambda width: 20), Chosen(pane)
    for by in (1, -1):
        before = plan(Size(*size), needs, state)[pane].area
        panes = grown(Size(*size), needs, state, by)
        assert panes is not None
        after = plan(Size(*size), needs, replace(state, panes=panes))[pane].area
        assert (after > before) == (by > 0)
        last, steps = state, 0
        while (panes := grown(Size(*size), needs, last, by)) is not None:
            last, steps = replace(last, panes=panes), steps + 1
            assert steps < 200
        assert grown(Size(*size), needs, last, -by) is not None, "and comes back at once"


def test_a_hidden_pane_s_room_is_given_to_others() -> None:
    size, needs = Size(120, 40), of(41)
    shown = plan(size, needs, Chosen())
    for pane in PANES[1:]:
        found = plan(size, needs, Chosen(panes=Panes(frozenset({pane}))))
        assert pane not in found
        others = set(shown) - {pane}
        assert sum(found[name].area for name in others) >= sum(shown[name].area for name in others)
