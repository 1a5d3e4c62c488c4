"""From settings to a client and to a source of events."""

from pathlib import Path
from typing import TYPE_CHECKING

import eitui
from eitui.config import Settings

if TYPE_CHECKING:
    from eitui.api.client import Client
    from eitui.change.desk import Desk
    from eitui.feed.events import Source
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


def desk_of(settings: Settings, project_id: int) -> "Desk":
    """Return what answers about a project, and changes its thresholds, in the name of this machine's user."""
    from eitui.change.desk import ProjectDesk
    from eitui.change.journal import Journal
    from eitui.change.send import Owner
    from eitui.change.who import local_user

    origin = settings.origins.get("read_only", "a setting") if settings.read_only else None
    owner = Owner(settings.host, project_id, local_user(), origin)
    return ProjectDesk(client_of(settings), Journal(settings.journal), owner)


def recorded_source(settings: Settings, *, file: Path | None = None) -> "Source":
    """Return the source that polls the service that `settings` name, and records what it says.

    It is recorded into `file`, or without one into the run's own file in the directory that `settings` name.

    Raises:
        RecordingError: `file` is no recording, or of another project.
    """
    from eitui.feed.recorded import Place, RecordedSource, check_file

    if file is not None:
        check_file(file, settings.host, settings.project_id)
    return RecordedSource(live_source(settings), Place(settings.recordings, settings.host, file), eitui.__version__)
