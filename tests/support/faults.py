"""Ways in which a service misbehaves, on request: for tests of clients."""

import json
import threading
import zlib
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType


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
    hang_up: bool = False
    """Close the connection instead of answering."""
    acts: bool = True
    """Whether what was asked is done all the same; never, where nothing is sent at all."""

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


_READ_ONLY = "This API key is read-only: it does not have the permission to do this"
_REFUSED = json.dumps({"success": False, "synthetic": True, "error": "Refused, as the look-alike was told to"})

WRITE_FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "refuse": replace(Fault.raw(_REFUSED.encode()), acts=False),
        "read-only": replace(Fault.refuse(403, text=_READ_ONLY), acts=False),
        "busy": replace(Fault.refuse(503, "1"), acts=False),
        "drop": Fault(hang_up=True, acts=False),
        "lose-answer": Fault(hang_up=True),
        "cut-answer": Fault(cut_after=20),
        "html": Fault.html(),
        "wrong-shape": Fault.raw(
            b'{"success": true, "synthetic": true, "regenerateModelTestingStatus": ["unheard of"]}'
        ),
        "not-json": Fault.raw(b'{"success": tr'),
    }
)
"""What can go wrong with a write, by name. The last five are applied although the answer does not say so."""

ALWAYS = 1_000_000
"""How many writes `all` of them are."""


def planned(words: Iterable[str]) -> list[tuple[Fault, int]]:
    """Return the faults for the writes to come, each with how many of them it hits.

    A word is a name (`drop`), a name and how many writes (`refuse:2`), or a name for all of them (`read-only:all`).
    Raises `ValueError` with one clear sentence for any other word.
    """
    found = []
    for word in words:
        name, _, times = word.partition(":")
        fault = WRITE_FAULTS.get(name)
        if fault is None:
            raise ValueError(f"unknown fault {name!r}: choose from {', '.join(WRITE_FAULTS)}")
        if times not in ("", "all") and not (times.isdecimal() and 0 < len(times) < 6):
            raise ValueError(f"faults hit a number of writes, or all: not {word!r}")
        found.append((fault, ALWAYS if times == "all" else int(times or 1)))
    return found


class Faults:
    """Faults for the next answers, first come first served; safe to fill while the server runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[tuple[Fault, int]] = deque()
        self._for_writes: deque[tuple[Fault, int]] = deque()

    def add(self, fault: Fault, times: int = 1, *, writes: bool = False) -> None:
        """Let the next `times` answers, after those already planned, go wrong in this way.

        With `writes` only answers to writes count: whoever polls meanwhile does not notice.
        """
        with self._lock:
            (self._for_writes if writes else self._waiting).append((fault, times))

    def clear(self) -> None:
        """Go back to answering properly."""
        with self._lock:
            self._waiting.clear()
            self._for_writes.clear()

    def take(self, *, write: bool = False) -> Fault | None:
        """Return the fault for the next answer; None when it is to be right."""
        with self._lock:
            return (_next(self._for_writes) if write else None) or _next(self._waiting)


def _next(waiting: deque[tuple[Fault, int]]) -> Fault | None:
    while waiting:
        fault, times = waiting.popleft()
        if times > 1:
            waiting.appendleft((fault, times - 1))
        if times > 0:
            return fault
    return None
