"""The effect of drafts: comparisons made of the scores of learn blocks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from eitui.analysis.whatif import decided_by
from eitui.analysis.whatif.classification import foreign
from eitui.analysis.whatif.comparison import Comparer, DecisionSetting, WhatIfComparison
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
from eitui.domain.threshold import Threshold, text_of
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
    caveat: str = ""
    """What must be known of all figures from them; sentences."""


def block_scores(scored: Scored) -> BlockScores:
    """Return scores ready to be compared: sorting those of 20,000 windows takes a tenth of a second."""
    if isinstance(scored, NoScores):
        return BlockScores(reason=f"{scored.reason.rstrip('.')}.")
    return BlockScores(Comparer(scored), caveat=_foreign(scored) if isinstance(scored, ClassificationScores) else "")


def _foreign(scores: ClassificationScores) -> str:
    """Return what is to be said of windows with a label that the block cannot say; empty where there are none."""
    counts = foreign(scores)
    if not counts:
        return ""
    total = sum(counts.values())
    named = [clean(label) for label in counts]
    labels = ", ".join(named[:MOST_NAMED]) + (f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else "")
    windows = f"1 window labelled {labels} is" if total == 1 else f"{total:,} windows labelled {labels} are"
    return f"{windows} none of the block's classes: accuracy counts them as wrong, the other means leave them out."


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


def draft_effect(query: Query[BlockScores], drafts: Sequence[Draft], current: Draft) -> DraftEffect:
    """Return the effect of `drafts`, all of one block; `current` is the one under the cursor."""
    effect, known = DraftEffect(asked=query), query.answer
    if known is None or known.comparer is None:
        return replace(effect, reason=known.reason if known is not None else "")
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
        DecisionSetting(old, text_of(method.loaded) if method else ""),
        DecisionSetting(new, text_of(method.value) if method else ""),
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
