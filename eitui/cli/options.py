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
            click.option("--project", "project_id", type=int, help="Project id; the key's own project without it."),
            click.option("--endpoint", help="Address of the service, such as https://studio.edgeimpulse.com/v1."),
            click.option("--config", type=click.Path(path_type=Path), help="Configuration file to read."),
        )
    ):
        command = option(command)
    return command


def monitor_options(command: F) -> F:
    """Add the options that say how the monitor follows a run and looks."""
    for option in reversed(
        (
            click.option("--interval", "interval_s", type=float, help="Seconds between polls."),
            click.option("--record/--no-record", default=None, help="Record the run (it is, unless told otherwise)."),
            click.option("--notify/--no-notify", default=None, help="Notify when something needs you (OSC 9)."),
            read_only_option,
            look_options,
        )
    ):
        command = option(command)
    return command


def read_only_option(command: F) -> F:
    """Add the option that turns every change of the service off."""
    return click.option("--read-only", is_flag=True, default=None, help="Change nothing of the service.")(command)


def look_options(command: F) -> F:
    """Add the options that say how the monitor looks."""
    for option in reversed(
        (
            click.option("--mouse/--no-mouse", default=None, help="Follow the mouse (costs bytes over SSH)."),
            click.option("--theme", help="Colours, by the name the palette gives them."),
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
