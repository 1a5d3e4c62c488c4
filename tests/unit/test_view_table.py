"""The table without a terminal: order, columns, and what is made anew."""

from dataclasses import replace

from build import completed, moment, pending, run, running
from hypothesis import given
from hypothesis import strategies as st

from eitui.view.columns import COLUMNS
from eitui.view.lines import width_of
from eitui.view.table import TrialRows, most_moved, titles, window


def names(rows: TrialRows) -> list[str]:
    return [trial.id for trial in rows.trials]


def shown(*trials) -> TrialRows:
    rows = TrialRows()
    rows.show(moment(run(*trials)))
    return rows


def test_the_services_order_is_the_usual_one():
    rows = shown(completed("2"), completed("1"))
    assert names(rows) == ["2", "1"]
    rows.sort_by(None, reverse=True)
    assert names(rows) == ["1", "2"]


def test_missing_figures_come_last_both_ways():
    rows = shown(completed("1", 0.5), pending("2"), completed("3", 0.9))
    rows.sort_by("val_accuracy", reverse=True)
    assert names(rows) == ["3", "1", "2"]
    rows.sort_by("val_accuracy", reverse=False)
    assert names(rows) == ["1", "3", "2"]


def test_a_newer_moment_is_put_in_order():
    first = run(running("1", 1, val_accuracy=0.2, accuracy=0.2), running("2", 1, val_accuracy=0.3, accuracy=0.3))
    rows = TrialRows()
    rows.sort_by("val_accuracy", reverse=True)
    rows.show(moment(first))
    assert names(rows) == ["2", "1"]
    rows.show(moment(run(running("1", 2, val_accuracy=0.4, accuracy=0.4), first.trials[1])))
    assert names(rows) == ["1", "2"]


def test_a_row_is_made_anew_only_when_its_trial_or_its_mark_changes():
    first = run(completed("1", 0.8), running("2", 1))
    rows = TrialRows()
    rows.show(moment(first))
    columns = window(120, 0)
    before = [rows.line(index, columns) for index in range(2)]
    rows.show(moment(replace(first, trials=(first.trials[0], running("2", 2)))))
    after = [rows.line(index, columns) for index in range(2)]
    assert after[0] is before[0]
    assert after[1] != before[1]
    rows.show(moment(run(first.trials[0], completed("2", 0.9))))
    assert rows.line(0, columns) != before[0], "it is no longer the best"


@given(st.integers(20, 250), st.integers(0, 20))
def test_rows_and_titles_fit_and_the_name_stays(width, moved):
    rows = shown(completed("1"), running("2", 3, "worker-7f3a"))
    columns = window(width, moved)
    assert "name" in {column.key for column in columns}
    for line in (titles(columns, None, reverse=False), rows.line(0, columns), rows.line(1, columns)):
        assert width_of(line) <= width


@given(st.integers(40, 250))
def test_every_column_can_be_brought_into_sight(width):
    seen = {column.key for moved in range(most_moved(width) + 1) for column in window(width, moved)}
    assert seen == {column.key for column in COLUMNS}


def test_the_sorted_column_carries_an_arrow_and_its_whole_title():
    columns = window(120, 0)
    for column in columns:
        text = "".join(part for part, _ in titles(columns, column, reverse=True))
        assert f"▼{column.title}" in text or f"{column.title}▼" in text
