"""How much memory the monitor holds."""

import sys
from pathlib import Path
from statistics import median

import psutil
from pty_harness import Terminal

EITUI = str(Path(sys.executable).with_name("eitui"))
MIB = 2**20
WATCHED_S = 40.0


def resident(scenario: str, promised: int) -> str:
    """Resident memory of the monitor over some 40 s of polling: a reading a second, and whether it still grows."""
    with Terminal([EITUI, "demo", "--scenario", scenario], columns=120, rows=40) as terminal:
        terminal.wait_for("completed", 60)
        monitor = psutil.Process(terminal.pid)
        readings = []
        for _ in range(int(WATCHED_S)):
            psutil.wait_procs([monitor], timeout=1.0)
            readings.append(monitor.memory_info().rss / MIB)
        high = _high_water(terminal.pid)
        terminal.send("q")
        terminal.wait_exit()
    third = len(readings) // 3
    growth = median(readings[-third:]) - median(readings[:third])
    return (
        f"{median(readings):.0f} MiB median, {readings[-1]:.0f} last, {high:.0f} at the highest instant "
        f"(promised: {promised}); {growth:+.1f} MiB from the first third of the readings to the last"
    )


def _high_water(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
