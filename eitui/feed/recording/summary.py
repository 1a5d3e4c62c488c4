"""What a recording is about, in a few words: enough to list recordings without reading them."""

from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any

import msgspec

from eitui.analysis.ranking import ranked, usual_lens
from eitui.analysis.standing import run_state
from eitui.domain.moment import Moment
from eitui.domain.trial import ValueSource
from eitui.feed.recording.codec import DECODE_ERRORS, safe


@dataclass(frozen=True)
class Summary:
    """A recorded run at its last poll. What was never learnt is empty, 0 or None."""

    project_name: str = ""
    run_name: str = ""
    run_index: int | None = None
    """The run's number within its project."""
    status: str = ""
    """As the monitor's header shows it: `running`, `completed`, `failed`, `cancelled`, `ended with an error`, …"""
    finished: bool = False
    """Whether the run had come to its end, in whatever way."""
    first: float | None = None
    """When the first poll was: seconds since the Unix epoch, as all times."""
    last: float | None = None
    """When the last poll was."""
    polls: int = 0
    trials: int = 0
    completed: int = 0
    failed: int = 0
    best_name: str = ""
    """The best trial (see `eitui.analysis.ranking.best`); empty when none has completed."""
    best_val_accuracy: float | None = None
    """0..1; None where the service computes none: then `best_val_loss` is what it was ranked by."""
    best_val_loss: float | None = None
    precision: str = ""
    """The precision at which the best trial was evaluated, such as `int8`; empty where it was not."""
    source: str = ""
    """Where the best trial's figures come from, as `ValueSource` has it."""
    device: str = ""
    """The run's target device."""
    created: float | None = None
    """When the service says that the run was created."""


def summary_of(moment: Moment, first: float, polls: int, last: float | None = None) -> Summary:
    """Return the summary of a recording whose last poll led to `moment`.

    `first` and `last` are when its first and last poll were, in seconds since the Unix epoch; without `last` it is
    when the service last answered.
    """
    run, record, good = moment.run, moment.record, moment.connection.last_good
    lens, leader = usual_lens(run), ranked(moment).trial
    source = lens.source(leader) if leader is not None else None
    return Summary(
        project_name=moment.project_name,
        run_name=run.config.name or (record.name if record is not None else ""),
        run_index=record.index if record is not None else None,
        status=run_state(moment),
        finished=run.finished,
        first=first,
        last=last if last is not None or good is None else good.wall,
        polls=polls,
        trials=run.counts.total,
        completed=run.counts.completed,
        failed=run.counts.failed,
        best_name=(leader.name or leader.id) if leader is not None else "",
        best_val_accuracy=lens.accuracy(leader) if leader is not None else None,
        best_val_loss=lens.loss(leader) if leader is not None else None,
        precision=lens.precision if source is ValueSource.EVALUATION else "",
        source=source or "",
        device=run.config.target.device,
        created=record.created if record is not None else None,
    )


def encode_summary(summary: Summary) -> str:
    """Return `summary` as JSON; equal summaries give equal texts."""
    return msgspec.json.encode(summary).decode()


def decode_summary(text: bytes) -> Summary:
    """Return the summary that `text` holds, as far as it can be read.

    A recording outlives the version that made it, and may come from anywhere: fields that are not known are passed
    over, those missing or malformed are as if never learnt, and texts are made safe to show.
    """
    try:
        # A flipped bit costs a character, not the rest.
        decoded = msgspec.json.decode(text.decode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return Summary()
    found: dict[str, Any] = {}
    for field in fields(Summary) if isinstance(decoded, dict) else ():
        if field.name in decoded:
            with suppress(*DECODE_ERRORS):
                found[field.name] = safe(msgspec.convert(decoded[field.name], field.type))
    return Summary(**found)
