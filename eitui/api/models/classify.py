"""Model-testing results (`GET /api/{projectId}/classify/all/result`, ClassifyJobResponse), as rows of scores.

`eitui.api.classify` reads them. Texts are clean; what is malformed is left out.
"""

from collections.abc import Mapping

import msgspec

CAN_REGENERATE, SHOULD_RERUN = "can_regenerate_model_summary", "should_rerun_full_job"
"""What brings results back after thresholds changed, as the API document names it."""

Grid = tuple[tuple[float | None, ...], ...]


class Box(msgspec.Struct, frozen=True, gc=False):
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
    boxes: tuple[Box, ...] = ()
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
    scores: Mapping[str, float] = {}
    """By class; `anomaly` for an anomaly score, `value` for a regression."""
    grid: Grid = ()
    """Visual anomaly detection: raw scores by row and column of the image, (n, n)."""
    boxes: tuple[Box, ...] = ()
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


class Prediction(msgspec.Struct, frozen=True, gc=False):
    """What the impulse as a whole said of one window, at the thresholds of the time."""

    sample_id: int | None = None
    start_ms: float | None = None
    end_ms: float | None = None
    label: str = ""
    prediction: str = ""
    """A class, `uncertain`, `anomaly`, or a number as text."""
    correct: bool | None = None


class ClassifyResult(msgspec.Struct, frozen=True):
    """The results of testing an impulse."""

    blocks: tuple[ClassifiedBlock, ...] = ()
    predictions: tuple[Prediction, ...] = ()
    no_results: str = ""
    """Why there are none if that is because thresholds changed: `CAN_REGENERATE`, `SHOULD_RERUN`."""
    variants: tuple[str, ...] = ()
    """Model variants that there are results for."""
    accuracy: float | None = None
    """0..1."""
    left_out: int = 0
    """Samples that could not be read."""
