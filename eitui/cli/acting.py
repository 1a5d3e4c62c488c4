"""Do something to a run or a trial from the command line: look, show, ask, send, read back."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import click

from eitui.api.log import id_to_ask
from eitui.cli.changing import check_may_change, impulse_numbered, opened_project, settle_actions, tell
from eitui.cli.logs import trial_called
from eitui.cli.options import WrongUsage, confirmed
from eitui.config import Settings
from eitui.domain.action import Action, ActionEntry, ActionKind
from eitui.domain.edit import Outcome
from eitui.domain.run import Run
from eitui.errors import ExitCode
from eitui.thresholds import action_messages as messages
from eitui.thresholds.act import ActionResult
from eitui.thresholds.forecast import plan_limits_of, training_s
from eitui.thresholds.journal import Journal
from eitui.thresholds.messages import CONSEQUENCE_OF_TEST, job
from eitui.thresholds.project import ProjectClient
from eitui.thresholds.send import SendStep


@dataclass(frozen=True)
class _Plan:
    action: Action
    consequences: Sequence[str]


_Planner = Callable[[ProjectClient], Awaitable[_Plan]]


def add_trial(settings: Settings, name: str, new_name: str, *, yes: bool, wait: bool) -> ExitCode:
    """Add a trial to the project as an impulse; return the command's exit code.

    Raises:
        ChangeError, ApiError, SettingsError, NoSuchJob: nothing was sent.
    """

    async def planned(project: ProjectClient) -> _Plan:
        trial = trial_called(name, await project.run())
        action = project.actor.action(ActionKind.ADD, id_to_ask(trial), trial.name or trial.id, new_name=new_name)
        await project.actor.prepare(action)
        return _Plan(action, messages.adding(await plan_limits_of(project), await training_s(project, trial)))

    return _act(settings, planned, yes=yes, wait=wait)


def extend_run(settings: Settings, *, yes: bool) -> ExitCode:
    """Extend the project's latest search; return the command's exit code.

    Raises:
        ChangeError, ApiError, SettingsError: nothing was sent.
    """

    async def planned(project: ProjectClient) -> _Plan:
        run = _begun(await project.run())
        action = project.actor.action(ActionKind.EXTEND, run.coordinator_job_id or 0, messages.run_title(run))
        await project.actor.prepare(action)
        return _Plan(action, messages.extending(run, await plan_limits_of(project)))

    return _act(settings, planned, yes=yes, wait=False)


def cancel_job(settings: Settings, job_id: int | None, *, yes: bool) -> ExitCode:
    """Cancel the project's latest run, or the job with this id; return the command's exit code.

    Raises:
        ChangeError, ApiError, SettingsError: nothing was sent.
    """

    async def planned(project: ProjectClient) -> _Plan:
        run = await project.run()
        # The coordinator's job is the run; the tuner's own is one of its parts.
        if job_id is not None and job_id != run.coordinator_job_id:
            action, consequences = _cancelling(project, job_id, f"job {job_id}"), messages.cancelling_job()
        else:
            _begun(run)
            title = f"the run {messages.run_title(run)}"
            action = _cancelling(project, job_id or run.coordinator_job_id or 0, title)
            consequences = messages.cancelling_run(run)
        await project.actor.prepare(action)
        return _Plan(action, consequences)

    return _act(settings, planned, yes=yes, wait=False)


def start_test(settings: Settings, impulse_id: int, *, yes: bool, wait: bool) -> ExitCode:
    """Start model testing of an impulse; return the command's exit code.

    Raises:
        ChangeError, ApiError, SettingsError: nothing was sent.
    """

    async def planned(project: ProjectClient) -> _Plan:
        impulse = impulse_numbered(await project.impulses(), impulse_id)
        action = project.actor.action(ActionKind.TEST, impulse_id, impulse.name)
        await project.actor.prepare(action)
        return _Plan(action, [CONSEQUENCE_OF_TEST])

    return _act(settings, planned, yes=yes, wait=wait)


def _cancelling(project: ProjectClient, job_id: int, name: str) -> Action:
    return project.actor.action(ActionKind.CANCEL, job_id, name)


def _begun(run: Run) -> Run:
    if run.coordinator_job_id is None:
        raise WrongUsage("This project has no tuner run yet", "Start one in the Studio.")
    return run


def _act(settings: Settings, planner: _Planner, *, yes: bool, wait: bool) -> ExitCode:
    async def planned(project: ProjectClient) -> _Plan:
        await settle_actions(project.actor)
        return await planner(project)

    check_may_change(settings, yes=yes)
    with opened_project(settings) as (loop, project):
        plan = loop.run(planned(project))
        action, consequence = plan.action, "\n".join(plan.consequences)
        if yes:
            click.echo(f"{messages.action_question(action)[:-1]}\n{consequence}", err=True)
        elif not confirmed(messages.action_question(action), consequence, messages.NOTHING):
            return ExitCode.FAILED
        try:
            return loop.run(_send(project, action, wait=wait))
        except KeyboardInterrupt:
            for entry in Journal(settings.journal).unsettled_actions(action.host, action.project_id):
                if entry.action.id == action.id:
                    _tell(entry)
            raise


async def _send(project: ProjectClient, action: Action, *, wait: bool) -> ExitCode:
    def reached(step: SendStep) -> None:
        if step is SendStep.ACCEPTED:
            tell("Accepted by the service, reading back…")

    result = await project.actor.send(action, reached)
    job_id = result.entry.report.job_id
    if not wait or job_id is None or not result.entry.outcome.applied:
        return _told(result)
    _tell(result.entry)
    code, text = ExitCode.OK, ""
    async for followed in project.follow_job(job_id):
        if (now := job(followed)) != text:
            text = now
            tell(text)
        if followed.over:
            code = ExitCode.FAILED if followed.job.successful is False else ExitCode.OK
            code = ExitCode.UNREACHABLE if followed.problem is not None else code
    return _told(await project.actor.read_back(result.entry), before=result.entry) or code


def _told(result: ActionResult, before: ActionEntry | None = None) -> ExitCode:
    """Say what became of an action: what was read back on stdout, all else on stderr; return the exit code.

    `before` is what was said of already.
    """
    entry = result.entry
    if before is None or entry.report != before.report:
        _tell(entry, result)
    if result.problem:
        tell(f"Afterwards: {result.problem}")
    report = entry.report
    found = report.found if report.seen else f"job {report.job_id}" if report.job_id is not None else ""
    if entry.outcome.applied:
        if found:
            click.echo(found)
        return ExitCode.OK
    return ExitCode.FAILED if entry.outcome is Outcome.SETTLED_OTHER else ExitCode.UNREACHABLE


def _tell(entry: ActionEntry, result: ActionResult | None = None) -> None:
    again, advice = (result.again_in_s, result.advice) if result is not None else (0.0, "")
    tell(
        f"Action {entry.number}: {messages.action_outcome(entry)}",
        f"{advice} {messages.action_advice(entry, again)}".strip(),
    )
