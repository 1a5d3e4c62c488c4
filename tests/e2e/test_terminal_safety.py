"""How a session ends, in a real pseudo-terminal: the terminal is given back, quickly, and nothing is given away."""

import os
import re
import select
import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
import tiny_app
from pty_harness import PATIENCE, Terminal

PROGRAM = str(Path(tiny_app.__file__))
FRESH = {7, 25}
"""Modes of a terminal nobody has touched: line wrap, and a visible cursor."""


class Session:
    """The small app in a terminal, and what it tells behind the screen."""

    def __init__(self, stack: ExitStack, options: dict[str, Any]) -> None:
        self._told, telling = os.pipe()
        self._rest = b""
        stack.callback(os.close, self._told)
        command = [sys.executable, PROGRAM, str(telling), *options.pop("flags", ())]
        if "shell" in options:
            command = ["sh", "-c", options.pop("shell").format(shlex.join(command))]
        self.command = shlex.join(command)
        run = options.pop("run", command)
        self.terminal = stack.enter_context(Terminal(run, pass_fds=[telling], **options))
        os.close(telling)

    def _next_line(self) -> str:
        while b"\n" not in self._rest:
            assert select.select([self._told], [], [], PATIENCE)[0], "the app tells no more"
            data = os.read(self._told, 65536)
            if not data:
                raise EOFError
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode()

    def wait_told(self, pattern: str) -> None:
        """Wait for a line that matches; EOFError when the app ends without."""
        while not re.fullmatch(pattern, self._next_line()):
            pass

    def wait_ticks(self, number: int) -> None:
        """Wait until the app has counted that much further."""
        for _ in range(number):
            self.wait_told(r"tick \d+")

    def everything_told(self) -> list[str]:
        """All lines not read yet, once the app has ended."""
        lines = []
        with suppress(EOFError):
            while True:
                lines.append(self._next_line())
        return lines

    def assert_given_back(self) -> None:
        """The terminal is as it was found."""
        assert self.terminal.modes_on() == FRESH
        assert not self.terminal.alternate
        assert self.terminal.attributes == self.terminal.initial_attributes


Start = Callable[..., Session]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start the small app and wait until it is on the screen."""
    with ExitStack() as stack:

        def begin(**options: Any) -> Session:
            in_shell = "run" in options
            session = Session(stack, options)
            if not in_shell:
                session.terminal.wait_for("ready ✓")
            return session

        yield begin


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130), (signal.SIGQUIT, 131)],
)
def test_a_signal_ends_the_session_and_gives_the_terminal_back(start: Start, number: signal.Signals, code: int) -> None:
    session = start(flags=["--mouse"])
    session.terminal.wait_for(lambda terminal: 1004 in terminal.modes_on())
    session.terminal.signal(number)
    assert session.terminal.wait_exit() == code
    session.assert_given_back()
    assert session.everything_told().count("hook") == 1


def test_a_signal_ends_a_session_whose_event_loop_is_stuck(start: Start) -> None:
    session = start()
    session.terminal.send("b")
    session.wait_told("blocked")
    session.terminal.signal(signal.SIGTERM)
    assert session.terminal.wait_exit() == 143
    session.assert_given_back()
    assert session.everything_told() == ["hook"]


def test_a_hook_that_hangs_cannot_hold_up_the_end(start: Start) -> None:
    session = start()
    session.terminal.send("hq")
    session.wait_told("waiting")
    # As the kernel sends after a hang-up: not a reason to take the terminal over once more.
    session.terminal.signal(signal.SIGCONT)
    assert session.terminal.wait_exit() == 3
    session.assert_given_back()
    assert session.everything_told() == ["hook"]
    assert "while ending" not in session.terminal.text


def test_a_thread_that_never_ends_cannot_hold_up_the_end(start: Start) -> None:
    session = start()
    session.terminal.send("t")
    session.wait_told("waiting")
    session.terminal.send("q")
    assert session.terminal.wait_exit() == 3
    session.assert_given_back()
    assert session.everything_told().count("hook") == 1


def test_a_hook_that_fails_is_reported_and_the_others_run(start: Start) -> None:
    session = start()
    session.terminal.send("fq")
    assert session.terminal.wait_exit() == 3
    session.terminal.wait_for("eitui: while ending: OSError: disk full ␛[2J [API key]")
    assert "hook" in session.everything_told()


def test_a_frozen_terminal_stops_the_drawing_and_nothing_else(start: Start) -> None:
    session = start(synchronised=True)
    session.terminal.send("d")
    session.terminal.wait_for("count")
    session.terminal.pause_reading()
    # Far more frames than Textual's queue of 30 writes and the kernel's buffer hold.
    session.wait_ticks(200)
    session.terminal.resize(100, 30)
    session.wait_ticks(20)
    session.terminal.send("s")
    session.wait_ticks(20)
    session.terminal.resume_reading()
    session.terminal.wait_for("settled")
    session.terminal.wait_for(whole_wall)
    session.terminal.send("q")
    assert session.terminal.wait_exit() == 3
    session.assert_given_back()


@pytest.mark.parametrize("columns", [(), (120, 100)], ids=["as it was", "resized twice"])
def test_a_terminal_that_thaws_shows_what_changed_last(start: Start, columns: tuple[int, ...]) -> None:
    session = start(columns=100, rows=30)
    session.terminal.send("d")
    session.terminal.wait_for("count")
    session.terminal.pause_reading()
    session.wait_ticks(200)
    session.terminal.send("s")
    session.wait_ticks(20)
    for width in columns:
        session.terminal.resize(width, 30)
        session.wait_ticks(20)
    session.terminal.resume_reading()
    session.terminal.wait_for("settled")
    session.terminal.wait_for(whole_wall)


def whole_wall(terminal: Terminal) -> bool:
    """Whether all of a screen of 100×30 but its first line is full of one and the same count."""
    _, *wall = terminal.screen
    count = wall[0][:7]
    return wall == [(count * 15)[:99] + "|"] * 29 and count.strip().isdigit()


@pytest.mark.parametrize(("end", "code"), [("SIGTERM", 143), ("q", 3)])
def test_a_session_on_a_frozen_terminal_can_be_ended(start: Start, end: str, code: int) -> None:
    session = start()
    session.terminal.send("d")
    session.terminal.wait_for("count")
    session.terminal.pause_reading()
    session.wait_ticks(100)
    if end == "q":
        session.terminal.send(end)
    else:
        session.terminal.signal(signal.Signals[end])
    assert session.terminal.wait_exit() == code
    session.terminal.resume_reading()
    session.terminal.wait_read()
    session.assert_given_back()


def test_quitting_on_a_slow_line_drops_what_is_not_yet_drawn(start: Start) -> None:
    session = start(rate=1920, columns=60, rows=12)
    session.terminal.send("d")
    session.terminal.wait_for("count")
    session.wait_ticks(50)
    before = len(session.terminal.raw)
    session.terminal.send("q")
    assert session.terminal.wait_exit() == 3
    session.terminal.wait_read()
    session.assert_given_back()
    # The kernel's buffer is dropped too; what remains is what was on its way, and the reset.
    assert len(session.terminal.raw) - before < 8192


@pytest.mark.parametrize(
    "shell", ["exec {}", "trap '' HUP; exec {}"], ids=["hang-up signalled", "hang-up ignored, as under nohup"]
)
def test_a_terminal_that_goes_away_ends_the_session(start: Start, shell: str) -> None:
    session = start(shell=shell)
    session.terminal.hangup()
    assert session.terminal.wait_exit() == 129
    assert session.everything_told().count("hook") == 1


def test_an_ignored_hang_up_signal_stays_ignored(start: Start) -> None:
    session = start(shell="trap '' HUP; exec {}")
    session.terminal.signal(signal.SIGHUP)
    session.wait_ticks(10)
    session.terminal.send("q")
    assert session.terminal.wait_exit() == 3


@pytest.mark.parametrize(("key", "what"), [("c", "ValueError: bad ␛]0;forged␇"), ("w", "LookupError: in a worker")])
def test_a_crash_is_reported_without_secrets_or_escape_sequences(start: Start, key: str, what: str) -> None:
    session = start(rows=60, columns=150)
    session.terminal.send(key)
    assert session.terminal.wait_exit() == 70
    session.assert_given_back()
    session.terminal.wait_for(f"eitui stopped: {what}")
    session.terminal.wait_for("Traceback (most recent call last)")
    session.terminal.wait_for("This is a bug in eitui")
    assert tiny_app.LOCAL.encode() not in session.terminal.raw
    assert tiny_app.KEY.encode() not in session.terminal.raw
    assert b"forged\x07" not in session.terminal.raw
    assert "hook" in session.everything_told()


def test_what_fails_in_the_background_is_said_when_the_terminal_is_given_back(start: Start) -> None:
    session = start()
    session.terminal.send("k")
    session.wait_told("failed")
    session.wait_ticks(3)
    session.terminal.send("q")
    assert session.terminal.wait_exit() == 3
    session.assert_given_back()
    session.terminal.wait_for("eitui: in the background: ZeroDivisionError: division by zero")
    session.terminal.wait_for("eitui: in the background: LookupError: in a worker ␛[2J [API key]")
    assert b"Traceback" not in session.terminal.raw
    assert tiny_app.KEY.encode() not in session.terminal.raw


def start_in_shell(start: Start) -> Session:
    """Start the small app from a shell, so that it can be suspended."""
    session = start(run=["sh", "-i"], environ={"PS1": "shell> "})
    session.terminal.wait_for("shell>")
    session.terminal.send(f"{session.command}\r")
    session.terminal.wait_for("ready ✓")
    return session


def test_ctrl_z_gives_the_terminal_to_the_shell_and_fg_brings_the_session_back(start: Start) -> None:
    session = start_in_shell(start)
    terminal = session.terminal
    terminal.send("z")
    terminal.wait_for(lambda terminal: not terminal.alternate and terminal.text.endswith("shell>"))
    assert terminal.modes_on() - {2004} == FRESH  # Bracketed paste is the shell's own.
    # In the background it may not touch the terminal, and stops again at once.
    terminal.send("bg\r")
    terminal.send("fg\r")
    terminal.wait_for(lambda terminal: terminal.alternate and "ready ✓" in terminal.text)
    session.wait_told("resumed")
    terminal.send("q")
    terminal.wait_for(lambda terminal: not terminal.alternate and terminal.text.endswith("shell>"))
    terminal.send("exit $?\r")
    assert terminal.wait_exit() == 3


def test_a_terminal_that_goes_away_ends_a_suspended_session(start: Start) -> None:
    session = start_in_shell(start)
    session.terminal.send("z")
    session.terminal.wait_for(re.compile(r"Stopped.*shell>$", re.DOTALL))
    session.terminal.hangup()
    assert "hook" in session.everything_told()


def test_a_process_stopped_from_outside_comes_back_and_still_gives_the_terminal_back(start: Start) -> None:
    session = start()
    session.wait_ticks(20)
    drawn = session.terminal.raw.count(b"ready")
    session.terminal.signal(signal.SIGSTOP)
    session.terminal.signal(signal.SIGCONT)
    session.wait_told("resumed")
    # What the shell wrote meanwhile is painted over.
    session.terminal.wait_for(lambda terminal: terminal.raw.count(b"ready") > drawn)
    session.terminal.send("q")
    assert session.terminal.wait_exit() == 3
    session.assert_given_back()


def test_the_mouse_is_reported_only_when_asked_for(start: Start) -> None:
    mouse = {1000, 1003, 1006}
    quiet, loud = start().terminal, start(flags=["--mouse"]).terminal
    loud.wait_for(lambda terminal: mouse <= terminal.modes_on())
    # The keyboard's mode is set after the mouse's: had the mouse been asked for, it would be on by now.
    quiet.wait_for(lambda terminal: 2004 in terminal.modes_on())
    assert not mouse & quiet.modes_on()


@pytest.mark.parametrize(
    ("shell", "columns", "rows"),
    [("COLUMNS=40 LINES=10 exec {}", 100, 30), ("stty cols 0 rows 0; exec {}", 80, 24)],
    ids=["variables say another size", "the terminal says none"],
)
def test_there_is_one_size_and_keys_are_heard(start: Start, shell: str, columns: int, rows: int) -> None:
    session = start(shell=shell, columns=columns, rows=rows)
    session.terminal.send("d")
    session.terminal.wait_for(lambda terminal: all(line[-1] == "|" for line in terminal.text.splitlines()[1:]))
    session.terminal.send("q")
    assert session.terminal.wait_exit() == 3


def test_bytes_that_are_not_utf_8_are_no_end(start: Start) -> None:
    session = start()
    for noise in (b"\xe9j", b"\xff", b"\x9b", b"\x1b[200~caf\xe9\x1b[201~"):
        session.terminal.send(noise)
    session.terminal.send("d")
    session.terminal.wait_for("count")
    session.terminal.send("q")
    assert session.terminal.wait_exit() == 3


def test_the_screen_has_the_terminals_size_when_stdout_is_a_file(start: Start) -> None:
    session = start(shell="exec {} > out", columns=100, rows=30)
    session.terminal.send("d")
    session.terminal.wait_for(whole_wall)


def test_the_screen_and_messages_are_utf_8_in_any_locale(start: Start) -> None:
    session = start(environ={"LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"})
    session.terminal.send("c")
    assert session.terminal.wait_exit(PATIENCE) == 70
    session.terminal.wait_for("ValueError: bad ␛]0;forged␇")
    assert b"\\u" not in session.terminal.raw
