"""Run the user's own programs when something happens: an alert as JSON on the program's standard input."""

import json
import os
import queue
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from eitui.config import KEY_VARIABLES, SettingsError
from eitui.config.hiding import hide
from eitui.domain.moment import ANY_EVENT, Alert, Moment
from eitui.domain.text import clean
from eitui.log import log

LIMIT_S = 30.0
"""Seconds that a program may run before it is killed with all that it started."""

_MOST_WAITING = 100
"""Events kept for programs that are slow; of more the newest are dropped, which the log tells."""

Programs = Mapping[str, Sequence[str]]
"""Programs with their arguments, by the event: `AlertKind.event` or `ANY_EVENT`."""


def event_as_json(alert: Alert, moment: Moment) -> dict[str, Any]:
    """Return what a program is told: `at` is ISO 8601 in UTC, what is not known is null."""
    trial = next((trial for trial in moment.run.trials if trial.id == alert.trial_id), None)
    with suppress(OverflowError, ValueError, OSError):
        at = datetime.fromtimestamp(alert.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            "event": alert.kind.event,
            "at": at,
            "text": alert.text,
            "project_id": moment.project_id,
            "project": moment.project_name or None,
            "run_id": moment.history.run_id,
            "run": moment.run.config.name or None,
            "trial": None if trial is None else {"id": trial.id, "name": trial.name},
        }
    return event_as_json(Alert(alert.kind, 0.0, alert.text, alert.trial_id), moment)


def check_programs(commands: Programs) -> None:
    """Refuse a program that is not there: it would only be missed when something happens.

    Raises:
        SettingsError: it is neither on the PATH nor a file that can be run.
    """
    for event, words in commands.items():
        if shutil.which(words[0]) is None:
            raise SettingsError(
                f"The program to run on {event} is not there: {clean(words[0])}",
                "Name a program on the PATH, or the whole path of a file that can be run.",
            )


class Hooks:
    """Runs programs one after another in a thread of its own: nothing waits for them.

    No shell, and nothing of the service among the arguments. The environment is this process's without API keys; what
    a program prints is dropped, and that it failed is in the log.
    """

    def __init__(self, commands: Programs, environ: Mapping[str, str] | None = None, limit_s: float = LIMIT_S) -> None:
        self._commands = commands
        given = os.environ if environ is None else environ
        self._environ = {
            name: value for name, value in given.items() if name not in KEY_VARIABLES and hide(value) == value
        }
        self._limit_s = limit_s
        self._waiting: queue.Queue[tuple[Sequence[str], bytes] | None] = queue.Queue(_MOST_WAITING)
        self._thread: threading.Thread | None = None

    def tell(self, alerts: Iterable[Alert], moment: Moment) -> None:
        """Have the programs for `alerts` run; returns at once."""
        for alert in alerts:
            for command in (self._commands.get(alert.kind.event), self._commands.get(ANY_EVENT)):
                if command is None:
                    continue
                if self._thread is None:
                    # A daemon: the end of the program takes no longer than `close` says.
                    self._thread = threading.Thread(target=self._work, name="hooks", daemon=True)
                    self._thread.start()
                try:
                    self._waiting.put_nowait((command, json.dumps(event_as_json(alert, moment)).encode() + b"\n"))
                except queue.Full:
                    log.warning("An event is dropped: %d wait for their programs", _MOST_WAITING)

    def close(self, patience: float = LIMIT_S) -> None:
        """Wait until all programs have run, for at most `patience` seconds; those that still run go on."""
        if self._thread is not None:
            with suppress(queue.Full):
                self._waiting.put_nowait(None)
            self._thread.join(patience)

    def _work(self) -> None:
        while (waiting := self._waiting.get()) is not None:
            command, told = waiting
            try:
                process = subprocess.Popen(  # noqa: S603 - the user's own command, without a shell
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=self._environ,
                    start_new_session=True,
                )
                try:
                    process.communicate(told, self._limit_s)
                except subprocess.TimeoutExpired:
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
                    process.communicate()
                    log.warning("The program %s was killed after %g s", command[0], self._limit_s)
                else:
                    if process.returncode:
                        log.warning("The program %s ended with code %d", command[0], process.returncode)
            except Exception:
                log.exception("The program %s cannot be run", command[0])
