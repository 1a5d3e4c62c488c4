"""What is shown, taken elsewhere: into a file, or onto the clipboard."""

import asyncio
import base64
import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from build import completed, run, running
from deep import with_recalls
from textual.widgets import Input
from watching import Watching, watching

from eitui.tui.clipboard import to_clipboard
from eitui.tui.screens.prompts import ExportPrompt
from eitui.tui.terminal import SCREEN_STRING

RUN = run(running("1", 3), completed("2", 0.91304), with_recalls("3", 0.9, 0.7))


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


async def write_to(watch: Watching, name: str, *keys: str) -> None:
    await watch.press("e")
    assert isinstance(watch.app.screen, ExportPrompt)
    asked = watch.app.screen.query_one(Input)
    asked.value, asked.cursor_position = name, len(name)
    await watch.press("enter", *keys)


def notices(watch: Watching) -> list[str]:
    return [notification.message for notification in watch.app.notices]


async def test_the_rows_shown_go_into_a_file_in_their_order(tmp_path: Path) -> None:
    async with watching(RUN) as watch:
        watch.table.sort_by("name", reverse=True)
        await watch.press("slash", *"completed", "enter", "e", "enter")
        (file,) = tmp_path.iterdir()
        assert file.name == "run-1-synthetic-trials.csv"
        rows = list(csv.DictReader(file.read_text().splitlines()))
        assert [row["trial_id"] for row in rows] == ["3", "2"]
        assert rows[1]["val_accuracy"] == "0.91304"
        assert rows[0]["worst_class"] == "no"
        assert notices(watch) == [f"2 trials → {file}"]


async def test_json_by_the_name(tmp_path: Path) -> None:
    async with watching(RUN) as watch:
        await write_to(watch, "out.json")
        assert [row["trial_id"] for row in json.loads((tmp_path / "out.json").read_text())] == ["1", "2", "3"]


async def test_what_is_there_is_replaced_only_after_asking(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("mine")
    async with watching(RUN) as watch:
        await write_to(watch, "out.csv")
        for no in ("n", "escape", "q"):
            assert "out.csv already exists. What is in it is lost." in watch.text()
            await watch.press("enter", "enter", no)
            assert isinstance(watch.app.screen, ExportPrompt)
            assert (tmp_path / "out.csv").read_text() == "mine", "a key pressed twice is no answer"
            await watch.press("enter")
        await watch.press("y", "y")
        assert watch.app.screen is watch.monitor
        assert (tmp_path / "out.csv").read_text().startswith("trial_id,")
        assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


async def test_another_name_is_asked_about_anew(tmp_path: Path) -> None:
    for name in ("a", "ab"):
        (tmp_path / name).write_text("mine")
    async with watching(RUN) as watch:
        await write_to(watch, "a")
        assert " a already exists" in watch.text()
        await watch.press("n", "b", "y")
        assert "already exists" not in watch.text()
        await watch.press("backspace", "enter")
        assert "ab already exists" in watch.text()
        await watch.press("y")
        assert (tmp_path / "a").read_text() == "mine"
        assert (tmp_path / "ab").read_text() != "mine"


async def test_a_file_that_cannot_be_written_is_said_beside_its_name(tmp_path: Path) -> None:
    async with watching(RUN) as watch:
        await write_to(watch, "nowhere/out.csv", "enter")
        assert isinstance(watch.app.screen, ExportPrompt)
        assert "cannot be written" in watch.text()
        assert watch.app.screen.query_one(Input).value == "nowhere/out.csv"
        (tmp_path / "nowhere").mkdir()
        await watch.press("enter")
        assert watch.app.screen is watch.monitor
        assert (tmp_path / "nowhere" / "out.csv").exists()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (".", ". is a directory"),
        ("nowhere/", "nowhere/ is a directory"),
        ("out.xlsx", ".xlsx is not supported: use .csv or .json."),
    ],
)
async def test_a_name_that_is_not_one_of_a_table_is_refused(tmp_path: Path, name: str, why: str) -> None:
    async with watching(RUN) as watch:
        await write_to(watch, name)
        assert why in watch.text()
        assert isinstance(watch.app.screen, ExportPrompt)
        assert not list(tmp_path.iterdir())


async def test_a_problem_after_it_was_left_is_said(tmp_path: Path) -> None:
    async with watching(RUN) as watch:
        written = asyncio.Event()

        async def write(path: Path) -> str:
            await written.wait()
            return f"{path.name} cannot be written."

        await watch.app.push_screen(ExportPrompt("out.csv", "a trial", write))
        for key in ("enter", "escape"):
            await watch.pilot.press(key)
            await watch.idle()
        assert watch.app.screen is watch.monitor
        written.set()
        await watch.settle()
        assert notices(watch) == ["out.csv cannot be written."]


async def test_a_key_pressed_twice_answers_once(tmp_path: Path) -> None:
    async with watching(RUN) as watch:
        await write_to(watch, "out.csv", "enter")
        assert watch.app.is_running
        assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


async def test_a_name_is_needed() -> None:
    async with watching(RUN) as watch:
        await write_to(watch, " ")
        assert "Type a file name." in watch.text()


async def test_home_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "there").mkdir()
    async with watching(RUN) as watch:
        await write_to(watch, "~/there/out.csv")
    assert (tmp_path / "there" / "out.csv").exists()


async def test_without_trials_there_is_nothing_to_take() -> None:
    async with watching(run()) as watch:
        await watch.press("e", "y")
        assert notices(watch) == ["No trial to export.", "No trial to copy."]
        assert watch.app.clipboard == ""


async def test_a_row_is_copied_with_its_header() -> None:
    async with watching(RUN) as watch:
        await watch.press("C", "space", "enter", "b", "y")
        header, row = watch.app.clipboard.split("\n")
        cells = dict(zip(header.split("\t"), row.split("\t"), strict=True))
        assert cells["trial_id"] == "2"
        assert cells["val_accuracy"] == "0.91304"
        assert "status" not in cells
        asked = f"mfe-conv1d-2, a header and {len(cells)} cells"
        assert notices(watch) == [f"Sent to the terminal's clipboard (a terminal may refuse it): {asked}"]


async def test_a_hostile_row_is_copied_as_text() -> None:
    hostile = replace(completed("1"), name="=1+1\x1b]52;c;eA==\x07\tx")
    async with watching(run(hostile)) as watch:
        await watch.press("y")
        assert watch.app.clipboard.count("\t") == 2 * watch.app.clipboard.split("\n")[0].count("\t")
        assert "\x1b" not in watch.app.clipboard
        assert "'=1+1" in watch.app.clipboard


def test_a_terminal_is_sent_the_text_and_tmux_both_ways_one_of_its_options_may_let_through() -> None:
    plain = to_clipboard("a\tb", {})
    assert plain == f"\x1b]52;c;{base64.b64encode(b'a' + bytes([9]) + b'b').decode()}\x07"
    for environ in ({"TMUX": "x"}, {"TERM": "tmux-256color"}):
        assert to_clipboard("a\tb", environ) == plain + "\x1bPtmux;\x1b" + plain + "\x1b\\"


@pytest.mark.parametrize("environ", [{"STY": "1.pts"}, {"TERM": "screen-256color"}])
@pytest.mark.parametrize("length", [1, 500, 10_000])
def test_gnu_screen_is_given_strings_no_longer_than_it_keeps(environ: dict[str, Any], length: int) -> None:
    plain, sent = to_clipboard("x" * length, {}), to_clipboard("x" * length, environ)
    wrapped = sent.removeprefix(plain)
    pieces = [piece.removeprefix("\x1bP") for piece in wrapped.split("\x1b\\")]
    assert "".join(pieces) == plain
    assert max(map(len, pieces)) < SCREEN_STRING
    assert sent.startswith(plain) == (len(plain) < SCREEN_STRING)


def test_relative_names_are_of_the_directory_it_runs_in(tmp_path: Path) -> None:
    assert Path.cwd() == tmp_path
