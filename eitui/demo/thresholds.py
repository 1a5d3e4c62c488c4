"""What clients change: thresholds, and with them the model-testing results, which jobs bring up to date."""

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from eitui.demo.catalogue import ImpulsePlan, SimulatedThreshold, SimulatedValue
from eitui.demo.jobs import StartedJobs
from eitui.demo.kit import Json, success

CAN_REGENERATE, SHOULD_RERUN = "can_regenerate_model_summary", "should_rerun_full_job"
"""Why there are no results after a change of thresholds, in the API document's words."""


class ThresholdStore:
    """The current thresholds of all learn blocks. Changes last as long as the process."""

    def __init__(self, blocks: Iterable[tuple[int, Iterable[SimulatedThreshold]]]) -> None:
        self._known = {block: {threshold.key: threshold for threshold in known} for block, known in blocks}
        self._values: dict[tuple[int, str], SimulatedValue] = {
            (block, key): threshold.value for block, known in self._known.items() for key, threshold in known.items()
        }

    def add(self, block: int, thresholds: Iterable[SimulatedThreshold]) -> None:
        """Take up a learn block that was not there."""
        self._known[block] = {threshold.key: threshold for threshold in thresholds}
        self._values |= {(block, key): threshold.value for key, threshold in self._known[block].items()}

    def rows(self, block: int) -> list[Json]:
        """List the thresholds of a learn block in the shape of `BlockThreshold`."""
        rows = []
        for key, known in self._known[block].items():
            row: Json = {"key": key, "description": known.description, "helpText": known.help_text}
            row["value"] = self._values[block, key]
            if known.suggested is not None:
                row["suggestedValue"] = known.suggested
                row["suggestedValueText"] = f"{known.suggested:g} (from the training data)"
            if known.options:
                row["dropdownOptions"] = [{"value": value, "description": text} for value, text in known.options]
            rows.append(row)
        return rows

    def number(self, block: int, key: str) -> float:
        """Return the value of a numeric threshold, for the fields that repeat it; 0 if there is none."""
        value = self._values.get((block, key), 0.0)
        return value if isinstance(value, int | float) else 0.0

    def by_key(self, block: int) -> dict[str, SimulatedValue]:
        """Return the values of a learn block as they are now."""
        return {key: self._values[block, key] for key in self._known[block]}

    def change(self, changes: Iterable[tuple[int, str, object]]) -> str | None:
        """Apply all of the changes, or none: then return why not, in prose."""
        accepted: dict[tuple[int, str], SimulatedValue] = {}
        for block, key, value in changes:
            if block not in self._known:
                return f"Learn block {block} is not part of this impulse"
            threshold = self._known[block].get(key)
            if threshold is None:
                return f"Learn block {block} has no threshold with this key"
            if isinstance(threshold.value, str):
                if not isinstance(value, str) or value not in dict(threshold.options):
                    return f"{threshold.description}: the value is not one of the options"
            elif isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= sys.float_info.max:
                return f"{threshold.description}: the value is not a number"
            accepted[block, key] = value
        self._values |= accepted
        return None


@dataclass(frozen=True)
class Changes:
    """The body of `set-thresholds`."""

    changes: list[tuple[int, str, object]]
    """(learn block, key, new value), none of it checked."""
    may_start_job: bool
    force_job: bool


def read_changes(body: bytes) -> Changes | str:
    """Read the body of `set-thresholds`; what is wrong with it, in prose, if it cannot be."""
    data = json_object(body)
    if data is None:
        return "The body is not valid JSON"
    rows, may_start_job = data.get("thresholds"), data.get("allowCreatingRegenerateModelTestingJobs")
    if not isinstance(rows, list):
        return "'thresholds' is missing or not a list"
    if not isinstance(may_start_job, bool):
        return "'allowCreatingRegenerateModelTestingJobs' is missing or not a boolean"
    changes = []
    for row in rows:
        if not isinstance(row, dict) or not {"blockId", "key", "value"} <= row.keys():
            return "A threshold needs 'blockId', 'key' and 'value'"
        block, key = row["blockId"], row["key"]
        if isinstance(block, bool) or not isinstance(block, int) or not isinstance(key, str):
            return "'blockId' must be an integer and 'key' a string"
        changes.append((block, key, row["value"]))
    return Changes(changes, may_start_job, data.get("forceRunRegenerateModelTestingInJob") is True)


def json_object(body: bytes) -> Json | None:
    """Read a JSON object; None for anything else."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


TESTING = "classify"
"""The service's word for jobs that test a model."""


class ModelTesting:
    """Which impulses have results of their test set. Jobs run one at a time."""

    def __init__(self, plans: Iterable[ImpulsePlan], thresholds: ThresholdStore, jobs: StartedJobs) -> None:
        self._thresholds, self._jobs = thresholds, jobs
        self._classified: set[int] = set()
        """Impulses whose test set was run through the network: from that, summaries can be made again."""
        self._tested: dict[int, dict[int, dict[str, SimulatedValue]]] = {}
        self._why: dict[int, str] = {}
        for plan in plans:
            if plan.complete:
                self._test(plan)

    def busy(self) -> bool:
        """Whether a test was running when jobs were last settled: thresholds cannot be changed meanwhile."""
        return self._jobs.busy(TESTING)

    def tested(self, plan: ImpulsePlan) -> dict[int, dict[str, SimulatedValue]] | None:
        """Return the thresholds, by learn block, that the results were computed with; None where there are none."""
        return self._tested.get(plan.id)

    def why_none(self, plan: ImpulsePlan) -> str | None:
        """Return why there are no results, if that is because thresholds changed."""
        return self._why.get(plan.id)

    def start(self, plan: ImpulsePlan, now: float) -> int:
        """Start a job that tests `plan`; return its id. There must be none running."""
        about = f"Classifying the test set of impulse {plan.id}: {plan.name}"
        return self._jobs.start(TESTING, about, now, lambda: self._test(plan))

    def changed(self, plan: ImpulsePlan, now: float, request: Changes) -> Json:
        """Take into account that thresholds of `plan` were changed; answer `set-thresholds`."""
        if plan.id not in self._classified:
            return success(hadModelTestingResults=False, regenerateModelTestingStatus="not_regenerated")
        self._tested.pop(plan.id, None)
        if plan.retest == "job" or request.force_job:
            self._why[plan.id] = CAN_REGENERATE
            if not request.may_start_job:
                return success(hadModelTestingResults=True, regenerateModelTestingStatus="requires_job")
            started = success(hadModelTestingResults=True, regenerateModelTestingStatus="started_job")
            return started | {"regenerateModelTestingResultsJobId": self.start(plan, now)}
        if plan.retest == "regenerated":
            self._test(plan)
        else:
            self._classified.discard(plan.id)
            self._why[plan.id] = SHOULD_RERUN
        return success(hadModelTestingResults=True, regenerateModelTestingStatus=plan.retest)

    def _test(self, plan: ImpulsePlan) -> None:
        self._classified.add(plan.id)
        self._tested[plan.id] = {learn.id: self._thresholds.by_key(learn.id) for learn in plan.learns}
        self._why.pop(plan.id, None)
