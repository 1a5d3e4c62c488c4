"""How the learn blocks of an impulse did on the validation data, at each model type, and what they cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from eitui.analysis.figures import Costed, Lens, finite, known_sum
from eitui.analysis.impulses import category_words
from eitui.domain.detail import EvaluationDetail, OnDevice
from eitui.domain.impulse import Folds, Impulse, LearnBlock
from eitui.domain.trial import VALIDATION, Performance
from eitui.view.impulse.parts import of_block
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import fit, len_cells
from eitui.view.kit.lines import Line
from eitui.view.kit.page import heading, note_lines, problems, stacked
from eitui.view.kit.status import UNTRAINED
from eitui.view.trial import confusion, metrics
from eitui.view.trial.device import cost_sections, target_name
from eitui.view.trial.parts import chosen_precision

_MOST_TITLE = 40
_MEASURE, _FIGURE = 12, 9


def model_types(impulse: Impulse) -> tuple[str, ...]:
    """Return the model types that there are metrics of, in the service's order."""
    return tuple(dict.fromkeys(kind for block in impulse.learn for kind in (*_validation(block), *_devices(block))))


def usual_type(impulse: Impulse) -> str:
    """Return the model type to look at first: the one that the service recommends."""
    wanted = [
        part.recommended for block in impulse.learn for part in (block.network, block.anomaly) if part is not None
    ]
    types = model_types(impulse)
    return next((kind for kind in (*wanted, *types) if kind in types), "")


def impulse_metric_lines(impulse: Impulse, width: int, model_type: str = "") -> list[Line]:
    """Return the metrics on lines of at most `width` cells (60 or more); classes are shown at `model_type`."""
    lens = Lens(VALIDATION, model_type)
    sections = [section for block in impulse.learn for section in _block(impulse, block, lens, width)]
    if not impulse.learn:
        sections = [note_lines("This impulse has no learn block: no metrics.", width)]
    return stacked([_compared(impulse, width), *sections, problems(impulse.problems, width)], width)


def _compared(impulse: Impulse, width: int) -> list[Line]:
    """Return what the service compares impulses by, category by category, with what it says of the values."""
    found = [metric for several in impulse.metrics.values() for metric in several]
    if not found:
        return []
    names = min(_MOST_TITLE, max(len_cells(metric.title) for metric in found), width // 2)
    lines = [heading("Metrics in the impulse comparison of Edge Impulse")]
    for category, several in impulse.metrics.items():
        if several:
            words = category_words(category)
            title = words[:1].upper() + words[1:]
            lines.append(((f"  {fit(title, min(width - 2, len_cells(title)))}", "accent"),))
        for metric in several:
            text = metric.text or fmt.MISSING
            room = width - names - 8 - len_cells(text)
            hint = f"  {fit(metric.hint, min(room, len_cells(metric.hint)))}" if metric.hint and room > 8 else ""
            lines.append(((f"    {fit(metric.title, names)}", "dim"), (f"  {text}", ""), (hint, "dim")))
    return lines


def _block(impulse: Impulse, block: LearnBlock, lens: Lens, width: int) -> Sequence[list[Line]]:
    head, validation = [of_block(block)], _validation(block)
    if block.trained is False:
        return [[*head, *UNTRAINED.lines("Not trained yet: no metrics.", width)]]
    costs = block_costs(_devices(block), lens, width, _costed(impulse, block))
    if not validation:
        return [[*head, *note_lines("No validation metrics for this block.", width)], *costs]
    first, classes, *matrix = block_metrics(validation, lens, width)
    folds = block.network.folds if block.network is not None else None
    spread = []
    if folds is not None:
        spread = _spread(folds, lens)
        # Which of several networks the values are of.
        kept = f"fold {folds.kept}" if folds.kept.isdecimal() else folds.kept
        of = "the final run on all training data" if folds.final else kept or "one of them, unknown which"
        by = f", chosen by {folds.chosen_by}" if folds.chosen_by and kept else ""
        head += note_lines(f"Trained in {len(folds.folds)} folds. The values are of {of}{by}.", width)
    matrix = matrix or [note_lines(confusion.NO_MATRIX, width)]
    return [[*head, *first], spread, classes, *matrix, *costs]


def _spread(folds: Folds, lens: Lens) -> list[Line]:
    """Return how far the folds lie apart at the model type of `lens`, else at the first one that they have."""
    types = dict.fromkeys(kind for fold in folds.folds for kind in fold.evaluations)
    if not types:
        return []
    kind = chosen_precision(types, lens)
    found = [fold.evaluations[kind] for fold in folds.folds if kind in fold.evaluations]
    lines = [
        heading("Spread over the folds", f"on validation, {kind}"),
        ((" " * _MEASURE, ""), *((fit(head, _FIGURE, "right"), "dim") for head in ("lowest", "mean", "highest"))),
    ]
    for name, given, form in (
        ("accuracy", [one.accuracy for one in found], fmt.percent),
        ("loss", [one.loss for one in found], fmt.loss),
    ):
        values = [value for value in map(finite, given) if value is not None]
        shown = (min(values), fmean(values), max(values)) if values else (None, None, None)
        lines.append(((fit(name, _MEASURE), ""), *((fit(form(value), _FIGURE, "right"), "") for value in shown)))
    return lines


def block_metrics(validation: Mapping[str, EvaluationDetail], lens: Lens, width: int) -> list[list[Line]]:
    """Return a block's metrics on the validation data, by model type: a summary, the classes, the confusion if any."""
    evaluations = {(VALIDATION, kind): one for kind, one in validation.items()}
    return [*metrics.evaluated(evaluations, lens, width), *confusion.matrix(evaluations, lens, width)]


def block_costs(
    devices: Mapping[str, OnDevice], lens: Lens, width: int, costed: Costed | None = None
) -> list[list[Line]]:
    """Return what a block costs on the target and on other devices; nothing where the service has no values."""
    if not devices:
        return []
    target = target_name(devices)
    first, *others = cost_sections(devices, lens, width, costed=costed)
    return [[heading("Cost", f"on {target}" if target else ""), *first], *others]


def _validation(block: LearnBlock) -> Mapping[str, EvaluationDetail]:
    return next((part.validation for part in (block.network, block.anomaly) if part is not None), {})


def _devices(block: LearnBlock) -> Mapping[str, OnDevice]:
    return next((part.devices for part in (block.network, block.anomaly) if part is not None), {})


@dataclass(frozen=True)
class _ImpulseCost:
    """What the parts of an impulse with one network cost, in the form of a trial's."""

    performance: Mapping[str, Performance]
    dsp: Performance
    anomaly: Mapping[str, Performance] | None


def _costed(impulse: Impulse, block: LearnBlock) -> Costed | None:
    """Return what the parts of the impulse cost whose only network is in `block`; None where there is another."""
    networks = [one for one in impulse.learn if one.network is not None]
    if networks != [block]:
        return None
    anomaly = next((one for one in impulse.learn if one.anomaly is not None), None)
    return _ImpulseCost(
        _on_targets(block),
        Performance(
            known_sum(one.cost.latency_ms for one in impulse.dsp), known_sum(one.cost.ram for one in impulse.dsp)
        ),
        None if anomaly is None else _on_targets(anomaly),
    )


def _on_targets(block: LearnBlock) -> Mapping[str, Performance]:
    return {kind: one.target.performance for kind, one in _devices(block).items() if one.target is not None}
