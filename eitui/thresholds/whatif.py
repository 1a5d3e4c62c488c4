"""The effect of drafts: scores of learn blocks, asked for once each, and comparisons made of them."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from eitui.analysis.whatif import decided_by
from eitui.analysis.whatif.anomaly import unknown_truth
from eitui.analysis.whatif.classification import foreign
from eitui.analysis.whatif.comparison import Comparer, DecisionSetting, WhatIfComparison
from eitui.api.errors import problem
from eitui.domain.editing import Draft
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
from eitui.domain.threshold import Threshold, ThresholdValue, text_of

_METHOD = "anomaly_scoring_aggregation_method"
"""The threshold of visual anomaly detection that says how cells' scores become an image's."""

MOST_NAMED = 3
"""Labels that are named where there may be many."""

Start = Callable[[Coroutine[Any, Any, None]], object]


@dataclass(frozen=True)
class BlockScores:
    """What is known of a learn block's scores."""

    comparer: Comparer | None = None
    reason: str = ""
    """Why there are none; a sentence."""
    advice: str = ""
    untested: bool = False
    """Whether model testing would bring some."""
    asking: bool = False
    caveat: str = ""
    """What must be known of all figures from them; sentences."""
    outdated: bool = False
    """Whether they are of before a change: the service has dropped or renewed its results since."""


class ScoreCache:
    """Asks for scores once per learn block, in coroutines handed to `start`; calls `changed` when there is news."""

    def __init__(self, ask: Callable[[int], Awaitable[Scored]], start: Start, changed: Callable[[], None]) -> None:
        self._ask, self._start, self._changed = ask, start, changed
        self._known: dict[int, BlockScores] = {}
        self._generation = 0
        """Counts what makes answers to questions that were asked before worthless."""

    def of(self, block_id: int) -> BlockScores:
        """Return what is known of a block's scores, and ask for them if nobody has."""
        if block_id not in self._known:
            self._known[block_id] = BlockScores(asking=True)
            self._start(self._fetch(block_id))
        return self._known[block_id]

    def outdate(self) -> None:
        """Note that the scores are of before a change; those that are on their way are asked for once more."""
        self._generation += 1
        self._known = {block: replace(known, outdated=True) for block, known in self._known.items()}

    def again(self) -> None:
        """Ask again for what was asked for; what is known is shown meanwhile."""
        for block, known in list(self._known.items()):
            if not known.asking:
                self._known[block] = replace(known, asking=True)
                self._start(self._fetch(block))

    async def _fetch(self, block_id: int) -> None:
        generation = None
        while generation != self._generation:
            generation = self._generation
            try:
                scored = await self._ask(block_id)
                # Sorting the scores of 20,000 windows takes a tenth of a second.
                found = await asyncio.to_thread(_known, scored)
            except Exception as error:
                failure = problem(error)
                found = replace(self._known[block_id], reason=failure.what, advice=failure.advice, asking=False)
        self._known[block_id] = found
        self._changed()


def _known(scored: Scored) -> BlockScores:
    if isinstance(scored, NoScores):
        return BlockScores(reason=f"{scored.reason.rstrip('.')}.", untested=scored.untested)
    return BlockScores(Comparer(scored), caveat=_caveat(scored))


def _caveat(scores: Scores | VisualAnomalyScores) -> str:
    """Return what is to be said of windows whose label is not one the block is about; empty where there are none."""
    match scores:
        case ClassificationScores():
            windows = _labelled(foreign(scores))
            note = "none of the block's classes: accuracy counts them as wrong, the other means leave them out."
            return f"{windows} {note}" if windows else ""
        case AnomalyScores() | VisualAnomalyScores():
            windows = _labelled(unknown_truth(scores))
            note = "of unknown kind, anomaly or not: precision, recall, F1 and accuracy leave them out."
            return " ".join(filter(None, (f"{windows} {note}" if windows else "", scores.note)))
    return ""


def _labelled(counts: Mapping[str, int]) -> str:
    """Return how many windows there are with which labels, as the subject of a sentence; empty where there are none."""
    if not counts:
        return ""
    total, named = sum(counts.values()), [clean(label) for label in counts if label]
    labels = ", ".join(named[:MOST_NAMED]) + (f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else "")
    which = f"labelled {labels}" if named else ""
    if counts.get("", 0):
        which = f"{which} or without a label" if named else "without a label"
    return f"1 window {which} is" if total == 1 else f"{total:,} windows {which} are"


@dataclass(frozen=True)
class DraftEffect:
    """The effect of the draft under the cursor."""

    comparison: WhatIfComparison | None = None
    scores: Scores | VisualAnomalyScores | None = None
    """What it is computed from; there where there is a comparison."""
    reason: str = ""
    """Why there is none; a sentence."""
    note: str = ""
    """What must be known of it; a sentence."""
    about: str = ""
    """The thresholds that it is about."""
    untested: bool = False
    """Whether model testing would bring a comparison."""


def draft_effect(known: BlockScores, drafts: Sequence[Draft], current: Draft) -> DraftEffect:
    """Return the effect of `drafts`, all of one block; `current` is the one under the cursor."""
    if known.comparer is None:
        reason = "Asking the service for scores…" if known.asking else known.reason
        return DraftEffect(reason=reason, note=known.advice, untested=known.untested and not known.asking)
    by = _deciding(known.comparer, drafts)
    method = _method(known.comparer, drafts)
    concerned = {draft.ref for draft in (*by, *([method] if method is not None else []))}
    if not by or current.ref not in concerned:
        return DraftEffect(
            reason="No what-if: with this threshold, as far as is known, no score that there is is compared."
        )
    values = [(draft.kind.number(draft.loaded), draft.kind.number(draft.value)) for draft in by]
    if any(new is None for _, new in values):
        return DraftEffect(reason="No what-if: the value is no number that scores can be compared with.")
    old, new = (max(value for value in side if value is not None) for side in zip(*values, strict=True))
    comparison = known.comparer.compare(
        DecisionSetting(old, _word(method.loaded) if method else ""),
        DecisionSetting(new, _word(method.value) if method else ""),
    )
    if comparison is None:
        return DraftEffect(
            reason="No what-if: the service has no scores by this way to make one score of an image's cells."
        )
    return DraftEffect(
        comparison,
        known.comparer.scores,
        note=_note(known, by, comparison),
        about=", ".join(draft.ref.name for draft in by),
    )


def _word(value: ThresholdValue | None) -> str:
    """Return a method exactly as the service has it."""
    return value if isinstance(value, str) else text_of(value)


def _deciding(comparer: Comparer, drafts: Sequence[Draft]) -> tuple[Draft, ...]:
    scores = comparer.scores
    thresholds = [draft.threshold for draft in drafts]
    by: tuple[Threshold, ...] = decided_by(
        AnomalyScores((), ()) if isinstance(scores, VisualAnomalyScores) else scores, thresholds
    )
    refs = {threshold.ref for threshold in by}
    return tuple(draft for draft in drafts if draft.ref in refs)


def _method(comparer: Comparer, drafts: Sequence[Draft]) -> Draft | None:
    if not isinstance(comparer.scores, VisualAnomalyScores):
        return None
    return next((draft for draft in drafts if draft.ref.key == _METHOD), None)


def _note(known: BlockScores, by: Sequence[Draft], comparison: WhatIfComparison) -> str:
    """Return what must be known of a comparison, what matters most first: there may be no room for all of it."""
    notes = []
    if known.outdated:
        notes.append("Scores of before the last change; the service has dropped or renewed its results since.")
    if known.reason:
        notes.append(f"Refresh failed: {known.reason}.")
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
