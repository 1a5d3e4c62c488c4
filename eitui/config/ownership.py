"""Read a file that is obeyed: only the user and root can have put it where it is, or changed it.

A settings file names a program to run and the address that the API key is sent to, so any writer may do both in
the user's name. The same holds for the directories on the way to it, where another file could take its place.
"""

import os
import shlex
import stat
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path

from eitui.config.errors import SettingsError
from eitui.domain.text import clean

_MOST_LINKS = 40
"""Links followed on the way to one file, as the kernel does."""

_KINDS = {
    stat.S_IFDIR: "it is a directory",
    stat.S_IFIFO: "it is a pipe",
    stat.S_IFCHR: "it is a device",
    stat.S_IFBLK: "it is a device",
    stat.S_IFSOCK: "it is a socket",
}


class Fault(Enum):
    """Why something on the way to a file, or the file itself, is not to be trusted."""

    OWNER = auto()
    """It belongs to somebody else, who may give it any content at any time."""
    WRITERS = auto()
    """Others may write to it."""


def fault(found: os.stat_result, owners: Collection[int], is_private: Callable[[int], bool]) -> Fault | None:
    """Return what is wrong with a file, a directory or a link, as `lstat` or `fstat` found it.

    Args:
        found: what was found.
        owners: the users who are trusted.
        is_private: whether a group has no member beside one of them.

    """
    if found.st_uid not in owners:
        return Fault.OWNER
    # A link's own mode means nothing. In a directory with the sticky bit nobody replaces what belongs to another.
    if stat.S_ISLNK(found.st_mode) or (stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX):
        return None
    by_group = found.st_mode & stat.S_IWGRP and not is_private(found.st_gid)
    return Fault.WRITERS if by_group or found.st_mode & stat.S_IWOTH else None


def read_owned(path: Path, what: str, most: int) -> tuple[bytes, os.stat_result]:
    """Return at most `most` bytes of a file, and what the file system says of it.

    `what` is what the file is, for messages: "the settings file". Pipes and devices are not read: they may never end,
    or never begin.

    Raises:
        SettingsError: others may write to it or replace it, or it is not a file.
        OSError, ValueError: it cannot be opened or read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            kind = _KINDS.get(stat.S_IFMT(found.st_mode), "it is not a file")
            raise SettingsError(
                f"{what[0].upper()}{what[1:]} cannot be read: {path} ({kind})",
                "Name a regular file; api_key_command gives a key that a program hands out.",
            )
        # Who owns the root directory can do everything: root, or whom a user namespace shows in root's place.
        owners = {os.geteuid(), 0, os.stat("/").st_uid}  # noqa: PTH116 - not worth a Path
        for step in _steps(path):
            there = step.lstat()
            if wrong := fault(there, owners, lambda group: _is_private(group, owners)):
                named, changed = f"{step}, on the way to {what} {path},", f"{step}, where {path} is"
                raise _refusal(wrong, there, step, named, changed)
        if wrong := fault(found, owners, lambda group: _is_private(group, owners)):
            raise _refusal(wrong, found, path, f"{what} {path}", f"{what} {path}")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(most), found
    finally:
        os.close(descriptor)


def is_mine(found: os.stat_result) -> bool:
    """Whether the user may change the mode of a file: no other is told to."""
    return found.st_uid == os.geteuid()


def _refusal(wrong: Fault, found: os.stat_result, path: Path, named: str, changed: str) -> SettingsError:
    advice = "Use a file of your own, in a directory of your own."
    if wrong is Fault.OWNER:
        import pwd

        user = f"user {found.st_uid}"
        with suppress(KeyError):
            user = clean(pwd.getpwuid(found.st_uid).pw_name)
        return SettingsError(f"{named[0].upper()}{named[1:]} belongs to {user}, neither to you nor to root", advice)
    if is_mine(found):
        advice = f"Run: chmod go-w {shlex.quote(str(path))}"
    return SettingsError(f"Others may change {changed}", advice)


def _steps(path: Path) -> Iterator[Path]:
    """Yield what decides which file `path` is: each directory in which a name is looked up, and each link followed."""
    here, names, links = Path("/"), list(reversed((Path.cwd() / path).parts[1:])), 0
    while names:
        name = names.pop()
        if name == "..":
            here = here.parent
            continue
        yield here
        there = here / name
        if links < _MOST_LINKS and there.is_symlink():
            yield there
            links += 1
            target = there.readlink()
            here = Path("/") if target.is_absolute() else here
            names += reversed(target.parts[target.is_absolute() :])
        else:
            here = there


def _is_private(group: int, owners: Collection[int]) -> bool:
    """Whether a group is the one that many systems make for each user: called like the user, who is alone in it."""
    import grp
    import pwd

    try:
        named = grp.getgrgid(group)
        user = pwd.getpwnam(named.gr_name)
    except KeyError:
        return False
    return user.pw_uid in owners and user.pw_gid == group and set(named.gr_mem) <= {user.pw_name}
