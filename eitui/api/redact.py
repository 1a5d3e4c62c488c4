"""Take a secret out of what a service says back, however it is written there."""

import re

STAND_IN = "[API key]"

PIECE = 12
"""Length of the shortest piece of a secret that is taken out of a text, in characters."""

_WINDOW = 2**20


def redacted(text: str, secret: str) -> str:
    """Return `text` with `STAND_IN` for every piece of `secret`, which is ASCII, in upper or lower case.

    A text that was cut, in the middle of the secret too, keeps fewer than `PIECE` characters of it.
    """
    size = min(PIECE, len(secret))
    # Characters that are longer in lower case (İ) would shift what follows them.
    plain = "".join(lower if len(lower := char.lower()) == 1 else char for char in text)
    wanted = secret.lower()
    pieces = {wanted[at : at + size] for at in range(len(wanted) - size + 1)}
    kept: list[str] = []
    shown = hidden = 0  # where what is not yet copied begins, and where the secret found last ends
    for at in range(len(plain) - size + 1):
        if plain[at : at + size] not in pieces:
            continue
        if at > hidden or not hidden:
            kept += [text[shown:at], STAND_IN]
        shown = hidden = at + size
    return "".join([*kept, text[shown:]]) if kept else text


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
