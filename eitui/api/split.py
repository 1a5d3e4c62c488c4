"""Take an `optimize/state` body apart at its trials, without parsing it.

A state can be tens of megabytes, nearly all of it metrics that nobody looks at until a trial is opened. msgspec
finds the ends of JSON values at about 1 GB/s without building objects. What msgspec refuses (NaN, half of a surrogate
pair, lists nested without end) is taken apart by its brackets instead, so that it concerns the trial that it is in,
and no other.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn

import msgspec

from eitui.api.errors import BadAnswer
from eitui.api.size import MOST_VALUES, check_size

REST_BYTES = 4 * 2**20
"""Longest state without its trials, in bytes."""

MOST_TRIALS = 20_000
"""Trials of a state."""


class _Body(msgspec.Struct):
    trials: list[msgspec.Raw] | None = None


class _Whole(msgspec.Struct):
    trials: msgspec.Raw = msgspec.Raw(b"")


@dataclass(frozen=True)
class Pieces:
    """A state taken apart."""

    rest: bytes
    """The body with an empty list of trials."""
    trials: list[bytes | msgspec.Raw]
    """The trials' JSON as it was sent. A `Raw` is a view into the body, which stays in memory as long as it does."""


def split_body(body: bytes) -> Pieces:
    """Take a state's body apart at its trials.

    Raises:
        BadAnswer: the body is not a JSON object, its trials are not a list or too many, or the rest is too long.

    """
    try:
        pieces = _split(body)
    except (msgspec.DecodeError, RecursionError):
        pieces = _split_at_brackets(body)
    check_size(pieces.rest)
    return pieces


def _split(body: bytes) -> Pieces:
    trials = _trials(body)
    _check_rest(len(body) - sum(map(len, trials)))
    if not trials:
        return Pieces(body, [])
    first, last = bytes(trials[0]), bytes(trials[-1])
    start = body.index(first)
    # The last one ends the list no sooner than the others and their commas allow; its text may stand further on too.
    end = body.index(last, start + sum(len(raw) + 1 for raw in trials[:-1])) + len(last)
    rest = body[:start] + body[end:]
    try:
        whole = msgspec.json.decode(rest, type=_Whole).trials
    except msgspec.DecodeError:
        whole = msgspec.Raw(b"")
    if bytes(whole).translate(None, b" \t\r\n") != b"[]":
        return _split_at_brackets(body)  # the text of the first or last trial stands somewhere else too
    return Pieces(rest, [*trials])


def _trials(body: bytes) -> list[msgspec.Raw]:
    # The objects for the ends of numbers would take 28 bytes for each of them: many are only counted.
    if body.count(b",") <= MOST_VALUES:
        trials = msgspec.json.decode(body, type=_Body).trials or []
    else:
        found = msgspec.json.decode(body, type=_bounded()).trials
        trials = [] if found is None else [raw for raw in msgspec.structs.astuple(found) if len(raw)]
    if len(trials) > MOST_TRIALS:
        _too_many()
    return trials


@cache
def _bounded() -> Any:
    """Return a `_Body` that makes no objects of more than `MOST_TRIALS` + 1 trials, and steps over the others.

    It takes 50 ms to make.
    """
    places = [(f"at_{place}", msgspec.Raw, msgspec.Raw(b"")) for place in range(MOST_TRIALS + 1)]
    several = msgspec.defstruct("Several", places, array_like=True)
    return msgspec.defstruct("Bounded", [("trials", several | None, None)])


def _too_many() -> NoReturn:
    raise BadAnswer(f"The service's answer has more than {MOST_TRIALS:,} trials")


def _check_rest(size: int) -> None:
    if size > REST_BYTES:
        raise BadAnswer(
            f"The service's answer has {size / 2**20:.0f} MiB beside its trials, more than {REST_BYTES // 2**20} MiB"
        )


_SPACE = re.compile(rb"[ \t\r\n]*+")
_STRING = rb'"(?:[^"\\]++|\\.)*+(?:"|\Z)'
_FLAT = rb'[^"\[\]{}]++|' + _STRING
_TO_BRACKET = re.compile(rb"(?:%b|\[(?:%b)*+\]|\{(?:%b)*+\})*+" % ((_FLAT,) * 3), re.DOTALL)
"""All up to a bracket; lists and objects without others in them are stepped over whole."""
_SCALAR = re.compile(rb'%b|[^\s,"\[\]{}:]++' % _STRING, re.DOTALL)


class _Cursor:
    """A place in a body, that goes on from value to value by their brackets and quotes: what is between is not read."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.at = 3 if body.startswith(b"\xef\xbb\xbf") else 0

    def is_before(self, mark: bytes) -> bool:
        """Step over white space; return whether `mark` comes next."""
        found = _SPACE.match(self._body, self.at)
        self.at = found.end() if found else self.at
        return self._body.startswith(mark, self.at)

    def takes(self, mark: bytes) -> bool:
        """Step over `mark` where it comes next; return whether it did."""
        if not self.is_before(mark):
            return False
        self.at += len(mark)
        return True

    def expect(self, mark: bytes) -> None:
        """Step over `mark`, which must come next."""
        if not self.takes(mark):
            self._fail()

    def expect_end(self) -> None:
        """Make sure that nothing comes any more."""
        if self.is_before(b"") and self.at < len(self._body):
            self._fail()

    def value(self) -> slice:
        """Step over a value; return where it is."""
        if not (self.is_before(b"{") or self.is_before(b"[")):
            scalar = _SCALAR.match(self._body, self.at)
            start, self.at = self.at, scalar.end() if scalar else self.at
            return slice(start, self.at) if scalar else self._fail()
        start, depth = self.at, 0
        while depth or self.at == start:
            depth += 1 if self._body[self.at] in b"[{" else -1
            self.at += 1
            if depth:
                run = _TO_BRACKET.match(self._body, self.at)
                self.at = run.end() if run else self.at
                if self.at == len(self._body):
                    self._fail()
        return slice(start, self.at)

    def values(self) -> list[slice]:
        """Step over a list; return where its items are.

        Raises:
            BadAnswer: they are more than a state's trials may be.
        """
        self.expect(b"[")
        found: list[slice] = []
        while not (self.takes(b"]") if not found else not self.takes(b",")):
            found.append(self.value())
            if len(found) > MOST_TRIALS:
                _too_many()
        if found:
            self.expect(b"]")
        return found

    def _fail(self) -> NoReturn:
        raise BadAnswer(f"The service's answer is not JSON (byte {self.at} of {len(self._body)})")


def _split_at_brackets(body: bytes) -> Pieces:
    """Do what `split_body` does for a body that is odd somewhere."""
    cursor, trials, place = _Cursor(body), list[slice](), slice(0, 0)
    cursor.expect(b"{")
    more = not cursor.takes(b"}")
    while more:
        is_trials = body[cursor.value()] == b'"trials"'
        cursor.expect(b":")
        if is_trials and not cursor.is_before(b"null"):
            if not cursor.is_before(b"["):
                raise BadAnswer("The service's answer is not a tuner's state: its trials are no list")
            start = cursor.at
            trials = cursor.values()
            place = slice(start, cursor.at)
        else:
            cursor.value()
        more = cursor.takes(b",")
        if not more:
            cursor.expect(b"}")
    cursor.expect_end()
    rest = body[: place.start] + b"[]" + body[place.stop :] if trials else body
    _check_rest(len(rest))
    return Pieces(rest, [body[trial] for trial in trials])
