"""A bug in any command is reported in the same way: short, without values of variables, without the key."""

import subprocess
import sys
from pathlib import Path

import broken
import pytest
from pty_harness import Terminal

KEY = "synthetic-key-of-no-known-form"
"""Not of the form of a key: only who knows it can hide it."""

RUNNER = [sys.executable, str(Path(broken.__file__))]

BREAKS = {
    ("status",): "eitui.feed.live:LiveSource.once_with_log",
    ("doctor",): "eitui.feed.live:LiveSource.once",
    ("logs",): "eitui.feed.live:LiveSource.events",
    ("record", "--interval", "1"): "eitui.feed.follow:follow",
    ("thresholds", "list"): "eitui.thresholds.project:ProjectClient.impulses",
    ("thresholds", "set", "1", "3", "min_score", "0.5", "--yes"): "eitui.thresholds.send:Sender.unsettled",
    ("thresholds", "undo", "1", "--yes"): "eitui.thresholds.send:Sender.unsettled",
    ("thresholds", "log"): "eitui.thresholds.journal:Journal.look",
    ("runs",): "eitui.feed.recording.catalogue:catalogue",
    ("runs", "delete", "1"): "eitui.feed.recording.catalogue:find_recording",
    ("export",): "eitui.feed.recording.catalogue:find_recording",
    ("replay",): "eitui.feed.recording.catalogue:find_recording",
    ("demo",): "eitui.cli.demo:settings",
    ("watch",): "eitui.cli.watch:settings",
}
"""For each command something that it calls."""


def check(result: str) -> None:
    assert "Traceback (most recent call last):" in result
    assert "eitui stopped: LookupError: broken ␛]0;forged␇ [API key]" in result
    assert "This is a bug in eitui." in result
    assert len(result.splitlines()) < 100
    assert KEY not in result
    assert broken.LOCAL not in result
    assert all(char in "\r\n" or char.isprintable() for char in result)


@pytest.mark.parametrize(("words", "breaks"), BREAKS.items(), ids=map(" ".join, BREAKS))
def test_a_bug_in_a_command_is_a_short_report(tmp_path: Path, words: tuple[str, ...], breaks: str) -> None:
    environ = {"HOME": str(tmp_path), "EI_API_KEY": KEY, "KEY_IN_MESSAGE": KEY, "EI_HOST": "localhost:1"}
    environ |= {"EI_PROJECT_ID": "1", "EITUI_LOG": "eitui.log"}
    done = subprocess.run(
        [*RUNNER, breaks, *words], env=environ, cwd=tmp_path, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, encoding="utf-8", timeout=60,
    )  # fmt: skip
    assert done.returncode == 70
    check(done.stderr)
    assert KEY not in done.stdout
    assert broken.LOCAL not in done.stdout
    logged = (tmp_path / "eitui.log").read_text()
    assert "Traceback (most recent call last):" in logged
    assert "LookupError: broken ␛]0;forged␇ [API key]" in logged
    assert "The command ended with exit code 70" in logged
    assert KEY not in logged
    assert broken.LOCAL not in logged


def test_a_key_that_a_command_gave_is_hidden_from_then_on(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'api_key_command = ["echo", "{KEY}"]\nhost = "localhost:1"\n')
    done = subprocess.run(
        [*RUNNER, "eitui.feed.live:LiveSource.once_with_log", "status", "--config", str(config)],
        stdin=subprocess.DEVNULL, env={"HOME": str(tmp_path), "KEY_IN_MESSAGE": KEY, "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, encoding="utf-8", timeout=60,
    )  # fmt: skip
    assert done.returncode == 70
    check(done.stderr)


@pytest.mark.parametrize(
    "breaks",
    [
        "eitui.tui.app:MonitorApp.__init__",  # before there is an app
        "eitui.tui.safe_app:SafeApp.run_async",  # before the app runs
        "eitui.feed.track:track",  # in a worker
        "eitui.tui.screens.monitor:Monitor.compose",
    ],
)
def test_a_bug_in_the_monitor_is_the_same_report(breaks: str) -> None:
    environ = {"EI_API_KEY": KEY, "KEY_IN_MESSAGE": KEY, "EI_HOST": "localhost:1"}
    with Terminal([*RUNNER, breaks, "watch"], columns=150, rows=100, environ=environ) as terminal:
        assert terminal.wait_exit() == 70
        terminal.wait_for("eitui stopped: LookupError: broken ␛]0;forged␇ [API key]")
        terminal.wait_for("Traceback (most recent call last)")
        assert not terminal.alternate
        assert KEY.encode() not in terminal.raw
        assert broken.LOCAL.encode() not in terminal.raw
        assert b"forged\x07" not in terminal.raw
