"""From `impulses-detailed` to the domain's impulses."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from eitui.api.anomaly import anomaly_of
from eitui.api.blocks import thresholds_of
from eitui.api.lenient import Reader
from eitui.api.models.anomaly import AnomalyConfig, AnomalyModelMetadata
from eitui.api.models.blocks import Impulse as ImpulseModel
from eitui.api.models.blocks import ImpulseLearnBlock, ImpulsePostProcessingBlock
from eitui.api.models.impulses import (
    AnomalyBlockConfig,
    DetailedImpulse,
    DetailedImpulseMetric,
    DetailedImpulseMetricFilteringType,
    GetAllDetailedImpulsesResponse,
    KerasBlockConfig,
    PostProcessingBlockConfig,
)
from eitui.api.models.impulses import MetricKey as MetricKeyModel
from eitui.api.models.keras import KerasConfig, KerasModelMetadata
from eitui.api.models.number import to_number
from eitui.api.models.text import to_text
from eitui.api.network import network_of
from eitui.api.readable import Pairs, name_of
from eitui.api.setup import dsp_blocks_of, form_pairs, setup_of
from eitui.domain.impulse import (
    INPUT,
    LEARN,
    POST_PROCESSING,
    BlockSetup,
    Filtering,
    Impulse,
    ImpulseMetric,
    ImpulseTable,
    LearnBlock,
    MetricKey,
)

Configured = TypeVar("Configured", KerasBlockConfig, AnomalyBlockConfig, PostProcessingBlockConfig)


def impulses_of(answer: GetAllDetailedImpulsesResponse) -> ImpulseTable:
    """Return all impulses of a project.

    Never raises: what is missing or of another shape is absent. Where the service does not list the metrics there
    are, those that the impulses have are listed, the core ones to be shown.
    """
    impulses = tuple(map(impulse_of, answer.impulses))
    keys: dict[str, dict[str, MetricKey]] = {}
    for category in answer.metric_keys_by_category:
        for said in category.metric_keys:
            if said.name:
                keys.setdefault(category.category, {}).setdefault(said.name, _key(category.category, said))
    if not keys:
        for metric in (metric for impulse in impulses for several in impulse.metrics.values() for metric in several):
            keys.setdefault(metric.category, {}).setdefault(metric.name, _key_for(metric))
    listed = {category: tuple(several.values()) for category, several in keys.items()}
    return ImpulseTable(impulses, listed, tuple(dict.fromkeys(filter(None, answer.extra_table_columns))))


def _key(category: str, said: MetricKeyModel) -> MetricKey:
    title = said.description or name_of(said.name)
    return MetricKey(
        said.name, category, title, _filtering(said.filtering_type), said.type != "additional", bool(said.show_in_table)
    )


def _key_for(metric: ImpulseMetric) -> MetricKey:
    return MetricKey(metric.name, metric.category, metric.title, metric.filtering, metric.core, metric.core)


def impulse_of(said: DetailedImpulse) -> Impulse:
    """Return one impulse. Never raises; what could not be read has a line in `problems`."""
    reader = Reader()
    if said.impulse is None:
        reader.doubt("impulse", "the service does not say which it is")
    impulse = said.impulse or ImpulseModel()
    user = said.created_by_user
    learn = _learn_blocks(said, impulse, reader)
    return Impulse(
        id=impulse.id,
        name=impulse.name,
        type=impulse.type,
        metrics=_metrics(said.metrics),
        stale=said.is_stale is True,
        configured=said.configured is not False,
        complete=said.complete is not False,
        tags=tuple(filter(None, said.tags)),
        author="" if user is None else user.name or user.username,
        from_trial=said.created_from_tuner_trial_id,
        model_file="" if said.pretrained_model_info is None else said.pretrained_model_info.file_name,
        inputs=tuple(setup_of(INPUT, block) for block in impulse.input_blocks),
        dsp=dsp_blocks_of(impulse.dsp_blocks, said.dsp_block_configs),
        learn=learn,
        post_processing=_post_processing(impulse.post_processing_blocks, said.post_processing_block_configs),
        problems=tuple(reader.problems),
    )


def _metrics(said: Iterable[DetailedImpulseMetric]) -> Mapping[str, tuple[ImpulseMetric, ...]]:
    found: dict[str, dict[str, ImpulseMetric]] = {}
    for metric in said:
        if metric.name:
            found.setdefault(metric.category, {}).setdefault(metric.name, _metric(metric))
    return {category: tuple(several.values()) for category, several in found.items()}


def _metric(said: DetailedImpulseMetric) -> ImpulseMetric:
    text = ("yes" if said.value else "no") if isinstance(said.value, bool) else to_text(said.value)
    # A metric without a number to sort by can still be sorted if its value is one, or is a switch.
    number = to_number(int(said.value) if isinstance(said.value, bool) else said.value)
    return ImpulseMetric(
        name=said.name,
        category=said.category,
        title=said.title or said.description or name_of(said.name),
        text=text,
        number=number if said.value_for_sorting is None else said.value_for_sorting,
        filtering=_filtering(said.filtering_type),
        description=said.description,
        hint=said.value_hint,
        core=said.type != "additional",
    )


def _filtering(said: DetailedImpulseMetricFilteringType | None) -> Filtering:
    return Filtering() if said is None else Filtering(said.type, tuple(filter(None, said.options)))


def _by_id(configs: Iterable[Configured]) -> dict[int | None, Configured]:
    found: dict[int | None, Configured] = {}
    for config in configs:
        found.setdefault(config.block_id, config)
    return found


def _learn_blocks(said: DetailedImpulse, impulse: ImpulseModel, reader: Reader) -> tuple[LearnBlock, ...]:
    """Return the learn blocks, also those that only have a configuration."""
    networks, anomalies = _by_id(said.learn_block_keras_configs), _by_id(said.learn_block_anomaly_configs)
    known = {block.id for block in impulse.learn_blocks}
    unlisted = (block_id for block_id in {**networks, **anomalies} if block_id is not None and block_id not in known)
    blocks = [*impulse.learn_blocks, *(ImpulseLearnBlock.model_validate({"id": block_id}) for block_id in unlisted)]
    return tuple(
        _learn_block(block, impulse.id, networks.get(block.id), anomalies.get(block.id), reader) for block in blocks
    )


def _learn_block(
    block: ImpulseLearnBlock,
    impulse_id: int | None,
    network: KerasBlockConfig | None,
    anomaly: AnomalyBlockConfig | None,
    reader: Reader,
) -> LearnBlock:
    keras = (network.config if network is not None else None) or KerasConfig()
    trained = (network.metadata if network is not None else None) or KerasModelMetadata()
    config = (anomaly.config if anomaly is not None else None) or AnomalyConfig()
    metadata = (anomaly.metadata if anomaly is not None else None) or AnomalyModelMetadata()
    setup = setup_of(LEARN, block)
    return LearnBlock(
        id=block.id,
        kind=LEARN,
        title=setup.title or keras.name or config.name or name_of(keras.type),
        type=block.type or keras.type,
        parameters=setup.parameters,
        created=setup.created,
        created_by=setup.created_by,
        dsp=tuple(source for source in block.dsp if source is not None),
        network=None if network is None else network_of(network.config, network.metadata, reader),
        anomaly=None
        if anomaly is None
        else anomaly_of(
            block.id,
            anomaly.config,
            anomaly.metadata,
            anomaly.gmm_metadata,
            impulse_id=impulse_id,
            kind=block.type,
        ),
        thresholds=thresholds_of(
            impulse_id, block.id, keras.thresholds, config.thresholds, trained.thresholds, metadata.thresholds
        ),
    )


def _post_processing(
    blocks: Iterable[ImpulsePostProcessingBlock], configs: Iterable[PostProcessingBlockConfig]
) -> tuple[BlockSetup, ...]:
    by_id = _by_id(configs)
    return tuple(setup_of(POST_PROCESSING, block, _form(by_id.get(block.id))) for block in blocks)


def _form(said: PostProcessingBlockConfig | None) -> Pairs:
    if said is None or said.config is None:
        return ()
    enabled = said.config.enabled
    switch: Pairs = () if enabled is None else (("enabled", "yes" if enabled else "no"),)
    return switch + form_pairs(said.config.parameters)
