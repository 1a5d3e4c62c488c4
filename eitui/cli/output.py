"""Files that commands write: whole or not at all, or with a refusal of one line."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click

from eitui.config import files


class CannotWrite(click.ClickException):
    """A file that was asked for cannot be written. The message is one line."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        """Print it the way every other refusal is."""
        click.echo(f"eitui: {self.message}", file=file, err=file is None)


def write(path: Path, content: bytes) -> None:
    """Write `content` as `eitui.config.files.write` does.

    Raises:
        CannotWrite: it cannot be.
    """
    try:
        files.write(path, content)
    except files.NotWritten as error:
        raise CannotWrite(str(error)) from None


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield an empty file beside `path`, which takes its place when the block has ended well.

    Raises:
        CannotWrite: that cannot be; the file at `path` is as before.
    """
    try:
        with files.replacing(path) as new:
            yield new
    except files.NotWritten as error:
        raise CannotWrite(str(error)) from None
    except sqlite3.Error as error:
        raise CannotWrite(str(files.NotWritten(path, files.reason(error)))) from None
