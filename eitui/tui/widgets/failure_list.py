"""The failed trials of a run under their causes, with a cursor on one of them."""

from collections.abc import Callable, Sequence

from eitui.tui.kit.list import RowList
from eitui.view.kit.keys import key_name
from eitui.view.kit.lines import Line, wrapped
from eitui.view.run.failures import FailureRow


class FailureList(RowList[str]):
    """Lines, those of trials selectable: the keys are their ids."""

    def __init__(self) -> None:
        super().__init__(key_name("run.failures"), "By cause", id="failures")
        self._draw: Callable[[int], Sequence[FailureRow]] = lambda width: ()
        self._about: object = None
        self._made: tuple[int, Sequence[FailureRow]] | None = None
        self._note: tuple[str, str] = ("", "")
        self._state = ""

    def show(
        self,
        about: object,
        draw: Callable[[int], Sequence[FailureRow]],
        *,
        state: str = "",
        note: tuple[str, str] = ("", ""),
    ) -> None:
        """Show what `draw` makes for a width, which is not called again while `about` is equal.

        `state` stands beside the title, and `note`, a text and its tone, above the lines.
        """
        if about != self._about:
            self._about, self._draw, self._made = about, draw, None
        self._state, self._note = state, note
        self.redraw()

    @property
    def order(self) -> list[str]:
        """Ids of the trials, from the top down."""
        return [key for key in self.keys() if key is not None]

    def keys(self) -> Sequence[str | None]:
        """Return the id of the trial of each line; None for what is not about one."""
        return [row.trial_id for row in self._rows(self.size.width)]

    def about(self) -> str:
        """Return how far the logs are read."""
        return self._state

    def above(self, width: int, height: int) -> Sequence[Line]:
        """Return what is said of all."""
        return [((" ", ""), *line) for line in wrapped(self._note[0], width - 2, self._note[1])]

    def empty(self, width: int, height: int) -> Sequence[Line]:
        """Return why there is nothing."""
        return [self.title_line(width, about=self._state), *self.above(width, height)]

    def content(self, width: int, first: int, most: int) -> Sequence[Line]:
        """Return the lines in sight."""
        shown = self._rows(width)[first : first + most]
        return self.with_cursor([((" ", ""), *row.line) for row in shown], first)

    def first_with(self, index: int) -> int:
        """Return what stands above the first trial of a cause, for that trial."""
        rows = self._rows(self.size.width)
        above = max((place + 1 for place, row in enumerate(rows[:index]) if not row.line), default=0)
        first = next(place for place, row in enumerate(rows[above:], above) if row.trial_id is not None)
        return above if index == first else index

    def _rows(self, width: int) -> Sequence[FailureRow]:
        if self._made is None or self._made[0] != width:
            self._made = (width, self._draw(max(40, width - 2)))
        return self._made[1]
