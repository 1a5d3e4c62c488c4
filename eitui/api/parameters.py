"""The parameters a trial was made with, in one flat list of names: the service sends them in free form."""

import re
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from eitui.analysis.figures import Value
from eitui.api.errors import BadAnswer
from eitui.api.models.number import to_number
from eitui.api.models.text import to_text
from eitui.api.parse import decode
from eitui.api.state import unpack
from eitui.domain.text import clean
from eitui.domain.trial import Trial

MOST = 400
"""Parameters kept of one trial."""

DEEPEST = 6
"""How deep objects are followed."""

LONGEST = 120
"""Longest text that is a parameter, in characters: longer ones are scripts and descriptions."""

TRAINING = frozenset(
    {"training_cycles", "epochs", "learning_rate", "batch_size", "optimizer", "train_test_split", "validation_split"}
    | {"auto_class_weights", "early_stopping", "augmentation", "augmentation_policy", "use_learned_optimizer"}
)
"""Parameters of a learn block that say how it is trained, not what it is."""

_NOT_PARAMETERS = frozenset(
    {"id", "dsp", "metrics", "metadata", "name", "description", "script", "created_at", "created_by", "thresholds"}
)
_WORD_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[\s-]+")


class _Trial(msgspec.Struct):
    impulse: msgspec.Raw = msgspec.Raw(b"null")
    model: msgspec.Raw = msgspec.Raw(b"null")


def parameters_of(trial: Trial) -> Mapping[str, Value]:
    """Return the parameters of a trial by name, in the service's order; empty where it sent none that can be read.

    DSP parameters are named after their block's type (`mfe.frame_length`), those of learn blocks `learn.layers` or,
    if they are about training, `training.batch_size`; those of the input `input.window_size_ms`. A second block of
    the same type has a 2 after its name. Numbers, also those sent as texts, are floats; switches `true` or `false`;
    a list of objects counts as their number and is followed. Where there is no impulse the search's own description
    of the candidate is taken (`model.width`). Every name has a dot. Never raises.
    """
    try:
        raw = unpack(trial.payload)
    except zlib.error:
        return {}
    try:
        parts = msgspec.json.decode(raw, type=_Trial)
        impulse, model = _heavy_left_out(parts.impulse), _plain(parts.model)
    except (msgspec.DecodeError, ValueError, RecursionError):  # ValueError: a string not looked into so far, not UTF-8
        impulse, model = _whole(raw)
    found = _of_impulse(impulse) if isinstance(impulse, dict) else {}
    return found or (dict(_first(_flat("model", model, DEEPEST))) if isinstance(model, dict) else {})


def _heavy_left_out(raw: msgspec.Raw) -> Any:
    """Decode an impulse without its learn blocks' metrics, which are nearly all of it."""
    try:
        fields = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError:
        return None
    return {key: _light_block(value) if key.startswith("learn") else _plain(value) for key, value in fields.items()}


def _light_block(raw: msgspec.Raw) -> Any:
    try:
        if bytes(raw).startswith(b"["):
            return [_light(block) for block in msgspec.json.decode(raw, type=list[dict[str, msgspec.Raw]])]
        return _light(msgspec.json.decode(raw, type=dict[str, msgspec.Raw]))
    except msgspec.ValidationError:
        return _plain(raw)


def _light(block: Mapping[str, msgspec.Raw]) -> dict[str, Any]:
    return {key: _plain(value) for key, value in block.items() if key not in _NOT_PARAMETERS}


def _plain(raw: msgspec.Raw) -> Any:
    return msgspec.json.decode(raw)


def _whole(raw: bytes) -> tuple[Any, Any]:
    try:
        value = decode(raw)
    except BadAnswer:
        return None, None
    return value.get("impulse"), value.get("model")


def _of_impulse(impulse: Mapping[str, Any]) -> dict[str, Value]:
    pairs = (
        *_blocks(_listed(impulse, "inputBlock"), "input"),
        *_blocks(_listed(impulse, "dspBlock"), "dsp"),
        *_blocks(_listed(impulse, "learnBlock"), "learn"),
    )
    return dict(_first(iter(pairs)))


def _listed(impulse: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the blocks: the plural is what the service sends, the singular what its document requires."""
    many = impulse.get(f"{name}s")
    blocks = many if isinstance(many, list) and many else [impulse.get(name)]
    return [block for block in blocks if isinstance(block, dict)]


def _blocks(blocks: list[dict[str, Any]], kind: str) -> Iterator[tuple[str, Value]]:
    taken: dict[str, int] = {}
    for block in blocks[:MOST]:
        family = _word(block.get("type")) if kind == "dsp" else ""
        count = taken[family] = taken.get(family, 0) + 1
        number = str(count) if count > 1 else ""
        yield from _of_block(block, kind, f"{family or kind}{number}", number)


def _of_block(block: Mapping[str, Any], kind: str, prefix: str, number: str) -> Iterator[tuple[str, Value]]:
    for key, value in block.items():
        name = _word(key)
        if name in _NOT_PARAMETERS or (name == "title" and kind != "learn"):
            continue
        if name == "type":
            yield from _flat(f"{kind}{number}.type", value, DEEPEST)
        elif kind == "learn" and name in TRAINING:
            yield from _flat(f"training{number}.{name}", value, DEEPEST)
        else:
            yield from _flat(f"{prefix}.{name}", value, DEEPEST)


def _flat(name: str, value: Any, depth: int) -> Iterator[tuple[str, Value]]:
    if isinstance(value, dict):
        if depth:
            for key, item in value.items():
                yield from _flat(f"{name}.{_word(key)}", item, depth - 1)
    elif isinstance(value, list):
        yield from _flat_list(name, value, depth)
    else:
        scalar = _scalar(value)
        if scalar is not None:
            yield name, scalar


def _flat_list(name: str, values: list[Any], depth: int) -> Iterator[tuple[str, Value]]:
    if not any(isinstance(value, dict | list) for value in values):
        if values:
            yield name, clean(", ".join(to_text(value, LONGEST) for value in values[:MOST]), LONGEST)
        return
    yield name, float(len(values))
    if depth:
        for number, value in enumerate(values[:MOST], 1):
            yield from _flat(f"{name}.{number}", value, depth - 1)


def _scalar(value: Any) -> Value | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        number = to_number(value)
        if number is not None:
            return number
        return clean(value) if value and len(value) <= LONGEST else None
    return to_number(value)


def _word(key: Any) -> str:
    """Return a name in snake case: `trainingCycles` and `training-cycles` are `training_cycles`."""
    return _WORD_BREAK.sub("_", clean(key, 64)).lower() if isinstance(key, str) else ""


def _first(pairs: Iterator[tuple[str, Value]]) -> Iterator[tuple[str, Value]]:
    """Return the pairs whose name is new, up to `MOST` of them."""
    seen: set[str] = set()
    for name, value in pairs:
        if len(seen) == MOST:
            return
        if name not in seen:
            seen.add(name)
            yield name, value
