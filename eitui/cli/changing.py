"""Change a threshold from the command line: read, show, ask, send, read back.

A command has one event loop and one connection. The question is asked outside the loop, where Ctrl+C ends it at once.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import click

from eitui.cli.connect import open_project
from eitui.cli.options import check_can_ask, confirmed
from eitui.config import Settings
from eitui.crash import tell_of_tasks, to_stderr
from eitui.domain.edit import Draft, Edit, Outcome
from eitui.domain.impulse import Impulse, ImpulseTable
from eitui.domain.threshold import Change, format_value, same
from eitui.errors import ExitCode
from eitui.thresholds import messages
from eitui.thresholds.act import Actor
from eitui.thresholds.action_messages import NO_UNDO, action_advice, action_outcome, brief
from eitui.thresholds.errors import ChangeError, Conflicted, JournalError, NoSuchThreshold, ReadOnly
from eitui.thresholds.journal import Journal
from eitui.thresholds.outcomes import parse_value, threshold_named
from eitui.thresholds.project import ProjectClient
from eitui.thresholds.send import Result, Sender, SendStep

_NOT_SENT = "Nothing was sent."


@dataclass(frozen=True)
class Manner:
    """How a change is made."""

    yes: bool
    """Whether it is sent without asking."""
    wait: bool
    """Whether a job that it starts is waited for."""


@contextmanager
def opened_project(settings: Settings) -> Iterator[tuple[asyncio.Runner, ProjectClient]]:
    """Yield the project, and the event loop that it is asked on."""
    with asyncio.Runner() as loop:
        loop.run(_tell_of_tasks())
        project = loop.run(open_project(settings))
        try:
            yield loop, project
        finally:
            loop.run(project.close())


async def _tell_of_tasks() -> None:
    tell_of_tasks(to_stderr)


def read_impulses(settings: Settings, impulse_id: int | None = None) -> Sequence[Impulse]:
    """Return the project's impulses, or the one with this id, having settled what was not.

    Their thresholds are also told as the answers about anomaly blocks have them.

    Raises:
        ApiError: the service could not be asked.
        NoSuchThreshold: there is no such impulse.
    """

    async def impulses(project: ProjectClient) -> Sequence[Impulse]:
        try:
            await _settle(project.sender)
            await settle_actions(project.actor)
        except ChangeError as error:  # looking does no harm, whatever the journal is like
            tell(error.what, error.guidance)
        table = await project.impulses()
        wanted = table.impulses if impulse_id is None else (impulse_numbered(table, impulse_id),)
        return [await project.with_anomalies(impulse) for impulse in wanted]

    with opened_project(settings) as (loop, project):
        return loop.run(impulses(project))


def change(
    settings: Settings, impulse_id: int, block_id: int, key: str, value: str, manner: Manner, *, regenerate: bool
) -> ExitCode:
    """Change one threshold to what was typed; return the command's exit code.

    Raises:
        ChangeError, ApiError, SettingsError: nothing was sent.
    """

    async def planned(project: ProjectClient) -> tuple[Edit, Draft] | None:
        await _settle(project.sender)
        impulse = impulse_numbered(await project.impulses(), impulse_id)
        threshold = threshold_named(impulse, block_id, key)
        new = parse_value(threshold, value)
        if same(threshold.value, new):
            now = format_value(threshold.value)
            click.echo(f"{threshold.ref.name} is {now} already: nothing was sent.", err=True)
            return None
        changes = [Change(threshold.ref, threshold.value, new)]
        edit = project.sender.edit(impulse_id, impulse.name, changes, regenerate=regenerate)
        return edit, Draft(threshold, new)

    check_may_change(settings, yes=manner.yes)
    with opened_project(settings) as (loop, project):
        plan = loop.run(planned(project))
        if plan is None:
            return ExitCode.OK
        edit, draft = plan
        return _agree_and_send(loop, project, edit, draft.warnings, settings, manner)


def undo_change(settings: Settings, number: int, manner: Manner) -> ExitCode:
    """Undo a change of the journal; return the command's exit code.

    Raises:
        ChangeError, ApiError, SettingsError: nothing was sent.
    """

    async def planned(project: ProjectClient) -> Edit:
        await _settle(project.sender)
        journal = Journal(settings.journal)
        entry = await asyncio.to_thread(journal.entry, number)
        if entry is None and await asyncio.to_thread(journal.action, number) is not None:
            raise NoSuchThreshold(f"Number {number} is an action, which cannot be undone", NO_UNDO, safe="")
        if entry is None:
            raise NoSuchThreshold(
                f"There is no change {number}", "`eitui thresholds log` shows those there are.", safe=""
            )
        edit = project.sender.undo(entry)
        if conflicts := await project.sender.prepare(edit):
            raise Conflicted(conflicts)
        return edit

    check_may_change(settings, yes=manner.yes)
    with opened_project(settings) as (loop, project):
        try:
            edit = loop.run(planned(project))
        except Conflicted as error:
            return _conflicted(error)
        return _agree_and_send(loop, project, edit, (), settings, manner)


def impulse_numbered(table: ImpulseTable, impulse_id: int) -> Impulse:
    """Return an impulse by its number.

    Raises:
        NoSuchThreshold: there is none.
    """
    impulse = table.impulse(impulse_id)
    if impulse is None:
        known = ", ".join(str(impulse.id) for impulse in table.impulses if impulse.id is not None) or "none"
        raise NoSuchThreshold(f"The project has no impulse {impulse_id} (its impulses: {known})", safe="")
    return impulse


def check_may_change(settings: Settings, *, yes: bool) -> None:
    """Refuse what would only fail at the end, before the service is asked anything."""
    if settings.read_only:
        raise ReadOnly(settings.origins.get("read_only", ""))
    if not yes:
        check_can_ask("sends", _NOT_SENT)


def _agree_and_send(
    loop: asyncio.Runner,
    project: ProjectClient,
    edit: Edit,
    warnings: Sequence[str],
    settings: Settings,
    manner: Manner,
) -> ExitCode:
    click.echo(f"Impulse {edit.impulse_id} {edit.impulse_name}".rstrip(), err=True)
    for item in edit.changes:
        click.echo(f"  {messages.diff(item)}", err=True)
    for warning in warnings:
        click.echo(f"  Odd: {warning}.", err=True)
    consequence = messages.consequence(edit.regenerate)
    if manner.yes:
        click.echo(consequence, err=True)
    elif not confirmed(messages.send_question(edit), consequence, _NOT_SENT):
        return ExitCode.FAILED
    try:
        return loop.run(_send(project, edit, manner))
    except Conflicted as error:
        return _conflicted(error)
    except KeyboardInterrupt:
        for entry in Journal(settings.journal).unsettled(edit.host, edit.project_id):
            if entry.edit.id == edit.id:
                tell(f"Change {entry.number}: {messages.outcome(entry)}", messages.outcome_advice(entry))
        raise


async def _send(project: ProjectClient, edit: Edit, manner: Manner) -> ExitCode:
    def reached(step: SendStep) -> None:
        if step is SendStep.ACCEPTED:
            tell("Accepted by the service, reading back…")

    result = await project.sender.send(edit, reached)
    _tell(result)
    if result.entry.outcome.applied and result.stored is not None:
        code = ExitCode.OK if result.matches else ExitCode.FAILED
    else:
        code = ExitCode.FAILED if result.entry.outcome is Outcome.SETTLED_OTHER else ExitCode.UNREACHABLE
    job_id, told = result.entry.report.job_id, ""
    if not manner.wait or job_id is None:
        return code
    async for followed in project.follow_job(job_id):
        text = messages.job(followed)
        if text != told:
            told = text
            tell(text)
        if followed.over and followed.problem is not None:
            return code or ExitCode.UNREACHABLE
        if followed.over:
            return code or (ExitCode.FAILED if followed.job.successful is False else ExitCode.OK)
    raise AssertionError("a job is followed until it is over")


def _tell(result: Result) -> None:
    """Say what became of a change: what was read back on stdout, all else on stderr."""
    entry, report = result.entry, result.entry.report
    advice = f"{result.advice} {messages.outcome_advice(entry, result.again_in_s)}".strip()
    tell(f"Change {entry.number}: {messages.outcome(entry)}", advice)
    if entry.outcome is Outcome.APPLIED:
        status = report.regenerate_status
        tell(messages.regenerated(status, report.job_id, report.had_results), messages.next_step(status))
    if result.problem:
        tell(f"Afterwards: {result.problem}")
    if entry.outcome.applied and result.matches is False:
        tell("Read back, the value is not the one that was sent.")
    for item, value in zip(entry.edit.changes, result.stored or (), strict=False):
        ref = item.ref
        click.echo(f"impulse {ref.impulse_id}, block {ref.block_id}, {ref.name}: {format_value(value)}")


async def _settle(sender: Sender) -> None:
    for entry in await sender.unsettled():
        with _reported(f"Change {entry.number} of impulse {entry.edit.impulse_id}") as say:
            result = await sender.settle(entry)
            say(messages.outcome(result.entry), messages.outcome_advice(result.entry, result.again_in_s))


async def settle_actions(actor: Actor) -> None:
    """Read back the actions with unknown outcome, and say what became of them.

    Raises:
        JournalError: the journal cannot be read or written.
    """
    for entry in await actor.unsettled():
        with _reported(f"Action {entry.number} ({brief(entry)})") as say:
            result = await actor.read_back(entry)
            say(action_outcome(result.entry), action_advice(result.entry, result.again_in_s))


@contextmanager
def _reported(name: str) -> Iterator[Callable[[str, str], None]]:
    """Say of the entry `name` what became of it, or why that is not known; only the journal's own errors go on."""
    try:
        yield lambda what, advice: tell(f"{name}: {what}", advice)
    except JournalError:
        raise
    except ChangeError as error:
        tell(f"{name}: {error.what}")


def _conflicted(error: Conflicted) -> ExitCode:
    tell(error.what, error.guidance)
    for conflict in error.conflicts:
        new, old, now = map(format_value, (conflict.change.new, conflict.change.old, conflict.now))
        ref = conflict.ref
        click.echo(f"  block {ref.block_id}, {ref.name}: it was {old}, is {now}, and was to be {new}", err=True)
    return ExitCode.FAILED


def tell(what: str, advice: str = "") -> None:
    """Say something on stderr, and what to do about it."""
    click.echo(f"eitui: {what}", err=True)
    if advice:
        click.echo(f"       {advice}", err=True)
