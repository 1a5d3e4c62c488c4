"""The look-alike service on a loopback port."""

import re
import secrets
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from types import MappingProxyType, TracebackType
from typing import Self

from eitui.demo.options import Options
from eitui.demo.service import PROJECT_ID, Service, SimulatedAnswer

HOST = "127.0.0.1"

_MAX_REQUEST = 2**20
_KEY = re.compile(r"ei_[0-9A-Za-z_]{4,200}")


def new_key() -> str:
    """Make an API key in the service's style."""
    return f"ei_demo_{secrets.token_hex(24)}"


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
        self.key = key if key is not None else new_key()
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
        body = self._body()
        if body is None:
            return
        demo = self.server.demo
        demo.requests.append((self.command, self.path))
        demo.respond(self, body)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Handle every method alike: the base class looks for `do_GET` and the like."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _body(self) -> bytes | None:
        """Read the request's body; None, and the connection is closed, when it is not of an announced sane size."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _MAX_REQUEST or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self.send_error(413)
            return None
        return self.rfile.read(int(length))


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the client was faster
