"""What holds for all tests."""

import gc
import os
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from eitui.tui.keys import KEYS, names
from eitui.view.kit.keys import name_keys

# A machine's bad second is no failure: speed is measured in tests/benchmarks.
settings.register_profile("eitui", deadline=None, max_examples=40)
settings.register_profile("fast", deadline=None, max_examples=10)
settings.register_profile("thorough", deadline=None, max_examples=1000)

# Every worker loads every test, and would compile each anew where the environment forbids to keep what was compiled.
sys.dont_write_bytecode = False

# A shell's background job ignores them, and so would every program that a test starts and interrupts.
for number in (signal.SIGINT, signal.SIGQUIT):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.default_int_handler if number is signal.SIGINT else signal.SIG_DFL)

FAST = "not slow"
SLOW = (
    "e2e/",
    "tui/",
    "unit/test_recording",
    "unit/test_demo_state",
    "unit/test_thresholds_never",
    "unit/test_thresholds_editor_never",
)
"""Where tests use a pseudo-terminal or a screen by keyboard, or try very many things."""

HERE = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    if not config.getoption("--hypothesis-profile"):
        settings.load_profile("fast" if config.getoption("markexpr") == FAST else "eitui")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE) and item.path.relative_to(HERE).as_posix().startswith(SLOW):
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays to the end: thousands of tests, and the modules they are in."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _default_key_names() -> None:
    """Let prose name the default keys where no app has named its own."""
    name_keys(names(KEYS))


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are cores: tests in a pseudo-terminal mostly wait."""
    return len(os.sched_getaffinity(0)) + 1
