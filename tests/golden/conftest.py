"""Golden files: all that a command prints, byte for byte, one file a test. After a change of words
`pytest tests/golden --snapshot-update` writes them anew: read the difference before you commit it."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from shell import HOME, Shell
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode


class Words(SingleFileSnapshotExtension):
    """One text file a test."""

    _write_mode = WriteMode.TEXT
    _file_extension = "txt"


@pytest.fixture
def golden(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(Words)


@pytest.fixture
def shell() -> Iterator[Shell]:
    home = Path(tempfile.mkdtemp(prefix="eitui-", dir="/tmp"))
    assert len(str(home)) == len(HOME)
    yield Shell(home)
    shutil.rmtree(home)
