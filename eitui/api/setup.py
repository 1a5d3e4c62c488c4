"""How the blocks of an impulse are set up: their parameters as pairs of name and value that a person can read."""

from collections.abc import Iterable, Iterator
from itertools import islice

from eitui.api.blocks import plain
from eitui.api.models.blocks import Block
from eitui.api.models.dsp import DSPConfig, DSPInfo, DSPMetadata, DspPerformance, OutputConfig
from eitui.api.models.impulses import DspBlockConfig
from eitui.api.models.parameters import DSPGroupItem
from eitui.api.readable import MISSING, MOST_PAIRS, Pairs, name_of, pairs
from eitui.domain.impulse import DSP, BlockSetup, DspBlock, DspCost, Features

_SAID_ELSEWHERE = frozenset({"id", "type", "title", "name", "createdBy", "createdAt"})
"""Fields of a block that are in its heading."""


def setup_of(kind: str, block: Block, parameters: Pairs = ()) -> BlockSetup:
    """Return a block with its own fields as parameters, and `parameters` that are kept elsewhere after them."""
    own = pairs(plain(block), _SAID_ELSEWHERE)
    title = block.title or block.name or name_of(block.type)
    return BlockSetup(block.id, kind, title, block.type, own + parameters, block.created_at, block.created_by)


def form_pairs(items: Iterable[DSPGroupItem]) -> Pairs:
    """Return the parameters of a form of the Studio's, without those that it would not show."""
    shown = (item for item in items if item.should_show is not False)
    return tuple(islice(_named(shown), MOST_PAIRS))


def _named(items: Iterable[DSPGroupItem]) -> Iterator[tuple[str, str]]:
    for item in items:
        name = item.name or name_of(item.param)
        if name:
            yield name, _chosen(item) or MISSING


def _chosen(item: DSPGroupItem) -> str:
    """Return a parameter's value, in the words of the option where it was chosen from a list."""
    value = item.value or item.default_value
    labels = (option.option_label for option in item.select_options if option.value == value)
    return next(filter(None, labels), value)


def dsp_blocks_of(blocks: Iterable[Block], configs: Iterable[DspBlockConfig]) -> tuple[DspBlock, ...]:
    """Return the DSP blocks with what their configurations say of them, and those that only have a configuration."""
    by_id: dict[int | None, DspBlockConfig] = {}
    for config in configs:
        by_id.setdefault(config.block_id, config)
    found = [_dsp_block(block, by_id.pop(block.id, None)) for block in blocks]
    return (*found, *(_dsp_block(_stand_in(said), said) for said in by_id.values() if said.block_id is not None))


def _stand_in(said: DspBlockConfig) -> Block:
    info = (said.config.dsp if said.config is not None else None) or DSPInfo()
    return Block.model_validate({"id": said.block_id, "type": info.type, "name": info.name})


def _dsp_block(block: Block, said: DspBlockConfig | None) -> DspBlock:
    config = (said.config if said is not None else None) or DSPConfig()
    metadata = said.metadata if said is not None else None
    info = config.dsp or DSPInfo()
    setup = setup_of(DSP, block, form_pairs(item for group in config.config for item in group.items))
    return DspBlock(
        setup.id,
        setup.kind,
        setup.title,
        setup.type,
        setup.parameters,
        setup.created,
        setup.created_by,
        cost=_cost(info.performance),
        features=_features(info, metadata),
        error=config.config_error,
    )


def _cost(said: DspPerformance | None) -> DspCost:
    if said is None:
        return DspCost()
    latency = said.latency if said.latency is not None and said.latency >= 0 else None
    return DspCost(latency, said.ram if said.ram is not None and said.ram > 0 else None, said.custom_dsp_string)


def _features(info: DSPInfo, metadata: DSPMetadata | None) -> Features:
    said = metadata or DSPMetadata()
    generated, count = (info.features.generated, info.features.count) if info.features is not None else (None, None)
    return Features(
        generated=said.generated if generated is None else generated,
        created=said.created,
        count=said.feature_count if count is None else count,
        windows=info.expected_window_count if said.window_count is None else said.window_count,
        shape=_shape(said.output_config),
    )


def _shape(said: OutputConfig | None) -> str:
    if said is None or said.shape is None:
        return ""
    sizes = (said.shape.frames, said.shape.width, said.shape.height, said.shape.channels)
    return " × ".join(str(size) for size in sizes if size is not None)
