"""The one door to the service."""

import asyncio
import json
import os
import ssl
import time
from collections.abc import Callable, Generator
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar
from urllib.parse import quote

from eitui.api.errors import BadSettings, Rejected, as_api_error, only_api_errors
from eitui.api.response import check_json, http_date, read_body, service_refusal, without
from eitui.api.transport import FAILURES, Transport, httpx, translate, verifying
from eitui.config.endpoint import Route, present_route
from eitui.config.endpoint import endpoint as checked_endpoint
from eitui.config.errors import SettingsError
from eitui.config.hiding import redacted
from eitui.config.key import Secret, api_key
from eitui.log import log

if TYPE_CHECKING:  # a command pays for the readers it needs: each call imports its own
    from eitui.api.classify import ClassifyResult
    from eitui.api.lenient import Part
    from eitui.api.requests import SetImpulseThresholdsRequest
    from eitui.api.thresholds import SetThresholds
    from eitui.domain.action import PlanLimits
    from eitui.domain.impulse import ImpulseTable
    from eitui.domain.log import Job, TrialLog
    from eitui.domain.run import KeyInfo, Project, RunRecord
    from eitui.domain.scores import AnomalyLabels

_T = TypeVar("_T")

TIMEOUT_S = 30.0
MAX_BYTES = 256 * 2**20
"""Longest answer of all, the tuner's state, in bytes: nearly all of it is never parsed, see `eitui.api.state`."""

ANSWER_BYTES = 32 * 2**20
"""Longest answer to anything else."""

KEEPALIVE_S = 120.0
"""How long an idle connection is kept: longer than polls are apart, or each would pay for a TLS handshake."""

LOG_BYTES = 16 * 2**20
"""Longest log that is taken, in bytes: the service sends the last 1,000 entries."""

_LONGEST_ID = 2_000
"""Longest id that goes into an address, escaped: servers refuse longer lines, and no id of the service's is."""


def _segment(trial_id: str) -> str:
    """Return a trial's id as one segment of a path: whatever it holds, it leads nowhere else.

    Raises:
        Rejected: no request can name it.
    """
    # Half a surrogate pair, which services have been seen to send, has no other form.
    escaped = quote(trial_id, safe="", errors="surrogatepass")
    if not trial_id.strip(".") or len(escaped) > _LONGEST_ID:  # dots alone mean directories however escaped
        raise Rejected("The service cannot be asked about a trial with this id")
    return escaped


class _KeyAuth(httpx.Auth):
    """Puts the API key on a request when it is sent; nowhere else is it in readable form."""

    def __init__(self, key: Secret) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["x-api-key"] = self._key.reveal()
        yield request


def _connections(way: Route, context: ssl.SSLContext | None, limits: httpx.Limits) -> httpx.AsyncHTTPTransport:
    try:
        to_proxy = context if way.shown.startswith("https://") else None  # for others it must not be given
        proxy = None if way.proxy is None else httpx.Proxy(way.proxy, ssl_context=to_proxy)
        return httpx.AsyncHTTPTransport(verify=context or False, trust_env=False, limits=limits, proxy=proxy)
    except ImportError:
        raise BadSettings(
            f"The proxy speaks SOCKS ({way.origin}), for which a package is missing",
            "Install `eitui[socks]`, or name the service's host in NO_PROXY.",
        ) from None
    except (ValueError, httpx.InvalidURL):
        raise BadSettings(f"The proxy is no address of a proxy ({way.origin})") from None


class Client:
    """Asks the service, one coroutine per endpoint; an async context manager.

    Every coroutine raises an `ApiError` (see `eitui.api.errors`) and nothing else, and takes at most `timeout_s`
    seconds in all. No redirect is followed, no cookie kept, and no change is sent twice: the caller decides whether
    to ask again. See `eitui.api.transport` for the one case in which a look is.
    """

    def __init__(
        self,
        endpoint: str,
        key: Secret,
        *,
        timeout_s: float = TIMEOUT_S,
        max_bytes: int = MAX_BYTES,
        transport: httpx.AsyncBaseTransport | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Make ready to ask the service at `endpoint` (`https://host`, with or without `/v1`).

        `max_bytes` bounds an answer after decompression. `transport` takes the place of the network in tests. `now`
        gives seconds since the Unix epoch, for dates in Retry-After.

        Raises:
            BadSettings: the endpoint or the key is malformed, or the environment names a proxy or certificates that
                cannot be used.
        """
        self._timeout_s = timeout_s
        self._max_bytes = max_bytes
        self._now = now
        self.date: float | None = None
        """The service's clock by its last answer, in seconds since the Unix epoch; None: that did not tell."""
        try:
            self.endpoint = checked_endpoint(endpoint, "given to the client")
            self._key = api_key(key.reveal(), "given to the client")
            if transport is None:
                # httpx refuses what it takes from the environment as a whole for a single entry that it does not
                # understand, needed or not: so proxies and certificates are looked up here, each by itself.
                way = present_route(self.endpoint)
                # Loading certificates takes 30 ms, and without TLS there is nothing to verify.
                secured = self.endpoint.startswith("https://") or way.shown.startswith("https://")
                context = verifying(os.environ) if secured else None
                transport = Transport(
                    _connections(way, context, httpx.Limits(max_connections=4, keepalive_expiry=KEEPALIVE_S)),
                    _connections(way, context, httpx.Limits(max_connections=4, max_keepalive_connections=0)),
                )
            self._http = httpx.AsyncClient(
                base_url=self.endpoint,
                auth=_KeyAuth(self._key),
                # Only compressions whose worst case is bounded, see `read_body`.
                headers={"accept": "application/json", "accept-encoding": "gzip, deflate", "user-agent": "eitui"},
                timeout=httpx.Timeout(self._timeout_s),
                transport=transport,
                follow_redirects=False,
                trust_env=False,
            )
        except SettingsError as error:
            raise BadSettings(error.what, error.advice) from None
        self._host = self._http.base_url.netloc.decode("ascii")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections. Closing twice is allowed."""
        await self._http.aclose()

    async def optimize_state_bytes(self, project_id: int, run_id: int | None = None) -> bytes:
        """Return the tuner's state as the service sent it: a JSON object, in which `success` was not looked at.

        `run_id` is the coordinator job of an earlier run; None: the project's present run.
        `eitui.api.state.StateReader` reads it.
        """
        which = "" if run_id is None else f"/{run_id:d}"
        return await self._call("GET", f"/api/{project_id:d}/optimize{which}/state", max_bytes=self._max_bytes)

    async def impulses_detailed(self, project_id: int) -> "ImpulseTable":
        """Return all impulses with their metrics and the set-up of their blocks."""
        from eitui.api.impulses import impulses_of

        return await self._get(f"/api/{project_id:d}/impulses-detailed", impulses_of)

    async def anomaly_config(self, project_id: int, learn_id: int) -> "Part":
        """Return how the anomaly block `learn_id` is set up; `eitui.api.learn_blocks.anomaly_of` reads it."""
        from eitui.api.lenient import answer

        return await self._get(f"/api/{project_id:d}/training/anomaly/{learn_id:d}", answer)

    async def anomaly_metadata(self, project_id: int, learn_id: int) -> "Part":
        """Return what the anomaly block `learn_id` was trained to; `eitui.api.learn_blocks.anomaly_of` reads it."""
        from eitui.api.lenient import answer

        return await self._get(f"/api/{project_id:d}/training/anomaly/{learn_id:d}/metadata", answer)

    async def gmm_metadata(self, project_id: int, learn_id: int) -> "Part":
        """Return the Gaussians of the mixture `learn_id`; `eitui.api.learn_blocks.anomaly_of` reads them."""
        from eitui.api.lenient import answer

        return await self._get(f"/api/{project_id:d}/training/anomaly/{learn_id:d}/gmm/metadata", answer)

    async def classify_result(self, project_id: int, impulse_id: int) -> "ClassifyResult":
        """Return what the learn blocks of an impulse said of every window of the test set.

        Lets other tasks run while it reads: an answer may be tens of megabytes.
        """
        from eitui.api.classify import ClassifyReader

        path = f"/api/{project_id:d}/classify/all/result?impulseId={impulse_id:d}"
        body = await self._call("GET", path)
        with only_api_errors():
            reader = ClassifyReader(body)
            for _ in reader.steps():
                await asyncio.sleep(0)
            return reader.result()

    async def anomaly_labels(self, project_id: int) -> "AnomalyLabels":
        """Return which labels of the project's data mean an anomaly."""
        from eitui.api.scores import anomaly_labels_of

        return await self._get(f"/api/{project_id:d}", anomaly_labels_of)

    async def set_thresholds(
        self, project_id: int, impulse_id: int, request: "SetImpulseThresholdsRequest"
    ) -> "SetThresholds":
        """Change thresholds of the learn blocks of an impulse. Sent once.

        An error whose `may_have_acted` is true leaves open whether they were changed: read them back.
        """
        from eitui.api.thresholds import set_thresholds_of

        path = f"/api/{project_id:d}/impulse/{impulse_id:d}/set-thresholds"
        body = await self._call("POST", path, request.body())
        with only_api_errors():
            return set_thresholds_of(body)

    async def start_classify_job(self, project_id: int, impulse_id: int) -> int:
        """Start a job that tests an impulse on the whole test set, without generating features again; return its id.

        Sent once. An error whose `may_have_acted` is true leaves open whether the job was started.
        """
        from eitui.api.log import started_job

        path = f"/api/{project_id:d}/jobs/classify?impulseId={impulse_id:d}"
        body = await self._call("POST", path, b'{"skipFeatureGeneration":true}')
        with only_api_errors():
            return started_job(body)

    async def add_trial(self, project_id: int, trial_id: str, name: str = "") -> int:
        """Start a job that adds a trial to the project as an impulse; return the job's id.

        `trial_id` is the id as the service sent it, `name` the impulse's; empty leaves it to the service. Sent once, as
        the next two. An error whose `may_have_acted` is true leaves open whether it was done.
        """
        from eitui.api.log import started_job

        path = f"/api/{project_id:d}/jobs/set-tuner-primary-job?trialId={_segment(trial_id)}"
        body = await self._call("POST", path, json.dumps({"name": name} if name else {}).encode())
        with only_api_errors():
            return started_job(body)

    async def extend_search(self, project_id: int, coordinator_job_id: int) -> int:
        """Start a run that goes on where the run of this coordinator job ended; return the new job's id."""
        from eitui.api.log import started_job

        path = f"/api/{project_id:d}/jobs/optimize?extendedFromJobId={coordinator_job_id:d}"
        body = await self._call("POST", path, b"{}")
        with only_api_errors():
            return started_job(body)

    async def cancel_job(self, project_id: int, job_id: int) -> None:
        """Have the service end a job."""
        from eitui.api.log import check_done

        body = await self._call("POST", f"/api/{project_id:d}/jobs/{job_id:d}/cancel", b"{}")
        with only_api_errors():
            check_done(body)

    async def plan_limits(self, project_id: int) -> "PlanLimits":
        """Return what the plan of a project allows."""
        from eitui.api.run import limits_of

        return await self._get(f"/api/{project_id:d}", limits_of)

    async def job_status(self, project_id: int, job_id: int) -> "Job":
        """Return how far a job has come."""
        from eitui.api.log import job_of

        path = f"/api/{project_id:d}/jobs/{job_id:d}/status"
        return await self._get(path, lambda body: job_of(body, job_id))

    async def projects(self) -> "tuple[Project, ...]":
        """Return the projects that the key opens: for a project's key, that project."""
        from eitui.api.run import projects_of

        return await self._get("/api/projects", projects_of)

    async def api_key_info(self) -> "KeyInfo":
        """Return which role the API key has."""
        from eitui.api.run import key_info_of

        return await self._get("/api/projects/api-key-info", key_info_of)

    async def optimize_runs(self, project_id: int) -> "tuple[RunRecord, ...]":
        """Return the list of the project's tuner runs: only there stands how the job of one ended."""
        from eitui.api.run import records_of

        return await self._get(f"/api/{project_id:d}/optimize/runs", records_of)

    async def trial_log(self, project_id: int, trial_id: str) -> "TrialLog":
        """Return the last entries of a trial's log. `trial_id` is the id as the service sent it.

        `eitui.api.log.id_to_ask` knows that id.
        """
        return await self._log(f"/api/{project_id:d}/optimize/trial/{_segment(trial_id)}/stdout")

    async def job_log(self, project_id: int, job_id: int) -> "TrialLog":
        """Return the last entries of a job's log."""
        return await self._log(f"/api/{project_id:d}/jobs/{job_id:d}/stdout")

    async def _log(self, path: str) -> "TrialLog":
        from eitui.api.log import log_of

        body = await self._call("GET", path, max_bytes=LOG_BYTES)
        with only_api_errors():
            return await asyncio.to_thread(log_of, body)

    async def _get(self, path: str, read: Callable[[bytes], _T]) -> _T:
        """Ask, and read the answer. Readers are made to take any answer: this net is for what they overlook."""
        body = await self._call("GET", path)
        with only_api_errors():
            return read(body)

    async def _call(
        self, method: str, path: str, content: bytes | None = None, *, max_bytes: int = ANSWER_BYTES
    ) -> bytes:
        headers = {"content-type": "application/json"} if content is not None else None
        request = self._http.build_request(method, path, content=content, headers=headers)
        began = time.monotonic()
        try:
            # httpx's own timeouts start again with every chunk: only this one ends a slow drip.
            async with asyncio.timeout(self._timeout_s):
                response = await self._http.send(request, stream=True)
                try:
                    if not response.is_success:
                        raise await service_refusal(response, self._now(), self._hide)
                    self.date = http_date(response.headers.get("date", ""))
                    body = await read_body(response, min(self._max_bytes, max_bytes), self._hide)
                    check_json(response, body, self._hide)
                    body = without(body, self._key.reveal())
                finally:
                    self._http.cookies.clear()
                    await response.aclose()
                log.debug("%s %s: %d bytes in %.3f s", method, path, len(body), time.monotonic() - began)
                return body
        except FAILURES as error:
            log.debug("%s %s failed after %.3f s", method, path, time.monotonic() - began, exc_info=error)
            failed = translate(error, self._host, self._timeout_s)
        except Exception as error:
            failed = as_api_error(error)
            log.debug("%s %s: %s (%.3f s)", method, path, failed.what, time.monotonic() - began)
        # Raised out here so that httpx's exception, which holds the request and its headers, is not kept as context.
        # Without the frames below either: they hold the body, as long as somebody keeps the error.
        raise failed.without(self._key.reveal()).with_traceback(None)

    def _hide(self, text: str) -> str:
        """Take the key out of a text: what a service says back is shown, logged and recorded."""
        return redacted(text, self._key.reveal())
