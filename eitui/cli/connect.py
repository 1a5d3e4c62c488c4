"""From settings to a client and to a source of events."""

from pathlib import Path
from typing import TYPE_CHECKING

import eitui
from eitui.config import Settings

if TYPE_CHECKING:
    from eitui.api.client import Client
    from eitui.feed.live import LiveSource
    from eitui.feed.recorded import RecordedSource
    from eitui.thresholds.project import ProjectClient


def client_of(settings: Settings) -> "Client":
    """Return a client for the service that `settings` name.

    Raises:
        SettingsError: there is no API key.
        BadSettings: a proxy or certificate setting of the environment is malformed.
    """
    from eitui.api.client import Client

    return Client(settings.endpoint, settings.api_key, timeout_s=settings.timeout_s)


def live_source(settings: Settings, run_id: int | None = None) -> "LiveSource":
    """Return the source that polls the service that `settings` name.

    `run_id` is the coordinator job of an earlier run, which is read once; None: the project's present run.
    """
    from eitui.feed.live import LiveSource

    client = client_of(settings)
    return LiveSource(client, settings.project_id, settings.interval_s, settings.fill_curves, run_id)


def project_client(settings: Settings, project_id: int, client: "Client | None" = None) -> "ProjectClient":
    """Return what asks a project, and changes its thresholds in the name of this machine's user.

    `client` asks the service; without one, one is made as for `client_of`.
    """
    from eitui.thresholds.journal import Journal
    from eitui.thresholds.project import ProjectClient, local_user
    from eitui.thresholds.send import Owner

    origin = settings.origins.get("read_only", "a setting") if settings.read_only else None
    owner = Owner(settings.host, project_id, local_user(), origin)
    return ProjectClient(client or client_of(settings), Journal(settings.journal), owner)


async def open_project(settings: Settings) -> "ProjectClient":
    """Return the project that `settings` name, or else the only one that the API key opens.

    Raises:
        ApiError: the service could not be asked which it is, or the key opens several.
    """
    from eitui.api.run import only_project

    client = client_of(settings)
    try:
        project_id = settings.project_id
        if project_id is None:
            project_id = only_project(await client.projects()).id
        return project_client(settings, project_id, client)
    except BaseException:
        await client.aclose()
        raise


def recorded_source(settings: Settings, run_id: int | None = None, *, file: Path | None = None) -> "RecordedSource":
    """Return the source that polls the service that `settings` name, and records what it says.

    `run_id` as for `live_source`. It is recorded into `file`, or without one into the run's own file in the directory
    that `settings` name.

    Raises:
        RecordingError: `file` is no recording, or of another project.
    """
    from eitui.feed.recorded import RecordedSource, RecordingPlace, check_file

    if file is not None:
        check_file(file, settings.host, settings.project_id)
    return RecordedSource(
        live_source(settings, run_id),
        RecordingPlace(settings.recordings, settings.host, file, run_id),
        eitui.__version__,
    )
