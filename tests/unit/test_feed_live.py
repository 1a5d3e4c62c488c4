"""Following a service: through a transport, with a clock that only moves when somebody waits."""

import asyncio
import json
from collections.abc import Callable
from itertools import islice
from typing import Any

import httpx
import pytest

from eitui.api.client import Client
from eitui.api.errors import BadAnswer, Rejected, Unreachable
from eitui.api.state import pack
from eitui.config.key import Secret
from eitui.domain.moment import Instant
from eitui.domain.run import TUNER, RunJob
from eitui.domain.trial import Trial
from eitui.feed.events import EpochsRead, Identified, NoLog, PollFailed, PollSucceeded
from eitui.feed.live import LOOK_UPS, LiveSource

KEY = "ei_synthetic_0123456789"


class FakeClock:
    def __init__(self) -> None:
        self.time = 1000.0
        self.waits: list[float] = []

    def now(self) -> Instant:
        return Instant(1_700_000_000 + self.time, self.time)

    async def wait(self, seconds: float, wake: asyncio.Event) -> bool:
        self.waits.append(seconds)
        if wake.is_set():
            wake.clear()
            return True
        self.time += seconds
        return False


def state(epoch: int, *, job: int = 7, running: bool = True) -> dict[str, object]:
    return {
        "success": True,
        "config": {"targetDevice": {"name": "cortex-m4f-80mhz"}, "targetLatency": 100},
        "status": {"status": "running" if running else "completed"},
        "tunerCoordinatorJobId": job,
        "tunerJobIsRunning": running,
        "trials": [{"id": "1", "name": "mfe-conv1d-1", "status": "running", "progress": {"epoch": epoch}}],
        "workers": [],
    }


def runs(job_status: str) -> dict[str, object]:
    entry = {"tunerCoordinatorJobId": 7, "created": "2026-01-02T03:04:05Z", "jobStatus": job_status}
    return {"success": True, "runs": [{"tunerCoordinatorJobId": None}, entry]}


PROJECTS = {"success": True, "projects": [{"id": 12, "name": "Doorbell (synthetic)"}]}

Answer = httpx.Response | Exception | dict[str, object]


class Service:
    """Answers the state from a script, the rest as usual."""

    def __init__(self, *script: Answer, job_statuses: tuple[str, ...] = ("running",)) -> None:
        self.script = list(script)
        self.job_statuses = list(job_statuses)
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.asked.append(path)
        if path.endswith("/projects"):
            return httpx.Response(200, json=PROJECTS)
        if path.endswith("/optimize/runs"):
            status = self.job_statuses.pop(0) if len(self.job_statuses) > 1 else self.job_statuses[0]
            return httpx.Response(200, json=runs(status))
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(answer, Exception):
            raise answer
        return (
            answer
            if isinstance(answer, httpx.Response)
            else httpx.Response(200, content=json.dumps(answer), headers={"content-type": "application/json"})
        )


def source(service: Callable[[httpx.Request], httpx.Response], project_id: int | None = 12) -> LiveSource:
    client = Client("http://127.0.0.1:1/v1", Secret(KEY), transport=httpx.MockTransport(service))
    return LiveSource(client, project_id, interval=5.0, clock=FakeClock(), jitter=lambda: 0.0)


def clock(live: LiveSource) -> FakeClock:
    assert isinstance(live.clock, FakeClock)
    return live.clock


async def events(live: LiveSource, count: int) -> Any:
    collected = []
    stream = live.events()
    async for event in stream:
        collected.append(event)
        if len(collected) == count:
            break
    await stream.aclose()
    return collected


async def test_a_poll_comes_every_interval_and_the_names_once() -> None:
    live = source(Service(state(1), state(2), state(3)))
    found = await events(live, 5)
    assert [type(event) for event in found] == [PollSucceeded, Identified, Identified, PollSucceeded, PollSucceeded]
    assert [event.run.trials[0].epoch for event in found if isinstance(event, PollSucceeded)] == [1, 2, 3]
    assert clock(live).waits[:2] == [5.0, 5.0]


LINES = ["Epoch 1/2", "9/9 - 1s - loss: 0.5000", "Epoch 2/2", "9/9 - 1s - loss: 0.2500"]
STDOUT = [{"created": f"2026-01-02T03:04:0{second}Z", "data": text} for second, text in enumerate(LINES)]


def with_log(request: httpx.Request, service: Service) -> httpx.Response:
    if request.url.path.endswith("/stdout"):
        return httpx.Response(200, json={"success": True, "stdout": STDOUT[::-1], "totalCount": 4})
    return service(request)


async def test_epochs_of_a_log_that_was_read_are_told_once_and_bring_no_poll_forward() -> None:
    service = Service(state(1), state(2))
    live = source(lambda request: with_log(request, service))
    stream = live.events()
    for _ in range(3):
        await anext(stream)
    trial = Trial("1", "mfe-conv1d-1", "completed", retries=1)
    await live.log(trial)
    await live.log(trial)
    told = await anext(stream)
    assert isinstance(told, EpochsRead)
    assert (told.project_id, told.trial_id, told.retries, told.told.from_start, told.told.to_end) == (
        12, "1", 1, True, True
    )  # fmt: skip
    assert [(epoch.epoch, epoch.loss) for epoch in told.told.epochs] == [(1, 0.5), (2, 0.25)]
    before = live.clock.now().mono
    assert isinstance(await anext(stream), PollSucceeded)
    assert live.clock.now().mono == before + 5
    await stream.aclose()


async def test_epochs_of_a_log_are_not_told_where_that_is_switched_off() -> None:
    live = source(lambda request: with_log(request, Service(state(1))))
    live.fills_curves = False
    stream = live.events()
    for _ in range(3):
        await anext(stream)
    await live.log(Trial("1", "mfe-conv1d-1", "completed"))
    assert isinstance(await anext(stream), PollSucceeded)
    await stream.aclose()


async def test_without_a_project_the_key_says_which() -> None:
    service = Service(state(1))
    first, *_ = await events(source(service, None), 3)
    assert (first.project_id, first.project_name) == (12, "Doorbell (synthetic)")
    assert service.asked == ["/v1/api/projects", "/v1/api/12/optimize/state", "/v1/api/12/optimize/runs"]


async def test_the_list_of_runs_says_when_it_was_created() -> None:
    record = (await events(source(Service(state(1))), 3))[2].record
    assert (record.created, record.job_status) == (1_767_323_045.0, "running")


async def test_an_answer_that_did_not_change_is_the_same_run() -> None:
    answered = [event for event in await events(source(Service(state(1))), 5) if isinstance(event, PollSucceeded)]
    assert answered[0].run is answered[1].run


async def test_failures_back_off_and_success_resets() -> None:
    live = source(
        Service(
            httpx.ConnectError("refused"), httpx.ConnectError("refused"), state(1), httpx.ConnectError("x"), state(2)
        )
    )
    found = await events(live, 7)
    kinds = [type(event) for event in found]
    assert kinds == [PollFailed, PollFailed, PollSucceeded, Identified, Identified, PollFailed, PollSucceeded]
    assert clock(live).waits == [5.0, 10.0, 5.0, 5.0]
    assert all(event.problem.what for event in found if isinstance(event, PollFailed))


@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_service_is_asked_when_it_says(status: int) -> None:
    live = source(Service(httpx.Response(status, headers={"retry-after": "42"}), state(1)))
    await events(live, 2)
    assert clock(live).waits == [42.0]


async def test_prose_and_rubbish_end_nothing() -> None:
    refused = {"success": False, "error": "The tuner is being moved"}
    rubbish = httpx.Response(200, text="<html>Bad gateway</html>", headers={"content-type": "text/html"})
    found = await events(source(Service(refused, rubbish, httpx.Response(500), state(1))), 4)
    assert [type(event) for event in found] == [PollFailed, PollFailed, PollFailed, PollSucceeded]
    assert "The tuner is being moved" in found[0].problem.what


@pytest.mark.parametrize(
    "answer",
    [httpx.Response(401), httpx.Response(403), httpx.Response(302, headers={"location": "https://elsewhere.invalid/"})],
)
async def test_what_cannot_get_better_stops_until_it_is_woken(answer: Any) -> None:
    service = Service(answer, state(1))
    live = source(service)
    stream = live.events()
    missed = await anext(stream)
    assert missed.problem.final
    assert missed.retry_at is None
    waiting = asyncio.ensure_future(anext(stream))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not waiting.done()
    live.wake()
    assert isinstance(await waiting, PollSucceeded)
    await stream.aclose()


REFUSALS = [
    httpx.Response(401),
    httpx.Response(403),
    httpx.Response(302, headers={"location": "https://elsewhere.invalid/"}),
]


@pytest.mark.parametrize("answer", REFUSALS)
async def test_a_refusal_after_an_answer_is_asked_again_less_and_less_often(answer: Any) -> None:
    live = source(Service(state(1), *[answer] * 7, state(2), answer, state(3)))
    found = await events(live, 13)
    missed = [event for event in found if isinstance(event, PollFailed)]
    assert all(event.problem.refused and not event.problem.final for event in missed)
    assert [event.retry_at - event.at.mono for event in missed] == [60, 120, 240, 480, 600, 600, 600, 60]
    assert clock(live).waits[1:9] == [60, 120, 240, 480, 600, 600, 600, 5]


async def test_who_asks_at_once_after_a_refusal_is_answered_at_once() -> None:
    live = source(Service(state(1), httpx.Response(403), httpx.Response(403), httpx.Response(403), state(2)))
    stream = live.events()
    waits = []
    async for event in stream:
        if isinstance(event, PollFailed):
            waits.append(event.retry_at - event.at.mono)
            if len(waits) == 2:
                live.wake()
        if len(waits) == 3 and isinstance(event, PollSucceeded):
            break
    await stream.aclose()
    assert waits == [60, 120, 60]


async def test_a_refusal_among_outages_counts_for_itself() -> None:
    live = source(Service(state(1), *[httpx.ConnectError("x")] * 3, httpx.Response(403), httpx.ConnectError("x")))
    found = [event for event in await events(live, 8) if isinstance(event, PollFailed)]
    assert [event.retry_at - event.at.mono for event in found] == [5, 10, 20, 60, 40]
    assert [event.problem.refused for event in found] == [False, False, False, True, False]


class Strange(Exception):
    """Nothing that anybody foresaw."""


@pytest.mark.parametrize("error", [Strange(), RecursionError(), MemoryError(), KeyError("x")])
async def test_what_nobody_foresaw_is_a_failed_poll_and_keeps_its_traceback_in_the_log(
    error: Any, caplog: pytest.LogCaptureFixture
) -> None:
    found = await events(source(Service(state(1), error, state(2))), 5)
    assert [type(event) for event in found] == [PollSucceeded, Identified, Identified, PollFailed, PollSucceeded]
    assert found[3].problem.what == f"The service's answer was unexpected ({type(error).__name__})"
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert record.name == "eitui"
    assert record.exc_info[1] is error


async def test_what_nobody_foresaw_in_a_courtesy_costs_only_that() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/optimize/state"):
            return httpx.Response(200, content=json.dumps(state(1)))
        raise Strange

    found = await events(source(answer), 4)
    assert [type(event) for event in found] == [PollSucceeded, Identified, PollSucceeded, PollSucceeded]


async def test_what_nobody_foresaw_ends_a_single_question_as_an_answer_that_cannot_be_read() -> None:
    with pytest.raises(BadAnswer, match="unexpected"):
        await source(Service(Strange())).once()
    with pytest.raises(NoLog, match="unexpected"):
        await source(Service(Strange())).log(Trial("1", "a", "failed", payload=pack(b'{"id": "1"}')))


async def test_a_finished_run_is_asked_less_often() -> None:
    live = source(Service(state(1), state(1, running=False)))
    found = await events(live, 8)
    assert list(islice(clock(live).waits, 3)) == [5.0, 30.0, 30.0]
    assert [event.next_in for event in found if isinstance(event, PollSucceeded)][:3] == [5.0, 30.0, 30.0]


async def test_a_finished_run_that_is_out_of_reach_is_not_asked_more_often_for_it() -> None:
    live = source(Service(state(1, running=False), httpx.ConnectError("refused")))
    await events(live, 5)
    assert clock(live).waits == [30.0, 30.0]


async def test_the_list_of_runs_is_asked_again_when_the_run_ends() -> None:
    service = Service(state(1), state(2), state(2, running=False), job_statuses=("running", "success"))
    await events(source(service), 8)
    assert service.asked.count("/v1/api/12/optimize/runs") == 2


async def test_the_list_of_runs_is_asked_until_it_knows_how_the_run_ended() -> None:
    service = Service(state(1), state(1, running=False), job_statuses=("running", "running", "failed"))
    found = await events(source(service), 9)
    assert [event.record.job_status for event in found if isinstance(event, Identified) and event.record] == [
        *("running", "running", "failed")
    ]
    assert service.asked.count("/v1/api/12/optimize/runs") == 3


async def test_the_list_of_runs_is_not_asked_for_ever() -> None:
    service = Service(state(1, running=False))
    await events(source(service), 12)
    assert service.asked.count("/v1/api/12/optimize/runs") == LOOK_UPS


async def test_without_a_run_there_is_nothing_to_look_up() -> None:
    service = Service(state(1), {"success": True, "trials": [], "status": {}})
    await events(source(service), 6)
    assert service.asked.count("/v1/api/12/optimize/runs") == 1


async def test_polls_never_overlap_and_a_slow_service_gets_a_rest() -> None:
    live = source(Service(state(1)))
    slow = live.client.optimize_state_bytes

    async def after_a_while(project_id: int, run_id: int | None = None) -> bytes:
        clock(live).time += 60
        return await slow(project_id)

    live.client.optimize_state_bytes = after_a_while
    await events(live, 4)
    assert clock(live).waits == [2.5]


async def test_once_asks_once_and_raises() -> None:
    service = Service(state(4))
    live = source(service)
    moment = await live.once()
    assert (moment.run.trials[0].epoch, moment.project_name, moment.record.created) == (
        4,
        "Doorbell (synthetic)",
        1_767_323_045.0,
    )
    for answer, error in ((httpx.ConnectError("no"), Unreachable), (httpx.Response(401), Rejected)):
        broken = source(Service(answer))
        with pytest.raises(error):
            await broken.once()


async def test_a_log_that_cannot_be_had_does_not_hide_the_moment() -> None:
    job = RunJob(TUNER, 8)
    for answer, texts in (({"success": True, "stdout": [{"data": "No model"}]}, ["No model"]), ({}, None)):
        service = Service(state(4), answer)
        moment, log = await source(service).once_with_log(lambda _: job)
        assert (moment.run.trials[0].epoch, log and [line.text for line in log.lines]) == (4, texts)


async def test_the_key_is_in_no_event() -> None:
    refusing = source(Service({"success": False, "error": f"Bad key {KEY}"}))
    assert KEY not in repr(await events(refusing, 1))


async def test_the_client_is_closed_with_the_source() -> None:
    for use in (lambda live: live.once(), lambda live: events(live, 2)):
        live = source(Service(state(1)))
        await use(live)
        with pytest.raises(BadAnswer, match="RuntimeError"):
            await live.client.projects()


async def test_an_answer_carries_the_services_clock_where_it_tells_it() -> None:
    def dated(date: str | None) -> httpx.Response:
        headers = {"content-type": "application/json"} | ({} if date is None else {"date": date})
        return httpx.Response(200, content=json.dumps(state(1)), headers=headers)

    date = "Sat, 03 Jan 2026 09:30:00 GMT"
    odd = [None, "", "soon", "Sat, 99 Jan 2026 09:30:00 GMT", "Sat, 03 Jan 99999 09:30:00 GMT"]
    service = Service(dated(date), dated(date.replace("GMT", "-0000")), *map(dated, odd))
    found = [event.date for event in await events(source(service), 9) if isinstance(event, PollSucceeded)]
    assert found == [1_767_432_600.0, 1_767_432_600.0, *[None] * 5]
