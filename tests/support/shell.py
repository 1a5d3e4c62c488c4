"""A user's shell within the test's process: a command has a home, a clock and a service of its own, and is run as the
program is, with everything it prints kept. Nothing in it differs from one day, machine or version to the next."""

import errno
import gc
import os
import platform
import pty
import re
import shlex
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from email.utils import formatdate
from functools import partialmethod
from importlib import metadata
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import pytest

import eitui
import eitui.cli.connect
import eitui.cli.doctor
import eitui.tui.asking
from eitui.api.client import Client
from eitui.cli import main
from eitui.config import Settings
from eitui.demo.options import Options
from eitui.demo.service import Service
from eitui.domain.moment import Instant
from eitui.errors import ExitCode
from eitui.feed.clock import SystemClock
from eitui.thresholds.journal import Journal

NOW = 1_760_000_000.0
"""9 October 2025, 08:53:20 UTC."""

KEY = "ei_" + "0123456789abcdef" * 4
HOME = "/home/edge-engineer"
"""How the home is shown. The real one has as many characters: columns are as wide as with this one."""


def lines(*lines: str) -> pytest.MarkDecorator:
    """Run a test for each of these lines, its argument `line`; they are part of the golden files' names."""
    return pytest.mark.parametrize(
        "line", lines, ids=[re.sub(r"[^\w.+-]+", "-", line).strip("-")[:100] for line in lines]
    )


class Shell:
    """What a user has: a home, an environment, and the look-alike service without a network.

    Args:
        home: an empty directory.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environ = {"EI_API_KEY": KEY}
        """Variables beside those that every shell has."""
        self.down = False
        """Whether the service cannot be reached."""
        self.may_crash = False
        """Whether a crash is what is wanted: elsewhere it would be taken for what a command prints."""
        self.refused = False
        """Whether it does not know the API key any more."""
        self.now = NOW
        self.scenario = "default"
        """That of the service."""
        self._service: Service | None = None
        self.asked: Callable[[], None] = lambda: None
        """Called at each request."""
        self.posts = 0
        """Changes that the service was asked for."""

    @property
    def files(self) -> str:
        """The files of the home, but for those of the program itself."""
        found = (path.relative_to(self.home) for path in self.home.rglob("*") if path.is_file())
        return "--- files\n" + "".join(f"{path}\n" for path in sorted(found) if path.suffix != ".lock")

    def end_run(self) -> None:
        """Let the run come to its end."""
        self.now += 1e6

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked()
        if self.down:
            raise httpx.ConnectError("refused") from ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
        if self._service is None:
            self._service = Service(Options(self.scenario, opened=NOW, windows=50, job_s=0), KEY, lambda: self.now)
        self.posts += request.method == "POST"
        target, key = request.url.raw_path.decode(), "" if self.refused else request.headers.get("x-api-key")
        answer = self._service.answer(request.method, target, key, request.content)
        headers = {"content-type": answer.content_type, "date": formatdate(self.now, usegmt=True)}
        return httpx.Response(answer.status, headers=headers, content=answer.body)

    def _client(self, settings: Settings) -> Client:
        transport = httpx.MockTransport(self._answer)
        return Client(settings.endpoint, settings.api_key, timeout_s=settings.timeout_s, transport=transport)

    def run(self, line: str, terminal: bool = False, answer: str = "", columns: int = 80) -> str:
        """Run `eitui` with the words of `line`; return what it printed, with its exit code.

        Args:
            line: the arguments, as a shell takes them.
            terminal: whether stdin, stdout and stderr are a terminal; without, stdin is empty.
            answer: what is typed there.
            columns: its width.
        """
        printed: dict[str, bytes] = {}
        code: object = None
        with self._machine(shlex.split(line)), (_on_terminal if terminal else _on_files)(printed, answer, columns):
            try:
                main.run_program()
            except SystemExit as ended:
                code = ended.code
            finally:
                gc.unfreeze()
                gc.enable()
        assert code != ExitCode.CRASHED or self.may_crash, b"".join(printed.values()).decode()
        parts = [f"--- {name}\n{self._shown(text.decode())}" for name, text in printed.items() if text]
        return f"$ eitui {line}".rstrip() + "\n" + "".join(parts) + f"--- exit code {code}\n"

    def _shown(self, text: str) -> str:
        # Whoever reads a file's text back has every line end alike.
        text = text.replace(str(self.home), HOME).replace("\r", "␍")
        return text if text.endswith("\n") else text + "\\ no line feed\n"

    @contextmanager
    def _machine(self, words: list[str]) -> Iterator[None]:
        environ = {
            "PATH": "/usr/bin:/bin", "HOME": str(self.home), "LANG": "C.UTF-8", "TERM": "xterm-256color", "TZ": "UTC",
            "EITUI_RECORDINGS": str(self.home / "recordings"),
        }  # fmt: skip
        constant: tuple[tuple[Any, str, object], ...] = (
            (eitui.cli.connect, "client_of", self._client),
            (eitui.cli.doctor, "monotonic", lambda: NOW),
            (eitui.tui.asking, "PATIENCE", 0.0),  # this terminal answers nothing
            (SystemClock, "now", lambda _: Instant(self.now, 1000.0)),
            (eitui, "__version__", "1.2.3"),
            (time, "time", lambda: self.now),
            # Whoever imports the journal first binds its clock.
            (Journal, "__init__", partialmethod(Journal.__init__, now=lambda: self.now)),
            (platform, "python_version", lambda: "3.11.0"),
            (platform, "platform", lambda: "Linux-6.1-x86_64"),
            (metadata, "version", lambda _name: "1.0.0"),
            (sys, "executable", f"{self.home}/python3"),
            (sys, "argv", ["eitui", *words]),
        )
        with ExitStack() as stack:
            for place, name, value in constant:
                stack.enter_context(mock.patch.object(place, name, value))
            stack.callback(time.tzset)
            stack.enter_context(mock.patch.dict(os.environ, environ | self.environ, clear=True))
            stack.callback(os.chdir, Path.cwd())
            os.chdir(self.home)
            time.tzset()
            yield


@contextmanager
def _streams(stdin: int, stdout: int, stderr: int) -> Iterator[None]:
    """Let the program have these descriptors, which are closed at the end."""
    with ExitStack() as stack:
        for name, descriptor in (("stdin", stdin), ("stdout", stdout), ("stderr", stderr)):
            stream = stack.enter_context(open(descriptor, "r" if name == "stdin" else "w", encoding="utf-8"))  # noqa: PTH123 - a descriptor
            for place in (name, f"__{name}__"):
                stack.enter_context(mock.patch.object(sys, place, stream))
        yield


@contextmanager
def _on_files(printed: dict[str, bytes], _answer: str, _columns: int) -> Iterator[None]:
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        with _streams(os.open(os.devnull, os.O_RDONLY), os.dup(stdout.fileno()), os.dup(stderr.fileno())):
            yield
        for name, file in (("stdout", stdout), ("stderr", stderr)):
            file.seek(0)
            printed[name] = file.read()


@contextmanager
def _on_terminal(printed: dict[str, bytes], answer: str, columns: int) -> Iterator[None]:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    mode = termios.tcgetattr(theirs)
    mode[1] &= ~termios.OPOST  # a line feed stays one
    mode[3] &= ~termios.ECHO  # what is typed is no output
    termios.tcsetattr(theirs, termios.TCSANOW, mode)
    os.write(ours, answer.encode())
    read = bytearray()

    def keep() -> None:
        while True:
            try:
                read.extend(os.read(ours, 65536))
            except OSError:  # all of the other end is closed
                return

    reader = threading.Thread(target=keep, name="terminal")
    reader.start()
    try:
        with _streams(theirs, os.dup(theirs), os.dup(theirs)):
            yield
    finally:
        reader.join()
        os.close(ours)
        printed["terminal"] = bytes(read)
