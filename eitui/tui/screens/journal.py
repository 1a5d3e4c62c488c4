"""The journal of changes and actions: what was sent from this machine, by whom, and what became of it."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult

from eitui.domain.action import ActionEntry
from eitui.domain.edit import Entry, Outcome
from eitui.thresholds import messages
from eitui.thresholds.act import ActionResult
from eitui.thresholds.action_messages import NO_UNDO
from eitui.thresholds.editor import Editor
from eitui.thresholds.errors import ChangeError
from eitui.thresholds.journal import JournalHistory
from eitui.thresholds.project import ProjectClient
from eitui.thresholds.send import Result
from eitui.tui.keys import bindings
from eitui.tui.kit.list import RowList
from eitui.tui.screens.overlay import Overlay, Scene
from eitui.tui.services import Services
from eitui.view.kit.lines import EMPTY_LINE, Line, joined, wrapped
from eitui.view.kit.page import query_note, query_state
from eitui.view.threshold import journal as view
from eitui.view.threshold.journal import JournalLine

_CONFIRMED_AT_MOST = 5
"""Actions that the service took and that are not seen to be done yet: each takes a request or two to look."""


class JournalScreen(Overlay):
    """Lists the project's changes and actions, first those with unknown outcome, which are read back."""

    GROUPS: ClassVar[tuple[str, ...]] = ("Journal",)
    BINDINGS: ClassVar = bindings(*GROUPS)

    def __init__(self, services: Services, scene: Scene, *, within: Editor | None = None) -> None:
        """`within`: the editor that this was opened from; a change of its impulse is undone there."""
        super().__init__(services, scene)
        self._within = within
        self._read = self.project_query(self._ask_journal)
        self._problems: dict[int, str] = {}
        """Why entries could not be settled, by their number."""
        self._list = _Journal(self._lines, self._below)

    def on_mount(self) -> None:
        """Read the journal, and settle what is not settled."""
        self.reload()

    def body(self) -> ComposeResult:
        """List and details are drawn together."""
        yield self._list

    def heading(self) -> Line:
        """Return how many there are, and how many of them are not settled."""
        read, state = self._read.answer, query_state(self._read, self.scene.today.mono)
        if read is None:
            return (("Journal of changes  ", "title"), (state, ""))
        open_ones, count = sum(not entry.outcome.settled for entry in read.entries), len(read.entries)
        return joined(
            [
                (("Journal of changes", "title"),),
                ((f"the last {count} of {read.total}" if read.total > count else f"{read.total}", ""),),
                ((f"{open_ones} not settled", "warn"),) if open_ones else None,
                ((state, "dim"),) if self._read.pending else None,
            ],
            "  ",
        )

    def follow(self) -> None:
        """Draw what there is."""
        read = self._read.answer
        self._list.show(view.ordered(read.entries) if read is not None else ())

    @property
    def chosen(self) -> JournalLine | None:
        """The entry under the cursor."""
        return self._list.chosen

    def _lines(self, entries: Sequence[JournalLine], at: int, width: int) -> Sequence[Line]:
        return view.rows(entries, at, self.scene.today.wall, width, len(entries))

    def _below(self, width: int) -> Sequence[Line]:
        """Return everything about the chosen entry, and what is wrong; without entries, why there are none."""
        read, chosen = self._read.answer, self.chosen
        texts = [query_note(self._read, self.scene.today.mono, "the journal")]
        if read is not None and read.unreadable:
            what, advice = messages.damage(read.unreadable)
            texts += [(what, "bad"), (advice, "")]
        problem: list[Line] = [((" ", ""), *line) for text, tone in texts for line in wrapped(text, width - 2, tone)]
        if read is None or chosen is None:
            return problem or view.empty(width)
        detail = view.detail(chosen, self.scene.today.wall, width, self._problems.get(chosen.number, ""))
        return [((" " + "─" * (width - 2), "dim"),), *detail, *problem]

    # Reading

    async def _ask_journal(self, project: ProjectClient) -> JournalHistory:
        """Return the entries; those that are not settled are read back, and shown meanwhile."""
        found = await project.history()
        self._problems = {}
        self._read.learn(found)
        wanting = [one for one in found.entries if isinstance(one, ActionEntry) and _accepted(one)]
        for entry in (*wanting[:_CONFIRMED_AT_MOST], *(one for one in found.entries if not one.outcome.settled)):
            if problem := await _settle(project, entry):
                self._problems[entry.number] = problem
        return await project.history()

    def reload(self) -> bool:
        """Read the journal again, and read back what is not settled."""
        self._read.refresh()
        return True

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

    def action_cancel_job(self) -> None:
        """Ask whether to cancel the job that the entry started."""
        entry = self._told()
        if entry is None:
            return
        if entry.report.job_id is None:
            self.notify("No job of this entry is known.", markup=False)
            return
        self.services.monitor.cancel_job(entry.report.job_id)

    def _told(self) -> JournalLine | None:
        """Return the entry under the cursor; say why there is none."""
        entry = self.chosen
        if entry is None:
            loading = self._read.answer is None and self._read.problem is None
            self.notify("The journal is not loaded yet." if loading else "No change to choose.", markup=False)
        return entry

    def _edit(self, *, undo: bool) -> None:
        entry = self._told()
        if entry is None:
            return
        if isinstance(entry, ActionEntry):
            self.notify(
                f"An action cannot be undone. {NO_UNDO}" if undo else "This action is about no threshold.", markup=False
            )
            return
        if self._within is not None and entry.edit.impulse_id == self._within.impulse_id:
            if undo:
                self._within.undo_change(entry)
            self.action_back()
            return
        self.services.monitor.open_thresholds(entry.edit.impulse_id, undo=entry if undo else None)


def _accepted(entry: ActionEntry) -> bool:
    """Return whether the service took an action that is not seen to be done yet."""
    return entry.outcome is Outcome.APPLIED and entry.report.seen is False


async def _settle(project: ProjectClient, entry: JournalLine) -> str:
    """Read back what became of an entry; return why it is not known yet, or nothing."""
    result: Result | ActionResult
    try:
        if isinstance(entry, Entry):
            result = await project.sender.settle(entry)
        else:
            result = await project.actor.read_back(entry)
    except ChangeError as error:
        return error.what
    if result.problem:
        return f"It could not be read back: {result.problem}."
    if result.again_in_s:
        return f"Read back: nothing can be said before {result.again_in_s:.0f} s have passed."
    return ""


class _Journal(RowList[int], can_focus=False):
    """A line an entry, the keys are their numbers; below, what is to be said of the one under the cursor."""

    TITLED = 0

    def __init__(
        self, lines: Callable[[Sequence[JournalLine], int, int], Sequence[Line]], below: Callable[[int], Sequence[Line]]
    ) -> None:
        """`lines` draws entries, the cursor on one of them, for a width; `below` what stands below them."""
        super().__init__("", "", id="journal")
        self._entries: Sequence[JournalLine] = ()
        self._lines, self._below = lines, below

    def show(self, entries: Sequence[JournalLine]) -> None:
        """Show these entries."""
        self._entries = entries
        self.redraw()

    @property
    def chosen(self) -> JournalLine | None:
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
