"""Two settings of a learn block's thresholds, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import inf

from eitui.analysis.whatif import Flip, ThresholdPoint, WhatIf, WhatIfOutcome, what_if
from eitui.domain.scores import DetectionScores, Scores, VisualAnomalyScores

MOST_POINTS = 200
"""Points of a curve: two for each cell of a chart that is 100 wide."""


@dataclass(frozen=True)
class DecisionSetting:
    """What decides on a window."""

    value: float
    method: str = ""
    """How the scores of an image's cells become one score; for visual anomaly detection only."""


@dataclass(frozen=True)
class WhatIfComparison:
    """What a new setting comes to, against the current one."""

    old: DecisionSetting
    new: DecisionSetting
    before: WhatIfOutcome
    after: WhatIfOutcome
    flips: Sequence[Flip]
    """What the new setting decides otherwise."""
    better: int
    """How many of `flips` become right."""
    worse: int
    """How many of `flips` become wrong; the others are right or wrong as before, or nobody knows."""
    curve: tuple[ThresholdPoint, ...]
    """What all values come to, by the new method."""
    lowest: float | None = None
    """The service left out what has a lower score than this; None: it left out nothing."""


class Comparer:
    """Compares settings of one learn block. To be built once: it sorts all scores; after that each costs bisections."""

    def __init__(self, scores: Scores | VisualAnomalyScores) -> None:
        self.scores = scores
        self._made: dict[str, tuple[WhatIf, Tally]] = {}
        if not isinstance(scores, VisualAnomalyScores):
            made = what_if(scores)
            self._made[""] = (made, Tally(made))

    def compare(self, old: DecisionSetting, new: DecisionSetting) -> WhatIfComparison | None:
        """Return the comparison; None where there are no scores by one of the methods."""
        before, after = self._for(old.method), self._for(new.method)
        if before is None or after is None:
            return None
        flips, better, worse = _flips(before, after, old.value, new.value)
        return WhatIfComparison(
            old,
            new,
            before[0].at(old.value),
            after[0].at(new.value),
            flips,
            better,
            worse,
            after[0].curve(MOST_POINTS),
            self.scores.lowest if isinstance(self.scores, DetectionScores) else None,
        )

    def _for(self, method: str) -> "tuple[WhatIf, Tally] | None":
        if not isinstance(self.scores, VisualAnomalyScores):
            return self._made[""]
        if method not in self._made:
            scores = self.scores.by(method)
            if scores is None:
                return None
            made = what_if(scores)
            self._made[method] = (made, Tally(made))
        return self._made[method]


class Tally:
    """How many windows a change of the threshold makes right or wrong, counted once for all changes."""

    def __init__(self, what_if: WhatIf) -> None:
        self._what_if = what_if
        # As the threshold rises past all scores; the flips are told from the highest score down.
        rising = list(what_if.flips(-inf, inf))
        rising.reverse()
        self._right = [0, *accumulate(bool(flip.right_after) and flip.right_before is False for flip in rising)]
        self._wrong = [0, *accumulate(bool(flip.right_before) and flip.right_after is False for flip in rising)]

    def between(self, old: float, new: float) -> tuple[int, int]:
        """Return how many windows become right, and how many wrong."""
        first, last = self._place(min(old, new)), self._place(max(old, new))
        right, wrong = self._right[last] - self._right[first], self._wrong[last] - self._wrong[first]
        return (right, wrong) if new >= old else (wrong, right)

    def _place(self, threshold: float) -> int:
        return min(len(self._what_if.flips(-inf, threshold)), len(self._right) - 1)


def _flips(
    before: tuple[WhatIf, Tally], after: tuple[WhatIf, Tally], old: float, new: float
) -> tuple[Sequence[Flip], int, int]:
    if before[0] is after[0]:
        return before[0].flips(old, new), *before[1].between(old, new)
    found = _between_methods(before[0], after[0], old, new)
    right = sum(bool(flip.right_after) for flip in found)
    wrong = sum(bool(flip.right_before) for flip in found)
    return found, right, wrong


def _between_methods(before: WhatIf, after: WhatIf, old: float, new: float) -> list[Flip]:
    """Return the images that are anomalies by one method and not by the other; those nearest the new value first."""
    # What would become an anomaly if the threshold were at its lowest is what there is above the old one.
    was = {flip.index for flip in before.flips(inf, old)}
    now = after.flips(inf, new)
    gained = [flip for flip in now if flip.index not in was]
    kept = {flip.index for flip in now}
    lost = [flip for flip in after.flips(-inf, new) if flip.index in was and flip.index not in kept]
    found = [*gained, *lost]
    found.sort(key=lambda flip: abs(flip.score - new))
    return found
