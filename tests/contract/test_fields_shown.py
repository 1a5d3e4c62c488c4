"""No field of an answer is dropped in silence: our readers read it, or CONTRIBUTING names it with a reason."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from eitui.api.detail import detail_of, parameters_of, worst_recall
from eitui.api.errors import Rejected
from eitui.api.impulses import impulses_of
from eitui.api.learn_blocks import anomaly_of
from eitui.api.lenient import EMPTY_PART, Part, answer, fields_of
from eitui.api.state import StateReader, unpack
from eitui.api.thresholds import set_thresholds_of
from eitui.api.trial import trial_of

HERE = Path(__file__).parent
SCHEMAS = json.loads((HERE / "edge_impulse_schemas.json").read_text())["$defs"]
CONTRIBUTING = (HERE.parents[1] / ".github" / "CONTRIBUTING.md").read_text()
SECTION = "## Fields that are not shown"

Leaf = Callable[[str, Any], Any]
"""Makes of a field's name and value another value."""


def state(body: dict[str, Any]) -> None:
    StateReader().read_now(_json(body | {"trials": []}))


def trial(body: dict[str, Any]) -> None:
    for status in ("completed", "running"):
        payload = StateReader().read_now(_json({"trials": [body | {"status": status}]})).trials[0].payload
        read = trial_of(fields_of(unpack(payload)), payload)
        detail_of(read)
        parameters_of(read)
        worst_recall(read)


def anomaly_config(body: dict[str, Any]) -> None:
    anomaly_of(1, answer(_json(body)), None, impulse_id=1)


def anomaly_metadata(body: dict[str, Any]) -> None:
    anomaly_of(1, EMPTY_PART, answer(_json(body)), impulse_id=1)


READERS: dict[str, tuple[str, Callable[[dict[str, Any]], object]]] = {
    "optimize/state": ("OptimizeStateResponse", state),
    "optimize/state, a trial": ("TunerTrial", trial),
    "impulses-detailed": ("GetAllDetailedImpulsesResponse", lambda body: impulses_of(_json(body))),
    "training/anomaly": ("AnomalyConfigResponse", anomaly_config),
    "training/anomaly, metadata": ("AnomalyModelMetadataResponse", anomaly_metadata),
    "set-thresholds": ("SetImpulseThresholdsResponse", lambda body: set_thresholds_of(_json(body))),
}
"""The answers that the monitor is made of, with the name of the document's definition and what reads them."""


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def resolved(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the schemas that an object consists of, with the definition's name."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        for _, part in resolved(SCHEMAS[name]):
            yield name, part
    for key in ("allOf", "oneOf"):
        for part in schema.get(key, ()):
            yield from resolved(part)
    if not {"$ref", "allOf", "oneOf"} & schema.keys():
        yield "", schema


def fields(schema: dict[str, Any], path: str = "", above: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield the paths of all fields, such as `impulses.impulse.dspBlocks.axes`; `*` is any key."""
    for name, part in resolved(schema):
        if name and name in above:
            continue
        inside = above | {name} - {""}
        for key, value in (part.get("properties") or {}).items():
            yield f"{path}{key}"
            yield from fields(value, f"{path}{key}.", inside)
        if isinstance(part.get("additionalProperties"), dict):
            yield from fields(part["additionalProperties"], f"{path}*.", inside)
        if "items" in part:
            yield from fields(part["items"], path, inside)


def example(schema: dict[str, Any], leaf: Leaf, key: str = "", above: frozenset[str] = frozenset()) -> Any:
    """Return an instance with every field; `leaf` makes of each plain value another."""
    whole: dict[str, Any] = {}
    for name, part in resolved(schema):
        if name and name in above:
            return None
        inside = above | {name} - {""}
        if "items" in part:
            return [example(part["items"], leaf, key, inside)]
        if "properties" not in part and not isinstance(part.get("additionalProperties"), dict):
            return leaf(key, _plain(part))
        if isinstance(part.get("additionalProperties"), dict):
            whole["*"] = example(part["additionalProperties"], leaf, "*", inside)
        for inner, value in (part.get("properties") or {}).items():
            whole[inner] = example(value, leaf, inner, inside)
    return whole


def _plain(schema: dict[str, Any]) -> Any:
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if schema.get("format") == "date-time":
        return "2026-01-31T09:30:00Z"
    return {"string": schema.get("enum", ["text"])[0], "boolean": True, "object": {}, "array": []}.get(str(kind), 1)


_NUMBERS = count(1)

EXAMPLES: tuple[Leaf, ...] = (
    lambda _, value: value,
    lambda _, value: "" if isinstance(value, str) else value,
    lambda key, value: "" if key == "value" else value,
    lambda _, value: False if value is True else value,
    lambda _, value: None,
    lambda _, value: next(_NUMBERS) if type(value) is int else value,
)
"""Some fields are read only where others say nothing, say no, or name a block that is not listed."""


class Reads:
    """Where in an answer something was read, noted by the class that all readers read with."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.paths: set[str] = set()
        self.whole: set[str] = set()
        """What was taken with everything in it: it is shown under its own names."""
        decoding = False
        take, decoded, filled = Part.take, Part.decoded, Part.is_filled

        def noted(part: Part, key: str) -> str:
            path = re.sub(r" \d+(?=,|$)", "", f"{part.where}, {key}" if part.where else key).replace(", ", ".")
            path = _of_any_part(path)
            self.paths.add(path)
            return path

        def noted_take(part: Part, key: str, kind: Any) -> Any:
            value, path = take(part, key, kind), noted(part, key)
            if kind is Any and not decoding and isinstance(value, dict | list):
                self.whole.add(path)
            return value

        def noted_decoded(part: Part, key: str) -> Part:
            nonlocal decoding
            decoding = True
            found = decoded(part, key)
            decoding = False
            return found

        def noted_filled(part: Part, key: str) -> bool:
            noted(part, key)
            return filled(part, key)

        monkeypatch.setattr(Part, "take", noted_take)
        monkeypatch.setattr(Part, "decoded", noted_decoded)
        monkeypatch.setattr(Part, "is_filled", noted_filled)
        monkeypatch.setattr(Part, "noting", lambda part: Part(part._fields, [], part.where))

    def has(self, path: str) -> bool:
        """Return whether a field was read, by itself or with what it is in."""
        steps = path.split(".")
        return path in self.paths or any(".".join(steps[:end]) in self.whole for end in range(1, len(steps)))


def unread(monkeypatch: pytest.MonkeyPatch, answer_of: str) -> set[str]:
    schema, read = READERS[answer_of]
    reads = Reads(monkeypatch)
    for leaf in EXAMPLES:
        body = example(SCHEMAS[schema], leaf)
        if "success" in body:
            with suppress(Rejected):
                read(body | {"success": False})
        read(body | {"success": True})
    return {path for path in documented(answer_of) if not reads.has(path)}


def documented(answer_of: str) -> set[str]:
    """Return the paths of all fields of an answer; trials are an answer of their own."""
    paths = set(map(_of_any_part, fields(SCHEMAS[READERS[answer_of][0]])))
    return {path for path in paths if not path.startswith("trials.")}


def _of_any_part(path: str) -> str:
    """Return the path of a trial's metrics at any part of the data and any precision: all have one reader."""
    return re.sub(r"^metrics\.(test|train|validation)\.(float32|int8)", "metrics.*.*", path)


def not_shown() -> list[str]:
    """Return the names of fields in CONTRIBUTING's list: what stands before the colon of each entry."""
    section = CONTRIBUTING.partition(SECTION)[2].partition("\n## ")[0]
    entries: list[str] = re.findall(r"^\* (.+?):\s", section, re.MULTILINE | re.DOTALL)
    return [name for entry in entries for name in re.findall(r"`([^`]+)`", entry)]


def is_in(path: str, name: str) -> bool:
    """Return whether a field has this name, or is inside of it; a name may be the end of a path."""
    return f".{name}." in f".{path}."


@pytest.mark.parametrize("answer_of", READERS)
def test_every_field_is_read_or_has_a_reason_why_not(answer_of: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names = not_shown()
    assert sorted(path for path in unread(monkeypatch, answer_of) if not any(is_in(path, name) for name in names)) == []


def test_the_list_names_nothing_that_is_read_or_not_in_the_document(monkeypatch: pytest.MonkeyPatch) -> None:
    found: dict[str, list[bool]] = {name: [] for name in not_shown()}
    for answer_of in READERS:
        with monkeypatch.context() as patch:
            dropped = unread(patch, answer_of)
        for path in documented(answer_of):
            for name in found:
                if is_in(path, name):
                    found[name].append(path in dropped)
    assert [name for name, fields_of_name in found.items() if not fields_of_name] == []
    assert [name for name, fields_of_name in found.items() if not all(fields_of_name)] == []
