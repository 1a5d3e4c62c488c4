"""In what impulses differ: the parameters of their blocks, and their metrics."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from eitui.analysis.compare import Comparison, ComparisonRow
from eitui.analysis.figures import FigureKind, FigureValue, finite
from eitui.analysis.impulses import category_word, repeated, states
from eitui.domain.detail import EvaluationDetail
from eitui.domain.impulse import BlockSetup, DspBlock, Impulse, LearnBlock
from eitui.domain.threshold import text_of

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


def _differs(row: ComparisonRow) -> bool:
    return len({(type(value), value) for value in row.values}) > 1


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
