"""What `eitui serve` has its monitors run, and what it says without its extra."""

import sys
from pathlib import Path

import click
import pytest

from eitui.cli import serve
from eitui.cli.demo import demo_command
from eitui.cli.main import run_program
from eitui.cli.replay import replay_command
from eitui.cli.watch import watch_command

WATCH = ("--project", "7", "--no-record", "--on", "finished", "notify-send done", "--on", "failed", "x", "--read-only")
DEMO = ("--scenario", "failures", "--speed", "2.5", "--seed", "-3", "--ascii")


@pytest.mark.parametrize(
    ("command", "given"),
    [(watch_command, WATCH), (watch_command, ()), (demo_command, DEMO), (replay_command, ("--theme", "x", "--", "-1"))],
)
def test_a_monitor_is_given_what_the_server_was(command: click.Command, given: tuple[str, ...]) -> None:
    context = command.make_context(command.name, list(given))
    again = serve.given_words(context, command.name or "", command.params)
    assert again[0] == command.name
    assert command.make_context(command.name, again[1:]).params == context.params


def test_without_the_extra_one_error_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["eitui", "serve", "demo"])
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    monkeypatch.delitem(sys.modules, "eitui.web.server", raising=False)
    with pytest.raises(SystemExit) as ended:
        run_program()
    out, err = capfd.readouterr()
    assert (ended.value.code, out) == (2, "")
    assert err.splitlines() == [
        "eitui: The extra `eitui[serve]` is not installed",
        f"       Run: {sys.executable} -m pip install textual-serve",
    ]
