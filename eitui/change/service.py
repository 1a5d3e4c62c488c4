"""The service over HTTP, as far as changing thresholds needs it."""

from eitui.api.client import Client
from eitui.api.errors import BadAnswer, only_api_errors
from eitui.change.errors import NoSuchThreshold
from eitui.change.protocol import Accepted
from eitui.domain.edit import Edit
from eitui.domain.impulse import ImpulseTable
from eitui.domain.job import Job
from eitui.domain.threshold import Threshold


class ApiService:
    """Asks one project of the service through `client`. A `Service`."""

    def __init__(self, client: Client, project_id: int) -> None:
        self._client = client
        self._project_id = project_id

    async def impulses(self) -> ImpulseTable:
        """Return all impulses.

        Raises:
            ApiError: the service could not be asked.
        """
        with only_api_errors():
            return await self._client.impulses_detailed(self._project_id)

    async def thresholds(self, impulse_id: int) -> tuple[Threshold, ...]:
        """Return the thresholds of all learn blocks of an impulse, as they are now.

        Raises:
            ApiError: the service could not be asked.
            NoSuchThreshold: there is no such impulse.
        """
        impulse = (await self.impulses()).impulse(impulse_id)
        if impulse is None:
            raise NoSuchThreshold(f"The project has no impulse {impulse_id}", "Nothing was sent.")
        return impulse.thresholds

    async def set_once(self, edit: Edit) -> Accepted:
        """Send the changes of `edit` in one request, once.

        Raises:
            ApiError: it was not sent, was refused, or (`may_have_acted`) nobody knows.
        """
        from eitui.api.set_thresholds import SetImpulseThresholdsRequest, ThresholdChange

        changes = tuple(
            ThresholdChange(block_id=change.ref.block_id, key=change.ref.key, value=change.new)
            for change in edit.changes
        )
        request = SetImpulseThresholdsRequest(
            thresholds=changes, allow_creating_regenerate_model_testing_jobs=edit.regenerate
        )
        with only_api_errors():
            answer = await self._client.set_thresholds(self._project_id, edit.impulse_id, request)
        if answer.success is not True:
            raise BadAnswer("The service's answer does not say whether it changed anything")
        return Accepted(answer.regenerate_model_testing_status, answer.regenerate_model_testing_results_job_id)

    async def test_again(self, impulse_id: int) -> int:
        """Start a job that tests an impulse on the test set with its present thresholds; return the job's id.

        Raises:
            ApiError: it was not started, or (`may_have_acted`) nobody knows.
        """
        with only_api_errors():
            return await self._client.start_classify_job(self._project_id, impulse_id)

    async def job(self, job_id: int) -> Job:
        """Return how it stands with a job.

        Raises:
            ApiError: the service could not be asked, or does not know the job.
        """
        with only_api_errors():
            return await self._client.job_status(self._project_id, job_id)
