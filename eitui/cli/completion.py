"""`eitui completion`: have the shell complete commands, options and their values."""

import os
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from eitui.cli.options import Choice, Group, WrongUsage
from eitui.config.files import NotWritten, why_not_written, write
from eitui.domain.text import clean

VARIABLE = "_EITUI_COMPLETE"
"""Says to the program, as click has it, that a shell asks for words."""

_MARK = "# eitui completion"
"""Ends the line that is put into a file of the shell's."""

_LARGEST = 1024 * 1024
"""Longest file of a shell's that is changed, in bytes."""


@dataclass(frozen=True)
class Shell:
    """Where a shell looks for completions."""

    script: Callable[[Mapping[str, str]], Path]
    """File for the script."""
    started: Callable[[Mapping[str, str]], Path] | None = None
    """File that the shell reads when it starts, where it does not find the script by itself."""
    before: str = ""
    """What the script needs before click's own."""


def _directory(environ: Mapping[str, str], variable: str, usual: str) -> Path:
    return Path(environ.get(variable) or Path.home() / usual)


def _data(environ: Mapping[str, str]) -> Path:
    return _directory(environ, "XDG_DATA_HOME", ".local/share") / "eitui"


SHELLS: Mapping[str, Shell] = {
    "bash": Shell(lambda env: _data(env) / "completion.bash", lambda env: Path.home() / ".bashrc"),
    "zsh": Shell(
        lambda env: _data(env) / "completion.zsh",
        lambda env: _directory(env, "ZDOTDIR", "") / ".zshrc",
        "(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }\n",
    ),
    "fish": Shell(lambda env: _directory(env, "XDG_CONFIG_HOME", ".config") / "fish/completions/eitui.fish"),
}

shell_argument = click.argument("shell", type=Choice(list(SHELLS)), required=False, metavar="[bash|zsh|fish]")
"""Adds the shell; without it, it is the one that SHELL names."""


@click.group("completion", cls=Group, epilog="Example: eitui completion install")
def completion_command() -> None:
    """Have bash, zsh or fish complete eitui's commands, options and values, such as recordings and themes."""


@completion_command.command("install", epilog="Example: eitui completion install zsh")
@shell_argument
def install_command(shell: str | None) -> int:
    """Install the completion for the user, for shells that are started from now on.

    Without an argument it is for the shell that SHELL names. For bash and zsh one line is added to ~/.bashrc or
    ~/.zshrc; fish finds the script by itself. To install again changes nothing.

    Exit codes: 0 success; 2 the shell is not known, or a file cannot be written.
    """
    name = _named(shell)
    one = SHELLS[name]
    script = one.script(os.environ)
    try:
        script.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotWritten(script, why_not_written(error)) from None
    write(script, _source(name).encode())
    _say("Written", script)
    if one.started is not None:
        file, path = one.started(os.environ), shlex.quote(str(script))
        _change(file, f"[ -r {path} ] && . {path} {_MARK}", "A line was added to")
    click.echo(f"Start a new {name}, and press tab after eitui.")
    return 0


@completion_command.command("remove", epilog="Example: eitui completion remove zsh")
@shell_argument
def remove_command(shell: str | None) -> int:
    """Remove what `install` has installed.

    Exit codes: 0 success, also where nothing was installed; 2 the shell is not known, or a file cannot be changed.
    """
    name = _named(shell)
    one = SHELLS[name]
    script = one.script(os.environ)
    if one.started is not None:
        _change(one.started(os.environ), "", "A line was removed from")
    try:
        script.unlink()
    except FileNotFoundError:
        click.echo(f"No completion for {name} is installed.", err=True)
    except OSError as error:
        raise NotWritten(script, why_not_written(error)) from None
    else:
        _say("Removed", script)
    return 0


@completion_command.command("show", epilog="Example: eitui completion show bash")
@shell_argument
def print_command(shell: str | None) -> int:
    """Print the script, for those who install it in their own way.

    Exit codes: 0 success; 2 the shell is not known.
    """
    click.echo(_source(_named(shell)), nl=False)
    return 0


def _named(shell: str | None) -> str:
    """Return the shell that is meant.

    Raises:
        WrongUsage: SHELL names none of them.
    """
    name = shell or Path(os.environ.get("SHELL", "")).name
    if name not in SHELLS:
        what = f"SHELL names {clean(name)}" if name else "SHELL is not set"
        raise WrongUsage(f"{what}: the shell is not known", f"Name one: {', '.join(SHELLS)}.")
    return name


def _source(name: str) -> str:
    from click.shell_completion import get_completion_class

    from eitui.cli.main import eitui_command

    made = get_completion_class(name)
    assert made is not None  # noqa: S101 - click knows these three
    return SHELLS[name].before + made(eitui_command, {}, "eitui", VARIABLE).source().lstrip("\n")


def _change(file: Path, line: str, what: str) -> None:
    """Have `line` be the only one of ours in a file of the shell's; empty: none. All else in it stays, byte for byte.

    Raises:
        NotWritten: it cannot be.
    """
    try:
        content = file.read_bytes() if file.exists() else b""
    except OSError as error:
        raise NotWritten(file, why_not_written(error)) from None
    if len(content) > _LARGEST:
        raise NotWritten(file, "it is too large")
    others = b"".join(one for one in content.splitlines(keepends=True) if not one.rstrip().endswith(_MARK.encode()))
    new = (
        others
        + (b"\n" if line and others and not others.endswith(b"\n") else b"")
        + os.fsencode(f"{line}\n" * bool(line))
    )
    if new != content:
        write(file, new)
        _say(what, file)


def _say(what: str, path: Path) -> None:
    click.echo(f"{what} {clean(str(path))}")
