"""The view of a trial and the failures in a pseudo-terminal, on the look-alike service."""

import re
import sys
from pathlib import Path

from look_alike import Clock, LookAlike
from pty_harness import Terminal

EITUI = str(Path(sys.executable).with_name("eitui"))

TABS = {
    "1": ("Curves", re.compile("epoch")),
    "2": ("Metrics", re.compile(r"Classes +on validation|Most mistaken|metrics come when")),
    "3": ("Device", re.compile(r"Target +cortex|figures for devices")),
    "4": ("Impulse", re.compile(r"^ Input", re.MULTILINE)),
    "5": ("Progress", re.compile(r"^ Blocks", re.MULTILINE)),
    "6": ("Log", re.compile(r"Job completed")),
}


def demo(*arguments: str, columns: int = 120, rows: int = 40) -> Terminal:
    return Terminal([EITUI, "demo", *arguments], columns=columns, rows=rows)


def test_every_tab_by_its_number_and_by_tab() -> None:
    with demo("--scenario", "finished", columns=80, rows=24) as terminal:
        terminal.wait_for("completed")
        terminal.send("b\r")
        for key, (name, shown) in TABS.items():
            terminal.send(key)
            terminal.wait_for(f"▌{key} {name}")
            terminal.wait_for(shown)
            assert all(len(line) == 80 for line in terminal.screen)
        for key in ("1", "2", "3"):
            terminal.send("\t")
            terminal.wait_for(f"▌{key} {TABS[key][0]}")
        terminal.send("\x1b[Z")
        terminal.wait_for("▌2 Metrics")
        terminal.send("\x1b")
        terminal.wait_for(re.compile(r"▌1 Trials"))
        terminal.send("q")
        assert terminal.wait_exit() == 0


def test_a_trial_lives_on_while_it_is_looked_at() -> None:
    with demo("--speed", "20") as terminal:
        terminal.wait_for("running")
        terminal.send("\r")
        terminal.wait_for(re.compile(r"● running +epoch \d+/50"))
        first = epoch(terminal)
        terminal.wait_for(lambda t: epoch(t) > first or "✓ completed" in t.text)
        before = name(terminal)
        terminal.send("n")
        terminal.wait_for(lambda t: name(t) not in ("", before))
        terminal.send("N")
        terminal.wait_for(lambda t: name(t) == before)


def epoch(terminal: Terminal) -> int:
    found = re.search(r"epoch (\d+)/50", terminal.screen[1])
    return int(found.group(1)) if found else 0


def name(terminal: Terminal) -> str:
    found = re.match(r" (\w+-\w+-\w+) ", terminal.screen[1])
    return found.group(1) if found else ""


def test_failures_lead_to_the_trial_and_its_log() -> None:
    clock = Clock()
    with LookAlike("failures", clock=clock) as server:
        # Over before the first poll: the log of a trial that still runs would be asked for again.
        clock.end_run()
        command = [EITUI, "watch", "--interval", "1"]
        with Terminal(command, columns=120, rows=40, environ=server.environment()) as terminal:
            terminal.wait_for(re.compile(r"✗ (\d\d) failed"))
            terminal.send("F")
            terminal.wait_for(re.compile(r"(out of memory|shape mismatch) · \d+ trials"))
            terminal.wait_for(re.compile(r"in \d+ of \d+ of these failures, \d+ of \d+ other trials"))
            terminal.send("\r")
            terminal.wait_for(re.compile(r"Likely cause: (out of memory|shape mismatch)"))
            terminal.send("6")
            terminal.wait_for(re.compile(r"^▶ \d\d:\d\d:\d\d", re.MULTILINE))
            terminal.send("\x1b")
            terminal.wait_for("▌F By cause")
            terminal.send("\x1b")
            terminal.wait_for("▌1 Trials")
        asked = [path for _, path in server.requests if path.endswith("/stdout")]
        # Of many logs the last ones read are kept: the one that was opened may have had to be read once more.
        assert len(asked) <= len(set(asked)) + 1, "no log was asked for twice but that of the opened trial"
