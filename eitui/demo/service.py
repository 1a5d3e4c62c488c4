"""What the look-alike answers to which request, without a network."""

import hmac
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from eitui.demo.answers import Encode, Json, encode, refusal, success, zulu
from eitui.demo.catalogue import IMPULSES, ImpulsePlan
from eitui.demo.hostile import Hostile
from eitui.demo.impulses import Impulses
from eitui.demo.options import Options
from eitui.demo.scenarios import simulate
from eitui.demo.state import TunerState

PROJECT_ID = 424_242
"""The project that the key belongs to."""

TESTING_JOB_S = 8.0
"""Real seconds that a model-testing job runs: thresholds cannot be changed meanwhile."""

_FIRST_JOB = 8_200_001


@dataclass(frozen=True)
class Answer:
    """A response: status, content type, body."""

    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True)
class Call:
    """A request that passed the door: its path's parameters and its body."""

    args: tuple[str, ...]
    body: bytes


class Service:
    """The look-alike service. Thread-safe; time comes from `clock` (Unix seconds)."""

    def __init__(self, options: Options, key: str, clock: Callable[[], float]) -> None:
        self._key = key.encode()
        self._clock = clock
        self._lock = threading.Lock()
        self.started = clock()
        self._hostile = Hostile() if options.scenario == "hostile" else None
        self._encode: Encode = self._hostile.encode if self._hostile else encode
        simulation = simulate(options)
        self._title = simulation.task.title
        self._category = simulation.task.category
        self._detection = simulation.task.kind == "object-detection"
        self._state = TunerState(simulation, self.started, self._encode)
        self._impulses = Impulses(simulation, self.started)
        self._jobs: list[float] = []

    def answer(self, method: str, target: str, key: str | None, body: bytes = b"") -> Answer:
        """Answer one request. `target` is the path with its query, `key` the x-api-key header."""
        path = urlsplit(target).path
        if not hmac.compare_digest((key or "").encode("utf-8", "replace"), self._key):
            return self._json(refusal("Invalid API key"), 401)
        for allowed, pattern, handler in _ROUTES:
            match = pattern.fullmatch(path)
            if match is None:
                continue
            if method != allowed:
                return self._json(refusal(f"Method not allowed, use {allowed}"), 405)
            return self._enter(handler, match, body)
        return self._json(refusal("Not found"), 404)

    def warm(self) -> None:
        """Encode every trial once, so that the first poll does not have to."""
        with self._lock:
            self._state.body(self._elapsed())

    def _enter(self, handler: "_Handler", match: re.Match[str], body: bytes) -> Answer:
        args = match.groups()
        if args and args[0] != str(PROJECT_ID):
            # A key without the role is answered in plain text, unlike all other refusals.
            text = "You do not have access to this project"
            shown = self._hostile.word(text) if self._hostile else text
            return Answer(403, "text/plain; charset=utf-8", shown.encode("utf-8", "replace"))
        with self._lock:
            result = handler(self, Call(args[1:], body))
        return result if isinstance(result, Answer) else self._json(result, 200)

    def _json(self, answer: Json, status: int) -> Answer:
        return Answer(status, "application/json; charset=utf-8", self._encode(answer))

    def _elapsed(self) -> float:
        return self._clock() - self.started

    def _plain(self, text: str) -> str:
        return self._hostile.plain(text) if self._hostile else text

    def projects(self, _call: Call) -> Json:
        """Answer `GET projects`: the one project of the key."""
        project: Json = {
            "id": PROJECT_ID,
            "name": self._title,
            "description": "A project that does not exist: all of it is synthetic",
            "created": zulu(self.started - 30 * 86_400),
            "lastModified": zulu(self.started),
            "owner": "synthetic",
            "ownerIsDeveloperProfile": False,
            "collaborators": [],
            "labelingMethod": "object_detection" if self._detection else "single_label",
            "metadata": {},
            "isEnterpriseProject": False,
            "whitelabelId": None,
            "category": self._category,
            "tier": "free",
            "hasPublicVersion": False,
            "isPublic": False,
            "allowsLivePublicAccess": False,
            "indPauseProcessingSamples": False,
            "publicProjectListed": False,
        }
        return success(projects=[project])

    def state(self, _call: Call) -> Answer:
        """Answer `GET optimize/state`."""
        return Answer(200, "application/json; charset=utf-8", self._state.body(self._elapsed()))

    def earlier_state(self, call: Call) -> Answer | Json:
        """Answer `GET optimize/{tunerCoordinatorJobId}/state`."""
        known = call.args[0] == str(self._state.coordinator_job)
        return self.state(call) if known else refusal("No tuner run with this job ID")

    def runs(self, _call: Call) -> Json:
        """Answer `GET optimize/runs`."""
        return self._state.runs(self._elapsed())

    def trial_log(self, call: Call) -> Json:
        """Answer `GET optimize/trial/{trialId}/stdout`."""
        trial = self._plain(unquote(call.args[0], errors="surrogatepass"))
        return self._state.log(trial, self._elapsed()) or refusal("No trial with this ID")

    def impulses(self, _call: Call) -> Json:
        """Answer `GET impulses-detailed`."""
        return self._impulses.detailed()

    def anomaly(self, call: Call) -> Json:
        """Answer `GET training/anomaly/{learnId}`."""
        return self._impulses.anomaly(int(call.args[0])) or refusal("No anomaly block with this ID")

    def anomaly_metadata(self, call: Call) -> Json:
        """Answer `GET training/anomaly/{learnId}/metadata`."""
        return self._impulses.anomaly_metadata(int(call.args[0])) or refusal("No anomaly block with this ID")

    def job(self, call: Call) -> Json:
        """Answer `GET jobs/{jobId}/status` for the model-testing jobs that threshold changes start."""
        number = int(call.args[0]) - _FIRST_JOB
        if not 0 <= number < len(self._jobs):
            return refusal("No job with this ID")
        begun = self._jobs[number]
        job: Json = {
            "id": _FIRST_JOB + number,
            "key": "classify",
            "category": "Model testing",
            "categoryKey": "classify",
            "created": zulu(begun),
            "started": zulu(begun),
            "jobNotificationUids": [],
        }
        if self._clock() >= begun + TESTING_JOB_S:
            job |= {"finished": zulu(begun + TESTING_JOB_S), "finishedSuccessful": True}
        return success(job=job)

    def set_thresholds(self, call: Call) -> Json:
        """Answer `POST impulse/{impulseId}/set-thresholds`: all changes are made, or none."""
        plan = next((plan for plan in IMPULSES if str(plan.id) == call.args[0]), None)
        if plan is None:
            return refusal("No impulse with this ID")
        if self._jobs and self._clock() < self._jobs[-1] + TESTING_JOB_S:
            return refusal("Cannot change thresholds while a model testing job is running")
        request = _read(call.body)
        if isinstance(request, str):
            return refusal(request)
        blocks = {learn.id for learn in plan.learns}
        if any(block not in blocks for block, _, _ in request.changes):
            return refusal("Learn block is not part of this impulse")
        changes = [(b, self._plain(k), self._plain(v) if isinstance(v, str) else v) for b, k, v in request.changes]
        problem = self._impulses.thresholds.change(changes)
        return refusal(problem) if problem else self._retest(plan, request)

    def _retest(self, plan: ImpulsePlan, request: "_Request") -> Json:
        """Say what became of the model-testing results."""
        status = plan.retest
        had_results = plan.trained and not plan.stale
        if had_results and (status == "job" or request.force_job):
            if request.may_start_job:
                self._jobs.append(self._clock())
                return success(
                    hadModelTestingResults=True,
                    regenerateModelTestingStatus="started_job",
                    regenerateModelTestingResultsJobId=_FIRST_JOB + len(self._jobs) - 1,
                )
            status = "requires_job"
        return success(hadModelTestingResults=had_results, regenerateModelTestingStatus=status)


@dataclass(frozen=True)
class _Request:
    """The body of set-thresholds."""

    changes: list[tuple[int, str, object]]
    may_start_job: bool
    force_job: bool


def _read(body: bytes) -> _Request | str:
    """Read the body of set-thresholds; what is wrong with it, in prose, if it cannot be."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return "The body is not valid JSON"
    if not isinstance(data, dict) or not isinstance(data.get("thresholds"), list):
        return "'thresholds' is missing or not a list"
    if not isinstance(data.get("allowCreatingRegenerateModelTestingJobs"), bool):
        return "'allowCreatingRegenerateModelTestingJobs' is missing or not a boolean"
    changes = []
    for row in data["thresholds"]:
        if not isinstance(row, dict) or not {"blockId", "key", "value"} <= row.keys():
            return "A threshold needs 'blockId', 'key' and 'value'"
        block, key = row["blockId"], row["key"]
        if isinstance(block, bool) or not isinstance(block, int) or not isinstance(key, str):
            return "'blockId' must be an integer and 'key' a string"
        changes.append((block, key, row["value"]))
    force = data.get("forceRunRegenerateModelTestingInJob") is True
    return _Request(changes, data["allowCreatingRegenerateModelTestingJobs"], force)


_Handler = Callable[[Service, Call], Answer | Json]


def _route(method: str, path: str, handler: _Handler) -> tuple[str, re.Pattern[str], _Handler]:
    return method, re.compile("/v1/api/" + path.replace("{id}", r"(\d{1,15})").replace("{word}", "([^/]+)")), handler


_ROUTES = (
    _route("GET", "projects", Service.projects),
    _route("GET", "{id}/optimize/state", Service.state),
    _route("GET", "{id}/optimize/runs", Service.runs),
    _route("GET", "{id}/optimize/{id}/state", Service.earlier_state),
    _route("GET", "{id}/optimize/trial/{word}/stdout", Service.trial_log),
    _route("GET", "{id}/impulses-detailed", Service.impulses),
    _route("GET", "{id}/training/anomaly/{id}", Service.anomaly),
    _route("GET", "{id}/training/anomaly/{id}/metadata", Service.anomaly_metadata),
    _route("GET", "{id}/jobs/{id}/status", Service.job),
    _route("POST", "{id}/impulse/{id}/set-thresholds", Service.set_thresholds),
)
