"""The curves of one trial."""

from collections.abc import Sequence

from eitui.domain.history import EMPTY_CURVE
from eitui.domain.moment import EMPTY_MOMENT, Moment
from eitui.tui.widgets.pane import Pane
from eitui.view.charts import ChartSpec, curves, empty_reason
from eitui.view.lines import EMPTY_LINE, Line, width_of, wrapped

SIDE_BY_SIDE = 70
"""Cells from which the two charts stand beside each other."""

GAP = 2
"""Cells between them."""

MIN_CHART = 6
"""Lines that a chart needs to say anything."""


class Curves(Pane):
    """Loss and accuracy by epoch. Drawing costs up to 50 ms a chart, so a chart that is the same is kept."""

    def __init__(self) -> None:
        super().__init__("2", "Curves", id="curves")
        self._moment = EMPTY_MOMENT
        self._trial_id: str | None = None
        self._kept: dict[tuple[ChartSpec, int, int], list[Line]] = {}

    def show(self, moment: Moment, trial_id: str | None) -> None:
        """Show the trial with this id as it is in `moment`."""
        self._moment, self._trial_id = moment, trial_id
        self.redraw()

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the title and the two charts; instead of a chart that is empty, a sentence that says why."""
        trial = self._moment.run.trial(self._trial_id)
        if trial is None:
            reason = "No trial to draw."
            if self._moment.run.trials:
                chosen = self._trial_id is not None
                reason = (
                    "The selected trial was not there then." if chosen else "Curves of the selected trial appear here."
                )
            return [self.title_line(width), *_sentence(reason, width)]
        curve = self._moment.history.curves.get(trial.id, EMPTY_CURVE)
        specs = curves(curve, self._moment.run.config.training_cycles)
        reasons = [empty_reason(trial, curve, quantity) for quantity in ("loss", "accuracy")]
        head = self.title_line(width, about=trial.name)
        if all(reasons):
            return [head, *_sentence(reasons[0], width)]
        return [head, *self._arranged(list(zip(specs, reasons, strict=True)), width, height - 1)]

    def _arranged(self, charts: list[tuple[ChartSpec, str]], width: int, height: int) -> list[Line]:
        if width >= SIDE_BY_SIDE:
            each = (width - GAP) // 2
            left, right = (self._chart(spec, reason, each, height) for spec, reason in charts)
            return [beside(*row, each) for row in zip(left, right, strict=True)]
        if height >= 2 * MIN_CHART:
            return [line for spec, reason in charts for line in self._chart(spec, reason, width, height // 2)]
        spec, reason = next(((spec, reason) for spec, reason in reversed(charts) if not reason), charts[0])
        return self._chart(spec, reason, width, height)

    def _chart(self, spec: ChartSpec, reason: str, width: int, height: int) -> list[Line]:
        """Return `height` lines."""
        if reason:
            lines: list[Line] = [((" " + spec.title, "title"),), *_sentence(reason, width)]
            return (lines + [EMPTY_LINE] * height)[:height]
        key = (spec, width, height)
        drawn = self._kept.get(key)
        if drawn is None:
            # Imported here as plotext takes 20 ms to load, which the first frame does not wait for.
            from eitui.view.plot import draw

            drawn = list(draw(spec, width, height))
            # Two charts are in sight; a few more are kept for going back and forth between trials.
            self._kept = dict(list(self._kept.items())[-5:]) | {key: drawn}
        return drawn


def beside(left: Line, right: Line, width: int) -> Line:
    """Return a line of two: the first of them made `width` cells wide."""
    return (*left, (" " * (width - width_of(left) + GAP), ""), *right)


def _sentence(text: str, width: int) -> list[Line]:
    return [((" ", ""), *line) for line in wrapped(text, width - 2, "dim")]
