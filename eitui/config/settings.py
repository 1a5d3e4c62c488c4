"""Every setting, and where each came from."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from eitui.config import endpoint as address
from eitui.config import values
from eitui.config.errors import SettingsError
from eitui.config.file import KEY_NAMES, journal_path, read_file, recordings_path, settings_path
from eitui.config.key import Run, key_from_command, key_from_file, printed
from eitui.config.secret import Secret, api_key
from eitui.domain.text import clean

KEY_VARIABLES = ("EI_API_KEY", "EI_PROJECT_API_KEY")
"""Environment variables that may hold the API key; the first one that is set counts."""


@dataclass(frozen=True)
class Settings:
    """What the user set. See `load`."""

    key: Secret | None = None
    """The API key; None when there is none. `api_key` is the one to use."""
    project_id: int | None = None
    """None: the project that the key belongs to."""
    endpoint: str = address.DEFAULT
    """The API's base URL, ending in `/v1`."""
    interval_s: float = 5.0
    """Seconds between polls, at least 1."""
    timeout_s: float = 30.0
    """Seconds that one call to the service may take in all."""
    mouse: bool = False
    """Whether the terminal reports the mouse: off, each motion would cost bytes over SSH."""
    theme: str = ""
    """The name of a Textual theme; empty for the program's own."""
    notify: bool = True
    """Whether the terminal is asked to show notifications (OSC 9)."""
    record: bool = True
    """Whether the monitor records the run it shows."""
    recordings_given: Path | None = None
    """The directory of the recordings; None: the usual one. `recordings` is the one to use."""
    read_only: bool = False
    """Whether nothing of the service may be changed."""
    journal_given: Path | None = None
    """The file of the journal of changes; None: the usual one. `journal` is the one to use."""
    keys: Mapping[str, str] = field(default_factory=dict)
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
        return self.recordings_given or recordings_path()

    @property
    def journal(self) -> Path:
        """The file of the journal of changes, whether it exists or not."""
        return self.journal_given or journal_path()

    @property
    def unencrypted(self) -> bool:
        """Whether what goes to the service, the API key too, can be read by anyone on the way."""
        return _unencrypted(self.endpoint)

    @property
    def host(self) -> str:
        """The service's host, for showing."""
        return urlsplit(self.endpoint).netloc


@dataclass(frozen=True)
class _Option:
    """One setting: how it is read, and what it is called where it can be set."""

    field: str
    read: Callable[[object, str], Any]
    name: str
    """Its name in the file."""
    flag: str = ""
    """How the command line spells it, for its origin; empty where no command has such a flag."""
    variables: tuple[str, ...] = ()


def _endpoint(value: object, origin: str) -> str:
    return address.endpoint(values.text(value, origin), origin)


def _host(value: object, origin: str) -> str:
    return address.endpoint_of_host(values.text(value, origin), origin)


_OPTIONS = (
    _Option("project_id", values.project_id, "project_id", "--project", ("EI_PROJECT_ID",)),
    _Option("interval_s", values.seconds("interval", 1, 3600), "interval", "--interval"),
    _Option("timeout_s", values.seconds("timeout", 1, 600), "timeout"),
    _Option("mouse", values.switch("mouse"), "mouse", "--mouse"),
    _Option("theme", values.word, "theme", "--theme"),
    _Option("notify", values.switch("notify"), "notify", "--notify"),
    _Option("record", values.switch("record"), "record", "--record"),
    _Option("recordings_given", values.directory, "recordings", variables=("EITUI_RECORDINGS",)),
    _Option("read_only", values.worded_switch("read_only"), "read_only", "--read-only", ("EITUI_READ_ONLY",)),
    _Option("journal_given", values.file, "journal", variables=("EITUI_JOURNAL",)),
    _Option("keys", values.keymap, "keys"),
)
_WHERE = (
    _Option("endpoint", _endpoint, "endpoint", "--endpoint", ("EI_API_ENDPOINT",)),
    _Option("endpoint", _host, "host", variables=("EI_HOST",)),
)
"""Two spellings of one setting: within one place an endpoint beats a host, between places the place decides."""


@dataclass(frozen=True)
class _Places:
    """Where settings come from, in the order in which they win."""

    flags: Mapping[str, object]
    environ: Mapping[str, str]
    content: Mapping[str, Any]
    path: Path

    def find(self, options: Iterable[_Option]) -> tuple[Any, str] | None:
        """Return the first value that any place gives for `options`, with its origin; None when no place does."""
        for place in (self._flag, self._variable, self._entry):
            for option in options:
                found = place(option)
                if found is not None:
                    value, origin = found
                    return option.read(value, origin), origin
        return None

    def _flag(self, option: _Option) -> tuple[object, str] | None:
        value = self.flags.get(option.field) if option.flag else None
        return None if value is None else (value, f"flag {option.flag}")

    def _variable(self, option: _Option) -> tuple[object, str] | None:
        # A variable that is set and empty is how a shell says "not set" for one command.
        named = ((self.environ.get(name), f"environment {name}") for name in option.variables)
        return next(((value, origin) for value, origin in named if value), None)

    def _entry(self, option: _Option) -> tuple[object, str] | None:
        return (self.content[option.name], f"file {self.path}") if option.name in self.content else None


def load(
    flags: Mapping[str, object],
    environ: Mapping[str, str],
    file_path: Path | None = None,
    run: Run = printed,
    *,
    require_key: bool = True,
    with_key: bool = True,
) -> Settings:
    """Return the settings: flags win, then the environment, then the file, then the defaults.

    `flags` holds what the command line gave, by the names `project_id`, `endpoint`, `interval_s`, `mouse`, `theme`,
    `notify`, `record`, `read_only`; None counts as not given. The API key is never a flag: other users see a command
    line.
    `file_path` is the settings file; without it `EITUI_CONFIG` names it, or it is `config.toml` in the user's
    configuration directory. `run` starts an `api_key_command`, only where no other place gives the key. Without
    `with_key` no place is asked for the key at all: for commands that have no use for it.

    Raises:
        SettingsError: a setting is malformed, the file cannot be trusted, or (unless `require_key` is false) there is
            no API key.
    """
    path, named = settings_path(environ, file_path)
    places = _Places(flags, environ, read_file(path, must_exist=named), path)
    found = {option.field: places.find([option]) for option in _OPTIONS}
    found["endpoint"] = places.find(_WHERE)
    found["key"] = _key(places, run) if with_key else None
    if require_key and with_key and found["key"] is None:
        raise missing_key(path)
    given = {name: pair for name, pair in found.items() if pair is not None}
    origins = {name: given[name][1] if name in given else "default" for name in found}
    chosen = {name: value for name, (value, _) in given.items()}
    return Settings(**chosen, file=path, origins=MappingProxyType(origins), warnings=_warnings(chosen))


def _key(places: _Places, run: Run) -> tuple[Secret, str] | None:
    for name in KEY_VARIABLES:
        if places.environ.get(name):
            origin = f"environment {name}"
            return api_key(places.environ[name], origin), origin
    way = next((name for name in KEY_NAMES if name in places.content), None)
    if way is None:
        return None
    origin = f"{way} in {places.path}"
    value = places.content[way]
    if way == "api_key_command":
        if not isinstance(value, str) and not (isinstance(value, list) and all(isinstance(w, str) for w in value)):
            raise SettingsError(f"api_key_command is neither a text nor a list of texts ({origin})")
        return key_from_command(value, run, places.environ, places.path), origin
    text = values.text(value, origin)
    if way == "api_key":
        return api_key(text, origin), f"file {places.path}"
    return key_from_file(places.path.parent / values.path(text, origin)), origin


def missing_key(path: Path | None) -> SettingsError:
    """Return what to say when there is no API key."""
    file = path or "eitui's settings file"
    return SettingsError(
        "No API key is set",
        f"Set EI_API_KEY, or put api_key_file or api_key_command into {file}. Create a key in the Studio under "
        "Dashboard > Keys. `eitui demo` needs none.",
    )


def _unencrypted(url: str) -> bool:
    return url.startswith("http://") and not address.is_loopback(url)


def _warnings(chosen: Mapping[str, Any]) -> tuple[str, ...]:
    url = chosen.get("endpoint", address.DEFAULT)
    if "key" in chosen and _unencrypted(url):
        return (f"The API key goes to {urlsplit(url).netloc} unencrypted (http): anyone on the way can read it",)
    return ()


def describe(settings: Settings) -> list[tuple[str, str, str]]:
    """Return each setting as (name, value to show, where it came from). Of the API key only its length is shown."""
    shown = {
        "key": "not set" if settings.key is None else f"set ({len(settings.key)} characters)",
        "project_id": "the key's own project" if settings.project_id is None else str(settings.project_id),
        "endpoint": settings.endpoint,
        "interval_s": f"{settings.interval_s:g} s",
        "timeout_s": f"{settings.timeout_s:g} s",
        "theme": settings.theme or "eitui's own",
        "mouse": "on" if settings.mouse else "off",
        "notify": "on" if settings.notify else "off",
        "record": "on" if settings.record else "off",
        "recordings_given": str(settings.recordings),
        "read_only": "on: nothing can be changed" if settings.read_only else "off",
        "journal_given": str(settings.journal),
        "keys": ", ".join(f"{name}={keys}" for name, keys in settings.keys.items()) or "eitui's own",
    }
    names = {
        "recordings_given": "recordings",
        "read_only": "read only",
        "journal_given": "journal",
        "key": "api key",
        "project_id": "project",
        "interval_s": "interval",
        "timeout_s": "timeout",
    }
    return [
        (names.get(field, field), clean(value), clean(settings.origins.get(field, "default")))
        for field, value in shown.items()
    ]
