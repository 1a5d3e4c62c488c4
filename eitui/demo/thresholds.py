"""Thresholds of the learn blocks: what they are, and what they were set to."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from eitui.demo.answers import Json

SimulatedValue = float | str


@dataclass(frozen=True)
class SimulatedThreshold:
    """One threshold of a learn block, in the terms of the API document's `BlockThreshold`."""

    key: str
    description: str
    help_text: str
    value: SimulatedValue
    suggested: float | None = None
    options: tuple[tuple[str, str], ...] = ()
    """(value, description) of each choice, for a threshold that is chosen from a list."""


MIN_SCORE = SimulatedThreshold("min_score", "Score threshold", "A result with a lower score counts as uncertain.", 0.6)


class ThresholdStore:
    """The current thresholds of all learn blocks. Changes last as long as the process."""

    def __init__(self, blocks: Iterable[tuple[int, Iterable[SimulatedThreshold]]]) -> None:
        self._known = {block: {threshold.key: threshold for threshold in known} for block, known in blocks}
        self._values: dict[tuple[int, str], SimulatedValue] = {
            (block, key): threshold.value for block, known in self._known.items() for key, threshold in known.items()
        }

    def rows(self, block: int) -> list[Json]:
        """List the thresholds of a learn block in the shape of `BlockThreshold`."""
        return [self._row(block, threshold) for threshold in self._known[block].values()]

    def number(self, block: int, key: str) -> float:
        """Return the value of a numeric threshold, for the fields that repeat it; 0 if there is none."""
        value = self._values.get((block, key), 0.0)
        return value if isinstance(value, int | float) else 0.0

    def words(self, block: int) -> dict[str, SimulatedValue]:
        """Return the thresholds of a learn block by key, as they are now."""
        return {key: self._values[block, key] for key in self._known[block]}

    def change(self, changes: Iterable[tuple[int, str, object]]) -> str | None:
        """Apply all of the changes, or none: then return why not, in prose."""
        accepted: dict[tuple[int, str], SimulatedValue] = {}
        for block, key, value in changes:
            checked = self._check(block, key, value)
            if isinstance(checked, _Refusal):
                return checked.reason
            accepted[block, key] = checked
        self._values |= accepted
        return None

    def _check(self, block: int, key: str, value: object) -> "SimulatedValue | _Refusal":
        threshold = self._known.get(block, {}).get(key)
        if block not in self._known:
            return _Refusal(f"Learn block {block} is not part of this impulse")
        if threshold is None:
            return _Refusal(f"Learn block {block} has no threshold with this key")
        if isinstance(threshold.value, str):
            if isinstance(value, str) and value in dict(threshold.options):
                return value
            return _Refusal(f"{threshold.description}: the value is not one of the options")
        if isinstance(value, bool) or not isinstance(value, int | float) or not _finite(value):
            return _Refusal(f"{threshold.description}: the value is not a number")
        return value

    def _row(self, block: int, threshold: SimulatedThreshold) -> Json:
        row: Json = {
            "key": threshold.key,
            "description": threshold.description,
            "helpText": threshold.help_text,
            "value": self._values[block, threshold.key],
        }
        if threshold.suggested is not None:
            row["suggestedValue"] = threshold.suggested
            row["suggestedValueText"] = f"{threshold.suggested:g} (from the training data)"
        if threshold.options:
            row["dropdownOptions"] = [{"value": value, "description": text} for value, text in threshold.options]
        return row


@dataclass(frozen=True)
class _Refusal:
    reason: str


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer of more digits than a float can hold
        return False
