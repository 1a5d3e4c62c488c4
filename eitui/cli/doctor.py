"""`eitui doctor`: what is configured, whether the service answers, what this terminal can do."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Any

import click

import eitui
from eitui.cli.config import LABEL, check, settings_lines
from eitui.cli.options import connection_options
from eitui.cli.options import settings as load_settings
from eitui.config import Settings
from eitui.config.endpoint import present_route, trust
from eitui.config.settings import state_path
from eitui.crash import run
from eitui.domain.text import clean
from eitui.errors import EituiError
from eitui.storage.directory import concern
from eitui.view.kit.cells import fit
from eitui.view.kit.status import CAUTION, DONE, FAULT

CLOCK_ERROR_S = 60.0
"""Seconds by which this machine's clock may differ from the service's before it is named."""

INDIRECT = ("httpcore", "rich", "socksio")
"""Packages that the dependencies need and on which errors often depend; the last is the extra `socks`."""

CLOCK_ADVICE = "Ages and times left are still correct; set the clock to correct times of day."


@click.command("doctor", epilog="Example: eitui doctor --project 12345")
@connection_options
def doctor_command(config: Path | None, **flags: Any) -> int:
    """Check settings (with their origin), connection and terminal.

    Also shows the versions in use and where the log is. The API key is never shown.

    Exit codes: 0 success; 2 a setting is missing or wrong; 3 the service was unreachable or refused.
    """
    _versions()
    try:
        _check(config, flags)
        code = 0
    except EituiError as error:
        _bad(error.what, error.advice)
        code = error.exit_code
    _terminal()
    return code


def _bad(what: str, advice: str) -> None:
    click.echo(f"  {FAULT.sign} {what}")
    if advice:
        click.echo(f"    {advice}")


def _check(config: Path | None, flags: dict[str, Any]) -> None:
    """Say what is set, and whether the service answers.

    Raises:
        SettingsError: a setting is wrong or missing.
        ApiError: the service was unreachable, or refused.
    """
    click.echo("Settings")
    settings = load_settings(config, require_key=False, warn=False, **flags)
    for line in settings_lines(settings):
        click.echo(f"  {line}")
    if settings.file is not None:
        there = "is read" if settings.file.exists() else "does not exist; none is needed"
        click.echo(f"  {fit('file', LABEL)} {clean(str(settings.file))} {there}")
    state = state_path()
    click.echo(f"  {fit('state', LABEL)} {clean(str(state))}{'' if state.is_dir() else ' does not exist yet'}")
    # What the environment makes of the way to the service.
    way = present_route(settings.endpoint)
    click.echo(f"  {fit('proxy', LABEL)} {way.shown:44} {way.origin}")
    if settings.endpoint.startswith("https://"):
        trusted = trust(os.environ)
        click.echo(f"  {fit('certificates', LABEL)} {trusted.shown:44} {trusted.origin}")
    for what in (*map(concern, (settings.recordings, settings.journal.parent)), *settings.warnings):
        if what:
            click.echo(f"  {CAUTION.sign} {what}")
    check(settings)
    click.echo("Service")
    _ = settings.api_key  # raises where there is none
    run(_ask(settings))


async def _ask(settings: Settings) -> None:
    from eitui.analysis.clock import clock_error_s
    from eitui.analysis.standing import progress_of, run_state
    from eitui.cli.connect import live_source
    from eitui.view.kit.format import duration

    source, began = live_source(settings), monotonic()
    moment = await source.once()
    run, name = moment.run, moment.project_name or "unnamed"
    click.echo(f"  {DONE.sign} {settings.endpoint} answered in {monotonic() - began:.2f} s")
    click.echo(f"  {fit('project', LABEL)} {name} #{moment.project_id}")
    progress = progress_of(run)
    error = clock_error_s(moment.connection)
    if error is not None and abs(error) > CLOCK_ERROR_S:
        which = "ahead of" if error > 0 else "behind"
        off = f"this clock is {duration(abs(error))} {which} the service"
        click.echo(f"  {CAUTION.sign} {fit('clock', LABEL - 2)} {off}. {CLOCK_ADVICE}")
    named = [run.config.name or "unnamed", run_state(moment), *([f"{progress} trials"] if progress else [])]
    click.echo(f"  {fit('run', LABEL)} {', '.join(named) if run.started else 'none so far'}")


def _terminal() -> None:
    from eitui.tui.terminal import check_terminal

    click.echo("Terminal")
    refusal = check_terminal(os.environ, sys.__stdin__, sys.__stderr__)
    if refusal:
        _bad(f"The monitor cannot run here: {refusal}", "")
    else:
        columns, lines = os.get_terminal_size(sys.__stderr__.fileno() if sys.__stderr__ else 2)
        layout = "all panes at once" if columns >= 100 and lines >= 30 else "one pane at a time (all from 100×30)"
        click.echo(f"  {DONE.sign} {fit('size', LABEL - 2)} {columns}×{lines}: {layout}")
    env = os.environ
    encoding = (getattr(sys.__stdout__, "encoding", "") or "unknown").lower()
    abilities = {
        "type": clean(env.get("TERM", "not set")),
        "colours": colours(env),
        "encoding": encoding if encoding == "utf-8" else f"{encoding}: eitui writes UTF-8 anyway",
        "multiplexer": _multiplexer(env),
        "ssh": "yes" if env.get("SSH_CONNECTION") else "no",
    }
    if not refusal:
        abilities["answers"] = _answers(env)
    for name, value in abilities.items():
        click.echo(f"  {fit(name, LABEL)} {value}")


def _answers(env: Mapping[str, str]) -> str:
    from eitui.tui.asking import ask

    assert sys.__stdin__ is not None  # noqa: S101 - it is a terminal
    assert sys.__stderr__ is not None  # noqa: S101
    said = ask(sys.__stdin__.fileno(), sys.__stderr__.fileno(), env)
    if said is None:
        return "nothing"
    whole = "draws frames at once" if said.synchronised else "may show half a frame"
    return f"{said.name or 'no name'}, attributes {said.attributes or 'none'}, {whole}"


COLOURS = {"standard": "16", "256": "256", "truecolor": "16 million"}
"""How many colours each of Rich's colour systems has."""


def colours(env: Mapping[str, str]) -> str:
    """Return how many colours the monitor uses in this environment: Rich decides, asked as Textual asks it."""
    from rich.console import Console

    # Textual takes an empty NO_COLOR for one that is set.
    found = Console(force_terminal=True, legacy_windows=False, _environ=env).color_system
    many = COLOURS.get(found or "", "none")
    return "none (NO_COLOR is set)" if "NO_COLOR" in env else many


def _versions() -> None:
    """Say which versions of eitui, Python and each dependency run here."""
    import platform
    import re
    from importlib import metadata

    click.echo("Versions")
    click.echo(f"  {fit('eitui', LABEL)} {eitui.__version__}")
    click.echo(f"  {fit('Python', LABEL)} {platform.python_version()} ({sys.executable})")
    click.echo(f"  {fit('system', LABEL)} {clean(platform.platform())}")
    try:
        wanted = metadata.requires("eitui") or ()
    except metadata.PackageNotFoundError:
        wanted = ()
    names = [re.split(r"[^\w.-]", line)[0] for line in wanted if "extra ==" not in line]
    for name in (*names, *INDIRECT):
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            version = "not installed"
        click.echo(f"  {fit(name, LABEL)} {version}")


def _multiplexer(env: Mapping[str, str]) -> str:
    from eitui.tui.clipboard import tmux_options, within_tmux
    from eitui.tui.terminal import multiplexer

    within = multiplexer(env)
    if within == "screen":
        return "GNU screen: copying and notifications are handed to the terminal around it"
    if not within_tmux(env):
        return "tmux on another machine: it may refuse copying and notifications" if within else "none"
    options = tmux_options()
    if not options:
        return "tmux, which does not answer: the command `tmux` is needed for copying"
    shown = ", ".join(f"{name} {clean(value)}" for name, value in options.items())
    # Known since tmux 3.3; before that everything is handed on.
    passed = options.get("allow-passthrough", "on") != "off"
    return f"tmux ({shown}): notifications {'pass' if passed else 'only mark the window'}, copying works"
