"""`eitui trial`: add one to the project, or print its log."""

from pathlib import Path
from typing import Any

import click

from eitui.cli.options import Group, connection_options, read_only_option, settings


@click.group("trial", cls=Group, epilog="Example: eitui trial add mfe-conv1d-934")
def trial_command() -> None:
    """Add a trial of the latest run to the project as an impulse, or print its log."""


@trial_command.command("add", epilog="Example: eitui trial add mfe-conv1d-934 --name Keywords")
@click.argument("trial")
@click.option("--name", "new_name", default="", help="The impulse's name (default: the trial's).")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--wait", is_flag=True, help="Wait until it is added.")
@read_only_option
@connection_options
def add_command(trial: str, new_name: str, yes: bool, wait: bool, config: Path | None, **flags: Any) -> int:
    """Add a completed trial to the project as an impulse, which takes a job.

    TRIAL is a name or an id. What adding it means is shown first, with a warning where it trained for longer than the
    plan allows. It is written down in the journal, sent once, and read back.

    Exit codes: 0 the service took it (with --wait: it is added); 1 you said no, or it is added already, or the job
    failed, or nobody can tell; 2 a setting is wrong, or there is no such trial; 3 no answer, or refused.
    """
    from eitui.cli.acting import add_trial

    return add_trial(settings(config, **flags), trial, new_name, yes=yes, wait=wait)


@trial_command.command("logs", epilog="Example: eitui trial logs mfe-conv1d-934 --follow")
@click.argument("trial")
@click.option("--follow", is_flag=True, help="Print what is added until the trial is over.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line: time, level, text.")
@connection_options
def trial_logs_command(trial: str, follow: bool, as_json: bool, config: Path | None, **flags: Any) -> int:
    """Print the log of a trial, as `eitui logs --job TRIAL` does.

    Exit codes: 0 success; 1 with --follow, the run ended with an error; 2 a setting is wrong, or there is no such
    trial; 3 no answer, or refused.
    """
    from eitui.cli.logs import log_of_job

    return log_of_job(settings(config, **flags), trial, follow=follow, as_json=as_json)
