"""Which of a trial's figures are looked at: one choice that the table, the trade-offs and the filter all follow."""

from dataclasses import dataclass

from eitui.analysis import figures
from eitui.domain.run import Run
from eitui.domain.trial import INT8, VALIDATION, Trial


@dataclass(frozen=True)
class Lens:
    """A part of the data set and a precision."""

    part: str = VALIDATION
    """`validation`, `test` or `train`."""
    precision: str = INT8

    def accuracy(self, trial: Trial) -> float | None:
        """Return the trial's accuracy (0..1), or None."""
        return figures.accuracy(trial, self.precision, self.part)

    def loss(self, trial: Trial) -> float | None:
        """Return the trial's loss, or None."""
        return figures.loss(trial, self.precision, self.part)


def usual_lens(run: Run) -> Lens:
    """Return what a run itself is about: validation, at its own precision."""
    return Lens(VALIDATION, figures.precision_of(run))
