"""`eitui replay`: the monitor on a recording."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eitui.cli import completing
from eitui.cli.options import look_options, recordings_options, settings

if TYPE_CHECKING:
    from eitui.feed.events import Source


@click.command("replay", epilog="Example: eitui replay 79635056")
@click.argument("run", required=False, shell_complete=completing.recordings)
@recordings_options
@look_options
def replay_command(
    run: str | None, recordings: Path | None, config: Path | None, project_id: int | None, **flags: Any
) -> int:
    """Replay a recorded run, from any time and at any speed.

    RUN is a file, or a run as `eitui runs` lists it (default: the latest recording). No network is used, and the
    recording is not changed.
    """
    from eitui.cli.monitor import show_monitor
    from eitui.domain.text import clean
    from eitui.feed.other_runs import OtherRuns
    from eitui.feed.recording.catalogue import find_recording
    from eitui.feed.replay import ReplaySource

    look = settings(config, with_key=False, **flags)
    directory = recordings or look.recordings
    path = find_recording(directory, run, project_id)
    # Before the screen is taken: what is wrong with a file is said where the command was given.
    with closing(ReplaySource(path).open_recording()):
        pass

    def open_source() -> "Source":
        return ReplaySource(path)

    return show_monitor(open_source, look, about=clean(str(path)), other_runs=OtherRuns(lambda: directory))
