"""What is asked of a project when somebody looks, and not followed: its impulses, their scores, and changes to them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

from eitui.api.client import Client
from eitui.change.jobs import Followed, follow_job
from eitui.change.journal import History, Journal
from eitui.change.send import Owner, Sender
from eitui.change.service import ApiService
from eitui.domain.anomaly import AnomalyBlock
from eitui.domain.impulse import ImpulseTable
from eitui.domain.scores import Scored


class NoDesk(Exception):
    """There is no project to be asked. `what` is one line for the user, `advice` what to do about it."""

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice


class Desk(Protocol):
    """One project of the service, at somebody's hand. Only `sender` changes anything there."""

    @property
    def sender(self) -> Sender:
        """What sends changes of thresholds."""
        ...

    async def impulses(self) -> ImpulseTable:
        """Return all impulses.

        Raises:
            ApiError: the service could not be asked.
        """
        ...

    async def anomaly(self, impulse_id: int, block_id: int, kind: str = "") -> AnomalyBlock:
        """Return an anomaly block as it is set up and trained; `kind` is its learn block's type.

        Raises:
            ApiError: the service could not be asked.
        """
        ...

    async def scores(self, impulse_id: int, block_id: int) -> Scored:
        """Return the scores of the test set's windows that the service has of a learn block, or why it has none.

        Raises:
            ApiError: the service could not be asked.
        """
        ...

    async def history(self) -> History:
        """Return this machine's last changes to the project, as far as they can be read.

        Raises:
            JournalError: the journal cannot be read.
        """
        ...

    def follow_job(self, job_id: int) -> AsyncIterator[Followed]:
        """Yield how it stands with a job until it is over."""
        ...

    async def close(self) -> None:
        """Let go of the connection."""
        ...


class ProjectDesk:
    """A `Desk` on the service that `client` asks."""

    def __init__(self, client: Client, journal: Journal, owner: Owner) -> None:
        self._client, self._journal, self._owner = client, journal, owner
        self._service = ApiService(client, owner.project_id)
        self._sender = Sender(self._service, journal, owner)

    @property
    def sender(self) -> Sender:
        """What sends changes of thresholds."""
        return self._sender

    async def impulses(self) -> ImpulseTable:
        """Return all impulses; raise ApiError when the service could not be asked."""
        return await self._service.impulses()

    async def anomaly(self, impulse_id: int, block_id: int, kind: str = "") -> AnomalyBlock:
        """Return an anomaly block. What was trained is left out where the service has nothing of it: it was not yet.

        Raises:
            ApiError: the service could not be asked, or has nothing of a block that it calls trained.
        """
        from eitui.api.anomaly import anomaly_of
        from eitui.api.errors import Rejected, only_api_errors

        project = self._owner.project_id
        with only_api_errors():
            config = await self._client.anomaly_config(project, block_id)
            try:
                metadata = await self._client.anomaly_metadata(project, block_id)
            except Rejected as error:
                if config.flag("trained") is True or not error.answered:
                    raise
                metadata = None
            return anomaly_of(block_id, config, metadata, impulse_id=impulse_id, kind=kind)

    async def scores(self, impulse_id: int, block_id: int) -> Scored:
        """Return the scores of a learn block; raise ApiError when the service could not be asked."""
        from eitui.api.errors import only_api_errors
        from eitui.api.scores import scores_of

        with only_api_errors():
            result = await self._client.classify_result(self._owner.project_id, impulse_id)
            # Some 20,000 windows take up to 150 ms.
            return await asyncio.to_thread(scores_of, result, block_id)

    async def history(self) -> History:
        """Return this machine's last changes to the project; raise JournalError when none of it can be read."""
        return await asyncio.to_thread(self._journal.look, self._owner.host, self._owner.project_id)

    def follow_job(self, job_id: int) -> AsyncIterator[Followed]:
        """Yield how it stands with a job until it is over."""
        return follow_job(self._service, job_id)

    async def close(self) -> None:
        """Let go of the connection."""
        await self._client.aclose()
