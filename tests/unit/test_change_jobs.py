"""Following a job to its end. All of it synthetic."""

from changing import FakeService

from eitui.api.errors import ApiError, BadAnswer, Busy, Rejected, Unreachable
from eitui.change import words
from eitui.change.jobs import LONGEST_S, Followed, follow_job
from eitui.domain.job import Job
from eitui.feed.backoff import CAP

RUNNING = Job(0)
DONE = Job(0, finished=True, successful=True)
FAILED = Job(0, finished=True, successful=False)
UNSAID = Job(0, finished=True)


async def follow(*said: Job | ApiError) -> tuple[list[Followed], list[float]]:
    """Return what following a job yields, and the waits between."""
    service, slept = FakeService(), []
    service.jobs.extend(said)

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    return [followed async for followed in follow_job(service, 7, sleep=sleep, chance=lambda: 0.0)], slept


async def test_a_job_is_followed_to_its_end() -> None:
    seen, slept = await follow(RUNNING, RUNNING, DONE)
    assert [(followed.job, followed.over) for followed in seen] == [
        (Job(7), False), (Job(7), False), (Job(7, finished=True, successful=True), True),
    ]  # fmt: skip
    assert len(slept) == 2
    assert [words.job(followed) for followed in seen] == ["Job 7 is running."] * 2 + ["Job 7 is finished."]


async def test_the_service_is_asked_less_and_less_often_up_to_a_limit() -> None:
    _, slept = await follow(*[RUNNING] * 20, DONE)
    assert slept == sorted(slept)
    assert slept[0] == 1
    assert slept[-1] == LONGEST_S


async def test_an_outage_is_said_and_survived() -> None:
    lost = Unreachable("No answer")
    seen, slept = await follow(RUNNING, *[lost] * 12, BadAnswer("html"), Busy("later", retry_after=500.0), DONE)
    assert seen[1].job == Job(7)
    assert words.job(seen[1]) == "Job 7 could not be asked for: No answer. Asking again."
    assert [followed.over for followed in seen] == [False] * 15 + [True]
    assert slept[1:4] == [1.5, 3.0, 6.0]
    assert slept[12] == CAP
    assert slept[14] == 500.0
    assert seen[-1].problem is None


async def test_a_refusal_ends_it() -> None:
    for error in (Rejected("No job with this ID"), Rejected("The API key was refused", final=True)):
        seen, slept = await follow(error)
        assert [followed.over for followed in seen] == [True]
        assert slept == []
        assert error.what in words.job(seen[0])
        assert "It goes on all the same" in words.job(seen[0])


async def test_a_failure_of_the_service_does_not_end_it() -> None:
    seen, _ = await follow(Rejected("The service failed (500)", may_have_acted=True), DONE)
    assert [followed.over for followed in seen] == [False, True]


async def test_how_it_ended_is_said() -> None:
    for job, said in ((FAILED, "Job 7 failed"), (UNSAID, "does not say whether it succeeded")):
        (followed,), _ = await follow(job)
        assert said in words.job(followed)
