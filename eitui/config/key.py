"""The API key from a file or from a command."""

import os
import shlex
import stat
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from eitui.config.errors import SettingsError
from eitui.config.secret import LONGEST, Secret, api_key
from eitui.domain.text import clean

Run = Callable[..., "subprocess.CompletedProcess[Any]"]
"""Like `subprocess.run`."""

COMMAND_TIMEOUT_S = 60.0
"""How long an `api_key_command` may take: it may ask for a passphrase."""

_OTHERS = stat.S_IRGRP | stat.S_IWGRP | stat.S_IROTH | stat.S_IWOTH


def check_private(descriptor: int, path: Path) -> None:
    """Refuse an open file that the group or others can read or write.

    Raises:
        SettingsError: they can.
    """
    if os.fstat(descriptor).st_mode & _OTHERS:
        raise SettingsError(
            f"{path} holds an API key and others may read or change it", f"Run: chmod 600 {shlex.quote(str(path))}"
        )


def key_from_file(path: Path) -> Secret:
    """Return the API key that `path` holds, alone in its first line.

    Raises:
        SettingsError: it cannot be read, others can read it too, or it does not hold a key.
    """
    origin = f"api_key_file {path}"
    try:
        with path.open("rb") as file:
            check_private(file.fileno(), path)
            data = file.read(LONGEST + 3)
    except (OSError, ValueError) as error:
        raise SettingsError(f"The API key's file cannot be read: {path} ({reason(error)})") from None
    return api_key(_text(data), origin)


def key_from_command(command: str | Sequence[str], run: Run, environ: Mapping[str, str], path: Path) -> Secret:
    """Return the API key that `command` prints; it is run without a shell.

    What the command writes to stderr is not shown: it may name what it could not decrypt. `path` is the settings
    file, for the message.

    Raises:
        SettingsError: it cannot be run, fails, takes too long, or does not print a key.
    """
    words = _words(command, path)
    name = f"api_key_command {Path(words[0]).name!r} in {path}"
    advice = "Run the command by hand to see what it says."
    try:
        done = run(
            words,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=COMMAND_TIMEOUT_S,
            check=False,
            env=dict(environ),
        )
    except subprocess.TimeoutExpired:
        raise SettingsError(f"{name} took longer than {COMMAND_TIMEOUT_S:.0f} s", advice) from None
    except (OSError, ValueError) as error:
        raise SettingsError(f"{name} cannot be run ({reason(error)})", advice) from None
    if done.returncode != 0:
        raise SettingsError(f"{name} ended with code {done.returncode}", advice)
    return api_key(_text(done.stdout), name)


def _words(command: str | Sequence[str], path: Path) -> list[str]:
    try:
        words = shlex.split(command) if isinstance(command, str) else list(command)
    except ValueError:
        words = []
    if not words or not words[0]:
        raise SettingsError(f"api_key_command in {path} is not a command", 'For example: ["pass", "show", "ei-key"]')
    return words


def _text(data: bytes) -> str:
    # What does not decode becomes U+FFFD, which the check of the key refuses without repeating it.
    return data.decode(errors="replace")


def reason(error: Exception) -> str:
    """Why the operating system refused, without the file name that its own message repeats."""
    words = error.strerror if isinstance(error, OSError) else None
    return clean(words.lower() if words else type(error).__name__)
