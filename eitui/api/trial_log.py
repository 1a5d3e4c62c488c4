"""A trial's log: how the service is asked for it, and what it answered in the domain's words."""

import zlib
from collections.abc import Sequence

from eitui.api.errors import BadAnswer
from eitui.api.models.log import LogStdoutResponse, StdoutEntry
from eitui.api.models.text import to_text
from eitui.api.parse import decode
from eitui.api.state import unpack
from eitui.domain.log import LogLine, TrialLog
from eitui.domain.trial import Trial

MOST_LINES, MOST_CHARACTERS = 20_000, 4_000_000
"""Lines, and characters in all, that are kept: the newest ones."""


def id_to_ask(trial: Trial) -> str:
    """Return the id by which the service knows `trial`.

    `trial.id` is the clean text of it, which differs where the service sent something odd, and it is made up where
    the service sent none: then this is empty.
    """
    try:
        sent = decode(unpack(trial.payload)).get("id")
    except (BadAnswer, zlib.error):
        return trial.id
    return sent if isinstance(sent, str) else to_text(sent)


def log_of(answer: LogStdoutResponse) -> TrialLog:
    """Return the log, oldest line first.

    The service sends the newest entry first; should it send the oldest first one day, their times tell.
    """
    entries = answer.stdout if _ascends(answer.stdout) else answer.stdout[::-1]
    lines = [
        LogLine(entry.created if isinstance(entry.created, float) else None, entry.log_level.lower(), text)
        for entry in entries
        for text in entry.data
    ]
    left_out = max(0, (answer.total_count or 0) - len(entries))
    return TrialLog(tuple(_newest(lines)), left_out)


def _newest(lines: Sequence[LogLine]) -> Sequence[LogLine]:
    room = MOST_CHARACTERS
    for number, line in enumerate(reversed(lines)):
        room -= len(line.text)
        if room < 0 or number == MOST_LINES:
            return lines[len(lines) - number :]
    return lines


def _ascends(entries: Sequence[StdoutEntry]) -> bool:
    times = [entry.created for entry in entries if isinstance(entry.created, float)]
    return bool(times) and times[0] < times[-1]
