"""`eitui thresholds` when something is odd: a value, the journal, or Ctrl+C at the question."""

import json
import os
import pty
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from look_alike import LookAlike
from threshold_machine import CHANGE, EITUI, PATIENCE, QUESTION, Machine

from eitui.demo.options import Options


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with LookAlike(Options(job_s=0.5, windows=50)) as server:
        yield Machine(tmp_path, server)


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("-1", ["  Odd: Below 0.\n"]),
        ("5", ["  Odd: Above 1, and this is compared with scores from 0 to 1.\n"]),
        ("99999999999999999999999", ["Above 1", "More digits than the service can keep"]),
    ],
)
def test_an_odd_value_is_warned_of_before_it_is_sent(machine: Machine, value: str, result: list[str]) -> None:
    asked = machine.thresholds("set", "1", "3", "min_score", value, answer="n\n")
    done = machine.thresholds("set", "1", "3", "min_score", value, "--yes")
    assert (asked.returncode, done.returncode) == (1, 0)
    for words in result:
        assert words in asked.stderr.partition(QUESTION)[0]
        assert words in done.stderr
        assert "Odd" not in done.stdout
    assert "Odd" not in machine.thresholds("set", "1", "3", "min_score", "0.6", "--yes").stderr


def test_minus_zero_is_zero(machine: Machine) -> None:
    machine.thresholds("set", "1", "3", "min_score", "0", "--yes")
    done = machine.thresholds("set", "1", "3", "min_score", "-0.0", "--yes")
    assert (done.returncode, done.stderr) == (0, "min_score is 0 already: nothing was sent.\n")
    assert machine.posts == 1


def test_ctrl_c_at_the_question_sends_nothing(machine: Machine) -> None:
    with subprocess.Popen(
        [EITUI, "thresholds", *CHANGE], env=machine.told, cwd=machine.home, text=True, encoding="utf-8",
        stdin=(pair := pty.openpty())[1], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        result = ""
        while QUESTION not in result:
            more = process.stderr.read(1)
            assert more, result
            result += more
        # Python misses a signal that comes just before it begins to read the answer: a user would press again.
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(1.0)
        _, rest = process.communicate(timeout=PATIENCE)
    for end in pair:
        os.close(end)
    assert process.returncode == 130
    assert rest.endswith("\nNothing was sent.\n")
    assert machine.posts == 0


def test_the_log_says_how_much_more_there_is(machine: Machine) -> None:
    for value in ("0.7", "0.8", "0.7"):
        machine.thresholds("set", "1", "3", "min_score", value, "--yes")
    some = machine.thresholds("log", "--limit", "2")
    assert some.stderr == "These are the last 2 of 3: --limit shows more.\n"
    assert some.returncode == 0
    assert machine.thresholds("log").stderr == ""


def test_a_damaged_line_of_the_journal_hides_no_other_and_stops_changes(machine: Machine) -> None:
    for value in ("0.7", "0.8"):
        machine.thresholds("set", "1", "3", "min_score", value, "--yes")
    with closing(sqlite3.connect(machine.journal.path)) as file, file:
        file.execute("UPDATE edits SET body = '{}' WHERE number = 2")
    log = machine.thresholds("log")
    assert log.returncode == 2
    assert "block 3, min_score: 0.6 → 0.7" in log.stdout
    assert log.stderr.startswith("eitui: A line of the journal cannot be read")
    assert [entry["number"] for entry in json.loads(machine.thresholds("log", "--json").stdout)] == [1]
    refused = machine.thresholds(*CHANGE, "--yes")
    assert refused.returncode == 2
    assert "is damaged" in refused.stderr
    assert machine.posts == 2


def test_an_undo_names_the_change_that_is_in_its_way(machine: Machine) -> None:
    for value in ("0.7", "0.8"):
        machine.thresholds("set", "1", "3", "min_score", value, "--yes")
    done = machine.thresholds("undo", "1", "--yes")
    assert done.returncode == 1
    assert "A threshold was changed by your change 2 of " in done.stderr
    assert "it was 0.7, is 0.8, and was to be 0.6" in done.stderr
