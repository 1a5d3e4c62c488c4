"""The networks of an impulse: how each is set up, and the layers that were trained."""

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from eitui.domain.impulse import Impulse, Layer, LearnBlock, Network
from eitui.view.impulse.parts import data_pairs, each, of_block, trained_line
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import fit, len_cells
from eitui.view.kit.lines import Line
from eitui.view.kit.page import heading, pair_lines

_NONE = "This impulse has no network."

_MOST_NAME = 32
_COUNT = 12
"""Cells of a column of counts."""


def network_lines(impulse: Impulse, width: int, now: float, tz: tzinfo | None = None) -> list[Line]:
    """Return the networks on lines of at most `width` cells (60 or more); `now` in seconds since the Unix epoch."""
    blocks = [block for block in impulse.learn if block.network is not None]
    return each(impulse, blocks, lambda block: _network(block, width, now, tz), _NONE, width)


def _network(block: LearnBlock, width: int, now: float, tz: tzinfo | None) -> list[list[Line]]:
    network = block.network or Network()
    first = [of_block(block), (("  ", ""), *trained_line(network.trained, network.created, now, tz))]
    return [
        [*first, *pair_lines(_facts(network), width)],
        _titled("Settings", pair_lines(network.settings, width)),
        _titled("Architecture", list(_numbered(network.architecture, width)), "as designed"),
        _layers(network.layers, width),
        _script(network.script, width),
    ]


def _facts(network: Network) -> list[tuple[str, str]]:
    recommended = f"  (recommended: {network.recommended})" if network.recommended else ""
    found = [
        ("does", " ".join(filter(None, (network.mode, network.last_layer)))),
        ("model types", ", ".join(network.model_types) + recommended if network.model_types else ""),
        ("outputs" if network.dependencies.heads else "classes", ", ".join(network.class_names)),
        ("image scaling", network.image_scaling),
    ]
    said_twice = {"classes", "outputs"} if network.class_names else set()
    rest = [(name, value) for name, value in data_pairs(network.dependencies) if name not in said_twice]
    return [(name, value) for name, value in found if value] + rest


def _titled(title: str, content: Sequence[Line], more: str = "") -> list[Line]:
    return [heading(title, more), *content] if content else []


def _numbered(layers: Sequence[str], width: int) -> Iterator[Line]:
    digits = len(str(len(layers)))
    for number, layer in enumerate(layers, 1):
        yield ((f"  {number:>{digits}}  ", "dim"), (fit(layer, min(width - digits - 4, len_cells(layer))), ""))


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


def _script(script: Sequence[str], width: int) -> list[Line]:
    if not script:
        return []
    title = heading("Training script", f"{fmt.count(len(script))} line{'s' * (len(script) != 1)}")
    return [title, *((("  ", ""), (fit(line, min(width - 2, len_cells(line))), "")) for line in script)]
