"""All impulses of a project (`GET /api/{projectId}/impulses-detailed`), and how their blocks are set up."""

from collections.abc import Iterable, Mapping

from eitui.api.learn_blocks import anomaly_of, network_of, said_first
from eitui.api.lenient import EMPTY_PART, Part, answer, not_negative, positive, to_number, to_text
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
            name = item.text("name")
            title, core = item.text("description") or name_of(name), item.text("type") != "additional"
            key = MetricKey(name, category, title, _filtering(item), core, item.flag("showInTable") is True)
            if name:
                keys.setdefault(category, {}).setdefault(name, key)
    if not keys:
        for metric in (metric for impulse in impulses for several in impulse.metrics.values() for metric in several):
            key = MetricKey(metric.name, metric.category, metric.title, metric.filtering, metric.core, metric.core)
            keys.setdefault(metric.category, {}).setdefault(metric.name, key)
    listed = {category: tuple(several.values()) for category, several in keys.items()}
    return ImpulseTable(impulses, listed, tuple(dict.fromkeys(response.nonempty_texts("extraTableColumns"))))


def impulse_of(detailed: Part) -> Impulse:
    """Return one impulse. Never raises; what could not be read has a line in `problems`."""
    response = detailed.noting()
    if response.maybe("impulse") is None:
        response.doubt("impulse", "the service does not say which it is")
    impulse, user = response.part("impulse"), response.part("createdByUser")

    learn = _learn_blocks(impulse, response)
    # Older servers do not say of the impulse whether it is complete. A block that is not trained says that it is not;
    # that all are trained does not say that it is.
    untrained = any(block.trained is False for block in learn)
    complete = said_first(response.flag("complete"), False if untrained else None)

    metrics = _metrics(response.parts("metrics"))

    # Of a version of the data that the impulse only names no more than its id is known.
    version, used = response.part("datasetVersion"), impulse.whole("datasetVersionId")
    number, dataset = version.whole("id"), None if used is None else Dataset(used)
    if number is not None and used in (None, number):
        dataset = Dataset(number, version.whole("versionIndex"), version.text("description"), version.time("created"))

    inputs = tuple(_setup(INPUT, block) for block in impulse.parts("inputBlocks"))

    # The DSP blocks with what their configurations say of them, and those that only have a configuration.
    configs = _by_id(response.parts("dspBlockConfigs"))
    dsp = [_dsp_block(block, configs.pop(block.whole("id"), EMPTY_PART)) for block in impulse.parts("dspBlocks")]
    for block_id, config in configs.items():
        if block_id is not None:
            info = config.part("config").part("dsp")
            stand_in = Part({"id": block_id, "type": info.text("type"), "name": info.text("name")})
            dsp.append(_dsp_block(stand_in, config))

    post_processing, forms = [], _by_id(response.parts("postProcessingBlockConfigs"))
    for block in impulse.parts("postProcessingBlocks"):
        form = forms.get(block.whole("id"), EMPTY_PART).part("config")
        enabled = form.flag("enabled")
        switch: Pairs = () if enabled is None else (("enabled", "yes" if enabled else "no"),)
        post_processing.append(_setup(POST_PROCESSING, block, switch + _form(form.parts("parameters"))))

    return Impulse(
        id=impulse.whole("id"),
        name=impulse.text("name"),
        type=impulse.text("type"),
        metrics=metrics,
        stale=response.flag("isStale") is True,
        configured=said_first(response.flag("configured"), response.flag("complete") or None),
        complete=complete,
        tags=response.nonempty_texts("tags"),
        author=user.text("name") or user.text("username"),
        from_trial=response.text("createdFromTunerTrialId") or None,
        model_file=response.part("pretrainedModelInfo").text("fileName"),
        dataset=dataset,
        inputs=inputs,
        dsp=tuple(dsp),
        learn=learn,
        post_processing=tuple(post_processing),
        problems=tuple(response.problems or ()),
    )


def _metrics(parts: Iterable[Part]) -> Mapping[str, tuple[ImpulseMetric, ...]]:
    found: dict[str, dict[str, ImpulseMetric]] = {}
    for part in parts:
        name, value, sorted_by = part.text("name"), part.value("value"), part.number("valueForSorting")
        switch = isinstance(value, bool)
        # A metric without a number to sort by can still be sorted if its value is one, or is a switch.
        number = to_number(int(value) if switch else value)
        metric = ImpulseMetric(
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
        if name:
            found.setdefault(metric.category, {}).setdefault(name, metric)
    return {category: tuple(several.values()) for category, several in found.items()}


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


def _dsp_block(block: Part, part: Part) -> DspBlock:
    config, metadata = part.part("config"), part.part("metadata")
    info = config.part("dsp")
    cost, generated = info.part("performance"), info.part("features")
    form = _form(item for group in config.parts("config") for item in group.parts("items"))
    setup = _setup(DSP, block, form + _pairs(info, _OF_INPUT))
    is_generated, count, windows = generated.flag("generated"), generated.whole("count"), metadata.whole("windowCount")
    shape = metadata.part("outputConfig").decoded("shape")
    sizes = (shape.whole(key) for key in ("frames", "width", "height", "channels"))
    failed = []
    for key, what in (("featureExplorer", "feature explorer"), ("featureImportance", "feature importance")):
        if metadata.flag(f"{key}JobFailed") is True:
            job = metadata.whole(f"{key}JobId")
            failed.append(f"The {what} could not be computed{'' if job is None else f' (job {job})'}")
    return DspBlock(
        **vars(setup),
        cost=DspCost(not_negative(cost.number("latency")), positive(cost.whole("ram")), cost.text("customDspString")),
        features=Features(
            generated=metadata.flag("generated") if is_generated is None else is_generated,
            created=metadata.time("created"),
            count=metadata.whole("featureCount") if count is None else count,
            windows=info.whole("expectedWindowCount") if windows is None else windows,
            shape=" × ".join(str(size) for size in sizes if size is not None),
            made_with=_pairs(metadata, _MADE_WITH),
            failed=tuple(failed),
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


def _learn_blocks(impulse: Part, part: Part) -> tuple[LearnBlock, ...]:
    """Return the learn blocks, also those that only have a configuration."""
    networks = _by_id(part.parts("learnBlockKerasConfigs"))
    anomalies = _by_id(part.parts("learnBlockAnomalyConfigs"))
    blocks = impulse.parts("learnBlocks")
    known = {block.whole("id") for block in blocks}
    unlisted = (block_id for block_id in {**networks, **anomalies} if block_id is not None and block_id not in known)
    blocks += [Part({"id": block_id}) for block_id in unlisted]

    impulse_id = impulse.whole("id")
    found: list[LearnBlock] = []
    for block in blocks:
        block_id, setup = block.whole("id"), _setup(LEARN, block)
        network, anomaly = networks.get(block_id), anomalies.get(block_id)
        keras, trained = (network or EMPTY_PART).part("config"), (network or EMPTY_PART).part("metadata")
        config, metadata = (anomaly or EMPTY_PART).part("config"), (anomaly or EMPTY_PART).maybe("metadata")
        gmm = None if anomaly is None else anomaly.maybe("gmmMetadata")
        sources = (keras, config, trained, metadata or EMPTY_PART)
        own = vars(setup) | {
            "title": setup.title or keras.text("name") or config.text("name") or name_of(keras.text("type")),
            "type": setup.type or keras.text("type"),
        }
        found.append(
            LearnBlock(
                **own,
                dsp=tuple(source for source in block.wholes("dsp") if source is not None),
                network=None if network is None else network_of(keras, trained),
                anomaly=None
                if anomaly is None
                else anomaly_of(block_id, config, metadata, gmm, impulse_id=impulse_id, kind=setup.type),
                thresholds=thresholds_of(impulse_id, block_id, keras, config, metadata=sources[2:]),
                thresholds_sent=any(isinstance(source.value("thresholds"), list) for source in sources),
            )
        )
    return tuple(found)


def _form(items: Iterable[Part]) -> Pairs:
    """Return the parameters of a form of the Studio's, without those that it would not show."""
    found: list[tuple[str, str]] = []
    for item in items:
        name = item.text("name") or name_of(item.text("param"))
        if item.flag("shouldShow") is False or not name:
            continue
        if len(found) == MOST_PAIRS:
            break
        # In the words of the option where it was chosen from a list.
        value = item.text("value") or item.text("defaultValue")
        options = item.parts("selectOptions")
        labels = (option.text("optionLabel") for option in options if option.text("value") == value)
        found.append((name, next(filter(None, labels), value) or NOT_GIVEN))
    return tuple(found)
