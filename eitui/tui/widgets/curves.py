"""The curves of the trial that the table's cursor is on."""

from eitui.domain.curve import EMPTY_CURVE
from eitui.domain.moment import Moment
from eitui.tui.logs import Logs
from eitui.tui.widgets.trial_curves import Subject, TrialCurves
from eitui.view.kit.keys import key_name
from eitui.view.trial.curves import UNREAD

_ROOMY = 24
"""Lines from which there is room for what the curves say, whether they are read or not."""


class Curves(TrialCurves):
    """Loss and accuracy by epoch, in a pane of the monitor."""

    def __init__(self) -> None:
        super().__init__(key_name("pane.curves"), "Curves", id="curves")

    def show_trial(self, moment: Moment, trial_id: str | None, logs: Logs | None = None) -> None:
        """Show the trial with this id as it is in `moment`; `logs` may tell of its epochs."""
        run = moment.run
        trial = run.trial(trial_id)
        if trial is None:
            gone = "No trial to draw."
            if run.trials:
                there = trial_id is not None
                gone = (
                    "The selected trial did not exist then." if there else "Curves of the selected trial appear here."
                )
            self.show(Subject(gone=gone))
            return
        log = UNREAD if logs is None else logs.state(trial)
        curve = moment.history.curves.get(trial.id, EMPTY_CURVE)
        self.show(Subject(trial, curve, run.config.training_cycles, log=log, name=trial.name))

    def lines_read(self, height: int) -> int:
        """Return two where there is room; one, of the epoch, where the cursor has been moved."""
        return 2 if height >= _ROOMY else int(self.cursor is not None)

    @property
    def tells_keys(self) -> bool:
        """Whether the keys are for this pane."""
        return self.has_focus
