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
