"""What a browser's terminal begins with: it takes the terminal, is told what to run, and runs it."""

import fcntl
import json
import os
import sys
import termios


def run_served() -> None:
    """Run `eitui` with what the pipe says whose descriptor is the first argument."""
    try:
        # The server has given it a session of its own: closing the terminal is a hang-up for it.
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    except OSError:
        return  # The browser has gone already.
    with os.fdopen(int(sys.argv[1]), "rb") as pipe:
        told = json.loads(pipe.read() or b"null")
    if told is None:
        return  # The server has been ended.
    # Python tells the system too, but the environment that others of this user can read stays as it was at the start.
    os.environ.update(told["variables"])
    sys.argv = ["eitui", *told["words"]]
    from eitui.cli.entry import main as command

    command()


if __name__ == "__main__":
    run_served()
