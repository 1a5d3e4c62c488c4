"""Thresholds of learn blocks (BlockThreshold), and what became of changing them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from eitui.api.lenient import Part, answer
from eitui.api.values import LONG_TEXT, to_text
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
    unread = () if all(map(_is_readable, configs)) else (StatedValue(CONFIG, UNREAD_VALUE),)
    for place, parts in ((CONFIG, configs), (METADATA, metadata)):
        for part in (item for source in parts for item in source.parts("thresholds")):
            read = _read(ThresholdRef(impulse_id, block_id, _exact_text(part, "key")), part, place)
            if not read.ref.key and not read.description and read.value is None:
                continue
            known = found.get(read.ref.key)
            if known is None:
                found[read.ref.key] = read if place == CONFIG else replace(read, others=unread)
            else:
                found[read.ref.key] = _joined(known, read)
    return tuple(found.values())


def _is_readable(config: Part) -> bool:
    """Return whether no threshold of a configuration is left out as it could not be read."""
    listed = config.value("thresholds")
    if not isinstance(listed, list):
        return not config.has("thresholds")
    return all(isinstance(item, dict) for item in listed)


def _joined(known: Threshold, read: Threshold) -> Threshold:
    """Return a threshold with what another description of it adds."""
    if known.value is None and read.value is not None:
        return replace(known, value=read.value, place=read.place, options=known.options or read.options)
    more = tuple(one for one in read.stated if one not in known.stated)
    return replace(known, others=known.others + more) if more else known


def _read(ref: ThresholdRef, part: Part, place: str) -> Threshold:
    value = from_json(part.value("value"))
    return Threshold(
        ref,
        part.text("description"),
        part.text("helpText", LONG_TEXT),
        UNREAD_VALUE if value is None and part.has("value") else value,
        part.number("suggestedValue"),
        part.text("suggestedValueText"),
        tuple(
            Option(_exact_text(option, "value"), option.text("description")) for option in part.parts("dropdownOptions")
        ),
        place,
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
