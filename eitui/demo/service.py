"""What the look-alike answers to which request, without a network."""

import hmac
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from eitui.demo.answers import Encode, Json, encode_json, refusal_json, success, zulu
from eitui.demo.catalogue import IMPULSES, ImpulsePlan, plan_of
from eitui.demo.changes import is_job_request, read_changes
from eitui.demo.classify import VARIANTS, ClassifySettings, Results, no_results
from eitui.demo.hostile import Hostile
from eitui.demo.impulses import DAY_S, Impulses
from eitui.demo.options import JOB_S, Options
from eitui.demo.scenarios import simulate
from eitui.demo.state import TunerState
from eitui.demo.testing import ModelTesting
from eitui.demo.windows import ANOMALY_LABEL, NO_ANOMALY

PROJECT_ID = 424_242
"""The project that the key belongs to."""

TESTING_JOB_S = JOB_S
"""Real seconds that a model-testing job runs if not told otherwise: thresholds cannot be changed meanwhile."""


@dataclass(frozen=True)
class SimulatedAnswer:
    """A response: status, content type, body."""

    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True)
class Call:
    """A request that passed the door: its path's parameters, its query and its body."""

    args: tuple[str, ...]
    query: Mapping[str, str]
    body: bytes


class Service:
    """The look-alike service. Thread-safe; time comes from `clock` (Unix seconds)."""

    def __init__(self, options: Options, key: str, clock: Callable[[], float]) -> None:
        self._key = key.encode()
        self._clock = clock
        self._lock = threading.Lock()
        self._hostile = Hostile() if options.scenario == "hostile" else None
        self._encode: Encode = self._hostile.encode if self._hostile else encode_json
        simulation = simulate(options)
        self.started = clock() if options.opened is None else options.opened - simulation.head_start_s
        """When the service began, in seconds since the Unix epoch."""
        self.began = simulation.wall(0.0, self.started)
        """When the run did, or will."""
        self.watched = simulation.head_start_s > 0
        """Whether it began long enough ago that somebody may have watched it."""
        self._title = simulation.task.title
        self._category = simulation.task.category
        self._detection = simulation.task.kind == "object-detection"
        self._state = TunerState(simulation, self.started, self._encode)
        self._impulses = Impulses(simulation, self.started)
        thresholds = self._impulses.thresholds
        self._testing = ModelTesting(IMPULSES, thresholds, job_s=options.job_s, job_fails=options.job_fails)
        self._settings = ClassifySettings(options.windows, options.seed, self._impulses.created, PROJECT_ID)
        self._results: dict[tuple[object, ...], bytes] = {}

    @property
    def run_id(self) -> int:
        """The run's coordinator job."""
        return self._state.coordinator_job

    def answer(self, method: str, target: str, key: str | None, body: bytes = b"") -> SimulatedAnswer:
        """Answer one request. `target` is the path with its query, `key` the x-api-key header."""
        path, query = urlsplit(target).path, dict(parse_qsl(urlsplit(target).query))
        if not hmac.compare_digest((key or "").encode("utf-8", "replace"), self._key):
            return self._json(refusal_json("Invalid API key"), 401)
        for allowed, pattern, handler in _ROUTES:
            match = pattern.fullmatch(path)
            if match is None:
                continue
            if method != allowed:
                return self._json(refusal_json(f"Method not allowed, use {allowed}"), 405)
            return self._enter(handler, match, query, body)
        return self._json(refusal_json("Not found"), 404)

    def warm(self) -> None:
        """Encode every trial once, so that the first poll does not have to."""
        with self._lock:
            self._state.body(self._elapsed())

    def _enter(
        self, handler: "_Handler", match: re.Match[str], query: Mapping[str, str], body: bytes
    ) -> SimulatedAnswer:
        args = match.groups()
        if args and args[0] != str(PROJECT_ID):
            # A key without the role is answered in plain text, unlike all other refusals.
            text = "You do not have access to this project"
            shown = self._hostile.word(text) if self._hostile else text
            return SimulatedAnswer(403, "text/plain; charset=utf-8", shown.encode("utf-8", "replace"))
        with self._lock:
            self._testing.settle(self._clock())
            result = handler(self, Call(args[1:], query, body))
        return result if isinstance(result, SimulatedAnswer) else self._json(result, 200)

    def _json(self, answer: Json, status: int) -> SimulatedAnswer:
        return SimulatedAnswer(status, "application/json; charset=utf-8", self._encode(answer))

    def _elapsed(self) -> float:
        return self._clock() - self.started

    def _plain(self, text: str) -> str:
        return self._hostile.plain(text) if self._hostile else text

    def projects(self, _call: Call) -> Json:
        """Answer `GET projects`: the one project of the key."""
        return success(projects=[self._project()])

    def project(self, _call: Call) -> Json:
        """Answer `GET {projectId}`, as far as clients of a tuner read it: which labels mean an anomaly."""
        labels = {"anomalyLabels": [ANOMALY_LABEL], "noAnomalyLabels": [NO_ANOMALY]}
        return success(project=self._project(), anomalyLabelsConfig=labels)

    def _project(self) -> Json:
        return {
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

    def key_info(self, _call: Call) -> Json:
        """Answer `GET projects/api-key-info`: the key may do everything in the one project."""
        return success(apiKeyId=1, projectId=PROJECT_ID, role="admin")

    def state(self, _call: Call) -> SimulatedAnswer:
        """Answer `GET optimize/state`."""
        return SimulatedAnswer(200, "application/json; charset=utf-8", self._state.body(self._elapsed()))

    def earlier_state(self, call: Call) -> SimulatedAnswer | Json:
        """Answer `GET optimize/{tunerCoordinatorJobId}/state`."""
        known = call.args[0] == str(self._state.coordinator_job)
        return self.state(call) if known else refusal_json("No tuner run with this job ID")

    def runs(self, _call: Call) -> Json:
        """Answer `GET optimize/runs`."""
        return self._state.runs(self._elapsed())

    def trial_log(self, call: Call) -> Json:
        """Answer `GET optimize/trial/{trialId}/stdout`."""
        trial = self._plain(unquote(call.args[0], errors="surrogatepass"))
        return self._state.log(trial, self._elapsed()) or refusal_json("No trial with this ID")

    def impulses(self, _call: Call) -> Json:
        """Answer `GET impulses-detailed`."""
        return self._impulses.detailed()

    def anomaly(self, call: Call) -> Json:
        """Answer `GET training/anomaly/{learnId}`."""
        return self._impulses.anomaly(int(call.args[0])) or refusal_json("No anomaly block with this ID")

    def anomaly_metadata(self, call: Call) -> Json:
        """Answer `GET training/anomaly/{learnId}/metadata`."""
        return self._impulses.anomaly_metadata(int(call.args[0])) or refusal_json(
            "No trained anomaly block with this ID"
        )

    def gmm_metadata(self, call: Call) -> Json:
        """Answer `GET training/anomaly/{learnId}/gmm/metadata`."""
        return self._impulses.gmm_metadata(int(call.args[0])) or refusal_json("No trained GMM block with this ID")

    def last_modification(self, _call: Call) -> Json:
        """Answer `GET last-modification`. Thresholds are neither data nor training: changing them does not show."""
        date = zulu(self.started - DAY_S)
        # The document requires the first and describes the second.
        return success(modificationDate=date, lastModificationDate=date)

    def classify_result(self, call: Call) -> SimulatedAnswer | Json:
        """Answer `GET classify/all/result`: the results of the last test, if thresholds did not change since."""
        plan = _plan(call.query.get("impulseId", str(IMPULSES[0].id)))
        variant = call.query.get("variant", "int8")
        if plan is None:
            return refusal_json("No impulse with this ID")
        tested = self._testing.tested(plan)
        if tested is None or variant not in VARIANTS:
            why = self._testing.why_none(plan)
            return no_results(why) if why or tested is not None else refusal_json(_NOT_TESTED)
        explorer_only = call.query.get("featureExplorerOnly") == "true"
        key = (plan.id, variant, explorer_only, repr(tested))
        body = self._results.get(key)
        if body is None:
            rows = {learn.id: self._impulses.thresholds.rows(learn.id) for learn in plan.learns}
            results = Results(plan, self._settings, tested, rows, variant)
            body = self._encode(results.answer(explorer_only=explorer_only))
            # A few: with a large test set each takes tens of megabytes.
            self._results = dict(list(self._results.items())[-2:]) | {key: body}
        return SimulatedAnswer(200, "application/json; charset=utf-8", body)

    def job(self, call: Call) -> Json:
        """Answer `GET jobs/{jobId}/status` for model-testing jobs."""
        return self._testing.status(int(call.args[0]), self._clock()) or refusal_json("No job with this ID")

    def job_log(self, call: Call) -> Json:
        """Answer `GET jobs/{jobId}/stdout` for the run's own jobs and for model-testing jobs."""
        job_id = int(call.args[0])
        found = self._state.job_log(job_id, self._elapsed()) or self._testing.log(job_id, self._clock())
        return found or refusal_json("No job with this ID")

    def start_classify_job(self, call: Call) -> Json:
        """Answer `POST jobs/classify`: test an impulse, one job at a time."""
        plan = _plan(call.query.get("impulseId", str(IMPULSES[0].id)))
        if plan is None:
            return refusal_json("No impulse with this ID")
        if not is_job_request(call.body):
            return refusal_json("The body is not a JSON object")
        if not plan.complete:
            return refusal_json("This impulse is not fully trained yet")
        if self._testing.busy():
            return refusal_json("A model testing job is already running")
        return success(id=self._testing.start(plan, self._clock()))

    def set_thresholds(self, call: Call) -> Json:
        """Answer `POST impulse/{impulseId}/set-thresholds`: all changes are made, or none."""
        plan = _plan(call.args[0])
        if plan is None:
            return refusal_json("No impulse with this ID")
        if self._testing.busy():
            return refusal_json("Cannot change thresholds while a model testing job is running")
        request = read_changes(call.body)
        if isinstance(request, str):
            return refusal_json(request)
        blocks = {learn.id for learn in plan.learns}
        if any(block not in blocks for block, _, _ in request.changes):
            return refusal_json("Learn block is not part of this impulse")
        changes = [(b, self._plain(k), self._plain(v) if isinstance(v, str) else v) for b, k, v in request.changes]
        problem = self._impulses.thresholds.change(changes)
        if problem:
            return refusal_json(problem)
        return self._testing.changed(
            plan, self._clock(), may_start_job=request.may_start_job, force_job=request.force_job
        )


_NOT_TESTED = "No model testing results found, run 'startClassifyJob' first"


def _plan(impulse_id: str) -> ImpulsePlan | None:
    return plan_of(int(impulse_id)) if impulse_id.isdecimal() and len(impulse_id) < 16 else None


_Handler = Callable[[Service, Call], SimulatedAnswer | Json]


def _route(method: str, path: str, handler: _Handler) -> tuple[str, re.Pattern[str], _Handler]:
    return method, re.compile("/v1/api/" + path.replace("{id}", r"(\d{1,15})").replace("{word}", "([^/]+)")), handler


_ROUTES = (
    _route("GET", "projects", Service.projects),
    _route("GET", "projects/api-key-info", Service.key_info),
    _route("GET", "{id}", Service.project),
    _route("GET", "{id}/optimize/state", Service.state),
    _route("GET", "{id}/optimize/runs", Service.runs),
    _route("GET", "{id}/optimize/{id}/state", Service.earlier_state),
    _route("GET", "{id}/optimize/trial/{word}/stdout", Service.trial_log),
    _route("GET", "{id}/impulses-detailed", Service.impulses),
    _route("GET", "{id}/training/anomaly/{id}", Service.anomaly),
    _route("GET", "{id}/training/anomaly/{id}/metadata", Service.anomaly_metadata),
    _route("GET", "{id}/training/anomaly/{id}/gmm/metadata", Service.gmm_metadata),
    _route("GET", "{id}/last-modification", Service.last_modification),
    _route("GET", "{id}/classify/all/result", Service.classify_result),
    _route("GET", "{id}/jobs/{id}/status", Service.job),
    _route("GET", "{id}/jobs/{id}/stdout", Service.job_log),
    _route("POST", "{id}/jobs/classify", Service.start_classify_job),
    _route("POST", "{id}/impulse/{id}/set-thresholds", Service.set_thresholds),
)
