"""The look-alike service with what a test wants of it beside: answers that go wrong, and somebody else who changes
thresholds, such as a colleague in the Studio."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from faults import Fault, Faults

from eitui.demo.catalogue import IMPULSES
from eitui.demo.options import Options
from eitui.demo.server import DemoServer, Request
from eitui.demo.service import PROJECT_ID, Service, SimulatedAnswer

Meddling = tuple[int, str, object]
"""(learn block, key, new value)."""


class MeddledService:
    """A look-alike service whose thresholds somebody else changes too, just before they are read."""

    def __init__(self, service: Callable[[], Service], key: str) -> None:
        self._service, self._key = service, key
        self._lock = threading.Lock()
        self._waiting: list[tuple[tuple[Meddling, ...], int]] = []
        """Changes, and reads until they are made."""

    def answer(self, method: str, target: str, key: str | None, body: bytes = b"") -> SimulatedAnswer:
        """Answer one request, as `Service.answer` does."""
        path = target.partition("?")[0]
        if method == "GET" and (path.endswith("/impulses-detailed") or path.rpartition("/")[0].endswith("/anomaly")):
            with self._lock:
                counted = [(changes, reads - 1) for changes, reads in self._waiting]
                self._waiting = [planned for planned in counted if planned[1]]
            for changes, reads in counted:
                if not reads:
                    self._change(changes)
        return self._service().answer(method, target, key, body)

    def meddle(self, *changes: Meddling, at_read: int = 1) -> None:
        """Change thresholds when they are read the `at_read`-th time from now (0: now).

        Raises `ValueError` for a change that the service refuses, if it is made now.
        """
        if at_read:
            with self._lock:
                self._waiting.append((changes, at_read))
        else:
            self._change(changes)

    def _change(self, changes: tuple[Meddling, ...]) -> None:
        for plan in IMPULSES:
            blocks = {learn.id for learn in plan.learns}
            rows = [{"blockId": block, "key": key, "value": new} for block, key, new in changes if block in blocks]
            if rows:
                body = {"thresholds": rows, "allowCreatingRegenerateModelTestingJobs": False}
                path = f"/v1/api/{PROJECT_ID}/impulse/{plan.id}/set-thresholds"
                done = json.loads(self._service().answer("POST", path, self._key, json.dumps(body).encode()).body)
                if not done["success"]:
                    raise ValueError(done["error"])


@dataclass
class Clock:
    """The service's clock: what it shows happens when a test says so, however slow the machine is."""

    ahead: float = 0.0
    """Seconds before the system's clock."""

    def __call__(self) -> float:
        return time.time() + self.ahead

    def end_run(self) -> None:
        """Let the run come to its end."""
        self.ahead += 1e6


class LookAlike(DemoServer):
    """The look-alike on a loopback port, whose answers go wrong when `faults` says so."""

    def __init__(
        self,
        options: Options | str = "default",
        *,
        port: int = 0,
        key: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(options, port=port, key=key, clock=clock)
        self.faults = Faults()
        self._meddled = MeddledService(lambda: self.service, self.key)
        self.meddle = self._meddled.meddle

    def respond(self, request: Request, body: bytes) -> None:
        fault = self.faults.take(write=request.command == "POST") or Fault()
        if fault.silent:
            request.close_connection = True
            request.connection.recv(1)
            return
        answer = SimulatedAnswer(200, "application/json; charset=utf-8", b"{}")
        if fault.acts:
            answer = self._meddled.answer(request.command, request.path, request.headers.get("x-api-key"), body)
        if fault.hang_up:
            request.close_connection = True
            return
        answer = SimulatedAnswer(
            answer.status if fault.status is None else fault.status,
            answer.content_type,
            answer.body if fault.body is None else fault.body,
        )
        if request.command == "HEAD" or (fault.cut_after is None and fault.drip is None):
            request.send(answer, dict(fault.headers))
            return
        request.send_head(answer, dict(fault.headers))
        request.close_connection = fault.cut_after is not None
        if fault.drip is None:
            request.wfile.write(answer.body[: fault.cut_after])
        else:
            _drip(request, answer.body, *fault.drip)


def _drip(request: Request, body: bytes, size: int, pause_s: float) -> None:
    for begin in range(0, len(body), size):
        request.wfile.write(body[begin : begin + size])
        if request.stopping.wait(pause_s):
            request.close_connection = True
            return
