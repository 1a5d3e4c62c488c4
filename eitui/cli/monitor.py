"""Open the monitor: what `watch` and `demo` have in common."""

import asyncio
import gc
import os
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click

from eitui.cli.options import WrongUsage
from eitui.config import Settings
from eitui.config.settings import state_path
from eitui.domain.text import did_you_mean

if TYPE_CHECKING:
    from eitui.feed.events import Source
    from eitui.feed.other_runs import OtherRuns
    from eitui.feed.recorded import RecordedSource
    from eitui.thresholds.project import ProjectClient
    from eitui.tui.screens.first_key import KeyTaker
    from eitui.tui.services import ProjectOpener


SIXTEEN_COLOURS = ("ansi-dark", "textual-ansi")
"""The theme where the terminal has 16 colours and the user chose none: the first that this Textual has."""


def check_theme(name: str, themes: Iterable[str]) -> None:
    """Refuse a theme that there is not; empty stands for the program's own.

    Raises:
        WrongUsage: none of `themes` has this name.
    """
    if name and name not in (known := sorted(themes)):
        raise WrongUsage(f"No theme is called {name}", did_you_mean(name, known, f"The themes are {', '.join(known)}."))


def open_monitor(
    connect: Callable[[], Settings],
    look: Settings,
    *,
    about: str = "",
    run_id: int | None = None,
    key_taker: "KeyTaker | None" = None,
) -> int:
    """Show the monitor on the live service until the user leaves; return the exit code.

    `connect` says where to ask: it is called, in a thread, when the first frame is on the screen. `look` says how the
    monitor behaves, and `about` what it watches, for showing. `run_id` is an earlier run; None: the present one.
    """
    from eitui.feed.other_runs import OtherRuns

    found: list[Settings] = []
    recorded: list[RecordedSource] = []

    def open_source() -> "Source":
        # Importing HTTP and the models takes some 200 ms, which the first frame does not wait for.
        from eitui.cli.connect import live_source, recorded_source

        found.append(connect())
        if not found[-1].record:
            return live_source(found[-1], run_id)
        recorded.append(recorded_source(found[-1], run_id))
        return recorded[-1]

    async def open_project(project_id: int) -> "ProjectClient":
        from eitui.cli.connect import project_client

        # In a thread for its imports, as with the source; it is only asked for once that is open.
        return await asyncio.to_thread(project_client, found[-1], project_id)

    def open_run(run_id: int) -> "Source":
        from eitui.cli.connect import live_source, recorded_source

        return (recorded_source if found[-1].record else live_source)(found[-1], run_id)

    code = show_monitor(
        open_source,
        look,
        about=about or look.host,
        open_project=open_project,
        unencrypted=not about and look.unencrypted,
        key_taker=key_taker,
        other_runs=OtherRuns(lambda: found[-1].recordings, lambda: found[-1].host, open_run),
    )
    # On stderr, as the screen was; and not of a recording that is gone with what it is about.
    if code == 0 and not about and recorded and (line := how_to_see_again(recorded[-1].kept)):
        click.echo(line, err=True)
    return code


def how_to_see_again(kept: tuple[int, int] | None) -> str:
    """Return what was recorded and the command that shows it; empty where nothing was.

    `kept`: see `eitui.feed.recorded.RecordedSource.kept`.
    """
    if kept is None:
        return ""
    run_id, polls = kept
    return f"Recorded {polls:,} poll{'s' * (polls != 1)} of run {run_id} · eitui replay {run_id}"


def show_monitor(
    open_source: "Callable[[], Source]",
    look: Settings,
    *,
    about: str,
    open_project: "ProjectOpener | None" = None,
    unencrypted: bool = False,
    other_runs: "OtherRuns | None" = None,
    key_taker: "KeyTaker | None" = None,
) -> int:
    """Show the monitor until the user leaves; return the exit code.

    `open_source` makes what is followed: it is called, in a thread, when the first frame is on the screen. `look` says
    how the monitor behaves, and `about` what it watches. `unencrypted` says that the API key can be read on the way to
    the service, `other_runs` where other runs are to be had.
    """
    from eitui.tui.terminal import check_terminal, drop_foreign_settings

    refusal = check_terminal(os.environ, sys.__stdin__, sys.__stderr__)
    if refusal:
        raise WrongUsage(f"The monitor cannot run: {refusal}")
    drop_foreign_settings(os.environ)
    from eitui.tui.app import MonitorApp
    from eitui.tui.ascii import needs_ascii
    from eitui.tui.attention import Wanted
    from eitui.tui.keys import check_keymap
    from eitui.tui.safe_app import run_app
    from eitui.tui.view_state import ViewState

    check_keymap(look.keys)

    async def opened() -> "Source":
        try:
            return await asyncio.to_thread(open_source)
        finally:
            gc.enable()  # `main` switched it off

    hooks = None
    if look.on:  # few users have programs to run: the first frame does not wait for this import
        from eitui.feed.hooks import Hooks, check_programs

        check_programs(look.on)
        hooks = Hooks(look.on, tell_problem=lambda line: app.tell_problem(line))
    app = MonitorApp(
        opened,
        endpoint=about,
        keymap=look.keys,
        wanted=Wanted(look.notify if look.bell is None else look.bell, look.notify, look.progress, look.title),
        hooks=hooks,
        view_state=ViewState(state_path() / "view.json"),
        open_project=open_project,
        unencrypted=unencrypted,
        other_runs=other_runs,
        key_taker=key_taker,
    )
    check_theme(look.theme, app.available_themes)
    named = next((name for name in SIXTEEN_COLOURS if name in app.available_themes), app.theme)
    # Of other themes a terminal of 16 colours shows the nearest ones, which may be one for several.
    app.theme = look.theme or (named if app.no_color or app.console.color_system == "standard" else app.theme)
    app.in_ascii = needs_ascii(os.environ) if look.ascii is None else look.ascii
    return run_app(app, mouse=look.mouse)
