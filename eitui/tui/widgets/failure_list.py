"""The failed trials of a run under their causes, with a cursor on one of them."""

from collections.abc import Callable, Sequence

from eitui.tui.widgets.lines import CURSOR
from eitui.tui.widgets.pane import Pane
from eitui.view.failures import Row
from eitui.view.kit.keys import key_name
from eitui.view.lines import Line, wrapped


class FailureList(Pane):
    """Lines, those of trials selectable. The cursor stays on its trial, wherever that goes."""

    def __init__(self) -> None:
        super().__init__(key_name("run.failures"), "By cause", id="failures")
        self.cursor: str | None = None
        """Id of the trial that the cursor is on."""
        self._draw: Callable[[int], Sequence[Row]] = lambda width: ()
        self._about: object = None
        self._made: tuple[int, Sequence[Row]] | None = None
        self._chosen = False
        """Whether the user put the cursor where it is; until then it stays on the first trial."""
        self._place = 0
        self._top = 0
        self._said: tuple[str, str] = ("", "")
        self._state = ""

    def show(
        self, about: object, draw: Callable[[int], Sequence[Row]], *, state: str = "", said: tuple[str, str] = ("", "")
    ) -> None:
        """Show what `draw` makes for a width, which is not called again while `about` is equal.

        `state` stands beside the title, and `said`, a text and its tone, above the lines.
        """
        if about != self._about:
            self._about, self._draw, self._made = about, draw, None
        self._state, self._said = state, said
        self.redraw()

    @property
    def order(self) -> list[str]:
        """Ids of the trials, from the top down."""
        return [row.trial_id for row in self._rows(self.size.width) if row.trial_id is not None]

    def select(self, trial_id: str) -> None:
        """Put the cursor on a trial."""
        self.cursor, self._chosen = trial_id, True
        self.redraw()

    def move(self, by: int) -> None:
        """Move the cursor by `by` trials."""
        order = self.order
        if order:
            at = order.index(self.cursor) if self.cursor in order else 0
            self.select(order[max(0, min(at + by, len(order) - 1))])

    def move_page(self, by: int) -> None:
        """Move the cursor by `by` screenfuls."""
        self.move(by * max(1, self.size.height - 3))

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the title, what is to be said, and the lines in sight."""
        rows = self._rows(width)
        said = [((" ", ""), *line) for line in wrapped(self._said[0], width - 2, self._said[1])]
        room = max(1, height - 1 - len(said))
        at = self._settle(rows, room)
        shown = rows[self._top : self._top + room]
        place = f"{self._top + 1}–{self._top + len(shown)} of {len(rows)}" if len(rows) > room else ""
        lines = [self._line(row, here=at is not None and row is rows[at]) for row in shown]
        return [self.title_line(width, place, self._state), *said, *lines]

    def _line(self, row: Row, *, here: bool) -> Line:
        line: Line = ((" ", ""), *row.line)
        return (*line, CURSOR) if here else line

    def _rows(self, width: int) -> Sequence[Row]:
        if self._made is None or self._made[0] != width:
            self._made = (width, self._draw(max(40, width - 2)))
        return self._made[1]

    def _settle(self, rows: Sequence[Row], room: int) -> int | None:
        """Bring the cursor into sight, with what stands above the first trial of a cause; return its line."""
        trials = [index for index, row in enumerate(rows) if row.trial_id is not None]
        if not trials:
            return None
        at = next((index for index in trials if rows[index].trial_id == self.cursor), None)
        if not self._chosen:
            at = trials[0]
            self.cursor = rows[at].trial_id
        elif at is None:
            # Where its trial is gone, the one that is now in its place.
            at = min(trials, key=lambda index: abs(index - self._place))
            self.cursor = rows[at].trial_id
        self._place = at
        above = max((index + 1 for index, row in enumerate(rows[:at]) if not row.line), default=0)
        first_of_group = next(index for index in trials if index >= above)
        wanted = above if at == first_of_group else at
        self._top = max(0, min(max(self._top, at - room + 1), max(wanted, at - room + 1), len(rows) - room))
        return at
