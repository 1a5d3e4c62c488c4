"""`eitui thresholds` as a process on a user's machine, against the look-alike service on loopback."""

import json
import os
import pty
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from faults import Fault
from look_alike import LookAlike

from eitui.domain.edit import Outcome
from eitui.thresholds.journal import Journal

EITUI = str(Path(sys.executable).with_name("eitui"))

PATIENCE = 60.0
"""Seconds until something that has not happened never will, on the slowest machine."""

CHANGE = ("set", "1", "3", "min_score", "0.7")
TAKEN = "impulse 1, block 3, min_score: 0.7\n"
QUESTION = "Send this change? [y/N]: "


@dataclass
class Machine:
    """A user's home, and a service that the settings lead to."""

    home: Path
    server: LookAlike
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def told(self) -> dict[str, str]:
        return {
            "PATH": "/usr/bin:/bin", "HOME": str(self.home), "XDG_STATE_HOME": str(self.home / "state"), "TZ": "UTC",
            "PYTHONWARNINGS": "error", **self.server.environment(), **self.environ,
        }  # fmt: skip

    @property
    def journal(self) -> Journal:
        return Journal(self.home / "state" / "eitui" / "changes.db")

    @property
    def outcomes(self) -> list[Outcome]:
        return [entry.outcome for entry in reversed(self.journal.look().changes)]

    @property
    def posts(self) -> int:
        return sum(method == "POST" for method, _ in self.server.requests)

    def thresholds(self, *words: str, answer: str | None = None, **environ: str) -> "subprocess.CompletedProcess[str]":
        """Run a command; `answer` is what is typed at a terminal, of which there is none without it."""
        typed = None
        if answer is not None:
            ours, typed = pty.openpty()
            os.write(ours, answer.encode())
        try:
            done = subprocess.run(
                [EITUI, "thresholds", *words], env=self.told | environ, cwd=self.home, timeout=PATIENCE,
                stdin=subprocess.DEVNULL if typed is None else typed, capture_output=True, text=True, encoding="utf-8",
            )  # fmt: skip
        finally:
            if typed is not None:
                os.close(typed)
                os.close(ours)
        assert "Traceback" not in done.stderr
        assert self.server.key not in done.stdout + done.stderr
        return done

    @contextmanager
    def sending(self, *words: str) -> Iterator["subprocess.Popen[str]"]:
        """Run a command whose request is not answered; yields once the request has come in."""
        before = self.posts
        self.server.faults.add(Fault(silent=True), writes=True)
        with subprocess.Popen(
            [EITUI, "thresholds", *words, "--yes"], env=self.told, cwd=self.home, text=True, encoding="utf-8",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as process:  # fmt: skip
            watchdog = threading.Timer(PATIENCE, process.kill)
            watchdog.start()
            try:
                while self.posts == before and process.poll() is None:
                    time.sleep(0.01)
                yield process
            finally:
                watchdog.cancel()
                process.kill()

    def value(self, impulse: int = 1, key: str = "min_score") -> object:
        rows = json.loads(self.thresholds("list", "--impulse", str(impulse), "--json").stdout)
        return next(row["value"] for row in rows if row["key"] == key)
