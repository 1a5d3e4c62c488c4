"""`eitui config`: what is set and from where, and the settings file."""

import os
from pathlib import Path
from typing import Any

import click

from eitui.cli.options import Group, WrongUsage, all_options, config_option, connection_options, setting_option
from eitui.cli.options import settings as load_settings
from eitui.config import SETTINGS, Settings, describe
from eitui.config.settings import settings_path
from eitui.crash import run
from eitui.domain.text import clean
from eitui.view.kit.cells import fit, len_cells

LABEL, VALUE = 12, 44
"""Cells of a setting's name and of its value."""

every_option = all_options(
    connection_options,
    *(
        setting_option(name)
        for name, setting in SETTINGS.items()
        if name not in ("project_id", "endpoint", "log") and any(spelling.flag for spelling in setting.spellings)
    ),
)
"""Adds the option of every setting that has one."""


@click.group("config", cls=Group, epilog="Example: eitui config show")
def config_command() -> None:
    """Show, make and check the settings file; forget the API key that eitui has stored.

    Flags win over the environment, which wins over the settings file.
    """


@config_command.command("show", epilog="Example: eitui config show --config other.toml")
@every_option
def show_command(config: Path | None, **flags: Any) -> int:
    """Print every setting with its value and origin. The API key is never shown.

    Exit codes: 0 success; 2 a setting is wrong.
    """
    for line in settings_lines(load_settings(config, require_key=False, warn=False, **flags)):
        click.echo(line)
    return 0


def settings_lines(settings: Settings) -> list[str]:
    """Return a line for each setting: name, value, origin."""
    return [
        # A path may be longer than its column: all of it is what one has to see.
        f"{fit(name, LABEL)} {value if len_cells(value) > VALUE else fit(value, VALUE)} {origin}"
        for name, value, origin in describe(settings)
    ]


@config_command.command("path", epilog="Example: eitui config path | xargs ls -l")
@config_option
def path_command(config: Path | None) -> int:
    """Print where the settings file is, whether it exists or not.

    Exit codes: 0 success; 2 EITUI_CONFIG or --config is wrong.
    """
    click.echo(clean(str(settings_path(os.environ, config)[0]), 4096))
    return 0


@config_command.command("init", epilog="Example: eitui config init")
@config_option
def init_command(config: Path | None) -> int:
    """Write a settings file in which every setting is a comment. A file that exists is never overwritten.

    Exit codes: 0 success; 2 there is a file already, or none can be written.
    """
    from eitui.config.files import NotWritten, why_not_written
    from eitui.config.template import template

    path, _ = settings_path(os.environ, config)
    name = clean(str(path))
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # For the user alone: a key may be put into it.
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except (OSError, ValueError) as error:
        if path.is_file():
            raise WrongUsage(f"There is a settings file already: {name}", "It was not changed.") from None
        raise NotWritten(path, why_not_written(error)) from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(template())
    click.echo(f"Written: {name}")
    return 0


@config_command.command("forget-key", epilog="Example: eitui config forget-key")
@connection_options
def forget_key_command(config: Path | None, **flags: Any) -> int:
    """Remove the API key that eitui has stored for the service; `eitui` asks for another one.

    A key of the environment or of the settings file stays.

    Exit codes: 0 success; 1 none was stored; 2 a setting is wrong, or the key cannot be removed.
    """
    from eitui.config.stored import forget_key

    host = load_settings(config, with_key=False, **flags).host
    found = forget_key(host)
    for place in found:
        click.echo(f"Removed the API key for {clean(host)}: {clean(place)}")
    if not found:
        click.echo(f"eitui: No API key is stored for {clean(host)}", err=True)
        return 1
    return 0


@config_command.command("check", epilog="Example: eitui config check && echo fine")
@every_option
def check_command(config: Path | None, **flags: Any) -> int:
    """Check the settings as `eitui` does when it starts: also key, theme, keys, programs, proxy and certificates.

    The service is not asked; `eitui doctor` does.

    Exit codes: 0 all is well; 2 a setting is missing or wrong.
    """
    settings = load_settings(config, **flags)
    check(settings)
    run(_check_way(settings))
    there = settings.file is not None and settings.file.exists()
    file = clean(str(settings.file)) if there else "no settings file is there, none is needed"
    click.echo(f"The settings are fine ({file}).")
    return 0


def check(settings: Settings) -> None:
    """Check what `load` cannot know: theme, keys and programs.

    Raises:
        SettingsError, WrongUsage: one of them does not exist.
    """
    from textual.theme import BUILTIN_THEMES

    from eitui.cli.monitor import check_theme
    from eitui.feed.hooks import check_programs
    from eitui.tui.keys import check_keymap

    check_keymap(settings.keys)
    check_theme(settings.theme, BUILTIN_THEMES)
    check_programs(settings.on)


async def _check_way(settings: Settings) -> None:
    """Make a client, which needs key, proxy and certificates; nothing is asked."""
    from eitui.cli.connect import client_of

    await client_of(settings).aclose()
