"""`eitui logs`: the log of the tuner, of its coordinator or of a trial."""

import json
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eitui.cli import completing
from eitui.cli.options import connection_options, settings
from eitui.crash import run
from eitui.domain.run import COORDINATOR, TUNER, RunJob
from eitui.errors import EituiError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eitui.config import Settings
    from eitui.domain.log import LogLine
    from eitui.domain.run import Run
    from eitui.domain.trial import Trial
    from eitui.feed.events import Logged
    from eitui.feed.live import LiveSource

LEAST_INTERVAL_S = 10.0
"""Seconds at least from one look at a log to the next."""

OVERLAP = 50
"""Lines by which the place is found up to which a long log was printed: of it the service sends the end alone."""


class NoSuchJob(EituiError):
    """The run has no job or trial of this name."""

    exit_code = ExitCode.USAGE


@click.command("logs", epilog="Example: eitui logs --job coordinator --follow")
@click.option(
    "--job",
    default=TUNER,
    show_default=True,
    shell_complete=completing.logs,
    metavar=f"{TUNER}|{COORDINATOR}|TRIAL",
    help="Whose log; TRIAL is the name or id of a trial.",
)
@click.option("--follow", is_flag=True, help="Print what is added until the run, or the trial, is over.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line: time, level, text.")
@connection_options
def logs_command(job: str, follow: bool, as_json: bool, config: Path | None, **flags: Any) -> int:
    """Print the log of the tuner, of its coordinator or of a trial, the oldest line first.

    The tuner's log tells why a search stopped, or why it found no model. The service keeps the last 1,000 entries of a
    log. Outages do not end --follow.

    Exit codes: 0 success; 1 with --follow, the run ended with an error; 2 a setting is wrong, or there is no such
    trial; 3 no answer, or refused.
    """
    return log_of_job(settings(config, **flags), job, follow=follow, as_json=as_json)


def log_of_job(chosen: "Settings", job: str, *, follow: bool, as_json: bool) -> int:
    """Print the log of a job or trial; return the command's exit code."""
    from eitui.cli.connect import live_source
    from eitui.view.run.failures import log_line_as_json, plain_log_line

    def say(line: "LogLine") -> None:
        click.echo(json.dumps(log_line_as_json(line), ensure_ascii=False) if as_json else plain_log_line(line))

    def warn(text: str) -> None:
        click.echo(f"eitui: {text}", err=True)

    source = live_source(replace(chosen, interval_s=max(LEAST_INTERVAL_S, chosen.interval_s)))
    return run(print_log(source, job, say, warn, follow=follow))


async def print_log(
    source: "LiveSource",
    job: str,
    say: "Callable[[LogLine], None]",
    warn: "Callable[[str], None]",
    *,
    follow: bool,
) -> int:
    """Hand the lines of a log to `say`, the oldest first, and problems that do not end it to `warn`; return exit code.

    Raises:
        ApiError: the service could not be asked.
        NoLog: it was asked, and the log cannot be had.
        NoSuchJob: the run has no such job.
    """
    from eitui.analysis.standing import ended_badly
    from eitui.api.errors import ApiError
    from eitui.domain.moment import EMPTY_MOMENT
    from eitui.feed.events import Identified, NoLog, PollFailed, PollSucceeded
    from eitui.feed.track import fold

    moment, before, begun, ended = EMPTY_MOMENT, tuple["LogLine", ...](), False, False
    async with aclosing(source.events()) as events:
        async for event in events:
            moment = fold(moment, event).moment
            if isinstance(event, PollFailed):
                if event.problem.final or not (follow and begun):
                    raise ApiError(event.problem.what, event.problem.advice)
                warn(event.problem.sentence)
            # Only the list of runs, which is asked for next, says of some runs that they failed.
            if ended and (isinstance(event, PollSucceeded) or (isinstance(event, Identified) and event.record)):
                break
            if not isinstance(event, PollSucceeded):
                continue
            of = job_called(job, moment.run)
            over = moment.run.finished or (not isinstance(of, RunJob) and of.over)
            try:
                log = await source.log(of)
            except NoLog as error:
                if not (follow and begun) or over:
                    raise
                warn(error.sentence)
                continue
            if not begun and log.left_out:
                warn(f"the service did not send {log.left_out:,} earlier entries")
            for line in lines_after(before, log.lines):
                say(line)
            before, begun = log.lines, True
            ended = follow and moment.run.finished
            if not ended and (over or not follow):
                break
    return ExitCode.FAILED if follow and ended_badly(moment) else ExitCode.OK


def job_called(name: str, of: "Run") -> "Logged":
    """Return the job or trial of a run that is meant by `name`: an id before a name.

    Raises:
        NoSuchJob: there is none, or several trials have this name.
    """
    if not of.started:
        raise NoSuchJob("This project has no tuner run yet: there is no log", "Start one in the Studio.")
    if name in (TUNER, COORDINATOR):
        job = next((job for job in of.jobs if job.role == name), None)
        if job is None:
            raise NoSuchJob(f"The service names no {name} job of this run")
        return job
    return trial_called(name, of)


def trial_called(name: str, of: "Run") -> "Trial":
    """Return the trial of a run that is meant by `name`: an id before a name.

    Raises:
        NoSuchJob: there is none, or several have this name.
    """
    found = [trial for trial in of.trials if trial.id == name] or [trial for trial in of.trials if trial.name == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise NoSuchJob(f"{len(found)} trials are called {name}", f"Name one by its id: {_some(found)}.")
    there = f"The run has {len(of.trials)} trials: {_some(of.trials)}." if of.trials else "The run has no trials."
    raise NoSuchJob(f"The run has no trial {name}", there)


def _some(trials: "Sequence[Trial]", most: int = 5) -> str:
    told = [f"{trial.name} ({trial.id})" for trial in trials[:most]]
    return ", ".join([*told, "…"] if len(trials) > most else told)


def lines_after(before: "Sequence[LogLine]", now: "Sequence[LogLine]") -> "Sequence[LogLine]":
    """Return the lines of `now` that follow those of `before`, an earlier answer about the same log.

    All of them where nothing in `now` is known from before.
    """
    if now[: len(before)] == before:
        return now[len(before) :]
    for end in range(len(now), 0, -1):
        known = min(end, len(before), OVERLAP)
        if known and now[end - known : end] == before[len(before) - known :]:
            return now[end:]
    return now
