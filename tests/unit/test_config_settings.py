"""Settings from flags, environment and file. All keys are synthetic."""

import pickle
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.cli.main import eitui_command
from eitui.config import Secret, Settings, SettingsError, describe, load
from eitui.config.key import MOST_KEY_BYTES, SHORTEST, api_key

KEY = "ei_synthetic_key_0123456789abcdef"
ENVIRON = {"EI_API_KEY": KEY}
NO_FLAGS: dict[str, object] = {}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.touch(mode=0o600)
    return path


def settings_of(
    file: Path, text: str = "", environ: Mapping[str, str] = ENVIRON, flags: Mapping[str, object] = NO_FLAGS, **etc: Any
) -> Settings:
    file.write_text(text)
    return load(flags, environ, file, **etc)


def error_of(*args: Any, **options: Any) -> SettingsError:
    with pytest.raises(SettingsError) as raised:
        settings_of(*args, **options)
    shown = "".join(traceback.format_exception(raised.value))
    assert KEY not in shown + raised.value.what + raised.value.advice
    assert raised.value.what
    assert "\n" not in raised.value.what
    return raised.value


def test_the_defaults(file: Path) -> None:
    settings = settings_of(file)
    assert (settings.project_id, settings.interval_s, settings.timeout_s) == (None, 5.0, 30.0)
    assert settings.endpoint == "https://studio.edgeimpulse.com/v1"
    assert settings.host == "studio.edgeimpulse.com"
    assert settings.origins["endpoint"] == "default"
    assert settings.warnings == ()


def test_flags_win_then_the_environment_then_the_file(file: Path) -> None:
    text = 'project_id = 1\nendpoint = "https://file.example.test"\n'
    environ = ENVIRON | {"EI_PROJECT_ID": "2"}
    assert settings_of(file, text).project_id == 1
    assert settings_of(file, text, environ).project_id == 2
    settings = settings_of(file, text, environ, {"project_id": 3, "endpoint": None})
    assert settings.project_id == 3
    assert settings.host == "file.example.test"
    assert dict(settings.origins) == {
        "key": "environment EI_API_KEY",
        "project_id": "flag --project",
        "endpoint": f"file {file}",
        **dict.fromkeys(
            [
                "interval_s",
                "timeout_s",
                "mouse",
                "theme",
                "ascii",
                "notify",
                "bell",
                "title",
                "progress",
                "keys",
                "record",
                "fill_curves",
                "recordings_given",
                "on",
                "read_only",
                "journal_given",
                "log",
            ],
            "default",
        ),
    }


def test_a_host_in_the_environment_beats_an_endpoint_in_the_file(file: Path) -> None:
    settings = settings_of(file, 'endpoint = "https://file.example.test"', ENVIRON | {"EI_HOST": "localhost"})
    assert settings.endpoint == "http://localhost:4800/v1"
    assert settings.origins["endpoint"] == "environment EI_HOST"


def test_within_the_environment_an_endpoint_beats_a_host(file: Path) -> None:
    environ = ENVIRON | {"EI_HOST": "localhost", "EI_API_ENDPOINT": "https://a.example.test/v1"}
    assert settings_of(file, "", environ).endpoint == "https://a.example.test/v1"


def test_the_whole_file(file: Path) -> None:
    text = 'interval = 2\ntimeout = 9.5\ntheme = "nord"\nmouse = true\nnotify = false\n[keys]\nquit = "x,f10"\n'
    settings = settings_of(file, text)
    assert (settings.interval_s, settings.timeout_s, settings.theme) == (2.0, 9.5, "nord")
    assert (settings.mouse, settings.notify, settings.keys) == (True, False, {"quit": "x,f10"})


def test_flags_have_the_names_of_the_settings(file: Path) -> None:
    flags = {"interval_s": 7, "mouse": True, "theme": "nord", "notify": False, "endpoint": "http://localhost:4800"}
    settings = settings_of(file, "", flags=flags)
    assert (settings.interval_s, settings.mouse, settings.theme, settings.notify) == (7.0, True, "nord", False)
    assert settings.endpoint == "http://localhost:4800/v1"


def test_every_flag_that_an_origin_names_is_one_that_a_command_has(file: Path) -> None:
    given = {"project_id": 1, "endpoint": "https://a", "interval_s": 7, "mouse": True, "theme": "x", "notify": False}
    origins = settings_of(file, "", flags=given | {"timeout_s": 8.0, "host": "b"}).origins
    named = {origin.removeprefix("flag ") for origin in origins.values() if origin.startswith("flag ")}
    watch = eitui_command.get_command(click.Context(eitui_command), "watch")
    offered = {spelling for option in watch.params for spelling in option.opts}
    assert len(named) == len(given)
    assert named <= offered


def test_an_empty_variable_is_not_set(file: Path) -> None:
    environ = {"EI_API_KEY": "", "EI_PROJECT_API_KEY": KEY, "EI_PROJECT_ID": ""}
    settings = settings_of(file, "", environ)
    assert settings.project_id is None
    assert settings.origins["key"] == "environment EI_PROJECT_API_KEY"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("project_id = 0", "project id"),
        ("project_id = true", "project id"),
        ("project_id = 1.5", "project id"),
        (f"project_id = 1{'0' * 400}", "project id"),
        (f"project_id = 0x{'f' * 9000}", "project id"),
        (f"project_id = 1{'0' * 9000}", "cannot be read"),
        (f'project_id = "{KEY}"', "project id"),
        ("interval = 0.5", "from 1 to 3600"),
        ("interval = nan", "number of seconds"),
        ("interval = -inf", "number of seconds"),
        (f"interval = 1{'0' * 400}", "from 1 to 3600"),
        (f"timeout = 0x{'f' * 9000}", "from 1 to 600"),
        ("interval = true", "number of seconds"),
        ('timeout = "long"', "number of seconds"),
        ('mouse = "yes"', "neither true nor false"),
        ("theme = 5", "name"),
        ("endpoint = 5", "text in quotes"),
        ("keys = 5", "keys"),
        ("[keys]\nquit = 5", "keys"),
        ('endpoint = "https://a.example.test"\nhost = "b"', "both endpoint and host"),
        ("this is no TOML", "line 1"),
        (f'api_key = "{KEY}', "end of document"),
        (f'api_key = "{KEY}"\napi_key_file = "x"', "twice"),
        ("api_key = 5", "text in quotes"),
        ('api_key = "ei_7cha"', "shorter than 8"),
        ('api_key_file = "~no such user/key"', "home directory"),
    ],
)
def test_what_is_wrong_in_the_file_is_one_line_that_names_it(file: Path, text: str, words: str) -> None:
    environ = {} if "api_key" in text else ENVIRON
    error = error_of(file, text, environ)
    assert words in error.what
    assert str(file) in error.what


@pytest.mark.parametrize(
    ("name", "near"), [("intervall", "interval"), ("apikey", "api_key"), ("project", "project_id")]
)
def test_an_unknown_name_is_met_with_the_nearest_known_one(file: Path, name: str, near: str) -> None:
    error = error_of(file, f"{name} = 1")
    assert name in error.what
    assert error.advice == f"Did you mean {near}?"
    assert "interval" in error_of(file, "zzzzz = 1").advice


def test_the_environment_is_checked_too(file: Path) -> None:
    for environ in ({"EI_PROJECT_ID": KEY}, {"EI_API_ENDPOINT": f"https://x@{KEY}"}, {"EI_HOST": f"https://{KEY}"}):
        assert f"environment {next(iter(environ))}" in error_of(file, "", ENVIRON | environ).what


def test_a_file_that_the_user_named_must_exist(tmp_path: Path) -> None:
    missing = tmp_path / "missing.toml"
    with pytest.raises(SettingsError, match="does not exist"):
        load({}, ENVIRON, missing)
    with pytest.raises(SettingsError, match="does not exist"):
        load({}, ENVIRON | {"EITUI_CONFIG": str(missing)})
    with pytest.raises(SettingsError, match="cannot be read"):
        load({}, ENVIRON, tmp_path)


def test_a_file_in_the_home_of_nobody(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"home directory.*environment EITUI_CONFIG"):
        load({}, ENVIRON | {"EITUI_CONFIG": "~no such user/config.toml"})
    with pytest.raises(SettingsError, match=r"home directory.*flag --config"):
        load({}, ENVIRON, Path("~no such user/config.toml"))


def test_the_usual_file_need_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = load({}, ENVIRON)
    assert settings.file is not None
    assert settings.file.is_relative_to(tmp_path)


@pytest.mark.parametrize("data", [b'theme = "\xff"', b"# " + b"x" * 2**20])
def test_a_file_that_is_no_text_or_far_too_large(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    with pytest.raises(SettingsError):
        load({}, ENVIRON, file)


def test_a_missing_key_says_how_to_give_one(file: Path) -> None:
    advice = error_of(file, "", {}).advice
    assert all(way in advice for way in ("EI_API_KEY", "api_key_file", "api_key_command", "eitui demo"))
    settings = settings_of(file, "", {}, require_key=False)
    assert settings.key is None
    with pytest.raises(SettingsError, match="No API key"):
        _ = settings.api_key


def test_the_key_in_the_file(file: Path) -> None:
    settings = settings_of(file, f'api_key = "{KEY}"', {})
    assert settings.api_key.reveal() == KEY
    assert settings.origins["key"] == f"file {file}"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_file_with_the_key_that_others_can_open_is_refused(file: Path, mode: int) -> None:
    file.chmod(mode)
    error = error_of(file, f'api_key = "{KEY}"', {})
    assert "others" in error.what
    assert "chmod 600" in error.advice
    assert settings_of(file, "interval = 2").interval_s == 2.0  # without a key in it anyone may read it


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_key_file_next_to_the_settings(file: Path, ending: str) -> None:
    beside = file.parent / "key"
    beside.touch(mode=0o600)
    beside.write_bytes((KEY + ending).encode())
    settings = settings_of(file, 'api_key_file = "key"', {})
    assert settings.api_key.reveal() == KEY
    beside.chmod(0o644)
    assert "others" in error_of(file, 'api_key_file = "key"', {}).what


def test_a_key_file_that_is_not_there(file: Path) -> None:
    assert "no such file" in error_of(file, 'api_key_file = "nowhere"', {}).what


class Runner:
    """Stands in for running a program."""

    def __init__(self, stdout: bytes = b"", code: int = 0, error: Exception | None = None) -> None:
        self.stdout, self.code, self.error = stdout, code, error
        self.calls: list[list[str]] = []

    def __call__(self, words: Sequence[str], _environ: Mapping[str, str]) -> tuple[int, bytes]:
        self.calls.append(list(words))
        if self.error:
            raise self.error
        return self.code, self.stdout


@pytest.mark.parametrize("command", ["\"pass show 'ei key'\"", '["pass", "show", "ei key"]'])
def test_a_key_command_is_run_without_a_shell(file: Path, command: str) -> None:
    run = Runner(KEY.encode() + b"\n")
    settings = settings_of(file, f"api_key_command = {command}", {}, run=run)
    assert settings.api_key.reveal() == KEY
    assert run.calls == [["pass", "show", "ei key"]]


def test_a_key_command_is_not_run_where_the_environment_has_the_key(file: Path) -> None:
    run = Runner()
    settings_of(file, 'api_key_command = "pass"', run=run)
    assert run.calls == []


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (Runner(code=3, stdout=KEY.encode()), "code 3"),
        (Runner(b""), "empty"),
        (Runner(b"\xff\xfe"), "ASCII"),
        (Runner(KEY.encode() + b"\nsecond line"), "white space"),
        (Runner(error=FileNotFoundError(2, "No such file or directory", KEY)), "no such file"),
        (Runner(error=TimeoutError()), "longer than"),
        (Runner(error=ValueError("embedded null byte")), "cannot be run"),
        (Runner(b"y" * MOST_KEY_BYTES), "more than a key"),
    ],
)
def test_a_key_command_that_fails(file: Path, run: Runner, words: str) -> None:
    assert words in error_of(file, f'api_key_command = ["pass", "{KEY}"]', {}, run=run).what


@pytest.mark.parametrize("command", ["5", '""', "[]", "[5]", '"unclosed \'"'])
def test_what_is_no_command(file: Path, command: str) -> None:
    assert "api_key_command" in error_of(file, f"api_key_command = {command}", {}, run=Runner()).what


def test_a_real_command_and_its_stderr(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    script = f"import sys; print({KEY!r}); print({KEY!r}, file=sys.stderr)"
    settings = settings_of(file, f"api_key_command = {[sys.executable, '-c', script]!r}", {})
    assert settings.api_key.reveal() == KEY
    assert capfd.readouterr() == ("", "")


@given(st.text() | st.text("ei_0\n", min_size=SHORTEST - 1, max_size=SHORTEST + 1))
def test_a_key_is_taken_whole_or_not_at_all(text: str) -> None:
    wanted = text.rstrip("\r\n")
    if len(wanted) >= SHORTEST and wanted.isascii() and wanted.isprintable() and " " not in wanted:
        assert api_key(text, "test").reveal() == wanted
    else:
        with pytest.raises(SettingsError, match="test"):
            api_key(text, "test")


def test_the_key_is_not_to_be_seen(file: Path) -> None:
    settings = settings_of(file)
    shown = f"{settings!r} {settings} {settings.key!r} {settings.key!s} {describe(settings)}"
    shown += repr([getattr(settings.key, name) for name in dir(settings.key) if not name.startswith("__")])
    assert KEY not in shown
    assert KEY[:6] not in shown
    with pytest.raises(TypeError):
        pickle.dumps(settings)
    assert settings == replace(settings, key=Secret(KEY))
    assert settings != replace(settings, key=Secret("other"))


def test_what_is_configured_and_from_where(file: Path) -> None:
    settings = settings_of(file, 'project_id = 12\ntheme = "nord"\n[keys]\nquit = "x"')
    rows = {name: (shown, origin) for name, shown, origin in describe(settings)}
    assert rows["api key"] == (f"set ({len(KEY)} characters)", "environment EI_API_KEY")
    assert rows["project"] == ("12", f"file {file}")
    assert rows["interval"] == ("5 s", "default")
    assert rows["keys"] == ("quit=x", f"file {file}")
    assert describe(settings_of(file, "", {}, require_key=False))[0] == ("api key", "not set", "default")


@pytest.mark.parametrize(
    ("url", "warned"), [("http://studio.example.test", True), ("http://127.0.0.1:4800", False), ("https://x", False)]
)
def test_a_key_in_the_open_is_worth_a_warning(file: Path, url: str, warned: bool) -> None:
    assert bool(settings_of(file, f'endpoint = "{url}"').warnings) is warned
    assert settings_of(file, f'endpoint = "{url}"').unencrypted is warned


def test_importing_config_leaves_the_heavy_things_out() -> None:
    code = (
        "import sys, eitui.config\n"
        "heavy = {'httpx', 'pydantic', 'tomllib', 'platformdirs', 'difflib', 'asyncio', 'textual'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_command_that_has_no_use_for_the_key_asks_no_place_for_it(file: Path) -> None:
    file.write_text('api_key_command = "false"\nrecordings = "/somewhere"\n')
    file.chmod(0o600)
    settings = load({}, {"EI_API_KEY": "no key"}, file, with_key=False)
    assert settings.key is None
    assert settings.recordings == Path("/somewhere")


def test_the_recordings_are_where_the_environment_says(file: Path) -> None:
    environ = ENVIRON | {"EITUI_RECORDINGS": "/elsewhere"}
    assert settings_of(file, 'recordings = "/somewhere"\n', environ).recordings == Path("/elsewhere")
    assert settings_of(file, 'recordings = "/somewhere"\n').recordings == Path("/somewhere")
    assert settings_of(file, "record = false\n").record is False
    error_of(file, 'recordings = "beside"\n')
