"""`eitui thresholds` as a process, against the look-alike service on loopback."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults import WRITE_FAULTS, Fault
from look_alike import LookAlike
from threshold_machine import CHANGE, PATIENCE, QUESTION, TAKEN, Machine

from eitui.demo.options import Options
from eitui.demo.service import PROJECT_ID
from eitui.domain.edit import Outcome


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with LookAlike(Options(job_s=0.5, windows=50)) as server:
        yield Machine(tmp_path, server)


def test_a_change_is_shown_asked_for_sent_read_back_and_undone(machine: Machine) -> None:
    done = machine.thresholds(*CHANGE, answer="y\n")
    assert (done.returncode, done.stdout) == (0, TAKEN)
    assert "  block 3, min_score: 0.6 → 0.7\n" in done.stderr
    assert "invalidates" in done.stderr
    assert QUESTION in done.stderr
    assert "computed again with the new values" in done.stderr
    assert machine.value() == 0.7
    again = machine.thresholds(*CHANGE, "--yes")
    assert (again.returncode, again.stdout) == (0, "")
    assert "0.7 already: nothing was sent" in again.stderr
    assert machine.posts == 1
    back = machine.thresholds("undo", "1", "--yes")
    assert (back.returncode, back.stdout) == (0, TAKEN.replace("0.7", "0.6"))
    result = json.loads(machine.thresholds("log", "--json").stdout)
    assert [(entry["number"], entry["outcome"], entry["changes"][0]["new"]) for entry in result] == [
        (2, "applied", 0.6), (1, "applied", 0.7),
    ]  # fmt: skip
    assert result[0]["undo_of"] == result[1]["id"]
    assert "block 3, min_score: 0.7 → 0.6" in machine.thresholds("log", EI_API_KEY="").stdout


@pytest.mark.parametrize("value", ["-0.25", "0.30000000000000004", "1e-300", "12345678901234567890", "7"])
def test_a_number_goes_and_comes_back_with_every_digit(machine: Machine, value: str) -> None:
    assert machine.thresholds("set", "1", "3", "min_score", value, "--yes").returncode == 0
    assert repr(machine.value()) == value


def test_a_word_is_chosen_among_those_there_are(machine: Machine) -> None:
    key = "anomaly_scoring_aggregation_method"
    assert machine.thresholds("set", "3", "23", key, "mean", "--yes").returncode == 0
    assert machine.value(3, key) == "mean"


def test_what_somebody_changed_meanwhile_is_shown_and_nothing_sent(machine: Machine) -> None:
    machine.server.meddle((3, "min_score", 0.9), at_read=2)
    done = machine.thresholds(*CHANGE, "--yes")
    assert (done.returncode, done.stdout) == (1, "")
    assert "changed by somebody else meanwhile" in done.stderr
    assert "block 3, min_score: it was 0.6, is 0.9, and was to be 0.7" in done.stderr
    assert machine.posts == 0
    assert machine.value() == 0.9


def test_an_undo_of_what_somebody_changed_since_is_not_sent(machine: Machine) -> None:
    machine.thresholds(*CHANGE, "--yes")
    machine.server.meddle((3, "min_score", 0.9), at_read=0)
    done = machine.thresholds("undo", "1", "--yes")
    assert done.returncode == 1
    assert "it was 0.7, is 0.9, and was to be 0.6" in done.stderr
    assert machine.posts == 1


@pytest.mark.parametrize(
    ("fault", "code", "outcome", "result"),
    [
        ("refuse", 3, Outcome.REFUSED, "The service said no. Nothing was changed. (The service refused: Refused, as"),
        ("read-only", 3, Outcome.REFUSED, "This API key is read-only"),
        ("busy", 3, Outcome.UNKNOWN, "it may have been applied, or not"),
        ("drop", 3, Outcome.UNKNOWN, "it may have been applied, or not"),
        (
            "lose-answer",
            0,
            Outcome.SETTLED_APPLIED,
            "No usable answer came, but reading back shows that it was applied",
        ),
        ("cut-answer", 0, Outcome.SETTLED_APPLIED, "reading back shows that it was applied"),
        ("html", 0, Outcome.SETTLED_APPLIED, "The answer is a web page"),
        ("not-json", 0, Outcome.SETTLED_APPLIED, "is not JSON"),
        ("wrong-shape", 0, Outcome.APPLIED, "did not say what became of the model-testing results"),
    ],
)
def test_what_each_fault_leads_to(machine: Machine, fault: str, code: int, outcome: Outcome, result: str) -> None:
    machine.server.faults.add(WRITE_FAULTS[fault], writes=True)
    done = machine.thresholds(*CHANGE, "--yes")
    assert result in done.stderr
    assert machine.outcomes == [outcome]
    assert done.returncode == code
    assert done.stdout == (TAKEN if code == 0 else TAKEN.replace("0.7", "0.6"))
    assert machine.posts == 1
    (entry,) = json.loads(machine.thresholds("log", "--json").stdout)
    assert entry["outcome"] == outcome.value
    assert machine.posts == 1


def test_a_change_that_cannot_be_read_back_does_not_pass_for_verified(machine: Machine) -> None:
    machine.server.faults.add(Fault(), times=3)  # two looks and the change itself
    machine.server.faults.add(Fault.refuse(500))
    done = machine.thresholds(*CHANGE, "--yes")
    assert (done.returncode, done.stdout) == (3, "")
    assert "Afterwards: The service failed (500" in done.stderr
    assert machine.outcomes == [Outcome.APPLIED]
    assert machine.posts == 1


@pytest.mark.parametrize("wait", [[], ["--regenerate", "--wait"]])
def test_another_value_read_back_is_not_a_success(tmp_path: Path, wait: list[str]) -> None:
    # A job would keep everybody else from changing a value: this one is over at once.
    with LookAlike(Options(job_s=0, windows=50)) as server:
        machine = Machine(tmp_path, server)
        server.meddle((43, "max_absolute_error", 1.5), at_read=3)
        done = machine.thresholds("set", "5", "43", "max_absolute_error", "4.0", "--yes", *wait)
    assert "Read back, the value is not the one that was sent." in done.stderr
    assert done.returncode == 1
    assert machine.posts == 1


def test_a_service_that_is_not_there_gets_nothing(machine: Machine) -> None:
    machine.server.stop()
    done = machine.thresholds(*CHANGE, "--yes")
    assert done.returncode == 3
    assert "cannot be reached" in done.stderr
    assert machine.outcomes == []


def test_a_change_that_was_not_answered_holds_up_the_next_until_it_is_settled(machine: Machine) -> None:
    machine.server.faults.add(WRITE_FAULTS["drop"], writes=True)
    machine.thresholds(*CHANGE, "--yes")
    done = machine.thresholds(*CHANGE, "--yes")
    assert done.returncode == 1
    assert "Change 1 of impulse 1: No usable answer came" in done.stderr
    assert "was not answered and may still take effect" in done.stderr
    assert machine.posts == 1
    machine.server.meddle((3, "min_score", 0.7), at_read=0)  # as if it had arrived after all
    assert "reading back shows that it was applied" in machine.thresholds("list").stderr
    assert machine.outcomes == [Outcome.SETTLED_APPLIED]
    assert machine.thresholds("list").stderr == ""


def test_a_job_that_was_started_is_followed_and_holds_up_changes(machine: Machine) -> None:
    change = ("set", "5", "43", "max_absolute_error")
    without = machine.thresholds(*change, "4.0", "--yes")
    assert without.returncode == 0
    assert "takes a job, and none was allowed" in without.stderr
    done = machine.thresholds(*change, "3.9", "--yes", "--regenerate", "--wait")
    assert done.returncode == 0
    assert done.stderr.endswith("is finished.\n")
    assert "may start a job" in done.stderr


def test_while_a_job_runs_a_change_is_refused(tmp_path: Path) -> None:
    with LookAlike(Options(job_s=600, windows=50)) as server:
        machine = Machine(tmp_path, server)
        change = ("set", "5", "43", "max_absolute_error")
        started = machine.thresholds(*change, "4.0", "--yes", "--regenerate")
        assert started.returncode == 0
        assert "The service started a job" in started.stderr
        done = machine.thresholds(*change, "3.9", "--yes")
        assert done.returncode == 3
        assert "The service said no. Nothing was changed." in done.stderr
        assert "job" in done.stderr
        assert machine.outcomes == [Outcome.APPLIED, Outcome.REFUSED]


def test_a_job_that_fails_is_said(tmp_path: Path) -> None:
    with LookAlike(Options(job_s=0, windows=50, job_fails=True)) as server:
        done = Machine(tmp_path, server).thresholds(
            "set", "5", "43", "max_absolute_error", "4.0", "--yes", "--regenerate", "--wait"
        )
        assert done.returncode == 1
        assert "failed: see its log" in done.stderr


def test_a_key_of_another_project_is_said(machine: Machine) -> None:
    done = machine.thresholds("list", "--project", str(PROJECT_ID + 1))
    assert done.returncode == 3
    assert machine.thresholds("log").stdout == ""


def test_without_a_project_the_keys_own_is_used(machine: Machine) -> None:
    assert machine.thresholds(*CHANGE, "--yes", EI_PROJECT_ID="").returncode == 0
    assert machine.journal.look().changes[0].edit.project_id == PROJECT_ID


def test_a_journal_of_a_newer_version_stops_changes_and_not_looks(machine: Machine) -> None:
    machine.thresholds(*CHANGE, "--yes")
    with machine.journal.path.open("r+b") as file:
        file.seek(60)
        file.write((99).to_bytes(4, "big"))
    done = machine.thresholds("set", "1", "3", "min_score", "0.8", "--yes")
    assert done.returncode == 2
    assert "made by a newer eitui (format 99" in done.stderr
    assert machine.posts == 1
    look = machine.thresholds("list")
    assert look.returncode == 0
    assert "newer eitui" in look.stderr
    assert "min_score" in look.stdout
    assert machine.thresholds("log").returncode == 2


def test_the_service_hostile_to_terminals_reaches_none(tmp_path: Path) -> None:
    with LookAlike(Options("hostile", windows=50)) as server:
        machine = Machine(tmp_path, server)
        texts = [machine.thresholds("list").stdout, machine.thresholds("list", "--json").stdout]
        row = next(row for row in json.loads(texts[1]) if isinstance(row["value"], float))
        key = row["key"]
        sent = machine.thresholds("set", str(row["impulse"]), str(row["block"]), key, "0.125", "--yes")
        assert sent.returncode == 0
        texts += [
            sent.stdout,
            sent.stderr,
            machine.thresholds("log").stdout,
            machine.thresholds("log", "--json").stdout,
        ]
        for text in texts:
            assert all(char.isprintable() or char == "\n" for char in text)
        assert machine.outcomes == [Outcome.APPLIED]


# Ended in the middle


def test_ctrl_c_while_it_is_under_way_leaves_it_unknown(machine: Machine) -> None:
    with machine.sending(*CHANGE) as process:
        process.send_signal(signal.SIGINT)
        _, result = process.communicate(timeout=PATIENCE)
        assert process.returncode == 130
    assert "it may have been applied, or not" in result
    assert "Traceback" not in result
    assert machine.outcomes == [Outcome.UNKNOWN]
    assert "eitui was left before the service answered" in machine.thresholds("log").stdout
    assert machine.posts == 1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_change_is_shown_by_the_next_command_until_it_is_settled(machine: Machine, number: int) -> None:
    with machine.sending(*CHANGE) as process:
        process.send_signal(number)
        process.wait(PATIENCE)
    assert machine.outcomes == [Outcome.INTENDED]
    (entry,) = json.loads(machine.thresholds("log", "--json").stdout)
    assert (entry["outcome"], entry["settled"]) == ("intended", False)
    for _ in range(2):
        assert "Change 1 of impulse 1: No usable answer came" in machine.thresholds("list").stderr
    machine.server.meddle((3, "min_score", 0.7), at_read=0)
    assert "reading back shows that it was applied" in machine.thresholds("list").stderr
    assert machine.outcomes == [Outcome.SETTLED_APPLIED]
    assert machine.posts == 1


def test_what_another_process_is_sending_is_left_to_it(machine: Machine) -> None:
    with machine.sending(*CHANGE):
        done = machine.thresholds("set", "1", "4", "min_anomaly_score", "0.4", "--yes")
        assert done.returncode == 1
        assert "Another eitui is sending a change of this impulse" in done.stderr
        other = machine.thresholds("set", "2", "13", "min_anomaly_score", "0.4", "--yes")
        assert other.returncode == 0
        assert "Change 1 of impulse 1: Another eitui is sending" in machine.thresholds("list").stderr
    assert machine.outcomes == [Outcome.INTENDED, Outcome.APPLIED]
