"""What changing thresholds needs of the service."""

from dataclasses import dataclass
from typing import Protocol

from eitui.domain.edit import Edit
from eitui.domain.job import Job
from eitui.domain.threshold import Threshold


@dataclass(frozen=True)
class Accepted:
    """The service's answer to a change that it made."""

    regenerate_status: str = ""
    """What became of the model-testing results; clean. See `eitui.change.words`."""
    job_id: int | None = None
    """The job that brings them up to date, where one was started."""


class Service(Protocol):
    """The service, as far as thresholds go. Nothing is ever asked twice by itself."""

    async def thresholds(self, impulse_id: int) -> tuple[Threshold, ...]:
        """Return the thresholds of all learn blocks of an impulse, as they are now.

        Raises:
            ApiError: the service could not be asked.
            NoSuchThreshold: there is no such impulse.
        """

    async def set_once(self, edit: Edit) -> Accepted:
        """Send the changes of `edit` in one request, once.

        Raises:
            ApiError: it was not sent, was refused, or (`may_have_acted`) nobody knows.
        """

    async def test_again(self, impulse_id: int) -> int:
        """Start a job that tests an impulse on the test set with its present thresholds; return the job's id.

        Raises:
            ApiError: it was not started, or (`may_have_acted`) nobody knows.
        """

    async def job(self, job_id: int) -> Job:
        """Return how it stands with a job.

        Raises:
            ApiError: the service could not be asked, or does not know the job.
        """
