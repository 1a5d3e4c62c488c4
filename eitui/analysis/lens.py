"""Which of a trial's figures are looked at: one choice that the table, the trade-offs and the filter all follow."""

from collections.abc import Sequence
from dataclasses import replace

from eitui.analysis.figures import Lens, precision_of
from eitui.domain.run import Run
from eitui.domain.trial import FLOAT32, INT8, TEST, TRAIN, VALIDATION

__all__ = ["Lens", "next_part", "next_precision", "usual_lens"]


def usual_lens(run: Run) -> Lens:
    """Return what a run itself is about: validation, at its own precision."""
    return Lens(VALIDATION, precision_of(run))


def next_part(run: Run, lens: Lens) -> Lens:
    """Return `lens` on the next part of the data that trials of `run` were evaluated on; the same where it is alone."""
    known = {part for part, precision in _evaluated(run) if precision == lens.precision}
    return replace(lens, part=_after(lens.part, [part for part in _PARTS if part in known or part == VALIDATION]))


def next_precision(run: Run, lens: Lens) -> Lens:
    """Return `lens` at the next precision that trials of `run` were evaluated at; the same where it is alone.

    What was not evaluated on its part of the data at that precision is looked at on the validation data.
    """
    evaluated = _evaluated(run)
    known = {precision for _, precision in evaluated} | {usual_lens(run).precision}
    usual = [precision for precision in (INT8, FLOAT32) if precision in known]
    precision = _after(lens.precision, [*usual, *sorted(known.difference(usual))])
    part = lens.part if (lens.part, precision) in evaluated else VALIDATION
    return lens if precision == lens.precision else Lens(part, precision)


_PARTS = (VALIDATION, TEST, TRAIN)


def _evaluated(run: Run) -> set[tuple[str, str]]:
    """Return the parts and precisions at which any completed trial has a figure."""
    return {
        key
        for trial in run.completed
        for key, found in trial.evaluations.items()
        if found.accuracy is not None or found.loss is not None
    }


def _after(word: str, words: Sequence[str]) -> str:
    return words[(words.index(word) + 1) % len(words)] if word in words else words[0]
