"""The table without a terminal: order, columns, what is made anew, and what is read once, by and by."""

from dataclasses import replace
from typing import Any

import pytest
from build import completed, moment, pending, run, running
from deep import with_recalls
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.figures import Lens
from eitui.analysis.query.grammar import parse_trial_filter
from eitui.domain.curve import Curve, Epoch
from eitui.domain.trial import INT8, TEST, VALIDATION, Evaluation, Trial
from eitui.view.kit.lines import Line, width_of
from eitui.view.kit.table import group_titles, roomy, titles
from eitui.view.run.columns import COLUMNS, Column, most_moved, window
from eitui.view.run.table import AT_ONCE, Deep, Depths, TrialRows


def names(rows: TrialRows) -> list[str]:
    return [trial.id for trial in rows.trials]


def shown(*trials: Any) -> TrialRows:
    rows = TrialRows()
    rows.show(moment(run(*trials)))
    return rows


def test_the_services_order_is_the_usual_one() -> None:
    rows = shown(completed("2"), completed("1"))
    assert names(rows) == ["2", "1"]
    rows.sort_by(None, reverse=True)
    assert names(rows) == ["1", "2"]


def test_missing_figures_come_last_both_ways() -> None:
    rows = shown(completed("1", 0.5), pending("2"), completed("3", 0.9))
    rows.sort_by("val_accuracy", reverse=True)
    assert names(rows) == ["3", "1", "2"]
    rows.sort_by("val_accuracy", reverse=False)
    assert names(rows) == ["1", "3", "2"]


def test_a_newer_moment_is_put_in_order() -> None:
    first = run(running("1", 1, val_accuracy=0.2, accuracy=0.2), running("2", 1, val_accuracy=0.3, accuracy=0.3))
    rows = TrialRows()
    rows.sort_by("val_accuracy", reverse=True)
    rows.show(moment(first))
    assert names(rows) == ["2", "1"]
    rows.show(moment(run(running("1", 2, val_accuracy=0.4, accuracy=0.4), first.trials[1])))
    assert names(rows) == ["1", "2"]


def test_a_row_is_made_anew_only_when_its_trial_or_its_mark_changes() -> None:
    first = run(completed("1", 0.8), running("2", 1))
    rows = TrialRows()
    rows.show(moment(first))
    columns = window(120, 0, COLUMNS)
    before = [rows.line(index, columns) for index in range(2)]
    rows.show(moment(replace(first, trials=(first.trials[0], running("2", 2)))))
    after = [rows.line(index, columns) for index in range(2)]
    assert after[0] is before[0]
    assert after[1] != before[1]
    rows.show(moment(run(first.trials[0], completed("2", 0.9))))
    assert rows.line(0, columns) != before[0], "it is no longer the best"


def test_a_row_shows_its_trials_curve_and_is_made_anew_with_it() -> None:
    first = run(
        running("1", 2, loss=0.5, val_loss=0.7, val_accuracy=0.6, accuracy=0.7), running("2", 2, loss=0.5, val_loss=0.7)
    )
    rows, columns = TrialRows(), window(120, 0, COLUMNS)
    assert "curve" in {column.key for column in columns}
    assert "curve" not in {column.key for column in window(80, 0, COLUMNS)}
    curves = {"1": Curve((Epoch(1, 1.0, 1.2, 0.3, 0.3), Epoch(2, 0.5, 0.7, 0.7, 0.6)))}
    begun = moment(first)
    begun = replace(begun, history=replace(begun.history, curves=curves))
    rows.show(begun)
    before = [rows.line(index, columns) for index in range(2)]
    assert braille(before[0])
    assert not braille(before[1])
    curves = {**curves, "2": Curve((Epoch(1, 1.0, 1.2), Epoch(2, 0.5, 0.7)))}
    rows.show(replace(begun, history=replace(begun.history, curves=curves)))
    after = [rows.line(index, columns) for index in range(2)]
    assert after[0] is before[0]
    # Without an accuracy it is the loss, which falls.
    assert ord(braille(after[1])[0]) & 0x09
    assert ord(braille(after[1])[-1]) & 0xC0


def braille(line: Line) -> str:
    return "".join(char for text, _ in line for char in text if 0x2800 < ord(char) < 0x2900)


@given(st.integers(20, 250), st.integers(0, 20))
def test_rows_and_titles_fit_and_the_name_stays(width: int, moved: int) -> None:
    rows = shown(completed("1"), running("2", 3, "worker-7f3a"))
    columns = window(width, moved, COLUMNS)
    assert "name" in {column.key for column in columns}
    for line in (titles(columns, None, reverse=False), rows.line(0, columns), rows.line(1, columns)):
        assert width_of(line) <= width


@given(st.integers(40, 250))
def test_every_column_can_be_brought_into_sight(width: int) -> None:
    seen = {column.key for moved in range(most_moved(width, COLUMNS) + 1) for column in window(width, moved, COLUMNS)}
    assert seen == {column.key for column in COLUMNS}


def test_the_sorted_column_carries_an_arrow_apart_from_its_whole_title() -> None:
    for column in COLUMNS[2:]:
        columns = roomy(COLUMNS, column)
        text = "".join(part for part, _ in titles(columns, column, reverse=True))
        assert f" ▼ {column.title}" in text or f" {column.title} ▼" in text
    assert roomy(COLUMNS, None) == COLUMNS


def cells_of(line: Line, columns: tuple[Column, ...]) -> dict[str, tuple[int, int]]:
    """Return where the text of each column begins and ends in `line`."""
    text, found, at = "".join(part for part, _ in line), {}, 0
    for column in columns:
        cell = text[at : at + column.width]
        inked = cell.strip()
        found[column.key] = (at + cell.find(inked), at + cell.find(inked) + len(inked))
        at += column.width + 1
    return found


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_titles_of_numbers_end_where_the_numbers_end(width: int) -> None:
    rows = shown(completed("1", 0.9, latency_ms=34, ram_bytes=65536))
    columns = window(width, 0, COLUMNS)
    heads = cells_of(titles(columns, None, reverse=False), columns)
    values = cells_of(rows.line(0, columns), columns)
    for key in {"val_accuracy", "val_loss", "latency", "ram", "rom", "loss", "accuracy", "round"} & heads.keys():
        assert heads[key][1] == values[key][1], key


def test_the_unit_stands_once_in_the_heading() -> None:
    rows = shown(completed("1", 0.9, latency_ms=1300, ram_bytes=65536))
    for width, latency in ((200, "Latency ms"), (40, "Lat ms")):
        columns = window(width, 0, COLUMNS)
        text = "".join(part for part, _ in titles(columns, None, reverse=False))
        assert latency in text
        assert ("RAM KB" in text) == (width == 200)
        assert " ms" not in "".join(part for part, _ in rows.line(0, columns))


def test_a_narrow_table_shows_the_figure_that_decides_before_the_word_of_the_status() -> None:
    rows = shown(replace(completed("1", 0.9, latency_ms=34), name="spectr-transfer-feature-329"))
    text = "".join(part for part, _ in rows.line(0, window(40, 0, COLUMNS)))
    assert "90.0%" in text
    assert "34" in text
    assert "✓" in text
    assert "completed" not in text
    assert "spectr" in text
    assert "329" in text
    assert "completed" in "".join(part for part, _ in rows.line(0, window(80, 0, COLUMNS)))


def test_neighbours_of_one_kind_stand_under_a_common_heading() -> None:
    columns = window(220, 0, COLUMNS)
    text = "".join(part for part, _ in group_titles(columns))
    heads = "".join(part for part, _ in titles(columns, None, reverse=False))
    for group, first in (("validation", "Val acc"), ("cost", "Latency"), ("training", "Epoch")):
        assert abs(text.index(group) - heads.index(first)) <= 8, group
    assert width_of(group_titles(columns)) == width_of(titles(columns, None, reverse=False))
    assert "test" in "".join(part for part, _ in group_titles(columns, Lens(TEST)))


def test_columns_that_show_nothing_of_this_run_are_known_once_a_trial_completed() -> None:
    trial = replace(completed("1"), evaluations={(VALIDATION, INT8): Evaluation(0.1, None)})
    assert shown(pending("1"), running("2", 1)).idle == frozenset()
    assert {"val_accuracy", "accuracy", "worst_recall", "curve", "flags"} <= shown(trial).idle
    assert not {"val_loss", "latency", "ram", "mark", "status"} & shown(trial, pending("2")).idle
    assert not {"val_accuracy", "worst_recall"} & shown(trial, completed("2", 0.9)).idle


@given(st.integers(40, 250), st.integers(1, 20))
def test_the_status_stays_in_sight_while_columns_are_moved(width: int, moved: int) -> None:
    assert "status" in {column.key for column in window(width, moved, COLUMNS)}


# Filter, marks, figures


def test_a_filter_leaves_the_order_and_knows_how_many_there_are() -> None:
    rows = shown(completed("1", 0.5), pending("2"), completed("3", 0.9))
    rows.sort_by("val_accuracy", reverse=True)
    rows.filter_by(parse_trial_filter("status:completed"))
    assert (names(rows), rows.total) == (["3", "1"], 3)
    assert rows.index_of("2") is None
    rows.show(moment(run(completed("1", 0.5), completed("2", 0.7), completed("3", 0.9))))
    assert names(rows) == ["3", "2", "1"]
    rows.filter_by(parse_trial_filter(""))
    assert rows.index_of("2") == 1


def test_a_filter_asks_about_what_the_table_shows() -> None:
    rows = TrialRows()
    of = run(completed("1", 0.9, latency_ms=150), completed("2", 0.8), running("3"))
    rows.show(moment(of), None, {"3": 0})
    for text, found in (("is:best", ["1"]), ("is:over_limit", ["1"]), ("is:marked", ["3"]), ("val_acc<0.85", ["2"])):
        rows.filter_by(parse_trial_filter(text))
        assert names(rows) == found
    rows.filter_by(parse_trial_filter("is:marked"))
    rows.show(moment(of), None, {})
    assert names(rows) == []


def test_another_lens_gives_other_figures_and_another_best() -> None:
    trials = [
        replace(
            completed(key), evaluations={(VALIDATION, INT8): Evaluation(0.1, one), (TEST, INT8): Evaluation(0.1, two)}
        )
        for key, one, two in (("1", 0.9, 0.5), ("2", 0.8, 0.7))
    ]
    rows = shown(*trials)
    rows.sort_by("val_accuracy", reverse=True)
    assert (names(rows), rows.context.best_id) == (["1", "2"], "1")
    rows.show(moment(run(*trials)), Lens(TEST))
    assert (names(rows), rows.context.best_id) == (["2", "1"], "2")
    columns = window(120, 0, COLUMNS)
    assert "Tst acc" in "".join(text for text, _ in titles(columns, None, reverse=False, lens=Lens(TEST)))


def test_worst_classes_of_many_trials_are_read_in_turns_and_then_sorted() -> None:
    of = [with_recalls(str(number), 0.9, 1 - number / 100) for number in range(3 * AT_ONCE)]
    rows = shown(*of)
    rows.sort_by("worst_recall", reverse=False)
    turns = 0
    while rows.to_read:
        assert names(rows) == [trial.id for trial in of], "in their own order until all are read"
        rows.read_on()
        turns += 1
    assert turns == 3
    assert names(rows)[:3] == [str(number) for number in range(59, 56, -1)]
    rows.show(moment(run(*of[:-1], with_recalls("59", 0.01, 0.9))))
    assert (rows.to_read, names(rows)[0]) == (0, "59"), "the one that changed is read at once"


def test_blocks_are_found_by_what_they_are_called() -> None:
    rows = shown(with_recalls("1", 0.9, 0.9, block="Spectral Features"), completed("2"))
    rows.filter_by(parse_trial_filter("block:spectral"))
    assert names(rows) == ["1"]


def test_trials_that_are_gone_are_let_go_of() -> None:
    rows = TrialRows()
    rows.sort_by("worst_recall", reverse=False)
    for group in range(40):
        rows.show(moment(run(*(with_recalls(f"{group}-{number}", 0.9, 0.9) for number in range(5)))))
    assert rows.depths.kept <= 2 * 5 + 100 + 5


@pytest.fixture
def noted() -> tuple[Deep[str], list[str]]:
    read: list[str] = []

    def name_of(trial: Trial) -> str:
        read.append(trial.id)
        return trial.name

    return Deep(name_of, ""), read


def test_it_is_read_once_for_the_same_trial(noted: tuple[Deep[str], list[str]]) -> None:
    deep, read = noted
    trial = completed("1")
    assert deep.read(trial) == deep.read(trial) == "mfe-conv1d-1"
    assert read == ["1"]
    deep.read(completed("1"))
    assert read == ["1", "1"], "another object is another state of the trial"
    recalled = with_recalls("2", 0.9, 0.9)
    deep.read(recalled)
    assert deep.if_read(with_recalls("2", 0.9, 0.9)) == recalled.name, "the same bytes are the same state"
    assert deep.if_read(with_recalls("2", 0.8, 0.9)) == ""
    assert read == ["1", "1", "2"]


def test_who_may_wait_gets_what_is_known_and_the_rest_is_noted(noted: tuple[Deep[str], list[str]]) -> None:
    deep, read = noted
    trials = [completed(str(number)) for number in range(5)]
    deep.read(trials[0])
    assert [deep.if_read(trial) for trial in trials[:2]] == ["mfe-conv1d-0", ""]
    assert read == ["0"]
    for trial in trials:
        deep.if_read(trial)
    assert not deep.read_some(3)
    assert read == ["0", "1", "2", "3"]
    assert deep.read_some(3)
    assert [deep.if_read(trial) for trial in trials] == [trial.name for trial in trials]


def test_what_is_gone_is_forgotten(noted: tuple[Deep[str], list[str]]) -> None:
    deep, read = noted
    one, other = completed("1"), completed("2")
    deep.read(one)
    deep.read(other)
    deep.forget({"2"})
    assert len(deep) == 1
    deep.read(one)
    deep.read(other)
    assert read == ["1", "2", "1"]


def test_the_worst_class_is_of_the_part_looked_at() -> None:
    depths = Depths()
    trial = with_recalls("1", yes=0.9, no=0.7)
    assert depths.read.worst_class(trial) == ("no", 0.7)
    depths.look(Lens(TEST))
    assert depths.if_read.worst_class(trial) is None
    assert depths.read.worst_class(trial) is None
    assert depths.read.worst_class(with_recalls("2", yes=0.3, no=0.7, part=TEST)) == ("yes", 0.3)


def test_trials_without_an_evaluation_are_not_read() -> None:
    depths = Depths()
    for trial in (pending("1"), running("2", 3)):
        assert depths.read.worst_class(trial) is None
        assert depths.if_read.worst_class(trial) is None
    assert depths.wanted == 0
    assert depths.kept == 0


def test_recalls_and_titles_are_read_in_turn() -> None:
    depths = Depths()
    trials = [with_recalls(str(number), 0.5, 0.9) for number in range(50)]
    for trial in trials:
        assert depths.if_read.worst_class(trial) is None
        assert depths.titles.if_read(trial) == ()
    assert depths.wanted == 100
    turns = 0
    while depths.wanted:
        depths.read_some()
        turns += 1
    assert turns == 6
    assert depths.if_read.worst_class(trials[0]) == ("yes", 0.5)
    assert depths.titles.if_read(trials[0]) == ("MFE", "mfe")
    depths.forget({"0"})
    assert depths.kept == 1
