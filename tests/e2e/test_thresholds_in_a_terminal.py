"""A threshold is changed by keyboard in a pseudo-terminal, on the look-alike service, with all that can go wrong."""

import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from faults import WRITE_FAULTS, Fault
from look_alike import LookAlike
from pty_harness import Terminal

from eitui.demo.options import Options

EITUI = str(Path(sys.executable).with_name("eitui"))
DOWN, LEFT, RIGHT, COARSE_RIGHT = "\x1b[B", "\x1b[D", "\x1b[C", "\x1b[1;2C"


def demo(*arguments: str, columns: int = 120, rows: int = 40) -> Terminal:
    command = [EITUI, "demo", "--scenario", "finished", "--windows", "60", *arguments]
    return Terminal(command, columns=columns, rows=rows)


@contextmanager
def watching(tmp_path: Path) -> Iterator[tuple[LookAlike, Terminal]]:
    """The monitor on a service that can be told to misbehave."""
    with LookAlike(Options("finished", windows=60)) as server:
        environ = server.environment() | {"EITUI_JOURNAL": str(tmp_path / "changes.db")}
        with Terminal([EITUI, "watch", "--interval", "1"], columns=120, rows=40, environ=environ) as terminal:
            yield server, terminal


def to_the_editor(terminal: Terminal) -> None:
    terminal.wait_for("completed")
    terminal.send("g")
    terminal.send("t")
    terminal.wait_for("Score threshold")
    terminal.wait_for("What if")


def to_the_diff(terminal: Terminal) -> None:
    to_the_editor(terminal)
    terminal.send(COARSE_RIGHT)
    terminal.wait_for("new 0.7")
    terminal.send("\r")
    terminal.wait_for("0.6  →  0.7")


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (200, 60)])
def test_the_whole_way_and_back(columns: int, rows: int) -> None:
    with demo(columns=columns, rows=rows) as terminal:
        to_the_diff(terminal)
        assert "this change" in terminal.text
        terminal.send(" ")
        terminal.wait_for("[x] the service may start a job")
        terminal.send("y")
        terminal.wait_for("✓ Change 1 applied")
        terminal.wait_for("read back 0.7")
        terminal.send("\r")
        terminal.wait_for("What if")
        terminal.send("u")
        terminal.wait_for("Undo change 1?")
        terminal.send("y")
        terminal.wait_for("✓ Change 2 applied")
        terminal.send("J")
        terminal.wait_for("Journal of changes  2")
        assert all(len(line) == columns for line in terminal.screen)
        terminal.send("\x1b")
        terminal.wait_for("✓ Change 2 applied")
        terminal.send("\r")
        terminal.wait_for("What if")
        terminal.send("q")
        terminal.wait_for("▌1 Trials")
        terminal.send("q")
        assert terminal.wait_exit() == 0


def test_typed_digits_coarse_steps_and_keys_of_one_write_are_acted_on_in_their_order() -> None:
    with demo() as terminal:
        to_the_editor(terminal)
        for keys, value in (
            ("0.8125\r", "0.8125"),
            (RIGHT, "0.8225"),
            ("H", "0.7225"),
            (LEFT, "0.7125"),
            ("L", "0.8125"),
        ):
            terminal.send(keys)
            terminal.wait_for(f"new {value}")
        terminal.send("\x7f")
        terminal.wait_for(re.compile(r"new 0\.6$", re.MULTILINE))
        terminal.send(DOWN + "0.9\r")
        terminal.wait_for("new 0.9")
        terminal.send("\r")
        terminal.wait_for("min_anomaly_score  0.3  →  0.9")
        assert "min_score  0.6" not in terminal.text
        terminal.send("\x1b")
        terminal.wait_for("What if")
        terminal.send("\x7f0.75\x7f\x7f8\r\r")
        terminal.wait_for("min_anomaly_score  0.3  →  0.8")


def test_an_answer_that_is_lost_is_found_by_reading_back(tmp_path: Path) -> None:
    with watching(tmp_path) as (server, terminal):
        server.faults.add(WRITE_FAULTS["lose-answer"], writes=True)
        to_the_diff(terminal)
        terminal.send("y")
        terminal.wait_for("✓ Change 1 applied")
        terminal.wait_for("No usable answer came, but reading back shows that it was applied.")
        terminal.wait_for("read back 0.7")


def test_a_refusal_is_told_and_the_draft_is_still_there(tmp_path: Path) -> None:
    with watching(tmp_path) as (server, terminal):
        server.faults.add(WRITE_FAULTS["refuse"], writes=True)
        to_the_diff(terminal)
        terminal.send("y")
        terminal.wait_for("✗ Change 1 was not applied")
        terminal.wait_for("Refused, as the look-alike was told to")
        terminal.send("\r")
        terminal.wait_for("What if")
        terminal.send("\r")
        terminal.wait_for("0.6  →  0.7")
        terminal.send("y")
        terminal.wait_for("✓ Change 2 applied")


def test_what_somebody_changes_meanwhile_is_asked_about(tmp_path: Path) -> None:
    with watching(tmp_path) as (server, terminal):
        to_the_diff(terminal)
        server.meddle((3, "min_score", 0.615625), at_read=0)
        terminal.send("y")
        terminal.wait_for("Somebody else changed a threshold meanwhile")
        terminal.wait_for("(•) theirs  0.615625")
        terminal.send(RIGHT)
        terminal.wait_for("(•) yours   0.7")
        terminal.send("\r")
        terminal.wait_for("0.615625  →  0.7")
        terminal.send("y")
        terminal.wait_for("✓ Change 1 applied")


def test_read_only_everything_can_be_tried_and_nothing_is_sent() -> None:
    with demo("--read-only") as terminal:
        to_the_editor(terminal)
        terminal.wait_for("read only (flag --read-only)")
        terminal.send("L\r")
        terminal.wait_for("Nothing can be sent: changes are turned off by flag --read-only")


def test_killed_while_it_sends_it_is_shown_and_settled_after_a_restart(tmp_path: Path) -> None:
    with LookAlike(Options("finished", windows=20)) as server:
        environ = server.environment() | {"EITUI_JOURNAL": str(tmp_path / "changes.db")}
        command = [EITUI, "watch", "--interval", "1"]
        with Terminal(command, columns=120, rows=40, environ=environ) as terminal:
            server.faults.add(Fault(silent=True), writes=True)
            to_the_diff(terminal)
            terminal.send("y")
            terminal.wait_for("Sending…")
            terminal.wait_for(lambda _: any(method == "POST" for method, _ in server.requests))
            terminal.signal(signal.SIGKILL)
            assert terminal.wait_exit() == -signal.SIGKILL
        server.faults.clear()
        with Terminal(command, columns=120, rows=40, environ=environ) as terminal:
            terminal.wait_for("Change 1 was never answered")
            terminal.send("J")
            terminal.wait_for(re.compile(r"\? unknown .*min_score: 0\.6 → 0\.7"))
            terminal.send("\r")
            terminal.wait_for("An earlier change was not answered")
            terminal.send("\r")
            terminal.wait_for("What if")
        assert sum(method == "POST" for method, _ in server.requests) == 1


@pytest.mark.parametrize("key", ["\x1b", "\x03"])
def test_left_while_it_sends_it_is_unknown_in_the_journal(tmp_path: Path, key: str) -> None:
    with LookAlike(Options("finished", windows=20)) as server:
        environ = server.environment() | {"EITUI_JOURNAL": str(tmp_path / "changes.db")}
        command = [EITUI, "watch", "--interval", "1"]
        with Terminal(command, columns=120, rows=40, environ=environ) as terminal:
            server.faults.add(Fault(silent=True), writes=True)
            to_the_diff(terminal)
            terminal.send("y")
            terminal.wait_for("Sending…")
            terminal.wait_for(lambda _: any(method == "POST" for method, _ in server.requests))
            terminal.send(key)
            if key == "\x03":
                assert terminal.wait_exit() == 0
            else:
                terminal.wait_for("Leave without waiting for the answer?")
                terminal.send("y")
                terminal.wait_for("▌1 Trials")
                terminal.send("J")
                terminal.wait_for(re.compile(r"\? unknown .*min_score: 0\.6 → 0\.7"))
        with Terminal([EITUI, "thresholds", "log"], environ=environ) as log:
            log.wait_exit()
            assert "No usable answer came" in log.text or "unknown" in log.text
