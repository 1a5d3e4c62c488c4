"""Trade-offs: which trial to take, given what it costs on the target."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult

from eitui.analysis.figures import Figure, Lens
from eitui.analysis.pareto import ACCURACY, COSTS, LOSS, TradeOff, TradeOffPoint, trade_off
from eitui.domain.run import Run
from eitui.tui.keys import bindings
from eitui.tui.kit.lines import Drawing, indented
from eitui.tui.screens.overlay import Overlay, Scene
from eitui.tui.services import Services
from eitui.view.kit.chart import padded
from eitui.view.kit.lines import EMPTY_LINE, Line, crop, wrapped
from eitui.view.run.scatter import (
    READING_LINES,
    choices,
    cost_name,
    counted,
    point_line,
    trade_off_metric_name,
    trade_off_scatter,
    why_no_points,
)

_PAGE = 10
"""Points that a page key moves along."""

_COSTS = tuple(COSTS)


class TradeOffsScreen(Overlay):
    """A scatter of the completed trials. The trial that was walked to is selected in the table when this is left."""

    GROUPS: ClassVar[tuple[str, ...]] = ("Trade-offs", "Figures")
    BINDINGS: ClassVar = bindings(*GROUPS)

    def __init__(self, services: Services, scene: Scene, selected: str | None) -> None:
        """Begin on the trial `selected`, by its id."""
        super().__init__(services, scene)
        self.trade = TradeOff(ACCURACY, COSTS[_COSTS[0]])
        self._of: tuple[Run, Lens, Figure, Figure] | None = None
        """What it was made of."""
        self._beside: tuple[TradeOff, str] | None = None
        """The same of the run beside it, and what that is called."""
        self._beside_of: tuple[Run, Lens, Figure, Figure] | None = None
        self._chosen_id, self._moved = selected, False
        self._metric: Figure | None = None
        """None until the user chooses: accuracy where there is one."""
        self._cost = 0
        self._names: dict[str, str] = {}
        self._drawing = Drawing(self._lines)
        self._picture: tuple[tuple[object, ...], Sequence[Line]] = ((), ())

    def body(self) -> ComposeResult:
        """Plot and reading are drawn together."""
        yield self._drawing

    def show(self, scene: Scene) -> None:
        """Bring the screen up to date; the heading names what is drawn."""
        run, lens = scene.moment.run, scene.lens
        metric, cost = self._metric, COSTS[_COSTS[self._cost]]
        if metric is None:
            completed = run.completed
            rated = not completed or any(lens.accuracy(trial) is not None for trial in lens.comparable(completed))
            metric = ACCURACY if rated else LOSS
        # A new answer is a new run, and as long as there is none it is the same object.
        if self._of is None or self._of[0] is not run or self._of[1:] != (lens, metric, cost):
            self._of = (run, lens, metric, cost)
            self.trade = trade_off(run, metric, cost, lens)
            self._names = {trial.id: trial.name for trial in run.trials}
        beside = scene.beside
        if beside is None or not beside.moment.run.completed:
            self._beside = self._beside_of = None
        elif self._beside_of != (of := (beside.moment.run, lens, metric, cost)):
            self._beside_of, self._beside = of, (trade_off(of[0], metric, cost, lens), beside.word)
        super().show(scene)

    def heading(self) -> Line:
        """Return what is drawn against what."""
        lens = self.scene.lens
        note = f"{trade_off_metric_name(self.trade, lens)} against {cost_name(self.trade)}, {lens.precision}"
        return (("Trade-offs  ", "title"), (note, ""))

    def follow(self) -> None:
        """Draw what there is."""
        self._drawing.redraw()

    @property
    def chosen(self) -> TradeOffPoint | None:
        """The point the keys are about: the trial's that was chosen, else the best there is to choose."""
        points = self.trade.points
        found = next((point for point in points if point.trial_id == self._chosen_id), None)
        return found or (choices(self.trade)[-1] if points else None)

    def _lines(self, width: int, height: int) -> Sequence[Line]:
        chosen, scene = self.chosen, self.scene
        if chosen is None:
            note = wrapped(why_no_points(self.trade), width - 2, "dim")
            return [EMPTY_LINE, *indented(note)]
        # What is read of the points is the run's: another answer may tell it anew and leave the points as they are.
        key = (self.trade, self._beside, scene.moment.run, scene.lens, chosen.trial_id, width, height)
        if self._picture[0] != key:
            room = max(0, height - READING_LINES - 1)
            self._picture = (
                key,
                [
                    *trade_off_scatter(self.trade, scene.lens, chosen, width, room, self._beside),
                    *point_line(self.trade, chosen, scene.moment.run, scene.lens, self._names, width),
                    padded(crop(((f" {counted(self.trade)}", "dim"),), width), width),
                ],
            )
        return self._picture[1]

    # What the keys do

    def action_columns(self, by: int) -> None:
        """Walk the points by cost."""
        self._walk(self.trade.points, by)

    def action_move(self, by: int) -> None:
        """Walk the front: up is the better and dearer one."""
        self._walk(choices(self.trade), -by)

    def action_move_page(self, by: int) -> None:
        """Walk the points by cost, many at a time."""
        self._walk(self.trade.points, by * _PAGE)

    def _walk(self, points: Sequence[TradeOffPoint], by: int) -> None:
        chosen = self.chosen
        if chosen is None:
            return
        at = next((index for index, point in enumerate(points) if point.trial_id == chosen.trial_id), None)
        if at is None:
            # Off the front, the nearest on it on the side that the key points to.
            cheaper = sum(point.cost <= chosen.cost for point in points)
            at = cheaper - 1 if by < 0 else cheaper
            by = 0
        self._chosen_id = points[max(0, min(at + by, len(points) - 1))].trial_id
        self._moved = True
        self._drawing.redraw()

    def action_metric(self) -> None:
        """Draw the other metric."""
        self._metric = LOSS if self.trade.metric is ACCURACY else ACCURACY
        self.show(self.scene)

    def action_cost(self) -> None:
        """Draw against the next cost."""
        self._cost = (self._cost + 1) % len(_COSTS)
        self.show(self.scene)

    def action_choose(self) -> None:
        """Go back, to this trial in the table."""
        self._moved = True
        self.action_back()

    def action_back(self) -> None:
        """Go back, to this trial in the table where it was walked to."""
        chosen = self.chosen
        if self._moved and chosen is not None:
            self.services.monitor.select_trial(chosen.trial_id)
        super().action_back()
