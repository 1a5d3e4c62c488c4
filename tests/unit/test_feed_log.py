"""A trial's log, from each kind of source. Every answer is synthetic."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from eitui.api.client import Client
from eitui.api.state import StateReader
from eitui.config.key import Secret
from eitui.domain.trial import Trial
from eitui.feed.events import NoLog, NoRecording
from eitui.feed.live import LiveSource
from eitui.feed.recorded import RecordedSource, RecordingPlace
from eitui.feed.replay import ReplaySource

KEY = "ei_synthetic_0123456789"
TRIAL = Trial("4711", "mfe-conv1d-4711", "failed")
STDOUT = [
    {"created": "2026-01-02T03:04:07Z", "data": "MemoryError\n", "logLevel": "error"},
    {"created": "2026-01-02T03:04:06Z", "data": "Attempt 1\n"},
]


class Service:
    """Answers every request alike."""

    def __init__(self, answer: httpx.Response | Exception) -> None:
        self.answer, self.asked = answer, list[str]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.raw_path.decode())
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def response_of(**fields: Any) -> httpx.Response:
    return httpx.Response(200, json={"success": True, **fields})


def live(service: Service, project_id: int | None = 12) -> LiveSource:
    return LiveSource(Client("http://127.0.0.1:1/v1", Secret(KEY), transport=httpx.MockTransport(service)), project_id)


async def test_a_live_source_asks_the_service() -> None:
    service = Service(response_of(stdout=STDOUT, totalCount=7))
    found = await live(service).log(TRIAL)
    assert [line.text for line in found.lines] == ["Attempt 1", "MemoryError"]
    assert found.left_out == 5
    assert service.asked == ["/v1/api/12/optimize/trial/4711/stdout"]


async def test_it_asks_by_the_id_as_it_was_sent() -> None:
    body = {"success": True, "trials": [{"id": "a\u202eb/c", "name": "x", "status": "failed", "blocks": []}]}
    trial = StateReader().read_now(json.dumps(body).encode()).trials[0]
    service = Service(response_of(stdout=[]))
    await live(service).log(trial)
    assert service.asked == ["/v1/api/12/optimize/trial/a%E2%80%AEb%2Fc/stdout"]


@pytest.mark.parametrize(
    ("answer", "what", "advice"),
    [
        (httpx.ConnectError("refused"), "cannot be reached", ""),
        (httpx.Response(401), "key", "EI_API_KEY"),
        (httpx.Response(500), "500", ""),
        (httpx.Response(200, json={"success": False, "error": "No trial with this ID"}), "No trial with this ID", ""),
        (httpx.Response(200, text="<html>", headers={"content-type": "text/html"}), "", ""),
    ],
)
async def test_what_goes_wrong_is_a_sentence(answer: Any, what: str, advice: str) -> None:
    with pytest.raises(NoLog) as caught:
        await live(Service(answer)).log(TRIAL)
    assert caught.value.what
    assert what in caught.value.what
    assert advice in caught.value.advice
    assert KEY not in repr(caught.value) + caught.value.what + caught.value.advice


async def test_it_does_not_wait_for_ever() -> None:
    source = replace(live(Service(response_of(stdout=[]))), log_timeout_s=0.0)

    async def never(project_id: int, trial_id: str) -> Any:
        await asyncio.Event().wait()

    source.client.trial_log = never
    with pytest.raises(NoLog, match="did not answer within 0 s"):
        await source.log(TRIAL)


async def test_a_log_needs_a_project_and_an_id() -> None:
    service = Service(response_of(stdout=[]))
    with pytest.raises(NoLog, match="not known yet which project"):
        await live(service, None).log(TRIAL)
    nameless = {"success": True, "trials": [{"name": "x", "status": "failed", "blocks": []}]}
    trial = StateReader().read_now(json.dumps(nameless).encode()).trials[0]
    with pytest.raises(NoLog, match="no id"):
        await live(service).log(trial)
    assert service.asked == []


async def test_a_source_that_records_hands_it_through(tmp_path: Path) -> None:
    source = RecordedSource(
        live(Service(response_of(stdout=STDOUT))), RecordingPlace(tmp_path, "studio.edgeimpulse.com"), "0"
    )
    assert [line.text for line in (await source.log(TRIAL)).lines] == ["Attempt 1", "MemoryError"]
    with pytest.raises(NoRecording):
        source.open_recording()
    with pytest.raises(NoLog):
        await RecordedSource(live(Service(httpx.Response(500))), source.place, "0").log(TRIAL)


async def test_a_replay_has_no_logs(tmp_path: Path) -> None:
    with pytest.raises(NoLog, match="Logs are not recorded") as caught:
        await ReplaySource(tmp_path / "synthetic.eitui").log(TRIAL)
    assert "eitui watch" in caught.value.advice
