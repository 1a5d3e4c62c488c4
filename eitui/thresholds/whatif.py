"""The effect of drafts: comparisons made of the scores of learn blocks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from eitui.analysis.whatif import decided_by
from eitui.analysis.whatif.anomaly import unknown_truth
from eitui.analysis.whatif.classification import foreign
from eitui.analysis.whatif.comparison import Comparer, DecisionSetting, WhatIfComparison
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
from eitui.domain.threshold import Threshold, ThresholdValue, text_of
from eitui.thresholds.query import Query

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
    by = _deciding(known.comparer, drafts)
    visual = isinstance(known.comparer.scores, VisualAnomalyScores)
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
        scores=known.comparer.scores,
        note=_note(known, by, comparison, outdated=query.outdated),
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
