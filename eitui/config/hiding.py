"""Keep API keys out of what is shown: every key that this process has met, and what looks like one."""

import re
from collections.abc import Callable

STAND_IN = "[API key]"
"""Shown in place of a key."""

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
