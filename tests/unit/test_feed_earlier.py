"""An earlier run: read once, recorded in a file of its own, and never taken for the present one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from polling import HOST, KEY, LONG, Steps
from states import PROJECT, body, trial_json

from eitui.analysis.clock import freshness
from eitui.api.client import Client
from eitui.api.errors import Rejected
from eitui.config.key import Secret
from eitui.demo.options import Options
from eitui.demo.server import DemoServer
from eitui.demo.service import PROJECT_ID
from eitui.domain.moment import Freshness, Moment
from eitui.feed.events import Event, PollFailed, PollSucceeded, Resumed
from eitui.feed.live import LiveSource
from eitui.feed.recorded import RecordedSource, RecordingPlace
from eitui.feed.recording.catalogue import catalogue, file_of
from eitui.feed.recording.format import About
from eitui.feed.recording.reader import RecordingReader

EARLIER, PRESENT = 70, 77
CREATED = "2023-11-01T00:00:00Z"


class Runs:
    """A project with an earlier run and the present one, for a transport."""

    def __init__(self, run: int | None = EARLIER, status: str = "completed") -> None:
        self.asked: list[str] = []
        self.states: dict[str, bytes | httpx.Response] = {
            "optimize/state": body([trial_json("a", epoch=3, loss=0.5)], run=PRESENT),
            f"optimize/{EARLIER}/state": body([trial_json("e", "completed", 20, 0.3)], status=status, run=run),
        }

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.partition(f"/api/{PROJECT}/")[2]
        self.asked.append(path or "projects")
        if not path:
            return httpx.Response(200, json={"success": True, "projects": [{"id": PROJECT, "name": "Doorbell"}]})
        if path == "optimize/runs":
            run = {"tunerCoordinatorJobId": EARLIER, "index": 1, "created": CREATED, "jobStatus": "success"}
            return httpx.Response(200, json={"success": True, "runs": [run]})
        answer = self.states.get(path)
        if answer is None:
            return httpx.Response(200, json={"success": False, "error": "No tuner run with this job ID"})
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, content=answer)


def live(runs: Any, clock: Steps, run_id: int | None = EARLIER) -> LiveSource:
    client = Client(f"https://{HOST}", Secret(KEY), transport=httpx.MockTransport(runs))
    return LiveSource(client, PROJECT, clock=clock, jitter=lambda: 0.0, run_id=run_id)


@asynccontextmanager
async def recorded(
    directory: Path, runs: Any, run_id: int | None = EARLIER, clock: Steps | None = None
) -> AsyncIterator[Any]:
    clock = clock or Steps()
    place = RecordingPlace(directory, HOST, None, run_id)
    stream: Any = RecordedSource(live(runs, clock, run_id), place, "0", clock).events()
    async with aclosing(stream) as events:
        yield events


async def until(events: Any, wanted: type) -> Event:
    async with asyncio.timeout(LONG):
        while True:
            event: Event = await anext(events)
            if isinstance(event, wanted):
                return event


def last_moment(directory: Path, run_id: int) -> Moment:
    with closing(RecordingReader.open(file_of(directory, About(HOST, PROJECT, run_id)))) as run:
        return run.last_moment()


async def test_an_earlier_run_is_read_once_and_recorded(tmp_path: Path) -> None:
    runs, clock = Runs(), Steps()
    async with recorded(tmp_path, runs, clock=clock) as events:
        answered = await until(events, PollSucceeded)
        clock.allowed.release()
        later = await until(events, PollSucceeded)
    assert isinstance(answered, PollSucceeded)
    assert isinstance(later, PollSucceeded)
    assert answered.run.coordinator_job_id == EARLIER
    assert "optimize/state" not in runs.asked
    assert later.at.mono - answered.at.mono > 1e8  # as far as can be told, never
    moment = last_moment(tmp_path, EARLIER)
    assert [trial.id for trial in moment.run.trials] == ["e"]
    assert moment.record is not None
    assert freshness(moment.connection, answered.at.mono + 1e7) is Freshness.EARLIER


async def test_one_that_goes_on_is_followed() -> None:
    source = live(Runs(status="running"), Steps())
    async with aclosing(source.events()) as events:
        answered = await until(events, PollSucceeded)
    assert isinstance(answered, PollSucceeded)
    assert answered.next_in == 5.0


async def test_a_run_that_there_is_not_is_said_in_one_line_and_not_asked_for_again() -> None:
    runs = Runs()
    runs.states.clear()
    async with aclosing(live(runs, Steps()).events()) as events:
        failed = await until(events, PollFailed)
    assert isinstance(failed, PollFailed)
    assert failed.retry_at is None
    assert failed.problem.sentence == (
        "Run 70: The service refused: No tuner run with this job ID. "
        "`eitui runs --remote` lists the runs of the project."
    )
    with pytest.raises(Rejected, match="Run 70: The service refused"):
        await live(runs, Steps()).once()


async def test_a_service_without_the_endpoint_is_said_in_one_line() -> None:
    runs = Runs()
    runs.states[f"optimize/{EARLIER}/state"] = httpx.Response(404, json={"success": False, "error": "Not found"})
    with pytest.raises(Rejected) as raised:
        await live(runs, Steps()).once()
    assert raised.value.what == "Run 70: The service does not have this (404 Not Found): Not found"


async def test_one_that_is_deleted_while_it_is_open_stays(tmp_path: Path) -> None:
    runs, clock = Runs(), Steps()
    async with recorded(tmp_path, runs, clock=clock) as events:
        await until(events, PollSucceeded)
        runs.states.clear()
        clock.allowed.release()
        failed = await until(events, PollFailed)
    assert isinstance(failed, PollFailed)
    assert (failed.problem.final, failed.retry_at) == (False, None)
    assert [trial.id for trial in last_moment(tmp_path, EARLIER).run.trials] == ["e"]
    # Opened again, what was recorded is there, and so is why there is nothing newer.
    async with recorded(tmp_path, runs, clock=Steps(5000.0)) as events:
        resumed = await until(events, Resumed)
        failed = await until(events, PollFailed)
    assert isinstance(resumed, Resumed)
    assert [trial.id for trial in resumed.moment.run.trials] == ["e"]


async def test_another_run_in_its_place_is_refused() -> None:
    with pytest.raises(Rejected, match="was asked for run 70 and answered with run 77"):
        await live(Runs(run=PRESENT), Steps()).once()


async def test_a_state_that_does_not_name_its_run_is_taken_for_it() -> None:
    moment = await live(Runs(run=None), Steps()).once()
    assert moment.history.run_id == EARLIER


async def test_the_present_run_does_not_begin_with_an_earlier_one(tmp_path: Path) -> None:
    async with recorded(tmp_path, Runs()) as events:
        await until(events, PollSucceeded)
    async with recorded(tmp_path, Runs(), None, Steps(2000.0)) as events:
        first = await anext(events)
        while not isinstance(first, PollSucceeded):
            assert not isinstance(first, Resumed)
            first = await anext(events)
    assert first.run.coordinator_job_id == PRESENT
    # An earlier run that was read later than the present one is still the earlier one.
    async with recorded(tmp_path, Runs(), clock=Steps(3000.0)) as events:
        await until(events, PollSucceeded)
    assert [entry.about.run_id for entry in catalogue(tmp_path).entries] == [PRESENT, EARLIER]


async def test_every_earlier_run_of_the_look_alike_can_be_read(tmp_path: Path) -> None:
    with DemoServer(Options()) as server:
        key = Secret(server.key)
        async with Client(server.url, key) as client:
            records = await client.optimize_runs(PROJECT_ID)
        ended = {}
        for record in records[1:]:
            moment = await LiveSource(Client(server.url, key), PROJECT_ID, run_id=record.coordinator_job_id).once()
            assert moment.record == record
            assert moment.run.config.name == record.name
            assert moment.run.finished
            ended[record.job_status, bool(moment.run.job_error)] = moment.run.counts.total
    assert [record.index for record in records] == [5, 4, 3, 2, 1]
    assert all("synthetic" in record.name for record in records)
    assert set(ended) == {("success", False), ("cancelled", False), ("failed", True)}
    assert 0 in ended.values()
