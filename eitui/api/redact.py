"""Take a secret out of the JSON that a service sends back, however it is written there."""

import re

from eitui.config.hiding import STAND_IN

_WINDOW = 2**20


def without(body: bytes, secret: str) -> bytes:
    """Return `body`, JSON in UTF-8, with `STAND_IN` wherever a string in it holds `secret`, which is ASCII.

    Upper and lower case count as the same, and so do the ways in which JSON can write a character.
    """
    if _holds(body, secret.lower().encode("ascii")) or _any_escaped(secret).search(body):
        return _written_anyhow(secret).sub(STAND_IN.encode("ascii"), body)
    return body


def _holds(body: bytes, wanted: bytes) -> bool:
    """Whether `body` holds `wanted`, in lower case, in any case; a large body is never held twice."""
    step = _WINDOW - len(wanted) + 1
    view = memoryview(body)
    return any(wanted in bytes(view[at : at + _WINDOW]).lower() for at in range(0, len(body), step))


def _any_escaped(secret: str) -> re.Pattern[bytes]:
    r"""Match one character of `secret` as an escape, which nothing that writes JSON has a reason for (but `=`, `\/`).

    Matching a whole secret that may be escaped takes a second for 40 MB, so it is only tried where this is found.
    """
    return re.compile(b"|".join(way for char in sorted(set(secret)) for way in _escapes(char)))


def _written_anyhow(secret: str) -> re.Pattern[bytes]:
    """Match `secret` in upper or lower case, any of its characters written as an escape."""
    # Both cases are spelt out: with the flag for it the search has no first characters to look for.
    ways = ([re.escape(case.encode()) for case in {char.lower(), char.upper()}] + _escapes(char) for char in secret)
    return re.compile(b"".join(b"(?:%b)" % b"|".join(way) for way in ways))


def _escapes(char: str) -> list[bytes]:
    ways = [rb"\\u00(?i:%02x)" % ord(case) for case in {char.lower(), char.upper()}]
    return [*ways, re.escape(b"\\" + char.encode())] if char in '"\\/' else ways
