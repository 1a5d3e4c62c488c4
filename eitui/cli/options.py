"""Options that several commands share, and what they make."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from eitui.config import Settings, load

F = TypeVar("F", bound=Callable[..., Any])


def connection_options(command: F) -> F:
    """Add the options that say which project of which service. The key has none: other users could read it."""
    for option in reversed(
        (
            click.option("--project", "project_id", type=int, help="Project id (default: the project of the API key)."),
            click.option("--endpoint", help="URL of the API (default: https://studio.edgeimpulse.com/v1)."),
            click.option("--config", type=click.Path(path_type=Path), help="Settings file (default: the user's own)."),
        )
    ):
        command = option(command)
    return command


def monitor_options(command: F) -> F:
    """Add the options that say how the monitor follows a run and looks."""
    for option in reversed(
        (
            click.option(
                "--interval", "interval_s", type=float, help="Seconds between polls (default: 5; in the demo 1)."
            ),
            click.option("--record/--no-record", default=None, help="Record the run (default: on)."),
            click.option(
                "--notify/--no-notify", default=None, help="Terminal notifications on alerts (OSC 9; default: on)."
            ),
            read_only_option,
            look_options,
        )
    ):
        command = option(command)
    return command


def read_only_option(command: F) -> F:
    """Add the option that turns every change of the service off."""
    return click.option("--read-only", is_flag=True, default=None, help="Read-only: never change anything.")(command)


def look_options(command: F) -> F:
    """Add the options that say how the monitor looks."""
    for option in reversed(
        (
            click.option(
                "--mouse/--no-mouse", default=None, help="Mouse support (default: off; costs bytes over SSH)."
            ),
            click.option("--theme", help="Theme name (see ctrl+p, Theme)."),
        )
    ):
        command = option(command)
    return command


def settings(config: Path | None, **flags: Any) -> Settings:
    """Return the settings with `flags` (None: not given) above environment and file.

    Raises:
        SettingsError: one is missing or malformed.
    """
    chosen = load({name: value for name, value in flags.items() if value is not None}, os.environ, config)
    for warning in chosen.warnings:
        click.echo(f"eitui: {warning}", err=True)
    return chosen
