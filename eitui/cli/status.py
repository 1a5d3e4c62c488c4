"""`eitui status`: one poll, a short summary."""

import json
import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eitui.cli import completing
from eitui.cli.options import connection_options, reading, run_option, settings
from eitui.config import Settings
from eitui.crash import run
from eitui.domain.text import clean, did_you_mean

if TYPE_CHECKING:
    from eitui.analysis.eta import Eta
    from eitui.domain.moment import Instant, Moment
    from eitui.domain.run import RunJob
    from eitui.view.run.columns import Column

MOST_COLUMNS = 100
"""Cells of a line of text at most, on a terminal."""


def _column(text: str) -> "Column":
    """Return the column that is called so, which may be a hyper-parameter.

    Raises:
        ValueError: there is none.
    """
    from eitui.view.run.columns import COLUMNS, CURVE, column_of

    name = text.strip().lower().replace("-", "_")
    names = [one.key for one in COLUMNS if one is not CURVE]
    if name in names or "." in text:
        with suppress(KeyError):
            return column_of(text.strip() if "." in text else name)
    there = f"The columns are {', '.join(names)}"
    raise ValueError(f"{clean(text.strip())!r} is no column. {did_you_mean(name, names, there)}")


def _columns(text: str) -> "tuple[Column, ...]":
    return tuple(map(_column, text.split(",")))


def _order(text: str) -> "tuple[Column, bool]":
    """Return the column to sort by, and whether the highest come first."""
    one = _column(text.removeprefix("-"))
    return one, one.high_first != text.startswith("-")


@click.command(
    "status",
    epilog="Example: eitui status --trials | grep failed. As JSON: eitui status --json | jq .best",
)
@connection_options
@run_option
@click.option("--trials", is_flag=True, help="Print the trials, one a line, instead; with --json: too.")
@click.option(
    "--columns",
    callback=reading(_columns),
    metavar="NAME,...",
    help="Print the trials with these columns, such as name,val_accuracy,latency (default: as many as fit).",
    shell_complete=completing.many_columns,
)
@click.option(
    "--sort",
    callback=reading(_order),
    metavar="NAME",
    help="Print the trials in the order of a column; -NAME: the opposite order (default: creation order).",
    shell_complete=completing.one_column,
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status_command(
    config: Path | None,
    run_id: int | None,
    trials: bool,
    columns: "tuple[Column, ...] | None",
    sort: "tuple[Column, bool] | None",
    as_json: bool,
    **flags: Any,
) -> int:
    """Print a summary of the run.

    Lines are as wide as the terminal, or COLUMNS. Where the output is no terminal, no line is wrapped or cut, and
    --trials prints all columns, also every hyper-parameter that differs in the run. Columns are named as in filters;
    with --sort the highest come first where more is better.

    Exit codes: 0 success; 1 the run ended with an error; 2 a setting is wrong; 3 no answer, or refused.
    """
    moment, says = run(poll_once(settings(config, **flags), run_id))
    trials = trials or columns is not None or sort is not None
    if sort is not None:
        from eitui.view.run.plain import in_order

        moment = in_order(moment, *sort)
    if as_json:
        told = moment_as_json(moment, says) | ({"all_trials": _trials_as_json(moment)} if trials else {})
        click.echo(json.dumps(told, indent=2, allow_nan=False))
    elif trials:
        from eitui.view.run.plain import trials_table

        click.echo(trials_table(moment, _width(), columns))
    else:
        click.echo(_text(moment, says))
    from eitui.analysis.standing import ended_badly

    return 1 if ended_badly(moment) else 0


def _width() -> int | None:
    """Return the terminal's width in cells, which `watch` says in COLUMNS; None where the output is no terminal."""
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    return shutil.get_terminal_size().columns if is_terminal or "COLUMNS" in os.environ else None


async def poll_once(chosen: Settings, run_id: int | None = None) -> "tuple[Moment, str]":
    """Return the run as it is now, and the line of the tuner's log that says why it has no trial; else "".

    `run_id` None: the present run.

    Raises:
        ApiError: the service could not be asked.
    """
    from eitui.analysis.failure import cause_of
    from eitui.cli.connect import live_source
    from eitui.domain.run import TUNER
    from eitui.view.run.panes import why_without_trials

    def tuner_of(moment: "Moment") -> "RunJob | None":
        return next((job for job in moment.run.jobs if job.role == TUNER and why_without_trials(moment)), None)

    moment, log = await live_source(chosen, run_id).once_with_log(tuner_of)
    line = None if log is None else cause_of(log.lines).line
    return moment, "" if line is None else line.text.strip()


def moment_as_json(moment: "Moment", tuner_says: str = "") -> dict[str, Any]:
    """Return the summary that `--json` prints, with the best trials; `tuner_says` as of `poll_once`."""
    from eitui.view.run.plain import status_as_json

    _, known, left = _known(moment)
    return status_as_json(moment, left=left, tuner_says=tuner_says, **known)


def _trials_as_json(moment: "Moment") -> list[dict[str, Any]]:
    from eitui.view.run.export import trials
    from eitui.view.run.table import Depths

    table = trials(moment, Depths().read)
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def _text(moment: "Moment", tuner_says: str) -> str:
    from eitui.view.run.header import time_left
    from eitui.view.run.plain import status_summary

    now, known, left = _known(moment)
    width = _width()
    return status_summary(
        moment,
        now,
        width=sys.maxsize if width is None else min(MOST_COLUMNS, width),
        tuner_says=tuner_says,
        remaining="" if left is None else f"{time_left(left)} ({left.detail})",
        **known,
    )


def _known(moment: "Moment") -> "tuple[Instant, dict[str, Any], Eta | None]":
    """Return the time, what text and JSON both tell, and how long the run may take; None: nothing runs."""
    from eitui.analysis.clock import own_time
    from eitui.analysis.eta import changed_at, elapsed, eta
    from eitui.analysis.figures import precision_of
    from eitui.analysis.ranking import ranked
    from eitui.analysis.standing import waiting_for
    from eitui.feed.clock import SystemClock

    now, first = SystemClock().now(), ranked(moment)
    known = {
        "best": first.trial,
        "best_within_limits": first.within_limits,
        "elapsed_s": elapsed(moment, own_time(moment.connection, now)),
        "precision": precision_of(moment.run),
    }
    over = moment.run.finished or not moment.run.started or waiting_for(moment)
    return now, known, None if over else eta(moment, changed_at(moment, now))
