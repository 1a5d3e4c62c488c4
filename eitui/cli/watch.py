"""`eitui watch`: the monitor on the live service."""

from pathlib import Path
from typing import Any

import click

from eitui.cli.options import connection_options, monitor_options, run_option, settings


@click.command("watch", epilog="Example: eitui watch --project 12345")
@connection_options
@run_option
@monitor_options
def watch_command(config: Path | None, run_id: int | None, **flags: Any) -> int:
    """Watch a run live, and record it; with --run an earlier one.

    The API key comes from EI_API_KEY or from the settings file.
    """
    from eitui.cli.monitor import open_monitor

    chosen = settings(config, **flags)
    return open_monitor(lambda: chosen, chosen, run_id=run_id)
