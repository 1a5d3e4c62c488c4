"""Files that are written whole or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from eitui.domain.text import clean
from eitui.errors import Code, EituiError, ExitCode


class NotWritten(EituiError):
    """A file cannot be written."""

    code = Code.FILE
    exit_code = ExitCode.USAGE

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{clean(str(path))} cannot be written: {why}")
        self.why = why
        """A few words, plain."""


def write(path: Path, content: bytes) -> None:
    """Write `content` to a file, which keeps what it had if that fails. A device or a pipe is written to directly.

    Raises:
        NotWritten: it cannot be.
    """
    if _is_special(path):
        try:
            path.write_bytes(content)
        except OSError as error:
            raise NotWritten(path, why_not_written(error)) from None
        return
    with replacing(path) as new:
        new.write_bytes(content)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield an empty file beside `path`, which takes its place when the block has ended well.

    Raises:
        NotWritten: that cannot be; the file at `path` is as before.
    """
    try:
        if path.is_dir():
            raise NotWritten(path, "it is a directory")
        if _is_special(path):
            raise NotWritten(path, "it is not a file")
        target = Path(os.path.realpath(path))  # a link stays one: what it points to is replaced
        if not target.parent.is_dir():
            raise NotWritten(path, f"there is no directory {clean(str(target.parent))}")
        new = target.parent / f".eitui-{secrets.token_hex(6)}.part"
        try:
            # Not `tempfile`, whose files are for their owner alone: the umask is to decide.
            os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
            if target.exists():  # nobody may read it who could not before
                new.chmod(new.stat().st_mode & target.stat().st_mode & 0o777)
            yield new
            sync_to_disk(new)
            new.replace(target)
            with suppress(OSError):  # it is written; not every disk can promise this much of a directory
                sync_to_disk(target.parent)
        finally:
            # What was not finished, and what SQLite may have left beside it.
            for ending in ("", "-journal", "-wal", "-shm"):
                with suppress(OSError):
                    new.with_name(new.name + ending).unlink()
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL in it
        raise NotWritten(path, why_not_written(error)) from None


def why_not_written(error: Exception) -> str:
    """Return in a few words why a file could not be written."""
    return clean((getattr(error, "strerror", None) or str(error)) or type(error).__name__)


def sync_to_disk(path: Path) -> None:
    """Wait until the disk has a file, or a directory's names: a machine that stops must find the old or the new."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _is_special(path: Path) -> bool:
    try:
        return path.exists() and not path.is_file() and not path.is_dir()
    except OSError:
        return False
