"""A terminal for tests: a command in a real pseudo-terminal, and the screen it draws.

Nothing here waits for time to pass: `wait_for` is woken by what the command writes.
"""

import codecs
import contextlib
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
import pyte
from pyte.screens import Char

PATIENCE = 20.0
"""Seconds until something that has not happened never will, on the slowest machine."""

_END = "\x1b_the command has ended\x1b\\"

# The session's leader, as a login shell is: it makes the terminal the controlling one, runs the command, says its
# process id and exit code, and stays, so that the terminal can be looked at afterwards (the kernel resets it when the
# leader ends). In a process of its own as forking from a test with threads is something Python warns about.
_LEADER = f"""
import fcntl, os, select, signal, sys, termios
status, command = int(sys.argv[1]), sys.argv[2:]
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
for name in ("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"):
    signal.signal(getattr(signal, name), lambda *_: None)
child = os.fork()
if not child:
    os.close(status)
    os.execvp(command[0], command)
os.write(status, b"%d\\n" % child)
os.closerange(3, status)
os.closerange(status + 1, 1024)
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
os.write(status, b"%d\\n" % code)
try:
    os.write(1, {_END.encode()!r})
except OSError:
    pass
hangup = select.poll()
hangup.register(0, 0)
hangup.poll()
"""

# What pyte would draw as text: OSC, DCS and APC strings, private CSI (kitty keyboard), mode queries.
_STRINGS = re.compile(r"\x1b(?P<kind>[\]P_])(?P<text>[^\x07\x1b]*)(?:\x07|\x1b\\)")
_PRIVATE = re.compile(r"\x1b\[(?:[<=>][0-?]*[ -/]*[@-~]|\?[0-9;]*\$p)")
_UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]P_][^\x07\x1b]*\x1b?)?\Z")

Condition = str | re.Pattern[str] | Callable[["Terminal"], bool]


class _Screen(pyte.Screen):
    """pyte's screen, with the alternate screen it lacks."""

    def __init__(self, columns: int, lines: int) -> None:
        self._main: tuple[Any, Any] | None = None
        super().__init__(columns, lines)

    @property
    def alternate(self) -> bool:
        return self._main is not None

    def reset_buffer(self) -> None:
        """Start on an empty screen, with the modes as they are."""
        fresh = pyte.Screen(self.columns, self.lines)
        self.buffer, self.cursor = fresh.buffer, fresh.cursor

    def set_mode(self, *modes: int, **options: Any) -> None:
        super().set_mode(*modes, **options)
        if options.get("private") and 1049 in modes and self._main is None:
            self._main = self.buffer, self.cursor
            self.reset_buffer()

    def reset_mode(self, *modes: int, **options: Any) -> None:
        super().reset_mode(*modes, **options)
        if options.get("private") and 1049 in modes and self._main is not None:
            (self.buffer, self.cursor), self._main = self._main, None


class Terminal:
    """Runs `command` in a pseudo-terminal of its own and keeps what it draws.

    Args:
        command: program and arguments.
        columns: width in cells.
        rows: height in cells.
        environ: variables added to a minimal environment; a value of None removes one.
        rate: bytes read a second, as over a slow line; None reads as fast as possible.
        synchronised: whether the terminal answers that it knows synchronised output (mode 2026).
        pass_fds: descriptors the command inherits.
        cwd: the directory the command runs in; by default its empty home.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 80,
        rows: int = 24,
        environ: Mapping[str, str | None] | None = None,
        rate: int | None = None,
        synchronised: bool = False,
        pass_fds: Sequence[int] = (),
        cwd: Path | None = None,
    ) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="terminal-home-"))
        self._changed = threading.Condition()
        self._raw = bytearray()
        self._screen = _Screen(columns, rows)
        self._stream = pyte.Stream(self._screen)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._tail = ""
        self._rate = rate
        self._synchronised = synchronised
        self._paused = self._closing = self._ended = False
        self._hanging_up, self._hung_up = False, threading.Event()
        self._title = ""
        self._code: int | None = None
        self._wake_read, self._wake_write = os.pipe()
        self._status, status = os.pipe()
        # The other end is kept open: the terminal's settings are read there.
        self._master, self._slave = pty.openpty()
        self.initial_attributes: list[Any] = self.attributes
        self.resize(columns, rows)
        self._leader = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _LEADER, str(status), *command],
            stdin=self._slave, stdout=self._slave, stderr=self._slave, start_new_session=True,
            pass_fds=(status, *pass_fds), env=self._environment(environ or {}), cwd=cwd or self._home,
        )  # fmt: skip
        os.close(status)
        self._pid = self._read_status()
        self._reader = threading.Thread(target=self._read, name="terminal-reader", daemon=True)
        self._reader.start()

    def _read_status(self) -> int:
        """Read the next number the leader says."""
        line = b""
        while not line.endswith(b"\n"):  # Byte by byte, as the second line may be there already.
            byte = os.read(self._status, 1)
            if not byte:
                raise EOFError("the session's leader has been ended")
            line += byte
        return int(line)

    def _environment(self, extra: Mapping[str, str | None]) -> dict[str, str]:
        base: dict[str, str | None] = {
            "PATH": os.environ["PATH"], "HOME": str(self._home), "LANG": "C.UTF-8", "TERM": "xterm-256color",
            "COLORTERM": "truecolor", "PYTHONWARNINGS": "error",
        }  # fmt: skip
        return {name: value for name, value in {**base, **extra}.items() if value is not None}

    # What can be seen

    @property
    def pid(self) -> int:
        """The command's process id."""
        return self._pid

    @property
    def home(self) -> Path:
        """The command's home directory; removed at the end."""
        return self._home

    @property
    def raw(self) -> bytes:
        """Every byte the command has written."""
        with self._changed:
            return bytes(self._raw)

    def since(self, mark: int) -> bytes:
        """What the command has written after its first `mark` bytes."""
        with self._changed:
            return bytes(self._raw[mark:])

    @property
    def screen(self) -> list[str]:
        """The screen's lines, each as wide as the screen."""
        with self._changed:
            return list(self._screen.display)

    @property
    def text(self) -> str:
        """The screen's lines without blanks at their ends, down to the last that is not empty."""
        return "\n".join(line.rstrip() for line in self.screen).rstrip("\n")

    @property
    def title(self) -> str:
        """The window's title."""
        return self._title

    @property
    def alternate(self) -> bool:
        """Whether the alternate screen is shown."""
        return self._screen.alternate

    @property
    def cursor_hidden(self) -> bool:
        """Whether the cursor is hidden."""
        return bool(self._screen.cursor.hidden)

    @property
    def attributes(self) -> list[Any]:
        """The terminal's settings now, as `termios.tcgetattr` gives them."""
        return termios.tcgetattr(self._slave)

    def cell(self, row: int, column: int) -> Char:
        """The cell at `row` and `column` (from 0): its `data`, `fg`, `bg`, `bold`, `reverse` and so on."""
        with self._changed:
            return self._screen.buffer[row][column]

    def modes_on(self) -> set[int]:
        """The private modes switched on and not off again, from the raw bytes (25, the cursor, is on at first)."""
        on = {25, 7}
        for numbers, verb in re.findall(rb"\x1b\[\?([0-9;]+)([hl])", self.raw):
            modes = {int(number) for number in numbers.split(b";")}
            on = on | modes if verb == b"h" else on - modes
        return on

    # What can be done

    def send(self, keys: str | bytes) -> None:
        """Type `keys`. Escape alone goes as in the kitty protocol: what follows is not taken for alt and a key."""
        rest = b"\x1b[27u" if keys == "\x1b" else keys if isinstance(keys, bytes) else keys.encode()
        while rest:
            rest = rest[os.write(self._master, rest) :]

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size; the command gets SIGWINCH."""
        with self._changed:
            self._screen.resize(rows, columns)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def pause_reading(self) -> None:
        """Freeze: read nothing more, as an SSH connection that hangs."""
        self._set_paused(paused=True)

    def resume_reading(self) -> None:
        """Thaw."""
        self._set_paused(paused=False)

    def _set_paused(self, *, paused: bool) -> None:
        self._paused = paused
        os.write(self._wake_write, b"\0")

    def hangup(self) -> None:
        """Close the terminal under the command, as a closed window does."""
        self._hanging_up = True
        os.write(self._wake_write, b"\0")
        self._hung_up.wait(PATIENCE)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the command."""
        os.kill(self._pid, number)

    def wait_for(self, condition: Condition, timeout: float = PATIENCE) -> None:
        """Wait until `condition` holds: a text or pattern on the screen, or a function of this terminal.

        Raises AssertionError, with the screen, when it has not after `timeout` seconds or when the command has ended.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._holds(condition), timeout)
            if not self._holds(condition):
                why = "the command ended" if self._ended else f"not within {timeout} s"
                raise AssertionError(f"{why}: {condition!r}\n{self.text}")

    def _holds(self, condition: Condition) -> bool:
        if isinstance(condition, str):
            return condition in self.text
        if isinstance(condition, re.Pattern):
            return condition.search(self.text) is not None
        return condition(self)

    def wait_exit(self, timeout: float = PATIENCE) -> int:
        """Wait for the command to end; return its exit code (-n when killed by signal n).

        Waits for all it wrote, too, unless the terminal is slow, frozen or gone.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._code is not None, timeout)
            if self._code is None:
                raise AssertionError(f"still running after {timeout} s\n{self.text}")
            if self._rate is None and not self._paused and self._master >= 0:
                self._changed.wait_for(lambda: self._ended, PATIENCE)
            return self._code

    def wait_read(self) -> None:
        """Wait until all that the command wrote before it ended has been read."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._ended, PATIENCE), "the terminal is still busy"

    def cpu_seconds(self) -> float:
        """Processor time the command has used."""
        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)

    # The reader's thread

    def _read(self) -> None:
        status = [self._status]
        while not self._closing:
            ready = select.select([self._wake_read, *status, *self._readable()], [], [])[0]
            if self._wake_read in ready:
                os.read(self._wake_read, 1024)
                self._hang_up_if_asked()
            elif self._status in ready:
                status = []
                with self._changed, contextlib.suppress(EOFError):
                    self._code = self._read_status()
                    self._changed.notify_all()
            else:
                self._take()

    def _hang_up_if_asked(self) -> None:
        # Here, as no other thread may close a descriptor that this one selects on.
        if self._hanging_up and self._master >= 0:
            os.close(self._slave)
            os.close(self._master)
            self._master = self._slave = -1
            self._hung_up.set()

    def _readable(self) -> list[int]:
        return [] if self._paused or self._ended or self._master < 0 else [self._master]

    def _take(self) -> None:
        try:
            data = os.read(self._master, 65536 if self._rate is None else max(1, self._rate // 20))
        except OSError:  # EIO: the leader has been ended, by close().
            self._ended = True
            return
        with self._changed:
            self._raw += data
            self._feed(self._decoder.decode(data))
            if self._raw.endswith(_END.encode()):
                del self._raw[-len(_END) :]
                self._ended = True
            self._changed.notify_all()
        if self._synchronised and b"\x1b[?2026$p" in data:
            os.write(self._master, b"\x1b[?2026;2$y")
        if self._rate is not None:  # The line is busy for as long as these bytes take.
            select.select([self._wake_read], [], [], len(data) / self._rate)

    def _feed(self, text: str) -> None:
        text = self._tail + text
        unfinished = _UNFINISHED.search(text)
        end = unfinished.start() if unfinished else len(text)
        text, self._tail = text[:end], text[end:]
        text = _STRINGS.sub(self._take_string, text)
        self._stream.feed(_PRIVATE.sub("", text))

    def _take_string(self, match: re.Match[str]) -> str:
        number, _, rest = match["text"].partition(";")
        if match["kind"] == "]" and number in {"0", "2"}:
            self._title = rest
        return ""

    # The end

    def close(self) -> None:
        """End the command and all its children."""
        leader = psutil.Process(self._leader.pid)
        for process in (*leader.children(recursive=True), leader):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._leader.wait()
        self._closing = True
        os.write(self._wake_write, b"\0")
        self._reader.join()
        for fd in {self._slave, self._master, self._status, self._wake_read, self._wake_write} - {-1}:
            os.close(fd)
        shutil.rmtree(self._home, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
