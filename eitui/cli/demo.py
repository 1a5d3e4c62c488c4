"""`eitui demo`: the monitor on a look-alike service, or the service alone."""

import os
import shutil
import stat
import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eitui.cli.options import Choice, monitor_options, settings
from eitui.config import KEY_VARIABLES, Settings, SettingsError
from eitui.demo.options import DEFAULT_SPEED, SCENARIOS, WINDOWS, Options, command
from eitui.domain.moment import SIMULATED_SERVICE

if TYPE_CHECKING:
    from eitui.storage.lock import Lock

DEMO_INTERVAL = 1.0
"""Seconds between polls of the look-alike: its epochs take about a second."""

NO_FILE = Path(os.devnull)
"""The connection takes nothing from the user's settings file: that is about a real project."""

_PATIENCE = 5.0
"""Seconds that the service is given to end before it is killed."""


PREFIX, _NEW = "eitui-demo-", "eitui-new-demo-"
"""Of the directory's name, and of that which it has until its lock is held."""

LOCK = ".lock"
"""File whose lock is held for as long as the demo lives: the kernel gives it back however that ends."""

UNLOCKED_S = 86_400.0
"""Seconds after which a directory without a lock is taken for one whose demo was killed while it made it."""


class DemoPlace:
    """A directory of one demo, in the directory for temporary files. Thread-safe."""

    def __init__(self, parent: Path | None = None) -> None:
        self._parent = parent
        self._held = threading.Lock()
        self._over = False
        self._made: tuple[Path, Lock] | None = None

    def make(self) -> Path:
        """Make the directory, and remove those of demos that were killed.

        Raises:
            OSError: it cannot be made.
        """
        # A lock is an import that the first frame does not wait for.
        from eitui.storage.lock import Lock

        with self._held:
            if self._made is None:
                parent = self._parent or Path(tempfile.gettempdir())
                new = Path(tempfile.mkdtemp(prefix=_NEW, dir=parent))
                lock = Lock(new / LOCK)
                lock.acquire()
                # Under a name that others sweep only now: they would take a lock that is not held yet for a dead one's.
                path = new.rename(parent / new.name.replace(_NEW, PREFIX, 1))
                lock.path = path / LOCK
                self._made = (path, lock)
                sweep(parent)
            path = self._made[0]
        if self._over:
            self.remove()  # the demo ended meanwhile
        return path

    def remove(self) -> None:
        """Remove the directory with all that is in it. Nothing is made afterwards."""
        with self._held:
            self._over = True
            if self._made is not None:
                path, lock = self._made
                # Removed before it is unlocked: nobody else begins to.
                shutil.rmtree(path, ignore_errors=True)
                lock.release()


def sweep(parent: Path) -> None:
    """Remove the directories of demos that are no more. Never raises; one that cannot be removed stays."""
    from eitui.storage.lock import Lock

    try:
        found = [Path(entry.path) for entry in os.scandir(parent) if entry.name.startswith((PREFIX, _NEW))]
    except OSError:
        return
    for path in found:
        with suppress(OSError):
            there = path.lstat()
            # Anybody may make a name in a directory for all: only this user's own are removed.
            if not stat.S_ISDIR(there.st_mode) or there.st_uid != os.geteuid():
                continue
            if path.name.startswith(_NEW) or not (path / LOCK).exists():
                # One that is just being made does not hold its lock yet.
                if time.time() - there.st_mtime > UNLOCKED_S:
                    shutil.rmtree(path, ignore_errors=True)
                continue
            lock = Lock(path / LOCK)
            if lock.acquire():
                shutil.rmtree(path, ignore_errors=True)
                lock.release()


@click.command(
    "demo",
    epilog="Scenarios: "
    + "; ".join(f"{name}: {about}" for name, about in SCENARIOS.items())
    + ". Example: eitui demo --scenario failures --seed 7",
)
@click.option("--scenario", type=Choice(list(SCENARIOS)), default="default", show_default=True, help="Kind of run.")
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
    # Without a real project's key, which the look-alike has no use for.
    environment = {name: value for name, value in os.environ.items() if name not in KEY_VARIABLES}
    if serve:
        # In this process's place: its parent holds the service itself, and a signal reaches it.
        words = command(options, port=port, until_eof=False)
        os.execve(words[0], words, environment)  # noqa: S606 - our own interpreter and module
    from eitui.cli.monitor import open_monitor

    look = monitor_settings(flags)
    # First of all, so that it starts up while the monitor does.
    service = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command(options, port=port),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )
    # The run is gone when the demo ends, and so are its recording and the changes made to it: they would only be in the
    # way of real ones.
    place = DemoPlace()

    def connect() -> Settings:
        from eitui.cli.demo_past import record_past
        from eitui.feed.clock import SystemClock

        try:
            there = place.make()
        except OSError as error:
            raise SettingsError(
                f"Cannot create a directory for the demo: {error.strerror or type(error).__name__}",
                "Set TMPDIR to a writable directory with free space.",
            ) from None
        chosen = replace(_announced(service, flags), recordings_given=there, journal_given=there / "changes.db")
        record_past(options, chosen, there, SystemClock().now())
        return chosen

    try:
        return open_monitor(connect, look, about=SIMULATED_SERVICE)
    finally:
        place.remove()
        # It also ends by itself when its stdin does, so that a killed monitor leaves nothing behind.
        service.terminate()
        try:
            service.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            service.kill()
            service.wait()
        for stream in (service.stdin, service.stdout, service.stderr):
            if stream is not None:
                stream.close()


def monitor_settings(flags: dict[str, Any]) -> Settings:
    """Return the settings of the monitor: keys and looks from the user's settings file, below the flags."""
    named = {"EITUI_CONFIG": os.environ.get("EITUI_CONFIG", "")}
    own = settings(None, environ=named, require_key=False, with_key=False)
    looks = {name: getattr(own, name) for name in ("mouse", "ascii", "notify", "bell", "title", "progress")}
    given = {"interval_s": DEMO_INTERVAL} | looks | _given(flags)
    chosen = settings(NO_FILE, environ={}, require_key=False, **given)
    return replace(chosen, keys=own.keys, theme=chosen.theme or own.theme)


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
