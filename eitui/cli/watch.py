"""`eitui watch`: the monitor on the live service."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from eitui.cli.options import connection_options, monitor_options, run_option, settings
from eitui.config.settings import missing_key
from eitui.errors import ExitCode


@click.command("watch", epilog="Example: eitui watch --project 12345")
@connection_options
@run_option
@monitor_options
def watch_command(config: Path | None, run_id: int | None, **flags: Any) -> int:
    """Watch a run live, and record it; with --run an earlier one.

    The API key comes from EI_API_KEY, from the settings file, or from where eitui has stored it. Where there is none,
    the monitor asks for it, has the service check it, and stores it where you say.
    """
    from eitui.cli.monitor import open_monitor
    from eitui.tui.terminal import check_terminal

    chosen = settings(config, require_key=False, **flags)
    if chosen.key is not None:
        return open_monitor(lambda: chosen, chosen, run_id=run_id)
    if check_terminal(os.environ, sys.__stdin__, sys.__stderr__):
        raise missing_key(chosen.file)
    from eitui.cli.first_key import PastedKey

    pasted = PastedKey(chosen)
    code = open_monitor(lambda: pasted.settings, chosen, run_id=run_id, key_taker=pasted)
    if code == ExitCode.USAGE and not pasted.given:
        raise missing_key(chosen.file)
    return code
