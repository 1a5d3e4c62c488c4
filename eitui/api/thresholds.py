"""Thresholds of learn blocks (BlockThreshold), and what became of changing them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from eitui.api.lenient import Part, answer
from eitui.api.values import LONG_TEXT, to_text
from eitui.domain.threshold import Option, Threshold, ThresholdRef, from_json


def thresholds_of(impulse_id: int | None, block_id: int | None, *sources: Part) -> tuple[Threshold, ...]:
    """Return the thresholds of a learn block, found in `sources`, of which an earlier one is trusted more.

    A later source only adds thresholds, and values where an earlier one has none. Without the ids of the impulse and
    the block, or without a key, a threshold cannot be referred to, and is left out.
    """
    if impulse_id is None or block_id is None:
        return ()
    found: dict[ThresholdRef, Threshold] = {}
    for threshold in _read(impulse_id, block_id, sources):
        known = found.setdefault(threshold.ref, threshold)
        if known.value is None and threshold.value is not None:
            found[threshold.ref] = replace(known, value=threshold.value, options=known.options or threshold.options)
    return tuple(found.values())


def _read(impulse_id: int, block_id: int, sources: Iterable[Part]) -> Iterable[Threshold]:
    for part in (item for source in sources for item in source.parts("thresholds")):
        key = _exact_text(part, "key")
        if key:
            yield Threshold(
                ThresholdRef(impulse_id, block_id, key),
                part.text("description"),
                part.text("helpText", LONG_TEXT),
                from_json(part.value("value")),
                part.number("suggestedValue"),
                part.text("suggestedValueText"),
                tuple(
                    Option(_exact_text(option, "value"), option.text("description"))
                    for option in part.parts("dropdownOptions")
                ),
            )


def _exact_text(part: Part, key: str) -> str:
    value = part.value(key)
    return value if isinstance(value, str) else to_text(value)


@dataclass(frozen=True)
class SetThresholds:
    """The service's answer to a change of thresholds, which invalidates model-testing results."""

    success: bool | None = None
    """None where the service does not say."""
    regenerate_model_testing_status: str = ""
    """`not_regenerated`, `regenerated`, `started_job` or `requires_job`; another word as it is, clean."""
    regenerate_model_testing_results_job_id: int | None = None
    """Set with `started_job`."""


def set_thresholds_of(body: bytes) -> SetThresholds:
    """Return what became of a change; raise ApiError where the service refused it."""
    response = answer(body)
    return SetThresholds(
        response.flag("success"),
        response.text("regenerateModelTestingStatus"),
        response.whole("regenerateModelTestingResultsJobId"),
    )
