"""Where the recordings are: what the commands that read them have in common."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from eitui.cli.options import config_option, settings

_F = TypeVar("_F", bound=Callable[..., Any])


def recordings_options(command: _F) -> _F:
    """Add the options that say which recordings."""
    for option in reversed(
        (
            click.option("--project", "project_id", type=int, help="Only the recordings of this project."),
            click.option(
                "--recordings",
                # Whether it can be read is said where it is read, with what to do.
                type=click.Path(path_type=Path, readable=False),
                metavar="DIRECTORY",
                help="Directory of the recordings (default: from the settings).",
            ),
            config_option,
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
    return settings(config, with_key=False).recordings


def say_concern(directory: Path) -> None:
    """Say on stderr where other users may replace the recordings."""
    from eitui.storage.directory import concern

    if what := concern(directory):
        click.echo(f"eitui: {what}", err=True)
