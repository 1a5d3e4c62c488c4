"""From what was written to what is meant: one function per kind of setting.

Each takes the value and where it came from, and raises `SettingsError` without repeating the value, which may be a
misplaced API key.
"""

import math
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path

from eitui.config.errors import SettingsError
from eitui.domain.text import clean, did_you_mean


def project_id(value: object, origin: str) -> int:
    """Read a project's number: a positive integer, or its digits."""
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value) <= 18:
        value = int(value)
    # The upper bound is for the file: TOML's integers may have any number of digits.
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value < 10**18:
        raise SettingsError(
            f"The project id is not a number ({origin})",
            "It is the number in the Studio's address: studio.edgeimpulse.com/studio/12345.",
        )
    return value


def seconds(name: str, least: float, most: float) -> Callable[[object, str], float]:
    """Return the reader of a time in seconds from `least` to `most`; `name` says in the message which."""

    def read(value: object, origin: str) -> float:
        if isinstance(value, str):
            try:
                value = float(value)
            except ValueError:
                value = None
        # Only a float is asked whether it is finite: an integer of 400 digits does not fit into one.
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or (isinstance(value, float) and not math.isfinite(value))
        ):
            raise SettingsError(f"The {name} is not a number of seconds ({origin})")
        if not least <= value <= most:
            raise SettingsError(f"The {name} is not from {least:g} to {most:g} seconds ({origin})")
        return float(value)

    return read


_WORDS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def switch(name: str, *, worded: bool = False) -> Callable[[object, str], bool]:
    """Return the reader of something that is on or off; `worded`: the environment may say it, which has only words."""

    def read(value: object, origin: str) -> bool:
        known = _WORDS.get(value.strip().lower()) if worded and isinstance(value, str) else value
        if not isinstance(known, bool):
            # Taking an unknown word for "off" would turn on what it was to prevent.
            raise SettingsError(f"{name} is neither true nor false ({origin})", "Use 1 or 0." if worded else "")
        return known

    return read


def word(value: object, origin: str) -> str:
    """Read a name that is looked up later, such as a theme's."""
    if not isinstance(value, str) or not value.strip():
        raise SettingsError(f"A name is expected ({origin})")
    return clean(value.strip())


def text(value: object, origin: str) -> str:
    """Read any text."""
    if not isinstance(value, str):
        raise SettingsError(f"A text in quotes is expected ({origin})")
    return value


def path(value: str | Path, origin: str) -> Path:
    """Read a path; `~` and `~name` at its start stand for a home directory."""
    try:
        return Path(value).expanduser()
    except RuntimeError:
        raise SettingsError(f"The path starts with the home directory of a user who is not known ({origin})") from None


def log_file(value: object, origin: str) -> Path:
    """Read the path of the log, which need not exist; a relative one begins where the command was given."""
    chosen = value if isinstance(value, Path) else Path(text(value, origin))
    return Path.cwd() / path(chosen, origin)


def absolute(kind: str) -> Callable[[object, str], Path]:
    """Return the reader of the path of a file or a directory, which need not exist; `~` stands for a home directory."""

    def read(value: object, origin: str) -> Path:
        chosen = path(text(value, origin), origin)
        if not chosen.is_absolute():
            raise SettingsError(f"The {kind} is not an absolute path ({origin})", "Begin it with / or ~.")
        return chosen

    return read


def hooks(value: object, origin: str) -> Mapping[str, tuple[str, ...]]:
    """Read a table from an event to the command to run: one text, split as a shell splits it, or a list of words.

    From the command line it is a sequence of pairs.
    """
    # Imported when it is needed: most commands are given no program.
    from eitui.domain.moment import ANY_EVENT, AlertKind

    if not isinstance(value, dict | tuple):
        raise SettingsError(f"on is not a table of events and commands ({origin})", 'Write finished = "my-program".')
    events = [*(kind.event for kind in AlertKind), ANY_EVENT]
    commands = {}
    for event, command in value.items() if isinstance(value, dict) else value:
        if event not in events:
            advice = did_you_mean(str(event), events, f"The events are {', '.join(events)}.")
            raise SettingsError(f"There is no event {clean(str(event))[:40]!r} ({origin})", advice)
        try:
            words = shlex.split(command) if isinstance(command, str) else command
        except ValueError as error:
            raise SettingsError(f"The command for {event} cannot be split: {error} ({origin})") from None
        if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words) or not words[0]:
            raise SettingsError(f"The command for {event} is neither a text nor a list of texts ({origin})")
        commands[event] = tuple(words)
    return commands


def keymap(value: object, origin: str) -> Mapping[str, str]:
    """Read a table from a binding's id to the keys that trigger it, separated by commas."""
    if not isinstance(value, dict) or not all(isinstance(keys, str) and keys for keys in value.values()):
        raise SettingsError(
            f"keys is not a table of actions and their keys ({origin})",
            'Write "app.quit" = "x"; `eitui keys` lists the actions.',
        )
    return {clean(command): clean(keys) for command, keys in value.items()}
