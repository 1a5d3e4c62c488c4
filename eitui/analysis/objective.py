"""What trials are ranked by: the run's own objective where it can be computed, else accuracy, else loss."""

import re
from dataclasses import dataclass, field, replace

from eitui.analysis.figures import Lens, cost, finite
from eitui.domain.run import Run, Target
from eitui.domain.trial import VALIDATION, Trial

_ACCURACY, _LOSS, _LATENCY, _RAM, _ROM = "accuracy", "loss", "latency", "RAM", "ROM"
_COSTS = (_LATENCY, _RAM, _ROM)

_NAMES = {
    _ACCURACY: ("accuracy", "val accuracy", "validation accuracy"),
    _LOSS: ("loss", "val loss", "validation loss"),
    _LATENCY: ("latency", "latency ms", "inference latency", "inferencing latency"),
    _RAM: ("ram", "ram bytes", "ram usage", "peak ram", "peak ram usage"),
    _ROM: ("rom", "rom bytes", "rom usage", "flash", "flash usage"),
}
"""How the service may name what a search optimises; other names cannot be computed."""

_METRICS = {name: metric for metric, names in _NAMES.items() for name in names}
_DIRECTION = re.compile(r"(?:minimi[sz]e|maximi[sz]e)\s+")


@dataclass(frozen=True)
class _Term:
    metric: str
    weight: float = 1.0

    def value(self, trial: Trial, lens: Lens, target: Target, *, alone: bool) -> float | None:
        """Return how good a trial is in this, so that better is greater; None where that is not known.

        Beside others a cost is a part of its limit: milliseconds and bytes cannot be added to an accuracy.
        """
        if self.metric == _ACCURACY:
            return lens.accuracy(trial)
        if self.metric == _LOSS:
            loss = lens.loss(trial)
            return None if loss is None else -loss
        known = cost(trial, lens.precision)
        value = {_LATENCY: known.latency_ms, _RAM: known.ram_bytes, _ROM: known.rom_bytes}[self.metric]
        limit = 1.0 if alone else _limit(self.metric, target)
        return None if value is None or not limit else -value / limit


def _limit(metric: str, target: Target) -> float | None:
    return {_LATENCY: target.latency_ms, _RAM: target.ram_bytes, _ROM: target.rom_bytes}[metric]


@dataclass(frozen=True)
class Merit:
    """A measure of trials: the sum of its terms."""

    terms: tuple[_Term, ...] = (_Term(_ACCURACY),)
    lens: Lens = field(default_factory=Lens)
    target: Target = field(default_factory=Target)
    rank: int = 1
    """0 for a loss for want of an accuracy, 1 for the accuracy, more for so many objectives of the run."""
    note: str = ""
    """Why it is not the run's own objective; empty where it is, or where the run names none."""

    def of(self, trial: Trial) -> float | None:
        """Return how good a trial is, better being greater; None where one of the terms is not known of it."""
        total = 0.0
        for term in self.terms:
            value = term.value(trial, self.lens, self.target, alone=len(self.terms) == 1)
            if value is None:
                return None
            total += term.weight * value
        return finite(total)

    @property
    def is_loss(self) -> bool:
        """Whether it is the loss alone."""
        return [term.metric for term in self.terms] == [_LOSS]

    @property
    def is_accuracy(self) -> bool:
        """Whether it is the accuracy alone."""
        return [term.metric for term in self.terms] == [_ACCURACY]

    @property
    def words(self) -> str:
        """What it is, in words: `val loss`, or `val accuracy − 0.3 × latency/limit`."""
        part = "val" if self.lens.part == VALIDATION else self.lens.part
        if len(self.terms) == 1:
            return _name(self.terms[0], part, alone=True)
        told = ""
        for term in self.terms:
            sign = "" if term.metric == _ACCURACY else "− "
            weight = "" if term.weight == 1 else f"{term.weight:g} × "
            joint = " " if sign else " + "
            told += f"{joint if told else ''}{sign}{weight}{_name(term, part, alone=False)}"
        return told


def _name(term: _Term, part: str, *, alone: bool) -> str:
    if term.metric not in _COSTS:
        return f"{part} {term.metric}"
    return term.metric if alone else f"{term.metric}/limit"


def merit_of(run: Run, lens: Lens) -> Merit:
    """Return what the trials of `run` are ranked by: what can be computed of its objectives, else accuracy or loss."""
    wanted, note = _objective(run)
    terms = tuple(term for term in wanted if _is_known(term, run, lens, alone=len(wanted) == 1))
    own = Merit(terms, lens, run.config.target, 1 + len(terms))
    if terms and not _is_cost_alone(terms, wanted) and any(own.of(trial) is not None for trial in run.completed):
        return own
    if wanted and run.completed:
        note = f"no trial has all of its objective: {', '.join(term.metric for term in wanted)}"
    return replace(quality(run, lens), note=note)


def quality(run: Run, lens: Lens) -> Merit:
    """Return the accuracy as a measure, or the loss where no completed trial has an accuracy."""
    accuracy, loss = _Term(_ACCURACY), _Term(_LOSS)
    by_loss = not _is_known(accuracy, run, lens, alone=True) and _is_known(loss, run, lens, alone=True)
    return Merit((loss if by_loss else accuracy,), lens, run.config.target, 0 if by_loss else 1)


def _is_known(term: _Term, run: Run, lens: Lens, *, alone: bool) -> bool:
    return any(term.value(trial, lens, run.config.target, alone=alone) is not None for trial in run.completed)


def _is_cost_alone(terms: tuple[_Term, ...], wanted: tuple[_Term, ...]) -> bool:
    """Return whether only costs are left of an objective that has more: the cheapest would be the best."""
    return all(term.metric in _COSTS for term in terms) and any(term.metric not in _COSTS for term in wanted)


def _objective(run: Run) -> tuple[tuple[_Term, ...], str]:
    """Return the terms of the run's objective, and why there are none although it names one."""
    terms: list[_Term] = []
    for one in run.config.objectives:
        metric = _metric(one.name) or _metric(one.label)
        weight = 1.0 if one.weight is None else finite(one.weight)
        if metric is None or weight is None:
            return (), f"its objective “{one.name or one.label or 'unnamed'}” cannot be computed"
        # A weight's sign may tell the direction, which each metric has by itself.
        if weight:
            terms.append(_Term(metric, abs(weight)))
    unlimited = [term.metric for term in terms if term.metric in _COSTS and not _limit(term.metric, run.config.target)]
    if len(terms) > 1 and unlimited:
        return (), f"its objective weighs {' and '.join(unlimited)}, which the target does not limit"
    return tuple(terms), ""


def _metric(name: str) -> str | None:
    words = re.sub(r"[\s_-]+", " ", name.casefold()).strip()
    return _METRICS.get(_DIRECTION.sub("", words, count=1))
