"""Runs `eitui` with one function that fails: `python broken.py eitui.feed.follow:follow WORDS…`.

The failure's message holds an escape sequence and whatever KEY_IN_MESSAGE says; a local variable holds `LOCAL`.
"""

import importlib
import os
import sys
from functools import reduce
from typing import Any

LOCAL = "a-value-only-a-local-variable-has"


def fail(*_: Any, **__: Any) -> Any:
    secret = LOCAL
    raise LookupError(f"broken \x1b]0;forged\x07 {os.environ.get('KEY_IN_MESSAGE', '')}" + secret[:0])


if __name__ == "__main__":
    from eitui.cli.main import run_program

    module, _, name = sys.argv.pop(1).partition(":")
    *way, last = name.split(".")
    setattr(reduce(getattr, way, importlib.import_module(module)), last, fail)
    sys.argv[0] = "eitui"
    run_program()
