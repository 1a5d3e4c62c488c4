"""What the look-alike answers to which request, without a network."""

import hmac
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, unquote, urlsplit

from eitui.demo.catalogue import ANOMALY_LABEL, NO_ANOMALY, ImpulsePlan
from eitui.demo.classify import VARIANTS, Results, no_results
from eitui.demo.earlier import EARLIER_RUNS, earlier_runs
from eitui.demo.hostile import Hostile
from eitui.demo.impulses import DAY_S, Impulses
from eitui.demo.jobs import ALREADY_OVER, StartedJobs
from eitui.demo.kit import Encode, Json, encode_json, refusal_json, success, zulu
from eitui.demo.options import JOB_S, Options
from eitui.demo.scenarios import simulate
from eitui.demo.state import TunerState
from eitui.demo.thresholds import ModelTesting, json_object, read_changes

PROJECT_ID = 424_242
"""The project that the key belongs to."""

TESTING_JOB_S = JOB_S
"""Real seconds that a model-testing job runs if not told otherwise: thresholds cannot be changed meanwhile."""

_JSON = "application/json; charset=utf-8"


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


_Handler = Callable[["Service", Call], SimulatedAnswer | Json]

_ROUTES: list[tuple[str, re.Pattern[str], _Handler]] = []
"""Method, path and who answers it."""


def _route(method: str, path: str) -> Callable[[_Handler], _Handler]:
    """Have requests of this path answered by the decorated method, whose `Call` has the path's parameters."""
    pattern = re.compile("/v1/api/" + path.replace("{id}", r"(\d{1,15})").replace("{word}", "([^/]+)"))

    def register(handler: _Handler) -> _Handler:
        _ROUTES.append((method, pattern, handler))
        return handler

    return register


class Service:
    """The look-alike service. Thread-safe; time comes from `clock` (Unix seconds)."""

    def __init__(self, options: Options, key: str, clock: Callable[[], float]) -> None:
        self._key = key.encode()
        self._clock = clock
        self._lock = threading.Lock()
        self._hostile = Hostile() if options.scenario == "hostile" else None
        self._encode: Encode = self._hostile.encode if self._hostile else encode_json
        simulation = simulate(options)
        self._options, self._task = options, simulation.task
        self.started = clock() if options.opened is None else options.opened - simulation.head_start_s
        """When the service began, in seconds since the Unix epoch."""
        self.began = simulation.wall(0.0, self.started)
        """When the run did, or will."""
        self.watched = simulation.head_start_s > 0
        """Whether it began long enough ago that somebody may have watched it."""
        runs = EARLIER_RUNS + 1
        self._present = [TunerState(simulation, self.started, self._encode, index=runs, runs=runs)]
        """The run that there is from the beginning, and those that clients began; the newest last."""
        self._earlier: tuple[TunerState, ...] | None = None
        self._impulses = Impulses(simulation, self.started)
        self._thresholds = self._impulses.thresholds
        self._state.added = {trial: number for number, trial in self._impulses.made_from.items()}
        self._jobs = StartedJobs(options.job_s, options.job_fails)
        self._testing = ModelTesting(self.plans, self._thresholds, self._jobs)
        self._results: dict[tuple[object, ...], bytes] = {}

    @property
    def run_id(self) -> int:
        """The latest run's coordinator job."""
        return self._state.coordinator_job

    @property
    def plans(self) -> tuple[ImpulsePlan, ...]:
        """The project's impulses."""
        return self._impulses.plans

    @property
    def _state(self) -> TunerState:
        return self._present[-1]

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
            args = match.groups()
            if args and args[0] != str(PROJECT_ID):
                # A key without the role is answered in plain text, unlike all other refusals.
                text = "You do not have access to this project"
                text = self._hostile.word(text) if self._hostile else text
                return SimulatedAnswer(403, "text/plain; charset=utf-8", text.encode("utf-8", "replace"))
            with self._lock:
                self._jobs.settle(self._clock())
                result = handler(self, Call(args[1:], query, body))
            return result if isinstance(result, SimulatedAnswer) else self._json(result)
        return self._json(refusal_json("Not found"), 404)

    def warm(self) -> None:
        """Encode every trial once, so that the first poll does not have to."""
        with self._lock:
            self._state.body(self._elapsed(self._state))

    def _json(self, answer: Json, status: int = 200) -> SimulatedAnswer:
        return SimulatedAnswer(status, _JSON, self._encode(answer))

    def _elapsed(self, run: TunerState | None = None) -> float:
        return self._clock() - (self.started if run is None else run.service_start)

    def _runs(self) -> Iterator[TunerState]:
        """Yield all runs, the newest first; the earlier ones are played through when they are first asked for."""
        if self._state.simulation.profile.started:
            yield from reversed(self._present)
            if self._earlier is None:
                self._earlier = earlier_runs(self._options, self.started, self._encode)
            yield from self._earlier

    def _numbered(self, coordinator_job: str) -> TunerState | None:
        return next((run for run in self._runs() if str(run.coordinator_job) == coordinator_job.lstrip("0")), None)

    def _plan(self, impulse_id: str) -> ImpulsePlan | None:
        return next((plan for plan in self.plans if str(plan.id) == impulse_id.lstrip("0")), None)

    def _plain(self, text: str) -> str:
        return self._hostile.plain(text) if self._hostile else text

    @_route("GET", "projects")
    def projects(self, _call: Call) -> Json:
        """Answer with the one project of the key."""
        return success(projects=[self._project()])

    @_route("GET", "{id}")
    def project(self, _call: Call) -> Json:
        """Answer as far as clients of a tuner read it: which labels mean an anomaly."""
        odd = dict.fromkeys([ANOMALY_LABEL, *(label for plan in self.plans for label in plan.odd_labels)])
        normal = dict.fromkeys([NO_ANOMALY, *(plan.normal_label for plan in self.plans)])
        labels = {"anomalyLabels": list(odd), "noAnomalyLabels": list(normal)}
        # As long as its runs are short: half an hour for one job at the pace of a real service.
        limit = max(1, round(30 / self._options.speed))
        performance: Json = {"gpu": False, "jobLimitM": limit, "dspFileSizeMb": 4096, "enterprisePerformance": False}
        period: Json = {"periodStartDate": zulu(self.started - 9 * DAY_S), "periodEndDate": zulu(self.started + DAY_S)}
        return success(
            project=self._project(),
            anomalyLabelsConfig=labels,
            performance=performance | {"trainJobRamMb": 4096},
            computeTime=period | {"timeUsedMs": 5_400_000, "timeLeftMs": 9_000_000},
        )

    def _project(self) -> Json:
        method = "object_detection" if self._task.kind == "object-detection" else "single_label"
        answer: Json = {"id": PROJECT_ID, "name": self._task.title}
        answer["description"] = "A simulated project: all of its data is synthetic"
        answer |= {"created": zulu(self.started - 30 * DAY_S), "lastModified": zulu(self.started)}
        answer |= {"owner": "synthetic", "ownerIsDeveloperProfile": False, "collaborators": []}
        answer |= {"labelingMethod": method, "metadata": {}, "isEnterpriseProject": False, "whitelabelId": None}
        answer |= {"category": self._task.category, "tier": "free", "hasPublicVersion": False, "isPublic": False}
        answer |= {"allowsLivePublicAccess": False, "indPauseProcessingSamples": False}
        return answer | {"publicProjectListed": False}

    @_route("GET", "projects/api-key-info")
    def key_info(self, _call: Call) -> Json:
        """Answer that the key may do everything in the one project."""
        return success(apiKeyId=1, projectId=PROJECT_ID, role="admin")

    @_route("GET", "{id}/optimize/state")
    def state(self, _call: Call) -> SimulatedAnswer:
        """Answer how the run stands."""
        return SimulatedAnswer(200, _JSON, self._state.body(self._elapsed(self._state)))

    @_route("GET", "{id}/optimize/{id}/state")
    def earlier_state(self, call: Call) -> SimulatedAnswer | Json:
        """Answer how the run with this coordinator job stands."""
        run = self._numbered(call.args[0])
        if run is None:
            return refusal_json("No tuner run with this job ID")
        return SimulatedAnswer(200, _JSON, run.body(self._elapsed(run)))

    @_route("GET", "{id}/optimize/runs")
    def runs(self, _call: Call) -> Json:
        """Answer with all runs, or none, the newest first."""
        return success(runs=[run.record(self._elapsed(run)) for run in self._runs()])

    @_route("GET", "{id}/optimize/trial/{word}/stdout")
    def trial_log(self, call: Call) -> Json:
        """Answer with a trial's log, newest line first."""
        trial = self._plain(unquote(call.args[0], errors="surrogatepass"))
        found = (run.log(trial, self._elapsed(run)) for run in self._runs())
        return next(filter(None, found), None) or refusal_json("No trial with this ID")

    @_route("GET", "{id}/impulses-detailed")
    def impulses(self, _call: Call) -> Json:
        """Answer with all impulses, their blocks and metrics."""
        return self._impulses.detailed()

    @_route("GET", "{id}/training/anomaly/{id}")
    def anomaly(self, call: Call) -> Json:
        """Answer how a classical anomaly block is set up."""
        return self._impulses.anomaly(int(call.args[0])) or refusal_json("No anomaly block with this ID")

    @_route("GET", "{id}/training/anomaly/{id}/metadata")
    def anomaly_metadata(self, call: Call) -> Json:
        """Answer what came of training it."""
        found = self._impulses.anomaly_metadata(int(call.args[0]))
        return found or refusal_json("No trained anomaly block with this ID")

    @_route("GET", "{id}/training/anomaly/{id}/gmm/metadata")
    def gmm_metadata(self, call: Call) -> Json:
        """Answer with the Gaussians of its mixture."""
        return self._impulses.gmm_metadata(int(call.args[0])) or refusal_json("No trained GMM block with this ID")

    @_route("GET", "{id}/last-modification")
    def last_modification(self, _call: Call) -> Json:
        """Answer when data and training changed. Thresholds are neither: changing them does not show."""
        date = zulu(self.started - DAY_S)
        # The document requires the first and describes the second.
        return success(modificationDate=date, lastModificationDate=date)

    @_route("GET", "{id}/classify/all/result")
    def classify_result(self, call: Call) -> SimulatedAnswer | Json:
        """Answer the results of the last test, if thresholds did not change since."""
        plan = self._plan(call.query.get("impulseId", "1"))
        variant = call.query.get("variant", "int8")
        if plan is None:
            return refusal_json("No impulse with this ID")
        tested = self._testing.tested(plan)
        if tested is None or variant not in VARIANTS:
            why = self._testing.why_none(plan)
            untested = "No model testing results found, run 'startClassifyJob' first"
            return no_results(why) if why or tested is not None else refusal_json(untested)
        explorer_only = call.query.get("featureExplorerOnly") == "true"
        key = (plan.id, variant, explorer_only, repr(tested))
        body = self._results.get(key)
        if body is None:
            rows = {learn.id: self._thresholds.rows(learn.id) for learn in plan.learns}
            results = Results(plan, self._options, tested, rows, variant)
            body = self._encode(results.answer(self._impulses.created, PROJECT_ID, explorer_only=explorer_only))
            # A few: with a large test set each takes tens of megabytes.
            self._results = dict(list(self._results.items())[-2:]) | {key: body}
        return SimulatedAnswer(200, _JSON, body)

    @_route("GET", "{id}/jobs/{id}/status")
    def job(self, call: Call) -> Json:
        """Answer for the runs' own jobs, those that trained trials, and those that clients started."""
        job_id = int(call.args[0])
        found = (run.job_status(job_id, self._elapsed(run)) for run in self._runs())
        answer = next(filter(None, found), None) or self._jobs.status(job_id, self._clock())
        return answer or refusal_json("No job with this ID")

    @_route("GET", "{id}/jobs/{id}/stdout")
    def job_log(self, call: Call) -> Json:
        """Answer for the runs' own jobs and for those that clients started."""
        job_id = int(call.args[0])
        found = (run.job_log(job_id, self._elapsed(run)) for run in self._runs())
        answer = next(filter(None, found), None) or self._jobs.log(job_id, self._clock())
        return answer or refusal_json("No job with this ID")

    @_route("POST", "{id}/jobs/{id}/cancel")
    def cancel_job(self, call: Call) -> Json:
        """End a run by either of its jobs, or a job that a client started."""
        job_id = int(call.args[0])
        run = next((run for run in self._runs() if job_id in (run.tuner_job, run.coordinator_job)), None)
        if run is None:
            problem = self._jobs.cancel(job_id, self._clock())
            self._jobs.settle(self._clock())
            return refusal_json(problem) if problem else success()
        if run.over(self._elapsed(run)):
            return refusal_json(ALREADY_OVER)
        run.cancel(self._elapsed(run))
        return success()

    @_route("POST", "{id}/jobs/set-tuner-primary-job")
    def add_trial(self, call: Call) -> Json:
        """Start a job that makes an impulse of a trial. Asked twice, it makes two."""
        run = self._state
        found = run.course(self._plain(call.query.get("trialId", "")), self._elapsed(run))
        body = json_object(call.body)
        if body is None:
            return refusal_json("The body is not a JSON object")
        if found is None:
            return refusal_json("No trial with this ID")
        spec, given = found[0].spec, body.get("name")
        if found[1].status != "completed":
            return refusal_json("This trial is not completed")
        name = self._plain(given) if isinstance(given, str) and given else spec.name
        about = f"Adding trial {spec.name} ({spec.id}) to the project"

        def add() -> None:
            run.note_added(spec.id, self._impulses.add(spec, self._task, name))

        return success(id=self._jobs.start("tuner-primary", about, self._clock(), add))

    @_route("POST", "{id}/jobs/optimize")
    def extend_search(self, call: Call) -> Json:
        """Begin a run that goes on from one that is over. A search of another kind is begun in the Studio."""
        run = self._numbered(call.query.get("extendedFromJobId", ""))
        if run is None:
            return refusal_json("No tuner run with this job ID")
        if not self._state.over(self._elapsed(self._state)):
            return refusal_json("The EON Tuner is already running")
        if not run.can_be_extended:
            return refusal_json("This search cannot be extended")
        options = replace(self._options, seed=self._options.seed + 101 * len(self._present), opened=None)
        following = replace(simulate(options), start=0.0, head_start_s=0.0)
        number = EARLIER_RUNS + len(self._present) + 1
        name = f"Search {len(self._present) + 1} (synthetic)"
        begun = TunerState(following, self._clock(), self._encode, name=name, index=number, runs=number, continues=run)
        self._present.append(begun)
        return success(id=self._state.coordinator_job)

    @_route("POST", "{id}/jobs/classify")
    def start_classify_job(self, call: Call) -> Json:
        """Test an impulse, one job at a time."""
        plan = self._plan(call.query.get("impulseId", "1"))
        if plan is None:
            return refusal_json("No impulse with this ID")
        if json_object(call.body) is None:
            return refusal_json("The body is not a JSON object")
        if not plan.complete:
            return refusal_json("This impulse is not fully trained yet")
        if self._testing.busy():
            return refusal_json("A model testing job is already running")
        return success(id=self._testing.start(plan, self._clock()))

    @_route("POST", "{id}/impulse/{id}/set-thresholds")
    def set_thresholds(self, call: Call) -> Json:
        """Make all changes, or none."""
        plan = self._plan(call.args[0])
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
        problem = self._thresholds.change(changes)
        return refusal_json(problem) if problem else self._testing.changed(plan, self._clock(), request)
