"""Keys in prose: `{trial.mark}` in a sentence stands for the key that marks a trial, whatever key the user chose."""

import re
from collections.abc import Mapping

_ID = re.compile(r"\{([a-z_]+\.[a-z_]+)\}")
_names: dict[str, str] = {}


def name_keys(names: Mapping[str, str]) -> None:
    """Set the name of every key, by the key's id. Called before the first frame is drawn."""
    _names.clear()
    _names.update(names)


def key_name(key: str) -> str:
    """Return the name of the key with the id `key`."""
    return _names[key]


def keyed(prose: str) -> str:
    """Return `prose` with the names of keys in place of their ids.

    `prose` is a constant of the program. Text of the service never passes through here: it may hold braces.

    Raises:
        KeyError: no key has such an id.
    """
    return _ID.sub(lambda found: _names[found[1]], prose)
