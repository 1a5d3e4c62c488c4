"""Jobs (`GET /api/{projectId}/jobs/{jobId}/status`, Job), and when a project last changed."""

from eitui.api.models.base import Answer, Model
from eitui.api.models.number import Flag, Number, Time, Whole
from eitui.api.models.text import Text


class Job(Model):
    """Something that the service does in the background."""

    id: Whole = None
    key: Text = ""
    category: Text = ""
    """For showing, such as `Model testing`."""
    category_key: Text = ""
    created: Time = None
    started: Time = None
    """None while it waits."""
    finished: Time = None
    """None until it ends."""
    finished_successful: Flag = None
    """None until it ends."""
    compute_time: Number = None
    """Seconds."""
    additional_info: Text = ""

    @property
    def over(self) -> bool:
        """Whether it has ended, well or not."""
        return self.finished is not None or self.finished_successful is not None


class GetJobResponse(Answer):
    """What became of a job."""

    job: Job


class StartJobResponse(Answer):
    """A job was started."""

    id: int
    """The job's id."""


class LastModificationDateResponse(Answer):
    """When a project's data last changed, or an impulse was last trained."""

    last_modification_date: Time = None
    modification_date: Time = None
    """The document requires this one and describes the other: either may be missing."""
    last_version_date: Time = None

    @property
    def changed(self) -> float | str | None:
        """Seconds since the Unix epoch; a text where the date could not be read."""
        return self.modification_date if self.last_modification_date is None else self.last_modification_date
