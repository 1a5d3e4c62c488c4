"""Options that several commands share, what they make, and the question before what cannot be undone."""

import os
import shlex
import sys
from collections.abc import Callable, Mapping
from logging import INFO
from pathlib import Path
from typing import Any, TypeVar

import click

import eitui
from eitui.cli import completing
from eitui.config import SETTINGS, Settings, describe, load, log_file_of
from eitui.domain.text import did_you_mean
from eitui.errors import EituiError, ExitCode
from eitui.log import log

_F = TypeVar("_F", bound=Callable[..., Any])


class WrongUsage(EituiError):
    """The command line asks for what there is not."""

    exit_code = ExitCode.USAGE


class Group(click.Group):
    """A command of which there are others below."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that `args` begin with.

        Raises:
            WrongUsage: there is none of this name.
        """
        name, names = args[0], self.list_commands(ctx)
        if name not in names and not name.startswith("-") and not ctx.resilient_parsing:
            raise WrongUsage(
                f"There is no command `{ctx.command_path} {name}`",
                did_you_mean(name, names, f"The commands are {', '.join(names)}."),
            )
        return super().resolve_command(ctx, args)


class WatchByDefault(Group):
    """Without a command it runs `watch`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `watch` before options that come without a command, and options that come before a command behind it."""
        if not args and ctx.resilient_parsing:  # a shell asks what may stand here
            return super().parse_args(ctx, args)
        if not args or (args[0].startswith("-") and args[0] not in (*HELP, "--version")):
            watch = self.get_command(ctx, "watch")
            assert watch is not None  # noqa: S101 - it is in the table
            # Only the command knows which of its options take a value, which may be a command's name.
            parser = watch.make_parser(click.Context(watch, ctx))
            parser.allow_interspersed_args = False
            try:
                rest = parser.parse_args(list(args))[1] if args else []
            except click.UsageError:
                rest = []
            if rest and rest[0] in self.list_commands(ctx):
                end = rest.index("--") if "--" in rest else len(rest)
                args = [*rest[:end], *args[: -len(rest)], *rest[end:]]
            else:
                args = ["watch", *args]
        return super().parse_args(ctx, args)


class Choice(click.Choice[str]):
    """One of several words."""

    def get_invalid_choice_message(self, value: object, ctx: click.Context | None) -> str:
        """Return what is wrong, with the word that was meant or else all of them."""
        there = f"The choices are {', '.join(map(str, self.choices))}"
        return f"{str(value)!r} is no choice. {did_you_mean(str(value), map(str, self.choices), there)}"


_OFFERED = {"theme": completing.themes, "on": completing.events}
"""What a shell is offered for a value, by the setting's field."""


def setting_option(name: str) -> Callable[[_F], _F]:
    """Return what adds the option of the setting with this field."""
    setting = SETTINGS[name]
    spelling = next(spelling for spelling in setting.spellings if spelling.flag)
    given: dict[str, Any] = {"type": setting.kind}
    if setting.kind is bool:
        given = {"is_flag": True, "default": None}
    if setting.kind is tuple:  # One that is given once for each event.
        given = {"type": (str, str), "multiple": True, "metavar": "EVENT COMMAND", "callback": _none_if_empty}
    if name in _OFFERED:
        given["shell_complete"] = _OFFERED[name]
    return click.option(spelling.flag, name, help=setting.help, **given)


def _none_if_empty(_context: click.Context, _option: click.Parameter, value: tuple[Any, ...]) -> tuple[Any, ...] | None:
    return value or None


def reading(read: Callable[[str], Any]) -> Callable[[click.Context, click.Parameter, str | None], Any]:
    """Return what click reads an option's text with; a ValueError of `read` becomes a usage error."""

    def convert(_context: click.Context, _option: click.Parameter, text: str | None) -> Any:
        try:
            return None if text is None else read(text)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return convert


config_option = click.option(
    "--config", type=click.Path(path_type=Path), help="Settings file (default: the user's own)."
)


def all_options(*options: Callable[[_F], _F]) -> Callable[[_F], _F]:
    """Return what adds several options, in their order."""

    def add(command: _F) -> _F:
        for option in reversed(options):
            command = option(command)
        return command

    return add


connection_options = all_options(setting_option("project_id"), setting_option("endpoint"), config_option)
"""Adds the options that say which project of which service. The key has none: other users could read it."""

run_option = click.option(
    "--run",
    "run_id",
    type=click.IntRange(min=1),
    metavar="ID",
    help="An earlier run, by its number in `eitui runs --remote` (default: the present run).",
)
"""Adds the option that says which run of the project."""

read_only_option = setting_option("read_only")
"""Adds the option that turns every change of the service off."""

look_options = all_options(*map(setting_option, ("mouse", "theme", "ascii")))
"""Adds the options that say how the monitor looks."""

monitor_options = all_options(
    *map(
        setting_option,
        ("interval_s", "record", "fill_curves", "notify", "bell", "title", "progress", "on", "read_only"),
    ),
    look_options,
)
"""Adds the options that say how the monitor follows a run and looks."""

HELP = ("-h", "--help")
"""Options that show the help of a command."""

_LOG, _TRIED = "eitui.log", "eitui.log.tried"
"""What the command line said of the log, and which logs were begun, in click's context."""


def with_log(command: click.Command) -> click.Command:
    """Give `command`, and each command below it, the option that says where the log is; return it."""

    def opened(context: click.Context, _option: click.Parameter, path: Path | None) -> None:
        if not context.resilient_parsing:
            context.meta[_LOG] = path or context.meta.get(_LOG)
            _open_log(log_file_of(context.meta[_LOG], os.environ), context)

    (flag,) = (spelling.flag for spelling in SETTINGS["log"].spellings)
    # click keeps the help option that a command was first asked for, by whatever context.
    command.context_settings.setdefault("help_option_names", list(HELP))
    # Before all other options: what is wrong with one of them belongs into the log.
    option = click.Option(
        [flag],
        type=click.Path(path_type=Path),
        metavar="FILE",
        help=SETTINGS["log"].help,
        callback=opened,
        expose_value=False,
        is_eager=True,
    )
    if all(known.name != option.name for known in command.params):  # it is the same command each time it is looked up
        command.params.append(option)
    if isinstance(command, click.Group):
        for below in command.commands.values():
            with_log(below)
    return command


def log_given(context: click.Context) -> Path | None:
    """Return the log that the command line names; None where it names none."""
    found: Path | None = context.meta.get(_LOG)
    return found


def _open_log(path: Path | None, context: click.Context) -> None:
    """Begin the log at `path`, if there is to be one. That it cannot be written is a line on stderr, said once."""
    tried: set[Path] = context.meta.setdefault(_TRIED, set())
    if path is None or path in tried:
        return
    tried.add(path)
    from eitui.config.files import NotWritten
    from eitui.log_file import write_log

    try:
        write_log(path)
    except NotWritten as error:
        click.echo(f"eitui: no log: {error.what}", err=True)
        return
    import platform

    python = f"Python {platform.python_version()} on {platform.system()}"
    log.info("eitui %s, %s: %s", eitui.__version__, python, shlex.join(sys.argv[1:]))


def settings(
    config: Path | None,
    *,
    environ: Mapping[str, str] | None = None,
    require_key: bool = True,
    with_key: bool = True,
    warn: bool = True,
    **flags: Any,
) -> Settings:
    """Return the settings with `flags` (None: not given) above environment and file, and begin the log they name.

    The other arguments are those of `eitui.config.load`; `environ` None: this process's. What is allowed and yet worth
    a word is said on stderr where `warn` is true.

    Raises:
        SettingsError: one is missing or malformed.
    """
    if environ is None:
        environ = os.environ
    else:  # the log begins as this process's says, whatever the settings are for
        environ = {name: os.environ.get(name, "") for name in SETTINGS["log"].spellings[0].variables} | {**environ}
    context = click.get_current_context(silent=True)
    flags["log"] = None if context is None else context.meta.get(_LOG)
    given = {name: value for name, value in flags.items() if value is not None}
    chosen = load(given, environ, config, require_key=require_key, with_key=with_key)
    if context is not None:
        _open_log(chosen.log, context)
    if log.isEnabledFor(INFO):
        for name, value, origin in describe(chosen):
            log.info("Setting %s: %s (%s)", name, value, origin)
    for warning in chosen.warnings if warn else ():
        click.echo(f"eitui: {warning}", err=True)
    return chosen


def check_can_ask(does: str, nothing: str) -> None:
    """Make sure that there is a terminal to ask on; `does` is what yes does, `nothing` says that it was not done.

    Raises:
        WrongUsage: there is none.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        raise WrongUsage("There is no terminal to ask on", f"--yes {does} without asking. {nothing}")


def confirmed(title: str, consequence: str, nothing: str) -> bool:
    """Return whether the user says yes, which enter is not; where not, say on stderr that `nothing` was done."""
    click.echo(consequence, err=True)
    try:
        yes = click.confirm(title, err=True)
    except click.Abort:
        click.echo(f"\n{nothing}", err=True)  # on a line of its own: the cursor is still behind the question
        raise
    if not yes:
        click.echo(nothing, err=True)
    return yes


recordings_options = all_options(
    click.option("--project", "project_id", type=int, help="Only the recordings of this project (default: all)."),
    click.option(
        "--recordings",
        # Whether it can be read is said where it is read, with what to do.
        type=click.Path(path_type=Path, readable=False),
        metavar="DIRECTORY",
        help="Directory of the recordings (default: from the settings).",
    ),
    config_option,
)
"""Adds the options that say which recordings."""


def directory_of(recordings: Path | None, config: Path | None) -> Path:
    """Return the directory of the recordings: the one given, else the one that is set.

    Raises:
        SettingsError: a setting is malformed.
    """
    if recordings is not None:
        return recordings
    return settings(config, with_key=False).recordings


def say_concern(directory: Path) -> None:
    """Say on stderr where other users may replace the recordings."""
    from eitui.storage.directory import concern

    if what := concern(directory):
        click.echo(f"eitui: {what}", err=True)
