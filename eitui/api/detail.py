"""A trial in depth, read from the bytes that it came as: only when somebody opens it."""

import zlib
from typing import Any

import msgspec

from eitui.analysis.confusion import worst
from eitui.api.devices import devices_of
from eitui.api.errors import BadAnswer
from eitui.api.evaluation import Variant, evaluation_of, find
from eitui.api.lenient import Fields, Reader, fields_of
from eitui.api.models.number import to_time, to_whole
from eitui.api.models.text import to_text
from eitui.api.readable import name_of, pairs
from eitui.api.state import unpack
from eitui.domain.detail import Added, EvaluationDetail, ImpulseBlock, Jobs, TrialDetail
from eitui.domain.trial import COMPLETED, INT8, VALIDATION, Trial

_KINDS = {"input": "inputBlock", "dsp": "dspBlock", "learn": "learnBlock"}

_SAID_ELSEWHERE = frozenset({"id", "type", "title", "name", "metrics", "metadata"})
"""Fields of a block that are in its heading, or are its results."""

REMEMBERED = 20_000
"""Worst classes kept in mind."""

_worst: dict[tuple[bytes, str, str], tuple[str, float] | None] = {}


def detail_of(trial: Trial) -> TrialDetail:
    """Return everything that the service says about `trial`.

    Never raises: what is missing or of another shape is absent, the latter with a line in `problems`. The metrics of
    a trial without any are looked for where the service has been seen to put them instead.
    """
    reader = Reader()
    fields = _fields(trial, reader)
    impulse = reader.fields(fields.get("impulse"), "impulse")
    found = find(fields, _blocks(impulse, "learn", reader), reader)
    evaluations = {
        key: evaluation_of(variants, found.class_names, " ".join(key), reader)
        for key, variants in found.variants.items()
    }
    for key, known in trial.evaluations.items():
        evaluations.setdefault(key, EvaluationDetail(known.loss, known.accuracy))
    performance = reader.fields(fields.get("devicePerformance"), "devicePerformance")
    return TrialDetail(
        evaluations={key: said for key, said in evaluations.items() if said != EvaluationDetail()},
        devices=devices_of(performance, found.variants, reader),
        blocks=_impulse_blocks(impulse, reader),
        model=pairs(reader.value(fields.get("model"), "model")),
        jobs=_jobs(fields, reader),
        added=_added(fields, reader),
        experiment=to_text(reader.value(fields.get("experiment"), "experiment")),
        original_trial_id=to_text(reader.value(fields.get("original_trial_id"), "original_trial_id")),
        created_in_post_processing=reader.value(fields.get("createdInPostProcessing"), "createdInPostProcessing")
        is True,
        last_active=_unread_times(fields, reader),
        problems=tuple(dict.fromkeys(filter(None, [trial.problem, *reader.problems]))),
    )


def _fields(trial: Trial, reader: Reader) -> dict[str, msgspec.Raw]:
    if not trial.payload.packed:
        return {}
    try:
        return fields_of(unpack(trial.payload))
    except (BadAnswer, zlib.error):
        reader.doubt("trial", "the service's description of it cannot be read")
        return {}


def _blocks(impulse: Fields, kind: str, reader: Reader) -> list[msgspec.Raw]:
    """Return the impulse's blocks of a kind, undecoded: those of the plural that clients read, else of the singular."""
    name = _KINDS[kind]
    alone = impulse.get(name)
    several = reader.items(impulse.get(f"{name}s"), f"{name}s")
    return several or ([alone] if alone is not None and bytes(alone).startswith(b"{") else [])


def block_titles(trial: Trial) -> tuple[str, ...]:
    """Return what the blocks of a trial's impulse are called: their titles, names and types. Never raises."""
    reader = Reader()
    impulse = reader.fields(_fields(trial, reader).get("impulse"), "impulse")
    blocks = [reader.fields(raw, f"{kind} block") for kind in _KINDS for raw in _blocks(impulse, kind, reader)]
    words = (to_text(reader.value(block.get(key), key)) for block in blocks for key in ("title", "name", "type"))
    return tuple(dict.fromkeys(filter(None, words)))


def _impulse_blocks(impulse: Fields, reader: Reader) -> tuple[ImpulseBlock, ...]:
    found = [_block(kind, raw, reader) for kind in _KINDS for raw in _blocks(impulse, kind, reader)]
    return tuple(block for block in found if block is not None)


def _block(kind: str, raw: msgspec.Raw, reader: Reader) -> ImpulseBlock | None:
    value = _without_results(raw, reader, kind)
    if value is None:
        return None
    title = to_text(value.get("title")) or to_text(value.get("name")) or name_of(to_text(value.get("type")))
    return ImpulseBlock(kind, title, to_text(value.get("type")), pairs(value, _SAID_ELSEWHERE))


def _without_results(raw: msgspec.Raw, reader: Reader, kind: str) -> dict[str, Any] | None:
    """Decode a block but for its results, which can be most of it; None where it is no object."""
    fields = reader.take(raw, dict[str, msgspec.Raw], f"{kind} block")
    if fields is None:
        return None
    kept = {key: item for key, item in fields.items() if key not in ("metrics", "metadata")}
    return {key: reader.value(item, f"{kind} block, {key}") for key, item in kept.items()}


def _jobs(fields: Fields, reader: Reader) -> Jobs:
    dsp = reader.take(fields.get("dspJobId"), dict[str, Any], "dspJobId") or {}
    learn = reader.value(fields.get("learnJobId"), "learnJobId")
    return Jobs(to_whole(dsp.get("training")), to_whole(dsp.get("testing")), to_whole(learn))


def _added(fields: Fields, reader: Reader) -> Added | None:
    said = reader.take(fields.get("impulseAddedToProject"), dict[str, Any], "impulseAddedToProject")
    return Added(to_whole(said.get("impulseId")), to_text(said.get("link"))) if said else None


def _unread_times(fields: Fields, reader: Reader) -> dict[int, str]:
    """Return when blocks were last active in the service's words, where those are no date-time."""
    times = [to_time(block.get("lastActive")) for block in reader.objects(fields.get("blocks"), "blocks")]
    return {place: time for place, time in enumerate(times) if isinstance(time, str)}


def worst_recall(trial: Trial, precision: str = INT8, part: str = VALIDATION) -> tuple[str, float] | None:
    """Return the class that a completed trial recognises least, with its recall 0..1; None where that is not known.

    Reads only the reports, and remembers the answer for as long as the trial's bytes are the same.
    """
    if trial.status != COMPLETED or not trial.evaluations:
        return None
    key = (trial.payload.digest, precision, part)
    if key not in _worst:
        if len(_worst) >= REMEMBERED:
            _worst.clear()
        _worst[key] = _worst_recall(trial, precision, part)
    return _worst[key]


def _worst_recall(trial: Trial, precision: str, part: str) -> tuple[str, float] | None:
    reader = Reader()
    fields = _fields(trial, reader)
    parts = reader.fields(fields.get("metrics"), "metrics")
    variant = reader.take(reader.fields(parts.get(part), part).get(precision), Variant, precision)
    score = worst(evaluation_of([variant], (), part, reader).scores) if variant and _named(variant) else None
    if score is None:
        learn_blocks = _blocks(reader.fields(fields.get("impulse"), "impulse"), "learn", reader)
        found = find(fields, learn_blocks, reader)
        score = worst(evaluation_of(found.variants.get((part, precision), ()), found.class_names, part, reader).scores)
    return (score.name, score.recall) if score is not None and score.recall is not None else None


def _named(variant: Variant) -> bool:
    """Whether this brings the names of its classes, so that they need not be looked for."""
    return bytes(variant.class_names).startswith(b"[")
