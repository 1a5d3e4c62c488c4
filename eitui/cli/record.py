"""`eitui record`: record a run without a terminal, until it ends."""

import asyncio
import gc
import signal
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eitui.analysis.durations import parse_duration
from eitui.analysis.until import ACCEPTED, UntilCondition, parse_condition
from eitui.cli.options import connection_options, setting_option, settings
from eitui.cli.stderr_writer import StderrWriter, stderr
from eitui.config import Settings
from eitui.crash import run
from eitui.errors import ExitCode

if TYPE_CHECKING:
    from eitui.domain.moment import Moment
    from eitui.feed.events import Event, Source
    from eitui.feed.follow import FollowResult
    from eitui.feed.track import Tracked
    from eitui.view.run.log import EventLine, Log

SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
"""What ends it in an orderly way."""


def _reader(read: Callable[[str], Any]) -> Callable[[click.Context, click.Parameter, str | None], Any]:
    """Return what click reads an option's text with; a ValueError of `read` becomes a usage error."""

    def convert(_context: click.Context, _option: click.Parameter, text: str | None) -> Any:
        try:
            return None if text is None else read(text)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return convert


def _until(text: str) -> UntilCondition:
    from eitui.view.run.lazy_values import Depths

    return parse_condition(text, Depths().read)


@click.command("record", epilog=f"Conditions: {ACCEPTED}. Example: eitui record --until 'best >= 95%' --timeout 2h")
@connection_options
@setting_option("interval_s")
@setting_option("fill_curves")
@click.option("--until", callback=_reader(_until), metavar="CONDITION", help="When to stop (default: finished).")
@click.option(
    "--timeout",
    "limit_s",
    callback=_reader(parse_duration),
    metavar="TIME",
    help="Stop after this time: 90s, 15m, 1h30m, 2d.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Recording file (default: in the recordings directory).",
)
@click.option("--quiet", is_flag=True, help="Print problems only.")
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

    if output is not None and str(output) in ("-", "."):
        raise click.UsageError("--output needs a file name.")
    chosen = settings(config, record=True, **flags)
    # `main` switched the collector off, for commands that end soon.
    gc.enable()
    source = recorded_source(chosen, file=output)
    with StderrWriter(stderr()) as writer:

        def say(entry: "EventLine") -> None:
            if entry.wrong or not quiet:
                writer.say(entry.text)

        return run(_record(source, chosen, until or _until("finished"), limit_s, output, say))


async def _record(
    source: "Source",
    chosen: Settings,
    until: UntilCondition,
    limit_s: float | None,
    output: Path | None,
    say: "Callable[[EventLine], None]",
) -> int:
    from eitui.feed.clock import SystemClock
    from eitui.feed.follow import follow

    log, fits = _log(chosen, output), _fits(output)

    def tell(event: "Event", step: "Tracked") -> None:
        fits(event)
        for entry in log.tell(event, step):
            say(entry)

    clock = SystemClock()
    say(log.opening(clock.now().wall, _what(chosen), until, limit_s))
    following = asyncio.ensure_future(follow(source, until=until, say=tell, clock=clock, timeout_s=limit_s))
    with _cancelled_by_signals(following) as caught:
        await asyncio.wait([following])
    if caught and following.cancelled():
        say(log.stopped(clock.now().wall, caught[0].name))
        return 128 + caught[0]
    outcome = following.result()
    say(log.closing(clock.now().wall, outcome, until, limit_s))
    return _code(outcome)


@contextmanager
def _cancelled_by_signals(task: "asyncio.Future[Any]") -> Iterator[list[signal.Signals]]:
    """Cancel `task` at the first signal; yield the list of those that came."""
    loop, caught = asyncio.get_running_loop(), list[signal.Signals]()
    # A signal that was ignored stays so: that is what nohup and a shell's background jobs ask for.
    numbers = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]

    def end(number: signal.Signals) -> None:
        caught.append(number)
        task.cancel()
        # Who presses ctrl+c again does not want to wait for the disk. The other signals come in pairs by themselves.
        if loop.remove_signal_handler(signal.SIGINT):
            signal.signal(signal.SIGINT, signal.SIG_DFL)

    for number in numbers:
        loop.add_signal_handler(number, end, number)
    try:
        yield caught
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


def _code(outcome: "FollowResult") -> ExitCode:
    from eitui.domain.moment import Keeping
    from eitui.feed.follow import End

    match outcome.end:
        case End.MET:
            kept = outcome.moment.recording.keeping in (Keeping.HERE, Keeping.ELSEWHERE)
            return ExitCode.OK if kept else ExitCode.FAILED
        case End.FAILED | End.UNMET:
            return ExitCode.FAILED
        case End.UNREACHABLE:
            return ExitCode.UNREACHABLE
        case End.TIMEOUT:
            return ExitCode.TIMEOUT


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


def _what(chosen: Settings) -> str:
    project = "the key's own project" if chosen.project_id is None else f"project {chosen.project_id}"
    return f"{project} on {chosen.host}"


def _log(chosen: Settings, output: Path | None) -> "Log":
    from eitui.feed.recording.format import About, shown
    from eitui.feed.recording.place import file_of
    from eitui.view.run.log import Log

    def where(moment: "Moment") -> str:
        if output is not None:
            return shown(output)
        project_id, run_id = moment.project_id or chosen.project_id, moment.history.run_id
        if project_id is None or run_id is None:
            return shown(chosen.recordings)
        return shown(file_of(chosen.recordings, About(chosen.host, project_id, run_id)))

    return Log(where)
