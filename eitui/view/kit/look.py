"""How curves are looked at, the same in every chart of curves: on which axis, how smooth, and where they are read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from eitui.view.kit.chart import Segment, Series
from eitui.view.kit.format import MISSING


class Smoothing(NamedTuple):
    """How far a curve is evened out."""

    name: str
    weight: float
    """Of the step before, 0..1: an exponential moving average."""


SMOOTHINGS = (Smoothing("", 0.0), Smoothing("light", 0.6), Smoothing("strong", 0.9))


@dataclass(frozen=True)
class CurveLook:
    """How the curves are looked at."""

    log: bool = False
    """Whether the axis of what may be logarithmic is: of a loss."""
    smoothing: Smoothing = SMOOTHINGS[0]
    attempt: int = -1
    """Which attempt at a trial; -1: the latest."""
    at: int | None = None
    """The step at which the legend reads the curves; None: the latest of each."""

    @property
    def smoothed_more(self) -> "CurveLook":
        """It with the next smoothing, after the strongest none."""
        after = (SMOOTHINGS.index(self.smoothing) + 1) % len(SMOOTHINGS)
        return replace(self, smoothing=SMOOTHINGS[after])

    @property
    def words(self) -> tuple[str, ...]:
        """What must be said of it beside a title."""
        log = ("log axis",) if self.log else ()
        return (*log, f"{self.smoothing.name} smoothing") if self.smoothing.weight else log


PLAIN_LOOK = CurveLook()


def looked_at(series: Sequence[Series], look: CurveLook, text: Callable[[float], str]) -> tuple[Series, ...]:
    """Return the curves smoothed, each over its own values, which are dim then; read at the step that is looked at."""
    if look.at is not None:
        series = [replace(one, latest=_read(one, look.at, text)) for one in series]
    if not look.smoothing.weight:
        return tuple(series)
    raw = (replace(one, label="", tone="dim", sign="") for one in series)
    return (*raw, *(replace(one, segments=_evened(one.segments, look.smoothing.weight)) for one in series))


def _read(series: Series, at: int, text: Callable[[float], str]) -> str:
    return next((text(value) for segment in series.segments for step, value in segment if step == at), MISSING)


def _evened(segments: Sequence[Segment], weight: float) -> tuple[Segment, ...]:
    """Return the moving average; what was not seen fades as if it had been, and the beginning is not drawn to 0."""
    found: list[Segment] = []
    total = share = last = 0.0
    for segment in segments:
        points: list[tuple[float, float]] = []
        for step, value in segment:
            fade = weight ** max(1, step - last)
            total, share, last = total * fade + (1 - weight) * value, share * fade + (1 - weight), step
            points.append((step, total / share))
        found.append(tuple(points))
    return tuple(found)


def step_on(at: int | None, steps: Sequence[int], by: int) -> int | None:
    """Return the step `by` steps further on; beyond the last it is None: the latest, whichever that will be."""
    if not steps:
        return None
    index = len(steps) - 1
    if at is not None:
        index = max((place for place, step in enumerate(steps) if step <= at), default=0)
    index = max(0, index + by)
    return steps[index] if index < len(steps) - 1 else None
