"""`eitui logs` against the look-alike on loopback."""

import json
import subprocess
import sys
from pathlib import Path

from look_alike import Clock, LookAlike

EITUI = str(Path(sys.executable).with_name("eitui"))


def logs(server: LookAlike, *words: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"} | server.environment()
    return subprocess.run([EITUI, "logs", *words], env=environment, capture_output=True, text=True, timeout=60)


def test_each_log_is_printed_with_its_times_and_a_closed_pipe_is_quiet() -> None:
    clock = Clock()
    with LookAlike("failures", clock=clock) as server:
        clock.end_run()
        tuner, coordinator = logs(server, "--follow"), logs(server, "--job", "coordinator", "--json")
        missing = logs(server, "--job", "mfe-\x1b]0;x\x07")
        state = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {EITUI} logs | head -n 1"],
            env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"} | server.environment(),
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    assert (tuner.returncode, tuner.stderr) == (1, "")  # the run failed
    lines = tuner.stdout.splitlines()
    assert lines == sorted(lines, key=lambda line: line[:19])
    assert "ERR: Tuner job failed" in lines[-2]
    assert lines[-1].endswith("  Job failed (see above)")
    assert {"time", "level", "text"} == set().union(*map(json.loads, coordinator.stdout.splitlines()))
    assert coordinator.returncode == 0
    assert missing.returncode == 2
    assert "\x1b" not in missing.stderr
    assert state.stdout.count("\n") == 1
    assert state.stderr == ""
