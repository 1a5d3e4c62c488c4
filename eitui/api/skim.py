"""Take an `optimize/state` body apart at its trials, and a trial apart at its heavy parts, without parsing either.

A state can be tens of megabytes, nearly all of it metrics that nobody looks at until a trial is opened. msgspec
finds the ends of JSON values at about 1 GB/s without building objects; only what the monitor shows at all times is
decoded here. What msgspec refuses (NaN, half of a surrogate pair, lists nested without end) is taken apart by its
brackets instead, so that it concerns the trial that it is in, and no other.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, NoReturn, TypeVar

import msgspec

from eitui.api.errors import BadAnswer
from eitui.api.size import MOST_VALUES, check_size, values_in

T = TypeVar("T")

HEAVY = frozenset({"metrics", "impulse", "model"})
"""Parts of a trial that are left alone until it is opened."""

REST_BYTES = 4 * 2**20
"""Longest state without its trials, in bytes."""

LIGHT_BYTES = 4 * 2**20
"""Longest trial without its heavy parts, in bytes."""

LIGHT_VALUES = 20_000
"""Most values of a trial without its heavy parts."""

MOST_TRIALS = 20_000
"""Trials of a state."""

MOST_VARIANTS = 100
"""Variants of a network, such as int8, of which the figures of one part of the data are read."""

_EMPTY = (b"[]", b"{}", b"null", b"")


class _Body(msgspec.Struct):
    trials: list[msgspec.Raw] | None = None


class _Whole(msgspec.Struct):
    trials: msgspec.Raw = msgspec.Raw(b"")


class _Heavy(msgspec.Struct):
    metrics: msgspec.Raw = msgspec.Raw(b"")
    impulse: msgspec.Raw = msgspec.Raw(b"")
    model: msgspec.Raw = msgspec.Raw(b"")


class _Parts(msgspec.Struct):
    """The parts of the data set that figures are read of."""

    validation: msgspec.Raw = msgspec.Raw(b"null")
    test: msgspec.Raw = msgspec.Raw(b"null")
    train: msgspec.Raw = msgspec.Raw(b"null")


class _Variant(msgspec.Struct, rename="camel"):
    """One entry of `metrics.{part}.{precision}`: what is taken from it; predictions are stepped over."""

    type: Any = None
    loss: Any = None
    accuracy: Any = None
    confusion_matrix: msgspec.Raw = msgspec.Raw(b"[]")
    report: msgspec.Raw = msgspec.Raw(b"{}")
    on_device_performance: msgspec.Raw = msgspec.Raw(b"[]")


class _Default(msgspec.Struct, rename="camel"):
    is_default: Any = False


class _LearnBlock(msgspec.Struct):
    metrics: msgspec.Raw = msgspec.Raw(b"null")
    metadata: msgspec.Raw = msgspec.Raw(b"null")


class _Impulse(msgspec.Struct, rename="camel"):
    learn_blocks: list[msgspec.Raw] = []


class _Metadata(msgspec.Struct, rename="camel"):
    model_validation_metrics: list[msgspec.Raw] = []


@dataclass(frozen=True)
class Pieces:
    """A state taken apart."""

    rest: bytes
    """The body with an empty list of trials."""
    trials: list[bytes | msgspec.Raw]
    """The trials' JSON as it was sent. A `Raw` is a view into the body, which stays in memory as long as it does."""


def split(body: bytes) -> Pieces:
    """Take a state's body apart at its trials.

    Raises:
        BadAnswer: the body is not a JSON object, its trials are not a list or too many, or the rest is too long.

    """
    try:
        pieces = _split(body)
    except (msgspec.DecodeError, RecursionError):
        pieces = _split_at_brackets(body)
    check_size(pieces.rest)
    return pieces


def _split(body: bytes) -> Pieces:
    trials = _trials(body)
    _check_rest(len(body) - sum(map(len, trials)))
    if not trials:
        return Pieces(body, [])
    first, last = bytes(trials[0]), bytes(trials[-1])
    start = body.index(first)
    # The last one ends the list no sooner than the others and their commas allow; its text may stand further on too.
    end = body.index(last, start + sum(len(raw) + 1 for raw in trials[:-1])) + len(last)
    rest = body[:start] + body[end:]
    try:
        whole = msgspec.json.decode(rest, type=_Whole).trials
    except msgspec.DecodeError:
        whole = msgspec.Raw(b"")
    if bytes(whole).translate(None, b" \t\r\n") != b"[]":
        return _split_at_brackets(body)  # the text of the first or last trial stands somewhere else too
    return Pieces(rest, [*trials])


def _trials(body: bytes) -> list[msgspec.Raw]:
    # The objects for the ends of numbers would take 28 bytes for each of them: many are only counted.
    if body.count(b",") <= MOST_VALUES:
        trials = msgspec.json.decode(body, type=_Body).trials or []
    else:
        found = msgspec.json.decode(body, type=_bounded()).trials
        trials = [] if found is None else [raw for raw in msgspec.structs.astuple(found) if len(raw)]
    if len(trials) > MOST_TRIALS:
        _too_many()
    return trials


@cache
def _bounded() -> Any:
    """Return a `_Body` that makes no objects of more than `MOST_TRIALS` + 1 trials, and steps over the others.

    It takes 50 ms to make.
    """
    places = [(f"at_{place}", msgspec.Raw, msgspec.Raw(b"")) for place in range(MOST_TRIALS + 1)]
    several = msgspec.defstruct("Several", places, array_like=True)
    return msgspec.defstruct("Bounded", [("trials", several | None, None)])


def _too_many() -> NoReturn:
    raise BadAnswer(f"The service's answer has more than {MOST_TRIALS:,} trials")


def _check_rest(size: int) -> None:
    if size > REST_BYTES:
        raise BadAnswer(
            f"The service's answer has {size / 2**20:.0f} MiB beside its trials, more than {REST_BYTES // 2**20} MiB"
        )


_SPACE = re.compile(rb"[ \t\r\n]*+")
_STRING = rb'"(?:[^"\\]++|\\.)*+(?:"|\Z)'
_FLAT = rb'[^"\[\]{}]++|' + _STRING
_TO_BRACKET = re.compile(rb"(?:%b|\[(?:%b)*+\]|\{(?:%b)*+\})*+" % ((_FLAT,) * 3), re.DOTALL)
"""All up to a bracket; lists and objects without others in them are stepped over whole."""
_SCALAR = re.compile(rb'%b|[^\s,"\[\]{}:]++' % _STRING, re.DOTALL)


class _Cursor:
    """A place in a body, that goes on from value to value by their brackets and quotes: what is between is not read."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.at = 3 if body.startswith(b"\xef\xbb\xbf") else 0

    def is_before(self, mark: bytes) -> bool:
        """Step over white space; return whether `mark` comes next."""
        found = _SPACE.match(self._body, self.at)
        self.at = found.end() if found else self.at
        return self._body.startswith(mark, self.at)

    def takes(self, mark: bytes) -> bool:
        """Step over `mark` where it comes next; return whether it did."""
        if not self.is_before(mark):
            return False
        self.at += len(mark)
        return True

    def expect(self, mark: bytes) -> None:
        """Step over `mark`, which must come next."""
        if not self.takes(mark):
            self._fail()

    def expect_end(self) -> None:
        """Make sure that nothing comes any more."""
        if self.is_before(b"") and self.at < len(self._body):
            self._fail()

    def value(self) -> slice:
        """Step over a value; return where it is."""
        if not (self.is_before(b"{") or self.is_before(b"[")):
            scalar = _SCALAR.match(self._body, self.at)
            start, self.at = self.at, scalar.end() if scalar else self.at
            return slice(start, self.at) if scalar else self._fail()
        start, depth = self.at, 0
        while depth or self.at == start:
            depth += 1 if self._body[self.at] in b"[{" else -1
            self.at += 1
            if depth:
                run = _TO_BRACKET.match(self._body, self.at)
                self.at = run.end() if run else self.at
                if self.at == len(self._body):
                    self._fail()
        return slice(start, self.at)

    def values(self) -> list[slice]:
        """Step over a list; return where its items are.

        Raises:
            BadAnswer: they are more than a state's trials may be.
        """
        self.expect(b"[")
        found: list[slice] = []
        while not (self.takes(b"]") if not found else not self.takes(b",")):
            found.append(self.value())
            if len(found) > MOST_TRIALS:
                _too_many()
        if found:
            self.expect(b"]")
        return found

    def _fail(self) -> NoReturn:
        raise BadAnswer(f"The service's answer is not JSON (byte {self.at} of {len(self._body)})")


def _split_at_brackets(body: bytes) -> Pieces:
    """Do what `split` does for a body that is odd somewhere."""
    cursor, trials, place = _Cursor(body), list[slice](), slice(0, 0)
    cursor.expect(b"{")
    more = not cursor.takes(b"}")
    while more:
        is_trials = body[cursor.value()] == b'"trials"'
        cursor.expect(b":")
        if is_trials and not cursor.is_before(b"null"):
            if not cursor.is_before(b"["):
                raise BadAnswer("The service's answer is not a tuner's state: its trials are no list")
            start = cursor.at
            trials = cursor.values()
            place = slice(start, cursor.at)
        else:
            cursor.value()
        more = cursor.takes(b",")
        if not more:
            cursor.expect(b"}")
    cursor.expect_end()
    rest = body[: place.start] + b"[]" + body[place.stop :] if trials else body
    _check_rest(len(rest))
    return Pieces(rest, [body[trial] for trial in trials])


def lighten(raw: bytes | msgspec.Raw) -> dict[str, Any]:
    """Return a trial as a dict in the API's own shape, with only what the monitor shows at all times.

    Of `metrics`, accuracy, loss and the target device's figures are kept; they are found in the places where the
    service has been seen to put them instead when `metrics` itself is missing. `impulse` and `model` are left out.

    Raises:
        BadAnswer: it is not a JSON object, or too large to be read.

    """
    try:
        return _lighten(raw)
    except msgspec.DecodeError:
        repaired = _repaired(bytes(raw))
    try:
        return _lighten(repaired)
    except msgspec.DecodeError as error:
        raise BadAnswer(f"It is not what a trial should be: {error}") from None


def light_values(raw: bytes | msgspec.Raw) -> int:
    """Return how many values at most a trial has that the monitor shows at all times; 0 where it cannot be read."""
    try:
        return values_in(raw, LIGHT_VALUES, without=_heavy(raw))
    except (msgspec.DecodeError, RecursionError):
        return 0


def _heavy(raw: bytes | msgspec.Raw) -> tuple[msgspec.Raw, ...]:
    return msgspec.structs.astuple(msgspec.json.decode(raw, type=_Heavy))


def _repaired(raw: bytes) -> bytes:
    """Return a trial as JSON that msgspec takes: NaN and infinities as null, halves of surrogate pairs as `?`.

    Raises:
        BadAnswer: it is not JSON even to the standard library, which takes all of these, or too large.

    """
    check_size(raw)
    try:
        trial = json.loads(raw, parse_constant=lambda _: None, parse_float=_finite)
        return json.dumps(trial, ensure_ascii=False).encode("utf-8", "replace")
    except RecursionError:
        raise BadAnswer("It is nested too deeply to be read") from None
    except ValueError as error:
        raise BadAnswer(f"It is not JSON: {error}") from None


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _lighten(raw: bytes | msgspec.Raw) -> dict[str, Any]:
    heavy = _heavy(raw)
    size = len(raw) - sum(map(len, heavy))
    if size > LIGHT_BYTES or values_in(raw, LIGHT_VALUES, without=heavy) > LIGHT_VALUES:
        raise BadAnswer(f"It is too large to be read ({size / 2**20:.1f} MiB beside its metrics)")
    fields = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    light = {key: msgspec.json.decode(value) for key, value in fields.items() if key not in HEAVY}
    metrics = _metrics(fields.get("metrics"))
    if not metrics and "impulse" in fields and light.get("status") == "completed":
        metrics = _metrics_of_impulse(fields["impulse"])
    light["metrics"] = metrics
    light.setdefault("impulse", {})
    return light


def _metrics(raw: msgspec.Raw | None) -> dict[str, dict[str, dict[str, Any]]]:
    parts = msgspec.structs.asdict(_decode(raw, _Parts) or _Parts())
    metrics: dict[str, dict[str, dict[str, Any]]] = {}
    for part, variants in parts.items():
        found: Mapping[str, msgspec.Raw] = _decode(variants, dict[str, msgspec.Raw]) or {}
        kept = {name: _variant(value) for name, value in islice(found.items(), MOST_VARIANTS)}
        kept = {name: value for name, value in kept.items() if value}
        if kept:
            metrics[part] = kept
    return metrics


def _metrics_of_impulse(raw: msgspec.Raw) -> dict[str, dict[str, dict[str, Any]]]:
    """Metrics from the learn blocks: `metrics`, else `metadata.modelValidationMetrics` (seen in Edge Impulse's SDK)."""
    metrics: dict[str, dict[str, dict[str, Any]]] = {}
    impulse = _decode(raw, _Impulse) or _Impulse()
    for item in impulse.learn_blocks[:MOST_VARIANTS]:
        block = _decode(item, _LearnBlock) or _LearnBlock()
        for part, variants in _metrics(block.metrics).items():
            metrics.setdefault(part, variants)
        metadata = _decode(block.metadata, _Metadata) or _Metadata()
        validation = metrics.setdefault("validation", {})
        for entry in metadata.model_validation_metrics[:MOST_VARIANTS]:
            variant = _variant(entry)
            if isinstance(variant.get("type"), str):
                validation.setdefault(variant["type"], variant)
    return {part: variants for part, variants in metrics.items() if variants}


def _variant(raw: msgspec.Raw) -> dict[str, Any]:
    variant = _decode(raw, _Variant)
    if variant is None:
        return {}
    # Where the service computes no accuracy it sends 0 with nothing behind it; that is not an accuracy of 0 %.
    computed = variant.accuracy or bytes(variant.report) not in _EMPTY or bytes(variant.confusion_matrix) not in _EMPTY
    kept = {"loss": variant.loss, "accuracy": variant.accuracy if computed else None}
    if isinstance(variant.type, str):
        kept["type"] = variant.type
    device = _default_device(variant.on_device_performance)
    if device is not None:
        kept["onDevicePerformance"] = [device]
    return kept


def _default_device(raw: msgspec.Raw) -> dict[str, Any] | None:
    for entry in _decode(raw, list[msgspec.Raw]) or []:
        flag = _decode(entry, _Default)
        if flag is not None and flag.is_default is True:
            device: dict[str, Any] = msgspec.json.decode(entry)
            return device
    return None


def _decode(raw: msgspec.Raw | None, kind: type[T]) -> T | None:
    """Decode `raw`; return None where it is missing, too large or of another shape: it must not hide its trial."""
    if raw is None or values_in(raw, MOST_VALUES) > MOST_VALUES:
        return None
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.DecodeError:
        return None
