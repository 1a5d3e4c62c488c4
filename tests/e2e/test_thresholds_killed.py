"""Processes that change thresholds and are killed, again and again: the journal knows of everything that went out."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from faults import WRITE_FAULTS, Fault
from look_alike import LookAlike

from eitui.api.client import Client
from eitui.config import Secret
from eitui.demo.options import Options
from eitui.demo.service import PROJECT_ID
from eitui.domain.edit import Entry, Outcome
from eitui.thresholds.journal import Journal
from eitui.thresholds.project import ProjectClient
from eitui.thresholds.send import Owner

PATIENCE = 60.0
"""Seconds until something that has not happened never will, on the slowest machine."""

HOST = "127.0.0.1"
STEPS = ["reads", "reads", "intends", "sends", "reports", "reads"]
"""What a sender says of a change, in order; it reads once to know the old value."""

# A process that is ready to send: it has loaded everything. For every line it is sent it makes a child that sets the
# value in the line, says how far it is, and can be killed; then it says that the child is gone.
SENDERS = f"""
import asyncio, os, signal, sys
from pathlib import Path
from eitui.api.client import Client
from eitui.thresholds.journal import Journal
from eitui.thresholds.send import Owner
from eitui.thresholds.project import ProjectClient
from eitui.config import Secret
from eitui.domain.threshold import Change, ThresholdRef

URL, KEY, REF = sys.argv[1], os.environ.pop("EI_API_KEY"), ThresholdRef(1, 3, "min_score")

class Telling(Client):
    async def impulses_detailed(self, project_id):
        os.write(1, b"reads\\n")
        return await super().impulses_detailed(project_id)

    async def set_thresholds(self, *request):
        os.write(1, b"sends\\n")
        return await super().set_thresholds(*request)

class TellingJournal(Journal):
    def intend(self, edit):
        os.write(1, b"intends\\n")
        return super().intend(edit)

    def report(self, entry, report):
        os.write(1, b"reports\\n")
        return super().report(entry, report)

async def send(value):
    async with Telling(URL, Secret(KEY)) as client:
        owner = Owner("{HOST}", {PROJECT_ID}, "ada@box")
        project = ProjectClient(client, TellingJournal(Path(sys.argv[2])), owner, grace_s=0.0)
        (now,) = [one.value for one in await project.thresholds(1) if one.ref == REF]
        await project.sender.send(project.sender.edit(1, "Keywords (synthetic)", [Change(REF, now, value)]))

# Loaded before the first child, which would otherwise spend its life on it.
import eitui.api.impulses, eitui.api.thresholds
while line := sys.stdin.readline():
    child = os.fork()
    if not child:
        try:
            os.write(1, b"%d\\n" % os.getpid())
            asyncio.run(send(float(line)))
            signal.pause()  # to be killed all the same
        finally:
            os._exit(1)
    os.waitpid(child, 0)
    os.write(1, b"gone\\n")
"""


@dataclass
class Senders:
    """Processes that send, one after another."""

    process: "subprocess.Popen[str]"

    def send(self, value: float, lines: int, turns: int) -> list[str]:
        """Let one send `value`, and kill it when it has said so many lines and is at the next; return all lines."""
        self.process.stdin.write(f"{value!r}\n")
        self.process.stdin.flush()
        pid = int(self.process.stdout.readline())
        result: list[str] = []
        while len(result) < lines:
            result.append(self.process.stdout.readline().strip())
            assert result[-1] in STEPS
        for _ in range(turns):
            pass  # somewhere on the way to the next step
        os.kill(pid, signal.SIGKILL)
        while (line := self.process.stdout.readline().strip()) != "gone":
            result.append(line)
        return result


@contextmanager
def senders(server: LookAlike, path: Path) -> Iterator[Senders]:
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(path.parent), "EI_API_KEY": server.key}
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", SENDERS, server.url, str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ,
    ) as process:  # fmt: skip
        # A reader that waits for a line that never comes is woken by the end of the process.
        watchdog = threading.Timer(PATIENCE, process.kill)
        watchdog.start()
        try:
            yield Senders(process)
        finally:
            watchdog.cancel()
            process.kill()


def value_of(server: LookAlike) -> float:
    """Return what the service has, without the client."""
    answer = json.loads(server.service.answer("GET", f"/v1/api/{PROJECT_ID}/impulses-detailed", server.key).body)
    config = answer["impulses"][0]["learnBlockKerasConfigs"][0]["config"]
    return float(next(row["value"] for row in config["thresholds"] if row["key"] == "min_score"))


def until_quiet() -> None:
    """Wait until the service has carried out what the dead left on the way."""
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            while thread.ident is None:  # about to begin
                time.sleep(0)
            thread.join(PATIENCE)
            assert not thread.is_alive()


def posts_of(server: LookAlike) -> int:
    return sum(method == "POST" for method, _ in server.requests)


async def settle(server: LookAlike, path: Path) -> None:
    """Do what the next process does that looks at the thresholds, when what was lost can no longer arrive."""
    async with Client(server.url, Secret(server.key)) as client:
        owner = Owner(HOST, PROJECT_ID, "ada@box")
        sender = ProjectClient(client, Journal(path), owner, grace_s=0.0).sender
        for entry in await sender.unsettled():
            await sender.settle(entry)


SILENT = Fault(silent=True)
FAULTS = (None, WRITE_FAULTS["drop"], WRITE_FAULTS["lose-answer"], WRITE_FAULTS["refuse"], SILENT)


async def test_a_sender_killed_at_any_instant_leaves_nothing_unexplained(tmp_path: Path) -> None:
    path, chance = tmp_path / "changes.db", random.Random(7)
    told: set[Outcome] = set()
    with LookAlike(Options(windows=50)) as server, senders(server, path) as process:
        now = value_of(server)
        for kill, (fault, lines) in enumerate(product(FAULTS, range(1, len(STEPS) + 1))):
            value, before, posts = (kill + 1) / 1024, now, posts_of(server)
            server.faults.clear()
            if fault is not None:
                server.faults.add(fault, writes=True)
            reached = min(lines, STEPS.index("sends") + 1) if fault is SILENT else lines
            steps = process.send(value, reached, chance.choice([0, 0, 20_000, 100_000, 300_000]))
            until_quiet()
            server.faults.clear()
            entry = check(Journal(path), value, posts_of(server) - posts, steps)
            told |= {entry.outcome} if entry else set()
            await settle(server, path)
            now = value_of(server)
            assert now in (before, value)
            found = next((e for e in Journal(path).look(limit=1).changes if e.edit.changes[0].new == value), None)
            if now == value:
                assert found.outcome.applied
            elif found is not None:
                assert found.outcome in (Outcome.SETTLED_NOT_APPLIED, Outcome.REFUSED)
            assert Journal(path).unsettled(HOST, PROJECT_ID) == ()
    assert told >= {Outcome.INTENDED, Outcome.APPLIED}


def check(journal: Journal, value: float, posts: int, steps: list[str]) -> Entry | None:
    """Make sure that what went out is in the journal; return its entry."""
    newest = next(iter(journal.look(limit=1).changes), None)
    entry = newest if newest is not None and newest.edit.changes[0].new == value else None
    assert posts <= 1
    if posts or "sends" in steps:
        assert entry is not None
    if posts:
        assert entry.outcome is not Outcome.NOT_SENT
    return entry
