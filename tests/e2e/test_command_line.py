"""What is typed wrongly: one clean message, nothing given away, and options where one expects them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pty_harness import Terminal

EITUI = str(Path(sys.executable).with_name("eitui"))
KEY = "ei_synthetic_key_0123456789abcdef"
ODD_KEY = "synthetic-key-of-no-known-form"


def eitui(home: Path, *words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [EITUI, *words], env={"HOME": str(home)} | environ, cwd=home, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, encoding="utf-8", timeout=60,
    )  # fmt: skip


def test_a_key_command_may_ask_for_a_passphrase_on_the_terminal(tmp_path: Path) -> None:
    asks = f"printf 'Passphrase: ' >/dev/tty; read -r word </dev/tty; [ $word = horse ] && echo {KEY}"
    config = tmp_path / "config.toml"
    config.write_text(f"api_key_command = {json.dumps(['sh', '-c', asks])}")
    with Terminal([EITUI, "status", "--config", str(config)], environ={"EI_HOST": "localhost:1"}) as terminal:
        terminal.wait_for("Passphrase:")
        terminal.send("horse\r")
        assert terminal.wait_exit() == 3  # it had a key, and nobody answered
        assert KEY.encode() not in terminal.raw


PLACES: tuple[tuple[str, ...], ...] = (
    ("{}",),
    ("status", "{}"),
    ("status", "--{}"),
    ("status", "--project", "{}"),
    ("watch", "--interval", "{}"),
    ("record", "--until", "{}"),
    ("record", "--timeout", "{}"),
    ("demo", "--scenario", "{}"),
    ("runs", "{}"),
    ("runs", "delete", "{}", "--yes"),
    ("runs", "delete", "--older-than", "{}"),
    ("export", "epochs", "a", "{}"),
    ("export", "{}"),
    ("replay", "{}"),
    ("status", "--config", "{}"),
    ("doctor", "--config", "{}"),
    ("thresholds", "{}"),
    ("thresholds", "set", "1", "3", "min_score", "--{}"),
    ("thresholds", "undo", "{}"),
    ("--project", "{}", "status"),
)
"""Where a word can be wrong."""


@pytest.mark.parametrize("words", PLACES, ids=map(" ".join, PLACES))
def test_a_key_in_the_wrong_place_is_not_repeated_and_no_sequence_reaches_the_terminal(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    for typed, environ in ((KEY, {}), (ODD_KEY, {"EI_API_KEY": ODD_KEY}), ("x\x1b]0;x\x07\x9b2J\u202e", {})):
        done = eitui(tmp_path, *(word.format(typed) for word in words), **environ)
        result = done.stdout + done.stderr
        assert done.returncode == 2
        assert typed not in result
        assert "Traceback" not in result
        assert all(char == "\n" or char.isprintable() for char in result), result


def test_what_there_is_to_choose_from_is_shown_whole(tmp_path: Path) -> None:
    done = eitui(tmp_path, "demo", "--scenario", "x" * 20_000)
    assert len(done.stderr) < 10_000
    assert "hostile" in eitui(tmp_path, "demo", "--scenario", "x").stderr


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        (["--config", "no.toml", "status"], ["status", "--config", "no.toml"]),
        (["--config", "no.toml", "status", "--json"], ["status", "--json", "--config", "no.toml"]),
        (["--config=no.toml", "--project", "5", "runs"], ["runs", "--config=no.toml", "--project", "5"]),
        (["--config", "no.toml", "thresholds", "log"], ["thresholds", "log", "--config", "no.toml"]),
        (["--config", "no.toml", "replay", "--", "-x"], ["replay", "--config", "no.toml", "--", "-x"]),
        (["--config", "status", "runs"], ["runs", "--config", "status"]),
        (["--mouse", "status"], ["status", "--mouse"]),
        (["--config", "no.toml"], ["watch", "--config", "no.toml"]),
        (["--nonsense", "status"], ["watch", "--nonsense", "status"]),
        (["--config"], ["watch", "--config"]),
    ],
)
def test_options_before_a_command_are_as_options_behind_it(
    tmp_path: Path, before: list[str], behind: list[str]
) -> None:
    first, second = eitui(tmp_path, *before), eitui(tmp_path, *behind)
    assert (first.returncode, first.stdout, first.stderr) == (second.returncode, second.stdout, second.stderr)
    assert first.stderr
