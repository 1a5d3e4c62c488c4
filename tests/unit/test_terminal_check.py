"""Whether the monitor can be drawn here, and how its terminal is given back."""

import io
import os
import pty
import sys
import termios
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

import pytest

from eitui.tui.terminal import (
    HINT,
    RESET,
    TerminalState,
    check_terminal,
    discard_output,
    drop_foreign_settings,
    open_for_writing,
    say,
    speak_utf8,
)

GOOD = {"TERM": "xterm-256color"}


class Pair:
    """Both ends of a pseudo-terminal."""

    def __init__(self, stack: ExitStack) -> None:
        self.master, self.slave = pty.openpty()
        self.stream: TextIO = stack.enter_context(os.fdopen(self.slave, "w", encoding="utf-8"))
        self.file: TextIO = stack.enter_context(os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
        stack.callback(os.close, self.master)

    def fill(self) -> None:
        """Write until the kernel takes no more, as happens when nobody reads."""
        fd = open_for_writing(self.slave)
        try:
            while True:
                os.write(fd, b"x" * 4096)
        except BlockingIOError:
            return
        finally:
            os.close(fd)


@pytest.fixture
def pair() -> Iterator[Pair]:
    with ExitStack() as stack:
        yield Pair(stack)


def test_a_terminal_is_accepted(pair: Pair) -> None:
    assert check_terminal(GOOD, pair.stream, pair.stream) is None


@pytest.mark.parametrize("term", [None, "", "dumb", "unknown"])
def test_a_terminal_without_a_screen_is_refused(pair: Pair, term: str | None) -> None:
    reason = check_terminal({} if term is None else {"TERM": term}, pair.stream, pair.stream)
    assert reason is not None
    assert f"TERM={term or '(unset)'}" in reason


@pytest.mark.parametrize(("stdin", "stderr", "word"), [("file", "stream", "stdin"), ("stream", "file", "stderr")])
def test_a_stream_that_is_not_a_terminal_is_refused(pair: Pair, stdin: str, stderr: str, word: str) -> None:
    reason = check_terminal(GOOD, getattr(pair, stdin), getattr(pair, stderr))
    assert reason is not None
    assert word in reason


def test_a_stream_that_is_closed_or_missing_is_refused(pair: Pair) -> None:
    closed = io.StringIO()
    closed.close()
    assert check_terminal(GOOD, None, pair.stream)
    assert check_terminal(GOOD, pair.stream, closed)


def test_every_refusal_is_one_line_with_a_hint(pair: Pair) -> None:
    reasons = [
        check_terminal(GOOD, None, pair.stream),
        check_terminal(GOOD, pair.stream, None),
        check_terminal({}, pair.stream, pair.stream),
    ]
    for reason in reasons:
        assert reason is not None
        assert reason.endswith(HINT)
        assert "\n" not in reason


def test_what_would_set_up_the_screen_past_eitui_s_settings_is_dropped_and_nothing_else() -> None:
    own = GOOD | {"COLORTERM": "truecolor", "NO_COLOR": "1", "EITUI_THEME": "nord", "ESCDELAY": "25"}
    environ = own | {"COLUMNS": "40", "LINES": "10", "TEXTUAL": "devtools", "TEXTUAL_THEME": "x", "TEXTUAL_FPS": "x"}
    drop_foreign_settings(environ)
    assert environ == own


def test_textual_draws_on_stderr_as_the_check_assumes() -> None:
    """The check looks at `sys.__stderr__`: Textual's driver must not have moved to another stream."""
    from textual.app import App

    assert App()._original_stderr is sys.__stderr__


def test_a_stream_in_another_encoding_is_made_utf_8() -> None:
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding="ascii", errors="backslashreplace", write_through=True)
    speak_utf8(stream)
    stream.write("━ \udc80")
    assert buffer.getvalue() == "━ ?".encode()
    speak_utf8(None)


def test_a_descriptor_for_writing_never_waits_and_leaves_the_shared_one_alone(pair: Pair) -> None:
    fd = open_for_writing(pair.slave)
    try:
        assert not os.get_blocking(fd)
        assert os.get_blocking(pair.slave)
    finally:
        os.close(fd)


def test_a_descriptor_that_cannot_be_opened_again_is_copied(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w") as file:
        fd = open_for_writing(file.fileno())
        os.write(fd, b"copied")
        os.close(fd)
    assert (tmp_path / "file").read_text() == "copied"


def test_restoring_resets_modes_and_settings(pair: Pair) -> None:
    before = termios.tcgetattr(pair.slave)
    state = TerminalState.capture(pair.slave, pair.slave)
    raw = termios.tcgetattr(pair.slave)
    raw[3] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(pair.slave, termios.TCSANOW, raw)
    state.restore()
    assert os.read(pair.master, 4096) == RESET
    assert termios.tcgetattr(pair.slave) == before


def test_restoring_a_frozen_terminal_does_not_wait_and_its_reset_is_read_later(pair: Pair) -> None:
    state = TerminalState.capture(pair.slave, pair.slave)
    pair.fill()
    state.restore()
    # What the line discipline had passed on before is still read first.
    data = b""
    while not data.endswith(RESET):
        data += os.read(pair.master, 65536)


def test_restoring_a_terminal_that_is_gone_is_quiet() -> None:
    master, slave = pty.openpty()
    state = TerminalState.capture(slave, slave)
    os.close(master)
    state.restore()
    discard_output(slave)
    os.close(slave)
    state.restore()


def test_there_is_nothing_to_restore_without_a_terminal(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w") as file:
        assert TerminalState.capture(file.fileno(), file.fileno()).attributes is None


def test_last_words_are_written_whole_and_to_nobody_without_an_error(pair: Pair) -> None:
    say(pair.stream, "last ✓ words\n")
    assert os.read(pair.master, 4096) == "last ✓ words\r\n".encode()
    say(None, "nobody")
    closed = io.StringIO()
    closed.close()
    say(closed, "nobody")
