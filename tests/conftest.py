"""What holds for all tests."""

from pathlib import Path

import pytest
from hypothesis import settings

# A machine's bad second is no failure: speed is measured in tests/benchmarks.
settings.register_profile("eitui", deadline=None)
settings.load_profile("eitui")

SLOW = ("e2e/", "tui/")
"""Where tests run the program in a pseudo-terminal, or a screen by keyboard."""

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE) and item.path.relative_to(HERE).as_posix().startswith(SLOW):
            item.add_marker(pytest.mark.slow)
