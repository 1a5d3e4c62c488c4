"""A job: what the service does in the background, such as testing an impulse."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Job:
    """How it stands with a job of the service."""

    id: int
    finished: bool = False
    successful: bool | None = None
    """Once it is finished; None where the service does not say."""
