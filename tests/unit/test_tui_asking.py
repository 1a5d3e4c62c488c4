"""What a terminal answers about itself, in a real pseudo-terminal."""

import os
import pty
import termios
import threading
import tty
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from eitui.tui.asking import Answers, ask

XTERM = {"TERM": "xterm-256color"}
WHOLE = b"\x1b[?2026;2$y"


class Pair:
    """Both ends of a terminal; what `reply` holds is its answer to the last question."""

    def __init__(self) -> None:
        self.ours, self.theirs = pty.openpty()
        self.reply = b""
        tty.setraw(self.theirs)

    def ask(self, environ: dict[str, str] = XTERM, patience: float = 20.0) -> Answers | None:
        def answer() -> None:
            asked = b""
            while not asked.endswith(b"\x1b[K"):
                asked += os.read(self.ours, 1024)
            os.write(self.ours, self.reply)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        with mock.patch("os.tcgetpgrp", return_value=os.getpgrp()):
            answers = ask(self.theirs, self.theirs, environ, patience)
        thread.join()
        return answers


@pytest.fixture
def pair() -> Iterator[Pair]:
    pair = Pair()
    yield pair
    os.close(pair.ours)
    os.close(pair.theirs)


@pytest.mark.parametrize(
    ("reply", "answers"),
    [
        (b"\x1bP>|foot(1.16.2)\x1b\\" + WHOLE + b"\x1b[?62;4c", Answers("foot(1.16.2)", True, "62;4")),
        (b"\x1b[?2026;0$y\x1b[?1;2c", Answers("", False, "1;2")),
        (b"\x1b[?c", Answers()),
        (b"\x1bP>|\x9b31mred\x07\xff\x1b\\\x1b[?6c", Answers("\ufffd31mred\u2407\ufffd", False, "6")),
    ],
)
def test_a_terminal_answers(pair: Pair, reply: bytes, answers: Answers) -> None:
    pair.reply = reply
    assert pair.ask() == answers


@pytest.mark.parametrize("reply", [b"", b"\x1b[?2026;2$y", b"noise"])
def test_one_that_does_not_answer_is_waited_for_no_longer(pair: Pair, reply: bytes) -> None:
    pair.reply = reply
    assert pair.ask(patience=0.0) is None


def test_afterwards_the_terminal_is_as_before_and_a_late_answer_is_gone(pair: Pair) -> None:
    before = termios.tcgetattr(pair.theirs)
    pair.reply = b"\x1b[?6c and what comes late"
    assert pair.ask() is not None
    assert termios.tcgetattr(pair.theirs) == before
    os.set_blocking(pair.theirs, False)
    with pytest.raises(BlockingIOError):
        os.read(pair.theirs, 100)


def test_the_console_and_what_is_no_terminal_or_another_s_are_not_asked(pair: Pair) -> None:
    assert ask(pair.theirs, pair.theirs, {"TERM": "linux"}) is None
    assert ask(pair.theirs, pair.theirs, XTERM) is None  # not this process's own
    with Path(os.devnull).open() as nothing:
        assert ask(nothing.fileno(), nothing.fileno(), XTERM) is None
