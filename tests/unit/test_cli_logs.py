"""`eitui logs`: which log, what is printed of it, and how following ends. Every answer is synthetic."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.api.client import Client
from eitui.api.errors import ApiError
from eitui.cli.logs import OVERLAP, NoSuchJob, job_called, lines_after, print_log
from eitui.config.key import Secret
from eitui.domain.log import LogLine
from eitui.domain.moment import Instant
from eitui.domain.run import Run, RunJob
from eitui.domain.trial import Trial
from eitui.feed.events import NoLog
from eitui.feed.live import LiveSource
from eitui.view.run.failures import log_line_as_json, plain_log_line

TRIALS = (Trial("4711", "mfe-1", "running"), Trial("4712", "mfe-2", "failed"), Trial("4713", "mfe-2", "failed"))
RUN = Run(status="running", trials=TRIALS, tuner_job_id=8, coordinator_job_id=7)


def line(number: int) -> LogLine:
    return LogLine(1_760_000_000.0 + number, "", f"line {number}")


class Patient:
    """A clock on which waiting takes no time."""

    def __init__(self) -> None:
        self.elapsed = 0.0
        self.waits: list[float] = []

    def now(self) -> Instant:
        return Instant(1_760_000_000.0 + self.elapsed, self.elapsed)

    async def wait(self, seconds: float, wake: asyncio.Event) -> bool:
        self.waits.append(seconds)
        self.elapsed += seconds
        await asyncio.sleep(0)
        return False


class Service:
    """Answers polls in their order, of which each also says what the logs are."""

    def __init__(self, *polls: tuple[dict[str, Any] | int, list[str] | int], job_status: str = "success") -> None:
        self.polls, self.job_status = polls, job_status
        self.polled, self.asked = 0, list[str]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/v1/api/12/")
        if path == "optimize/state":
            self.polled += 1
        elif path.endswith("/stdout"):
            self.asked.append(path)
        state, texts = self.polls[min(self.polled, len(self.polls)) - 1]
        if path == "optimize/runs":
            return self.answer(runs=[{"tunerCoordinatorJobId": 7, "jobStatus": self.job_status}])
        if path == "optimize/state":
            return httpx.Response(state) if isinstance(state, int) else self.answer(**state)
        if path.endswith("/stdout"):
            return httpx.Response(texts) if isinstance(texts, int) else self.answer(**stdout(texts))
        return self.answer(projects=[{"id": 12, "name": "Keywords (synthetic)"}])

    @staticmethod
    def answer(**fields: Any) -> httpx.Response:
        return httpx.Response(200, json={"success": True, **fields})


def stdout(texts: list[str]) -> dict[str, Any]:
    times = [f"2026-01-02T03:04:{number:02}Z" for number in range(len(texts))]
    entries = [{"created": time, "data": text + "\n"} for time, text in zip(times, texts, strict=True)]
    return {"stdout": entries[::-1], "totalCount": len(texts)}


GOING: dict[str, Any] = {
    "tunerJobId": 8,
    "tunerCoordinatorJobId": 7,
    "tunerJobIsRunning": True,
    "status": {"status": "running"},
    "trials": [{"id": "4711", "name": "mfe-1", "status": "running", "blocks": []}],
}
OVER: dict[str, Any] = GOING | {"tunerJobIsRunning": False, "status": {"status": "completed"}}


class Printed:
    """What a command printed, and its exit code."""

    def __init__(self, service: Service) -> None:
        self.service, self.clock = service, Patient()
        self.lines, self.warnings, self.code = list[str](), list[str](), -1

    async def by(self, job: str, *, follow: bool = False) -> "Printed":
        client = Client("http://127.0.0.1:1/v1", Secret("ei_0123456789"), transport=httpx.MockTransport(self.service))
        source = LiveSource(client, 12, 10.0, clock=self.clock)
        self.code = await print_log(
            source, job, lambda line: self.lines.append(line.text), self.warnings.append, follow=follow
        )
        return self


async def test_the_tuners_log_is_printed_once_oldest_first() -> None:
    printed = await Printed(Service((GOING, ["one", "two"]))).by("tuner")
    assert (printed.lines, printed.warnings, printed.code) == (["one", "two"], [], 0)
    assert printed.service.asked == ["jobs/8/stdout"]


@pytest.mark.parametrize(
    ("job", "path"),
    [("coordinator", "jobs/7/stdout"), ("4711", "optimize/trial/4711/stdout"), ("mfe-1", "optimize/trial/4711/stdout")],
)
async def test_other_logs_are_asked_for_by_their_names(job: str, path: str) -> None:
    assert (await Printed(Service((GOING, ["one"]))).by(job)).service.asked == [path]


async def test_following_prints_what_is_added_until_the_run_ends() -> None:
    service = Service((GOING, ["one"]), (GOING, ["one"]), (GOING, ["one", "two"]), (OVER, ["one", "two", "stopped"]))
    printed = await Printed(service).by("tuner", follow=True)
    assert (printed.lines, printed.code) == (["one", "two", "stopped"], 0)
    assert printed.clock.waits == pytest.approx([10.0, 10.0, 10.0])


async def test_following_a_run_that_fails_ends_with_1() -> None:
    service = Service((GOING, ["one"]), (OVER, ["one", "two"]), job_status="failed")
    assert (await Printed(service).by("tuner", follow=True)).code == 1
    assert (await Printed(Service((OVER, ["one"]), job_status="failed")).by("tuner")).code == 0


async def test_following_a_trial_ends_with_the_trial() -> None:
    done = GOING | {"trials": [GOING["trials"][0] | {"status": "completed"}]}
    printed = await Printed(Service((GOING, ["one"]), (done, ["one", "two"]))).by("mfe-1", follow=True)
    assert (printed.lines, printed.code) == (["one", "two"], 0)


async def test_outages_do_not_end_following_and_nothing_is_printed_twice() -> None:
    service = Service((GOING, ["one"]), (503, []), (GOING, 500), (401, []), (OVER, ["one", "two"]))
    printed = await Printed(service).by("tuner", follow=True)
    assert (printed.lines, printed.code) == (["one", "two"], 0)
    assert len(printed.warnings) == 3


@pytest.mark.parametrize("follow", [False, True])
async def test_what_goes_wrong_at_first_ends_it(follow: bool) -> None:
    for service, error in ((Service((503, [])), ApiError), (Service((GOING, 500)), NoLog)):
        with pytest.raises(error) as raised:
            await Printed(service).by("tuner", follow=follow)
        assert raised.value.exit_code == 3


@pytest.mark.parametrize(
    ("name", "job"),
    [
        ("tuner", RunJob("tuner", 8)),
        ("coordinator", RunJob("coordinator", 7)),
        ("4713", TRIALS[2]),
        ("mfe-1", TRIALS[0]),
    ],
)
def test_a_log_is_called_by_the_job_the_id_or_the_name(name: str, job: object) -> None:
    assert job_called(name, RUN) == job


@pytest.mark.parametrize(
    ("name", "run"),
    [("mfe-2", RUN), ("x\x1b[2J", RUN), ("tuner", Run(coordinator_job_id=7)), ("tuner", Run())],
)
def test_what_is_not_there_is_a_mistake_of_the_command(name: str, run: Run) -> None:
    with pytest.raises(NoSuchJob) as raised:
        job_called(name, run)
    assert raised.value.exit_code == 2
    assert raised.value.what.isprintable()


@given(st.integers(0, 120), st.integers(0, 120), st.integers(0, 120), st.booleans())
def test_every_line_is_printed_once_as_long_as_answers_overlap(sent: int, more: int, cut: int, alike: bool) -> None:
    whole = [line(0 if alike and number % 7 else number) for number in range(sent + more)]
    before = whole[:sent]
    now = whole[min(cut, max(0, sent - OVERLAP)) :]
    after = lines_after(before, now)
    assert list(after) == whole[sent:]


def test_lines_are_all_new_where_none_is_known() -> None:
    assert lines_after([line(1)], [line(2), line(3)]) == [line(2), line(3)]
    assert lines_after([], []) == []
    assert lines_after([line(1)] * 60, [line(1)] * 65) == [line(1)] * 5


def test_a_line_as_text_and_as_json() -> None:
    written = LogLine(1_760_000_000.25, "error", "Killed")
    assert plain_log_line(written).endswith("  Killed")
    assert json.dumps(log_line_as_json(written)) == (
        '{"time": "2025-10-09T08:53:20.250Z", "level": "error", "text": "Killed"}'
    )
    for odd in (None, 1e300, float("nan")):
        assert plain_log_line(LogLine(odd, "", "Killed")) == " " * 21 + "Killed"
        assert log_line_as_json(LogLine(odd, "", "Killed"))["time"] is None
