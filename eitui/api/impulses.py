"""All impulses of a project (`GET /api/{projectId}/impulses-detailed`), and how their blocks are set up."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from eitui.api.learn_blocks import anomaly_of, network_of, said_first
from eitui.api.lenient import EMPTY_PART, Part, answer, not_negative, positive_whole, to_number, to_text
from eitui.api.readable import MOST_PAIRS, NOT_GIVEN, name_of, readable_pairs, stated
from eitui.api.thresholds import thresholds_of
from eitui.domain.impulse import (
    DSP,
    INPUT,
    LEARN,
    POST_PROCESSING,
    BlockSetup,
    Dataset,
    DspBlock,
    DspCost,
    Features,
    Filtering,
    Impulse,
    ImpulseMetric,
    ImpulseTable,
    LearnBlock,
    MetricKey,
    Pairs,
)

_SAID_ELSEWHERE = frozenset({"id", "type", "title", "name", "createdBy", "createdAt"})
"""Fields of a block that are in its heading."""


def impulses_of(body: bytes) -> ImpulseTable:
    """Return all impulses of a project.

    What is missing or of another shape is absent. Where the service does not list the metrics there are, those that
    the impulses have are listed, the core ones to be shown.

    Raises:
        Rejected: the service says that it did not succeed.
        BadAnswer: there is no list of impulses.
    """
    response = answer(body)
    impulses = tuple(map(impulse_of, response.required("impulses")))
    keys: dict[str, dict[str, MetricKey]] = {}
    for group in response.parts("metricKeysByCategory"):
        category = group.text("category")
        for item in group.parts("metricKeys"):
            key = _key(category, item)
            if key.name:
                keys.setdefault(category, {}).setdefault(key.name, key)
    if not keys:
        for metric in (metric for impulse in impulses for several in impulse.metrics.values() for metric in several):
            keys.setdefault(metric.category, {}).setdefault(metric.name, _key_for(metric))
    listed = {category: tuple(several.values()) for category, several in keys.items()}
    return ImpulseTable(impulses, listed, tuple(dict.fromkeys(response.nonempty_texts("extraTableColumns"))))


def _key(category: str, part: Part) -> MetricKey:
    name = part.text("name")
    return MetricKey(
        name,
        category,
        part.text("description") or name_of(name),
        _filtering(part),
        part.text("type") != "additional",
        part.flag("showInTable") is True,
    )


def _key_for(metric: ImpulseMetric) -> MetricKey:
    return MetricKey(metric.name, metric.category, metric.title, metric.filtering, metric.core, metric.core)


def impulse_of(detailed: Part) -> Impulse:
    """Return one impulse. Never raises; what could not be read has a line in `problems`."""
    response = detailed.noting()
    if response.maybe("impulse") is None:
        response.doubt("impulse", "the service does not say which it is")
    impulse, user = response.part("impulse"), response.part("createdByUser")
    learn = _learn_blocks(impulse, response)
    complete = said_first(response.flag("complete"), _all_trained(learn))
    return Impulse(
        id=impulse.whole("id"),
        name=impulse.text("name"),
        type=impulse.text("type"),
        metrics=_metrics(response.parts("metrics")),
        stale=response.flag("isStale") is True,
        configured=said_first(response.flag("configured"), complete or None),
        complete=complete,
        tags=response.nonempty_texts("tags"),
        author=user.text("name") or user.text("username"),
        from_trial=response.text("createdFromTunerTrialId") or None,
        model_file=response.part("pretrainedModelInfo").text("fileName"),
        dataset=_dataset(response.part("datasetVersion"), impulse.whole("datasetVersionId")),
        inputs=tuple(_setup(INPUT, block) for block in impulse.parts("inputBlocks")),
        dsp=_dsp_blocks(impulse.parts("dspBlocks"), _by_id(response.parts("dspBlockConfigs"))),
        learn=learn,
        post_processing=_post_processing(
            impulse.parts("postProcessingBlocks"), _by_id(response.parts("postProcessingBlockConfigs"))
        ),
        problems=tuple(response.problems or ()),
    )


def _dataset(part: Part, used: int | None) -> Dataset | None:
    """Return the version of the data that an impulse names; of one that it only `used` no more than its id is known."""
    version = part.whole("id")
    if version is None or (used is not None and used != version):
        return None if used is None else Dataset(used)
    return Dataset(version, part.whole("versionIndex"), part.text("description"), part.time("created"))


def _all_trained(blocks: Sequence[LearnBlock]) -> bool | None:
    """Return whether every block is trained, as far as they say: older servers do not say it of the impulse."""
    trained = [block.trained for block in blocks]
    return False if False in trained else True if trained and None not in trained else None


def _metrics(parts: Iterable[Part]) -> Mapping[str, tuple[ImpulseMetric, ...]]:
    found: dict[str, dict[str, ImpulseMetric]] = {}
    for metric in map(_metric, parts):
        if metric.name:
            found.setdefault(metric.category, {}).setdefault(metric.name, metric)
    return {category: tuple(several.values()) for category, several in found.items()}


def _metric(part: Part) -> ImpulseMetric:
    name, value, sorted_by = part.text("name"), part.value("value"), part.number("valueForSorting")
    switch = isinstance(value, bool)
    # A metric without a number to sort by can still be sorted if its value is one, or is a switch.
    number = to_number(int(value) if switch else value)
    return ImpulseMetric(
        name=name,
        category=part.text("category"),
        title=part.text("title") or part.text("description") or name_of(name),
        text=("yes" if value else "no") if switch else to_text(value),
        number=number if sorted_by is None else sorted_by,
        filtering=_filtering(part),
        description=part.text("description"),
        hint=part.text("valueHint"),
        core=part.text("type") != "additional",
    )


def _filtering(part: Part) -> Filtering:
    kind = part.part("filteringType")
    return Filtering(kind.text("type"), kind.nonempty_texts("options"))


def _by_id(configs: Iterable[Part]) -> dict[int | None, Part]:
    found: dict[int | None, Part] = {}
    for config in configs:
        found.setdefault(config.whole("blockId"), config)
    return found


def _setup(kind: str, block: Part, parameters: Pairs = ()) -> BlockSetup:
    """Return a block with its own fields as parameters, and `parameters` that are kept elsewhere after them."""
    own = readable_pairs(stated({key: block.value(key) for key in block.names if key not in _SAID_ELSEWHERE}))
    return BlockSetup(
        block.whole("id"),
        kind,
        block.text("title") or block.text("name") or name_of(block.text("type")),
        block.text("type"),
        own + parameters,
        block.time("createdAt"),
        block.text("createdBy"),
    )


def _dsp_blocks(blocks: Iterable[Part], configs: dict[int | None, Part]) -> tuple[DspBlock, ...]:
    """Return the DSP blocks with what their configurations say of them, and those that only have a configuration."""
    found = [_dsp_block(block, configs.pop(block.whole("id"), EMPTY_PART)) for block in blocks]
    for block_id, response in configs.items():
        if block_id is not None:
            info = response.part("config").part("dsp")
            stand_in = Part({"id": block_id, "type": info.text("type"), "name": info.text("name")})
            found.append(_dsp_block(stand_in, response))
    return tuple(found)


def _dsp_block(block: Part, part: Part) -> DspBlock:
    config, metadata = part.part("config"), part.part("metadata")
    info = config.part("dsp")
    cost, generated = info.part("performance"), info.part("features")
    form = _form(item for group in config.parts("config") for item in group.parts("items"))
    setup = _setup(DSP, block, form + _pairs(info, _OF_INPUT))
    is_generated, count, windows = generated.flag("generated"), generated.whole("count"), metadata.whole("windowCount")
    shape = metadata.part("outputConfig").decoded("shape")
    sizes = (shape.whole(key) for key in ("frames", "width", "height", "channels"))
    return DspBlock(
        setup.id,
        setup.kind,
        setup.title,
        setup.type,
        setup.parameters,
        setup.created,
        setup.created_by,
        cost=DspCost(
            not_negative(cost.number("latency")), positive_whole(cost.whole("ram")), cost.text("customDspString")
        ),
        features=Features(
            generated=metadata.flag("generated") if is_generated is None else is_generated,
            created=metadata.time("created"),
            count=metadata.whole("featureCount") if count is None else count,
            windows=info.whole("expectedWindowCount") if windows is None else windows,
            shape=" × ".join(str(size) for size in sizes if size is not None),
            made_with=_pairs(metadata, _MADE_WITH),
            failed=tuple(
                f"The {what} could not be computed{_job(metadata.whole(f'{key}JobId'))}"
                for key, what in (("featureExplorer", "feature explorer"), ("featureImportance", "feature importance"))
                if metadata.flag(f"{key}JobFailed") is True
            ),
        ),
        error=config.text("configError"),
    )


_OF_INPUT = {"inputAxes": "input axes", "normalizeData": "normalize data"}
_MADE_WITH = {
    "windowSizeMs": "windowSizeMs",
    "windowIncreaseMs": "windowIncreaseMs",
    "frequency": "frequencyHz",
    "padZeros": "padZeros",
    "resamplingAlgorithmVersion": "resampling version",
    "fftUsed": "FFT lengths",
    "featureLabels": "feature names",
}
"""Fields of a DSP block, and what they are called."""


def _pairs(part: Part, names: Mapping[str, str]) -> Pairs:
    return readable_pairs(stated({name: part.value(key) for key, name in names.items()}))


def _job(number: int | None) -> str:
    return "" if number is None else f" (job {number})"


def _learn_blocks(impulse: Part, part: Part) -> tuple[LearnBlock, ...]:
    """Return the learn blocks, also those that only have a configuration."""
    networks = _by_id(part.parts("learnBlockKerasConfigs"))
    anomalies = _by_id(part.parts("learnBlockAnomalyConfigs"))
    blocks = impulse.parts("learnBlocks")
    known = {block.whole("id") for block in blocks}
    unlisted = (block_id for block_id in {**networks, **anomalies} if block_id is not None and block_id not in known)
    blocks += [Part({"id": block_id}) for block_id in unlisted]
    impulse_id = impulse.whole("id")
    return tuple(
        _learn_block(block, impulse_id, networks.get(block.whole("id")), anomalies.get(block.whole("id")))
        for block in blocks
    )


def _learn_block(block: Part, impulse_id: int | None, network: Part | None, anomaly: Part | None) -> LearnBlock:
    keras, trained = (network or EMPTY_PART).part("config"), (network or EMPTY_PART).part("metadata")
    config, metadata = (anomaly or EMPTY_PART).part("config"), (anomaly or EMPTY_PART).maybe("metadata")
    block_id, setup = block.whole("id"), _setup(LEARN, block)
    sources = (keras, config, trained, metadata or EMPTY_PART)
    return LearnBlock(
        id=block_id,
        kind=LEARN,
        title=setup.title or keras.text("name") or config.text("name") or name_of(keras.text("type")),
        type=setup.type or keras.text("type"),
        parameters=setup.parameters,
        created=setup.created,
        created_by=setup.created_by,
        dsp=tuple(source for source in block.wholes("dsp") if source is not None),
        network=None if network is None else network_of(keras, trained),
        anomaly=None
        if anomaly is None
        else anomaly_of(
            block_id, config, metadata, anomaly.maybe("gmmMetadata"), impulse_id=impulse_id, kind=setup.type
        ),
        thresholds=thresholds_of(impulse_id, block_id, keras, config, metadata=(trained, metadata or EMPTY_PART)),
        thresholds_sent=any(isinstance(source.value("thresholds"), list) for source in sources),
    )


def _post_processing(blocks: Iterable[Part], configs: Mapping[int | None, Part]) -> tuple[BlockSetup, ...]:
    return tuple(
        _setup(POST_PROCESSING, block, _post_processing_form(configs.get(block.whole("id"), EMPTY_PART).part("config")))
        for block in blocks
    )


def _post_processing_form(config: Part) -> Pairs:
    enabled = config.flag("enabled")
    switch: Pairs = () if enabled is None else (("enabled", "yes" if enabled else "no"),)
    return switch + _form(config.parts("parameters"))


def _form(items: Iterable[Part]) -> Pairs:
    """Return the parameters of a form of the Studio's, without those that it would not show."""
    shown = (item for item in items if item.flag("shouldShow") is not False)
    return tuple(islice(_named(shown), MOST_PAIRS))


def _named(items: Iterable[Part]) -> Iterator[tuple[str, str]]:
    for item in items:
        name = item.text("name") or name_of(item.text("param"))
        if name:
            yield name, _chosen(item) or NOT_GIVEN


def _chosen(item: Part) -> str:
    """Return a parameter's value, in the words of the option where it was chosen from a list."""
    value = item.text("value") or item.text("defaultValue")
    options = item.parts("selectOptions")
    labels = (option.text("optionLabel") for option in options if option.text("value") == value)
    return next(filter(None, labels), value)
