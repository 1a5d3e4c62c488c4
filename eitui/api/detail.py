"""A trial in depth, read from the bytes that it came as: only when somebody opens it."""

import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from eitui.analysis.confusion import worst
from eitui.analysis.figures import FigureValue
from eitui.api.errors import BadAnswer
from eitui.api.lenient import Part, fields_of, to_number, to_text
from eitui.api.metrics import BLOCKS, blocks_of_kind, devices_of, evaluation_detail_of, find_metrics, head_and_config
from eitui.api.readable import name_of, readable_pairs, words_of
from eitui.api.state import unpack
from eitui.domain.detail import Added, EvaluationDetail, ImpulseBlock, Jobs, TrialDetail
from eitui.domain.text import clean
from eitui.domain.trial import COMPLETED, INT8, VALIDATION, Trial

_SAID_ELSEWHERE = frozenset(
    {"id", "type", "title", "name", "metrics", "metadata", "performance", "estimatedPerformance"}
    | {"implementationVersion"}
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
    variants, class_names = find_metrics(described)
    evaluations = {key: evaluation_detail_of(several, class_names) for key, several in variants.items()}
    for key, known in trial.evaluations.items():
        evaluations.setdefault(key, EvaluationDetail(known.loss, known.accuracy))
    features, added = described.decoded("dspJobId"), described.decoded("impulseAddedToProject")
    times = [block.time("lastActive") for block in described.parts("blocks")]
    blocks = []
    for kind in BLOCKS:
        for block in blocks_of_kind(described.part("impulse"), kind):
            head, config = head_and_config(block)
            title = head.text("title") or head.text("name") or name_of(head.text("type"))
            # Not decoded: its results, which can be most of it.
            value = {name: config.value(name) for name in config.names if name not in _SAID_ELSEWHERE}
            blocks.append(ImpulseBlock(kind, title, head.text("type"), readable_pairs(value)))
    return TrialDetail(
        evaluations={key: one for key, one in evaluations.items() if one != EvaluationDetail()},
        devices=devices_of(described.part("devicePerformance"), variants),
        blocks=tuple(blocks),
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
        described = opened(trial)
        variant = described.part("metrics").part(part).part(precision)
        # Metrics that name their classes need nothing else.
        score = worst(evaluation_detail_of([variant], ()).scores) if variant.texts("classNames") else None
        if score is None:
            variants, class_names = find_metrics(described)
            score = worst(evaluation_detail_of(variants.get((part, precision), ()), class_names).scores)
        _worst[key] = None if score is None or score.recall is None else (score.name, score.recall)
    return _worst[key]


MOST_PARAMETERS = 400
"""Parameters kept of one trial."""

_DEEPEST = 6
"""How deep objects are followed."""

LONGEST_PARAMETER = 120
"""Longest text that is a parameter, in characters: longer ones are scripts and descriptions."""

TRAINING = frozenset(
    {"training_cycles", "epochs", "learning_rate", "batch_size", "optimizer", "train_test_split", "validation_split"}
    | {"auto_class_weights", "early_stopping", "augmentation", "augmentation_policy", "use_learned_optimizer"}
)
"""Parameters of a learn block that say how it is trained, not what it is."""

_NOT_PARAMETERS = frozenset(
    {"id", "dsp", "metrics", "metadata", "name", "description", "script", "created_at", "created_by", "thresholds"}
    | {"performance", "estimated_performance", "implementation_version"}
)


def parameters_of(trial: Trial) -> Mapping[str, FigureValue]:
    """Return the parameters of a trial by name, in the service's order; empty where it sent none that can be read.

    DSP parameters are named after their block's type (`mfe.frame_length`), those of learn blocks `learn.layers` or,
    if they are about training, `training.batch_size`; those of the input `input.window_size_ms`. A second block of
    the same type has a 2 after its name. Where a block has a `config`, all its parameters are there. Numbers, also
    those sent as texts, are floats; switches `true` or `false`; a list of objects counts as their number and is
    followed. Where there is no impulse the search's own description of the candidate is taken (`model.width`). Every
    name has a dot. Never raises.
    """
    try:
        fields = Part(fields_of(unpack(trial.payload)))
    except (BadAnswer, zlib.error):
        return {}
    impulse = fields.part("impulse")
    pairs = (pair for kind in ("input", "dsp", "learn") for pair in _blocks(blocks_of_kind(impulse, kind), kind))
    return dict(_first(pairs)) or dict(_first(_flat("model", fields.value("model"), _DEEPEST)))


def _blocks(blocks: list[Part], kind: str) -> Iterator[tuple[str, FigureValue]]:
    taken: dict[str, int] = {}
    for block in blocks[:MOST_PARAMETERS]:
        head, config = head_and_config(block)
        family = _word(head.value("type")) if kind == "dsp" else ""
        count = taken[family] = taken.get(family, 0) + 1
        number = str(count) if count > 1 else ""
        named = [] if head is config else [(head, key) for key in ("type", "title") if key in head.names]
        for part, key in (*named, *((config, key) for key in config.names)):
            name = _word(key)
            if name in _NOT_PARAMETERS or (name == "title" and kind != "learn"):
                continue  # and left undecoded: metrics are nearly all of a learn block
            of = f"{family or kind}{number}"
            if name == "type":
                of = f"{kind}{number}"
            elif kind == "learn" and name in TRAINING:
                of = f"training{number}"
            yield from _flat(f"{of}.{name}", part.value(key), _DEEPEST)


def _flat(name: str, value: Any, depth: int) -> Iterator[tuple[str, FigureValue]]:
    match value:
        case dict():
            for key, item in value.items() if depth else ():
                yield from _flat(f"{name}.{_word(key)}", item, depth - 1)
        case list() if any(isinstance(item, dict | list) for item in value):
            yield name, float(len(value))
            for number, item in enumerate(value[:MOST_PARAMETERS] if depth else (), 1):
                yield from _flat(f"{name}.{number}", item, depth - 1)
        case list():
            if value:
                texts = (to_text(item, LONGEST_PARAMETER) for item in value[:MOST_PARAMETERS])
                yield name, clean(", ".join(texts), LONGEST_PARAMETER)
        case bool():
            yield name, "true" if value else "false"
        case _:
            figure = to_number(value)
            if figure is not None:
                yield name, figure
            elif isinstance(value, str) and value and len(value) <= LONGEST_PARAMETER:
                yield name, clean(value)


def _word(key: Any) -> str:
    """Return a name in snake case: `trainingCycles` and `training-cycles` are `training_cycles`."""
    return "_".join(words_of(clean(key, 64).replace("-", "_"))).lower() if isinstance(key, str) else ""


def _first(pairs: Iterator[tuple[str, FigureValue]]) -> Iterator[tuple[str, FigureValue]]:
    """Return the pairs whose name is new, up to `MOST_PARAMETERS` of them."""
    seen: set[str] = set()
    for name, value in pairs:
        if len(seen) == MOST_PARAMETERS:
            return
        if name not in seen:
            seen.add(name)
            yield name, value
