"""What `record` and `wait` have in common: the options of a condition, and following a run until it is met.

Lines on stderr never wait for their reader.
"""

import asyncio
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import click

from eitui.analysis.durations import parse_duration
from eitui.analysis.until import UntilCondition, parse_condition
from eitui.cli import completing
from eitui.cli.options import all_options, reading
from eitui.config import Settings
from eitui.errors import ExitCode

if TYPE_CHECKING:
    from eitui.feed.events import Event, Source
    from eitui.feed.follow import FollowResult
    from eitui.feed.hooks import Programs
    from eitui.view.run.log import EventLine, Log

MOST_WAITING = 1000
"""Lines kept for a reader who is slow; of more the oldest are lost."""

CLOSING_PATIENCE = 1.0
"""Seconds for the last lines at the end."""


def stderr() -> int | None:
    """Return the descriptor of stderr; None when the parent process closed it: another file has its number then."""
    try:
        return None if sys.stderr is None else sys.stderr.fileno()
    except (OSError, ValueError):
        return None


class StderrWriter:
    """Writes lines to a descriptor from a thread of its own.

    A terminal that was stopped with ctrl+s, a pipe that nobody reads, a full disk and a descriptor that is closed hold
    up or break a write: what is being recorded meanwhile must not suffer. Leaving the block waits for what was said,
    but no longer than `CLOSING_PATIENCE`.

    Args:
        descriptor: where to write; None says nothing.

    """

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor
        self._lines: queue.Queue[bytes | None] = queue.Queue(MOST_WAITING)
        # A daemon: a write may never return.
        self._thread = threading.Thread(target=self._run, name="stderr writer", daemon=True)

    def say(self, line: str) -> None:
        """Have `line` written."""
        self._put(line.encode("utf-8", "replace") + b"\n")

    def _put(self, line: bytes | None) -> None:
        while True:
            try:
                self._lines.put_nowait(line)
            except queue.Full:
                with suppress(queue.Empty):
                    self._lines.get_nowait()
            else:
                return

    def _run(self) -> None:
        while (line := self._lines.get()) is not None:
            with suppress(OSError):
                while line and self._descriptor is not None:
                    line = line[os.write(self._descriptor, line) :]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._put(None)
        self._thread.join(CLOSING_PATIENCE)


SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
"""What ends it in an orderly way."""


def condition(text: str) -> UntilCondition:
    """Return the condition that `text` says, which may ask for what stands only in a trial's JSON."""
    from eitui.view.run.table import Depths

    return parse_condition(text, Depths().read)


until_options = all_options(
    click.option(
        "--until",
        callback=reading(condition),
        metavar="CONDITION",
        help="When to stop (default: finished).",
        shell_complete=completing.conditions,
    ),
    click.option(
        "--timeout",
        "limit_s",
        callback=reading(parse_duration),
        metavar="TIME",
        help="Stop after this time: 90s, 15m, 1h30m, 2d (default: never).",
    ),
    click.option("--quiet", is_flag=True, help="Print problems only."),
)
"""Adds `--until`, `--timeout` and `--quiet`: the arguments `until`, `limit_s` (None: not given) and `quiet`."""


async def follow_until(
    source: "Source",
    until: UntilCondition | None,
    limit_s: float | None,
    log: "Log",
    writer: StderrWriter,
    programs: "Programs",
    *,
    what: str,
    quiet: bool,
    recorded: bool,
    check: "Callable[[Event], None]" = lambda event: None,
) -> "FollowResult | signal.Signals":
    """Follow `source` until the condition is met (None: the run has finished).

    What happens is said on `writer` and told to `programs`; that one of them failed is said, and changes nothing.
    `what` is watched, for showing. `recorded` says whether the source records, `check` raises at an event that must
    not be followed. Returns how it ended, or the signal that ended it.
    """
    from eitui.feed.clock import SystemClock
    from eitui.feed.follow import follow
    from eitui.feed.hooks import Hooks

    until = until or condition("finished")
    clock = SystemClock()

    def say(entry: "EventLine") -> None:
        if entry.wrong or not quiet:
            writer.say(entry.text)

    def tell(event: "Event", step: Any) -> None:
        check(event)
        for entry in log.tell(event, step):
            say(entry)
        hooks.tell(step.alerts, step.moment)

    hooks = Hooks(programs, tell_problem=lambda what: say(log.program_failed(clock.now().wall, what)))
    say(log.opening(clock.now().wall, what, until, limit_s))
    following = asyncio.ensure_future(
        follow(source, until=until, say=tell, clock=clock, timeout_s=limit_s, recorded=recorded)
    )
    with _cancelled_by_signals(following) as caught:
        await asyncio.wait([following])
    if caught and following.cancelled():
        say(log.stopped(clock.now().wall, caught[0].name))
        return caught[0]
    await asyncio.to_thread(hooks.close)
    outcome = following.result()
    say(log.closing(clock.now().wall, outcome, until, limit_s))
    return outcome


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


def code_of(result: "FollowResult | signal.Signals") -> int:
    """Return the exit code of a command that followed a run."""
    from eitui.feed.follow import End

    if isinstance(result, signal.Signals):
        return 128 + result
    return {
        End.MET: ExitCode.OK,
        End.FAILED: ExitCode.FAILED,
        End.UNMET: ExitCode.FAILED,
        End.UNREACHABLE: ExitCode.UNREACHABLE,
        End.TIMEOUT: ExitCode.TIMEOUT,
    }[result.end]


def watched(chosen: Settings) -> str:
    """Return which project is watched, for showing."""
    project = "the key's own project" if chosen.project_id is None else f"project {chosen.project_id}"
    return f"{project} on {chosen.host}"
