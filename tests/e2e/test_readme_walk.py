"""Every command line of the README, run as it stands by a real shell, in a fresh home, on the simulated service."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from look_alike import Clock, LookAlike
from pty_harness import PATIENCE, Terminal

README = (Path(__file__).parents[2] / "README.md").read_text()
BIN = Path(sys.executable).parent

BLOCKS = [line.strip() for line in README.splitlines() if line.startswith("    ")]
LINES = [line.partition("  #")[0].rstrip() for line in BLOCKS if re.match(r"(\.venv/bin/eitui|tmux|python3) ?", line)]
EXAMPLES = re.findall(r"^\| `eitui.* \| `(eitui[^`]*)` \|$", README, re.MULTILINE)

SHOWN = {"watch": "up to date", "demo": "LIVE", "serve": "http://127.0.0.1:", "replay": "REPLAY", "": "up to date"}
"""Commands that go on until they are told to end, and what shows that they have begun: the run here has ended."""

CODES = {".venv/bin/eitui record --until 'best val_accuracy >= 95%' --timeout 12h": 1}
"""Exit codes of lines that do not end with 0 here: the simulated run does not get there."""

MADE = {
    "completion install": ".local/share/eitui/completion.bash",
    "config init": ".config/eitui/config.toml",
    "epochs.csv": "epochs.csv",
}
"""What is there afterwards, by a piece of the line."""


@dataclass(frozen=True)
class Place:
    """A fresh home that is also the checkout, in which the program is where the README says."""

    home: Path
    environ: dict[str, str]
    run_id: str
    """Of the only recording: the README's is an example."""
    trial: str
    """The name of the best trial."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    home = tmp_path_factory.mktemp("home")
    (home / ".venv/bin").mkdir(parents=True)
    (home / ".venv/bin/eitui").symlink_to(BIN / "eitui")
    clock = Clock()
    with LookAlike(clock=clock) as server:
        clock.end_run()
        environ = server.environment() | {
            "PATH": f"{BIN}:/usr/local/bin:/usr/bin:/bin", "HOME": str(home), "SHELL": "/bin/bash", "LANG": "C.UTF-8",
            "TERM": "xterm-256color", "TMUX_TMPDIR": str(home),
        }  # fmt: skip
        subprocess.run([BIN / "eitui", "record", "--quiet"], env=environ, cwd=home, check=True)
        (recording,) = home.rglob("*.eitui")
        words = [str(BIN / "eitui"), "status", "--json"]
        told = subprocess.run(words, env=environ, cwd=home, check=True, capture_output=True).stdout
        yield Place(home, environ, recording.stem.partition("-")[2], json.loads(told)["best"]["name"])


def test_each_line_is_found() -> None:
    assert len(LINES) >= 10
    assert len(EXAMPLES) >= 15


@pytest.mark.parametrize("line", dict.fromkeys([*LINES, *EXAMPLES]))
def test_a_line_works_as_it_stands(line: str, place: Place) -> None:
    if line.startswith("python3 -m venv"):
        # What needs the package registry; `.ci/run` runs the second of these lines whole.
        line = line.rpartition(" && ")[2]
        if not line.endswith("eitui demo"):
            assert (BIN / line.rpartition("/")[2]).is_file()
            return
    command = next(iter(re.sub(r"^\S*eitui ?", "", line).split()), "")
    # Names of this run, and a port that is free, nobody but this machine knows.
    typed = (
        line.replace("31415926", place.run_id)
        .replace("mfe-conv1d-934", place.trial)
        .replace("serve demo", "serve --port 0 demo")
    )
    if line.startswith("tmux"):
        outlives(typed, place)
    elif command in SHOWN:
        with Terminal(["bash", "-c", typed], environ=place.environ, cwd=place.home, columns=120, rows=40) as terminal:
            terminal.wait_for(SHOWN[command])
            terminal.send("\x03" if command == "serve" else "q")
            assert terminal.wait_exit() in ((0, 130) if command == "serve" else (0,)), terminal.text
    elif command in ("trial", "run"):
        with Terminal(["bash", "-c", typed], environ=place.environ, cwd=place.home) as terminal:
            terminal.wait_for("[y/N]")
            terminal.send("n\n")  # the other lines need the run as it is
            assert terminal.wait_exit() == 1, terminal.text
    elif command == "thresholds" and " set " in line:
        with Terminal(["bash", "-c", typed], environ=place.environ, cwd=place.home) as terminal:
            terminal.wait_for(lambda shown: "[y/N]" in shown.text or "already" in shown.text)
            terminal.send("y\n")
            assert terminal.wait_exit() == 0, terminal.text
    else:
        ended = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {typed}"],
            env=place.environ, cwd=place.home, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ended.returncode == CODES.get(line, 0), ended.stderr
        for piece, made in MADE.items():
            assert piece not in line or (place.home / made).is_file()


def outlives(line: str, place: Place) -> None:
    """Run a line that starts tmux, and wait until what it started has ended by itself."""
    subprocess.run(["bash", "-c", line], env=place.environ, cwd=place.home, check=True)
    deadline = time.monotonic() + PATIENCE
    there = ["tmux", "has-session", "-t", "tuner"]
    while subprocess.run(there, env=place.environ, capture_output=True, check=False).returncode == 0:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_settings_that_the_readme_shows_are_settings(tmp_path: Path) -> None:
    begin = next(at for at, line in enumerate(BLOCKS) if line.startswith("api_key_command"))
    end = next(at for at, line in enumerate(BLOCKS) if line.startswith('"app.quit"'))
    text = "\n".join(BLOCKS[begin : end + 1])
    file = tmp_path / "config.toml"
    file.write_text(text)
    (tmp_path / "pass").write_text('#!/bin/sh\n[ "$*" = "show edge-impulse" ] && echo ei_0123456789abcdef\n')
    (tmp_path / "pass").chmod(0o755)
    environ = {"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path)}
    words = [str(BIN / "eitui"), "config", "check", "--config", str(file)]
    ended = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_the_unit_that_the_readme_shows_has_its_sections_and_starts_the_program() -> None:
    begin = BLOCKS.index("[Unit]")
    unit = "\n".join(BLOCKS[begin : BLOCKS.index("WantedBy=default.target") + 1])
    assert re.findall(r"^\[(\w+)\]$", unit, re.MULTILINE) == ["Unit", "Service", "Install"]
    starts = re.findall(r"^ExecStart=%h/(.*)$", unit, re.MULTILINE)
    assert starts == [".local/bin/eitui record"]
