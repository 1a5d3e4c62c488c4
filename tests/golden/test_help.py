"""The help of every command."""

import re
import shlex
from collections.abc import Iterator, Sequence

import click
import pytest
from shell import Shell
from syrupy.assertion import SnapshotAssertion

from eitui.cli.main import eitui_command


def commands(command: click.Command, *words: str) -> Iterator[tuple[str, ...]]:
    yield words
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            below = command.get_command(click.Context(command), name)
            assert below is not None
            yield from commands(below, *words, name)


COMMANDS = list(commands(eitui_command))


EACH = pytest.mark.parametrize("words", COMMANDS, ids=["-".join(("eitui", *words)) for words in COMMANDS])


@EACH
def test_help(words: tuple[str, ...], shell: Shell, golden: SnapshotAssertion) -> None:
    assert shell.run(" ".join((*words, "--help"))) == golden


def command_of(words: Sequence[str]) -> tuple[click.Command, list[str]]:
    """Return the command that `words` begin with, and the words that follow."""
    command: click.Command = eitui_command
    rest = list(words)
    while isinstance(command, click.Group) and rest:
        below = command.get_command(click.Context(command), rest[0])
        if below is None:
            break
        command, rest = below, rest[1:]
    return command, rest


@EACH
def test_an_example_works_as_it_stands(words: tuple[str, ...]) -> None:
    found = re.search(r"Example: eitui ([^|.]+(?:\.\w[^|.]*)*)", command_of(words)[0].epilog or "")
    assert found, "no example"
    command, rest = command_of(shlex.split(found[1].partition(">>")[0].partition("&&")[0]))
    command.make_context("eitui", rest)


@EACH
def test_an_option_tells_its_default(words: tuple[str, ...]) -> None:
    for option in command_of(words)[0].params:
        if isinstance(option, click.Option) and not option.is_flag:
            assert option.show_default or "default: " in (option.help or ""), option.name
