"""The impulses in a pseudo-terminal, on the look-alike service."""

import re
import sys
from pathlib import Path

from pty_harness import Terminal

EITUI = str(Path(sys.executable).with_name("eitui"))

TABS = {
    "1": ("Blocks", re.compile(r"complete|stale|not configured")),
    "2": ("Network", re.compile(r"Settings|This impulse has no network")),
    "3": ("Metrics", re.compile(r"Metrics in the impulse comparison|Not trained yet|no learn block|no validation")),
    "4": (
        "Curves",
        re.compile(r"[Ee]poch 1|kept no training curves|has no network|[Nn]ot trained yet|no values"),
    ),
    "5": ("Anomaly", re.compile(r"\b(Features|Clusters|Components|Cells)\b|no anomaly block")),
    "6": ("Thresholds", re.compile(r"suggested|no thresholds")),
}

IMPULSES = 8


def test_every_tab_of_every_impulse_and_back() -> None:
    command = [EITUI, "demo", "--scenario", "finished", "--windows", "60"]
    with Terminal(command, columns=80, rows=24) as terminal:
        terminal.wait_for("completed")
        terminal.send("I")
        terminal.wait_for("8 of this project")
        terminal.wait_for("Not configured yet")
        terminal.send("g\r")
        for number in range(1, IMPULSES + 1):
            terminal.wait_for(f"{number} of {IMPULSES}")
            for key, (name, shown) in TABS.items():
                terminal.send(key)
                terminal.wait_for(f"▌{key} {name}")
                terminal.wait_for(shown)
                assert all(len(line) == 80 for line in terminal.screen)
            terminal.send("n")
        terminal.wait_for("This is the last impulse.")
        terminal.send("\x1b")
        terminal.wait_for("▌I Impulses")
        terminal.send("\x1b")
        terminal.wait_for("▌1 Trials")
        terminal.send("q")
        assert terminal.wait_exit() == 0


def test_a_filter_a_comparison_and_the_trial_it_came_from() -> None:
    with Terminal([EITUI, "demo", "--scenario", "finished"], columns=120, rows=40) as terminal:
        terminal.wait_for("completed")
        terminal.send("I")
        terminal.wait_for("Not configured yet")
        terminal.send("/accuracy>=80%\r")
        terminal.wait_for("filter: accuracy>=80% · 2 of 8")
        terminal.send("  c")
        terminal.wait_for("two impulses,")
        terminal.wait_for(re.compile(r"DSP: block +Audio \(MFE\) +Image \(RGB\)"))
        terminal.send("\x1b")
        terminal.wait_for("▌I Impulses")
        terminal.send("gT")
        terminal.wait_for("▌1 Trials")
        terminal.send("\r4")
        terminal.wait_for("▌4 Impulse")
