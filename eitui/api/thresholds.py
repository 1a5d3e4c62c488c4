"""Thresholds of learn blocks (BlockThreshold), and what became of changing them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from eitui.api.lenient import LONG_TEXT, Part, answer, to_text
from eitui.domain.threshold import (
    CONFIG,
    METADATA,
    UNREAD_VALUE,
    Option,
    StatedValue,
    Threshold,
    ThresholdRef,
    from_json,
)


def thresholds_of(
    impulse_id: int | None, block_id: int | None, *configs: Part, metadata: Iterable[Part] = ()
) -> tuple[Threshold, ...]:
    """Return the thresholds of a learn block: as it is set up, with what only its `metadata` has.

    Values of one key that differ are all kept: one that could not be read is never replaced by one that could. Without
    the ids of the impulse and the block no threshold can be referred to, and there is none.
    """
    if impulse_id is None or block_id is None:
        return ()
    found: dict[str, Threshold] = {}
    listed = [(config.value("thresholds"), config.has("thresholds")) for config in configs]
    readable = all(
        all(isinstance(item, dict) for item in items) if isinstance(items, list) else not there
        for items, there in listed
    )
    for place, parts in ((CONFIG, configs), (METADATA, metadata)):
        for part in (item for source in parts for item in source.parts("thresholds")):
            value = from_json(part.value("value"))
            read = Threshold(
                ThresholdRef(impulse_id, block_id, _exact_text(part, "key")),
                part.text("description"),
                part.text("helpText", LONG_TEXT),
                UNREAD_VALUE if value is None and part.has("value") else value,
                part.number("suggestedValue"),
                part.text("suggestedValueText"),
                tuple(
                    Option(_exact_text(option, "value"), option.text("description"))
                    for option in part.parts("dropdownOptions")
                ),
                place,
            )
            key, known = read.ref.key, found.get(read.ref.key)
            if not key and not read.description and read.value is None:
                continue
            if known is None:
                others = () if place == CONFIG or readable else (StatedValue(CONFIG, UNREAD_VALUE),)
                found[key] = replace(read, others=others)
            elif known.value is None and read.value is not None:
                options = known.options or read.options
                found[key] = replace(known, value=read.value, place=read.place, options=options)
            else:
                more = tuple(one for one in read.stated if one not in known.stated)
                found[key] = replace(known, others=known.others + more)
    return tuple(found.values())


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
    had_model_testing_results: bool | None = None
    """Whether there were results before; None where the service does not say."""


def set_thresholds_of(body: bytes) -> SetThresholds:
    """Return what became of a change; raise ApiError where the service refused it."""
    response = answer(body)
    return SetThresholds(
        response.flag("success"),
        response.text("regenerateModelTestingStatus"),
        response.whole("regenerateModelTestingResultsJobId"),
        response.flag("hadModelTestingResults"),
    )
