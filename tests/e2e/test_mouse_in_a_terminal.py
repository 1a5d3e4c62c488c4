"""The mouse in a pseudo-terminal, with the sequences that a terminal sends, on the look-alike service."""

import re
import sys
from pathlib import Path

from pty_harness import Terminal

EITUI = str(Path(sys.executable).with_name("eitui"))

PLACE = re.compile(r"(?:row (\d+)/|(?<!after )\b(\d+) of )\d+", re.MULTILINE)
"""Where the cursor is, at the end of the table's title."""


def click(terminal: Terminal, column: int, row: int, times: int = 1) -> None:
    """Press and release the left button; columns and rows are counted from 0."""
    at = f"{column + 1};{row + 1}"
    terminal.send(f"\x1b[<0;{at}M\x1b[<0;{at}m" * times)


def wheel(terminal: Terminal, column: int, row: int, *, down: bool) -> None:
    """Turn the wheel by a notch."""
    terminal.send(f"\x1b[<{65 if down else 64};{column + 1};{row + 1}M")


def row_of(terminal: Terminal, text: str) -> int:
    """Return the first line of the screen that has `text`."""
    return next(row for row, line in enumerate(terminal.text.splitlines()) if text in line)


def place(terminal: Terminal) -> int:
    found = PLACE.search(terminal.text)
    return int(found.group(1) or found.group(2)) if found else 0


def test_the_wheel_and_clicks_in_the_trials_and_the_impulses() -> None:
    with Terminal([EITUI, "demo", "--mouse", "--scenario", "finished"], columns=120, rows=40) as terminal:
        terminal.wait_for("✓ completed")
        terminal.wait_for(lambda t: 1000 in t.modes_on())
        terminal.send("g")
        terminal.wait_for(lambda t: place(t) == 1)
        head = row_of(terminal, "Val acc")
        click(terminal, 10, head + 3)
        terminal.wait_for(lambda t: place(t) == 3)
        wheel(terminal, 10, head + 3, down=True)
        terminal.wait_for(lambda t: place(t) == 6)
        wheel(terminal, 10, head + 3, down=False)
        terminal.wait_for(lambda t: place(t) == 3)
        name = terminal.text.splitlines()[head + 2].split()[0]
        click(terminal, 10, head + 2, times=2)
        terminal.wait_for(re.compile(rf"^ {re.escape(name)} +✓ completed .*2 of", re.MULTILINE))
        terminal.wait_for("esc Back")
        terminal.send("\x1b")
        terminal.wait_for(lambda t: "esc Back" not in t.text and place(t) == 2)
        terminal.send("I")
        terminal.wait_for("From trial")
        terminal.wait_for("esc Back")
        click(terminal, 10, row_of(terminal, "From trial") + 3, times=2)
        terminal.wait_for(re.compile(r"1 Blocks .*2 Network"))
        terminal.send("qq")
        terminal.wait_for("Val acc")
        terminal.send("q")
        assert terminal.wait_exit() == 0
