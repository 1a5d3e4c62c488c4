"""Keep API keys out of what is shown: every key that this process has met, and what looks like one."""

import re
from collections.abc import Callable

STAND_IN = "[API key]"
"""Shown in place of a key."""

PIECE = 12
"""Length of the shortest piece of a secret that is taken out of a text, in characters."""

_LIKE_A_KEY = re.compile(r"ei_(?=[A-Za-z_-]*\d)[\w-]{16,}", re.ASCII)
"""A key where none belongs, such as among the words of a command. A name that only begins like one has no digits."""

_known: list[Callable[[], str]] = []
"""Functions, as a secret's own: what lists the values of variables finds no key here."""


def remember(reveal: Callable[[], str]) -> None:
    """Have `hide` take out the text that `reveal` returns, from now on."""
    if all(known() != reveal() for known in _known):
        _known.append(reveal)
        _known.sort(key=lambda known: -len(known()))  # a key may be a part of another


def hide(text: str) -> str:
    """Return `text` with `STAND_IN` for every API key in it. To be done before a text is cut: half a key is one."""
    # What looks like a key goes first, whole: it may begin with a key that is known.
    text = _LIKE_A_KEY.sub(STAND_IN, text) if "ei_" in text else text
    for known in _known:
        text = text.replace(known(), STAND_IN)
    return text


def hide_pieces(text: str) -> str:
    """As `hide`, in upper or lower case, and of each key that is known also its pieces: for what is kept in a file."""
    text = hide(text)
    for known in _known:
        text = redacted(text, known())
    return text


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
