"""What is odd about a threshold's value. The service gives no bounds, so nothing of this forbids anything."""

from eitui.domain.editing import Draft, finite, text_of
from eitui.domain.threshold import Threshold, Value

PROBABILITIES = frozenset({"min_score", "min_score_pixel", "min_score_box", "minimum_confidence_rating"})
"""Keys of thresholds that are compared with scores from 0 to 1."""

FAR, FAR_SHARE = 3.0, 0.3
"""Times larger or smaller than the suggestion, and (of probabilities) away from it, that is far."""

_WORDS = ("probabilit", "confidence")


def is_probability(threshold: Threshold) -> bool:
    """Whether the threshold is compared with a probability, by its key or its description.

    Not where the service itself has or suggests a value that is no probability.
    """
    if any(_beyond(value) for value in (threshold.value, threshold.suggested)):
        return False
    said = f"{threshold.ref.key} {threshold.description} {threshold.help_text}".lower()
    if "anomaly" in said or "absolute error" in said:
        return False
    return threshold.ref.key in PROBABILITIES or any(word in said for word in _WORDS)


def _beyond(value: Value | None) -> bool:
    return isinstance(value, str) or (value is not None and not 0 <= value <= 1)


def warnings(draft: Draft) -> tuple[str, ...]:
    """Return what is odd about a draft's value; nothing of a value that is the one on the service."""
    value = draft.value
    if not draft.changed or value is None:
        return ()
    if isinstance(value, str):
        return () if value else ("The text is empty",)
    found = []
    if value < 0:
        found.append("Below 0")
    if value > 1 and is_probability(draft.threshold):
        found.append("Above 1, and this is compared with scores from 0 to 1")
    if not finite(value) or (isinstance(value, int) and abs(value) > 2**53):
        found.append("More digits than the service can keep")
    return (*found, *_far(draft.threshold, value))


def _far(threshold: Threshold, value: int | float) -> tuple[str, ...]:
    suggested = threshold.suggested
    if suggested is None or isinstance(suggested, str) or not finite(suggested) or not finite(value):
        return ()
    if is_probability(threshold):
        # Compared with a hair's breadth to spare: 0.9 - 0.6 is a little more than 0.3.
        far = abs(value - suggested) > FAR_SHARE + 1e-9
    else:
        far = abs(value) > FAR * abs(suggested) or abs(suggested) > FAR * abs(value) or value * suggested < 0
    return (f"Far from the suggested {text_of(suggested)}",) if far else ()
