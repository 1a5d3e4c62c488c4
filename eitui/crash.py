"""What is said about a crash: everything a bug report needs, nothing that was in a variable.

Every command and the monitor come through here, whatever raised: the command itself, a thread, a task of the event
loop.
"""

import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from eitui.config.hiding import hide
from eitui.domain.text import clean
from eitui.log import log

_T = TypeVar("_T")

ADVICE = (
    "This is a bug in eitui. Your run goes on without it, and what was recorded is kept. Start eitui again;\n"
    "a report of the bug needs only the lines above."
)

_LINE = 300
"""Longest line, in characters."""

_HEAD, _TAIL = 20, 60
"""Lines kept of a longer report, from its start and its end."""

Tell = Callable[[str], None]
"""Takes one line, without its end."""


def crash_report(error: BaseException) -> str:
    """Return a plain-text report of `error`: what happened, where, and what to do; it ends with a line feed.

    The traceback has the source lines but no values of variables. Text that came from elsewhere is cleaned, as an
    exception's message may hold what the service said, escape sequences included; API keys are hidden.
    """
    import traceback

    log.critical("A crash", exc_info=error)
    # Hidden before it is cut to length: half a key must not remain at the cut.
    trace = hide("".join(traceback.format_exception(error)))
    lines = [clean(line, _LINE) for line in trace.splitlines()]
    if len(lines) > _HEAD + _TAIL:
        lines[_HEAD:-_TAIL] = [f"  … {len(lines) - _HEAD - _TAIL} lines left out …"]
    return "\n".join((*lines, "", f"eitui stopped: {clean(hide(crash_summary(error)), _LINE)}", ADVICE, ""))


def crash_summary(error: BaseException) -> str:
    """Return the type and message of `error`; never empty, and never raising, whatever its `__str__` does."""
    try:
        message = str(error)
    except Exception:  # An exception's own code, which may do anything.
        message = "(its message cannot be shown)"
    name = type(error).__name__
    return f"{name}: {message}" if message else name


def to_stderr(line: str) -> None:
    """Print a line on stderr, if anybody reads it."""
    with suppress(OSError, ValueError):
        if sys.stderr is not None:  # closed by the program that started us
            print(line, file=sys.stderr)


@contextmanager
def background_told(tell: Tell) -> Iterator[None]:
    """Have `tell` called, while the block runs, for what fails in a thread or where Python cannot raise it."""
    import threading

    def of_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_type is not SystemExit:
            tell(_in_background(args.exc_value, args.exc_type.__name__))

    def of_python(args: "sys.UnraisableHookArgs") -> None:
        tell(_in_background(args.exc_value, args.exc_type.__name__))

    before = threading.excepthook, sys.unraisablehook
    threading.excepthook, sys.unraisablehook = of_thread, of_python
    try:
        yield
    finally:
        threading.excepthook, sys.unraisablehook = before


def tell_of_tasks(tell: Tell) -> None:
    """Have `tell` called for what fails in a task of the running event loop that nobody waits for."""
    import asyncio

    def handle(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        tell(_in_background(context.get("exception"), context["message"]))

    asyncio.get_running_loop().set_exception_handler(handle)


def run(work: Coroutine[Any, Any, _T]) -> _T:
    """Run `work` as `asyncio.run` does; what fails in a task that nobody waits for is a line on stderr."""
    import asyncio

    async def told() -> _T:
        tell_of_tasks(to_stderr)
        return await work

    return asyncio.run(told())


def _in_background(error: BaseException | None, otherwise: str) -> str:
    log.error("In the background: %s", otherwise, exc_info=error)
    return clean(hide(f"eitui: in the background: {otherwise if error is None else crash_summary(error)}"))
