"""The README's command lines, as they stand: each program is where the line says, each command and option exists."""

import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import pytest

from eitui.cli.main import COMMANDS, eitui_command
from eitui.config import SETTINGS
from eitui.config.settings import SETTING_NAMES, Setting

README = (Path(__file__).parents[2] / "README.md").read_text()
PROGRAMS = (".venv/bin/eitui", "%h/.local/bin/eitui")
"""As the first command makes it, and where the text says that `pipx install .` was."""

BLOCKS = [line.strip() for line in README.splitlines() if line.startswith("    ")]
SNIPPETS = sorted(set(re.findall(r"`eitui( [^`]+)?`", README)))
ROWS = re.findall(r"^\| `eitui ([^`]+)`(.*)", README, re.MULTILINE)


def commands_of(line: str) -> Iterator[list[str]]:
    """Yield the words of each command of a shell line that runs eitui, the program first."""
    lexer = shlex.shlex(line.removeprefix("ExecStart="), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, ";"]:
        if not set(word) <= set(";&|<>()"):
            words.append(word)
            continue
        start = next((at for at, word in enumerate(words) if word.rpartition("/")[2] == "eitui"), None)
        if start is not None:
            yield words[start:]
        words = []


LINES = [words for line in BLOCKS for words in commands_of(line)]


def command_of(words: Sequence[str]) -> tuple[click.Command, list[str]]:
    """Return the command that `words` name, and the words that follow."""
    command: click.Command = eitui_command
    rest = list(words)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        found = command.get_command(click.Context(command), rest[0])
        if found is None:
            assert command is not eitui_command, f"there is no command {rest[0]}"
            break
        command, rest = found, rest[1:]
    return command, rest


def options_of(command: click.Command) -> set[str]:
    return {name for option in command.params for name in (*option.opts, *option.secondary_opts)}


def options_in(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))


def test_the_lines_are_found() -> None:
    assert len(LINES) >= 10
    assert {words[1] for words in LINES if len(words) > 1} >= {"demo", "record", "runs", "export", "thresholds"}
    assert README.splitlines()[2].startswith("Watch an Edge Impulse EON Tuner run in the terminal. ")
    assert "Try it with simulated data, no account needed" in README.splitlines()[2]


@pytest.mark.parametrize("words", LINES, ids=map(" ".join, LINES))
def test_a_line_to_copy_works_as_it_stands(words: list[str]) -> None:
    assert words[0] in PROGRAMS
    command, rest = command_of(words[1:])
    command.make_context("eitui", rest)  # parses options and arguments, and runs nothing


@pytest.mark.parametrize("snippet", [snippet for snippet in SNIPPETS if snippet])
def test_a_command_that_the_text_names_exists_with_its_options(snippet: str) -> None:
    command, rest = command_of(snippet.split())
    assert options_in(" ".join(rest)) <= options_of(command)


@pytest.mark.parametrize(("words", "about"), ROWS)
def test_options_beside_a_command_in_the_table_are_its_own(words: str, about: str) -> None:
    command, _ = command_of(words.split())
    assert options_in(about) <= options_of(command)


def test_every_option_that_the_text_names_exists_and_every_command_is_named() -> None:
    def walk(command: click.Command) -> Iterator[click.Command]:
        yield command
        if isinstance(command, click.Group):
            for name in command.list_commands(click.Context(command)):
                found = command.get_command(click.Context(command), name)
                assert found is not None
                yield from walk(found)

    known = set().union(*map(options_of, walk(eitui_command))) | {"--help"}
    foreign = re.compile(r"`?(pytest|systemctl|journalctl) [^`\n]*")
    assert options_in(foreign.sub("", README)) <= known
    assert {words.split()[0] for words in SNIPPETS if words} >= set(COMMANDS)


TABLE = {
    name: [cell.strip() for cell in line.strip("|").split("|")]
    for line in README.splitlines()
    if line.startswith("| ") and line.count("|") == 5
    for name in re.findall(r"`\[?(\w+)\]?`", line.split("|")[4])
}
"""Rows of the table of settings, by the names for the settings file."""


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_every_setting_is_in_the_table_with_its_flag_its_variables_and_its_names(setting: Setting) -> None:
    rows = {tuple(TABLE[spelling.name]) for spelling in setting.spellings}
    ((_, flag, variables, names),) = rows
    flags = [one for spelling in setting.spellings for one in spelling.flag.split("/") if one]
    assert bool(flags) == flag.startswith("`--")
    assert options_in(flag) <= set(flags)
    assert {*re.findall(r"`(\w+)`", variables)} - {"NO_COLOR"} == {
        variable for spelling in setting.spellings for variable in spelling.variables
    }
    assert {*re.findall(r"`\[?(\w+)\]?`", names)} - {"eitui"} == {spelling.name for spelling in setting.spellings}


def test_every_name_in_the_table_is_a_setting() -> None:
    assert set(TABLE) - {"eitui"} == set(SETTING_NAMES)
