"""`eitui record` as a process, without a terminal, on the look-alike service."""

import re
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from faults import Fault
from look_alike import LookAlike

from eitui.demo.options import Options
from eitui.demo.service import PROJECT_ID, Service
from eitui.feed.recording.reader import RecordingReader

EITUI = str(Path(sys.executable).with_name("eitui"))

PATIENCE = 30.0
"""Seconds until something that has not happened never will, on the slowest machine."""

LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  (\S) (.{15}) (\S.*)")


@dataclass
class World:
    """The service's clock, which only moves when a test says so."""

    time: float = 1_760_000_000.0

    def end(self) -> None:
        """Let the run come to its end."""
        self.time += 1e6


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def server(world: World) -> Iterator[LookAlike]:
    with LookAlike(clock=lambda: world.time) as server:
        yield server


@dataclass
class RecordingWriter:
    """`eitui record` at work. Its home and its recordings are below `home`."""

    server: LookAlike
    home: Path
    arguments: Sequence[str] = ()
    before: str = ""
    """What the shell that starts it does first."""
    key: str = ""
    lines: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        environ = self.server.environment() | {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.home),
            "XDG_STATE_HOME": str(self.home / "state"),
            "EITUI_RECORDINGS": str(self.recordings),
            "PYTHONWARNINGS": "error",
        }
        if self.key:
            environ["EI_API_KEY"] = self.key
        command = [EITUI, "record", "--interval", "1", *self.arguments]
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", f'{self.before}\nexec "$@"', "sh", *command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
            env=environ, cwd=self.home, start_new_session=True,
        )  # fmt: skip
        # A reader that waits for a line that never comes is woken by the end of the process.
        self.watchdog = threading.Timer(PATIENCE, self.process.kill)
        self.watchdog.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.watchdog.cancel()
        self.process.kill()
        self.process.communicate()

    @property
    def recordings(self) -> Path:
        return self.home / "recordings"

    def wait_for(self, words: str) -> None:
        """Read lines until one has `words`."""
        for line in self.process.stderr:
            self.lines.append(line.rstrip("\n"))
            if words in line:
                return
        raise AssertionError(f"ended without {words!r}: {self.lines}")

    def finish(self) -> int:
        """Read the rest; return the exit code."""
        self.lines += self.process.stderr.read().splitlines()
        assert self.process.stdout.read() == ""
        return self.process.wait()

    def file(self) -> Path:
        """The one recording there is."""
        (found,) = self.recordings.rglob("*.eitui")
        return found

    def words(self) -> list[str]:
        """The sign and the word of each line."""
        return [" ".join(LINE.fullmatch(line).groups()[:2]).strip() for line in self.lines]


def polls(path: Path) -> int:
    """Return how many polls the recording at `path` has."""
    run = RecordingReader.open(path)
    try:
        assert list(run.lost) == []
        return len(run.times)
    finally:
        run.close()


def test_a_run_is_recorded_to_its_end(server: LookAlike, world: World, tmp_path: Path) -> None:
    with RecordingWriter(server, tmp_path) as recorder:
        recorder.wait_for("job")
        world.end()
        assert recorder.finish() == 0
    where, lines = str(recorder.file()), recorder.lines
    assert recorder.words()[0] == "· watching"
    assert f"project {PROJECT_ID} on 127.0.0.1:{server.port} until the run has finished, recording into" in lines[0]
    assert {"· run", "· project", "· job", "· recording", "✓ completed", "✓ finished"} <= set(recorder.words())
    assert recorder.words()[-1] == "✓ done"
    assert lines[-1].endswith(f"The run has finished; recorded in {where}")
    assert "success" in next(line for line in reversed(lines) if "· job" in line)
    assert polls(recorder.file()) >= 2
    assert server.key not in "\n".join(lines)
    assert server.key.encode() not in recorder.file().read_bytes()
    assert "\x1b" not in "\n".join(lines)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_in_good_order(server: LookAlike, tmp_path: Path, number: Any) -> None:
    with RecordingWriter(server, tmp_path) as recorder:
        recorder.wait_for("· recording")
        recorder.process.send_signal(number)
        assert recorder.finish() == 128 + number
    assert recorder.lines[-1].endswith(f"Ended by {number.name}; recorded in {recorder.file()}")
    assert polls(recorder.file()) >= 1
    assert [path.suffix for path in recorder.file().parent.iterdir() if "-wal" in path.name] == []


def test_under_nohup_a_hang_up_is_ignored(server: LookAlike, tmp_path: Path) -> None:
    with RecordingWriter(server, tmp_path, before="trap '' HUP") as recorder:
        recorder.wait_for("job")
        recorder.process.send_signal(signal.SIGHUP)
        server.faults.add(Fault.refuse(503), 1000)
        recorder.wait_for("connection lost")
        recorder.process.send_signal(signal.SIGTERM)
        assert recorder.finish() == 143


def test_outages_do_not_end_it(server: LookAlike, world: World, tmp_path: Path) -> None:
    with RecordingWriter(server, tmp_path) as recorder:
        recorder.wait_for("job")
        server.faults.add(Fault.html(502), 1000)
        recorder.wait_for("connection lost")
        server.faults.clear()
        world.end()
        recorder.wait_for("connection back")
        assert recorder.finish() == 0
    assert polls(recorder.file()) >= 3


def test_the_time_given_may_be_up_first(server: LookAlike, tmp_path: Path) -> None:
    with RecordingWriter(server, tmp_path, ["--timeout", "1s"]) as recorder:
        assert recorder.finish() == 4
    assert "Stopped after 1s (--timeout), waiting until the run has finished; recorded in" in recorder.lines[-1]


@pytest.mark.parametrize(
    ("until", "code", "words"),
    [
        ("completed >= 1", 0, "Completed >= 1 is true; recorded in"),
        ("best val_accuracy>=50%", 0, "Best val_accuracy>=50% is true; recorded in"),
    ],
)
def test_a_condition_ends_it(server: LookAlike, tmp_path: Path, until: str, code: int, words: str) -> None:
    with RecordingWriter(server, tmp_path, ["--until", until]) as recorder:
        assert recorder.finish() == code
    assert words in recorder.lines[-1]
    assert polls(recorder.file()) == 1


@pytest.mark.parametrize(
    ("scenario", "arguments", "code", "word"),
    [
        ("finished", [], 0, "✓ done"),
        ("finished", ["--until", "completed >= 999"], 1, "✗ not met"),
        ("failures", [], 1, "✗ run failed"),
        ("failures", ["--until", "failed"], 0, "✓ done"),
    ],
)
def test_a_run_that_is_over_is_recorded_and_judged_at_once(
    world: World, tmp_path: Path, scenario: str, arguments: Any, code: int, word: str
) -> None:
    with LookAlike(scenario, clock=lambda: world.time) as server:
        world.end()
        with RecordingWriter(server, tmp_path, arguments) as recorder:
            assert recorder.finish() == code
    assert recorder.words()[-1] == word
    assert polls(recorder.file()) == 1


def test_a_refused_key_ends_it(server: LookAlike, tmp_path: Path) -> None:
    with RecordingWriter(server, tmp_path, key="ei_synthetic_not_the_one") as recorder:
        assert recorder.finish() == 3
    assert recorder.words() == ["· watching", "✗ connection lost", "✗ refused"]
    assert recorder.lines[-1].endswith("nothing was recorded")
    assert not list(recorder.recordings.rglob("*.eitui"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--until", "val_accuracy >= 95"], "a fraction 0..1 or a percentage is expected"),
        (["--until", "it is done"], "accepted are finished, failed"),
        (["--timeout", "a while"], "a span of time is expected, such as 90, 90s, 15m"),
        (["--interval", "0"], "The interval is not from 1"),
    ],
)
def test_what_makes_no_sense_is_said_at_once(
    server: LookAlike, tmp_path: Path, arguments: list[str], words: str
) -> None:
    with RecordingWriter(server, tmp_path, arguments) as recorder:
        assert recorder.finish() == 2
    assert sum(words in line for line in recorder.lines) == 1
    assert not recorder.recordings.exists()
    assert not server.requests


def test_a_file_that_is_no_recording_is_left_alone(server: LookAlike, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("not a recording\n" * 100)
    with RecordingWriter(server, tmp_path, ["--output", str(notes)]) as recorder:
        assert recorder.finish() == 2
    assert f"eitui: {notes} is not a recording of eitui" in recorder.lines
    assert notes.read_text() == "not a recording\n" * 100


def test_a_chosen_file_is_recorded_into_and_continued_but_not_by_another_run(server: LookAlike, tmp_path: Path) -> None:
    chosen = tmp_path / "night.eitui"
    for _ in range(2):
        with RecordingWriter(server, tmp_path, ["--output", str(chosen), "--until", "completed >= 1"]) as recorder:
            assert recorder.finish() == 0
        assert recorder.lines[-1].endswith(f"recorded in {chosen}")
    assert polls(chosen) == 2
    assert not recorder.recordings.exists()
    before = chosen.read_bytes()
    with LookAlike("finished") as other, RecordingWriter(other, tmp_path, ["--output", str(chosen)]) as recorder:
        assert recorder.finish() == 2
    assert chosen.read_bytes() == before


def test_a_chosen_file_of_an_earlier_run_is_left_alone(server: LookAlike, tmp_path: Path) -> None:
    chosen = tmp_path / "night.eitui"
    arguments = ["--output", str(chosen), "--until", "completed >= 1"]
    with RecordingWriter(server, tmp_path, arguments) as recorder:
        assert recorder.finish() == 0
    with closing(sqlite3.connect(chosen)) as file, file:
        file.execute("UPDATE about SET value = value - 1 WHERE name = 'run_id'")
    before = chosen.read_bytes()
    with RecordingWriter(server, tmp_path, arguments) as recorder:
        assert recorder.finish() == 2
    assert sum(f"eitui: {chosen} is a recording of run " in line for line in recorder.lines) == 1
    assert chosen.read_bytes() == before


def test_a_chosen_file_that_is_new_is_of_the_first_run_and_the_next_ends_it(
    server: LookAlike, world: World, tmp_path: Path
) -> None:
    chosen = tmp_path / "night.eitui"
    with RecordingWriter(server, tmp_path, ["--output", str(chosen)]) as recorder:
        recorder.wait_for("· recording")
        # The number of a run comes from when it began.
        server.service = Service(Options(), server.key, lambda: world.time + 2)
        assert recorder.finish() == 2
    (result,) = [line for line in recorder.lines if line.startswith("eitui: ")]
    assert re.fullmatch(rf"eitui: {chosen} is a recording of run \d+, not of run \d+", result)
    with closing(RecordingReader.open(chosen)) as run:
        assert {run.frame(place).moment.run.coordinator_job_id for place in range(len(run.times))} == {run.about.run_id}


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("-", "needs a file name"),
        (".", "needs a file name"),
        ("folder", "is a directory: name one to record into"),
        ("missing/night.eitui", "There is no directory missing to record into"),
        ("/dev/null", "is no file: name one to record into"),
    ],
)
def test_what_cannot_be_recorded_into_is_said_at_once(
    server: LookAlike, tmp_path: Path, output: str, words: str
) -> None:
    (tmp_path / "folder").mkdir()
    with RecordingWriter(server, tmp_path, ["--output", output]) as recorder:
        assert recorder.finish() == 2
    assert sum(words in line for line in recorder.lines) == 1
    assert sorted(item.name for item in tmp_path.rglob("*.eitui*")) == []
    assert not server.requests


def test_two_on_one_run_share_a_file_and_the_second_takes_over(server: LookAlike, world: World, tmp_path: Path) -> None:
    with RecordingWriter(server, tmp_path) as first:
        first.wait_for("· recording")
        with RecordingWriter(server, tmp_path) as second:
            second.wait_for("Another process records into")
            first.process.send_signal(signal.SIGTERM)
            assert first.finish() == 143
            second.wait_for("· recording       Into")
            world.end()
            assert second.finish() == 0
    assert second.lines[-1].endswith(f"recorded in {second.file()}")


def test_recordings_that_cannot_be_written_are_said_and_cost_the_exit_code(
    server: LookAlike, world: World, tmp_path: Path
) -> None:
    (tmp_path / "recordings").write_text("in the way")
    with RecordingWriter(server, tmp_path, ["--quiet"]) as recorder:
        recorder.wait_for("not recorded")
        world.end()
        assert recorder.finish() == 1
    assert "✓ done" in recorder.lines[-1]
    assert "nothing was recorded" in recorder.lines[-1]


@pytest.mark.parametrize("before", ["exec 2>&-", "exec 2>/dev/full"])
def test_nobody_need_hear_it(server: LookAlike, world: World, tmp_path: Path, before: str) -> None:
    world.end()
    with RecordingWriter(server, tmp_path, before=before) as recorder:
        assert recorder.finish() == 0
    assert polls(recorder.file()) == 1


def test_quiet_says_nothing_while_all_is_well(server: LookAlike, world: World, tmp_path: Path) -> None:
    world.end()
    with RecordingWriter(server, tmp_path, ["--quiet"]) as recorder:
        assert recorder.finish() == 0
    assert recorder.lines == []


def test_the_monitor_is_not_loaded(server: LookAlike, tmp_path: Path) -> None:
    code = (
        "import sys\nfrom eitui.cli.main import run_program\n"
        "sys.argv = ['eitui', 'record', '--quiet', '--until', 'completed >= 1']\n"
        "try:\n    run_program()\nfinally:\n    print(sorted({'textual', 'rich', 'plotext'} & set(sys.modules)))"
    )
    environ = server.environment() | {
        "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path), "EITUI_RECORDINGS": str(tmp_path / "recordings")
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environ, timeout=PATIENCE)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")
