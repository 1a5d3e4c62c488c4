"""The API key: a text that must not be seen, and the ways to give it."""

import os
import select
import shlex
import stat
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import NoReturn

from eitui.config import ownership
from eitui.config.errors import SettingsError
from eitui.config.hiding import remember
from eitui.domain.text import clean

VARIABLES = ("EI_API_KEY", "EI_PROJECT_API_KEY")
"""Environment variables that may hold the API key; the first one that is set counts."""

KEY_NAMES = ("api_key", "api_key_file", "api_key_command")
"""The three ways a file may give the API key; at most one of them."""

SHORTEST = 8
"""Shortest API key taken for one, in characters: whatever equals the key is blotted out of what is shown, and with a
key of a letter or two that would be most of it."""

_LONGEST = 4096
"""Longest API key taken for one, in characters."""

RunCommand = Callable[[Sequence[str], Mapping[str, str]], tuple[int, bytes]]
"""Runs a program in an environment; returns its exit code and what it printed, as `printed` does."""

COMMAND_TIMEOUT_S = 60.0
"""How long an `api_key_command` may take: it may ask for a passphrase."""

MOST_KEY_BYTES = _LONGEST + 3
"""Bytes read of what should be a key: with a line end it has two more than the longest, and one more is too many."""

_OTHERS = stat.S_IRGRP | stat.S_IWGRP | stat.S_IROTH | stat.S_IWOTH


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
    if len(key) > _LONGEST:
        raise SettingsError(f"The API key is longer than {_LONGEST} characters ({origin})", _ADVICE)
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


def check_private(found: os.stat_result, path: Path) -> None:
    """Refuse a file that the group or others can read or write.

    Raises:
        SettingsError: they can.
    """
    if found.st_mode & _OTHERS:
        raise SettingsError(
            f"{path} holds an API key and others may read or change it",
            f"Run: chmod 600 {shlex.quote(str(path))}"
            if ownership.is_mine(found)
            else "Put the key into a file of your own that only you can read.",
        )


def key_from_file(path: Path) -> Secret:
    """Return the API key that `path` holds, alone in its first line.

    Raises:
        SettingsError: it cannot be read or trusted, others can read it too, or it does not hold a key.
    """
    try:
        data, found = ownership.read_owned(path, "the API key's file", MOST_KEY_BYTES)
    except (OSError, ValueError) as error:
        raise SettingsError(f"The API key's file cannot be read: {path} ({system_reason(error)})") from None
    # In this order: what holds no key is not to be made private, it is the wrong file.
    key = api_key(_text(data), f"api_key_file {path}")
    check_private(found, path)
    return key


def key_from_command(command: str | Sequence[str], run: RunCommand, environ: Mapping[str, str], path: Path) -> Secret:
    """Return the API key that `command` prints; it is run without a shell.

    What the command writes to stderr is not shown: it may name what it could not decrypt. `path` is the settings
    file, for the message.

    Raises:
        SettingsError: it cannot be run, fails, takes too long, or does not print a key.
    """
    try:
        words = shlex.split(command) if isinstance(command, str) else list(command)
    except ValueError:
        words = []
    if not words or not words[0]:
        raise SettingsError(f"api_key_command in {path} is not a command", 'For example: ["pass", "show", "ei-key"]')
    name = f"api_key_command {Path(words[0]).name!r} in {path}"
    advice = "Run the command by hand to see what it says."
    try:
        code, data = run(words, environ)
    except TimeoutError:
        raise SettingsError(f"{name} took longer than {COMMAND_TIMEOUT_S:.0f} s", advice) from None
    except (OSError, ValueError) as error:
        raise SettingsError(f"{name} cannot be run ({system_reason(error)})", advice) from None
    if len(data) >= MOST_KEY_BYTES:
        raise SettingsError(f"{name} prints more than a key", advice)
    if code != 0:
        raise SettingsError(f"{name} ended with code {code}", advice)
    return api_key(_text(data), name)


def printed(words: Sequence[str], environ: Mapping[str, str]) -> tuple[int, bytes]:
    """Run a program without a shell; return its exit code and at most `MOST_KEY_BYTES` of what it printed.

    A program that prints as much, or takes longer than `COMMAND_TIMEOUT_S`, is killed.

    Raises:
        TimeoutError: it took longer.
        OSError, ValueError: it cannot be run.
    """
    until, data = monotonic() + COMMAND_TIMEOUT_S, b""
    # In our own process group: in another one it could not ask for a passphrase on the terminal.
    with subprocess.Popen(  # noqa: S603 - what the user's own settings say
        words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=dict(environ)
    ) as process:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        output = process.stdout.fileno()
        ready = select.poll()
        ready.register(output, select.POLLIN)
        try:
            while len(data) < MOST_KEY_BYTES:
                if not ready.poll(max(0.0, until - monotonic()) * 1000):
                    raise TimeoutError
                chunk = os.read(output, MOST_KEY_BYTES - len(data))
                if not chunk:
                    return process.wait(max(0.0, until - monotonic())), data
                data += chunk
        except subprocess.TimeoutExpired:
            raise TimeoutError from None
        finally:
            # What it started itself ends when it writes to the closed pipe.
            process.kill()
    return process.returncode, data


def _text(data: bytes) -> str:
    # What does not decode becomes U+FFFD, which the check of the key refuses without repeating it.
    return data.decode(errors="replace")


def system_reason(error: Exception) -> str:
    """Why the operating system refused, without the file name that its own message repeats."""
    words = error.strerror if isinstance(error, OSError) else None
    return clean(words.lower() if words else type(error).__name__)
