"""From settings to a client and to a source of events."""

from typing import TYPE_CHECKING

from eitui.config import Settings

if TYPE_CHECKING:
    from eitui.api.client import Client
    from eitui.feed.live import LiveSource


def client_of(settings: Settings) -> "Client":
    """Return a client for the service that `settings` name.

    Raises:
        SettingsError: there is no API key.
        BadSettings: a proxy or certificate setting of the environment is malformed.
    """
    from eitui.api.client import Client

    return Client(settings.endpoint, settings.api_key, timeout_s=settings.timeout_s)


def live_source(settings: Settings) -> "LiveSource":
    """Return the source that polls the service that `settings` name."""
    from eitui.feed.live import LiveSource

    return LiveSource(client_of(settings), settings.project_id, settings.interval_s)
