"""`eitui studio`: the Studio's address of the run, of a trial or of an impulse."""

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from eitui.cli.options import WrongUsage, connection_options, settings
from eitui.crash import run

if TYPE_CHECKING:
    from eitui.config import Settings


@click.command("studio", epilog="Example: eitui studio --trial mfe-conv1d-934")
@click.option("--trial", metavar="TRIAL", help="The name or id of a trial (default: the run).")
@click.option("--impulse", "impulse_id", type=int, metavar="NUMBER", help="An impulse (default: the run).")
@connection_options
def studio_command(trial: str | None, impulse_id: int | None, config: Path | None, **flags: Any) -> int:
    """Print the Studio's address of the latest run, of a trial or of an impulse.

    A trial that is no impulse of the project has no page of its own: the address is its run's then.

    Exit codes: 0 success; 2 a setting is wrong, or there is no such thing; 3 no answer, or refused.
    """
    if trial is not None and impulse_id is not None:
        raise WrongUsage("A trial and an impulse have different addresses", "Give one of --trial and --impulse.")
    click.echo(run(_address(settings(config, **flags), trial, impulse_id)))
    return 0


async def _address(chosen: "Settings", trial: str | None, impulse_id: int | None) -> str:
    from eitui.cli.changing import impulse_numbered
    from eitui.cli.connect import open_project
    from eitui.cli.logs import trial_called
    from eitui.view.trial.progress import impulse_link, studio_link, trial_link

    project = await open_project(chosen)
    try:
        address = urlsplit(chosen.endpoint)
        host, number = f"{address.scheme}://{address.netloc}", project.project_id
        if impulse_id is not None:
            impulse_numbered(await project.impulses(), impulse_id)
            return impulse_link(host, number, impulse_id)
        of = await project.run()
        if trial is not None:
            return trial_link(host, number, of, trial_called(trial, of))
        if of.coordinator_job_id is None:
            raise WrongUsage("This project has no tuner run yet", "Start one in the Studio.")
        return studio_link(host, number, of.coordinator_job_id)
    finally:
        await project.close()
