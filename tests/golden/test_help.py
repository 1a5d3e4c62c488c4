"""The help of every command."""

from collections.abc import Iterator

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


@pytest.mark.parametrize("words", COMMANDS, ids=["-".join(("eitui", *words)) for words in COMMANDS])
def test_help(words: tuple[str, ...], shell: Shell, golden: SnapshotAssertion) -> None:
    assert shell.run(" ".join((*words, "--help"))) == golden
