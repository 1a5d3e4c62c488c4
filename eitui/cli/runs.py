"""`eitui runs`: the recordings here, or the runs of a project; `eitui runs delete` gets rid of recordings."""

import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eitui.analysis.durations import parse_duration
from eitui.cli import completing
from eitui.cli.options import (
    Group,
    WrongUsage,
    check_can_ask,
    confirmed,
    directory_of,
    reading,
    recordings_options,
    say_concern,
    setting_option,
    settings,
)
from eitui.config import Settings
from eitui.crash import run

if TYPE_CHECKING:
    from eitui.domain.run import RunRecord
    from eitui.feed.recording.catalogue import Catalogue

_NOTHING = "Nothing was deleted."


@click.group("runs", cls=Group, invoke_without_command=True, epilog="Example: eitui runs --json | jq length")
@click.option("--remote", is_flag=True, help="List the runs of the project on Edge Impulse, recorded or not.")
@recordings_options
@setting_option("endpoint")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array with one object per recording or run.")
@click.pass_context
def runs_command(
    context: click.Context,
    remote: bool,
    project_id: int | None,
    recordings: Path | None,
    config: Path | None,
    endpoint: str | None,
    as_json: bool,
) -> int:
    """List the recordings, latest run first; with --remote the project's runs and how each ended.

    Other commands take a recording by its run's number, by PROJECT-RUN, or by its file. With --run, `eitui`, `eitui
    status` and `eitui export` take a run of the project. Trials and the best one are told of runs that were recorded.

    Exit codes: 0 success; 2 a setting is wrong, or the directory cannot be read; 3 no answer, or refused.
    """
    if context.invoked_subcommand is not None:
        context.obj = (project_id, recordings, config)
        return 0
    if remote:
        return _remote(settings(config, project_id=project_id, endpoint=endpoint), recordings, as_json)
    from eitui.feed.recording.catalogue import catalogue
    from eitui.view.run.export import json_text
    from eitui.view.run.recordings import recordings_as_json, table

    directory = directory_of(recordings, config)
    found = catalogue(directory, project_id)
    if as_json:
        click.echo(json_text(recordings_as_json(found.entries), indent=2))
    else:
        click.echo(table(found.entries, time.time(), shutil.get_terminal_size().columns), nl=bool(found.entries))
    _say_unreadable(found)
    say_concern(directory)
    if found.closed and not found.entries:
        return 2
    if not found.entries and not found.unreadable:
        from eitui.feed.recording.format import shown

        whose = f" of project {project_id}" if project_id is not None else ""
        click.echo(f"No recordings{whose} in {shown(directory)}.", err=True)
        click.echo("`eitui` and `eitui record` make recordings.", err=True)
    return 0


def _remote(chosen: Settings, recordings: Path | None, as_json: bool) -> int:
    from eitui.feed.recording.catalogue import catalogue
    from eitui.view.run.export import json_text
    from eitui.view.run.run_list import RunsShown, listed_runs, runs_as_json, runs_table

    project_id, records = run(_records(chosen))
    found = catalogue(recordings or chosen.recordings, project_id)
    # Only what the service lists: a recording of another service's project of this number is not its own.
    listed = listed_runs(records, found.entries, chosen.host, project_id)
    listed = tuple(one for one in listed if one.record is not None)
    if as_json:
        click.echo(json_text(runs_as_json(listed), indent=2))
    else:
        shown = RunsShown(time.time(), chosen.host, project_id)
        click.echo(runs_table(listed, shown, shutil.get_terminal_size().columns), nl=bool(listed))
    if not listed:
        click.echo(f"Project {project_id} has no tuner run.", err=True)
    _say_unreadable(found)
    return 0


async def _records(chosen: Settings) -> "tuple[int, tuple[RunRecord, ...]]":
    """Return the project, and its runs as the service lists them.

    Raises:
        ApiError: the service could not be asked.
    """
    from eitui.api.run import only_project
    from eitui.cli.connect import client_of

    async with client_of(chosen) as client:
        project_id = chosen.project_id
        if project_id is None:
            project_id = only_project(await client.projects()).id
        return project_id, await client.optimize_runs(project_id)


def _say_unreadable(found: "Catalogue") -> None:
    for file in found.unreadable:
        click.echo(f"eitui: {file.why}", err=True)
        if file.advice:
            click.echo(f"       {file.advice}", err=True)


@runs_command.command(epilog="Example: eitui runs delete --older-than 30d --yes")
@click.argument("words", nargs=-1, metavar="[RUN]...", shell_complete=completing.recordings)
@click.option(
    "--older-than",
    "age_s",
    callback=reading(parse_duration),
    metavar="TIME",
    help="Recordings without changes for this time, such as 30d (default: those named).",
)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@recordings_options
@click.pass_context
def delete(
    context: click.Context,
    words: Sequence[str],
    age_s: float | None,
    yes: bool,
    project_id: int | None,
    recordings: Path | None,
    config: Path | None,
) -> int:
    """Delete recordings.

    RUN is a run's number, PROJECT-RUN, or a file in the recordings directory. A recording in use is never deleted.

    Exit codes: 0 deleted, or none is old enough; 1 you answered no; 2 no such recording, it is in use, or a directory
    cannot be read.
    """
    if not words and age_s is None:
        raise WrongUsage("No recording is named", "Give RUN, or --older-than 30d. `eitui runs` lists the recordings.")
    above = context.obj or (None, None, None)
    project_id = project_id if project_id is not None else above[0]
    directory = directory_of(recordings or above[1], config or above[2])
    paths, closed = _chosen(directory, words, age_s, project_id)
    if not paths:
        click.echo(f"No recording{' that can be read' * closed} is that old: nothing was deleted.", err=True)
        return 2 if closed else 0
    from eitui.feed.events import RecordingError
    from eitui.feed.recording.catalogue import entry_of, remove, size_of
    from eitui.view.kit.format import memory
    from eitui.view.run.recordings import described

    for path in paths:
        try:
            line = described(entry_of(path), time.time())
        except RecordingError as error:
            line = error.what
        click.echo(f"  {line}", err=True)
    count = "1 recording" if len(paths) == 1 else f"{len(paths)} recordings"
    what = f"{count} ({memory(sum(map(size_of, paths)))})"
    if not yes:
        check_can_ask("deletes", _NOTHING)
        if not confirmed(f"Delete {what}?", "A deleted recording cannot be brought back.", _NOTHING):
            return 1
    remove(paths)
    click.echo(f"Deleted {what}.", err=True)
    return 0


def _chosen(
    directory: Path, words: Sequence[str], age_s: float | None, project_id: int | None
) -> tuple[tuple[Path, ...], bool]:
    """Return the files that are meant, each once, and whether there may be more where nobody can look.

    Whose age is asked for and cannot be read is named on stderr.
    """
    from eitui.feed.recording.catalogue import catalogue, find_recording, last_written, recording_to_delete

    paths = [recording_to_delete(directory, find_recording(directory, word, project_id)) for word in words]
    if age_s is None:
        return tuple(dict.fromkeys(paths)), False
    found, limit = catalogue(directory, project_id), time.time() - age_s
    _say_unreadable(found)
    paths += [
        entry.path
        for entry in found.entries
        if not entry.being_recorded and (entry.summary.last or last_written(entry.path)) < limit
    ]
    return tuple(dict.fromkeys(paths)), bool(found.closed)
