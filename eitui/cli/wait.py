"""`eitui wait`: hold a script until the run has ended or a condition is met."""

import gc
import json
import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from eitui.analysis.until import ACCEPTED, UntilCondition
from eitui.cli.following import StderrWriter, code_of, follow_until, stderr, until_options, watched
from eitui.cli.options import connection_options, setting_option, settings
from eitui.crash import run

if TYPE_CHECKING:
    from pathlib import Path


@click.command(
    "wait",
    epilog=f"Conditions: {ACCEPTED}. Example: eitui wait --until 'best val_accuracy >= 95%' --timeout 2h && ./deploy",
)
@connection_options
@setting_option("interval_s")
@setting_option("on")
@until_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end: that of status, and why.")
def wait_command(
    config: "Path | None",
    until: UntilCondition | None,
    limit_s: float | None,
    quiet: bool,
    as_json: bool,
    **flags: Any,
) -> int:
    """Wait until the run has ended, or a condition is met.

    Nothing is recorded or changed. Events are printed on stderr where that is a terminal, problems always. Outages do
    not end the wait; nor does a refusal after the first answer: eitui retries after 60 s, then less often, at least
    every 10 minutes. That a program of --on failed is a problem, too, and changes no exit code.

    Exit codes: 0 the run finished, or the --until condition is met; 1 the run failed, or ended without meeting the
    condition; 2 a setting is wrong; 3 the service refused before its first answer; 4 timeout; 128 + n ended by
    signal n.
    """
    from eitui.cli.connect import live_source
    from eitui.cli.status import moment_as_json
    from eitui.feed.hooks import check_programs
    from eitui.view.run.log import Log

    chosen = settings(config, **flags)
    check_programs(chosen.on)
    # `main` switched the collector off, for commands that end soon.
    gc.enable()
    there = stderr()
    with StderrWriter(there) as writer:
        ended = run(
            follow_until(
                live_source(chosen),
                until,
                limit_s,
                Log(None),
                writer,
                chosen.on,
                what=watched(chosen),
                quiet=quiet or there is None or not os.isatty(there),
                recorded=False,
            )
        )
    if as_json and not isinstance(ended, signal.Signals):
        told = {"ended": ended.end.value, **moment_as_json(ended.moment)}
        with suppress(BrokenPipeError):  # a script depends on the exit code, read or not
            click.echo(json.dumps(told, indent=2, allow_nan=False))
    return code_of(ended)
