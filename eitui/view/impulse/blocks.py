"""What an impulse is made of: its blocks, what is known of it as a whole, and its networks with their layers."""

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from eitui.analysis.impulse_states import INCOMPLETE, NOT_CONFIGURED, STALE, STATE_UNKNOWN
from eitui.analysis.impulses import states
from eitui.domain.impulse import (
    DSP,
    INPUT,
    LEARN,
    POST_PROCESSING,
    BlockSetup,
    DspBlock,
    Impulse,
    Layer,
    LearnBlock,
    Network,
)
from eitui.view.impulse.parts import (
    SEPARATOR,
    about_block,
    data_pairs,
    each,
    of_block,
    state_line,
    trained_line,
    when_text,
)
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import fit, len_cells
from eitui.view.kit.lines import Line
from eitui.view.kit.page import heading, note_lines, pair_lines, problems, stacked
from eitui.view.kit.status import CAUTION, UNTRAINED

_NONE = "This impulse has no network."

_MOST_NAME = 32
_COUNT = 12
"""Cells of a column of counts."""

_TITLES = {INPUT: "Input", DSP: "DSP", LEARN: "Learn", POST_PROCESSING: "Post-processing"}
_MADE_BY = {"createImpulse": "by hand", "clone": "as a copy", "tuner": "by the EON Tuner"}
_WHY = {
    NOT_CONFIGURED: "Not all blocks are configured: nothing to train yet.",
    INCOMPLETE: "Not all blocks are trained.",
    STATE_UNKNOWN: "Edge Impulse does not say whether all blocks are configured and trained.",
    STALE: "The data changed since the features were generated: retrain for current metrics.",
}


def impulse_block_lines(impulse: Impulse, width: int, now: float, tz: tzinfo | None = None) -> list[Line]:
    """Return the impulse on lines of at most `width` cells (60 or more); `now` in seconds since the Unix epoch."""
    data, dataset = impulse.dataset, ""
    if data is not None:
        created = "" if data.created is None else when_text(data.created, now, tz)
        dataset = SEPARATOR.join(filter(None, (data.label, data.description, created)))
    found = (
        ("id", "" if impulse.id is None else str(impulse.id)),
        ("kind", "" if impulse.type == "default" else impulse.type),
        ("uploaded model", impulse.model_file),
        ("tags", ", ".join(impulse.tags)),
        ("author", impulse.author),
        ("from trial", impulse.from_trial or ""),
        ("dataset", dataset),
    )
    why = [line for word in states(impulse) if word in _WHY for line in note_lines(_WHY[word], width)]
    facts = pair_lines([(name, value) for name, value in found if value], width, indent=0)
    none = note_lines("No blocks yet. Create them in the Studio.", width) if not impulse.blocks else []
    return stacked(
        [
            [state_line(impulse), *why, *facts],
            *(_block(block, width, now, tz) for block in impulse.blocks),
            none,
            problems(impulse.problems, width),
        ],
        width,
    )


def _block(block: BlockSetup, width: int, now: float, tz: tzinfo | None) -> list[Line]:
    title = " · ".join(filter(None, (block.title, about_block(block))))
    lines = [heading(_TITLES.get(block.kind, block.kind), title)]
    if isinstance(block, LearnBlock) and (block.network is not None or block.anomaly is not None):
        created = block.network.created if block.network is not None else block.anomaly and block.anomaly.created
        lines.append((("  ", ""), *trained_line(block.trained, created or None, now, tz)))
    if isinstance(block, DspBlock):
        lines += _dsp(block, width, now, tz)
    if block.created is not None or block.created_by:
        at = "" if block.created is None else when_text(block.created, now, tz)
        by = _MADE_BY.get(block.created_by, block.created_by)
        lines += pair_lines([("made", " ".join(filter(None, (at, by))))], width)
    return [*lines, *(pair_lines(block.parameters, width) or [(("  no parameters", "dim"),)])]


def _dsp(block: DspBlock, width: int, now: float, tz: tzinfo | None) -> Iterator[Line]:
    if block.error:
        yield from CAUTION.lines(block.error, width)
    cost = block.cost
    figures = [fmt.latency(cost.latency_ms) if cost.latency_ms is not None else "", cost.text]
    figures.insert(1, f"{fmt.memory(cost.ram)} RAM" if cost.ram is not None else "")
    known = ", ".join(filter(None, figures))
    yield (("  cost on the device  ", "dim"), (known or "unknown", "" if known else "dim"))
    features = block.features
    if features.generated is False:
        yield (("  ", ""), UNTRAINED.says("no features generated yet"))
        return
    counted = (
        f"{fmt.count(features.windows)} windows" if features.windows is not None else "",
        f"of {fmt.count(features.count)} values" if features.count is not None else "",
        f"({features.shape})" if "×" in features.shape else "",
        "" if features.created is None else f"  {when_text(features.created, now, tz)}",
    )
    text = " ".join(filter(None, counted))
    if text:
        yield (("  features            ", "dim"), (fit(text, min(width - 22, len(text))), ""))
    yield from pair_lines(features.made_with, width, indent=4)
    for failed in features.failed:
        yield from (((" " * 2, ""), *line) for line in CAUTION.lines(failed, width - 2))


# The networks of its learn blocks


def network_lines(impulse: Impulse, width: int, now: float, tz: tzinfo | None = None) -> list[Line]:
    """Return the networks on lines of at most `width` cells (60 or more); `now` in seconds since the Unix epoch."""
    blocks = [block for block in impulse.learn if block.network is not None]
    return each(impulse, blocks, lambda block: _network(block, width, now, tz), _NONE, width)


def _network(block: LearnBlock, width: int, now: float, tz: tzinfo | None) -> Iterator[list[Line]]:
    network = block.network or Network()
    recommended = f"  (recommended: {network.recommended})" if network.recommended else ""
    said_twice = {"classes", "outputs"} if network.class_names else set()
    found = [
        ("does", " ".join(filter(None, (network.mode, network.last_layer)))),
        ("model types", ", ".join(network.model_types) + recommended if network.model_types else ""),
        ("outputs" if network.dependencies.heads else "classes", ", ".join(network.class_names)),
        ("image scaling", network.image_scaling),
        *((name, value) for name, value in data_pairs(network.dependencies) if name not in said_twice),
    ]
    yield [
        of_block(block),
        (("  ", ""), *trained_line(network.trained, network.created, now, tz)),
        *pair_lines([(name, value) for name, value in found if value], width),
    ]
    if network.settings:
        yield [heading("Settings"), *pair_lines(network.settings, width)]
    if network.architecture:
        digits = len(str(len(network.architecture)))
        yield [
            heading("Architecture", "as designed"),
            *(
                ((f"  {number:>{digits}}  ", "dim"), (fit(layer, min(width - digits - 4, len_cells(layer))), ""))
                for number, layer in enumerate(network.architecture, 1)
            ),
        ]
    yield _layers(network.layers, width)
    if network.script:
        count = len(network.script)
        yield [
            heading("Training script", f"{fmt.count(count)} line{'s' * (count != 1)}"),
            *((("  ", ""), (fit(line, min(width - 2, len_cells(line))), "")) for line in network.script),
        ]


def _layers(layers: Sequence[Layer], width: int) -> list[Line]:
    if not layers:
        return []
    names = min(_MOST_NAME, max(6, *(len_cells(name) for layer in layers for name in (layer.input, layer.output))))
    names = min(names, (width - 2 * _COUNT - 16) // 2)
    return [
        heading("Layers", "as trained; number of input and output values"),
        (
            (f"  {fit('from', names)}{fit('values', _COUNT, 'right')}  ", "dim"),
            (f"{fit('to', names)}{fit('values', _COUNT, 'right')}  of type", "dim"),
        ),
        *(
            (
                (f"  {fit(layer.input or fmt.MISSING, names)}", "dim"),
                (f"{fit(fmt.count(layer.inputs), _COUNT, 'right')}  ", ""),
                (f"{fit(layer.output or fmt.MISSING, names)}", ""),
                (f"{fit(fmt.count(layer.outputs), _COUNT, 'right')}  ", ""),
                (layer.type or fmt.MISSING, "dim"),
            )
            for layer in layers
        ),
    ]
