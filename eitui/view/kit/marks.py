"""The signs by which marked trials are told apart, with and without colour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MARK_SIGNS = "●▲■◆✚▼○△"
"""One cell each, in this order; the monitor's own stars are not among them. They are told apart by shape alone."""

MARK_TONES = tuple(f"mark{number}" for number in range(1, len(MARK_SIGNS) + 1))
"""The tones that go with `MARK_SIGNS`."""

_MORE = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Mark:
    """How a marked trial is shown."""

    sign: str
    """One cell."""
    tone: str
    """One of `MARK_TONES`, or plain beyond them."""


def mark(number: int) -> Mark:
    """Return the mark with this number, from 0: signs with a tone each, then letters; `+` when those are used up."""
    if 0 <= number < len(MARK_SIGNS):
        return Mark(MARK_SIGNS[number], MARK_TONES[number])
    further = number - len(MARK_SIGNS)
    return Mark(_MORE[further] if 0 <= further < len(_MORE) else "+", "")


def assign(marked: Sequence[str], before: Mapping[str, int]) -> dict[str, int]:
    """Return the number of each marked trial, by id and in the order of marking.

    A trial keeps the number it has in `before` as long as it is marked; others get the lowest that is free.
    """
    kept = {trial_id: before[trial_id] for trial_id in marked if trial_id in before}
    taken = set(kept.values())
    numbers: dict[str, int] = {}
    free = 0
    for trial_id in marked:
        if trial_id in kept:
            numbers[trial_id] = kept[trial_id]
        elif trial_id not in numbers:
            while free in taken:
                free += 1
            taken.add(free)
            numbers[trial_id] = free
    return numbers
