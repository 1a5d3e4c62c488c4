"""What holds for all tests."""

import pytest
from hypothesis import settings

from eitui.tui.keys import KEYS, names
from eitui.view.kit.keys import name_keys

# A machine's bad second is no failure: speed is measured in tests/benchmarks.
settings.register_profile("eitui", deadline=None)
settings.load_profile("eitui")


@pytest.fixture(autouse=True)
def _default_key_names() -> None:
    """Let prose name the default keys where no app has named its own."""
    name_keys(names(KEYS))
