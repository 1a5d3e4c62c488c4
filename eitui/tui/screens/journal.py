"""The journal of changes: what was sent from this machine, by whom, and what became of it."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult

from eitui.api.errors import problem
from eitui.domain.edit import Entry
from eitui.domain.moment import Problem
from eitui.thresholds import messages
from eitui.thresholds.editor import Editor
from eitui.thresholds.errors import ChangeError
from eitui.thresholds.project import ProjectClient
from eitui.tui.keys import bindings
from eitui.tui.kit.list import RowList
from eitui.tui.screens.overlay import Overlay, Scene
from eitui.tui.services import Services
from eitui.view.kit.lines import EMPTY_LINE, Line, wrapped
from eitui.view.threshold import journal_table as view


class JournalScreen(Overlay):
    """Lists the project's changes, those first of which it is not known what became of them: they are read back."""

    GROUPS: ClassVar[tuple[str, ...]] = ("Journal",)
    BINDINGS: ClassVar = bindings(*GROUPS)

    def __init__(self, services: Services, scene: Scene, *, within: Editor | None = None) -> None:
        """`within`: the editor that this was opened from; a change of its impulse is undone there."""
        super().__init__(services, scene)
        self._within = within
        self.entries: list[Entry] = []
        self.total = 0
        """How many there are, also those that are not shown."""
        self.problem: Problem | None = None
        self.problems: dict[int, str] = {}
        """Why entries could not be settled, by their number."""
        self.asking = False
        self._read = False
        self._list = _Journal(self._lines, self._below)

    def on_mount(self) -> None:
        """Read the journal, and settle what is not settled."""
        self._look()

    def body(self) -> ComposeResult:
        """List and details are drawn together."""
        yield self._list

    def heading(self) -> Line:
        """Return how many there are, and how many of them are not settled."""
        open_ones = sum(not entry.outcome.settled for entry in self.entries)
        unread = "reading…" if self.problem is None or self.asking else "cannot be read"
        more = f"the last {len(self.entries)} of {self.total}" if self.total > len(self.entries) else f"{self.total}"
        note = more if self._read else unread
        line: Line = (("Journal of changes  ", "title"), (note, ""))
        return (*line, (f"  {open_ones} not settled", "warn")) if open_ones else line

    def follow(self) -> None:
        """Draw what there is."""
        self._list.show(self.entries)

    @property
    def chosen(self) -> Entry | None:
        """The entry under the cursor."""
        return self._list.chosen

    def _lines(self, entries: Sequence[Entry], at: int, width: int) -> Sequence[Line]:
        return view.rows(entries, at, self.scene.today.wall, width, len(entries))

    def _below(self, width: int) -> Sequence[Line]:
        """Return everything about the chosen entry, and what is wrong; without entries, why there are none."""
        problem: list[Line] = []
        if self.problem is not None:
            texts = ((self.problem.what, "bad"), (self.problem.advice, ""))
            problem = [((" ", ""), *line) for text, tone in texts for line in wrapped(text, width - 2, tone)]
        chosen = self.chosen
        if chosen is None:
            asking: list[Line] = [EMPTY_LINE, ((" Reading the journal…", "dim"),)] if self.asking else []
            return problem or (view.empty(width) if self._read else asking)
        detail = view.detail(chosen, self.scene.today.wall, width, self.problems.get(chosen.number, ""))
        return [((" " + "─" * (width - 2), "dim"),), *detail, *problem]

    # Reading

    def _look(self) -> None:
        if not self.asking:
            self.asking = True
            self.run_worker(self._read_all(), group="journal")

    async def _read_all(self) -> None:
        try:
            project = await self.services.project()
            self.problems = {}
            await self._show_history(project)
            for entry in [entry for entry in self.entries if not entry.outcome.settled]:
                await self._settle(project, entry)
            await self._show_history(project)
        except Exception as error:
            self.problem = problem(error)
        finally:
            self.asking = False
        self.show(self.scene)

    async def _show_history(self, project: ProjectClient) -> None:
        found = await project.history()
        self.entries, self.total, self._read = view.ordered(found.entries), found.total, True
        self.problem = Problem(*messages.damage(found.unreadable)) if found.unreadable else None
        self.show(self.scene)

    async def _settle(self, project: ProjectClient, entry: Entry) -> None:
        try:
            result = await project.sender.settle(entry)
        except ChangeError as error:
            self.problems[entry.number] = error.what
            return
        if result.problem:
            self.problems[entry.number] = f"It could not be read back: {result.problem}."
        elif result.again_in_s:
            self.problems[entry.number] = (
                f"Read back: nothing can be said before {result.again_in_s:.0f} s have passed."
            )

    # Keys

    def action_move(self, by: int) -> None:
        """Go to another entry."""
        self._list.move(by)

    def action_move_page(self, by: int) -> None:
        """Go to another entry by screenfuls."""
        self._list.move_page(by)

    def on_row_list_opened(self) -> None:
        """Open the thresholds of the entry that was clicked twice."""
        self.action_impulse()

    def action_impulse(self) -> None:
        """Open the thresholds of the entry's impulse."""
        self._edit(undo=False)

    def action_take_back(self) -> None:
        """Show what undoing the entry would send."""
        self._edit(undo=True)

    def _edit(self, *, undo: bool) -> None:
        entry = self.chosen
        if entry is None:
            return
        if self._within is not None and entry.edit.impulse_id == self._within.impulse_id:
            if undo:
                self._within.undo_change(entry)
            self.action_back()
            return
        self.services.monitor.open_thresholds(entry.edit.impulse_id, undo=entry if undo else None)

    async def action_below(self, action: str) -> None:
        """Have the monitor do something; asking now reads back what is not settled, too."""
        if action == "app.poll":
            self._look()
            if self.scene.past is not None:
                return
        await super().action_below(action)


class _Journal(RowList[int], can_focus=False):
    """A line an entry, the keys are their numbers; below, what is to be said of the one under the cursor."""

    TITLED = 0

    def __init__(
        self, lines: Callable[[Sequence[Entry], int, int], Sequence[Line]], below: Callable[[int], Sequence[Line]]
    ) -> None:
        """`lines` draws entries, the cursor on one of them, for a width; `below` what stands below them."""
        super().__init__("", "", id="journal")
        self._entries: Sequence[Entry] = ()
        self._lines, self._below = lines, below

    def show(self, entries: Sequence[Entry]) -> None:
        """Show these entries."""
        self._entries = entries
        self.redraw()

    @property
    def chosen(self) -> Entry | None:
        """The entry under the cursor."""
        index = self.index_of(self.cursor)
        return self._entries[index or 0] if self._entries else None

    def keys(self) -> Sequence[int]:
        """Return the entries' numbers."""
        return [entry.number for entry in self._entries]

    def content(self, width: int, first: int, most: int) -> Sequence[Line]:
        """Return the entries in sight."""
        return self._lines(self._entries[first : first + most], (self.index_of(self.cursor) or 0) - first, width)

    def empty(self, width: int, height: int) -> Sequence[Line]:
        """Return nothing: it is said below."""
        return []

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the entries in sight, and below them what is to be said."""
        below = self._below(width)
        if not self._entries:
            return below
        below = below[: max(0, height - 3)]
        room = height - len(below)
        rows = super().build(width, room)
        return [*rows, *[EMPTY_LINE] * (room - len(rows)), *below]
