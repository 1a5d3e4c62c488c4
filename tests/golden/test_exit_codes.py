"""The README's table of exit codes: each row is so."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest
from shell import Shell

from eitui.errors import ExitCode
from eitui.feed.clock import SystemClock
from eitui.feed.live import LiveSource

README = (Path(__file__).parents[2] / "README.md").read_text()
TABLE = README.partition("| exit code |")[2].partition("\n\n")[0]


def met(shell: Shell) -> str:
    return shell.run("status")


def failed(shell: Shell) -> str:
    shell.scenario = "failures"
    shell.end_run()
    return shell.run("wait")


def unmet(shell: Shell) -> str:
    shell.end_run()
    return shell.run("wait --until 'best val_acc>=99.9%'")


def mistyped(shell: Shell) -> str:
    return shell.run("statsu")


def no_terminal(shell: Shell) -> str:
    return shell.run("watch")


def no_recording(shell: Shell) -> str:
    return shell.run("replay 1")


def refused(shell: Shell) -> str:
    shell.environ["EI_API_KEY"] = "ei_" + "f" * 64
    return shell.run("status")


def unreachable(shell: Shell) -> str:
    shell.down = True
    return shell.run("status")


async def at_once(_clock: SystemClock, _seconds: float, _wake: asyncio.Event) -> bool:
    await asyncio.sleep(0)
    return False


def time_is_up(shell: Shell) -> str:
    with mock.patch.object(SystemClock, "wait", at_once):
        return shell.run("wait --timeout 1h")


def bug(shell: Shell) -> str:
    shell.may_crash = True
    with mock.patch.object(LiveSource, "once_with_log", side_effect=LookupError("broken")):
        return shell.run("status")


def interrupted(shell: Shell) -> str:
    with mock.patch.object(LiveSource, "once_with_log", side_effect=KeyboardInterrupt):
        return shell.run("status")


def ended_by_a_signal(shell: Shell) -> str:
    shell.asked = lambda: os.kill(os.getpid(), signal.SIGTERM)
    return shell.run("wait")


ROWS: dict[Callable[[Shell], str], int] = {
    met: ExitCode.OK,
    failed: ExitCode.FAILED,
    unmet: ExitCode.FAILED,
    mistyped: ExitCode.USAGE,
    no_terminal: ExitCode.USAGE,
    no_recording: ExitCode.USAGE,
    refused: ExitCode.UNREACHABLE,
    unreachable: ExitCode.UNREACHABLE,
    time_is_up: ExitCode.TIMEOUT,
    bug: ExitCode.CRASHED,
    interrupted: ExitCode.INTERRUPTED,
    ended_by_a_signal: 128 + signal.SIGTERM,
}


@pytest.mark.parametrize(("happens", "code"), ROWS.items(), ids=[happens.__name__ for happens in ROWS])
def test_a_row_of_the_table(happens: Callable[[Shell], str], code: int, shell: Shell) -> None:
    assert happens(shell).endswith(f"--- exit code {int(code)}\n")


def test_the_table_has_every_code() -> None:
    told = [code for row in re.findall(r"^\| (\d[^|]*) \|", TABLE, re.MULTILINE) for code in row.split(", ")]
    assert told == [*(str(int(code)) for code in ExitCode), "128 + n"]


def test_a_reader_who_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [Path(sys.executable).with_name("eitui"), "keys"], env={"HOME": str(tmp_path)}, stdout=writing,
        stderr=subprocess.PIPE, check=False, timeout=60,
    )  # fmt: skip
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")
