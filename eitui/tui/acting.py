"""What starts or ends something on the service: each is shown with its consequence, and needs a yes.

The question is on the screen at once, so that no key that follows is taken for an answer; it takes yes only when the
service has told what it means.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from textual.screen import Screen

from eitui.api.errors import problem
from eitui.domain.run import Run
from eitui.domain.trial import Trial
from eitui.tui.kit.dialog import Confirm
from eitui.tui.services import Services

if TYPE_CHECKING:
    from eitui.domain.action import Action
    from eitui.thresholds.act import ActionResult
    from eitui.thresholds.project import ProjectClient

_Plan = Callable[["ProjectClient"], Awaitable[tuple["Action", list[str]]]]
"""Returns an action and what it means; raises EituiError where it cannot be done."""

GROUP = "acting"
"""The group of workers: what was agreed to goes on whatever screen is left."""


class Acting:
    """Asks, has it done, and says what became of it."""

    def __init__(self, services: Services, screen: Screen[None]) -> None:
        """`screen` is there as long as the app is: its workers do what was agreed to."""
        self._services, self._screen = services, screen
        self.sending = False
        """Whether an action was agreed to, and is not answered yet."""

    def add_trial(self, trial: Trial) -> None:
        """Ask whether to add a trial to the project as an impulse."""
        from eitui.thresholds import action_messages as messages
        from eitui.thresholds.forecast import plan_limits_of, training_s

        async def plan(project: "ProjectClient") -> tuple["Action", list[str]]:
            from eitui.api.log import id_to_ask
            from eitui.domain.action import ActionKind

            action = project.actor.action(ActionKind.ADD, id_to_ask(trial), trial.name or trial.id)
            await project.actor.prepare(action)
            return action, messages.adding(await plan_limits_of(project), await training_s(project, trial))

        self._ask(f"Add trial {trial.name or trial.id} to the project as an impulse?", "add", plan)

    def extend(self, run: Run) -> None:
        """Ask whether to extend a search."""
        from eitui.thresholds import action_messages as messages
        from eitui.thresholds.forecast import plan_limits_of

        async def plan(project: "ProjectClient") -> tuple["Action", list[str]]:
            from eitui.domain.action import ActionKind

            action = project.actor.action(ActionKind.EXTEND, run.coordinator_job_id or 0, messages.run_title(run))
            await project.actor.prepare(action)
            return action, messages.extending(run, await plan_limits_of(project))

        self._ask(f"Extend the search {messages.run_title(run)}?", "extend", plan)

    def cancel_run(self, run: Run) -> None:
        """Ask whether to cancel a run."""
        from eitui.thresholds import action_messages as messages

        title = f"the run {messages.run_title(run)}"
        self._cancel(run.coordinator_job_id or 0, title, messages.cancelling_run(run))

    def cancel_job(self, job_id: int) -> None:
        """Ask whether to cancel any other job."""
        from eitui.thresholds import action_messages as messages

        self._cancel(job_id, f"job {job_id}", messages.cancelling_job())

    def _cancel(self, job_id: int, title: str, consequences: list[str]) -> None:
        async def plan(project: "ProjectClient") -> tuple["Action", list[str]]:
            from eitui.domain.action import ActionKind

            action = project.actor.action(ActionKind.CANCEL, job_id, title)
            await project.actor.prepare(action)
            return action, consequences

        self._ask(f"Cancel {title}?", "cancel it", plan)

    def _ask(self, title: str, verb: str, plan: _Plan) -> None:
        dialog = Confirm(title, None, verb)
        found: list[tuple[ProjectClient, Action]] = []

        async def look() -> None:
            try:
                project = await self._services.project()
                action, consequences = await plan(project)
            except Exception as error:
                if dialog.is_attached and dialog.is_current:
                    dialog.dismiss(False)
                told = problem(error)
                self._say(f"{told.what}. {told.advice}".strip(), bad=True)
            else:
                found.append((project, action))
                dialog.tell(consequences)

        worker = self._screen.run_worker(look(), group=GROUP)

        def answered(yes: bool | None) -> None:
            worker.cancel()
            if yes and found:
                self._screen.run_worker(self._do(*found[0]), group=GROUP)

        self._screen.app.push_screen(dialog, answered)

    async def _do(self, project: "ProjectClient", action: "Action") -> None:
        from eitui.domain.action import ActionKind

        try:
            self.sending = True
            try:
                result = await project.actor.send(action)
            finally:
                self.sending = False
            self._tell(result)
            self._poll()
            job_id = result.entry.report.job_id
            follows = action.kind in (ActionKind.ADD, ActionKind.TEST)
            if not follows or job_id is None or not result.entry.outcome.applied:
                return
            async for followed in project.follow_job(job_id):
                if followed.over and followed.job.successful is False:
                    self._say(f"Job {job_id} failed: nothing came of it.", bad=True)
                    return
            self._tell(await project.actor.read_back(result.entry))
            self._poll()
        except Exception as error:
            told = problem(error)
            self._say(f"{told.what}. {told.advice}".strip(), bad=True)

    def _poll(self) -> None:
        """Have the service asked now: what was done shows in its state."""
        source = self._services.source
        if source is not None and source.live:
            source.wake()

    def _tell(self, result: "ActionResult") -> None:
        from eitui.thresholds.action_messages import action_outcome, brief

        entry = result.entry
        name = brief(entry)
        text = f"{name[0].upper()}{name[1:]}: {action_outcome(entry)} {result.problem}".strip()
        self._say(text, bad=not entry.outcome.applied)

    def _say(self, text: str, *, bad: bool = False) -> None:
        self._screen.app.notify(text, severity="warning" if bad else "information", markup=False)
