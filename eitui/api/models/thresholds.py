"""Thresholds of learn blocks (BlockThreshold), and changing them (`POST .../set-thresholds`)."""

import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainValidator

from eitui.api.models.base import Answer, Items, Model, api_name
from eitui.api.models.number import Flag, Number, ThresholdValue, Whole
from eitui.api.models.text import AsItCame, LongText, Raw, RawText, Text
from eitui.domain.threshold import can_be_sent, from_json, to_json

NOT_REGENERATED, REGENERATED = "not_regenerated", "regenerated"
STARTED_JOB, REQUIRES_JOB = "started_job", "requires_job"
"""What became of the model-testing results after a change, as the API document names it."""


class ThresholdOption(Model):
    """One choice of a threshold that is a word."""

    description: Text = ""
    value: RawText = Raw("")
    """What `BlockThreshold.value` is then."""


class BlockThreshold(Model):
    """Something of a learn block that can be changed without training it again."""

    key: RawText = Raw("")
    """Such as `min_score`: clean when shown, as the service sent it in `key.raw`, for writing back."""
    description: Text = ""
    help_text: LongText = ""
    suggested_value: Number = None
    suggested_value_text: Text = ""
    value: ThresholdValue = None
    """A number (for regression an absolute error, so it may exceed 1) in full precision, a text to write back, or, of
    another kind, kept as it came."""
    dropdown_options: Items[ThresholdOption] = ()


def _new_value(value: object) -> object:
    if isinstance(value, Raw):
        return value
    known = from_json(value)
    if known is None or not can_be_sent(known):
        raise ValueError("a threshold is a finite number or a text")
    return Raw(known) if isinstance(known, str) else to_json(known)


class _Request(BaseModel):
    """Something to send: built by this program, so nothing in it is forgiven."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, alias_generator=api_name, populate_by_name=True, defer_build=True
    )


class ThresholdChange(_Request):
    """A new value for one threshold."""

    block_id: int
    """The learn block's id."""
    key: RawText
    """`BlockThreshold.key`."""
    value: Annotated[Any, PlainValidator(_new_value), AsItCame]


class SetImpulseThresholdsRequest(_Request):
    """Changes to thresholds of an impulse's learn blocks."""

    thresholds: tuple[ThresholdChange, ...]
    allow_creating_regenerate_model_testing_jobs: bool = False
    """Whether the service may start a job to bring model-testing results up to date; further changes are refused
    while it runs."""
    force_run_regenerate_model_testing_in_job: bool | None = None

    def body(self) -> bytes:
        """Return the JSON to send, with numbers in full precision and texts as they came."""
        fields: dict[str, Any] = self.model_dump(by_alias=True, exclude_none=True)
        # The standard library's writer, unlike pydantic's, can write back half a surrogate pair.
        return json.dumps(fields, allow_nan=False).encode()


class SetImpulseThresholdsResponse(Answer):
    """What became of the model-testing results, which a change of thresholds invalidates."""

    had_model_testing_results: Flag = None
    regenerate_model_testing_status: Text = ""
    """`not_regenerated`, `regenerated`, `started_job` or `requires_job`."""
    regenerate_model_testing_results_job_id: Whole = None
    """Set with `started_job`."""
