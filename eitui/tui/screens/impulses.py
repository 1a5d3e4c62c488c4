"""The project's impulses: what there is to compare them by, and what two of them differ in."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult

from eitui.analysis.compare import compare_impulses, different_data
from eitui.analysis.impulses import Listed
from eitui.domain.impulse import Impulse
from eitui.tui.keys import bindings
from eitui.tui.kit.lines import Drawing
from eitui.tui.kit.list import Window
from eitui.tui.screens.impulse import NOT_THEN, edit_thresholds, to_trial
from eitui.tui.screens.overlay import Overlay, Scene
from eitui.tui.services import Services
from eitui.tui.view_state import Forgotten
from eitui.tui.widgets.impulse_table import ImpulsePane
from eitui.view.kit.keys import keyed
from eitui.view.kit.lines import Line, joined
from eitui.view.kit.marks import mark
from eitui.view.kit.page import query_note, query_state
from eitui.view.kit.status import CAUTION
from eitui.view.run.columns import Arrangement
from eitui.view.run.compare import compare_table

_MOST_MARKED = 2
"""Impulses that are compared."""

EMPTY = "No impulses yet. Create one in the Studio, or from a trial of the tuner."


class ImpulsesScreen(Overlay):
    """Asks for the impulses once, and again with the key that polls."""

    VIEW = "run.impulses"
    GROUPS: ClassVar[tuple[str, ...]] = ("Impulses",)
    BINDINGS: ClassVar = bindings(*GROUPS)
    AUTO_FOCUS = "#impulses"

    def __init__(
        self,
        services: Services,
        scene: Scene,
        trial_id: str | None,
    ) -> None:
        """Begin on the impulse made from the trial `trial_id`, where there is one."""
        super().__init__(services, scene)
        self.marked: tuple[str, ...] = ()
        """Keys of the impulses marked for comparison, in the order of marking."""
        self._trial_id = trial_id
        self._asked = self.project_query(lambda project: project.impulses())
        self._pane = ImpulsePane(services.keys)

    def body(self) -> ComposeResult:
        """Lay out the table."""
        yield self._pane

    def on_mount(self) -> None:
        """Ask for the impulses."""
        # At once, not when there is time: keys that follow may be a filter.
        self.set_focus(self._pane)
        self.reload()

    def heading(self) -> Line:
        """Return how many there are, and how old that is."""
        table = self._asked.answer
        count = "" if table is None else f"{len(table.impulses)} of this project"
        asked = "" if table is None else query_state(self._asked, self.scene.today.mono)
        past = NOT_THEN if self.scene.past is not None and table is not None else ""
        return joined([(("Impulses", "title"),), ((count, ""),), ((asked, "dim"),), ((past, "warn"),)], "  ")

    def follow(self) -> None:
        """Show what was answered, and what must be known of it."""
        answer, keys = self._asked.answer, {item.key for item in self._pane.rows.all}
        if answer is not None and keys:
            self.marked = tuple(key for key in self.marked if key in keys)
        marks = {key: mark(place) for place, key in enumerate(self.marked)}
        note = query_note(self._asked, self.scene.today.mono, "the impulses")
        first = answer is not None and not self._pane.rows.columns
        self._pane.show(answer, marks, note, "" if note[0] else EMPTY)
        if first:
            # The columns that were kept, and the impulse that the trial was made into.
            rows = self._pane.rows
            try:
                self._pane.show_columns(self.services.view_state.impulse_columns(rows.usual))
            except Forgotten as lost:
                self._pane.show_columns(rows.usual)
                self.notify(lost.sentence, severity="warning", markup=False)
            made = [item for item in rows.items if self._trial_id and item.impulse.from_trial == self._trial_id]
            if made:
                self._pane.select_key(made[0].key)

    def reload(self) -> bool:
        """Ask for the impulses again."""
        self._asked.refresh()
        return True

    @property
    def filtered(self) -> ImpulsePane:
        """The pane whose rows a filter narrows."""
        return self._pane

    # Order and columns

    def action_sort(self) -> None:
        """Ask which column to sort by."""
        from eitui.tui.screens.columns import SortChoice

        rows = self._pane.rows
        if self._known():
            choices = [(column.key, column.title or "Marked") for column in rows.columns]
            self.app.push_screen(SortChoice(rows.sort.key if rows.sort else None, choices), self._sort_by)

    def _sort_by(self, choice: str | None) -> None:
        if choice is not None:
            self._pane.sort_by(choice or None, reverse=False)

    def action_reverse(self) -> None:
        """Sort the other way round."""
        rows = self._pane.rows
        self._pane.sort_by(rows.sort.key if rows.sort else None, reverse=not rows.reverse)

    def action_choose_columns(self) -> None:
        """Ask which columns to show."""
        from eitui.tui.screens.columns import ColumnsChoice

        pane = self._pane
        if self._known():
            titles = {column.key: column.title for column in pane.rows.columns}
            self.app.push_screen(
                ColumnsChoice(pane.arrangement, titles, self.services.keys, pane.rows.usual), self._arrange_columns
            )

    def _arrange_columns(self, choice: Arrangement | None) -> None:
        if choice is not None and choice != self._pane.arrangement:
            self._pane.show_columns(choice)
            self.run_worker(self._remember(choice), group="memory")

    async def _remember(self, choice: Arrangement) -> None:
        try:
            await asyncio.to_thread(self.services.view_state.keep_impulse_columns, choice)
        except Forgotten as error:
            self.notify(error.sentence, severity="warning", markup=False)

    def _known(self) -> bool:
        if self._asked.answer is None:
            self.notify("The impulses are not loaded yet.", markup=False)
        return self._asked.answer is not None

    # Marks

    def action_mark(self) -> None:
        """Mark the impulse, or unmark it, and go to the next; two at most."""
        item = self._pane.selected
        if item is None:
            return
        if item.key in self.marked:
            self.marked = tuple(key for key in self.marked if key != item.key)
        elif len(self.marked) == _MOST_MARKED:
            self.app.clear_notifications()  # A key that is held down would say it over and over.
            self.notify(
                keyed("At most two impulses can be marked: {impulses.mark} unmarks one, {impulses.unmark} both."),
                markup=False,
            )
            return
        else:
            self.marked = (*self.marked, item.key)
        self.follow()
        self._pane.move(1)

    def action_unmark_all(self) -> None:
        """Unmark both."""
        self.marked = ()
        self.follow()

    def action_compare(self) -> None:
        """Show what the two that are marked differ in, or one that is and the selected one."""
        from eitui.tui.screens.impulses import ImpulseComparison

        selected = self._pane.selected
        keys = list(self.marked)
        if len(keys) == 1 and selected is not None and selected.key not in keys:
            keys.append(selected.key)
        items = [item for key in keys if (item := self._pane.rows.item(key)) is not None]
        if len(items) < _MOST_MARKED:
            self.notify(keyed("Mark two impulses with {impulses.mark}, then press {impulses.compare}."), markup=False)
            return
        self.app.push_screen(ImpulseComparison(self.services, self.scene, [item.impulse for item in items]))

    # What opens over it

    def action_open_impulse(self) -> None:
        """Show everything about the impulse that the cursor is on."""
        from eitui.tui.screens.impulse import ImpulseScreen

        item = self._selected()
        if item is not None:
            pane = self._pane
            self.app.push_screen(
                ImpulseScreen(
                    self.services,
                    self.scene,
                    item.key,
                    self._asked,
                    order=lambda: [item.key for item in pane.rows.items],
                    reached=pane.select_key,
                ),
                lambda _: self.show(self.scene),
            )

    def action_thresholds(self) -> None:
        """Change the thresholds of the impulse that the cursor is on."""
        item = self._selected()
        if item is not None:
            edit_thresholds(self, item, self._asked)

    def action_trial(self) -> None:
        """Go to the trial that the impulse was made from."""
        item = self._selected()
        if item is not None:
            to_trial(self, item)

    @property
    def linked(self) -> tuple[str | None, int | None]:
        """The impulse under the cursor."""
        return None, self._pane.selected.impulse.id if self._pane.selected is not None else None

    def _selected(self) -> Listed | None:
        item = self._pane.selected
        if item is None:
            self.notify("No impulse is selected.", markup=False)
        return item

    def on_row_list_opened(self) -> None:
        """Open the impulse that was clicked twice."""
        self.action_open_impulse()

    # Moving

    def action_back(self) -> None:
        """Show all impulses again; then go back."""
        if not self._pane.clear_filter():
            super().action_back()

    def action_move(self, by: int) -> None:
        """Move by impulses."""
        self._pane.move(by)

    def action_move_page(self, by: int) -> None:
        """Move by screenfuls."""
        self._pane.move_page(by)

    def action_columns(self, by: int) -> None:
        """Bring other columns into sight."""
        self._pane.move_columns(by)


_DIFFERENT_DATA = "Different dataset versions: metrics may differ because of the data, not of the impulse."


class ImpulseComparison(Overlay):
    """A table of the parameters and metrics that are not the same for both."""

    VIEW = "run.impulses"
    BELONGS = True

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
            head = [*CAUTION.lines(_DIFFERENT_DATA, width), *head]
        return [*head, *self._window.windowed(body, height - len(head))]

    def action_move(self, by: int) -> None:
        """Scroll."""
        self._window.move(by)
        self._drawing.redraw()

    def action_move_page(self, by: int) -> None:
        """Scroll by screenfuls."""
        self.action_move(by * max(1, self._drawing.size.height - 3))
