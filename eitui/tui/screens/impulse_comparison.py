"""What two impulses differ in."""

from collections.abc import Sequence

from textual.app import ComposeResult

from eitui.analysis.compare import compare_impulses, different_data
from eitui.domain.impulse import Impulse
from eitui.tui.kit.drawing import Drawing
from eitui.tui.kit.list import Window
from eitui.tui.screens.overlay import Overlay, Scene
from eitui.tui.services import Services
from eitui.view.kit.lines import Line
from eitui.view.kit.marks import mark
from eitui.view.kit.page import note_lines
from eitui.view.run.compare import compare_table

_DIFFERENT_DATA = "! Different dataset versions: metrics may differ because of the data, not of the impulse."


class ImpulseComparison(Overlay):
    """A table of the parameters and metrics that are not the same for both."""

    def __init__(self, services: Services, scene: Scene, impulses: Sequence[Impulse]) -> None:
        super().__init__(services, scene)
        self._comparison = compare_impulses(impulses)
        self._different_data = different_data(impulses)
        self._marks = [mark(place) for place in range(len(impulses))]
        self._drawing = Drawing(self._lines)
        self._window = Window()

    def body(self) -> ComposeResult:
        """Lay out the table."""
        yield self._drawing

    def heading(self) -> Line:
        """Return what is compared."""
        count = len(self._comparison.parameters) + len(self._comparison.figures)
        return (("Compare  ", "title"), (f"two impulses, {count} difference{'s' * (count != 1)}", ""))

    def follow(self) -> None:
        """Draw the table, which stays as it was when it was opened."""
        self._drawing.redraw()

    def _lines(self, width: int, height: int) -> Sequence[Line]:
        head, body = compare_table(self._comparison, self._marks, width)
        if self._different_data:
            head = [*note_lines(_DIFFERENT_DATA, width, "warn"), *head]
        return [*head, *self._window.windowed(body, height - len(head))]

    def action_move(self, by: int) -> None:
        """Scroll."""
        self._window.move(by)
        self._drawing.redraw()

    def action_move_page(self, by: int) -> None:
        """Scroll by screenfuls."""
        self.action_move(by * max(1, self._drawing.size.height - 3))
