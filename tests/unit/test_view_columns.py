"""The trial table's columns: cells, order, what fits, and the user's choice."""

from dataclasses import replace
from typing import Any

import pytest
from build import TARGET, completed, failed, pending, running
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.figures import Context, Details, Lens
from eitui.domain.curve import Curve, Epoch
from eitui.domain.run import Config
from eitui.domain.trial import (
    COMPLETED,
    INT8,
    TRAIN,
    UNKNOWN_COST,
    VALIDATION,
    Evaluation,
    Performance,
    Progress,
    Trial,
)
from eitui.view.kit.cells import fit, len_cells
from eitui.view.kit.table import GAP, Cell, choose_columns, natural, row, sort_items
from eitui.view.run.columns import COLUMNS, MOVABLE, USUAL, Arrangement, arranged, column_of, most_moved, window
from eitui.view.trial.parts import trial_state

CONTEXT = Context(Config(target=TARGET, training_cycles=50))


def cell(key: str, trial: Trial, context: Context = CONTEXT) -> Cell:
    return column_of(key).cell(trial, context)


def order(key: str, *trials: Trial, reverse: bool = False, context: Context = CONTEXT) -> list[str]:
    return [trial.id for trial in sort_items(trials, column_of(key), reverse, context)]


def test_the_usual_order() -> None:
    assert [column.key for column in COLUMNS] == [
        *("mark", "name", "status", "val_accuracy", "val_loss", "worst_recall", "latency", "ram", "rom"),
        *("epoch", "curve", "loss", "accuracy", "round", "worker", "retries", "flags"),
    ]


def test_a_running_trial_shows_its_latest_epoch() -> None:
    trial = running("1", 12, worker="w1", loss=0.5, val_loss=0.6, accuracy=0.8, val_accuracy=0.7)
    shown = {column.key: cell.text for column, cell in zip(COLUMNS, row(trial, COLUMNS, CONTEXT), strict=True)}
    assert shown == {
        "mark": "",
        "name": "mfe-conv1d-1",
        "status": "● running",
        "round": "–",
        "epoch": "12/50",
        "curve": "–",
        "loss": "0.5000~",
        "val_loss": "0.6000~",
        "accuracy": "80.0%~",
        "val_accuracy": "70.0%~",
        "worst_recall": "–",
        "latency": "– ",
        "ram": "– ",
        "rom": "– ",
        "worker": "w1",
        "retries": "0",
        "flags": "–",
    }


def test_a_completed_trial_shows_the_trained_network_at_the_precision_asked_for() -> None:
    trial = replace(
        completed("1", val_accuracy=0.9, val_loss=0.3),
        evaluations={
            (VALIDATION, INT8): Evaluation(0.3, 0.9),
            (TRAIN, INT8): Evaluation(0.1, 0.99),
            (VALIDATION, "float32"): Evaluation(0.2, 0.95),
        },
        performance={INT8: Performance(50, 65536, 262144), "float32": Performance(80, 131072, None)},
    )
    keys = ("loss", "val_loss", "accuracy", "val_accuracy", "latency", "ram", "rom")
    assert [cell(key, trial).text for key in keys] == [
        *("0.1000 ", "0.3000 ", "99.0% ", "90.0% ", "50 ", "64 ", "256 "),
    ]
    in_float = replace(CONTEXT, lens=Lens(precision="float32"))
    assert [cell(key, trial, in_float).text for key in keys[1:]] == [
        *("0.2000 ", "– ", "95.0% ", "80 ", "128 ", "– "),
    ]


def test_without_an_evaluation_a_completed_trial_falls_back_to_its_last_epoch() -> None:
    trial = Trial("1", "n", COMPLETED, progress=Progress(50, 0.1, 0.2, 0.9, 0.8))
    assert [cell(key, trial).text for key in ("loss", "val_loss", "accuracy", "val_accuracy")] == [
        *("0.1000~", "0.2000~", "90.0%~", "80.0%~"),
    ]


def test_an_accuracy_that_the_service_does_not_compute_is_not_zero_percent() -> None:
    at_work = running("1", 3, loss=0.5, val_loss=0.5, accuracy=0.0, val_accuracy=0.0)
    done = Trial(
        "2", "n", COMPLETED, progress=Progress(50, 0.1, 0.2, 0, 0), evaluations={(VALIDATION, INT8): Evaluation()}
    )
    assert {cell(key, trial).text for key in ("accuracy", "val_accuracy") for trial in (at_work, done)} == {"– "}


def test_a_validation_accuracy_of_zero_is_shown_where_there_is_an_accuracy() -> None:
    assert cell("val_accuracy", running("1", 1, accuracy=0.1, val_accuracy=0.0)).text == "0.0%~"


def test_values_over_the_limits_carry_a_mark_and_stay_aligned() -> None:
    over = completed("1", latency_ms=150, ram_bytes=200 * 1024, rom_bytes=600 * 1024)
    within = completed("2", latency_ms=100, ram_bytes=128 * 1024, rom_bytes=512 * 1024)
    assert [cell(key, over) for key in ("latency", "ram", "rom")] == [
        Cell("150!", "over"),
        Cell("200!", "over"),
        Cell("600!", "over"),
    ]
    assert [cell(key, within) for key in ("latency", "ram", "rom")] == [
        Cell("100 "),
        Cell("128 "),
        Cell("512 "),
    ]
    assert {len_cells(fit(cell("ram", trial).text, 8, "right").rstrip(" !")) for trial in (over, within)} == {7}


def test_a_cost_without_that_of_the_dsp_has_a_sign_and_is_still_over_a_limit() -> None:
    within, over = (replace(completed("1", latency_ms=latency), dsp=UNKNOWN_COST) for latency in (34, 134))
    assert [cell(key, within).text for key in ("latency", "ram", "rom")] == ["34+", "64+", "256 "]
    assert cell("latency", over) == Cell("134!", "over")


def test_the_cost_of_the_whole_impulse_is_shown_and_is_over_the_limit() -> None:
    trial = replace(completed("1", latency_ms=34), dsp=Performance(300.0, 20_000))
    assert cell("latency", trial) == Cell("334!", "over")
    assert cell("ram", trial) == Cell("83.5 ")


def test_negative_memory_is_no_figure() -> None:
    assert cell("ram", completed("1", ram_bytes=-1)) == Cell("– ", "dim")


@pytest.mark.parametrize(
    ("trial", "shown"),
    [
        (pending("1"), Cell("○ pending", "dim")),
        (running("1"), Cell("● running", "accent")),
        (completed("1"), Cell("✓ completed", "good")),
        (failed("1"), Cell("✗ failed", "bad")),
        (running("quiet"), Cell("! stalled", "warn")),
        (completed("quiet"), Cell("✓ completed", "good")),
        (Trial("1", "n", "paused"), Cell("paused")),
        (Trial("1", "n", ""), Cell("–", "dim")),
        (Trial("1", "n", "completed", problem="not an object"), Cell("? malformed", "warn")),
    ],
)
def test_status_has_a_sign_beside_its_colour(trial: Any, shown: Any) -> None:
    found = cell("status", trial, replace(CONTEXT, stalled=frozenset({"quiet"})))
    assert found._replace(brief="") == shown
    assert found.brief == (shown.text[0] if shown.tone != "dim" or len(shown.text) > 1 else "")


def test_best_trials_are_marked() -> None:
    both = replace(CONTEXT, best_id="1", best_fit_id="2")
    assert [cell("mark", completed(key), both).text for key in "123"] == ["★", "☆", ""]
    assert cell("mark", completed("1"), replace(both, best_fit_id="1")).text == "★"
    assert order("mark", *(completed(key) for key in "3214"), context=both) == ["1", "2", "3", "4"]


def test_each_phase_has_its_own_number_of_epochs() -> None:
    def told(trial: Trial, *epochs: int, titles: tuple[str, ...] = (), most: int | None = 50) -> str:
        curve = Curve(tuple(map(Epoch, epochs)))
        details = Details(block_titles=lambda _: titles)
        config = Config(training_cycles=most)
        return cell("epoch", trial, Context(config, details=details, curve=lambda _: curve)).text

    ended = replace(completed("1"), progress=Progress(epoch=10))
    assert told(running("1", 3), 39, 40, 1, 3) == "40+3"
    assert told(ended, *range(1, 41), *range(1, 11)) == "40+10"
    assert (told(ended), told(ended, titles=("Transfer learning", "keras-transfer-kws"))) == ("10/50", "10")
    assert (told(running("1", 3), titles=("transfer",)), told(ended, most=8)) == ("3/50", "10")
    state = "".join(text for text, _ in trial_state(running("1", 3), frozenset(), 50, Curve((Epoch(40), Epoch(3)))))
    assert state.endswith("phase 2 epoch 3")


def test_epoch_without_training_cycles_is_a_plain_number() -> None:
    assert cell("epoch", running("1", 12), Context()).text == "12"
    assert cell("epoch", pending("1"), Context()).text == "–"


def test_missing_values_come_last_both_ways_and_ties_keep_their_order() -> None:
    trials = [pending("a"), running("b", 5), running("c", 9), pending("d"), running("e", 5)]
    assert order("epoch", *trials) == ["b", "e", "c", "a", "d"]
    assert order("epoch", *trials, reverse=True) == ["c", "b", "e", "a", "d"]


def test_names_sort_by_their_numbers() -> None:
    assert order("name", pending("10"), pending("9"), pending("009a")) == ["9", "009a", "10"]


def test_statuses_sort_by_what_matters_now() -> None:
    trials = [failed("f"), completed("c"), pending("p"), running("r"), running("s"), Trial("o", "n", "odd")]
    assert order("status", *trials, context=replace(CONTEXT, stalled=frozenset("s"))) == ["s", "r", "p", "c", "f", "o"]


numbers = st.none() | st.floats(allow_nan=False)
trials = st.builds(
    Trial,
    id=st.uuids().map(str),
    name=st.text(max_size=8),
    status=st.sampled_from(["pending", "running", "completed", "failed", "", "odd"]),
    round=st.none() | st.integers(0, 5),
    worker_id=st.none() | st.text(max_size=4),
    progress=st.builds(Progress, st.none() | st.integers(0, 99), numbers, numbers, numbers, numbers),
    performance=st.dictionaries(st.just(INT8), st.builds(Performance, numbers, st.integers(-1, 10**9))),
    problem=st.sampled_from(["", "bad"]),
)


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.key)
@given(some=st.lists(trials, max_size=8), reverse=st.booleans())
def test_sorting_orders_what_has_a_value_and_loses_nothing(column: Any, some: Any, reverse: bool) -> None:
    ordered = sort_items(some, column, reverse, CONTEXT)
    assert sorted(map(id, ordered)) == sorted(map(id, some))
    keys = [column.sort_key(trial, CONTEXT) for trial in ordered]
    present = [key for key in keys if key is not None]
    assert keys == present + [None] * (len(keys) - len(present))
    assert present == sorted(present, reverse=reverse)


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.key)
@given(trial=trials)
def test_no_cell_reads_nan_and_missing_figures_sort_last(column: Any, trial: Any) -> None:
    shown = column.cell(trial, CONTEXT).text.strip()
    if column.align == "right":
        assert "nan" not in shown
        assert "inf" not in shown
        assert (shown == "–") == (column.sort_key(trial, CONTEXT) is None)


@given(st.integers(0, 10**30), st.integers(0, 10**30))
def test_natural_order_is_the_order_of_the_numbers(one: int, other: int) -> None:
    assert (natural(f"mfe-{one}") < natural(f"mfe-{other}")) == (one < other)


def test_what_a_narrow_and_a_wide_table_show() -> None:
    narrow = {column.key: column.width for column in choose_columns(80, COLUMNS)}
    assert list(narrow) == ["mark", "name", "status", "val_accuracy", "latency", "ram", "rom", "epoch"]
    assert narrow["name"] >= len("spectr-transfer-fb6"), "the end of a name is all that tells some apart"
    medium = {column.key for column in choose_columns(120, COLUMNS)}
    assert {column.key for column in COLUMNS} - medium == {"worst_recall", "worker", "retries", "flags"}
    assert {column.key: column.width for column in choose_columns(200, COLUMNS)}["name"] == 28


def test_the_user_s_own_order_is_kept() -> None:
    own = [column_of(key) for key in ("rom", "name", "status")]
    assert [column.key for column in choose_columns(100, own)] == ["rom", "name", "status"]


@given(st.integers(1, 220), st.lists(st.sampled_from(COLUMNS), unique=True, min_size=1))
def test_chosen_columns_fit_and_a_wider_table_shows_no_less(width: int, columns: Any) -> None:
    chosen = choose_columns(width, columns)
    assert chosen
    assert sum(column.width for column in chosen) + GAP * (len(chosen) - 1) <= width
    assert all(column.width >= 1 for column in chosen)
    wider = {column.key for column in choose_columns(width + 1, columns)}
    assert {column.key for column in chosen} <= wider


def test_what_is_just_over_a_limit_does_not_read_as_the_limit() -> None:
    assert cell("latency", completed("1", latency_ms=100.06)) == Cell(">100!", "over")


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
    assert keys(hidden)[:5] == ["mark", "name", "status", "val_accuracy", "val_loss"]
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
