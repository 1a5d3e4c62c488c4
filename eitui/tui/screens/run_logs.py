"""The logs of the run's own jobs: the tuner's, which searches, and its coordinator's, which runs the workers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from eitui.domain.run import COORDINATOR, TUNER, RunJob
from eitui.tui.keys import Key, bindings, keys_over
from eitui.tui.kit.list import Pane
from eitui.tui.screens.overlay import Scene
from eitui.tui.screens.tabbed import LogReader
from eitui.tui.services import Services
from eitui.tui.widgets.log_pane import LogPane
from eitui.view.kit.keys import key_name
from eitui.view.kit.lines import Line


class RunLogsScreen(LogReader):
    """A tab for each job."""

    VIEW = "run.logs"
    GROUPS: ClassVar = ("Job logs", "Log")
    BINDINGS: ClassVar = bindings(*GROUPS)
    TABS: ClassVar = (TUNER, COORDINATOR)

    def __init__(self, services: Services, scene: Scene) -> None:
        super().__init__(services, scene, lambda: (), lambda _: None)
        self._panes: dict[str, Pane] = {
            role: LogPane(services.keys, key_name(f"jobs.{role}"), role.capitalize(), id=role) for role in self.TABS
        }

    @property
    def panes(self) -> Mapping[str, Pane]:
        """The panes by their ids."""
        return self._panes

    @property
    def logged(self) -> RunJob | None:
        """The job whose log is in sight; None where the service does not name it."""
        return next((job for job in self.scene.moment.run.jobs if job.role == self.tab), None)

    def footer_keys(self) -> Sequence[Key]:
        """Return what the footer shows."""
        keys = self.services.keys
        again = [replace(key, label="Reload", footer=5, past=(5, "Reload")) for key in keys if key.id == "feed.poll"]
        return [*keys_over(keys, *self.GROUPS), *again]

    def heading(self) -> Line:
        """Return whose logs these are."""
        run, job = self.scene.moment.run, self.logged
        named = run.config.name or "the run"
        return (("Logs of the run  ", "title"), (named, ""), (f"  job {job.id}" if job is not None else "", "dim"))

    def follow(self) -> None:
        """Bring the log in sight up to date."""
        job, pane = self.logged, self._here
        assert pane is not None  # noqa: S101 - every tab is a log
        if job is None:
            named = "No answer so far." if not self.scene.moment.seen else f"The service names no {self.tab} job."
            pane.show(None, gone=named)
            return
        self.ask_for_log(job, grows=not self.scene.moment.run.finished)
        pane.show(job, self._logs.log(job), problem=self._logs.problem(job), note=self.note_of_past)
