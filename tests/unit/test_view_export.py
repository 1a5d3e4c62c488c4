"""Rows for other programs: nothing rounded, nothing that a spreadsheet would run; also of the table as it is shown."""

import csv
import io
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from build import TARGET, completed, failed, moment, pending, run, running
from deep import with_recalls
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.figures import FIGURES, Context, Lens, figure
from eitui.domain.curve import Curve, Epoch
from eitui.domain.moment import EMPTY_MOMENT, Alert, AlertKind, Gap, History, TrialSpan
from eitui.domain.run import Config
from eitui.domain.trial import COMPLETED, FLOAT32, INT8, TEST, TRAIN, VALIDATION, Evaluation, Performance, Trial
from eitui.view.run.export import (
    FORMULA_SIGNS,
    ExportCell,
    ExportTable,
    as_csv,
    as_tsv,
    epochs,
    events_table,
    free_name,
    shown_table,
    table_as_json,
    trials,
    utc,
)
from eitui.view.run.table import Depths

T = 1_760_000_000.0
"""9 October 2025, 08:53:20 UTC."""


def objects(table: ExportTable) -> list[dict[str, ExportCell]]:
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def test_a_trial_is_a_row_with_every_figure() -> None:
    best = replace(completed("1", 0.9375, 0.25, 150.5), round=2, retries=1, worker_id="w1")
    history = History(
        curves={"1": Curve((Epoch(1), Epoch(2)), ((Epoch(1),),), 1)}, spans={"1": TrialSpan(T, T + 90.5, T + 90.5)}
    )
    (row,) = objects(trials(replace(moment(run(best)), history=history)))
    assert row == {
        "trial_id": "1",
        "trial_name": "mfe-conv1d-1",
        "status": "completed",
        "round": 2,
        "retries": 1,
        "worker_id": "w1",
        "started_at": "2025-10-09T08:53:20.000000Z",
        "ended_at": "2025-10-09T08:54:50.500000Z",
        "epoch": 50,
        "epochs_seen": 2,
        "val_accuracy": 0.9375,
        "val_loss": 0.25,
        "source": "evaluation",
        "precision": "int8",
        "latency_ms": 150.5,
        "latency_of": "impulse",
        "ram_bytes": 65536,
        "ram_of": "impulse",
        "rom_bytes": 262144,
        "within_limits": False,
        "is_best": True,
        "validation_int8_accuracy": 0.9375,
        "validation_int8_loss": 0.25,
        "test_int8_accuracy": None,
        "test_int8_loss": None,
        "train_int8_accuracy": 0.99,
        "train_int8_loss": 0.1,
        "int8_latency_ms": 150.5,
        "int8_ram_bytes": 65536,
        "int8_rom_bytes": 262144,
        "dsp_latency_ms": 0.0,
        "dsp_ram_bytes": 0,
        "flags": None,
    }


def test_what_is_not_known_is_empty() -> None:
    (row,) = objects(trials(moment(run(pending("1")))))
    unknown = {name for name, value in row.items() if value is None}
    assert unknown == {
        "round", "worker_id", "started_at", "ended_at", "epoch", "val_accuracy", "val_loss", "within_limits", "source",
        "precision", "latency_ms", "latency_of", "ram_bytes", "ram_of", "rom_bytes", "dsp_latency_ms", "dsp_ram_bytes",
        "flags",
    }  # fmt: skip
    assert row["epochs_seen"] == 0


def test_a_trial_that_trains_shows_its_latest_epoch_and_no_evaluation_of_an_earlier_attempt() -> None:
    again = replace(
        running("1", 3, accuracy=0.5, val_accuracy=0.4, val_loss=1.5),
        evaluations={(VALIDATION, INT8): Evaluation(0.1, 0.99)},
    )
    row, _ = objects(trials(moment(run(again, completed("2")))))
    assert (row["val_accuracy"], row["val_loss"], row["validation_int8_accuracy"]) == (0.4, 1.5, None)
    assert (row["source"], row["precision"]) == ("epoch", None)


def test_every_precision_and_part_has_its_columns() -> None:
    both = replace(
        completed("1"),
        evaluations={(TEST, FLOAT32): Evaluation(0.1, 0.9), (TRAIN, INT8): Evaluation(0.2, 0.8)},
        performance={FLOAT32: Performance(1.0, 2, 3)},
    )
    table = trials(moment(run(both)))
    for precision in (INT8, FLOAT32):
        for part in (VALIDATION, TEST, TRAIN):
            assert f"{part}_{precision}_accuracy" in table.columns
    assert "float32_latency_ms" in table.columns
    assert "int8_latency_ms" not in table.columns


def test_columns_are_plain_words_and_distinct_whatever_a_precision_is_called() -> None:
    odd = replace(completed("1"), performance={"=A b": Performance(1.0), "a-b": Performance(2.0), "": Performance(3.0)})
    table = trials(moment(run(odd)))
    assert len(set(table.columns)) == len(table.columns)
    assert all(name.replace("_", "").isalnum() and name.islower() for name in table.columns)
    row = objects(table)[0]
    assert {row["a_b_latency_ms"], row["a_b_latency_ms_2"], row["unnamed_latency_ms"]} == {1.0, 2.0, 3.0}


def test_impossible_figures_are_not_known() -> None:
    odd = Trial(
        "1", "", COMPLETED,
        evaluations={(VALIDATION, INT8): Evaluation(math.inf, math.nan)},
        performance={INT8: Performance(-1.0, -1, 10**400)},
    )  # fmt: skip
    (row,) = objects(trials(moment(run(odd))))
    figures = ("validation_int8_loss", "validation_int8_accuracy", "int8_latency_ms", "int8_ram_bytes")
    assert [row[name] for name in (*figures, "int8_rom_bytes", "trial_name")] == [None] * 6


def test_an_epoch_is_a_row_attempt_by_attempt() -> None:
    curves = {
        "gone": Curve((Epoch(7, seen_at=T),)),
        "2": Curve((Epoch(1, 0.5, 0.6, 0.7, 0.8, T + 0.25),), ((Epoch(1, seen_at=T), Epoch(2, None, seen_at=T)),), 1),
        "1": Curve((Epoch(3, math.nan, seen_at=T),)),
    }
    table = epochs(replace(moment(run(failed("1"), running("2"), pending("3"))), history=History(curves=curves)))
    rows = objects(table)
    assert [(row["trial_id"], row["attempt"], row["epoch"]) for row in rows] == [
        ("1", 1, 3), ("2", 1, 1), ("2", 1, 2), ("2", 2, 1), ("gone", 1, 7)
    ]  # fmt: skip
    assert rows[3] == {
        "trial_id": "2",
        "trial_name": "mfe-conv1d-2",
        "attempt": 2,
        "phase": 1,
        "epoch": 1,
        "loss": 0.5,
        "val_loss": 0.6,
        "accuracy": 0.7,
        "val_accuracy": 0.8,
        "source": "poll",
        "seen_at": "2025-10-09T08:53:20.250000Z",
    }
    assert rows[0]["loss"] is None
    assert rows[4]["trial_name"] is None


def test_events_are_alerts_in_order_and_gaps_among_them() -> None:
    alerts = [
        Alert(AlertKind.NEW_BEST, T, "mfe: 90 %", "1"),
        Alert(AlertKind.STALLED, T + 10, "silent", "x"),
        Alert(AlertKind.FINISHED, T + 9, "done"),
    ]
    history = History(gaps=(Gap(T + 5, T + 8), Gap(T + 20, T + 30)))
    rows = objects(events_table(iter(alerts), replace(moment(run(pending("1"))), history=history)))
    assert [row["kind"] for row in rows] == ["new best", "gap", "stalled", "finished", "gap"]
    assert rows[0] == {
        "at": "2025-10-09T08:53:20.000000Z",
        "until": None,
        "kind": "new best",
        "trial_id": "1",
        "trial_name": "mfe-conv1d-1",
        "text": "mfe: 90 %",
    }
    assert (rows[1]["at"], rows[1]["until"]) == ("2025-10-09T08:53:25.000000Z", "2025-10-09T08:53:28.000000Z")
    assert rows[2]["trial_name"] is None


def test_a_run_without_anything_has_columns_and_no_rows() -> None:
    for table in (trials(EMPTY_MOMENT), epochs(EMPTY_MOMENT), events_table((), EMPTY_MOMENT)):
        assert table.rows == ()
        assert as_csv(table) == ",".join(table.columns) + "\r\n"
        assert table_as_json(table) == "[]\n"


@pytest.mark.parametrize("wall", [None, math.nan, math.inf, 1e300, -1e300, 10**400])
def test_times_that_no_calendar_reaches_are_not_known(wall: float | None) -> None:
    assert utc(wall) is None


def test_a_time_is_told_to_the_microsecond() -> None:
    assert utc(T + 0.123456) == "2025-10-09T08:53:20.123456Z"
    assert utc(-62_000_000_000.0) == "0005-04-19T09:46:40.000000Z"
    assert utc(-1.5) == "1969-12-31T23:59:58.500000Z"


texts = st.text(st.characters(exclude_categories=["Cs"]))
hostile = st.builds(lambda space, sign, rest: space + sign + rest, st.sampled_from(["", " ", "\u3000"]),
                    st.sampled_from(FORMULA_SIGNS), texts)  # fmt: skip
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**30), 10**30)
cells = st.none() | st.booleans() | numbers | texts | hostile
tables = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.tuples(*[cells] * width), max_size=6).map(
        lambda rows: ExportTable(tuple("abcd"[:width]), tuple(rows))
    )
)


def parsed(text: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), strict=True)


def meant(cell: ExportCell, text: str) -> ExportCell:
    """Read `text`, a cell of a CSV file, as what `cell` is; apostrophes that defuse formulas are not meant."""
    match cell:
        case None:
            return text or None
        case bool():
            return {"true": True, "false": False}[text]
        case int():
            return int(text)
        case float():
            return float(text)
        case str():
            return cell if text.replace("'", "") == cell.replace("'", "") else text


@given(tables)
def test_csv_is_read_back_as_it_was_to_the_last_digit(table: ExportTable) -> None:
    names, *rows = parsed(as_csv(table))
    assert tuple(names) == table.columns
    assert [
        [meant(*pair) for pair in zip(row, result, strict=True)] for row, result in zip(table.rows, rows, strict=True)
    ] == [list(row) for row in table.rows]


@given(tables)
def test_no_text_in_csv_begins_with_a_sign_of_a_formula(table: ExportTable) -> None:
    _, *rows = parsed(as_csv(table))
    for row, result in zip(table.rows, rows, strict=True):
        for cell, text in zip(row, result, strict=True):
            if isinstance(cell, str):
                assert not text.lstrip().startswith(tuple(FORMULA_SIGNS))
                assert not text.startswith(tuple("\t\r\n"))


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1+1", '=HYPERLINK("x","y")']
)
def test_a_formula_becomes_a_text(text: str) -> None:
    _, row = parsed(as_csv(ExportTable(("a", "b"), ((text, -1.5),))))
    assert row == [f"'{text}", "-1.5"]


@pytest.mark.parametrize("sign", [";", "\t"])
def test_a_formula_after_what_elsewhere_divides_cells_becomes_a_text(sign: str) -> None:
    table = ExportTable(("a", "b"), ((f"a{sign}=1+1{sign} +2", 1.5), ("b", f"harmless{sign}1{sign}x")))
    _, first, second, _ = as_csv(table).split("\r\n")
    for line in (first, second):
        for cell in next(csv.reader(io.StringIO(line), delimiter=sign)):
            assert not cell.strip().startswith(tuple(FORMULA_SIGNS))
    assert second == f"b,harmless{sign}1{sign}x"


def test_csv_keeps_to_its_standard() -> None:
    table = ExportTable(("a", "b", "c"), (('say "x", y', None, True), ("line\nbreak", 0.1, -3)))
    assert as_csv(table) == 'a,b,c\r\n"say ""x"", y",,true\r\n"line\nbreak",0.1,-3\r\n'


@given(tables)
def test_json_is_read_back_as_it_was(table: ExportTable) -> None:
    assert json.loads(table_as_json(table)) == objects(table)


CONTEXT = Context(Config(target=TARGET), best_id="1", marks={"2": 0}, details=Depths().read)


def table(*trials: Trial, keys: str = "name", context: Context = CONTEXT) -> Any:
    return shown_table(trials, [figure(key) for key in keys.split()], context)


def test_columns_and_rows_are_those_shown_in_their_order() -> None:
    made = table(completed("2", 0.91304), pending("1"), keys="name val_accuracy latency mark")
    assert made.columns == (
        *("trial_id", "precision", "trial_name", "val_accuracy", "latency_ms", "latency_of", "is_best", "is_marked"),
    )
    assert made.rows == (
        ("2", "int8", "mfe-conv1d-2", 0.91304, 50, "impulse", False, True),
        ("1", "int8", "mfe-conv1d-1", None, None, None, True, False),
    )


def test_figures_of_another_part_are_called_so() -> None:
    made = table(with_recalls("1", 0.9, 0.7), keys="val_loss val_accuracy", context=replace(CONTEXT, lens=Lens(TEST)))
    assert made.columns[2:] == ("test_loss", "test_accuracy")
    assert made.rows[0][2:] == (0.4, 0.8)


def test_the_worst_class_comes_with_its_recall() -> None:
    made = table(with_recalls("1", 0.875, 0.9), completed("2"), keys="worst_recall")
    assert made.columns[2:] == ("worst_class", "worst_recall")
    assert [row[2:] for row in made.rows] == [("yes", 0.875), (None, None)]


def test_every_column_can_be_taken_along_under_a_name_of_its_own() -> None:
    for part in ("validation", "test", "train"):
        made = shown_table([completed("1")], FIGURES, replace(CONTEXT, lens=Lens(part)))
        assert len(set(made.columns)) == len(made.columns)
        assert len(json.loads(table_as_json(made))) == 1


@given(st.text(st.characters(codec="utf-8"), max_size=12))
def test_no_name_becomes_a_formula_or_another_cell(name: str) -> None:
    made = table(replace(completed("1"), name=name, worker_id=name), keys="name worker")
    (row,) = [line.split("\t") for line in as_tsv(made).split("\n")[1:]]
    assert len(row) == len(made.columns)
    (written,) = list(csv.reader(io.StringIO(as_csv(made), newline="")))[1:]
    for cell in (*row, *written):
        assert cell.lstrip()[:1] not in ("=", "+", "-", "@") or cell.startswith("'")


def test_a_copied_row_is_a_header_and_cells_with_tabs_between() -> None:
    assert as_tsv(table(completed("2"), keys="name val_accuracy mark")) == (
        "trial_id\tprecision\ttrial_name\tval_accuracy\tis_best\tis_marked\n2\tint8\tmfe-conv1d-2\t0.9\tfalse\ttrue"
    )


def test_a_name_for_the_file_is_free(tmp_path: Path) -> None:
    assert free_name("Run 1 (synthetic)", tmp_path) == "run-1-synthetic-trials.csv"
    (tmp_path / "run-1-synthetic-trials.csv").touch()
    assert free_name("Run 1 (synthetic)", tmp_path) == "run-1-synthetic-trials-2.csv"
    assert free_name("../../etc", tmp_path) == "etc-trials.csv"
    assert free_name("\x1b日本", tmp_path) == "tuner-trials.csv"
