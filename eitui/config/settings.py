"""Every setting, and where each came from."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from eitui.config import endpoint as address
from eitui.config import key as api
from eitui.config import ownership, values
from eitui.config.errors import SettingsError
from eitui.config.key import KEY_NAMES, RunCommand, Secret, check_private, printed, system_reason
from eitui.domain.text import clean, did_you_mean

_LARGEST = 1024 * 1024
"""Longest settings file read, in bytes."""


def settings_path(environ: Mapping[str, str], given: Path | None = None) -> tuple[Path, bool]:
    """Return where the settings file is, and whether the user named it (then it must exist).

    Raises:
        SettingsError: it is said to be in the home directory of a user who does not exist.
    """
    if given:
        return values.path(given, "flag --config"), True
    if named := environ.get("EITUI_CONFIG"):
        return values.path(named, "environment EITUI_CONFIG"), True
    # Imported here: a tenth of the start of a command that was told where its file is.
    from platformdirs import user_config_path

    return user_config_path("eitui") / "config.toml", False


def state_path() -> Path:
    """Return where eitui keeps what lasts, unless the user says otherwise."""
    from platformdirs import user_state_path

    return user_state_path("eitui")


def read_file(path: Path, names: Sequence[str], *, must_exist: bool) -> Mapping[str, Any]:
    """Return what the settings file says; nothing where there is none, or where it is the null device.

    `names` are those of all settings.

    Raises:
        SettingsError: it cannot be read, others may write it, it is not TOML, holds a name that is no setting, or holds
            the API key while others can read it.
    """
    if path == Path(os.devnull):
        return {}
    unread = f"The settings file cannot be read: {path}"
    try:
        data, found = ownership.read_owned(path, "the settings file", _LARGEST + 1)
    except FileNotFoundError:
        if must_exist:
            raise SettingsError(f"The settings file does not exist: {path}") from None
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError(f"{unread} ({system_reason(error)})") from None
    if len(data) > _LARGEST:
        raise SettingsError(f"{path} is too large for a settings file")

    import tomllib

    try:
        content = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not UTF-8 text") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        # Only the place: the rest of the message may repeat a piece of the line, and the line may hold the key.
        where = re.search(r"line \d+|end of document", str(error))
        raise SettingsError(f"{path} is not valid TOML{f' ({where[0]})' if where else ''}") from None
    except ValueError as error:  # a number with thousands of digits
        raise SettingsError(f"{unread} ({system_reason(error)})") from None

    if "api_key" in content:
        check_private(found, path)
    for name in content:
        if name not in names:
            there = f"The settings are {', '.join(names)}."
            raise SettingsError(f"{path} has an unknown setting: {name}", did_you_mean(name, names, there))
    ways = [name for name in KEY_NAMES if name in content]
    if len(ways) > 1:
        raise SettingsError(f"{path} gives the API key twice: {' and '.join(ways)}", "Keep one of them.")
    if "endpoint" in content and "host" in content:
        raise SettingsError(f"{path} sets both endpoint and host", "Keep one of them.")
    return content


KEY_VARIABLES = api.VARIABLES


@dataclass(frozen=True)
class Spelling:
    """One way to write a setting. Within one place the first spelling counts."""

    name: str
    """In the settings file."""
    read: Callable[[object, str], Any]
    """Makes a value of what was given and of where; raises SettingsError."""
    flag: str = ""
    """Of the command line, as click takes it: `--record/--no-record`; empty where no command has one."""
    variables: tuple[str, ...] = ()
    """Of the environment; the first that is not empty counts."""
    example: str = ""
    """A value as the settings file has it; of a table, one of its lines."""


@dataclass(frozen=True)
class Setting:
    """One setting: all that is known of it, beside its default."""

    label: str
    show: Callable[["Settings"], str]
    """What to show for its value."""
    spellings: tuple[Spelling, ...]
    help: str = ""
    """What it is, with its default: of its flag, and in the settings file that `eitui config init` writes."""
    kind: type = str
    """What its flag takes: `int`, `float`, `str`, `bool` or `Path`."""
    field: str = ""
    """Of `Settings`."""


def _row(
    label: str,
    show: Callable[["Settings"], str],
    *spellings: Spelling,
    help: str = "",  # noqa: A002 - as click calls it
    kind: type = str,
    **default: Any,
) -> Any:
    return field(metadata={Setting: Setting(label, show, spellings, help, kind)}, **default)


_KEY_EXAMPLES = ('"ei_…"', '"~/.config/eitui/my-key"', '"pass show edge-impulse"')


def _on_or_off(name: str) -> Callable[["Settings"], str]:
    return lambda settings: "on" if getattr(settings, name) else "off"


def _endpoint(value: object, origin: str) -> str:
    return address.endpoint(values.text(value, origin), origin)


def _host(value: object, origin: str) -> str:
    return address.endpoint_of_host(values.text(value, origin), origin)


@dataclass(frozen=True)
class Settings:
    """What the user set: the one table of settings, in the order in which they are shown. See `load`.

    A field that is a setting has its row (`SETTINGS`): flags, environment, settings file, `describe` and the README's
    table follow it.
    """

    key: Secret | None = _row(
        "api key",
        lambda settings: "not set" if settings.key is None else f"set ({len(settings.key)} characters)",
        *(
            Spelling(name, values.text, variables=api.VARIABLES if name == "api_key" else (), example=example)
            for name, example in zip(api.KEY_NAMES, _KEY_EXAMPLES, strict=True)
        ),
        help="The API key itself, a file that holds it, or a command that prints it (default: EI_API_KEY, or the key "
        "that eitui has stored).",
        default=None,
    )
    """The API key; None when there is none. `api_key` is the one to use. It has no flag: other users could read it."""
    project_id: int | None = _row(
        "project",
        lambda settings: "the key's own project" if settings.project_id is None else str(settings.project_id),
        Spelling("project_id", values.project_id, "--project", ("EI_PROJECT_ID",), "12345"),
        help="Project id (default: the project of the API key).",
        kind=int,
        default=None,
    )
    """None: the project that the key belongs to."""
    endpoint: str = _row(
        "endpoint",
        lambda settings: settings.endpoint,
        Spelling("endpoint", _endpoint, "--endpoint", ("EI_API_ENDPOINT",), f'"{address.DEFAULT}"'),
        Spelling("host", _host, variables=("EI_HOST",), example='"edgeimpulse.com"'),
        help="URL of the API (default: https://studio.edgeimpulse.com/v1).",
        default=address.DEFAULT,
    )
    """The API's base URL, ending in `/v1`."""
    interval_s: float = _row(
        "interval",
        lambda settings: f"{settings.interval_s:g} s",
        Spelling("interval", values.seconds("interval", 1, 3600), "--interval", example="5"),
        help="Seconds between polls (default: 5; in the demo 1).",
        kind=float,
        default=5.0,
    )
    """Seconds between polls, at least 1."""
    timeout_s: float = _row(
        "timeout",
        lambda settings: f"{settings.timeout_s:g} s",
        Spelling("timeout", values.seconds("timeout", 1, 600), example="30"),
        help="Seconds that one call to the service may take (default: 30).",
        default=30.0,
    )
    """Seconds that one call to the service may take in all."""
    theme: str = _row(
        "theme",
        lambda settings: settings.theme or "eitui's own",
        Spelling("theme", values.word, "--theme", example='"textual-light"'),
        help="Theme name, see ctrl+p, Theme (default: eitui's own).",
        default="",
    )
    """The name of a Textual theme; empty for the program's own."""
    ascii: bool | None = _row(
        "ascii",
        lambda settings: "as the terminal needs it" if settings.ascii is None else "on" if settings.ascii else "off",
        Spelling("ascii", values.switch("ascii"), "--ascii/--no-ascii", example="true"),
        help="Draw with ASCII signs only (default: where the locale or the terminal has no others).",
        kind=bool,
        default=None,
    )
    """Whether the screen is drawn in ASCII; None: where the terminal shows nothing else."""
    mouse: bool = _row(
        "mouse",
        _on_or_off("mouse"),
        Spelling("mouse", values.switch("mouse"), "--mouse/--no-mouse", example="true"),
        help="Mouse support (default: off; costs bytes over SSH).",
        kind=bool,
        default=False,
    )
    """Whether the terminal reports the mouse: off, each motion would cost bytes over SSH."""
    notify: bool = _row(
        "notify",
        _on_or_off("notify"),
        Spelling("notify", values.switch("notify"), "--notify/--no-notify", example="false"),
        help="Terminal notifications on alerts (OSC 9; default: on).",
        kind=bool,
        default=True,
    )
    """Whether the terminal is asked to show notifications (OSC 9)."""
    bell: bool | None = _row(
        "bell",
        lambda settings: "as notifications" if settings.bell is None else "on" if settings.bell else "off",
        Spelling("bell", values.switch("bell"), "--bell/--no-bell", example="false"),
        help="Bell on alerts (default: as for notifications).",
        kind=bool,
        default=None,
    )
    """Whether a bell goes with what is notified; None: where `notify` is on."""
    title: bool = _row(
        "title",
        _on_or_off("title"),
        Spelling("title", values.switch("title"), "--title/--no-title", example="false"),
        help="Counts of trials in the window's title (default: on).",
        kind=bool,
        default=True,
    )
    """Whether the window's title tells how far the run is."""
    progress: bool = _row(
        "progress",
        _on_or_off("progress"),
        Spelling("progress", values.switch("progress"), "--progress/--no-progress", example="false"),
        help="Progress in the terminal's tab (OSC 9;4; default: on).",
        kind=bool,
        default=True,
    )
    """Whether the terminal is asked to show progress (OSC 9;4)."""
    record: bool = _row(
        "record",
        _on_or_off("record"),
        Spelling("record", values.switch("record"), "--record/--no-record", example="false"),
        help="Record the run (default: on).",
        kind=bool,
        default=True,
    )
    """Whether the monitor records the run it shows."""
    fill_curves: bool = _row(
        "fill curves",
        _on_or_off("fill_curves"),
        Spelling(
            "fill_curves",
            values.switch("fill_curves", worded=True),
            "--fill-curves/--no-fill-curves",
            ("EITUI_FILL_CURVES",),
            "false",
        ),
        help="Read the logs of trials for epochs that were not seen (default: on).",
        kind=bool,
        default=True,
    )
    """Whether logs of trials are read for epochs that no poll told."""
    recordings_given: Path | None = _row(
        "recordings",
        lambda settings: str(settings.recordings),
        Spelling("recordings", values.absolute("directory"), variables=("EITUI_RECORDINGS",), example='"~/recordings"'),
        help="Directory of the recordings (default: in the user's state directory).",
        default=None,
    )
    """The directory of the recordings; None: the usual one. `recordings` is the one to use."""
    on: Mapping[str, tuple[str, ...]] = _row(
        "on",
        lambda settings: ", ".join(f"{event}: {words[0]}" for event, words in settings.on.items()) or "nothing is run",
        Spelling("on", values.hooks, "--on", example='finished = "notify-send eitui finished"'),
        help="Run a program on an event, with the event as JSON on its stdin; can be repeated (default: none).",
        kind=tuple,
        default_factory=dict,
    )
    """Programs to run, with their arguments, by the event; see `eitui.feed.hooks`."""
    read_only: bool = _row(
        "read only",
        lambda settings: "on: nothing can be changed" if settings.read_only else "off",
        Spelling("read_only", values.switch("read_only", worded=True), "--read-only", ("EITUI_READ_ONLY",), "true"),
        help="Read-only: never change anything.",
        kind=bool,
        default=False,
    )
    """Whether nothing of the service may be changed."""
    journal_given: Path | None = _row(
        "journal",
        lambda settings: str(settings.journal),
        Spelling("journal", values.absolute("file"), variables=("EITUI_JOURNAL",), example='"~/changes.db"'),
        help="Journal of changes (default: in the user's state directory).",
        default=None,
    )
    """The file of the journal of changes; None: the usual one. `journal` is the one to use."""
    log: Path | None = _row(
        "log",
        lambda settings: "none" if settings.log is None else str(settings.log),
        Spelling("log", values.log_file, "--log", ("EITUI_LOG",), '"~/eitui.log"'),
        help="Debug log file (default: none).",
        kind=Path,
        default=None,
    )
    """The file of the log; None: there is none."""
    keys: Mapping[str, str] = _row(
        "keys",
        lambda settings: ", ".join(f"{name}={keys}" for name, keys in settings.keys.items()) or "eitui's own",
        Spelling("keys", values.keymap, example='"app.quit" = "Q"'),
        help="Keys, by the ids that `eitui keys` lists (default: eitui's own).",
        default_factory=dict,
    )
    """Keys the user chose, by the id of the binding."""
    file: Path | None = None
    """The settings file, whether it exists or not."""
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Where each field's value came from: `default`, `file PATH`, `environment EI_API_KEY`, `flag --project`."""
    warnings: tuple[str, ...] = ()
    """What is allowed and yet worth a word, one line each."""

    @property
    def api_key(self) -> Secret:
        """The API key.

        Raises:
            SettingsError: there is none.
        """
        if self.key is None:
            raise missing_key(self.file)
        return self.key

    @property
    def recordings(self) -> Path:
        """The directory of the recordings, whether it exists or not."""
        return self.recordings_given or state_path() / "recordings"

    @property
    def journal(self) -> Path:
        """The file of the journal of changes, whether it exists or not."""
        return self.journal_given or state_path() / "changes.db"

    @property
    def unencrypted(self) -> bool:
        """Whether what goes to the service, the API key too, can be read by anyone on the way."""
        return self.endpoint.startswith("http://") and not address.is_loopback(self.endpoint)

    @property
    def host(self) -> str:
        """The service's host, for showing."""
        return urlsplit(self.endpoint).netloc


SETTINGS: Mapping[str, Setting] = MappingProxyType(
    {one.name: replace(one.metadata[Setting], field=one.name) for one in fields(Settings) if Setting in one.metadata}
)
"""Every setting, by its field of `Settings`."""

SETTING_NAMES = tuple(spelling.name for setting in SETTINGS.values() for spelling in setting.spellings)
"""Every name that a settings file may hold."""


@dataclass(frozen=True)
class _Places:
    """Where settings come from, in the order in which they win."""

    flags: Mapping[str, object]
    environ: Mapping[str, str]
    content: Mapping[str, Any]
    path: Path

    def find(self, setting: Setting) -> tuple[Any, str] | None:
        """Return the first value that any place gives for `setting`, with its origin; None when no place does."""
        for place in (self._flag, self.variable, self._entry):
            for spelling in setting.spellings:
                found = place(setting, spelling)
                if found is not None:
                    value, origin = found
                    return spelling.read(value, origin), origin
        return None

    def _flag(self, setting: Setting, spelling: Spelling) -> tuple[object, str] | None:
        value = self.flags.get(setting.field) if spelling.flag else None
        return None if value is None else (value, f"flag {spelling.flag.partition('/')[0]}")

    def variable(self, _setting: Setting, spelling: Spelling) -> tuple[str, str] | None:
        """Return what the environment says, and where."""
        # A variable that is set and empty is how a shell says "not set" for one command.
        named = ((self.environ.get(name), f"environment {name}") for name in spelling.variables)
        return next(((value, origin) for value, origin in named if value), None)

    def _entry(self, _setting: Setting, spelling: Spelling) -> tuple[object, str] | None:
        name = spelling.name
        return (self.content[name], f"file {self.path}") if name in self.content else None


def load(
    flags: Mapping[str, object],
    environ: Mapping[str, str],
    file_path: Path | None = None,
    run: RunCommand = printed,
    *,
    require_key: bool = True,
    with_key: bool = True,
) -> Settings:
    """Return the settings: flags win, then the environment, then the file, then the defaults.

    `flags` holds what the command line gave, by the fields of `Settings` that have a flag; None counts as not given.
    A key that eitui has stored counts where none is given. `file_path` is the settings file; without it `EITUI_CONFIG`
    names it, or it is `config.toml` in the user's configuration directory. `run` starts an `api_key_command`, only
    where no other place gives the key. Without `with_key` no place is asked for the key at all: for commands that have
    no use for it.

    Raises:
        SettingsError: a setting is malformed, the file cannot be trusted, or (unless `require_key` is false) there is
            no API key.
    """
    path, named = settings_path(environ, file_path)
    places = _Places(flags, environ, read_file(path, SETTING_NAMES, must_exist=named), path)
    found = {name: places.find(setting) for name, setting in SETTINGS.items() if name != "key"}
    found["key"] = (_key(places, run) or _stored(found["endpoint"])) if with_key else None
    if require_key and with_key and found["key"] is None:
        raise missing_key(path)
    given = {name: pair for name, pair in found.items() if pair is not None}
    origins = {name: given[name][1] if name in given else "default" for name in found}
    chosen = {name: value for name, (value, _) in given.items()}
    made = Settings(**chosen, file=path, origins=MappingProxyType(origins))
    if made.key is not None and made.unencrypted:
        warning = f"The API key goes to {made.host} unencrypted (http): anyone on the way can read it"
        made = replace(made, warnings=(warning,))
    return made


def log_file_of(flag: Path | None, environ: Mapping[str, str]) -> Path | None:
    """Return the log as flag or environment name it: it begins before the settings file is read.

    Raises:
        SettingsError: it is in the home directory of a user who does not exist.
    """
    found = _Places({"log": flag}, environ, {}, Path()).find(SETTINGS["log"])
    return None if found is None else found[0]


def _key(places: _Places, run: RunCommand) -> tuple[Secret, str] | None:
    setting = SETTINGS["key"]
    if found := places.variable(setting, setting.spellings[0]):
        value, origin = found
        return api.api_key(value, origin), origin
    way = next((name for name in api.KEY_NAMES if name in places.content), None)
    if way is None:
        return None
    origin = f"{way} in {places.path}"
    value = places.content[way]
    if way == "api_key_command":
        if not isinstance(value, str) and not (isinstance(value, list) and all(isinstance(w, str) for w in value)):
            raise SettingsError(f"api_key_command is neither a text nor a list of texts ({origin})")
        return api.key_from_command(value, run, places.environ, places.path), origin
    text = values.text(value, origin)
    if way == "api_key":
        return api.api_key(text, origin), f"file {places.path}"
    return api.key_from_file(places.path.parent / values.path(text, origin)), origin


def _stored(endpoint: tuple[str, str] | None) -> tuple[Secret, str] | None:
    from eitui.config.stored import stored_key

    url = endpoint[0] if endpoint else address.DEFAULT
    if url.startswith("http://") and not address.is_loopback(url):
        return None  # It was stored for the encrypted service: a mistyped address must not send it in clear text.
    return stored_key(urlsplit(url).netloc)


def missing_key(path: Path | None) -> SettingsError:
    """Return what to say when there is no API key."""
    file = path or "eitui's settings file"
    return SettingsError(
        "No API key is set",
        f"Set EI_API_KEY, or put api_key_file or api_key_command into {file}. Create a key in the Studio under "
        "Dashboard > Keys. `eitui demo` needs none.",
    )


def describe(settings: Settings) -> list[tuple[str, str, str]]:
    """Return each setting as (name, value to show, where it came from). Of the API key only its length is shown."""
    return [
        (setting.label, clean(setting.show(settings)), clean(settings.origins.get(name, "default")))
        for name, setting in SETTINGS.items()
    ]
