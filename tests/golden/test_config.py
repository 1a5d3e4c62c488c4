"""`eitui config`: what it prints, and the file it makes."""

import stat
import tomllib

import pytest
from shell import Shell, lines
from syrupy.assertion import SnapshotAssertion

from eitui.cli.config import check
from eitui.config import load
from eitui.config.settings import SETTING_NAMES
from eitui.config.template import template

FILE = ".config/eitui/config.toml"


@lines(
    "config",
    "config path",
    "config show",
    "config check",
    "config check --theme nrod",
    "config check --on any nobody",
    "config forget-key",
)
def test_config(line: str, shell: Shell, golden: SnapshotAssertion) -> None:
    assert shell.run(line) + shell.files == golden


def test_path_that_the_environment_names(shell: Shell, golden: SnapshotAssertion) -> None:
    shell.environ["EITUI_CONFIG"] = "~/elsewhere.toml"
    assert shell.run("config path") == golden


def test_check_without_a_key(shell: Shell, golden: SnapshotAssertion) -> None:
    shell.environ.clear()
    assert shell.run("config check") == golden


@pytest.mark.parametrize(
    "text",
    ["theme = 'nrod'", "[keys]\n'app.quti' = 'x'", "[on]\nfinished = 'nobody-has-this-program now'",
     "api_key_command = 'false'"],
    ids=["theme", "action", "program", "key-command"],
)  # fmt: skip
def test_check_finds(text: str, shell: Shell, golden: SnapshotAssertion) -> None:
    shell.environ.clear()
    (shell.home / "config.toml").write_text(f"{text}\n")
    if "api_key" not in text:
        shell.environ["EI_API_KEY"] = "ei_" + "0123456789abcdef" * 4
    assert shell.run("config check --config config.toml") == golden


def test_init_writes_once_for_the_user_alone(shell: Shell, golden: SnapshotAssertion) -> None:
    first = shell.run("config init")
    file = shell.home / FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    file.write_text("interval = 7\n")
    assert first + shell.run("config init") + shell.run("config init --config /dev/null/config.toml") == golden
    assert file.read_text() == "interval = 7\n"


def test_a_stored_key_is_shown_by_its_origin_and_forgotten(shell: Shell, golden: SnapshotAssertion) -> None:
    shell.environ.clear()
    keys = shell.home / ".config/eitui/keys"
    keys.mkdir(parents=True, mode=0o700)
    for host in ("studio.edgeimpulse.com", "studio.example.com"):
        (keys / host).write_text("ei_" + "0123456789abcdef" * 4)
        (keys / host).chmod(0o600)
    lines = ("config show", "config check", "config forget-key", "config forget-key", "config check")
    assert "".join(shell.run(line) for line in lines) + shell.files == golden


def test_every_setting_of_the_first_file_can_be_set(shell: Shell) -> None:
    text = template()
    assert tomllib.loads(text) == {}
    set_lines = [line[1:] for line in text.splitlines() if line.startswith("#") and not line.startswith("# ")]
    found = tomllib.loads("\n".join(set_lines))
    assert set(found) == set(SETTING_NAMES)
    (shell.home / "one").mkdir()
    for name in sorted(found.keys() - {"api_key", "api_key_command", "api_key_file", "on", "keys"}):
        file = shell.home / "one" / f"{name}.toml"
        file.write_text(next(line for line in set_lines if line.startswith(f"{name} = ")))
        check(load({}, {}, file, require_key=False))
