"""`eitui serve`: the monitor in a browser."""

import asyncio
import os
import shlex
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from typing import Any

import click
from click.core import ParameterSource

from eitui.cli.demo import demo_command, monitor_settings
from eitui.cli.options import WatchByDefault, WrongUsage, all_options, log_given, settings
from eitui.cli.replay import replay_command
from eitui.cli.watch import watch_command
from eitui.config import KEY_VARIABLES
from eitui.config.hiding import remember
from eitui.crash import run
from eitui.domain.text import clean
from eitui.errors import ExitCode
from eitui.log import log

PORT = 8000

server_options = all_options(
    click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0: any free port."),
    click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at: this machine only."),
)


@click.group(
    "serve",
    cls=WatchByDefault,
    epilog="Example: eitui serve --port 8000. Without a command: `eitui serve watch`, whose options it takes.",
)
def serve_command() -> None:
    """Show the monitor in a browser of this machine.

    The address has a random token in it, without which nothing is answered. Each browser has a monitor of its own,
    which ends when the page is closed. Ctrl+c ends all of them. From elsewhere: ssh -L 8000:127.0.0.1:8000 HOST.
    """


def _check_watch(given: dict[str, Any]) -> Mapping[str, str]:
    """Return the key, asked for once: the monitors are told it."""
    chosen = settings(given.pop("config"), **given)
    return {KEY_VARIABLES[0]: chosen.api_key.reveal()}


def _check_demo(given: dict[str, Any]) -> Mapping[str, str]:
    shared = {param.name for param in watch_command.params}
    monitor_settings({name: value for name, value in given.items() if name in shared})
    return {}


def _check_replay(given: dict[str, Any]) -> Mapping[str, str]:
    from eitui.feed.recording.catalogue import find_recording

    run, directory, project, config = (given.pop(name) for name in ("run", "recordings", "project_id", "config"))
    look = settings(config, with_key=False, **given)
    find_recording(directory or look.recordings, run, project)
    return {}


def _serving(of: click.Command, check: Callable[[dict[str, Any]], Mapping[str, str]], example: str) -> None:
    """Add the command that serves `of`. `check` raises for wrong settings, and returns variables for the monitors."""
    own = [param for param in of.params if param.name not in ("serve", "port", "log")]

    @click.pass_context
    def serve(context: click.Context, /, port: int, host: str, **given: Any) -> int:
        words = given_words(context, of.name or "", own)
        return _serve(words, check(dict(given)), host, port)

    help_text = f"Serve `eitui {of.name}`: {(of.help or '').partition('.')[0].lower()}."
    command = click.Command(of.name, callback=serve, params=[*own], help=help_text, epilog=f"Example: {example}")
    serve_command.add_command(server_options(command))


def given_words(context: click.Context, name: str, params: list[click.Parameter]) -> list[str]:
    """Return the command line of the command `name` that gives `params` what this one was given."""
    words, arguments = [name], []
    for param in params:
        if param.name is None or context.get_parameter_source(param.name) is not ParameterSource.COMMANDLINE:
            continue
        value = context.params[param.name]
        if isinstance(param, click.Argument):
            arguments.append(str(value))
        elif isinstance(param, click.Option) and param.is_flag:
            words.append((param.opts if value else param.secondary_opts)[0])
        else:
            for one in value if param.multiple else (value,):
                words += [param.opts[0], *map(str, one if isinstance(one, tuple) else (one,))]
    if (path := log_given(context)) is not None:
        words += ["--log", str(path)]
    return [*words, "--", *arguments] if arguments else words


_serving(watch_command, _check_watch, "eitui serve watch --project 12345")
_serving(demo_command, _check_demo, "eitui serve demo --scenario failures")
_serving(replay_command, _check_replay, "eitui serve replay 79635056 --port 8001")


def _serve(words: list[str], variables: Mapping[str, str], host: str, port: int) -> int:
    """Serve until a signal ends it; return the exit code.

    Raises:
        WrongUsage: the extra is missing, or the server cannot listen there.
    """
    try:
        from eitui.web.child import Child, Told
        from eitui.web.guard import Guard, binds_loopback, new_token
        from eitui.web.server import Server, page_files

        served = page_files()
    except ModuleNotFoundError as error:
        if (error.name or str(error)).startswith("eitui"):
            raise
        install = f"{shlex.quote(sys.executable)} -m pip install textual-serve"
        raise WrongUsage("The extra `eitui[serve]` is not installed", f"Run: {install}") from None

    token = new_token()
    remember(lambda: token)
    loopback = binds_loopback(host)
    names = () if loopback else (host.lower(), socket.gethostname().lower())
    told, environ = Told(words, variables), dict(os.environ)

    async def start(columns: int, lines: int) -> Child:
        return await Child.start(told, environ, columns, lines)

    async def serve() -> int:
        ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def end(number: int) -> None:
            if not ended.done():
                ended.set_result(number)

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                asyncio.get_running_loop().add_signal_handler(number, end, number)
        server = Server(Guard(token, names, loopback), start, served)
        try:
            try:
                chosen = await server.listen(host, port)
            except OSError as error:
                reason = error.strerror or type(error).__name__
                raise WrongUsage(
                    f"Cannot listen at {clean(host)}, port {port}: {reason.partition(': ')[2] or reason}",
                    "`--port 0` takes any free port.",
                ) from None
            shown = f"[{host}]" if ":" in host else host
            if not loopback:
                click.echo(
                    "eitui: others can reach this address, and read on the way what is shown and typed (plain HTTP)",
                    err=True,
                )
            # Nothing of the log: the token is printed here and nowhere else.
            click.echo(f"http://{shown}:{chosen}/{token}/")
            click.echo("Open this address in a browser; ctrl+c ends the server and its monitors.", err=True)
            log.info("Serving at port %d", chosen)
            return 128 + await ended
        finally:
            await server.close()

    code = run(serve())
    return ExitCode.INTERRUPTED if code == ExitCode.INTERRUPTED else code
