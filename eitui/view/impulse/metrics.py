"""How the learn blocks of an impulse did on the validation data, at each model type, and what they cost."""

from collections.abc import Mapping, Sequence

from eitui.analysis.impulses import category_words
from eitui.analysis.lens import Lens
from eitui.domain.detail import EvaluationDetail, OnDevice
from eitui.domain.impulse import Impulse, ImpulseMetric, LearnBlock
from eitui.domain.trial import VALIDATION
from eitui.view.impulse.parts import of_block
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import fit, len_cells
from eitui.view.kit.lines import Line
from eitui.view.kit.page import heading, note_lines, problems, stacked
from eitui.view.trial import confusion, metrics
from eitui.view.trial.device import cost_sections, target_name

_MOST_TITLE = 40


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
    sections = [section for block in impulse.learn for section in _block(block, lens, width)]
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
            lines += [_metric(metric, names, width) for metric in several]
    return lines


def _metric(metric: ImpulseMetric, names: int, width: int) -> Line:
    text = metric.text or fmt.MISSING
    room = width - names - 8 - len_cells(text)
    hint = fit(metric.hint, min(room, len_cells(metric.hint))) if metric.hint and room > 8 else ""
    return ((f"    {fit(metric.title, names)}", "dim"), (f"  {text}", ""), (f"  {hint}" if hint else "", "dim"))


def _block(block: LearnBlock, lens: Lens, width: int) -> Sequence[list[Line]]:
    title, validation = of_block(block), _validation(block)
    if block.trained is False:
        return [[title, *note_lines("○ Not trained yet: no metrics.", width, "warn")]]
    if not validation:
        return [[title, *note_lines("No validation metrics for this block.", width)], *_costs(block, lens, width)]
    evaluations = {(VALIDATION, kind): one for kind, one in validation.items()}
    first, *others = metrics.evaluated(evaluations, lens, width)
    matrix = confusion.matrix(evaluations, lens, width) or [note_lines(confusion.NO_MATRIX, width)]
    return [[title, *first], *others, *matrix, *_costs(block, lens, width)]


def _validation(block: LearnBlock) -> Mapping[str, EvaluationDetail]:
    return next((part.validation for part in (block.network, block.anomaly) if part is not None), {})


def _devices(block: LearnBlock) -> Mapping[str, OnDevice]:
    return next((part.devices for part in (block.network, block.anomaly) if part is not None), {})


def _costs(block: LearnBlock, lens: Lens, width: int) -> list[list[Line]]:
    devices = _devices(block)
    if not devices:
        return []
    target = target_name(devices)
    (first, *rest) = cost_sections(devices, lens, width)
    return [[heading("Cost", f"on {target}" if target else ""), *first], *rest]
