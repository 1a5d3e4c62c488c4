"""Take a secret out of JSON, however it is written there."""

import re

STAND_IN = b"[API key]"

_ESCAPED_WORD = re.compile(rb"\\u00(?:3[0-9]|[46][1-9a-fA-F]|[57][0-9aA]|5[fF]|2[dDeE])")
"""A letter, a digit or one of `_-.` as an escape: nothing that writes JSON has a reason to."""


def without(body: bytes, secret: str) -> bytes:
    """Return `body`, JSON in UTF-8, with `STAND_IN` wherever a string in it holds `secret`, which is ASCII."""
    plain = secret.encode("ascii")
    if plain in body:
        body = body.replace(plain, STAND_IN)
    # The pattern below would take a second for 40 MB, so it is only tried on what looks like an attempt.
    return _written_anyhow(plain).sub(STAND_IN, body) if _ESCAPED_WORD.search(body) else body


def _written_anyhow(secret: bytes) -> re.Pattern[bytes]:
    """Match `secret`, any of its characters written as an escape."""
    return re.compile(b"".join(rb"(?:%b|\\u00(?i:%02x))" % (re.escape(bytes([byte])), byte) for byte in secret))
