"""Take a secret out of the JSON that a service sends back, however it is written there."""

import re

from eitui.config.hiding import STAND_IN

_WINDOW = 2**20


def without(body: bytes, secret: str) -> bytes:
    """Return `body`, JSON in UTF-8, with `STAND_IN` wherever a string in it holds `secret`, which is ASCII.

    Upper and lower case count as the same, and so do the ways in which JSON can write a character.
    """
    # A window at a time: a large body is never held twice.
    wanted, view = secret.lower().encode("ascii"), memoryview(body)
    step = _WINDOW - len(wanted) + 1
    plain = any(wanted in bytes(view[at : at + _WINDOW]).lower() for at in range(0, len(body), step))
    # Nothing that writes JSON has a reason to write one of its characters as an escape (but `=`, `\/`). Matching a
    # whole secret that may be escaped takes a second for 40 MB, so it is only tried where one is found.
    one_escaped = b"|".join(way for char in sorted(set(secret)) for way in _escapes(char))
    if not plain and not re.search(one_escaped, body):
        return body
    # Both cases are spelt out: with the flag for it the search has no first characters to look for.
    ways = ([re.escape(case.encode()) for case in {char.lower(), char.upper()}] + _escapes(char) for char in secret)
    return re.sub(b"".join(b"(?:%b)" % b"|".join(way) for way in ways), STAND_IN.encode("ascii"), body)


def _escapes(char: str) -> list[bytes]:
    ways = [rb"\\u00(?i:%02x)" % ord(case) for case in {char.lower(), char.upper()}]
    return [*ways, re.escape(b"\\" + char.encode())] if char in '"\\/' else ways
