"""`eitui demo`: the monitor on a look-alike service, or the service alone."""

import os
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from eitui.cli.demo_place import DemoPlace
from eitui.cli.options import monitor_options, settings
from eitui.config import KEY_VARIABLES, Settings, SettingsError
from eitui.demo.options import DEFAULT_SPEED, SCENARIOS, WINDOWS, Options, command

DEMO_INTERVAL = 1.0
"""Seconds between polls of the look-alike: its epochs take about a second."""

NO_FILE = Path(os.devnull)
"""The connection takes nothing from the user's settings file: that is about a real project."""

_PATIENCE = 5.0
"""Seconds that the service is given to end before it is killed."""


@click.command(
    "demo",
    epilog="Scenarios: "
    + "; ".join(f"{name}: {about}" for name, about in SCENARIOS.items())
    + ". Example: eitui demo --scenario failures --seed 7",
)
@click.option(
    "--scenario", type=click.Choice(list(SCENARIOS)), default="default", show_default=True, help="Kind of run."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of the simulation.")
@click.option("--trials", type=int, help="Maximum number of trials (default: by scenario).")
@click.option("--speed", type=float, default=DEFAULT_SPEED, show_default=True, help="Simulated seconds per second.")
@click.option(
    "--windows", type=int, default=WINDOWS, show_default=True, help="Windows in the test set of each impulse."
)
@click.option("--serve", is_flag=True, help="Run only the simulated service, and print how to connect.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port of the service (default: any free port).")
@monitor_options
def demo_command(
    scenario: str,
    seed: int,
    trials: int | None,
    speed: float,
    windows: int,
    serve: bool,
    port: int,
    **flags: Any,
) -> int:
    """Watch a simulated run: no account, no network; all data is synthetic."""
    opened = None if serve else time.time()
    try:
        options = Options(scenario, seed, trials, speed, windows, opened=opened)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if serve:
        return _serve(options, port)
    return _show(options, port, flags)


def _serve(options: Options, port: int) -> int:
    # In this process's place: whoever started it holds the service itself, and a signal goes where it is meant to.
    words = command(options, port=port, until_eof=False)
    os.execve(words[0], words, _environment())  # noqa: S606 - our own interpreter and module


def _show(options: Options, port: int, flags: dict[str, Any]) -> int:
    from eitui.cli.monitor import open_monitor

    look = monitor_settings(flags)
    # First of all, so that it starts up while the monitor does.
    service = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command(options, port=port),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(),
    )
    # The run is gone when the demo ends, and so are its recording and the changes made to it: they would only be in the
    # way of real ones.
    place = DemoPlace()

    def connect() -> Settings:
        from eitui.cli.demo_past import record_past
        from eitui.feed.clock import SystemClock

        there = _made(place)
        chosen = replace(_announced(service, flags), recordings_given=there, journal_given=there / "changes.db")
        record_past(options, chosen, there, SystemClock().now())
        return chosen

    try:
        return open_monitor(connect, look, about="the simulated service")
    finally:
        place.remove()
        _end(service)


def monitor_settings(flags: dict[str, Any]) -> Settings:
    """Return the settings of the monitor: keys and looks from the user's settings file, below the flags."""
    named = {"EITUI_CONFIG": os.environ.get("EITUI_CONFIG", "")}
    own = settings(None, environ=named, require_key=False, with_key=False)
    given = {"interval_s": DEMO_INTERVAL, "mouse": own.mouse, "ascii": own.ascii} | _given(flags)
    chosen = settings(NO_FILE, environ={}, require_key=False, **given)
    return replace(chosen, keys=own.keys, theme=chosen.theme or own.theme)


def _made(place: DemoPlace) -> Path:
    """Return the directory, made now.

    Raises:
        SettingsError: it cannot be made.
    """
    try:
        return place.make()
    except OSError as error:
        raise SettingsError(
            f"Cannot create a directory for the demo: {error.strerror or type(error).__name__}",
            "Set TMPDIR to a writable directory with free space.",
        ) from None


def _environment() -> dict[str, str]:
    """Return the environment without a real project's key, which the look-alike has no use for."""
    return {name: value for name, value in os.environ.items() if name not in KEY_VARIABLES}


def _given(flags: dict[str, Any]) -> dict[str, Any]:
    return {"interval_s": DEMO_INTERVAL} | {name: value for name, value in flags.items() if value is not None}


def _announced(service: "subprocess.Popen[bytes]", flags: dict[str, Any]) -> Settings:
    """Return the settings that lead to the service, from the three lines it prints when it is ready.

    Raises:
        SettingsError: the service could not start.
    """
    assert service.stdout is not None  # noqa: S101 - both were asked for
    assert service.stderr is not None  # noqa: S101
    lines = [service.stdout.readline().decode().strip().removeprefix("export ") for _ in range(3)]
    if not all(lines):
        output = service.stderr.read().decode("utf-8", "replace").strip().splitlines()
        reason = output[-1].removeprefix("eitui demo: ") if output else "no message"
        raise SettingsError(f"The simulated service could not start: {reason}", "Quit, then try again.")
    environ = dict(line.split("=", 1) for line in lines)
    return settings(NO_FILE, environ=environ, **_given(flags))


def _end(service: "subprocess.Popen[bytes]") -> None:
    """End the service; it also ends by itself when its stdin does, so that a killed monitor leaves nothing behind."""
    service.terminate()
    try:
        service.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        service.kill()
        service.wait()
    for stream in (service.stdin, service.stdout, service.stderr):
        if stream is not None:
            stream.close()
