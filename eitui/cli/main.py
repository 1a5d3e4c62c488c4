"""The command `eitui`. Commands are imported when they are run: `eitui status` never loads the monitor."""

import gc
import importlib
import os
import sys

import click

import eitui
from eitui.tui.terminal import speak_utf8

COMMANDS = {
    "watch": "Show a run live (the default)",
    "demo": "Show a run of a tuner that does not exist: no account, no network",
    "status": "Print a summary of the run and leave",
    "record": "Record a run without a terminal, until it ends",
    "replay": "Show a recorded run, at any instant and speed",
    "runs": "List the recordings, or delete some",
    "export": "Write what was recorded as CSV or JSON, or the recording as one file",
    "thresholds": "List the thresholds of the impulses, change them, and say what was changed",
    "doctor": "Say what is configured, whether the service answers, what this terminal can do",
}
"""Every command and what it does, in one line; each is `eitui.cli.<name>.<name>`."""

OWN_OPTIONS = ("-h", "--help", "--version")


class Commands(click.Group):
    """Knows the commands without importing them; without a command it watches."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `watch` before options that come without a command."""
        if not args or (args[0].startswith("-") and args[0] not in OWN_OPTIONS):
            args = ["watch", *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(f"eitui.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)  # noqa: S101 - the table above says so
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table: their own help would have to import them all."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(eitui.__version__, prog_name="eitui")
def eitui_command() -> None:
    """Watch Edge Impulse EON Tuner runs in the terminal."""


def main() -> None:
    """Run the command line and exit with a code of `ExitCode`."""
    # Start-up makes a hundred thousand objects and frees none: collecting meanwhile takes 6 % of a short command. The
    # monitor, which runs for hours, switches it on again.
    gc.disable()
    for stream in (sys.stdout, sys.stderr):
        speak_utf8(stream)
    code = _run()
    # Nor is there anything to collect at the end, which would take another 10 %: the process gives all of it back.
    gc.freeze()
    sys.exit(code)


def _run() -> int:
    try:
        code = eitui_command.main(prog_name="eitui", standalone_mode=False)
        if sys.stdout is not None:  # closed by whoever started us
            sys.stdout.flush()
    except click.exceptions.Exit as error:
        code = error.exit_code
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = 130
    except BrokenPipeError:
        _drop_stdout()  # whoever read it has seen enough
        code = 0
    except Exception as error:
        code = _explain(error)
    return code if isinstance(code, int) else 0


def _drop_stdout() -> None:
    """Let the interpreter flush into nothing at its end, as it would complain once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _explain(error: Exception) -> int:
    """Say on stderr what went wrong and what to do, in two lines at most."""
    from eitui.cli.exit_code import exit_code
    from eitui.errors import EituiError

    what, advice = (error.what, error.guidance) if isinstance(error, EituiError) else ("", "")
    if isinstance(error, OSError):
        _drop_stdout()
        what = f"The output cannot be written: {error.strerror or type(error).__name__}"
    if not what:
        raise error
    click.echo(f"eitui: {what}", err=True)
    if advice:
        click.echo(f"       {advice}", err=True)
    return int(exit_code(error))
