"""A log (`GET /api/{projectId}/optimize/trial/{trialId}/stdout`, LogStdoutResponse)."""

import re
from typing import Annotated

from pydantic import PlainValidator

from eitui.api.models.base import Answer, Model, Required
from eitui.api.models.number import Time, Whole
from eitui.api.models.text import Text
from eitui.domain.text import clean

MOST_LINES = 1_000
"""Lines kept of one entry, its last ones."""

LONGEST = 2_048
"""Longest line kept, in characters: messages of TensorFlow are long, and the end of one may name its cause."""

_COLOUR = re.compile(r"\x1b\[[0-9;]{0,32}m")
_OVERTYPED = re.compile(r"[\r\x08]+")
_LINE_END = re.compile(r"\r?\n")
_CHARACTERS = LONGEST * MOST_LINES


def to_lines(value: object) -> tuple[str, ...]:
    """Return what a program wrote as the lines a terminal would show, clean; nothing for what is not a text.

    Colours are left out. Of a line that was written over (progress bars: carriage return, backspaces) the last form
    is kept.
    """
    if not isinstance(value, str):
        return ()
    pieces = _LINE_END.split(_COLOUR.sub("", value[-_CHARACTERS:]))
    if not pieces[-1]:
        pieces.pop()
    return tuple(clean(_last_form(piece), LONGEST).rstrip() for piece in pieces[-MOST_LINES:])


def _last_form(line: str) -> str:
    forms = [form for form in _OVERTYPED.split(line) if form]
    return forms[-1] if forms else ""


class StdoutEntry(Model):
    """Something that was written: usually a line."""

    created: Time = None
    data: Annotated[tuple[str, ...], PlainValidator(to_lines)] = ()
    """The lines of the entry, clean and without their ends."""
    log_level: Text = ""
    """`error`, `warn`, `info` or `debug`; may be missing."""


class LogStdoutResponse(Answer):
    """The last entries of a log: at most 1,000, the newest first."""

    stdout: Required[StdoutEntry]
    total_count: Whole = None
    """How many entries there are, sent or not."""
