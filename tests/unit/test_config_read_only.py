"""Whether anything may be changed, and where changes are written down."""

from pathlib import Path
from typing import Any

import click
import pytest

from eitui.cli.main import eitui_command
from eitui.config import Settings, SettingsError, describe, load
from eitui.errors import ExitCode
from eitui.thresholds.errors import ChangeError, Conflicted, JournalError, NoSuchThreshold, ReadOnly, Underway, Unfit


def settings(tmp_path: Path, text: str = "", environ: dict[str, str] | None = None, **flags: Any) -> Settings:
    file = tmp_path / "config.toml"
    file.write_text(text)
    return load(flags, environ or {}, file, require_key=False)


@pytest.mark.parametrize(
    ("text", "environ", "flags", "on", "origin"),
    [
        ("", {}, {}, False, "default"),
        ("read_only = true", {}, {}, True, "file "),
        ("read_only = true", {"EITUI_READ_ONLY": "0"}, {}, False, "environment EITUI_READ_ONLY"),
        ("", {"EITUI_READ_ONLY": " Yes"}, {}, True, "environment EITUI_READ_ONLY"),
        ("", {"EITUI_READ_ONLY": "off"}, {"read_only": True}, True, "flag --read-only"),
        ("", {"EITUI_READ_ONLY": ""}, {}, False, "default"),
    ],
)
def test_read_only_is_set_in_three_places(
    tmp_path: Path, text: str, environ: dict[str, str], flags: dict[str, object], on: bool, origin: str
) -> None:
    found = settings(tmp_path, text, environ, **flags)
    assert found.read_only is on
    assert found.origins["read_only"].startswith(origin)
    assert ("read only", "on: nothing can be changed" if on else "off") in [row[:2] for row in describe(found)]


@pytest.mark.parametrize("word", ["perhaps", "2", "tru", "--"])
def test_a_word_that_is_not_understood_turns_nothing_on(tmp_path: Path, word: str) -> None:
    with pytest.raises(SettingsError, match="read_only is neither true nor false"):
        settings(tmp_path, environ={"EITUI_READ_ONLY": word})
    with pytest.raises(SettingsError, match="read_only is neither true nor false"):
        settings(tmp_path, "read_only = 1")


def test_the_journal_is_in_the_users_state_directory_unless_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    usual = settings(tmp_path).journal
    assert usual.is_relative_to(tmp_path)
    assert usual.name == "changes.db"
    assert settings(tmp_path, 'journal = "~/a.db"').journal == tmp_path / "a.db"
    result = settings(tmp_path, 'journal = "~/a.db"', {"EITUI_JOURNAL": "/b.db"})
    assert (result.journal, result.origins["journal_given"]) == (Path("/b.db"), "environment EITUI_JOURNAL")
    with pytest.raises(SettingsError, match="The file is not an absolute path"):
        settings(tmp_path, environ={"EITUI_JOURNAL": "b.db"})


def test_the_monitor_and_the_commands_that_write_have_the_flag() -> None:
    context = click.Context(eitui_command)
    thresholds = eitui_command.get_command(context, "thresholds")
    assert isinstance(thresholds, click.Group)
    writing = [thresholds.commands["set"], thresholds.commands["undo"]]
    for command in (*writing, *(eitui_command.get_command(context, name) for name in ("watch", "demo"))):
        assert "--read-only" in {spelling for option in command.params for spelling in option.opts}


def test_what_is_wrong_with_a_change_has_an_exit_code() -> None:
    for error in (JournalError("x"), ReadOnly(""), NoSuchThreshold("x"), Unfit("x")):
        assert error.exit_code is ExitCode.USAGE
    for other in (ChangeError("x"), Conflicted([]), Underway("x", "y")):
        assert other.exit_code is ExitCode.FAILED
