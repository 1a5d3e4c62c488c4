"""A directory that cannot be entered, and commands run by somebody whom it keeps out.

Root is kept out of nothing: run by root, the directory is given to another user, and the command runs without the two
capabilities that open everything. Any other user is kept out of a directory of his own by its mode, 0.
"""

import ctypes
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534
EITUI = "from eitui.cli.main import run_program; run_program()"

_DROP_FROM_BOUNDING_SET = 24
_DAC_OVERRIDE, _DAC_READ_SEARCH = 1, 2
_C = ctypes.CDLL(None, use_errno=True)


def _give_up_roots_way() -> None:
    if os.geteuid() == 0:
        for capability in (_DAC_OVERRIDE, _DAC_READ_SEARCH):
            if _C.prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "prctl")


@contextmanager
def closed_directory() -> Iterator[Path]:
    """Yield a directory that `outsider` cannot enter."""
    with tempfile.TemporaryDirectory() as above:
        directory = Path(above) / "recordings"
        directory.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(directory, NOBODY, -1)
        else:
            directory.chmod(0)
        try:
            yield directory
        finally:
            directory.chmod(0o700)


def outsider(*words: str, code: str = EITUI, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run `eitui`, or other code, with these words as somebody who is kept out."""
    home = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "PYTHONWARNINGS": "error"}
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        env=home | environ, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        preexec_fn=_give_up_roots_way,
    )  # fmt: skip
