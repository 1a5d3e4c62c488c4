"""Read `optimize/state`: only trials whose bytes are new are parsed."""

import asyncio
import re
import zlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import blake2b
from typing import Any, NoReturn

import msgspec

from eitui.api.errors import BadAnswer, as_api_error
from eitui.api.lenient import MOST_VALUES, Part, check_size, fields_of
from eitui.api.run import rest_of, run_of
from eitui.api.trial import light_values, trial_of
from eitui.domain.run import EMPTY_RUN, Run
from eitui.domain.text import distinct
from eitui.domain.trial import Payload, Trial

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
        pieces = None
    # None also where the text of the first or last trial stands somewhere else too.
    pieces = _split_at_brackets(body) if pieces is None else pieces
    check_size(pieces.rest)
    return pieces


def _split(body: bytes) -> Pieces | None:
    # The objects for the ends of numbers would take 28 bytes for each of them: many are only counted.
    if body.count(b",") <= MOST_VALUES:
        trials = msgspec.json.decode(body, type=_Body).trials or []
    else:
        found = msgspec.json.decode(body, type=_bounded()).trials
        trials = [] if found is None else [raw for raw in msgspec.structs.astuple(found) if len(raw)]
    _check_bounds(len(trials), len(body) - sum(map(len, trials)))
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
    return Pieces(rest, [*trials]) if bytes(whole).translate(None, b" \t\r\n") == b"[]" else None


@cache
def _bounded() -> Any:
    """Return a `_Body` that makes no objects of more than `MOST_TRIALS` + 1 trials, and steps over the others.

    It takes 50 ms to make.
    """
    places = [(f"at_{place}", msgspec.Raw, msgspec.Raw(b"")) for place in range(MOST_TRIALS + 1)]
    several = msgspec.defstruct("Several", places, array_like=True)
    return msgspec.defstruct("Bounded", [("trials", several | None, None)])


def _check_bounds(trials: int, rest: int) -> None:
    if trials > MOST_TRIALS:
        raise BadAnswer(f"The service's answer has more than {MOST_TRIALS:,} trials")
    if rest > REST_BYTES:
        raise BadAnswer(
            f"The service's answer has {rest / 2**20:.0f} MiB beside its trials, more than {REST_BYTES // 2**20} MiB"
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
            _check_bounds(len(found), 0)
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
    _check_bounds(len(trials), len(rest))
    return Pieces(rest, [body[trial] for trial in trials])


INLINE = 128 * 1024
"""Bodies up to this many bytes are read at once; larger ones in a thread, so that the screen goes on living."""


MOST_LIGHT_VALUES = 2_000_000
"""Values of all trials of a state, without their heavy parts: what is kept of them grows with it."""


@dataclass(frozen=True)
class State:
    """A run, and what the next one can take over from it."""

    run: Run = EMPTY_RUN
    rest: Part | None = None
    """The state without its trials."""
    trials: Mapping[Hashable, Trial] = field(default_factory=dict)
    """By what tells one trial's JSON from another's."""
    renamed: Mapping[tuple[bytes, str], Trial] = field(default_factory=dict)
    """Trials that had to be given an id, by digest and that id."""


EMPTY_STATE = State()


def assemble(
    rest: Payload, keys: Sequence[Hashable], read: Callable[[int], Trial], before: State = EMPTY_STATE
) -> State:
    """Put a state together: `rest` is the state without its trials, `keys` stand for its trials' JSON, equal for equal.

    Trials that `before` has are the same objects; `read` returns the others, by their place in `keys`.

    Raises:
        BadAnswer: `rest` is not a tuner's state.
        Rejected: the service says it did not succeed.
    """
    same = rest.digest == before.run.payload.digest
    rest_part = before.rest if same and before.rest is not None else rest_of(unpack(rest))
    trials: dict[Hashable, Trial] = {}
    for place, key in enumerate(keys):
        if key not in trials:
            trials[key] = before.trials.get(key) or read(place)
    # Trials that the service sent without an id, or with one that is taken, have an id of their own.
    listed = [trials[key] for key in keys]
    named, renamed = [], {}
    for own, trial in zip(
        distinct((trial.id or f"?{place}" for place, trial in enumerate(listed)), "'"), listed, strict=True
    ):
        if own != trial.id:
            name = (trial.payload.digest, own)
            trial = renamed[name] = before.renamed.get(name) or replace(trial, id=own)
        named.append(trial)
    return State(run_of(rest_part, tuple(named), payload=rest), rest_part, trials, renamed)


def read_trial(payload: Payload) -> Trial:
    """Return the trial that `payload` describes; one that cannot be read says so in its `problem`."""
    return _trial(payload, unpack(payload), lambda _: True)


def _trial(payload: Payload, raw: bytes, fits: Callable[[int], bool]) -> Trial:
    """Read a trial whose number of values `fits`. Whatever is wrong with it is shown in its row, and hides no other."""
    try:
        fields = fields_of(raw)
        if fits(light_values(fields)):
            return trial_of(fields, payload)
        problem = "All trials together are too large to be read"
    except Exception as error:
        problem = as_api_error(error).what
    return Trial(id="", name="unreadable trial", status="", problem=problem, payload=payload)


class StateReader:
    """Turns one body after another into runs. Parts that did not change are the same objects as before."""

    def __init__(self) -> None:
        self._body = b""
        self._state = EMPTY_STATE
        self._values: dict[bytes, int] = {}
        """How many values each trial of the state has, by its digest."""

    async def read(self, body: bytes) -> Run:
        """Return the run that `body` describes; the same object as last time when nothing changed.

        Raises:
            BadAnswer: the body is not a tuner state.
            Rejected: the service says it did not succeed.

        """
        return self.read_now(body) if len(body) <= INLINE else await asyncio.to_thread(self.read_now, body)

    def read_now(self, body: bytes) -> Run:
        """As `read`, in the calling thread."""
        digest = digest_of(body)
        if digest == self._body:
            return self._state.run
        pieces = split_body(body)
        digests = [digest_of(raw) for raw in pieces.trials]

        self._values = {digest: self._values[digest] for digest in digests if digest in self._values}
        left = MOST_LIGHT_VALUES - sum(self._values.values())

        def read(place: int) -> Trial:
            raw = bytes(pieces.trials[place])

            def fits(values: int) -> bool:
                nonlocal left
                if values > left:
                    return False
                left -= values
                self._values[digests[place]] = values
                return True

            return _trial(Payload(digests[place], zlib.compress(raw, 1)), raw, fits)

        self._state = assemble(pack(pieces.rest), digests, read, self._state)
        self._body = digest
        return self._state.run


def unpack(payload: Payload) -> bytes:
    """Return the JSON that `payload` holds, as the service sent it."""
    return zlib.decompress(payload.packed)


def pack(body: bytes) -> Payload:
    """Return JSON as the service sent it, packed."""
    return Payload(digest_of(body), zlib.compress(body, 1))


def digest_of(data: bytes | msgspec.Raw) -> bytes:
    """Return what tells whether two pieces of JSON are the same: BLAKE2b, 16 bytes."""
    return blake2b(data, digest_size=16).digest()
