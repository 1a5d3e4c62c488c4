"""Where the recordings are: what the commands that read them have in common."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from eitui.config import load

F = TypeVar("F", bound=Callable[..., Any])


def recordings_options(command: F) -> F:
    """Add the options that say which recordings."""
    for option in reversed(
        (
            click.option("--project", "project_id", type=int, help="Only the recordings of this project."),
            click.option(
                "--recordings",
                type=click.Path(path_type=Path),
                metavar="DIRECTORY",
                help="Where the recordings are, instead of the usual place.",
            ),
            click.option("--config", type=click.Path(path_type=Path), help="Configuration file to read."),
        )
    ):
        command = option(command)
    return command


def directory_of(recordings: Path | None, config: Path | None) -> Path:
    """Return the directory of the recordings: the one given, else the one that is set.

    Raises:
        SettingsError: a setting is malformed.
    """
    if recordings is not None:
        return recordings
    return load({}, os.environ, config, with_key=False).recordings
