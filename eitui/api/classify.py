"""Reads model-testing results without making objects of all that an answer holds.

An answer may be tens of megabytes, most of it descriptions of samples: msgspec steps over those, and only scores,
labels and boxes become objects. What is malformed is left out.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from eitui.api.lenient import Part, fields_of, items_of, refuse_failure, to_exact, to_number, to_text, to_whole

STEP = 200
"""Samples that are read in one step, some milliseconds."""

_T = TypeVar("_T")

_SIDES = ("x", "y", "width", "height")

_Grid = tuple[tuple[float | None, ...], ...]


class PredictedBox(msgspec.Struct, frozen=True, gc=False):
    """A box in an image: found, in fractions of the image, or true, in its pixels."""

    label: str
    x: float
    y: float
    width: float
    height: float
    score: float | None = None
    """None for a true one."""


class ClassifiedSample(msgspec.Struct, frozen=True):
    """A file of the test set."""

    id: int | None = None
    name: str = ""
    label: str = ""
    boxes: tuple[PredictedBox, ...] = ()
    """The true ones, in pixels."""
    width: int | None = None
    """Of an image, in pixels."""
    height: int | None = None


class ClassifiedWindow(msgspec.Struct, frozen=True):
    """What a learn block said of one window."""

    sample: ClassifiedSample
    number: int
    """Of the window in its sample, from 0."""
    label: str = ""
    """The expected one."""
    outcome: str = ""
    """Whether it is an anomaly, in the service's words: `anomaly`, `no anomaly`; empty where it does not say."""
    scores: Mapping[str, float] = {}
    """By class; `anomaly` for an anomaly score, `value` for a regression."""
    grid: _Grid = ()
    """Visual anomaly detection: raw scores by row and column of the image, (n, n)."""
    boxes: tuple[PredictedBox, ...] = ()
    """Object detection: those whose score was not below the block's threshold at the time, in fractions."""


class ClassifiedBlock(msgspec.Struct, frozen=True):
    """A learn block with all windows of the test set."""

    id: int
    type: str = ""
    title: str = ""
    last_layer: str = ""
    """Object detection: such as `fomo`."""
    thresholds: Mapping[str, float | str] = {}
    """By key, as they were when the windows were judged."""
    windows: tuple[ClassifiedWindow, ...] = ()
    heads: tuple[str, ...] = ()
    """Label maps: the keys for each of which a window has a class; empty for ordinary labels."""


class ClassifyResult(msgspec.Struct, frozen=True):
    """The results of testing an impulse."""

    blocks: tuple[ClassifiedBlock, ...] = ()
    no_results: str = ""
    """Why there are none if that is because thresholds changed, in the API's word: `can_regenerate_model_summary`."""
    left_out: int = 0
    """Samples that could not be read."""


class _Result(msgspec.Struct, rename="camel"):
    sample_id: Any = None
    sample: msgspec.Raw = msgspec.Raw(b"null")
    classifications: msgspec.Raw = msgspec.Raw(b"null")


class _Sample(msgspec.Struct, rename="camel"):
    filename: Any = None
    label: Any = None
    bounding_boxes: Any = None
    image_dimensions: Any = None


class _Classification(msgspec.Struct, rename="camel"):
    learn_block: Any = None
    result: Any = None
    anomaly_result: Any = None
    structured_result: msgspec.Raw = msgspec.Raw(b"null")
    expected_labels: Any = None
    expected_anomaly_outcome: Any = None
    object_detection_last_layer: Any = None
    thresholds: msgspec.Raw = msgspec.Raw(b"null")
    label_map_result: msgspec.Raw = msgspec.Raw(b"null")
    label_map_scores: msgspec.Raw = msgspec.Raw(b"null")


class _Structured(msgspec.Struct, rename="camel"):
    boxes: Any = None
    labels: Any = None
    scores: Any = None


class ClassifyReader:
    """Reads one answer in steps, so that a large one does not hold up the event loop."""

    def __init__(self, body: bytes) -> None:
        """Take the answer apart.

        Raises:
            Rejected: the service says that it did not succeed.
            BadAnswer: it is no JSON object, or has no list of results.
        """
        fields = fields_of(body, "The service's answer")
        response = Part(fields)
        refuse_failure(response)
        results = _take(fields.get("result"), list[msgspec.Raw])
        if results is None:
            raise response.unexpected("result", "a list")
        self._results = results
        self._no_results = response.text("noResultsBecauseThresholdsChanged")
        self._words: dict[object, str] = {}
        self._blocks: dict[int, ClassifiedBlock] = {}
        self._windows: dict[int, list[ClassifiedWindow]] = {}
        self._left_out = 0

    def steps(self) -> Iterator[None]:
        """Read everything, some milliseconds from step to step."""
        for begin in range(0, len(self._results), STEP):
            for raw in self._results[begin : begin + STEP]:
                result = _take(raw, _Result)
                classifications = _take(result.classifications, list[msgspec.Raw]) if result else None
                if result is None or classifications is None:
                    self._left_out += 1
                    continue
                described = _take(result.sample, _Sample) or _Sample()
                size = described.image_dimensions if isinstance(described.image_dimensions, dict) else {}
                boxes = (
                    _box(self._word(box.get("label")), [box.get(side) for side in _SIDES], None)
                    for box in items_of(described.bounding_boxes)
                    if isinstance(box, dict)
                )
                sample = ClassifiedSample(
                    to_whole(result.sample_id),
                    to_text(described.filename),
                    self._word(described.label),
                    tuple(box for box in boxes if box is not None),
                    to_whole(size.get("width")),
                    to_whole(size.get("height")),
                )
                for item in classifications:
                    classification = _take(item, _Classification)
                    learn = classification.learn_block if classification is not None else None
                    number = to_whole(learn.get("id")) if isinstance(learn, dict) else None
                    if classification is not None and number is not None:
                        self._add(number, sample, classification)
            yield

    def result(self) -> ClassifyResult:
        """Return what was read, after `steps` came to its end."""
        blocks = (
            msgspec.structs.replace(block, windows=tuple(self._windows[number]))
            for number, block in self._blocks.items()
        )
        return ClassifyResult(tuple(blocks), self._no_results, self._left_out)

    def _add(self, block: int, sample: ClassifiedSample, response: _Classification) -> None:
        """Add the windows of a sample to those of the learn block with this id."""
        if block not in self._blocks:
            learn = response.learn_block
            thresholds: dict[str, float | str] = {}
            for threshold in _take(response.thresholds, list[Any]) or []:
                key, value = (threshold.get(name) if isinstance(threshold, dict) else None for name in ("key", "value"))
                exact = to_exact(value)
                if isinstance(key, str) and exact is not None:
                    thresholds[to_text(key)] = to_text(exact) if isinstance(exact, str) else exact
            self._blocks[block] = ClassifiedBlock(
                block,
                to_text(learn.get("type")),
                to_text(learn.get("title") or learn.get("name")),
                to_text(response.object_detection_last_layer),
                thresholds,
                heads=_heads(response.label_map_scores) or _heads(response.label_map_result),
            )
            self._windows[block] = []

        scores, grids = items_of(response.result), items_of(response.anomaly_result)
        structured = _take(response.structured_result, list[msgspec.Raw]) or []
        labels, outcomes = items_of(response.expected_labels), items_of(response.expected_anomaly_outcome)
        for number in range(max(len(scores), len(grids), len(structured))):
            label, outcome, said, cells = (_at(items, number) for items in (labels, outcomes, scores, grids))
            figures = ((name, to_number(score)) for name, score in said.items()) if isinstance(said, dict) else ()
            rows = items_of(cells.get("scores") if isinstance(cells, dict) else None)

            drawn = (_take(structured[number], _Structured) if number < len(structured) else None) or _Structured()
            names, found = items_of(drawn.labels), []
            for place, (sides, score) in enumerate(zip(items_of(drawn.boxes), items_of(drawn.scores), strict=False)):
                name = self._word(_at(names, place)) if place < len(names) else ""
                box = _box(name, sides, to_number(score)) if isinstance(sides, list) else None
                if box is not None and box.score is not None:
                    found.append(box)
            self._windows[block].append(
                ClassifiedWindow(
                    sample,
                    number,
                    self._word(label.get("label")) if isinstance(label, dict) else sample.label,
                    self._word(outcome.get("label")) if isinstance(outcome, dict) else "",
                    {self._word(name): score for name, score in figures if score is not None},
                    tuple(tuple(map(to_number, row)) for row in rows if isinstance(row, list)),
                    tuple(found),
                )
            )

    def _word(self, value: object) -> str:
        """Return a text clean. The few that there are appear thousands of times: each is cleaned, and kept, once."""
        if not isinstance(value, str):
            return to_text(value)
        known = self._words.get(value)
        if known is None:
            known = self._words[value] = to_text(value)
        return known


def _take(raw: msgspec.Raw | None, kind: type[_T]) -> _T | None:
    if raw is None:
        return None
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


def _at(items: list[Any], place: int) -> Any:
    return items[place] if place < len(items) else None


def _box(label: str, sides: list[Any], score: float | None) -> PredictedBox | None:
    x, y, width, height = (*map(to_number, sides[:4]), None, None, None, None)[:4]
    if x is None or y is None or width is None or height is None:
        return None
    return PredictedBox(label, x, y, width, height, score)


def _heads(raw: msgspec.Raw) -> tuple[str, ...]:
    windows = _take(raw, list[dict[str, msgspec.Raw]]) or []
    return tuple(dict.fromkeys(to_text(key) for window in windows for key in window))
