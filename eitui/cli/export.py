"""`eitui export`: what was recorded, for other programs; or the recording itself, as one file to hand on."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eitui.cli import completing
from eitui.cli.options import Choice, directory_of, recordings_options, run_option, say_concern, settings
from eitui.crash import run

if TYPE_CHECKING:
    from eitui.domain.moment import Alert, Moment

KINDS = ("trials", "epochs", "events")
FORMATS = ("csv", "json")
STDOUT = Path("-")


_COLUMNS = (
    "Columns of trials: trial_id, trial_name, status, round, retries, worker_id, started_at, ended_at (as seen), "
    "epoch, epochs_seen, precision, val_accuracy, val_loss, within_limits, is_best; then by part of the data and "
    "precision validation_int8_accuracy and so on, by precision int8_latency_ms, int8_ram_bytes, int8_rom_bytes; "
    "then the hyper-parameters that differ in the run. Of epochs: trial_id, trial_name, attempt, phase, epoch, "
    "loss, val_loss, accuracy, val_accuracy, source (poll or log), seen_at. Of events: at, until (of a gap), kind, "
    "trial_id, trial_name, text. Accuracies are fractions 0..1, times are ISO 8601 in UTC, an unknown value is an "
    "empty cell or null. A text that a spreadsheet would take for a formula gets an apostrophe before it."
)


@click.command("export", epilog=f"{_COLUMNS} Example: eitui export epochs 79635056 --output epochs.csv")
@click.argument("words", nargs=-1, metavar="[trials|epochs|events] [RUN]", shell_complete=completing.of_tables(KINDS))
@click.option(
    "--format", "form", type=Choice(FORMATS), help="Output format (default: by the suffix of --output, else csv)."
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE",
    default=STDOUT,
    help="Output file (default: -, which is stdout).",
)
@click.option(
    "--recording",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE",
    help="Export the whole recording as one file (default: a table of it).",
)
@run_option
@recordings_options
def export_command(
    words: Sequence[str],
    form: str | None,
    output: Path,
    recording: Path | None,
    run_id: int | None,
    project_id: int | None,
    recordings: Path | None,
    config: Path | None,
) -> int:
    """Export trials (the default), epochs or events of a recorded run as CSV or JSON.

    RUN is a run's number, PROJECT-RUN, or a file (default: the latest run). --recording exports the recording itself
    as one complete file, even while it is being recorded. --run reads a run of the project from Edge Impulse instead:
    of each trial it has the latest epoch alone.

    Exit codes: 0 success; 2 no such recording, or the file cannot be written; 3 with --run: no answer, or refused.
    """
    kind = words[0] if words and words[0] in KINDS else None
    rest = words[1:] if kind else words
    if len(rest) > 1 or (kind and rest and rest[0] in KINDS):
        raise click.UsageError(f"Expected [{'|'.join(KINDS)}] [RUN], not {' '.join(words)!r}.")
    if recording == STDOUT:
        raise click.UsageError("--recording needs a file name, not -.")
    if recording is not None and (kind or form or output != STDOUT):
        raise click.UsageError("--recording exports the whole recording: combine it with RUN only.")
    suffix = output.suffix.lower().removeprefix(".")
    form = form or (suffix if suffix in FORMATS else FORMATS[0])
    if run_id is not None:
        if rest or recording is not None:
            raise click.UsageError("--run reads a run from Edge Impulse: leave out RUN and --recording.")
        from eitui.cli.connect import live_source

        moment = run(live_source(settings(config, project_id=project_id), run_id).once())
        _write(moment, moment.alerts, (), kind or KINDS[0], form, output)
        return 0
    from eitui.feed.recording.catalogue import find_recording

    directory = directory_of(recordings, config)
    say_concern(directory)
    path = find_recording(directory, rest[0] if rest else None, project_id)
    if recording is not None:
        _share(path, recording)
    else:
        _write_recorded(path, kind or KINDS[0], form, output)
    return 0


def _write_recorded(path: Path, kind: str, form: str, output: Path) -> None:
    from eitui.feed.recording.reader import RecordingReader

    recorded = RecordingReader.open(path)
    try:
        moment = recorded.last_moment()
        alerts = tuple(recorded.alerts()) if kind == "events" else ()
        lost = tuple(recorded.lost)
    finally:
        recorded.close()
    _write(moment, alerts, lost, kind, form, output)


def _write(
    moment: "Moment", alerts: "Sequence[Alert]", lost: Sequence[str], kind: str, form: str, output: Path
) -> None:
    from eitui.config.files import write
    from eitui.view.run import export as view
    from eitui.view.run.table import Depths

    if kind == "trials":
        table = view.trials(moment, Depths().read)
    elif kind == "epochs":
        table = view.epochs(moment)
    else:
        table = view.events_table(alerts, moment)
    content = (view.table_as_json(table) if form == "json" else view.as_csv(table)).encode()
    if output == STDOUT:
        click.echo(content, nl=False)
    else:
        write(output, content)
    for line in lost:
        click.echo(f"eitui: {line}", err=True)
    if output != STDOUT:
        note = _counted(len(table.rows), kind.removesuffix("s"))
        if kind == "epochs":
            note = f"{note} of {_counted(len({row[0] for row in table.rows}), 'trial')}"
        _say(note, output)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"


def _share(path: Path, target: Path) -> None:
    import sqlite3

    from eitui.config.files import NotWritten, replacing, why_not_written
    from eitui.feed.recording.catalogue import check_replaceable, copy, entry_of, size_of
    from eitui.view.kit.format import memory

    entry = entry_of(path)
    try:
        with replacing(target) as new:
            check_replaceable(target, path)
            copy(path, new)
    except sqlite3.Error as error:
        raise NotWritten(target, why_not_written(error)) from None
    _say(f"{entry.name} ({memory(size_of(target))})", target)


def _say(what: str, target: Path) -> None:
    from eitui.feed.recording.format import shown

    click.echo(f"{what} → {shown(target)}", err=True)
