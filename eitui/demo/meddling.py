"""Somebody else who changes thresholds, such as a colleague in the Studio."""

from collections.abc import Sequence
from dataclasses import dataclass

from eitui.demo.catalogue import ImpulsePlan
from eitui.demo.testing import ModelTesting
from eitui.demo.thresholds import ThresholdStore

Meddling = tuple[int, str, object]
"""(learn block, key, new value)."""


@dataclass
class _Planned:
    changes: Sequence[Meddling]
    reads: int
    """Reads until it happens."""


class Meddler:
    """Changes thresholds behind the clients' backs, just before they are read."""

    def __init__(self, plans: Sequence[ImpulsePlan], thresholds: ThresholdStore, testing: ModelTesting) -> None:
        self._plans = plans
        self._thresholds = thresholds
        self._testing = testing
        self._waiting: list[_Planned] = []

    def plan(self, changes: Sequence[Meddling], at_read: int) -> None:
        """Make these changes, or change all thresholds if there are none, at the `at_read`-th read from now (0: now).

        Raises `ValueError` for a change that the service would refuse, if it is made now.
        """
        if at_read:
            self._waiting.append(_Planned(changes, at_read))
        else:
            self._change(changes)

    def read(self) -> None:
        """Take into account that thresholds are about to be read."""
        for planned in self._waiting:
            planned.reads -= 1
        due = [planned for planned in self._waiting if not planned.reads]
        self._waiting = [planned for planned in self._waiting if planned.reads]
        for planned in due:
            self._change(planned.changes)

    def _change(self, changes: Sequence[Meddling]) -> None:
        if not changes:
            self._thresholds.shift()
        problem = self._thresholds.change(changes)
        if problem:
            raise ValueError(problem)
        blocks = {block for block, _, _ in changes}
        for plan in self._plans:
            if not changes or any(learn.id in blocks for learn in plan.learns):
                self._testing.changed(plan, 0.0, may_start_job=False, force_job=False)
