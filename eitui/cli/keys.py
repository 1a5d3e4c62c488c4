"""`eitui keys`: what every key does, and the ids by which a settings file gives it another key."""

import os
from itertools import groupby
from pathlib import Path

import click

from eitui.config import load


@click.command("keys", epilog="Example: eitui keys --toml >> ~/.config/eitui/config.toml")
@click.option("--toml", is_flag=True, help="Print a [keys] section for the settings file.")
@click.option("--config", type=click.Path(path_type=Path), help="Settings file (default: the user's own).")
def keys_command(config: Path | None, *, toml: bool) -> int:
    """Print every action with its id, its keys and its default keys.

    To change a key, put the id into the [keys] section of the settings file: "trial.mark" = "x,space". A key is a
    character, or a name such as space, enter, f2, ctrl+s; a comma is "comma".

    Exit codes: 0 success; 2 the settings file is wrong, or gives one key to two actions of the same screen.
    """
    from eitui.tui.keys import KEYS, check_keymap, names, with_keymap
    from eitui.view.kit.keys import keyed, name_keys

    keymap = load({}, os.environ, config, require_key=False, with_key=False).keys
    check_keymap(keymap)
    own = with_keymap(keymap)
    name_keys(names(own))
    if toml:
        click.echo("[keys]")
        for group, rows in groupby(own, key=lambda key: key.group):
            click.echo(f"# {group}")
            for key in rows:
                click.echo(f'"{key.id}" = "{key.keys}"')
        return 0
    usual = {key.id: key.display for key in KEYS}
    ids, shown, defaults = (max(map(len, column)) for column in (usual, [key.display for key in own], usual.values()))
    click.echo(f"{'ID':{ids}}  {'KEYS':{shown}}  {'DEFAULT':{defaults}}  ACTION")
    for group, rows in groupby(own, key=lambda key: key.group):
        click.echo(f"\n{group}")
        for key in rows:
            click.echo(f"{key.id:{ids}}  {key.display:{shown}}  {usual[key.id]:{defaults}}  {keyed(key.help)}")
    return 0
