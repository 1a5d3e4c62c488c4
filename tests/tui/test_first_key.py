"""The first run: the monitor asks for the API key before it follows anything."""

import asyncio

import pytest
from textual.widgets import Input
from watching import ENDPOINT

from eitui.config import SettingsError
from eitui.feed.events import Source
from eitui.tui.app import MonitorApp
from eitui.tui.screens.first_key import FirstKey

KEY = "ei_0123456789abcdef0123456789abcdef"


class Taker:
    """Takes `KEY`, and stores it anywhere but in the keyring."""

    host, unencrypted, file = ENDPOINT, False, "~/.config/eitui/config.toml"

    def __init__(self) -> None:
        self.stored: list[str] = []

    async def check(self, text: str) -> str:
        if text != KEY:
            raise SettingsError("The API key was refused", "Copy it again.")
        return "The key opens project 7."

    async def places(self) -> list[tuple[str, str]]:
        return [("keyring", "In the keyring"), ("file", "In a file"), ("nowhere", "Nowhere")]

    async def store(self, place: str) -> None:
        if place == "keyring":
            raise SettingsError("The keyring cannot be written")
        self.stored.append(place)


class Asked:
    """An app, and how often its source was opened."""

    def __init__(self) -> None:
        self.taker, self.opened = Taker(), 0
        self.app = MonitorApp(self.open, endpoint=ENDPOINT, key_taker=self.taker)

    async def open(self) -> Source:
        self.opened += 1
        return await asyncio.Future()  # a service that does not answer

    @property
    def text(self) -> str:
        return "\n".join(str(widget.render()) for widget in self.app.screen.query("Static"))


async def test_a_key_is_checked_and_stored_and_then_the_run_is_followed() -> None:
    asked = Asked()
    async with asked.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert isinstance(asked.app.screen, FirstKey)
        assert "Dashboard > Keys" in asked.text
        await pilot.press(*"wrong", "enter")
        await pilot.pause()
        assert "The API key was refused. Copy it again." in asked.text
        typed = asked.app.screen.query_one(Input)
        assert typed.value == ""
        typed.value = KEY
        await pilot.press("enter")
        await pilot.pause()
        assert "The key opens project 7. Where" in asked.text
        assert typed.value == ""
        await pilot.press("enter")  # the keyring, which refuses
        await pilot.pause()
        assert "The keyring cannot be written. Choose another place." in asked.text
        assert asked.opened == 0
        await pilot.press("down", "enter")
        await pilot.pause()
        assert asked.taker.stored == ["file"]
        assert asked.opened == 1
        assert not isinstance(asked.app.screen, FirstKey)


async def test_escape_quits_with_the_code_of_a_missing_setting() -> None:
    asked = Asked()
    async with asked.app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("escape")
    assert asked.app.return_code == 2
    assert asked.opened == 0


@pytest.mark.parametrize("keys", [("ctrl+c",), ("ctrl+x",)])
async def test_the_key_cannot_be_copied_out_of_the_line(keys: tuple[str, ...]) -> None:
    asked = Asked()
    async with asked.app.run_test() as pilot:
        await pilot.pause()
        typed = asked.app.screen.query_one(Input)
        typed.value = KEY
        await pilot.press("home", "shift+end", *keys)
        assert asked.app.clipboard == ""
        assert typed.value == KEY


async def test_what_went_wrong_with_a_program_is_said_on_the_screen() -> None:
    asked = Asked()
    async with asked.app.run_test() as pilot:
        await asyncio.to_thread(asked.app.tell_problem, "notify-send ended with code 1")
        await pilot.pause()
        assert [told.message for told in asked.app.notices] == ["notify-send ended with code 1"]
