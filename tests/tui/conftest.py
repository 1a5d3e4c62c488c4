"""Pictures: SVG files that are compared. Shown to be right by eye once; `pytest --snapshot-update` accepts a new look.

A picture is for what a value cannot say: one of each screen and class of sizes.
"""

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode


class Picture(SingleFileSnapshotExtension):
    """One SVG file a picture."""

    _write_mode = WriteMode.TEXT
    _file_extension = "svg"


@pytest.fixture
def looks(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(Picture)
