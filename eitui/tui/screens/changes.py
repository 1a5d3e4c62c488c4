"""The journal of changes: what was sent from this machine, by whom, and what became of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from eitui.api.errors import problem
from eitui.domain.edit import Entry
from eitui.domain.moment import Problem
from eitui.thresholds import messages
from eitui.thresholds.editor import Editor
from eitui.thresholds.errors import ChangeError
from eitui.thresholds.project import ProjectClient
from eitui.tui.keys import Key, bindings
from eitui.tui.screens.following import Following, Scene
from eitui.tui.widgets.drawing import Drawing
from eitui.view import change_history as view
from eitui.view.lines import EMPTY_LINE, Line, wrapped

if TYPE_CHECKING:
    from eitui.tui.app import MonitorApp

PAGE = 10


class ChangesScreen(Following):
    """Lists the project's changes, those first of which it is not known what became of them: they are read back."""

    GROUPS: ClassVar[tuple[str, ...]] = ("Journal",)
    BINDINGS: ClassVar = bindings(*GROUPS)

    def __init__(self, keys: Sequence[Key], scene: Scene, *, within: Editor | None = None) -> None:
        """`within`: the editor that this was opened from; a change of its impulse is undone there."""
        super().__init__(keys, scene)
        self._keys, self._within = keys, within
        self.entries: list[Entry] = []
        self.total = 0
        """How many there are, also those that are not shown."""
        self.number: int | None = None
        """The entry under the cursor, by its number; None: the first one."""
        self.problem: Problem | None = None
        self.problems: dict[int, str] = {}
        """Why entries could not be settled, by their number."""
        self.asking = False
        self._read = False
        self._drawing = Drawing(self._lines)

    def on_mount(self) -> None:
        """Read the journal, and settle what is not settled."""
        self._look()

    def body(self) -> ComposeResult:
        """List and details are drawn together."""
        yield self._drawing

    def heading(self) -> Line:
        """Return how many there are, and how many of them are not settled."""
        open_ones = sum(not entry.outcome.settled for entry in self.entries)
        unread = "reading…" if self.problem is None or self.asking else "cannot be read"
        more = f"the last {len(self.entries)} of {self.total}" if self.total > len(self.entries) else f"{self.total}"
        said = more if self._read else unread
        line: Line = (("Journal of changes  ", "title"), (said, ""))
        return (*line, (f"  {open_ones} not settled", "warn")) if open_ones else line

    def follow(self) -> None:
        """Draw what there is."""
        self._drawing.redraw()

    @property
    def chosen(self) -> Entry | None:
        """The entry under the cursor."""
        return self.entries[self._at] if self.entries else None

    @property
    def _at(self) -> int:
        return next((at for at, entry in enumerate(self.entries) if entry.number == self.number), 0)

    def _lines(self, width: int, height: int) -> Sequence[Line]:
        problem: list[Line] = []
        if self.problem is not None:
            texts = ((self.problem.what, "bad"), (self.problem.advice, ""))
            problem = [((" ", ""), *line) for text, tone in texts for line in wrapped(text, width - 2, tone)]
        if not self.entries:
            asking: list[Line] = [EMPTY_LINE, ((" Reading the journal…", "dim"),)] if self.asking else []
            return problem or (view.empty(width) if self._read else asking)
        now, chosen = self.scene.today.wall, self.entries[self._at]
        below = [*view.detail(chosen, now, width, self.problems.get(chosen.number, "")), *problem]
        below = [((" " + "─" * (width - 2), "dim"),), *below][: max(0, height - 3)]
        room = height - len(below)
        rows = view.rows(self.entries, self._at, now, width, room)
        return [*rows, *[EMPTY_LINE] * (room - len(rows)), *below]

    # Reading

    def _look(self) -> None:
        if not self.asking:
            self.asking = True
            self.run_worker(self._read_all(), group="journal")

    async def _read_all(self) -> None:
        try:
            project = await self._app.project()
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

    @property
    def _app(self) -> "MonitorApp":
        from eitui.tui.app import MonitorApp

        assert isinstance(self.app, MonitorApp)  # noqa: S101 - no other app has this screen
        return self.app

    # Keys

    def action_move(self, by: int) -> None:
        """Go to another entry."""
        if self.entries:
            self.number = self.entries[max(0, min(self._at + by, len(self.entries) - 1))].number
            self._drawing.redraw()

    def action_move_page(self, by: int) -> None:
        """Go further."""
        self.action_move(by * PAGE)

    def action_impulse(self) -> None:
        """Open the thresholds of the entry's impulse."""
        self._edit(undo=False)

    def action_take_back(self) -> None:
        """Show what undoing the entry would send."""
        self._edit(undo=True)

    def _edit(self, *, undo: bool) -> None:
        from eitui.tui.screens.thresholds import ThresholdEditor

        entry = self.chosen
        if entry is None:
            return
        if self._within is not None and entry.edit.impulse_id == self._within.impulse_id:
            if undo:
                self._within.undo_change(entry)
            self.action_back()
            return
        back = entry if undo else None
        self.app.push_screen(ThresholdEditor(self._keys, self.scene, entry.edit.impulse_id, undo=back))

    async def action_below(self, action: str) -> None:
        """Have the monitor do something; asking now reads back what is not settled, too."""
        if action == "app.poll":
            self._look()
            if self.scene.past is not None:
                return
        await super().action_below(action)
