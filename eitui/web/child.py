"""A program in a pseudo-terminal of its own, for an event loop; it is ended by a hang-up, as by closing a window."""

import asyncio
import json
import os
import pty
import signal
import sys
import termios
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

LONGEST_SIDE = 1000
"""Most columns and lines: a browser may ask for any."""

MOST_UNREAD = 1 << 20
"""Bytes typed that may wait for a program which reads nothing; of more the newest are dropped."""

CLOSING_S = 5.0
"""Seconds that a program is given to end after the hang-up before it is killed."""

_CHUNK = 1 << 16

_FOREIGN = frozenset({"TMUX", "TMUX_PANE", "STY", "WINDOW", "COLUMNS", "LINES", "WINDOWID", "DISPLAY_TERM"})
"""What describes the terminal that the server was started in."""


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what is left of `environ` in a browser's terminal, which has all colours and UTF-8."""
    kept = {name: value for name, value in environ.items() if name not in _FOREIGN and not name.startswith("TERM_")}
    return kept | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True)
class Told:
    """What `eitui.cli.served` runs: it travels through a pipe, as all users can read a command line."""

    words: Sequence[str]
    """The words after `eitui`."""
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Set in the program's environment."""

    def encode(self) -> bytes:
        """Return it as JSON."""
        return json.dumps({"words": list(self.words), "variables": dict(self.variables)}).encode()


class Child:
    """One running program. Make it with `start`."""

    def __init__(self, process: asyncio.subprocess.Process, terminal: int) -> None:
        self._process = process
        self._terminal = terminal
        self._reader = asyncio.StreamReader(_CHUNK)
        self._transports: list[Any] = []

    @classmethod
    async def start(
        cls,
        told: Told,
        environ: Mapping[str, str],
        columns: int,
        lines: int,
        *,
        program: Sequence[str] = ("-m", "eitui.cli.served"),
    ) -> "Child":
        """Start `program` with Python; as it stands it is `eitui` with the words that `told` has.

        Raises:
            OSError: the system has no more processes, descriptors or terminals.
        """
        ours, theirs = pty.openpty()
        reads, writes = os.pipe()
        try:
            os.set_blocking(ours, False)
            termios.tcsetwinsize(theirs, _size(columns, lines))
            # -P: no file of the current directory takes the place of a module.
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", *program, str(reads),
                stdin=theirs, stdout=theirs, stderr=theirs, pass_fds=(reads,), start_new_session=True,
                env=environment(environ),
            )  # fmt: skip
        except BaseException:
            os.close(ours)
            os.close(writes)
            raise
        finally:
            os.close(theirs)
            os.close(reads)
        child = cls(process, ours)
        with os.fdopen(writes, "wb") as pipe, suppress(BrokenPipeError):
            await asyncio.to_thread(pipe.write, told.encode())
        await child._connect()
        return child

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        for file, connect, protocol in (
            (os.fdopen(self._terminal, "rb", 0), loop.connect_read_pipe, asyncio.StreamReaderProtocol(self._reader)),
            (os.fdopen(os.dup(self._terminal), "wb", 0), loop.connect_write_pipe, asyncio.BaseProtocol()),
        ):
            transport, _ = await connect(lambda protocol=protocol: protocol, file)  # type: ignore[misc]
            self._transports.append(transport)

    @property
    def pid(self) -> int:
        """The program's process id, which is that of its session too."""
        return self._process.pid

    async def read(self) -> bytes:
        """Return the next bytes that it draws; empty at its end. What is not read holds it up."""
        try:
            return await self._reader.read(_CHUNK)
        except OSError:  # EIO: the last program in this terminal has ended
            return b""

    def write(self, data: bytes) -> None:
        """Type `data`. Never waits."""
        transport = self._transports[1]
        if not transport.is_closing() and self.waiting < MOST_UNREAD:
            transport.write(data)

    @property
    def waiting(self) -> int:
        """Bytes typed that the program has not read yet."""
        return int(self._transports[1].get_write_buffer_size())

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size."""
        if not self._transports[0].is_closing():
            termios.tcsetwinsize(self._terminal, _size(columns, lines))

    async def close(self, patience: float = CLOSING_S) -> None:
        """Hang up, and wait for its end; after `patience` seconds kill it with all that it started."""
        for transport in self._transports:
            (transport.abort if hasattr(transport, "abort") else transport.close)()
        try:
            await asyncio.wait_for(self._process.wait(), patience)
        except TimeoutError:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            await self._process.wait()


def _size(columns: int, lines: int) -> tuple[int, int]:
    return max(1, min(lines, LONGEST_SIDE)), max(1, min(columns, LONGEST_SIDE))
