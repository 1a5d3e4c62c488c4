"""The rows that are shown, for other programs."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from build import TARGET, completed, pending
from deep import with_recalls
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.figures import FIGURES, Context, Lens, figure
from eitui.domain.run import Config
from eitui.domain.trial import TEST, Trial
from eitui.view.run.export import as_csv, as_tsv, free_name, shown_table, table_as_json
from eitui.view.run.table import Depths

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
