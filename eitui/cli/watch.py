"""`eitui watch`: the monitor on the live service."""

from pathlib import Path
from typing import Any

import click

from eitui.cli.options import connection_options, monitor_options, settings


@click.command()
@connection_options
@monitor_options
def watch(config: Path | None, **flags: Any) -> int:
    """Show a run live.

    The API key comes from EI_API_KEY or from the settings file; without --project the key's own project is watched.
    """
    from eitui.cli.monitor import open_monitor

    chosen = settings(config, **flags)
    return open_monitor(lambda: chosen, chosen)
