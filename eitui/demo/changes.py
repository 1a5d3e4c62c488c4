"""What clients send: changes of thresholds, and the wish to start a job."""

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Changes:
    """The body of `set-thresholds`."""

    changes: list[tuple[int, str, object]]
    """(learn block, key, new value), none of it checked."""
    may_start_job: bool
    force_job: bool


def read_changes(body: bytes) -> Changes | str:
    """Read the body of `set-thresholds`; what is wrong with it, in prose, if it cannot be."""
    data = _object(body)
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


def is_job_request(body: bytes) -> bool:
    """Whether this is a body of `jobs/classify`: an object, in which nothing is required."""
    return _object(body) is not None


def _object(body: bytes) -> dict[str, object] | None:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None
