"""A text that must not be seen."""

from collections.abc import Callable
from typing import NoReturn

from eitui.config.errors import SettingsError
from eitui.config.hiding import remember

SHORTEST = 8
"""Shortest API key taken for one, in characters: whatever equals the key is blotted out of what is shown, and with a
key of a letter or two that would be most of it."""

LONGEST = 4096
"""Longest API key taken for one, in characters."""


class Secret:
    """A text that `repr`, `str`, formatting, pickling and tracebacks with local variables do not give away.

    It is kept in a closure, so that it is not an attribute either: tools that list an object's attributes or slots
    find a function.
    """

    __slots__ = ("reveal",)

    reveal: Callable[[], str]
    """Returns the text. Call it where the text is used, and keep no reference to what it returns."""

    def __init__(self, text: str) -> None:
        self.reveal = lambda: text

    def __len__(self) -> int:
        return len(self.reveal())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return self.reveal() == other.reveal()

    __hash__ = None  # type: ignore[assignment]  # a hash of a secret would be a way to test guesses

    def __repr__(self) -> str:
        return f"<Secret, {len(self)} characters>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


def api_key(text: str, origin: str) -> Secret:
    """Return `text`, without the line end that files and commands add, as an API key, which is hidden from now on.

    `origin` says in the message where it came from.

    Raises:
        SettingsError: it is empty, far too short or too long, or holds characters that no HTTP header may hold.
    """
    key = text.rstrip("\r\n")
    if not key.strip():
        raise SettingsError(f"The API key is empty ({origin})")
    if len(key) > LONGEST:
        raise SettingsError(f"The API key is longer than {LONGEST} characters ({origin})", _ADVICE)
    if any(char.isspace() for char in key):
        raise SettingsError(f"The API key has white space in it ({origin})", _ADVICE)
    if not (key.isascii() and key.isprintable()):
        raise SettingsError(f"The API key has characters other than printable ASCII ({origin})", _ADVICE)
    if len(key) < SHORTEST:
        raise SettingsError(f"The API key is shorter than {SHORTEST} characters ({origin})", _ADVICE)
    secret = Secret(key)
    remember(secret.reveal)
    return secret


_ADVICE = "Copy it again from the project's Dashboard > Keys in the Studio; it is one word that starts with ei_."
