"""How events and checkpoints are written down: MessagePack, by the names of the domain's own fields."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass, replace
from typing import Any, TypeVar

import msgspec

from eitui.domain.curve import Curve, Epoch, LogPart
from eitui.domain.moment import Alert, Assignment, Connection, Gap, Instant, Moment, Problem, TrialSpan
from eitui.domain.run import RunRecord
from eitui.domain.text import clean
from eitui.feed.events import EpochsRead, Identified, PollFailed

_T = TypeVar("_T")

ANSWERED, MISSED, IDENTIFIED = 1, 2, 3
"""Kinds of events."""

EVENT_KINDS = (ANSWERED, MISSED, IDENTIFIED)
"""All of them; a row of another kind was written by a newer version, and is passed over."""

POLLS = (ANSWERED, MISSED)
"""Kinds of events after which there is something new to look at."""

DECODE_ERRORS = (msgspec.MsgspecError, zlib.error, ValueError, TypeError, RecursionError)
"""What decoding damaged bytes may raise."""


class Poll(msgspec.Struct, array_like=True, frozen=True):
    """A poll that was answered: of which pieces the state consisted."""

    next_in: float | None
    rest: int | None = None
    """The state without its trials; None: as in the poll before."""
    whole: list[int] | None = None
    """All trials in their order; None: as in the poll before, but for `changed`."""
    changed: list[tuple[int, int]] | None = None
    """Trials that are others than in the poll before: their place and their piece."""
    date: float | None = None
    """The service's clock; recordings of older versions have none."""

    def fits(self, trials: int) -> bool:
        """Return whether this can follow a poll that found this many trials."""
        return all(0 <= place < trials for place, _ in self.changed or ())

    def pieces(self) -> set[int]:
        """Return the pieces that are named."""
        rest = () if self.rest is None else (self.rest,)
        return {*rest, *(self.whole or ()), *(number for _, number in self.changed or ())}


class _Problem(msgspec.Struct, array_like=True, frozen=True):
    problem: Problem
    retry_at: float | None


class _LoggedEpoch(msgspec.Struct, array_like=True, frozen=True):
    epoch: int
    loss: float | None
    val_loss: float | None
    accuracy: float | None
    val_accuracy: float | None
    completed_at: float | None


class _Log(msgspec.Struct, array_like=True, frozen=True):
    trial_id: str
    retries: int
    from_start: bool
    to_end: bool
    epochs: tuple[_LoggedEpoch, ...]


class _Identity(msgspec.Struct, array_like=True, frozen=True):
    project_id: int
    project_name: str
    record: RunRecord | None
    log: _Log | None = None
    """Epochs that a log told: versions that know nothing of them pass this field over, and read on."""


class Fact(msgspec.Struct, array_like=True, frozen=True):
    """What was gathered of one trial."""

    curve: Curve | None
    span: TrialSpan | None


class Checkpoint(msgspec.Struct, frozen=True):
    """A moment, but for its run and for what was gathered of each trial: those are stored beside it, once."""

    rest: int
    trials: list[int]
    """Pieces of the run that it shows."""
    facts: dict[str, int]
    """By trial id."""
    alerts: tuple[Alert, ...]
    connection: Connection
    record: RunRecord | None
    project_id: int | None
    project_name: str
    began: float | None
    assignments: dict[str, Assignment]
    stalled: frozenset[str]
    best_score: tuple[int, float] | None
    fit_score: tuple[int, float] | None
    run_id: int | None
    gaps: tuple[Gap, ...]


def encode_body(value: Any) -> bytes:
    """Return `value`, one of the structures of this module, as bytes."""
    return msgspec.msgpack.encode(value)


def decode_body(body: bytes, kind: type[_T]) -> _T:
    """Return the structure that `encode_body` made `body` of, safe to show and to reckon with.

    Raises:
        One of `DECODE_ERRORS`: the bytes are damaged, or say what never was.
    """
    decoded: _T = safe(msgspec.msgpack.decode(body, type=kind))
    return decoded


def safe(value: Any) -> Any:
    """Return `value` with every text in it cleaned, wherever it stands: a recording may come from anywhere.

    Raises:
        ValueError: a number in it is neither a time nor a figure.
    """
    kind = type(value)
    if value is None or kind is int or kind is bool:
        return value
    if kind is str:
        return clean(value)
    if kind is float:
        if not is_plausible(value):
            raise ValueError(value)
        return value
    if kind is dict:
        return {safe(key): safe(part) for key, part in value.items()}
    if kind in (list, tuple, set, frozenset):
        return kind(map(safe, value))
    if is_dataclass(value):
        return kind(**{name: safe(getattr(value, name)) for name in value.__dataclass_fields__})
    if isinstance(value, msgspec.Struct):
        return kind(*(safe(getattr(value, name)) for name in value.__struct_fields__))
    return value  # a word of an enumeration


def is_plausible(number: float) -> bool:
    """Return whether a number may be a time that a clock has shown, or a figure: NaN and infinity are neither."""
    return -FURTHEST < number < FURTHEST


FURTHEST = 253_402_300_800.0
"""Seconds: the end of the year 9999, after which no calendar goes on."""


def inflate(packed: bytes, most: int) -> bytes:
    """Return what was packed, of at most `most` bytes: a megabyte of a hostile file holds a gigabyte of zeros.

    Raises:
        zlib.error, ValueError: it is damaged, or longer.
    """
    unpacking = zlib.decompressobj()
    body = unpacking.decompress(packed, most)
    if not unpacking.eof:
        raise ValueError("too long, or cut short")
    return body


MOST_PIECE = 8 * 1024 * 1024
"""Bytes of JSON of one trial, or of the state without its trials. Parsed it takes up to thirty times as much."""

MOST_CHECKPOINT = 8 * 1024 * 1024
"""Bytes of a checkpoint, or of what was gathered of one trial. What is longer is folded anew from the events."""


def encode_event(event: PollFailed | Identified | EpochsRead) -> tuple[int, bytes]:
    """Return the kind and the bytes of an event that holds no state."""
    if isinstance(event, PollFailed):
        return MISSED, encode_body(_Problem(event.problem, event.retry_at))
    if isinstance(event, EpochsRead):
        part = event.told
        epochs = tuple(
            _LoggedEpoch(e.epoch, e.loss, e.val_loss, e.accuracy, e.val_accuracy, e.completed_at) for e in part.epochs
        )
        told = _Log(event.trial_id, event.retries, part.from_start, part.to_end, epochs)
        return IDENTIFIED, encode_body(_Identity(event.project_id, "", None, told))
    return IDENTIFIED, encode_body(_Identity(event.project_id, event.project_name, event.record))


def decode_event(kind: int, at: Instant, body: bytes) -> PollFailed | Identified | EpochsRead:
    """Return what `encode_event` wrote down.

    Raises:
        One of `DECODE_ERRORS`: the bytes are damaged.
    """
    if kind == MISSED:
        missed = decode_body(body, _Problem)
        return PollFailed(at, missed.problem, missed.retry_at)
    known = decode_body(body, _Identity)
    if (told := known.log) is not None:
        logged = tuple(
            Epoch(e.epoch, e.loss, e.val_loss, e.accuracy, e.val_accuracy, None, e.completed_at) for e in told.epochs
        )
        part = LogPart(logged, told.from_start, told.to_end)
        return EpochsRead(at, known.project_id, told.trial_id, told.retries, part)
    return Identified(at, known.project_id, known.project_name, known.record)


_OF_MOMENT = ("alerts", "connection", "record", "project_id", "project_name")
_OF_HISTORY = ("began", "stalled", "best_score", "fit_score", "run_id", "gaps")
"""What a checkpoint takes as it is, by the names that both sides have."""


def checkpoint_of(moment: Moment, rest: int, trials: Sequence[int], facts: Mapping[str, int]) -> Checkpoint:
    """Return what of `moment` is written down beside its pieces and facts."""
    return Checkpoint(
        rest=rest,
        trials=list(trials),
        facts=dict(facts),
        assignments=dict(moment.history.assignments),
        **{name: getattr(moment, name) for name in _OF_MOMENT},
        **{name: getattr(moment.history, name) for name in _OF_HISTORY},
    )


def moment_of(saved: Checkpoint, base: Moment, facts: Mapping[str, Fact]) -> Moment:
    """Return the moment that `saved` was made of; `base` holds its run."""
    history = replace(
        base.history,
        curves={trial_id: fact.curve for trial_id, fact in facts.items() if fact.curve is not None},
        spans={trial_id: fact.span for trial_id, fact in facts.items() if fact.span is not None},
        assignments=saved.assignments,
        **{name: getattr(saved, name) for name in _OF_HISTORY},
    )
    return replace(base, history=history, **{name: getattr(saved, name) for name in _OF_MOMENT})
