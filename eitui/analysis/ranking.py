"""Which trial is best, and by what: the part of the data that is looked at, the measure, and the improvements.

Trials are ranked by the run's own objective where it can be computed, else by accuracy, else by loss.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from math import inf

from eitui.analysis.figures import LIMITED, Context, Figure, Lens, cost, finite, over_limits, precision_of
from eitui.domain.moment import Moment, TrialSpan
from eitui.domain.run import EMPTY_STANDING, Run, Standing, Target
from eitui.domain.trial import FLOAT32, INT8, TEST, TRAIN, VALIDATION, Trial


def usual_lens(run: Run) -> Lens:
    """Return what a run itself is about: validation, at its own precision."""
    return Lens(VALIDATION, precision_of(run))


def next_part(run: Run, lens: Lens) -> Lens:
    """Return `lens` on the next part of the data that trials of `run` were evaluated on; the same where it is alone."""
    known = {part for part, precision in _evaluated(run) if precision == lens.precision}
    return replace(lens, part=_after(lens.part, [part for part in _PARTS if part in known or part == VALIDATION]))


def next_precision(run: Run, lens: Lens) -> Lens:
    """Return `lens` at the next precision that trials of `run` were evaluated at; the same where it is alone.

    What was not evaluated on its part of the data at that precision is looked at on the validation data.
    """
    evaluated = _evaluated(run)
    known = {precision for _, precision in evaluated} | {usual_lens(run).precision}
    usual = [precision for precision in (INT8, FLOAT32) if precision in known]
    precision = _after(lens.precision, [*usual, *sorted(known.difference(usual))])
    part = lens.part if (lens.part, precision) in evaluated else VALIDATION
    return lens if precision == lens.precision else Lens(part, precision)


_PARTS = (VALIDATION, TEST, TRAIN)


def _evaluated(run: Run) -> set[tuple[str, str]]:
    """Return the parts and precisions at which any completed trial has a figure."""
    return {
        key
        for trial in run.completed
        for key, found in trial.evaluations.items()
        if found.accuracy is not None or found.loss is not None
    }


def _after(word: str, words: Sequence[str]) -> str:
    return words[(words.index(word) + 1) % len(words)] if word in words else words[0]


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
    # Where only costs are left of an objective that has more, the cheapest would be the best.
    is_cost_alone = all(term.metric in _COSTS for term in terms) and any(term.metric not in _COSTS for term in wanted)
    if terms and not is_cost_alone and any(own.of(trial) is not None for trial in run.completed):
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


_TIE = 0.015
"""Accuracies no further apart are called a tie: two trainings of one configuration differ by as much."""

TIED = "tie within 1.5 points"
"""What such a tie is called."""

TIE_SIGN = "≈"

_HAIR = 1e-9


def ranked(moment: Moment) -> Standing:
    """Return how the trials of the run of `moment` are ranked, by what the run itself is about."""
    return standing_of(moment.run, moment.standing)


def standing_of(run: Run, *known: Standing | None) -> Standing:
    """Return the one of `known` that is of `run`; where none is, rank the trials now."""
    for standing in (*known, EMPTY_STANDING):
        if standing is not None and standing.of is run:
            return standing
    return best(run)


def best(run: Run, lens: Lens | None = None) -> Standing:
    """Rank the completed trials of `run` by its objective, else by accuracy, else by loss (see `merit_of`).

    Evaluated networks come before those of which only an epoch is known. Equal ones: the faster, then the smaller, then
    the earlier. `lens`: None for what the run itself is about.
    """
    lens = lens or usual_lens(run)
    merit = merit_of(run, lens)
    context, target = Context(config=run.config, lens=Lens(precision=lens.precision)), run.config.target
    # Of a limit for which no completed trial has a figure nothing is known.
    limited = [
        one
        for one in LIMITED
        if one.limit is not None
        and one.limit(target) is not None
        and any(one.read(trial, context) is not None for trial in run.completed)
    ]
    rated = [
        ((_EVALUATED * is_evaluated(trial, lens) + merit.rank, value), trial)
        for trial in run.completed
        if (value := merit.of(trial)) is not None
    ]
    stands = Standing(by=merit.words, note=merit.note, of=run)
    # From the top: what each costs is worked out only for those that are as good as each other.
    for reached, equals in groupby(sorted(rated, key=_score, reverse=True), key=_score):
        trials = sorted((trial for _, trial in equals), key=lambda trial: _expense(trial, lens.precision))
        if stands.trial is None:
            stands = replace(stands, trial=trials[0], score=reached, tied=_tied(run, trials[0], lens))
        fitting = next((trial for trial in trials if _fits(trial, context, limited)), None)
        if fitting is not None:
            return replace(stands, within_limits=fitting, fit_score=reached)
    return stands


_EVALUATED = 100
"""More than any objective has terms."""


def is_evaluated(trial: Trial, lens: Lens) -> bool:
    """Return whether a trial's network was evaluated, on this part at this precision: else an epoch is all there is."""
    found = trial.evaluations.get((lens.part, lens.precision))
    return found is not None and (finite(found.accuracy) is not None or finite(found.loss) is not None)


def _fits(trial: Trial, context: Context, limited: Sequence[Figure]) -> bool:
    """Return whether a trial is known to keep the limits: what it costs where there is one is known, and none over."""
    target = context.config.target
    if over_limits(trial, context.lens.precision, target) or not (limited or not has_limits(target)):
        return False
    return all(one.read(trial, context) is not None for one in limited)


def has_limits(target: Target) -> bool:
    """Return whether a target sets any limit."""
    return any(one.limit is not None and one.limit(target) is not None for one in LIMITED)


def _tied(run: Run, first: Trial, lens: Lens) -> frozenset[str]:
    reached = lens.accuracy(first)
    if reached is None or not is_evaluated(first, lens):
        return frozenset()
    return frozenset(
        trial.id
        for trial in run.completed
        if trial is not first
        and is_evaluated(trial, lens)
        and (other := lens.accuracy(trial)) is not None
        and is_tie(other, reached)
    )


def is_tie(one: float, other: float) -> bool:
    """Return whether two accuracies (0..1) are too near each other to tell which network is better."""
    return abs(one - other) <= _TIE + _HAIR


def _score(rated: tuple[tuple[int, float], Trial]) -> tuple[int, float]:
    return rated[0]


def _expense(trial: Trial, precision: str) -> tuple[float, float]:
    """Return latency and memory; what is unknown is dearest."""
    known = cost(trial, precision)
    return inf if known.latency_ms is None else known.latency_ms, inf if known.ram_bytes is None else known.ram_bytes


_UNSEEN = TrialSpan()


@dataclass(frozen=True)
class Finished:
    """A completed trial, in its place among those that completed."""

    number: int
    """From 1."""
    trial_id: str
    round: int | None
    value: float | None
    """Its own figure; None where it has none."""
    best: float | None
    """The best up to and with this one."""
    improved: bool
    """Whether it was better than all before it; the first with a figure is."""


def finishing_order(trials: Sequence[Trial], spans: Mapping[str, TrialSpan]) -> list[Trial]:
    """Return completed trials in the order in which they finished.

    By when the service says a trial's training completed, else by when it was seen to end. One of which neither is
    known follows the trial before it, as the service lists them.
    """
    keyed: list[tuple[float, int, Trial]] = []
    time = float("-inf")
    for index, trial in enumerate(trials):
        finished_at, seen = finite(trial.last_completed_training), spans.get(trial.id, _UNSEEN).ended
        known = finished_at if finished_at is not None else finite(seen)
        time = known if known is not None else time
        keyed.append((time, index, trial))
    return [trial for _, _, trial in sorted(keyed, key=lambda entry: entry[:2])]


def rated(ordered: Sequence[Trial], merit: Merit) -> tuple[Finished, ...]:
    """Return `ordered` with their figures in what `merit` measures; of a loss less is better."""
    comparable = frozenset(trial.id for trial in merit.lens.comparable(ordered))
    finished: list[Finished] = []
    best: float | None = None
    for number, trial in enumerate(ordered, start=1):
        reached = merit.of(trial) if trial.id in comparable else None
        value = reached if reached is None or not merit.is_loss else -reached
        improved = reached is not None and (best is None or reached > best)
        best = reached if improved else best
        shown = best if best is None or not merit.is_loss else -best
        finished.append(Finished(number, trial.id, trial.round, value, shown, improved))
    return tuple(finished)


def since_improvement(finished: Sequence[Finished]) -> int:
    """Return how many have finished since the last improvement."""
    return len(finished) - max((trial.number for trial in finished if trial.improved), default=0)


def unimproved(run: Run, spans: Mapping[str, TrialSpan]) -> int:
    """Return how many have completed since the last improvement, by what the run's trials are ranked by.

    It is as near as one comes to the tuner's count, whose objectives may be others.
    """
    return since_improvement(rated(finishing_order(run.completed, spans), merit_of(run, usual_lens(run))))
