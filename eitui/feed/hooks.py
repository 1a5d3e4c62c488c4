"""Run the user's own programs when something happens: an alert as JSON on the program's standard input."""

import json
import os
import queue
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
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
    a program prints is dropped. `tell_problem` is called in that thread with one line for a program that failed; the
    log has it, too.
    """

    def __init__(
        self,
        commands: Programs,
        environ: Mapping[str, str] | None = None,
        limit_s: float = LIMIT_S,
        tell_problem: Callable[[str], object] = lambda line: None,
    ) -> None:
        self._commands = commands
        self._tell_problem = tell_problem
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
                    self._problem(f"{command[0]} is not run for {alert.kind.event}: {_MOST_WAITING} events wait")

    def close(self, patience: float = LIMIT_S) -> None:
        """Wait until all programs have run, for at most `patience` seconds; one that still runs goes on."""
        if self._thread is not None:
            with suppress(queue.Full):
                self._waiting.put_nowait(None)
            self._thread.join(patience)
            if self._thread.is_alive():
                self._problem("a program still runs, and events may be left untold")

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
                    self._problem(f"{command[0]} was killed after {self._limit_s:g} s")
                else:
                    if process.returncode < 0:
                        self._problem(f"{command[0]} was ended by signal {-process.returncode}")
                    elif process.returncode:
                        self._problem(f"{command[0]} ended with code {process.returncode}")
            except Exception as error:
                why = error.strerror if isinstance(error, OSError) else None
                log.debug("A program cannot be run", exc_info=True)
                self._problem(f"{command[0]} cannot be run: {why or type(error).__name__}")

    def _problem(self, what: str) -> None:
        line = clean(hide(what))
        log.warning("A program: %s", line)
        self._tell_problem(line)
