"""One project of the service: what is read of it when somebody looks, and the ways to change it."""

import asyncio
import getpass
import random
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from eitui.api.errors import ApiError, BadAnswer, Busy, Rejected, only_api_errors, problem
from eitui.domain.action import Action, ActionKind, Evidence, PlanLimits
from eitui.domain.anomaly import GMM, AnomalyAnswer, AnomalyBlock
from eitui.domain.edit import Edit
from eitui.domain.impulse import Impulse, ImpulseTable
from eitui.domain.log import Job
from eitui.domain.moment import Problem
from eitui.domain.run import KeyInfo, Run, RunRecord
from eitui.domain.scores import DEFAULT_LABELS, Scored
from eitui.domain.text import clean
from eitui.domain.threshold import Threshold, to_json
from eitui.feed.live import delay
from eitui.thresholds.act import Actor
from eitui.thresholds.errors import NoSuchThreshold
from eitui.thresholds.evidence import added, ended, extended
from eitui.thresholds.journal import Journal, JournalHistory
from eitui.thresholds.send import GRACE_S, Accepted, Owner, Sender

if TYPE_CHECKING:
    from eitui.api.client import Client
    from eitui.api.lenient import Part

FIRST_S = 1.0
"""Seconds from the first look at a job to the second."""

LONGEST_S = 10.0
"""Longest time between looks, in seconds, while the service answers."""

_GROWTH = 1.5


@dataclass(frozen=True)
class Followed:
    """How it stands with a job that is being followed."""

    job: Job
    """The last that is known of it."""
    problem: Problem | None = None
    """Why it could not be asked for; None while all is well."""
    over: bool = False
    """Whether nothing more will come: it is finished, or the service will not say (then there is a `problem`)."""


class ProjectClient:
    """Asks one project, and changes it, but only through `sender` and `actor`. Nothing is asked twice by itself.

    Every coroutine that asks the service raises ApiError where the service could not be asked.

    Args:
        client: asks the service; it is closed with this.
        journal: this machine's changes.
        owner: in whose name changes are made, and in which project.
        grace_s: how long a request that was not answered may still take effect, in seconds.
        sleep: waits for so many seconds.
        chance: gives a number from 0 to below 1, so that not all ask again at the same instant.

    """

    def __init__(
        self,
        client: "Client",
        journal: Journal,
        owner: Owner,
        *,
        grace_s: float = GRACE_S,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._client, self._journal, self._owner = client, journal, owner
        self._sleep, self._chance = sleep, chance
        self._anomalies: dict[tuple[int, str], tuple[AnomalyBlock, float]] = {}
        """The last answers about anomaly blocks, by block and name, and when they were given, in monotonic seconds."""
        self.sender = Sender(self.thresholds, self._set_thresholds, journal, owner, grace_s=grace_s)
        self.actor = Actor(self._evidence, self._post, self.key_info, journal, owner, grace_s=grace_s)

    @property
    def project_id(self) -> int:
        """The project's id."""
        return self._owner.project_id

    async def key_info(self) -> KeyInfo:
        """Return which role the API key has."""
        return await self._client.api_key_info()

    async def run(self) -> Run:
        """Return the project's latest tuner run."""
        from eitui.api.state import StateReader

        body = await self._client.optimize_state_bytes(self._owner.project_id)
        with only_api_errors():
            return await asyncio.to_thread(StateReader().read_now, body)

    async def limits(self) -> PlanLimits:
        """Return what the project's plan allows."""
        return await self._client.plan_limits(self._owner.project_id)

    async def runs(self) -> tuple[RunRecord, ...]:
        """Return the tuner runs of the project, as the service lists them."""
        return await self._client.optimize_runs(self._owner.project_id)

    async def impulses(self) -> ImpulseTable:
        """Return all impulses."""
        return await self._client.impulses_detailed(self._owner.project_id)

    async def thresholds(self, impulse_id: int) -> tuple[Threshold, ...]:
        """Return the thresholds of all learn blocks of an impulse, as they are now.

        Raises:
            NoSuchThreshold: there is no such impulse.
        """
        impulse = (await self.impulses()).impulse(impulse_id)
        if impulse is None:
            raise NoSuchThreshold(f"The project has no impulse {impulse_id}")
        return impulse.thresholds

    async def anomaly(self, impulse_id: int, block_id: int, kind: str = "") -> tuple[AnomalyAnswer, ...]:
        """Return the service's answers about an anomaly block; `kind` is its learn block's type.

        Each is asked for by itself. Of one that fails there is what was answered before, and why there is no newer
        one. An ApiError is raised only where none was answered now. Of what was not trained yet nothing is asked.
        """
        from eitui.api.learn_blocks import anomaly_of

        client, project = self._client, self._owner.project_id
        calls = {"config": client.anomaly_config, "metadata": client.anomaly_metadata}
        if kind == GMM:
            calls["gmm/metadata"] = client.gmm_metadata
        parts: dict[str, Part] = {}
        failures: dict[str, ApiError] = {}
        for name, ask in calls.items():
            if "config" in parts and parts["config"].flag("trained") is False:
                break
            try:
                with only_api_errors():
                    parts[name] = await ask(project, block_id)
            except ApiError as error:
                failures[name] = error
                if error.final or not isinstance(error, Rejected | BadAnswer):
                    break  # nor would it answer the others
        if not parts:
            raise next(iter(failures.values()))
        trained = "config" in parts and parts["config"].flag("trained")
        with only_api_errors():
            for name, part in parts.items():
                given = [part if name == each else None for each in ("config", "metadata", "gmm/metadata")]
                block = anomaly_of(block_id, *given, impulse_id=impulse_id, kind=kind)
                self._anomalies[block_id, name] = (block, self._journal.mono())
        answers = []
        for name in calls:
            known, at = self._anomalies.get((block_id, name), (None, 0.0))
            # That there is nothing is no trouble, unless the service itself calls the block trained. Older servers do
            # not have the Gaussians.
            may_lack = name == "gmm/metadata" or (name == "metadata" and trained is not True)
            failure = failures.get(name)
            nothing = may_lack and isinstance(failure, Rejected) and failure.answered
            trouble = "" if failure is None or nothing else failure.what
            answers.append(AnomalyAnswer(name, known, 0.0 if known is None else self._journal.mono() - at, trouble))
        return tuple(answers)

    async def with_anomalies(self, impulse: Impulse) -> Impulse:
        """Return `impulse` with what the answers about its anomaly blocks say otherwise of their thresholds.

        These may be fresher. Where they cannot be had, the impulse is returned as it is.
        """
        learn = list(impulse.learn)
        with suppress(ApiError):
            for place, block in enumerate(learn):
                if impulse.id is not None and block.id is not None and block.anomaly is not None and block.thresholds:
                    learn[place] = block.also(await self.anomaly(impulse.id, block.id, block.type))
        return replace(impulse, learn=tuple(learn))

    async def scores(self, impulse_id: int, block_id: int) -> Scored:
        """Return the scores of the test set's windows that the service has of a learn block, or why it has none."""
        from eitui.api.scores import NOT_TESTED, is_not_tested, leaves_truth_open, scores_of

        with only_api_errors():
            try:
                result = await self._client.classify_result(self._owner.project_id, impulse_id)
            except Rejected as error:
                if is_not_tested(error.what):
                    return NOT_TESTED
                raise
            labels, note = DEFAULT_LABELS, ""
            if leaves_truth_open(result, block_id):
                try:
                    labels = await self._client.anomaly_labels(self._owner.project_id)
                except ApiError as error:
                    note = f"Which labels are anomalies could not be read from the project: {error.what}."
            # Some 20,000 windows take up to 150 ms.
            return await asyncio.to_thread(scores_of, result, block_id, labels, note)

    async def history(self) -> JournalHistory:
        """Return this machine's last changes to the project, as far as they can be read.

        Raises:
            JournalError: the journal cannot be read.
        """
        return await asyncio.to_thread(self._journal.look, self._owner.host, self._owner.project_id)

    async def job(self, job_id: int) -> Job:
        """Return how it stands with a job."""
        return await self._client.job_status(self._owner.project_id, job_id)

    async def follow_job(self, job_id: int) -> AsyncIterator[Followed]:
        """Yield how it stands with a job after every look at it, until it is finished.

        An outage ends nothing: it is yielded, and the service asked again, less and less often. Only when the service
        refuses (the job is not known, the key no longer good) there is no point in going on.
        """
        job, wait, failures = Job(job_id), FIRST_S, 0
        while True:
            retry_after = None
            try:
                job, failures, trouble = await self.job(job_id), 0, None
                over = job.finished
            except ApiError as error:
                failures, trouble = failures + 1, problem(error)
                over = error.final or (isinstance(error, Rejected) and not error.may_have_acted)
                retry_after = error.retry_after if isinstance(error, Busy) else None
            yield Followed(job, trouble, over)
            if over:
                return
            if failures:
                await self._sleep(delay(failures, wait, self._chance, retry_after))
            else:
                await self._sleep(wait)
                wait = min(wait * _GROWTH, LONGEST_S)

    async def close(self) -> None:
        """Close the connection."""
        await self._client.aclose()

    async def _post(self, action: Action) -> int | None:
        """Send an action in one request, once; return the job that was started."""
        client, project, target = self._client, self._owner.project_id, action.target
        match action.kind:
            case ActionKind.ADD:
                return await client.add_trial(project, target, action.new_name)
            case ActionKind.EXTEND:
                return await client.extend_search(project, int(target))
            case ActionKind.CANCEL:
                await client.cancel_job(project, int(target))
                return None
            case ActionKind.TEST:
                return await client.start_classify_job(project, int(target))

    async def _evidence(self, action: Action) -> Evidence:
        """Return what the service says of an action's target."""
        match action.kind:
            case ActionKind.ADD:
                return added(action.target, await self.run(), await self.impulses())
            case ActionKind.EXTEND:
                records = await self._client.optimize_runs(self._owner.project_id)
                return extended(action, await self.run(), records)
            case ActionKind.CANCEL:
                return ended(await self.job(int(action.target)))
            case ActionKind.TEST:
                return Evidence()  # nobody can tell whether a test was started

    async def _set_thresholds(self, edit: Edit) -> Accepted:
        """Send the changes of `edit` in one request, once. Raises ApiError: not sent, refused, or nobody knows."""
        from eitui.api.requests import SetImpulseThresholdsRequest, ThresholdChange

        request = SetImpulseThresholdsRequest(
            thresholds=tuple(
                ThresholdChange(block_id=change.ref.block_id, key=change.ref.key, value=to_json(change.new))
                for change in edit.changes
            ),
            allow_creating_regenerate_model_testing_jobs=edit.regenerate,
        )
        answer = await self._client.set_thresholds(self._owner.project_id, edit.impulse_id, request)
        if answer.success is not True:
            raise BadAnswer("The service's answer does not say whether it changed anything")
        return Accepted(
            answer.regenerate_model_testing_status,
            answer.regenerate_model_testing_results_job_id,
            answer.had_model_testing_results,
        )


def local_user(user: Callable[[], str] = getpass.getuser, host: Callable[[], str] = socket.gethostname) -> str:
    """Return the user and the machine as `user@host`; `someone` where the machine does not know."""
    try:
        name = user()
    except (OSError, KeyError, ImportError):  # a user id without a name, as in containers
        name = "someone"
    return clean(f"{name}@{host()}", 128)
