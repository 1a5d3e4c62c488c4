"""In what trials, or impulses, differ: parameters and figures side by side, without what is the same for all."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from eitui.analysis.figures import FIGURES, Context, FigureKind, FigureValue, Lens, finite
from eitui.analysis.impulses import category_word, repeated, states
from eitui.analysis.ranking import is_tie
from eitui.domain.detail import EvaluationDetail
from eitui.domain.impulse import BlockSetup, DspBlock, Impulse, LearnBlock
from eitui.domain.threshold import text_of
from eitui.domain.trial import TEST, VALIDATION, Trial


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

    trials: tuple[Trial | Impulse, ...] = ()
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
    told = (row for row in _figures(trials, precision) if any(value is not None for value in row.values))
    return _compared(trials, parameters, told)


def _compared(
    things: Sequence[Trial | Impulse], parameters: Sequence[Mapping[str, FigureValue]], told: Iterable[ComparisonRow]
) -> Comparison:
    names = dict.fromkeys(name for mapping in parameters for name in mapping)
    given = [ComparisonRow(name, tuple(mapping.get(name) for mapping in parameters)) for name in names]
    known = list(told)
    different, also = (
        tuple(row for row in rows if len({(type(value), value) for value in row.values}) > 1) for rows in (given, known)
    )
    return Comparison(tuple(things), different, also, len(given) - len(different), len(known) - len(also))


def _figures(trials: Sequence[Trial], precision: str) -> Iterator[ComparisonRow]:
    """Yield the figures, those of a part of the data on all parts: the latest epoch stands in for none on `test`."""
    order = list(FigureKind)
    for figure in sorted(
        FIGURES, key=lambda figure: (order.index(figure.kind), figure.column.rank if figure.column else math.inf)
    ):
        for part in (VALIDATION, TEST) if figure.of_part else (VALIDATION,):
            if figure.is_compared:
                context = Context(lens=Lens(part, precision))
                read = [figure.read(trial, context) for trial in trials]
                # A number as a float, so that 1 and 1.0 are the same.
                values = tuple(value if value is None or isinstance(value, str) else float(value) for value in read)
                numbers = {index: value for index, value in enumerate(values) if isinstance(value, float)}
                best: frozenset[int] = frozenset()
                tied: frozenset[int] = frozenset()
                if figure.better and len(set(numbers.values())) > 1:
                    first = max(numbers.values()) if figure.better == "higher" else min(numbers.values())
                    best = frozenset(index for index, value in numbers.items() if value == first)
                    if figure.of_part and figure.kind is FigureKind.SHARE:
                        near = {index for index, value in numbers.items() if is_tie(value, first)}
                        tied = frozenset(near - best)
                yield ComparisonRow(figure.of(part).label or figure.id, values, figure.kind, best, tied)


_NAMES = {"input": "input", "dsp": "DSP", "learn": "learn", "post-processing": "post"}


def compare_impulses(impulses: Sequence[Impulse]) -> Comparison:
    """Return in what `impulses` differ, without what is the same for all.

    Blocks are compared by their kind and their place among those of it: the first learn block with the first. Which
    metrics are better when they are higher the service does not say: none is called the best.
    """
    told = [ComparisonRow("state", tuple(", ".join(states(impulse)) for impulse in impulses))]
    if any(impulse.dataset is not None for impulse in impulses):
        labels = tuple(impulse.dataset.label if impulse.dataset is not None else None for impulse in impulses)
        told.append(ComparisonRow("dataset version", labels))
    told += [*_metrics(impulses), *_validation(impulses)]
    return _compared(impulses, list(map(_parameters, impulses)), told)


def different_data(impulses: Iterable[Impulse]) -> bool:
    """Whether impulses are known to be made of different versions of the project's data."""
    return len({impulse.dataset.id for impulse in impulses if impulse.dataset is not None}) > 1


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
    several: list[dict[tuple[str, str], EvaluationDetail]] = []
    for impulse in impulses:
        evaluations = {}
        for lead, block in _led(impulse):
            part = (block.network or block.anomaly) if isinstance(block, LearnBlock) else None
            for model_type, evaluation in (part.validation if part is not None else {}).items():
                evaluations[lead, model_type] = evaluation
        several.append(evaluations)
    for key in dict.fromkeys(key for evaluations in several for key in evaluations):
        name = ", ".join(filter(None, key))
        found = [evaluations.get(key, EvaluationDetail()) for evaluations in several]
        accuracies = tuple(finite(one.accuracy) for one in found)
        losses = tuple(finite(one.loss) for one in found)
        if set(accuracies) != {None}:
            yield ComparisonRow(f"{name}: accuracy", accuracies, FigureKind.SHARE)
        if set(losses) != {None}:
            yield ComparisonRow(f"{name}: loss", losses, FigureKind.LOSS)
        others = [{metric.name: (metric.text, metric.value) for metric in one.metrics} for one in found]
        for other in dict.fromkeys(other for mapping in others for other in mapping):
            told = _shown([mapping.get(other, ("", None)) for mapping in others])
            yield ComparisonRow(f"{name}: {other}", told)


def _led(impulse: Impulse) -> Iterator[tuple[str, BlockSetup]]:
    """Yield the blocks with what each is called in a comparison."""
    places: Counter[str] = Counter()
    for block in impulse.blocks:
        places[block.kind] += 1
        number = f" {places[block.kind]}" if places[block.kind] > 1 else ""
        yield f"{_NAMES.get(block.kind, block.kind)}{number}", block


def _parameters(impulse: Impulse) -> Mapping[str, FigureValue]:
    """Return parameters by name. Names are for people, two of a block may be the same: the second has a number."""
    found: dict[str, FigureValue] = {}
    for lead, block in _led(impulse):
        for name, value in _of_block(block):
            unlike, number = f"{lead}: {name}", 1
            while unlike in found:
                number += 1
                unlike = f"{lead}: {name} ({number})"
            found[unlike] = value
    return found


def _of_block(block: BlockSetup) -> Iterator[tuple[str, FigureValue]]:
    """Yield what a block is and how it is set up, without ids, which always differ."""
    yield "block", block.title or block.type or "without a name"
    ids = ("DSP", ", ".join(map(str, block.dsp))) if isinstance(block, LearnBlock) else None
    yield from (parameter for parameter in block.parameters if parameter != ids)
    if isinstance(block, DspBlock):
        costs = (("latency (ms)", block.cost.latency_ms), ("RAM (bytes)", block.cost.ram))
        for name, count in (*costs, ("values per window", block.features.count)):
            if count is not None:
                yield name, float(count)
    if isinstance(block, LearnBlock):
        if block.network is not None:
            yield from block.network.settings
            yield from ((f"layer {place}", layer) for place, layer in enumerate(block.network.architecture, 1))
        if block.anomaly is not None:
            if block.anomaly.cluster_count is not None:
                yield "clusters", float(block.anomaly.cluster_count)
            yield "features", ", ".join(axis.label for axis in block.anomaly.selected) or "none"
        for threshold in block.thresholds:
            if threshold.value is not None:
                value = threshold.kind.number(threshold.value)
                yield threshold.ref.name, text_of(threshold.value) if value is None else value
