"""What the monitor remembers: a file that may be missing, damaged, somebody else's, or not be had."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.tui.view_state import LARGEST, Forgotten, Panes, ViewState
from eitui.view.run.columns import USUAL, Arrangement

OWN = USUAL.moved("worst_recall", -3).toggled("round")


def test_columns_come_back(tmp_path: Path) -> None:
    view_state = ViewState(tmp_path / "state" / "view.json")
    assert view_state.columns() == USUAL
    view_state.keep_columns(OWN)
    assert ViewState(tmp_path / "state" / "view.json").columns() == OWN
    view_state.keep_columns(USUAL)
    assert view_state.columns() == USUAL
    assert [path.name for path in (tmp_path / "state").iterdir()] == ["view.json"]


def test_panes_come_back_beside_the_columns(tmp_path: Path) -> None:
    view_state = ViewState(tmp_path / "view.json")
    own = Panes(frozenset({"workers"}), 8, -2, 1)
    assert view_state.panes() == Panes()
    view_state.keep_panes(own)
    assert ViewState(tmp_path / "view.json").panes() == own
    assert view_state.columns() == USUAL
    view_state.keep_columns(OWN)
    assert (view_state.panes(), view_state.columns()) == (own, OWN)
    view_state.keep_panes(Panes())
    assert (view_state.panes(), view_state.columns()) == (Panes(), OWN)


@pytest.mark.parametrize(
    "panes",
    [
        b"3",
        b"{}",
        b'{"hidden": [1], "beside": 0, "charts": 0, "lower": 0}',
        b'{"hidden": [], "beside": "1", "charts": 0, "lower": 0}',
        b'{"hidden": [], "beside": 0, "charts": 1e9, "lower": 0}',
        b'{"hidden": [], "beside": 0, "charts": 501, "lower": true}',
    ],
)
def test_what_is_no_choice_of_panes_leaves_the_usual_ones(tmp_path: Path, panes: bytes) -> None:
    file = tmp_path / "view.json"
    file.write_bytes(b'{"panes": ' + panes + b"}")
    assert ViewState(file).panes() == Panes()


def test_without_a_file_nothing_is_kept() -> None:
    view_state = ViewState()
    view_state.keep_columns(OWN)
    assert view_state.columns() == USUAL


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"3",
        b"\xff",
        b'{"columns": null}',
        b'{"columns": {"order": 3, "hidden": []}}',
        b'{"columns": {"order": [], "hidden": [1]}}',
        b'{"columns": {"order": "status", "hidden": []}}',
        b"[" * 100_000,
        b" " * (LARGEST + 1),
    ],
)
def test_what_is_no_choice_of_columns_is_said(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "view.json"
    file.write_bytes(content)
    with pytest.raises(Forgotten, match=r"Default columns are shown: .*view.json cannot be read: damaged"):
        ViewState(file).columns()
    ViewState(file).keep_columns(OWN)
    assert ViewState(file).columns() == OWN


@given(st.binary(max_size=60))
def test_nothing_that_a_file_holds_breaks_it(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.mktemp("view") / "view.json"
    file.write_bytes(content)
    with pytest.raises(Forgotten):
        ViewState(file).columns()


def test_columns_of_another_version_are_left_out(tmp_path: Path) -> None:
    file = tmp_path / "view.json"
    file.write_text('{"columns": {"order": ["colour", "rom"], "hidden": ["colour", "ram"]}, "more": 1}')
    found = ViewState(file).columns()
    assert found.hidden == {"ram"}
    assert "colour" not in found.order


def test_a_file_that_cannot_be_had_is_said(tmp_path: Path) -> None:
    (tmp_path / "view.json").mkdir()
    with pytest.raises(Forgotten, match="cannot be read: Is a directory"):
        ViewState(tmp_path / "view.json").columns()
    with pytest.raises(Forgotten, match=r"could not be saved: .*it is a directory"):
        ViewState(tmp_path / "view.json").keep_columns(OWN)
    (tmp_path / "file").touch()
    with pytest.raises(Forgotten, match="could not be saved"):
        ViewState(tmp_path / "file" / "view.json").keep_columns(OWN)


IMPULSES = Arrangement(("state", "m/accuracy", "tags"), frozenset({"tags"}))


def test_columns_of_the_impulses_are_kept_beside_those_of_the_trials(tmp_path: Path) -> None:
    view_state = ViewState(tmp_path / "view.json")
    assert view_state.impulse_columns(IMPULSES) == IMPULSES
    view_state.keep_columns(OWN)
    own = IMPULSES.moved("tags", -2).toggled("m/accuracy")
    view_state.keep_impulse_columns(own)
    assert view_state.impulse_columns(IMPULSES) == own
    assert view_state.columns() == OWN
    view_state.keep_columns(USUAL)
    assert view_state.impulse_columns(IMPULSES) == own


def test_another_project_has_other_columns_and_none_are_forgotten(tmp_path: Path) -> None:
    view_state = ViewState(tmp_path / "view.json")
    own = IMPULSES.moved("tags", -2).toggled("m/accuracy")
    view_state.keep_impulse_columns(own)
    elsewhere = Arrangement(("state", "m/loss", "tags"), frozenset({"m/loss"}))
    assert view_state.impulse_columns(elsewhere) == Arrangement(
        ("tags", "state", "m/loss"), frozenset({"tags", "m/loss"})
    )
    view_state.keep_impulse_columns(elsewhere)
    assert view_state.impulse_columns(IMPULSES).hidden == {"m/accuracy"}


def test_a_damaged_file_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "view.json").write_bytes(b"{")
    view_state = ViewState(tmp_path / "view.json")
    with pytest.raises(Forgotten):
        view_state.impulse_columns(IMPULSES)
    view_state.keep_impulse_columns(IMPULSES)
    assert view_state.impulse_columns(USUAL).order == USUAL.order
    assert view_state.columns() == USUAL
