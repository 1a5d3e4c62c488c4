"""The console's way in: what must be done before anything else is imported."""

import signal


def main() -> None:
    """Run the command line. An interrupt ends the process without a word until the command itself handles it.

    Importing takes some 30 ms, in which Python answers ctrl+c with a traceback.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # It may be ignored, as under nohup.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from eitui.cli import main as command

    command.run_program()
