"""The command line that serves the look-alike in a process of its own, without loading the service."""

import sys

from eitui.demo.options import Options


def command(options: Options, *, port: int = 0, announce_fd: int | None = None, until_eof: bool = True) -> list[str]:
    """Return the command line that serves these options in a process of its own.

    Hand the child its key in the environment as `EITUI_DEMO_KEY`, or read the one it makes up from what it announces.
    """
    # -P: no file of the current directory takes the place of a module.
    line = [sys.executable, "-P", "-m", "eitui.demo.serve", "--port", str(port), "--scenario", options.scenario]
    line += ["--seed", str(options.seed), "--speed", repr(options.speed)]
    line += ["--trials", str(options.trials)] if options.trials is not None else []
    line += ["--windows", str(options.windows)]
    line += ["--opened", repr(options.opened)] if options.opened is not None else []
    line += ["--announce-fd", str(announce_fd)] if announce_fd is not None else []
    return [*line, "--until-eof"] if until_eof else line
