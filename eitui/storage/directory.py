"""Directories for what is nobody else's business, and what is wrong with one that others have a hand in."""

import os
import pwd
import stat
from pathlib import Path

from platformdirs import user_state_path

from eitui.domain.text import clean

_SHARED = stat.S_IWGRP | stat.S_IWOTH


def make_private(path: Path) -> None:
    """Make a directory, with every part of its path that is missing, for its owner alone, whatever the umask.

    One in the usual place that group or others may write is taken from them.

    Raises:
        OSError: it cannot be made, or there is something else in its place.
    """
    wanted, missing = path, []
    while not path.is_dir():
        missing.append(path)
        if path.parent == path:
            break
        path = path.parent
    for part in reversed(missing):
        try:
            part.mkdir(mode=0o700)
        except FileExistsError:
            if not part.is_dir():  # another process was faster
                raise
    # One elsewhere than in the usual place may be shared on purpose: `concern` says so.
    ours = user_state_path("eitui")
    for part in (wanted, *wanted.parents):
        if part != ours and ours not in part.parents:
            break
        there = part.stat()
        if there.st_uid == os.geteuid() and there.st_mode & _SHARED:
            part.chmod(stat.S_IMODE(there.st_mode) & ~_SHARED)


def concern(path: Path) -> str:
    """Return who else may replace what is in a directory, in one line; empty where nobody may, or there is none."""
    try:
        there = path.stat()
    except OSError:
        return ""
    named = clean(str(path))
    if there.st_uid not in (os.geteuid(), 0):
        return f"{named} belongs to another user, {_user(there.st_uid)}, who can read and replace what is in it"
    if there.st_mode & _SHARED and not there.st_mode & stat.S_ISVTX:
        who = "every user" if there.st_mode & stat.S_IWOTH else f"the group {there.st_gid}"
        return f"{named} may be written by {who}, who can replace what is in it"
    return ""


def disk_advice(path: Path, error: OSError) -> str:
    """Return what to do where `path` may not be reached; empty where that is not the error."""
    if not isinstance(error, PermissionError):
        return ""
    for part in (*reversed(path.absolute().parents), path):
        try:
            there = part.stat()
        except OSError:
            break
        if stat.S_ISDIR(there.st_mode) and not os.access(part, os.R_OK | os.X_OK, effective_ids=True):
            named = clean(str(part))
            if there.st_uid == os.geteuid():
                return f"chmod u+rwx {named}"
            return f"{named} belongs to {_user(there.st_uid)}: sudo chown -R {_user(os.geteuid())} {named}"
    return ""


def _user(number: int) -> str:
    try:
        return clean(pwd.getpwuid(number).pw_name)
    except KeyError:
        return str(number)
