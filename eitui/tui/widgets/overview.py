"""What stands beside the trial table where there is room: the selected trial, the result of the run, and trade-offs."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from eitui.analysis.figures import FigureValue, Lens, WorstClass
from eitui.analysis.flags import flags_of
from eitui.analysis.ranking import ranked, usual_lens
from eitui.domain.curve import EMPTY_CURVE
from eitui.domain.moment import EMPTY_MOMENT, Moment
from eitui.domain.run import Run
from eitui.domain.trial import Trial
from eitui.tui.kit.lines import Lines, indented
from eitui.tui.kit.list import Pane
from eitui.view.kit.keys import key_name
from eitui.view.kit.lines import Line, wrapped
from eitui.view.run.header import has_result, tie_with_best

if TYPE_CHECKING:  # these take a while to import: the first frame does not wait for them
    from eitui.analysis.pareto import TradeOff
    from eitui.analysis.search import Search
    from eitui.view.trial.summary import Glance


class SummaryPane(Lines):
    """Values, costs against the limits, flags and parameters of the trial that the table's cursor is on."""

    def __init__(self) -> None:
        super().__init__(id="summary")
        self._glance: Glance | None = None
        self._key: tuple[object, ...] = ()
        self._made: tuple[object, Sequence[Line]] = (None, ())

    def show_trial(
        self,
        moment: Moment,
        trial: Trial | None,
        lens: Lens,
        parameters: Mapping[str, FigureValue],
        worst: WorstClass | None = None,
        failure: str = "",
    ) -> None:
        """Show a trial as it is in `moment`; `failure` says why it failed."""
        from eitui.view.trial.summary import Glance

        if trial is None:
            self._glance, self._key = None, ()
        else:
            run, history = moment.run, moment.history
            curve = history.curves.get(trial.id, EMPTY_CURVE)
            tie = tie_with_best(ranked(moment), trial)
            key = (trial, curve, lens, run.config, parameters, worst, tie, trial.id in history.stalled, failure)
            if key != self._key:
                flags = flags_of(trial, curve, usual_lens(run).precision)
                stalled = trial.id in history.stalled
                self._glance = Glance(trial, run, lens, parameters, flags, tie, worst, stalled, failure)
                self._key = key
        self.redraw()

    def height_for(self, width: int) -> int:
        """Return how many lines the whole summary takes."""
        return len(self._lines(width))

    def _lines(self, width: int) -> Sequence[Line]:
        from eitui.view.trial.summary import summary

        if self._made[0] != (self._key, width):
            self._made = ((self._key, width), indented(summary(self._glance, width - 2, 1000)))
        return self._made[1]

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the summary; what has no room is told on the last line."""
        from eitui.view.trial.summary import summary

        lines = self._lines(width)
        return lines if len(lines) <= height else indented(summary(self._glance, width - 2, height))


class ResultPane(Pane, can_focus=False):
    """Why a run ended, and what came of it."""

    def __init__(self) -> None:
        super().__init__("", "Result", id="result")
        self._moment = EMPTY_MOMENT
        self._search: tuple[Moment, Search, Mapping[str, str]] | None = None
        self.titled = True
        """Whether there is room for a title."""

    def show(self, moment: Moment) -> None:
        """Show the result of the run of `moment`."""
        self._moment = moment
        self.redraw()

    @property
    def there(self) -> bool:
        """Whether there is a result."""
        return has_result(self._moment)

    def height_for(self, width: int, most: int) -> int:
        """Return how many lines of `most` it takes with its title; 0 where there is no result."""
        return 1 + len(self._lines(width, most - 1)) if self.there else 0

    def _lines(self, width: int, height: int) -> Sequence[Line]:
        from eitui.analysis.search import search
        from eitui.view.run.result import result_lines

        moment = self._moment
        if self._search is None or self._search[0] is not moment:
            names = {trial.id: trial.name for trial in moment.run.trials}
            self._search = (moment, search(moment, 0.0), names)
        return result_lines(moment, *self._search[1:], width, height)

    def titles(self, *, names: bool) -> list[tuple[str, str]]:
        """Return the title, which has no key."""
        return [("  ", ""), (self.pane_title, "accent")]

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the result below its title."""
        if not self.there:
            return []
        if not self.titled:
            return self._lines(width, height)
        return [self.title_line(width), *self._lines(width, height - 1)]


class TradeOffs(Pane, can_focus=False):
    """How good the trials are against their latency, or the first cost that the service tells."""

    def __init__(self) -> None:
        super().__init__("", "Trade-offs", id="trade-offs")
        self._run: Run | None = None
        self._lens: Lens | None = None
        self._trade: TradeOff | None = None

    def show(self, moment: Moment, lens: Lens | None) -> None:
        """Show the trials of `moment`; `lens`: None for what the run itself is about."""
        from eitui.analysis.pareto import ACCURACY, LOSS, trade_off

        run = moment.run
        if run is not self._run or lens != self._lens:
            self._run, self._lens = run, lens
            found = trade_off(run, ACCURACY, lens=lens)
            self._trade = found if found.points else trade_off(run, LOSS, lens=lens)
        self.redraw()

    @property
    def there(self) -> bool:
        """Whether there is a point to draw."""
        return self._trade is not None and bool(self._trade.points)

    def titles(self, *, names: bool) -> list[tuple[str, str]]:
        """Return the title, with the key that shows all of it."""
        return [(" ", ""), (f"{key_name('trial.trade_offs')} ", "key"), (self.pane_title, "accent")]

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the plot, or why there is none."""
        from eitui.view.run.scatter import counted, trade_off_scatter, why_no_points

        trade, run = self._trade, self._run
        if trade is None or run is None:
            return [self.title_line(width)]
        if not trade.points:
            return [self.title_line(width), *indented(wrapped(why_no_points(trade), width - 2, "dim"))][:height]
        plot = trade_off_scatter(trade, self._lens or usual_lens(run), None, width, max(0, height - 1), moves=False)
        return [self.title_line(width, counted(trade)) if width > 90 else self.title_line(width), *plot]
