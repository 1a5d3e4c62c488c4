"""The curves of one trial."""

from collections.abc import Sequence

from eitui.domain.curve import EMPTY_CURVE
from eitui.domain.moment import EMPTY_MOMENT, Moment
from eitui.tui.kit.lines import indented
from eitui.tui.kit.list import Pane
from eitui.tui.logs import Logs
from eitui.view.kit.keys import key_name
from eitui.view.kit.lines import Line, wrapped


class Curves(Pane):
    """Loss and accuracy by epoch."""

    def __init__(self) -> None:
        super().__init__(key_name("pane.curves"), "Curves", id="curves")
        self._moment = EMPTY_MOMENT
        self._trial_id: str | None = None
        self._logs: Logs | None = None

    def show(self, moment: Moment, trial_id: str | None, logs: Logs | None = None) -> None:
        """Show the trial with this id as it is in `moment`; `logs` may tell of its epochs."""
        self._moment, self._trial_id, self._logs = moment, trial_id, logs
        self.redraw()

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the title and the two charts; instead of a chart that is empty, a sentence that says why."""
        # Imported here: the first frame does not wait for what draws charts.
        from eitui.view.trial.curves import QUANTITIES, UNREAD, draw_curves, empty_reason, trial_charts

        trial = self._moment.run.trial(self._trial_id)
        if trial is None:
            reason = "No trial to draw."
            if self._moment.run.trials:
                chosen = self._trial_id is not None
                reason = (
                    "The selected trial did not exist then." if chosen else "Curves of the selected trial appear here."
                )
            return [self.title_line(width), *_sentence(reason, width)]
        curve = self._moment.history.curves.get(trial.id, EMPTY_CURVE)
        log = UNREAD if self._logs is None else self._logs.state(trial)
        reasons = [empty_reason(trial, curve, quantity, log) for quantity in QUANTITIES]
        head = self.title_line(width, about=trial.name)
        if all(reasons):
            return [head, *_sentence(reasons[0], width)]
        charts = trial_charts(curve, self._moment.run.config.training_cycles)
        return [head, *draw_curves(list(zip(charts, reasons, strict=True)), width, height - 1)]


def _sentence(text: str, width: int) -> list[Line]:
    return indented(wrapped(text, width - 2, "dim"))
