"""Comparison, trade-offs and the progress of the search in a pseudo-terminal, on the look-alike service."""

import re
import sys
from pathlib import Path

import pytest
from pty_harness import Terminal

EITUI = str(Path(sys.executable).with_name("eitui"))

CHOSEN = re.compile(r"^ (\S+)  val (?:accuracy|loss) \S+  latency ", re.MULTILINE)
"""The line that reads the chosen point."""


def demo(scenario: str, columns: int, rows: int) -> Terminal:
    return Terminal([EITUI, "demo", "--scenario", scenario], columns=columns, rows=rows)


def on_the_monitor(terminal: Terminal) -> bool:
    return "Val acc" in terminal.text and "esc Back" not in terminal.text


def chosen(terminal: Terminal) -> str:
    found = CHOSEN.search(terminal.text)
    return found.group(1) if found else ""


@pytest.mark.parametrize(
    ("scenario", "columns", "rows"),
    [("finished", 80, 24), ("detection", 200, 60)],
)
def test_each_opens_and_goes_back(scenario: str, columns: int, rows: int) -> None:
    with demo(scenario, columns, rows) as terminal:
        terminal.wait_for(re.compile(r"✓ completed"))
        for key, title, wanted in (
            ("p", " Trade-offs  val ", CHOSEN),
            ("o", " Progress of the search  best val ", re.compile(r"Ends with|Ended by")),
            ("c", " Compare  ", re.compile(r"┤|nothing to compare")),
        ):
            terminal.send(key)
            terminal.wait_for(title)
            terminal.wait_for(wanted)
            terminal.wait_for("esc Back")  # the last line: the frame is whole
            terminal.send("\x1b")
            terminal.wait_for(on_the_monitor)
        terminal.send("q")
        assert terminal.wait_exit() == 0


def test_walking_the_trade_offs_selects_a_trial_and_marked_ones_are_compared() -> None:
    with demo("finished", 120, 40) as terminal:
        terminal.wait_for("✓ completed")
        terminal.send("p")
        terminal.wait_for(CHOSEN)
        terminal.send("\x1b[H")
        terminal.wait_for(lambda t: re.search(r"\[\S\]", t.text) is not None)
        first = chosen(terminal)
        terminal.send("\x1b[C\x1b[C")
        terminal.wait_for(lambda t: chosen(t) not in ("", first))
        terminal.send("\x1b[F")
        terminal.wait_for("× over: latency")
        dearest = chosen(terminal)
        terminal.send("x")
        terminal.wait_for("against RAM")
        assert chosen(terminal) == dearest
        terminal.send("\r")
        terminal.wait_for(on_the_monitor)
        terminal.wait_for(re.compile(rf"2 Curves +{re.escape(dearest)}"))

        terminal.send("g   ")
        terminal.send("c")
        terminal.wait_for("3 marked trials")
        terminal.wait_for(re.compile(r"▸● \S+ +▲ \S+ +■ \S+"))
        terminal.send("l ")
        terminal.wait_for("2 marked trials")
        terminal.wait_for(re.compile(r"● \S+ +▸■ \S+"))
        terminal.send("\t\t")
        terminal.wait_for(lambda t: "┤" not in t.text)
        terminal.send("q")
        terminal.wait_for(on_the_monitor)


def test_the_search_goes_on_while_it_is_looked_at() -> None:
    with Terminal([EITUI, "demo", "--speed", "900"], columns=80, rows=24) as terminal:
        terminal.wait_for(re.compile(r"✓ completed"))
        terminal.send("o")
        terminal.wait_for(re.compile(r"Best so far +[★◆] \d"))
        count = re.compile(r"of (\d+) completed")
        before = int(count.search(terminal.text).group(1))
        terminal.wait_for(lambda t: (found := count.search(t.text)) is not None and int(found.group(1)) > before)
        terminal.send("G")
        terminal.wait_for(re.compile(r"↑ \d+ more"))
        terminal.send("q")
        terminal.wait_for(on_the_monitor)
