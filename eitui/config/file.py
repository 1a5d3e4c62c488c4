"""The settings file: TOML in the user's configuration directory."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eitui.config import ownership, values
from eitui.config.errors import SettingsError
from eitui.config.key import KEY_NAMES, check_private, system_reason

_LARGEST = 1024 * 1024
"""Longest settings file read, in bytes."""


def settings_path(environ: Mapping[str, str], given: Path | None = None) -> tuple[Path, bool]:
    """Return where the settings file is, and whether the user named it (then it must exist).

    Raises:
        SettingsError: it is said to be in the home directory of a user who does not exist.
    """
    if given:
        return values.path(given, "flag --config"), True
    if named := environ.get("EITUI_CONFIG"):
        return values.path(named, "environment EITUI_CONFIG"), True
    # Imported here: a tenth of the start of a command that was told where its file is.
    from platformdirs import user_config_path

    return user_config_path("eitui") / "config.toml", False


def state_path() -> Path:
    """Return where eitui keeps what lasts, unless the user says otherwise."""
    from platformdirs import user_state_path

    return user_state_path("eitui")


def read_file(path: Path, names: Sequence[str], *, must_exist: bool) -> Mapping[str, Any]:
    """Return what the settings file says; nothing where there is none, or where it is the null device.

    `names` are those of all settings.

    Raises:
        SettingsError: it cannot be read, others may write it, it is not TOML, holds a name that is no setting, or holds
            the API key while others can read it.
    """
    if path == Path(os.devnull):
        return {}
    try:
        data, found = ownership.read_owned(path, "the settings file", _LARGEST + 1)
        content = _parse(data, path)
    except FileNotFoundError:
        if must_exist:
            raise SettingsError(f"The settings file does not exist: {path}") from None
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError(f"The settings file cannot be read: {path} ({system_reason(error)})") from None
    if "api_key" in content:
        check_private(found, path)
    _check_names(content, path, names)
    return content


def _parse(data: bytes, path: Path) -> dict[str, Any]:
    import tomllib

    if len(data) > _LARGEST:
        raise SettingsError(f"{path} is too large for a settings file")
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not UTF-8 text") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        # Only the place: the rest of the message may repeat a piece of the line, and the line may hold the key.
        where = re.search(r"line \d+|end of document", str(error))
        raise SettingsError(f"{path} is not valid TOML{f' ({where[0]})' if where else ''}") from None


def _check_names(content: Mapping[str, Any], path: Path, names: Sequence[str]) -> None:
    for name in content:
        if name not in names:
            raise SettingsError(f"{path} has an unknown setting: {name}", _nearest(name, names))
    ways = [name for name in KEY_NAMES if name in content]
    if len(ways) > 1:
        raise SettingsError(f"{path} gives the API key twice: {' and '.join(ways)}", "Keep one of them.")
    if "endpoint" in content and "host" in content:
        raise SettingsError(f"{path} sets both endpoint and host", "Keep one of them.")


def _nearest(name: str, names: Sequence[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, names, n=1)
    return f"Did you mean {near[0]}?" if near else f"The settings are {', '.join(names)}."
