"""The window's title and the progress in its tab: written, switched off, and given back however the monitor ends."""

import re
import shlex
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from look_alike import LookAlike
from pty_harness import Terminal

from eitui.tui.attention import NO_PROGRESS, POP_TITLE, PUSH_TITLE

EITUI = str(Path(sys.executable).with_name("eitui"))
TITLE = re.compile(r"\d+/44 ✓\d+ ✗\d+ · Keyword spotting")
PROGRESS = re.compile(rb"\x1b\]9;4;1;\d+\x07")
GIVEN_BACK = NO_PROGRESS.encode() + POP_TITLE.encode()


def told(terminal: Terminal) -> bool:
    return TITLE.match(terminal.title) is not None and PROGRESS.search(terminal.raw) is not None


def test_the_title_counts_trials_and_the_tab_shows_progress() -> None:
    with Terminal([EITUI, "demo"], columns=100, rows=40) as terminal:
        terminal.wait_for(told)
        terminal.send("q")
        assert terminal.wait_exit() == 0
        assert terminal.raw.count(GIVEN_BACK) == terminal.raw.count(PUSH_TITLE.encode()) == 1
        assert not PROGRESS.search(terminal.raw.rpartition(GIVEN_BACK)[2])


@pytest.mark.parametrize("option", ["title", "progress"])
def test_either_is_switched_off(option: str) -> None:
    with Terminal([EITUI, "demo", f"--no-{option}"], columns=100, rows=40) as terminal:
        other = (lambda t: TITLE.match(t.title)) if option == "progress" else (lambda t: PROGRESS.search(t.raw))
        terminal.wait_for(lambda t: other(t) is not None)
        terminal.send("q")
        assert terminal.wait_exit() == 0
        if option == "title":
            assert (terminal.title, PUSH_TITLE.encode() in terminal.raw) == ("", False)
        else:
            assert b"\x1b]9;4;" not in terminal.raw


def ended(terminal: Terminal) -> None:
    terminal.signal(signal.SIGTERM)


def frozen(terminal: Terminal) -> None:
    terminal.pause_reading()
    terminal.signal(signal.SIGTERM)
    terminal.wait_exit()
    terminal.resume_reading()
    terminal.wait_read()


@pytest.mark.parametrize("end", [ended, frozen])
def test_both_are_given_back_when_a_signal_ends_it(end: Callable[[Terminal], None]) -> None:
    with Terminal([EITUI, "demo"], columns=100, rows=40) as terminal:
        terminal.wait_for(told)
        end(terminal)
        assert terminal.wait_exit() == 143
        assert GIVEN_BACK in terminal.raw


def test_both_are_given_back_for_a_shell_and_set_again_after_it() -> None:
    with LookAlike() as server:
        shell = ["bash", "--norc", "--noprofile", "-i"]
        with Terminal(shell, columns=100, rows=40, environ=server.environment()) as terminal:
            terminal.send(f"{shlex.quote(EITUI)} watch\n")
            terminal.wait_for(told)
            mark = len(terminal.raw)
            terminal.send("\x1a")
            terminal.wait_for(lambda t: GIVEN_BACK in t.since(mark))
            terminal.wait_for("Stopped")
            mark = len(terminal.raw)
            terminal.send("fg\n")
            terminal.wait_for(lambda t: re.search(rb"\x1b\[22;2t\x1b\]2;\d+/44 ", t.since(mark)) is not None)
            assert PROGRESS.search(terminal.since(mark))
