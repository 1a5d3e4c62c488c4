"""Processes that record and are killed, again and again: what they wrote stays, and is gone on with."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import demo_scenes
from demo_scenes import Scene

from eitui.demo.options import Options
from eitui.demo.service import PROJECT_ID
from eitui.domain.moment import EMPTY_MOMENT, Connection, Moment
from eitui.feed.events import Identified, Resumed, ServiceEvent
from eitui.feed.recording.catalogue import is_locked, lock_of
from eitui.feed.recording.reader import RecordingReader
from eitui.feed.track import fold

EITUI = str(Path(sys.executable).with_name("eitui"))

PATIENCE = 60.0
"""Seconds until something that has not happened never will, on the slowest machine."""

KILLS = 12

OPTIONS = Options(trials=8, speed=120.0)

INTERVAL = 2.0
"""Between the polls of the written scenes: four simulated minutes."""

# A process that is ready to write: it has loaded everything. For every line it is sent it makes a child that writes,
# says after every event how many it has written, and can be killed; then it says that it is gone.
WRITER = f"""
import os, sys
from itertools import count
from pathlib import Path
from demo_scenes import Scene
from eitui.demo.options import Options
from eitui.feed.recording.format import About
from eitui.feed.recording.writer import RecordingWriter

def write(path, run_id, elapsed):
    os.write(1, b"%d\\n" % os.getpid())
    recorder = RecordingWriter(path, About("studio.edgeimpulse.com", {PROJECT_ID}, run_id), {INTERVAL}, "0")
    scene = Scene({OPTIONS!r}, elapsed)
    for number, event in enumerate(scene.polls(elapsed + 1e6, {INTERVAL}), 1):
        recorder.write(event)
        os.write(1, b"%d\\n" % number)

path = Path(sys.argv[1])
run_id = Scene({OPTIONS!r}).poll().run.coordinator_job_id
while line := sys.stdin.readline():
    child = os.fork()
    if not child:
        try:
            write(path, run_id, float(line))
        finally:
            os._exit(1)
    status = os.waitpid(child, 0)[1]
    os.write(1, b"gone %d\\n" % os.waitstatus_to_exitcode(status))
"""


@dataclass
class Writers:
    """Processes that write one recording, one after another."""

    process: "subprocess.Popen[str]"

    def write(self, elapsed: float, acknowledged: int, turns: int) -> int:
        """Let one write from `elapsed` on, and kill it when it has said so often that an event is written, while it is
        at the next; return how many it said are written."""
        self.process.stdin.write(f"{elapsed!r}\n")
        self.process.stdin.flush()
        pid, result = int(self.process.stdout.readline()), 0
        while result < acknowledged:
            result = int(self.process.stdout.readline())
        for _ in range(turns):
            pass  # somewhere in the next event's making, folding or writing
        os.kill(pid, signal.SIGKILL)
        while not (line := self.process.stdout.readline()).startswith("gone"):
            result = int(line)
        assert line == f"gone {-signal.SIGKILL}\n"
        return result


@contextmanager
def writers(path: Path) -> Iterator[Writers]:
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(path.parent), "XDG_STATE_HOME": str(path.parent)}
    environ["PYTHONPATH"] = str(Path(demo_scenes.__file__).parent)
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ
    ) as process:
        # A reader that waits for a line that never comes is woken by the end of the process.
        watchdog = threading.Timer(PATIENCE, process.kill)
        watchdog.start()
        try:
            yield Writers(process)
        finally:
            watchdog.cancel()
            process.kill()


@dataclass
class Seen:
    """What a monitor would have shown that was there all the time."""

    moment: Moment = field(default_factory=lambda: replace(EMPTY_MOMENT, connection=Connection(interval=INTERVAL)))
    events: list[ServiceEvent] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    """After each poll, with what was learnt before the next."""

    def sitting(self, events: list[ServiceEvent]) -> None:
        """Let somebody see `events` who has sat down anew."""
        if self.events and events:
            self.moment = fold(self.moment, Resumed(events[0].at, self.moment)).moment
        for event in events:
            self.moment = fold(self.moment, event).moment
            if isinstance(event, Identified):
                self.moments[-1] = self.moment
            else:
                self.moments.append(self.moment)
        self.events += events


def test_a_recorder_killed_at_any_instant_loses_at_most_the_event_in_hand(tmp_path: Path) -> None:
    path, chance = tmp_path / "one.eitui", random.Random(3)
    seen, elapsed = Seen(), 0.0
    with writers(path) as process:
        for kill in range(KILLS):
            result = process.write(
                elapsed, chance.choice([0, 1, 1, 2, 3, 10, chance.randrange(60)]), chance.randrange(60_000)
            )
            if not path.exists():
                assert result == 0
                continue
            with closing(RecordingReader.open(path)) as run:
                told = [event for _, _, event in run.recorded_events()]
                here = len(told) - len(seen.events)
                assert result <= here <= result + 1
                seen.sitting(list(islice(Scene(OPTIONS, elapsed).polls(elapsed + 1e6, INTERVAL), here)))
                assert told == seen.events
                places = (
                    range(len(run.times)) if kill == KILLS - 1 else range(max(0, len(run.times) - 3), len(run.times))
                )
                assert len(run.times) == len(seen.moments)
                for place in places:
                    assert run.frame(place).moment == seen.moments[place]
                run.verify()
                assert list(run.lost) == []
            elapsed += here * INTERVAL + 40
    assert len(seen.moments) > KILLS
    assert {item.name for item in tmp_path.iterdir()} <= {
        path.name,
        f"{path.name}-wal",
        f"{path.name}-shm",
        f".{path.name}.new",
    }


# The command itself

LINE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)  \S (.{15}) (\S.*)")


@dataclass
class Line:
    time: str
    padded: str
    text: str

    @property
    def at(self) -> float:
        """Seconds since the Unix epoch, whole."""
        return datetime.fromisoformat(self.time).replace(tzinfo=UTC).timestamp()

    @property
    def word(self) -> str:
        return self.padded.strip()


def environment(home: Path) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin", "HOME": str(home), "XDG_STATE_HOME": str(home / "state"), "TZ": "UTC",
        "EITUI_RECORDINGS": str(home / "recordings"), "PYTHONWARNINGS": "error",
    }  # fmt: skip


@contextmanager
def service(home: Path) -> Iterator[dict[str, str]]:
    """Serve the look-alike as a user would; yields what leads there."""
    command = [EITUI, "demo", "--serve", "--speed", "600"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment(home), cwd=home) as process:
        try:
            lines = [process.stdout.readline().strip().removeprefix("export ") for _ in range(3)]
            yield dict(line.split("=", 1) for line in lines)
        finally:
            process.kill()


def record(home: Path, where: dict[str, str], lines: int, number: signal.Signals) -> list[Line]:
    """Record until so many lines have been said since the first that says where to, then end it with a signal; return
    the lines."""
    with subprocess.Popen(
        [EITUI, "record", "--interval", "1"], stderr=subprocess.PIPE, text=True, cwd=home, env=environment(home) | where
    ) as process:
        watchdog = threading.Timer(PATIENCE, process.kill)
        watchdog.start()
        try:
            result = [process.stderr.readline()]
            while " recording       Into " not in result[-1] and result[-1]:
                result.append(process.stderr.readline())
            result += [process.stderr.readline() for _ in range(lines)]
            process.send_signal(number)
            result += process.stderr.read().splitlines(keepends=True)
            assert process.wait() == (-number if number is signal.SIGKILL else 128 + number), result
        finally:
            watchdog.cancel()
            process.kill()
    matches = [LINE.fullmatch(line.removesuffix("\n")) for line in result if line.endswith("\n")]
    return [Line(*match.groups()) for match in matches]


def test_the_command_killed_again_and_again_keeps_every_poll_it_told_of(tmp_path: Path) -> None:
    chance = random.Random(5)
    with service(tmp_path) as where:
        result: list[Line] = []
        for _ in range(3):
            lines = record(tmp_path, where, chance.randrange(5), signal.SIGKILL)
            # The poll in hand may be told of before it is written.
            result += [line for line in lines if line.at < lines[-1].at]
            (path,) = tmp_path.rglob("*.eitui")
            assert not is_locked(path)
            check_recorded(path, result)
        result += record(tmp_path, where, 2, signal.SIGTERM)
    polls = check_recorded(path, result)
    assert result[-1].text == f"Ended by SIGTERM; recorded in {path}"
    assert sum(line.word == "resumed" for line in result) >= 3
    assert [item.name for item in path.parent.iterdir()] == [path.name]
    assert not lock_of(path).exists()
    listed = subprocess.run(
        [EITUI, "runs", "--json"],
        capture_output=True,
        text=True,
        env=environment(tmp_path),
        timeout=PATIENCE,
        check=True,
    )
    (entry,) = json.loads(listed.stdout)
    assert (entry["path"], entry["state"], entry["polls"]) == (str(path), "stopped", polls)


def check_recorded(path: Path, result: list[Line]) -> int:
    """Make sure that the recording has what was said of the trials; return its number of polls."""
    with closing(RecordingReader.open(path)) as run:
        run.verify()
        assert list(run.lost) == []
        last, times = run.last_moment(), {int(time) for time in run.times}
        completed = {trial.name for trial in last.run.completed}
        for line in result:
            if line.word in {"completed", "failed", "new best", "run"}:
                assert line.at in times, line
            if line.word == "completed":
                assert line.text.partition(":")[0] in completed
        return len(run.times)
