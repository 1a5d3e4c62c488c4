"""The first run: what is done with an API key that is pasted into the monitor."""

import asyncio
from dataclasses import replace
from types import MappingProxyType

from eitui.cli.connect import client_of
from eitui.config import Secret, Settings
from eitui.config.key import api_key
from eitui.config.stored import KEYRING, key_file, keyring_name, store_in_file, store_in_keyring
from eitui.domain.text import clean

_FILE, _NOWHERE = "file", "nowhere"


class PastedKey:
    """Takes a key, has the service check it, and stores it; see `eitui.tui.screens.first_key.KeyTaker`."""

    def __init__(self, settings: Settings) -> None:
        """Take a key for the service that `settings`, which have none, name."""
        self.settings = settings
        """With the key, once it was checked."""
        self.host = clean(settings.host)
        self.unencrypted = settings.unencrypted
        self.file = clean(str(settings.file))
        self.given = False
        """Whether a key was checked, and it was said where to keep it."""

    async def check(self, text: str) -> str:
        """Ask the service what it knows of the key; return that in a sentence.

        Raises:
            SettingsError: it is no key.
            ApiError: the service refuses it, or was not reached.
        """
        tried = self._with(api_key(text.strip(), "pasted"), "pasted")
        # In a thread: importing HTTP takes some 200 ms.
        client = await asyncio.to_thread(client_of, tried)
        async with client:
            info = await client.api_key_info()
        self.settings = tried
        of = "The key is valid" if info.project_id is None else f"The key opens project {info.project_id}"
        wanted = self.settings.project_id
        if wanted is not None and info.project_id not in (None, wanted):
            return f"{of}, but project {wanted} is set ({self.settings.origins['project_id']})."
        return f"{of}."

    async def places(self) -> list[tuple[str, str]]:
        """Return where the key can be stored: the place's name, and a sentence."""
        if self.unencrypted:
            return [(_NOWHERE, "Nowhere: a stored key is not sent unencrypted")]
        keyring = await asyncio.to_thread(keyring_name)
        return [
            *([(KEYRING, f"In the keyring ({keyring})")] if keyring else []),
            (_FILE, f"In a file that only you can read: {clean(str(key_file(self.settings.host)))}"),
            (_NOWHERE, "Nowhere: for this time only"),
        ]

    async def store(self, place: str) -> None:
        """Store the key in a place.

        Raises:
            EituiError: that cannot be done.
        """
        key = self.settings.api_key
        if place == KEYRING:
            await asyncio.to_thread(store_in_keyring, key, self.settings.host)
        elif place == _FILE:
            await asyncio.to_thread(store_in_file, key, self.settings.host)
        self.given = True

    def _with(self, key: Secret, origin: str) -> Settings:
        return replace(self.settings, key=key, origins=MappingProxyType({**self.settings.origins, "key": origin}))
