"""`eitui wait` as a process, on the look-alike service."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from faults import Fault
from look_alike import Clock, LookAlike
from pty_harness import Terminal

from eitui.demo.options import Options

EITUI = str(Path(sys.executable).with_name("eitui"))

PATIENCE = 30.0
"""Seconds until something that has not happened never will, on the slowest machine."""


def asked(server: LookAlike) -> int:
    return sum("optimize/state" in path for _, path in server.requests)


def until_asked(server: LookAlike, times: int) -> None:
    """Wait until the state is asked for so often from now on."""
    times += asked(server)
    deadline = time.monotonic() + PATIENCE
    while asked(server) < times:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@contextmanager
def waiting(
    server: LookAlike, home: Path, arguments: Sequence[str] = (), key: str = ""
) -> Iterator["subprocess.Popen[str]"]:
    environ = server.environment() | {"PATH": "/usr/bin:/bin", "HOME": str(home), "PYTHONWARNINGS": "error"}
    if key:
        environ["EI_API_KEY"] = key
    process = subprocess.Popen(
        [EITUI, "wait", "--interval", "1", *arguments],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ, cwd=home,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("scenario", "arguments", "code", "ended"),
    [
        ("finished", (), 0, "met"),
        ("finished", ("--until", "best val_accuracy >= 10%"), 0, "met"),
        ("finished", ("--until", "best val_accuracy >= 100%"), 1, "unmet"),
        ("failures", (), 1, "failed"),
    ],
)
def test_the_exit_code_says_how_the_run_ended(
    scenario: str, arguments: Sequence[str], code: int, ended: str, tmp_path: Path
) -> None:
    clock = Clock()
    with LookAlike(Options(scenario), clock=clock) as server:
        clock.end_run()
        with waiting(server, tmp_path, [*arguments, "--json"]) as process:
            told, problems = process.communicate(timeout=PATIENCE)
    assert process.returncode == code, problems
    found = json.loads(told)
    assert found["ended"] == ended
    assert found["best"]["val_accuracy"] <= 1
    assert list(tmp_path.rglob("*.eitui")) == []


def test_it_waits_through_an_outage_and_says_nothing_to_a_script(tmp_path: Path) -> None:
    clock = Clock()
    with LookAlike(clock=clock) as server, waiting(server, tmp_path) as process:
        until_asked(server, 1)
        server.faults.add(Fault.refuse(500), 1000)
        until_asked(server, 2)
        server.faults.clear()
        clock.end_run()
        said, problems = process.communicate(timeout=PATIENCE)
    assert (process.returncode, said, problems) == (0, "", "")


def test_a_key_that_is_refused_from_the_start_ends_it(tmp_path: Path) -> None:
    with LookAlike() as server, waiting(server, tmp_path, key="ei_" + "0" * 60) as process:
        said, problems = process.communicate(timeout=PATIENCE)
    assert (process.returncode, said) == (3, "")
    assert "0" * 20 not in problems


def test_a_time_limit_and_a_signal_have_codes_of_their_own(tmp_path: Path) -> None:
    clock = Clock()
    with LookAlike(clock=clock) as server:
        with waiting(server, tmp_path, ["--timeout", "1s"]) as process:
            assert process.wait(PATIENCE) == 4
        with waiting(server, tmp_path) as process:
            until_asked(server, 2)
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 143


def ended(scenario: str, shell_line: str, home: Path) -> "subprocess.CompletedProcess[str]":
    """Run a line of the shell on a run that has ended."""
    clock = Clock()
    with LookAlike(Options(scenario), clock=clock) as server:
        clock.end_run()
        environ = server.environment() | {"PATH": "/usr/bin:/bin", "HOME": str(home), "EITUI": EITUI}
        return subprocess.run(
            ["bash", "-c", shell_line],
            env=environ,
            cwd=home,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )


@pytest.mark.parametrize(("scenario", "code"), [("finished", 0), ("failures", 1)])
@pytest.mark.parametrize(
    "line",
    ["$EITUI wait --json | true; exit ${PIPESTATUS[0]}", "$EITUI wait --json >&-", "$EITUI wait --json >&- 2>&-"],
    ids=["nobody-reads", "no-stdout", "no-stdout-and-no-stderr"],
)
def test_the_exit_code_does_not_depend_on_who_reads_the_output(
    line: str, scenario: str, code: int, tmp_path: Path
) -> None:
    found = ended(scenario, line, tmp_path)
    assert (found.returncode, found.stdout) == (code, "")
    assert "Traceback" not in found.stderr


def test_an_output_that_cannot_be_written_is_no_success(tmp_path: Path) -> None:
    found = ended("finished", "$EITUI wait --json >/dev/full", tmp_path)
    assert found.returncode == 1
    assert found.stderr == "eitui: The output cannot be written: No space left on device\n"


def test_a_full_pipe_of_stderr_holds_up_nothing(tmp_path: Path) -> None:
    clock = Clock()
    read, write = os.pipe()
    os.set_blocking(write, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(write, b"x" * 4096)
    os.set_blocking(write, True)
    with LookAlike(Options("failures"), clock=clock) as server:
        clock.end_run()
        environ = server.environment() | {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
        process = subprocess.Popen([EITUI, "wait"], stdin=subprocess.DEVNULL, stderr=write, env=environ, cwd=tmp_path)
        try:
            assert process.wait(PATIENCE) == 1
        finally:
            process.kill()
            process.wait()
            os.close(read)
            os.close(write)


def test_a_terminal_that_takes_and_answers_nothing_holds_up_nothing(tmp_path: Path) -> None:
    clock = Clock()
    with LookAlike(Options("failures"), clock=clock) as server:
        clock.end_run()
        with Terminal([EITUI, "wait"], environ=server.environment()) as terminal:
            terminal.pause_reading()
            assert terminal.wait_exit() == 1
            # Nor is the terminal asked anything that would come back as input of the shell.
            terminal.resume_reading()
            terminal.wait_read()
            assert b"\x1b[" not in terminal.raw.replace(b"\x1b[0m", b"")
