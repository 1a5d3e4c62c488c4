"""Serve the look-alike in a process of its own: `python -m eitui.demo.serve`."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence

from eitui.demo.options import DEFAULT_SPEED, SCENARIOS, WINDOWS, Options
from eitui.demo.server import DemoServer

KEY_VARIABLE = "EITUI_DEMO_KEY"
"""Environment variable with the API key to expect: never an argument, which other users could read."""


_ENDS = (signal.SIGTERM, signal.SIGINT)


def _main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM, SIGINT or, if so told, the end of stdin; return the exit code (0, or 2 for bad usage)."""
    given = _parser().parse_args(arguments)
    try:
        options = Options(given.scenario, given.seed, given.trials, given.speed, given.windows, opened=given.opened)
        server = DemoServer(options, port=given.port, key=os.environ.pop(KEY_VARIABLE, None))
    except (ValueError, OverflowError) as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"cannot listen on port {given.port}: {error.strerror or type(error).__name__}")
    # Waited for rather than handled: a handler that takes a lock may find it taken by the code it interrupted. Blocked
    # before any thread begins, so that all of them leave these signals to `sigwait`.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    with server:
        _announce(server, given.announce_fd)
        threading.Thread(target=server.service.warm, daemon=True).start()
        if given.until_eof:
            threading.Thread(target=_watch_stdin, daemon=True).start()
        signal.sigwait(_ENDS)
    return 0


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what to simulate."""
    parser.add_argument("--scenario", default="default", choices=list(SCENARIOS), help="what kind of run")
    parser.add_argument("--seed", type=int, default=1, help="another number, another run")
    parser.add_argument("--trials", type=int, help="most trials the search may evaluate")
    parser.add_argument("--speed", type=float, default=DEFAULT_SPEED, help="simulated seconds per second")
    parser.add_argument("--windows", type=int, default=WINDOWS, help="windows in the test set of each impulse")
    parser.add_argument("--opened", type=float, help="Unix time at which the run is to be well under way")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("eitui-demo", description="An Edge Impulse tuner that does not exist.")
    add_options(parser)
    parser.add_argument("--port", type=int, default=0, help="loopback port; 0 lets the system choose")
    parser.add_argument("--announce-fd", type=int, help="write how to reach the service there instead of to stdout")
    parser.add_argument("--until-eof", action="store_true", help="end when stdin does")
    return parser


def _announce(server: DemoServer, descriptor: int | None) -> None:
    """Write three lines that a shell can evaluate. Nothing in them needs quoting: the key's form was checked."""
    text = "".join(f"export {name}={value}\n" for name, value in server.environment().items())
    if descriptor is None:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(text)


def _watch_stdin() -> None:
    # Not sys.stdin: a thread blocked in its buffer would disturb the interpreter's exit.
    try:
        while os.read(0, 4096):
            pass
    except OSError:
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _refuse(problem: str) -> int:
    print(f"eitui demo: {problem}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(_main())
