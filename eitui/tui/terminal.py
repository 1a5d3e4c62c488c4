"""The terminal as a device: whether it can be drawn on, and how it is given back."""

import io
import os
import select
import termios
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Self, TextIO

from eitui.tui.ascii import to_ascii

HINT = "`eitui status` prints the run as plain text"
"""What every refusal points to."""

RESET = b"".join(
    (
        b"\x18",  # CAN: ends a sequence that was cut in the middle
        b"\x1b[?2026l",  # synchronised output
        b"\x1b[<u",  # kitty keyboard; before leaving the alternate screen, which has a stack of its own
        b"\x1b[?2004l",  # bracketed paste
        b"\x1b[?2048l",  # in-band resize reports
        b"\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l",  # mouse
        b"\x1b[?1004l",  # focus reports
        b"\x1b[?7h",  # line wrap
        b"\x1b[0m",
        b"\x1b[?1049l",  # alternate screen
        b"\x1b[?25h",  # cursor
    )
)
"""Everything Textual 8.2 switches on, switched off again; harmless where it was off."""

_FOREIGN = frozenset({"COLUMNS", "LINES", "TEXTUAL"})

_NO_SCREEN = frozenset({"", "dumb", "unknown"})


def drop_foreign_settings(environ: MutableMapping[str, str]) -> None:
    """Remove from `environ` what would set up the screen past eitui's own settings; before Textual is imported.

    COLUMNS and LINES, as `docker exec -e`, `eval $(resize)` and CI shells leave them, are wrong as soon as the window
    is another one: the terminal itself is asked for its size. Textual's own variables (TEXTUAL_THEME and others) are a
    developer's, for all apps; one that names a theme or a colour system that does not exist ends the app.
    """
    for name in [name for name in environ if name in _FOREIGN or name.startswith("TEXTUAL_")]:
        del environ[name]


def multiplexer(environ: Mapping[str, str]) -> str:
    """Return what stands between eitui and the terminal: "tmux", "screen" (GNU screen), or nothing.

    Over SSH only TERM tells; tmux may be configured to call itself `screen` too, and is then taken for GNU screen.
    """
    term = environ.get("TERM", "")
    if environ.get("TMUX") or term.startswith("tmux"):
        return "tmux"
    return "screen" if environ.get("STY") or term.startswith("screen") else ""


SCREEN_STRING = 768
"""Bytes of the longest string GNU screen 4 keeps; the rest of a longer one appears on the screen."""

SCREEN_PIECE = SCREEN_STRING // 4
"""Characters that fit into such a string, at up to four bytes each."""


def _for_tmux(sequence: str) -> str:
    doubled = sequence.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{doubled}\x1b\\"


def _for_screen(sequence: str) -> str:
    """Return `sequence` in pieces, each a string of its own: GNU screen hands on what is in them, one after another.

    In ASCII, as it hands on no more than the last byte of a character's number: of `␛`, which stands for an escape in
    what a service sent, that is an escape.
    """
    sequence = to_ascii(sequence)
    pieces = (sequence[start : start + SCREEN_PIECE] for start in range(0, len(sequence), SCREEN_PIECE))
    return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)


WRAPPED: Mapping[str, Callable[[str], str]] = {"tmux": _for_tmux, "screen": _for_screen}
"""How a sequence is handed through each multiplexer."""


def check_terminal(environ: Mapping[str, str], stdin: TextIO | None, stderr: TextIO | None) -> str | None:
    """Return why the monitor cannot run here, in one line with a hint, or None when it can.

    `stdin` is where keys come from; `stderr` is what Textual draws on (`sys.__stderr__`), so stdout may go anywhere.
    Without this check Textual spins on an input that is at its end and draws an interface nobody can see.
    """
    if not _is_terminal(stdin):
        return f"the keyboard (stdin) is not a terminal; {HINT}"
    if not _is_terminal(stderr):
        return f"the screen is drawn on stderr, which is not a terminal; {HINT}"
    term = environ.get("TERM", "")
    if term in _NO_SCREEN:
        return f"TERM={term or '(unset)'} is a terminal without cursor control; {HINT}"
    return None


def _is_terminal(stream: TextIO | None) -> bool:
    """Tell whether `stream` is an open terminal; Python leaves None, or a closed file, for a descriptor it lacks."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def speak_utf8(stream: TextIO | None) -> None:
    r"""Make `stream` write UTF-8, whatever the locale says.

    A locale of C, POSIX or Latin-1 over SSH says which variables sshd let through, hardly ever what the terminal
    understands; the screen itself is always drawn in UTF-8, and a message beside it must not become `\u2501`.
    """
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors="replace")


def say(stream: TextIO | None, text: str) -> None:
    """Write `text` to `stream`, past its buffer (a signal handler may speak while it is in use); never raises."""
    try:
        rest = memoryview(text.encode("utf-8", "replace"))
        while rest and stream is not None:
            rest = rest[os.write(stream.fileno(), rest) :]
    except (OSError, ValueError):
        return  # Nobody is there to read it.


def open_for_writing(fd: int) -> int:
    """Return a new descriptor for the terminal at `fd` that never waits (the caller closes it).

    O_NONBLOCK belongs to the open file, which `fd` shares with the shell: so the device is opened once more. Where
    that is not allowed (after `su`, the device is another user's) the new descriptor is a plain copy, and may wait.
    """
    try:
        return os.open(os.ttyname(fd), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return os.dup(fd)


def discard_output(fd: int) -> None:
    """Drop what the kernel still holds for a terminal that does not read; this makes room for a few more bytes."""
    try:
        termios.tcflush(fd, termios.TCOFLUSH)
    except (termios.error, OSError):
        return  # The terminal is gone, and the output with it.


@dataclass(frozen=True)
class TerminalState:
    """The terminal as it was found."""

    stdin: int
    stderr: int
    attributes: list[Any] | None
    """What `termios.tcgetattr` says, or None where there is no terminal."""
    leaving: bytes = b""
    """What is written after `RESET`."""

    @classmethod
    def capture(cls, stdin: int, stderr: int, leaving: bytes = b"") -> Self:
        """Remember the terminal on these two descriptors."""
        try:
            return cls(stdin, stderr, termios.tcgetattr(stdin), leaving)
        except (termios.error, OSError):
            return cls(stdin, stderr, None, leaving)

    def restore(self) -> None:
        """Give the terminal back, for a program about to die: never waits, never raises, and may be called twice."""
        try:
            fd = open_for_writing(self.stderr)
        except OSError:
            return
        try:
            discard_output(fd)
            if select.select((), (fd,), (), 0)[1]:
                os.write(fd, RESET + self.leaving)
        except (OSError, ValueError):
            pass  # Nobody is there to read it.
        finally:
            os.close(fd)
        if self.attributes is None:
            return
        try:
            # Not TCSADRAIN: it would wait for the terminal to read.
            termios.tcsetattr(self.stdin, termios.TCSANOW, self.attributes)
        except (termios.error, OSError):
            return
