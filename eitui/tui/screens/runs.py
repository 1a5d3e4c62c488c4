"""The project's runs and the recordings, to open one of them."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult

from eitui.domain.run import RunRecord
from eitui.feed.query import Query
from eitui.feed.recording.catalogue import Catalogue, catalogue
from eitui.feed.recording.format import shown
from eitui.tui.keys import bindings
from eitui.tui.screens.overlay import Overlay, Scene
from eitui.tui.services import Services
from eitui.tui.widgets.run_pane import RunPane
from eitui.view.kit.keys import keyed
from eitui.view.kit.lines import Line, joined
from eitui.view.kit.page import query_note, query_state
from eitui.view.run.run_list import ListedRun, RunsShown, listed_runs


class RunsScreen(Overlay):
    """Asks for the runs, and looks for recordings, once, and again with the key that polls."""

    VIEW = "run.runs"
    GROUPS: ClassVar[tuple[str, ...]] = ("Runs",)
    BINDINGS: ClassVar = bindings(*GROUPS)
    AUTO_FOCUS = "#runs"

    def __init__(self, services: Services, scene: Scene) -> None:
        super().__init__(services, scene)
        self._asked: Query[tuple[RunRecord, ...]] = self.project_query(lambda project: project.runs())
        self._recorded = Query(self._recordings, self.asker)
        self._pane = RunPane(services.keys)
        self._of: tuple[object, ...] = ()
        self._listed: tuple[ListedRun, ...] = ()
        self._shown = RunsShown(0.0)

    async def _recordings(self) -> Catalogue:
        places = self.services.other_runs
        return Catalogue() if places is None else await asyncio.to_thread(lambda: catalogue(places.directory()))

    @property
    def _may_ask(self) -> bool:
        places = self.services.other_runs
        return places is not None and places.open_run is not None

    def body(self) -> ComposeResult:
        """Lay out the table."""
        yield self._pane

    def on_mount(self) -> None:
        """Ask for the runs, and look for recordings."""
        self.set_focus(self._pane)
        self.reload()

    def reload(self) -> bool:
        """Ask again, and look again."""
        if self._may_ask and self.services.live:
            self._asked.refresh()
        self._recorded.refresh()
        return True

    def heading(self) -> Line:
        """Return how many there are, and how old that is."""
        count = len(self._listed)
        told = f"{count} run{'s' * (count != 1)} and recordings" if self._recorded.answer is not None else ""
        state = query_state(self._asked, self.scene.today.mono) if self._may_ask else ""
        return joined([(("Runs", "title"),), ((told, ""),), ((state, "dim"),)], "  ")

    def show(self, scene: Scene) -> None:
        """Bring the screen up to date; the heading counts what is listed."""
        places = self.services.other_runs
        watched = scene.moment if scene.beside is None else scene.beside.moment
        host = places.host() if places is not None and self._may_ask else ""
        present = watched.run.coordinator_job_id if self._may_ask else None
        records, found = self._asked.answer, self._recorded.answer
        of = (records, found, host, watched.project_id, present)
        if of != self._of:
            self._of = of
            entries = () if found is None else found.entries
            self._listed = listed_runs(records, entries, host, watched.project_id, present)
        project_id = watched.project_id
        own_host = host or next((run.key.host for run in self._listed if run.key.project_id == project_id), "")
        self._shown = RunsShown(scene.today.wall, own_host, project_id)
        super().show(scene)

    def follow(self) -> None:
        """Show what was answered and found."""
        self._pane.show(self._listed, self._shown, self._notes(), self._why_empty(self._recorded.answer))

    def _notes(self) -> Sequence[tuple[str, str]]:
        notes: list[tuple[str, str]] = []
        if self._may_ask and self.services.live:
            notes.append(query_note(self._asked, self.scene.today.mono, "the runs of the project"))
        found = self._recorded.answer
        notes += [(f"{one.why}. {one.advice}".strip(), "warn") for one in (found.unreadable[:3] if found else ())]
        return notes

    def _why_empty(self, found: Catalogue | None) -> str:
        if found is None or (self._may_ask and self._asked.answer is None and self._asked.problem is None):
            return "Looking for recordings…"
        places = self.services.other_runs
        where = "" if places is None else f" in {shown(places.directory())}"
        if self._may_ask and self._asked.answer is not None:
            again = keyed("Start a search in the Studio; {feed.poll} asks again.")
            return f"The project has no tuner run, and there is no recording{where}. {again}"
        return f"There is no recording{where}."

    @property
    def filtered(self) -> RunPane:
        """The pane whose rows a filter narrows."""
        return self._pane

    # What the keys do

    def action_open_run(self) -> None:
        """Open the run that the cursor is on."""
        run = self._pane.selected
        if run is None:
            self.notify("No run is selected.", markup=False)
        elif run.key.run_id is None:
            self.notify("The service gives this run no number: it cannot be opened.", markup=False)
        else:
            super().action_back()
            self.services.show_run(run)

    def on_row_list_opened(self) -> None:
        """Open the run that was clicked twice."""
        self.action_open_run()

    def action_back(self) -> None:
        """Show all runs again; then go back."""
        if not self._pane.clear_filter():
            super().action_back()

    def action_move(self, by: int) -> None:
        """Move by runs."""
        self._pane.move(by)

    def action_move_page(self, by: int) -> None:
        """Move by screenfuls."""
        self._pane.move_page(by)
