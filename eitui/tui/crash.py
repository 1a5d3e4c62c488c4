"""What is said about a crash: everything a bug report needs, nothing that was in a variable."""

import traceback
from collections.abc import Callable, Iterable

from textual.worker import WorkerFailed

from eitui.domain.text import clean

ADVICE = (
    "This is a bug in eitui, not in your run, which goes on without it. Start eitui again to go on watching;\n"
    "a report of the bug needs only the lines above."
)

_LINE = 300
"""Longest line, in characters."""

_HEAD, _TAIL = 20, 60
"""Lines kept of a longer report, from its start and its end."""

Scrub = Callable[[str], str]


def scrubber(secrets: Iterable[str]) -> Scrub:
    """Return a function that takes every one of `secrets` out of a text."""
    known = sorted((secret for secret in secrets if secret), key=len, reverse=True)

    def scrub(text: str) -> str:
        for secret in known:
            text = text.replace(secret, "***")
        return text

    return scrub


def crash_report(error: BaseException, scrub: Scrub) -> str:
    """Return a plain-text report of `error`: what happened, where, and what to do; it ends with a line feed.

    The traceback has the source lines but no values of variables. Text that came from elsewhere is cleaned, as an
    exception's message may hold what the service said, escape sequences included.
    """
    if isinstance(error, WorkerFailed):
        error = error.error
    # Scrubbed before it is cut to length: half a key must not remain at the cut.
    trace = scrub("".join(traceback.format_exception(error)))
    lines = [clean(line, _LINE) for line in trace.splitlines()]
    if len(lines) > _HEAD + _TAIL:
        lines[_HEAD:-_TAIL] = [f"  … {len(lines) - _HEAD - _TAIL} lines left out …"]
    what = clean(scrub(summary(error)), _LINE)
    return "\n".join((*lines, "", f"eitui stopped: {what}", ADVICE, ""))


def summary(error: BaseException) -> str:
    """Return the type and message of `error`; never empty, and never raising, whatever its `__str__` does."""
    try:
        message = str(error)
    except Exception:  # An exception's own code, which may do anything.
        message = "(its message cannot be shown)"
    name = type(error).__name__
    return f"{name}: {message}" if message else name
