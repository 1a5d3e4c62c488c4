"""Why trials of a run failed: grouped by cause, and by the parameters that they share more than others do."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult

from eitui.analysis.failure import Cause, with_job_memory
from eitui.analysis.failure_groups import FailureGroup, failure_groups
from eitui.analysis.figures import FigureValue
from eitui.api.detail import parameters_of
from eitui.domain.trial import FAILED, Trial
from eitui.tui.keys import bindings
from eitui.tui.kit.lines import indented
from eitui.tui.kit.list import RowList
from eitui.tui.screens.overlay import Overlay, Scene
from eitui.tui.services import Services
from eitui.view.kit.keys import key_name, keyed
from eitui.view.kit.lines import Line, wrapped
from eitui.view.run.failures import Failed, FailureRow, failure_rows
from eitui.view.run.table import Deep


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
        return indented(wrapped(self._note[0], width - 2, self._note[1]))

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


_Parameters = Mapping[str, FigureValue]
Causes = Mapping[str, Cause]


class FailuresScreen(Overlay):
    """Reads the logs of the failed trials, a few at a time, and says what their failures have in common."""

    VIEW = "run.failures"
    GROUPS: ClassVar = ("Failures",)
    BINDINGS: ClassVar = bindings(*GROUPS)
    ALSO: ClassVar = ("run.logs",)
    AUTO_FOCUS = "#failures"

    def __init__(self, services: Services, scene: Scene) -> None:
        super().__init__(services, scene)
        self._logs = services.logs
        self._list = FailureList()
        self._parameters: Deep[_Parameters] = Deep(parameters_of, {})
        self._groups: tuple[FailureGroup, ...] = ()
        self._grouped: object = None
        """What `_groups` are of."""
        self._grouping = False

    def body(self) -> ComposeResult:
        """Lay out the list."""
        yield self._list

    def heading(self) -> Line:
        """Return how many failed."""
        trials = self.scene.moment.run.trials
        count = sum(trial.status == FAILED for trial in trials)
        return (("Failures", "title"), (f"  {count} of {len(trials)} trials failed", ""))

    @property
    def failed(self) -> tuple[Trial, ...]:
        """The failed trials of the scene."""
        return tuple(trial for trial in self.scene.moment.run.trials if trial.status == FAILED)

    def follow(self) -> None:
        """Bring the list up to date, and ask for the logs that it needs."""
        failed = self.failed
        self._logs.ask_all(failed)
        causes = {trial.id: self._cause(trial) for trial in failed if self._logs.is_read(trial)}
        if not causes and any(map(self._logs.problem, failed)):
            # Where no log can be had at all, the blocks are all there is.
            causes = {trial.id: self._cause(trial) for trial in failed}
        over = [trial for trial in self.scene.moment.run.trials if trial.over]
        # Failed trials that may yet belong to any group are not among those that a group is compared with.
        compared = [trial for trial in over if trial.status != FAILED or trial.id in causes]
        about = (tuple(causes.items()), tuple((trial.id, trial.payload.digest) for trial in compared))
        if about != self._grouped and not self._grouping:
            self._grouping = True
            self.run_worker(self._group(about, causes, compared))

        told = {trial.id: Failed(trial, self._cause(trial)) for trial in failed}
        groups, read = self._groups, sum(map(self._logs.is_read, failed))
        shown = (groups, tuple((one.trial.name, key, one.cause) for key, one in told.items()))
        state = f"{read} of {len(failed)} logs read" if read < len(failed) else ""
        self._list.show(shown, lambda width: failure_rows(groups, told, width), state=state, note=self._note(failed))

    def _cause(self, trial: Trial) -> Cause:
        return with_job_memory(self._logs.cause(trial), self.scene.moment.run.config.job_memory_mib)

    async def _group(self, about: object, causes: Causes, trials: Sequence[Trial]) -> None:
        """Group the failures in a thread: of some thousand trials it takes half a second."""
        try:
            self._groups = await asyncio.to_thread(
                lambda: failure_groups(causes, {trial.id: self._parameters.read(trial) for trial in trials})
            )
            self._grouped = about
        finally:
            self._grouping = False
        self.follow()

    def _note(self, failed: Sequence[Trial]) -> tuple[str, str]:
        """Return what stands above the list, and its tone."""
        moment = self.scene.moment
        if not failed and not moment.seen:
            return "Waiting for the first answer of the service.", "dim"
        if not failed and self.scene.past is not None:
            return "No trial had failed at the time shown.", "dim"
        if not failed:
            return ("No trial failed." if moment.run.finished else "No trial has failed so far."), "dim"
        problems = [problem for trial in failed if (problem := self._logs.problem(trial))]
        if not problems:
            return "", ""
        again = "" if self.scene.past is not None and not self.scene.past.live else keyed(" {feed.poll} asks again.")
        if all(map(self._logs.is_read, failed)):
            kept = f"{len(problems)} of {len(failed)} logs could not be reloaded; the earlier copies are shown"
            return f"{kept}: {problems[-1]}{again}", "warn"
        if self._logs.gave_up:
            return f"Logs cannot be read: {problems[-1]}{again}", "warn"
        return f"{len(problems)} of {len(failed)} logs could not be read: {problems[-1]}{again}", "warn"

    # Keys

    def action_move(self, by: int) -> None:
        """Move by trials."""
        self._list.move(by)

    def action_move_page(self, by: int) -> None:
        """Move by screenfuls."""
        self._list.move_page(by)

    def action_open_failed(self) -> None:
        """Show the trial that the cursor is on."""
        trial_id = self._list.cursor
        if trial_id is None or trial_id not in self._list.order:
            self.notify("No failed trial to open.", markup=False)
            return
        self._list.select_key(trial_id)
        self.services.monitor.open_trial(trial_id, lambda: self._list.order, self._list.select_key)

    def on_row_list_opened(self) -> None:
        """Open the trial that was clicked twice."""
        self.action_open_failed()

    def reload(self) -> bool:
        """Ask for the logs again that could not be had."""
        self._logs.forget_problems()
        self.follow()
        return True

    def on_unmount(self) -> None:
        """Leave the logs unread that nobody waits for any more."""
        self._logs.stop()
