"""The API key that eitui itself has stored: in a file of the user's, or in the keyring of the desktop.

It is kept by the service's host, and given to no other.
"""

import os
import secrets
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

from eitui.config.errors import SettingsError
from eitui.config.files import NotWritten, sync_to_disk, why_not_written
from eitui.config.key import Secret, api_key, key_from_file
from eitui.domain.text import clean
from eitui.log import log

SERVICE = "eitui"
"""What the keyring knows the key by, together with the host."""

KEYRING = "keyring"
"""Where a key of the keyring came from, for showing."""


def key_file(host: str) -> Path:
    """Return the file of the key for a host, whether it exists or not."""
    from platformdirs import user_config_path

    return user_config_path("eitui") / "keys" / (quote(host, safe="").replace("%", "=").lstrip(".") or "=")


def stored_key(host: str) -> tuple[Secret, str] | None:
    """Return the key that is stored for a host, and where; None when there is none.

    Raises:
        SettingsError: the file cannot be trusted or holds no key, or the keyring cannot be read.
    """
    file = key_file(host)
    if os.path.lexists(file):
        return key_from_file(file), f"file {file}"
    keyring = _keyring()
    if keyring is None:
        return None
    try:
        text = keyring.get_password(SERVICE, host)
    except Exception as error:  # a backend raises what it likes
        raise _refused(error, "read") from None
    return None if text is None else (api_key(text, KEYRING), KEYRING)


def store_in_file(key: Secret, host: str) -> Path:
    """Store the key in a file that only the user can read, and return the file.

    Raises:
        NotWritten: it cannot be.
    """
    file = key_file(host)
    new = file.with_name(f".{file.name}.{secrets.token_hex(6)}.part")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            with os.fdopen(descriptor, "w") as opened:
                opened.write(f"{key.reveal()}\n")
            sync_to_disk(new)
            new.replace(file)
        finally:
            with suppress(OSError):
                new.unlink()
    except OSError as error:
        raise NotWritten(file, why_not_written(error)) from None
    return file


def keyring_name() -> str:
    """Return what the user's keyring is called; empty where there is none, or the package `keyring` is missing."""
    keyring = _keyring()
    if keyring is None:
        return ""
    try:
        return clean(str(keyring.get_keyring().name))
    except Exception as error:  # a backend raises what it likes
        log.debug("The keyring has no name: %s", type(error).__name__)
        return ""


def store_in_keyring(key: Secret, host: str) -> None:
    """Store the key in the user's keyring.

    Raises:
        SettingsError: the keyring refuses.
    """
    keyring = _keyring()
    if keyring is None:
        raise SettingsError("There is no keyring")
    try:
        keyring.set_password(SERVICE, host, key.reveal())
    except Exception as error:  # a backend raises what it likes
        raise _refused(error, "written") from None


def forget_key(host: str) -> list[str]:
    """Remove the key that is stored for a host, wherever; return where it was.

    Raises:
        NotWritten: the file cannot be removed.
        SettingsError: the keyring refuses.
    """
    file, found = key_file(host), []
    try:
        file.unlink()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise NotWritten(file, why_not_written(error)) from None
    else:
        found.append(f"file {file}")
    keyring = _keyring()
    if keyring is not None:
        try:
            if keyring.get_password(SERVICE, host) is not None:
                keyring.delete_password(SERVICE, host)
                found.append(KEYRING)
        except Exception as error:  # a backend raises what it likes
            raise _refused(error, "written") from None
    return found


def _keyring() -> Any:
    """Return the module `keyring`, which the extra `eitui[keyring]` brings; None where it finds no keyring."""
    if find_spec("keyring") is None:
        return None
    import keyring

    try:
        # The backends `fail` and `null` keep nothing.
        return keyring if keyring.get_keyring().priority > 0 else None
    except Exception as error:  # a backend raises what it likes
        log.debug("No keyring: %s", type(error).__name__)
        return None


def _refused(error: Exception, done: str) -> SettingsError:
    # Only the type: what a backend says may hold anything.
    return SettingsError(
        f"The keyring cannot be {done} ({type(error).__name__})", "Unlock the keyring, or set EI_API_KEY."
    )
