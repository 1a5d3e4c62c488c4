"""`eitui status`: one poll, a short summary."""

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eitui.cli.options import connection_options, settings
from eitui.config import Settings
from eitui.crash import run

if TYPE_CHECKING:
    from eitui.domain.moment import Moment


@click.command("status", epilog="Example: eitui status --json | jq .best")
@connection_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status_command(config: Path | None, as_json: bool, **flags: Any) -> int:
    """Print a summary of the run.

    Exit codes: 0 success; 1 the run ended with an error; 2 a setting is wrong; 3 no answer, or refused.
    """
    moment = run(poll_once(settings(config, **flags)))
    click.echo(json.dumps(moment_as_json(moment), indent=2, allow_nan=False) if as_json else _text(moment))
    from eitui.analysis.standing import ended_badly

    return 1 if ended_badly(moment) else 0


async def poll_once(chosen: Settings) -> "Moment":
    """Return the run as it is now.

    Raises:
        ApiError: the service could not be asked.
    """
    from eitui.cli.connect import live_source

    return await live_source(chosen).once()


def moment_as_json(moment: "Moment") -> dict[str, Any]:
    """Return the summary that `--json` prints, with the best trials."""
    from eitui.analysis.figures import precision_of
    from eitui.analysis.ranking import ranked
    from eitui.view.run.plain import status_as_json

    first = ranked(moment)
    return status_as_json(
        moment, best=first.trial, best_within_limits=first.within_limits, precision=precision_of(moment.run)
    )


def _text(moment: "Moment") -> str:
    from eitui.analysis.clock import own_time
    from eitui.analysis.eta import changed_at, elapsed, eta
    from eitui.analysis.figures import precision_of
    from eitui.analysis.ranking import ranked
    from eitui.analysis.standing import waiting_for
    from eitui.feed.clock import SystemClock
    from eitui.view.run.header import time_left
    from eitui.view.run.plain import status_summary

    now = SystemClock().now()
    first, left = ranked(moment), eta(moment, changed_at(moment, now))
    return status_summary(
        moment,
        now,
        width=min(100, shutil.get_terminal_size().columns),
        best=first.trial,
        best_within_limits=first.within_limits,
        elapsed_s=elapsed(moment, own_time(moment.connection, now)),
        remaining="" if moment.run.finished or waiting_for(moment) else f"{time_left(left)} ({left.detail})",
        precision=precision_of(moment.run),
    )
