"""Within tmux and GNU screen with their default settings: copying, notifications, and what is said of them.

Needs both programs (`apt-get install tmux screen`); each test runs its own server on a socket of its own.
"""

import base64
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from look_alike import Clock, LookAlike
from pty_harness import PATIENCE, Terminal

EITUI = str(Path(sys.executable).with_name("eitui"))

REFUSABLE = "Sent to the terminal's"
TITLE = re.compile(r"\d+/44 ✓\d+ ✗\d+ · Keyword spotting")
IN_ASCII = re.compile(r"\d+/44 v\d+ x\d+ \. Keyword spotting")
PROGRESS = re.compile(rb"\x1b\]9;4;1;\d+\x07")
COPIED = re.compile(rb"\x1b\]52;c?;([A-Za-z0-9+/=]+)(?:\x07|\x1b\\)")


def installed(program: str) -> str:
    path = shutil.which(program)
    assert path, f"{program} is needed: apt-get install {program}"
    return path


def is_a_row(text: str) -> bool:
    header, row, *rest = text.split("\n")
    return header.startswith("trial_id\t") and header.count("\t") == row.count("\t") and not any(rest)


class Tmux:
    """A tmux server with the settings it has by itself."""

    def __init__(self, directory: Path) -> None:
        self.command = [installed("tmux"), "-S", str(directory / "tmux"), "-f", os.devnull]
        self._environ = os.environ | {"HOME": str(directory), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
        self._environ.pop("TMUX", None)

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self.command, *arguments], env=self._environ, capture_output=True, text=True, timeout=PATIENCE, check=True
        )
        return done.stdout


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    tmux = Tmux(tmp_path)
    yield tmux
    tmux.run("kill-server")


def test_a_row_reaches_tmux_s_buffer_and_the_terminal_around_it(tmux: Tmux) -> None:
    with Terminal([*tmux.command, "new-session", f"{EITUI} demo"], columns=100, rows=40) as terminal:
        terminal.wait_for("completed")
        terminal.send("y")
        terminal.wait_for("Copied to the tmux buffer")
        copied = tmux.run("show-buffer")
        assert is_a_row(copied)
        terminal.wait_for(lambda terminal: COPIED.search(terminal.raw) is not None)
        assert base64.b64decode(COPIED.search(terminal.raw)[1]).decode() == copied


def test_the_end_of_a_run_marks_tmux_s_window(tmux: Tmux) -> None:
    clock = Clock()
    with LookAlike(clock=clock) as server:
        command = [*tmux.command, "start-server", ";", "set-hook", "-g", "alert-bell", "wait-for -S bell", ";",
                   "new-session", f"{EITUI} watch --interval 1"]  # fmt: skip
        with Terminal(command, columns=100, rows=40, environ=server.environment()) as terminal:
            terminal.wait_for("LIVE")
            tmux.run("new-window", "cat")
            clock.end_run()
            tmux.run("wait-for", "bell")
            assert tmux.run("list-windows", "-F", "#{window_bell_flag}").split() == ["1", "0"]


def test_the_title_is_the_pane_s_and_progress_draws_nothing(tmux: Tmux) -> None:
    with Terminal([*tmux.command, "new-session", "sh"], columns=100, rows=40) as terminal:
        terminal.wait_for("$" if os.geteuid() else "#")
        before = tmux.run("display-message", "-p", "#{pane_title}")
        terminal.send(f"{EITUI} demo\n")
        terminal.wait_for(lambda _: TITLE.match(tmux.run("display-message", "-p", "#{pane_title}")) is not None)
        assert "9;4" not in terminal.text
        terminal.send("q")
        terminal.wait_for(lambda _: tmux.run("display-message", "-p", "#{pane_title}") == before)
        assert "9;4" not in terminal.text


def test_progress_and_notifications_pass_where_tmux_lets_them(tmux: Tmux) -> None:
    clock = Clock()
    with LookAlike(clock=clock) as server:
        command = [*tmux.command, "start-server", ";", "set-option", "-g", "allow-passthrough", "on", ";",
                   "new-session", f"{EITUI} watch --interval 1"]  # fmt: skip
        with Terminal(command, columns=100, rows=40, environ=server.environment()) as terminal:
            terminal.wait_for(lambda t: PROGRESS.search(t.raw) is not None)
            clock.end_run()
            terminal.wait_for(lambda t: b"\x1b]9;eitui: finished: " in t.raw)


def test_the_doctor_says_what_tmux_lets_through(tmux: Tmux) -> None:
    with Terminal([*tmux.command, "new-session", f"{EITUI} doctor; cat"], columns=120, rows=40) as terminal:
        terminal.wait_for(
            re.compile(r"multiplexer +tmux \(set-clipboard external, allow-passthrough off\): notifications")
        )
    tmux.run("set-option", "-g", "set-clipboard", "on", ";", "set-option", "-g", "allow-passthrough", "on")
    with Terminal([*tmux.command, "new-session", f"{EITUI} doctor; cat"], columns=120, rows=40) as terminal:
        terminal.wait_for(
            re.compile(r"multiplexer +tmux \(set-clipboard on, allow-passthrough on\): notifications pass")
        )


def test_a_row_reaches_the_terminal_around_gnu_screen(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    command = [installed("screen"), "-U", "-c", os.devnull, EITUI, "demo"]
    environ = {"SCREENDIR": str(tmp_path)}
    with Terminal(command, columns=100, rows=40, environ=environ) as terminal:
        terminal.wait_for("completed")
        terminal.send("y")
        terminal.wait_for(REFUSABLE)
        terminal.wait_for(lambda terminal: COPIED.search(terminal.raw) is not None)
        assert is_a_row(base64.b64decode(COPIED.findall(terminal.raw)[-1]).decode())
        terminal.send("q")
        terminal.wait_exit()


@contextmanager
def watching_in_screen(directory: Path, clock: Clock) -> Iterator[Terminal]:
    directory.chmod(0o700)
    with LookAlike(clock=clock) as server:
        command = [installed("screen"), "-U", "-c", os.devnull, EITUI, "watch", "--interval", "1"]
        environ = server.environment() | {"SCREENDIR": str(directory)}
        with Terminal(command, columns=100, rows=40, environ=environ) as terminal:
            terminal.wait_for(lambda t: IN_ASCII.match(t.title) is not None and PROGRESS.search(t.raw) is not None)
            yield terminal


def test_title_progress_and_notification_reach_the_terminal_around_gnu_screen(tmp_path: Path) -> None:
    clock = Clock()
    with watching_in_screen(tmp_path, clock) as terminal:
        clock.end_run()
        terminal.wait_for(lambda t: b"\x1b]9;eitui: finished: " in t.raw)
        terminal.send("q")
        terminal.wait_exit()
        assert b"\x1b]9;4;0;\x07\x1b[23;2t" in terminal.raw


def test_the_end_of_a_run_in_another_window_of_gnu_screen_is_its_message(tmp_path: Path) -> None:
    clock = Clock()
    with watching_in_screen(tmp_path, clock) as terminal:
        terminal.send("\x01c")
        terminal.wait_for(lambda t: "Trials" not in t.text)
        clock.end_run()
        terminal.wait_for("Bell in window 0")


@pytest.fixture
def stand_in(tmp_path: Path) -> Path:
    """A directory for a `tmux` that is found before any other."""
    (tmp_path / "bin").mkdir()
    return tmp_path / "bin" / "tmux"


def within(stand_in: Path, script: str) -> Terminal:
    stand_in.write_text(f"#!/bin/sh\n{script}\n")
    stand_in.chmod(0o755)
    environ = {"PATH": f"{stand_in.parent}:{os.environ['PATH']}", "TMUX": "/nowhere,1,0"}
    return Terminal([EITUI, "demo"], columns=100, rows=40, environ=environ)


def test_tmux_is_given_the_text_on_its_stdin_and_the_terminal_nothing(stand_in: Path, tmp_path: Path) -> None:
    with within(stand_in, f'echo "$@" > {tmp_path}/arguments; cat > {tmp_path}/text') as terminal:
        terminal.wait_for("completed")
        terminal.send("y")
        terminal.wait_for("Copied to the tmux buffer")
        assert (tmp_path / "arguments").read_text() == "load-buffer -w -\n"
        assert is_a_row((tmp_path / "text").read_text())
        assert not COPIED.search(terminal.raw)


def test_an_old_tmux_is_asked_without_the_flag_it_does_not_know(stand_in: Path, tmp_path: Path) -> None:
    with within(stand_in, f'[ "$2" = - ] && cat > {tmp_path}/text') as terminal:
        terminal.wait_for("completed")
        terminal.send("y")
        terminal.wait_for("Copied to the tmux buffer")
        assert is_a_row((tmp_path / "text").read_text())


@pytest.mark.parametrize("script", ["exit 1", "exec sleep 60"], ids=["refuses", "hangs"])
def test_a_tmux_that_does_not_take_it_holds_up_nothing_and_the_terminal_is_sent_the_text(
    stand_in: Path, script: str
) -> None:
    with within(stand_in, script) as terminal:
        terminal.wait_for("completed")
        terminal.send("y?")
        terminal.wait_for("Keys: Trials")
        terminal.wait_for(REFUSABLE)
        assert COPIED.search(terminal.raw)
