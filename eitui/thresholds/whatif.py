"""The effect of drafts: comparisons made of the scores of learn blocks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from math import inf

from eitui.analysis.whatif import (
    Flip,
    ThresholdPoint,
    WhatIf,
    WhatIfOutcome,
    decided_by,
    foreign,
    unknown_truth,
    what_if,
)
from eitui.domain.edit import Draft
from eitui.domain.scores import (
    AnomalyScores,
    ClassificationScores,
    DetectionScores,
    NoScores,
    Scored,
    Scores,
    VisualAnomalyScores,
)
from eitui.domain.text import clean
from eitui.domain.threshold import ThresholdValue, text_of
from eitui.feed.query import Query

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
            self._for("")

    def compare(self, old: DecisionSetting, new: DecisionSetting) -> WhatIfComparison | None:
        """Return the comparison; None where there are no scores by one of the methods."""
        before, after = self._for(old.method), self._for(new.method)
        if before is None or after is None:
            return None
        flips: Sequence[Flip]
        if before[0] is after[0]:
            flips = before[0].flips(old.value, new.value)
            better, worse = before[1].between(old.value, new.value)
        else:
            flips = _between_methods(before[0], after[0], old.value, new.value)
            better = sum(bool(flip.right_after) for flip in flips)
            worse = sum(bool(flip.right_before) for flip in flips)
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
        scores: Scores | VisualAnomalyScores | None = self.scores
        by = method if isinstance(scores, VisualAnomalyScores) else ""
        if by not in self._made:
            if isinstance(scores, VisualAnomalyScores):
                scores = scores.by(by)
            if scores is None:
                return None
            made = what_if(scores)
            self._made[by] = (made, Tally(made))
        return self._made[by]


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


_METHOD = "anomaly_scoring_aggregation_method"
"""The threshold of visual anomaly detection that says how cells' scores become an image's."""

MOST_NAMED = 3
"""Labels that are named where there may be many."""


@dataclass(frozen=True)
class BlockScores:
    """A learn block's scores."""

    comparer: Comparer | None = None
    reason: str = ""
    """Why there are none; a sentence."""
    untested: bool = False
    """Whether model testing would bring some."""
    caveat: str = ""
    """What must be known of all figures from them; sentences."""


def block_scores(scored: Scored) -> BlockScores:
    """Return scores ready to be compared: sorting those of 20,000 windows takes a tenth of a second."""
    if isinstance(scored, NoScores):
        return BlockScores(reason=f"{scored.reason.rstrip('.')}.", untested=scored.untested)
    # What is to be said of windows whose label is not one the block is about.
    caveat = ""
    match scored:
        case ClassificationScores():
            if windows := _labelled(foreign(scored), "matches", "match"):
                caveat = f"{windows} no class: counted as errors in accuracy, ignored in the averages."
        case AnomalyScores() | VisualAnomalyScores():
            if windows := _labelled(unknown_truth(scored), "is", "are"):
                caveat = f"{windows} neither anomaly nor normal: ignored in precision, recall, F1 and accuracy."
            caveat = " ".join(filter(None, (caveat, scored.note)))
    return BlockScores(Comparer(scored), caveat=caveat)


def _labelled(counts: Mapping[str, int], one: str, several: str) -> str:
    """Return how many windows there are with which labels, and their verb, for one or several; empty for none."""
    if not counts:
        return ""
    total, named = sum(counts.values()), [f'"{clean(label)}"' for label in counts if label]
    labels = ", ".join(named[:MOST_NAMED]) + (f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else "")
    which = f"labelled {labels}" if named else ""
    if counts.get("", 0):
        which = f"{which} or without a label" if named else "without a label"
    return f"1 window {which} {one}" if total == 1 else f"{total:,} windows {which} {several}"


@dataclass(frozen=True)
class DraftEffect:
    """The effect of the draft under the cursor."""

    comparison: WhatIfComparison | None = None
    scores: Scores | VisualAnomalyScores | None = None
    """What it is computed from; there where there is a comparison."""
    reason: str = ""
    """Why there is none; a sentence, empty where the scores have not been had."""
    note: str = ""
    """What must be known of it; a sentence."""
    about: str = ""
    """The thresholds that it is about."""
    asked: Query[BlockScores] | None = None
    """The question about the block's scores."""
    untested: bool = False
    """Whether model testing would bring a comparison."""


def draft_effect(query: Query[BlockScores], drafts: Sequence[Draft], current: Draft) -> DraftEffect:
    """Return the effect of `drafts`, all of one block; `current` is the one under the cursor."""
    effect, known = DraftEffect(asked=query), query.answer
    if known is None or known.comparer is None:
        if known is None:
            return effect
        return replace(effect, reason=known.reason, untested=known.untested and not query.pending)
    scores = known.comparer.scores
    visual = isinstance(scores, VisualAnomalyScores)
    decided = decided_by(
        AnomalyScores((), ()) if isinstance(scores, VisualAnomalyScores) else scores,
        [draft.threshold for draft in drafts],
    )
    by = [draft for draft in drafts if draft.ref in {threshold.ref for threshold in decided}]
    method = next((draft for draft in drafts if visual and draft.ref.key == _METHOD), None)
    concerned = {draft.ref for draft in (*by, *([method] if method is not None else []))}
    if not by or current.ref not in concerned:
        return replace(
            effect, reason="No what-if: with this threshold, as far as is known, no score that there is is compared."
        )
    values = [(draft.kind.number(draft.loaded), draft.kind.number(draft.value)) for draft in by]
    if any(new is None for _, new in values):
        return replace(effect, reason="No what-if: the value is no number that scores can be compared with.")
    old, new = (max(value for value in side if value is not None) for side in zip(*values, strict=True))
    comparison = known.comparer.compare(
        DecisionSetting(old, _word(method.loaded) if method else ""),
        DecisionSetting(new, _word(method.value) if method else ""),
    )
    if comparison is None:
        return replace(
            effect, reason="No what-if: the service has no scores by this way to make one score of an image's cells."
        )
    return replace(
        effect,
        comparison=comparison,
        scores=scores,
        note=_note(known, by, comparison, outdated=query.outdated),
        about=", ".join(draft.ref.name for draft in by),
    )


def _word(value: ThresholdValue | None) -> str:
    """Return a method exactly as the service has it."""
    return value if isinstance(value, str) else text_of(value)


def _note(known: BlockScores, by: Sequence[Draft], comparison: WhatIfComparison, *, outdated: bool) -> str:
    """Return what must be known of a comparison, what matters most first: there may be no room for all of it."""
    notes = []
    if outdated:
        notes.append("Scores of before the last change; the service has dropped or renewed its results since.")
    if not (comparison.before.known and comparison.after.known):
        notes.append(f"Below {comparison.lowest:g} the service keeps no boxes: there it would find more than this.")
    if len(by) > 1:
        notes.append(f"Of {' and '.join(draft.ref.name for draft in by)} the larger counts.")
    scores = known.comparer.scores if known.comparer is not None else None
    if isinstance(scores, DetectionScores) and scores.matching:
        notes.append(f"Boxes and objects are matched {scores.matching}; the service may do it otherwise.")
    if known.caveat:
        notes.append(known.caveat)
    return " ".join(notes)
