"""`eitui record`: record a run without a terminal, until it ends."""

import gc
import signal
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eitui.analysis.until import ACCEPTED, UntilCondition
from eitui.cli.following import StderrWriter, code_of, follow_until, stderr, until_options, watched
from eitui.cli.options import connection_options, setting_option, settings
from eitui.crash import run
from eitui.errors import ExitCode

if TYPE_CHECKING:
    from eitui.domain.moment import Moment
    from eitui.feed.events import Event


@click.command(
    "record", epilog=f"Conditions: {ACCEPTED}. Example: eitui record --until 'best val_accuracy >= 95%' --timeout 2h"
)
@connection_options
@setting_option("interval_s")
@setting_option("fill_curves")
@setting_option("on")
@until_options
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Recording file (default: in the recordings directory).",
)
def record_command(
    config: Path | None,
    until: UntilCondition | None,
    limit_s: float | None,
    output: Path | None,
    quiet: bool,
    **flags: Any,
) -> int:
    """Record a run without a screen, until it ends.

    Events are printed on stderr, one per line. Outages do not end the recording; nor does a refusal after the first
    answer: eitui retries after 60 s, then less often, at least every 10 minutes. If another process records the run,
    eitui waits and continues when that process ends.

    Exit codes: 0 the run finished, or the --until condition is met; 1 the run failed, ended without meeting the
    condition, or could not be recorded to its end; 2 a setting or the file is wrong; 3 the service refused before its
    first answer; 4 timeout; 128 + n ended by signal n.
    """
    from eitui.cli.connect import recorded_source
    from eitui.domain.moment import Keeping
    from eitui.feed.hooks import check_programs
    from eitui.feed.recording.catalogue import file_of
    from eitui.feed.recording.format import About, shown
    from eitui.view.run.log import Log

    if output is not None and str(output) in ("-", "."):
        raise click.UsageError("--output needs a file name.")
    chosen = settings(config, record=True, **flags)
    check_programs(chosen.on)
    # `main` switched the collector off, for commands that end soon.
    gc.enable()
    source = recorded_source(chosen, file=output)

    def where(moment: "Moment") -> str:
        if output is not None:
            return shown(output)
        project_id, run_id = moment.project_id or chosen.project_id, moment.history.run_id
        if project_id is None or run_id is None:
            return shown(chosen.recordings)
        return shown(file_of(chosen.recordings, About(chosen.host, project_id, run_id)))

    with StderrWriter(stderr()) as writer:
        ended = run(
            follow_until(
                source,
                until,
                limit_s,
                Log(where),
                writer,
                chosen.on,
                what=watched(chosen),
                quiet=quiet,
                recorded=True,
                check=_fits(output),
            )
        )
    code = code_of(ended)
    if code == ExitCode.OK and not isinstance(ended, signal.Signals):
        kept = ended.moment.recording.keeping in (Keeping.HERE, Keeping.ELSEWHERE)
        return ExitCode.OK if kept else ExitCode.FAILED
    return code


def _fits(output: Path | None) -> "Callable[[Event], None]":
    """Return what raises RecordingError at an answer about another run than the file `output` is of.

    That will not mend itself, as a disk may: to go on would be to record nothing, perhaps for hours.
    """
    from eitui.feed.events import PollSucceeded
    from eitui.feed.recording.format import About
    from eitui.feed.recording.reader import RecordingReader
    from eitui.feed.recording.writer import check_same_run

    if output is None:
        return lambda event: None
    about: About | None = None
    if output.exists():
        with closing(RecordingReader.open(output)) as recorded:
            about = recorded.about

    def fits(event: "Event") -> None:
        nonlocal about
        if isinstance(event, PollSucceeded) and event.run.coordinator_job_id is not None:
            # Of a file that is new the first run is the one; host and project are the same throughout.
            about = about or About("", 0, event.run.coordinator_job_id)
            check_same_run(about, replace(about, run_id=event.run.coordinator_job_id), output)

    return fits
