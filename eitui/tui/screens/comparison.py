"""Marked trials side by side: their curves in one chart, and what they differ in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult

from eitui.analysis.compare import Comparison, compare
from eitui.analysis.figures import FigureValue
from eitui.analysis.ranking import best
from eitui.api.detail import parameters_of
from eitui.domain.curve import EMPTY_CURVE, Curve, steps_of
from eitui.domain.trial import Trial
from eitui.tui.keys import bindings, keys_over
from eitui.tui.kit.lines import Drawing, indented
from eitui.tui.kit.list import Window
from eitui.tui.screens.overlay import Overlay, Scene
from eitui.tui.services import Services
from eitui.view.kit.axis import Scale
from eitui.view.kit.chart import Chart, draw
from eitui.view.kit.keys import keyed
from eitui.view.kit.lines import EMPTY_LINE, Line, wrapped
from eitui.view.kit.look import CurveLook, step_on
from eitui.view.kit.marks import MARK_SIGNS, Mark, assign, mark
from eitui.view.run.compare import HOW_TO_COMPARE, columns_that_fit, compare_table
from eitui.view.run.table import Deep
from eitui.view.trial.curves import Quantity, comparison_chart, why_nothing_compared

_TALL = 26
"""Lines from which chart and table are in sight at once."""

BOTH, CHART, TABLE = "both", "chart", "table"

_QUANTITIES: tuple[tuple[Quantity, bool], ...] = (
    ("loss", False),
    ("accuracy", False),
    ("loss", True),
    ("accuracy", True),
)
"""What the chart can show, and whether that is of the training data."""

_Of = tuple[object, ...]
"""What something was made of: equal ones need not be made again."""
_NOTHING: _Of = ()


class ComparisonScreen(Overlay):
    """Follows the trials that are marked. With fewer than two of them the best of all others is the other one."""

    GROUPS: ClassVar[tuple[str, ...]] = ("Comparison", "Figures")
    BINDINGS: ClassVar = bindings(*GROUPS)

    def __init__(
        self,
        services: Services,
        scene: Scene,
        selected: str | None,
        *,
        numbers: Mapping[str, int],
    ) -> None:
        """Take the trial `selected`, by its id, where none is marked.

        `numbers` has the numbers of the marks that trials have in the table.
        """
        super().__init__(services, scene)
        # All parts of the data are compared at once: another one to look at changes nothing here.
        self._footer.use([key for key in keys_over(services.keys, *self.GROUPS) if key.id != "figures.part"])
        self.trials: tuple[Trial, ...] = ()
        """Those that are compared."""
        self._beside = 0
        """How many of them, the last, are of the run beside this one."""
        self.cursor = 0
        """Which of them the keys are about."""
        self.part = BOTH
        """What is in sight: both, or only one of them; where there is no room for both, both is the chart."""
        self._selected = selected
        self._drawing = Drawing(self._lines)
        self._quantity, self._look = 0, CurveLook()
        self._window = Window()
        self._numbers = dict(numbers)
        self._parameters: Deep[Mapping[str, FigureValue]] = Deep(parameters_of, {})
        self._comparison, self._comparison_of = Comparison(), _NOTHING
        self._made, self._made_of = Chart("", Scale(0, 1), Scale(0, 1)), _NOTHING

    def body(self) -> ComposeResult:
        """Chart and table are drawn together."""
        yield self._drawing

    def heading(self) -> Line:
        """Return what is compared, and by which figure."""
        title: Line = (("Compare  ", "title"),)
        if len(self.trials) < 2:
            return title
        count = len(self.trials) - self._beside
        note = f"{count} marked trials" if self._are_marked else "the trial" + " and the best other trial" * (count > 1)
        if self._beside and self.scene.beside is not None:
            note += f", with the best of the {self.scene.beside.word}"
        return (*title, (f"{note}, {self.scene.lens.precision}", ""))

    # What is compared

    def follow(self) -> None:
        """Draw the trials as they are now."""
        self._numbers = assign([trial.id for trial in self.trials], self._numbers)
        if self.scene.past is None:
            self.services.logs.fill(
                [trial for trial in self.trials[::-1] if not self._is_beside(trial)], self.scene.moment
            )
        self.cursor = max(0, min(self.cursor, len(self.trials) - 1))
        lens, moment, (quantity, train) = self.scene.lens, self.scene.moment, _QUANTITIES[self._quantity]
        compared: _Of = ([(trial, trial.payload.digest) for trial in self.trials], lens.precision)
        if self._comparison_of != compared:
            self._comparison_of = compared
            self._parameters.forget({trial.id for trial in self.trials})
            mappings = list(map(self._parameters.read, self.trials))
            self._comparison = compare(self.trials, mappings, lens.precision)

        curves = self._curves_of_all
        cycles, look = moment.run.config.training_cycles, self._look
        names = tuple(trial.name for trial in self.trials)
        drawn: _Of = (quantity, train, look, cycles, tuple(self._numbers.items()), names, tuple(curves.values()))
        if drawn != self._made_of:
            self._made_of = drawn
            self._made = comparison_chart(self.trials, curves, self._marks(), quantity, cycles, train=train, look=look)
        self._drawing.redraw()

    def show(self, scene: Scene) -> None:
        """Bring the screen up to date; what is compared is known before it is named."""
        self.scene = scene
        run, marked = scene.moment.run, self._marked
        one = marked[0] if marked else run.trial(self._selected)
        if len(marked) > 1:
            self.trials = marked
        elif one is None:
            self.trials = ()
        else:
            others = replace(run, trials=tuple(trial for trial in run.trials if trial is not one))
            other = best(others, scene.lens).trial
            self.trials = (one,) if other is None else (one, other)
        # Of another run its best trials stand beside these, as far as there are signs for all.
        leaders = scene.beside.leaders if scene.beside is not None and self.trials else ()
        leaders = leaders[: max(0, len(MARK_SIGNS) - len(self.trials))]
        self.trials, self._beside = (*self.trials, *leaders), len(leaders)
        super().show(scene)

    def _is_beside(self, trial: Trial) -> bool:
        return self.scene.beside is not None and self.scene.beside.is_of(trial.id)

    @property
    def _curves_of_all(self) -> dict[str, Curve]:
        own, beside = self.scene.moment.history.curves, self.scene.beside
        return {
            trial.id: beside.curve(trial.id)
            if beside is not None and beside.is_of(trial.id)
            else own.get(trial.id, EMPTY_CURVE)
            for trial in self.trials
        }

    @property
    def _marked(self) -> tuple[Trial, ...]:
        run = self.scene.moment.run
        return tuple(trial for trial_id in self.scene.marked if (trial := run.trial(trial_id)) is not None)

    @property
    def _are_marked(self) -> bool:
        return len(self._marked) > 1

    def _marks(self) -> list[Mark]:
        return [mark(self._numbers[trial.id]) for trial in self.trials]

    # The picture

    def _lines(self, width: int, height: int) -> Sequence[Line]:
        if len(self.trials) < 2:
            if self.trials:
                why = f"Nothing to compare {self.trials[0].name} with: no other trial is completed."
            elif self._selected or self.scene.marked:
                why = "The trial to compare was not there then."
            else:
                why = "No trial is selected."
            return [EMPTY_LINE, *indented(wrapped(f"{why} {keyed(HOW_TO_COMPARE)}", width - 2))]
        if height < _TALL or self.part != BOTH:
            return self._table(width, height) if self.part == TABLE else self._curves(width, height)
        head, body = self._tabled(width)
        upper = max(height - len(head) - len(body) - 1, height * 9 // 20)
        lower = self._table(width, height - upper - 1)
        return [*self._curves(width, upper), (("─" * width, "dim"),), *lower]

    def _curves(self, width: int, height: int) -> Sequence[Line]:
        quantity, train = _QUANTITIES[self._quantity]
        reason = why_nothing_compared(self.trials, self._curves_of_all, quantity, train=train)
        if reason:
            lines: list[Line] = [((" " + self._made.title, "title"),), *indented(wrapped(reason, width - 2, "dim"))]
            return (lines + [EMPTY_LINE] * height)[:height]
        return draw(self._made, width, height, self._look.at)

    def _tabled(self, width: int) -> tuple[list[Line], list[Line]]:
        shown = columns_that_fit(self._comparison, width)
        first = max(0, min(self.cursor - shown // 2, len(self.trials) - shown))
        return compare_table(self._comparison, self._marks(), width, first, cursor=self.cursor)

    def _table(self, width: int, height: int) -> Sequence[Line]:
        head, body = self._tabled(width)
        return [*head, *self._window.windowed(body, height - len(head))]

    # What the keys do

    def action_move(self, by: int) -> None:
        """Scroll the table."""
        self._window.move(by)
        self._drawing.redraw()

    def action_move_page(self, by: int) -> None:
        """Scroll the table by screenfuls."""
        self.action_move(by * max(1, self._drawing.size.height // 2))

    def action_columns(self, by: int) -> None:
        """Go to the trial beside this one; where the chart is alone, read its values at the next epoch."""
        if self._chart_is_alone:
            steps = {step for curve in self._curves_of_all.values() for step in steps_of(curve.epochs)}
            self._look = replace(self._look, at=step_on(self._look.at, sorted(steps), by))
            self.show(self.scene)
            return
        self.cursor = max(0, min(self.cursor + by, len(self.trials) - 1))
        self._drawing.redraw()

    @property
    def _chart_is_alone(self) -> bool:
        return self.part == CHART or (self.part == BOTH and self._drawing.size.height < _TALL)

    def action_quantity(self) -> None:
        """Draw the next figure."""
        self._quantity = (self._quantity + 1) % len(_QUANTITIES)
        self.show(self.scene)

    def action_log(self) -> None:
        """Make the axis of losses logarithmic, or not."""
        self._look = replace(self._look, log=not self._look.log)
        if _QUANTITIES[self._quantity][0] != "loss":
            self.notify("Only a loss has a logarithmic axis.", markup=False)
        self.show(self.scene)

    def action_smooth(self) -> None:
        """Smooth the curves more, or not at all."""
        self._look = self._look.smoothed_more
        self.show(self.scene)

    def action_part(self) -> None:
        """Show only the chart, only the table, or both where there is room."""
        parts = (BOTH, CHART, TABLE) if self._drawing.size.height >= _TALL else (CHART, TABLE)
        # Where there is no room for both, both is the chart.
        at = parts.index(self.part) if self.part in parts else 0
        self.part = parts[(at + 1) % len(parts)]
        self._drawing.redraw()

    def action_remove(self) -> None:
        """Take the trial out of the comparison."""
        if self.trials and self._is_beside(self.trials[self.cursor]):
            self.notify("This trial is of another run.", markup=False)
            return
        if not self._are_marked:
            self.notify(
                keyed("Only a marked trial can be removed: {trial.mark} marks a trial in the trial table."),
                markup=False,
            )
            return
        self.services.monitor.unmark(self.trials[self.cursor].id)

    def action_choose(self) -> None:
        """Go back, to this trial in the table."""
        if self.trials and self._is_beside(self.trials[self.cursor]):
            self.notify("This trial is of another run.", markup=False)
            return
        if self.trials:
            self.services.monitor.select_trial(self.trials[self.cursor].id)
        self.action_back()
