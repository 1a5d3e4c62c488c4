"""The command `eitui`. Commands are imported when they are run: `eitui status` never loads the monitor."""

import errno
import gc
import importlib
import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

import click

import eitui
from eitui.cli.options import HELP, WatchByDefault, with_log
from eitui.config import KEY_VARIABLES
from eitui.config.hiding import hide, remember
from eitui.config.key import SHORTEST, Secret
from eitui.crash import background_told, crash_report, to_stderr
from eitui.domain.text import clean, did_you_mean
from eitui.errors import LONGEST_ERROR, EituiError, ExitCode
from eitui.log import log
from eitui.tui.terminal import speak_utf8

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS = {
    "watch": "Watch a run live (the default command)",
    "demo": "Watch a simulated run: no account, no network",
    "status": "Print a summary of the run",
    "logs": "Print the log of the tuner, of its coordinator or of a trial",
    "trial": "Add a trial to the project as an impulse, or print its log",
    "run": "Cancel the run or a job, or extend the search",
    "record": "Record a run without a screen, until it ends",
    "wait": "Wait until the run has ended or a condition is met, for scripts",
    "replay": "Replay a recorded run, from any time and at any speed",
    "serve": "Show the monitor in a browser",
    "runs": "List or delete recordings",
    "export": "Export a recording as CSV or JSON, or as one file",
    "thresholds": "List, change and undo thresholds of impulses; test them; show the history",
    "studio": "Print the Studio's address of the run, a trial or an impulse",
    "keys": "Print every key, what it does and how to change it",
    "completion": "Have bash, zsh or fish complete commands and their options",
    "config": "Show, make and check the settings file",
    "doctor": "Check settings, connection and terminal",
}
"""Every command and what it does, in one line; each is `eitui.cli.<name>.<name>`."""


class Commands(WatchByDefault):
    """Knows the commands without importing them; without a command it watches."""

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem[Any]]":
        """Return what a shell is offered: commands, or the options of the command that is the default."""
        from click.shell_completion import CompletionItem

        if not incomplete.startswith("-"):
            return [CompletionItem(name, help=does) for name, does in COMMANDS.items() if name.startswith(incomplete)]
        watch = self.get_command(ctx, "watch")
        assert watch is not None  # noqa: S101 - it is in the table
        found = [*super().shell_complete(ctx, incomplete), *watch.shell_complete(click.Context(watch, ctx), incomplete)]
        return list({item.value: item for item in found}.values())

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(f"eitui.cli.{cmd_name}"), f"{cmd_name}_command")
        assert isinstance(command, click.Command)  # noqa: S101 - the table above says so
        return with_log(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table: their own help would have to import them all."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=Commands,
    epilog="Example: eitui watch --project 12345. Exit codes of every command: 70 a bug in eitui; 130 interrupted; "
    "128 + n ended by signal n.",
    context_settings={"help_option_names": list(HELP)},
)
@click.version_option(eitui.__version__, prog_name="eitui")
def eitui_command() -> None:
    """Watch Edge Impulse EON Tuner runs in the terminal."""


def run_program() -> None:
    """Run the command line and exit with a code of `ExitCode`."""
    # Start-up makes a hundred thousand objects and frees none: collecting meanwhile takes 6 % of a short command. The
    # monitor, which runs for hours, switches it on again.
    gc.disable()
    for stream in (sys.stdout, sys.stderr):
        speak_utf8(stream)
    for name in KEY_VARIABLES:
        key = os.environ.get(name, "")
        if len(key) >= SHORTEST:
            remember(Secret(key).reveal)
    began = time.monotonic()
    with background_told(to_stderr):
        code = _run()
    log.info("The command ended with exit code %d after %.1f s", code, time.monotonic() - began)
    # Nor is there anything to collect at the end, which would take another 10 %: the process gives all of it back.
    gc.freeze()
    sys.exit(code)


def _run() -> int:
    try:
        # `eitui.cli.entry` had an interrupt end the process while this module was imported; here it is an exception.
        if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        code = eitui_command.main(prog_name="eitui", standalone_mode=False)
        try:
            if sys.stdout is not None:  # closed by the parent process
                sys.stdout.flush()
        except BrokenPipeError:
            _drop_stdout()
    except click.exceptions.Exit as error:
        code = error.exit_code
    except click.ClickException as error:
        _show(error)
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        log.info("Interrupted")
        code = 130
    except (BrokenPipeError, SystemExit):
        # click exits where nobody reads the output, with the code of a run that failed; and after it has completed
        # what a shell asked for.
        if "_EITUI_COMPLETE" in os.environ:
            raise
        _drop_stdout()  # its reader has seen enough
        code = 0
    except Exception as error:
        code = _explain(error)
    return code if isinstance(code, int) else 0


def _show(error: click.ClickException) -> None:
    """Say on stderr what is wrong with the command line; of a command that lacks another one below it, the help."""
    log.error("The command line was refused: %s", error.format_message())
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return
    context = error.ctx if isinstance(error, click.UsageError) else None
    what, advice = error.format_message(), "" if context is None else f"`{context.command_path} --help` explains it."
    if isinstance(error, click.NoSuchOption) and context is not None:
        # Each version of click says it in its own words.
        options = [name for option in context.command.params for name in option.opts if name.startswith("--")]
        what = f"`{context.command_path}` has no option {error.option_name}"
        advice = did_you_mean(error.option_name, [*options, "--help"], advice)
    _say(what.rstrip("."), advice)


def _say(what: str, advice: str) -> None:
    """Say it on stderr, in two lines. What was typed may hold escape sequences, or a key in the wrong place."""
    click.echo(clean(hide(f"eitui: {what}"), LONGEST_ERROR), err=True)
    if advice:
        click.echo(clean(hide(f"       {advice}"), LONGEST_ERROR), err=True)


def _drop_stdout() -> None:
    """Let the interpreter flush into nothing at its end, as it would complain once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _explain(error: Exception) -> int:
    """Say on stderr what went wrong and what to do, in two lines at most; of a bug, where it is."""
    if isinstance(error, EituiError | OSError):
        log.error("The command failed", exc_info=error)
    if isinstance(error, EituiError):
        what, advice, code = error.what, error.guidance, error.exit_code
    elif isinstance(error, OSError):
        # One that names a file is not one of the output.
        why, advice = error.strerror or type(error).__name__, ""
        if error.filename is not None:
            what = f"{clean(os.fsdecode(error.filename))} cannot be used: {why}"
        elif error.errno in _OUTPUT_ERRORS:
            _drop_stdout()
            what = f"The output cannot be written: {why}"
        else:
            what = f"The system refused: {why}"
        code = ExitCode.TIMEOUT if isinstance(error, TimeoutError) else ExitCode.FAILED
    else:
        click.echo(crash_report(error), nl=False, err=True)
        return ExitCode.CRASHED
    _say(what, advice)
    return code


_OUTPUT_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF, errno.ENXIO, errno.EAGAIN})
"""What writing to an open stream fails with."""
