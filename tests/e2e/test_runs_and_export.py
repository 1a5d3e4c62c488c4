"""`eitui runs`, `eitui runs delete` and `eitui export` as processes, on recordings of synthetic runs."""

import csv
import io
import json
import os
import pty
import stat
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from recorded_runs import BEGAN, HOST, a_trained, a_trial, record_run, recorder, without_log

from eitui.domain.moment import Instant
from eitui.feed.events import Identified
from eitui.feed.recording.catalogue import lock_of
from eitui.feed.recording.format import About
from eitui.feed.recording.reader import RecordingReader
from eitui.storage.lock import Lock

EITUI = str(Path(sys.executable).with_name("eitui"))


@dataclass
class Machine:
    """A user's home with recordings."""

    home: Path
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def recordings(self) -> Path:
        return self.home / "recordings"

    def eitui(
        self, *words: str, answer: str | None = None, before: str = "", **environ: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command; `answer` is what is typed at a terminal, of which there is none without it."""
        told = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.home),
            "XDG_STATE_HOME": str(self.home / "state"),
            "EITUI_RECORDINGS": str(self.recordings),
            "TZ": "UTC",
            "COLUMNS": "80",
            "PYTHONWARNINGS": "error",
        }
        typed = None
        if answer is not None:
            ours, typed = pty.openpty()
            os.write(ours, answer.encode())
        try:
            return subprocess.run(
                ["/bin/sh", "-c", f'{before}\nexec "$@"', "sh", EITUI, *words],
                env=told | environ, cwd=self.home, stdin=subprocess.DEVNULL if typed is None else typed,
                capture_output=True, text=True, encoding="utf-8", timeout=60,
            )  # fmt: skip
        finally:
            if typed is not None:
                os.close(typed)
                os.close(ours)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def two_runs(machine: Machine) -> tuple[Path, Path]:
    """Record a run that ended, and a later one that did not."""
    first = record_run(
        machine.recordings,
        (0, [a_trial("1", epoch=1), a_trial("=2")]),
        (5, [a_trial("1", epoch=2), a_trial("=2", epoch=1)]),
        (10, None),
        (15, [a_trained("1", 0.9), a_trial("=2", epoch=3)]),
        (20, [a_trained("1", 0.9), a_trained("=2", 0.95)]),
        status="completed",
    )
    second = record_run(
        machine.recordings, (0, [a_trial("1")]), run_id=78, began=BEGAN + 86_400, name="Run 2 (synthetic)"
    )
    return first, second


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_runs_can_look_elsewhere(machine: Machine) -> None:
    record_run(machine.home / "elsewhere", (0, [a_trial("1")]), project_id=9)
    assert "#9" in machine.eitui("runs", "--recordings", "elsewhere").stdout
    assert "#9" in machine.eitui("runs", EITUI_RECORDINGS=str(machine.home / "elsewhere")).stdout


def test_a_run_that_is_being_recorded_says_so(machine: Machine) -> None:
    first, _ = two_runs(machine)
    lock = Lock(lock_of(first))
    assert lock.acquire()
    states = {entry["run_id"]: entry["state"] for entry in json.loads(machine.eitui("runs", "--json").stdout)}
    assert states == {77: "recording", 78: "stopped"}
    done = machine.eitui("runs", "delete", "77", "78", "--yes")
    assert done.returncode == 2
    assert "is being recorded: nothing was deleted" in done.stderr
    assert len(json.loads(machine.eitui("runs", "--json").stdout)) == 2
    lock.release()


def test_epochs_at_full_precision_by_the_suffix_of_the_output(machine: Machine) -> None:
    two_runs(machine)
    done = machine.eitui("export", "epochs", "77", "--output", "epochs.json")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "6 epochs of 2 trials → epochs.json\n"
    made = machine.home / "epochs.json"
    result = json.loads(made.read_text())
    assert [(row["trial_id"], row["epoch"]) for row in result] == [
        ("1", 1), ("1", 2), ("1", 20), ("=2", 1), ("=2", 3), ("=2", 20)
    ]  # fmt: skip
    assert result[4]["loss"] == 1 / 3
    assert result[4]["val_loss"] == 1.1 / 3
    assert stat.S_IMODE(made.stat().st_mode) == 0o644


def test_events_are_not_only_the_last_five_hundred(machine: Machine) -> None:
    polls = [(5.0 * number, [a_trial("1", "pending")] if number % 2 == 0 else None) for number in range(602)]
    record_run(machine.recordings, *polls)
    result = rows(machine.eitui("export", "events").stdout)
    assert [row["kind"] for row in result] == ["connection lost", "connection back"] * 300 + ["connection lost"]


def test_the_umask_decides_who_may_read_an_export_and_an_old_one_is_replaced(machine: Machine) -> None:
    two_runs(machine)
    made = machine.home / "trials.csv"
    made.write_text("old")
    assert machine.eitui("export", "77", "--output", "trials.csv", before="umask 077").returncode == 0
    assert len(rows(made.read_text())) == 2
    assert stat.S_IMODE(made.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("mode", "umask", "wanted"),
    [(0o600, "022", 0o600), (0o640, "022", 0o640), (0o666, "022", 0o644), (0o644, "077", 0o600)],
)
@pytest.mark.parametrize("option", ["--output", "--recording"])
def test_what_an_export_replaces_was_not_readable_by_fewer(
    machine: Machine, mode: int, umask: str, wanted: int, option: str
) -> None:
    first, second = two_runs(machine)
    made = machine.home / "old.eitui"
    made.write_bytes(second.read_bytes())
    made.chmod(mode)
    assert machine.eitui("export", "77", option, "old.eitui", before=f"umask {umask}").returncode == 0
    assert made.read_bytes() != second.read_bytes()
    assert stat.S_IMODE(made.stat().st_mode) == wanted
    assert first.exists()


def test_a_link_goes_on_leading_to_the_export_and_a_device_is_not_replaced(machine: Machine) -> None:
    two_runs(machine)
    (machine.home / "real.csv").write_text("old")
    (machine.home / "link.csv").symlink_to("real.csv")
    assert machine.eitui("export", "77", "--output", "link.csv").returncode == 0
    assert (machine.home / "link.csv").is_symlink()
    assert len(rows((machine.home / "real.csv").read_text())) == 2
    assert machine.eitui("export", "77", "--output", "/dev/null").returncode == 0
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@pytest.mark.parametrize(
    ("output", "why"),
    [
        ("folder", "it is a directory"),
        ("nowhere/trials.csv", "there is no directory"),
        ("/proc/trials.csv", ""),
        (f"{'x' * 300}.csv", "File name too long"),
    ],
)
@pytest.mark.parametrize("option", ["--output", "--recording"])
def test_what_cannot_be_written_is_one_line(machine: Machine, output: str, why: str, option: str) -> None:
    two_runs(machine)
    (machine.home / "folder").mkdir()
    before = sorted(machine.home.rglob("*"))
    done = machine.eitui("export", "77", option, output)
    assert done.returncode == 2
    assert done.stderr.startswith("eitui: ")
    assert why in done.stderr
    assert done.stderr.count("\n") <= 2
    assert sorted(machine.home.rglob("*")) == before


@pytest.mark.parametrize("option", ["--output", "--recording"])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(machine: Machine, option: str) -> None:
    first, second = two_runs(machine)
    old = machine.home / "old.eitui"
    old.write_bytes(second.read_bytes())
    before = sorted(machine.home.rglob("*"))
    # A limit on the size of files stands in for a full disk: the same write fails, without filling one.
    full = 'ulimit -f 0; trap "" XFSZ'
    done = machine.eitui("export", "77", option, "old.eitui", before=full)
    assert done.returncode == 2
    assert done.stderr.startswith("eitui: old.eitui cannot be written: ")
    assert done.stderr.count("\n") == 1
    assert old.read_bytes() == second.read_bytes()
    assert sorted(machine.home.rglob("*")) == before
    assert first.exists()


def test_stdout_that_nobody_reads_is_no_error(machine: Machine) -> None:
    two_runs(machine)
    script = f'"{EITUI}" export 77 | true; "{EITUI}" export 77 > /dev/full; echo $?'
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(machine.home), "EITUI_RECORDINGS": str(machine.recordings)}
    done = subprocess.run(["/bin/sh", "-c", script], env=environ, capture_output=True, text=True, timeout=60)
    assert done.stdout == "1\n"
    assert done.stderr == "eitui: The output cannot be written: No space left on device\n"


def test_a_recording_is_handed_on_as_one_file_while_it_is_made(machine: Machine) -> None:
    first, _ = two_runs(machine)
    still = recorder(first, About(HOST, 12345, 77))
    still.write(Identified(Instant(BEGAN + 30, 1.0), 12345, "Renamed (synthetic)"))
    done = machine.eitui("export", "--recording", "mine.eitui", "77")
    still.close()
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.endswith(" → mine.eitui\n")
    made = machine.home / "mine.eitui"
    assert without_log(made)
    copied, original = RecordingReader.open(made), RecordingReader.open(first)
    assert list(copied.recorded_events()) == list(original.recorded_events())
    assert copied.last_moment().project_name == "Renamed (synthetic)"
    copied.close()
    original.close()
    assert machine.eitui("export", "mine.eitui").stdout == machine.eitui("export", "77").stdout


def test_a_recording_takes_the_place_of_another_and_of_nothing_else(machine: Machine) -> None:
    first, _ = two_runs(machine)
    thesis = machine.home / "thesis.txt"
    thesis.write_text("precious")
    done = machine.eitui("export", "--recording", "thesis.txt", "77")
    assert (done.returncode, thesis.read_text()) == (2, "precious")
    assert "is not a recording" in done.stderr
    assert machine.eitui("export", "--recording", str(first), "77").returncode == 2
    for word in ("77", "78"):
        assert machine.eitui("export", "--recording", "mine.eitui", word).returncode == 0
    made = RecordingReader.open(machine.home / "mine.eitui")
    assert made.about.run_id == 78
    made.close()


def test_listing_loads_neither_the_monitor_nor_http_nor_the_models() -> None:
    code = (
        "import sys; from eitui.cli.main import eitui_command\n"
        "eitui_command(['runs', '--recordings', '/nowhere'], standalone_mode=False)\n"
        "print(sorted({'textual', 'rich', 'httpx', 'plotext'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
