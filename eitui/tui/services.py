"""What the app offers its screens, passed to each as one object, and what it tells them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from textual.message import Message

from eitui.domain.moment import SIMULATED_SERVICE, Moment
from eitui.feed.clock import Clock
from eitui.feed.events import Source
from eitui.feed.other_runs import OtherRuns
from eitui.tui.keys import Key
from eitui.tui.logs import Logs
from eitui.tui.view_state import ViewState

if TYPE_CHECKING:
    from eitui.domain.edit import Entry
    from eitui.feed.query import Start
    from eitui.thresholds.editor import Editor
    from eitui.thresholds.project import ProjectClient
    from eitui.view.run.run_list import ListedRun

ProjectOpener = Callable[[int], Awaitable["ProjectClient"]]
"""Opens the project with this id; called when something is first asked of it."""

Order = Callable[[], Sequence[str]]
"""Returns the ids of the things to go through, in their order."""


class OnMonitor(Protocol):
    """What the screens over the monitor have it do."""

    def select_trial(self, trial_id: str) -> object:
        """Put the cursor of the trial table on a trial."""

    def unmark(self, trial_id: str) -> None:
        """Mark a trial no longer."""

    def open_trial(self, trial_id: str, order: Order, reached: Callable[[str], object]) -> None:
        """Show everything about a trial; from it one goes to the others of `order`, of which `reached` is told."""

    def mark_trial(self, trial_id: str) -> object:
        """Mark a trial, or unmark it."""

    def open_comparison(self, trial_id: str | None) -> None:
        """Compare the marked trials, or this one with the best."""

    def copy_trial(self, trial_id: str) -> None:
        """Copy a trial's row."""

    def action_export(self) -> None:
        """Ask for a file to write the listed trials to."""

    def open_thresholds(
        self,
        impulse_id: int | None,
        *,
        trial_id: str | None = None,
        undo: "Entry | None" = None,
        then: Callable[[], object] | None = None,
    ) -> None:
        """Open the threshold editor, and do `then` when it is closed: the values may be others."""

    def open_journal(self, within: "Editor | None" = None) -> None:
        """Open the journal of changes, from an editor or not."""

    def action_impulses(self) -> None:
        """Open the project's impulses."""

    def add_trial(self, trial_id: str) -> None:
        """Ask whether to add a trial to the project as an impulse."""

    def cancel_job(self, job_id: int) -> None:
        """Ask whether to cancel a job."""


class Services:
    """One for the app.

    Attributes:
        keys: the table of keys, with the user's own.
        source: what is followed; None until it is open.
        project_id: the project that is watched; None until it is known.
        logs: the logs of trials.
        monitor: what the screens have the monitor do.
        show_run: shows another run of the list, at once, or goes back to the one that is watched.
        changed: brings all screens over the monitor up to date.

    """

    show_run: "Callable[[ListedRun], None]"
    monitor: OnMonitor
    changed: Callable[[], None]

    def __init__(
        self,
        keys: Sequence[Key],
        *,
        clock: Clock,
        view_state: ViewState,
        endpoint: str,
        unencrypted: bool = False,
        open_project: ProjectOpener | None = None,
        other_runs: OtherRuns | None = None,
    ) -> None:
        """`open_project` is None where there is nothing to be asked; `unencrypted`: the key travels in the clear."""
        self.keys = tuple(keys)
        self.clock, self.view_state = clock, view_state
        self.endpoint, self.unencrypted = endpoint, unencrypted
        self.simulated = endpoint == SIMULATED_SERVICE
        self.source: Source | None = None
        self.project_id: int | None = None
        self.other_runs = other_runs
        self._open_project = open_project
        self._project: ProjectClient | None = None
        self._opened_id: int | None = None
        self._opening = asyncio.Lock()

    def serve(self, monitor: OnMonitor, start: "Start", changed: Callable[[], None]) -> None:
        """Have `monitor` do what screens ask; `start` runs a worker, `changed` shows all screens what is new."""
        self.monitor, self.changed = monitor, changed
        self.logs = Logs(lambda: self.source, start, changed)

    def for_another_run(self) -> "Services":
        """Return the same for a monitor of another run, whose source is not open yet."""
        services = Services(
            self.keys,
            clock=self.clock,
            view_state=self.view_state,
            endpoint=self.endpoint,
            unencrypted=self.unencrypted,
            open_project=self._open_project,
            other_runs=self.other_runs,
        )
        services.show_run = self.show_run
        return services

    @property
    def live(self) -> bool:
        """Whether the service is followed, not a recording."""
        return self.source is None or self.source.live

    async def project(self) -> "ProjectClient":
        """Return the project that is watched, opened when it is first needed.

        Raises:
            EituiError: a recording is shown, the project is not known yet, or it cannot be opened.
        """
        from eitui.thresholds.errors import NoProject

        if self._open_project is None or not self.live:
            raise NoProject(
                "A recording holds nothing but the run", "Watch the run live to see its project's impulses."
            )
        project_id = self.project_id
        if project_id is None:
            raise NoProject("It is not known yet which project this is", "Try again when the service has answered.")
        async with self._opening:  # Two that ask at once are given the same.
            if self._project is None or self._opened_id != project_id:
                self._project, self._opened_id = await self._open_project(project_id), project_id
            return self._project

    async def close(self) -> None:
        """Close the project's connection."""
        if self._project is not None:
            await self._project.close()


class SourceOpened(Message):
    """It is known where moments come from."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source


class MomentArrived(Message):
    """There is something newer to show. A slow terminal skips the ones in between."""

    def __init__(self, moment: Moment) -> None:
        super().__init__()
        self.moment = moment

    def can_replace(self, message: Message) -> bool:
        """Let a newer moment take the place of an older one."""
        return isinstance(message, MomentArrived)


class CopyAsked(Message):
    """The user wants `text` on the clipboard; `about` is how the answer names it."""

    def __init__(self, text: str, about: str) -> None:
        super().__init__()
        self.text = text
        self.about = about
