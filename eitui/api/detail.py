"""A trial in depth, read from the bytes that it came as: only when somebody opens it."""

import zlib
from typing import Any

from eitui.analysis.confusion import worst
from eitui.api.devices import devices_of
from eitui.api.errors import BadAnswer
from eitui.api.lenient import Part, fields_of
from eitui.api.metrics import BLOCKS, blocks_of_kind, evaluation_detail_of, find_metrics, head_and_config
from eitui.api.readable import name_of, readable_pairs
from eitui.api.state import unpack
from eitui.domain.detail import Added, EvaluationDetail, ImpulseBlock, Jobs, TrialDetail
from eitui.domain.trial import COMPLETED, INT8, VALIDATION, Trial

_SAID_ELSEWHERE = frozenset(
    {
        "id",
        "type",
        "title",
        "name",
        "metrics",
        "metadata",
        "performance",
        "estimatedPerformance",
        "implementationVersion",
    }
)
"""Fields of a block that are in its heading, or are its results and no parameters."""

REMEMBERED = 20_000
"""Worst classes kept in mind."""

_worst: dict[tuple[bytes, str, str], tuple[str, float] | None] = {}


def detail_of(trial: Trial) -> TrialDetail:
    """Return everything that the service says about `trial`.

    Never raises: what is missing or of another shape is absent, the latter with a line in `problems`. The metrics of
    a trial without any are looked for where the service has been seen to put them instead.
    """
    described = opened(trial)
    found = find_metrics(described)
    evaluations = {key: evaluation_detail_of(several, found.class_names) for key, several in found.variants.items()}
    for key, known in trial.evaluations.items():
        evaluations.setdefault(key, EvaluationDetail(known.loss, known.accuracy))
    features, added = described.decoded("dspJobId"), described.decoded("impulseAddedToProject")
    times = [block.time("lastActive") for block in described.parts("blocks")]
    return TrialDetail(
        evaluations={key: one for key, one in evaluations.items() if one != EvaluationDetail()},
        devices=devices_of(described.part("devicePerformance"), found.variants),
        blocks=tuple(
            _block(kind, block) for kind in BLOCKS for block in blocks_of_kind(described.part("impulse"), kind)
        ),
        model=readable_pairs(described.value("model")),
        jobs=Jobs(features.whole("training"), features.whole("testing"), described.whole("learnJobId")),
        added=Added(added.whole("impulseId"), added.text("link")) if added else None,
        experiment=described.text("experiment"),
        original_trial_id=described.text("original_trial_id"),
        created_in_post_processing=described.flag("createdInPostProcessing") is True,
        last_active={place: time for place, time in enumerate(times) if isinstance(time, str)},
        problems=tuple(dict.fromkeys(filter(None, [trial.problem, *(described.problems or ())]))),
    )


def opened(trial: Trial) -> Part:
    """Return the JSON that a trial came as; an empty part, with a problem, where that cannot be read."""
    described = Part({}, [])
    if trial.payload.packed:
        try:
            return Part(fields_of(unpack(trial.payload)), described.problems)
        except (BadAnswer, zlib.error):
            described.doubt("trial", "the service's description of it cannot be read")
    return described


def block_titles(trial: Trial) -> tuple[str, ...]:
    """Return what the blocks of a trial's impulse are called: their titles, names and types. Never raises."""
    impulse = opened(trial).part("impulse")
    blocks = [head_and_config(block)[0] for kind in BLOCKS for block in blocks_of_kind(impulse, kind)]
    words = (block.text(key) for block in blocks for key in ("title", "name", "type"))
    return tuple(dict.fromkeys(filter(None, words)))


def _block(kind: str, part: Part) -> ImpulseBlock:
    head, config = head_and_config(part)
    title = head.text("title") or head.text("name") or name_of(head.text("type"))
    # Not decoded: its results, which can be most of it.
    value: dict[str, Any] = {name: config.value(name) for name in config.names if name not in _SAID_ELSEWHERE}
    return ImpulseBlock(kind, title, head.text("type"), readable_pairs(value))


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
    described = opened(trial)
    variant = described.part("metrics").part(part).part(precision)
    # Metrics that name their classes need nothing else.
    score = worst(evaluation_detail_of([variant], ()).scores) if variant.texts("classNames") else None
    if score is None:
        found = find_metrics(described)
        score = worst(evaluation_detail_of(found.variants.get((part, precision), ()), found.class_names).scores)
    return (score.name, score.recall) if score is not None and score.recall is not None else None
