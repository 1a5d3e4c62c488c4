"""What failed trials have in common: grouped by cause, and the parameters that a group shares more than the others do.

Over a run of some dozen trials, coincidences are many. So a condition counts only if enough of the group meet it and
Fisher's exact test makes it unlikely among trials that had nothing to do with each other, after allowing for all the
conditions that were tried on the same parameter. The counts are always given beside it.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from eitui.analysis.failure import Cause, CauseKind
from eitui.analysis.figures import FigureValue

_Parameters = Mapping[str, FigureValue]

LEAST_TRIALS = 2
"""Trials a group must have, and of it must meet a condition."""

LEAST_SHARE = 0.5
"""Fraction of a group that must meet a condition for it to be shared."""

LARGEST_P = 0.05
"""Conditions that chance alone would bring about more often than this are left out."""

MOST_SHARED = 5
"""Conditions given for a group, the strongest first."""

_MOST_VALUES = 16
"""Values of a parameter that are looked at, the commonest of the group; of a number, bounds that are tried as well."""

_PAIRED = 6
"""Conditions, the strongest first, that are tried in pairs."""


@dataclass(frozen=True)
class FailureCondition:
    """Something that can be said of a trial's parameters."""

    name: str
    """The parameter, such as `training.batch_size`."""
    relation: Literal["=", "≤", "≥"]
    value: FigureValue

    def holds(self, parameters: _Parameters) -> bool:
        """Return whether a trial with these parameters meets it; one without the parameter does not."""
        value = parameters.get(self.name)
        if self.relation == "=" or not isinstance(value, float) or not isinstance(self.value, float):
            return value is not None and self.relation == "=" and value == self.value
        return value <= self.value if self.relation == "≤" else value >= self.value


@dataclass(frozen=True)
class Shared:
    """A condition that a group's trials meet more often than the others."""

    conditions: tuple[FailureCondition, ...]
    """One, or two that hold together."""
    inside: int
    """Trials of the group that meet it, of `size`."""
    size: int
    outside: int
    """Other trials that meet it, of `others`."""
    others: int
    p: float
    """How likely chance alone would bring this about: Fisher's exact test, one-sided, times the conditions tried."""
    also: tuple[FailureCondition, ...] = ()
    """Conditions met by exactly the same trials: the run cannot tell them apart."""

    @property
    def lift(self) -> float:
        """How many times as often the group meets it as the others, each with half a trial added to both sides."""
        return (self.inside + 0.5) / (self.size + 1) * (self.others + 1) / (self.outside + 0.5)


@dataclass(frozen=True)
class FailureGroup:
    """The trials that failed for one cause."""

    kind: CauseKind
    trial_ids: tuple[str, ...]
    """In the order they were given."""
    others: int
    """All other trials that were compared, whatever became of them."""
    shared: tuple[Shared, ...] = ()
    block: str = ""
    """Kind of the block they failed in; empty where they differ."""
    example: str = ""
    """What the log of the first of them said."""
    advice: str = ""
    """What to do, where it is the same for all of them."""


def failure_groups(causes: Mapping[str, Cause], parameters: Mapping[str, _Parameters]) -> tuple[FailureGroup, ...]:
    """Return the failed trials grouped by cause, the largest group first, those of unknown cause last.

    `causes` has the failed trials whose log was read, by id. `parameters` has all trials to compare, by id: those that
    are over, and failed ones whose log was not read left out, since they may belong to any group.
    """
    members: dict[CauseKind, list[str]] = {}
    for trial_id, cause in causes.items():
        members.setdefault(cause.kind, []).append(trial_id)
    order = list(CauseKind)
    kinds = sorted(members, key=lambda kind: (kind is CauseKind.UNKNOWN, -len(members[kind]), order.index(kind)))
    groups = []
    for kind in kinds:
        ids, mine = members[kind], [causes[trial_id] for trial_id in members[kind]]
        taken = set(ids)
        inside = [parameters.get(trial_id, {}) for trial_id in ids]
        outside = [mapping for trial_id, mapping in parameters.items() if trial_id not in taken]
        blocks, advice = {cause.block for cause in mine}, {cause.advice for cause in mine}
        groups.append(
            FailureGroup(
                kind,
                tuple(ids),
                len(outside),
                shared(inside, outside),
                blocks.pop() if len(blocks) == 1 else "",
                next((cause.line.text for cause in mine if cause.line is not None), ""),
                advice.pop() if len(advice) == 1 else "",
            )
        )
    return tuple(groups)


def shared(inside: Sequence[_Parameters], outside: Sequence[_Parameters]) -> tuple[Shared, ...]:
    """Return what the trials `inside` share more than those `outside`: the least likely to be chance first.

    Equally unlikely ones come in the order of their lift, the shorter, the names.
    """
    if len(inside) < LEAST_TRIALS or not outside:
        return ()
    names = sorted({name for mapping in inside for name in mapping})
    single = [found for name in names if (found := _best_of(name, inside, outside)) is not None]
    merged = _merged(sorted(single, key=_rank), [*inside, *outside])
    pair = _pair(merged[:_PAIRED], inside, outside)
    return tuple(sorted([*merged, *pair], key=_rank)[:MOST_SHARED])


def fisher(inside: int, size: int, outside: int, others: int) -> float:
    """Return the one-sided p of Fisher's exact test: how likely chance puts so many of the marked into the group.

    `inside` of the group's `size` trials are marked, and `outside` of the `others`.
    """
    marked, total = inside + outside, size + others
    term = math.exp(_log_choose(size, inside) + _log_choose(others, outside) - _log_choose(total, marked))
    found = 0.0
    for count in range(inside, min(size, marked) + 1):
        found += term
        # The next term by the ratio of the two: binomials of thousands would not fit a float.
        term *= (size - count) * (marked - count) / ((count + 1) * (others - marked + count + 1))
    return min(1.0, found)


def _log_choose(among: int, chosen: int) -> float:
    return math.lgamma(among + 1) - math.lgamma(chosen + 1) - math.lgamma(among - chosen + 1)


def _rank(one: Shared) -> tuple[float, float, int, tuple[str, ...]]:
    # Rounded: sums in another order may differ in the last digit, and must not change the order of equals.
    texts = tuple(f"{condition.name}{condition.relation}{condition.value}" for condition in one.conditions)
    return float(f"{one.p:.9e}"), -one.lift, len(one.conditions), texts


def _best_of(name: str, inside: Sequence[_Parameters], outside: Sequence[_Parameters]) -> Shared | None:
    """Return the condition on one parameter that sets the group apart most; None where none does."""
    mine = Counter(mapping[name] for mapping in inside if name in mapping)
    theirs = Counter(mapping[name] for mapping in outside if name in mapping)
    commonest = sorted(mine.items(), key=lambda item: (-item[1], str(item[0])))[:_MOST_VALUES]
    counted = [(FailureCondition(name, "=", value), count, theirs[value]) for value, count in commonest]
    # Half-open ranges of a number. A bound at either end is everything, or the value at that end; with two values they
    # would say the same as the values themselves.
    inner = sorted(value for value in mine.keys() | theirs.keys() if isinstance(value, float))[1:-1]
    for bound in inner[:: max(1, math.ceil(len(inner) / _MOST_VALUES))]:
        for condition in (FailureCondition(name, "≤", bound), FailureCondition(name, "≥", bound)):
            a, b = (
                sum(count for value, count in counts.items() if condition.holds({name: value}))
                for counts in (mine, theirs)
            )
            counted.append((condition, a, b))
    best: Shared | None = None
    for condition, a, b in counted:
        found = _shared((condition,), a, len(inside), b, len(outside), len(counted))
        if found is not None and (best is None or (found.p, -found.inside) < (best.p, -best.inside)):
            best = found
    return best


def _shared(
    conditions: tuple[FailureCondition, ...], inside: int, size: int, outside: int, others: int, tried: int
) -> Shared | None:
    if inside < max(LEAST_TRIALS, LEAST_SHARE * size) or inside * others <= outside * size:
        return None
    p = min(1.0, fisher(inside, size, outside, others) * tried)
    return Shared(conditions, inside, size, outside, others, p) if p <= LARGEST_P else None


def _merged(single: list[Shared], trials: Sequence[_Parameters]) -> list[Shared]:
    """Return the conditions with those that exactly the same trials meet put into `also` of the first of them."""
    by_trials: dict[Set[int], Shared] = {}
    for one in single:
        (condition,) = one.conditions
        met = frozenset(index for index, mapping in enumerate(trials) if condition.holds(mapping))
        first = by_trials.get(met)
        also = (*first.also, condition) if first is not None else ()
        kept = first or one
        by_trials[met] = Shared(kept.conditions, kept.inside, kept.size, kept.outside, kept.others, kept.p, also)
    return list(by_trials.values())


def _pair(single: list[Shared], inside: Sequence[_Parameters], outside: Sequence[_Parameters]) -> list[Shared]:
    """Return the pair that says most more than either half: as many of the group meet it, and fewer of the others."""
    found = []
    couples = list(combinations(single, 2))
    for one, other in couples:
        both = (*one.conditions, *other.conditions)
        a, b = _meeting(both, inside), _meeting(both, outside)
        if a < min(one.inside, other.inside) or b >= min(one.outside, other.outside):
            continue
        pair = _shared(both, a, len(inside), b, len(outside), len(couples))
        if pair is not None and pair.p < min(one.p, other.p):
            found.append(pair)
    return sorted(found, key=_rank)[:1]


def _meeting(conditions: Iterable[FailureCondition], trials: Iterable[_Parameters]) -> int:
    return sum(all(condition.holds(mapping) for condition in conditions) for mapping in trials)
