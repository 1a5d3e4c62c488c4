"""Change a threshold from the command line: read, show, ask, send, read back."""

import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from eitui.analysis.oddity import warnings
from eitui.change import words
from eitui.change.errors import ChangeError, Conflicted, JournalError, NoSuchThreshold, ReadOnly
from eitui.change.jobs import follow_job
from eitui.change.journal import Journal
from eitui.change.judge import shown
from eitui.change.send import Owner, Result, Sender
from eitui.change.service import ApiService
from eitui.change.typed import threshold_named, typed
from eitui.change.who import local_user
from eitui.cli.exit_code import ExitCode
from eitui.config import Settings
from eitui.crash import run
from eitui.domain.edit import Edit, Outcome
from eitui.domain.editing import Draft
from eitui.domain.impulse import Impulse, ImpulseTable
from eitui.domain.threshold import Change, same

T = TypeVar("T")


@dataclass(frozen=True)
class Manner:
    """How a change is made."""

    yes: bool
    """Whether it is sent without asking."""
    wait: bool
    """Whether a job that it starts is waited for."""


@dataclass(frozen=True)
class Wish:
    """What is to be changed, as it was typed."""

    impulse_id: int
    block_id: int
    key: str
    value: str
    regenerate: bool = False


@dataclass(frozen=True)
class _Plan:
    edit: Edit
    odd: tuple[str, ...] = ()
    """What is odd about the new value."""


@dataclass(frozen=True)
class _Session:
    service: ApiService
    sender: Sender


@asynccontextmanager
async def _session(settings: Settings, project_id: int | None = None) -> AsyncIterator[_Session]:
    from eitui.cli.connect import client_of

    async with client_of(settings) as client:
        project = settings.project_id if project_id is None else project_id
        if project is None:
            from eitui.api.run import only_project

            project = only_project(await client.projects()).id
        service = ApiService(client, project)
        origin = settings.origins.get("read_only", "a setting") if settings.read_only else None
        owner = Owner(settings.host, project, local_user(), origin)
        yield _Session(service, Sender(service, Journal(settings.journal), owner))


def read(settings: Settings) -> ImpulseTable:
    """Return the project's impulses, having settled what was not.

    Raises:
        ApiError: the service could not be asked.
    """

    async def work() -> ImpulseTable:
        async with _session(settings) as session:
            try:
                await _settle(session.sender)
            except ChangeError as error:  # looking does no harm, whatever the journal is like
                _say(error.what, error.advice)
            return await session.service.impulses()

    return run(work())


def change(settings: Settings, wish: Wish, manner: Manner) -> ExitCode:
    """Change one threshold; return the command's exit code.

    Raises:
        ChangeError, ApiError, SettingsError: nothing was sent.
    """

    async def plan() -> _Plan | None:
        async with _session(settings) as session:
            await _settle(session.sender)
            return _plan(session.sender, impulse_numbered(await session.service.impulses(), wish.impulse_id), wish)

    _check(settings, manner)
    planned = run(plan())
    return ExitCode.OK if planned is None else _agree_and_send(settings, planned, manner)


def take_back(settings: Settings, number: int, manner: Manner) -> ExitCode:
    """Take a change of the journal back; return the command's exit code.

    Raises:
        ChangeError, ApiError, SettingsError: nothing was sent.
    """

    async def plan() -> Edit:
        async with _session(settings) as session:
            await _settle(session.sender)
            entry = Journal(settings.journal).entry(number)
            if entry is None:
                raise NoSuchThreshold(f"There is no change {number}", "`eitui thresholds log` shows those there are.")
            edit = session.sender.undo(entry)
            if conflicts := await session.sender.prepare(edit):
                raise Conflicted(conflicts)
            return edit

    _check(settings, manner)
    try:
        edit = run(plan())
    except Conflicted as error:
        return _conflicted(error)
    return _agree_and_send(settings, _Plan(edit), manner)


def impulse_numbered(table: ImpulseTable, impulse_id: int) -> Impulse:
    """Return an impulse by its number.

    Raises:
        NoSuchThreshold: there is none.
    """
    impulse = table.impulse(impulse_id)
    if impulse is None:
        known = ", ".join(str(impulse.id) for impulse in table.impulses if impulse.id is not None) or "none"
        raise NoSuchThreshold(f"The project has no impulse {impulse_id} (its impulses: {known})")
    return impulse


def _check(settings: Settings, manner: Manner) -> None:
    """Refuse what would only fail at the end, before the service is asked anything."""
    if settings.read_only:
        raise ReadOnly(settings.origins.get("read_only", ""))
    if not manner.yes and (sys.stdin is None or not sys.stdin.isatty()):
        raise click.UsageError("There is no terminal to ask on: --yes sends without asking. Nothing was sent.")


def _plan(sender: Sender, impulse: Impulse, wish: Wish) -> _Plan | None:
    threshold = threshold_named(impulse, wish.block_id, wish.key)
    new = typed(threshold, wish.value)
    if same(threshold.value, new):
        click.echo(f"{threshold.ref.name} is {shown(threshold.value)} already: nothing was sent.", err=True)
        return None
    changes = [Change(threshold.ref, threshold.value, new)]
    edit = sender.edit(wish.impulse_id, impulse.name, changes, regenerate=wish.regenerate)
    return _Plan(edit, warnings(Draft(threshold, new)))


def _agree_and_send(settings: Settings, plan: _Plan, manner: Manner) -> ExitCode:
    edit = plan.edit
    click.echo(f"Impulse {edit.impulse_id} {edit.impulse_name}".rstrip(), err=True)
    for item in edit.changes:
        click.echo(f"  {words.diff(item)}", err=True)
    for odd in plan.odd:
        click.echo(f"  Odd: {odd}.", err=True)
    click.echo(words.consequence(edit.regenerate), err=True)
    if not manner.yes and not _agreed():
        click.echo("Nothing was sent.", err=True)
        return ExitCode.FAILED
    try:
        return _run(settings, edit, _send(settings, edit, manner))
    except Conflicted as error:
        return _conflicted(error)


def _agreed() -> bool:
    try:
        return click.confirm("Send it?", err=True)
    except click.Abort:
        click.echo("\nNothing was sent.", err=True)  # on a line of its own: the cursor is still behind the question
        raise


def _run(settings: Settings, edit: Edit, work: Coroutine[Any, Any, T]) -> T:
    try:
        return run(work)
    except KeyboardInterrupt:
        unsettled = Journal(settings.journal).unsettled(edit.host, edit.project_id)
        for entry in unsettled:
            if entry.edit.id == edit.id:
                _say(f"Change {entry.number}: {words.outcome(entry)}", words.advice(entry))
        raise


async def _send(settings: Settings, edit: Edit, manner: Manner) -> ExitCode:
    async with _session(settings, edit.project_id) as session:
        result = await session.sender.send(edit)
        _tell(result)
        job_id = result.entry.report.job_id
        waited = await _wait(session.service, job_id) if manner.wait and job_id is not None else ExitCode.OK
        return _code(result) or waited


def _tell(result: Result) -> None:
    """Say what became of a change: what was read back on stdout, all else on stderr."""
    entry, report = result.entry, result.entry.report
    _say(f"Change {entry.number}: {words.outcome(entry)}", words.advice(entry, result.again_in_s))
    if entry.outcome is Outcome.APPLIED:
        _say(words.regenerated(report.regenerate_status, report.job_id), words.next_step(report.regenerate_status))
    if result.problem:
        _say(f"Afterwards: {result.problem}")
    if entry.outcome.applied and result.matches is False:
        _say("Read back, the value is not the one that was sent.")
    for item, value in zip(entry.edit.changes, result.stored or (), strict=False):
        click.echo(f"impulse {item.ref.impulse_id}, block {item.ref.block_id}, {item.ref.name}: {shown(value)}")


def _code(result: Result) -> ExitCode:
    if result.entry.outcome.applied and result.stored is not None:
        return ExitCode.OK if result.matches else ExitCode.FAILED
    return ExitCode.FAILED if result.entry.outcome is Outcome.SETTLED_OTHER else ExitCode.UNREACHABLE


async def _wait(service: ApiService, job_id: int) -> ExitCode:
    told = ""
    async for followed in follow_job(service, job_id):
        said = words.job(followed)
        if said != told:
            told = said
            _say(said)
        if followed.over and followed.problem is not None:
            return ExitCode.UNREACHABLE
        if followed.over:
            return ExitCode.FAILED if followed.job.successful is False else ExitCode.OK
    raise AssertionError("a job is followed until it is over")


async def _settle(sender: Sender) -> None:
    for entry in await sender.unsettled():
        try:
            result = await sender.settle(entry)
        except JournalError:
            raise
        except ChangeError as error:
            _say(f"Change {entry.number} of impulse {entry.edit.impulse_id}: {error.what}")
            continue
        _say(
            f"Change {entry.number} of impulse {entry.edit.impulse_id}: {words.outcome(result.entry)}",
            words.advice(result.entry, result.again_in_s),
        )


def _conflicted(error: Conflicted) -> ExitCode:
    _say(error.what, error.advice)
    for conflict in error.conflicts:
        new, old, now = map(shown, (conflict.change.new, conflict.change.old, conflict.now))
        ref = conflict.ref
        click.echo(f"  block {ref.block_id}, {ref.name}: it was {old}, is {now}, and was to be {new}", err=True)
    return ExitCode.FAILED


def _say(what: str, advice: str = "") -> None:
    click.echo(f"eitui: {what}", err=True)
    if advice:
        click.echo(f"       {advice}", err=True)
