"""In what trials, or impulses, differ: parameters and figures side by side, without what is the same for all."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from eitui.analysis.figures import FIGURES, Context, FigureKind, FigureValue, Lens, finite
from eitui.analysis.impulses import category_word, repeated, states
from eitui.analysis.ranking import is_tie
from eitui.domain.detail import EvaluationDetail
from eitui.domain.impulse import BlockSetup, DspBlock, Impulse, LearnBlock
from eitui.domain.threshold import text_of
from eitui.domain.trial import TEST, VALIDATION, Trial


class Named(Protocol):
    """What is compared: trials, or impulses."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...


@dataclass(frozen=True)
class ComparisonRow:
    """Something in which trials differ."""

    name: str
    values: tuple[FigureValue | None, ...]
    """One a trial, in the order of the trials; None where a trial has none."""
    kind: FigureKind = FigureKind.PARAMETER
    best: frozenset[int] = frozenset()
    """Which of the values are best: the highest accuracy, the lowest loss or cost. Empty where all are alike."""
    tied: frozenset[int] = frozenset()
    """Which accuracies are so near the best that they are a tie with it."""


@dataclass(frozen=True)
class Comparison:
    """Trials side by side."""

    trials: tuple[Named, ...] = ()
    parameters: tuple[ComparisonRow, ...] = ()
    """Parameters that differ, in the order in which the trials bring them."""
    figures: tuple[ComparisonRow, ...] = ()
    """Figures that differ, accuracies first."""
    same_parameters: int = 0
    """Parameters that all of them have with the same value."""
    same_figures: int = 0


def compare(trials: Sequence[Trial], parameters: Sequence[Mapping[str, FigureValue]], precision: str) -> Comparison:
    """Return in what `trials` differ. `parameters` has the parameters of each, in the same order.

    Numbers are equal only if they are identical: 0.001 and 0.0010001 are two learning rates. A trial that lacks a
    parameter which another has differs from it. `precision` says which of the evaluations is compared.
    """
    names = list(dict.fromkeys(name for mapping in parameters for name in mapping))
    given = [ComparisonRow(name, tuple(mapping.get(name) for mapping in parameters)) for name in names]
    told = [row for row in _figures(trials, precision) if any(value is not None for value in row.values)]
    different, also = list(filter(_differs, given)), list(filter(_differs, told))
    return Comparison(tuple(trials), tuple(different), tuple(also), len(given) - len(different), len(told) - len(also))


def _differs(row: ComparisonRow) -> bool:
    return len({(type(value), value) for value in row.values}) > 1


def _figures(trials: Sequence[Trial], precision: str) -> Iterator[ComparisonRow]:
    """Yield the figures, those of a part of the data on all parts: the latest epoch stands in for none on `test`."""
    order = list(FigureKind)
    for figure in sorted(
        FIGURES, key=lambda figure: (order.index(figure.kind), figure.column.rank if figure.column else math.inf)
    ):
        for part in (VALIDATION, TEST) if figure.of_part else (VALIDATION,):
            if figure.is_compared:
                context = Context(lens=Lens(part, precision))
                values = tuple(_whole(figure.read(trial, context)) for trial in trials)
                best = _best(values, figure.better)
                tied = _tied(values, best) if figure.of_part and figure.kind is FigureKind.SHARE else frozenset()
                yield ComparisonRow(figure.of(part).label or figure.id, values, figure.kind, best, tied)


def _whole(value: FigureValue | None) -> FigureValue | None:
    """Return a number as a float, so that 1 and 1.0 are the same."""
    return value if value is None or isinstance(value, str) else float(value)


def _best(values: Sequence[FigureValue | None], better: str) -> frozenset[int]:
    known = [value for value in values if isinstance(value, float)]
    if not better or len(set(known)) < 2:
        return frozenset()
    best = max(known) if better == "higher" else min(known)
    return frozenset(index for index, value in enumerate(values) if value == best)


def _tied(values: Sequence[FigureValue | None], best: frozenset[int]) -> frozenset[int]:
    known = {index: value for index, value in enumerate(values) if isinstance(value, float)}
    return frozenset(
        index
        for index, value in known.items()
        if index not in best and any(is_tie(value, known[other]) for other in best)
    )


_NAMES = {"input": "input", "dsp": "DSP", "learn": "learn", "post-processing": "post"}


def compare_impulses(impulses: Sequence[Impulse]) -> Comparison:
    """Return in what `impulses` differ, without what is the same for all.

    Blocks are compared by their kind and their place among those of it: the first learn block with the first. Which
    metrics are better when they are higher the service does not say: none is called the best.
    """
    parameters = [_numbered(_parameters(impulse)) for impulse in impulses]
    names = list(dict.fromkeys(name for several in parameters for name in several))
    given = [ComparisonRow(name, tuple(several.get(name) for several in parameters)) for name in names]
    told = [
        ComparisonRow("state", tuple(_state(impulse) for impulse in impulses)),
        *_datasets(impulses),
        *_metrics(impulses),
        *_validation(impulses),
    ]
    different, also = list(filter(_differs, given)), list(filter(_differs, told))
    return Comparison(
        tuple(impulses), tuple(different), tuple(also), len(given) - len(different), len(told) - len(also)
    )


def _datasets(impulses: Sequence[Impulse]) -> Iterator[ComparisonRow]:
    if any(impulse.dataset is not None for impulse in impulses):
        labels = tuple(impulse.dataset.label if impulse.dataset is not None else None for impulse in impulses)
        yield ComparisonRow("dataset version", labels)


def different_data(impulses: Iterable[Impulse]) -> bool:
    """Whether impulses are known to be made of different versions of the project's data."""
    return len({impulse.dataset.id for impulse in impulses if impulse.dataset is not None}) > 1


def _state(impulse: Impulse) -> str:
    return ", ".join(states(impulse))


def _metrics(impulses: Sequence[Impulse]) -> Iterator[ComparisonRow]:
    known: dict[tuple[str, str], str] = {}
    for impulse in impulses:
        for category, several in impulse.metrics.items():
            for metric in several:
                known.setdefault((category, metric.name), metric.title)
    twice = repeated(known.values())
    for (category, name), title in known.items():
        metrics = [impulse.metric(category, name) for impulse in impulses]
        told = [("", None) if metric is None else (metric.text, metric.number) for metric in metrics]
        yield ComparisonRow(f"{category_word(category)}: {title}" if title in twice else title, _shown(told))


def _shown(told: Sequence[tuple[str, float | None]]) -> tuple[FigureValue | None, ...]:
    """Return the service's texts; in full where those read alike and the numbers behind them do not."""
    numbers = tuple(finite(number) for _, number in told)
    texts = tuple(text or number for (text, _), number in zip(told, numbers, strict=True))
    if len(set(texts)) < len(set(numbers)) and None not in numbers:
        return numbers
    return texts


def _validation(impulses: Sequence[Impulse]) -> Iterator[ComparisonRow]:
    """Yield the metrics on the validation data, of every learn block at every model type."""
    several = [dict(_evaluations(impulse)) for impulse in impulses]
    for key in dict.fromkeys(key for evaluations in several for key in evaluations):
        yield from _evaluated(", ".join(filter(None, key)), [evaluations.get(key, _NONE) for evaluations in several])


_NONE = EvaluationDetail()


def _evaluated(lead: str, found: Sequence[EvaluationDetail]) -> Iterator[ComparisonRow]:
    accuracies = tuple(finite(one.accuracy) for one in found)
    losses = tuple(finite(one.loss) for one in found)
    if set(accuracies) != {None}:
        yield ComparisonRow(f"{lead}: accuracy", accuracies, FigureKind.SHARE)
    if set(losses) != {None}:
        yield ComparisonRow(f"{lead}: loss", losses, FigureKind.LOSS)
    others = [{metric.name: (metric.text, metric.value) for metric in one.metrics} for one in found]
    for name in dict.fromkeys(name for mapping in others for name in mapping):
        yield ComparisonRow(f"{lead}: {name}", _shown([mapping.get(name, ("", None)) for mapping in others]))


def _evaluations(impulse: Impulse) -> Iterator[tuple[tuple[str, str], EvaluationDetail]]:
    """Yield the evaluations of an impulse by what the block is called here and the model type."""
    for lead, block in _led(impulse):
        if isinstance(block, LearnBlock):
            part = block.network or block.anomaly
            for model_type, evaluation in (part.validation if part is not None else {}).items():
                yield (lead, model_type), evaluation


def _led(impulse: Impulse) -> Iterator[tuple[str, BlockSetup]]:
    """Yield the blocks with what each is called in a comparison."""
    places: Counter[str] = Counter()
    for block in impulse.blocks:
        places[block.kind] += 1
        number = f" {places[block.kind]}" if places[block.kind] > 1 else ""
        yield f"{_NAMES.get(block.kind, block.kind)}{number}", block


def _parameters(impulse: Impulse) -> Iterator[tuple[str, FigureValue]]:
    for lead, block in _led(impulse):
        for name, value in _of_block(block):
            yield f"{lead}: {name}", value


def _numbered(parameters: Iterable[tuple[str, FigureValue]]) -> Mapping[str, FigureValue]:
    """Return parameters by name. Names are for people, two of a block may be the same: the second has a number."""
    found: dict[str, FigureValue] = {}
    for name, value in parameters:
        unlike, number = name, 1
        while unlike in found:
            number += 1
            unlike = f"{name} ({number})"
        found[unlike] = value
    return found


def _of_block(block: BlockSetup) -> Iterator[tuple[str, FigureValue]]:
    """Yield what a block is and how it is set up, without ids, which always differ."""
    yield "block", block.title or block.type or "without a name"
    ids = _ids(block)
    yield from ((name, value) for name, value in block.parameters if (name, value) not in ids)
    if isinstance(block, DspBlock):
        yield from _cost(block)
    if isinstance(block, LearnBlock):
        yield from _learnt(block)


def _ids(block: BlockSetup) -> frozenset[tuple[str, str]]:
    if not isinstance(block, LearnBlock):
        return frozenset()
    return frozenset({("DSP", ", ".join(map(str, block.dsp)))})


def _cost(block: DspBlock) -> Iterator[tuple[str, FigureValue]]:
    if block.cost.latency_ms is not None:
        yield "latency (ms)", float(block.cost.latency_ms)
    if block.cost.ram is not None:
        yield "RAM (bytes)", float(block.cost.ram)
    if block.features.count is not None:
        yield "values per window", float(block.features.count)


def _learnt(block: LearnBlock) -> Iterator[tuple[str, FigureValue]]:
    if block.network is not None:
        yield from block.network.settings
        for place, layer in enumerate(block.network.architecture, 1):
            yield f"layer {place}", layer
    if block.anomaly is not None:
        if block.anomaly.cluster_count is not None:
            yield "clusters", float(block.anomaly.cluster_count)
        yield "features", ", ".join(axis.label for axis in block.anomaly.selected) or "none"
    for threshold in block.thresholds:
        if threshold.value is not None:
            number = threshold.kind.number(threshold.value)
            yield threshold.ref.name, text_of(threshold.value) if number is None else number
