"""The look-alike service on a loopback port; `python -m eitui.demo.server` serves it in a process of its own."""

import argparse
import os
import re
import secrets
import signal
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from types import MappingProxyType, TracebackType
from typing import Self

from eitui.demo.options import DEFAULT_SPEED, SCENARIOS, WINDOWS, Options
from eitui.demo.service import PROJECT_ID, Service, SimulatedAnswer

HOST = "127.0.0.1"

KEY_VARIABLE = "EITUI_DEMO_KEY"
"""Environment variable with the API key to expect: never an argument, which other users could read."""

_MAX_REQUEST = 2**20
_KEY = re.compile(r"ei_[0-9A-Za-z_]{4,200}")
_ENDS = (signal.SIGTERM, signal.SIGINT)


class DemoServer:
    """The look-alike service, served from threads of this process until `stop`.

    Raises `OSError` when the port cannot be bound and `ValueError` for a key that no service would give out (the
    key is not in the message).
    """

    def __init__(
        self,
        options: Options | str = "default",
        *,
        port: int = 0,
        key: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.key = key if key is not None else f"ei_demo_{secrets.token_hex(24)}"
        if not _KEY.fullmatch(self.key):
            raise ValueError("the API key must be 'ei_' and then letters, digits or underscores")
        settings = Options(options) if isinstance(options, str) else options
        self.requests: deque[tuple[str, str]] = deque(maxlen=10_000)
        """(method, path) of what was asked, oldest first."""
        self.clock = clock
        self.service = Service(settings, self.key, clock)
        self._server = _Server(port, self)
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port, which the system chose if none was given."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """The base URL, as `EI_API_ENDPOINT` wants it."""
        return f"http://{HOST}:{self.port}/v1"

    def environment(self) -> dict[str, str]:
        """Return the environment variables that point a client here. They hold the key."""
        return {"EI_API_ENDPOINT": self.url, "EI_API_KEY": self.key, "EI_PROJECT_ID": str(PROJECT_ID)}

    def respond(self, request: "Request", body: bytes) -> None:
        """Answer one request, in the thread of its connection. A service that misbehaves overrides this."""
        key = request.headers.get("x-api-key")
        request.send(self.service.answer(request.command, request.path, key, body))

    def start(self) -> Self:
        """Begin to answer. Connections made since construction were waiting."""
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="demo-service")
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop answering, close every connection and wait for the threads. Stopping twice is harmless."""
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._thread = None
        self._server.hang_up()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Server(ThreadingMixIn, TCPServer):
    """Not an `HTTPServer`: that one asks the name service for its own name at start."""

    allow_reuse_address = True
    daemon_threads = False
    request_queue_size = 64

    def __init__(self, port: int, demo: DemoServer) -> None:
        self.demo = demo
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        super().__init__((HOST, port), Request)

    def opened(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)
            if self.stopping.is_set():
                _shut(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)

    def hang_up(self) -> None:
        """Wake the threads that wait for a next request on an open connection."""
        with self._lock:
            self.stopping.set()
            for connection in self._open:
                _shut(connection)

    def handle_error(self, request: object, client_address: object) -> None:
        """Re-raise what is not just a client that went away: the thread's excepthook then shows it."""
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            raise error


class Request(BaseHTTPRequestHandler):
    """A connection, and the request that is being answered on it."""

    protocol_version = "HTTP/1.1"
    server_version = "eitui-demo"
    sys_version = ""
    disable_nagle_algorithm = True
    server: _Server

    @property
    def stopping(self) -> threading.Event:
        """Set when the server ends."""
        return self.server.stopping

    def send(self, answer: SimulatedAnswer, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        """Send an answer; `headers` are sent too, or instead of those of the same name."""
        self.send_head(answer, headers)
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def send_head(self, answer: SimulatedAnswer, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        """Send all of an answer but its body."""
        self.send_response(answer.status)
        known = {"Content-Type": answer.content_type, "Content-Length": str(len(answer.body))}
        for name, value in (known | dict(headers)).items():
            self.send_header(name, value)
        self.end_headers()

    def setup(self) -> None:
        """Let the server know of the connection."""
        super().setup()
        self.server.opened(self.connection)

    def finish(self) -> None:
        """Let the server forget the connection."""
        self.server.closed(self.connection)
        super().finish()

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the `Date` of an answer, by the service's own clock."""
        return super().date_time_string(int(self.server.demo.clock() if timestamp is None else timestamp))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Log nothing: the only thing on stdout is how to reach the service."""

    def _answer(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _MAX_REQUEST or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self.send_error(413)
            return
        body = self.rfile.read(int(length))
        demo = self.server.demo
        demo.requests.append((self.command, self.path))
        demo.respond(self, body)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Handle every method alike: the base class looks for `do_GET` and the like."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):  # the client was faster
        connection.shutdown(socket.SHUT_RDWR)


def _main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM, SIGINT or, if so told, the end of stdin; return the exit code (0, or 2 for bad usage)."""
    parser = argparse.ArgumentParser("eitui-demo", description="A simulated Edge Impulse tuner.")
    parser.add_argument("--scenario", default="default", choices=list(SCENARIOS), help="what kind of run")
    parser.add_argument("--seed", type=int, default=1, help="another number, another run")
    parser.add_argument("--trials", type=int, help="most trials the search may evaluate")
    parser.add_argument("--speed", type=float, default=DEFAULT_SPEED, help="simulated seconds per second")
    parser.add_argument("--windows", type=int, default=WINDOWS, help="windows in the test set of each impulse")
    parser.add_argument("--opened", type=float, help="Unix time at which the run is to be well under way")
    parser.add_argument("--port", type=int, default=0, help="loopback port; 0 lets the system choose")
    parser.add_argument("--announce-fd", type=int, help="write how to reach the service there instead of to stdout")
    parser.add_argument("--until-eof", action="store_true", help="end when stdin does")
    given = parser.parse_args(arguments)
    try:
        options = Options(given.scenario, given.seed, given.trials, given.speed, given.windows, opened=given.opened)
        server = DemoServer(options, port=given.port, key=os.environ.pop(KEY_VARIABLE, None))
    except (ValueError, OverflowError) as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"cannot listen on port {given.port}: {error.strerror or type(error).__name__}")
    # Waited for rather than handled: a handler that takes a lock may find it taken by the code it interrupted. Blocked
    # before any thread begins, so that all of them leave these signals to `sigwait`.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    with server:
        # Lines that a shell can evaluate. Nothing in them needs quoting: the key's form was checked.
        announced = "".join(f"export {name}={value}\n" for name, value in server.environment().items())
        if given.announce_fd is None:
            print(announced, end="", flush=True)
        else:
            with os.fdopen(given.announce_fd, "w", encoding="ascii") as stream:
                stream.write(announced)
        threading.Thread(target=server.service.warm, daemon=True).start()
        if given.until_eof:
            threading.Thread(target=_watch_stdin, daemon=True).start()
        signal.sigwait(_ENDS)
    return 0


def _watch_stdin() -> None:
    # Not sys.stdin: a thread blocked in its buffer would disturb the interpreter's exit.
    with suppress(OSError):
        while os.read(0, 4096):
            pass
    os.kill(os.getpid(), signal.SIGTERM)


def _refuse(problem: str) -> int:
    print(f"eitui demo: {problem}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(_main())
