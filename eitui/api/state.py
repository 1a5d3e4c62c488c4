"""Read `optimize/state`: only trials whose bytes are new are parsed."""

import asyncio
import zlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b

import msgspec

from eitui.api.errors import as_api_error
from eitui.api.lenient import Part, fields_of
from eitui.api.run import rest_of, run_of
from eitui.api.split import split_body
from eitui.api.trial import light_values, trial_of
from eitui.domain.run import EMPTY_RUN, Run
from eitui.domain.text import distinct
from eitui.domain.trial import Payload, Trial

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
    named, renamed = _distinct([trials[key] for key in keys], before.renamed)
    return State(run_of(rest_part, named, payload=rest), rest_part, trials, renamed)


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


def _distinct(
    trials: list[Trial], renamed: Mapping[tuple[bytes, str], Trial]
) -> tuple[tuple[Trial, ...], dict[tuple[bytes, str], Trial]]:
    """Give trials that the service sent without an id, or with one that is taken, an id of their own.

    Returns the trials, and those of them that were renamed; one that is in `renamed` is the same object again.
    """
    names = distinct((trial.id or f"?{place}" for place, trial in enumerate(trials)), "'")
    named, fresh = [], {}
    for own, trial in zip(names, trials, strict=True):
        if own != trial.id:
            key = (trial.payload.digest, own)
            trial = fresh[key] = renamed.get(key) or replace(trial, id=own)
        named.append(trial)
    return tuple(named), fresh
