"""Ways in which a service misbehaves, on request: for tests of clients."""

import threading
import zlib
from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """What to do instead of answering properly. Fields that are not set leave the real answer as it is."""

    status: int | None = None
    body: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()
    cut_after: int | None = None
    """Close the connection after so many bytes of the announced body."""
    drip: tuple[int, float] | None = None
    """Send so many bytes at a time, so many seconds apart."""
    silent: bool = False
    """Send nothing until the client gives up or the server stops."""

    @classmethod
    def refuse(cls, status: int, retry_after: str | None = None, text: str = "busy") -> "Fault":
        """Answer with this status and plain text, and with Retry-After if given."""
        retry = () if retry_after is None else (("Retry-After", retry_after),)
        return cls(status, text.encode(), (("Content-Type", "text/plain"), *retry))

    @classmethod
    def html(cls, status: int = 200, body: str = "<html><body>Sign in to continue</body></html>") -> "Fault":
        """Answer with a web page, as a proxy does."""
        return cls(status, body.encode(), (("Content-Type", "text/html"),))

    @classmethod
    def redirect(cls, to: str, status: int = 302) -> "Fault":
        """Send the client elsewhere."""
        return cls(status, b"", (("Location", to),))

    @classmethod
    def raw(cls, body: bytes) -> "Fault":
        """Answer 200 with these bytes as JSON."""
        return cls(200, body)

    @classmethod
    def gzip_bomb(cls, mebibytes: int) -> "Fault":
        """Answer with a small compressed body that unpacks to so many MiB of spaces."""
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        block = b" " * 2**20
        head = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
        # After a full flush the packed form of a block no longer depends on what came before: it can be repeated.
        repeated = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
        body = head + repeated * (mebibytes - 1)
        return cls(200, body, (("Content-Encoding", "gzip"), ("Content-Type", "application/json")))


class Faults:
    """Faults for the next answers, first come first served; safe to fill while the server runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[Fault] = deque()

    def add(self, fault: Fault, times: int = 1) -> None:
        """Let the next `times` answers, after those already planned, go wrong in this way."""
        with self._lock:
            self._waiting.extend([fault] * times)

    def clear(self) -> None:
        """Go back to answering properly."""
        with self._lock:
            self._waiting.clear()

    def take(self) -> Fault | None:
        """Return the fault for the next answer; None when it is to be right."""
        with self._lock:
            return self._waiting.popleft() if self._waiting else None
