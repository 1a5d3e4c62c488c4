"""How long it takes to start."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

from pty_harness import Terminal

from eitui.demo.server import DemoServer

EITUI = str(Path(sys.executable).with_name("eitui"))
ROUNDS = 9

IMPORTS = "import httpx, pydantic"
BARE_IMPORTS = f"import sys; sys.modules['httpx._main'] = None; {IMPORTS}"

EMPTY_APP = """
from textual.app import App
from textual.widgets import Footer, Header

class Empty(App):
    def compose(self):
        yield Header()
        yield Footer()

Empty().run(mouse=False)
"""


def in_turn(
    first: Callable[[], float], second: Callable[[], float], rounds: int = ROUNDS
) -> tuple[float, float, float]:
    """Return the median of each and the median of their ratio, after one round that is not counted."""
    pairs = [(first(), second()) for _ in range(rounds + 1)][1:]
    return median(a for a, _ in pairs), median(b for _, b in pairs), median(a / b for a, b in pairs)


def first_paint() -> str:
    """The demo's monitor against an empty Textual app: from the start of the process to the first frame."""
    ours, empty, ratio = in_turn(
        lambda: _painted([EITUI, "demo"], "Trials"), lambda: _painted([sys.executable, "-c", EMPTY_APP], "⭘")
    )
    return f"{ours:.3f} s, an empty Textual app {empty:.3f} s: ratio {ratio:.2f} (promised: 1.3)"


def _painted(command: list[str], mark: str) -> float:
    began = perf_counter()
    with Terminal(command, columns=120, rows=40) as terminal:
        terminal.wait_for(mark)
        return perf_counter() - began


def status() -> str:
    """`eitui status` against the mere import of the libraries it needs, with httpx's command line and without."""
    with DemoServer() as server:
        environ = os.environ | server.environment()

        def against(baseline: str) -> tuple[float, float, float]:
            return in_turn(
                lambda: _ran([EITUI, "status"], environ), lambda: _ran([sys.executable, "-c", baseline], environ), 15
            )

        ours, imports, ratio = against(IMPORTS)
        _, bare, bare_ratio = against(BARE_IMPORTS)
    return (
        f"{ours:.3f} s, import httpx, pydantic {imports:.3f} s: ratio {ratio:.2f} (promised: 2); that import also "
        f"loads httpx's command line (rich, pygments) where installed, which eitui does not: without it {bare:.3f} s, "
        f"ratio {bare_ratio:.2f}"
    )


def _ran(command: list[str], environ: dict[str, str]) -> float:
    began = perf_counter()
    subprocess.run(command, env=environ, check=True, capture_output=True)
    return perf_counter() - began
