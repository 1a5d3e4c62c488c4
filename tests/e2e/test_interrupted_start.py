"""Ctrl+c while the program is still being loaded."""

import signal
import subprocess
import sys
from importlib.metadata import entry_points

LOAD = """
import os, signal, sys
class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == "click":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupt())
from {module} import {name}
{name}()
"""
"""What the installed script does, interrupted at the first import of something that is not eitui's."""


def start(before: str = "") -> "subprocess.CompletedProcess[str]":
    (script,) = entry_points(group="console_scripts", name="eitui")
    code = before + LOAD.format(module=script.module, name=script.attr)
    command = [sys.executable, "-c", code, "--version"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_an_interrupt_while_loading_ends_the_process_without_a_word() -> None:
    ended = start()
    assert (ended.returncode, ended.stdout, ended.stderr) == (-signal.SIGINT, "", "")


def test_an_interrupt_that_is_ignored_stays_ignored() -> None:
    ended = start("import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("eitui, version")
