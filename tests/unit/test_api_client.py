"""The client against a transport that answers as told. All keys and answers are synthetic."""

import json
import pickle
import socket
import ssl
import subprocess
import sys
import traceback
import tracemalloc
import zlib
from asyncio import sleep
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from eitui.api.client import ANSWER_BYTES, Client
from eitui.api.errors import ApiError, BadAnswer, BadSettings, Busy, Rejected, Unreachable
from eitui.api.requests import SetImpulseThresholdsRequest, ThresholdChange
from eitui.api.response import retry_after
from eitui.api.run import MOST_RUNS, records_of
from eitui.config import Secret
from eitui.domain.run import Project, RunRecord

KEY = "ei_synthetic_key_0123456789abcdef"
URL = "https://studio.example.test"
STATE = b'{"success": true, "trials": []}'
Answer = Callable[[httpx.Request], httpx.Response]


class Chunks(httpx.AsyncByteStream):
    """A body that is made while it is read."""

    def __init__(self, chunk: bytes, count: int) -> None:
        self.chunk, self.count = chunk, count

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(self.count):
            await sleep(0)
            yield self.chunk


class RecordingWriter(httpx.AsyncBaseTransport):
    """Answers as told and remembers what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.answer, self.requests = answer, list[httpx.Request]()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.requests.append(request)
        return self.answer(request)


def client_for(answer: Answer | httpx.Response, **options: Any) -> tuple[Client, RecordingWriter]:
    transport = RecordingWriter((lambda _: answer) if isinstance(answer, httpx.Response) else answer)
    return Client(URL, Secret(KEY), transport=transport, **options), transport


async def refused(answer: Answer | httpx.Response, **options: Any) -> ApiError:
    client, transport = client_for(answer, **options)
    async with client:
        with pytest.raises(ApiError) as raised:
            await client.optimize_state_bytes(1)
    assert len(transport.requests) == 1
    shown = "".join(traceback.TracebackException.from_exception(raised.value, capture_locals=True).format())
    assert KEY not in shown + raised.value.what + raised.value.advice
    assert raised.value.what
    return raised.value


@pytest.mark.parametrize("endpoint", [URL, f"{URL}/", f"{URL}/v1", f"{URL}/v1/"])
async def test_the_endpoint_may_be_written_with_or_without_v1(endpoint: str) -> None:
    transport = RecordingWriter(lambda _: httpx.Response(200, content=STATE))
    async with Client(endpoint, Secret(KEY), transport=transport) as client:
        assert await client.optimize_state_bytes(12) == STATE
    (request,) = transport.requests
    assert str(request.url) == f"{URL}/v1/api/12/optimize/state"
    assert request.headers["x-api-key"] == KEY


async def test_each_endpoint_has_its_address_and_its_noun() -> None:
    answers: dict[str, dict[str, Any]] = {
        "GET /v1/api/1/impulses-detailed": {"impulses": []},
        "GET /v1/api/1/training/anomaly/2": {"clusterCount": 3},
        "GET /v1/api/1/training/anomaly/2/metadata": {"axes": [1]},
        "POST /v1/api/1/impulse/4/set-thresholds": {"regenerateModelTestingStatus": "regenerated"},
        "GET /v1/api/projects": {"projects": [{"id": 1, "name": "synthetic"}]},
        "GET /v1/api/1/optimize/runs": {"runs": [{"index": 5}]},
    }
    client, transport = client_for(
        lambda request: httpx.Response(200, json={"success": True} | answers[f"{request.method} {request.url.path}"])
    )
    change = ThresholdChange(block_id=3, key="min_score", value=0.5)
    async with client:
        assert (await client.impulses_detailed(1)).impulses == ()
        assert (await client.anomaly_config(1, 2)).whole("clusterCount") == 3
        assert (await client.anomaly_metadata(1, 2)).wholes("axes") == (1,)
        done = await client.set_thresholds(1, 4, SetImpulseThresholdsRequest(thresholds=(change,)))
        assert done.regenerate_model_testing_status == "regenerated"
        assert await client.projects() == (Project(1, "synthetic"),)
        assert await client.optimize_runs(1) == (RunRecord(None, 5),)
    assert [f"{request.method} {request.url.path}" for request in transport.requests] == list(answers)
    assert json.loads(transport.requests[3].content)["thresholds"] == [{"blockId": 3, "key": "min_score", "value": 0.5}]


def test_of_very_many_runs_the_newest_are_listed_in_the_services_order() -> None:
    days = [day % 28 + 1 for day in range(MOST_RUNS + 5)]
    runs = [{"index": place, "created": f"2026-01-{day:02}T00:00:00Z"} for place, day in enumerate(days)]
    runs[3] |= {"visible": False, "created": "2026-02-01T00:00:00Z", "jobStatus": "running"}
    records = records_of(json.dumps({"runs": [*runs, None, 5]}).encode())
    assert len(records) == MOST_RUNS
    assert [record.index for record in records] == sorted(record.index or 0 for record in records)
    # Of the oldest day those that come last are left out.
    assert {*range(len(runs))} - {record.index for record in records} == {1876, 1904, 1932, 1960, 1988}
    assert [(record.index, record.under_way) for record in records if record.hidden] == [(3, True)]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed_and_says_where_it_points(status: int) -> None:
    headers = {"location": f"https://user:secret@elsewhere.example.test/x?key={KEY}"}
    error = await refused(httpx.Response(status, headers=headers))
    assert isinstance(error, Rejected)
    assert error.final
    assert "https://elsewhere.example.test" in error.what
    assert "secret" not in error.what


@pytest.mark.parametrize(("status", "final"), [(401, True), (403, True), (404, False), (400, False), (500, False)])
async def test_a_refusal_repeats_the_services_reason(status: int, final: bool) -> None:
    reasons = [{"text": "You lack a role\n"}, {"json": {"success": False, "error": "You lack a role"}}]
    for reason in reasons:
        error = await refused(httpx.Response(status, **reason))  # type: ignore[arg-type]  # one argument or the other
        assert isinstance(error, Rejected)
        assert error.final is final
        assert "You lack a role" in error.what
        assert str(status) in error.what


async def test_the_services_reason_is_clean_short_and_without_the_key() -> None:
    error = await refused(httpx.Response(400, text=f"\x1b[2J {KEY} " + "long " * 1000))
    assert "\x1b" not in error.what
    assert len(error.what) < 512


async def test_a_web_page_as_a_refusal_is_not_repeated() -> None:
    error = await refused(httpx.Response(502, html="<h1>Bad gateway</h1>"))
    assert isinstance(error, Unreachable)
    assert "<h1>" not in error.what
    assert error.may_have_acted


@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_service_says_for_how_long(status: int) -> None:
    error = await refused(httpx.Response(status, headers={"retry-after": "17"}))
    assert isinstance(error, Busy)
    assert (error.retry_after, error.advice) == (17, "It asks to wait 17 s.")
    assert isinstance(plain := await refused(httpx.Response(status)), Busy)
    assert (plain.retry_after, plain.advice) == (None, "")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("17", 17.0),
        ("0", 0.0),
        ("999999999999999999999", 600.0),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 40.0),
        ("Thu, 01 Jan 1970 00:00:10 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 600.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("١٧", None),
    ],
)
def test_retry_after(header: str, seconds: float | None) -> None:
    assert retry_after(header, now=60.0) == seconds


async def test_the_clock_for_retry_after_is_the_clients() -> None:
    headers = {"retry-after": "Thu, 01 Jan 1970 00:01:40 GMT"}
    error = await refused(httpx.Response(429, headers=headers), now=lambda: 70.0)
    assert isinstance(error, Busy)
    assert error.retry_after == 30.0


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx.Response(200, html="<!doctype html><title>Log in</title>"), "web page"),
        (httpx.Response(200, content=b"<html>", headers={"content-type": "application/json"}), "web page"),
        (httpx.Response(200, content=b"  \n"), "empty"),
        (httpx.Response(204), "empty"),
        (httpx.Response(200, text="OK"), "text/plain"),
        (httpx.Response(200, json=[1]), "not a JSON object"),
        (httpx.Response(304), "304"),
    ],
)
async def test_what_is_not_the_apis_answer_is_called_what_it_is(answer: httpx.Response, words: str) -> None:
    error = await refused(answer)
    assert isinstance(error, BadAnswer)
    assert words in error.what


async def test_success_false_is_a_refusal() -> None:
    client, _ = client_for(httpx.Response(200, json={"success": False, "error": f"Not with {KEY}"}))
    async with client:
        with pytest.raises(Rejected, match="Not with") as raised:
            await client.projects()
    assert not raised.value.final


async def test_the_size_is_bounded() -> None:
    stream = httpx.Response(200, stream=Chunks(b"{" * 1000, 1000))
    assert "larger than 5000 bytes" in (await refused(stream, max_bytes=5000)).what
    declared = httpx.Response(200, headers={"content-length": "6000"}, stream=Chunks(b"", 0))
    assert "larger" in (await refused(declared, max_bytes=5000)).what


async def test_only_a_state_may_be_longer_than_other_answers() -> None:
    long = b'{"success": true, "trials": [], "projects": [], "a": "' + b"x" * ANSWER_BYTES + b'"}'
    client, _ = client_for(httpx.Response(200, content=long))
    async with client:
        assert len(await client.optimize_state_bytes(1)) == len(long)
        for question in (client.projects(), client.impulses_detailed(1), client.classify_result(1, 1)):
            with pytest.raises(BadAnswer, match="larger than 32 MiB"):
                await question


async def test_a_gzip_bomb_ends_early() -> None:
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join(packer.compress(bytes(2**20)) for _ in range(512)) + packer.flush()
    pieces = [bomb[at : at + 65536] for at in range(0, len(bomb), 65536)]

    class Bomb(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            for piece in pieces:
                yield piece

    tracemalloc.start()
    error = await refused(httpx.Response(200, headers={"content-encoding": "gzip"}, stream=Bomb()), max_bytes=4 * 2**20)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "larger than 4 MiB" in error.what
    assert peak < 256 * 2**20


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip"])
async def test_compressions_without_a_bound_are_refused(encoding: str) -> None:
    answer = httpx.Response(200, headers={"content-encoding": encoding}, stream=Chunks(b"x", 1))
    assert "compressed" in (await refused(answer)).what


async def test_damaged_compression_is_a_bad_answer() -> None:
    answer = httpx.Response(200, headers={"content-encoding": "gzip"}, stream=Chunks(b"not gzip", 1))
    assert isinstance(await refused(answer), BadAnswer)


async def test_compressed_answers_are_read() -> None:
    squeezed = zlib.compress(STATE)
    answer = httpx.Response(200, headers={"content-encoding": "deflate"}, stream=Chunks(squeezed, 1))
    client, transport = client_for(answer)
    async with client:
        assert await client.optimize_state_bytes(1) == STATE
    assert transport.requests[0].headers["accept-encoding"] == "gzip, deflate"


async def test_a_large_body_is_held_once() -> None:
    client, _ = client_for(httpx.Response(200, stream=Chunks(b"{" * 65536, 512)))
    async with client:
        tracemalloc.start()
        body = await client.optimize_state_bytes(1)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert len(body) == 512 * 65536
    assert peak < 1.3 * len(body)


async def test_a_slow_drip_ends_at_the_deadline() -> None:
    class Drip(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                await sleep(0)
                yield b" "

    error = await refused(httpx.Response(200, stream=Drip()), timeout_s=0)
    assert isinstance(error, Unreachable)
    assert "within 0 s" in error.what
    assert error.may_have_acted


def raising(error: Exception, cause: BaseException | None = None) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error from cause

    return answer


@pytest.mark.parametrize(
    ("error", "cause", "kind", "words"),
    [
        (httpx.ConnectError(""), socket.gaierror(-2, "Name or service not known"), Unreachable, "name is not known"),
        (httpx.ConnectError(""), ConnectionRefusedError(111, "Connection refused"), Unreachable, "refused"),
        (httpx.ConnectError(""), ExceptionGroup("", [OSError(113, "No route to host")]), Unreachable, "no route"),
        (httpx.ConnectError(""), ssl.SSLError(1, "handshake failure"), Unreachable, "TLS"),
        (httpx.ConnectError(""), ssl.SSLCertVerificationError("self-signed"), Rejected, "not trusted"),
        (httpx.ConnectTimeout(""), None, Unreachable, "within 30 s"),
        (httpx.ReadTimeout(""), None, Unreachable, "within 30 s"),
        (httpx.PoolTimeout(""), None, Unreachable, "within 30 s"),
        (httpx.ReadError(""), None, Unreachable, "connection broke"),
        (httpx.RemoteProtocolError(""), None, Unreachable, "closed the connection"),
        (httpx.ProxyError(f"407 {KEY}"), None, Unreachable, "proxy"),
        (httpx.LocalProtocolError(f"Illegal header value {KEY}"), None, BadSettings, "cannot be made"),
        (httpx.UnsupportedProtocol(""), None, BadSettings, "cannot be made"),
        (httpx.InvalidURL(""), None, BadSettings, "cannot be made"),
        (ExceptionGroup("", [OverflowError("port must be 0-65535")]), None, BadSettings, "cannot be made"),
        (ExceptionGroup("", [ValueError()]), None, Unreachable, "ExceptionGroup"),
        (OSError(), None, Unreachable, "OSError"),
    ],
)
async def test_every_failure_has_a_kind_and_words(
    error: Exception, cause: BaseException | None, kind: type[ApiError], words: str
) -> None:
    seen = await refused(raising(error, cause))
    assert type(seen) is kind
    assert words in seen.what
    assert seen.__cause__ is None
    assert seen.__context__ is None


async def test_an_untrusted_certificate_is_final() -> None:
    seen = await refused(raising(httpx.ConnectError(""), ssl.SSLCertVerificationError("x")))
    assert isinstance(seen, Rejected)
    assert seen.final


async def test_a_change_that_was_never_sent_is_known_not_to_have_happened() -> None:
    assert not (await refused(raising(httpx.ConnectError("")))).may_have_acted
    assert (await refused(raising(httpx.ReadError("")))).may_have_acted
    assert not (await refused(httpx.Response(401))).may_have_acted


async def test_a_change_is_sent_once_whatever_happens() -> None:
    for answer in (raising(httpx.ReadError("")), lambda _: httpx.Response(503), lambda _: httpx.Response(307)):
        client, transport = client_for(answer)
        async with client:
            with pytest.raises(ApiError):
                await client.set_thresholds(1, 2, SetImpulseThresholdsRequest(thresholds=()))
        assert len(transport.requests) == 1


async def test_cookies_are_not_kept() -> None:
    client, transport = client_for(lambda _: httpx.Response(200, content=STATE, headers={"set-cookie": "jwt=x"}))
    async with client:
        await client.optimize_state_bytes(1)
        await client.optimize_state_bytes(1)
    assert "cookie" not in transport.requests[1].headers


async def test_closing_twice_is_allowed() -> None:
    client, _ = client_for(httpx.Response(200))
    await client.aclose()
    await client.aclose()


def test_the_key_is_not_to_be_seen() -> None:
    client, _ = client_for(httpx.Response(200))
    assert KEY not in repr(client) + repr(vars(client)) + repr(vars(client._http))
    with pytest.raises(TypeError):
        pickle.dumps(Secret(KEY))


@pytest.mark.parametrize("endpoint", ["ftp://x", "https://", "https://[::1", "https://x:99999", "x", "https://u:p@x"])
def test_a_malformed_endpoint_is_a_setting(endpoint: str) -> None:
    with pytest.raises(BadSettings, match="endpoint"):
        Client(endpoint, Secret(KEY))


def test_a_malformed_key_is_a_setting_and_is_not_repeated() -> None:
    with pytest.raises(BadSettings) as raised:
        Client(URL, Secret("ei_one\nei_two"))
    assert "ei_" not in raised.value.what


@pytest.mark.parametrize(
    ("name", "value"),
    [("SSL_CERT_FILE", "/nowhere/certificates.pem"), ("HTTPS_PROXY", "nonsense://user:secret@host")],
)
def test_a_bad_environment_is_a_setting(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings) as raised:
        Client(URL, Secret(KEY))
    assert name in raised.value.what
    assert "secret" not in raised.value.what + raised.value.advice


def test_importing_the_client_leaves_the_heavy_things_out() -> None:
    code = (
        "import sys, eitui.api.client\n"
        "heavy = {'textual', 'rich', 'click', 'plotext', 'eitui.api.impulses'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
