"""What is sent to change something on the service: strict, as this program builds all of it.

Nothing that the service answers is read here; a command that only looks does not load pydantic.
"""

import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainValidator

from eitui.domain.threshold import can_be_sent, from_json, to_json


def _exact(value: object) -> object:
    exact = from_json(value)
    if exact is None or not can_be_sent(exact):
        raise ValueError("a threshold is a finite number or a text")
    return to_json(exact)


def _text(value: object) -> str:
    # pydantic's own texts cannot hold half a surrogate pair, which the service may have sent.
    if not isinstance(value, str):
        raise ValueError("a key is a text")  # noqa: TRY004 - pydantic takes a ValueError
    return value


class RequestBody(BaseModel):
    """The body of a POST. ValueError: a field is missing, unknown or of the wrong type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class ThresholdChange(RequestBody):
    """A new value for one threshold."""

    block_id: int
    """The learn block's id."""
    key: Annotated[str, PlainValidator(_text)]
    """Exactly as the service sent it."""
    value: Annotated[Any, PlainValidator(_exact)]


class SetImpulseThresholdsRequest(RequestBody):
    """Changes to thresholds of an impulse's learn blocks.

    Sent to `/api/{projectId}/impulse/{impulseId}/set-thresholds`.
    """

    thresholds: tuple[ThresholdChange, ...]
    allow_creating_regenerate_model_testing_jobs: bool = False
    """Whether the service may start a job to bring model-testing results up to date; further changes are refused
    while it runs."""

    def body(self) -> bytes:
        """Return the JSON to send, with numbers in full precision and texts as they came."""
        changes = [{"blockId": one.block_id, "key": one.key, "value": one.value} for one in self.thresholds]
        fields: dict[str, Any] = {"thresholds": changes}
        fields["allowCreatingRegenerateModelTestingJobs"] = self.allow_creating_regenerate_model_testing_jobs
        # The standard library's writer, unlike pydantic's, can write back half a surrogate pair.
        return json.dumps(fields, allow_nan=False).encode()
