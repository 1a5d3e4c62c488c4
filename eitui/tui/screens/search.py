"""Progress of the search: whether it still improves, and what will end it."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult

from eitui.analysis.eta import changed_at
from eitui.analysis.figures import Lens
from eitui.analysis.search import Search, search
from eitui.domain.moment import EMPTY_MOMENT, Moment
from eitui.tui.keys import bindings
from eitui.tui.kit.lines import Drawing
from eitui.tui.kit.list import Window
from eitui.tui.screens.overlay import Overlay, Scene
from eitui.tui.services import Services
from eitui.view.kit.lines import EMPTY_LINE, Line
from eitui.view.kit.look import step_on
from eitui.view.run.search import improvement_lines, search_chart, search_facts, search_metric_name, setup_lines

LEAST_CHART = 9
"""Lines that the chart has at least."""


class SearchScreen(Overlay):
    """A chart of the best so far over what can be said in words, which scrolls."""

    VIEW = "run.search"
    GROUPS: ClassVar[tuple[str, ...]] = ("Figures",)
    BINDINGS: ClassVar = bindings(*GROUPS)
    ALSO: ClassVar = ("run.logs",)

    def __init__(self, services: Services, scene: Scene) -> None:
        super().__init__(services, scene)
        self.search = Search("val_accuracy")
        self._of: tuple[Moment, Lens | None] = (EMPTY_MOMENT, None)
        """What it was made of."""
        self._names: dict[str, str] = {}
        self._at: int | None = None
        """The number of the completed trial that is read."""
        self._window = Window()
        self._drawing = Drawing(self._lines)
        self._picture: tuple[tuple[object, ...], Sequence[Line]] = ((), ())

    def body(self) -> ComposeResult:
        """Chart and words are drawn together."""
        yield self._drawing

    def show(self, scene: Scene) -> None:
        """Bring the screen up to date; the heading names what is drawn."""
        moment = scene.moment
        now = changed_at(moment, scene.now)
        if moment is not self._of[0] or scene.lens != self._of[1]:
            self._of = (moment, scene.lens)
            self.search = search(moment, now, scene.lens)
            self._names = {trial.id: trial.name for trial in moment.run.trials}
        super().show(scene)

    def heading(self) -> Line:
        """Return by what the search is shown."""
        algorithm = self.scene.moment.run.algorithm
        note = f"best {search_metric_name(self.search, self.scene.lens)} so far" + (
            f", {algorithm} search" if algorithm else ""
        )
        return (("Progress of the search  ", "title"), (note, ""))

    def follow(self) -> None:
        """Draw what there is."""
        self._drawing.redraw()

    def _lines(self, width: int, height: int) -> Sequence[Line]:
        scene = self.scene
        facts = search_facts(self.search, scene.moment, self._names, width)
        steps = improvement_lines(self.search, self._names, width)
        setup = setup_lines(scene.moment.run, width)
        words = [*facts, *(line for section in (steps, setup) if section for line in (EMPTY_LINE, *section))]
        # The facts, and a line that tells what is out of sight.
        room = min(len(words), max(len(facts) + 1, height * 2 // 5), max(0, height - LEAST_CHART))
        found, run, lens = self.search, scene.moment.run, scene.lens
        key = (found, lens, width, height - room, self._at)
        if self._picture[0] != key:
            self._picture = (key, search_chart(found, run, lens, width, height - room, self._names, self._at))
        return [*self._picture[1], *self._window.windowed(words, room)]

    def action_move(self, by: int) -> None:
        """Scroll the words."""
        self._window.move(by)
        self._drawing.redraw()

    def action_columns(self, by: int) -> None:
        """Read the next completed trial; beyond the last one nothing is read."""
        self._at = step_on(self._at, range(1, len(self.search.finished) + 2), by)
        self._drawing.redraw()

    def action_move_page(self, by: int) -> None:
        """Scroll the words by screenfuls."""
        self.action_move(by * max(1, self._drawing.size.height // 2 - 1))
