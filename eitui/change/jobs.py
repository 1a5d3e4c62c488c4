"""Following a job of the service to its end."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from eitui.api.errors import ApiError, Busy, Rejected, problem
from eitui.change.protocol import Service
from eitui.domain.job import Job
from eitui.domain.moment import Problem
from eitui.feed.backoff import delay

FIRST_S = 1.0
"""Seconds from the first look at a job to the second."""

LONGEST_S = 10.0
"""Longest time between looks, in seconds, while the service answers."""

_GROWTH = 1.5


@dataclass(frozen=True)
class Followed:
    """How it stands with a job that is being followed."""

    job: Job
    """The last that is known of it."""
    problem: Problem | None = None
    """Why it could not be asked for; None while all is well."""
    over: bool = False
    """Whether nothing more will come: it is finished, or the service will not say (then there is a `problem`)."""


async def follow_job(
    service: Service,
    job_id: int,
    *,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    chance: Callable[[], float] = random.random,
) -> AsyncIterator[Followed]:
    """Yield how it stands with a job after every look at it, until it is finished.

    An outage ends nothing: it is yielded, and the service asked again, less and less often. Only when the service
    refuses (the job is not known, the key no longer good) there is no point in going on.

    Args:
        service: the service.
        job_id: which job.
        sleep: waits for so many seconds.
        chance: gives a number from 0 to below 1, so that not all ask again at the same instant.

    """
    job, wait, failures = Job(job_id), FIRST_S, 0
    while True:
        retry_after = None
        try:
            job, failures, trouble = await service.job(job_id), 0, None
            over = job.finished
        except ApiError as error:
            failures, trouble = failures + 1, problem(error)
            over = error.final or (isinstance(error, Rejected) and not error.may_have_acted)
            retry_after = error.retry_after if isinstance(error, Busy) else None
        yield Followed(job, trouble, over)
        if over:
            return
        if failures:
            await sleep(delay(failures, wait, chance, retry_after))
        else:
            await sleep(wait)
            wait = min(wait * _GROWTH, LONGEST_S)
