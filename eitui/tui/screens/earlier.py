"""The monitor of an earlier run, over that of the run that is watched."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from eitui.analysis.beside import RunBeside
from eitui.analysis.ranking import ranked
from eitui.api.errors import problem
from eitui.domain.moment import Moment
from eitui.feed.events import PollFailed, Source
from eitui.feed.replay import ReplaySource
from eitui.feed.track import fold, track
from eitui.tui.keys import Key, bindings
from eitui.tui.screens.monitor import Monitor
from eitui.tui.services import MomentArrived, SourceOpened
from eitui.view.kit.lines import EMPTY_LINE, Line
from eitui.view.kit.status import CAUTION
from eitui.view.run.header import best_trials_line
from eitui.view.run.run_list import ListedRun

SOURCE = "source"
"""The group of the worker that follows the run, which does not end."""


class EarlierMonitor(Monitor):
    """Shows an earlier run, read from the service or from its recording; the one below goes on meanwhile."""

    BINDINGS: ClassVar = bindings("Over the monitor")

    def __init__(self, watched: Monitor, run: ListedRun) -> None:
        """`watched` is the monitor below, of the run that is watched."""
        services = watched.services
        super().__init__(services.for_another_run())
        # What was agreed to goes on when this is closed.
        self.acting = watched.acting
        self.travel.earlier = True
        self.run, self._watched = run, watched
        self._host = services.other_runs.host() if services.other_runs is not None else ""

    def on_mount(self) -> None:
        """Open the run."""
        self.run_worker(self._open())

    async def on_unmount(self) -> None:
        """Close what asks its project."""
        await self.services.close()

    def _source(self) -> Source:
        places, run = self.services.other_runs, self.run
        if run.record is not None and run.key.run_id is not None and places is not None and places.open_run is not None:
            return places.open_run(run.key.run_id)
        assert run.recording is not None  # noqa: S101 - else it would not be listed
        return ReplaySource(run.recording.path)

    async def _open(self) -> None:
        try:
            source = self.services.source = await asyncio.to_thread(self._source)
        except Exception as error:
            self._failed(error)
            return
        self.post_message(SourceOpened(source))
        self.run_worker(self._follow(source), group=SOURCE)

    async def _follow(self, source: Source) -> None:
        """Show what the source says, until this is closed."""
        try:
            async for step in track(source):
                self.services.project_id = step.moment.project_id
                self.post_message(MomentArrived(step.moment))
        except Exception as error:
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        failed = PollFailed(self.services.clock.now(), replace(problem(error), final=True), None)
        self.post_message(MomentArrived(fold(self.travel.moment, failed).moment))

    # What is beside it

    def _live(self) -> Moment:
        return self._watched.travel.moment

    @property
    def _same_project(self) -> bool:
        project_id = self._live().project_id
        return self.run.key.project_id == project_id and self._host in ("", self.run.key.host)

    def beside(self) -> RunBeside | None:
        """Return the run that is watched; a run of another project is compared with none."""
        return RunBeside(self._live()) if self._same_project and self._live().seen else None

    def note(self) -> Line:
        """Return the best trials of the run that is watched, or that this is a run of another project."""
        if not self._same_project:
            key = self.run.key
            told = f"Recording of project #{key.project_id} on {key.host}, not of the one that is watched"
            return ((" ", ""), CAUTION.says(told))
        line = best_trials_line(ranked(self._live()), 10_000)
        return ((" live run:", "dim"), *line) if line else EMPTY_LINE

    # Keys

    def footer_keys(self) -> Sequence[Key]:
        """Return the keys that the footer may show: those that quit go back to the run that is watched."""
        back = [
            replace(key, label="Live run", footer=0, past=(0, "")) if key.id == "app.quit" else key
            for key in super().footer_keys()
        ]
        over = [key for key in self.services.keys if key.id == "over.back"]
        return [*back, *(replace(key, label="Live run", footer=2, past=(2, "Live run")) for key in over)]

    def action_back(self) -> None:
        """Go back to all panes and all trials; from there, to the run that is watched."""
        if self.pane == "trials" and not self.zoomed and not self.has_filter:
            self.app.clear_notifications()
            self.dismiss(None)
        else:
            super().action_back()
