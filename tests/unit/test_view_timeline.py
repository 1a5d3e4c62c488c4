"""The run on one line, by what it says."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from build import completed, moment, run, running
from hypothesis import given
from hypothesis import strategies as st

from eitui.domain.moment import EMPTY_MOMENT, Alert, AlertKind, Gap, History, Instant, Moment, TrialSpan
from eitui.view.kit.lines import width_of
from eitui.view.run.panes import ALERT_SIGN
from eitui.view.run.timeline import axis_of, seconds_per_cell, timeline

BEGAN = datetime(2026, 1, 15, 9, 0, tzinfo=UTC).timestamp()
HOUR = 3600.0


def watched(hours: float, *alerts: Alert, gaps: tuple[Gap, ...] = (), over: bool = False) -> Moment:
    of = moment(run(running("1", 3)) if not over else run(completed("1"), status="completed"), at=BEGAN)
    spans = {"1": TrialSpan(last_change=BEGAN + hours * HOUR)}
    return replace(of, history=History(began=BEGAN, spans=spans, gaps=gaps), alerts=alerts)


def alert(kind: AlertKind, hours: float) -> Alert:
    return Alert(kind, BEGAN + hours * HOUR, "synthetic")


def drawn(of: Moment, width: int = 54, now_h: float = 3.0, cursor_h: float | None = None, **options: Any) -> str:
    cursor = None if cursor_h is None else BEGAN + cursor_h * HOUR
    line = timeline(of, Instant(BEGAN + now_h * HOUR, 0.0), width, cursor=cursor, tz=UTC, **options)
    return "".join(text for text, _ in line)


def test_it_goes_from_the_beginning_to_the_last_change_and_has_room_to_grow() -> None:
    assert drawn(watched(2.5), now_h=2.9) == " 09:00 " + "━" * 34 + "·" * 6 + " 12:00 "


def test_the_end_of_a_finished_run_is_the_end() -> None:
    assert drawn(watched(2.5, over=True), now_h=9.0) == " 09:00 " + "━" * 40 + " 11:30 "


def test_time_that_passes_changes_nothing() -> None:
    of = watched(2.5, alert(AlertKind.NEW_BEST, 1.0))
    assert drawn(of, now_h=2.5) == drawn(of, now_h=8.0)


@pytest.mark.parametrize(
    ("hours", "end"), [(0.1, "09:10"), (0.5, "09:30"), (0.6, "10:00"), (4.5, "15:00"), (16.0, "16 Jan 01:00")]
)
def test_the_end_is_at_a_calm_distance(hours: float, end: str) -> None:
    assert drawn(watched(hours)).endswith(f" {end} ")


def test_years_later_it_still_has_an_end() -> None:
    axis = axis_of(watched(24 * 800))
    assert axis is not None
    assert axis.start < axis.reached <= axis.end


def test_alerts_are_marks_where_they_were() -> None:
    line = drawn(watched(3.0, alert(AlertKind.NEW_BEST, 1.5), alert(AlertKind.FAILED, 0.0)))
    assert line[7] == "✗"
    assert line[7 + 20] == "★"


@pytest.mark.parametrize("order", [1, -1])
def test_the_most_important_alert_of_a_cell_wins(order: int) -> None:
    both = [alert(AlertKind.NEW_BEST, 1.5), alert(AlertKind.FAILED, 1.501)][::order]
    line = drawn(watched(3.0, *both))
    assert "✗" in line
    assert "★" not in line


@pytest.mark.parametrize("kind", AlertKind)
def test_every_alert_has_its_sign(kind: Any) -> None:
    assert ALERT_SIGN[kind][0] in drawn(watched(3.0, alert(kind, 1.5)))


def test_alerts_of_an_earlier_run_are_not_on_it() -> None:
    assert "✗" not in drawn(watched(3.0, alert(AlertKind.FAILED, -1.0)))


def test_gaps_have_a_shape_of_their_own() -> None:
    line = drawn(watched(3.0, gaps=(Gap(BEGAN + HOUR, BEGAN + 2 * HOUR), Gap(BEGAN, BEGAN + 1.0))))
    assert line.count("╌") in (13, 14)
    assert line[7] == "━", "a second is less than half a cell"


@pytest.mark.parametrize(("hours", "cell"), [(0.0, 0), (1.5, 20), (3.0, 39), (-5.0, 0), (99.0, 39)])
def test_the_cursor_is_where_the_screen_is(hours: float, cell: int) -> None:
    line = drawn(watched(3.0, alert(AlertKind.FAILED, 1.5)), cursor_h=hours)
    assert line.count("█") == 1
    assert line[7 + cell] == "█"


def test_a_recording_is_its_own_axis() -> None:
    ends = (BEGAN + HOUR, BEGAN + 2 * HOUR)
    assert drawn(watched(1.5), ends=ends) == " 10:00 " + "━" * 40 + " 11:00 "
    assert drawn(EMPTY_MOMENT, ends=ends) == " 10:00 " + "━" * 40 + " 11:00 "
    assert drawn(EMPTY_MOMENT, ends=ends, now_h=24.0).startswith(" 15 Jan 10:00 ")


def test_without_a_run_it_says_why_there_is_nothing() -> None:
    assert "first answer" in drawn(EMPTY_MOMENT, width=80)
    none = replace(moment(run(status="")), run=EMPTY_MOMENT.run)
    assert "starts with the run." in drawn(none, width=80)


def test_a_cell_stands_for_its_share_of_the_axis() -> None:
    now = Instant(BEGAN, 0.0)
    assert seconds_per_cell(EMPTY_MOMENT, now, 80) == 0.0
    ends = (BEGAN, BEGAN + HOUR)
    assert seconds_per_cell(watched(0.5), now, 54, ends) == pytest.approx(HOUR / 40)
    assert seconds_per_cell(watched(0.5), now, 54, (BEGAN, BEGAN)) > 0


@given(
    st.integers(1, 250),
    st.floats(0, 5000),
    st.lists(st.tuples(st.sampled_from(AlertKind), st.floats(-100, 5000)), max_size=8),
    st.none() | st.floats(-100, 6000),
)
def test_it_is_exactly_as_wide_as_the_screen(width: int, hours: float, alerts: Any, cursor: Any) -> None:
    of = watched(hours, *(alert(kind, when) for kind, when in alerts))
    line = timeline(of, Instant(BEGAN, 0.0), width, cursor=None if cursor is None else BEGAN + cursor * HOUR, tz=UTC)
    assert width_of(line) == max(1, width)
