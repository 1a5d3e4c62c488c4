"""Ask the terminal what it is, for `eitui doctor`. Nothing that it answers late reaches the shell."""

import os
import re
import select
import termios
import tty
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic

from eitui.domain.text import clean

PATIENCE = 1.0
"""Seconds that a terminal is given to answer: over SSH it may be far away."""

_MOST = 4096
_NAME, _MODE, _ATTRIBUTES = "\x1b[>q", "\x1b[?2026$p", "\x1b[c"
_QUESTIONS = f"{_NAME}{_MODE}{_ATTRIBUTES}\r\x1b[K".encode()
"""Name and version, synchronised output, and at last what every terminal answers. What one does not understand it may
print, so the line is erased."""

_END = re.compile(rb"\x1b\[\?[0-9;]*c")


@dataclass(frozen=True)
class Answers:
    """What a terminal said of itself."""

    name: str = ""
    """Empty where it does not say."""
    synchronised: bool = False
    """Whether it draws a frame at once."""
    attributes: str = ""
    """The numbers of its answer to DA1."""


def ask(stdin: int, output: int, environ: Mapping[str, str], patience: float | None = None) -> Answers | None:
    """Return what the terminal on these descriptors answers; None where it does not, or is not asked.

    The Linux console is not, as it prints what it does not understand. In the background the answers would be the
    shell's.
    """
    limit = PATIENCE if patience is None else patience
    try:
        if environ.get("TERM", "") == "linux" or os.tcgetpgrp(stdin) != os.getpgrp():
            return None
        before = termios.tcgetattr(stdin)
    except (OSError, termios.error):
        return None
    try:
        tty.setcbreak(stdin, termios.TCSANOW)
        os.write(output, _QUESTIONS)
        return _read(_answered(stdin, monotonic() + limit))
    except (OSError, termios.error):
        return None
    finally:
        # With what has not been read: an answer that comes too late would be typed into the shell.
        termios.tcsetattr(stdin, termios.TCSAFLUSH, before)


def _answered(stdin: int, until: float) -> bytes:
    data = b""
    while not _END.search(data) and len(data) < _MOST:
        if not select.select([stdin], [], [], max(0.0, until - monotonic()))[0]:
            break
        more = os.read(stdin, 1024)
        if not more:
            break
        data += more
    return data


def _read(data: bytes) -> Answers | None:
    end = _END.search(data)
    if end is None:
        return None
    text = data.decode("utf-8", "replace")
    name = re.search(r"\x1bP>\|([^\x1b]*)\x1b\\", text)
    mode = re.search(r"\x1b\[\?2026;([1-4])\$y", text)
    return Answers(clean(name[1], 60) if name else "", mode is not None and mode[1] in "12", end[0][3:-1].decode())
