"""Read `optimize/state`: only trials whose bytes are new are parsed."""

import asyncio
import zlib
from dataclasses import replace
from hashlib import blake2b

import msgspec
from pydantic import ValidationError

from eitui.api.convert import run_of, trial_of
from eitui.api.errors import BadAnswer
from eitui.api.models.state import OptimizeStateResponse
from eitui.api.models.trial import TunerTrial
from eitui.api.parse import parse
from eitui.api.skim import lighten, split
from eitui.domain.run import EMPTY_RUN, Run
from eitui.domain.text import clean
from eitui.domain.trial import Payload, Trial

INLINE = 128 * 1024
"""Bodies up to this many bytes are read at once; larger ones in a thread, so that the screen goes on living."""


class StateReader:
    """Turns one body after another into runs. Parts that did not change are the same objects as before."""

    def __init__(self) -> None:
        self._trials: dict[bytes, Trial] = {}
        self._body = b""
        self._run = EMPTY_RUN

    async def read(self, body: bytes) -> Run:
        """Return the run that `body` describes; the same object as last time when nothing changed.

        Raises:
            BadAnswer: the body is not a tuner state.
            Rejected: the service says it did not succeed.

        """
        return self.read_now(body) if len(body) <= INLINE else await asyncio.to_thread(self.read_now, body)

    def read_now(self, body: bytes) -> Run:
        """As `read`, in the calling thread."""
        digest = _digest(body)
        if digest == self._body:
            return self._run
        pieces = split(body)
        rest = parse(OptimizeStateResponse, pieces.rest)
        keys = [_digest(raw) for raw in pieces.trials]
        known = self._trials
        read = {
            key: known.get(key) or self._trial(key, bytes(raw)) for key, raw in zip(keys, pieces.trials, strict=True)
        }
        trials = _distinct([read[key] for key in keys])
        self._trials = read
        self._run = run_of(rest, trials, payload=_pack(pieces.rest))
        self._body = digest
        return self._run

    def _trial(self, key: bytes, raw: bytes) -> Trial:
        payload = Payload(key, zlib.compress(raw, 1))
        try:
            return trial_of(TunerTrial.model_validate(lighten(raw)), payload)
        except (ValidationError, BadAnswer, RecursionError) as error:
            return Trial(id="", name="unreadable trial", status="", problem=_reason(error), payload=payload)


def unpack(payload: Payload) -> bytes:
    """Return the JSON that `payload` holds, as the service sent it."""
    return zlib.decompress(payload.packed)


def _pack(body: bytes) -> Payload:
    return Payload(_digest(body), zlib.compress(body, 1))


def _digest(data: bytes | msgspec.Raw) -> bytes:
    return blake2b(data, digest_size=16).digest()


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        return clean(f"{'.'.join(map(str, first['loc']))}: {first['msg']}")
    return clean(str(error) or type(error).__name__)


def _distinct(trials: list[Trial]) -> tuple[Trial, ...]:
    """Give trials that the service sent without an id, or with one that is taken, an id of their own."""
    taken: set[str] = set()
    distinct = []
    for position, trial in enumerate(trials):
        own = trial.id or f"?{position}"
        while own in taken:
            own += "'"
        taken.add(own)
        distinct.append(trial if own == trial.id else replace(trial, id=own))
    return tuple(distinct)
