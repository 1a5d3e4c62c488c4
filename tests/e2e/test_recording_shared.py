"""Two recorders and a monitor on one run: one file, one writer at a time, and none is missed when it goes."""

import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from faults import Fault
from look_alike import LookAlike
from pty_harness import Terminal

from eitui.demo.options import Options
from eitui.feed.recording import rows
from eitui.feed.recording.catalogue import is_locked, lock_of
from eitui.feed.recording.format import open_to_read
from eitui.feed.recording.reader import RecordingReader

EITUI = str(Path(sys.executable).with_name("eitui"))

PATIENCE = 30.0
"""Seconds until something that has not happened never will, on the slowest machine."""

LOOK_EVERY = 0.05
"""Seconds between looks at what another process does."""

HERE, ELSEWHERE = "recording       Into ", "Another process records into "


@pytest.fixture
def server() -> Iterator[LookAlike]:
    with LookAlike(Options(speed=120.0)) as server:
        yield server


def environment(home: Path) -> dict[str, str]:
    return {
        "HOME": str(home), "XDG_STATE_HOME": str(home / "state"), "EITUI_RECORDINGS": str(home / "recordings"),
        "TZ": "UTC", "PYTHONWARNINGS": "error",
    }  # fmt: skip


@dataclass
class RecordingWriter:
    """`eitui record` at work, and the lines that it has said."""

    process: "subprocess.Popen[str]"
    lines: list[str] = field(default_factory=list)
    _printed: threading.Condition = field(default_factory=threading.Condition)
    _ended: bool = False

    def read(self) -> None:
        for line in self.process.stderr:
            with self._printed:
                self.lines.append(line.rstrip("\n"))
                self._printed.notify_all()
        with self._printed:
            self._ended = True
            self._printed.notify_all()

    def wait_for(self, words: str) -> None:
        """Wait until a line has `words`."""
        with self._printed:
            self._printed.wait_for(lambda: self._ended or self.has_said(words), PATIENCE)
            assert self.has_said(words), self.lines

    def has_said(self, words: str) -> bool:
        return any(words in line for line in self.lines)


@contextmanager
def recorder(server: LookAlike, home: Path) -> Iterator[RecordingWriter]:
    environ = server.environment() | environment(home) | {"PATH": "/usr/bin:/bin"}
    with subprocess.Popen(
        [EITUI, "record", "--interval", "1"], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        encoding="utf-8", env=environ, cwd=home,
    ) as process:  # fmt: skip
        at_work = RecordingWriter(process)
        reader = threading.Thread(target=at_work.read)
        reader.start()
        try:
            yield at_work
        finally:
            process.kill()
            reader.join()


def monitor(server: LookAlike, home: Path) -> Terminal:
    command = [EITUI, "watch", "--interval", "1"]
    return Terminal(command, columns=160, rows=50, environ=server.environment() | environment(home))


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        threading.Event().wait(LOOK_EVERY)


@dataclass(frozen=True)
class Contents:
    """What is in a recording."""

    sittings: list[int]
    """Of each event, in order."""
    walls: list[float]
    """Of each poll, in order."""


def contents(path: Path) -> Contents:
    with closing(open_to_read(path)) as file:
        events = list(rows.event_rows(file, 0, rows.last_event(file)))
    with closing(RecordingReader.open(path)) as run:
        run.verify()
        assert list(run.lost) == []
        return Contents([event.sitting for event in events], list(run.times))


def check_contents(path: Path, sittings: int) -> None:
    """Make sure that there was one writer at a time, and that no poll is there twice."""
    found = contents(path)
    assert found.sittings == sorted(found.sittings)
    assert set(found.sittings) == set(range(1, sittings + 1))
    assert len(set(found.walls)) == len(found.walls)
    # Every process polls once a second, and may once be told to: of two that wrote at a time there would be more polls.
    assert len(found.walls) <= found.walls[-1] - found.walls[0] + 2 * sittings


def states(home: Path) -> list[str]:
    """Return how each recording is listed."""
    done = subprocess.run(
        [EITUI, "runs", "--json"], env=environment(home) | {"PATH": "/usr/bin:/bin"}, cwd=home,
        capture_output=True, text=True, timeout=PATIENCE, check=True,
    )  # fmt: skip
    return [entry["state"] for entry in json.loads(done.stdout)]


def test_two_recorders_and_a_monitor_share_one_file_and_take_over_from_each_other(
    server: LookAlike, tmp_path: Path
) -> None:
    with recorder(server, tmp_path) as first, recorder(server, tmp_path) as second:
        wait_until(lambda: first.has_said(HERE) or second.has_said(HERE))
        writer, other = (first, second) if first.has_said(HERE) else (second, first)
        other.wait_for(ELSEWHERE)
        assert not other.has_said(HERE)
        (path,) = (tmp_path / "recordings").rglob("*.eitui")
        assert states(tmp_path) == ["recording"]
        with monitor(server, tmp_path) as screen:
            screen.wait_for("◎ rec elsewhere")
            screen.wait_for("LIVE")
            wait_until(lambda: len(contents(path).walls) >= 3)
            check_contents(path, 1)

            writer.process.send_signal(signal.SIGKILL)
            wait_until(lambda: other.has_said(HERE) or "◉ rec" in screen.text)
            wait_until(lambda: set(contents(path).sittings) == {1, 2})
            # One of the two goes on with the file; nobody can tell which.
            if other.has_said(HERE):
                other.process.send_signal(signal.SIGKILL)
                screen.wait_for("◉ rec")
                wait_until(lambda: set(contents(path).sittings) == {1, 2, 3})
            check_contents(path, max(contents(path).sittings))
            known = len(contents(path).walls)
            wait_until(lambda: len(contents(path).walls) >= known + 2)
            screen.wait_for("LIVE")
            screen.send("q")
            assert screen.wait_exit() == 0
        if other.process.poll() is None:
            # It goes on with the file now; killed, it would leave it in two parts.
            other.process.send_signal(signal.SIGTERM)
            other.process.wait(PATIENCE)
    assert not is_locked(path)
    assert [item.name for item in path.parent.iterdir()] == [path.name]
    assert not lock_of(path).exists()
    assert states(tmp_path) == ["stopped"]
    assert [item.name for item in (tmp_path / "recordings").rglob("*") if item.is_file()] == [path.name]


def test_a_monitor_shows_at_once_what_another_process_recorded_and_goes_on(server: LookAlike, tmp_path: Path) -> None:
    with recorder(server, tmp_path) as writer:
        writer.wait_for(HERE)
        (path,) = (tmp_path / "recordings").rglob("*.eitui")
        wait_until(lambda: len(contents(path).walls) >= 3)
        writer.process.send_signal(signal.SIGKILL)
        writer.process.wait()
    recorded = len(contents(path).walls)
    with closing(RecordingReader.open(path)) as run:
        last = run.last_moment()
    # Nothing that is shown at first can be from the service.
    server.faults.add(Fault.refuse(503), 1000)
    with monitor(server, tmp_path) as screen:
        screen.wait_for(f"✓ {last.run.counts.completed} completed")
        for trial in last.run.completed:
            screen.wait_for(re.compile(rf"{re.escape(trial.name)} +✓ completed"))
        shown = next(trial for trial in last.run.trials if f"2 Curves  {trial.name} " in screen.text)
        screen.wait_for(f"epoch {last.history.curves[shown.id].epochs[-1].epoch}")
        screen.wait_for("✗ The service")
        assert "LIVE" not in screen.text
        server.faults.clear()
        screen.send("r")
        screen.wait_for("LIVE")
        screen.wait_for("◉ rec")
        wait_until(lambda: len(contents(path).walls) > recorded)
        screen.send("q")
        assert screen.wait_exit() == 0
    check_contents(path, 2)


def test_a_monitor_that_is_suspended_lets_another_process_record(server: LookAlike, tmp_path: Path) -> None:
    environ = server.environment() | environment(tmp_path) | {"PS1": "shell> "}
    with Terminal(["sh", "-i"], columns=160, rows=50, environ=environ) as shell:
        shell.wait_for("shell>")
        shell.send(f"{EITUI} watch --interval 1\r")
        shell.wait_for("◉ rec")
        (path,) = (tmp_path / "recordings").rglob("*.eitui")
        shell.send("\x1a")
        shell.wait_for(lambda terminal: not terminal.alternate and terminal.text.endswith("shell>"))
        assert not is_locked(path)
        with recorder(server, tmp_path) as other:
            other.wait_for(HERE)
            shell.send("fg\r")
            shell.wait_for("◎ rec elsewhere")
            other.process.send_signal(signal.SIGTERM)
            other.process.wait()
            shell.wait_for("◉ rec")
        wait_until(lambda: set(contents(path).sittings) == {1, 2, 3})
        shell.send("q")
        shell.wait_for(lambda terminal: not terminal.alternate and terminal.text.endswith("shell>"))
        shell.send("exit $?\r")
        assert shell.wait_exit() == 0
    check_contents(path, 3)
