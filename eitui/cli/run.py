"""`eitui run`: cancel the latest run or a job, or extend the search."""

from pathlib import Path
from typing import Any

import click

from eitui.cli.options import Group, connection_options, read_only_option, settings


@click.group("run", cls=Group, epilog="Example: eitui run extend")
def run_command() -> None:
    """Cancel the project's latest run, or a job, or extend a search that has ended.

    What it means is shown first. It is written down in the journal, sent once, and read back.
    """


@run_command.command("cancel", epilog="Example: eitui run cancel --job 8200001")
@click.option("--job", "job_id", type=int, metavar="NUMBER", help="The job to cancel (default: the latest run).")
@click.option("--yes", is_flag=True, help="Do not ask.")
@read_only_option
@connection_options
def cancel_command(job_id: int | None, yes: bool, config: Path | None, **flags: Any) -> int:
    """Cancel the latest run: running trials end unfinished, completed ones stay.

    Exit codes: 0 the service took it; 1 you said no, or it is over already, or nobody can tell; 2 a setting is wrong,
    or there is no run; 3 no answer, or refused.
    """
    from eitui.cli.acting import cancel_job

    return cancel_job(settings(config, **flags), job_id, yes=yes)


@run_command.command("extend", epilog="Example: eitui run extend --yes")
@click.option("--yes", is_flag=True, help="Do not ask.")
@read_only_option
@connection_options
def extend_command(yes: bool, config: Path | None, **flags: Any) -> int:
    """Extend the latest search: a new run goes on where it ended.

    Exit codes: 0 the service took it; 1 you said no, or the search is running or cannot be extended; 2 a setting is
    wrong, or there is no run; 3 no answer, or refused.
    """
    from eitui.cli.acting import extend_run

    return extend_run(settings(config, **flags), yes=yes)
