"""What a poll costs on the line to the terminal."""

import sys
import time
from pathlib import Path

from pty_harness import Terminal

from eitui.demo.server import DemoServer

EITUI = str(Path(sys.executable).with_name("eitui"))
POLLS = 10


def idle_bytes() -> str:
    """Bytes written to the terminal by polls whose answer did not change, while LIVE."""
    began = time.time()
    # The service's clock stands still, so every answer is the same to the byte.
    with DemoServer(clock=lambda: began) as server:
        command = [EITUI, "watch", "--interval", "1"]
        with Terminal(command, columns=120, rows=40, environ=server.environment()) as terminal:
            terminal.wait_for("elapsed")
            asked, settled = _polls(server), 2
            terminal.wait_for(lambda _: _polls(server) >= asked + settled, 60)
            written: list[int] = []
            for _ in range(POLLS):
                before = len(terminal.raw)
                terminal.wait_for(lambda _: _polls(server) > asked + settled + len(written), 60)
                written.append(len(terminal.raw) - before)
            live = "LIVE" in terminal.text
    return f"{written} bytes in {POLLS} polls, {'LIVE' if live else 'not live'} (promised: 0, but at a minute's turn)"


def _polls(server: DemoServer) -> int:
    return sum(path.endswith("/optimize/state") for _, path in server.requests)
