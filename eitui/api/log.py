"""Logs (`GET …/optimize/trial/{trialId}/stdout`, `…/jobs/{jobId}/stdout`), and by which id a trial's is asked for."""

import re
import zlib

from eitui.api.errors import BadAnswer
from eitui.api.lenient import answer, decode_object, not_negative, to_text
from eitui.api.state import unpack
from eitui.domain.log import Job, LogLine, TrialLog
from eitui.domain.text import clean
from eitui.domain.trial import Trial

_MOST_LINES, MOST_CHARACTERS = 20_000, 4_000_000
"""Lines, and characters in all, that are kept: the newest ones."""

ENTRY_LINES = 1_000
"""Lines kept of one entry, its last ones."""

LONGEST_LINE = 2_048
"""Longest line kept, in characters: messages of TensorFlow are long, and the end of one may name its cause."""

_COLOUR = re.compile(r"\x1b\[[0-9;]{0,32}m")
_OVERTYPED = re.compile(r"[\r\x08]+")
_LINE_END = re.compile(r"\r?\n")


def id_to_ask(trial: Trial) -> str:
    """Return the id by which the service knows `trial`.

    `trial.id` is the clean text of it, which differs where the service sent something odd, and it is made up where
    the service sent none: then this is empty.
    """
    try:
        sent = decode_object(unpack(trial.payload)).get("id")
    except (BadAnswer, zlib.error):
        return trial.id
    return sent if isinstance(sent, str) else to_text(sent)


def log_of(body: bytes) -> TrialLog:
    """Return the log, oldest line first. Thousands of lines take seconds to clean.

    The service sends the newest of at most 1,000 entries first; should it send the oldest first one day, their times
    tell. What a program wrote becomes the lines that a terminal would show.

    Raises:
        Rejected: the service says that it did not succeed.
        BadAnswer: there is no list of entries.
    """
    response = answer(body)
    entries = [
        (entry.seconds("created"), entry.text("logLevel").lower(), lines_of(entry.value("data")))
        for entry in response.required("stdout")
    ]
    times = [time for time, _, _ in entries if time is not None]
    if not times or times[0] >= times[-1]:
        entries.reverse()
    lines = [LogLine(time, level, text) for time, level, texts in entries for text in texts]
    room, kept = MOST_CHARACTERS, 0
    for line in reversed(lines):
        room -= len(line.text)
        if room < 0 or kept == _MOST_LINES:
            break
        kept += 1
    left_out = max(0, (response.whole("totalCount") or 0) - len(entries))
    return TrialLog(tuple(lines[len(lines) - kept :]), left_out)


def lines_of(written: object) -> tuple[str, ...]:
    """Return what a program wrote as the lines a terminal would show, clean; nothing for what is not a text.

    Colours are left out. Of a line that was written over (progress bars: carriage return, backspaces) the last form
    is kept.
    """
    if not isinstance(written, str):
        return ()
    pieces = _LINE_END.split(_COLOUR.sub("", written[-LONGEST_LINE * ENTRY_LINES :]))
    if not pieces[-1]:
        pieces.pop()
    forms = ([form for form in _OVERTYPED.split(piece) if form] or [""] for piece in pieces[-ENTRY_LINES:])
    return tuple(clean(form[-1], LONGEST_LINE).rstrip() for form in forms)


def job_of(body: bytes, job_id: int) -> Job:
    """Return how it stands with the job that was asked for; raise ApiError where the answer has none."""
    response = answer(body)
    if not isinstance(response.value("job"), dict):
        raise response.unexpected("job", "an object")
    job = response.part("job")
    successful = job.flag("finishedSuccessful")
    finished = job.time("finished") is not None or successful is not None
    return Job(job_id, finished=finished, successful=successful, compute_s=not_negative(job.number("computeTime")))


def started_job(body: bytes) -> int:
    """Return the id of a job that was started; raise ApiError where the answer has none."""
    response = answer(body)
    job_id = response.whole("id")
    if job_id is None:
        raise response.unexpected("id", "a whole number")
    return job_id


def check_done(body: bytes) -> None:
    """Raise ApiError where the service refused, or does not say that it did what was asked."""
    if answer(body).flag("success") is not True:
        raise BadAnswer("The service's answer does not say whether it did anything")
