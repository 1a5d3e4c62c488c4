"""How events and checkpoints are written down: MessagePack, by the names of the domain's own fields."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import msgspec

from eitui.domain.history import Assignment, Curve, Gap, Span
from eitui.domain.moment import Alert, Connection, Instant, Moment, Problem
from eitui.domain.run import RunRecord
from eitui.domain.text import clean
from eitui.feed.events import Identified, Missed

T = TypeVar("T")

ANSWERED, MISSED, IDENTIFIED = 1, 2, 3
"""Kinds of events."""

POLLS = (ANSWERED, MISSED)
"""Kinds of events after which there is something new to look at."""

UNREADABLE = (msgspec.MsgspecError, zlib.error, ValueError, TypeError)
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


class _Identity(msgspec.Struct, array_like=True, frozen=True):
    project_id: int
    project_name: str
    record: RunRecord | None


class Fact(msgspec.Struct, array_like=True, frozen=True):
    """What was gathered of one trial."""

    curve: Curve | None
    span: Span | None


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
    best_score: tuple[bool, float] | None
    run_id: int | None
    gaps: tuple[Gap, ...]


def encode(value: Any) -> bytes:
    """Return `value`, one of the structures of this module, as bytes."""
    return msgspec.msgpack.encode(value)


def decode(body: bytes, kind: type[T]) -> T:
    """Return the structure that `encode` made `body` of.

    Raises:
        One of `UNREADABLE`: the bytes are damaged.
    """
    return msgspec.msgpack.decode(body, type=kind)


def encode_said(event: Missed | Identified) -> tuple[int, bytes]:
    """Return the kind and the bytes of an event that holds no state."""
    if isinstance(event, Missed):
        return MISSED, encode(_Problem(event.problem, event.retry_at))
    return IDENTIFIED, encode(_Identity(event.project_id, event.project_name, event.record))


def decode_said(kind: int, at: Instant, body: bytes) -> Missed | Identified:
    """Return what `encode_said` wrote down.

    Raises:
        One of `UNREADABLE`: the bytes are damaged.
    """
    if kind == MISSED:
        missed = decode(body, _Problem)
        return Missed(at, _clean_problem(missed.problem), missed.retry_at)
    known = decode(body, _Identity)
    return Identified(at, known.project_id, clean(known.project_name), _clean_record(known.record))


def checkpoint_of(moment: Moment, rest: int, trials: Sequence[int], facts: Mapping[str, int]) -> Checkpoint:
    """Return what of `moment` is written down beside its pieces and facts."""
    history = moment.history
    return Checkpoint(
        rest,
        list(trials),
        dict(facts),
        moment.alerts,
        moment.connection,
        moment.record,
        moment.project_id,
        moment.project_name,
        history.began,
        dict(history.assignments),
        history.stalled,
        history.best_score,
        history.run_id,
        history.gaps,
    )


def moment_of(saved: Checkpoint, base: Moment, facts: Mapping[str, Fact]) -> Moment:
    """Return the moment that `saved` was made of; `base` holds its run."""
    history = replace(
        base.history,
        began=saved.began,
        curves={trial_id: fact.curve for trial_id, fact in facts.items() if fact.curve is not None},
        spans={trial_id: fact.span for trial_id, fact in facts.items() if fact.span is not None},
        assignments=saved.assignments,
        stalled=saved.stalled,
        best_score=saved.best_score,
        run_id=saved.run_id,
        gaps=saved.gaps,
    )
    return replace(
        base,
        history=history,
        alerts=tuple(map(_clean_alert, saved.alerts)),
        connection=_clean_connection(saved.connection),
        record=_clean_record(saved.record),
        project_id=saved.project_id,
        project_name=clean(saved.project_name),
    )


# A recording may come from anywhere: what it says is cleaned once more, like the service's own words.


def _clean_alert(alert: Alert) -> Alert:
    text = clean(alert.text)
    return alert if text == alert.text else replace(alert, text=text)


def _clean_connection(connection: Connection) -> Connection:
    problem = connection.problem
    return connection if problem is None else replace(connection, problem=_clean_problem(problem))


def _clean_problem(problem: Problem) -> Problem:
    return replace(problem, what=clean(problem.what), advice=clean(problem.advice))


def _clean_record(record: RunRecord | None) -> RunRecord | None:
    return None if record is None else replace(record, name=clean(record.name), job_status=clean(record.job_status))
