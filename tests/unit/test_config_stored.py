"""The API key that eitui has stored: in a file, or in a keyring."""

import os
import stat
import sys
from functools import partial
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from eitui.config import Secret, SettingsError, load
from eitui.config.files import NotWritten
from eitui.config.key import api_key
from eitui.config.stored import forget_key, key_file, keyring_name, store_in_file, store_in_keyring, stored_key

KEY = "ei_" + "fedcba9876543210" * 4
HOST = "studio.edgeimpulse.com"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setitem(sys.modules, "keyring", None)  # not installed
    return tmp_path


class Keyring(ModuleType):
    """A keyring in memory, in place of the package."""

    def __init__(self, priority: float = 5, error: Exception | None = None) -> None:
        super().__init__("keyring")
        self.__spec__ = ModuleSpec("keyring", None)
        self.kept: dict[tuple[str, str], str] = {}
        self._priority, self._error = priority, error

    def get_keyring(self) -> SimpleNamespace:
        return SimpleNamespace(priority=self._priority, name="Memory\x1b[2J")

    def get_password(self, service: str, user: str) -> str | None:
        if self._error is not None:
            raise self._error
        return self.kept.get((service, user))

    def delete_password(self, service: str, user: str) -> None:
        del self.kept[service, user]

    def set_password(self, service: str, user: str, text: str) -> None:
        if self._error is not None:
            raise self._error
        self.kept[service, user] = text


def secret() -> Secret:
    return api_key(KEY, "here")


def test_a_stored_key_is_found_again_for_its_host_alone() -> None:
    assert stored_key(HOST) is None
    file = store_in_file(secret(), HOST)
    found = stored_key(HOST)
    assert found == (secret(), f"file {file}")
    assert stored_key("studio.example.com") is None
    assert load({}, {}).key == secret()
    assert load({}, {"EI_API_ENDPOINT": "https://studio.example.com/v1"}, require_key=False).key is None


@pytest.mark.parametrize("umask", [0, 0o077, 0o777])
def test_only_the_user_can_read_the_file_whatever_the_umask(umask: int) -> None:
    before = os.umask(umask)
    try:
        file = store_in_file(secret(), HOST)
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0
    assert stat.S_IMODE(file.parent.stat().st_mode) & 0o077 == 0
    assert list(file.parent.iterdir()) == [file]


def test_a_key_is_replaced_whole() -> None:
    file = store_in_file(secret(), HOST)
    file.chmod(0o644)
    store_in_file(api_key(KEY[::-1], "here"), HOST)
    assert file.read_text() == f"{KEY[::-1]}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_that_others_can_read_is_refused() -> None:
    store_in_file(secret(), HOST).chmod(0o644)
    with pytest.raises(SettingsError, match="others may read"):
        stored_key(HOST)


def test_a_file_that_cannot_be_written_is_said(home: Path) -> None:
    (home / ".config").write_text("")
    with pytest.raises(NotWritten) as raised:
        store_in_file(secret(), HOST)
    assert KEY not in str(raised.value)


def test_a_key_that_is_given_wins(tmp_path: Path) -> None:
    store_in_file(secret(), HOST)
    assert load({}, {"EI_API_KEY": KEY[::-1]}).key == api_key(KEY[::-1], "here")
    file = tmp_path / "config.toml"
    file.write_text(f'api_key_command = ["echo", "{KEY[::-1]}"]\n')
    assert load({}, os.environ, file).key == api_key(KEY[::-1], "here")


@pytest.mark.parametrize("host", ["../../etc/passwd", "..", "", "[::1]:80", "127.0.0.1:4800"])
def test_no_host_leads_out_of_the_directory(host: str) -> None:
    assert key_file(host).resolve().parent == key_file("x").resolve().parent


def test_each_host_has_a_file_of_its_own() -> None:
    assert len({key_file(host) for host in ("ei.local:8443", "ei.local_8443", "ei.local=3A8443", "ei.local")}) == 4


def test_a_keyring_keeps_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = Keyring()
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    assert keyring_name().isprintable()
    store_in_keyring(secret(), HOST)
    assert keyring.kept == {("eitui", HOST): KEY}
    assert stored_key(HOST) == (secret(), "keyring")
    assert stored_key("studio.example.com") is None
    settings = load({}, {})
    assert (settings.key, settings.origins["key"]) == (secret(), "keyring")


def test_a_key_is_forgotten_wherever_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = Keyring()
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    store_in_keyring(secret(), HOST)
    file = store_in_file(secret(), HOST)
    assert forget_key(HOST) == [f"file {file}", "keyring"]
    assert forget_key(HOST) == []
    assert stored_key(HOST) is None


def test_a_keyring_that_keeps_nothing_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", Keyring(priority=0))
    assert keyring_name() == ""
    assert stored_key(HOST) is None
    with pytest.raises(SettingsError):
        store_in_keyring(secret(), HOST)


def test_a_keyring_that_refuses_is_said_without_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", Keyring(error=LookupError(f"no {KEY}")))
    for refused in (partial(store_in_keyring, secret(), HOST), partial(stored_key, HOST)):
        with pytest.raises(SettingsError) as raised:
            refused()
        assert KEY not in raised.value.sentence
        assert "LookupError" in raised.value.what
        assert raised.value.__cause__ is None
