"""What `eitui completion install` makes, in the real shells."""

import subprocess
import sys
from pathlib import Path

import pytest
from pty_harness import Terminal
from recorded_runs import a_trial, record_run

BIN = Path(sys.executable).parent
START = {"bash": "bash -i", "zsh": "zsh -i", "fish": "fish -i"}
PATH = f"{BIN}:/usr/local/bin:/usr/bin:/bin"


@pytest.mark.parametrize("shell", START)
def test_the_shell_completes(shell: str, tmp_path: Path) -> None:
    record_run(tmp_path, (0, [a_trial("1")]))
    line = f"eitui completion install {shell} && exec {START[shell]}"
    environ = {"PATH": PATH, "EITUI_RECORDINGS": str(tmp_path), "PYTHONWARNINGS": None}
    with Terminal(["sh", "-c", line], environ=environ, columns=120, rows=40) as terminal:
        terminal.wait_for("press tab after eitui.")
        for typed, completed in (
            ("eitui stat", "eitui status"),
            ("eitui status --tr", "eitui status --trials"),
            ("eitui --them", "eitui --theme"),
            ("eitui --theme catppuccin-l", "eitui --theme catppuccin-latte"),
            ("eitui wait --until val_ac", "eitui wait --until val_accuracy"),
            ("eitui wait --on new-best-", "eitui wait --on new-best-that-fits"),
            ("eitui replay 123", "eitui replay 12345-77"),
            ("eitui export ep", "eitui export epochs"),
            ("eitui thresholds un", "eitui thresholds undo"),
        ):
            terminal.send(f"{typed}\t")
            terminal.wait_for(completed)
            terminal.send("\x15")


@pytest.mark.parametrize(("shell", "file"), [("bash", ".bashrc"), ("zsh", ".zshrc")])
def test_a_file_of_the_shell_is_as_before_after_removing(shell: str, file: str, tmp_path: Path) -> None:
    def eitui(*words: str) -> None:
        environ = {"PATH": PATH, "HOME": str(tmp_path)}
        subprocess.run([BIN / "eitui", "completion", *words, shell], env=environ, check=True, capture_output=True)

    before = b"alias ll='ls -l'\r\nexport LATIN=\xe9"
    (tmp_path / file).write_bytes(before)
    eitui("install")
    once = (tmp_path / file).read_bytes()
    assert once.startswith(before)
    eitui("install")
    assert (tmp_path / file).read_bytes() == once
    eitui("remove")
    assert (tmp_path / file).read_bytes() == before + b"\n"
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith("completion.")]
